"""Findings that the user accepts, each with a reason and perhaps an end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from globs import Globs

KEYS = ("rule", "urn", "reason", "expires")


@dataclass(frozen=True, slots=True)
class Exemption:
    """What one entry of `exemptions` accepts.

    Attributes:
        rule: a glob over rule ids; all, where the entry stands at a rule.
        place: the names and URNs it covers.
        reason: why, as the user says it.
        expires: the last day on which it holds, None if it always does.
    """

    rule: str
    place: Globs
    reason: str
    expires: date | None

    def covers(self, rule: str, urn: str) -> bool:
        """True if it accepts what this rule finds at this resource."""
        return fnmatchcase(rule, self.rule) and self.place.match(urn)

    def __str__(self) -> str:
        return f"{self.reason} (until {self.expires})" if self.expires else self.reason


def read(entries: Any, *, today: date) -> tuple[list[Exemption], dict[str, str]]:
    """The exemptions in a configuration, and by place why others exempt nothing."""
    found: list[Exemption] = []
    problems: dict[str, str] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        try:
            found.append(_exemption(entry, today))
        except ValueError as error:
            problems[f"exemptions[{index}]"] = f"{error}, so it is not applied"
    return found, problems


def _exemption(entry: Any, today: date) -> Exemption:
    if not isinstance(entry, Mapping):
        raise ValueError("is no object")
    if unknown := sorted(set(entry) - set(KEYS)):
        raise ValueError(f"has {', '.join(unknown)} (allowed: {', '.join(KEYS)})")
    for key in ("urn", "reason"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise ValueError(f"has no {key}")
    expires = _day(entry.get("expires"))
    if expires is not None and expires < today:
        raise ValueError(f"expired on {expires}")
    rule = entry.get("rule", "*")
    return Exemption(
        rule if isinstance(rule, str) else "", Globs([entry["urn"]]), " ".join(entry["reason"].split()), expires
    )


def _day(text: Any) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise ValueError("has an expires that is no day (such as 2027-01-31)") from None
