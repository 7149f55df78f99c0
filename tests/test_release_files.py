"""The files that describe a release say what the service's own resources say, and change when those do."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from offline.deployment import Deployment
from tests.graph import needs, only
from tests.native_stacks import CONTAINERS, IMAGE
from tests.pipeline_stacks import CONTROLLERS, OBJECT, PIPELINE, SERVICE, everything, files, script, service

TASK = "aws:ecs/taskDefinition:TaskDefinition"
PLACEHOLDER = "<IMAGE1_NAME>"
FULL = {
    "web": {
        "image": IMAGE,
        "port": 8080,
        "portName": "http",
        "appProtocol": "http",
        "command": ["serve"],
        "entryPoint": ["sh", "-c"],
        "environment": {"B": "2", "A": '"ä"\n'},
        "secrets": {"TOKEN": "/shop/token"},
        "healthCheck": {"command": ["CMD", "true"], "startPeriodSeconds": 10},
        "user": "1000:1000",
        "writablePaths": ["/tmp", "/var/run"],
        "stopTimeoutSeconds": 60,
    },
    "agent": {"image": "agent:1.2", "essential": False, "readonlyRootFilesystem": False, "writablePaths": ["/cache"]},
}
"""Containers with a value for everything."""


def registered(stack: Deployment, name: str = "app") -> dict[str, Any]:
    """The revision that Pulumi registers, in the words of RegisterTaskDefinition."""
    inputs = stack.find(TASK, f"{name}-task").inputs
    found = {key: value for key, value in inputs.items() if key != "skipDestroy"}
    found["containerDefinitions"] = json.loads(found["containerDefinitions"])
    tags = found.pop("tags", {})
    return found | ({"tags": [{"key": key, "value": tags[key]} for key in sorted(tags)]} if tags else {})


def taskdef(stack: Deployment, name: str = "app") -> dict[str, Any]:
    """The task definition that a pipeline registers."""
    return json.loads(files(stack, name)["taskdef.json"])


def released(definition: dict[str, Any], container: str, script: bool) -> dict[str, Any]:
    """The definition with a placeholder for the image of a container, and without the script that it has until then."""
    containers = [
        {key: value for key, value in each.items() if key != "command" or not script} | {"image": PLACEHOLDER}
        if each["name"] == container
        else each
        for each in definition["containerDefinitions"]
    ]
    return {**definition, "containerDefinitions": containers}


def appspec(stack: Deployment, name: str = "app") -> dict[str, Any]:
    """What CodeDeploy is told of a deployment."""
    return yaml.safe_load(files(stack, name)["appspec.yaml"])


class TestStacks:
    """The stacks in the repository."""

    @pytest.mark.parametrize(("name", "container"), [("dev", "blue-green-task"), ("prod", "app")])
    def test_task_definition(self, request, name, container):
        """A pipeline registers what Pulumi registered, but with its own image, which brings its own command."""
        stack = request.getfixturevalue(name)
        assert "command" in registered(stack)["containerDefinitions"][0]
        assert taskdef(stack) == released(registered(stack), container, script=True)

    def test_dev(self, dev):
        """The files name family, container, port, subnets and security group of the hands-on, and no hooks."""
        definition, placed = taskdef(dev), only(dev, SERVICE).inputs
        (container,) = definition["containerDefinitions"]
        (entry,) = placed["loadBalancers"]
        assert definition["family"] == "blue-green-family"
        assert (container["name"], container["image"]) == ("blue-green-task", PLACEHOLDER)
        assert container["portMappings"][0]["containerPort"] == 80
        assert (entry["containerName"], entry["containerPort"]) == ("blue-green-task", 80)
        assert appspec(dev) == {
            "version": 0.0,
            "Resources": [
                {
                    "TargetService": {
                        "Type": "AWS::ECS::Service",
                        "Properties": {
                            "TaskDefinition": "<TASK_DEFINITION>",
                            "LoadBalancerInfo": {"ContainerName": "blue-green-task", "ContainerPort": 80},
                            "NetworkConfiguration": {
                                "AwsvpcConfiguration": {
                                    "Subnets": placed["networkConfiguration"]["subnets"],
                                    "SecurityGroups": placed["networkConfiguration"]["securityGroups"],
                                    "AssignPublicIp": "DISABLED",
                                }
                            },
                        },
                    }
                }
            ],
        }
        assert sorted(files(dev)) == ["appspec.yaml", "taskdef.json"]

    def test_where_they_are_kept(self, dev, prod):
        """Those of the dev stack are written to their repository, those of production lie in the pipeline's bucket."""
        assert dev.of_type(OBJECT) == []
        assert only(prod, OBJECT).inputs["key"] == "files/release.zip"


