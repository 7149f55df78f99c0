"""A baseline: an earlier JSON report, whose findings are known and don't fail again."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from offline.errors import OfflineError
from offline.outcome import Outcome
from offline.reports.json import SCHEMA


@dataclass(frozen=True, slots=True)
class Baseline:
    """The ids of the findings of an earlier report."""

    ids: frozenset[str]

    def apply(self, outcome: Outcome) -> None:
        """Mark what is known, and count what is gone."""
        for pack in outcome.packs:
            pack.findings = [replace(item, known=item.id in self.ids) for item in pack.findings]
        outcome.gone = len(self.ids - {item.id for item in outcome.findings()})


def read(path: Path) -> Baseline:
    """The baseline in a JSON report. Raises OfflineError if it isn't one."""
    try:
        report = json.loads(path.read_bytes())
    except OSError as error:
        raise OfflineError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise OfflineError(f"{path}: not JSON: {error}") from error
    try:
        if report["schema"] == SCHEMA:
            return Baseline(frozenset(str(item["id"]) for item in report["findings"]))
    except (KeyError, TypeError):
        pass
    raise OfflineError(f"{path}: not a baseline: a baseline is a JSON report of `offline check` or `offline preview`")
