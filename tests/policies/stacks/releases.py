"""How services are released: by CodeDeploy, or by ECS itself."""

from __future__ import annotations

from typing import Any

from tests.policies.graph import Graph, Ref
from tests.policies.stacks.iam import allow, role
from tests.policies.stacks.names import arn

PAIR = "loadBalancerInfo.targetGroupPairInfo"


def alarms(g: Graph, app: str = "") -> list[Ref]:
    """An alarm on each target group; their names."""
    if g["alb"]["loadBalancerType"] == "application":
        watched = {"namespace": "AWS/ApplicationELB", "metricName": "HTTPCode_Target_5XX_Count", "statistic": "Sum"}
    else:
        watched = {"namespace": "AWS/NetworkELB", "metricName": "UnHealthyHostCount", "statistic": "Maximum"}
    for colour in ("blue", "green"):
        g.add(
            f"{app}{colour}-5xx",
            "aws:cloudwatch/metricAlarm:MetricAlarm",
            {
                "name": f"{app or 'app-'}{colour}-5xx-1",
                **watched,
                "dimensions": {
                    "LoadBalancer": Ref("alb", "arnSuffix"),
                    "TargetGroup": Ref(f"{app}{colour}", "arnSuffix"),
                },
                "comparisonOperator": "GreaterThanThreshold",
                "threshold": 5.0,
                "period": 60.0,
                "evaluationPeriods": 2.0,
                "treatMissingData": "notBreaching",
            },
            arn=arn("cloudwatch", f"alarm:{app or 'app-'}{colour}-5xx-1"),
        )
    return [Ref(f"{app}{colour}-5xx", "name") for colour in ("blue", "green")]


def by_codedeploy(g: Graph, app: str = "") -> None:
    """A CodeDeploy application and the deployment group of a service."""
    if "codedeploy-role" not in g.resources:
        role(g, "codedeploy-role", "codedeploy.amazonaws.com", managed="AWSCodeDeployRoleForECS")
    g.add(
        f"{app}application",
        "aws:codedeploy/application:Application",
        {"name": f"{app or 'app-'}cd", "computePlatform": "ECS"},
        id=f"{app or 'app-'}cd-id",
    )
    g.add(
        f"{app}group",
        "aws:codedeploy/deploymentGroup:DeploymentGroup",
        {
            "appName": Ref(f"{app}application", "name"),
            "deploymentGroupName": f"{app or 'app-'}dg",
            "serviceRoleArn": Ref("codedeploy-role", "arn"),
            "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes",
            "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            "ecsService": {"clusterName": Ref("cluster", "name"), "serviceName": Ref(f"{app}service", "name")},
            "blueGreenDeploymentConfig": {
                "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
                "terminateBlueInstancesOnDeploymentSuccess": {
                    "action": "TERMINATE",
                    "terminationWaitTimeInMinutes": 10.0,
                },
            },
            "autoRollbackConfiguration": {
                "enabled": True,
                "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
            },
            "alarmConfiguration": {"enabled": True, "alarms": alarms(g, app), "ignorePollAlarmFailure": False},
            "loadBalancerInfo": {
                "targetGroupPairInfo": {
                    "prodTrafficRoute": {"listenerArns": [Ref("https", "arn")]},
                    "testTrafficRoute": {"listenerArns": [Ref("test", "arn")]},
                    "targetGroups": [{"name": Ref(f"{app}blue", "name")}, {"name": Ref(f"{app}green", "name")}],
                }
            },
        },
        computePlatform="ECS",
        deploymentGroupId=f"{app}dg-1",
    )
    g.protect(f"{app}group")
    g.ignore(f"{app}service", "taskDefinition", "loadBalancers", "desiredCount")


def by_ecs(strategy: str = "BLUE_GREEN", **more: Any) -> dict[str, Any]:
    """What makes ECS release a service in steps, or all at once after its tests."""
    steps = {
        "BLUE_GREEN": {"bakeTimeInMinutes": "10"},
        "LINEAR": {
            "bakeTimeInMinutes": "5",
            "linearConfiguration": {"stepPercent": 20.0, "stepBakeTimeInMinutes": "5"},
        },
        "CANARY": {"canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": "15"}},
    }
    return {
        "deploymentController": {"type": "ECS"},
        "deploymentConfiguration": {"strategy": strategy, **steps[strategy], **more},
    }


def infrastructure_role(g: Graph) -> None:
    """The role by which ECS moves traffic between target groups."""
    role(
        g,
        "infrastructure-role",
        "ecs.amazonaws.com",
        managed="AmazonECSInfrastructureRolePolicyForLoadBalancers",
    )


def advanced(production: Ref, test: Ref, app: str = "") -> dict[str, Any]:
    """The advanced configuration of a load balancer block."""
    return {
        "alternateTargetGroupArn": Ref(f"{app}green", "arn"),
        "roleArn": Ref("infrastructure-role", "arn"),
        "productionListenerRule": production,
        "testListenerRule": test,
    }


def hook(g: Graph) -> dict[str, Any]:
    """A function that tests a new version before users meet it."""
    function = arn("lambda", "function:smoke-1")
    role(g, "function-role", "lambda.amazonaws.com", managed="service-role/AWSLambdaBasicExecutionRole")
    role(g, "hook-role", "ecs.amazonaws.com", allow("lambda:InvokeFunction", function))
    g.add(
        "smoke",
        "aws:lambda/function:Function",
        {"name": "smoke-1", "role": Ref("function-role", "arn"), "runtime": "python3.13", "handler": "smoke.handler"},
        id="smoke-1",
        arn=function,
    )
    return {
        "targetType": "AWS_LAMBDA",
        "hookTargetArn": Ref("smoke", "arn"),
        "roleArn": Ref("hook-role", "arn"),
        "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
    }


def rollback(names: list[Any]) -> dict[str, Any]:
    """Alarms that bring a native service back."""
    return {"alarms": {"enable": True, "rollback": True, "alarmNames": names}}


def endpoint(name: str, port: float = 80.0) -> dict[str, Any]:
    """What a service offers to others of its mesh, and the header that leads to a version under test."""
    header = {"name": "x-amzn-ecs-blue-green-test", "value": {"exact": "true"}}
    return {
        "portName": "http",
        "discoveryName": name,
        "clientAlias": [{"dnsName": name, "port": port, "testTrafficRules": [{"header": header}]}],
    }
