"""Hooks of a stack file end up as functions that judge each release, whoever makes it, by a way that is there."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

import settings
from offline import project
from offline.deployment import Deployment, Resource
from tests.graph import named, needs, only
from tests.native_stacks import CONTAINERS
from tests.pipeline_stacks import CONTROLLERS, OBJECT, ROLE_POLICY, SERVICE, files, service

LAMBDA = "aws:lambda/function:Function"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
OTHERS = "arn:aws:lambda:eu-west-1:123456789012:function:load:live"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:blue-green-app-"


def judged(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """What each function judges by."""
    return {r.name: json.loads(r.inputs["environment"]["variables"]["HOOK"]) for r in deployment.of_type(LAMBDA)}


def invoked(deployment: Deployment) -> dict[str, list[str]]:
    """The functions that each policy lets somebody call."""
    found: dict[str, list[str]] = {}
    for r in deployment.of_type(ROLE_POLICY):
        for statement in json.loads(r.inputs["policy"])["Statement"]:
            if "lambda:InvokeFunction" in statement["Action"]:
                resource = statement["Resource"]
                found.setdefault(r.name, []).extend([resource] if isinstance(resource, str) else resource)
    return found


def appspec(deployment: Deployment) -> dict[str, Any]:
    """What CodeDeploy is told of a deployment."""
    return yaml.safe_load(files(deployment)["appspec.yaml"])


def lifecycle(deployment: Deployment, name: str = "app") -> list[dict[str, Any]]:
    """The hooks that ECS knows of."""
    found = deployment.find(SERVICE, f"{name}-service")
    return named(deployment, found.inputs["deploymentConfiguration"]["lifecycleHooks"])


@pytest.fixture(scope="module")
def by_codedeploy(preview) -> Deployment:
    """Hooks of every type, in the order of nobody; one function judges twice."""
    hooks = [
        {"type": "SMOKE", "path": "/ready", "status": 204, "contains": "ok", "latencySeconds": 1, "attempts": 2},
        {"type": "AWS_LAMBDA", "functionArn": OTHERS, "events": ["AfterAllowTraffic", "BeforeInstall"]},
        {"type": "ADMISSION", "events": ["BeforeAllowTraffic"]},
        {"type": "ADMISSION", "images": ["public.ecr.aws/*"]},
    ]
    return preview(services={"app": service(deployment={"controller": "CODE_DEPLOY", "hooks": hooks})})


class TestCodeDeploy:
    """CodeDeploy is told of its hooks by the AppSpec."""

    def test_appspec(self, by_codedeploy):
        """Each event names its function, in the order in which CodeDeploy comes by (G12)."""
        assert appspec(by_codedeploy)["Hooks"] == [
            {"BeforeInstall": OTHERS},
            {"AfterInstall": f"{FUNCTION}admission-2"},
            {"AfterAllowTestTraffic": f"{FUNCTION}smoke"},
            {"BeforeAllowTraffic": f"{FUNCTION}admission"},
            {"AfterAllowTraffic": OTHERS},
        ]

    def test_functions(self, by_codedeploy):
        """The functions of the AppSpec exist by these names, and no others do."""
        assert {r.inputs["name"]: r.inputs["handler"] for r in by_codedeploy.of_type(LAMBDA)} == {
            "blue-green-app-smoke": "hooks.smoke.handler",
            "blue-green-app-admission": "hooks.admission.handler",
            "blue-green-app-admission-2": "hooks.admission.handler",
        }

    def test_what_they_judge_by(self, by_codedeploy):
        """A smoke test asks by the test listener; images may be those of the repository and of the stack file, unless
        others are named."""
        balancer = only(by_codedeploy, "aws:lb/loadBalancer:LoadBalancer").outputs
        repository = only(by_codedeploy, "aws:ecr/repository:Repository").outputs["repositoryUrl"]
        assert judged(by_codedeploy) == {
            "app-smoke": {
                "url": f"http://{balancer['dnsName']}:8080/ready",
                "loadBalancer": balancer["arnSuffix"],
                "status": 204,
                "contains": "ok",
                "latencySeconds": 1,
                "attempts": 2,
            },
            "app-admission": {"images": [repository, CONTAINERS["web"]["image"]]},
            "app-admission-2": {"images": ["public.ecr.aws/*"]},
        }

    def test_who_calls_them(self, by_codedeploy):
        """CodeDeploy may call exactly these functions, each once in its policy."""
        assert {name: sorted(arns) for name, arns in invoked(by_codedeploy).items()} == {
            "app-codedeploy-tasks": sorted(
                [OTHERS, *(f"{FUNCTION}{judge}" for judge in ("admission", "admission-2", "smoke"))]
            )
        }

    def test_order(self, by_codedeploy):
        """Functions that may do their work, and a role that may call them, are there before a change of the files."""
        found = needs(by_codedeploy, only(by_codedeploy, OBJECT))
        assert {r.urn for r in by_codedeploy.of_type(LAMBDA)} <= found
        policies = ("app-smoke", "app-admission", "app-admission-2", "app-codedeploy-tasks")
        assert {by_codedeploy.find(ROLE_POLICY, policy).urn for policy in policies} <= found

    def test_hooks_without_a_pipeline(self, preview):
        """Functions and permission are there for an AppSpec that somebody else writes; the stack tells their ARNs."""
        own = service(deployment={"controller": "CODE_DEPLOY", "hooks": [{"type": "SMOKE"}]})
        del own["pipeline"]
        stack = preview(services={"app": own})
        assert invoked(stack) == {"app-codedeploy-tasks": [f"{FUNCTION}smoke"]}
        assert stack.of_type("ecs-blue-green:index:ReleaseFiles") == []

    def test_no_hooks(self, preview):
        """A deployment that nobody judges has no section for it, and nobody may call a function."""
        stack = preview(services={"app": service()})
        assert "Hooks" not in appspec(stack)
        assert (stack.of_type(LAMBDA), invoked(stack)) == ([], {})


@pytest.fixture(scope="module")
def by_ecs(preview) -> Deployment:
    """Hooks of every type."""
    hooks = [
        {"type": "APPROVAL", "timeoutMinutes": 30},
        {"type": "SMOKE", "stages": ["POST_TEST_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT"]},
        {"type": "PAUSE", "stages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"], "timeoutMinutes": 60},
        {"type": "AWS_LAMBDA", "functionArn": OTHERS, "stages": ["POST_SCALE_UP"], "timeoutMinutes": 5},
        {"type": "ADMISSION"},
    ]
    return preview(services={"app": service(deployment={**CONTROLLERS["ECS"], "hooks": hooks})})


class TestEcs:
    """ECS is told of its hooks by the service."""

    def test_lifecycle_hooks(self, by_ecs):
        """Each has its function, and a role to call it by; a function that judges twice is one."""

        def asked(function: str, role: str, stages: list[str], minutes: int) -> dict[str, Any]:
            return {
                "targetType": "AWS_LAMBDA",
                "hookTargetArn": function,
                "roleArn": f"Role app-hook-{role} arn",
                "lifecycleStages": stages,
                "timeoutConfiguration": {"timeoutInMinutes": str(minutes), "action": "ROLLBACK"},
            }

        both = ["POST_TEST_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT"]
        assert lifecycle(by_ecs) == [
            asked("Function app-approval arn", "approval", ["POST_TEST_TRAFFIC_SHIFT"], 30),
            asked("Function app-smoke arn", "smoke", both, 60),
            {
                "targetType": "PAUSE",
                "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"],
                "timeoutConfiguration": {"timeoutInMinutes": "60", "action": "ROLLBACK"},
            },
            asked(OTHERS, "load.live", ["POST_SCALE_UP"], 5),
            asked("Function app-admission arn", "admission", ["PRE_SCALE_UP"], 60),
        ]

    def test_who_calls_them(self, by_ecs):
        """Each role may call its own function and nothing else."""
        assert invoked(by_ecs) == {
            "app-hook-approval": [f"{FUNCTION}approval"],
            "app-hook-smoke": [f"{FUNCTION}smoke"],
            "app-hook-admission": [f"{FUNCTION}admission"],
            "app-hook-load.live": [OTHERS],
        }

    def test_what_they_judge_by(self, by_ecs):
        """People answer below a path of this service."""
        path = "/ecs-blue-green/blue-green/app/approvals"
        assert judged(by_ecs)["app-approval"] == {"parameters": path}
        statements = json.loads(by_ecs.find(ROLE_POLICY, "app-approval").inputs["policy"])["Statement"]
        assert {
            "Effect": "Allow",
            "Action": ["ssm:GetParameter"],
            "Resource": f"arn:aws:ssm:eu-west-1:123456789012:parameter{path}/*",
        } in statements

    def test_order(self, by_ecs):
        """The first deployment asks them already, so that the service waits for functions, roles and their way out."""
        found = needs(by_ecs, only(by_ecs, SERVICE))
        wanted = [
            r
            for r in by_ecs
            if r.type == LAMBDA
            or (r.type == ROLE_POLICY and r.name in (*judged(by_ecs), *invoked(by_ecs)))
            or (r.type.endswith("SecurityGroupEgressRule") and r.name == "app-smoke")
        ]
        assert len(wanted) == 3 + (3 + 4) + 1
        assert [r.name for r in wanted if r.urn not in found] == []

    def test_no_file_names_them(self, by_ecs):
        """The files of a release have nothing of them: ECS asks them for every release."""
        assert "function" not in files(by_ecs)["taskdef.json"]
        assert "appspec.yaml" not in files(by_ecs)

    def test_time(self, by_ecs):
        """The build that follows a release waits as long as all of them may take (G37, G63)."""
        minutes = 2 * 30 + 10 + 30 + 2 * 60 + 60 + 5 + 60
        assert by_ecs.find("aws:codebuild/project:Project", "app-release-deploy").inputs["buildTimeout"] == minutes + 15

    def test_without_a_pipeline(self, preview):
        """Releases by `pulumi up` are judged the same way."""
        own = service(deployment={"controller": "ECS", "hooks": [{"type": "ADMISSION"}]})
        del own["pipeline"]
        stack = preview(services={"app": own})
        assert [hook["hookTargetArn"] for hook in lifecycle(stack)] == ["Function app-admission arn"]
        assert only(stack, SERVICE).ignore_changes == []


@pytest.fixture(scope="module")
def backend(root, preview) -> Deployment:
    """The mesh stack, whose backend is tested through the frontend, and approved."""
    loaded = project.load(root, "mesh").config
    config = {key.partition(":")[2]: text for key, text in loaded.items() if key.startswith(f"{settings.PROJECT}:")}
    services = json.loads(config.pop("services"))
    hooks = [{"type": "SMOKE", "through": "frontend", "contains": "GREEN"}, {"type": "APPROVAL"}]
    services["backend"]["deployment"]["hooks"] = hooks
    return preview(services=services, **{key: text for key, text in config.items() if key in ("name", "cluster")})


class TestMesh:
    """A service that only the mesh reaches is tested by the header that the one in front of it passes on."""

    def test_request(self, backend):
        """It comes by the production listener of the frontend, with the header that leads to the green backend."""
        balancer = only(backend, "aws:lb/loadBalancer:LoadBalancer").outputs
        assert judged(backend)["backend-smoke"] == {
            "url": f"http://{balancer['dnsName']}/",
            "loadBalancer": balancer["arnSuffix"],
            "headers": {"x-amzn-ecs-bluegreen-test": "test"},
            "status": 200,
            "contains": "GREEN",
            "latencySeconds": 2.0,
            "attempts": 3,
        }

    def test_hooks(self, backend):
        """The backend has them, the frontend has none."""
        assert [hook["hookTargetArn"] for hook in lifecycle(backend, "backend")] == [
            "Function backend-smoke arn",
            "Function backend-approval arn",
        ]
        frontend = backend.find(SERVICE, "frontend-service").inputs["deploymentConfiguration"]
        assert "lifecycleHooks" not in frontend
        assert {r.inputs["name"] for r in backend.of_type(LAMBDA)} == {"mesh-backend-smoke", "mesh-backend-approval"}

    def test_header_is_that_of_the_mesh(self, backend):
        """The request carries what Service Connect picks test traffic by."""
        (endpoint,) = backend.find(SERVICE, "backend-service").inputs["serviceConnectConfiguration"]["services"]
        header = endpoint["clientAlias"][0]["testTrafficRules"][0]["header"]
        assert judged(backend)["backend-smoke"]["headers"] == {header["name"]: header["value"]["exact"]}

    def test_order(self, backend):
        """The server still comes before its client, though its test goes through that."""
        server, client = (backend.find(SERVICE, f"{name}-service") for name in ("backend", "frontend"))
        assert server.urn in needs(backend, client)
        assert client.urn not in needs(backend, server)
        assert backend.find(LAMBDA, "backend-smoke").urn in needs(backend, server)
        assert [r.urn for r in backend if r.urn in needs(backend, r)] == []


def _reached(deployment: Deployment) -> dict[int, list[str]]:
    """Who may come by which listener."""
    found: dict[int, list[str]] = {}
    balancer = deployment.find(GROUP, "blue-green-alb").id
    for r in deployment.of_type(INGRESS):
        if r.inputs["securityGroupId"] == balancer:
            found.setdefault(r.inputs["fromPort"], []).append(r.inputs["cidrIpv4"])
    return found


def _place(deployment: Deployment) -> Resource:
    return deployment.find(LAMBDA, "app-smoke")


class TestWay:
    """A smoke test has a way to the load balancer, and no more."""

    def smoke(self, preview, route: dict[str, Any], **stack: Any) -> Deployment:
        """A service of ECS behind this route, tested by a smoke test."""
        deployment = {**CONTROLLERS["ECS"], "hooks": [{"type": "SMOKE"}]}
        return preview(services={"app": service(loadBalancer=route, deployment=deployment)}, **stack)

    def test_place(self, preview):
        """It runs in the private subnets, in a group that nobody reaches and that gets anywhere by TCP."""
        stack = self.smoke(preview, {"testPort": 8080})
        group = stack.find(GROUP, "app-smoke").id
        private = [r.id for r in stack.of_type("aws:ec2/subnet:Subnet") if "-private-" in r.name]
        assert _place(stack).inputs["vpcConfig"] == {"subnetIds": private, "securityGroupIds": [group]}
        ways = {
            r.type.rpartition(":")[2]: (r.inputs["ipProtocol"], r.inputs["cidrIpv4"])
            for r in stack
            if r.inputs.get("securityGroupId") == group
        }
        assert ways == {"SecurityGroupEgressRule": ("tcp", "0.0.0.0/0")}

    def test_two_of_a_kind(self, preview):
        """Each hook has a function of its own, which asks for its own page."""
        hooks = [{"type": "SMOKE"}, {"type": "SMOKE", "path": "/slow", "stages": ["POST_PRODUCTION_TRAFFIC_SHIFT"]}]
        stack = preview(services={"app": service(deployment={**CONTROLLERS["ECS"], "hooks": hooks})})
        pages = {name: found["url"].rpartition(":8080")[2] for name, found in judged(stack).items()}
        assert pages == {"app-smoke": "/", "app-smoke-2": "/slow"}
        assert [(hook["hookTargetArn"], hook["lifecycleStages"]) for hook in lifecycle(stack)] == [
            ("Function app-smoke arn", ["POST_TEST_TRAFFIC_SHIFT"]),
            ("Function app-smoke-2 arn", ["POST_PRODUCTION_TRAFFIC_SHIFT"]),
        ]

    def test_nobody_else_is_in_the_network(self, preview):
        """Other hooks ask AWS alone, and stand in no VPC."""
        deployment = {**CONTROLLERS["ECS"], "hooks": [{"type": "ADMISSION"}, {"type": "APPROVAL"}]}
        stack = preview(services={"app": service(deployment=deployment)})
        assert [r.name for r in stack.of_type(LAMBDA) if r.inputs.get("vpcConfig")] == []

    def test_test_port(self, preview):
        """A listener for tests is open to the VPC anyway."""
        stack = self.smoke(preview, {"testPort": 8080}, loadBalancer={"ingressCidrs": ["192.0.2.0/24"]})
        assert _reached(stack) == {80: ["192.0.2.0/24"], 8080: ["10.0.0.0/16"]}

    def test_test_header(self, preview):
        """Where tests come by the production listener, that is open to the VPC as well as to those who are named."""
        route = {"testHeader": {"name": "x-test", "value": "green"}}
        stack = self.smoke(preview, route, loadBalancer={"ingressCidrs": ["192.0.2.0/24"]})
        assert {port: sorted(cidrs) for port, cidrs in _reached(stack).items()} == {80: ["10.0.0.0/16", "192.0.2.0/24"]}
        assert judged(stack)["app-smoke"]["headers"] == {"x-test": "green"}

    def test_open_to_everyone(self, preview):
        """A listener that is open to everyone needs no further rule."""
        stack = self.smoke(preview, {"testHeader": {"name": "x-test", "value": "green"}})
        assert _reached(stack) == {80: ["0.0.0.0/0"]}

    def test_https(self, prod):
        """Behind HTTPS the request is for a name of the certificate."""
        balancer = only(prod, "aws:lb/loadBalancer:LoadBalancer").outputs
        assert judged(prod)["app-smoke"] == {
            "url": f"https://{balancer['dnsName']}:8443/health",
            "loadBalancer": balancer["arnSuffix"],
            "host": "app.example.com",
            "status": 200,
            "latencySeconds": 2.0,
            "attempts": 3,
        }


class TestProd:
    """Releases of the production stack are judged before they take traffic."""

    def test_appspec(self, prod):
        """Images are looked at when the tasks are there, and the tasks when tests reach them."""
        functions = {r.inputs["name"]: r.outputs["arn"] for r in prod.of_type(LAMBDA)}
        assert appspec(prod)["Hooks"] == [
            {"AfterInstall": functions["blue-green-app-admission"]},
            {"AfterAllowTestTraffic": functions["blue-green-app-smoke"]},
        ]
        assert {name: sorted(arns) for name, arns in invoked(prod).items()} == {
            "app-codedeploy-tasks": sorted(functions.values())
        }

    def test_logs(self, prod):
        """What functions say is kept as long as what the service says, under the same key."""
        groups = {r.inputs["name"]: r for r in prod.of_type("aws:cloudwatch/logGroup:LogGroup")}
        for r in prod.of_type(LAMBDA):
            group = groups[f"/aws/lambda/{r.inputs['name']}"]
            assert r.inputs["loggingConfig"] == {"logFormat": "Text", "logGroup": group.inputs["name"]}
            assert group.inputs["retentionInDays"] == 90
            assert group.inputs["kmsKeyId"] == only(prod, "aws:kms/key:Key").outputs["arn"]
