"""What a buildspec is: one script, in words that the shell, the AWS CLI and the deploy step understand."""

import re
import subprocess
from tempfile import TemporaryDirectory
from textwrap import indent

import botocore.session
import pytest
import yaml
from botocore import xform_name
from hypothesis import given, settings
from hypothesis import strategies as st

from components.buildspec import deploy_step, image_build, image_choice
from runtime import deploy
from tests.components.build_host import COMMIT, OLD, REPOSITORY, TAG, World

DEPLOY = deploy_step("web", "ChosenImage", 90)
WITH_IMAGE = {
    "image build": image_build("team/shop", {}, None, "latest"),
    "image build by emulation": image_build("team/shop", {}, "linux/arm64", None),
    "image choice": image_choice("shop-release-pipeline", "web", "CODE_DEPLOY"),
}
ALL = WITH_IMAGE | {"deploy step": DEPLOY}


def script_of(text):
    (script,) = yaml.safe_load(text)["phases"]["build"]["commands"]
    return script


@pytest.mark.parametrize("text", WITH_IMAGE.values(), ids=WITH_IMAGE)
def test_a_buildspec(text):
    """It is one script of bash, and the file that it leaves."""
    assert yaml.safe_load(text) == {
        "version": 0.2,
        "env": {"shell": "bash"},
        "phases": {"build": {"commands": [script_of(text)]}},
        "artifacts": {"files": ["imageDetail.json"]},
    }


def test_the_deploy_step():
    """It leaves nothing, and has the Python that the program is tested with."""
    assert yaml.safe_load(DEPLOY) == {
        "version": 0.2,
        "env": {"shell": "bash"},
        "phases": {
            "install": {"runtime-versions": {"python": "3.11"}},
            "build": {"commands": [script_of(DEPLOY)]},
        },
    }


@pytest.mark.parametrize("text", ALL.values(), ids=ALL)
def test_script(text):
    """It stops at the first failure, is read as it is written, and is in order."""
    script = script_of(text)
    assert script.startswith("set -euo pipefail\n")
    assert text.startswith("version: 0.2\n")
    assert f"    - |\n{indent(script, ' ' * 6)}" in text
    assert subprocess.run(["bash", "-n", "-c", script]).returncode == 0


@pytest.mark.parametrize("text", WITH_IMAGE.values(), ids=WITH_IMAGE)
def test_commands_of_the_aws_cli(text):
    """Each is an operation of its service, has the options that it needs, and none that it doesn't know."""
    session = botocore.session.get_session()
    commands = re.findall(r"\baws (\w+) (?!get-login-password)([\w-]+)(.*)", text)
    assert commands
    for service, operation, rest in commands:
        model = session.get_service_model(service)
        (name,) = [each for each in model.operation_names if xform_name(each, "-") == operation]
        shape = model.operation_model(name).input_shape
        options = set(re.findall(r" --([\w-]+)", rest)) - {"query", "output"}
        assert options <= {xform_name(each, "-") for each in shape.members}
        assert options >= {xform_name(each, "-") for each in shape.required_members}


def test_the_deploy_step_calls_the_program(host, tmp_path):
    """It installs what the program needs, and runs it by a command line that it understands."""
    detail = tmp_path / "imageDetail.json"
    detail.write_text(f'{{"ImageURI": "{REPOSITORY}@{OLD}"}}')
    step = host.run(DEPLOY, CLUSTER="prod", SERVICE="shop", CODEBUILD_SRC_DIR_ChosenImage=str(tmp_path))
    install, release = step.calls
    flags = ["--quiet", "--disable-pip-version-check"]
    assert step.status == 0
    assert install == ["python3", "-m", "pip", "install", *flags, "-r", "requirements.txt"]
    assert release == [
        *["python3", "deploy.py", "--cluster", "prod", "--service", "shop", "--image-detail", str(detail)],
        *["--container", "web", "--task-definition", "taskdef.json", "--timeout-minutes", "90"],
    ]
    taskdef = tmp_path / "taskdef.json"
    taskdef.write_text('{"family": "shop", "containerDefinitions": []}')
    understood = deploy.arguments([str(taskdef) if each == "taskdef.json" else each for each in release[2:]])
    assert (understood.cluster, understood.service, understood.container) == ("prod", "shop", "web")
    assert (understood.image, understood.timeout_minutes) == (f"{REPOSITORY}@{OLD}", 90)
    assert understood.document == {"family": "shop", "containerDefinitions": []}


@pytest.mark.parametrize(("fails", "calls"), [("python3 -m pip", 1), ("python3 deploy.py", 2)])
def test_the_deploy_step_fails(host, fails, calls):
    """Where the release fails, the build does, and so does the pipeline."""
    where = {"CLUSTER": "prod", "SERVICE": "shop", "CODEBUILD_SRC_DIR_ChosenImage": "/x"}
    step = host.run(DEPLOY, World(fails=[fails]), **where)
    assert step.status != 0
    assert len(step.calls) == calls


WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=8)
RECORDED = """\
called() { printf '%s\\0' "$@" '' >&3; }
docker() { called docker "$@"; case "$1" in login) cat ;; esac; }
aws() { called aws "$@"; case "$*" in *imageTag=0123456*) echo None ;; *) echo other ;; esac; }
exec 3>&1 >/dev/null
"""
"""Stand-ins for AWS and Docker that tell what they are called with."""


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(st.tuples(WORDS, WORDS), WORDS, WORDS, WORDS)
def test_names_are_safe(values, dockerfile, context, name):
    """Whatever characters they have, names and values reach the programs as they were given."""
    build = {"dockerfile": dockerfile, "context": context, "arguments": dict(zip("AB", values, strict=True))}
    known = {"PATH": "/usr/bin:/bin", "REPOSITORY_URI": "r/s", "CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT}
    script = RECORDED + script_of(image_build(name, build, None, name))
    with TemporaryDirectory() as folder:
        ended = subprocess.run(["bash", "-c", script], cwd=folder, env=known, capture_output=True)
    assert (ended.returncode, ended.stderr) == (0, b"")
    calls = [call.split("\0") for call in ended.stdout.decode().split("\0\0")]
    arguments = ["--build-arg", f"A={values[0]}", "--build-arg", f"B={values[1]}"]
    built = ["docker", "build", "--file", dockerfile, *arguments, "--tag", f"r/s:{TAG}", context]
    assert [call for call in calls if call[1:2] == ["build"]] == [built]
    put = ["--repository-name", name, "--image-tag", name, "--image-manifest", "other"]
    assert [call[3:] for call in calls if call[2:3] == ["put-image"]] == [put]
