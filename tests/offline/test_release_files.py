"""`python -m offline files`: the release files in a deployment, written out for a repository."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from offline import release_files
from offline.cli import main
from offline.deployment import Deployment, Resource
from offline.errors import OfflineError
from offline.value import UNKNOWN, Secret

URN = f"urn:pulumi:dev::demo::{release_files.COMPONENT}::"
FILES = {"appspec.yaml": "version: 0.0\n", "taskdef.json": '{"family": "ä"}\n'}
PROGRAM = """
    import pulumi
    import pulumi_aws as aws

    class ReleaseFiles(pulumi.ComponentResource):
        def __init__(self, name, files):
            super().__init__("ecs-blue-green:index:ReleaseFiles", name)
            self.register_outputs({"files": files})

    role = aws.iam.Role("task", assume_role_policy="{}")
    ReleaseFiles("web", pulumi.Output.all(**{"taskdef.json": pulumi.Output.json_dumps({"taskRoleArn": role.arn})}))
"""
TASKDEF = '{"taskRoleArn": "arn:aws:iam::123456789012:role/task-abfef40"}'
MADE_UP = (
    "These are a preview's: no account has the ids and ARNs in them. To release, take them from the state: "
    "`pulumi stack export | python -m offline files - --out DIR`.\n"
)


def deployment(**services) -> Deployment:
    return Deployment(
        [Resource(URN + name, release_files.COMPONENT, outputs=outputs) for name, outputs in services.items()]
    )


def run(*arguments, text=None):
    return CliRunner().invoke(main, ["files", *map(str, arguments)], input=text)


def read(folder) -> dict[str, str]:
    """All files below a folder, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_files_of_every_service():
    """By service; those of one if it is named; a secret's plain text where the export has it."""
    both = deployment(web={"files": FILES}, api={"files": Secret({"taskdef.json": "{}"}), "bucket_name": UNKNOWN})
    assert release_files.find(both, "state") == {"api": {"taskdef.json": "{}"}, "web": FILES}
    assert release_files.find(both, "state", "web") == {"web": FILES}


NOT_YET = "aren't known yet: they name what `pulumi up` makes first"
ENCRYPTED = "are secret; `pulumi stack export --show-secrets` writes them in plain text"


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ({"files": UNKNOWN}, f" {NOT_YET}"),
        ({}, f" {NOT_YET}"),
        ({"files": FILES | {"taskdef.json": UNKNOWN}}, f" {NOT_YET}"),
        ({"files": Secret(UNKNOWN)}, f" {ENCRYPTED}"),
        ({"files": FILES | {"taskdef.json": Secret(UNKNOWN)}}, f" {ENCRYPTED}"),
        ({"files": {}}, ": expected texts by file name"),
        ({"files": ["taskdef.json"]}, ": expected texts by file name"),
        ({"files": {"taskdef.json": {}}}, ": expected texts by file name"),
        ({"files": {"../taskdef.json": ""}}, ": '../taskdef.json' can't be the name of a file"),
        ({"files": {".": ""}}, ": '.' can't be the name of a file"),
    ],
)
def test_files_that_are_not_there(outputs, message):
    """One line, which says what to do."""
    with pytest.raises(OfflineError) as caught:
        release_files.find(deployment(shop=outputs), "state.json")
    assert str(caught.value) == f"state.json: the release files of shop{message}"


def test_services_without_a_pipeline():
    """Nobody has one, or others have."""
    with pytest.raises(OfflineError, match=r"^state: no service has a pipeline, so there are no release files$"):
        release_files.find(deployment(), "state")
    both = deployment(web={"files": FILES}, api={"files": FILES})
    with pytest.raises(OfflineError, match=r"^state: no pipeline releases 'shop'; services with a pipeline: api, web$"):
        release_files.find(both, "state", "shop")


def test_one_service_of_several_may_not_be_whole():
    """Without a name all are asked for; with one only that."""
    both = deployment(web={"files": FILES}, api={"files": UNKNOWN})
    with pytest.raises(OfflineError, match="the release files of api aren't known yet"):
        release_files.find(both, "state")
    assert release_files.find(both, "state", "web") == {"web": FILES}


def test_a_service_that_is_called_as_no_folder_may_be():
    """What comes from a file names no place outside the folder."""
    with pytest.raises(OfflineError, match=r"'\.\./web' can't be the name of a file$"):
        release_files.find(deployment(**{"../web": {"files": FILES}}), "state")


@pytest.mark.parametrize(
    ("text", "made_up"),
    [
        ("arn:aws:iam::123456789012:role/task", True),
        ("arn:aws:iam::210987654321:role/task", False),
        ("1234567890123", False),
    ],
)
def test_files_of_a_preview_name_an_account_that_nobody_has(text, made_up):
    """The one of AWS's examples, in which each preview happens."""
    assert release_files.are_made_up({"web": {"taskdef.json": text}}) is made_up


