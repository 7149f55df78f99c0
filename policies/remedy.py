"""How a rule mends a resource before it is created, where the user opts in."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from options import Options
from value import Value


class Remedy:
    """What a rule writes to.

    Attributes:
        changed: whether anything was written.
    """

    def __init__(self, properties: Any, options: Options) -> None:
        self._properties = properties
        self._options = options
        self.changed = False

    def knob(self, name: str) -> Any:
        """The configured value of a knob, or its default."""
        return self._options.knobs[name]

    def put(self, place: Value, value: Any) -> None:
        """Sets a property in place, so that what is secret stays secret, making the objects that lead to it.

        Raises `Undecided` if what leads to it is unknown.
        """
        *parents, last = place.steps
        here: Any = self._properties
        for step in parents:
            if isinstance(step, str) and not _has(here, step):
                here[step] = {}
            here = here[step]
        here[last] = value
        self.changed = True


def _has(here: MutableMapping[str, Any], step: str) -> bool:
    return step in here and here[step] is not None
