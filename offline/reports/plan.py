"""What `preview` prints first: the resource tree, messages, outputs and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from offline.urn import short_type
from offline.value import RESOURCE, SIGNATURE, UNKNOWN, Secret, Value

if TYPE_CHECKING:
    from offline.deployment import Deployment, Resource
    from offline.reports.terminal import Terminal

_GUIDES = {True: ("├─ ", "└─ ", "│  ", "   "), False: ("|- ", "`- ", "|  ", "   ")}
_SIGNS = {"create": ("+", "green"), "read": (">", "cyan"), "import": ("=", "cyan")}


class Plan:
    """Prints what a new stack would hold."""

    def __init__(self, terminal: Terminal) -> None:
        self._line = terminal.line
        self._console = terminal.console
        encoding = (getattr(self._console.file, "encoding", None) or "").lower()
        self._guides = _GUIDES[self._console.is_terminal and encoding.startswith("utf")]

    def show(self, deployment: Deployment, stack: str) -> None:
        """The tree of everything to create, and what it comes to."""
        self._line(f"Previewing update ({stack}):", "bold")
        self._line()
        shown = [resource for resource in deployment if not _is_default_provider(resource)]
        self._tree(shown)
        self._messages(deployment)
        self._outputs(deployment)
        self._line("Resources:", "bold")
        for change, count in sorted(Counter(_change(resource) for resource in shown).items()):
            sign, style = _SIGNS[change]
            self._line(f"    {sign} {count} to {change}", style)

    def _tree(self, resources: Sequence[Resource]) -> None:
        children: dict[str, list[Resource]] = {}
        known = {resource.urn for resource in resources}
        for resource in resources:
            parent = resource.parent if resource.parent in known else ""
            children.setdefault(parent, []).append(resource)
        rows = list(self._rows(children, "", "", top=True))
        type_width = max((len(type_) for type_, _ in rows), default=0) + 2
        name_width = max((len(resource.name) for _, resource in rows), default=0) + 2
        self._line(f"     {'Type'.ljust(type_width)}{'Name'.ljust(name_width)}Plan", "bold")
        for type_, resource in rows:
            change = _change(resource)
            sign, style = _SIGNS[change]
            text = Text(f" {sign}   ", style)
            text.append(type_.ljust(type_width), "default")
            text.append(resource.name.ljust(name_width), "default")
            text.append(change, style)
            self._console.print(text, soft_wrap=True)
        self._line()

    def _rows(
        self, children: dict[str, list[Resource]], urn: str, indent: str, *, top: bool = False
    ) -> Iterator[tuple[str, Resource]]:
        entry, last_entry, line, gap = self._guides
        siblings = sorted(children.get(urn, ()), key=lambda item: (item.type, item.name))
        for index, resource in enumerate(siblings):
            last = index == len(siblings) - 1
            guide = "" if top else (last_entry if last else entry)
            yield f"{indent}{guide}{short_type(resource.type)}", resource
            below = indent if top else indent + (gap if last else line)
            yield from self._rows(children, resource.urn, below)

    def _messages(self, deployment: Deployment) -> None:
        if not deployment.diagnostics:
            return
        self._line("Diagnostics:", "bold")
        for item in deployment.diagnostics:
            first, *rest = item.message.splitlines() or [""]
            name = f"{item.urn.rpartition('::')[2]}: " if item.urn else ""
            style = {"warning": "yellow", "error": "red"}.get(item.severity, "")
            self._line(f"    {item.severity}: {name}{first}", style)
            for line in rest:
                self._line(f"      {line}")
        self._line()

    def _outputs(self, deployment: Deployment) -> None:
        outputs = deployment.outputs
        if not outputs:
            return
        self._line("Outputs:", "bold")
        width = max(len(name) for name in outputs)
        for name in sorted(outputs):
            self._line(f"    {name.ljust(width)}: {shown(outputs[name])}")
        self._line()


def shown(value: Value) -> str:
    """A value as the CLI shows it: secrets and unknowns by name, text in quotes."""
    if isinstance(value, Secret):
        return "[secret]"
    if value == UNKNOWN:
        return "[unknown]"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(shown(item) for item in value)}]"
    if isinstance(value, dict):
        if value.get(SIGNATURE) == RESOURCE:
            return shown(value.get("urn"))
        return f"{{{', '.join(f'{key}: {shown(item)}' for key, item in sorted(value.items()))}}}"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _change(resource: Resource) -> str:
    if resource.external:
        return "read"
    return "import" if resource.import_id else "create"


def _is_default_provider(resource: Resource) -> bool:
    return resource.type.startswith("pulumi:providers:") and (
        resource.name == "default" or resource.name.startswith("default_")
    )
