"""Drives a policy pack over its own gRPC protocol, as the engine does.

`Pack` starts the pack's process at once, so that it boots while the program runs, and ends it with the
`with` block. The order of calls and what goes into them follow `analyzer_plugin.go` of the Pulumi CLI:
ConfigureStack, GetAnalyzerInfo, Configure; then Analyze for each resource with its checked inputs, and
AnalyzeStack once with the outputs of all. Remediations aren't run: nothing is to be changed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from offline.errors import OfflineError
from offline.packconfig import PolicyConfig, reconcile
from offline.packprocess import PackProcess

if TYPE_CHECKING:
    from offline.deployment import Deployment, Resource
    from offline.project import Project

CALL_SECONDS = 120.0
"""How long a pack may take for one call before it is given up."""

_IN_FLIGHT = 16
"""Analyze calls sent before the first answer is awaited: the pack works while requests are built."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One finding of a pack.

    Attributes:
        level: mandatory or advisory.
        severity: low, medium, high, critical or "".
        undecided: the rule couldn't judge because a value isn't known yet: after its description its
            message starts with "undecided:"; what the SDK itself says of such a rule, "can't run policy".
    """

    pack: str
    policy: str
    level: str
    severity: str
    urn: str
    message: str
    undecided: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy of a pack. A pack may have two of one name: one per resource, one per stack."""

    name: str
    description: str
    level: str
    severity: str
    schema: Mapping[str, Any]


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

    def analyze(self, deployment: Deployment) -> list[Violation]:
        """What the pack finds in `deployment`, sorted by URN and policy."""
        from pulumi.runtime.proto import analyzer_pb2

        from offline import request

        self._connect()
        providers = {
            resource.urn: request.provider(resource)
            for resource in deployment
            if resource.type.startswith("pulumi:providers:")
        }
        found: list[Violation] = []
        pending: deque[tuple[Resource, Any]] = deque()
        for resource in deployment:
            pending.append((resource, self._send(request.analyze(resource, providers))))
            if len(pending) == _IN_FLIGHT:
                found += self._collect(*pending.popleft())
        while pending:
            found += self._collect(*pending.popleft())
        message = analyzer_pb2.AnalyzeStackRequest(
            resources=[request.stack_resource(resource, providers) for resource in deployment]
        )
        reply = self._call("AnalyzeStack", message)
        # The engine blames the stack for what a rule says of a URN that isn't in it.
        known = {resource.urn for resource in deployment}
        root = next((urn for urn in known if "::pulumi:pulumi:Stack::" in urn), "")
        found += self._violations(reply, lambda urn: urn if urn in known else root)
        return sorted(found, key=lambda item: (item.urn, item.policy, item.message))

    # --- the protocol -----------------------------------------------------------------------------

    def _connect(self) -> None:
        if self._stub is not None:
            return
        import grpc
        from google.protobuf import empty_pb2
        from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

        unlimited = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
        self._channel = grpc.insecure_channel(f"127.0.0.1:{self.process.port()}", options=unlimited)
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
        self.policies = [_policy(item) for item in info.policies]
        initial = {
            name: PolicyConfig(_level(item.enforcementLevel), _to_dict(item.properties))
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

    def _collect(self, resource: Resource, reply: Any) -> Iterator[Violation]:
        import grpc

        try:
            result = reply.result()
        except grpc.RpcError as error:
            raise self._rpc_error("Analyze", f" of {resource.urn}", error) from error
        return self._violations(result, lambda urn: urn or resource.urn)

    def _rpc_error(self, method: str, what: str, error: Any) -> OfflineError:
        import grpc

        if error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
            return self.process.failure(f"{method}{what} took more than {CALL_SECONDS:.0f} seconds")
        details = " ".join((error.details() or str(error.code())).split())
        return OfflineError(f"policy pack {self.folder}: {method}{what} failed: {details}")

    def _violations(self, reply: Any, place: Any) -> Iterator[Violation]:
        severities = {policy.name: policy.severity for policy in self.policies}
        for item in reply.diagnostics:
            # Remediations aren't run, so what one would have repaired is still broken.
            level = _level(item.enforcementLevel)
            yield Violation(
                item.policyPackName or self.name,
                item.policyName,
                "mandatory" if level == "remediate" else level,
                _severity(item.severity) or severities.get(item.policyName, ""),
                place(item.urn),
                item.message,
                _is_undecided(item),
            )


def _is_undecided(diagnostic: Any) -> bool:
    said = diagnostic.message.removeprefix(diagnostic.description).lstrip()
    return said.startswith(("undecided:", "can't run policy"))


def _to_dict(struct: Any) -> dict[str, Any]:
    from google.protobuf.json_format import MessageToDict

    return MessageToDict(struct)


def _policy(item: Any) -> Policy:
    schema = {
        "properties": _to_dict(item.configSchema.properties),
        "required": list(item.configSchema.required),
    }
    level = _level(item.enforcementLevel)
    return Policy(item.name, item.description, level, _severity(item.severity), schema)


def _level(value: int) -> str:
    from pulumi.runtime.proto import analyzer_pb2

    return analyzer_pb2.EnforcementLevel.Name(value).lower()  # type: ignore[arg-type]


def _severity(value: int) -> str:
    from pulumi.runtime.proto import analyzer_pb2

    name = analyzer_pb2.PolicySeverity.Name(value)  # type: ignore[arg-type]
    severity = name.removeprefix("POLICY_SEVERITY_").lower()
    return "" if severity == "unspecified" else severity
