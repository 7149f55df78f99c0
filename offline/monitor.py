"""The resource monitor the program talks to: records what it registers, answers as the engine would."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from google.protobuf import empty_pb2
from pulumi.runtime.mocks import MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import engine_pb2, resource_pb2

from offline import awsx
from offline.aws import Aws
from offline.computed import digest
from offline.deployment import STACK, Deployment, Diagnostic, Resource, in_order
from offline.hooks import Hooks, bound
from offline.lookup import look_up, zones
from offline.place import Place
from offline.project import Project
from offline.value import UNKNOWN, Secret, Value, from_struct, to_struct


class Refused(Exception):
    """The engine or the provider wouldn't take a registration; `where` is `file:line` in the program."""

    def __init__(self, problem: str, where: str = "") -> None:
        super().__init__(problem)
        self.where = where


class _NoMocks(Mocks):
    """The base class wants mocks; every call that would use them is overridden."""

    def call(self, args: Any) -> Any:
        raise NotImplementedError

    def new_resource(self, args: MockResourceArgs) -> Any:
        raise NotImplementedError


class Monitor(MockMonitor):
    """Records one run of a program.

    Args:
        first_preview: nothing exists yet: ids and computed outputs are unknown.
    """

    def __init__(self, project: Project, aws: Aws, first_preview: bool = False) -> None:
        super().__init__(_NoMocks())
        self.project = project
        self.aws = aws
        self.first_preview = first_preview
        self._root = project.root.resolve()
        self.recorded: dict[str, Resource] = {}
        self.diagnostics: list[Diagnostic] = []
        self.hooks = Hooks()

    def deployment(self) -> Deployment:
        """What has been recorded."""
        return Deployment(in_order(self.recorded.values()), self.diagnostics, self.hooks.registered)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  (gRPC method names)
        """A resource the program declares. Raises Refused if engine or provider wouldn't take it."""
        where = _where(request)
        try:
            return self._register(request)
        except ValueError as error:
            raise Refused(f"{request.type} ({request.name}): {error}", where) from error
        except Refused as error:
            error.where = error.where or where
            raise

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        """A resource the program reads by id (`Resource.get`)."""
        resource = self._new(request)
        resource.custom = resource.external = True
        resource.inputs = from_struct(request.properties)
        resource.provider = self._provider(request)
        resource.id, computed = self._create(resource, request.id)
        resource.outputs = {**resource.inputs, **computed}
        response = resource_pb2.ReadResourceResponse(urn=resource.urn)
        to_struct(resource.outputs, response.properties)
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        """The outputs of a component, or the exports of the stack."""
        self.recorded[request.urn].outputs = from_struct(request.outputs)
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        """A lookup. Raises Refused for one that has no offline answer."""
        args = from_struct(request.args)
        if request.tok == "pulumi:pulumi:getResource":
            resource = self.recorded[args["urn"]]
            answer = {"urn": resource.urn, "id": resource.id, "state": resource.outputs}
        else:
            try:
                answer = look_up(request.tok, args, self._place(request.provider))
            except ValueError as error:
                raise Refused(str(error), _where(request)) from error
        response = resource_pb2.ResourceInvokeResponse()
        to_struct(answer, getattr(response, "return"))
        return response

    def ExistsResource(self, request: Any) -> Any:  # noqa: N802
        """Whether a resource of this type and id has been declared."""
        exists = any(resource.type == request.type and resource.id == request.id for resource in self.recorded.values())
        return resource_pb2.ExistsResourceResponse(exists=exists, unknown=self.first_preview)

    def Log(self, request: Any) -> None:  # noqa: N802
        """The engine's side of `pulumi.log`; debug lines are dropped."""
        if request.severity != engine_pb2.DEBUG:
            severity = engine_pb2.LogSeverity.Name(request.severity).lower()
            self.diagnostics.append(Diagnostic(severity, request.message, request.urn))

    def _register(self, request: Any) -> Any:
        resource = self._new(request)
        resource.inputs = from_struct(request.object)
        resource.protect = request.protect
        resource.retain_on_delete = request.retainOnDelete
        resource.ignore_changes = list(request.ignoreChanges)
        resource.replace_on_changes = list(request.replaceOnChanges)
        resource.additional_secret_outputs = list(request.additionalSecretOutputs)
        resource.aliases = [_alias(alias, resource, self.project) for alias in request.aliases]
        resource.custom_timeouts = _timeouts(request.customTimeouts)
        resource.deleted_with = request.deletedWith
        resource.import_id = request.importId
        resource.hooks = bound(request.hooks)
        if request.deleteBeforeReplaceDefined:
            resource.delete_before_replace = request.deleteBeforeReplace
        response = resource_pb2.RegisterResourceResponse(urn=resource.urn)
        if request.remote:
            self._construct(resource, request, response)
        elif request.custom:
            resource.custom = True
            resource.provider = self._provider(request)
            added = self._settle(resource, request.importId)
            response.id = resource.id
            response.object.CopyFrom(request.object)
            to_struct(added, response.object)
        return response

    def _new(self, request: Any) -> Resource:
        urn = self._urn(request.parent, request.type, request.name)
        if urn in self.recorded:
            raise Refused(f"Duplicate resource URN '{urn}'; try giving it a unique name")
        resource = Resource(urn, request.type, parent=request.parent)
        resource.dependencies = sorted(request.dependencies)
        resource.source = self._source(request.sourcePosition)
        if isinstance(request, resource_pb2.RegisterResourceRequest):
            resource.property_dependencies = {
                key: sorted(set(dependencies.urns))
                for key, dependencies in sorted(request.propertyDependencies.items())
            }
        self.recorded[urn] = resource
        return resource

    def _source(self, position: Any) -> str:
        path = Path(unquote(position.uri.removeprefix("file://")))
        if not path.is_relative_to(self._root):
            return ""
        return f"project:///{path.relative_to(self._root).as_posix()}#{position.line}"

    def _urn(self, parent: str, type_: str, name: str) -> str:
        parent_type = parent.split("::")[2] if parent else ""
        qualified = f"{parent_type}${type_}" if parent_type not in ("", STACK) else type_
        return f"urn:pulumi:{self.project.stack}::{self.project.name}::{qualified}::{name}"

    def _settle(self, resource: Resource, id_: str = "") -> dict[str, Value]:
        """Check and create; returns what the program didn't declare itself."""
        declared = resource.inputs
        if resource.type.startswith("aws:"):
            resource.inputs = self.aws.check(resource.type, resource.name, resource.urn, resource.inputs)
        resource.id, computed = self._create(resource, id_)
        for key in resource.additional_secret_outputs:
            if key in computed and not isinstance(computed[key], Secret):
                computed[key] = Secret(computed[key])
        resource.outputs = {**resource.inputs, **computed}
        return {
            key: value for key, value in resource.outputs.items() if key not in declared or declared[key] is not value
        }

    def _create(self, resource: Resource, id_: str) -> tuple[str, dict[str, Value]]:
        type_ = resource.type
        if type_.startswith("pulumi:providers:"):
            id_, computed = str(uuid.UUID(digest(resource.urn)[:32])), {}
        elif type_.startswith("aws:"):
            id_, computed = self.aws.create(
                type_, resource.name, resource.urn, resource.inputs, id_, self._place(resource.provider)
            )
            computed = {**computed, "id": id_ or UNKNOWN}  # an output too, to the provider
        else:
            id_, computed = id_ or f"{resource.name}-{digest(resource.urn)[:8]}", {}
        if not self.first_preview or resource.external:
            return id_, computed
        return "", {key: value if key == "tagsAll" else UNKNOWN for key, value in computed.items()}

    def _place(self, provider: str) -> Place:
        """Where the resources of a provider live: a program's own provider may have another region."""
        found = self.recorded.get(provider.rpartition("::")[0])
        region = found.inputs.get("region") if found else None
        if not isinstance(region, str) or region == UNKNOWN:
            return self.aws.place
        return Place(region, self.aws.place.account)

    def _construct(self, component: Resource, request: Any, response: Any) -> None:
        if component.type != awsx.VPC:
            raise ValueError("this remote component has no offline stand-in")
        self._default_provider("awsx", request.version)
        provider = request.providers.get("aws") or self._default_provider("aws", "")

        def register(type_: str, name: str, parent: Resource, inputs: Mapping[str, Any]) -> Resource:
            child = Resource(self._urn(parent.urn, type_, name), type_, custom=True)
            child.parent, child.provider, child.protect = parent.urn, provider, component.protect
            child.inputs = {key: _resolved(value) for key, value in inputs.items()}
            child.property_dependencies = {key: sorted(_sources(value)) for key, value in sorted(inputs.items())}
            before = {urn for urns in child.property_dependencies.values() for urn in urns}
            child.dependencies = sorted(before | ({parent.urn} if parent.custom else set()))
            self.recorded[child.urn] = child
            self._settle(child)
            return child

        outputs = awsx.expand(component, zones(self._place(provider)), register)
        component.outputs = {key: _resolved(value) for key, value in outputs.items()}
        to_struct(component.outputs, response.object)
        for key, value in outputs.items():
            response.propertyDependencies[key].urns.extend(sorted(_sources(value)))

    def _provider(self, request: Any) -> str:
        if request.provider:
            return request.provider
        if request.type.startswith("pulumi:providers:"):
            return ""
        return self._default_provider(request.type.split(":")[0], request.version)

    def _default_provider(self, package: str, version: str) -> str:
        """The reference of the provider that the engine makes for resources that name none."""
        if not version and package != "pulumi":
            version = metadata.version(f"pulumi-{package}")
        name = "_".join(["default", *re.split(r"[.+-]", version)]) if version else "default"
        type_ = f"pulumi:providers:{package}"
        urn = self._urn("", type_, name)
        if urn not in self.recorded:
            inputs: dict[str, Value] = {
                key.removeprefix(f"{package}:"): (Secret(value) if key in self.project.secret_keys else value)
                for key, value in self.project.config.items()
                if key.startswith(f"{package}:")
            }
            if version:
                inputs["version"] = version
            provider = Resource(urn, type_, custom=True, inputs=inputs)
            self._settle(provider)
            self.recorded[urn] = provider
        return f"{urn}::{self.recorded[urn].id or UNKNOWN}"


