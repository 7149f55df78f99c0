"""What a `CodeDeployService` declares. Mocks prove what is sent, not what AWS accepts."""

import json

import pulumi_aws as aws
import pytest

from components.codedeploy_service import CodeDeployService
from components.limits import Refused

ROLES = ["arn:aws:iam::123456789012:role/task", "arn:aws:iam::123456789012:role/execution"]


@pytest.fixture
def args(location):
    """The smallest classic service."""
    return {
        "location": location,
        "cluster_name": "shop-cluster",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "security_group_ids": ["sg-tasks"],
        "task_definition_arn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:1",
        "task_role_arn": ROLES[0],
        "execution_role_arn": ROLES[1],
        "container_name": "web",
        "container_port": 80,
        "blue_arn": "arn:targetgroup/blue",
        "target_group_names": ["shop-blue", "shop-green"],
        "listener_arn": "arn:listener/80",
        "rule_arns": ["arn:listener-rule/1"],
    }


def service(deployment):
    return deployment.find("aws:ecs/service:Service", "shop-service")


def group(deployment):
    return deployment.find("aws:codedeploy/deploymentGroup:DeploymentGroup", "shop-deployment-group")


def statements(deployment, part):
    policy = deployment.find("aws:iam/rolePolicy:RolePolicy", f"shop-codedeploy-{part}")
    return json.loads(policy.inputs["policy"])["Statement"]


def test_service(declare, args):
    """The service is on Fargate under CODE_DEPLOY, in private, and registered with blue only (G5)."""
    found = service(declare(lambda: CodeDeployService("shop", args)))
    assert found.inputs == {
        "name": found.inputs["name"],
        "cluster": "shop-cluster",
        "launchType": "FARGATE",
        "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": "CODE_DEPLOY"},
        "taskDefinition": "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:1",
        "desiredCount": 2,
        "loadBalancers": [{"targetGroupArn": "arn:targetgroup/blue", "containerName": "web", "containerPort": 80}],
        "networkConfiguration": {
            "subnets": ["subnet-1", "subnet-2"],
            "securityGroups": ["sg-tasks"],
            "assignPublicIp": False,
        },
        "healthCheckGracePeriodSeconds": 60,
        "enableExecuteCommand": False,
        "enableEcsManagedTags": True,
        "propagateTags": "SERVICE",
        "forceDelete": True,
    }


@pytest.mark.parametrize(
    ("owner", "ignored"),
    [
        ("pulumi", ["enableExecuteCommand", "loadBalancers", "networkConfiguration", "taskDefinition"]),
        (
            "autoscaling",
            ["desiredCount", "enableExecuteCommand", "loadBalancers", "networkConfiguration", "taskDefinition"],
        ),
    ],
)
def test_what_releases_own_is_ignored(declare, args, owner, ignored):
    """The provider sees whole top-level properties: what UpdateService refuses, and the count if it is not ours."""
    args["desired_count_owner"] = owner
    assert service(declare(lambda: CodeDeployService("shop", args))).ignore_changes == ignored


def test_deployment_group(declare, args):
    """By default a tenth of the traffic moves first, blue stays for ten minutes, and every failure brings it back."""
    deployment = declare(lambda: CodeDeployService("shop", args))
    application = deployment.find("aws:codedeploy/application:Application", "shop-codedeploy")
    role = deployment.find("aws:iam/role:Role", "shop-codedeploy")
    assert application.inputs == {"name": application.inputs["name"], "computePlatform": "ECS"}
    assert group(deployment).inputs == {
        "appName": application.inputs["name"],
        "deploymentGroupName": "shop",
        "serviceRoleArn": role.outputs["arn"],
        "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes",
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "ecsService": {"clusterName": "shop-cluster", "serviceName": service(deployment).inputs["name"]},
        "loadBalancerInfo": {
            "targetGroupPairInfo": {
                "targetGroups": [{"name": "shop-blue"}, {"name": "shop-green"}],
                "prodTrafficRoute": {"listenerArns": ["arn:listener/80"]},
            }
        },
        "blueGreenDeploymentConfig": {
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
            "terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE",
                "terminationWaitTimeInMinutes": 10,
            },
        },
        "autoRollbackConfiguration": {
            "enabled": True,
            "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
    }
    assert group(deployment).delete_before_replace is True
    assert deployment.of_type("aws:codedeploy/deploymentConfig:DeploymentConfig") == []


