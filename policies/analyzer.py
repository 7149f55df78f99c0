"""The fast path: answers Analyze and AnalyzeStack itself, decoding each property at most once.

The SDK decodes every resource again for every policy. Here a table by type finds the rules to run,
and a property is decoded when a rule first reads it. All else stays with the SDK's own servicer,
which also takes over where anything here fails.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import pulumi_policy.policy as sdk
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import analyzer_pb2 as proto

import wire
from configuration import SETTINGS, Configuration
from finding import Finding, gathered, told
from judge import in_order, judge, not_applicable
from rule import Rule, Strength
from stack import Stack

LIMIT = 3 * 1024 * 1024
"""Bytes of a reply from which on findings are only counted; the language host refuses 4 MiB."""

_REGISTER = "add_AnalyzerServicer_to_server"


def install(rules: Iterable[Rule], configuration: Configuration, *, fast: bool = True) -> bool:
    """Puts an `Analyzer` in front of the servicer that the next `PolicyPack` starts.

    The SDK offers no place for that, so the function by which it registers its servicer is
    replaced until then. False, and nothing is changed, if the SDK does not register it that way.
    """
    stubs = getattr(sdk, "analyzer_pb2_grpc", None)
    register = getattr(stubs, _REGISTER, None)
    if register is None or _REGISTER not in sdk.PolicyPack.__init__.__code__.co_names:
        return False

    def register_fast(servicer: Any, server: Any) -> None:
        setattr(stubs, _REGISTER, register)
        register(Analyzer(servicer, rules, configuration, fast=fast), server)

    setattr(stubs, _REGISTER, register_fast)
    return True


class Analyzer:
    """The analyzer's gRPC servicer, wrapped around the SDK's.

    It takes the configuration of the whole pack, which the SDK shows to each policy in part. Unless
    `fast`, it leaves everything else to the SDK.
    """

    def __init__(
        self, servicer: Any, rules: Iterable[Rule], configuration: Configuration, *, fast: bool = True
    ) -> None:
        self._servicer = servicer
        self._rules = sorted(rules, key=lambda rule: rule.id)
        self._configuration = configuration
        self._fast = fast
        info = servicer.GetAnalyzerInfo(None, None)
        self._pack = {"policyPackName": info.name, "policyPackVersion": info.version}
        self._severities = {policy.name: policy.severity for policy in info.policies}
        self._given: dict[str, frozenset[str]] = {}
        self._defaults = {rule.id: rule.level.production for rule in (*self._rules, SETTINGS)}
        self._levels = self._defaults
        self._mends = False
        self._index()

    def __getattr__(self, method: str) -> Any:
        return getattr(self._servicer, method)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Takes levels and knobs, by rule id."""
        given = request.policyConfig
        self._configuration.configure({id_: MessageToDict(given[id_].properties) for id_ in given})
        self._levels = self._defaults | {id_: _strength(given[id_].enforcementLevel) for id_ in given}
        self._mends = any(given[id_].enforcementLevel == proto.REMEDIATE for id_ in given)
        self._index()
        return self._servicer.Configure(request, context)

    def Analyze(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Judges one resource by itself."""
        return self._or_sdk("Analyze", self._analyze, request, context)

    def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Judges all resources of a stack."""
        return self._or_sdk("AnalyzeStack", self._analyze_stack, request, context)

    def Remediate(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Mends one resource; the engine asks of every one, also where no rule is to mend any."""
        return self._servicer.Remediate(request, context) if self._mends else proto.RemediateResponse()

    def _or_sdk(self, method: str, fast: Callable[[Any], Any], request: Any, context: Any) -> Any:
        if not self._fast:
            return getattr(self._servicer, method)(request, context)
        try:
            return fast(request)
        except Exception as error:  # whatever the SDK has changed, its own path still works
            print(f"{method} left to the SDK: {type(error).__name__}", file=sys.stderr)
            return getattr(self._servicer, method)(request, context)

    def _index(self) -> None:
        by_kind: dict[str, list[Rule]] = defaultdict(list)
        for rule in self._rules:
            if self._levels[rule.id] is not Strength.SILENT:
                for kind in rule.resource_checks:
                    by_kind[kind].append(rule)
        self._by_kind = by_kind

    def _analyze(self, request: Any) -> Any:
        self._given[request.urn] = wire.given_inputs(request)
        resource = wire.resource(request, self._given)
        return self._response(
            (rule, judge(rule, self._configuration.options(rule), resource, None))
            for rule in self._by_kind.get(resource.kind, ())
        )

    def _analyze_stack(self, request: Any) -> Any:
        stack = Stack(wire.resource(message, self._given) for message in request.resources)
        return self._response(chain(self._judged(stack), self._misconfigured()))

    def _judged(self, stack: Stack) -> Iterator[tuple[Rule, list[Finding]]]:
        for rule in self._rules:
            if self._levels[rule.id] is not Strength.SILENT:
                options = self._configuration.options(rule)
                for resource in stack.of(*rule.stack_checks):
                    yield rule, judge(rule, options, resource, stack)
                yield rule, not_applicable(rule, options, stack)

    def _misconfigured(self) -> Iterator[tuple[Rule, list[Finding]]]:
        if self._levels[SETTINGS.id] is not Strength.SILENT:
            yield SETTINGS, self._configuration.findings

    def _response(self, judged: Iterable[tuple[Rule, list[Finding]]]) -> Any:
        found: dict[Rule, list[Finding]] = defaultdict(list)
        for rule, findings in judged:
            if findings:
                found[rule] += findings
        found = {rule: in_order(findings) for rule, findings in found.items()}
        response = self._reply(found)
        if response.ByteSize() > LIMIT:
            response = self._reply({rule: list(gathered(findings)) for rule, findings in found.items()})
        return response

    def _reply(self, found: Mapping[Rule, list[Finding]]) -> Any:
        lines = [(finding, text, rule) for rule, findings in found.items() for finding, text in told(rule, findings)]
        response = proto.AnalyzeResponse()
        for finding, text, rule in sorted(lines, key=lambda line: line[0]):
            if finding.verdict.is_silent:
                response.not_applicable.add(policy_name=rule.id, reason=text)
                continue
            strength = self._strength(finding, rule)
            response.diagnostics.add(
                policyName=rule.id,
                description=rule.description,
                message=f"{rule.description}\n{text}",
                urn=finding.urn,
                enforcementLevel=proto.MANDATORY if strength is Strength.MANDATORY else proto.ADVISORY,
                severity=self._severities[rule.id],
                **self._pack,
            )
        return response

    def _strength(self, finding: Finding, rule: Rule) -> Strength:
        configured = self._levels[rule.id]
        return configured if rule is SETTINGS else self._configuration.options(rule).strength(finding, configured)


def _strength(level: int) -> Strength:
    if level == proto.DISABLED:
        return Strength.SILENT
    return Strength.ADVISORY if level == proto.ADVISORY else Strength.MANDATORY