def test_one_service_goes_straight_into_the_folder(tmp_path):
    """The folder is made; its other files stay as they are."""
    folder = tmp_path / "new" / "repository"
    assert release_files.write({"web": FILES}, folder) == [folder / "appspec.yaml", folder / "taskdef.json"]
    (folder / "README.md").write_text("ours")
    release_files.write({"web": FILES | {"appspec.yaml": "version: 0.0 # newer\n"}}, folder)
    assert read(folder) == FILES | {"README.md": "ours", "appspec.yaml": "version: 0.0 # newer\n"}


def test_several_services_have_a_folder_each(tmp_path):
    """Called as the service is."""
    release_files.write({"api": FILES, "web": {"taskdef.json": "{}\r\n"}}, tmp_path)
    assert {path: text for path, text in read(tmp_path).items() if path.startswith("api/")} == {
        f"api/{name}": text for name, text in FILES.items()
    }
    assert (tmp_path / "web" / "taskdef.json").read_bytes() == b"{}\r\n"


def in_the_way_of_a_file(folder):
    (folder / "taskdef.json").mkdir(parents=True)
    return f"{folder}/taskdef.json: is a folder"


def in_the_way_of_a_new_file(folder):
    (folder / ".taskdef.json.new").mkdir(parents=True)
    return f"{folder}/.taskdef.json.new: Is a directory"


def in_the_way_of_the_folder(folder):
    folder.write_text("a file")
    return f"{folder}: File exists"


@pytest.mark.parametrize("case", [in_the_way_of_a_file, in_the_way_of_a_new_file, in_the_way_of_the_folder])
def test_nothing_is_half_written(tmp_path, case):
    """What can't be written is named, and no file has changed."""
    folder = tmp_path / "repository"
    message = case(folder)
    if folder.is_dir():
        (folder / "appspec.yaml").write_text("as it was")
    before = read(tmp_path)
    with pytest.raises(OfflineError) as caught:
        release_files.write({"web": FILES}, folder)
    assert str(caught.value) == message
    assert read(tmp_path) == before


def test_from_a_preview(write_project, tmp_path):
    """To look at: standard error says that no account has what the files name."""
    folder = write_project(program=PROGRAM)
    result = run("-C", folder, "--out", tmp_path / "out")
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path}/out/taskdef.json\n")
    assert result.stderr == MADE_UP
    assert read(tmp_path / "out") == {"taskdef.json": TASKDEF}


def test_from_a_state(tmp_path):
    """In a file, or on standard input; nothing but the paths is said."""
    state = deployment(web={"files": FILES}, api={"files": FILES}).dump()
    (tmp_path / "state.json").write_text(state)
    result = run(tmp_path / "state.json", "--out", tmp_path / "all")
    paths = [f"{tmp_path}/all/{service}/{name}" for service in ("api", "web") for name in FILES]
    assert (result.exit_code, result.stdout.splitlines(), result.stderr) == (0, paths, "")
    assert run("-", "--out", tmp_path / "one", "--service", "web", text=state).exit_code == 0
    assert read(tmp_path / "one") == FILES


def test_a_preview_written_as_a_state_stays_one(write_project, tmp_path):
    """Its ids are as made up; those of a first preview aren't even there."""
    folder, state = write_project(program=PROGRAM), tmp_path / "state.json"
    assert CliRunner().invoke(main, ["preview", "-C", str(folder), "--json", str(state)]).exit_code == 0
    assert run(state, "--out", tmp_path / "out").stderr == MADE_UP
    first = ["preview", "-C", str(folder), "--json", str(state), "--first-preview"]
    assert CliRunner().invoke(main, first).exit_code == 0
    result = run(state, "--out", tmp_path / "none")
    message = "the release files of web aren't known yet: they name what `pulumi up` makes first"
    assert (result.exit_code, result.stderr) == (2, f"Error: {state}: {message}\n")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("state.json", "--stack", "dev", "--out", "x"), "a FILE says itself which stack it is of"),
        (("state.json", "-C", ".", "--out", "x"), "a FILE says itself which stack it is of"),
        (("state.json",), "Missing option '--out'"),
        (("--out", "x", "--stack", "none"), "no stack named 'none' found"),
        (("none.json", "--out", "x"), "none.json: No such file or directory"),
        (("-", "--out", "x"), "stdin: not JSON"),
    ],
)
def test_bad_input(write_project, monkeypatch, arguments, message):
    """Exit code 2, and nothing is written."""
    folder = write_project(program=PROGRAM)
    monkeypatch.chdir(folder)
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (folder / "x").exists()


def test_a_stack_without_pipelines(write_project):
    """It is named."""
    result = run("-C", write_project(program="import pulumi"), "--out", "x")
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: stack dev: no service has a pipeline, so there are no release files\n",
    )
