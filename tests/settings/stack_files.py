"""The smallest stack file, ways to change it in one place, and what is said about it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

import settings
from settings.mistake import Model

Change = Callable[[dict[str, Any]], object]
ECR_IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:1.2"
_GONE = object()


def _leaves(model: type[Model]) -> list[type[Model]]:
    """The models that a stack file is made of: those that no other one adds to."""
    return [leaf for each in model.__subclasses__() for leaf in _leaves(each)] or [model]


MODELS = _leaves(Model)


def service(**changes: Any) -> dict[str, Any]:
    """The smallest service, with other values for some of its keys."""
    return {"containers": {"web": {"image": "nginx:1.27", "port": 8080}}, "loadBalancer": {}} | changes


def native(**changes: Any) -> dict[str, Any]:
    """The smallest service under the ECS controller, which speaks HTTP, with other values for some of its keys."""
    web = {"image": "nginx:1.27", "port": 8080, "appProtocol": "http"}
    return service(containers={"web": web}, deployment={"controller": "ECS"}) | changes


def mesh(**changes: Any) -> dict[str, Any]:
    """The smallest service that is reached through the mesh alone, with other values for some of its keys."""
    return native(loadBalancer=None, serviceConnect={"port": 8080}) | changes


def delivered(given: dict[str, Any], **pipeline: Any) -> dict[str, Any]:
    """A service with the smallest pipeline, or one with other values for some of its keys."""
    source = {"provider": "CodeCommit", "repository": "shop", "branch": "main"}
    deployment = given.get("deployment", {})
    owned = {"taskDefinitionOwner": "pipeline"} if deployment.get("controller") == "ECS" else {}
    return given | {
        "imageRepository": {"name": "shop", "mutableTags": ["latest"]},
        "pipeline": {"source": source, **pipeline},
        "deployment": deployment | owned,
    }


def stack(**services: Any) -> dict[str, Any]:
    """A stack file of these services, of the smallest one where there are none."""
    return {"services": services or {"shop": service()}}


def put(path: str, value: Any, file: dict[str, Any] | None = None) -> dict[str, Any]:
    """The smallest stack file, or `file`, with `value` at a path such as `services.shop.cpu`."""
    changed = copy.deepcopy(file or stack())
    *parents, last = path.split(".")
    at: Any = changed
    for part in parents:
        at[part] = at.get(part) or {}
        at = at[part]
    if value is _GONE:
        del at[last]
    else:
        at[last] = value
    return changed


def without(path: str) -> dict[str, Any]:
    """The smallest stack file without the key at `path`."""
    return put(path, _GONE)


def merged(file: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """`file` with other values by path, whose dots are written as two underscores."""
    for path, value in changes.items():
        file = put(path.replace("__", "."), value, file)
    return file


def dumped(file: dict[str, Any], *path: str) -> Any:
    """What a stack file means, at a path."""
    value = settings.parse(file).model_dump(by_alias=True)
    for part in path:
        value = value[part]
    return value


def refusal(file: dict[str, Any]) -> str:
    """The whole message about a stack file that is refused."""
    with pytest.raises(settings.SettingsError) as caught:
        settings.parse(file)
    return str(caught.value)


def message(*lines: str) -> str:
    """The whole message that these lines, without the project's prefix, make."""
    count = "1 setting" if len(lines) == 1 else f"{len(lines)} settings"
    head = f"{count} of this stack can't be used, so nothing was created:"
    return "\n".join([head, *(f"  ecs-blue-green:{line}" for line in lines)])
