"""How a rule is configured: its own defaults, what is set for all rules, and what is set for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import exemption
from exemption import Exemption
from finding import Finding, Verdict
from globs import Globs
from rule import PROD_PATTERN_KNOB, Rule, Strength


class Options:
    """A rule's configuration.

    The engine merges schema defaults and checks the schema, but only when it configures the pack;
    `config` may also be empty. `shared` and `exemptions` hold for all rules: a shared knob counts
    where the rule leaves it at its default. `problems` says by knob what of `config` cannot be used.
    """

    def __init__(
        self,
        rule: Rule,
        config: Mapping[str, Any] | None = None,
        shared: Mapping[str, Any] | None = None,
        exemptions: Sequence[Exemption] = (),
        *,
        today: date | None = None,
    ) -> None:
        defaults = {knob: schema["default"] for knob, schema in rule.schema.items()}
        own = {knob: value for knob, value in (config or {}).items() if value != defaults.get(knob)}
        known = {knob: value for knob, value in (shared or {}).items() if knob in defaults}
        self._rule = rule.id
        self.level = rule.level
        self.knobs: Mapping[str, Any] = {**defaults, **known, **own}
        self.enabled = bool(self.knobs["enabled"])
        self._include = Globs(self.knobs["includeFor"])
        self._exclude = Globs(self.knobs["excludeFor"])
        today = today or datetime.now(UTC).date()
        accepted, self.problems = exemption.read(own.get("exemptions"), today=today)
        self._exemptions = [*accepted, *exemptions]
        self._production = _pattern(self.knobs.get("prodPattern"), self.problems)
        self._stacks: dict[str, bool] = {}

    def judges(self, urn: str) -> bool:
        """True if the rule speaks about this resource at all."""
        if not self.enabled:
            return False
        if self._include and not self._include.match(urn):
            return False
        if self._exclude and self._exclude.match(urn):
            return False
        return not self.level.varies or self._default(urn) is not Strength.SILENT

    def mends(self, urn: str) -> bool:
        """True if the rule may change this resource: it judges it, and nothing exempts it."""
        return self.judges(urn) and not self._exemption(urn)

    def exemption(self, finding: Finding) -> Exemption | None:
        """What exempts a finding, None if nothing does."""
        return self._exemption(finding.urn)

    def strength(self, finding: Finding, configured: Strength) -> Strength:
        """What a finding does, `configured` being the policy's level in the engine.

        The engine gives each policy id one level for all stacks, and sends it also where nobody
        set one; so a rule whose strength varies is registered at its production level, and steps
        back elsewhere.
        """
        if finding.verdict is Verdict.ERROR:
            return Strength.ADVISORY
        if finding.verdict is Verdict.UNDECIDED and not self.knobs["failOnUndecided"]:
            return Strength.ADVISORY
        if self.level.varies and not self._is_production(finding.urn):
            return self.level.elsewhere
        return configured

    def _default(self, urn: str) -> Strength:
        return self.level.production if self._is_production(urn) else self.level.elsewhere

    def _exemption(self, urn: str) -> Exemption | None:
        return next((each for each in self._exemptions if each.covers(self._rule, urn)), None)

    def _is_production(self, urn: str) -> bool:
        stack = urn.removeprefix("urn:pulumi:").split("::", 1)[0]
        if stack not in self._stacks:
            self._stacks[stack] = self._production.search(stack) is not None
        return self._stacks[stack]


def _pattern(text: Any, problems: dict[str, str]) -> re.Pattern[str]:
    default = PROD_PATTERN_KNOB["prodPattern"]["default"]
    try:
        return re.compile(default if text is None else text)
    except (re.error, TypeError):
        problems["prodPattern"] = "is no regular expression, so the default is used"
        return re.compile(default)
