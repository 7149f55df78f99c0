"""What the two target groups of a release must be to each other."""

from __future__ import annotations

from aws import DEPLOYMENT_GROUP, SERVICE
from finding import shown
from judge import Judge
from release import is_ecs, is_native, native_pair, pair, pair_names, target_pair
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Value

pair_exact = Rule(
    id="bg-target-group-pair-exact",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    description="A deployment group has a pair of two different target groups.",
    why="CodeDeploy starts the new version in the group that has no traffic: without a second, "
    "different group there is none, and AWS refuses the deployment group.",
    fix="""\
load_balancer_info={"target_group_pair_info": {
    "target_groups": [{"name": blue.name}, {"name": green.name}],
    "prod_traffic_route": {"listener_arns": [listener.arn]},
}}""",
    url="https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_TargetGroupPairInfo.html",
)


@pair_exact.resource(DEPLOYMENT_GROUP)
def _is_a_pair(group: Resource, judge: Judge) -> None:
    if not is_ecs(group):
        return
    names = pair_names(group)
    place = target_pair(group)["targetGroups"]
    if len(names) != 2:
        judge.fail(place, f"has {len(names)} target groups instead of two.")
        return
    for name in names:
        with judge.separately:
            if not name.text:
                judge.fail(name, "is not set.")
    if names[0].text and names[0].text == names[1].text:
        judge.fail(place, "names one target group twice.")


compatible = Rule(
    id="bg-target-groups-compatible",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    description="The two target groups of a release are alike.",
    why="Tasks move from one group to the other at each release. Where the groups differ in "
    "network, protocol, target type or port, every second release fails its health checks or "
    "cannot register its tasks.",
    fix="""\
alike = {
    "vpc_id": network.vpc_id, "port": 80, "protocol": "HTTP", "target_type": "ip",
    "health_check": {"path": "/"},
}
blue = aws.lb.TargetGroup("app-blue", **alike)
green = aws.lb.TargetGroup("app-green", **alike)""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html",
    knobs={
        "comparePort": {
            "type": "boolean",
            "default": True,
            "description": "Whether the ports must be equal too.",
        }
    },
)
DEFAULTS = {"targetType": "instance", "protocolVersion": "HTTP1"}


@compatible.stack(DEPLOYMENT_GROUP)
def _deployment_group_pair_is_alike(group: Resource, stack: Stack, judge: Judge) -> None:
    if is_ecs(group):
        _check_alike(pair_names(group), stack, judge)


@compatible.stack(SERVICE)
def _native_pair_is_alike(service: Resource, stack: Stack, judge: Judge) -> None:
    if is_native(service):
        for block in service["loadBalancers"].items:
            with judge.separately:
                _check_alike(native_pair(block), stack, judge)


def _check_alike(references: list[Value], stack: Stack, judge: Judge) -> None:
    found = pair(references, stack)
    if found is None:
        return
    first, second = found
    port = ["port"] if judge.knob("comparePort") else []
    for prop in ["vpcId", "protocol", "protocolVersion", "targetType", *port]:
        with judge.separately:
            here, there = second[prop], first[prop]
            if not _alike(here, there):
                mine, other = shown(here.known), shown(there.known)
                judge.fail(
                    here,
                    f"differs from that of {first.name}."
                    if mine == other
                    else f"is {mine}, but that of {first.name} is {other}.",
                )


def _alike(one: Value, other: Value) -> bool:
    if one.is_unknown and other.is_unknown:
        sources, others = (set(value.resource.property_dependencies.get(value.root, ())) for value in (one, other))
        if sources and sources == others:
            return True
        if one.root == "protocolVersion" and one.is_computed and other.is_computed:
            return True
    default = DEFAULTS.get(one.root)
    return (one.known or default) == (other.known or default)
