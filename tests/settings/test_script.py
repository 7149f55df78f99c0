"""Files of the project that are the command of a container."""

from __future__ import annotations

import pytest

import settings
from components.containers import ContainerArgs
from components.fargate_task import FargateTaskArgs
from settings import script
from tests.settings.stack_files import merged, message, put, refusal, stack

PATH = "services.shop.containers.web.script"
ALLOWED = "allowed: the path in this project of a Python file, at most 16384 bytes, such as app/server.py"
NOT_THERE = f"{ALLOWED}; there is no such script in this project"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """The folder of a project that has nothing in it yet."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.setattr(script, "ROOT", folder.resolve())
    return folder


def said(path: str) -> str:
    """What is said about the smallest stack file with this script."""
    return refusal(put(PATH, path))


@pytest.mark.parametrize("path", ["server.py", "app/server.py", "./app/../app/server.py"])
def test_a_script_of_the_project_is_accepted(project, path):
    """However its path is written."""
    (project / "app").mkdir()
    for folder in (project, project / "app"):
        (folder / "server.py").write_text("print('ä')\n", encoding="utf-8")
    script.check_script(path)
    assert script.script_command(path) == ["python", "-u", "-c", "print('ä')\n"]


def test_a_link_to_a_script_of_the_project_is_accepted(project):
    """What counts is where it leads."""
    (project / "server.py").write_text("pass", encoding="utf-8")
    (project / "link.py").symlink_to("server.py")
    script.check_script("link.py")


@pytest.mark.parametrize("path", ["../server.py", "link.py", "{outside}/server.py"])
def test_a_script_outside_the_project_is_refused(project, path):
    """A task runs what is kept with its stack file, not what lies about on a machine."""
    (project.parent / "server.py").write_text("pass", encoding="utf-8")
    (project / "link.py").symlink_to(project.parent / "server.py")
    path = path.format(outside=project.parent)
    assert said(path) == message(f"{PATH}: given '{path}'; {NOT_THERE}")


def test_an_absolute_path_is_refused(project):
    """The project lies elsewhere on the next machine."""
    file = project / "server.py"
    file.write_text("pass", encoding="utf-8")
    assert said(str(file)) == message(f"{PATH}: given '{file}'; {NOT_THERE}")


def test_a_folder_and_a_link_to_itself_are_no_scripts(project):
    """Whatever they are called."""
    (project / "folder.py").mkdir()
    (project / "loop.py").symlink_to("loop.py")
    for path in ("folder.py", "loop.py"):
        assert said(path) == message(f"{PATH}: given '{path}'; {NOT_THERE}")


def test_a_script_may_be_as_long_as_16_kib(project):
    """So that the task definition has room for other containers."""
    (project / "server.py").write_bytes(b"#" * 16_384)
    script.check_script("server.py")
    (project / "server.py").write_bytes(b"#" * 16_383 + "ä".encode())
    assert said("server.py") == message(
        f"{PATH}: given 'server.py', 16385 bytes; {ALLOWED}; a task definition takes 65,536 bytes in all"
    )


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"# \xff", "it is not text in UTF-8"),
        (b"print(", "it can't be run: '(' was never closed (server.py, line 1)"),
        (b"1 +* 1\n", "it can't be run: invalid syntax (server.py, line 1)"),
    ],
    ids=["bytes", "half of it", "syntax"],
)
def test_a_script_that_python_does_not_understand_is_refused(project, data, why):
    """It would only be found out when the task starts, and starts again."""
    (project / "server.py").write_bytes(data)
    assert said("server.py") == message(f"{PATH}: given 'server.py'; {ALLOWED}; {why}")


@pytest.mark.parametrize("data", [b"\0", b"(" * 9000, b"-" * 16_000 + b"1", b"a." * 8000], ids=["nul", "(", "-", "."])
def test_a_script_that_python_chokes_on_is_refused_in_one_line(project, data):
    """A strange file is no reason for a traceback."""
    (project / "server.py").write_bytes(data)
    head, line = said("server.py").split("\n")
    assert head == message("").split("\n")[0]
    assert line.startswith(f"  ecs-blue-green:{PATH}: given 'server.py'; {ALLOWED}; it can't be run: ")


@pytest.mark.parametrize(
    ("others", "beside"),
    [
        ({"command": ["run"]}, "command"),
        ({"entryPoint": ["sh"]}, "entryPoint"),
        ({"command": ["run"], "entryPoint": ["sh"]}, "command and entryPoint"),
    ],
    ids=["command", "entry point", "both"],
)
def test_a_script_has_no_command_beside_it(project, others, beside):
    """Neither would be what runs."""
    (project / "server.py").write_text("pass", encoding="utf-8")
    file = merged(
        stack(),
        services__shop__containers__web={"image": "python:3.13", "port": 80, "script": "server.py", **others},
    )
    assert refusal(file) == message(
        f"{PATH}: given this key beside {beside}; allowed: one of them; a container runs one command"
    )


def test_a_script_is_the_command(root):
    """Its whole text, and Python shows what it prints at once; what else a container says stays."""
    file = put("services.shop.containers.web.script", "app/server.py")
    args = settings.parse(file).services["shop"].containers["web"].args(ContainerArgs)
    assert args.pop("command") == ["python", "-u", "-c", (root / "app/server.py").read_text(encoding="utf-8")]
    assert args == settings.parse(stack()).services["shop"].containers["web"].args(ContainerArgs)


def test_a_script_is_the_command_in_the_arguments_of_a_task():
    """Where a task's containers are listed, the script has become their command too."""
    file = put("services.shop.containers.web.script", "app/server.py")
    container = settings.parse(file).services["shop"].args(FargateTaskArgs)["containers"]["web"]
    assert container["command"][:3] == ["python", "-u", "-c"]
    assert "script" not in container