def test_choices(declare, args):
    """Test listener, alarms, approval, waits and rollback events are choices."""
    args |= {
        "test_listener_arn": "arn:listener/8080",
        "alarm_names": ["shop-5xx"],
        "configuration": "CodeDeployDefault.ECSAllAtOnce",
        "action_on_timeout": "STOP_DEPLOYMENT",
        "approval_wait_minutes": 30,
        "termination_wait_minutes": 60,
        "auto_rollback": ["DEPLOYMENT_FAILURE"],
    }
    found = group(declare(lambda: CodeDeployService("shop", args))).inputs
    pair = found["loadBalancerInfo"]["targetGroupPairInfo"]
    assert pair["testTrafficRoute"] == {"listenerArns": ["arn:listener/8080"]}
    assert found["alarmConfiguration"] == {
        "enabled": True,
        "alarms": ["shop-5xx"],
        "ignorePollAlarmFailure": False,
    }
    assert found["deploymentConfigName"] == "CodeDeployDefault.ECSAllAtOnce"
    assert found["blueGreenDeploymentConfig"] == {
        "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 30},
        "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 60},
    }
    assert found["autoRollbackConfiguration"] == {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}


@pytest.mark.parametrize(
    ("kind", "routing"),
    [
        ("CANARY", {"type": "TimeBasedCanary", "timeBasedCanary": {"interval": 3, "percentage": 20}}),
        ("LINEAR", {"type": "TimeBasedLinear", "timeBasedLinear": {"interval": 3, "percentage": 20}}),
    ],
)
def test_own_configuration(declare, args, kind, routing):
    """An own canary or linear shift becomes a deployment configuration that the group uses."""
    args["traffic_shift"] = {"type": kind, "percentage": 20, "interval_minutes": 3}
    deployment = declare(lambda: CodeDeployService("shop", args))
    own = deployment.find("aws:codedeploy/deploymentConfig:DeploymentConfig", "shop-deployment-config")
    name = group(deployment).inputs["deploymentConfigName"]
    assert own.inputs == {"deploymentConfigName": name, "computePlatform": "ECS", "trafficRoutingConfig": routing}


def test_outputs(declare, args):
    """A release names the service, the application, the deployment group and its configuration."""
    deployment = declare(lambda: CodeDeployService("shop", args))
    assert deployment.find("ecs-blue-green:index:CodeDeployService", "shop").outputs == {
        "service_name": service(deployment).inputs["name"],
        "application_name": group(deployment).inputs["appName"],
        "deployment_group_name": "shop",
        "configuration_name": "CodeDeployDefault.ECSCanary10Percent5Minutes",
    }
    args["traffic_shift"] = {"type": "LINEAR", "percentage": 20, "interval_minutes": 3}
    deployment = declare(lambda: CodeDeployService("shop", args))
    own = deployment.find("aws:codedeploy/deploymentConfig:DeploymentConfig", "shop-deployment-config")
    outputs = deployment.find("ecs-blue-green:index:CodeDeployService", "shop").outputs
    assert outputs["configuration_name"] == own.inputs["deploymentConfigName"]


