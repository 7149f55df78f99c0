"""The calls that the permission checks ask for are calls that AWS knows."""

from __future__ import annotations

from functools import cache

import botocore.session
import pytest

from runtime import deploy
from runtime.hooks import admission, approval, smoke
from tests.calls import (
    ACTIONS,
    BUILD,
    CARRIED_TAGS,
    CODEDEPLOY,
    COMMANDS,
    EVENTS,
    FUNCTION,
    HOOK,
    INTERFACES,
    LISTENER,
    OBJECT_TAGS,
    PIPELINE,
    REPOSITORY_KEY,
    RULE,
    TASK_TAGS,
    TASKS,
    Call,
    calls,
    commands,
    only,
)

WITHOUT_OPERATION = {
    "codecommit:CancelUploadArchive",
    "codecommit:GetUploadArchiveStatus",
    "codecommit:UploadArchive",
    "codeconnections:UseConnection",
    "codestar-connections:UseConnection",
    "iam:PassRole",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "lambda:InvokeFunction",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionTagging",
    "s3:ListBucket",
}
"""Actions that IAM knows under a name of their own."""

TABLES = [
    PIPELINE,
    CARRIED_TAGS,
    OBJECT_TAGS,
    REPOSITORY_KEY,
    TASKS,
    TASK_TAGS,
    BUILD,
    EVENTS,
    FUNCTION,
    HOOK,
    INTERFACES,
    CODEDEPLOY,
    LISTENER,
    RULE,
    *ACTIONS.values(),
    *COMMANDS.values(),
]


def named(*tables):
    return {action for table in tables for actions in table.values() for action in actions}


NAMED = named(*TABLES)


@cache
def operations(service: str) -> set[str]:
    model = {"elasticloadbalancing": "elbv2"}.get(service, service)
    return set(botocore.session.get_session().get_service_model(model).operation_names)


@pytest.mark.parametrize("action", sorted(NAMED - WITHOUT_OPERATION))
def test_an_action_is_an_operation_of_its_service(action):
    service, _, operation = action.partition(":")
    assert operation in operations(service)


def test_actions_without_an_operation_are_all_in_use():
    assert NAMED >= WITHOUT_OPERATION


def test_the_deploy_step_calls_what_it_says():
    assert named(COMMANDS["python3 deploy.py"]) == {*deploy.CALLS, "iam:PassRole"}


def test_the_hooks_call_what_they_say():
    said = (hook.CALLS[controller] for hook in (admission, approval, smoke) for controller in ("ECS", "CODE_DEPLOY"))
    assert named(HOOK) == {action for actions in said for action in actions}


def test_every_command_is_in_use(deliveries):
    projects = deliveries.of_type("aws:codebuild/project:Project")
    assert {each for project in projects for each in commands(project.inputs["source"]["buildspec"])} == COMMANDS.keys()


@pytest.mark.parametrize("table", [COMMANDS["python3 deploy.py"], HOOK])
@pytest.mark.parametrize("kind", ["Deployments", "Revisions"])
def test_what_belongs_to_a_service_is_described_by_leave_of_the_service_too(table, kind):
    action = f"ecs:DescribeService{kind}"
    resources = {arn.rpartition(":")[2].partition("/")[0] for arn, actions in table.items() if action in actions}
    assert resources == {"service", f"service-{kind[:-1].lower()}"}


def test_the_commands_of_a_buildspec_are_those_that_call_aws():
    script = """
        aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"
        docker build --tag "$REPOSITORY_URI:$tag" .
        docker push "$REPOSITORY_URI:$tag"
        digest=$(aws ecr batch-get-image --repository-name shop)
        python3 -m pip install -r requirements.txt
    """
    assert commands(script) == {"aws ecr get-login-password", "docker push", "aws ecr batch-get-image"}


@pytest.mark.parametrize(
    "command", ["aws s3 cp a b", "aws --region eu-west-1 ecr put-image", "docker buildx build --push ."]
)
def test_a_command_that_no_table_has_is_an_error(command):
    with pytest.raises(KeyError):
        commands(command)


def test_calls_are_made_on_resources_by_name():
    table = {"arn:{partition}:s3:::{bucket}/{pipeline:.3}": ("s3:GetObject",), "{role}": ("iam:PassRole",)}
    assert list(calls(table, EVENTS, **NAMES)) == [
        Call("s3:GetObject", "arn:aws:s3:::artifacts/sho"),
        Call("iam:PassRole", "arn:aws:iam::1:role/task", {"iam:PassedToService": "ecs-tasks.amazonaws.com"}),
        Call("codepipeline:StartPipelineExecution", "arn:aws:codepipeline:eu-west-1:1:shop"),
    ]


def test_a_call_is_told_what_it_is_about_by_name_as_well():
    table = {"*": ("ecs:DeleteTaskSet",)}
    cluster, service = (f"arn:aws:ecs:eu-west-1:1:{each}" for each in ("cluster/main", "service/main/shop"))
    assert list(calls(table, **NAMES)) == [
        Call("ecs:DeleteTaskSet", "*", {"ecs:cluster": cluster, "ecs:service": service})
    ]


def test_a_table_may_be_limited_to_some_actions():
    assert only({"a": ("s3:GetObject", "s3:PutObject"), "b": ("s3:GetObject",)}, ["s3:PutObject"]) == {
        "a": ("s3:PutObject",),
        "b": (),
    }


NAMES = {
    "partition": "aws",
    "region": "eu-west-1",
    "account": "1",
    "bucket": "artifacts",
    "pipeline": "shop",
    "cluster": "main",
    "service": "shop",
    "role": "arn:aws:iam::1:role/task",
}
