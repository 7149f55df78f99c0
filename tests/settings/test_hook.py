"""Hooks: what each means where it says little, who calls them when, and how those of the project are told apart."""

from __future__ import annotations

from typing import Any

import pytest

import settings
from settings import judges
from settings.deployment import CodeDeploy
from tests.settings.stack_files import dumped, message, native, refusal, service, stack

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:verify"
REQUEST = {
    "path": None,
    "status": 200,
    "contains": None,
    "latencySeconds": 2.0,
    "attempts": 3,
    "host": None,
    "through": None,
}


def released(*hooks: dict[str, Any], controller: str = "ECS") -> dict[str, Any]:
    """A stack file of a service whose releases these hooks judge."""
    own = {"controller": controller, "hooks": list(hooks)}
    kind = native if controller == "ECS" else service
    return stack(shop=kind(deployment=own, loadBalancer={"testPort": 81}))


def deployment(*hooks: dict[str, Any], controller: str = "ECS") -> Any:
    """How such a service is released."""
    return settings.parse(released(*hooks, controller=controller)).services["shop"].deployment


@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        (
            {"type": "PAUSE", "stages": ["POST_SCALE_UP"]},
            {"type": "PAUSE", "stages": ["POST_SCALE_UP"], "timeoutMinutes": 1440, "timeoutAction": "ROLLBACK"},
        ),
        (
            {"type": "AWS_LAMBDA", "stages": ["POST_SCALE_UP"], "functionArn": FUNCTION},
            {
                "type": "AWS_LAMBDA",
                "stages": ["POST_SCALE_UP"],
                "functionArn": FUNCTION,
                "details": {},
                "timeoutMinutes": 60,
            },
        ),
        ({"type": "SMOKE"}, {"type": "SMOKE", **REQUEST, "stages": ["POST_TEST_TRAFFIC_SHIFT"]}),
        ({"type": "ADMISSION"}, {"type": "ADMISSION", "images": [], "stages": ["PRE_SCALE_UP"]}),
        (
            {"type": "APPROVAL"},
            {"type": "APPROVAL", "stages": ["POST_TEST_TRAFFIC_SHIFT"], "timeoutMinutes": 1440},
        ),
    ],
    ids=["PAUSE", "AWS_LAMBDA", "SMOKE", "ADMISSION", "APPROVAL"],
)
def test_a_hook_of_ecs_needs_its_type_and_what_only_a_person_knows(hook, expected):
    """Those of the project know when to judge; people have a day for an answer, functions an hour."""
    assert dumped(released(hook), "services", "shop", "deployment", "hooks") == [expected]


@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        (
            {"type": "AWS_LAMBDA", "events": ["BeforeInstall"], "functionArn": FUNCTION},
            {"type": "AWS_LAMBDA", "functionArn": FUNCTION, "events": ["BeforeInstall"]},
        ),
        ({"type": "SMOKE"}, {"type": "SMOKE", **REQUEST, "events": ["AfterAllowTestTraffic"]}),
        ({"type": "ADMISSION"}, {"type": "ADMISSION", "images": [], "events": ["AfterInstall"]}),
    ],
    ids=["AWS_LAMBDA", "SMOKE", "ADMISSION"],
)
def test_a_hook_of_codedeploy_has_events_in_the_place_of_stages(hook, expected):
    """Green takes tests at the one event, and its tasks are known at the other."""
    file = released(hook, controller="CODE_DEPLOY")
    assert dumped(file, "services", "shop", "deployment", "hooks") == [expected]


def test_a_service_without_hooks_has_none_to_judge_it():
    """Neither controller makes up any, and a release in place knows none."""
    assert [
        *deployment().judging,
        *deployment(controller="CODE_DEPLOY").judging,
        *settings.parse(stack(shop=native(deployment={"controller": "ECS", "strategy": "ROLLING"})))
        .services["shop"]
        .deployment.judging,
    ] == []


def test_functions_of_the_project_are_named_after_their_hooks_and_counted():
    """A second hook of a type has a function of its own; pauses and functions of others need none."""
    hooks = deployment(
        {"type": "SMOKE"},
        {"type": "PAUSE", "stages": ["POST_SCALE_UP"]},
        {"type": "SMOKE", "path": "/health"},
        {"type": "AWS_LAMBDA", "stages": ["POST_SCALE_UP"], "functionArn": FUNCTION},
        {"type": "ADMISSION"},
        {"type": "APPROVAL"},
        {"type": "SMOKE", "path": "/cart"},
    ).judging
    found = judges(hooks)
    assert list(found) == ["smoke", "smoke-2", "admission", "approval", "smoke-3"]
    assert [hooks.index(hook) for hook in found.values()] == [0, 2, 4, 5, 6]


