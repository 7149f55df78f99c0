"""The JUnit report: a test case for each rule, for CI systems that show test results.

A mandatory finding and an advisory one are both failures, told apart by their type; a rule that is
undecided, exempted, known from the baseline or not applicable is skipped, with a message that says which.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from offline import urn
from offline.finding import Finding
from offline.outcome import Status

if TYPE_CHECKING:
    from offline.outcome import Outcome, PackOutcome

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(outcome: Outcome) -> str:
    """The report as text."""
    subject = outcome.subject
    root = ElementTree.Element("testsuites", name=_clean(f"{subject.project}/{subject.stack}"))
    for pack in outcome.packs:
        _suite(root, pack, outcome)
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _suite(root: ElementTree.Element, pack: PackOutcome, outcome: Outcome) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=_clean(pack.name), time="0")
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in {"version": pack.version, "file": outcome.subject.file, "gone": outcome.gone}.items():
        if value not in ("", None):
            ElementTree.SubElement(properties, "property", name=name, value=_clean(str(value)))
    for name, status in pack.statuses().items():
        case = ElementTree.SubElement(suite, "testcase", classname=_clean(pack.name), name=_clean(name), time="0")
        _case(case, name, status, pack)
    if outcome.notes:
        ElementTree.SubElement(suite, "system-out").text = _clean("\n".join(outcome.notes))
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(sum(case.find(tag) is not None for case in cases)))


def _case(case: ElementTree.Element, name: str, status: Status, pack: PackOutcome) -> None:
    findings = [item for item in pack.findings if item.policy == name]
    exempted = [
        f"exempted: {_place(item.urn)}: {item.sentence}\n  {item.justification}"
        for item in pack.exempted
        if item.policy == name
    ]
    new = [item for item in findings if not item.known]
    rest = [f"known from the baseline: {_line(item)}" for item in findings if item.known] + exempted
    failing = [item for item in new if item.fails]
    if failing or status is Status.VIOLATED:
        level = "mandatory" if failing else "advisory"
        _result(case, "failure", new, level)
    elif status is Status.BROKEN:
        _result(case, "error", new, "rule error")
    elif status is not Status.PASSED:
        reasons = [_line(item) for item in new] + rest
        if status is Status.NOT_APPLICABLE:
            reasons = [f"not applicable: {' '.join(pack.not_applicable[name])}".rstrip(": ")]
        ElementTree.SubElement(case, "skipped", message=_clean("\n".join(reasons)))
        return
    if rest:
        ElementTree.SubElement(case, "system-out").text = _clean("\n".join(rest))


def _result(case: ElementTree.Element, tag: str, findings: list[Finding], type_: str) -> None:
    first = findings[0]
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    element = ElementTree.SubElement(case, tag, type=type_, message=_clean(f"{first.said}{more}"))
    lines = [first.description, *(_line(item) for item in findings)]
    lines += [f"Why: {first.why}"] if first.why else []
    lines += [f"Fix:\n{first.fix}"] if first.fix else []
    element.text = _clean("\n".join(lines))


def _line(item: Finding) -> str:
    severity = f"[{item.severity}] " if item.severity else ""
    return f"{severity}{_place(item.urn)}: {item.said}"


def _place(text: str) -> str:
    name, type_ = urn.place(text)
    return f"{name} ({type_})" if type_ else name


def _clean(text: str) -> str:
    """`text` without the characters that XML can't hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
