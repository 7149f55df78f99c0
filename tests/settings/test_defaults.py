"""What a stack file means where it says nothing, and what follows from what it says."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

import settings
from settings.stack import Listener
from tests.settings.stack_files import dumped, merged, mesh, native, put, service, stack

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1"

ROUTE = {
    "port": None,
    "rule": None,
    "testPort": None,
    "testHeader": None,
    "testPathPatterns": [],
    "container": None,
    "containerPort": None,
    "healthCheck": {
        "path": "/",
        "matcher": "200",
        "intervalSeconds": 15,
        "timeoutSeconds": 5,
        "healthyThreshold": 2,
        "unhealthyThreshold": 3,
    },
    "deregistrationDelaySeconds": 30,
    "healthCheckGracePeriodSeconds": 60,
}
ALARMS = {
    "http5xxCount": 10,
    "unhealthyHosts": 1,
    "latencyP95Seconds": 2.0,
    "evaluationMinutes": 2,
    "additionalNames": [],
}


def test_the_smallest_stack_file_has_these_settings():
    """One image and its port are enough; everything else has a default."""
    assert dumped(stack()) == {
        "name": "blue-green",
        "tags": {},
        "encryptionKey": "aws",
        "protect": False,
        "network": {
            "cidrBlock": "10.0.0.0/16",
            "availabilityZones": 2,
            "natGateways": "Single",
            "vpcEndpoints": ["s3"],
            "flowLogs": {"trafficType": "REJECT", "retentionDays": 30},
        },
        "cluster": {"containerInsights": "enhanced", "namespace": None, "taskLogs": None},
        "loadBalancer": {
            "scheme": "internet-facing",
            "ingressCidrs": ["0.0.0.0/0"],
            "testIngressCidrs": [],
            "certificateArn": None,
            "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
            "accessLogs": None,
            "deletionProtection": False,
            "webAclArn": None,
            "idleTimeoutSeconds": 60,
        },
        "services": {
            "shop": {
                "family": None,
                "cpu": 256,
                "memory": 512,
                "architecture": "X86_64",
                "containers": {
                    "web": {
                        "image": "nginx:1.27",
                        "port": 8080,
                        "portName": None,
                        "appProtocol": None,
                        "command": None,
                        "entryPoint": None,
                        "script": None,
                        "environment": {},
                        "secrets": {},
                        "healthCheck": None,
                        "essential": True,
                        "user": None,
                        "readonlyRootFilesystem": True,
                        "writablePaths": [],
                        "stopTimeoutSeconds": 30,
                    }
                },
                "desiredCount": 2,
                "desiredCountOwner": "pulumi",
                "logRetentionDays": 30,
                "taskRolePolicyArns": [],
                "secretsKeyArn": None,
                "executeCommand": False,
                "deployment": {
                    "controller": "CODE_DEPLOY",
                    "configuration": "CodeDeployDefault.ECSCanary10Percent5Minutes",
                    "actionOnTimeout": None,
                    "approvalWaitMinutes": 0,
                    "terminationWaitMinutes": 10,
                    "autoRollback": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
                    "hooks": [],
                    "alarms": ALARMS,
                },
                "loadBalancer": ROUTE,
                "serviceConnect": None,
                "imageRepository": None,
                "pipeline": None,
            }
        },
    }


NATIVE = {"controller": "ECS", "taskDefinitionOwner": "pulumi", "waitForSteadyState": False, "alarms": ALARMS}


@pytest.mark.parametrize(
    ("deployment", "expected"),
    [
        ({}, {"strategy": "BLUE_GREEN", "bakeMinutes": 10, "hooks": []}),
        ({"strategy": "BLUE_GREEN"}, {"strategy": "BLUE_GREEN", "bakeMinutes": 10, "hooks": []}),
        (
            {"strategy": "LINEAR"},
            {"strategy": "LINEAR", "bakeMinutes": 10, "stepPercent": 10.0, "stepBakeMinutes": 6, "hooks": []},
        ),
        (
            {"strategy": "CANARY"},
            {"strategy": "CANARY", "bakeMinutes": 10, "canaryPercent": 5.0, "canaryBakeMinutes": 10, "hooks": []},
        ),
        ({"strategy": "ROLLING"}, {"strategy": "ROLLING", "rollback": True}),
    ],
    ids=["none", "BLUE_GREEN", "LINEAR", "CANARY", "ROLLING"],
)
def test_a_release_by_ecs_is_blue_green_unless_another_strategy_is_named(deployment, expected):
    """Each strategy has the settings that ECS has for it, with AWS's defaults, and none of the others."""
    file = stack(shop=native(deployment={"controller": "ECS", **deployment}))
    assert dumped(file, "services", "shop", "deployment") == {**NATIVE, **expected}


def test_the_smallest_native_stack_file_differs_in_its_deployment_alone():
    """The controller is one setting: the same task and the same route serve both."""
    file = stack(shop=native())
    classic = stack(shop={key: value for key, value in native().items() if key != "deployment"})
    own = {**NATIVE, "strategy": "BLUE_GREEN", "bakeMinutes": 10, "hooks": []}
    expected = dumped(classic)
    expected["services"]["shop"]["deployment"] = own
    assert dumped(file) == expected


