"""Who may assume the roles of a delivery, call its functions and publish to its topics."""

from __future__ import annotations

import json

import pytest

from offline.deployment import Deployment
from tests.delivery_stacks import DELIVERIES
from tests.duties import Duty, duties
from tests.iam import ROLE, admits, may_assume, statements, statements_of


@pytest.fixture(scope="module", params=["dev", "prod", "deliveries", "untagged"])
def stack(request) -> Deployment:
    """A stack with pipelines."""
    return request.getfixturevalue(request.param)


def all_of(deployment: Deployment) -> list[Duty]:
    return [duty for found in duties(deployment).values() for duty in found]


class TestRoles:
    """Pipelines, builds, functions and deployment groups have a role each, and the rules of a pipeline have one."""

    def test_dev(self, dev):
        """Two pipelines: one makes the image, the other hands it to CodeDeploy."""
        assert {duty.role: duty.principal for duty in all_of(dev)} == {
            "app-codedeploy": "codedeploy.amazonaws.com",
            "app-deploy-choose-image": "codebuild.amazonaws.com",
            "app-deploy-events": "events.amazonaws.com",
            "app-deploy-pipeline": "codepipeline.amazonaws.com",
            "app-image-build": "codebuild.amazonaws.com",
            "app-image-events": "events.amazonaws.com",
            "app-image-pipeline": "codepipeline.amazonaws.com",
        }

    def test_prod(self, prod):
        """One pipeline, and two hooks."""
        assert {duty.role: duty.principal for duty in all_of(prod)} == {
            "app-admission": "lambda.amazonaws.com",
            "app-codedeploy": "codedeploy.amazonaws.com",
            "app-release-build": "codebuild.amazonaws.com",
            "app-release-choose-image": "codebuild.amazonaws.com",
            "app-release-events": "events.amazonaws.com",
            "app-release-pipeline": "codepipeline.amazonaws.com",
            "app-smoke": "lambda.amazonaws.com",
        }

    def test_others(self, deliveries):
        """All other roles of a stack are those of its tasks, of ECS as it moves traffic, and of the flow logs."""
        others = {"blue-green-flow-logs"}
        for each in DELIVERIES:
            others |= {f"{each}-execution", f"{each}-task"}
            others |= {f"{each}-infrastructure"} if each.controller == "ECS" else set()
        assert {role.name for role in deliveries.of_type(ROLE)} - {duty.role for duty in all_of(deliveries)} == others


TOLD = {"codebuild.amazonaws.com": "aws:SourceArn", "events.amazonaws.com": "aws:SourceAccount"}
"""What these services say of whom they act for; that CodePipeline says it is written nowhere.
https://docs.aws.amazon.com/codebuild/latest/userguide/cross-service-confused-deputy-prevention.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/policy-keys-eventbridge.html"""


class TestTrust:
    """Who may assume a role."""

    def test_principal(self, stack):
        """The service that acts in it, for this project, rule and account."""
        for duty in all_of(stack):
            assert may_assume(stack.find(ROLE, duty.role), duty.principal, duty.context), duty.role

    def test_nobody_else(self, stack):
        """No other service, nor anybody else."""
        for duty in all_of(stack):
            (trusted,) = json.loads(stack.find(ROLE, duty.role).inputs["assumeRolePolicy"])["Statement"]
            assert trusted["Principal"] == {"Service": duty.principal}, duty.role
            assert trusted["Action"] == "sts:AssumeRole", duty.role

    def test_confused_deputy(self, stack):
        """Neither CodeBuild for another project, nor EventBridge for another account."""
        for duty in all_of(stack):
            if key := TOLD.get(duty.principal):
                role = stack.find(ROLE, duty.role)
                assert not may_assume(role, duty.principal, {**duty.context, key: "other"}), duty.role
                assert not may_assume(role, duty.principal), duty.role


def callers(deployment: Deployment) -> dict[str, list[str]]:
    """The functions that each role may call, without their place."""
    found: dict[str, list[str]] = {}
    for role in deployment.of_type(ROLE):
        for statement in statements_of(deployment, role.name):
            if "lambda:InvokeFunction" in statement.document["Action"]:
                resources = statement.document["Resource"]
                arns = [resources] if isinstance(resources, str) else resources
                found.setdefault(role.name, []).extend(arn.partition(":function:")[2] for arn in arns)
    return found


class TestFunctions:
    """Who may call the functions that judge a release."""

    def test_dev(self, dev):
        """Nobody calls a function where there is no hook."""
        assert callers(dev) == {}

    def test_prod(self, prod):
        """CodeDeploy calls those that the AppSpec names."""
        assert callers(prod) == {"app-codedeploy": ["blue-green-app-admission", "blue-green-app-smoke"]}

    def test_ecs(self, deliveries):
        """ECS has a role for each function that it calls, whoever made it."""
        found = callers(deliveries)
        assert {role: found[role] for role in found if role.startswith("ecs-ecr-")} == {
            "ecs-ecr-hook-admission": ["blue-green-ecs-ecr-admission"],
            "ecs-ecr-hook-approval": ["blue-green-ecs-ecr-approval"],
            "ecs-ecr-hook-judge.live": ["judge:live"],
            "ecs-ecr-hook-smoke": ["blue-green-ecs-ecr-smoke"],
        }

    def test_code_deploy(self, deliveries):
        """CodeDeploy has one role for all of a service's functions, in the order of their events."""
        assert callers(deliveries)["cd-ecr-codedeploy"] == [
            "blue-green-cd-ecr-admission",
            "blue-green-cd-ecr-smoke",
            "judge:live",
        ]


NOTIFICATIONS = "codestar-notifications.amazonaws.com"


@pytest.mark.parametrize("name", ["prod", "deliveries", "untagged"])
class TestTopics:
    """Who may publish to a topic of the stack's own."""

    def test_topic(self, name, request):
        """AWS's notifications of this account may; those of another may not, nor may another service."""
        for policy in request.getfixturevalue(name).of_type("aws:sns/topicPolicy:TopicPolicy"):
            held, topic = statements(policy.name, policy.inputs["policy"]), policy.inputs["arn"]
            account = {"aws:SourceAccount": topic.split(":")[4]}
            assert admits(held, NOTIFICATIONS, "sns:Publish", topic, account)
            assert not admits(held, NOTIFICATIONS, "sns:Publish", topic, {"aws:SourceAccount": "999999999999"})
            assert not admits(held, "events.amazonaws.com", "sns:Publish", topic, account)

    def test_key(self, name, request):
        """The key of a topic serves them through SNS only."""
        deployment = request.getfixturevalue(name)
        keys = {each.outputs["arn"]: each.inputs["policy"] for each in deployment.of_type("aws:kms/key:Key")}
        topics = deployment.of_type("aws:sns/topic:Topic")
        assert topics
        for topic in topics:
            arn = topic.inputs["kmsMasterKeyId"]
            held, region = statements("key", keys[arn]), topic.outputs["arn"].split(":")[3]
            for action in ("kms:Decrypt", "kms:GenerateDataKey"):
                assert admits(held, NOTIFICATIONS, action, arn, {"kms:ViaService": f"sns.{region}.amazonaws.com"})
                assert not admits(held, NOTIFICATIONS, action, arn, {"kms:ViaService": f"s3.{region}.amazonaws.com"})
                assert not admits(held, NOTIFICATIONS, action, arn)
