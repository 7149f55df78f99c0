"""What a service runs: its task definition, its two roles and its log group."""

import json
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components import limits
from components.containers import ContainerArgs, container_definitions, ecr_repositories, secret_arns, volumes
from components.iam import Statement, allow, policy, tasks_trust
from components.location import Location, arn, role_arn
from components.release_documents import TaskArgs, task_definition


class FargateTaskArgs(TypedDict):
    """Arguments of a `FargateTask`."""

    location: Location
    """Where the stack lives."""

    containers: dict[str, ContainerArgs]
    """Containers by name."""

    cpu: int
    """CPU units, 1024 to a vCPU."""

    memory: int
    """MiB of memory; Fargate offers fixed pairs."""

    family: NotRequired[str | None]
    """Family of the task definition; the component's name unless given."""

    architecture: NotRequired[str]
    """X86_64 or ARM64; X86_64 unless given."""

    log_group_name: NotRequired[pulumi.Input[str] | None]
    """Log group that the containers share with others; one of their own unless given."""

    log_retention_days: NotRequired[int]
    """Days that CloudWatch Logs keeps the containers' output in their own log group; 30 unless given."""

    repository_arns: NotRequired[Sequence[pulumi.Input[str]]]
    """ECR repositories to pull from besides those that the images name, such as the one a pipeline pushes to."""

    secrets_key_arn: NotRequired[pulumi.Input[str] | None]
    """Customer-managed KMS key of the secrets; the AWS managed ones unless given."""

    labels: NotRequired[dict[str, str]]
    """Docker labels of every container; none unless given. A change of them is a new revision."""

    task_role_policy_arns: NotRequired[Sequence[str]]
    """Managed policies for what the application itself calls; none unless given."""

    exec_log_group_name: NotRequired[pulumi.Input[str] | None]
    """Log group of ECS Exec sessions; with it a shell may be opened in a task."""

    key_arn: NotRequired[pulumi.Input[str] | None]
    """KMS key of the log group, and of ECS Exec sessions; AWS's own unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class FargateTask(pulumi.ComponentResource):
    """A Fargate task definition with a role for the application, another for ECS itself, and logs with a retention.

    Old revisions stay usable for a rollback: registering a new one never deregisters the one before.

    Raises:
        Refused: for a CPU and memory pair that Fargate does not offer, or an image without tag or digest (G57).
    """

    task_definition_arn: pulumi.Output[str]
    """Revision that Pulumi registered, known once both roles have their permissions."""

    task_role_arn: pulumi.Output[str]
    """Role of the application."""

    execution_role_arn: pulumi.Output[str]
    """Role of ECS: pulls images, reads secrets, writes logs."""

    log_group_name: pulumi.Output[str]
    """Log group of the containers."""

    def __init__(self, name: str, args: FargateTaskArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        limits.check_fargate_size(args["cpu"], args["memory"])
        limits.check_containers({name: container.get("port") for name, container in args["containers"].items()})
        for container in args["containers"].values():
            limits.check_image(container["image"])
        super().__init__("ecs-blue-green:index:FargateTask", name, None, opts)

        self._name, self._args = name, args
        tags, location, containers = args.get("tags"), args["location"], args["containers"]
        shared = args.get("log_group_name")
        self.log_group_name = self._log_group(name, args) if shared is None else pulumi.Output.from_input(shared)
        execution_role = self._role(f"{name}-execution", f"Starts the tasks of {name}", args)
        task_role = self._role(f"{name}-task", f"Application of {name}", args)
        permissions = [
            self._grant(f"{name}-execution", execution_role, _execution(args, self.log_group_name)),
            *self._application(name, task_role, args),
        ]
        definition = aws.ecs.TaskDefinition(
            f"{name}-task",
            family=args.get("family") or name,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(args["cpu"]),
            memory=str(args["memory"]),
            runtime_platform={
                "cpu_architecture": args.get("architecture", "X86_64"),
                "operating_system_family": "LINUX",
            },
            execution_role_arn=execution_role.arn,
            task_role_arn=task_role.arn,
            container_definitions=self.log_group_name.apply(
                lambda group: json.dumps(container_definitions(containers, group, location, args.get("labels")))
            ),
            volumes=[{"name": volume} for volume in volumes(containers)],
            skip_destroy=True,
            tags=tags,
            # A service that outlives its roles' permissions can't stop or start a task (G26).
            opts=pulumi.ResourceOptions(parent=self, depends_on=permissions),
        )

        self.task_definition_arn = definition.arn
        # Made of names, so that a policy document that holds them can be read in the first preview.
        self.task_role_arn = task_role.name.apply(lambda role: role_arn(location, role))
        self.execution_role_arn = execution_role.name.apply(lambda role: role_arn(location, role))
        self.register_outputs(
            {
                "task_definition_arn": self.task_definition_arn,
                "task_role_arn": self.task_role_arn,
                "execution_role_arn": self.execution_role_arn,
                "log_group_name": self.log_group_name,
            }
        )

    def definition(self, containers: dict[str, ContainerArgs]) -> pulumi.Output[dict[str, Any]]:
        """What registers a revision like this one, of these containers: what RegisterTaskDefinition takes.

        Made of names, so that a first preview shows it; whoever uses it waits for this component by `depends_on`.
        """
        args = self._args
        task = TaskArgs(
            family=args.get("family") or self._name,
            cpu=args["cpu"],
            memory=args["memory"],
            architecture=args.get("architecture", "X86_64"),
            containers=containers,
            labels=args.get("labels", {}),
            tags=args.get("tags"),
        )
        known: Any = pulumi.Output.all(self.log_group_name, self.task_role_arn, self.execution_role_arn)
        return known.apply(lambda given: task_definition(task, args["location"], *given))

    def _log_group(self, name: str, args: FargateTaskArgs) -> pulumi.Output[str]:
        return aws.cloudwatch.LogGroup(
            f"{name}-logs",
            retention_in_days=args.get("log_retention_days", 30),
            kms_key_id=args.get("key_arn"),
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        ).name

    def _role(self, name: str, description: str, args: FargateTaskArgs) -> aws.iam.Role:
        return aws.iam.Role(
            name,
            description=description,
            assume_role_policy=json.dumps(tasks_trust(args["location"])),
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _grant(self, name: str, role: aws.iam.Role, statements: Sequence[Statement]) -> aws.iam.RolePolicy:
        return aws.iam.RolePolicy(
            name,
            role=role.id,
            policy=pulumi.Output.json_dumps(policy(statements)),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _application(self, name: str, role: aws.iam.Role, args: FargateTaskArgs) -> list[pulumi.Resource]:
        granted: list[pulumi.Resource] = [
            aws.iam.RolePolicyAttachment(
                f"{name}-task-{_policy_name(policy_arn)}",
                role=role.name,
                policy_arn=policy_arn,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for policy_arn in dict.fromkeys(args.get("task_role_policy_arns", []))
        ]
        if log_group := args.get("exec_log_group_name"):
            granted.append(self._grant(f"{name}-exec", role, _exec(log_group, args["location"], args.get("key_arn"))))
        return granted


def _policy_name(policy_arn: str) -> str:
    """What tells a managed policy from others: its path and name, and its account unless it is AWS's own."""
    _, _, account, resource = policy_arn.rsplit(":", 3)
    path = resource.removeprefix("policy/").replace("/", "-")
    return path if account == "aws" else f"{account}-{path}"


