"""How hooks answer ECS and CodeDeploy, whatever they judge."""

import json
import re
import subprocess
import sys
import zipfile

import boto3
import pytest

from runtime.hooks import codedeploy, ecs, settings
from runtime.hooks.client import client
from runtime.hooks.hook import answer
from runtime.hooks.verdict import Verdict
from tests.runtime.lifecycle import (
    CODEDEPLOY_EVENT,
    DEPLOYMENT,
    ECS_EVENT,
    GREEN,
    TASK_DEFINITION,
    Context,
    logged,
)

GOOD = Verdict("SUCCEEDED", "all is well")
BAD = Verdict("FAILED", "status 503")
WAIT = Verdict("IN_PROGRESS", "nobody has answered")


def saying(*verdicts):
    """A judge that says these one after the other."""
    left = list(verdicts)
    return lambda _: left.pop(0)


def broken(_):
    raise KeyError("image")


@pytest.mark.parametrize(
    ("verdict", "returned"),
    [
        (GOOD, {"hookStatus": "SUCCEEDED"}),
        (BAD, {"hookStatus": "FAILED"}),
        (WAIT, {"hookStatus": "IN_PROGRESS", "callBackDelay": 30}),
        (Verdict("IN_PROGRESS", "later", 90), {"hookStatus": "IN_PROGRESS", "callBackDelay": 90}),
    ],
)
def test_ecs_reads_the_verdict_from_what_the_function_returns(aws, verdict, returned):
    aws.ecs_deployment()
    assert answer(saying(verdict), ECS_EVENT, Context()) == returned


@pytest.mark.parametrize(("verdict", "status"), [(GOOD, "Succeeded"), (BAD, "Failed")])
def test_codedeploy_is_told_the_verdict_by_a_call(aws, verdict, status):
    aws.codedeploy_deployment()
    aws.codedeploy_told(status)
    assert answer(saying(verdict), CODEDEPLOY_EVENT, Context()) is None


def test_codedeploy_asks_once_so_that_the_function_waits_for_the_verdict_itself(aws, pauses):
    aws.codedeploy_deployment()
    aws.codedeploy_told("Succeeded")
    answer(saying(WAIT, Verdict("IN_PROGRESS", "still nobody", 60), GOOD), CODEDEPLOY_EVENT, Context(300))
    assert pauses == [30, 60]


def test_codedeploy_is_told_failed_before_the_function_is_out_of_time(aws, pauses, capsys):
    aws.codedeploy_deployment()
    aws.codedeploy_told("Failed")
    answer(saying(WAIT, WAIT, WAIT), CODEDEPLOY_EVENT, Context(75, 45, 44.9))
    assert pauses == [30, 30]
    assert logged(capsys)[-1] == {
        "deployment": "d-4IM3IP9GP",
        "verdict": "FAILED",
        "reason": "undecided when the function's time was up: nobody has answered",
    }


def test_ecs_asks_again_itself(aws, pauses):
    aws.ecs_deployment()
    answer(saying(WAIT), ECS_EVENT, Context(900))
    assert pauses == []


def test_each_verdict_is_a_line_of_the_log(aws, capsys):
    aws.ecs_deployment()
    aws.codedeploy_deployment()
    aws.codedeploy_told("Failed")
    answer(saying(GOOD), ECS_EVENT, Context())
    answer(saying(BAD), CODEDEPLOY_EVENT, Context())
    assert logged(capsys) == [
        {
            "deployment": "EZe5RNVLH6PPzHXINuP28",
            "stage": "POST_TEST_TRAFFIC_SHIFT",
            "verdict": "SUCCEEDED",
            "reason": "all is well",
        },
        {"deployment": "d-4IM3IP9GP", "verdict": "FAILED", "reason": "status 503"},
    ]


def test_a_broken_hook_sends_the_release_back_under_ecs(aws, capsys):
    aws.ecs_deployment()
    assert answer(broken, ECS_EVENT, Context()) == {"hookStatus": "FAILED"}
    (line,) = logged(capsys)
    assert line["reason"] == "KeyError: 'image'"
    assert line["trace"].endswith("KeyError: 'image'\n")


def test_a_broken_hook_sends_the_release_back_under_codedeploy(aws):
    aws.codedeploy_deployment()
    aws.codedeploy_told("Failed")
    assert answer(broken, CODEDEPLOY_EVENT, Context()) is None


def test_a_hook_that_breaks_while_it_waits_sends_the_release_back(aws, pauses):
    aws.codedeploy_deployment()
    aws.codedeploy_told("Failed")
    judge = saying(WAIT)
    answer(judge, CODEDEPLOY_EVENT, Context())
    assert pauses == [30]


