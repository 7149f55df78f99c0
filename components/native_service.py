"""A service that ECS itself releases."""

import json
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components import service_connect, strategy, transition
from components.iam import Statement, allow, policy, trust
from components.location import Location, role_arn
from components.service_connect import ServiceConnectArgs
from components.strategy import DeploymentArgs


class LoadBalancerRouteArgs(TypedDict):
    """How traffic reaches the service through a load balancer: what a `TrafficRoute` made."""

    container_name: str
    """Container that takes the traffic."""

    container_port: int
    """Its port."""

    blue_arn: pulumi.Input[str]
    """Target group that serves first, already behind the production rule (G19)."""

    green_arn: pulumi.Input[str]
    """Target group of the next revision, already behind the production rule (G19)."""

    production_rule_arn: pulumi.Input[str]
    """Listener rule that ECS moves (G17)."""

    test_rule_arn: NotRequired[pulumi.Input[str] | None]
    """Listener rule by which tests reach green first; none unless given (G18)."""

    listener_arns: Sequence[pulumi.Input[str]]
    """The listeners of these rules."""


class NativeServiceArgs(TypedDict):
    """Arguments of a `NativeService`."""

    location: Location
    """Where the stack lives."""

    cluster_name: pulumi.Input[str]
    """ECS cluster."""

    subnet_ids: pulumi.Input[Sequence[str]]
    """Subnets of the tasks."""

    security_group_ids: Sequence[pulumi.Input[str]]
    """Security groups of the tasks."""

    task_definition_arn: pulumi.Input[str]
    """Revision to run."""

    task_definition_owner: NotRequired[str]
    """pulumi: a new revision here is a release; pipeline: releases are made elsewhere, and what they set is left alone;
    pulumi unless given."""

    deployment: NotRequired[DeploymentArgs]
    """How a release goes: strategy, times and hooks; BLUE_GREEN with 10 minutes of bake time unless given."""

    load_balancer: NotRequired[LoadBalancerRouteArgs]
    """How traffic reaches it through a load balancer; it doesn't unless given."""

    service_connect: NotRequired[ServiceConnectArgs]
    """Its place in a Service Connect namespace; none unless given."""

    alarm_names: NotRequired[pulumi.Input[list[str]]]
    """CloudWatch alarms that bring blue back (G43); none unless given."""

    rollback: NotRequired[bool]
    """Whether alarms, and the circuit breaker of ROLLING, bring the old tasks back; they do unless given, and always
    with another strategy."""

    desired_count: NotRequired[int]
    """Tasks to run; 2 unless given."""

    desired_count_owner: NotRequired[str]
    """pulumi, or autoscaling where something else changes the number of tasks (G55); pulumi unless given."""

    health_check_grace_period_seconds: NotRequired[int]
    """Seconds after a task's start in which failed checks are ignored; 60 unless given (G54)."""

    execute_command: NotRequired[bool]
    """Whether ECS Exec may open a shell in a task; not unless given."""

    wait_for_steady_state: NotRequired[bool]
    """Whether `pulumi up` waits for the end of a release; not unless given. It may report success after a rollback:
    what became of the release is in DescribeServiceDeployments (G38)."""

    protect: NotRequired[bool]
    """Whether Pulumi refuses to delete or replace the service; not unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class NativeService(pulumi.ComponentResource):
    """An ECS service under the ECS controller, with a deployment strategy: BLUE_GREEN, LINEAR, CANARY or ROLLING.

    A release is a new revision, by `pulumi up` or by a pipeline. ECS starts it beside the running one, lets tests reach
    it, moves production traffic, and goes back by itself when an alarm sounds or a hook fails; the circuit breaker is
    not relied on, as AWS describes it for ROLLING only (G42). ROLLING is for services that need no second colour. It
    keeps the pair of target groups all the same: traffic may be on either when the strategy changes, and AWS wants
    both in a rolling deployment before it takes another strategy (G41).

    The roles by which ECS moves traffic and calls hooks have their policies before the service is made and until it is
    gone; a service without them sticks in DRAINING (G25, G26).
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html

    Raises:
        Refused: for strategies, ranges, hooks and endpoints that ECS does not accept (G23, G27, G28, G33, G36).
    """

    service_name: pulumi.Output[str]
    """Name of the service."""

    service_arn: pulumi.Output[str]
    """The service."""

    def __init__(self, name: str, args: NativeServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        deployment = args.get("deployment", {})
        strategy.check_deployment(deployment)
        strategy.check_length(deployment)
        strategy.check_rollback(deployment, args.get("rollback", True))
        if endpoint := args.get("service_connect", {}).get("endpoint"):
            service_connect.check_endpoint(endpoint, deployment.get("strategy", "BLUE_GREEN"))
            if "tls" in endpoint:
                service_connect.check_tls(endpoint["port"], args.get("load_balancer", {}).get("container_port"))
        opts = transition.formerly(opts, "CodeDeployService")
        super().__init__("ecs-blue-green:index:NativeService", name, None, opts)

        self._permissions: list[pulumi.Resource] = []
        service = self._service(name, args)

        self.service_name = service.name
        self.service_arn = service.arn
        self.register_outputs({"service_name": self.service_name, "service_arn": self.service_arn})

    def _service(self, name: str, args: NativeServiceArgs) -> aws.ecs.Service:
        deployment, rollback = args.get("deployment", {}), args.get("rollback", True)
        rolling = deployment.get("strategy") == "ROLLING"
        route = args.get("load_balancer")
        load_balancers = [self._load_balancer(name, route, args)] if route else None
        configuration: Any = strategy.deployment_configuration(deployment, self._hook_roles(name, args))
        mesh = self._service_connect(name, args)
        owned_elsewhere = {
            "desired_count": args.get("desired_count_owner") == "autoscaling",
            "task_definition": args.get("task_definition_owner") == "pipeline",
        }
        longest = f"{strategy.longest_minutes(deployment)}m"
        return aws.ecs.Service(
            f"{name}-service",
            cluster=args["cluster_name"],
            launch_type="FARGATE",
            scheduling_strategy="REPLICA",
            deployment_controller={"type": "ECS"},
            deployment_configuration=configuration,
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            # Said where it is off as well: the provider doesn't send that a block is gone (G40, G42).
            deployment_circuit_breaker={"enable": rolling and rollback, "rollback": rolling and rollback},
            alarms=(
                {"enable": rollback, "rollback": rollback, "alarm_names": args["alarm_names"]}
                if "alarm_names" in args
                else None
            ),
            task_definition=args["task_definition_arn"],
            desired_count=args.get("desired_count", 2),
            load_balancers=load_balancers,
            service_connect_configuration=mesh,
            network_configuration={
                "subnets": args["subnet_ids"],
                "security_groups": list(args["security_group_ids"]),
                "assign_public_ip": False,
            },
            health_check_grace_period_seconds=args.get("health_check_grace_period_seconds", 60) if route else None,
            enable_execute_command=args.get("execute_command", False),
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            wait_for_steady_state=args.get("wait_for_steady_state", False),
            # A service whose release is under way can't be scaled to zero first (G53).
            force_delete=True,
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=self._permissions,
                ignore_changes=[name for name, elsewhere in owned_elsewhere.items() if elsewhere],
                custom_timeouts=pulumi.CustomTimeouts(create=longest, update=longest),
                protect=args.get("protect"),
                hooks=transition.guard(name),
            ),
        )

    def _load_balancer(
        self, name: str, route: LoadBalancerRouteArgs, args: NativeServiceArgs
    ) -> aws.ecs.ServiceLoadBalancerArgsDict:
        # What AmazonECSInfrastructureRolePolicyForLoadBalancers allows, for this service's targets and rules only.
        rules = [rule for rule in (route["production_rule_arn"], route.get("test_rule_arn")) if rule is not None]
        statements = [
            # Elastic Load Balancing can't limit reads to a resource.
            allow([f"elasticloadbalancing:Describe{what}" for what in _READS], "*"),
            allow(
                ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
                [route["blue_arn"], route["green_arn"]],
            ),
            allow(["elasticloadbalancing:ModifyListener"], list(route["listener_arns"])),
            allow(["elasticloadbalancing:ModifyRule"], rules),
        ]
        advanced: aws.ecs.ServiceLoadBalancerAdvancedConfigurationArgsDict = {
            "alternate_target_group_arn": route["green_arn"],
            "production_listener_rule": route["production_rule_arn"],
            "role_arn": self._role(f"{name}-infrastructure", f"Moves the traffic of {name}", statements, args),
        }
        if (test_rule := route.get("test_rule_arn")) is not None:
            advanced["test_listener_rule"] = test_rule
        return {
            "target_group_arn": route["blue_arn"],
            "container_name": route["container_name"],
            "container_port": route["container_port"],
            "advanced_configuration": advanced,
        }

    def _hook_roles(self, name: str, args: NativeServiceArgs) -> dict[str, pulumi.Output[str]]:
        hooks = args.get("deployment", {}).get("hooks", [])
        functions = {strategy.hook_function(hook): hook["function_arn"] for hook in hooks if "function_arn" in hook}
        return {
            function: self._role(
                f"{name}-hook-{function}",
                f"Calls a hook of {name}",
                [allow(["lambda:InvokeFunction"], function_arn)],
                args,
            )
            for function, function_arn in functions.items()
        }

    def _service_connect(
        self, name: str, args: NativeServiceArgs
    ) -> aws.ecs.ServiceServiceConnectConfigurationArgsDict | None:
        mesh = args.get("service_connect")
        if mesh is None:
            return None
        tls, role = mesh.get("endpoint", {}).get("tls"), None
        if tls is not None:
            key = tls.get("kms_key_arn")
            statements = [allow(_KEY_ACTIONS, key)] if key else []
            role = self._role(
                f"{name}-tls", f"Encrypts the traffic of {name} in the mesh", statements, args, _TLS_POLICY
            )
        configuration: Any = service_connect.service_connect_configuration(name, mesh, args["location"], role)
        return configuration

    def _role(
        self,
        name: str,
        description: str,
        statements: Sequence[Statement],
        args: NativeServiceArgs,
        managed_policy: str = "",
    ) -> pulumi.Output[str]:
        """A role for ECS, which is there before the service and goes after it; its ARN."""
        location = args["location"]
        role = aws.iam.Role(
            name,
            description=description,
            assume_role_policy=json.dumps(trust("ecs.amazonaws.com")),
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        if statements:
            self._permissions.append(
                aws.iam.RolePolicy(
                    name,
                    role=role.id,
                    policy=pulumi.Output.json_dumps(policy(statements)),
                    opts=pulumi.ResourceOptions(parent=self),
                )
            )
        if managed_policy:
            self._permissions.append(
                aws.iam.RolePolicyAttachment(
                    name,
                    role=role.name,
                    policy_arn=f"arn:{location['partition']}:iam::aws:policy/{managed_policy}",
                    opts=pulumi.ResourceOptions(parent=self),
                )
            )
        return role.name.apply(lambda known: role_arn(location, known))


_READS = ("Listeners", "Rules", "TargetGroups", "TargetHealth")

_TLS_POLICY = "service-role/AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity"
"""Secrets that ECS makes and authorities tagged AmazonECSManaged only.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-tls.html"""

_KEY_ACTIONS = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyPair")
