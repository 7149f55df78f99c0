"""What packs say of a deployment, put together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from offline.baseline import Baseline
from offline.deployment import Deployment, Resource
from offline.errors import OfflineError
from offline.finding import Exemption
from offline.outcome import Status, Subject, check
from offline.policy import Analysis
from offline.value import UNKNOWN, Secret
from tests.offline.said import API, NOTE, WEB, FakePack, outcome, silent, violation


def test_what_became_of_each_rule():
    """The first of violated, broken, undecided, known, exempted, not applicable, passed; disabled ones are no rules."""
    known = outcome(violation("known", "web is old.")).packs[0].findings[0].id
    found = outcome(
        violation("violated", "web: port is 80."),
        violation("violated", "undecided: web (a:b:C): port is not known until the update.", level="advisory"),
        violation("broken", "rule error: it broke.", level="advisory"),
        violation("unclear", "undecided: web (a:b:C): port is not known until the update.", level="advisory"),
        violation("known", "web is old."),
        silent("exempt", f"exempted: {WEB}\nweb is bad.\nReason: legacy"),
        silent("exempt", "api is none of its business."),
        silent("violated", "api is none of its business."),
        silent("silent", "web is none of its business."),
        silent("silent", "api is none of its business."),
        baseline=Baseline(frozenset({known, "other"})),
    )
    assert found.packs[0].statuses() == {
        "broken": Status.BROKEN,
        "clean": Status.PASSED,
        "exempt": Status.EXEMPTED,
        "known": Status.KNOWN,
        "silent": Status.NOT_APPLICABLE,
        "twice": Status.PASSED,
        "unclear": Status.UNDECIDED,
        "violated": Status.VIOLATED,
    }
    assert found.packs[0].not_applicable == {"silent": ["api is none of its business.", "web is none of its business."]}
    assert found.exempted() == [Exemption("tiny", "exempt", WEB, "web is bad.", "legacy")]
    assert found.counts() == {
        "mandatory": 1,
        "advisory": 1,
        "undecided": 2,
        "known": 1,
        "exempted": 1,
        "gone": 1,
        "passed": 2,
        "notApplicable": 1,
    }
    assert (found.subject.count, list(found.subject.resources)) == (2, [WEB, API])


def test_the_exit_code():
    """Only new mandatory findings make it 1; what is undecided does if the pack says mandatory."""
    assert outcome().exit_code == 0
    assert outcome(violation("violated", "x", level="advisory")).exit_code == 0
    assert outcome(violation("violated", "x")).exit_code == 1
    assert outcome(violation("unclear", "undecided: x", level="advisory")).exit_code == 0
    failing = outcome(violation("unclear", "undecided: x"))
    assert failing.exit_code == 1
    assert failing.section("mandatory") == list(failing.findings())
    known = Baseline(frozenset(item.id for item in failing.findings()))
    assert outcome(violation("unclear", "undecided: x"), baseline=known).exit_code == 0
    assert outcome(violation("unclear", "x"), baseline=known).exit_code == 1


def test_the_order_of_findings():
    """Mandatory first, the most severe first, then by resource, rule and sentence."""
    found = outcome(
        violation("violated", "b", level="advisory", severity="critical"),
        violation("violated", "c", WEB, severity="low"),
        violation("violated", "d", WEB),
        violation("twice", "e", API, severity="low"),
        violation("twice", "f", WEB, severity="low"),
        violation("violated", "g", WEB, severity="critical"),
    )
    assert [item.sentence for item in found.findings()] == ["g", "e", "f", "c", "d", "b"]


def test_explanations_are_shared():
    """A pack explains only some findings of a rule; here each has the explanation of the first."""
    found = outcome(
        violation("twice", "web: a is 1.\nWhy: So.\nFix:\n    b"),
        violation("twice", "web: b is 1.\nWhy and fix: as explained for the first 20."),
        violation("twice", "undecided: web (a:b:C): c is not known until the update."),
    )
    assert [(item.path, item.why, item.fix) for item in found.findings()] == [
        ("c", "", ""),
        ("a", "So.", "b"),
        ("b", "So.", "b"),
    ]


def test_what_is_said_twice_counts_once():
    """A policy for resources and one for the stack may exempt the same finding."""
    said = f"exempted: {WEB}\nweb is bad.\nReason: legacy"
    found = outcome(silent("exempt", said), silent("exempt", f"{said}\n\nfine."), silent("silent", "a\n\na"))
    assert len(found.exempted()) == 1
    assert found.packs[0].not_applicable == {"silent": ["a"]}


def test_no_secret_is_in_it():
    """Wherever a pack repeats one."""
    inputs = {"pw": Secret("hunter2")}
    found = outcome(
        violation("violated", "web: pw is hunter2.\nWhy: hunter2.\nFix:\n    hunter2"),
        silent("exempt", f"exempted: {WEB}\nhunter2\nReason: hunter2"),
        silent("silent", "hunter2"),
        inputs=inputs,
    )
    assert [item.path for item in found.findings()] == ["pw"]
    assert "hunter2" not in repr([(pack.findings, pack.exempted, pack.not_applicable) for pack in found.packs])


def test_no_secret_is_in_an_error():
    """A rule that raises may say what it read."""

    class Raising(FakePack):
        def analyze(self, _deployment: Deployment) -> Analysis:
            raise OfflineError("policy pack tiny: Analyze failed: 'hunter2'")

    packs: Any = [Raising()]
    deployment = Deployment([Resource(WEB, "t:i:T", inputs={"pw": Secret("hunter2")})])
    with pytest.raises(OfflineError) as caught:
        check(packs, deployment, Subject("demo", "dev", "state.json", Path()))
    assert str(caught.value) == "policy pack tiny: Analyze failed: '[secret]'"


def test_a_note_on_encrypted_secrets():
    """Said if something is undecided about a resource that has one."""
    undecided = violation("unclear", "undecided: x", level="advisory")
    encrypted = {"a": [{"b": Secret(UNKNOWN)}]}
    assert outcome(undecided, outputs=encrypted).notes == [NOTE]
    assert outcome(undecided, inputs={"a": UNKNOWN, "b": Secret("plain")}).notes == []
    assert outcome(violation("violated", "x"), outputs=encrypted).notes == []
    assert outcome(violation("unclear", "undecided: x", API), outputs=encrypted).notes == []
