"""What the deploy step says of a release until it is over, and how it ends."""

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.runtime.scripted_ecs import ScriptedEcs, deployment, revision

ARN = deployment("second")
FOLLOW = ["--service-deployment", ARN]
GOES_ON = f"the release goes on; --service-deployment {ARN} follows it\n"


@pytest.fixture
def ecs():
    return ScriptedEcs()


def traffic(production, test):
    """How much of the traffic the new version has."""
    return {
        "sourceServiceRevisions": [weights("first", 100 - production, 100 - test)],
        "targetServiceRevision": weights("second", production, test),
    }


def weights(name, production, test):
    return {
        "arn": revision(name),
        "requestedProductionTrafficWeight": production,
        "requestedTestTrafficWeight": test,
    }


def lines(*said):
    """What is printed, after the release's ARN."""
    return "".join(f"{line}\n" for line in (f"service deployment {ARN}", *said))


def test_every_change_is_printed_once(ecs, capsys):
    """State, stage and traffic, with the minutes since the beginning."""
    ecs.shows("PENDING")
    ecs.shows("IN_PROGRESS", lifecycleStage="SCALE_UP", **traffic(0, 0))
    for _ in range(12):
        ecs.shows("IN_PROGRESS", lifecycleStage="TEST_TRAFFIC_SHIFT", **traffic(0, 100))
    ecs.shows("IN_PROGRESS", lifecycleStage="PRODUCTION_TRAFFIC_SHIFT", **traffic(2.5, 100))
    ecs.shows("IN_PROGRESS", lifecycleStage="BAKE_TIME", **traffic(100, 100))
    ecs.shows("SUCCESSFUL", lifecycleStage="CLEAN_UP", **traffic(100, 100))
    assert ecs.run(FOLLOW) == 0
    assert capsys.readouterr() == (
        lines(
            "   0.0 min  PENDING",
            "   0.2 min  IN_PROGRESS  SCALE_UP  production traffic 100% old, 0% new  test traffic 100% old, 0% new",
            "   0.3 min  IN_PROGRESS  TEST_TRAFFIC_SHIFT  "
            "production traffic 100% old, 0% new  test traffic 0% old, 100% new",
            "   2.3 min  IN_PROGRESS  PRODUCTION_TRAFFIC_SHIFT  "
            "production traffic 97.5% old, 2.5% new  test traffic 0% old, 100% new",
            "   2.5 min  IN_PROGRESS  BAKE_TIME  production traffic 0% old, 100% new  test traffic 0% old, 100% new",
            "   2.7 min  SUCCESSFUL  CLEAN_UP  production traffic 0% old, 100% new  test traffic 0% old, 100% new",
        ),
        "",
    )


def test_traffic_that_ecs_does_not_tell_is_not_made_up(ecs, capsys):
    """A first release has no old version; one that nobody tests has no test traffic."""
    ecs.shows("SUCCESSFUL", targetServiceRevision={"requestedProductionTrafficWeight": 100.0})
    assert ecs.run(FOLLOW) == 0
    assert capsys.readouterr().out == lines("   0.0 min  SUCCESSFUL  production traffic 0% old, 100% new")


def test_a_pause_says_how_to_answer_it(ecs, capsys):
    """Once for every pause; hooks that are functions answer for themselves."""
    expires = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    function = {"hookId": "smoke", "targetType": "AWS_LAMBDA", "status": "IN_PROGRESS"}
    for hook in ("one", "one", "two"):
        pause = {"hookId": hook, "targetType": "PAUSE", "status": "AWAITING_ACTION"}
        pause |= {"expiresAt": expires, "timeoutAction": "ROLLBACK"}
        ecs.shows("IN_PROGRESS", lifecycleHookDetails=[function, pause])
    ecs.shows("SUCCESSFUL", lifecycleHookDetails=[pause | {"status": "SUCCEEDED"}])
    assert ecs.run(FOLLOW) == 0
    answer = f"aws ecs continue-service-deployment --service-deployment-arn {ARN} --hook-id"
    assert capsys.readouterr().out == lines(
        "   0.0 min  IN_PROGRESS",
        "            waits for an answer until 2026-03-01 12:30:00+00:00, then ROLLBACK:",
        f"            {answer} one --action CONTINUE (or ROLLBACK)",
        f"            {answer} two --action CONTINUE (or ROLLBACK)",
        "   0.5 min  SUCCESSFUL",
    )


