"""A team's part of a release whose network, load balancer, cluster and service belong to other stacks."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

from tests.policies.corpus.documents import arn, trust

FOUND: list[tuple[str, str, str]] = []

BALANCER = "app/shop/50dc6c495c0c9188"


def program() -> None:
    role = aws.iam.Role("codedeploy", assume_role_policy=trust("codedeploy"))
    aws.iam.RolePolicyAttachment(
        "codedeploy", role=role.name, policy_arn="arn:aws:iam::aws:policy/AWSCodeDeployRoleForECS"
    )
    application = aws.codedeploy.Application("cart", name="cart", compute_platform="ECS")
    alarms = [
        aws.cloudwatch.MetricAlarm(
            f"cart-{colour}",
            name=f"cart-{colour}",
            namespace="AWS/ApplicationELB",
            metric_name="HTTPCode_Target_5XX_Count",
            dimensions={"LoadBalancer": BALANCER, "TargetGroup": f"targetgroup/cart-{colour}/73e2d6bc24d8a067"},
            statistic="Sum",
            comparison_operator="GreaterThanThreshold",
            threshold=5,
            period=60,
            evaluation_periods=1,
        )
        for colour in ("blue", "green")
    ]
    listeners = {
        name: {"listener_arns": [arn("elasticloadbalancing", f"listener/{BALANCER}/{id_}")]}
        for name, id_ in (("prod_traffic_route", "f2f7dc8efc522ab2"), ("test_traffic_route", "a7b9c0de12f34567"))
    }
    aws.codedeploy.DeploymentGroup(
        "cart",
        app_name=application.name,
        deployment_group_name="cart",
        service_role_arn=role.arn,
        deployment_config_name="CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
        deployment_style={"deployment_type": "BLUE_GREEN", "deployment_option": "WITH_TRAFFIC_CONTROL"},
        ecs_service={"cluster_name": "shop", "service_name": "cart"},
        load_balancer_info={
            "target_group_pair_info": {"target_groups": [{"name": "cart-blue"}, {"name": "cart-green"}], **listeners}
        },
        blue_green_deployment_config={
            "deployment_ready_option": {"action_on_timeout": "CONTINUE_DEPLOYMENT"},
            "terminate_blue_instances_on_deployment_success": {
                "action": "TERMINATE",
                "termination_wait_time_in_minutes": 60,
            },
        },
        auto_rollback_configuration={"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]},
        alarm_configuration={"enabled": True, "alarms": [alarm.name for alarm in alarms]},
        opts=pulumi.ResourceOptions(protect=True),
    )
    container = {
        "name": "cart",
        "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/cart:3.2.0",
        "essential": True,
        "user": "1000",
        "readonlyRootFilesystem": True,
        "portMappings": [{"name": "http", "containerPort": 8080, "protocol": "tcp"}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-group": "/shop/cart", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "cart"},
        },
    }
    aws.ecs.TaskDefinition(
        "cart",
        family="cart",
        cpu="512",
        memory="1024",
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        execution_role_arn="arn:aws:iam::123456789012:role/shop-execution",
        task_role_arn="arn:aws:iam::123456789012:role/cart",
        container_definitions=json.dumps([container]),
    )
