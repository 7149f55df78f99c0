"""The JSON report: everything, for scripts, and as the baseline of later runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from offline import urn

if TYPE_CHECKING:
    from offline.finding import Exemption, Finding
    from offline.outcome import Outcome, PackOutcome

SCHEMA = "offline-policy-report/1"
"""What the report says it is; the number changes when a reader would have to."""


def render(outcome: Outcome) -> str:
    """The report as text."""
    subject = outcome.subject
    document = {
        "schema": SCHEMA,
        "project": subject.project,
        "stack": subject.stack,
        "file": subject.file,
        "resources": subject.count,
        "exitCode": outcome.exit_code,
        "summary": outcome.counts(),
        "notes": outcome.notes,
        "packs": [_pack(pack) for pack in outcome.packs],
        "findings": [_finding(item) for item in outcome.findings()],
        "exempted": [_exemption(item) for item in outcome.exempted()],
        "notApplicable": [
            {"pack": pack.name, "policy": policy, "reasons": reasons}
            for pack in outcome.packs
            for policy, reasons in pack.not_applicable.items()
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _pack(pack: PackOutcome) -> dict[str, Any]:
    return {
        "name": pack.name,
        "version": pack.version,
        "policies": [
            {
                "name": name,
                "status": status,
                **(
                    {
                        "level": policy.level,
                        "severity": policy.severity,
                        "description": policy.description,
                        "url": policy.url,
                    }
                    if (policy := pack.policies.get(name))
                    else {}
                ),
            }
            for name, status in pack.statuses().items()
        ],
    }


def _finding(item: Finding) -> dict[str, Any]:
    return {
        "id": item.id,
        "pack": item.pack,
        "policy": item.policy,
        "kind": item.kind,
        "level": item.level,
        "severity": item.severity,
        "known": item.known,
        **_place(item.urn),
        "path": item.path,
        "description": item.description,
        "sentence": item.sentence,
        "why": item.why,
        "fix": item.fix,
    }


def _exemption(item: Exemption) -> dict[str, Any]:
    return {
        "id": item.id,
        "pack": item.pack,
        "policy": item.policy,
        **_place(item.urn),
        "path": item.path,
        "sentence": item.sentence,
        "reason": item.reason,
        "until": item.until or None,
    }


def _place(text: str) -> dict[str, str]:
    name, type_ = urn.place(text)
    return {"urn": text, "type": type_, "name": name}