def test_a_service_that_refuses_a_call_sends_the_release_back(aws, capsys):
    aws.refuses(
        "ecs:DescribeServiceDeployments",
        "AccessDeniedException",
        "no permission",
        serviceDeploymentArns=[DEPLOYMENT],
    )
    assert answer(saying(GOOD), ECS_EVENT, Context()) == {"hookStatus": "FAILED"}
    assert logged(capsys)[0]["reason"] == (
        "AccessDeniedException: An error occurred (AccessDeniedException) when calling the "
        "DescribeServiceDeployments operation: no permission"
    )


def test_a_deployment_that_ecs_does_not_know_is_named(aws, capsys):
    aws.answers(
        "ecs:DescribeServiceDeployments",
        {"serviceDeployments": [], "failures": [{"arn": DEPLOYMENT, "reason": "MISSING"}]},
        serviceDeploymentArns=[DEPLOYMENT],
    )
    assert answer(saying(GOOD), ECS_EVENT, Context()) == {"hookStatus": "FAILED"}
    assert logged(capsys)[0]["reason"] == f"LookupError: ECS doesn't describe {DEPLOYMENT}: ['MISSING']"


@pytest.mark.parametrize("status", ["ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"])
def test_a_release_that_ecs_takes_back_is_not_held(aws, capsys, status):
    aws.ecs_deployment(status=status)
    assert answer(broken, ECS_EVENT, Context()) == {"hookStatus": "SUCCEEDED"}
    assert logged(capsys)[0]["reason"] == "the release is going back"


@pytest.mark.parametrize("creator", ["codeDeployRollback", "CloudFormationRollback"])
def test_a_deployment_by_which_codedeploy_takes_a_release_back_is_not_held(aws, creator):
    aws.codedeploy_deployment(creator)
    aws.codedeploy_told("Succeeded")
    answer(broken, CODEDEPLOY_EVENT, Context())


def test_the_second_answer_to_codedeploy_does_no_harm(aws, capsys):
    aws.codedeploy_deployment()
    aws.refuses(
        "codedeploy:PutLifecycleEventHookExecutionStatus",
        "LifecycleEventAlreadyCompletedException",
        deploymentId="d-4IM3IP9GP",
        lifecycleEventHookExecutionId="eyJlbmNyeXB0ZWREYXRh",
        status="Succeeded",
    )
    assert answer(saying(GOOD), CODEDEPLOY_EVENT, Context()) is None
    assert logged(capsys)[-1]["note"] == "CodeDeploy has been told before"


def test_an_answer_that_codedeploy_does_not_take_is_an_error_of_the_function(aws):
    aws.codedeploy_deployment()
    aws.refuses(
        "codedeploy:PutLifecycleEventHookExecutionStatus",
        "InvalidLifecycleEventHookExecutionIdException",
        deploymentId="d-4IM3IP9GP",
        lifecycleEventHookExecutionId="eyJlbmNyeXB0ZWREYXRh",
        status="Succeeded",
    )
    with pytest.raises(client("codedeploy").exceptions.InvalidLifecycleEventHookExecutionIdException):
        answer(saying(GOOD), CODEDEPLOY_EVENT, Context())


@pytest.mark.parametrize(
    "event",
    [
        {},
        None,
        "EZe5RNVLH6PPzHXINuP28",
        {"LifecycleEventHookExecutionId": "eyJlbmNyeXB0ZWREYXRh"},
        {"DeploymentId": "d-4IM3IP9GP"},
        *(
            {key: value for key, value in ECS_EVENT.items() if key != gone}
            for gone in ("resourceArn", "lifecycleStage")
        ),
        ECS_EVENT | {"executionDetails": {"serviceArn": "arn"}},
        ECS_EVENT | {"executionDetails": None},
        ECS_EVENT | {"resourceArn": None},
    ],
)
def test_an_event_of_neither_service_fails(aws, capsys, event):
    assert answer(saying(GOOD), event, Context()) == {"hookStatus": "FAILED"}
    (line,) = logged(capsys)
    assert line["reason"].startswith("this is no event of a lifecycle hook: ")
    assert aws.calls == []


@pytest.mark.parametrize(("sources", "first"), [((), True), ((GREEN,), False)])
def test_the_first_deployment_under_ecs_is_the_one_that_replaces_no_revision(aws, sources, first):
    aws.ecs_deployment(sources)
    assert ecs.Deployment(ECS_EVENT, Context()).first is first


def test_no_deployment_under_codedeploy_is_the_first():
    assert codedeploy.Deployment(CODEDEPLOY_EVENT, Context()).first is False


