"""What a `TrafficRoute` declares. Mocks prove what is sent, not what AWS accepts."""

import pulumi_aws as aws
import pytest

from components.limits import Refused
from components.traffic_route import TrafficRoute

ARGS = {"vpc_id": "vpc-1", "listener_arn": "arn:listener/80", "target_port": 3000}


@pytest.fixture
def build(declare):
    """Declare a route, with these arguments beside the usual ones."""
    return lambda **args: declare(lambda: TrafficRoute("shop", {**ARGS, **args}))


def target_group(deployment, colour):
    return deployment.find("aws:lb/targetGroup:TargetGroup", f"shop-{colour}")


def rules(deployment):
    return {r.name: r for r in deployment.of_type("aws:lb/listenerRule:ListenerRule")}


def test_pair_is_identical_but_for_its_name(build):
    """Blue and green take HTTP to addresses on the tasks' port and are checked alike."""
    deployment = build()
    blue, green = (dict(target_group(deployment, colour).inputs) for colour in ("blue", "green"))
    assert blue.pop("name") != green.pop("name")
    assert blue == green
    assert blue == {
        "vpcId": "vpc-1",
        "targetType": "ip",
        "protocol": "HTTP",
        "protocolVersion": "HTTP1",
        "port": 3000,
        "deregistrationDelay": 30,
        "healthCheck": {
            "enabled": True,
            "protocol": "HTTP",
            "port": "traffic-port",
            "path": "/",
            "matcher": "200",
            "interval": 15,
            "timeout": 5,
            "healthyThreshold": 2,
            "unhealthyThreshold": 3,
        },
    }


def test_production_rule_names_both_groups(build):
    """The rule forwards to blue and green by weight from the first day, and Pulumi leaves the weights alone."""
    deployment = build()
    (rule,) = rules(deployment).values()
    assert rule.name == "shop-production"
    assert rule.inputs == {
        "listenerArn": "arn:listener/80",
        "priority": 50_000,
        "conditions": [{"pathPattern": {"values": ["/*"]}}],
        "actions": [
            {
                "type": "forward",
                "forward": {
                    "targetGroups": [
                        {"arn": target_group(deployment, "blue").outputs["arn"], "weight": 100},
                        {"arn": target_group(deployment, "green").outputs["arn"], "weight": 0},
                    ],
                    "stickiness": {"enabled": False, "duration": 1},
                },
            }
        ],
    }
    assert rule.ignore_changes == ["actions"]


def test_test_rule_is_the_production_rule_on_another_listener(build):
    """The test listener gets the same rule, ignored in the same way."""
    found = rules(build(test_listener_arn="arn:listener/8080"))
    assert sorted(found) == ["shop-production", "shop-test"]
    production, test = found["shop-production"], found["shop-test"]
    assert test.inputs == {**production.inputs, "listenerArn": "arn:listener/8080"}
    assert test.ignore_changes == ["actions"]


@pytest.mark.parametrize(
    ("rule", "conditions"),
    [
        ({"priority": 7, "path_patterns": ["/api/*"]}, [{"pathPattern": {"values": ["/api/*"]}}]),
        ({"priority": 7, "host_headers": ["a.test"], "path_patterns": []}, [{"hostHeader": {"values": ["a.test"]}}]),
        (
            {"priority": 7, "host_headers": ["a.test"], "path_patterns": ["/x"]},
            [{"hostHeader": {"values": ["a.test"]}}, {"pathPattern": {"values": ["/x"]}}],
        ),
    ],
)
def test_rule(build, rule, conditions):
    """Services that share a listener are told apart by host and path."""
    found = rules(build(rule=rule))["shop-production"].inputs
    assert (found["priority"], found["conditions"]) == (7, conditions)


HEADER = {"name": "x-amzn-ecs-blue-green-test", "value": "test"}
PICKED = {"httpHeader": {"httpHeaderName": "x-amzn-ecs-blue-green-test", "values": ["test"]}}
ALL = {"pathPattern": {"values": ["/*"]}}
API = {"pathPattern": {"values": ["/api/*"]}}
HOST = {"hostHeader": {"values": ["a.test"]}}


