"""What policy packs make of a deployment: what every report is written from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from offline.errors import OfflineError
from offline.finding import Exemption, Finding, Kind, read, read_reasons
from offline.redaction import Redaction
from offline.value import UNKNOWN, Secret, Value

if TYPE_CHECKING:
    from offline.baseline import Baseline
    from offline.deployment import Deployment, Resource
    from offline.pack import Pack
    from offline.policy import Analysis, Policy

SEVERITIES = ("critical", "high", "medium", "low", "")


class Status(StrEnum):
    """What became of a rule: the first of these that fits."""

    VIOLATED = "violated"
    BROKEN = "broken"
    UNDECIDED = "undecided"
    KNOWN = "known"
    EXEMPTED = "exempted"
    NOT_APPLICABLE = "not applicable"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Subject:
    """What was checked.

    Attributes:
        file: the deployment export or the stack file, as it was given.
        root: the folder of the program's sources.
        count: the number of resources.
        resources: by URN.
        lines: where in `file` a resource stands, by URN.
    """

    project: str
    stack: str
    file: str
    root: Path = Path()
    count: int = 0
    resources: Mapping[str, Resource] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass
class PackOutcome:
    """What one pack says.

    Attributes:
        policies: by name, those that are disabled left out.
        findings: those that fail first, then by level, severity, URN and rule.
        not_applicable: rule -> why, for rules that had nothing else to say.
    """

    name: str
    version: str
    policies: dict[str, Policy]
    findings: list[Finding] = field(default_factory=list)
    exempted: list[Exemption] = field(default_factory=list)
    not_applicable: dict[str, list[str]] = field(default_factory=dict)

    def statuses(self) -> dict[str, Status]:
        """What became of each rule, by name."""
        found: dict[str, set[Status]] = {name: set() for name in sorted(self.policies)}
        for item in self.findings:
            found.setdefault(item.policy, set()).add(Status.KNOWN if item.known else _STATUSES[item.kind])
        for item in self.exempted:
            found.setdefault(item.policy, set()).add(Status.EXEMPTED)
        for name in self.not_applicable:
            found.setdefault(name, set()).add(Status.NOT_APPLICABLE)
        return {name: min(each, key=_ORDER.index, default=Status.PASSED) for name, each in found.items()}


_STATUSES = {Kind.VIOLATION: Status.VIOLATED, Kind.UNDECIDED: Status.UNDECIDED, Kind.ERROR: Status.BROKEN}
_ORDER = list(Status)


@dataclass
class Outcome:
    """What all packs say of a deployment.

    Attributes:
        gone: the number of findings of the baseline that are no longer found; None without a baseline.
        notes: what the reader should know besides.
    """

    subject: Subject
    packs: list[PackOutcome]
    gone: int | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """1 if a finding fails, else 0."""
        return int(any(item.fails for item in self.findings()))

    def findings(self) -> Iterator[Finding]:
        """All findings, pack by pack."""
        return (item for pack in self.packs for item in pack.findings)

    def section(self, title: str) -> list[Finding]:
        """The findings under one title: mandatory, advisory, undecided or known."""
        return [item for item in self.findings() if title_of(item) == title]

    def exempted(self) -> list[Exemption]:
        """All exemptions."""
        return [item for pack in self.packs for item in pack.exempted]

    def counts(self) -> dict[str, int]:
        """How many findings and exemptions there are, and how many rules passed or do not apply."""
        found = Counter(title_of(item) for item in self.findings())
        rules = Counter(status for pack in self.packs for status in pack.statuses().values())
        return {
            **{title: found[title] for title in TITLES},
            "exempted": len(self.exempted()),
            **({} if self.gone is None else {"gone": self.gone}),
            "passed": rules[Status.PASSED],
            "notApplicable": rules[Status.NOT_APPLICABLE],
        }


TITLES = ("mandatory", "advisory", "undecided", "known")


def title_of(finding: Finding) -> str:
    """Under which title a finding is listed; what is undecided and fails is listed with what fails."""
    if finding.known:
        return "known"
    if finding.kind is Kind.UNDECIDED and not finding.fails:
        return "undecided"
    return finding.level


def check(packs: Sequence[Pack], deployment: Deployment, subject: Subject, baseline: Baseline | None = None) -> Outcome:
    """What running `packs` make of `deployment`. Raises OfflineError, without any secret, if one of them fails."""
    analyses: list[Analysis] = []
    for pack in packs:
        try:
            analyses.append(pack.analyze(deployment))
        except OfflineError as error:
            raise OfflineError(Redaction(deployment, [str(error)]).conceal(str(error))) from error
    said = [item.message for analysis in analyses for item in analysis.violations]
    said += [item.reason for analysis in analyses for item in analysis.not_applicable]
    redaction = Redaction(deployment, said)
    subject = replace(subject, count=len(deployment), resources=deployment.by_urn())
    outcome = Outcome(
        subject,
        [_read(pack, analysis, subject, redaction) for pack, analysis in zip(packs, analyses, strict=True)],
    )
    if baseline is not None:
        baseline.apply(outcome)
    outcome.notes += _encrypted(outcome)
    return outcome


def _read(pack: Pack, analysis: Analysis, subject: Subject, redaction: Redaction) -> PackOutcome:
    policies = {policy.name: policy for policy in pack.policies if policy.level != "disabled"}
    outcome = PackOutcome(pack.name, pack.version, policies)
    properties = {urn: resource.inputs | resource.outputs for urn, resource in subject.resources.items()}
    found = [read(item, properties.get(item.urn, {}), redaction.conceal) for item in analysis.violations]
    outcome.findings = sorted(_explained(found), key=_rank)
    silent: dict[str, set[str]] = {}
    for item in analysis.not_applicable:
        for reason in read_reasons(item, redaction.conceal):
            if not isinstance(reason, Exemption):
                silent.setdefault(reason.policy, set()).add(reason.reason)
            elif reason not in outcome.exempted:
                outcome.exempted.append(reason)
    outcome.exempted.sort(key=lambda item: (item.urn, item.policy, item.sentence))
    spoke = {item.policy for item in (*outcome.findings, *outcome.exempted)}
    outcome.not_applicable = {name: sorted(silent[name]) for name in sorted(silent) if name not in spoke}
    return outcome


def _explained(findings: Iterable[Finding]) -> list[Finding]:
    """Each with the explanation that a pack may give for only some of a rule's findings."""
    findings = list(findings)
    explanations = {item.policy: (item.why, item.fix) for item in reversed(findings) if item.why}
    return [
        replace(item, why=explanations[item.policy][0], fix=explanations[item.policy][1])
        if item.kind is Kind.VIOLATION and not item.why and item.policy in explanations
        else item
        for item in findings
    ]


def _rank(item: Finding) -> tuple[bool, int, str, str, str]:
    return item.level != "mandatory", SEVERITIES.index(item.severity), item.urn, item.policy, item.sentence


def _encrypted(outcome: Outcome) -> list[str]:
    """A note if something is undecided about a resource whose secrets the export keeps to itself."""
    for item in outcome.findings():
        resource = outcome.subject.resources.get(item.urn)
        if item.kind is Kind.UNDECIDED and resource and _has_encrypted(resource.inputs, resource.outputs):
            return [
                f"Secrets in {outcome.subject.file} are encrypted, so what depends on them is undecided; "
                "`pulumi stack export --show-secrets` writes them in plain text."
            ]
    return []


def _has_encrypted(*values: Value) -> bool:
    return any(
        value == Secret(UNKNOWN)
        or (isinstance(value, dict) and _has_encrypted(*value.values()))
        or (isinstance(value, list) and _has_encrypted(*value))
        for value in values
    )
