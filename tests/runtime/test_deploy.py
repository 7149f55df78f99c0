"""What the deploy step begins, and what it leaves alone."""

import json
import re
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from runtime import deploy
from tests.runtime.scripted_ecs import (
    ASKED,
    BLUE,
    DOCUMENT,
    FAMILY,
    GREEN,
    IMAGE,
    PLACE,
    RELEASED,
    ScriptedEcs,
    brief,
    deployment,
)

FOLLOWED = f"service deployment {deployment('second')}\n   0.0 min  SUCCESSFUL\n"


@pytest.fixture
def ecs():
    return ScriptedEcs()


@pytest.fixture
def waits(ecs):
    """A service with the old image, released once, and no release under way."""
    ecs.service()
    ecs.task_definition(BLUE, DOCUMENT)
    ecs.releases(brief("first"))
    return ecs


def test_an_image_is_released(waits, capsys):
    """As a new task definition: the service's own, with another image in one container."""
    waits.no_family()
    waits.registers(RELEASED)
    waits.updates()
    waits.releases(brief("first"), brief("second", "PENDING", minute=1))
    waits.target("second", GREEN)
    waits.shows("SUCCESSFUL")
    assert waits.run(ASKED) == 0
    assert capsys.readouterr() == (f"registered: {GREEN}\n{FOLLOWED}", "")


def test_the_task_definition_may_be_another(waits, tmp_path):
    """A file is registered as it is, but for the image."""
    template = {
        "family": "shop-2",
        "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>", "memory": 512}],
        "tags": [{"key": "team", "value": "shop"}],
    }
    (tmp_path / "taskdef.json").write_text(json.dumps(template))
    (tmp_path / "imageDetail.json").write_text(json.dumps({"ImageURI": IMAGE, "Version": "1.0"}))
    waits.task_definition("shop-2", DOCUMENT, f"{FAMILY}-2:7")
    waits.registers(template | {"containerDefinitions": [{"name": "web", "image": IMAGE, "memory": 512}]})
    waits.updates()
    waits.releases(brief("second", "PENDING", minute=1), brief("first"))
    waits.target("second", GREEN)
    waits.shows("SUCCESSFUL")
    files = ["--image-detail", f"{tmp_path}/imageDetail.json", "--task-definition", f"{tmp_path}/taskdef.json"]
    assert waits.run([*ASKED[:-2], *files]) == 0


def test_tags_are_kept_but_those_of_aws(ecs):
    """Nobody but AWS may set those."""
    tags = [{"key": "team", "value": "shop"}]
    ecs.service()
    ecs.task_definition(BLUE, DOCUMENT, tags=[*tags, {"key": "aws:cloudformation:stack-name", "value": "shop"}])
    ecs.releases()
    ecs.no_family()
    ecs.registers(RELEASED | {"tags": tags})
    ecs.updates()
    ecs.releases(brief("second"))
    ecs.target("second", GREEN)
    ecs.shows("SUCCESSFUL")
    assert ecs.run(ASKED) == 0


def test_what_is_registered_is_not_registered_again(waits, capsys):
    """Such as by a build that lost its connection before it asked for the release."""
    waits.task_definition("shop", RELEASED, GREEN)
    waits.updates()
    waits.releases(brief("second", minute=1))
    waits.target("second", GREEN)
    waits.shows("SUCCESSFUL")
    assert waits.run(ASKED) == 0
    assert capsys.readouterr().out == f"registered already: {GREEN}\n{FOLLOWED}"


@pytest.mark.parametrize("releases", [[], [brief("first")], [brief("first", "STOPPED"), brief("second", minute=1)]])
def test_what_is_released_is_not_released_again(ecs, capsys, releases):
    """ECS forgets releases after 90 days."""
    ecs.service(GREEN)
    ecs.task_definition(GREEN, RELEASED)
    ecs.releases(*releases)
    assert ecs.run(ASKED) == 0
    assert capsys.readouterr() == (f"nothing to do: service shop runs {GREEN}\n", "")


def test_a_service_that_went_back_to_the_image_has_it(ecs):
    """The release that failed was one of something else."""
    ecs.service(GREEN)
    ecs.task_definition(GREEN, RELEASED)
    ecs.releases(brief("third", "ROLLBACK_SUCCESSFUL"))
    ecs.target("third", f"{FAMILY}:3")
    assert ecs.run(ASKED) == 0


