"""Resources as the engine sends them to a policy pack.

Secrets travel wrapped, in plain text; unknown values as their sentinel; references to resources as an
id or, for components, a URN; properties that start with `__` don't travel. See `analyzer_plugin.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.runtime.proto import analyzer_pb2

from offline.deployment import Resource
from offline.value import RESOURCE, SIGNATURE, UNKNOWN, Secret, Value, to_struct

Providers = Mapping[str, Any]
"""Provider URN -> its message."""


def analyze(resource: Resource, providers: Providers) -> Any:
    """An AnalyzeRequest: one resource with its checked inputs."""
    message = analyzer_pb2.AnalyzeRequest(**_identity(resource, providers))
    to_struct(_properties(resource.inputs), message.properties)
    return message


def stack_resource(resource: Resource, providers: Providers) -> Any:
    """An AnalyzerResource of AnalyzeStack: one resource with its outputs and its edges."""
    message = analyzer_pb2.AnalyzerResource(
        **_identity(resource, providers), parent=resource.parent, dependencies=resource.dependencies
    )
    for key, urns in resource.property_dependencies.items():
        if urns:
            message.propertyDependencies[key].urns.extend(urns)
    to_struct(_properties(resource.outputs), message.properties)
    return message


def provider(resource: Resource) -> Any:
    """The provider that goes along with the resources it manages."""
    message = analyzer_pb2.AnalyzerProviderResource(urn=resource.urn, type=resource.type, name=resource.name)
    to_struct(_properties(resource.inputs), message.properties)
    return message


def _identity(resource: Resource, providers: Providers) -> dict[str, Any]:
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "options": _options(resource),
        "provider": providers.get(resource.provider_urn),
    }


def _options(resource: Resource) -> Any:
    return analyzer_pb2.AnalyzerResourceOptions(
        protect=resource.protect,
        ignoreChanges=resource.ignore_changes,
        deleteBeforeReplace=bool(resource.delete_before_replace),
        deleteBeforeReplaceDefined=resource.delete_before_replace is not None,
        additionalSecretOutputs=resource.additional_secret_outputs,
        aliases=resource.aliases,
        customTimeouts=analyzer_pb2.AnalyzerResourceOptions.CustomTimeouts(**resource.custom_timeouts),
        parent=resource.parent,
    )


def _properties(properties: Mapping[str, Value]) -> dict[str, Value]:
    return {key: _without_references(value) for key, value in properties.items() if not key.startswith("__")}


def _without_references(value: Value) -> Value:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == RESOURCE:
            return (value["id"] or UNKNOWN) if "id" in value else value.get("urn")
        return {key: _without_references(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_references(item) for item in value]
    if isinstance(value, Secret):
        return Secret(_without_references(value.value))
    return value