def _execution(args: FargateTaskArgs, log_group: pulumi.Output[str]) -> list[Statement]:
    """What ECS needs to start a task, and nothing else.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    """
    location, containers = args["location"], args["containers"]
    streams = log_group.apply(lambda group: arn(location, "logs", f"log-group:{group}:*"))
    statements = [allow(["logs:CreateLogStream", "logs:PutLogEvents"], streams)]
    repositories = [*ecr_repositories(containers, location["partition"]), *args.get("repository_arns", [])]
    if repositories:
        statements += [
            allow(["ecr:GetAuthorizationToken"], "*"),
            allow(["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], repositories),
        ]
    secrets = secret_arns(containers, location)
    if "ssm" in secrets:
        statements.append(allow(["ssm:GetParameters"], secrets["ssm"]))
    if "secretsmanager" in secrets:
        statements.append(allow(["secretsmanager:GetSecretValue"], secrets["secretsmanager"]))
    if secrets and (key := args.get("secrets_key_arn")):
        statements.append(allow(["kms:Decrypt"], key))
    return statements


def _exec(log_group: pulumi.Input[str], location: Location, key_arn: pulumi.Input[str] | None) -> list[Statement]:
    """What ECS Exec needs of the task role.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
    """
    channels = ["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"]
    group: Any = pulumi.Output.from_input(log_group)
    return [
        allow([f"ssmmessages:{channel}" for channel in channels], "*"),
        allow(["logs:DescribeLogGroups"], "*"),
        allow(
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            group.apply(lambda name: arn(location, "logs", f"log-group:{name}:*")),
        ),
        *([allow(["kms:Decrypt"], key_arn)] if key_arn is not None else []),
    ]
