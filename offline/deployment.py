"""The resource graph, and its written form: a deployment export as `pulumi stack export` prints it."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from offline.errors import OfflineError
from offline.value import Value, from_json, to_json

VERSION = 3
_VERSIONS = (3, 4)  # 4 is 3 with a list of features that older engines don't know
STACK = "pulumi:pulumi:Stack"


@dataclass(slots=True)
class Resource:
    """One resource of a stack, as the engine keeps it in the state.

    Attributes:
        id: the provider's id; "" for components and while it isn't known.
        inputs: the properties after the provider's check: what the program declared, plus automatic
            names and defaults.
        outputs: for a custom resource its inputs and what the provider computed; for a component
            what it registered.
        parent, dependencies, property_dependencies, deleted_with: URNs.
        provider: `<URN>::<id>` of the provider that manages it.
        aliases: the URNs it may have had before.
        custom_timeouts: seconds by operation (create, update, delete, read).
        external: read (`Resource.get`), not managed.
        hooks: the names of its resource hooks by type (BeforeUpdate, ...).
        source: where the program declares it: `project:///components/network.py#20`.
        delete_before_replace: what the program asked for; not part of the state.
    """

    urn: str
    type: str
    custom: bool = False
    id: str = ""
    inputs: dict[str, Value] = field(default_factory=dict)
    outputs: dict[str, Value] = field(default_factory=dict)
    parent: str = ""
    protect: bool = False
    external: bool = False
    dependencies: list[str] = field(default_factory=list)
    provider: str = ""
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)
    import_id: str = ""
    retain_on_delete: bool = False
    deleted_with: str = ""
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    hooks: dict[str, list[str]] = field(default_factory=dict)
    source: str = field(default="", compare=False)
    delete_before_replace: bool | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """The logical name: the last part of the URN."""
        return self.urn.split("::", 3)[-1]

    @property
    def provider_urn(self) -> str:
        """The URN in `provider`, "" if it has none."""
        return self.provider.rpartition("::")[0]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A line the program logged: `severity` is info, warning or error; `urn` may be ""."""

    severity: str
    message: str
    urn: str = ""


@dataclass
class Deployment:
    """A stack's resources, each after everything it depends on, what the program logged, and its hooks by name."""

    resources: list[Resource] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list, compare=False)
    hooks: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources)

    def __len__(self) -> int:
        return len(self.resources)

    def of_type(self, type_: str) -> list[Resource]:
        """The resources of a type token, in order."""
        return [resource for resource in self.resources if resource.type == type_]

    def find(self, type_: str, name: str) -> Resource:
        """The one resource of this type token and logical name. Raises KeyError if there isn't one."""
        found = [resource for resource in self.of_type(type_) if resource.name == name]
        if len(found) != 1:
            names = sorted(resource.name for resource in self.of_type(type_))
            raise KeyError(f"{len(found)} resources {type_} named {name!r}; of that type: {names}")
        return found[0]

    def by_urn(self) -> dict[str, Resource]:
        """The resources by URN."""
        return {resource.urn: resource for resource in self.resources}

    def children(self, urn: str) -> list[Resource]:
        """The resources whose parent is `urn`, in order."""
        return [resource for resource in self.resources if resource.parent == urn]

    @property
    def stack(self) -> Resource:
        """The stack itself. Raises KeyError if the deployment has none."""
        for resource in self.resources:
            if resource.type == STACK:
                return resource
        raise KeyError(f"no {STACK} among {len(self.resources)} resources")

    @property
    def outputs(self) -> dict[str, Value]:
        """What the program exported."""
        return self.stack.outputs

    def dump(self) -> str:
        """The deployment export, as text. Secrets are masked: they can't be read back.

        The CLI takes it too: `pulumi policy analyze --file`, which redacts the secrets.
        """
        deployment: dict[str, Any] = {
            "manifest": {"time": "0001-01-01T00:00:00Z", "magic": "", "version": ""},
            # The CLI refuses secrets in a file that doesn't say how they were encrypted.
            "secrets_providers": {"type": "passphrase"},
            "resources": [_to_export(resource) for resource in self.resources],
            "metadata": {},
        }
        return json.dumps({"version": VERSION, "deployment": deployment}, indent=4) + "\n"

    @classmethod
    def load(cls, text: str | bytes, source: str = "export") -> Deployment:
        """The deployment in the text of an export; fields this module doesn't know are dropped.

        So are resources that no longer exist: those that only wait to be deleted, and those that were
        deleted to be replaced. Raises OfflineError, its message starting with `source`, if it isn't one.
        """
        try:
            return cls._from_document(json.loads(text), source)
        except RecursionError:
            raise OfflineError(f"{source}: nested too deeply") from None
        except ValueError as error:
            raise OfflineError(f"{source}: not JSON: {error}") from error

    @classmethod
    def _from_document(cls, document: Any, source: str) -> Deployment:
        deployment = document.get("deployment") if isinstance(document, dict) else None
        if not isinstance(deployment, dict):
            raise OfflineError(
                f"{source}: not a deployment export, which `pulumi stack export` prints: no 'deployment' at the top"
            )
        if document.get("version") not in _VERSIONS:
            raise OfflineError(f"{source}: version is {document.get('version')!r}; understood: 3 and 4")
        items = deployment.get("resources") or []
        if not isinstance(items, list):
            raise OfflineError(f"{source}: deployment.resources: expected a list, was {type(items).__name__}")
        return cls(
            [
                _from_export(item, f"{source}: deployment.resources[{index}]")
                for index, item in enumerate(items)
                if not (isinstance(item, dict) and (item.get("delete") or item.get("pendingReplacement")))
            ]
        )


