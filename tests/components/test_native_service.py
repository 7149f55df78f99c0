"""What a `NativeService` declares. Mocks prove what is sent, not what AWS accepts."""

import json

import pulumi_aws as aws
import pytest

from components.limits import Refused
from components.native_service import NativeService
from tests.graph import needs

ACCOUNT = "123456789012"
NAMESPACE = f"arn:aws:servicediscovery:eu-west-1:{ACCOUNT}:namespace/ns-1"
AUTHORITY = f"arn:aws:acm-pca:eu-west-1:{ACCOUNT}:certificate-authority/1"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
FUNCTION = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:smoke"
REVISION = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/shop:1"

ROUTE = {
    "container_name": "web",
    "container_port": 80,
    "blue_arn": "arn:targetgroup/blue",
    "green_arn": "arn:targetgroup/green",
    "production_rule_arn": "arn:listener-rule/production",
    "listener_arns": ["arn:listener/80"],
}
ENDPOINT = {"port_name": "web-80", "port": 80, "app_protocol": "http", "discovery_name": "shop"}
MESH = {"namespace_arn": NAMESPACE, "log_group_name": "shop-logs", "endpoint": ENDPOINT}
JUDGE = {"type": "AWS_LAMBDA", "stages": ["POST_TEST_TRAFFIC_SHIFT"], "function_arn": FUNCTION}
PAUSE = {"type": "PAUSE", "stages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"], "timeout_minutes": 60}


@pytest.fixture
def build(declare, location):
    """Declare a service, with these arguments beside those that it can't do without."""

    def run(first_preview=False, **args):
        usual = {
            "location": location,
            "cluster_name": "shop-cluster",
            "subnet_ids": ["subnet-1", "subnet-2"],
            "security_group_ids": ["sg-tasks"],
            "task_definition_arn": REVISION,
        }
        return declare(lambda: NativeService("shop", {**usual, **args}), first_preview=first_preview)

    return run


def service(deployment):
    return deployment.find("aws:ecs/service:Service", "shop-service")


def role(deployment, name):
    return deployment.find("aws:iam/role:Role", f"shop-{name}")


def role_arn(deployment, name):
    return f"arn:aws:iam::{ACCOUNT}:role/{role(deployment, name).inputs['name']}"


def statements(deployment, name):
    policy = deployment.find("aws:iam/rolePolicy:RolePolicy", f"shop-{name}")
    assert policy.inputs["role"] == role(deployment, name).id
    return json.loads(policy.inputs["policy"])["Statement"]


def made(deployment):
    """The resources beside the service itself: kind and name."""
    own = [r for r in deployment if r.custom and not r.type.startswith("pulumi:")]
    return sorted((r.type.rpartition(":")[2], r.name) for r in own if r.type != "aws:ecs/service:Service")


NO_BREAKER = {"deploymentCircuitBreaker": {"enable": False, "rollback": False}}

STRATEGIES = {
    "BLUE_GREEN": {
        "deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "10"},
        **NO_BREAKER,
    },
    "LINEAR": {
        "deploymentConfiguration": {
            "strategy": "LINEAR",
            "bakeTimeInMinutes": "10",
            "linearConfiguration": {"stepPercent": 10, "stepBakeTimeInMinutes": "6"},
        },
        **NO_BREAKER,
    },
    "CANARY": {
        "deploymentConfiguration": {
            "strategy": "CANARY",
            "bakeTimeInMinutes": "10",
            "canaryConfiguration": {"canaryPercent": 5, "canaryBakeTimeInMinutes": "10"},
        },
        **NO_BREAKER,
    },
    "ROLLING": {
        "deploymentConfiguration": {"strategy": "ROLLING"},
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
    },
}
"""What is sent for a strategy alone."""

