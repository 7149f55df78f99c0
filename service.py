"""One service of the stack: its components, each given the outputs of the one before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.codedeploy_service import CodeDeployService, CodeDeployServiceArgs
from components.fargate_task import FargateTask, FargateTaskArgs
from components.image_repository import ImageRepository, ImageRepositoryArgs
from components.location import Location
from components.rollback_alarms import RollbackAlarms, RollbackAlarmsArgs
from components.task_security_group import TaskSecurityGroup, TaskSecurityGroupArgs
from components.traffic_route import TrafficRoute, TrafficRouteArgs
from settings import Service


@dataclass(frozen=True)
class Shared:
    """What the services of a stack have in common."""

    location: Location
    vpc_id: pulumi.Output[str]
    subnet_ids: pulumi.Output[Sequence[str]]
    cluster_name: pulumi.Output[str]
    exec_log_group_name: pulumi.Output[str]
    load_balancer_arn_suffix: pulumi.Output[str]
    load_balancer_security_group_id: pulumi.Output[str]
    listener_arns: Mapping[int, pulumi.Output[str]]
    key_arn: pulumi.Input[str] | None
    protect: bool
    tags: dict[str, str]


class BlueGreenService(pulumi.ComponentResource):
    """A service as its settings describe it, reached through the load balancer's listener on `port`.

    Attributes:
        outputs: what a person or a pipeline needs for a release, by name.
    """

    outputs: dict[str, pulumi.Output[str]]

    def __init__(
        self, name: str, settings: Service, port: int, shared: Shared, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ecs-blue-green:index:BlueGreenService", name, None, opts)

        own = pulumi.ResourceOptions(parent=self)
        route, deployment, tags = settings.load_balancer, settings.deployment, shared.tags
        container, target_port = settings.target
        listener_arn = shared.listener_arns[port]
        test_listener_arn = shared.listener_arns[route.test_port] if route.test_port else None

        repository = settings.image_repository and ImageRepository(
            name,
            ImageRepositoryArgs(
                location=shared.location,
                key_arn=shared.key_arn,
                tags=tags,
                **settings.image_repository.args(ImageRepositoryArgs),
            ),
            own,
        )
        task = FargateTask(
            name,
            FargateTaskArgs(
                location=shared.location,
                repository_arns=[repository.arn] if repository else [],
                exec_log_group_name=shared.exec_log_group_name if settings.execute_command else None,
                key_arn=shared.key_arn,
                tags=tags,
                **settings.args(FargateTaskArgs),
            ),
            own,
        )
        traffic = TrafficRoute(
            name,
            TrafficRouteArgs(
                vpc_id=shared.vpc_id,
                listener_arn=listener_arn,
                test_listener_arn=test_listener_arn,
                target_port=target_port,
                tags=tags,
                **route.args(TrafficRouteArgs),
            ),
            own,
        )
        tasks = TaskSecurityGroup(
            name,
            TaskSecurityGroupArgs(
                vpc_id=shared.vpc_id,
                load_balancer_security_group_id=shared.load_balancer_security_group_id,
                port=target_port,
                tags=tags,
            ),
            own,
        )
        alarms = RollbackAlarms(
            name,
            RollbackAlarmsArgs(
                load_balancer_arn_suffix=shared.load_balancer_arn_suffix,
                target_group_arn_suffixes={"blue": traffic.blue_arn_suffix, "green": traffic.green_arn_suffix},
                tags=tags,
                **deployment.alarms.args(RollbackAlarmsArgs),
            ),
            own,
        )
        released = CodeDeployService(
            name,
            CodeDeployServiceArgs(
                location=shared.location,
                cluster_name=shared.cluster_name,
                subnet_ids=shared.subnet_ids,
                security_group_ids=[tasks.security_group_id],
                task_definition_arn=task.task_definition_arn,
                task_role_arn=task.task_role_arn,
                execution_role_arn=task.execution_role_arn,
                container_name=container,
                container_port=target_port,
                blue_arn=traffic.blue_arn,
                target_group_names=[traffic.blue_name, traffic.green_name],
                listener_arn=listener_arn,
                test_listener_arn=test_listener_arn,
                rule_arns=traffic.rule_arns,
                alarm_names=alarms.names,
                protect=shared.protect,
                tags=tags,
                **settings.args(CodeDeployServiceArgs),
                **route.args(CodeDeployServiceArgs),
                **deployment.args(CodeDeployServiceArgs),
            ),
            own,
        )

        self.outputs = {
            "service": released.service_name,
            "application": released.application_name,
            "deploymentGroup": released.deployment_group_name,
            "taskDefinition": task.task_definition_arn,
        } | ({"imageRepository": repository.url} if repository else {})
        self.register_outputs(self.outputs)
