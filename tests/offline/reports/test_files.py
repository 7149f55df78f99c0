"""Report files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from offline.errors import OfflineError
from offline.reports import files
from tests.offline.said import everything


def test_the_suffix_says_which_report(tmp_path):
    """As many as are asked for."""
    paths = [tmp_path / f"report{suffix}" for suffix in (".json", ".sarif", ".xml", ".md")]
    files.check_formats(paths)
    files.check_places(paths)
    files.write(everything(), paths)
    assert [path.read_text()[:12] for path in paths] == [
        '{\n  "schema"',
        '{\n  "$schema',
        "<testsuites ",
        "### Policies",
    ]
    assert json.loads(paths[0].read_text())["exitCode"] == 1


@pytest.mark.parametrize("name", ["report.pdf", "report", "report.JSON"])
def test_a_suffix_that_no_report_has(name):
    """The others are listed."""
    with pytest.raises(OfflineError) as caught:
        files.check_formats([Path(name)])
    suffix = Path(name).suffix
    assert str(caught.value) == f"{name}: no report has the suffix {suffix!r}; allowed: .json, .sarif, .xml, .md"


def test_files_that_cannot_be_written(tmp_path):
    """Found before anything is run, as far as it can be."""
    folder = tmp_path / "folder.md"
    folder.mkdir()
    for path, problem in (
        (tmp_path / "no" / "report.md", f"there is no folder {tmp_path}/no"),
        (folder, "is a folder"),
    ):
        with pytest.raises(OfflineError) as caught:
            files.check_places([path])
        assert str(caught.value) == f"{path}: {problem}"
    with pytest.raises(OfflineError) as caught:
        files.write(everything(), [folder])
    assert str(caught.value) == f"{folder}: Is a directory"