@pytest.mark.parametrize("status", ["STOPPED", "ROLLBACK_FAILED", "ROLLBACK_SUCCESSFUL"])
def test_a_release_that_failed_is_begun_again(ecs, capsys, status):
    """The service has the task definition, but UpdateService begins nothing for what doesn't change."""
    ecs.service(GREEN)
    ecs.task_definition(GREEN, RELEASED)
    ecs.releases(brief("first"), brief("stuck", status, minute=1))
    if status == "ROLLBACK_SUCCESSFUL":
        ecs.target("stuck", GREEN)
    ecs.updates(GREEN, forceNewDeployment=True)
    ecs.releases(brief("first"), brief("stuck", status, minute=1), brief("second", minute=2))
    ecs.target("second", GREEN)
    ecs.shows("SUCCESSFUL")
    assert ecs.run(ASKED) == 0
    assert capsys.readouterr().out == f"the last release ended as {status}: {GREEN} is released again\n{FOLLOWED}"


@pytest.mark.parametrize("status", deploy.UNDER_WAY)
def test_its_own_release_under_way_is_followed(ecs, capsys, status):
    """Whatever has become of it."""
    ecs.service(GREEN)
    ecs.task_definition(GREEN, RELEASED)
    ecs.releases(brief("first"), brief("second", status, minute=1))
    ecs.target("second", GREEN)
    ecs.task_definition(GREEN, RELEASED)
    ecs.shows("SUCCESSFUL")
    assert ecs.run(ASKED) == 0
    assert capsys.readouterr().out == f"a release of {GREEN} is under way\n{FOLLOWED}"


@pytest.mark.parametrize("told", [[GREEN], []])
def test_a_release_of_something_else_is_not_superseded(ecs, capsys, told):
    """Nor one of which ECS doesn't tell what it releases."""
    ecs.service()
    ecs.task_definition(BLUE, DOCUMENT)
    ecs.releases(brief("first"), brief("second", "IN_PROGRESS", minute=1))
    ecs.target("second", *told)
    if told:
        ecs.task_definition(GREEN, DOCUMENT | {"cpu": "512"})
    assert ecs.run(ASKED) == 1
    arn = deployment("second")
    assert capsys.readouterr() == (
        "",
        f"not released: another release is under way, {arn}: wait for its end, or end it by "
        f"`aws ecs stop-service-deployment --service-deployment-arn {arn} --stop-type ROLLBACK`\n",
    )


@pytest.mark.parametrize("order", [1, -1])
def test_releases_are_read_page_by_page(ecs, order):
    """The one under way may be on any."""
    first, rest = [[brief("first")], [brief("second", "IN_PROGRESS", minute=1)]][::order]
    ecs.service(GREEN)
    ecs.task_definition(GREEN, RELEASED)
    reply = {"serviceDeployments": first, "nextToken": "more"}
    ecs.reply("list_service_deployments", reply, **PLACE, maxResults=100)
    reply = {"serviceDeployments": rest}
    ecs.reply("list_service_deployments", reply, **PLACE, maxResults=100, nextToken="more")
    ecs.target("second", GREEN)
    ecs.task_definition(GREEN, RELEASED)
    ecs.shows("SUCCESSFUL")
    assert ecs.run(ASKED) == 0


def test_a_release_is_found_as_soon_as_ecs_shows_it(waits):
    """And no release that somebody else began meanwhile is taken for it."""
    waits.task_definition("shop", RELEASED, GREEN)
    waits.updates()
    waits.releases(brief("first"))
    waits.releases(brief("first"), brief("second", minute=1))
    waits.target("second")
    waits.releases(brief("first"), brief("second", minute=1), brief("other", minute=2))
    waits.target("other", BLUE)
    waits.target("second", GREEN)
    waits.shows("SUCCESSFUL")
    assert waits.run(ASKED) == 0
    assert waits.now == 20


def test_a_release_that_never_shows_is_an_error(waits, capsys):
    """After two minutes."""
    waits.task_definition("shop", RELEASED, GREEN)
    waits.updates()
    for _ in range(12):
        waits.releases(brief("first"))
    assert waits.run(ASKED) == 1
    assert waits.now == 120
    assert capsys.readouterr().err == f"not released: ECS shows no release of {GREEN}\n"


