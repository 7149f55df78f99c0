"""Approval: what a person's answer makes of a release."""

import pytest

from runtime.hooks.approval import CALLS, SETTINGS, handler, judge
from runtime.hooks.verdict import Verdict
from tests.runtime.lifecycle import CODEDEPLOY_EVENT, ECS_EVENT, Context, logged

COMMAND = "aws ssm put-parameter --region eu-west-1 --name {} --type String"
APPROVALS = "/ecs-blue-green/shop/approvals"
ECS_PARAMETER = f"{APPROVALS}/EZe5RNVLH6PPzHXINuP28"
CODEDEPLOY_PARAMETER = f"{APPROVALS}/d-4IM3IP9GP"


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("approve", Verdict("SUCCEEDED", "approve")),
        (" Approved\n", Verdict("SUCCEEDED", "approve")),
        ("approve: looks good", Verdict("SUCCEEDED", "approve: looks good")),
        ("reject", Verdict("FAILED", "reject")),
        ("reject: prices are wrong", Verdict("FAILED", "reject: prices are wrong")),
        ("REJECTED - prices\nare wrong", Verdict("FAILED", "reject: prices are wrong")),
        ("reject approve", Verdict("FAILED", "reject: approve")),
    ],
)
def test_an_answer_decides(value, verdict):
    assert judge(value, "put") == verdict


@pytest.mark.parametrize("value", ["", " \n"])
def test_without_an_answer_the_release_waits(value):
    assert judge(value, "put") == Verdict("IN_PROGRESS", "put --value approve, or --value 'reject: WHY'", 30)


@pytest.mark.parametrize("value", ["yes", "approval pending", "rejection", "I approve", "disapprove", "{}"])
def test_with_any_other_text_the_release_waits_and_the_log_says_what_an_answer_is(value):
    assert judge(value, "put") == Verdict(
        "IN_PROGRESS", "an answer begins with approve or reject: put --overwrite --value approve", 30
    )


def unanswered(aws, name):
    """There is no such parameter."""
    aws.refuses("ssm:GetParameter", "ParameterNotFound", Name=name)


def answered(aws, name, value):
    """There is this parameter."""
    aws.answers("ssm:GetParameter", {"Parameter": {"Name": name, "Value": value}}, Name=name)


def test_ecs_is_to_ask_again_for_as_long_as_nobody_answers(aws, hook, capsys):
    aws.ecs_deployment()
    unanswered(aws, ECS_PARAMETER)
    hook(parameters=APPROVALS)
    assert handler(ECS_EVENT, Context()) == {"hookStatus": "IN_PROGRESS", "callBackDelay": 30}
    assert logged(capsys) == [
        {
            "deployment": "EZe5RNVLH6PPzHXINuP28",
            "stage": "POST_TEST_TRAFFIC_SHIFT",
            "verdict": "IN_PROGRESS",
            "reason": f"{COMMAND.format(ECS_PARAMETER)} --value approve, or --value 'reject: WHY'",
        }
    ]


@pytest.mark.parametrize(("value", "status"), [("approve", "SUCCEEDED"), ("reject: prices", "FAILED")])
def test_ecs_is_given_the_answer(aws, hook, value, status):
    aws.ecs_deployment()
    answered(aws, ECS_PARAMETER, value)
    hook(parameters=APPROVALS)
    assert handler(ECS_EVENT, Context()) == {"hookStatus": status}
    assert sorted(set(aws.calls)) == sorted(CALLS["ECS"])


@pytest.mark.parametrize(("value", "status"), [("approve", "Succeeded"), ("reject: prices", "Failed")])
def test_codedeploy_is_told_the_answer_as_soon_as_there_is_one(aws, hook, pauses, value, status):
    aws.codedeploy_deployment()
    unanswered(aws, CODEDEPLOY_PARAMETER)
    unanswered(aws, CODEDEPLOY_PARAMETER)
    answered(aws, CODEDEPLOY_PARAMETER, value)
    aws.codedeploy_told(status)
    hook(parameters=APPROVALS)
    handler(CODEDEPLOY_EVENT, Context())
    assert pauses == [30, 30]
    assert sorted(set(aws.calls)) == sorted(CALLS["CODE_DEPLOY"])


def test_under_codedeploy_the_release_goes_back_if_nobody_answers_while_the_function_runs(aws, hook, pauses):
    aws.codedeploy_deployment()
    unanswered(aws, CODEDEPLOY_PARAMETER)
    unanswered(aws, CODEDEPLOY_PARAMETER)
    aws.codedeploy_told("Failed")
    hook(parameters=APPROVALS)
    handler(CODEDEPLOY_EVENT, Context(60, 30))
    assert pauses == [30]


def test_the_first_deployment_waits_for_nobody(aws, hook):
    aws.ecs_deployment(sources=())
    hook(parameters=APPROVALS)
    assert handler(ECS_EVENT, Context()) == {"hookStatus": "SUCCEEDED"}
    assert aws.calls == ["ecs:DescribeServiceDeployments"]


def test_a_parameter_that_may_not_be_read_sends_the_release_back(aws, hook):
    aws.ecs_deployment()
    aws.refuses("ssm:GetParameter", "AccessDeniedException", Name=ECS_PARAMETER)
    hook(parameters=APPROVALS)
    assert handler(ECS_EVENT, Context()) == {"hookStatus": "FAILED"}


def test_settings_that_are_not_allowed_send_the_release_back(aws, hook, capsys):
    aws.ecs_deployment()
    hook()
    assert handler(ECS_EVENT, Context()) == {"hookStatus": "FAILED"}
    assert logged(capsys)[0]["reason"] == (
        "ValueError: HOOK: 'parameters' is missing: a path of SSM parameters, such as /shop/approvals"
    )


@pytest.mark.parametrize(
    "path", [None, "", "/", "shop", "shop/approvals", "/shop/", "/shop//a", "/a b", "/shop\n", "/schön", 1]
)
def test_what_the_path_may_not_be(path):
    assert SETTINGS["parameters"].allows("/a-b/c_d/e.f/1")
    assert not SETTINGS["parameters"].allows(path)