BEHIND_LOAD_BALANCER = {
    "loadBalancers": [
        {
            "targetGroupArn": "arn:targetgroup/blue",
            "containerName": "web",
            "containerPort": 80,
            "advancedConfiguration": {
                "alternateTargetGroupArn": "arn:targetgroup/green",
                "productionListenerRule": "arn:listener-rule/production",
            },
        }
    ],
    "healthCheckGracePeriodSeconds": 60,
}
IN_MESH = {
    "serviceConnectConfiguration": {
        "enabled": True,
        "namespace": NAMESPACE,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "shop-logs",
                "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": "shop-service-connect",
            },
        },
        "services": [
            {
                "portName": "web-80",
                "discoveryName": "shop",
                "clientAlias": [
                    {
                        "port": 80,
                        "dnsName": "shop",
                        "testTrafficRules": [
                            {"header": {"name": "x-amzn-ecs-blue-green-test", "value": {"exact": "test"}}}
                        ],
                    }
                ],
            }
        ],
    }
}
INFRASTRUCTURE = [("Role", "shop-infrastructure"), ("RolePolicy", "shop-infrastructure")]
PLACES = {
    "nowhere": ({}, {}, []),
    "load balancer": ({"load_balancer": ROUTE}, BEHIND_LOAD_BALANCER, INFRASTRUCTURE),
    "mesh": ({"service_connect": MESH}, IN_MESH, []),
    "both": (
        {"load_balancer": ROUTE, "service_connect": MESH},
        BEHIND_LOAD_BALANCER | IN_MESH,
        INFRASTRUCTURE,
    ),
}
"""Arguments, what is sent for them, and what is made besides the service."""


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_service(build, strategy, place):
    """Strategy and place alone decide what is sent: nothing of another strategy, and no role that nobody uses."""
    args, sent, others = PLACES[place]
    deployment = build(deployment={"strategy": strategy}, **args)
    found = service(deployment)
    if "loadBalancers" in sent:
        # Made of the role's name, so that it is known before the role exists.
        advanced = found.inputs["loadBalancers"][0]["advancedConfiguration"]
        assert advanced.pop("roleArn") == role_arn(deployment, "infrastructure")
    assert found.inputs == {
        "name": found.inputs["name"],
        "cluster": "shop-cluster",
        "launchType": "FARGATE",
        "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": "ECS"},
        "deploymentMinimumHealthyPercent": 100,
        "deploymentMaximumPercent": 200,
        "taskDefinition": REVISION,
        "desiredCount": 2,
        "networkConfiguration": {
            "subnets": ["subnet-1", "subnet-2"],
            "securityGroups": ["sg-tasks"],
            "assignPublicIp": False,
        },
        "enableExecuteCommand": False,
        "enableEcsManagedTags": True,
        "propagateTags": "SERVICE",
        "waitForSteadyState": False,
        "forceDelete": True,
        **STRATEGIES[strategy],
        **sent,
    }
    assert made(deployment) == others


def test_blue_green_unless_said_otherwise(build):
    """A service without a deployment is released as one with the default strategy is."""
    assert service(build()).inputs == service(build(deployment={"strategy": "BLUE_GREEN"})).inputs


def test_choices(build):
    """Tasks, grace period, ECS Exec and waiting are choices."""
    found = service(
        build(
            load_balancer=ROUTE,
            desired_count=0,
            health_check_grace_period_seconds=5,
            execute_command=True,
            wait_for_steady_state=True,
        )
    ).inputs
    assert found["desiredCount"] == 0
    assert found["healthCheckGracePeriodSeconds"] == 5
    assert found["enableExecuteCommand"] is True
    assert found["waitForSteadyState"] is True


def test_no_grace_period_without_a_load_balancer(build):
    """There are no checks to ignore, and AWS refuses one (G54)."""
    assert "healthCheckGracePeriodSeconds" not in service(build(health_check_grace_period_seconds=5)).inputs


