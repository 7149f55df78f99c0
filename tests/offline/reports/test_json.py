"""The JSON report."""

from __future__ import annotations

import json

from offline.reports import json as report
from tests.offline.said import API, WEB, everything, outcome


def test_everything():
    """Counts, what became of each rule, and every list."""
    document = json.loads(report.render(everything()))
    assert list(document) == [
        "schema", "project", "stack", "file", "resources", "exitCode", "summary", "notes", "packs", "findings",
        "exempted", "notApplicable",
    ]  # fmt: skip
    assert document["summary"] == {
        "mandatory": 2, "advisory": 2, "undecided": 1, "known": 1, "exempted": 1, "gone": 1, "passed": 1,
        "notApplicable": 1,
    }  # fmt: skip
    assert {policy["name"]: policy["status"] for policy in document["packs"][0]["policies"]} == {
        "broken": "broken",
        "clean": "passed",
        "exempt": "exempted",
        "known": "known",
        "silent": "not applicable",
        "twice": "violated",
        "unclear": "undecided",
        "violated": "violated",
    }
    assert (document["exitCode"], document["resources"]) == (1, 2)
    assert [(item["policy"], item["kind"], item["known"]) for item in document["findings"]] == [
        ("violated", "violation", False),
        ("violated", "violation", False),
        ("known", "violation", True),
        ("twice", "violation", False),
        ("broken", "rule error", False),
        ("unclear", "undecided", False),
    ]


def test_a_finding():
    """Each part by itself."""
    finding = json.loads(report.render(everything()))["findings"][0]
    assert len(finding.pop("id")) == 32
    assert finding == {
        "pack": "tiny",
        "policy": "violated",
        "kind": "violation",
        "level": "mandatory",
        "severity": "high",
        "known": False,
        "urn": API,
        "type": "t:i:T",
        "name": "api",
        "path": "port",
        "description": "violated.",
        "sentence": "api: port is 80.",
        "why": "Nobody listens.",
        "fix": "  port(\n-     80\n+     81\n  )",
    }


def test_what_is_not_reported():
    """Exemptions with reason and date, and why a rule does not apply."""
    document = json.loads(report.render(everything()))
    exempted = document["exempted"][0]
    assert len(exempted.pop("id")) == 32
    assert exempted == {
        "pack": "tiny",
        "policy": "exempt",
        "urn": WEB,
        "type": "t:i:T",
        "name": "web",
        "path": "port",
        "sentence": "web: port is 80.",
        "reason": "legacy",
        "until": "2027-01-31",
    }
    assert document["notApplicable"] == [
        {"pack": "tiny", "policy": "silent", "reasons": ["web is none of its business."]}
    ]


def test_nothing():
    """Without a baseline nothing is said to be gone."""
    document = json.loads(report.render(outcome()))
    assert (document["findings"], document["exitCode"], "gone" in document["summary"]) == ([], 0, False)
