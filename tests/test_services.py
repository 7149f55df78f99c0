"""What services of both controllers declare together: one load balancer, one mesh, an order, growth in proportion."""

import json

import pytest

from offline.deployment import Deployment
from tests.graph import named, needs, only, unreadable
from tests.native_stacks import CONTAINERS, TEST_ROUTES, Native

SERVICE = "aws:ecs/service:Service"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function"
AUTHORITY = "arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/1"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


@pytest.fixture(scope="module")
def shop(preview) -> Deployment:
    """CodeDeploy releases one service and ECS the others: a chain of three calls through the mesh, from behind the same
    load balancer, and one that nobody reaches. The first of the chain is written first and made last."""
    return preview(
        services={
            "web": {
                "containers": CONTAINERS,
                "loadBalancer": {"testHeader": {"name": "x-test", "value": "green"}},
                "serviceConnect": {"connectsTo": ["api"]},
                "deployment": {"controller": "ECS"},
            },
            "api": {
                "containers": {"api": {"image": "api:1.0", "port": 3000, "appProtocol": "http2"}},
                "serviceConnect": {"port": 3000, "connectsTo": ["store"]},
                "deployment": {"controller": "ECS", "strategy": "CANARY"},
            },
            "store": {
                "containers": {"store": {"image": "store:1.0", "port": 4000, "appProtocol": "http"}},
                "serviceConnect": {"port": 4000},
                "deployment": {"controller": "ECS", "strategy": "LINEAR"},
            },
            "legacy": {
                "containers": CONTAINERS,
                "loadBalancer": {"testPort": 8080, "rule": {"priority": 20, "pathPatterns": ["/legacy/*"]}},
            },
            "worker": {
                "containers": {"worker": {"image": "worker:1.0"}},
                "deployment": {"controller": "ECS", "strategy": "ROLLING"},
            },
        }
    )


class TestMixed:
    """Services of both controllers share what there is, and get nothing that belongs to the other controller."""

    def test_controllers(self, shop):
        """Each service has the controller and the strategy of its settings."""
        assert {
            r.name: (
                r.inputs["deploymentController"]["type"],
                r.inputs.get("deploymentConfiguration", {}).get("strategy"),
            )
            for r in shop.of_type(SERVICE)
        } == {
            "web-service": ("ECS", "BLUE_GREEN"),
            "api-service": ("ECS", "CANARY"),
            "store-service": ("ECS", "LINEAR"),
            "legacy-service": ("CODE_DEPLOY", None),
            "worker-service": ("ECS", "ROLLING"),
        }

    def test_code_deploy(self, shop):
        """CodeDeploy knows of its own service only."""
        assert [(r.type, r.name) for r in shop if r.type.startswith("aws:codedeploy/")] == [
            ("aws:codedeploy/application:Application", "legacy-codedeploy"),
            ("aws:codedeploy/deploymentGroup:DeploymentGroup", "legacy-deployment-group"),
        ]

    def test_roles(self, shop):
        """Beside the roles of its tasks, a service has one for whoever moves its traffic, if anybody does."""
        roles = {r.name for r in shop.of_type("aws:iam/role:Role")}
        tasks = {
            f"{name}-{kind}" for name in ("web", "api", "store", "legacy", "worker") for kind in ("task", "execution")
        }
        assert roles - tasks == {"web-infrastructure", "legacy-codedeploy", "blue-green-flow-logs"}

    def test_listeners_and_rules(self, shop):
        """Both controllers move rules of one listener, each its own, and all requests find one."""
        assert sorted(r.inputs["port"] for r in shop.of_type("aws:lb/listener:Listener")) == [80, 8080]
        assert {
            r.name: (named(shop, r.inputs["listenerArn"]), r.inputs["priority"])
            for r in shop.of_type("aws:lb/listenerRule:ListenerRule")
        } == {
            "legacy-production": ("Listener blue-green-80 arn", 20),
            "legacy-test": ("Listener blue-green-8080 arn", 20),
            "web-test": ("Listener blue-green-80 arn", 49_999),
            "web-production": ("Listener blue-green-80 arn", 50_000),
        }

    def test_alarms(self, shop):
        """What is watched is what can be seen: both colours behind the load balancer, replies in the mesh."""
        colours = [f"{colour}-{what}" for colour in ("blue", "green") for what in ("5xx", "latency", "unhealthy")]
        assert {r.name for r in shop.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")} == {
            *(f"{name}-{colour}" for name in ("web", "legacy") for colour in colours),
            "api-mesh-5xx",
            "store-mesh-5xx",
        }
        assert "alarms" not in shop.find(SERVICE, "worker-service").inputs

    def test_mesh(self, shop):
        """One namespace for all; a service that only calls has a place in it but offers nothing."""
        namespace = only(shop, "aws:servicediscovery/httpNamespace:HttpNamespace")
        configurations = {r.name: r.inputs.get("serviceConnectConfiguration") for r in shop.of_type(SERVICE)}
        assert namespace.inputs["name"] == "blue-green.local"
        assert {name for name, given in configurations.items() if given is None} == {"legacy-service", "worker-service"}
        assert {
            name: [(one["portName"], one["discoveryName"]) for one in given.get("services", [])]
            for name, given in configurations.items()
            if given and given["namespace"] == namespace.outputs["arn"]
        } == {
            "web-service": [],
            "api-service": [("api-3000", "api")],
            "store-service": [("store-4000", "store")],
        }

    def test_who_reaches_whom(self, shop):
        """The load balancer reaches what is behind it, each caller the service that it calls, and nobody the others."""
        ways = {
            (
                named(shop, r.inputs["referencedSecurityGroupId"]),
                named(shop, r.inputs["securityGroupId"]),
                r.inputs["fromPort"],
            )
            for r in shop.of_type(INGRESS)
            if "referencedSecurityGroupId" in r.inputs
        }
        alb, groups = "SecurityGroup blue-green-alb id", "SecurityGroup {}-tasks id".format
        assert ways == {
            (alb, groups("web"), 80),
            (alb, groups("legacy"), 80),
            (groups("web"), groups("api"), 3000),
            (groups("api"), groups("store"), 4000),
        }
        assert len(shop.of_type(GROUP)) == 5 + 1

    def test_outputs(self, shop):
        """The outputs name every service, and the addresses that exist."""
        assert sorted(shop.outputs["services"]) == ["api", "legacy", "store", "web", "worker"]
        assert set(shop.outputs["services"]["legacy"]) - set(shop.outputs["services"]["web"]) == {
            "application",
            "deploymentGroup",
        }
        assert sorted(shop.outputs["urls"]) == ["legacy", "web"]