@pytest.mark.parametrize("controller", CONTROLLERS)
class TestAgreement:
    """Whatever a service is like, its files say the same."""

    @pytest.mark.parametrize("tags", [{}, {"team": "web", "a": "1"}], ids=["untagged", "tagged"])
    def test_everything(self, preview, controller, tags):
        """Every property of every container, volumes, sizes, roles and tags; of the image that is released only the
        placeholder."""
        settings = service(
            containers=FULL,
            family="shop",
            cpu=512,
            memory=1024,
            architecture="ARM64",
            loadBalancer={"testPort": 8081, "container": "web"},
            deployment=CONTROLLERS[controller],
        )
        stack = preview(services={"app": settings}, tags=tags)
        assert ("tags" in taskdef(stack)) == bool(tags)
        assert taskdef(stack) == released(registered(stack), "web", script=False)
        assert [each["image"] for each in taskdef(stack)["containerDefinitions"]] == ["agent:1.2", PLACEHOLDER]

    def test_another_container(self, preview, controller):
        """The pipeline may release a container beside the one that takes the traffic, whose image then stays."""
        settings = service(
            containers={**CONTAINERS, "agent": {"image": "agent:1.2"}},
            pipeline={"container": "agent"},
            deployment=CONTROLLERS[controller],
        )
        stack = preview(services={"app": settings})
        assert [each["image"] for each in taskdef(stack)["containerDefinitions"]] == [PLACEHOLDER, IMAGE]
        assert "[?name=='agent'].image" in "".join(script(stack, "app-release-choose-image"))
        if controller == "ECS":
            assert "--container agent" in script(stack, "app-release-deploy")[-1]
        else:
            (resource,) = appspec(stack)["Resources"]
            assert resource["TargetService"]["Properties"]["LoadBalancerInfo"] == {
                "ContainerName": "web",
                "ContainerPort": 80,
            }

    def test_calls_in_the_mesh(self, preview, controller):
        """What a task calls is written on it, so that a release after a new server finds that server (G24)."""
        server = {"containers": CONTAINERS, "serviceConnect": {"port": 80}, "deployment": {"controller": "ECS"}}
        mesh = {"serviceConnect": {"connectsTo": ["server"]}} if controller == "ECS" else {}
        stack = preview(services={"server": server, "app": service(deployment=CONTROLLERS[controller]) | mesh})
        (container,) = taskdef(stack)["containerDefinitions"]
        assert container.get("dockerLabels") == ({"ecs-blue-green.connects-to": "server:80"} if mesh else None)
        assert taskdef(stack) == released(registered(stack), "web", script=False)


def _web(**settings: Any) -> dict[str, Any]:
    return {"containers": {"web": CONTAINERS["web"] | settings, "agent": {"image": "agent:1.2"}}}


BEFORE = service(**_web(), loadBalancer={"testPort": 8080, "container": "web"}, cpu=512, memory=1024)
FILES, REVISION = "BucketObjectv2 app-files contentBase64", "TaskDefinition app-task containerDefinitions"

