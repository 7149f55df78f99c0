"""Report files: which format a file gets, and writing it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from offline.errors import OfflineError
from offline.reports import json, junit, markdown, sarif

if TYPE_CHECKING:
    from offline.outcome import Outcome

FORMATS = {".json": json.render, ".sarif": sarif.render, ".xml": junit.render, ".md": markdown.render}
"""Suffix -> the function that writes an outcome as text."""


def check_formats(paths: Iterable[Path]) -> None:
    """Raises OfflineError for a suffix that no report has."""
    for path in paths:
        if path.suffix not in FORMATS:
            raise OfflineError(f"{path}: no report has the suffix {path.suffix!r}; allowed: {', '.join(FORMATS)}")


def check_places(paths: Iterable[Path]) -> None:
    """Raises OfflineError for a file that can't be written because of where it is."""
    for path in paths:
        if path.is_dir():
            raise OfflineError(f"{path}: is a folder")
        if not path.parent.is_dir():
            raise OfflineError(f"{path}: there is no folder {path.parent}")


def write(outcome: Outcome, paths: Iterable[Path]) -> None:
    """Write a report to each of `paths`. Raises OfflineError if one can't be written."""
    for path in paths:
        write_text(path, FORMATS[path.suffix](outcome))


def write_text(path: Path, text: str) -> None:
    """Write a file. Raises OfflineError if that fails."""
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise OfflineError(f"{path}: {error.strerror}") from error
