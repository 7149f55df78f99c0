"""What `RollbackAlarms` declare. Mocks prove what is sent, not what AWS accepts."""

import pytest

from components.limits import Refused
from components.rollback_alarms import RollbackAlarms

GROUPS = {
    "load_balancer_arn_suffix": "app/shop/1",
    "target_group_arn_suffixes": {"blue": "targetgroup/blue/1", "green": "targetgroup/green/2"},
}
BEHIND = {"target_groups": GROUPS}
MESH = {"service_connect": {"cluster_name": "shop-cluster", "discovery_name": "api"}}


def alarms(deployment):
    """What is watched, by the alarms' logical names, without what only people read."""
    found = {r.name: dict(r.inputs) for r in deployment.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")}
    for inputs in found.values():
        del inputs["name"], inputs["alarmDescription"]
    return found


def test_each_colour_is_watched(declare):
    """5xx replies, unhealthy tasks and slow replies are watched for blue and for green, silence is no alarm."""

    def alarm(colour, metric, threshold, **statistic):
        suffix = GROUPS["target_group_arn_suffixes"][colour]
        return {
            "namespace": "AWS/ApplicationELB",
            "metricName": metric,
            "dimensions": {"LoadBalancer": "app/shop/1", "TargetGroup": suffix},
            "comparisonOperator": "GreaterThanOrEqualToThreshold",
            "threshold": threshold,
            "period": 60,
            "evaluationPeriods": 2,
            "treatMissingData": "notBreaching",
            **statistic,
        }

    assert alarms(declare(lambda: RollbackAlarms("shop", BEHIND))) == {
        f"shop-{colour}-{suffix}": alarm(colour, metric, threshold, **statistic)
        for colour in ("blue", "green")
        for suffix, metric, threshold, statistic in (
            ("5xx", "HTTPCode_Target_5XX_Count", 10, {"statistic": "Sum"}),
            ("unhealthy", "UnHealthyHostCount", 1, {"statistic": "Maximum"}),
            ("latency", "TargetResponseTime", 2, {"extendedStatistic": "p95"}),
        )
    }


IN_MESH = {
    "shop-mesh-5xx": {
        "metricQueries": [
            {
                "id": "replies",
                "expression": "SELECT SUM(HTTPCode_Target_5XX_Count) "
                'FROM SCHEMA("AWS/ECS", ClusterName, ServiceName, TargetDiscoveryName) '
                "WHERE ClusterName = 'shop-cluster' AND TargetDiscoveryName = 'api'",
                "period": 60,
                "returnData": True,
            }
        ],
        "comparisonOperator": "GreaterThanOrEqualToThreshold",
        "threshold": 10,
        "evaluationPeriods": 2,
        "treatMissingData": "notBreaching",
    }
}


def test_the_mesh_is_watched(declare):
    """5xx replies are added up over all clients of the cluster, whichever colour gave them; no other metric is."""
    assert alarms(declare(lambda: RollbackAlarms("shop", MESH))) == IN_MESH


def test_both(declare):
    """A service behind a load balancer and in the mesh is watched in both."""
    found = alarms(declare(lambda: RollbackAlarms("shop", BEHIND | MESH)))
    assert len(found) == 7
    assert found.items() >= IN_MESH.items()


def test_nothing_to_watch(declare):
    """A service without traffic of its own is stopped by the alarms that exist already."""
    deployment = declare(lambda: RollbackAlarms("shop", {"additional_names": ["queue-depth"]}))
    component = deployment.find("ecs-blue-green:index:RollbackAlarms", "shop")
    assert alarms(deployment) == {}
    assert component.outputs["names"] == ["queue-depth"]


def test_thresholds(declare):
    """Replies, tasks, seconds and minutes are choices."""
    args = BEHIND | MESH
    args |= {"http_5xx_count": 3, "unhealthy_hosts": 4, "latency_p95_seconds": 0.5, "evaluation_minutes": 6}
    found = alarms(declare(lambda: RollbackAlarms("shop", args)))
    assert {name: each["threshold"] for name, each in found.items()} == {
        "shop-mesh-5xx": 3,
        **{f"shop-{colour}-5xx": 3 for colour in ("blue", "green")},
        **{f"shop-{colour}-unhealthy": 4 for colour in ("blue", "green")},
        **{f"shop-{colour}-latency": 0.5 for colour in ("blue", "green")},
    }
    assert {each["evaluationPeriods"] for each in found.values()} == {6}


def test_names(declare):
    """The names end with the alarms that existed already."""
    deployment = declare(lambda: RollbackAlarms("shop", {**BEHIND, "additional_names": ["queue-depth"]}))
    component = deployment.find("ecs-blue-green:index:RollbackAlarms", "shop")
    own = [r.inputs["name"] for r in deployment.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")]
    assert component.outputs["names"][-1] == "queue-depth"
    assert sorted(component.outputs["names"][:-1]) == sorted(own)


def test_too_many():
    """More alarms than a deployment group may watch are refused (G9)."""
    with pytest.raises(Refused) as refused:
        RollbackAlarms("shop", {**BEHIND, "additional_names": list("abcde")})
    assert refused.value.given == "11 alarms"


def test_the_mesh_has_an_alarm_to_spare(declare):
    """Only a deployment group has a limit, and none watches a service of the mesh (G9, G13)."""
    args = BEHIND | MESH | {"additional_names": list("abcd")}
    component = declare(lambda: RollbackAlarms("shop", args)).find("ecs-blue-green:index:RollbackAlarms", "shop")
    assert len(component.outputs["names"]) == 11
