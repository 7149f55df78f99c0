"""What a `TrafficRoute` declares. Mocks prove what is sent, not what AWS accepts."""

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


def test_blue_waits_for_the_rules(build):
    """Whoever uses blue's ARN depends on every rule, since a service can't be made before (G48)."""
    deployment = build(test_listener_arn="arn:listener/8080")
    component = deployment.find("ecs-blue-green:index:TrafficRoute", "shop")
    assert component.outputs["blue_arn"] == target_group(deployment, "blue").outputs["arn"]
    assert component.outputs["rule_arns"] == [rules(deployment)[f"shop-{kind}"].id for kind in ("production", "test")]


def test_name_too_long():
    """A name whose green target group would exceed 32 characters is refused (G50)."""
    with pytest.raises(Refused) as refused:
        TrafficRoute("a" * 19, ARGS)
    assert refused.value.given == "'aaaaaaaaaaaaaaaaaaa', 19 characters"
    assert refused.value.allowed == "at most 18 characters"
