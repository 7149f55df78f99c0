"""What the whole program declares for services that ECS itself releases, by every strategy, way and test route."""

import json

import pytest

from offline.deployment import Deployment, Resource
from tests.graph import named, needs, only
from tests.native_stacks import NATIVE, TEST_ROUTES, Native

SERVICE = "aws:ecs/service:Service"
LISTENER, RULE = "aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"


@pytest.fixture(scope="module", params=NATIVE, ids=str)
def case(request) -> Native:
    """One way in which ECS releases a service."""
    return request.param


@pytest.fixture(scope="module")
def stack(case, native) -> Deployment:
    """A stack of that service alone."""
    return native(case)


@pytest.fixture(scope="module")
def service(stack) -> Resource:
    """The ECS service itself."""
    return only(stack, SERVICE)


def own(deployment: Deployment) -> dict[str, Resource]:
    """What a stack has beside its network, by type and name."""
    return {
        f"{r.type.rpartition(':')[2]} {r.name}": r
        for r in deployment
        if not r.type.startswith("pulumi:") and "ecs-blue-green:index:Network" not in r.urn
    }


ALWAYS = {
    "BlueGreenService app",
    "Cluster blue-green",
    "Cluster blue-green-cluster",
    "FargateTask app",
    "LogGroup app-logs",
    "LogGroup blue-green-exec",
    "NativeService app",
    "Role app-execution",
    "Role app-task",
    "RolePolicy app-execution",
    "RollbackAlarms app",
    "SecurityGroup app-tasks",
    "SecurityGroupEgressRule app-egress",
    "Service app-service",
    "TaskDefinition app-task",
    "TaskSecurityGroup app",
}
BALANCED = {
    "Listener blue-green-80",
    "ListenerRule app-production",
    "LoadBalancer blue-green",
    "LoadBalancer blue-green-alb",
    *(f"MetricAlarm app-{colour}-{what}" for colour in ("blue", "green") for what in ("5xx", "latency", "unhealthy")),
    "Role app-infrastructure",
    "RolePolicy app-infrastructure",
    "SecurityGroup blue-green-alb",
    "SecurityGroupEgressRule app-from-alb",
    "SecurityGroupIngressRule app-from-alb",
    "SecurityGroupIngressRule blue-green-80-0-0-0-0-0",
    "TargetGroup app-blue",
    "TargetGroup app-green",
    "TrafficRoute app",
}
CONNECTED = {"HttpNamespace blue-green-namespace", "MetricAlarm app-mesh-5xx"}
TESTED = {
    "none": set(),
    "header": {"ListenerRule app-test"},
    "path": {"ListenerRule app-test"},
    "port": {
        "Listener blue-green-8080",
        "ListenerRule app-test",
        "SecurityGroupIngressRule blue-green-8080-10-0-0-0-16",
    },
}


def test_resources(case, stack):
    """A service makes what its way of traffic needs and nothing else: no CodeDeploy, no role without a use, no load
    balancer for the mesh alone, no namespace for the load balancer alone, and no test rule without a test route."""
    balanced = BALANCED | TESTED[case.test] if case.balanced else set()
    assert own(stack).keys() == ALWAYS | balanced | (CONNECTED if case.connected else set())


DEPLOYMENT = {
    "BLUE_GREEN": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "5"},
    "LINEAR": {
        "strategy": "LINEAR",
        "bakeTimeInMinutes": "15",
        "linearConfiguration": {"stepPercent": 12.5, "stepBakeTimeInMinutes": "3"},
    },
    "CANARY": {
        "strategy": "CANARY",
        "bakeTimeInMinutes": "10",
        "canaryConfiguration": {"canaryPercent": 2.5, "canaryBakeTimeInMinutes": "7"},
    },
    "ROLLING": {"strategy": "ROLLING"},
}
MINUTES = {"BLUE_GREEN": 60 + 5, "LINEAR": 60 + 7 * 3 + 15, "CANARY": 60 + 7 + 10, "ROLLING": 60}
ALARMS = [
    f"MetricAlarm app-{colour}-{what} name" for colour in ("blue", "green") for what in ("5xx", "unhealthy", "latency")
]
MESH = {
    "enabled": True,
    "namespace": "HttpNamespace blue-green-namespace arn",
    "logConfiguration": {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": "LogGroup app-logs name",
            "awslogs-region": "eu-west-1",
            "awslogs-stream-prefix": "app-service-connect",
        },
    },
    "services": [
        {
            "portName": "web-80",
            "discoveryName": "app",
            "clientAlias": [
                {
                    "port": 80,
                    "dnsName": "app",
                    "testTrafficRules": [
                        {"header": {"name": "x-amzn-ecs-blue-green-test", "value": {"exact": "test"}}}
                    ],
                }
            ],
        }
    ],
}


