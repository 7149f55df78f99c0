"""Patterns over the names and URNs of resources."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any


class Globs:
    """Shell-style patterns, of which one must fit the logical name or the whole URN."""

    def __init__(self, patterns: Any) -> None:
        self._patterns = tuple(each for each in patterns if isinstance(each, str)) if isinstance(patterns, list) else ()

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def match(self, urn: str) -> bool:
        """True if a pattern fits."""
        name = urn.split("::", 3)[-1]
        return any(fnmatchcase(name, each) or fnmatchcase(urn, each) for each in self._patterns)
