"""What tests ask of a recorded resource graph."""

from collections.abc import Mapping
from typing import Any

from offline.deployment import Deployment, Resource


def only(deployment: Deployment, type_: str) -> Resource:
    """The one resource of its type."""
    (resource,) = deployment.of_type(type_)
    return resource


def needs(deployment: Deployment, resource: Resource) -> set[str]:
    """URNs of all that must exist before a resource, and is deleted after it."""
    by_urn, found, waiting = deployment.by_urn(), set(), [resource.urn]
    while waiting:
        direct = set(by_urn[waiting.pop()].dependencies) & by_urn.keys()
        waiting += direct - found
        found |= direct
    return found


def named(deployment: Deployment, value: Any) -> Any:
    """A property's value, with what identifies other resources of the stack put as `TargetGroup app-blue arn`."""
    texts: dict[Any, str] = {}
    for resource in deployment:
        for key in ("id", "name", "arn") if resource.custom else ():
            # The id of a task definition is its family, which other things may be called too.
            if key != "id" or resource.id != resource.inputs.get("family"):
                texts[resource.outputs.get(key)] = f"{resource.type.rpartition(':')[2]} {resource.name} {key}"
    return _put(value, texts)


def _put(value: Any, texts: Mapping[Any, str]) -> Any:
    if isinstance(value, dict):
        return {key: _put(item, texts) for key, item in value.items()}
    if isinstance(value, list):
        return [_put(item, texts) for item in value]
    return texts.get(value, value) if isinstance(value, str) else value


def unreadable(deployment: Deployment) -> set[str]:
    """The resources whose documents are not known yet, so that nobody can review them, by logical name."""
    kinds = ("policy", "containerDefinitions", "assumeRolePolicy")
    documents = [(r.name, r.inputs[kind]) for r in deployment for kind in kinds if kind in r.inputs]
    return {name for name, text in documents if not text.startswith(("{", "["))}