def test_a_deployment_is_described_once_however_often_the_judge_asks(aws):
    aws.ecs_deployment()
    answer(lambda release: GOOD if not release.first and not release.first else BAD, ECS_EVENT, Context())
    assert aws.calls == ["ecs:DescribeServiceDeployments"]


def test_the_task_definition_under_ecs_is_that_of_the_target_revision(aws):
    aws.answers(
        "ecs:DescribeServiceRevisions",
        {"serviceRevisions": [{"serviceRevisionArn": GREEN, "taskDefinition": TASK_DEFINITION}]},
        serviceRevisionArns=[GREEN],
    )
    assert ecs.Deployment(ECS_EVENT, Context()).task_definition == TASK_DEFINITION


def with_task_sets(aws, *task_sets):
    """CodeDeploy tells the service, and ECS its task sets."""
    aws.codedeploy_deployment()
    aws.answers(
        "codedeploy:GetDeploymentGroup",
        {"deploymentGroupInfo": {"ecsServices": [{"clusterName": "shop", "serviceName": "web"}]}},
        applicationName="web-app",
        deploymentGroupName="web-group",
    )
    aws.answers("ecs:DescribeServices", {"services": [{"taskSets": list(task_sets)}]}, cluster="shop", services=["web"])


def test_the_task_definition_under_codedeploy_is_that_of_the_task_set_with_the_deployments_id(aws):
    with_task_sets(
        aws,
        {"status": "PRIMARY", "taskDefinition": TASK_DEFINITION.replace(":8", ":7"), "externalId": "d-OLDOLDOLD"},
        {"status": "PRIMARY", "taskDefinition": TASK_DEFINITION.replace(":8", ":6")},
        {"status": "ACTIVE", "taskDefinition": TASK_DEFINITION, "externalId": "d-4IM3IP9GP"},
    )
    assert codedeploy.Deployment(CODEDEPLOY_EVENT, Context()).task_definition == TASK_DEFINITION


def test_before_install_there_is_no_task_definition_to_judge(aws):
    with_task_sets(aws, {"status": "PRIMARY", "taskDefinition": TASK_DEFINITION, "externalId": "d-OLDOLDOLD"})
    with pytest.raises(LookupError, match=r"^d-4IM3IP9GP has no task set: it has one from AfterInstall on$"):
        _ = codedeploy.Deployment(CODEDEPLOY_EVENT, Context()).task_definition


ANY = {"path": settings.Setting("a path", settings.text("/.*")), "tries": settings.Setting("1 to 3", bool, 2)}


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ("", "HOOK must be a JSON object"),
        ("{", "HOOK must be a JSON object"),
        ("[]", "HOOK must be a JSON object"),
        ("{}", "HOOK: 'path' is missing: a path"),
        ('{"path": "secret"}', "HOOK: 'path' must be a path"),
        ('{"path": 1, "tries": 0}', "HOOK: 'path' must be a path; 'tries' must be 1 to 3"),
        ('{"path": "/", "Tries": 1}', "HOOK: no key 'Tries', only path, tries"),
    ],
)
def test_settings_that_are_not_allowed_are_named_all_at_once_but_not_shown(monkeypatch, given, refused):
    monkeypatch.setenv("HOOK", given)
    with pytest.raises(ValueError, match=rf"^{re.escape(refused)}$"):
        settings.read(ANY)


def test_missing_settings_are_refused(monkeypatch):
    monkeypatch.delenv("HOOK", raising=False)
    with pytest.raises(ValueError, match=r"^HOOK must be a JSON object$"):
        settings.read(ANY)


def test_what_is_not_set_is_as_it_is_by_default(hook):
    hook(path="/a")
    assert settings.read(ANY) == {"path": "/a", "tries": 2}


def test_a_client_waits_out_throttling_and_gives_up_before_its_function_does(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    client.cache_clear()
    config = client("ecs").meta.config
    client.cache_clear()
    assert (config.connect_timeout, config.read_timeout) == (5, 10)
    assert config.retries == {"mode": "standard", "total_max_attempts": 5}
    assert boto3.client.__module__ == "boto3"


@pytest.mark.parametrize("name", ["smoke", "admission", "approval"])
def test_a_package_that_holds_the_folder_alone_has_the_handlers(root, tmp_path, name):
    package = tmp_path / "hooks.zip"
    with zipfile.ZipFile(package, "w") as archive:
        for file in (root / "runtime" / "hooks").glob("*.py"):
            archive.write(file, f"hooks/{file.name}")
    program = f"import json; from hooks.{name} import handler; print(json.dumps(handler({{}}, None)))"
    command = [sys.executable, "-P", "-c", program]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(package)}, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == {"hookStatus": "FAILED"}