def lost(ecs, monkeypatch, error):
    """UpdateService arrives, but the connection breaks before its reply."""

    def update_service(**asked):
        assert asked == {**PLACE, "taskDefinition": GREEN}
        raise error

    monkeypatch.setattr(ecs.client, "update_service", update_service)


@pytest.mark.parametrize(
    "error", [ReadTimeoutError(endpoint_url="https://ecs"), EndpointConnectionError(endpoint_url="https://ecs")]
)
def test_a_release_whose_reply_was_lost_is_found(waits, monkeypatch, capsys, error):
    """It may have begun all the same."""
    waits.task_definition("shop", RELEASED, GREEN)
    lost(waits, monkeypatch, error)
    waits.releases(brief("first"), brief("second", minute=1))
    waits.target("second", GREEN)
    waits.shows("SUCCESSFUL")
    assert waits.run(ASKED) == 0
    written = capsys.readouterr().out
    assert written == f"registered already: {GREEN}\n{error}; the release may have begun all the same\n{FOLLOWED}"


def test_a_release_that_was_never_begun_says_why(waits, capsys):
    """By the error that AWS gave."""
    waits.task_definition("shop", RELEASED, GREEN)
    waits.fails("update_service", "ServerException", "try again", 500, **PLACE, taskDefinition=GREEN)
    for _ in range(12):
        waits.releases(brief("first"))
    assert waits.run(ASKED) == 1
    assert capsys.readouterr().err == (
        f"not released: ECS shows no release of {GREEN}; UpdateService: ServerException: try again\n"
    )


def test_a_release_that_aws_refuses_is_not_looked_for(waits, capsys):
    """No release has begun by it."""
    waits.task_definition("shop", RELEASED, GREEN)
    waits.fails("update_service", "AccessDeniedException", "not authorized", **PLACE, taskDefinition=GREEN)
    assert waits.run(ASKED) == 1
    assert capsys.readouterr().err == "UpdateService: AccessDeniedException: not authorized\n"


def test_only_a_family_without_revisions_needs_none(waits, capsys):
    """Other errors are errors."""
    waits.fails("describe_task_definition", "AccessDeniedException", taskDefinition="shop", include=["TAGS"])
    assert waits.run(ASKED) == 1
    assert capsys.readouterr().err == "DescribeTaskDefinition: AccessDeniedException: no\n"


def test_an_interruption_before_the_release_is_known_is_not_the_end(waits, monkeypatch, capsys):
    """Whoever runs it again finds the release."""
    lost(waits, monkeypatch, KeyboardInterrupt())
    waits.task_definition("shop", RELEASED, GREEN)
    assert waits.run(ASKED) == 1
    assert capsys.readouterr().err == ("interrupted: what has begun goes on, and is found when this is run again\n")


def test_the_values_of_a_bad_task_definition_are_not_printed(waits, capsys, tmp_path):
    """They may be secret: botocore, which finds the mistake, would print them."""
    environment = [{"name": "PASSWORD", "value": ["s3cret"]}]
    bad = {"family": "shop", "containerDefinitions": [{"name": "web", "image": IMAGE, "environment": environment}]}
    (tmp_path / "taskdef.json").write_text(json.dumps(bad))
    waits.no_family()
    waits.registers(bad)
    with waits.stubber:
        status = deploy.main([*ASKED, "--task-definition", f"{tmp_path}/taskdef.json"], waits.client)
    assert status == 2
    assert capsys.readouterr() == (
        "",
        "Parameter validation failed:\nInvalid type for parameter containerDefinitions[0].environment[0].value\n",
    )


def test_the_calls_are_those_that_are_listed():
    """Who runs it is allowed just these."""
    operations = ScriptedEcs().client.meta.method_to_api_mapping
    called = set(re.findall(r"ecs\.(\w+)\(", Path(deploy.__file__).read_text())) & operations.keys()
    assert {f"ecs:{operations[method]}" for method in called} == set(deploy.CALLS)
    assert list(deploy.CALLS) == sorted(deploy.CALLS)
