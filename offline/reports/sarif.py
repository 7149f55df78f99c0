"""The SARIF report: findings as code scanning shows them, at the line that declares the resource.

One run per pack, with its policies as rules. Code scanning makes an alert of every result, whatever its
kind, so rules that passed or don't apply are no results: the former are a property of the run, the latter
notifications.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from offline import urn
from offline.finding import Exemption, Finding, Kind
from offline.outcome import Status

if TYPE_CHECKING:
    from offline.outcome import Outcome, PackOutcome, Subject
    from offline.policy import Policy

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""What code scanning makes of a security rule's score: critical over 9, high from 7, medium from 4."""


def render(outcome: Outcome) -> str:
    """The report as text."""
    runs = [_run(pack, outcome) for pack in outcome.packs]
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": runs}, indent=2, ensure_ascii=False) + "\n"


def _run(pack: PackOutcome, outcome: Outcome) -> dict[str, Any]:
    subject = outcome.subject
    statuses = pack.statuses()
    rules = {name: index for index, name in enumerate(statuses)}
    results = [_result(item, rules, subject, outcome.gone is not None) for item in pack.findings]
    results += [_suppressed(item, rules, pack, subject) for item in pack.exempted]
    return {
        "tool": {
            "driver": {
                "name": pack.name,
                **({"version": pack.version} if pack.version else {}),
                "rules": [_rule(name, pack.policies.get(name)) for name in rules],
            }
        },
        "automationDetails": {"id": f"{subject.project}/{subject.stack}/{pack.name}"},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {
                        "level": "none",
                        "message": {"text": f"{name} does not apply: {' '.join(reasons)}".rstrip(": ")},
                        "associatedRule": {"id": name, "index": rules[name]},
                    }
                    for name, reasons in pack.not_applicable.items()
                ]
                + [{"level": "note", "message": {"text": note}} for note in outcome.notes],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "properties": {
            "passed": [name for name, status in statuses.items() if status is Status.PASSED],
            "notApplicable": list(pack.not_applicable),
            **({} if outcome.gone is None else {"gone": outcome.gone}),
        },
        "results": results,
    }


def _rule(name: str, policy: Policy | None) -> dict[str, Any]:
    if policy is None:
        return {"id": name}
    tags = [*policy.tags, *({policy.severity} - {""})]
    how = f"{policy.description}\n\n{policy.fix}".strip()
    shown = f"{policy.description}\n\n{_fenced(policy.fix)}".strip() if policy.fix else policy.description
    if policy.url:
        how, shown = f"{how}\n\n{policy.url}", f"{shown}\n\n[{policy.url}]({policy.url})"
    return {
        "id": name,
        "shortDescription": {"text": policy.description or name},
        "fullDescription": {"text": policy.description or name},
        "help": {"text": how or name, "markdown": shown or name},
        **({"helpUri": policy.url} if _is_uri(policy.url) else {}),
        "defaultConfiguration": {"level": _level(policy.level)},
        "properties": {
            **({"tags": tags} if tags else {}),
            "problem.severity": _level(policy.level),
            **(
                {"security-severity": _SCORES[policy.severity]}
                if "security" in policy.tags and policy.severity in _SCORES
                else {}
            ),
        },
    }


def _result(item: Finding, rules: dict[str, int], subject: Subject, compared: bool) -> dict[str, Any]:
    text = "\n".join(part for part in (item.said, item.why and f"Why: {item.why}") if part)
    result: dict[str, Any] = {"ruleId": item.policy, "ruleIndex": rules[item.policy]}
    if item.kind is Kind.VIOLATION or item.fails:
        result |= {"kind": "fail", "level": _level(item.level)}
    else:  # a rule that broke has decided nothing either
        result |= {"kind": "open", "level": "none"}
    result |= {
        "message": {"text": text},
        "locations": [_location(item.urn, item.path, subject)],
        "partialFingerprints": _fingerprints(item.id),
        "properties": {"enforcementLevel": item.level, "severity": item.severity},
    }
    if compared:
        result["baselineState"] = "unchanged" if item.known else "new"
    if item.known:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": "Known from the baseline."}
        ]
    return result


def _suppressed(item: Exemption, rules: dict[str, int], pack: PackOutcome, subject: Subject) -> dict[str, Any]:
    policy = pack.policies.get(item.policy)
    return {
        "ruleId": item.policy,
        "ruleIndex": rules[item.policy],
        "kind": "fail",
        "level": _level(policy.level if policy else "advisory"),
        "message": {"text": item.sentence},
        "locations": [_location(item.urn, item.path, subject)],
        "partialFingerprints": _fingerprints(item.id),
        "suppressions": [{"kind": "external", "status": "accepted", "justification": item.justification}],
    }


def _fingerprints(id_: str) -> dict[str, str]:
    """By which a finding is followed from run to run; the second is the one that code scanning knows."""
    return {"policyFinding/v1": id_, "primaryLocationLineHash": f"{id_[:16]}:1"}


def _location(text: str, path: str, subject: Subject) -> dict[str, Any]:
    uri, line = _source(text, subject) or (_uri(subject.file), subject.lines.get(text, 1))
    name, _ = urn.place(text)
    logical = [{"name": name, "fullyQualifiedName": text, "kind": "resource"}] if text else []
    if path:
        logical.append({"name": path, "fullyQualifiedName": f"{text}#{path}", "kind": "property"})
    return {
        "physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": line}},
        **({"logicalLocations": logical} if logical else {}),
    }


def _source(text: str, subject: Subject) -> tuple[str, int] | None:
    """The file and line of the program that declares a resource, if that file is here."""
    resource = subject.resources.get(text)
    match = re.fullmatch(r"project:///(.+)#(\d+)", resource.source) if resource else None
    if not match or "site-packages" in match[1]:
        return None
    file = Path(subject.root, match[1])
    return (_uri(str(file)), max(int(match[2]), 1)) if file.is_file() else None


def _uri(file: str) -> str:
    """A path as a URI, relative to the working folder where it lies below it."""
    path = Path(file)
    try:
        path = path.resolve().relative_to(Path.cwd())
    except ValueError:
        return path.resolve().as_uri()
    return quote(path.as_posix())


def _level(level: str) -> str:
    return "warning" if level == "advisory" else "error"


def _fenced(fix: str) -> str:
    return f"```diff\n{fix}\n```" if re.search(r"^[+-] ", fix, re.MULTILINE) else f"```\n{fix}\n```"


def _is_uri(text: str) -> bool:
    return re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", text) is not None
