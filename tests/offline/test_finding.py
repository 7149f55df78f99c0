"""What a pack says, taken apart."""

from __future__ import annotations

import pytest

from offline.finding import Exemption, Finding, Kind, read, read_reasons
from offline.policy import NotApplicable, Violation

URN = "urn:pulumi:dev::demo::aws:ecs/service:Service::web"
KNOWN = {"port": 80, "tags": {}}


def finding(message: str, description: str = "A port.", properties: dict | None = None) -> Finding:
    violation = Violation("tiny", "port", "mandatory", "high", URN, description, message)
    return read(violation, KNOWN if properties is None else properties, lambda text: text.replace("hunter2", "***"))


def test_the_whole_form():
    """Sentence, path, why, and the lines that mend it with their margin."""
    message = (
        "A port.\nweb: loadBalancers[0].containerPort is 80.\nWhy: Nobody\nlistens.\n"
        "Fix:\n      service(\n    -     80\n    +     81\n      )"
    )
    assert finding(message) == Finding(
        "tiny", "port", "mandatory", "high", URN, Kind.VIOLATION, "A port.",
        "web: loadBalancers[0].containerPort is 80.",
        "loadBalancers[0].containerPort",
        "Nobody\nlistens.",
        "  service(\n-     80\n+     81\n  )",
    )  # fmt: skip


def test_parts_may_be_missing():
    """A rule without lines to mend it, and one that has been explained before."""
    found = finding("A port.\nweb is wrong.\nWhy: So.")
    assert (found.sentence, found.path, found.why, found.fix) == ("web is wrong.", "", "So.", "")
    found = finding("A port.\nweb: desiredCount is 0.\nWhy and fix: as explained for the first 20.")
    assert (found.sentence, found.path, found.why) == ("web: desiredCount is 0.", "desiredCount", "")


def test_what_is_undecided():
    """The value that isn't known is the path."""
    found = finding("A port.\nundecided: web (aws:ecs/service:Service): network.public is not known until the update.")
    assert (found.kind, found.path) == (Kind.UNDECIDED, "network.public")
    assert found.said == (
        "undecided: web (aws:ecs/service:Service): network.public is not known until the update."
    )  # fmt: skip
    sdk = "can't run policy 'port' from policy pack 'tiny@v0.0.1' during preview: string value at .port can't be known"
    assert (finding(sdk).kind, finding(sdk).sentence) == (Kind.UNDECIDED, sdk)


def test_a_rule_that_broke():
    """It has decided nothing."""
    found = finding("A port.\nrule error: port could not judge web: KeyError at x.py:3.")
    assert (found.kind, found.sentence) == (Kind.ERROR, "port could not judge web: KeyError at x.py:3.")


@pytest.mark.parametrize(
    ("sentence", "path"),
    [
        ("web: port must not be 80", "port"),
        ("web: tags.owner, which names a team, is missing", "tags.owner"),
        ("web: this must not be", ""),
        ("other: port must not be 80", ""),
        ("two\nlines", ""),
        ("", ""),
    ],
)
def test_messages_of_other_packs(sentence, path):
    """Whatever follows the description is the sentence; a path in it must be one of the resource's."""
    for message in (f"A port.\n{sentence}", sentence):
        found = finding(message)
        assert (found.kind, found.sentence, found.path) == (Kind.VIOLATION, sentence, path)
        assert (found.why, found.fix) == ("", "")


def test_secrets_are_concealed():
    """In every part that a pack words anew."""
    found = finding("A port.\nweb: port is hunter2.\nWhy: hunter2.\nFix:\n    hunter2")
    assert (found.sentence, found.why, found.fix) == ("web: port is ***.", "***.", "***")
    reasons = read_reasons(NotApplicable("tiny", "port", f"exempted: {URN}\nhunter2\nReason: hunter2"), lambda _: "***")
    assert list(reasons) == [Exemption("tiny", "port", URN, "***", "***")]


def test_what_makes_it_the_same_finding():
    """Pack, rule, kind, resource, and the path or else the sentence; not how it is explained or how bad it is."""
    one = finding("A port.\nweb: port is 80.\nWhy: Old reason.\nFix:\n    old")
    same = [
        finding("Another description.\nweb: port is 81.\nWhy: New reason.", "Another description."),
        finding("A port.\nweb: port is 80.\nWhy and fix: as explained for the first 20."),
    ]
    others = [
        finding("A port.\nweb: protocol is 80.\nWhy: Old reason."),
        finding("A port.\nundecided: web (a:b:C): port is not known until the update."),
        finding("A port.\nweb is wrong."),
        finding("A port.\nweb is bad."),
    ]
    assert {each.id for each in same} == {one.id}
    assert len({one.id, *(each.id for each in others)}) == 5
    exempted = read_reasons(NotApplicable("tiny", "port", f"exempted: {URN}\nweb: port is 80.\nReason: x"), str)
    assert [each.id for each in exempted] == [one.id]


def test_exemptions_and_what_does_not_apply():
    """A reason may hold several, apart by an empty line; until when is optional."""
    reason = (
        f"web is behind a Network Load Balancer.\n\n"
        f"exempted: {URN}\nweb: port is 80.\nReason: legacy (port) (until 2027-01-31)\n\n"
        f"exempted: {URN}\nweb is bad.\nReason: we know (until next year)"
    )
    assert list(read_reasons(NotApplicable("tiny", "port", reason), str)) == [
        NotApplicable("tiny", "port", "web is behind a Network Load Balancer."),
        Exemption("tiny", "port", URN, "web: port is 80.", "legacy (port)", "2027-01-31", "port"),
        Exemption("tiny", "port", URN, "web is bad.", "we know (until next year)"),
    ]
    assert list(read_reasons(NotApplicable("tiny", "port", ""), str)) == [NotApplicable("tiny", "port", "")]


def test_how_long_an_exemption_holds():
    """Part of its justification."""
    assert Exemption("p", "r", URN, "s", "why").justification == "why"
    assert Exemption("p", "r", URN, "s", "why", "2027-01-31").justification == "why (until 2027-01-31)"
