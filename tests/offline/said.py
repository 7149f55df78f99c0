"""What a pack may say, and the outcome of it."""

from __future__ import annotations

from typing import Any

from offline.baseline import Baseline
from offline.deployment import Deployment, Resource
from offline.outcome import Outcome, Subject, check
from offline.policy import Analysis, NotApplicable, Policy, Violation
from offline.value import UNKNOWN, Secret

WEB = "urn:pulumi:dev::demo::t:i:T::web"
API = "urn:pulumi:dev::demo::t:i:T::api"
NOTE = (
    "Secrets in state.json are encrypted, so what depends on them is undecided; "
    "`pulumi stack export --show-secrets` writes them in plain text."
)
NAMES = ("broken", "clean", "exempt", "known", "silent", "twice", "unclear", "violated")


class FakePack:
    """A pack that has already been asked."""

    name, version = "tiny", "1.0.0"

    def __init__(self, *said: Violation | NotApplicable) -> None:
        self.policies = [Policy(name, f"{name}.", "mandatory", "", {}) for name in NAMES]
        self.policies.append(Policy("off", "", "disabled", "", {}))
        self.said = said

    def analyze(self, _deployment: Deployment) -> Analysis:
        """All that was said."""
        violations = [item for item in self.said if isinstance(item, Violation)]
        return Analysis(violations, [item for item in self.said if isinstance(item, NotApplicable)])


def violation(policy: str, message: str, urn: str = WEB, level: str = "mandatory", severity: str = "") -> Violation:
    """What a policy reports."""
    return Violation("tiny", policy, level, severity, urn, f"{policy}.", f"{policy}.\n{message}")


def silent(policy: str, reason: str) -> NotApplicable:
    """What a policy says instead of reporting."""
    return NotApplicable("tiny", policy, reason)


def outcome(*said: Violation | NotApplicable, baseline: Baseline | None = None, **web: Any) -> Outcome:
    """Of a deployment of two resources; `web` is how the first is declared."""
    deployment = Deployment([Resource(WEB, "t:i:T", **web), Resource(API, "t:i:T")])
    subject = Subject("demo", "dev", "state.json")
    packs: Any = [FakePack(*said)]
    return check(packs, deployment, subject, baseline)


def everything() -> Outcome:
    """An outcome with one of each kind."""
    earlier = outcome(violation("known", "web is old."), violation("known", "gone."))
    ids = frozenset(item.id for item in earlier.findings())
    fix = "      port(\n    -     80\n    +     81\n      )"
    return outcome(
        violation("violated", f"web: port is 80.\nWhy: Nobody listens.\nFix:\n{fix}", severity="high"),
        violation("violated", "api: port is 80.\nWhy and fix: as explained for the first.", API, severity="high"),
        violation("twice", "web is *bold*.", level="advisory", severity="low"),
        violation("broken", "rule error: it broke.", level="advisory"),
        violation("unclear", "undecided: web (t:i:T): port is not known until the update.", level="advisory"),
        violation("known", "web is old."),
        silent("exempt", f"exempted: {WEB}\nweb: port is 80.\nReason: legacy (until 2027-01-31)"),
        silent("silent", "web is none of its business."),
        baseline=Baseline(ids),
        inputs={"port": UNKNOWN, "pw": Secret(UNKNOWN)},
    )
