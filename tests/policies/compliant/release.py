"""What the compliant stack runs, and how that is released."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi

from tests.policies.compliant.arguments import REGISTRY, fills

if TYPE_CHECKING:
    from tests.policies.scene import Scene


CONTAINERS = [
    {
        "name": "app",
        "image": f"{REGISTRY}/app:1.4.2",
        "essential": True,
        "user": "1000",
        "readonlyRootFilesystem": True,
        "portMappings": [{"name": "http", "containerPort": 80, "protocol": "tcp", "appProtocol": "http"}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-group": "/ecs/app", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "app"},
        },
    }
]


@fills("ecs.Cluster")
def _cluster(scene: Scene, *_: Any) -> dict[str, Any]:
    audit = {"cloud_watch_log_group_name": scene["log_group"].name, "cloud_watch_encryption_enabled": True}
    command = {"kms_key_id": scene["key"].arn, "logging": "OVERRIDE", "log_configuration": audit}
    return {
        "settings": [{"name": "containerInsights", "value": "enhanced"}],
        "configuration": {"execute_command_configuration": command},
    }


@fills("ecs.TaskDefinition")
def _task(scene: Scene, *_: Any) -> dict[str, Any]:
    return {
        "family": "app",
        "cpu": "256",
        "memory": "512",
        "network_mode": "awsvpc",
        "requires_compatibilities": ["FARGATE"],
        "runtime_platform": {"operating_system_family": "LINUX", "cpu_architecture": "X86_64"},
        "execution_role_arn": scene["execution_role"].arn,
        "task_role_arn": scene["task_role"].arn,
        "container_definitions": json.dumps(scene["containers"]),
    }


STRATEGY = {"strategy": "BLUE_GREEN", "bake_time_in_minutes": "10"}
NATIVE = {"deployment_configuration", "service_connect_configuration", "alarms", "deployment_circuit_breaker"}


NATIVE |= {"deployment_minimum_healthy_percent", "deployment_maximum_percent", ".advanced_configuration"}
"""What tells that a fix is about a service that ECS itself releases."""


def _controller(given: dict[str, Any]) -> str:
    return given.get("deployment_controller", {}).get("type", "")


def kind(given: dict[str, Any]) -> str:
    strategy = given.get("deployment_configuration", {}).get("strategy", "ROLLING")
    if _controller(given) == "CODE_DEPLOY":
        return "service"
    return "rolling_service" if strategy == "ROLLING" else "native_service"


@fills("ecs.Service")
def _service(scene: Scene, _: str, shown: set[str], given: dict[str, Any]) -> dict[str, Any]:
    block = {"target_group_arn": scene["blue"].arn, "container_name": "app", "container_port": 80}
    common = {
        "cluster": scene["cluster"].arn,
        "task_definition": scene["task"].arn,
        "launch_type": "FARGATE",
        "desired_count": 2,
        "health_check_grace_period_seconds": 60,
        "network_configuration": {
            "subnets": scene["subnets"],
            "security_groups": [scene["task_group"].id],
            "assign_public_ip": False,
        },
    }
    if _controller(given) == "CODE_DEPLOY" or not shown & NATIVE:
        ignored = ["task_definition", "load_balancers", "desired_count"]
        return {
            **common,
            "deployment_controller": {"type": "CODE_DEPLOY"},
            "load_balancers": [block],
            "opts": pulumi.ResourceOptions(ignore_changes=ignored, protect=True),
        }
    block["advanced_configuration"] = {
        "alternate_target_group_arn": scene["green"].arn,
        "production_listener_rule": scene["production_rule"].arn,
        "test_listener_rule": scene["test_rule"].arn,
        "role_arn": scene["infrastructure_role"].arn,
    }
    alarms = [scene["blue_alarm"].name, scene["green_alarm"].name]
    return {
        **common,
        "deployment_controller": {"type": "ECS"},
        "deployment_configuration": STRATEGY,
        "deployment_minimum_healthy_percent": 100,
        "deployment_maximum_percent": 200,
        "alarms": {"enable": True, "rollback": True, "alarm_names": alarms},
        "load_balancers": [block],
        "opts": pulumi.ResourceOptions(ignore_changes=["desired_count"], protect=True),
    }


@fills("appautoscaling.Target")
def _scalable_target(scene: Scene, *_: Any) -> dict[str, Any]:
    return {
        "service_namespace": "ecs",
        "scalable_dimension": "ecs:service:DesiredCount",
        "resource_id": pulumi.Output.concat("service/", scene["cluster"].name, "/", scene["service"].name),
        "min_capacity": 2,
        "max_capacity": 6,
    }


@fills("codedeploy.Application")
def _application(*_: Any) -> dict[str, Any]:
    return {"compute_platform": "ECS"}


@fills("codedeploy.DeploymentConfig")
def _deployment_config(*_: Any) -> dict[str, Any]:
    step = {"interval": 5, "percentage": 10}
    return {
        "compute_platform": "ECS",
        "traffic_routing_config": {"type": "TimeBasedCanary", "time_based_canary": step},
    }


@fills("codedeploy.DeploymentGroup")
def _deployment_group(scene: Scene, *_: Any) -> dict[str, Any]:
    _ = scene["production_rule"], scene["test_rule"]
    return {
        "app_name": scene["application"].name,
        "deployment_group_name": "app",
        "service_role_arn": scene["codedeploy_role"].arn,
        "deployment_config_name": "CodeDeployDefault.ECSCanary10Percent5Minutes",
        "deployment_style": {"deployment_type": "BLUE_GREEN", "deployment_option": "WITH_TRAFFIC_CONTROL"},
        "ecs_service": {"cluster_name": scene["cluster"].name, "service_name": scene["service"].name},
        "load_balancer_info": {
            "target_group_pair_info": {
                "target_groups": [{"name": scene["blue"].name}, {"name": scene["green"].name}],
                "prod_traffic_route": {"listener_arns": [scene["listener"].arn]},
                "test_traffic_route": {"listener_arns": [scene["test_listener"].arn]},
            }
        },
        "blue_green_deployment_config": {
            "deployment_ready_option": {"action_on_timeout": "CONTINUE_DEPLOYMENT"},
            "terminate_blue_instances_on_deployment_success": {
                "action": "TERMINATE",
                "termination_wait_time_in_minutes": 60,
            },
        },
        "auto_rollback_configuration": {
            "enabled": True,
            "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
        },
        "alarm_configuration": {
            "enabled": True,
            "alarms": [scene["blue_alarm"].name, scene["green_alarm"].name],
        },
        "opts": pulumi.ResourceOptions(protect=True),
    }


@fills("cloudwatch.MetricAlarm")
def _alarm(scene: Scene, name: str, *_: Any) -> dict[str, Any]:
    group = scene["green" if name.startswith("green") else "blue"]
    return {
        "namespace": "AWS/ApplicationELB",
        "metric_name": "HTTPCode_Target_5XX_Count",
        "dimensions": {"LoadBalancer": scene["load_balancer"].arn_suffix, "TargetGroup": group.arn_suffix},
        "statistic": "Sum",
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 5,
        "evaluation_periods": 1,
        "period": 60,
    }


@fills("cloudwatch.LogGroup")
def _log_group(scene: Scene, *_: Any) -> dict[str, Any]:
    return {"name": "/ecs/app", "retention_in_days": 30, "kms_key_id": scene["key"].arn}


@fills("kms.Key")
def _key(*_: Any) -> dict[str, Any]:
    return {"description": "Logs, images and artifacts", "enable_key_rotation": True}


@fills("servicediscovery.HttpNamespace")
def _namespace(*_: Any) -> dict[str, Any]:
    return {"name": "mesh.local"}
