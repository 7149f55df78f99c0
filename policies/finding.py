"""What a rule found, and how it is said."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rule import Rule


class Verdict(StrEnum):
    """Why a finding is reported. What passes is not."""

    FAIL = "fail"
    UNDECIDED = "undecided"
    ERROR = "rule error"
    EXEMPTED = "exempted"
    NOT_APPLICABLE = "not applicable"

    @property
    def is_silent(self) -> bool:
        """True for what reports list and the engine does not show."""
        return self in (Verdict.EXEMPTED, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding of one rule.

    Attributes:
        urn: the resource to mend; for `UNDECIDED` and `ERROR` the resource that was judged.
        rule: the rule's id.
        path: the property, empty if the finding is about the whole resource.
        verdict: why it is reported.
        sentence: one sentence that names the resource and the property; for `EXEMPTED` also, in a
            line of its own, the reason.
    """

    urn: str
    rule: str
    path: str
    verdict: Verdict
    sentence: str


IN_FULL = 20
"""Findings of one rule that are explained in one reply; the rest only say what and where.

The language host refuses replies over 4 MiB.
"""


def told(rule: Rule, findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Each finding of a rule with the text below the rule's description.

    That is what is wrong and where, why it matters, and the lines that mend it.
    """
    explanation = f"Why: {rule.why}"
    if rule.fix:
        explanation += f"\nFix:\n{textwrap.indent(rule.fix, '    ')}"
    explained = 0
    for finding in findings:
        if finding.verdict is Verdict.NOT_APPLICABLE:
            yield finding, finding.sentence
        elif finding.verdict is Verdict.EXEMPTED:
            yield finding, f"{finding.verdict}: {finding.urn}\n{finding.sentence}"
        elif finding.verdict is not Verdict.FAIL:
            yield finding, f"{finding.verdict}: {finding.sentence}"
        elif explained < IN_FULL:
            explained += 1
            yield finding, f"{finding.sentence}\n{explanation}"
        else:
            yield finding, f"{finding.sentence}\nWhy and fix: as explained for the first {IN_FULL}."


NAMED = 100
"""Resources that are named where findings are only counted."""


def gathered(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The first findings of one rule, and the rest of each verdict as one, at the first of them."""
    by_verdict: dict[Verdict, list[Finding]] = {}
    for finding in findings:
        by_verdict.setdefault(finding.verdict, []).append(finding)
    for same in by_verdict.values():
        yield from same[:IN_FULL]
        if rest := same[IN_FULL:]:
            names = ", ".join(finding.urn.rpartition("::")[2] for finding in rest[:NAMED])
            others = f" and {len(rest) - NAMED:,} others" if len(rest) > NAMED else ""
            yield replace(rest[0], path="", sentence=f"{len(rest):,} more findings of this rule, at {names}{others}.")


def contrast(value: Any, other: Any, name: str) -> str:
    """How a message says that a plain value is not the one that another resource has."""
    mine, theirs = shown(value), shown(other)
    return f"differs from that of {name}." if mine == theirs else f"is {mine}, but that of {name} is {theirs}."


PUBLIC_WORDS = frozenset(
    {
        *("CODE_DEPLOY", "ECS", "EXTERNAL", "Server", "Lambda"),
        *("ROLLING", "BLUE_GREEN", "LINEAR", "CANARY"),
        *("IN_PLACE", "WITH_TRAFFIC_CONTROL", "WITHOUT_TRAFFIC_CONTROL"),
        *("HTTP", "HTTPS", "HTTP1", "HTTP2", "GRPC", "TCP", "UDP", "TCP_UDP", "TLS", "GENEVE"),
        *("instance", "ip", "lambda", "alb"),
        *("MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION", "AES256"),
        *("monitor", "defensive", "strictest"),
        *(f"ELBSecurityPolicy-{age}" for age in ("2016-08", "2015-05", "TLS-1-0-2015-04", "TLS-1-1-2017-01")),
        *(f"ELBSecurityPolicy-TLS13-1-{minor}-2021-06" for minor in ("0", "1", "2-Ext1", "2-Ext2")),
        *("TERMINATE", "KEEP_ALIVE"),
        *("TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"),
    }
)
"""AWS's own words, which messages may repeat."""


def shown(value: Any) -> str:
    """A plain value as a message may repeat it.

    Pulumi hands secrets to a pack in plain text, so only flags, port-sized whole numbers and AWS's
    own words are repeated; of anything else only the fact that it is set.
    """
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float) and value in range(65536):
        return str(int(value))
    return value if isinstance(value, str) and value in PUBLIC_WORDS else "another value"