def test_role(declare, args):
    """CodeDeploy may release this service through these listeners and rules, and hand on these two roles."""
    args["test_listener_arn"] = "arn:listener/8080"
    deployment = declare(lambda: CodeDeployService("shop", args))
    name = service(deployment).inputs["name"]
    arn = f"arn:aws:ecs:eu-west-1:123456789012:service/shop-cluster/{name}"
    role = deployment.find("aws:iam/role:Role", "shop-codedeploy")
    assert json.loads(role.inputs["assumeRolePolicy"])["Statement"] == [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "codedeploy.amazonaws.com"}}
    ]
    assert statements(deployment, "tasks") == [
        {"Effect": "Allow", "Action": ["ecs:DescribeServices", "ecs:UpdateServicePrimaryTaskSet"], "Resource": arn},
        {
            "Effect": "Allow",
            "Action": ["ecs:CreateTaskSet", "ecs:DeleteTaskSet"],
            "Resource": "*",
            "Condition": {
                "ArnEquals": {
                    "ecs:cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/shop-cluster",
                    "ecs:service": arn,
                }
            },
        },
        {"Effect": "Allow", "Action": ["cloudwatch:DescribeAlarms"], "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": ROLES,
            "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        },
    ]
    assert statements(deployment, "traffic")[1:] == [
        {
            "Effect": "Allow",
            "Action": ["elasticloadbalancing:ModifyListener"],
            "Resource": ["arn:listener/80", "arn:listener/8080"],
        },
        {"Effect": "Allow", "Action": ["elasticloadbalancing:ModifyRule"], "Resource": ["arn:listener-rule/1"]},
    ]
    reads = statements(deployment, "traffic")[0]
    assert reads["Resource"] == "*"
    assert {action.split(":")[1].startswith("Describe") for action in reads["Action"]} == {True}


def test_hooks(declare, args):
    """CodeDeploy may call the functions that an AppSpec names as hooks, and no others (G12)."""
    function = "arn:aws:lambda:eu-west-1:123456789012:function:smoke"

    def program():
        own = aws.lambda_.Function("judge", role="role").arn
        CodeDeployService("shop", {**args, "hook_function_arns": [function, own, function, own]})

    deployment = declare(program)
    assert statements(deployment, "tasks")[-1] == {
        "Effect": "Allow",
        "Action": ["lambda:InvokeFunction"],
        "Resource": [function, deployment.find("aws:lambda/function:Function", "judge").outputs["arn"]],
    }


@pytest.mark.parametrize("hooks", [{}, {"hook_function_arns": []}])
def test_no_hooks(declare, args, hooks):
    """It calls no function then."""
    deployment = declare(lambda: CodeDeployService("shop", {**args, **hooks}))
    actions = [action for each in statements(deployment, "tasks") for action in each["Action"]]
    assert "lambda:InvokeFunction" not in actions


def test_permissions_outlive_the_deployment_group(declare, args):
    """The deployment group depends on both policies of its role (G26)."""
    deployment = declare(lambda: CodeDeployService("shop", args))
    policies = {r.urn for r in deployment.of_type("aws:iam/rolePolicy:RolePolicy")}
    assert len(policies) == 2
    assert policies < set(group(deployment).dependencies)


@pytest.mark.parametrize(
    ("change", "given"),
    [
        ({"approval_wait_minutes": 5}, "CONTINUE_DEPLOYMENT with a wait of 5 minutes"),
        ({"action_on_timeout": "STOP_DEPLOYMENT"}, "STOP_DEPLOYMENT without a wait"),
        ({"termination_wait_minutes": 2801}, "2801 minutes"),
        ({"configuration": "CodeDeployDefault.AllAtOnce"}, "'CodeDeployDefault.AllAtOnce'"),
        ({"traffic_shift": {"type": "LINEAR", "percentage": 100, "interval_minutes": 1}}, "100 percent"),
        ({"traffic_shift": {"type": "LINEAR", "percentage": 10, "interval_minutes": 0}}, "0 minutes"),
    ],
)
def test_refusals(args, change, given):
    """Waits, configurations and shifts that CodeDeploy does not accept are refused (G8, G9, G10)."""
    with pytest.raises(Refused) as refused:
        CodeDeployService("shop", {**args, **change})
    assert refused.value.given == given


def test_protect(declare, args):
    """Pulumi refuses to delete the service and its deployment group where asked to."""
    assert [r.name for r in declare(lambda: CodeDeployService("shop", args)) if r.protect] == []
    deployment = declare(lambda: CodeDeployService("shop", {**args, "protect": True}))
    assert sorted(r.name for r in deployment if r.protect) == ["shop-deployment-group", "shop-service"]