def test_the_smallest_mesh_service_has_a_port_and_nothing_else():
    """Everything in the mesh has a default that the service, its container or AWS gives; there is no load balancer."""
    shop = dumped(stack(shop=mesh()), "services", "shop")
    assert shop["loadBalancer"] is None
    assert shop["serviceConnect"] == {
        "port": 8080,
        "discoveryName": None,
        "dnsName": None,
        "aliasPort": None,
        "testHeader": None,
        "idleTimeoutSeconds": None,
        "perRequestTimeoutSeconds": None,
        "tls": None,
        "accessLog": None,
        "connectsTo": [],
    }


def test_settings_never_change():
    """What was checked is what is built."""
    with pytest.raises(ValidationError):
        settings.parse(stack()).name = "other"  # type: ignore[misc]


def test_flow_logs_are_switched_off_with_null():
    """Null is the one way to say none where the default is something."""
    assert settings.parse(put("network.flowLogs", None)).network.flow_logs is None


@pytest.mark.parametrize(
    ("changes", "listeners"),
    [
        ({}, [Listener(80, ["0.0.0.0/0"])]),
        ({"loadBalancer__certificateArn": CERTIFICATE}, [Listener(443, ["0.0.0.0/0"])]),
        (
            {"services__shop__loadBalancer": {"port": 9000, "testPort": 90}},
            [Listener(90, ["10.0.0.0/16"]), Listener(9000, ["0.0.0.0/0"])],
        ),
        (
            {
                "services__shop__loadBalancer__testPort": 8080,
                "network__cidrBlock": "10.7.0.0/16",
                "loadBalancer": {
                    "ingressCidrs": ["192.0.2.0/24", "192.0.2.0/24"],
                    "testIngressCidrs": ["198.51.100.7/32", "10.7.0.0/16"],
                },
            },
            [Listener(80, ["192.0.2.0/24"]), Listener(8080, ["10.7.0.0/16", "198.51.100.7/32"])],
        ),
    ],
    ids=["plain", "certificate", "ports", "networks"],
)
def test_listeners_follow_from_the_services(changes, listeners):
    """By port; test listeners are open to the VPC and whoever is named, never to everyone by default."""
    assert settings.parse(merged(stack(), **changes)).listeners == listeners


def test_services_share_listeners():
    """A port is one listener, however many services use it."""
    rule = {"priority": 1, "pathPatterns": ["/a"]}
    file = stack(
        one=service(loadBalancer={"rule": rule, "testPort": 8080}),
        two=service(loadBalancer={"testPort": 8081}),
        three=service(loadBalancer={"port": 81}),
    )
    parsed = settings.parse(file)
    assert [listener.port for listener in parsed.listeners] == [80, 81, 8080, 8081]
    assert {name: parsed.port(one) for name, one in parsed.routes.items()} == {"one": 80, "two": 80, "three": 81}


def test_only_services_behind_the_load_balancer_have_listeners():
    """A stack whose services only talk to each other needs no listener at all."""
    parsed = settings.parse(stack(api=mesh(), shop=native(loadBalancer={"port": 81})))
    assert list(parsed.routes) == ["shop"]
    assert parsed.listeners == [Listener(81, ["0.0.0.0/0"])]
    alone = settings.parse(stack(api=mesh()))
    assert (alone.routes, alone.listeners) == ({}, [])


@pytest.mark.parametrize(
    "test", [{"testHeader": {"name": "x-test", "value": "yes"}}, {"testPathPatterns": ["/test/*"]}]
)
def test_tests_by_header_or_path_need_no_listener_of_their_own(test):
    """They come by the production listener."""
    assert settings.parse(stack(shop=native(loadBalancer=test))).listeners == [Listener(80, ["0.0.0.0/0"])]


@pytest.mark.parametrize(
    ("route", "target"),
    [
        ({}, ("web", 8080)),
        ({"container": "web"}, ("web", 8080)),
        ({"containerPort": 8080}, ("web", 8080)),
        ({"container": "web", "containerPort": 8080}, ("web", 8080)),
    ],
)
def test_a_single_container_with_a_port_takes_the_traffic(route, target):
    """Containers without a port are no candidates."""
    containers = {"log": {"image": "fluent-bit:3.1"}, "web": {"image": "nginx:1.27", "port": 8080}}
    file = stack(shop=service(containers=containers, loadBalancer=route))
    assert settings.parse(file).services["shop"].target == target


@pytest.mark.parametrize(
    ("route", "target"), [({"container": "api"}, ("api", 81)), ({"containerPort": 80}, ("web", 80))]
)
def test_one_of_several_containers_is_chosen_by_name_or_port(route, target):
    """Either is enough, since ports differ within a task."""
    containers = {"web": {"image": "nginx:1.27", "port": 80}, "api": {"image": "nginx:1.27", "port": 81}}
    file = stack(shop=service(containers=containers, loadBalancer=route))
    assert settings.parse(file).services["shop"].target == target