@pytest.mark.parametrize("test_rule", [None, "arn:listener-rule/test"])
def test_infrastructure_role(build, test_rule):
    """ECS, and nobody else, may move these rules between these target groups on these listeners (G25)."""
    listeners = ["arn:listener/80", "arn:listener/8080"]
    deployment = build(load_balancer={**ROUTE, "test_rule_arn": test_rule, "listener_arns": listeners})
    advanced = service(deployment).inputs["loadBalancers"][0]["advancedConfiguration"]
    rules = ["arn:listener-rule/production", *([test_rule] if test_rule else [])]
    assert advanced == {
        "alternateTargetGroupArn": "arn:targetgroup/green",
        "productionListenerRule": "arn:listener-rule/production",
        "roleArn": role_arn(deployment, "infrastructure"),
        **({"testListenerRule": test_rule} if test_rule else {}),
    }
    assert statements(deployment, "infrastructure") == [
        {
            "Effect": "Allow",
            "Action": [
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Action": ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
            "Resource": ["arn:targetgroup/blue", "arn:targetgroup/green"],
        },
        {"Effect": "Allow", "Action": ["elasticloadbalancing:ModifyListener"], "Resource": listeners},
        {"Effect": "Allow", "Action": ["elasticloadbalancing:ModifyRule"], "Resource": rules},
    ]


TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs.amazonaws.com"}}],
}
FULL = {
    "load_balancer": ROUTE,
    "service_connect": {
        **MESH,
        "endpoint": {**ENDPOINT, "port": 81, "tls": {"certificate_authority_arn": AUTHORITY, "kms_key_arn": KEY}},
    },
    "deployment": {"hooks": [JUDGE, PAUSE]},
    "alarm_names": ["shop-5xx"],
    "tags": {"team": "web"},
}
"""A service with everything that needs something else."""


def test_roles_are_for_ecs(build):
    """Each says what it is for."""
    roles = build(**FULL).of_type("aws:iam/role:Role")
    assert {each.name: each.inputs["description"] for each in roles} == {
        "shop-infrastructure": "Moves the traffic of shop",
        "shop-hook-smoke": "Calls a hook of shop",
        "shop-tls": "Encrypts the traffic of shop in the mesh",
    }
    assert [json.loads(each.inputs["assumeRolePolicy"]) for each in roles] == [TRUST] * 3