_FIELDS: tuple[tuple[str, str, type], ...] = (
    # attribute, key in the export, type of both; in the order the CLI writes them
    ("urn", "urn", str),
    ("custom", "custom", bool),
    ("id", "id", str),
    ("type", "type", str),
    ("inputs", "inputs", dict),
    ("outputs", "outputs", dict),
    ("parent", "parent", str),
    ("protect", "protect", bool),
    ("external", "external", bool),
    ("dependencies", "dependencies", list),
    ("provider", "provider", str),
    ("property_dependencies", "propertyDependencies", dict),
    ("additional_secret_outputs", "additionalSecretOutputs", list),
    ("aliases", "aliases", list),
    ("custom_timeouts", "customTimeouts", dict),
    ("import_id", "importID", str),
    ("retain_on_delete", "retainOnDelete", bool),
    ("deleted_with", "deletedWith", str),
    ("ignore_changes", "ignoreChanges", list),
    ("replace_on_changes", "replaceOnChanges", list),
    ("source", "sourcePosition", str),
    ("hooks", "resourceHooks", dict),
)
_REQUIRED = ("urn", "custom", "type")


def _to_export(resource: Resource) -> dict[str, Any]:
    exported: dict[str, Any] = {}
    for attribute, key, _ in _FIELDS:
        value = getattr(resource, attribute)
        if value or attribute in _REQUIRED:
            exported[key] = to_json(value)
    return exported


def _from_export(item: Any, where: str) -> Resource:
    if not isinstance(item, dict):
        raise OfflineError(f"{where}: expected an object, was {type(item).__name__}")
    values: dict[str, Any] = {}
    for attribute, key, kind in _FIELDS:
        value = item.get(key)
        if value is None:
            if key in ("urn", "type"):
                raise OfflineError(f"{where}.{key} is missing")
        elif not isinstance(value, kind):
            raise OfflineError(f"{where}.{key}: expected {_JSON_NAMES[kind]}, was {type(value).__name__}")
        else:
            if kind is list:
                _check_strings(value, f"{where}.{key}")
            if attribute in ("inputs", "outputs"):
                value = {name: from_json(item) for name, item in value.items()}
            values[attribute] = value
    edges = values.get("property_dependencies", {})
    for key, urns in edges.items():
        edges[key] = urns or []  # the CLI writes null for none
        _check_strings(edges[key], f"{where}.propertyDependencies.{key}")
    return Resource(**values)


def _check_strings(value: Any, where: str) -> None:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise OfflineError(f"{where}: expected a list of strings")


_JSON_NAMES = {str: "a string", bool: "true or false", dict: "an object", list: "a list"}


def in_order(resources: Iterable[Resource]) -> list[Resource]:
    """`resources` with each after its provider, parent and dependencies; ties by URN.

    Registration order depends on the hash seed; this one depends on the graph alone.
    """
    by_urn: Mapping[str, Resource] = {resource.urn: resource for resource in resources}
    waiting: dict[str, int] = {}
    followers: dict[str, list[str]] = {}
    ready: list[tuple[bool, str]] = []
    for urn, resource in by_urn.items():
        before = {resource.parent, resource.provider_urn, resource.deleted_with}
        before.update(resource.dependencies, *resource.property_dependencies.values())
        before.intersection_update(by_urn)
        before.discard(urn)
        waiting[urn] = len(before)
        for other in before:
            followers.setdefault(other, []).append(urn)
        if not before:
            ready.append((resource.type != STACK, urn))
    heapq.heapify(ready)
    ordered: list[Resource] = []
    while ready:
        _, urn = heapq.heappop(ready)
        ordered.append(by_urn[urn])
        for follower in followers.get(urn, ()):
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, (True, follower))
    if len(ordered) < len(by_urn):  # the SDK refuses cycles; a foreign graph may still have one
        placed = {resource.urn for resource in ordered}
        ordered += [resource for urn, resource in by_urn.items() if urn not in placed]
    return ordered
