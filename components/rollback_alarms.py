"""What is watched during a release."""

from collections.abc import Iterator
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components import limits


class TargetGroupMetricsArgs(TypedDict):
    """Where the load balancer counts what the tasks of a service reply."""

    load_balancer_arn_suffix: pulumi.Input[str]
    """`LoadBalancer` dimension."""

    target_group_arn_suffixes: dict[str, pulumi.Input[str]]
    """`TargetGroup` dimensions by colour."""


class ServiceConnectMetricsArgs(TypedDict):
    """Where the proxies of its clients count what the tasks of a service reply."""

    cluster_name: pulumi.Input[str]
    """ECS cluster."""

    discovery_name: str
    """Name of the service in its namespace."""


class RollbackAlarmsArgs(TypedDict):
    """Arguments of `RollbackAlarms`."""

    target_groups: NotRequired[TargetGroupMetricsArgs | None]
    """Watch both colours behind the load balancer; not unless given."""

    service_connect: NotRequired[ServiceConnectMetricsArgs | None]
    """Watch what clients in the mesh are told; not unless given."""

    http_5xx_count: NotRequired[int]
    """5xx replies of the tasks in a minute; 10 unless given."""

    unhealthy_hosts: NotRequired[int]
    """Unhealthy tasks behind the load balancer; 1 unless given."""

    latency_p95_seconds: NotRequired[float]
    """95th percentile of the reply time behind the load balancer; 2 seconds unless given."""

    evaluation_minutes: NotRequired[int]
    """Minutes in a row at or above a threshold that set an alarm off; 2 unless given."""

    additional_names: NotRequired[list[str]]
    """Alarms that exist already and are watched as well; none unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class RollbackAlarms(pulumi.ComponentResource):
    """Three alarms a colour behind a load balancer - 5xx replies, unhealthy tasks, slow replies - and one in the mesh.

    Green is watched as well as blue, whichever of the two serves at the moment. A target group without traffic has no
    data, which is no reason to roll back. The proxies of Service Connect don't tell colours apart, and count by the
    client that called: the alarm adds up all clients of the cluster by a Metrics Insights query.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html

    Raises:
        Refused: for more alarms than a deployment group may watch (G9).
    """

    names: pulumi.Output[list[str]]
    """Names of the alarms, those that existed already last."""

    def __init__(self, name: str, args: RollbackAlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # No deployment group watches the mesh: its services have another controller (G13).
        colours = [*_behind_load_balancer(name, args)]
        limits.check_alarms(len(colours) + len(args.get("additional_names", [])))
        wanted = [*colours, *_in_mesh(name, args)]
        super().__init__("ecs-blue-green:index:RollbackAlarms", name, None, opts)

        alarms = [
            aws.cloudwatch.MetricAlarm(
                suffix,
                **metric,
                comparison_operator="GreaterThanOrEqualToThreshold",
                evaluation_periods=args.get("evaluation_minutes", 2),
                treat_missing_data="notBreaching",
                tags=args.get("tags"),
                opts=pulumi.ResourceOptions(parent=self),
            )
            for suffix, metric in wanted
        ]

        self.names = pulumi.Output.all(*(alarm.name for alarm in alarms), *args.get("additional_names", []))
        self.register_outputs({"names": self.names})


def _behind_load_balancer(name: str, args: RollbackAlarmsArgs) -> Iterator[tuple[str, dict[str, Any]]]:
    groups = args.get("target_groups")
    if groups is None:
        return
    metrics = (
        ("5xx", "HTTPCode_Target_5XX_Count", "Sum", args.get("http_5xx_count", 10), "5xx replies"),
        ("unhealthy", "UnHealthyHostCount", "Maximum", args.get("unhealthy_hosts", 1), "unhealthy tasks"),
        ("latency", "TargetResponseTime", "p95", args.get("latency_p95_seconds", 2.0), "slow replies"),
    )
    for colour, target_group in groups["target_group_arn_suffixes"].items():
        for suffix, metric, statistic, threshold, what in metrics:
            yield (
                f"{name}-{colour}-{suffix}",
                {
                    "alarm_description": f"{what.capitalize()} from the {colour} tasks of {name}",
                    "namespace": "AWS/ApplicationELB",
                    "metric_name": metric,
                    "dimensions": {"LoadBalancer": groups["load_balancer_arn_suffix"], "TargetGroup": target_group},
                    "statistic": None if statistic == "p95" else statistic,
                    "extended_statistic": statistic if statistic == "p95" else None,
                    "threshold": float(threshold),
                    "period": 60,
                },
            )


def _in_mesh(name: str, args: RollbackAlarmsArgs) -> Iterator[tuple[str, dict[str, Any]]]:
    mesh = args.get("service_connect")
    if mesh is None:
        return
    query = pulumi.Output.format(
        'SELECT SUM(HTTPCode_Target_5XX_Count) FROM SCHEMA("AWS/ECS", ClusterName, ServiceName, TargetDiscoveryName) '
        "WHERE ClusterName = '{0}' AND TargetDiscoveryName = '{1}'",
        mesh["cluster_name"],
        mesh["discovery_name"],
    )
    yield (
        f"{name}-mesh-5xx",
        {
            "alarm_description": f"5xx replies from the tasks of {name} to their clients in the mesh",
            "metric_queries": [{"id": "replies", "expression": query, "period": 60, "return_data": True}],
            "threshold": float(args.get("http_5xx_count", 10)),
        },
    )
