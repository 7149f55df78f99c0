"""A deployment export is read, and looked over."""

from __future__ import annotations

import io
import json
import sys

import pytest

from offline import export
from offline.errors import OfflineError

WEB = "urn:pulumi:dev::demo::t:i:T::web"


def text(*urns: str, **kwargs) -> str:
    resources = [{"urn": urn, "type": "t:i:T"} for urn in urns]
    return json.dumps({"version": 3, "deployment": {"resources": resources}}, **kwargs)


def test_project_and_stack_are_read_from_the_urns(tmp_path):
    """The pack is told them; each resource has its line in the file."""
    file = tmp_path / "state.json"
    file.write_text(text(WEB, f"{WEB}-2", indent=4))
    deployment, subject, project = export.load(str(file))
    assert [resource.name for resource in deployment] == ["web", "web-2"]
    assert (subject.project, subject.stack, subject.file) == ("demo", "dev", str(file))
    assert subject.lines == {WEB: 6, f"{WEB}-2": 10}
    assert project is not None
    assert (project.name, project.stack, project.config) == ("demo", "dev", {})


def test_standard_input(monkeypatch):
    """A dash; UTF-16, which some shells write, is fine."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text(WEB).encode("utf-16"))))
    deployment, subject, _ = export.load("-")
    assert (len(deployment), subject.file) == (1, "stdin")


def test_resources_of_several_stacks(tmp_path):
    """No pack is told that it's in one of them."""
    file = tmp_path / "state.json"
    file.write_text(text(WEB, WEB.replace("dev", "prod")))
    _, subject, project = export.load(str(file))
    assert (subject.project, subject.stack, project) == ("several", "several", None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file or directory"),
        ("", "not JSON: Expecting value: line 1 column 1 (char 0)"),
        (text(), "the stack has no resources"),
        (text("u"), "'u' is not a URN"),
        (text("urn:pulumi:dev::demo::web"), "'urn:pulumi:dev::demo::web' is not a URN"),
    ],
)
def test_what_cannot_be_checked(tmp_path, content, message):
    """One line, with the file."""
    file = tmp_path / "state.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(OfflineError) as caught:
        export.load(str(file))
    assert str(caught.value) == f"{file}: {message}"


def test_a_folder_is_no_export(tmp_path):
    """Said as the system says it."""
    with pytest.raises(OfflineError, match=r": Is a directory$"):
        export.load(str(tmp_path))
