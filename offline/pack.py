"""Drives a policy pack over its own gRPC protocol, as the engine does.

`Pack` starts the pack's process at once, so that it boots while the program runs, and ends it with the
`with` block. The order of calls and what goes into them follow `analyzer_plugin.go` of the Pulumi CLI:
ConfigureStack, GetAnalyzerInfo, Configure; then Analyze for each resource with its checked inputs, and
AnalyzeStack once with the outputs of all. Remediations aren't run: nothing is to be changed.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from offline.errors import OfflineError
from offline.packconfig import PolicyConfig, reconcile
from offline.packprocess import PackProcess
from offline.policy import (
    Analysis,
    NotApplicable,
    Policy,
    Violation,
    from_info,
    level_name,
    severity_name,
    to_dict,
)

if TYPE_CHECKING:
    from offline.deployment import Deployment, Resource
    from offline.project import Project

CALL_SECONDS = 120.0
"""How long a pack may take for one call before it is given up."""

REPLY_BYTES = 4 * 1024 * 1024
"""The largest reply that Pulumi takes: the language host's proxy in front of a pack has gRPC's default limit."""

_IN_FLIGHT = 32
"""Analyze calls sent before the first answer is awaited: the pack works while requests are built."""

_CHANNEL_OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", REPLY_BYTES),
    ("grpc.enable_http_proxy", 0),
)


class Pack:
    """A running policy pack.

    Args:
        folder: holds PulumiPolicy.yaml.
        project: whose name and stack the pack is told, as the language host does.
        config: what `--policy-pack-config` names, already parsed.

    Every method raises OfflineError, one line, for a folder that isn't a pack, a pack that doesn't
    start, fails or takes too long.
    """

    def __init__(
        self,
        folder: Path,
        project: Project | None = None,
        config: Mapping[str, PolicyConfig] | None = None,
        *,
        dry_run: bool = True,
    ) -> None:
        self.folder = folder
        self.policies: list[Policy] = []
        self.name = folder.name
        self._project = project
        self._config = config
        self._dry_run = dry_run
        self.process = PackProcess(folder, project, dry_run=dry_run)
        self.version = self.process.version
        self._stub: Any = None
        self._channel: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the pack's process."""
        if self._channel is not None:
            self._channel.close()
        self.process.close()

    def analyze(self, deployment: Deployment) -> Analysis:
        """What the pack says of `deployment`."""
        from pulumi.runtime.proto import analyzer_pb2

        from offline import request

        self._connect()
        providers = {
            resource.urn: _built(resource, request.provider, resource)
            for resource in deployment
            if resource.type.startswith("pulumi:providers:")
        }
        found = _Found(self)
        pending: deque[tuple[Resource, Any]] = deque()
        message = analyzer_pb2.AnalyzeStackRequest()
        for resource in deployment:
            pending.append((resource, self._send(_built(resource, request.analyze, resource, providers))))
            message.resources.append(_built(resource, request.stack_resource, resource, providers))
            if len(pending) == _IN_FLIGHT:
                self._collect(*pending.popleft(), found)
        while pending:
            self._collect(*pending.popleft(), found)
        # The engine blames the stack for what a rule says of a URN that isn't in it.
        known = {resource.urn for resource in deployment}
        root = next((urn for urn in known if "::pulumi:pulumi:Stack::" in urn), "")
        if reply := self._call("AnalyzeStack", message, optional=True):
            found.add(reply, lambda urn: urn if urn in known else root)
        return found.analysis()

    # --- the protocol -----------------------------------------------------------------------------

    def _connect(self) -> None:
        if self._stub is not None:
            return
        import grpc
        from google.protobuf import empty_pb2
        from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

        self._channel = grpc.insecure_channel(f"127.0.0.1:{self.process.port()}", options=_CHANNEL_OPTIONS)
        self._stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)
        if self._project is not None:
            stack = analyzer_pb2.AnalyzerStackConfigureRequest(
                stack=self._project.stack,
                project=self._project.name,
                organization="organization",
                dry_run=self._dry_run,
                config=dict(self._project.config),
                config_secret_keys=self._project.secret_keys,
            )
            self._call("ConfigureStack", stack, optional=True)
        info = self._call("GetAnalyzerInfo", empty_pb2.Empty())
        self.name = info.name
        self.version = self.version or info.version
        self.policies = [from_info(item) for item in info.policies]
        initial = {
            name: PolicyConfig(level_name(item.enforcementLevel), to_dict(item.properties))
            for name, item in info.initialConfig.items()
        }
        if not info.supportsConfig:
            if self._config:
                raise OfflineError(f"policy pack {self.folder}: does not support config")
            return
        try:
            settled = reconcile(self.policies, initial, self._config or {})
        except ValueError as error:
            raise OfflineError(f"validating policy config for {self.name}: {error}") from error
        message = analyzer_pb2.ConfigureAnalyzerRequest()
        for name, item in settled.items():
            target = message.policyConfig[name]
            target.enforcementLevel = analyzer_pb2.EnforcementLevel.Value(item.level.upper())
            target.properties.update(item.properties)
        self._call("Configure", message)
        self.policies = [replace(policy, level=settled[policy.name].level) for policy in self.policies]

    def _call(self, method: str, message: Any, *, optional: bool = False) -> Any:
        import grpc

        try:
            return getattr(self._stub, method)(message, timeout=CALL_SECONDS)
        except grpc.RpcError as error:
            if optional and error.code() == grpc.StatusCode.UNIMPLEMENTED:  # type: ignore[attr-defined]
                return None
            raise self._rpc_error(method, "", error) from error

    def _send(self, message: Any) -> Any:
        return self._stub.Analyze.future(message, timeout=CALL_SECONDS)

    def _collect(self, resource: Resource, reply: Any, found: _Found) -> None:
        import grpc

        try:
            result = reply.result()
        except grpc.RpcError as error:
            raise self._rpc_error("Analyze", f" of {resource.urn}", error) from error
        found.add(result, lambda urn: urn or resource.urn)

    def _rpc_error(self, method: str, what: str, error: Any) -> OfflineError:
        import grpc

        details = " ".join((error.details() or str(error.code())).split())
        if error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
            return self.process.failure(f"{method}{what} took more than {CALL_SECONDS:.0f} seconds")
        if error.code() == grpc.StatusCode.UNAVAILABLE and self.process.has_ended():
            return self.process.failure(f"stopped during {method}{what}")
        if error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and (size := re.search(r"\d{7,}", details)):
            return OfflineError(
                f"policy pack {self.folder}: {method}{what}: its reply has {int(size[0]) / 2**20:.1f} MiB; "
                f"Pulumi takes {REPLY_BYTES / 2**20:.0f} MiB at most"
            )
        return OfflineError(f"policy pack {self.folder}: {method}{what} failed: {details}")


