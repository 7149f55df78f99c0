"""The fast path: answers Analyze and AnalyzeStack itself, decoding each property at most once.

The SDK decodes every resource again for every policy. Here a table by type finds the rules to run,
and a property is decoded when a rule first reads it. All else stays with the SDK's own servicer,
which also takes over where anything here fails.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import pulumi_policy.policy as sdk
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import analyzer_pb2 as proto

import wire
from finding import Finding, told
from judge import in_order, judge
from options import Options
from rule import Rule, Strength
from stack import Stack

_REGISTER = "add_AnalyzerServicer_to_server"


def install(rules: Iterable[Rule]) -> bool:
    """Puts the fast path in front of the servicer that the next `PolicyPack` starts.

    The SDK offers no place for that, so the function by which it registers its servicer is
    replaced until then. False, and nothing is changed, if the SDK does not register it that way.
    """
    stubs = getattr(sdk, "analyzer_pb2_grpc", None)
    register = getattr(stubs, _REGISTER, None)
    if register is None or _REGISTER not in sdk.PolicyPack.__init__.__code__.co_names:
        return False

    def register_fast(servicer: Any, server: Any) -> None:
        setattr(stubs, _REGISTER, register)
        register(Analyzer(servicer, rules), server)

    setattr(stubs, _REGISTER, register_fast)
    return True


class Analyzer:
    """The analyzer's gRPC servicer, wrapped around the SDK's."""

    def __init__(self, servicer: Any, rules: Iterable[Rule]) -> None:
        self._servicer = servicer
        self._rules = sorted(rules, key=lambda rule: rule.id)
        info = servicer.GetAnalyzerInfo(None, None)
        self._pack = {"policyPackName": info.name, "policyPackVersion": info.version}
        self._severities = {policy.name: policy.severity for policy in info.policies}
        self._given: dict[str, frozenset[str]] = {}
        self._configure({})

    def __getattr__(self, method: str) -> Any:
        return getattr(self._servicer, method)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Takes levels and knobs, by rule id."""
        self._configure(request.policyConfig)
        return self._servicer.Configure(request, context)

    def Analyze(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Judges one resource by itself."""
        return self._or_sdk("Analyze", self._analyze, request, context)

    def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Judges all resources of a stack."""
        return self._or_sdk("AnalyzeStack", self._analyze_stack, request, context)

    def _or_sdk(self, method: str, fast: Callable[[Any], Any], request: Any, context: Any) -> Any:
        try:
            return fast(request)
        except Exception as error:  # whatever the SDK has changed, its own path still works
            print(f"{method} left to the SDK: {type(error).__name__}", file=sys.stderr)
            return getattr(self._servicer, method)(request, context)

    def _configure(self, given: Any) -> None:
        self._options: dict[str, Options] = {}
        self._levels: dict[str, Strength] = {}
        by_kind: dict[str, list[Rule]] = defaultdict(list)
        for rule in self._rules:
            config = given[rule.id] if rule.id in given else None  # noqa: SIM401 - a protobuf map's get adds
            level = _strength(config.enforcementLevel) if config else rule.level.production
            self._levels[rule.id] = level
            self._options[rule.id] = Options(rule, MessageToDict(config.properties) if config else None)
            if level is not Strength.SILENT:
                for kind in rule.resource_checks:
                    by_kind[kind].append(rule)
        self._by_kind = by_kind

    def _analyze(self, request: Any) -> Any:
        self._given[request.urn] = wire.given_inputs(request)
        resource = wire.resource(request, self._given)
        return self._response(
            (rule, judge(rule, self._options[rule.id], resource, None)) for rule in self._by_kind.get(resource.kind, ())
        )

    def _analyze_stack(self, request: Any) -> Any:
        stack = Stack(wire.resource(message, self._given) for message in request.resources)
        return self._response(
            (rule, judge(rule, self._options[rule.id], resource, stack))
            for rule in self._rules
            if self._levels[rule.id] is not Strength.SILENT
            for resource in stack.of(*rule.stack_checks)
        )

    def _response(self, judged: Iterable[tuple[Rule, list[Finding]]]) -> Any:
        found: dict[str, list[Finding]] = defaultdict(list)
        for rule, findings in judged:
            if findings:
                found[rule.id] += findings
        lines = [
            (finding, message, rule)
            for rule in self._rules
            if rule.id in found
            for finding, message in told(rule, in_order(found[rule.id]))
        ]
        response = proto.AnalyzeResponse()
        for finding, message, rule in sorted(lines, key=lambda line: line[0]):
            strength = self._options[rule.id].strength(finding, self._levels[rule.id])
            response.diagnostics.add(
                policyName=rule.id,
                description=rule.description,
                message=f"{rule.description}\n{message}",
                urn=finding.urn,
                enforcementLevel=proto.MANDATORY if strength is Strength.MANDATORY else proto.ADVISORY,
                severity=self._severities[rule.id],
                **self._pack,
            )
        return response


def _strength(level: int) -> Strength:
    if level == proto.DISABLED:
        return Strength.SILENT
    return Strength.ADVISORY if level == proto.ADVISORY else Strength.MANDATORY
