"""Resource graphs in plain data, as the engine would show them to a pack."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from finding import Finding
from judge import in_order, judge
from options import Options
from resources import Resource
from rule import Rule
from rules import RULES
from stack import Stack
from value import UNKNOWN


class Ref(NamedTuple):
    """A property of another resource of the graph: unknown at a first preview, unless an input."""

    name: str
    prop: str


@dataclass(frozen=True)
class Text:
    """Text put together from parts: unknown as long as one of them is."""

    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Document:
    """JSON text of a document with references inside: unknown as long as one of them is."""

    content: Any


@dataclass
class Declared:
    """One resource: what the program gives, and what the provider fills in."""

    name: str
    type: str
    inputs: dict[str, Any]
    computed: dict[str, Any] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    parent: str = ""
    protect: bool = False


class Graph:
    """Resources by name. A test breaks a known-good graph in one place."""

    def __init__(self, stack: str = "prod") -> None:
        self.stack = stack
        self.provider: dict[str, Any] = {}
        self.resources: dict[str, Declared] = {}

    def add(self, name: str, type_: str, inputs: dict[str, Any], **computed: Any) -> Declared:
        self.resources[name] = copy.deepcopy(Declared(name, type_, inputs, computed))
        return self.resources[name]

    def copy(self) -> Graph:
        return copy.deepcopy(self)

    def __getitem__(self, name: str) -> dict[str, Any]:
        return self.resources[name].inputs

    def put(self, name: str, path: str, value: Any) -> Graph:
        """Sets an input by path, `a.b[0].c`."""
        put_at(self[name], path, value)
        return self

    def drop(self, name: str, path: str) -> Graph:
        """Removes an input by path."""
        *steps, last = _steps(path)
        here: Any = self[name]
        for step in steps:
            here = here[step]
        del here[last]
        return self

    def ignore(self, name: str, *props: str) -> Graph:
        """Sets the `ignoreChanges` option."""
        self.resources[name].ignored = list(props)
        return self

    def protect(self, *names: str) -> Graph:
        """Sets the `protect` option."""
        for name in names:
            self.resources[name].protect = True
        return self

    def rename(self, old: str, new: str) -> Graph:
        """Changes the type tokens that start with `old`."""
        for declared in self.resources.values():
            if declared.type.startswith(old):
                declared.type = new + declared.type.removeprefix(old)
        return self

    def urn(self, name: str) -> str:
        declared = self.resources[name]
        type_ = f"{declared.parent}${declared.type}" if declared.parent else declared.type
        return f"urn:pulumi:{self.stack}::shop::{type_}::{name}"

    def inputs(self, name: str, *, preview: bool = False) -> dict[str, Any]:
        """The checked inputs."""
        return self._resolve(self[name], preview)

    def outputs(self, name: str, *, preview: bool = False) -> dict[str, Any]:
        """The outputs; what the provider fills in is unknown at a first preview."""
        computed = self.resources[name].computed
        filled = dict.fromkeys(computed, UNKNOWN) if preview else self._resolve(computed, preview)
        return {**filled, **self.inputs(name, preview=preview)}

    def property_dependencies(self, name: str) -> dict[str, list[str]]:
        found = {
            prop: sorted({self.urn(ref.name) for ref in _refs(value) if ref.name in self.resources})
            for prop, value in self[name].items()
        }
        return {prop: urns for prop, urns in found.items() if urns}

    def dependencies(self, name: str) -> list[str]:
        return sorted({urn for urns in self.property_dependencies(name).values() for urn in urns})

    def _resolve(self, value: Any, preview: bool) -> Any:
        if isinstance(value, Ref):
            target = self.resources[value.name]
            if value.prop in target.inputs:
                return self._resolve(target.inputs[value.prop], preview)
            return UNKNOWN if preview else target.computed.get(value.prop)
        if isinstance(value, dict):
            return {key: self._resolve(item, preview) for key, item in value.items()}
        if isinstance(value, list):
            return [self._resolve(item, preview) for item in value]
        if isinstance(value, Text):
            parts = [self._resolve(part, preview) for part in value.parts]
            return UNKNOWN if UNKNOWN in parts else "".join(map(str, parts))
        if isinstance(value, Document):
            content = self._resolve(value.content, preview)
            return UNKNOWN if _holds_unknown(content) else json.dumps(content)
        return value


@dataclass
class Plain:
    """A `resources.Source` over plain data."""

    props: dict[str, Any]
    ignored: list[str]
    parent_urn: str = ""
    depends: list[str] = field(default_factory=list)
    prop_depends: dict[str, list[str]] = field(default_factory=dict)
    protected: bool = False
    provider_props: dict[str, Any] = field(default_factory=dict)
    given_inputs: frozenset[str] | None = None

    def prop(self, name: str) -> Any:
        return self.props.get(name)

    def ignore_changes(self) -> list[str]:
        return self.ignored

    def protect(self) -> bool:
        return self.protected

    def parent(self) -> str:
        return self.parent_urn

    def provider(self, name: str) -> Any:
        return self.provider_props.get(name)

    def given(self) -> frozenset[str] | None:
        return self.given_inputs

    def dependencies(self) -> list[str]:
        return self.depends

    def property_dependencies(self) -> dict[str, list[str]]:
        return self.prop_depends


Found = tuple[str, str, str, str]
"""Rule id, resource name, property path, verdict."""


def found(graph: Graph, *, preview: bool = False, config: dict[str, dict[str, Any]] | None = None) -> list[Found]:
    """What the whole pack finds, by its pure functions."""
    return [
        (finding.rule, finding.urn.split("::")[-1], finding.path, str(finding.verdict))
        for finding in findings(graph, preview=preview, config=config)
    ]


def findings(
    graph: Graph,
    *,
    preview: bool = False,
    config: Mapping[str, Mapping[str, Any]] | None = None,
    rules: Sequence[Rule] = RULES,
) -> list[Finding]:
    """The findings of these rules, alone and in the stack."""
    options = {rule.id: Options(rule, (config or {}).get(rule.id)) for rule in rules}
    stack = Stack(_resource(graph, name, in_stack=True, preview=preview) for name in graph.resources)
    alone = (
        finding
        for name in graph.resources
        for resource in [_resource(graph, name, in_stack=False, preview=preview)]
        for rule in rules
        if resource.kind in rule.resource_checks
        for finding in judge(rule, options[rule.id], resource, None)
    )
    together = (
        finding
        for rule in rules
        for resource in stack.of(*rule.stack_checks)
        for finding in judge(rule, options[rule.id], resource, stack)
    )
    return in_order([*alone, *together])


def _resource(graph: Graph, name: str, *, in_stack: bool, preview: bool) -> Resource:
    declared = graph.resources[name]
    props = graph.outputs if in_stack else graph.inputs
    parent = f"urn:pulumi:{graph.stack}::shop::{declared.parent}::{name}" if declared.parent else ""
    source = Plain(props(name, preview=preview), declared.ignored, parent)
    source.protected = declared.protect
    source.provider_props = graph.provider
    source.given_inputs = frozenset(key for key, value in declared.inputs.items() if value not in (None, []))
    if in_stack:
        source.prop_depends = graph.property_dependencies(name)
        source.depends = sorted({urn for urns in source.prop_depends.values() for urn in urns})
    return Resource(graph.urn(name), declared.type, source)


def put_at(holder: Any, path: str, value: Any) -> None:
    """Sets what lies at a path inside of plain data; objects that are missing are made."""
    *steps, last = _steps(path)
    for step in steps:
        holder = holder.setdefault(step, {}) if isinstance(step, str) else holder[step]
    holder[last] = value


def _steps(path: str) -> list[str | int]:
    return [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path)]


def _refs(value: Any) -> Iterator[Ref]:
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _refs(item)
    elif isinstance(value, list | Text | Document):
        inside = value if isinstance(value, list) else value.parts if isinstance(value, Text) else [value.content]
        for item in inside:
            yield from _refs(item)


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(_holds_unknown(item) for item in (value.values() if isinstance(value, dict) else value))
    return value is UNKNOWN


Change = Callable[[Graph], object]
