"""A service that CodeDeploy releases."""

import json
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components import limits, transition
from components.iam import Statement, allow, pass_role, policy, trust
from components.location import Location, arn


class TrafficShiftArgs(TypedDict):
    """An own deployment configuration."""

    type: str
    """CANARY moves one step, waits, then the rest; LINEAR moves a step at a time."""

    percentage: int
    """Percent of the traffic in a step, 1 to 99."""

    interval_minutes: int
    """Minutes between two steps."""


class CodeDeployServiceArgs(TypedDict):
    """Arguments of a `CodeDeployService`."""

    location: Location
    """Where the stack lives."""

    cluster_name: pulumi.Input[str]
    """ECS cluster."""

    subnet_ids: pulumi.Input[Sequence[str]]
    """Subnets of the tasks."""

    security_group_ids: Sequence[pulumi.Input[str]]
    """Security groups of the tasks."""

    task_definition_arn: pulumi.Input[str]
    """Revision that the service starts with; from then on releases decide."""

    task_role_arn: pulumi.Input[str]
    """Role of the application, which CodeDeploy hands to new tasks."""

    execution_role_arn: pulumi.Input[str]
    """Role of ECS, which CodeDeploy hands to new tasks."""

    container_name: str
    """Container that takes the traffic."""

    container_port: int
    """Its port."""

    blue_arn: pulumi.Input[str]
    """Target group that the service is registered with, already behind the production listener (G48)."""

    target_group_names: Sequence[pulumi.Input[str]]
    """Blue and green target group (G7)."""

    listener_arn: pulumi.Input[str]
    """Production listener."""

    rule_arns: pulumi.Input[list[str]]
    """Listener rules that CodeDeploy moves."""

    test_listener_arn: NotRequired[pulumi.Input[str] | None]
    """Test listener, on another port of the same load balancer; none unless given."""

    desired_count: NotRequired[int]
    """Tasks to run; 2 unless given."""

    desired_count_owner: NotRequired[str]
    """pulumi, or autoscaling where something else changes the number of tasks (G55); pulumi unless given."""

    health_check_grace_period_seconds: NotRequired[int]
    """Seconds after a task's start in which failed checks are ignored; 60 unless given (G54)."""

    execute_command: NotRequired[bool]
    """Whether ECS Exec may open a shell in a task; decided at creation, not unless given."""

    configuration: NotRequired[str]
    """Predefined deployment configuration; CodeDeployDefault.ECSCanary10Percent5Minutes unless given."""

    traffic_shift: NotRequired[TrafficShiftArgs | None]
    """Own deployment configuration, in place of a predefined one."""

    action_on_timeout: NotRequired[str]
    """CONTINUE_DEPLOYMENT, or STOP_DEPLOYMENT when nobody approves in time; CONTINUE_DEPLOYMENT unless given."""

    approval_wait_minutes: NotRequired[int]
    """Minutes that green waits for a person; none unless given, and only with STOP_DEPLOYMENT (G8)."""

    termination_wait_minutes: NotRequired[int]
    """Minutes that the old tasks stay after the shift; 10 unless given (G9)."""

    auto_rollback: NotRequired[list[str]]
    """Events that bring blue back; failure, stop and alarm unless given."""

    hook_function_arns: NotRequired[Sequence[pulumi.Input[str]]]
    """Lambda functions that the AppSpec of a release names as hooks; none unless given (G12)."""

    alarm_names: NotRequired[pulumi.Input[list[str]]]
    """CloudWatch alarms that stop a deployment, at most 10 (G9); none unless given."""

    protect: NotRequired[bool]
    """Whether Pulumi refuses to delete or replace the service and its deployment group; not unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


_AFTER_CREATION = ["enable_execute_command", "load_balancers", "network_configuration", "task_definition"]
"""Properties of the service that a deployment decides and UpdateService refuses to change (G1, G2, G3)."""


class CodeDeployService(pulumi.ComponentResource):
    """An ECS service under the CODE_DEPLOY controller, and the CodeDeploy application that releases it.

    A release is a CodeDeploy deployment; `pulumi up` never moves traffic. So Pulumi ignores what deployments change:
    the task definition, the load balancer entry, and the network settings, which travel in the AppSpec.

    Raises:
        Refused: for waits, alarms or traffic shifts that CodeDeploy does not accept (G8, G9, G10).
    """

    service_name: pulumi.Output[str]
    """Name of the service."""

    application_name: pulumi.Output[str]
    """CodeDeploy application."""

    deployment_group_name: pulumi.Output[str]
    """CodeDeploy deployment group."""

    configuration_name: pulumi.Output[str]
    """Deployment configuration of the group."""

    def __init__(self, name: str, args: CodeDeployServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        opts = transition.formerly(opts, "NativeService")
        super().__init__("ecs-blue-green:index:CodeDeployService", name, None, opts)

        service = self._service(name, args)
        application = aws.codedeploy.Application(
            f"{name}-codedeploy",
            compute_platform="ECS",
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        group = self._deployment_group(name, args, service, application)

        self.service_name = service.name
        self.application_name = application.name
        self.deployment_group_name = group.deployment_group_name
        self.configuration_name = pulumi.Output.from_input(group.deployment_config_name).apply(
            lambda known: known or ""
        )
        self.register_outputs(
            {
                "service_name": self.service_name,
                "application_name": self.application_name,
                "deployment_group_name": self.deployment_group_name,
                "configuration_name": self.configuration_name,
            }
        )

    def _service(self, name: str, args: CodeDeployServiceArgs) -> aws.ecs.Service:
        owned_elsewhere = [] if args.get("desired_count_owner", "pulumi") == "pulumi" else ["desired_count"]
        return aws.ecs.Service(
            f"{name}-service",
            cluster=args["cluster_name"],
            launch_type="FARGATE",
            scheduling_strategy="REPLICA",
            deployment_controller={"type": "CODE_DEPLOY"},
            task_definition=args["task_definition_arn"],
            desired_count=args.get("desired_count", 2),
            # One group only: with both, the installation of the first release hangs (G5).
            load_balancers=[
                {
                    "target_group_arn": args["blue_arn"],
                    "container_name": args["container_name"],
                    "container_port": args["container_port"],
                }
            ],
            network_configuration={
                "subnets": args["subnet_ids"],
                "security_groups": list(args["security_group_ids"]),
                "assign_public_ip": False,
            },
            health_check_grace_period_seconds=args.get("health_check_grace_period_seconds", 60),
            enable_execute_command=args.get("execute_command", False),
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            # Task sets that CodeDeploy made can't be scaled to zero first (G53).
            force_delete=True,
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=sorted([*_AFTER_CREATION, *owned_elsewhere]),
                protect=args.get("protect"),
                hooks=transition.guard(name),
            ),
        )

    def _deployment_group(
        self,
        name: str,
        args: CodeDeployServiceArgs,
        service: aws.ecs.Service,
        application: aws.codedeploy.Application,
    ) -> aws.codedeploy.DeploymentGroup:
        role = aws.iam.Role(
            f"{name}-codedeploy",
            description=f"Releases {name}",
            assume_role_policy=json.dumps(trust("codedeploy.amazonaws.com")),
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        # Two documents, because one unknown ARN would hide the rest of its document in the first preview.
        permissions = [
            aws.iam.RolePolicy(
                f"{name}-codedeploy-{part}",
                role=role.id,
                policy=pulumi.Output.json_dumps(policy(statements)),
                opts=pulumi.ResourceOptions(parent=self),
            )
            for part, statements in (("tasks", _replace_tasks(args, service.name)), ("traffic", _move_traffic(args)))
        ]
        pair: aws.codedeploy.DeploymentGroupLoadBalancerInfoTargetGroupPairInfoArgsDict = {
            "target_groups": [{"name": group} for group in args["target_group_names"]],
            "prod_traffic_route": {"listener_arns": [args["listener_arn"]]},
        }
        if test_listener := args.get("test_listener_arn"):
            pair["test_traffic_route"] = {"listener_arns": [test_listener]}
        ready: aws.codedeploy.DeploymentGroupBlueGreenDeploymentConfigDeploymentReadyOptionArgsDict = {
            "action_on_timeout": args.get("action_on_timeout", "CONTINUE_DEPLOYMENT")
        }
        if wait := args.get("approval_wait_minutes"):
            ready["wait_time_in_minutes"] = wait
        events = args.get("auto_rollback", [*limits.ROLLBACK_EVENTS])
        return aws.codedeploy.DeploymentGroup(
            f"{name}-deployment-group",
            app_name=application.name,
            deployment_group_name=name,
            service_role_arn=role.arn,
            deployment_config_name=self._configuration(name, args),
            deployment_style={"deployment_type": "BLUE_GREEN", "deployment_option": "WITH_TRAFFIC_CONTROL"},
            ecs_service={"cluster_name": args["cluster_name"], "service_name": service.name},
            load_balancer_info={"target_group_pair_info": pair},
            # Both options are written out: what is left to CodeDeploy comes back as a difference (G15).
            blue_green_deployment_config={
                "deployment_ready_option": ready,
                "terminate_blue_instances_on_deployment_success": {
                    "action": "TERMINATE",
                    "termination_wait_time_in_minutes": args.get("termination_wait_minutes", 10),
                },
            },
            auto_rollback_configuration={"enabled": bool(events), "events": events},
            alarm_configuration=(
                {"enabled": True, "alarms": args["alarm_names"], "ignore_poll_alarm_failure": False}
                if "alarm_names" in args
                else None
            ),
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=permissions, delete_before_replace=True, protect=args.get("protect")
            ),
        )

    def _configuration(self, name: str, args: CodeDeployServiceArgs) -> pulumi.Input[str]:
        shift = args.get("traffic_shift")
        if shift is None:
            return args.get("configuration", limits.DEPLOYMENT_CONFIGURATION)
        step: Any = {"interval": shift["interval_minutes"], "percentage": shift["percentage"]}
        canary = shift["type"] == "CANARY"
        own = aws.codedeploy.DeploymentConfig(
            f"{name}-deployment-config",
            compute_platform="ECS",
            traffic_routing_config=(
                {"type": "TimeBasedCanary", "time_based_canary": step}
                if canary
                else {"type": "TimeBasedLinear", "time_based_linear": step}
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return own.deployment_config_name


def _check(args: CodeDeployServiceArgs) -> None:
    limits.check_ready_option(
        args.get("action_on_timeout", "CONTINUE_DEPLOYMENT"), args.get("approval_wait_minutes", 0)
    )
    limits.check_termination_wait(args.get("termination_wait_minutes", 10))
    if "configuration" in args:
        limits.check_deployment_configuration(args["configuration"])
    if shift := args.get("traffic_shift"):
        limits.check_shift_percentage(shift["percentage"])
        limits.check_shift_interval(shift["interval_minutes"])


def _replace_tasks(args: CodeDeployServiceArgs, service_name: pulumi.Output[str]) -> list[Statement]:
    """What AWSCodeDeployRoleForECS allows of ECS, IAM and Lambda, for this service, its roles and hooks only.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/codedeploy_IAM_role.html
    """
    location = args["location"]
    names: Any = pulumi.Output.all(args["cluster_name"], service_name)
    cluster = names.apply(lambda known: arn(location, "ecs", f"cluster/{known[0]}"))
    service = names.apply(lambda known: arn(location, "ecs", f"service/{known[0]}/{known[1]}"))
    hooks = args.get("hook_function_arns")
    return [
        allow(["ecs:DescribeServices", "ecs:UpdateServicePrimaryTaskSet"], service),
        # A task set has no ARN before it exists; ECS tells its cluster and service as condition keys instead.
        allow(
            ["ecs:CreateTaskSet", "ecs:DeleteTaskSet"],
            "*",
            {"ArnEquals": {"ecs:cluster": cluster, "ecs:service": service}},
        ),
        allow(["cloudwatch:DescribeAlarms"], "*"),
        pass_role([args["task_role_arn"], args["execution_role_arn"]], "ecs-tasks.amazonaws.com"),
        *([allow(["lambda:InvokeFunction"], list(dict.fromkeys(hooks)))] if hooks else []),
    ]


def _move_traffic(args: CodeDeployServiceArgs) -> list[Statement]:
    """What AWSCodeDeployRoleForECS allows of Elastic Load Balancing, for this service's listeners and rules only."""
    listeners = [listener for listener in (args["listener_arn"], args.get("test_listener_arn")) if listener]
    reads = [
        "DescribeListeners",
        "DescribeLoadBalancers",
        "DescribeRules",
        "DescribeTargetGroups",
        "DescribeTargetHealth",
    ]
    return [
        # Elastic Load Balancing can't limit reads to a resource.
        allow([f"elasticloadbalancing:{read}" for read in reads], "*"),
        allow(["elasticloadbalancing:ModifyListener"], listeners),
        allow(["elasticloadbalancing:ModifyRule"], args["rule_arns"]),
    ]