def _entry(case: Native) -> dict:
    """The entry of the load balancer."""
    return {
        "targetGroupArn": "TargetGroup app-blue arn",
        "containerName": "web",
        "containerPort": 80,
        "advancedConfiguration": {
            "alternateTargetGroupArn": "TargetGroup app-green arn",
            "productionListenerRule": "ListenerRule app-production arn",
            "roleArn": "Role app-infrastructure arn",
            **({} if case.test == "none" else {"testListenerRule": "ListenerRule app-test arn"}),
        },
    }


class TestService:
    """The ECS service is what the stack file asks for."""

    def test_inputs(self, case, stack, service):
        """Strategy, load balancer entry, mesh and alarms refer to this service's own resources, and nothing is left to
        defaults; there is no block of another strategy, no hook, and no circuit breaker but with ROLLING."""
        rolling = case.strategy == "ROLLING"
        alarms = [
            *(ALARMS if case.balanced else []),
            *(["MetricAlarm app-mesh-5xx name"] if case.connected else []),
        ]
        assert named(stack, service.inputs) == {
            "name": "Service app-service name",
            "cluster": "Cluster blue-green-cluster name",
            "launchType": "FARGATE",
            "schedulingStrategy": "REPLICA",
            "deploymentController": {"type": "ECS"},
            "deploymentConfiguration": DEPLOYMENT[case.strategy],
            "deploymentMinimumHealthyPercent": 100,
            "deploymentMaximumPercent": 200,
            "alarms": {"enable": True, "rollback": True, "alarmNames": alarms},
            "taskDefinition": "TaskDefinition app-task arn",
            "desiredCount": 2,
            "networkConfiguration": {
                "subnets": ["Subnet blue-green-private-1 id", "Subnet blue-green-private-2 id"],
                "securityGroups": ["SecurityGroup app-tasks id"],
                "assignPublicIp": False,
            },
            "enableExecuteCommand": False,
            "enableEcsManagedTags": True,
            "propagateTags": "SERVICE",
            "waitForSteadyState": False,
            "forceDelete": True,
            "tags": {},
            "deploymentCircuitBreaker": {"enable": rolling, "rollback": rolling},
            **({"loadBalancers": [_entry(case)], "healthCheckGracePeriodSeconds": 60} if case.balanced else {}),
            **({"serviceConnectConfiguration": MESH} if case.connected else {}),
        }

    def test_options(self, case, service):
        """Pulumi waits as long as a release may take, and leaves the revision to the pipeline where that owns it."""
        seconds = 60 * MINUTES[case.strategy]
        assert service.custom_timeouts == {"create": seconds, "update": seconds}
        assert service.ignore_changes == ([] if case.owner == "pulumi" else ["taskDefinition"])
        assert (service.protect, service.replace_on_changes, service.delete_before_replace) == (False, [], None)

    def test_outputs(self, case, stack):
        """The stack tells what a release needs; there is no address without a load balancer."""
        assert named(stack, stack.outputs["services"]) == {
            "app": {"service": "Service app-service name", "taskDefinition": "TaskDefinition app-task arn"}
        }
        assert sorted(stack.outputs) == ["cluster", "services", *(["urls"] if case.balanced else [])]


EVERYTHING = [{"pathPattern": {"values": ["/*"]}}]
RULES = {
    "none": {"app-production": (80, 50_000, EVERYTHING)},
    "header": {
        "app-production": (80, 50_000, EVERYTHING),
        "app-test": (80, 49_999, [{"httpHeader": {"httpHeaderName": "x-test", "values": ["green"]}}]),
    },
    "path": {
        "app-production": (80, 50_000, EVERYTHING),
        "app-test": (80, 49_999, [{"pathPattern": {"values": ["/test/*"]}}]),
    },
    "port": {"app-production": (80, 50_000, EVERYTHING), "app-test": (8080, 50_000, EVERYTHING)},
}


def _rules(deployment: Deployment) -> dict:
    """Port, priority and conditions of each listener rule."""
    ports = {r.outputs["arn"]: r.inputs["port"] for r in deployment.of_type(LISTENER)}
    return {
        r.name: (ports[r.inputs["listenerArn"]], r.inputs["priority"], r.inputs["conditions"])
        for r in deployment.of_type(RULE)
    }