CHANGES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "cpu": ({"cpu": 1024, "memory": 2048}, {FILES, "TaskDefinition app-task cpu", "TaskDefinition app-task memory"}),
    "memory": ({"memory": 2048}, {FILES, "TaskDefinition app-task memory"}),
    "environment": (_web(environment={"A": "1"}), {FILES, REVISION}),
    "secret": (_web(secrets={"A": "/a"}), {FILES, REVISION, "RolePolicy app-execution policy"}),
    "command": (_web(command=["serve"]), {FILES, REVISION}),
    "user": (_web(user="1000"), {FILES, REVISION}),
    "family": (
        {"family": "shop"},
        {
            FILES,
            "TaskDefinition app-task family",
            "Service app-service taskDefinition",
            # The one of these that registers revisions, by controller.
            "RolePolicy app-release-pipeline-tasks policy",
            "RolePolicy app-release-deploy policy",
        },
    ),
    "architecture": (
        {"architecture": "ARM64"},
        {FILES, "TaskDefinition app-task runtimePlatform", "Project app-release-build environment"},
    ),
    "image of another container": (
        {"containers": {**_web()["containers"], "agent": {"image": "agent:1.3"}}},
        {FILES, REVISION},
    ),
    "port": (
        _web(port=81),
        {
            FILES,
            REVISION,
            "Service app-service loadBalancers",
            "TargetGroup app-blue port",
            "TargetGroup app-green port",
            *(
                f"SecurityGroup{way}Rule app-from-alb {end}Port"
                for way in ("Ingress", "Egress")
                for end in ("from", "to")
            ),
        },
    ),
    "image that serves until the first release": (_web(image="nginx:2.0"), {REVISION}),
    "script that serves until the first release": (_web(script="app/server.py"), {REVISION}),
    "number of tasks": ({"desiredCount": 5}, {"Service app-service desiredCount"}),
    "health check of the load balancer": (
        {"loadBalancer": {"testPort": 8080, "container": "web", "healthCheck": {"path": "/health"}}},
        {"TargetGroup app-blue healthCheck", "TargetGroup app-green healthCheck"},
    ),
    "alarms": (
        {"alarms": {"http5xxCount": 99}},
        {"MetricAlarm app-blue-5xx threshold", "MetricAlarm app-green-5xx threshold"},
    ),
    "approval": (
        {"pipeline": {"source": BEFORE["pipeline"]["source"], "approvalMinutes": 5}},
        {"Pipeline app-release-pipeline stages"},
    ),
}
"""What each change of a stack file changes in the stack."""


@pytest.mark.parametrize("controller", CONTROLLERS)
class TestChanges:
    """A change of the task is a change of the files, which starts a release; nothing else starts one."""

    @pytest.fixture
    def before(self, preview, controller) -> Deployment:
        """The stack as it is."""
        return preview(services={"app": BEFORE | {"deployment": CONTROLLERS[controller]}})

    @pytest.mark.parametrize("what", CHANGES)
    def test_change(self, preview, controller, before, what):
        """Each changes exactly this."""
        change, expected = CHANGES[what]
        deployment = CONTROLLERS[controller] | ({"alarms": change["alarms"]} if "alarms" in change else {})
        changed = {key: value for key, value in change.items() if key != "alarms"}
        after = preview(services={"app": BEFORE | changed | {"deployment": deployment}})
        registers = {f"RolePolicy app-release-{part} policy" for part in ("pipeline-tasks", "deploy")}
        own = "RolePolicy app-release-" + ("pipeline-tasks policy" if controller == "CODE_DEPLOY" else "deploy policy")
        assert different(before, after) == expected - (registers - {own})

    def test_subnets(self, preview, controller, before):
        """CodeDeploy alone moves tasks to other subnets, so that its AppSpec names them; ECS is told by the service."""
        after = preview(
            services={"app": BEFORE | {"deployment": CONTROLLERS[controller]}}, network={"availabilityZones": 3}
        )
        service_ = "Service app-service networkConfiguration"
        expected = {FILES, service_} if controller == "CODE_DEPLOY" else {service_}
        assert {each for each in different(before, after) if " app-" in each} == expected
        assert ("networkConfiguration" in only(after, SERVICE).ignore_changes) == (controller == "CODE_DEPLOY")

    def test_tags(self, preview, controller, before):
        """Revisions have the stack's tags, whoever registers them, and who does is allowed to."""
        after = preview(services={"app": BEFORE | {"deployment": CONTROLLERS[controller]}}, tags={"team": "web"})
        own = "pipeline-tasks" if controller == "CODE_DEPLOY" else "deploy"
        assert {each for each in different(before, after) if not each.endswith(" tags")} == {
            FILES,
            f"RolePolicy app-release-{own} policy",
        }