class TestOrder:
    """A task only finds what was in the mesh when it started (G24)."""

    def test_callers_come_after_what_they_call(self, shop):
        """A service is made after those that it calls, and those that they call, and is deleted before them."""
        names = {r.urn: r.name.removesuffix("-service") for r in shop.of_type(SERVICE)}
        assert {
            names[r.urn]: {names[urn] for urn in needs(shop, r) if urn in names} for r in shop.of_type(SERVICE)
        } == {"web": {"api", "store"}, "api": {"store"}, "store": set(), "legacy": set(), "worker": set()}

    @pytest.mark.parametrize(("caller", "server"), [("web", "api"), ("api", "store")])
    def test_callers_come_after_their_way_in(self, shop, caller, server):
        """The server lets its callers in before their first task starts."""
        assert shop.find(INGRESS, f"{caller}-to-{server}").urn in needs(shop, shop.find(SERVICE, f"{caller}-service"))

    @pytest.mark.parametrize("name", ["web", "api", "store", "legacy", "worker"])
    def test_namespace_outlives_them_all(self, shop, name):
        """Even services outside the mesh run in a cluster whose default namespace was there before (G47)."""
        namespace = only(shop, "aws:servicediscovery/httpNamespace:HttpNamespace")
        assert namespace.urn in needs(shop, shop.find(SERVICE, f"{name}-service"))

    def test_no_circle(self, shop):
        """Nothing needs itself, however far one follows."""
        assert [r.urn for r in shop if r.urn in needs(shop, r)] == []


@pytest.fixture(scope="module")
def guarded(preview) -> Deployment:
    """A service whose releases are judged by two functions and a person, and whose traffic in the mesh is encrypted."""
    hooks = [
        {
            "type": "AWS_LAMBDA",
            "functionArn": f"{FUNCTION}:smoke",
            "stages": ["POST_TEST_TRAFFIC_SHIFT", "POST_SCALE_UP"],
        },
        {
            "type": "PAUSE",
            "stages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"],
            "timeoutMinutes": 60,
            "timeoutAction": "CONTINUE",
        },
        {
            "type": "AWS_LAMBDA",
            "functionArn": f"{FUNCTION}:smoke",
            "stages": ["PRE_SCALE_UP"],
            "details": {"b": "2", "a": "1"},
        },
        {"type": "AWS_LAMBDA", "functionArn": f"{FUNCTION}:load:live", "stages": ["PRODUCTION_TRAFFIC_SHIFT"]},
    ]
    service = Native("BLUE_GREEN", True, True, "header", "pulumi").settings
    service["containers"] = {**CONTAINERS, "api": {"image": "api:1.0", "port": 81, "appProtocol": "http"}}
    service["loadBalancer"] = {**service["loadBalancer"], "container": "web"}
    mesh = {"port": 81, "tls": {"certificateAuthorityArn": AUTHORITY, "kmsKeyArn": KEY}, "accessLog": {}}
    return preview(
        services={"app": {**service, "serviceConnect": mesh, "deployment": {"controller": "ECS", "hooks": hooks}}}
    )


