"""What `RollbackAlarms` declare. Mocks prove what is sent, not what AWS accepts."""

import pytest

from components.limits import Refused
from components.rollback_alarms import RollbackAlarms

ARGS = {
    "load_balancer_arn_suffix": "app/shop/1",
    "target_group_arn_suffixes": {"blue": "targetgroup/blue/1", "green": "targetgroup/green/2"},
}


def test_each_colour_is_watched(declare):
    """5xx replies, unhealthy tasks and slow replies are watched for blue and for green, silence is no alarm."""
    deployment = declare(lambda: RollbackAlarms("shop", ARGS))
    found = {}
    for alarm in deployment.of_type("aws:cloudwatch/metricAlarm:MetricAlarm"):
        inputs = dict(alarm.inputs)
        del inputs["name"], inputs["alarmDescription"]
        found[alarm.name] = inputs

    def alarm(colour, metric, threshold, **statistic):
        suffix = ARGS["target_group_arn_suffixes"][colour]
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

    assert found == {
        f"shop-{colour}-{suffix}": alarm(colour, metric, threshold, **statistic)
        for colour in ("blue", "green")
        for suffix, metric, threshold, statistic in (
            ("5xx", "HTTPCode_Target_5XX_Count", 10, {"statistic": "Sum"}),
            ("unhealthy", "UnHealthyHostCount", 1, {"statistic": "Maximum"}),
            ("latency", "TargetResponseTime", 2, {"extendedStatistic": "p95"}),
        )
    }


def test_names(declare):
    """The names end with the alarms that existed already."""
    deployment = declare(lambda: RollbackAlarms("shop", {**ARGS, "additional_names": ["queue-depth"]}))
    component = deployment.find("ecs-blue-green:index:RollbackAlarms", "shop")
    own = [r.inputs["name"] for r in deployment.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")]
    assert component.outputs["names"][-1] == "queue-depth"
    assert sorted(component.outputs["names"][:-1]) == sorted(own)


def test_too_many():
    """More alarms than a deployment group may watch are refused (G9)."""
    with pytest.raises(Refused) as refused:
        RollbackAlarms("shop", {**ARGS, "additional_names": list("abcde")})
    assert refused.value.given == "11 alarms"
