"""One service of the stack: its components, each given the outputs of the one before."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.codedeploy_service import CodeDeployService, CodeDeployServiceArgs
from components.fargate_task import FargateTask, FargateTaskArgs
from components.image_repository import ImageRepository, ImageRepositoryArgs
from components.native_service import LoadBalancerRouteArgs, NativeService, NativeServiceArgs
from components.rollback_alarms import RollbackAlarms, RollbackAlarmsArgs
from components.service_connect import COUNTED_PROTOCOLS, ServiceConnectArgs, address
from components.task_security_group import ServerArgs, TaskSecurityGroup, TaskSecurityGroupArgs
from components.traffic_route import TrafficRoute, TrafficRouteArgs
from releases import Releasable, appspec_hooks, deliver, hook_functions
from settings import CodeDeploy, Service
from shared import Shared

CALLS = "ecs-blue-green.connects-to"
"""Docker label with the addresses that a task calls in the mesh."""


class BlueGreenService(pulumi.ComponentResource):
    """A service as its settings describe it.

    Args:
        port: listener that production traffic comes by, where the service is behind the load balancer.
        servers: the services that it calls, which are made already (G24).

    Attributes:
        outputs: what a person or a pipeline needs for a release, by name.
        server: where the services that call this one reach its tasks, known once they can.
        address: name and port that they connect to, empty where it offers nothing.
    """

    outputs: dict[str, pulumi.Output[str]]
    server: ServerArgs | None
    address: str

    def __init__(
        self,
        name: str,
        settings: Service,
        port: int | None,
        servers: Mapping[str, "BlueGreenService"],
        shared: Shared,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("ecs-blue-green:index:BlueGreenService", name, None, opts)

        own = pulumi.ResourceOptions(parent=self)
        route, endpoint, tags = settings.load_balancer, settings.endpoint(name), shared.tags
        balancer = shared.load_balancer if route else None
        container, target_port = settings.target if route else ("", 0)
        listeners = (
            [balancer.listener_arns[each] for each in (port, route.test_port) if each] if balancer and route else []
        )

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
                log_group_name=shared.cluster.task_log_group_name,
                exec_log_group_name=shared.cluster.exec_log_group_name if settings.execute_command else None,
                # Running tasks don't find what their service calls next, so that this makes a new revision (G24).
                labels={CALLS: ",".join(sorted(each.address for each in servers.values()))} if servers else {},
                key_arn=shared.key_arn,
                tags=tags,
                **settings.args(FargateTaskArgs),
            ),
            own,
        )
        traffic = None
        alarms = RollbackAlarmsArgs(tags=tags, **settings.deployment.alarms.args(RollbackAlarmsArgs))
        if route and balancer:
            traffic = TrafficRoute(
                name,
                TrafficRouteArgs(
                    vpc_id=shared.vpc_id,
                    listener_arn=listeners[0],
                    test_listener_arn=listeners[1] if route.test_port else None,
                    target_port=target_port,
                    tags=tags,
                    **route.args(TrafficRouteArgs),
                ),
                own,
            )
            alarms["target_groups"] = {
                "load_balancer_arn_suffix": balancer.arn_suffix,
                "target_group_arn_suffixes": {"blue": traffic.blue_arn_suffix, "green": traffic.green_arn_suffix},
            }
        if endpoint and endpoint.get("app_protocol") in COUNTED_PROTOCOLS:
            alarms["service_connect"] = {
                "cluster_name": shared.cluster.name,
                "discovery_name": endpoint["discovery_name"],
            }
        tasks = TaskSecurityGroup(
            name,
            TaskSecurityGroupArgs(
                vpc_id=shared.vpc_id,
                load_balancer_security_group_id=balancer.security_group_id if balancer else None,
                port=target_port,
                servers={server: each.server for server, each in servers.items() if each.server},
                tags=tags,
            ),
            own,
        )
        placed: Any = {
            "location": shared.location,
            "cluster_name": shared.cluster.name,
            "subnet_ids": shared.subnet_ids,
            "security_group_ids": [tasks.security_group_id],
            "task_definition_arn": task.task_definition_arn,
            "protect": shared.protect,
            "tags": tags,
        }
        if alarms.keys() & {"target_groups", "service_connect"} or alarms.get("additional_names"):
            placed["alarm_names"] = RollbackAlarms(name, alarms, own).names
        functions = hook_functions(name, settings, repository or None, shared, own)
        events: dict[str, pulumi.Input[str]] = {}
        self.outputs = {"taskDefinition": task.task_definition_arn}
        if repository:
            self.outputs["imageRepository"] = repository.url

        if isinstance(settings.deployment, CodeDeploy):
            assert route, "the settings refuse CODE_DEPLOY without a load balancer"
            assert traffic
            events = appspec_hooks(settings.deployment.hooks, functions)
            released = CodeDeployService(
                name,
                CodeDeployServiceArgs(
                    task_role_arn=task.task_role_arn,
                    execution_role_arn=task.execution_role_arn,
                    container_name=container,
                    container_port=target_port,
                    blue_arn=traffic.blue_arn,
                    target_group_names=[traffic.blue_name, traffic.green_name],
                    listener_arn=listeners[0],
                    test_listener_arn=listeners[1] if route.test_port else None,
                    rule_arns=traffic.rule_arns,
                    hook_function_arns=list(events.values()),
                    **placed,
                    **settings.args(CodeDeployServiceArgs),
                    **route.args(CodeDeployServiceArgs),
                    **settings.deployment.args(CodeDeployServiceArgs),
                ),
                own,
            )
            self.outputs["application"] = released.application_name
            self.outputs["deploymentGroup"] = released.deployment_group_name
        else:
            if traffic and route:
                placed |= route.args(NativeServiceArgs)
                placed["load_balancer"] = LoadBalancerRouteArgs(
                    container_name=container,
                    container_port=target_port,
                    blue_arn=traffic.blue_arn,
                    green_arn=traffic.green_arn,
                    production_rule_arn=traffic.production_rule_arn,
                    test_rule_arn=traffic.test_rule_arn,
                    listener_arns=listeners,
                )
            if settings.service_connect and shared.cluster.namespace_arn:
                placed["service_connect"] = ServiceConnectArgs(
                    namespace_arn=shared.cluster.namespace_arn,
                    log_group_name=task.log_group_name,
                    **settings.service_connect.args(ServiceConnectArgs),
                )
                if endpoint:
                    placed["service_connect"]["endpoint"] = endpoint
            released = NativeService(
                name,
                NativeServiceArgs(
                    deployment=settings.deployment.deployment(
                        {judge: function.function_arn for judge, function in functions.items()}
                    ),
                    **placed,
                    **settings.args(NativeServiceArgs),
                    **settings.deployment.args(NativeServiceArgs),
                ),
                own,
            )
        self.outputs["service"] = released.service_name
        if settings.pipeline:
            assert repository, "the settings refuse a pipeline without one"
            groups = [tasks.security_group_id]
            found = Releasable(task, repository, released, (container, target_port), groups, events)
            self.outputs |= deliver(name, settings, found, shared, own)
        self.server = None
        self.address = ""
        if endpoint:
            self.address = address(endpoint)
            # Known once the service is there: its callers' tasks must not start before (G24).
            reached = pulumi.Output.all(tasks.security_group_id, released.service_name).apply(lambda known: known[0])
            self.server = ServerArgs(security_group_id=reached, port=endpoint["port"])
        self.register_outputs(self.outputs)
