"""What the user configured for the whole pack, and what of it cannot be meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

import exemption
from finding import Finding, Verdict
from options import Options
from rule import PROD_PATTERN_KNOB, SHARED_KNOBS, Level, Rule, Severity

_EXEMPTIONS = SHARED_KNOBS["exemptions"]
_RULE = {"type": "string", "description": "The rule's id, or a glob over ids."}

SETTINGS = Rule(
    id="pack-settings",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="The configuration of this policy pack says what it means.",
    why="The engine accepts rules and settings that do not exist, so a typo would leave a rule as it was; and an "
    "exemption holds only with a reason, and only until it expires.",
    fix="",
    url="https://www.pulumi.com/docs/using-pulumi/crossguard/configuration/",
    knobs={
        **{knob: schema for knob, schema in SHARED_KNOBS.items() if knob != "exemptions"},
        **PROD_PATTERN_KNOB,
        "exemptions": {
            **_EXEMPTIONS,
            "items": {**_EXEMPTIONS["items"], "properties": {"rule": _RULE, **_EXEMPTIONS["items"]["properties"]}},
        },
    },
)
"""The one policy that is no rule: it holds what counts for all rules, and reports mistakes."""

RESERVED = frozenset({"all", "environments"})
"""Names with a meaning to the engine."""


class Configuration:
    """The configuration of all rules, by id; nothing but defaults until `configure` is called."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self.configure({})
        self._is_configured = False

    def configure(self, given: Mapping[str, Mapping[str, Any]], *, today: date | None = None) -> None:
        """Takes the knobs by rule id, as the engine sends them."""
        today = today or datetime.now(UTC).date()
        self._is_configured = True
        problems = dict(_typos(given, self._rules))
        shared = {k: v for k, v in given.get(SETTINGS.id, {}).items() if v != SETTINGS.knobs.get(k, {}).get("default")}
        exemptions, unread = exemption.read(shared.pop("exemptions", None), today=today)
        problems |= {f"{SETTINGS.id}.{place}": problem for place, problem in unread.items()}
        for each in exemptions:
            if not any(fnmatchcase(id_, each.rule) for id_ in self._rules):
                problems[f"{SETTINGS.id}.exemptions"] = f"names {each.rule}, which is no rule of this pack"
        self._options: dict[str, Options] = {}
        for id_, rule in self._rules.items():
            options = self._options[id_] = Options(rule, given.get(id_), shared, exemptions, today=today)
            for knob, problem in options.problems.items():
                problems[f"{SETTINGS.id if knob in shared else id_}.{knob}"] = problem
        self._problems = problems if given.get(SETTINGS.id, {}).get("enabled", True) else {}

    @property
    def findings(self) -> list[Finding]:
        """What cannot be meant, as findings about the stack."""
        return [
            Finding("", SETTINGS.id, path, Verdict.FAIL, f"{path} {problem}.")
            for path, problem in sorted(self._problems.items())
        ]

    def options(self, rule: Rule, config: Mapping[str, Any] | None = None) -> Options:
        """The options of a rule of the pack.

        `config` is what the SDK hands to its policy; it counts only if nobody has called `configure`.
        """
        return self._options[rule.id] if self._is_configured or not config else Options(rule, config)


def _typos(given: Mapping[str, Mapping[str, Any]], rules: Mapping[str, Rule]) -> Iterator[tuple[str, str]]:
    for id_, config in sorted(given.items()):
        if id_ in RESERVED:
            continue
        if id_ not in rules and id_ != SETTINGS.id:
            yield id_, f"is no rule of this pack{_meant(id_, rules)}"
            continue
        schema = rules[id_].schema if id_ in rules else SETTINGS.schema
        for knob in sorted(set(config) - set(schema)):
            yield f"{id_}.{knob}", f"is no setting of that rule{_meant(knob, schema)}"


def _meant(typo: str, known: Iterable[str]) -> str:
    close = get_close_matches(typo, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