class _Found:
    """What a pack's replies say, in the terms of this package."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._severities = {policy.name: policy.severity for policy in pack.policies}
        self._violations: list[Violation] = []
        self._not_applicable: set[tuple[str, str]] = set()

    def add(self, reply: Any, place: Callable[[str], str]) -> None:
        for item in reply.diagnostics:
            # Remediations aren't run, so what one would have repaired is still broken.
            level = level_name(item.enforcementLevel)
            self._violations.append(
                Violation(
                    item.policyPackName or self._pack.name,
                    item.policyName,
                    "mandatory" if level == "remediate" else level,
                    severity_name(item.severity) or self._severities.get(item.policyName, ""),
                    place(item.urn),
                    item.description,
                    item.message,
                )
            )
        self._not_applicable.update((item.policy_name, item.reason) for item in reply.not_applicable)

    def analysis(self) -> Analysis:
        return Analysis(
            sorted(self._violations, key=lambda item: (item.urn, item.policy, item.message)),
            [NotApplicable(self._pack.name, policy, reason) for policy, reason in sorted(self._not_applicable)],
        )


def _built(resource: Resource, build: Callable[..., Any], *arguments: Any) -> Any:
    """A message about `resource`, which a foreign export may give values that no message can hold."""
    try:
        return build(*arguments)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise OfflineError(f"{resource.urn} can't be sent to a policy pack: {type(error).__name__}: {error}") from error
