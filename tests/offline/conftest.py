"""Projects and packs written to a temporary folder."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from offline.deployment import Deployment
from offline.program import run_program
from offline.project import Project

WriteProject = Callable[..., Path]
Preview = Callable[..., Deployment]


@pytest.fixture
def write_project(tmp_path: Path) -> WriteProject:
    """Write a project `demo` with stack `dev`; returns its folder."""

    def write(program: str = "", config: str = "", schema: str = "", **files: str) -> Path:
        header = f"name: demo\nruntime: python\n{textwrap.dedent(schema)}"
        (tmp_path / "Pulumi.yaml").write_text(header)
        (tmp_path / "Pulumi.dev.yaml").write_text(textwrap.dedent(config))
        (tmp_path / "__main__.py").write_text(textwrap.dedent(program))
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        return tmp_path

    return write


@pytest.fixture
def preview(tmp_path: Path) -> Preview:
    """Run a function as the program of project `demo`, stack `dev`, in eu-west-1."""

    def run(program: Callable[[], object], *, first_preview: bool = False, **config: str) -> Deployment:
        values = {"aws:region": "eu-west-1"} | {key.replace("__", ":"): text for key, text in config.items()}
        project = Project("demo", "dev", tmp_path, tmp_path, values)
        return run_program(project, program=program, first_preview=first_preview)

    return run


@pytest.fixture
def write_pack(tmp_path: Path) -> Callable[..., Path]:
    """Write a policy pack; returns its folder."""

    def write(main: str, manifest: str = "runtime: python\n", name: str = "pack") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "PulumiPolicy.yaml").write_text(manifest)
        (folder / "__main__.py").write_text(textwrap.dedent(main))
        return folder

    return write