def _resolved(value: Any) -> Value:
    if isinstance(value, list):
        return [_resolved(item) for item in value]
    return value.value if isinstance(value, awsx.Output) else value


def _sources(value: Any) -> set[str]:
    if isinstance(value, list):
        return {urn for item in value for urn in _sources(item)}
    return {value.resource.urn} if isinstance(value, awsx.Output) else set()


def _where(request: Any) -> str:
    position = request.sourcePosition
    return f"{position.uri.removeprefix('file://')}:{position.line}" if position.uri else ""


_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def _timeouts(timeouts: Any) -> dict[str, float]:
    texts = {operation: getattr(timeouts, operation) for operation in ("create", "update", "delete", "read")}
    return {operation: _seconds(text) for operation, text in texts.items() if text}


def _seconds(duration: str) -> float:
    """The seconds of a Go duration ("1h30m"). Raises ValueError if it isn't one."""
    parts = re.findall(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)", duration)
    if "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(f"unable to parse customTimeout Value {duration!r}; write it like 30s, 5m or 1h30m")
    seconds = math.fsum(float(number) * _UNITS[unit] for number, unit in parts)
    return int(seconds) if seconds.is_integer() else seconds


def _alias(alias: Any, resource: Resource, project: Project) -> str:
    """The URN an alias stands for."""
    if alias.urn:
        return alias.urn
    spec = alias.spec
    parent = "" if spec.noParent else (spec.parentUrn or resource.parent)
    parent_type = parent.split("::")[2] if parent else ""
    type_ = spec.type or resource.type
    qualified = f"{parent_type}${type_}" if parent_type not in ("", STACK) else type_
    return "::".join(
        (
            f"urn:pulumi:{spec.stack or project.stack}",
            spec.project or project.name,
            qualified,
            spec.name or resource.name,
        )
    )