def different(before: Deployment, after: Deployment) -> set[str]:
    """Type, name and property of what differs between two stacks that have the same resources, beside the network."""
    old, new = before.by_urn(), after.by_urn()
    return (
        {
            f"{r.type.rpartition(':')[2]} {r.name} {key}"
            for r in after
            if r.urn in old
            for key in r.inputs.keys() | old[r.urn].inputs.keys()
            if r.inputs.get(key) != old[r.urn].inputs.get(key)
        }
        | {f"{urn} comes" for urn in new.keys() - old.keys() if _apart(urn)}
        | {f"{urn} goes" for urn in old.keys() - new.keys() if _apart(urn)}
    )


def _apart(urn: str) -> bool:
    return "ecs-blue-green:index:Network" not in urn


STEADY = {
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:iam/role:Role",
    "aws:lambda/function:Function",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "awsx:ec2:Vpc",
}
"""What files name: nothing of it is touched by a release."""


@pytest.fixture(scope="module")
def shop(preview) -> Deployment:
    """Services with pipelines of every kind."""
    return preview(services=everything())


class TestNothingMoves:
    """What releases change is in none of the files, so that `pulumi up` starts none after them."""

    def test_files_are_made_of_what_no_release_touches(self, shop):
        """They name roles, logs, subnets, security groups and functions; never revisions, target groups or images."""
        kinds = {r.urn: r.type for r in shop}
        found = {kinds[urn] for r in shop.of_type(OBJECT) for urn in r.property_dependencies["contentBase64"]}
        assert found <= STEADY
        assert {"aws:iam/role:Role", "aws:cloudwatch/logGroup:LogGroup"} <= found

    def test_pipelines_are_made_of_what_no_release_touches(self, shop):
        """Neither is a pipeline changed after a release, which would stop one that runs."""
        kinds = {r.urn: r.type for r in shop}
        moved = {
            TASK,
            "aws:lb/listener:Listener",
            "aws:lb/listenerRule:ListenerRule",
            "aws:lb/targetGroup:TargetGroup",
        }
        for pipeline in shop.of_type(PIPELINE):
            direct = {kinds[urn] for urns in pipeline.property_dependencies.values() for urn in urns}
            assert not moved & direct, pipeline.name

    def test_no_revision_is_named(self, shop):
        """The text of no file has a revision, a digest, or an image of the repository in it."""
        for r in shop.of_type("ecs-blue-green:index:ReleaseFiles"):
            for name in ("taskdef.json", "appspec.yaml"):
                text = r.outputs["files"].get(name, "")
                assert "task-definition/" not in text
                assert "sha256" not in text
                assert ".dkr.ecr." not in text
            assert PLACEHOLDER in r.outputs["files"]["taskdef.json"]


def test_permission_for_a_secret_comes_before_the_release_that_needs_it(preview):
    """A new secret changes the execution role's policy and the files, in this order."""
    for controller in CONTROLLERS.values():
        stack = preview(services={"app": BEFORE | _web(secrets={"A": "/a"}) | {"deployment": controller}})
        found = needs(stack, only(stack, OBJECT))
        assert stack.find("aws:iam/rolePolicy:RolePolicy", "app-execution").urn in found
