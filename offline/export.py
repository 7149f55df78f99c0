"""A deployment export as a person gives it: read, and looked over."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from offline import urn
from offline.deployment import Deployment
from offline.errors import OfflineError
from offline.outcome import Subject
from offline.project import Project


def load(file: str) -> tuple[Deployment, Subject, Project | None]:
    """The deployment in `file` (`-` is standard input), what it is, and which stack's a pack is told.

    That is none if the resources are of several stacks. Raises OfflineError if it isn't one, or holds nothing.
    """
    name = "stdin" if file == "-" else file
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise OfflineError(f"{name}: {error.strerror}") from error
    deployment = Deployment.load(data, name)
    if not deployment.resources:
        raise OfflineError(f"{name}: the stack has no resources")
    owners: dict[tuple[str, str], None] = {}
    for resource in deployment:
        try:
            parsed = urn.parse(resource.urn)
        except ValueError as error:
            raise OfflineError(f"{name}: {error}") from error
        owners.setdefault((parsed.project, parsed.stack))
    project, stack = next(iter(owners)) if len(owners) == 1 else ("several", "several")
    told = Project(project, stack, Path(), Path()) if len(owners) == 1 else None
    return deployment, Subject(project, stack, name, lines=_lines(data)), told


def _lines(data: bytes) -> dict[str, int]:
    """The line on which each resource's URN stands."""
    found: dict[str, int] = {}
    line, last = 1, 0
    for match in re.finditer(rb'"urn":\s*"((?:[^"\\]|\\.)*)"', data):
        line += data.count(b"\n", last, match.start())
        last = match.start()
        found.setdefault(match[1].decode(errors="replace"), line)
    return found
