"""The ECS cluster of a stack."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws


class TaskLogsArgs(TypedDict):
    """A log group for the containers of all services."""

    name: str
    """Its name."""

    retention_days: int
    """Days that CloudWatch Logs keeps their output."""


class ClusterArgs(TypedDict):
    """Arguments of a `Cluster`."""

    container_insights: NotRequired[pulumi.Input[str]]
    """enhanced, enabled or disabled; enhanced unless given."""

    log_retention_days: NotRequired[pulumi.Input[int]]
    """Days that CloudWatch Logs keeps what was typed in ECS Exec sessions; 90 unless given."""

    namespace: NotRequired[str | None]
    """Name of a Service Connect namespace for the services; none unless given."""

    task_logs: NotRequired[TaskLogsArgs | None]
    """One log group for the containers of all services; each has its own unless given."""

    key_arn: NotRequired[pulumi.Input[str] | None]
    """KMS key of the logs, and of the ECS Exec sessions; AWS's own unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class Cluster(pulumi.ComponentResource):
    """An ECS cluster whose ECS Exec sessions are logged, and what its services share: a namespace, a log group.

    The namespace is a resource of its own that the cluster depends on: it doesn't go when a cluster does (G47), and
    services that still drain can be found until the end.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html
    """

    name: pulumi.Output[str]
    """Name of the cluster."""

    exec_log_group_name: pulumi.Output[str]
    """Log group of the ECS Exec sessions."""

    namespace_arn: pulumi.Output[str] | None
    """Service Connect namespace, if there is one."""

    task_log_group_name: pulumi.Output[str] | None
    """Log group of all containers, if there is one."""

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
        task_logs = args.get("task_logs")
        task_log_group = task_logs and aws.cloudwatch.LogGroup(
            f"{name}-tasks",
            name=task_logs["name"],
            retention_in_days=task_logs["retention_days"],
            kms_key_id=key_arn,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        namespace = args.get("namespace") and aws.servicediscovery.HttpNamespace(
            f"{name}-namespace",
            name=args.get("namespace"),
            description=f"Services of {name}",
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        cluster = aws.ecs.Cluster(
            f"{name}-cluster",
            settings=[{"name": "containerInsights", "value": args.get("container_insights", "enhanced")}],
            configuration={"execute_command_configuration": sessions},
            service_connect_defaults={"namespace": namespace.arn} if namespace else None,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

        self.name = cluster.name
        self.exec_log_group_name = exec_log_group.name
        self.namespace_arn = namespace.arn if namespace else None
        self.task_log_group_name = task_log_group.name if task_log_group else None
        self.register_outputs(
            {
                "name": self.name,
                "exec_log_group_name": self.exec_log_group_name,
                "namespace_arn": self.namespace_arn,
                "task_log_group_name": self.task_log_group_name,
            }
        )
