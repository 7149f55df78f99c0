"""How a rule is configured: the rule's own defaults, and what the user set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from finding import Finding, Verdict
from resources import Resource
from rule import Rule, Strength


class Options:
    """A rule's configuration.

    The engine merges schema defaults and checks the schema, but only when it configures the pack;
    `config` may also be empty.
    """

    def __init__(self, rule: Rule, config: Mapping[str, Any] | None = None) -> None:
        defaults = {knob: schema["default"] for knob, schema in rule.schema.items()}
        self.level = rule.level
        self.knobs: Mapping[str, Any] = {**defaults, **(config or {})}
        self.enabled = bool(self.knobs["enabled"])
        self._include = _globs(self.knobs["includeFor"])
        self._exclude = _globs(self.knobs["excludeFor"])

    def judges(self, resource: Resource) -> bool:
        """True if the rule speaks about this resource at all."""
        if not self.enabled:
            return False
        if self._include and not _matches(self._include, resource):
            return False
        if self._exclude and _matches(self._exclude, resource):
            return False
        return not self.level.varies or self._default(resource) is not Strength.SILENT

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

    def _default(self, resource: Resource) -> Strength:
        production = self._is_production(resource.urn)
        return self.level.production if production else self.level.elsewhere

    def _is_production(self, urn: str) -> bool:
        stack = urn.removeprefix("urn:pulumi:").split("::", 1)[0]
        return re.search(self.knobs["prodPattern"], stack) is not None


def _globs(knob: Any) -> tuple[str, ...]:
    return tuple(glob for glob in knob if isinstance(glob, str)) if isinstance(knob, list) else ()


def _matches(globs: tuple[str, ...], resource: Resource) -> bool:
    return any(fnmatchcase(resource.name, glob) or fnmatchcase(resource.urn, glob) for glob in globs)
