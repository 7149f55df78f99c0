"""A pack that sees many variants of one stack, and is told only what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.policies.graph import Graph
from tests.policies.pack import Line, Pack, resource_request, stack_request


class Session:
    """Checks stacks as `Pack.check` does, but sends a resource alone only if the pack last saw another one."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._config: Mapping[str, Any] | None = None
        self._seen: dict[str, bytes] = {}
        self._lines: dict[str, list[Line]] = {}

    def check(
        self, graph: Graph, config: Mapping[str, Mapping[str, Any]] | None = None, *, preview: bool = False
    ) -> list[Line]:
        """All diagnostics: of each resource by itself, then of the stack."""
        if self._config != (config or {}):
            self._config = config or {}
            self._pack.configure(self._config)
            self._seen.clear()
        lines = []
        for name in graph.resources:
            request = resource_request(graph, name, preview=preview)
            seen = request.SerializeToString(deterministic=True)
            if self._seen.get(request.urn) != seen:
                self._lines[request.urn] = self._pack.analyze(request)
                self._seen[request.urn] = seen
            lines += self._lines[request.urn]
        return lines + self._pack.analyze_stack(stack_request(graph, preview=preview))