def test_permissions_outlive_the_service(build):
    """The service depends on every policy of its roles: without them it could not move traffic, nor go (G26)."""
    deployment = build(**FULL)
    permissions = {
        each.urn
        for each in deployment
        if each.type in ("aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    }
    assert made(deployment) == [
        ("Role", "shop-hook-smoke"),
        ("Role", "shop-infrastructure"),
        ("Role", "shop-tls"),
        ("RolePolicy", "shop-hook-smoke"),
        ("RolePolicy", "shop-infrastructure"),
        ("RolePolicy", "shop-tls"),
        ("RolePolicyAttachment", "shop-tls"),
    ]
    assert len(permissions) == 4
    assert permissions < set(service(deployment).dependencies)
    assert {each.urn for each in deployment.of_type("aws:iam/role:Role")} < needs(deployment, service(deployment))


def test_role_arns_are_known_before_anything_exists(build):
    """A first preview shows by which roles ECS acts."""
    deployment = build(first_preview=True, **FULL)
    found = service(deployment).inputs
    assert found["loadBalancers"][0]["advancedConfiguration"]["roleArn"] == role_arn(deployment, "infrastructure")
    assert found["deploymentConfiguration"]["lifecycleHooks"][0]["roleArn"] == role_arn(deployment, "hook-smoke")


def test_hooks(build):
    """Each function has one role, however many hooks call it; a pause has none."""
    again = {**JUDGE, "stages": ["PRE_SCALE_UP"], "details": {"path": "/"}}
    alias = {**JUDGE, "function_arn": f"{FUNCTION}:live"}
    deployment = build(deployment={"hooks": [JUDGE, again, alias, PAUSE]})
    hour = {"timeoutInMinutes": "60", "action": "ROLLBACK"}
    lambda_hook = {
        "targetType": "AWS_LAMBDA",
        "hookTargetArn": FUNCTION,
        "roleArn": role_arn(deployment, "hook-smoke"),
        "timeoutConfiguration": hour,
    }
    assert service(deployment).inputs["deploymentConfiguration"]["lifecycleHooks"] == [
        {**lambda_hook, "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"]},
        {**lambda_hook, "lifecycleStages": ["PRE_SCALE_UP"], "hookDetails": '{"path": "/"}'},
        {
            "targetType": "AWS_LAMBDA",
            "hookTargetArn": f"{FUNCTION}:live",
            "roleArn": role_arn(deployment, "hook-smoke.live"),
            "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
            "timeoutConfiguration": hour,
        },
        {"targetType": "PAUSE", "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"], "timeoutConfiguration": hour},
    ]
    for name, function in (("hook-smoke", FUNCTION), ("hook-smoke.live", f"{FUNCTION}:live")):
        assert statements(deployment, name) == [
            {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": function}
        ]
    assert made(deployment) == [
        ("Role", "shop-hook-smoke"),
        ("Role", "shop-hook-smoke.live"),
        ("RolePolicy", "shop-hook-smoke"),
        ("RolePolicy", "shop-hook-smoke.live"),
    ]


def test_a_function_of_the_stack(declare, location):
    """Its ARN is known later than its name, by which its role is known at once; the role is for it alone."""

    def program():
        function = aws.lambda_.Function("judge", role="role")
        hook = {**JUDGE, "function_name": "smoke-2", "function_arn": function.arn, "timeout_minutes": 1440}
        args = {
            "location": location,
            "cluster_name": "c",
            "subnet_ids": [],
            "security_group_ids": [],
            "task_definition_arn": REVISION,
            "deployment": {"hooks": [hook]},
        }
        NativeService("shop", args)

    deployment = declare(program)
    function = deployment.find("aws:lambda/function:Function", "judge")
    assert service(deployment).inputs["deploymentConfiguration"]["lifecycleHooks"] == [
        {
            "targetType": "AWS_LAMBDA",
            "hookTargetArn": function.outputs["arn"],
            "roleArn": role_arn(deployment, "hook-smoke-2"),
            "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
            "timeoutConfiguration": {"timeoutInMinutes": "1440", "action": "ROLLBACK"},
        }
    ]
    assert statements(deployment, "hook-smoke-2") == [
        {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": function.outputs["arn"]}
    ]
    later = declare(program, first_preview=True)
    (hook,) = service(later).inputs["deploymentConfiguration"]["lifecycleHooks"]
    assert hook["roleArn"] == role_arn(later, "hook-smoke-2")


def test_a_pause_needs_no_role(build):
    """Nobody is called."""
    assert made(build(deployment={"hooks": [PAUSE]})) == []


def test_a_long_function_name_leaves_room_for_the_role(declare, location):
    """Names of functions may be as long as those of roles, which are made of them (G36)."""
    hook = {**JUDGE, "function_arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{'f' * 64}:{'a' * 64}"}
    args = {
        "location": location,
        "cluster_name": "c",
        "subnet_ids": [],
        "security_group_ids": [],
        "task_definition_arn": REVISION,
        "deployment": {"hooks": [hook]},
    }
    (found,) = declare(lambda: NativeService("s" * 18, args)).of_type("aws:iam/role:Role")
    assert len(found.inputs["name"]) == 64


@pytest.mark.parametrize("key", [None, KEY])
def test_tls_role(build, key):
    """ECS may have certificates issued and keep their keys, and use the key of one's own if there is one."""
    tls = {"certificate_authority_arn": AUTHORITY, **({"kms_key_arn": key} if key else {})}
    deployment = build(service_connect={**MESH, "endpoint": {**ENDPOINT, "tls": tls}})
    attachment = deployment.find("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "shop-tls")
    assert service(deployment).inputs["serviceConnectConfiguration"]["services"][0]["tls"] == {
        "issuerCertAuthority": {"awsPcaAuthorityArn": AUTHORITY},
        "roleArn": role_arn(deployment, "tls"),
        **({"kmsKey": key} if key else {}),
    }
    assert attachment.inputs == {
        "role": role(deployment, "tls").inputs["name"],
        "policyArn": "arn:aws:iam::aws:policy/service-role/"
        "AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity",
    }
    if key:
        assert statements(deployment, "tls") == [
            {
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyPair"],
                "Resource": KEY,
            }
        ]
    else:
        assert deployment.of_type("aws:iam/rolePolicy:RolePolicy") == []


def test_partition(declare, location):
    """Roles and AWS's own policies are those of the stack's partition."""
    args = {
        "location": {**location, "partition": "aws-cn", "region": "cn-north-1"},
        "cluster_name": "c",
        "subnet_ids": [],
        "security_group_ids": [],
        "task_definition_arn": REVISION,
        **FULL,
    }
    deployment = declare(lambda: NativeService("shop", args))
    (attachment,) = deployment.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert attachment.inputs["policyArn"].startswith("arn:aws-cn:iam::aws:policy/")
    advanced = service(deployment).inputs["loadBalancers"][0]["advancedConfiguration"]
    assert advanced["roleArn"].startswith(f"arn:aws-cn:iam::{ACCOUNT}:role/")


def test_a_client_has_no_endpoint(build):
    """It is in the namespace, offers nothing, and needs no role."""
    deployment = build(service_connect={"namespace_arn": NAMESPACE, "log_group_name": "shop-logs"})
    sent = dict(IN_MESH["serviceConnectConfiguration"])
    del sent["services"]
    assert service(deployment).inputs["serviceConnectConfiguration"] == sent
    assert made(deployment) == []


@pytest.mark.parametrize(("strategy", "rollback"), [*((strategy, True) for strategy in STRATEGIES), ("ROLLING", False)])
def test_alarms(build, strategy, rollback):
    """They roll a release back, and so does the circuit breaker of ROLLING; what is turned off is said to be (G40)."""
    found = service(
        build(deployment={"strategy": strategy}, alarm_names=["shop-5xx", "shop-latency"], rollback=rollback)
    ).inputs
    assert found["alarms"] == {"enable": rollback, "rollback": rollback, "alarmNames": ["shop-5xx", "shop-latency"]}
    breaker = rollback and strategy == "ROLLING"
    assert found["deploymentCircuitBreaker"] == {"enable": breaker, "rollback": breaker}


@pytest.mark.parametrize(
    ("owners", "ignored"),
    [
        ({}, []),
        ({"task_definition_owner": "pulumi", "desired_count_owner": "pulumi"}, []),
        ({"task_definition_owner": "pipeline"}, ["taskDefinition"]),
        ({"desired_count_owner": "autoscaling"}, ["desiredCount"]),
        (
            {"task_definition_owner": "pipeline", "desired_count_owner": "autoscaling"},
            ["desiredCount", "taskDefinition"],
        ),
    ],
)
def test_what_others_own_is_ignored(build, owners, ignored):
    """The load balancer entry never is: ECS leaves it as it was sent, and moves the rules instead."""
    assert service(build(load_balancer=ROUTE, **owners)).ignore_changes == ignored


@pytest.mark.parametrize(
    ("deployment", "minutes"),
    [
        ({}, 70),
        ({"strategy": "ROLLING"}, 60),
        ({"strategy": "LINEAR", "bake_minutes": 0}, 114),
        ({"bake_minutes": 1440, "hooks": [JUDGE, PAUSE]}, 60 + 1440 + 60 + 60),
    ],
)
def test_timeouts(build, deployment, minutes):
    """Pulumi gives up on a release no sooner than ECS does (G37)."""
    seconds = 60 * minutes
    assert service(build(deployment=deployment)).custom_timeouts == {"create": seconds, "update": seconds}


def test_a_service_may_come_from_codedeploy(build):
    """It then stays the same resource, and each update is judged before it is sent (G46)."""
    deployment = build()
    component = deployment.find("ecs-blue-green:index:NativeService", "shop")
    assert component.aliases == ["urn:pulumi:test::ecs-blue-green::ecs-blue-green:index:CodeDeployService::shop"]
    assert service(deployment).hooks == {"BeforeUpdate": ["shop-service-update"]}


def test_protect(build):
    """Pulumi refuses to delete the service where asked to; its roles may still go."""
    assert [r.name for r in build(**FULL) if r.protect] == []
    assert [r.name for r in build(protect=True, **FULL) if r.protect] == ["shop-service"]


def test_tags(build):
    """Whatever takes tags has them."""
    tagged = [r.name for r in build(**FULL) if r.inputs.get("tags") == {"team": "web"}]
    assert sorted(tagged) == ["shop-hook-smoke", "shop-infrastructure", "shop-service", "shop-tls"]


def test_outputs(build):
    """A release names the service."""
    deployment = build()
    found = service(deployment)
    assert deployment.find("ecs-blue-green:index:NativeService", "shop").outputs == {
        "service_name": found.inputs["name"],
        "service_arn": f"arn:aws:ecs:eu-west-1:{ACCOUNT}:service/shop-cluster/{found.inputs['name']}",
    }


@pytest.mark.parametrize(
    ("change", "given"),
    [
        ({"deployment": {"strategy": "RECREATE"}}, "'RECREATE'"),
        ({"deployment": {"bake_minutes": 1441}}, "1441 minutes"),
        ({"deployment": {"strategy": "LINEAR", "step_percent": 2.9}}, "2.9 percent"),
        ({"deployment": {"strategy": "CANARY", "canary_percent": 0.0}}, "0 percent"),
        ({"deployment": {"strategy": "CANARY", "step_percent": 10.0}}, "step_percent with CANARY"),
        ({"deployment": {"strategy": "ROLLING", "hooks": [PAUSE]}}, "hooks with ROLLING"),
        ({"deployment": {"hooks": [PAUSE] * 11}}, "11 PAUSE hooks"),
        ({"deployment": {"hooks": [{**PAUSE, "stages": ["TEST_TRAFFIC_SHIFT"]}]}}, "PAUSE at TEST_TRAFFIC_SHIFT"),
        ({"deployment": {"hooks": [{**PAUSE, "timeout_minutes": 20_161}]}}, "20161 minutes"),
        ({"rollback": False}, "BLUE_GREEN without rollback"),
        (
            {"deployment": {"strategy": "LINEAR", "step_percent": 3.0, "step_bake_minutes": 1440}},
            "steps, hooks and bake time of up to 47590 minutes",
        ),
        ({"service_connect": {**MESH, "endpoint": {**ENDPOINT, "discovery_name": "Shop"}}}, "'Shop'"),
        ({"service_connect": {**MESH, "endpoint": {**ENDPOINT, "dns_name": "-"}}}, "'-'"),
        (
            {"service_connect": {**MESH, "endpoint": {**ENDPOINT, "app_protocol": None}}},
            "a port that speaks plain TCP",
        ),
        (
            {
                "deployment": {"strategy": "ROLLING"},
                "service_connect": {
                    **MESH,
                    "endpoint": {**ENDPOINT, "app_protocol": None, "per_request_timeout_seconds": 15},
                },
            },
            "15 seconds on a port that speaks plain TCP",
        ),
        (
            {
                "load_balancer": ROUTE,
                "service_connect": {
                    **MESH,
                    "endpoint": {**ENDPOINT, "tls": {"certificate_authority_arn": AUTHORITY}},
                },
            },
            "encryption of port 80, which the load balancer reaches",
        ),
    ],
)
def test_refusals(change, given):
    """Strategies, ranges, hooks and endpoints that ECS does not accept are refused (G23, G27, G28, G33, G36)."""
    with pytest.raises(Refused) as refused:
        NativeService("shop", change)
    assert refused.value.given == given


def test_plain_tcp_is_for_rolling(build):
    """Where no test traffic is told apart, a port needs no headers."""
    endpoint = {**ENDPOINT, "app_protocol": None}
    deployment = build(deployment={"strategy": "ROLLING"}, service_connect={**MESH, "endpoint": endpoint})
    (found,) = service(deployment).inputs["serviceConnectConfiguration"]["services"]
    assert found["clientAlias"] == [{"port": 80, "dnsName": "shop"}]
