"""Known-good stacks, each compliant with every rule in production."""

from __future__ import annotations

import json

from tests.policies.graph import Graph, Ref

ARN = "arn:aws:%s:eu-west-1:123456789012:%s"
CONTAINERS = [
    {"name": "app", "image": "app:1.2.3", "portMappings": [{"containerPort": 80}]},
    {"name": "sidecar", "image": "agent:4.5.6"},
]


def _base(stack: str) -> Graph:
    """An HTTPS listener and a test listener on one load balancer, two groups, two roles."""
    g = Graph(stack)
    g.add("vpc", "aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}, id="vpc-1")
    g.add(
        "lb-sg",
        "aws:ec2/securityGroup:SecurityGroup",
        {"vpcId": Ref("vpc", "id")},
        id="sg-lb",
        arn=ARN % ("ec2", "security-group/sg-lb"),
        ingress=[],
    )
    g.add(
        "task-sg",
        "aws:ec2/securityGroup:SecurityGroup",
        {"vpcId": Ref("vpc", "id")},
        id="sg-task",
        arn=ARN % ("ec2", "security-group/sg-task"),
        ingress=[],
    )
    g.add(
        "world-https",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        {
            "securityGroupId": Ref("lb-sg", "id"),
            "cidrIpv4": "0.0.0.0/0",
            "ipProtocol": "tcp",
            "fromPort": 443.0,
            "toPort": 443.0,
        },
        id="sgr-1",
    )
    g.add(
        "lb-task",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        {
            "securityGroupId": Ref("task-sg", "id"),
            "ipProtocol": "tcp",
            "fromPort": 80.0,
            "referencedSecurityGroupId": Ref("lb-sg", "id"),
            "toPort": 80.0,
        },
        id="sgr-2",
    )
    g.add(
        "alb",
        "aws:lb/loadBalancer:LoadBalancer",
        {"name": "alb-1", "loadBalancerType": "application", "securityGroups": [Ref("lb-sg", "id")]},
        arn=ARN % ("elasticloadbalancing", "loadbalancer/app/alb-1/0a"),
    )
    for name, port in (("https", 443.0), ("test", 8443.0)):
        g.add(
            name,
            "aws:lb/listener:Listener",
            {
                "loadBalancerArn": Ref("alb", "arn"),
                "port": port,
                "protocol": "HTTPS",
                "defaultActions": [{"type": "fixed-response"}],
            },
            arn=ARN % ("elasticloadbalancing", f"listener/app/alb-1/0a/{name}"),
        )
    for colour in ("blue", "green"):
        g.add(
            colour,
            "aws:lb/targetGroup:TargetGroup",
            {
                "name": f"app-{colour}-1",
                "vpcId": Ref("vpc", "id"),
                "port": 80.0,
                "protocol": "HTTP",
                "targetType": "ip",
                "healthCheck": {"path": "/", "port": "traffic-port"},
            },
            arn=ARN % ("elasticloadbalancing", f"targetgroup/app-{colour}-1/0{colour}"),
            protocolVersion="HTTP1",
        )
    for rule, listener in (("prod-rule", "https"), ("test-rule", "test")):
        g.add(
            rule,
            "aws:lb/listenerRule:ListenerRule",
            {
                "listenerArn": Ref(listener, "arn"),
                "actions": [
                    {
                        "type": "forward",
                        "forward": {
                            "targetGroups": [
                                {"arn": Ref("blue", "arn"), "weight": 100.0},
                                {"arn": Ref("green", "arn"), "weight": 0.0},
                            ]
                        },
                    }
                ],
            },
            arn=ARN % ("elasticloadbalancing", f"listener-rule/app/alb-1/0a/{listener}/{rule}"),
        )
        g.ignore(rule, "actions")
    for role in ("task-role", "execution-role"):
        g.add(role, "aws:iam/role:Role", {"name": f"{role}-1"}, arn=ARN % ("iam", f"role/{role}-1"))
    g.add("cluster", "aws:ecs/cluster:Cluster", {"name": "main"}, arn=ARN % ("ecs", "cluster/main"))
    g.add(
        "task",
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "family": "app-family",
            "containerDefinitions": json.dumps(CONTAINERS),
            "executionRoleArn": Ref("execution-role", "arn"),
            "taskRoleArn": Ref("task-role", "arn"),
        },
        arn=ARN % ("ecs", "task-definition/app-family:7"),
        revision=7.0,
    )
    return g


def _service(g: Graph, **more: object) -> None:
    g.add(
        "service",
        "aws:ecs/service:Service",
        {
            "name": "app-1",
            "cluster": Ref("cluster", "arn"),
            "taskDefinition": Ref("task", "arn"),
            "networkConfiguration": {"assignPublicIp": False, "securityGroups": [Ref("task-sg", "id")]},
            "loadBalancers": [{"targetGroupArn": Ref("blue", "arn"), "containerName": "app", "containerPort": 80.0}],
            **more,
        },
        id=ARN % ("ecs", "service/main/app-1"),
    )


def classic(stack: str = "prod") -> Graph:
    """A CODE_DEPLOY service and its deployment group."""
    g = _base(stack)
    _service(g, deploymentController={"type": "CODE_DEPLOY"})
    g.ignore("service", "taskDefinition", "loadBalancers", "desiredCount")
    g.add(
        "application",
        "aws:codedeploy/application:Application",
        {"name": "app-cd", "computePlatform": "ECS"},
        id="app-cd-id",
    )
    g.add(
        "group",
        "aws:codedeploy/deploymentGroup:DeploymentGroup",
        {
            "appName": Ref("application", "name"),
            "deploymentGroupName": "app-dg",
            "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes",
            "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            "ecsService": {"clusterName": Ref("cluster", "name"), "serviceName": Ref("service", "name")},
            "autoRollbackConfiguration": {
                "enabled": True,
                "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
            },
            "alarmConfiguration": {"enabled": True, "alarms": ["app-5xx"]},
            "loadBalancerInfo": {
                "targetGroupPairInfo": {
                    "prodTrafficRoute": {"listenerArns": [Ref("https", "arn")]},
                    "testTrafficRoute": {"listenerArns": [Ref("test", "arn")]},
                    "targetGroups": [{"name": Ref("blue", "name")}, {"name": Ref("green", "name")}],
                }
            },
        },
        computePlatform="ECS",
        deploymentGroupId="dg-1",
    )
    return g


def native(stack: str = "prod") -> Graph:
    """A service that ECS releases by itself, behind the same load balancer and in a mesh."""
    g = _base(stack)
    _service(
        g,
        deploymentController={"type": "ECS"},
        deploymentConfiguration={"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "10"},
        serviceConnectConfiguration={"enabled": True, "namespace": "mesh", "services": [{"portName": "http"}]},
    )
    g["service"]["loadBalancers"][0]["advancedConfiguration"] = {
        "alternateTargetGroupArn": Ref("green", "arn"),
        "roleArn": Ref("task-role", "arn"),
        "productionListenerRule": Ref("prod-rule", "arn"),
        "testListenerRule": Ref("test-rule", "arn"),
    }
    return g
