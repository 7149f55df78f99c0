"""Drives a policy pack over its gRPC protocol, as the engine does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi.runtime.proto import analyzer_pb2_grpc

from configuration import SETTINGS
from rules import RULES
from tests.policies.graph import Graph
from value import UNKNOWN

PLAIN = {"ECS_BLUE_GREEN_POLICIES_PLAIN": "1"}
"""What leaves every call to the SDK."""
POLICIES = Path(__file__).parents[2] / "policies"
UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
DESCRIPTIONS = {rule.id: rule.description for rule in (*RULES, SETTINGS)}
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


class Line(NamedTuple):
    """One diagnostic."""

    urn: str
    rule: str
    level: str
    message: str


def by_rule(lines: list[Line]) -> list[tuple[str, str, str]]:
    """Rule, level and each line of text of all findings.

    What must not stop a deployment the SDK reports as one line per policy that says it can't run, without a URN.
    """
    found = []
    for line in lines:
        unable = f"can't run policy '{line.rule}' from policy pack 'ecs-blue-green@v0.0.1' during preview: "
        text = line.message.removeprefix(unable).removeprefix(f"{DESCRIPTIONS[line.rule]}\n")
        found += [(line.rule, line.level, each) for each in text.split("\n")]
    return sorted(found)


class Pack:
    """A running pack; closing it ends the process."""

    def __init__(self, folder: Path = POLICIES, environment: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(folder)],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        port = self._process.stdout.readline().strip()
        if not port.isdigit():
            _, errors = self._process.communicate(timeout=10)
            raise RuntimeError(f"the pack did not start: {port}\n{errors}")
        unlimited = [("grpc.max_send_message_length", -1)]
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=unlimited)
        self.stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._channel.close()
        self._process.kill()
        _, self.errors = self._process.communicate(timeout=10)

    def info(self) -> Any:
        return self.stub.GetAnalyzerInfo(empty_pb2.Empty(), timeout=10)

    def configure(self, given: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """Sends what the engine sends: each policy's level and defaults, under what is given."""
        request = proto.ConfigureAnalyzerRequest()
        for policy in self.info().policies:
            config = request.policyConfig[policy.name]
            config.enforcementLevel = policy.enforcementLevel
            for knob, schema in policy.configSchema.properties.items():
                config.properties[knob] = schema["default"]
        for rule, knobs in (given or {}).items():
            for knob, value in knobs.items():
                if knob == "enforcementLevel":
                    level = proto.EnforcementLevel.Value(value.upper())
                    request.policyConfig[rule].enforcementLevel = level
                else:
                    request.policyConfig[rule].properties[knob] = value
        self.stub.Configure(request, timeout=10)

    def check(self, graph: Graph, *, preview: bool = False) -> list[Line]:
        """All diagnostics: of each resource by itself, then of the stack."""
        lines = []
        for name in graph.resources:
            lines += self.analyze(resource_request(graph, name, preview=preview))
        return lines + self.analyze_stack(stack_request(graph, preview=preview))

    def not_applicable(self, graph: Graph, name: str = "") -> dict[str, str]:
        """What the rules say that do not apply to a resource by itself, or else to the stack."""
        if name:
            response = self.stub.Analyze(resource_request(graph, name), timeout=30)
        else:
            response = self.stub.AnalyzeStack(stack_request(graph), timeout=60)
        return {entry.policy_name: entry.reason for entry in response.not_applicable}

    def analyze(self, request: Any) -> list[Line]:
        return _lines(self.stub.Analyze(request, timeout=30))

    def analyze_stack(self, request: Any) -> list[Line]:
        return _lines(self.stub.AnalyzeStack(request, timeout=60))


def resource_request(graph: Graph, name: str, *, preview: bool = False) -> Any:
    """An AnalyzeRequest: the inputs."""
    request = proto.AnalyzeRequest()
    _fill(request, graph, name, graph.inputs(name, preview=preview))
    return request


def stack_request(graph: Graph, *, preview: bool = False) -> Any:
    """An AnalyzeStackRequest: the outputs, and who depends on whom."""
    request = proto.AnalyzeStackRequest()
    for name in graph.resources:
        message = request.resources.add()
        _fill(message, graph, name, graph.outputs(name, preview=preview))
        message.dependencies.extend(graph.dependencies(name))
        for prop, urns in graph.property_dependencies(name).items():
            message.propertyDependencies[prop].urns.extend(urns)
    return request


def _fill(message: Any, graph: Graph, name: str, props: dict[str, Any]) -> None:
    declared = graph.resources[name]
    message.urn, message.type, message.name = graph.urn(name), declared.type, name
    message.options.ignoreChanges.extend(declared.ignored)
    message.options.protect = declared.protect
    if graph.provider:
        message.provider.type = "pulumi:providers:aws"
        message.provider.properties.CopyFrom(struct(graph.provider))
    if declared.parent:
        message.options.parent = f"urn:pulumi:{graph.stack}::shop::{declared.parent}::{name}"
    message.properties.CopyFrom(struct(props))


def struct(props: Mapping[str, Any]) -> struct_pb2.Struct:
    """Properties in wire form, with Pulumi's sentinel for what is unknown."""
    result = struct_pb2.Struct()
    result.update({name: _wire(value) for name, value in props.items()})
    return result


def secret(value: Any) -> dict[str, Any]:
    """A secret in wire form."""
    return {**SECRET, "value": _wire(value)}


def _wire(value: Any) -> Any:
    if value is UNKNOWN:
        return UNKNOWN_STRING
    if isinstance(value, dict):
        return {key: _wire(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_wire(item) for item in value]
    return value


def _lines(response: Any) -> list[Line]:
    return [
        Line(line.urn, line.policyName, proto.EnforcementLevel.Name(line.enforcementLevel), line.message)
        for line in response.diagnostics
    ]
