"""What the deploy step can't be asked for."""

import json

import pytest

from runtime import deploy
from tests.runtime.scripted_ecs import ASKED, BLUE, DOCUMENT, IMAGE, REPOSITORY, ScriptedEcs, deployment

ALLOWED = "allowed: by digest, REPOSITORY@sha256:..., because a tag may move (G57)"


class NoEcs:
    """Nothing is asked of ECS."""


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "needed: --cluster, --service, --container, and --image or --image-detail"),
        (ASKED[2:], "needed: --cluster, --service, --container, and --image or --image-detail"),
        (ASKED[:-2], "needed: --cluster, --service, --container, and --image or --image-detail"),
        ([*ASKED[:-1], f"{REPOSITORY}:1.0.0"], f"image {REPOSITORY}:1.0.0; {ALLOWED}"),
        ([*ASKED[:-1], f"{IMAGE}0"], f"image {IMAGE}0; {ALLOWED}"),
        ([*ASKED[:-1], f"@{IMAGE.partition('@')[2]}"], f"image @{IMAGE.partition('@')[2]}; {ALLOWED}"),
        ([*ASKED, "--timeout-minutes", "0"], "--timeout-minutes 0; allowed: 1 and more"),
        (
            ["--service-deployment", "second"],
            "--service-deployment second; allowed: the ARN of a service deployment",
        ),
        (
            ["--service-deployment", deployment("second"), "--image", IMAGE],
            "--service-deployment only follows a release; allowed with it: --timeout-minutes",
        ),
        (
            ["--service-deployment", deployment("second"), "--task-definition", "taskdef.json"],
            "--service-deployment only follows a release; allowed with it: --timeout-minutes",
        ),
    ],
)
def test_a_bad_command_line_is_named(capsys, argv, message):
    assert deploy.main(argv, NoEcs()) == 2
    assert capsys.readouterr() == ("", f"{message}\n")


@pytest.mark.parametrize("argv", [["--timeout-minutes", "long"], [*ASKED, "--image-detail", "x"], ["--clus", "prod"]])
def test_an_unreadable_command_line_has_the_same_exit_status(capsys, argv):
    with pytest.raises(SystemExit) as ended:
        deploy.main(argv, NoEcs())
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: deploy.py ")


@pytest.mark.parametrize(
    ("option", "content", "message"),
    [
        ("--image-detail", None, ": No such file or directory"),
        (
            "--image-detail",
            b"{",
            " isn't JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
        (
            "--image-detail",
            b"\xff",
            " isn't JSON: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
        ),
        ("--image-detail", b"[]", " isn't a JSON object"),
        ("--task-definition", b"[]", " isn't a JSON object"),
        (
            "--task-definition",
            b'{"taskDefinition": {}}',
            " isn't a task definition: containerDefinitions has to be a list of objects",
        ),
        (
            "--task-definition",
            b'{"family": "shop", "containerDefinitions": ["web"]}',
            " isn't a task definition: containerDefinitions has to be a list of objects",
        ),
        ("--task-definition", b'{"containerDefinitions": []}', " isn't a task definition: it has no family"),
    ],
)
def test_a_bad_file_is_named(capsys, tmp_path, option, content, message):
    path = tmp_path / "file.json"
    if content is not None:
        path.write_bytes(content)
    asked = ASKED[:-2] if option == "--image-detail" else ASKED
    assert deploy.main([*asked, option, str(path)], NoEcs()) == 2
    assert capsys.readouterr() == ("", f"{path}{message}\n")


@pytest.mark.parametrize("detail", [{}, {"ImageURI": None}, {"ImageURI": [IMAGE]}, {"ImageURI": "shop:latest"}])
def test_an_image_detail_without_a_digest_is_named(capsys, tmp_path, detail):
    path = tmp_path / "imageDetail.json"
    path.write_text(json.dumps(detail))
    assert deploy.main([*ASKED[:-2], "--image-detail", str(path)], NoEcs()) == 2
    assert capsys.readouterr().err == f"image {detail.get('ImageURI')}; {ALLOWED}\n"


@pytest.mark.parametrize(
    ("services", "message"),
    [
        ([], "cluster prod has no service shop"),
        (
            [{"status": "ACTIVE", "deploymentController": {"type": "CODE_DEPLOY"}}],
            "service shop has controller CODE_DEPLOY; allowed: ECS, which releases by itself",
        ),
        ([{"status": "DRAINING"}], "service shop is DRAINING; allowed: ACTIVE"),
        (
            [{"status": "INACTIVE", "deploymentController": {"type": "ECS"}}],
            "service shop is INACTIVE; allowed: ACTIVE",
        ),
    ],
)
def test_a_service_that_it_does_not_release_is_named(capsys, services, message):
    ecs = ScriptedEcs()
    ecs.reply("describe_services", {"services": services}, cluster="prod", services=["shop"])
    assert ecs.run(ASKED) == 2
    assert capsys.readouterr() == ("", f"{message}\n")


@pytest.mark.parametrize(
    ("containers", "message"),
    [
        ([], "the task definition has no container web; there are: "),
        (
            [{"name": "api"}, {}, {"name": "proxy"}],
            "the task definition has no container web; there are: api, None, proxy",
        ),
        (
            [{"name": "web", "image": "<IMAGE1_NAME>"}, {"name": "api", "image": "<IMAGE2_NAME>"}],
            "container api has <IMAGE2_NAME> for its image",
        ),
    ],
)
def test_a_container_that_gets_no_image_is_named(capsys, tmp_path, containers, message):
    path = tmp_path / "taskdef.json"
    path.write_text(json.dumps({"family": "shop", "containerDefinitions": containers}))
    ecs = ScriptedEcs()
    ecs.service()
    ecs.task_definition(BLUE, DOCUMENT)
    assert ecs.run([*ASKED, "--task-definition", str(path)]) == 2
    assert capsys.readouterr() == ("", f"{message}\n")


def test_the_environment_may_lack_a_region(monkeypatch, capsys):
    """That is botocore's to say."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    assert deploy.main(ASKED) == 1
    assert capsys.readouterr() == ("", "You must specify a region.\n")