@pytest.mark.parametrize(
    ("args", "production", "test"),
    [
        ({}, (50_000, [ALL]), None),
        ({"test_header": None, "test_path_patterns": []}, (50_000, [ALL]), None),
        ({"test_header": HEADER}, (50_000, [ALL]), (49_999, [PICKED])),
        (
            {"test_header": HEADER, "rule": {"priority": 7, "path_patterns": ["/api/*"]}},
            (7, [API]),
            (6, [API, PICKED]),
        ),
        (
            {
                "test_header": HEADER,
                "rule": {"priority": 2, "host_headers": ["a.test"], "path_patterns": ["/api/*"]},
            },
            (2, [HOST, API]),
            (1, [HOST, API, PICKED]),
        ),
        (
            {"test_path_patterns": ["/test/*", "/probe"]},
            (50_000, [ALL]),
            (49_999, [{"pathPattern": {"values": ["/test/*", "/probe"]}}]),
        ),
        (
            {"test_path_patterns": ["/test/*"], "rule": {"priority": 7, "path_patterns": ["/api/*"]}},
            (7, [API]),
            (6, [{"pathPattern": {"values": ["/test/*"]}}]),
        ),
        (
            {"test_path_patterns": ["/test/*"], "rule": {"priority": 7, "host_headers": ["a.test"]}},
            (7, [HOST]),
            (6, [HOST, {"pathPattern": {"values": ["/test/*"]}}]),
        ),
    ],
)
def test_tests_are_picked_out_of_the_production_listener(build, args, production, test):
    """By a header beside the rule's conditions, or by paths in place of its own, right before the rule (G21)."""
    found = {name: r.inputs for name, r in rules(build(**args)).items()}
    expected = {"shop-production": production} | ({"shop-test": test} if test else {})
    assert {name: (each["priority"], each["conditions"]) for name, each in found.items()} == expected
    assert {each["listenerArn"] for each in found.values()} == {"arn:listener/80"}


@pytest.mark.parametrize("way", [{"test_header": HEADER}, {"test_path_patterns": ["/test/*"]}])
def test_a_picking_rule_forwards_as_the_production_rule_does(build, way):
    """Both groups stand behind it from the first day, blue with all of the weight (G19); a release moves it too."""
    found = rules(build(**way))
    assert found["shop-test"].inputs["actions"] == found["shop-production"].inputs["actions"]
    assert found["shop-test"].ignore_changes == ["actions"]


@pytest.mark.parametrize("way", [{}, {"test_listener_arn": "arn:listener/8080"}, {"test_header": HEADER}])
def test_a_service_waits_for_the_rules(declare, way):
    """Whoever uses the ARN of a target group depends on every rule, since a service can't be made before (G48)."""

    def program():
        route = TrafficRoute("shop", {**ARGS, **way})
        aws.cloudwatch.LogGroup("blue", tags={"arn": route.blue_arn})
        aws.cloudwatch.LogGroup("green", tags={"arn": route.green_arn})

    deployment = declare(program)
    urns = {r.urn for r in rules(deployment).values()}
    assert len(urns) == (2 if way else 1)
    for colour in ("blue", "green"):
        user = deployment.find("aws:cloudwatch/logGroup:LogGroup", colour)
        assert user.inputs["tags"] == {"arn": target_group(deployment, colour).outputs["arn"]}
        assert urns < set(user.dependencies)


def test_outputs(build):
    """Groups by ARN, name and metric dimension, and rules by what they are for."""
    deployment = build(test_listener_arn="arn:listener/8080")
    production, test = (rules(deployment)[f"shop-{kind}"].id for kind in ("production", "test"))
    assert deployment.find("ecs-blue-green:index:TrafficRoute", "shop").outputs == {
        "production_rule_arn": production,
        "test_rule_arn": test,
        "rule_arns": [production, test],
        **{
            f"{colour}_{output}": target_group(deployment, colour).outputs[key]
            for colour in ("blue", "green")
            for output, key in (("arn", "arn"), ("name", "name"), ("arn_suffix", "arnSuffix"))
        },
    }


def test_no_test_rule(build):
    """A release then moves one rule."""
    deployment = build()
    outputs = deployment.find("ecs-blue-green:index:TrafficRoute", "shop").outputs
    assert outputs["rule_arns"] == [outputs["production_rule_arn"]]
    assert "test_rule_arn" not in outputs


@pytest.mark.parametrize("way", [{"test_header": HEADER}, {"test_path_patterns": ["/test/*"]}])
def test_no_room_before_the_first_priority(way):
    """A test rule can't stand before the first rule of its listener (G21)."""
    with pytest.raises(Refused) as refused:
        TrafficRoute("shop", {**ARGS, **way, "rule": {"priority": 1, "host_headers": ["a.test"]}})
    assert refused.value.given == "priority 1"


def test_a_test_listener_needs_no_room(build):
    """Its rule has the priority of the production rule, on another listener."""
    rule = {"priority": 1, "host_headers": ["a.test"]}
    found = rules(build(rule=rule, test_listener_arn="arn:listener/8080"))
    assert {name: r.inputs["priority"] for name, r in found.items()} == {"shop-production": 1, "shop-test": 1}


def test_name_too_long():
    """A name whose green target group would exceed 32 characters is refused (G50)."""
    with pytest.raises(Refused) as refused:
        TrafficRoute("a" * 19, ARGS)
    assert refused.value.given == "'aaaaaaaaaaaaaaaaaaa', 19 characters"
    assert refused.value.allowed == "at most 18 characters"
