"""The JUnit report, exactly."""

from __future__ import annotations

from xml.etree import ElementTree

from offline.baseline import Baseline
from offline.reports import junit
from tests.offline.said import NOTE, WEB, everything, outcome, silent, violation

EVERYTHING = f"""\
<testsuites name="demo/dev" tests="8" failures="2" errors="1" skipped="4">
  <testsuite name="tiny" time="0" tests="8" failures="2" errors="1" skipped="4">
    <properties>
      <property name="version" value="1.0.0" />
      <property name="file" value="state.json" />
      <property name="gone" value="1" />
    </properties>
    <testcase classname="tiny" name="broken" time="0">
      <error type="rule error" message="rule error: it broke.">broken.
web (t:i:T): rule error: it broke.</error>
    </testcase>
    <testcase classname="tiny" name="clean" time="0" />
    <testcase classname="tiny" name="exempt" time="0">
      <skipped message="exempted: web (t:i:T): web: port is 80.&#10;  legacy (until 2027-01-31)" />
    </testcase>
    <testcase classname="tiny" name="known" time="0">
      <skipped message="known from the baseline: web (t:i:T): web is old." />
    </testcase>
    <testcase classname="tiny" name="silent" time="0">
      <skipped message="not applicable: web is none of its business." />
    </testcase>
    <testcase classname="tiny" name="twice" time="0">
      <failure type="advisory" message="web is *bold*.">twice.
[low] web (t:i:T): web is *bold*.</failure>
    </testcase>
    <testcase classname="tiny" name="unclear" time="0">
      <skipped message="web (t:i:T): undecided: web (t:i:T): port is not known until the update." />
    </testcase>
    <testcase classname="tiny" name="violated" time="0">
      <failure type="mandatory" message="api: port is 80. (and 1 more)">violated.
[high] api (t:i:T): api: port is 80.
[high] web (t:i:T): web: port is 80.
Why: Nobody listens.
Fix:
  port(
-     80
+     81
  )</failure>
    </testcase>
    <system-out>{NOTE}</system-out>
  </testsuite>
</testsuites>
"""


def test_everything():
    """A case for each rule; mandatory and advisory failures have their own types; what is skipped says why."""
    assert junit.render(everything()) == EVERYTHING


def only(name, *said, **options):
    cases = ElementTree.fromstring(junit.render(outcome(*said, **options))).iter("testcase")
    case = next(case for case in cases if case.get("name") == name)
    return [(child.tag, dict(child.attrib), child.text) for child in case]


def test_a_rule_with_several_outcomes():
    """It has one result, the worst; the rest is its output."""
    known = Baseline(frozenset(item.id for item in outcome(violation("violated", "old.")).findings()))
    exempted = silent("violated", f"exempted: {WEB}\nweb: port is 80.\nReason: legacy")
    said = (violation("violated", "new.", level="advisory"), violation("violated", "old."), exempted)
    rest = "known from the baseline: web (t:i:T): old.\nexempted: web (t:i:T): web: port is 80.\n  legacy"
    assert only("violated", *said, baseline=known) == [
        ("failure", {"type": "advisory", "message": "new."}, "violated.\nweb (t:i:T): new."),
        ("system-out", {}, rest),
    ]
    assert only("violated", *said[1:], baseline=known) == [("skipped", {"message": rest}, None)]


def test_what_is_undecided_and_fails():
    """As the pack is configured."""
    assert only("unclear", violation("unclear", "undecided: x")) == [
        ("failure", {"type": "mandatory", "message": "undecided: x"}, "unclear.\nweb (t:i:T): undecided: x")
    ]


def test_what_xml_cannot_hold():
    """Such characters are replaced, others escaped."""
    text = "a < b & \x00\x1b[1m \ufffe \U0001f600"
    assert only("violated", violation("violated", text))[0][1]["message"] == (
        "a < b & \ufffd\ufffd[1m \ufffd \U0001f600"
    )