class TestHelpers:
    """ECS gets a role for each thing that it does, in place before the service and until it is gone (G25, G26)."""

    def test_hooks(self, guarded):
        """Hooks come in the order of the stack file; a function has one role however often it is called."""
        assert named(guarded, only(guarded, SERVICE).inputs["deploymentConfiguration"]["lifecycleHooks"]) == [
            {
                "targetType": "AWS_LAMBDA",
                "hookTargetArn": f"{FUNCTION}:smoke",
                "roleArn": "Role app-hook-smoke arn",
                "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT", "POST_SCALE_UP"],
                "timeoutConfiguration": {"timeoutInMinutes": "60", "action": "ROLLBACK"},
            },
            {
                "targetType": "PAUSE",
                "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"],
                "timeoutConfiguration": {"timeoutInMinutes": "60", "action": "CONTINUE"},
            },
            {
                "targetType": "AWS_LAMBDA",
                "hookTargetArn": f"{FUNCTION}:smoke",
                "roleArn": "Role app-hook-smoke arn",
                "lifecycleStages": ["PRE_SCALE_UP"],
                "timeoutConfiguration": {"timeoutInMinutes": "60", "action": "ROLLBACK"},
                "hookDetails": '{"a": "1", "b": "2"}',
            },
            {
                "targetType": "AWS_LAMBDA",
                "hookTargetArn": f"{FUNCTION}:load:live",
                "roleArn": "Role app-hook-load.live arn",
                "lifecycleStages": ["PRODUCTION_TRAFFIC_SHIFT"],
                "timeoutConfiguration": {"timeoutInMinutes": "60", "action": "ROLLBACK"},
            },
        ]

    def test_encryption(self, guarded):
        """The proxies get certificates by a role of their own, and log who called."""
        mesh = named(guarded, only(guarded, SERVICE).inputs["serviceConnectConfiguration"])
        assert mesh["services"][0]["tls"] == {
            "issuerCertAuthority": {"awsPcaAuthorityArn": AUTHORITY},
            "kmsKey": KEY,
            "roleArn": "Role app-tls arn",
        }
        assert mesh["accessLogConfiguration"] == {"format": "JSON", "includeQueryParameters": "DISABLED"}

    def test_permissions(self, guarded):
        """Each role may do its own thing, and the service needs them all."""
        policies = {
            r.name: [(each["Action"], each["Resource"]) for each in json.loads(r.inputs["policy"])["Statement"]]
            for r in guarded.of_type("aws:iam/rolePolicy:RolePolicy")
        }
        assert policies["app-hook-smoke"] == [(["lambda:InvokeFunction"], f"{FUNCTION}:smoke")]
        assert policies["app-hook-load.live"] == [(["lambda:InvokeFunction"], f"{FUNCTION}:load:live")]
        assert policies["app-tls"] == [
            (["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyPair"], KEY)
        ]
        found = needs(guarded, only(guarded, SERVICE))
        attached = [
            r for r in guarded if r.type.startswith("aws:iam/rolePolicy") and not r.name.startswith("blue-green-")
        ]
        assert [r.name for r in attached if r.urn not in found] == []
        assert len(attached) == len(["execution", "infrastructure", "smoke", "load", "tls", "tls, managed"])

    def test_trust(self, guarded):
        """ECS itself takes these roles, and tasks take theirs."""
        trusted = {
            r.name: json.loads(r.inputs["assumeRolePolicy"])["Statement"][0]["Principal"]["Service"]
            for r in guarded.of_type("aws:iam/role:Role")
            if r.name.startswith("app-")
        }
        roles = ("app-infrastructure", "app-hook-smoke", "app-hook-load.live", "app-tls")
        tasks = ("app-task", "app-execution")
        assert trusted == {
            **dict.fromkeys(roles, "ecs.amazonaws.com"),
            **dict.fromkeys(tasks, "ecs-tasks.amazonaws.com"),
        }

    def test_time(self, guarded):
        """Pulumi waits for tasks, hooks and bake time: twice half an hour, an hour for each stage of a function, on the
        way back once more where traffic moves, the pause, and ten minutes (G37)."""
        assert only(guarded, SERVICE).custom_timeouts["update"] == 60 * (2 * 30 + (2 + 1 + 2) * 60 + 60 + 10)


def test_first_preview_shows_the_documents(preview):
    """Before anything exists, every document but the one of rule ARNs can be read: it is made of names."""
    service = Native("LINEAR", True, True, "path", "pipeline").settings
    hook = {"type": "AWS_LAMBDA", "functionArn": f"{FUNCTION}:smoke", "stages": ["POST_SCALE_UP"]}
    deployment = preview(
        first_preview=True, services={"app": {**service, "deployment": {**service["deployment"], "hooks": [hook]}}}
    )
    assert unreadable(deployment) == {"app-infrastructure"}


def test_linear_growth(preview):
    """A hundred services, each calling the one before and every tenth behind the load balancer, have ten times what ten
    have, but for what they share."""

    def service(n: int) -> dict:
        mesh = {"port": 80, "connectsTo": [f"s{n - 1}"] if n else []}
        route = {"rule": {"priority": n + 2, "pathPatterns": [f"/s{n}/*"]}, **TEST_ROUTES["header"]}
        found = {"containers": CONTAINERS, "deployment": {"controller": "ECS"}, "serviceConnect": mesh}
        return found | ({} if n % 10 else {"loadBalancer": route})

    def count(services: int) -> int:
        return len(preview(services={f"s{n}": service(n) for n in range(services)}))

    ten, twenty, hundred = count(10), count(20), count(100)
    assert hundred - ten == 9 * (twenty - ten)