def test_a_way_back_is_followed_to_its_end(ecs, capsys):
    """And its reason is said at once, and at the end."""
    why = {"statusReason": "Service deployment rolled back.", "rollback": {"reason": "Alarms were triggered."}}
    ecs.shows("IN_PROGRESS")
    ecs.shows("ROLLBACK_IN_PROGRESS", **why)
    ecs.shows("ROLLBACK_IN_PROGRESS", **why, alarms={"triggeredAlarmNames": ["5xx", "slow"]})
    ecs.shows("ROLLBACK_SUCCESSFUL", **why, alarms={"triggeredAlarmNames": ["5xx", "slow"]})
    assert ecs.run(FOLLOW) == 1
    assert capsys.readouterr() == (
        lines(
            "   0.0 min  IN_PROGRESS",
            "   0.2 min  ROLLBACK_IN_PROGRESS",
            "            Service deployment rolled back.",
            "            Alarms were triggered.",
            "            alarms: 5xx, slow",
            "   0.5 min  ROLLBACK_SUCCESSFUL",
        ),
        "not released: ROLLBACK_SUCCESSFUL: "
        "Service deployment rolled back.; Alarms were triggered.; alarms: 5xx, slow\n",
    )


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({}, "AWS gives no reason"),
        ({"statusReason": "stopped by a user"}, "stopped by a user"),
        ({"statusReason": "failed", "rollback": {"reason": "failed"}}, "failed"),
        (
            {"deploymentCircuitBreaker": {"status": "TRIGGERED", "failureCount": 3, "threshold": 3}},
            "circuit breaker: 3 failed tasks",
        ),
        ({"deploymentCircuitBreaker": {"status": "MONITORING", "failureCount": 1}}, "AWS gives no reason"),
        ({"alarms": {"status": "MONITORING", "alarmNames": ["5xx"]}}, "AWS gives no reason"),
    ],
)
@pytest.mark.parametrize("status", ["STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"])
def test_a_bad_end_is_an_error_with_its_reason(ecs, capsys, status, told, reason):
    ecs.shows(status, **told)
    assert ecs.run(FOLLOW) == 1
    assert capsys.readouterr().err == f"not released: {status}: {reason}\n"


def test_a_state_that_nobody_knows_is_no_end(ecs):
    """STOP_IN_PROGRESS is in the developer guide, but not in the API's model."""
    ecs.shows("STOP_IN_PROGRESS")
    ecs.shows("SUCCESSFUL")
    assert ecs.run(FOLLOW) == 0


def test_an_end_of_a_new_kind_is_a_bad_one(ecs, capsys):
    """As long as nobody knows better."""
    ecs.shows("ABANDONED", finishedAt=datetime(2026, 3, 1, tzinfo=UTC))
    assert ecs.run(FOLLOW) == 1
    assert capsys.readouterr().err == "not released: ABANDONED: AWS gives no reason\n"


@pytest.mark.parametrize(
    "status", ["PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"]
)
def test_a_state_that_is_known_speaks_for_itself(ecs, status):
    """Only those that nobody knows are judged by the time of their end."""
    ecs.shows(status)
    ecs.shows(status, finishedAt=datetime(2026, 3, 1, tzinfo=UTC))
    ecs.shows("SUCCESSFUL")
    assert ecs.run(FOLLOW) == 0


def test_time_runs_out_for_the_step_and_not_for_the_release(ecs, capsys):
    """How to follow on is said."""
    for _ in range(13):
        ecs.shows("IN_PROGRESS")
    assert ecs.run([*FOLLOW, "--timeout-minutes", "2"]) == 1
    assert ecs.now == 120
    assert capsys.readouterr() == (
        lines("   0.0 min  IN_PROGRESS"),
        f"not over after 2 minutes\n{GOES_ON}",
    )


@pytest.mark.parametrize(("code", "status"), [("ThrottlingException", 400), ("ServerException", 500)])
def test_a_reply_that_says_nothing_is_asked_for_again(ecs, capsys, code, status):
    """After botocore has tried as often as it does."""
    asked = {"serviceDeploymentArns": [ARN]}
    ecs.fails("describe_service_deployments", code, "Rate exceeded", status, **asked)
    ecs.shows("SUCCESSFUL")
    assert ecs.run(FOLLOW) == 0
    assert capsys.readouterr().out == lines(
        f"DescribeServiceDeployments: {code}: Rate exceeded; looking again", "   0.2 min  SUCCESSFUL"
    )


def test_a_connection_may_be_lost_until_time_runs_out(ecs, monkeypatch, capsys):
    def describe_service_deployments(**_):
        raise ConnectionClosedError(endpoint_url="https://ecs")

    monkeypatch.setattr(ecs.client, "describe_service_deployments", describe_service_deployments)
    assert ecs.run([*FOLLOW, "--timeout-minutes", "30"]) == 1
    assert ecs.now == 1800
    assert capsys.readouterr().err == f"not over after 30 minutes\n{GOES_ON}"


def test_a_refusal_ends_the_step(ecs, capsys):
    """It would be the same next time."""
    asked = {"serviceDeploymentArns": [ARN]}
    ecs.fails("describe_service_deployments", "AccessDeniedException", "not authorized", **asked)
    assert ecs.run(FOLLOW) == 1
    assert capsys.readouterr().err == (f"DescribeServiceDeployments: AccessDeniedException: not authorized\n{GOES_ON}")


def test_a_release_may_be_unknown_to_ecs_for_two_minutes(ecs):
    for _ in range(11):
        ecs.knows_nothing()
    ecs.shows("IN_PROGRESS")
    ecs.knows_nothing()
    ecs.shows("SUCCESSFUL")
    assert ecs.run(FOLLOW) == 0


def test_a_release_that_ecs_does_not_know_is_an_error(ecs, capsys):
    for _ in range(12):
        ecs.knows_nothing()
    assert ecs.run(FOLLOW) == 1
    assert capsys.readouterr().err == f"not released: ECS knows no service deployment {ARN}\n"


def test_an_interruption_is_not_the_end_of_a_release(ecs, monkeypatch, capsys):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(ecs, "sleep", interrupted)
    ecs.shows("IN_PROGRESS")
    assert ecs.run(FOLLOW) == 1
    assert capsys.readouterr().err == (
        f"interrupted: what has begun goes on, and is found when this is run again\n{GOES_ON}"
    )
