"""How a rule judges one resource: it is run, guarded, and its findings are collected."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from finding import Finding, Verdict
from options import Options
from resources import Resource
from rule import Rule
from stack import Stack
from value import Undecided, Value


class Judge:
    """What a rule reports to while it judges one resource.

    `with judge.separately:` bounds one judgement: if a value in it turns out to be unknown, that
    judgement alone is left undecided and the rule goes on.
    """

    def __init__(self, rule: Rule, options: Options, resource: Resource) -> None:
        self._rule = rule
        self._options = options
        self._resource = resource
        self.findings: list[Finding] = []

    def knob(self, name: str) -> Any:
        """The configured value of a knob, or its default."""
        return self._options.knobs[name]

    def fail(self, place: Value | Resource, predicate: str) -> None:
        """Reports a violation: `predicate` completes the sentence that the place begins.

        It must repeat no value that may be secret (see `finding.shown`).
        """
        if isinstance(place, Value):
            urn, path = place.resource.urn, place.path
            sentence = f"{place.resource.name}: {path} {predicate}"
        else:
            urn, path, sentence = place.urn, "", f"{place.name} {predicate}"
        self.findings.append(Finding(urn, self._rule.id, path, Verdict.FAIL, sentence))

    def not_applicable(self, reason: str) -> None:
        """Says why the rule has nothing to say about the resource: "is behind a Network Load Balancer"."""
        sentence = f"{self._resource.name} {reason}."
        self.findings.append(Finding(self._resource.urn, self._rule.id, "", Verdict.NOT_APPLICABLE, sentence))

    def undecided(self, doubt: Undecided) -> None:
        """Reports that a judgement could not be made."""
        place = doubt.place
        sentence = f"{place.resource.name} ({place.resource.kind}): {place.path} {doubt.reason}."
        self.findings.append(Finding(self._resource.urn, self._rule.id, place.path, Verdict.UNDECIDED, sentence))

    def broken(self, error: Exception) -> None:
        """Reports that the rule itself failed; the error's own text may hold a secret."""
        frame = traceback.extract_tb(error.__traceback__)[-1]
        sentence = (
            f"{self._rule.id} could not judge {self._resource.name} ({self._resource.kind}): "
            f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}."
        )
        self.findings.append(Finding(self._resource.urn, self._rule.id, "", Verdict.ERROR, sentence))

    @property
    def separately(self) -> Self:
        """A context in which an unknown value leaves only that context undecided."""
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _where: TracebackType | None,
    ) -> bool:
        if isinstance(error, Undecided):
            self.undecided(error)
            return True
        return False


def judge(rule: Rule, options: Options, resource: Resource, stack: Stack | None) -> list[Finding]:
    """What a rule finds at one resource, by itself or as part of a stack; never raises."""
    judging = Judge(rule, options, resource)
    try:
        if not options.judges(resource.urn):
            return []
        with judging.separately:
            if stack is None:
                rule.resource_checks[resource.kind](resource, judging)
            else:
                rule.stack_checks[resource.kind](resource, stack, judging)
    except Exception as error:  # a broken rule is a finding, never a failed deployment
        judging.broken(error)
    return [_exempted(finding, options) for finding in judging.findings]


def not_applicable(rule: Rule, options: Options, stack: Stack) -> list[Finding]:
    """That a stack holds nothing the rule judges, if that is so."""
    if not options.enabled or stack.of(*rule.kinds):
        return []
    return [Finding("", rule.id, "", Verdict.NOT_APPLICABLE, f"The stack has no {' or '.join(rule.kinds)}.")]


def _exempted(finding: Finding, options: Options) -> Finding:
    if finding.verdict not in (Verdict.FAIL, Verdict.UNDECIDED):
        return finding
    exemption = options.exemption(finding)
    if exemption is None:
        return finding
    sentence = f"{finding.sentence}\nReason: {exemption}"
    return replace(finding, verdict=Verdict.EXEMPTED, sentence=sentence)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """By URN, then rule; of several findings about one place, one."""
    first: dict[tuple[str, str, str, Verdict], Finding] = {}
    for finding in sorted(findings):
        first.setdefault((finding.urn, finding.rule, finding.path, finding.verdict), finding)
    return list(first.values())
