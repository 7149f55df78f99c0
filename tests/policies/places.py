"""The places of a stack where something else can be put."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.policies.graph import Graph, put_at


class Place(NamedTuple):
    """A value of a resource: at a path, and perhaps inside the JSON text that lies there."""

    name: str
    path: str
    document: str = ""
    inside: str = ""

    def put(self, graph: Graph, value: Any) -> Graph:
        """Puts something else there."""
        if not self.document:
            return graph.put(self.name, self.path, value)
        content = json.loads(self.document)
        put_at(content, self.inside, value)
        return graph.put(self.name, self.path, json.dumps(content))


def leaves(graph: Graph, name: str) -> Iterator[Place]:
    """The values of a resource that hold no others, also in documents."""
    for path, value in walk(graph[name]):
        if not _holds_others(value):
            yield Place(name, path)
        if isinstance(value, str) and value.startswith(("{", "[")):
            for inside, item in walk(json.loads(value)):
                if not _holds_others(item):
                    yield Place(name, path, value, inside)


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Everything inside of plain data, with the path that leads there."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, f"{path}.{key}".lstrip("."))
    elif type(value) is list:
        for index, item in enumerate(value):
            yield from walk(item, f"{path}[{index}]")


def _holds_others(value: Any) -> bool:
    return bool(value) and (isinstance(value, dict) or type(value) is list)
