"""A hands-on of 2023: CodePipeline and CodeDeploy release a web application, all by the console.

Whatever its text leaves open has the value that the rest demands or the console proposes: the second subnet,
the network's addresses, where tasks let traffic in from, the build host. What it does not mention is not here:
no logs, health checks, alarms, rollback or wait.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pulumi
import pulumi_aws as aws

from tests.policies.corpus.documents import trust

REGION = "ap-northeast-1"
FILES = [Path(__file__).with_name(name) for name in ("appspec.yaml", "taskdef.json")]
TASK = json.loads(FILES[1].read_text())


class Released(NamedTuple):
    """What the deployment group joins."""

    cluster: aws.ecs.Cluster
    service: aws.ecs.Service
    listener: aws.lb.Listener
    target_groups: list[aws.lb.TargetGroup]


def program() -> None:
    released = _service()
    _image_pipeline()
    _deploy_pipeline(released)


def _network() -> tuple[aws.ec2.Vpc, list[aws.ec2.Subnet]]:
    vpc = aws.ec2.Vpc("blue-green-vpc", cidr_block="10.0.0.0/16")
    gateway = aws.ec2.InternetGateway("blue-green-igw", vpc_id=vpc.id)
    routes = aws.ec2.RouteTable(
        "blue-green-rtb-public",
        vpc_id=vpc.id,
        routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}],
    )
    subnets = []
    for number, zone in enumerate(("ap-northeast-1a", "ap-northeast-1c"), 1):
        name = f"blue-green-subnet-public{number}-{zone}"
        subnet = aws.ec2.Subnet(name, vpc_id=vpc.id, cidr_block=f"10.0.{number}.0/24", availability_zone=zone)
        aws.ec2.RouteTableAssociation(name, subnet_id=subnet.id, route_table_id=routes.id)
        subnets.append(subnet)
    return vpc, subnets


def _group(name: str, vpc: aws.ec2.Vpc, source: dict[str, pulumi.Input[str]]) -> aws.ec2.SecurityGroup:
    group = aws.ec2.SecurityGroup(name, name=name, vpc_id=vpc.id, description=name)
    aws.vpc.SecurityGroupIngressRule(
        name, security_group_id=group.id, ip_protocol="tcp", from_port=80, to_port=80, **source
    )
    return group


def _service() -> Released:
    vpc, subnets = _network()
    balancer_group = _group("blue-green-loadbalancer-sg", vpc, {"cidr_ipv4": "0.0.0.0/0"})
    task_group = _group("blue-green-task-sg", vpc, {"referenced_security_group_id": balancer_group.id})
    balancer = aws.lb.LoadBalancer(
        "blue-green-loadbalancer",
        name="blue-green-loadbalancer",
        load_balancer_type="application",
        subnets=[subnet.id for subnet in subnets],
        security_groups=[balancer_group.id],
    )
    target_groups = [
        aws.lb.TargetGroup(name, name=name, vpc_id=vpc.id, port=80, protocol="HTTP", target_type="ip")
        for name in ("blue-green-targetgroup-1", "blue-green-targetgroup-2")
    ]
    listener = aws.lb.Listener(
        "blue-green-listener",
        load_balancer_arn=balancer.arn,
        port=80,
        protocol="HTTP",
        default_actions=[{"type": "forward", "target_group_arn": target_groups[0].arn}],
    )
    aws.iam.Role("blue-green-task-role", name="blue-green-task-role", assume_role_policy=trust("ecs-tasks"))
    task = aws.ecs.TaskDefinition(
        "blue-green-family",
        family=TASK["family"],
        task_role_arn=TASK["taskRoleArn"],
        execution_role_arn=TASK["executionRoleArn"],
        network_mode=TASK["networkMode"],
        requires_compatibilities=TASK["requiresCompatibilities"],
        cpu=TASK["cpu"],
        memory=TASK["memory"],
        runtime_platform={"cpu_architecture": "ARM64"},
        container_definitions=json.dumps(TASK["containerDefinitions"]),
    )
    cluster = aws.ecs.Cluster("blue-green-cluster", name="blue-green-cluster")
    service = aws.ecs.Service(
        "blue-green-service",
        name="blue-green-service",
        cluster=cluster.name,
        task_definition=pulumi.Output.concat(task.family, ":", task.revision.apply(str)),
        desired_count=0,
        launch_type="FARGATE",
        scheduling_strategy="REPLICA",
        deployment_controller={"type": "CODE_DEPLOY"},
        load_balancers=[
            {
                "target_group_arn": target_groups[0].arn,
                "container_name": "blue-green-task",
                "container_port": 80,
            }
        ],
        network_configuration={
            "subnets": [subnets[0].id],
            "security_groups": [task_group.id],
            "assign_public_ip": True,
        },
    )
    return Released(cluster, service, listener, target_groups)


def _image_pipeline() -> None:
    aws.ecr.Repository("blue-green-image", name="blue-green-image")
    aws.codecommit.Repository("blue-green-app", repository_name="blue-green-app")
    role = aws.iam.Role(
        "codebuild-blue-green-build-service-role",
        name="codebuild-blue-green-build-service-role",
        assume_role_policy=trust("codebuild"),
    )
    aws.iam.RolePolicyAttachment(
        "codebuild-blue-green-build-service-role",
        role=role.name,
        policy_arn="arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser",
    )
    project = aws.codebuild.Project(
        "blue-green-build",
        name="blue-green-build",
        service_role=role.arn,
        artifacts={"type": "CODEPIPELINE"},
        source={"type": "CODEPIPELINE", "buildspec": "buildspec.yaml"},
        environment={
            "type": "ARM_CONTAINER",
            "compute_type": "BUILD_GENERAL1_SMALL",
            "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
            "privileged_mode": True,
        },
    )
    build = {
        **_action("Build", "Build", "CodeBuild", {"ProjectName": project.name}),
        "input_artifacts": ["SourceArtifact"],
        "output_artifacts": ["BuildArtifact"],
    }
    _pipeline("blue-green-image-pipeline", "blue-green-app", build)


def _deploy_pipeline(released: Released) -> None:
    aws.codecommit.Repository("blue-green-deploy-artifact", repository_name="blue-green-deploy-artifact")
    role = aws.iam.Role("blue-green-codedeploy-role", assume_role_policy=trust("codedeploy"))
    aws.iam.RolePolicyAttachment(
        "blue-green-codedeploy-role",
        role=role.name,
        policy_arn="arn:aws:iam::aws:policy/AWSCodeDeployRoleForECS",
    )
    application = aws.codedeploy.Application("blue-green-application", compute_platform="ECS")
    group = aws.codedeploy.DeploymentGroup(
        "blue-green-deployment-group",
        app_name=application.name,
        deployment_group_name="blue-green-deployment-group",
        service_role_arn=role.arn,
        deployment_config_name="CodeDeployDefault.ECSAllAtOnce",
        deployment_style={"deployment_type": "BLUE_GREEN", "deployment_option": "WITH_TRAFFIC_CONTROL"},
        ecs_service={"cluster_name": released.cluster.name, "service_name": released.service.name},
        load_balancer_info={
            "target_group_pair_info": {
                "prod_traffic_route": {"listener_arns": [released.listener.arn]},
                "target_groups": [{"name": group.name} for group in released.target_groups],
            }
        },
    )
    configuration = {
        "ApplicationName": application.name,
        "DeploymentGroupName": group.deployment_group_name,
        "TaskDefinitionTemplateArtifact": "SourceArtifact",
        "TaskDefinitionTemplatePath": "taskdef.json",
        "AppSpecTemplateArtifact": "SourceArtifact",
        "AppSpecTemplatePath": "appspec.yaml",
    }
    deploy = {
        **_action("Deploy", "Deploy", "CodeDeployToECS", configuration),
        "input_artifacts": ["SourceArtifact"],
    }
    _pipeline("blue-green-deploy-pipeline", "blue-green-deploy-artifact", deploy)


def _pipeline(name: str, repository: str, *stages: dict[str, Any]) -> None:
    bucket = aws.s3.Bucket(f"{name}-artifacts")
    role = aws.iam.Role(name, assume_role_policy=trust("codepipeline"))
    source = {
        **_action("Source", "Source", "CodeCommit", {"RepositoryName": repository, "BranchName": "main"}),
        "output_artifacts": ["SourceArtifact"],
    }
    aws.codepipeline.Pipeline(
        name,
        name=name,
        role_arn=role.arn,
        artifact_stores=[{"type": "S3", "location": bucket.bucket}],
        stages=[{"name": action["name"], "actions": [action]} for action in (source, *stages)],
    )


def _action(name: str, category: str, provider: str, configuration: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "category": category,
        "owner": "AWS",
        "provider": provider,
        "version": "1",
        "configuration": configuration,
    }
