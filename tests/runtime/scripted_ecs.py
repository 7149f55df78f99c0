"""ECS as the deploy step sees it: replies in turn, each to exactly one call. botocore checks both by its own model."""

import copy
from datetime import UTC, datetime, timedelta
from functools import cache

import boto3
from botocore.stub import Stubber

from runtime import deploy

ACCOUNT = "arn:aws:ecs:eu-west-1:123456789012"
CLUSTER = f"{ACCOUNT}:cluster/prod"
FAMILY = f"{ACCOUNT}:task-definition/shop"
BLUE, GREEN = f"{FAMILY}:1", f"{FAMILY}:2"

REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop"
OLD_IMAGE, IMAGE = f"{REPOSITORY}@sha256:{'0' * 64}", f"{REPOSITORY}@sha256:{'1' * 64}"

DOCUMENT = {
    "family": "shop",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [
        {
            "name": "web",
            "image": OLD_IMAGE,
            "environment": [{"name": "PASSWORD", "value": "s3cret"}],
            "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
        },
        {"name": "proxy", "image": f"{REPOSITORY}/proxy:1.0.0"},
    ],
}
"""What the service's task definition was registered with."""

RELEASED = copy.deepcopy(DOCUMENT)
RELEASED["containerDefinitions"][0]["image"] = IMAGE

ASKED = ["--cluster", "prod", "--service", "shop", "--container", "web", "--image", IMAGE]

PLACE = {"cluster": "prod", "service": "shop"}


def deployment(name):
    """ARN of a service deployment."""
    return f"{ACCOUNT}:service-deployment/prod/shop/{name}"


def revision(name):
    """ARN of the service revision that a service deployment brings."""
    return f"{ACCOUNT}:service-revision/prod/shop/{name}"


def brief(name, status="SUCCESSFUL", minute=0, **more):
    """A service deployment, as ListServiceDeployments tells of it."""
    return {
        "serviceDeploymentArn": deployment(name),
        "targetServiceRevisionArn": revision(name),
        "status": status,
        "createdAt": datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(minutes=minute),
        **more,
    }


@cache
def client():
    """A client of ECS; none of its calls leaves it."""
    return boto3.client("ecs", region_name="eu-west-1", aws_access_key_id="key", aws_secret_access_key="secret")


class ScriptedEcs:
    """What ECS is asked, in turn, and what it replies."""

    def __init__(self):
        self.client = client()
        self.stubber = Stubber(self.client)
        self.now = 0.0

    def reply(self, method, response, **asked):
        self.stubber.add_response(method, response, asked)

    def fails(self, method, code, message="no", status=400, **asked):
        self.stubber.add_client_error(method, code, message, status, expected_params=asked)

    def service(self, task_definition=BLUE, **more):
        found = {"status": "ACTIVE", "taskDefinition": task_definition, **more}
        self.reply("describe_services", {"services": [found]}, cluster="prod", services=["shop"])

    def task_definition(self, asked, document, arn="", tags=()):
        """What is described has more than what was registered."""
        described = document | {
            "taskDefinitionArn": arn or asked,
            "revision": 1,
            "status": "ACTIVE",
            "compatibilities": ["EC2", "FARGATE"],
            "requiresAttributes": [{"name": "ecs.capability.task-eni"}],
            "registeredAt": datetime(2026, 3, 1, tzinfo=UTC),
            "registeredBy": "arn:aws:iam::123456789012:role/ci",
        }
        reply = {"taskDefinition": described, "tags": list(tags)}
        self.reply("describe_task_definition", reply, taskDefinition=asked, include=["TAGS"])

    def releases(self, *briefs):
        self.reply("list_service_deployments", {"serviceDeployments": list(briefs)}, **PLACE, maxResults=100)

    def target(self, name, *task_definitions):
        revisions = [{"taskDefinition": each} for each in task_definitions]
        asked = {"serviceRevisionArns": [revision(name)]}
        self.reply("describe_service_revisions", {"serviceRevisions": revisions}, **asked)

    def no_family(self):
        self.fails(
            "describe_task_definition",
            "ClientException",
            "Unable to describe task definition.",
            taskDefinition="shop",
            include=["TAGS"],
        )

    def registers(self, document, arn=GREEN):
        self.reply("register_task_definition", {"taskDefinition": {"taskDefinitionArn": arn}}, **document)

    def updates(self, task_definition=GREEN, **more):
        # What UpdateService replies is not relied on: it may name the release before.
        reply = {"service": {"currentServiceDeployment": deployment("first")}}
        self.reply("update_service", reply, **PLACE, taskDefinition=task_definition, **more)

    def shows(self, status, name="second", **more):
        found = {"serviceDeploymentArn": deployment(name), "status": status, **more}
        self.reply(
            "describe_service_deployments",
            {"serviceDeployments": [found]},
            serviceDeploymentArns=[deployment(name)],
        )

    def knows_nothing(self, name="second"):
        failures = [{"arn": deployment(name), "reason": "MISSING"}]
        self.reply(
            "describe_service_deployments",
            {"serviceDeployments": [], "failures": failures},
            serviceDeploymentArns=[deployment(name)],
        )

    def sleep(self, seconds):
        self.now += seconds

    def run(self, argv):
        """The exit status; every reply was asked for."""
        with self.stubber:
            status = deploy.main(argv, self.client, self.sleep, lambda: self.now)
        self.stubber.assert_no_pending_responses()
        return status