class TestTraffic:
    """ECS finds both groups behind every rule that it is to move, and tests find their way (G19, G21)."""

    def test_rules(self, case, stack):
        """The test rule picks its requests on the production listener before the production rule, or has a listener of
        its own; without a load balancer there are no rules."""
        assert _rules(stack) == (RULES[case.test] if case.balanced else {})

    def test_both_groups_are_behind_every_rule(self, case, stack):
        """All traffic, tests too, goes to blue at first, and green is known to each rule from the first day."""
        forwards = [named(stack, rule.inputs["actions"]) for rule in stack.of_type(RULE)]
        assert forwards == [
            [
                {
                    "type": "forward",
                    "forward": {
                        "targetGroups": [
                            {"arn": "TargetGroup app-blue arn", "weight": 100},
                            {"arn": "TargetGroup app-green arn", "weight": 0},
                        ],
                        "stickiness": {"enabled": False, "duration": 1},
                    },
                }
            ]
        ] * (len(RULES[case.test]) if case.balanced else 0)

    def test_infrastructure_role(self, case, stack):
        """ECS may move this service's rules, on their listeners, and register tasks with its two groups only (G25)."""
        documents = {
            policy.name: named(stack, json.loads(policy.inputs["policy"]))["Statement"]
            for policy in stack.of_type(ROLE_POLICY)
            if policy.name == "app-infrastructure"
        }
        rules = ["ListenerRule app-production arn", "ListenerRule app-test arn"]
        listeners = ["Listener blue-green-80 arn", "Listener blue-green-8080 arn"]
        expected = [
            {
                "Effect": "Allow",
                "Action": [
                    f"elasticloadbalancing:Describe{what}"
                    for what in ("Listeners", "Rules", "TargetGroups", "TargetHealth")
                ],
                "Resource": "*",
            },
            {
                "Effect": "Allow",
                "Action": ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
                "Resource": ["TargetGroup app-blue arn", "TargetGroup app-green arn"],
            },
            {
                "Effect": "Allow",
                "Action": ["elasticloadbalancing:ModifyListener"],
                "Resource": listeners if case.test == "port" else listeners[:1],
            },
            {
                "Effect": "Allow",
                "Action": ["elasticloadbalancing:ModifyRule"],
                "Resource": rules[:1] if case.test == "none" else rules,
            },
        ]
        assert documents == ({"app-infrastructure": expected} if case.balanced else {})

    def test_who_reaches_the_tasks(self, case, stack):
        """The load balancer reaches the tasks on their port; in the mesh alone nobody does who isn't said to call."""
        ways = [
            (r.name, named(stack, r.inputs["referencedSecurityGroupId"]), r.inputs["fromPort"], r.inputs["toPort"])
            for r in stack.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
            if r.inputs["securityGroupId"] == stack.find("aws:ec2/securityGroup:SecurityGroup", "app-tasks").id
        ]
        assert ways == ([("app-from-alb", "SecurityGroup blue-green-alb id", 80, 80)] if case.balanced else [])


class TestOrder:
    """What ECS needs is there before the service, and goes after it."""

    def test_service_is_last(self, case, stack, service):
        """Of all that the stack has only the clients' way to the load balancer may come later: rules, policies, alarms,
        namespace and the tasks' ways in and out are there before the first task, and after the last (G19, G24, G26)."""
        found = needs(stack, service)
        later = {label for label, r in own(stack).items() if r.custom and r.urn not in found}
        clients = {label for label in BALANCED | TESTED[case.test] if "IngressRule blue-green" in label}
        assert later == {"Service app-service", *(clients if case.balanced else ())}
        assert only(stack, "awsx:ec2:Vpc").urn in found

    def test_cluster_after_namespace(self, case, stack):
        """The namespace outlives the cluster, in which services may still drain (G47)."""
        cluster = only(stack, "aws:ecs/cluster:Cluster")
        before = [r.urn for r in stack.of_type("aws:servicediscovery/httpNamespace:HttpNamespace")]
        assert len(before) == case.connected
        assert set(before) <= needs(stack, cluster)
        assert named(stack, cluster.inputs.get("serviceConnectDefaults")) == (
            {"namespace": "HttpNamespace blue-green-namespace arn"} if case.connected else None
        )


HOST = {"hostHeader": {"values": ["a.example.com"]}}
APP = {"pathPattern": {"values": ["/app/*"]}}


@pytest.mark.parametrize(
    ("test", "picked"),
    [
        ("none", {}),
        ("header", {"app-test": (80, 9, [HOST, APP, RULES["header"]["app-test"][2][0]])}),
        ("path", {"app-test": (80, 9, [HOST, RULES["path"]["app-test"][2][0]])}),
        ("port", {"app-test": (8080, 10, [HOST, APP])}),
    ],
)
def test_rules_of_a_service_that_shares_its_listener(preview, test, picked):
    """A test rule keeps to the hosts and paths of its service, but for the paths that tests have for themselves, and
    stands before the production rule (G21)."""
    rule = {"priority": 10, "hostHeaders": ["a.example.com"], "pathPatterns": ["/app/*"]}
    service = Native("CANARY", True, False, test, "pulumi").settings
    stack = preview(services={"app": {**service, "loadBalancer": {**TEST_ROUTES[test], "rule": rule}}})
    assert _rules(stack) == {"app-production": (80, 10, [HOST, APP]), **picked}
