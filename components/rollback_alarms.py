"""What is watched during a release, for blue and for green."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components import limits


class RollbackAlarmsArgs(TypedDict):
    """Arguments of `RollbackAlarms`."""

    load_balancer_arn_suffix: pulumi.Input[str]
    """`LoadBalancer` dimension."""

    target_group_arn_suffixes: dict[str, pulumi.Input[str]]
    """`TargetGroup` dimensions by colour."""

    http_5xx_count: NotRequired[int]
    """5xx replies of the tasks in a minute; 10 unless given."""

    unhealthy_hosts: NotRequired[int]
    """Unhealthy tasks; 1 unless given."""

    latency_p95_seconds: NotRequired[float]
    """95th percentile of the reply time; 2 seconds unless given."""

    evaluation_minutes: NotRequired[int]
    """Minutes in a row at or above a threshold that set an alarm off; 2 unless given."""

    additional_names: NotRequired[list[str]]
    """Alarms that exist already and are watched as well; none unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class RollbackAlarms(pulumi.ComponentResource):
    """Three alarms a colour: 5xx replies, unhealthy tasks, slow replies.

    Green is watched as well as blue, whichever of the two serves at the moment. A target group without traffic has no
    data, which is no reason to roll back.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html

    Raises:
        Refused: for more alarms than a deployment group may watch (G9).
    """

    names: pulumi.Output[list[str]]
    """Names of the alarms, those that existed already last."""

    def __init__(self, name: str, args: RollbackAlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        limits.check_alarms(3 * len(args["target_group_arn_suffixes"]) + len(args.get("additional_names", [])))
        super().__init__("ecs-blue-green:index:RollbackAlarms", name, None, opts)

        metrics = (
            ("5xx", "HTTPCode_Target_5XX_Count", "Sum", args.get("http_5xx_count", 10), "5xx replies"),
            ("unhealthy", "UnHealthyHostCount", "Maximum", args.get("unhealthy_hosts", 1), "unhealthy tasks"),
            ("latency", "TargetResponseTime", "p95", args.get("latency_p95_seconds", 2.0), "slow replies"),
        )
        alarms = [
            aws.cloudwatch.MetricAlarm(
                f"{name}-{colour}-{suffix}",
                alarm_description=f"{what.capitalize()} from the {colour} tasks of {name}",
                namespace="AWS/ApplicationELB",
                metric_name=metric,
                dimensions={"LoadBalancer": args["load_balancer_arn_suffix"], "TargetGroup": target_group},
                statistic=None if statistic == "p95" else statistic,
                extended_statistic=statistic if statistic == "p95" else None,
                comparison_operator="GreaterThanOrEqualToThreshold",
                threshold=float(threshold),
                period=60,
                evaluation_periods=args.get("evaluation_minutes", 2),
                treat_missing_data="notBreaching",
                tags=args.get("tags"),
                opts=pulumi.ResourceOptions(parent=self),
            )
            for colour, target_group in args["target_group_arn_suffixes"].items()
            for suffix, metric, statistic, threshold, what in metrics
        ]

        self.names = pulumi.Output.all(*(alarm.name for alarm in alarms), *args.get("additional_names", []))
        self.register_outputs({"names": self.names})
