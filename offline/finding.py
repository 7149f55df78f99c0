"""One thing that a policy pack found, taken apart: what is wrong, where, why it matters, how to mend it.

This project's pack and the SDK say it in a known form (`description`, a sentence, `Why:`, `Fix:`); of any
other message the whole text is the sentence.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from offline.policy import NotApplicable, Violation


class Kind(StrEnum):
    """What became of a judgement."""

    VIOLATION = "violation"
    UNDECIDED = "undecided"
    ERROR = "rule error"


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation, a judgement that couldn't be made, or a rule that broke.

    Attributes:
        level: mandatory or advisory.
        severity: low, medium, high, critical or "".
        description: the policy's.
        sentence: what is wrong, or what isn't known.
        path: the property, "" if it is about the whole resource or isn't said.
        why, fix: "" if not said.
        known: the baseline has it.
    """

    pack: str
    policy: str
    level: str
    severity: str
    urn: str
    kind: Kind
    description: str
    sentence: str
    path: str = ""
    why: str = ""
    fix: str = ""
    known: bool = False

    @property
    def id(self) -> str:
        """What makes it the same finding in another run, however it is explained there."""
        return _id(self.pack, self.policy, self.kind, self.urn, self.path or self.sentence)

    @property
    def fails(self) -> bool:
        """Whether it makes the exit code 1."""
        return self.level == "mandatory" and not self.known

    @property
    def said(self) -> str:
        """The sentence, after what kind of finding it is unless it's a violation."""
        return self.sentence if self.kind is Kind.VIOLATION else f"{self.kind}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Exemption:
    """A violation that the pack's configuration exempts; `until` is a date or ""."""

    pack: str
    policy: str
    urn: str
    sentence: str
    reason: str
    until: str = ""
    path: str = ""

    @property
    def id(self) -> str:
        """The id that the finding would have."""
        return _id(self.pack, self.policy, Kind.VIOLATION, self.urn, self.path or self.sentence)

    @property
    def justification(self) -> str:
        """The reason, and how long it holds."""
        return f"{self.reason} (until {self.until})" if self.until else self.reason


def _id(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


Conceal = Callable[[str], str]
"""Hides the secrets in a text."""

_EXPLAINED = re.compile(r"(.+?)\nWhy: (.*?)(?:\nFix:\n(.*))?", re.DOTALL)
_EXPLAINED_ELSEWHERE = re.compile(r"(.+)\nWhy and fix: [^\n]*", re.DOTALL)
_PATH = re.compile(r"(?: \([^)]*\))?: ([\w$-]+(?:\.[^\s.\[\]]+|\[\d+\])*) ")
_EXEMPTED = re.compile(r"exempted: ([^\n]+)\n(.+)\nReason: (.*?)(?: \(until (\d{4}-\d\d-\d\d)\))?", re.DOTALL)


def read(violation: Violation, properties: Mapping[str, Any], conceal: Conceal) -> Finding:
    """The finding in a violation; `properties` are those of the resource it is about."""
    description = violation.description
    text = violation.message.removeprefix(f"{description}\n")
    kind = Kind.VIOLATION
    for other in (Kind.UNDECIDED, Kind.ERROR):
        if text.startswith(f"{other}: "):
            kind, text = other, text.removeprefix(f"{other}: ")
    if text.startswith("can't run policy "):  # the SDK's words for a value that isn't known yet
        kind = Kind.UNDECIDED
    why = fix = ""
    explained = False
    if match := _EXPLAINED.fullmatch(text):
        explained = True
        text, why, fix = (
            match[1],
            match[2],
            "\n".join(line.removeprefix("    ") for line in (match[3] or "").split("\n")),
        )
    elif match := _EXPLAINED_ELSEWHERE.fullmatch(text):
        explained = True
        text = match[1]
    return Finding(
        violation.pack,
        violation.policy,
        violation.level,
        violation.severity,
        violation.urn,
        kind,
        description,
        conceal(text),
        _path(text, violation.urn, None if explained or kind is not Kind.VIOLATION else properties),
        conceal(why),
        conceal(fix),
    )


def _path(sentence: str, urn: str, properties: Mapping[str, Any] | None) -> str:
    """The property path that a sentence `<name>: <path> <predicate>` names; only one of `properties` if given."""
    name = urn.split("::", 3)[-1]
    match = _PATH.match(sentence, len(name)) if sentence.startswith(name) else None
    if not match:
        return ""
    path = match[1].rstrip(",;:")
    return path if properties is None or re.split(r"[.\[]", path)[0] in properties else ""


def read_reasons(said: NotApplicable, conceal: Conceal) -> Iterator[Exemption | NotApplicable]:
    """What a policy that found nothing to report says instead: exemptions, and why it doesn't apply."""
    for reason in said.reason.split("\n\n"):
        if match := _EXEMPTED.fullmatch(reason.strip()):
            urn, sentence, why, until = match[1], conceal(match[2]), conceal(match[3]), match[4] or ""
            yield Exemption(said.pack, said.policy, urn, sentence, why, until, _path(match[2], urn, None))
        else:
            yield replace(said, reason=conceal(reason.strip()))