def test_equal_hooks_have_a_function_each():
    """They are told apart by their place, not by what they say."""
    hooks = deployment({"type": "ADMISSION"}, {"type": "ADMISSION"}).judging
    assert hooks[0] == hooks[1]
    assert list(judges(hooks)) == ["admission", "admission-2"]


def test_ecs_is_told_the_functions_of_the_project_by_their_arns():
    """Each hook has the function that was made for it, in the order of the stack file."""
    own = deployment(
        {"type": "SMOKE", "stages": ["POST_PRODUCTION_TRAFFIC_SHIFT"]},
        {"type": "AWS_LAMBDA", "stages": ["POST_SCALE_UP"], "functionArn": FUNCTION},
        {"type": "APPROVAL", "timeoutMinutes": 30},
        {"type": "SMOKE"},
    )
    assert own.deployment({"smoke": "arn:1", "approval": "arn:2", "smoke-2": "arn:3"})["hooks"] == [
        {
            "type": "AWS_LAMBDA",
            "function_name": "smoke",
            "function_arn": "arn:1",
            "stages": ["POST_PRODUCTION_TRAFFIC_SHIFT"],
        },
        {
            "type": "AWS_LAMBDA",
            "function_arn": FUNCTION,
            "stages": ["POST_SCALE_UP"],
            "details": {},
            "timeout_minutes": 60,
        },
        {
            "type": "AWS_LAMBDA",
            "function_name": "approval",
            "function_arn": "arn:2",
            "stages": ["POST_TEST_TRAFFIC_SHIFT"],
            "timeout_minutes": 30,
        },
        {
            "type": "AWS_LAMBDA",
            "function_name": "smoke-2",
            "function_arn": "arn:3",
            "stages": ["POST_TEST_TRAFFIC_SHIFT"],
        },
    ]


@pytest.mark.parametrize(
    ("given", "minutes"),
    [
        ({}, 30 + 5 + 10),
        ({"configuration": "CodeDeployDefault.ECSAllAtOnce", "terminationWaitMinutes": 0}, 30),
        ({"configuration": "CodeDeployDefault.ECSLinear10PercentEvery3Minutes"}, 30 + 27 + 10),
        ({"approvalWaitMinutes": 60}, 30 + 60 + 5 + 10),
        ({"configuration": {"type": "CANARY", "percentage": 10, "intervalMinutes": 45}}, 30 + 45 + 10),
        ({"configuration": {"type": "LINEAR", "percentage": 30, "intervalMinutes": 7}}, 30 + 3 * 7 + 10),
        (
            {
                "hooks": [
                    {"type": "ADMISSION", "events": ["AfterInstall", "BeforeAllowTraffic"]},
                    {"type": "SMOKE"},
                ]
            },
            30 + 3 * 60 + 5 + 10,
        ),
    ],
    ids=["default", "at once", "named", "approval", "canary", "linear", "hooks"],
)
def test_a_deployment_of_codedeploy_lasts_as_long_as_all_that_it_waits_for(given, minutes):
    """Tasks, an hour for a hook at each event, a person, the shift, and the stay of the old tasks."""
    file = stack(shop=service(deployment=given, loadBalancer={"testPort": 81}))
    found = settings.parse(file).services["shop"].deployment
    assert isinstance(found, CodeDeploy)
    assert found.longest_minutes == minutes


@pytest.mark.parametrize("controller", ["CODE_DEPLOY", "ECS"])
def test_the_images_that_may_run_fit_what_lambda_keeps(controller):
    """A list of a few names fits, and one that is too long is refused before Lambda does."""
    names = ["x" * 98] * 39
    fitting, larger = (
        released({"type": "ADMISSION", "images": [*names, "x" * last]}, controller=controller) for last in (18, 19)
    )
    assert settings.parse(fitting)
    assert refusal(larger) == message(
        "services.shop.deployment.hooks[0].images: given 4001 characters; allowed: at most 4000 in all; the function "
        "has them as an environment variable, for which Lambda has 4 KB"
    )


def test_the_text_that_a_reply_contains_fits_there_too():
    """However many characters JSON makes of each of its own."""
    assert deployment({"type": "SMOKE", "contains": "😀" * 200})
    assert refusal(released({"type": "SMOKE", "contains": "😀" * 201})).endswith(
        "allowed: a length of at most 200; Text in the reply; any unless set."
    )


@pytest.mark.parametrize(
    "image",
    [
        "shop",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/*",
        "localhost:5000/shop",
        "public.ecr.aws/docker/library/python:3.13.9-alpine3.22",
        f"shop/web@sha256:{'a' * 64}",
        f"shop/web:1@sha256:{'a' * 64}",
    ],
)
def test_images_are_allowed_one_by_one_by_repository_or_by_registry(image):
    """As an admission reads them."""
    assert deployment({"type": "ADMISSION", "images": [image]}).judging[0].images == [image]
