"""Rules as native Pulumi policies, by the public SDK alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from pulumi import Archive, Asset
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidation,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from aws import canonical
from configuration import SETTINGS, Configuration
from finding import Finding, told
from judge import in_order, judge, not_applicable
from options import Options
from remedy import Remedy
from resources import Resource
from rule import Rule, Strength
from stack import Stack
from value import UNKNOWN
from wire import SENTINELS


def policies(rules: Iterable[Rule], configuration: Configuration) -> list[Policy]:
    """One policy per half of each rule, in the order of the rules' ids, and `pack-settings`.

    A rule whose strength depends on the stack is registered at its strength in production: the
    engine configures each id with one level, and a second registration of an id only overwrites
    the level of the first.
    """
    given: dict[str, frozenset[str]] = {}
    halves = (
        policy for rule in sorted(rules, key=lambda rule: rule.id) for policy in _halves(rule, configuration, given)
    )
    return [*halves, StackValidationPolicy(validate=_report_problems(configuration), **_metadata(SETTINGS))]


def _metadata(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.id,
        "description": rule.description,
        "enforcement_level": EnforcementLevel(rule.level.production),
        "severity": Severity(rule.severity),
        "config_schema": PolicyConfigSchema({knob: dict(s) for knob, s in rule.schema.items()}),
        "remediation_steps": rule.fix or None,
        "tags": ["security" if rule.id.startswith("sec-") else "reliability"],
        "url": rule.url,
    }


def _halves(rule: Rule, configuration: Configuration, given: dict[str, frozenset[str]]) -> Iterable[Policy]:
    alone: dict[str, Any] = {}
    if rule.resource_checks:
        alone["validate"] = _resource_validation(rule, configuration, given)
    if rule.remediations:
        alone["remediate"] = _remediation(rule, configuration)
    if alone:
        yield ResourceValidationPolicy(**alone, **_metadata(rule))
    if rule.stack_checks:
        yield StackValidationPolicy(validate=_stack_validation(rule, configuration, given), **_metadata(rule))


def _resource_validation(
    rule: Rule, configuration: Configuration, given: dict[str, frozenset[str]]
) -> ResourceValidation:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if canonical(args.resource_type) in rule.resource_checks:
            options = configuration.options(rule, args.get_config())
            resource = Resource(args.urn, args.resource_type, _Arguments(args, given))
            given[args.urn] = frozenset(name for name in args.props if resource[name].raw not in (None, []))
            _report(rule, options, judge(rule, options, resource, None), args, report)

    return validate


def _stack_validation(rule: Rule, configuration: Configuration, given: dict[str, frozenset[str]]) -> StackValidation:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        options = configuration.options(rule, args.get_config())
        stack = Stack(Resource(each.urn, each.resource_type, _Arguments(each, given)) for each in args.resources)
        subjects = stack.of(*rule.stack_checks)
        found = [finding for each in subjects for finding in judge(rule, options, each, stack)]
        _report(rule, options, [*found, *not_applicable(rule, options, stack)], args, report)

    return validate


def _report_problems(configuration: Configuration) -> StackValidation:
    def validate(_args: StackValidationArgs, report: ReportViolation) -> None:
        for finding, text in told(SETTINGS, configuration.findings):
            report(text, finding.urn)

    return validate


def _remediation(rule: Rule, configuration: Configuration) -> Any:
    def remediate(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
        kind = canonical(args.resource_type)
        options = configuration.options(rule, args.get_config())
        if kind not in rule.remediations or not options.mends(args.urn):
            return None
        remedy = Remedy(args.props, options)
        with suppress(Exception):  # what is unknown, or breaks the rule, stays as it is and is reported
            rule.remediations[kind](Resource(args.urn, args.resource_type, _Arguments(args, {})), remedy)
        return args.props if remedy.changed else None

    return remediate


class _SteppedBack(UnknownValueError):
    """Findings that must not stop a deployment although their policy may.

    A policy has one level, and this is the only exception from it: the SDK makes an advisory line
    of an unknown value whatever the level.
    """

    def __init__(self, messages: Iterable[str]) -> None:
        super().__init__(UNKNOWN_STRING_VALUE, [])
        self.message = "\n".join(messages)


def _report(
    rule: Rule,
    options: Options,
    findings: Iterable[Finding],
    args: ResourceValidationArgs | StackValidationArgs,
    report: ReportViolation,
) -> None:
    stepped_back: list[str] = []
    silent: list[str] = []
    reported = False
    for finding, message in told(rule, in_order(findings)):
        if finding.verdict.is_silent:
            silent.append(message)
        elif options.strength(finding, configured=Strength.MANDATORY) is Strength.MANDATORY:
            report(message, finding.urn)
            reported = True
        else:
            stepped_back.append(message)
    if stepped_back:
        raise _SteppedBack(stepped_back)
    if silent and not reported:
        args.not_applicable("\n\n".join(silent))


class _Arguments:
    """A `resources.Source` over what the SDK hands to a policy."""

    def __init__(self, args: ResourceValidationArgs | PolicyResource, given: Mapping[str, frozenset[str]]) -> None:
        self._urn = args.urn
        self._props = args.props
        self._options = args.opts
        self._provider = args.provider
        self._graph = args if isinstance(args, PolicyResource) else None
        self._given = given

    def prop(self, name: str) -> Any:
        return _plain_item(self._props, name)

    def ignore_changes(self) -> Sequence[str]:
        return list(self._options.ignore_changes)

    def protect(self) -> bool:
        return self._options.protect

    def parent(self) -> str:
        return self._options.parent or ""

    def provider(self, name: str) -> Any:
        return _plain_item(self._provider.props, name) if self._provider else None

    def given(self) -> frozenset[str] | None:
        return self._given.get(self._urn)

    def dependencies(self) -> Sequence[str]:
        return [resource.urn for resource in self._graph.dependencies] if self._graph else ()

    def property_dependencies(self) -> Mapping[str, Sequence[str]]:
        if self._graph is None:
            return {}
        graph = self._graph.property_dependencies
        return {prop: [resource.urn for resource in found] for prop, found in graph.items()}


def _plain_item(container: Any, key: Any) -> Any:
    """An item without the SDK's proxies, which raise where a value is unknown."""
    try:
        item = container[key]
    except UnknownValueError:
        return UNKNOWN
    except KeyError:
        return None
    if isinstance(item, str) and item in SENTINELS:  # what remediations are given does not raise
        return UNKNOWN
    if isinstance(item, Mapping):
        return {step: _plain_item(item, step) for step in item}
    if isinstance(item, Sequence) and not isinstance(item, str):
        return [_plain_item(item, step) for step in range(len(item))]
    return {} if isinstance(item, Asset | Archive) else item
