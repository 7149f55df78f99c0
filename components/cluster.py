"""The ECS cluster of a stack."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws


class ClusterArgs(TypedDict):
    """Arguments of a `Cluster`."""

    container_insights: NotRequired[pulumi.Input[str]]
    """enhanced, enabled or disabled; enhanced unless given."""

    log_retention_days: NotRequired[pulumi.Input[int]]
    """Days that CloudWatch Logs keeps what was typed in ECS Exec sessions; 90 unless given."""

    key_arn: NotRequired[pulumi.Input[str] | None]
    """KMS key of the ECS Exec sessions and their log; AWS's own unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class Cluster(pulumi.ComponentResource):
    """An ECS cluster whose ECS Exec sessions are logged.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
    """

    name: pulumi.Output[str]
    """Name of the cluster."""

    exec_log_group_name: pulumi.Output[str]
    """Log group of the ECS Exec sessions."""

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ecs-blue-green:index:Cluster", name, None, opts)

        tags, key_arn = args.get("tags"), args.get("key_arn")
        exec_log_group = aws.cloudwatch.LogGroup(
            f"{name}-exec",
            retention_in_days=args.get("log_retention_days", 90),
            kms_key_id=key_arn,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        log: aws.ecs.ClusterConfigurationExecuteCommandConfigurationLogConfigurationArgsDict = {
            "cloud_watch_log_group_name": exec_log_group.name
        }
        sessions: aws.ecs.ClusterConfigurationExecuteCommandConfigurationArgsDict = {
            "logging": "OVERRIDE",
            "log_configuration": log,
        }
        if key_arn is not None:
            log["cloud_watch_encryption_enabled"] = True
            sessions["kms_key_id"] = key_arn
        cluster = aws.ecs.Cluster(
            f"{name}-cluster",
            settings=[{"name": "containerInsights", "value": args.get("container_insights", "enhanced")}],
            configuration={"execute_command_configuration": sessions},
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

        self.name = cluster.name
        self.exec_log_group_name = exec_log_group.name
        self.register_outputs({"name": self.name, "exec_log_group_name": self.exec_log_group_name})
