"""What the two target groups of a release must be to each other."""

from __future__ import annotations

from aws import DEPLOYMENT_GROUP, SERVICE, TARGET_GROUP, TASK_DEFINITION
from finding import contrast, shown
from judge import Judge
from release import is_blue_green, is_ecs, native_blocks, native_pair, pair, pair_names, releases, target_pair
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Value, any_true

pair_exact = Rule(
    id="bg-target-group-pair-exact",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    description="A deployment group has a pair of two different target groups.",
    why="CodeDeploy starts the new version in the group that has no traffic: without a second, "
    "different group there is none, and AWS refuses the deployment group.",
    fix="""\
  aws.codedeploy.DeploymentGroup("app", ...,
      load_balancer_info={"target_group_pair_info": {
-         "target_groups": [{"name": blue.name}],
+         "target_groups": [{"name": blue.name}, {"name": green.name}],
          "prod_traffic_route": {"listener_arns": [listener.arn]},
          "test_traffic_route": {"listener_arns": [test_listener.arn]},
      }},
  )""",
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
  alike = {"vpc_id": vpc.id, "protocol": "HTTP", "target_type": "ip"}
  aws.lb.TargetGroup("blue", ..., port=80, **alike)
- aws.lb.TargetGroup("green", ..., port=8080, **alike)
+ aws.lb.TargetGroup("green", ..., port=80, **alike)""",
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
    for block in native_blocks(service):
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
                judge.fail(here, contrast(here.known, there.known, first.name))


def _alike(one: Value, other: Value) -> bool:
    if one.is_unknown and other.is_unknown:
        sources, others = (set(value.resource.property_dependencies.get(value.root, ())) for value in (one, other))
        if sources and sources == others:
            return True
        if one.root == "protocolVersion" and one.is_computed and other.is_computed:
            return True
    default = DEFAULTS.get(one.root)
    return (one.known or default) == (other.known or default)


target_type = Rule(
    id="bg-target-type-ip",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="Tasks that have addresses of their own are registered by these.",
    why="In network mode awsvpc, the only one of Fargate, a task is no port of an instance. AWS refuses a group "
    "that has target type instance, which is incompatible with the awsvpc network mode: for the idle group it "
    "does so in the middle of a release.",
    fix="""\
  aws.lb.TargetGroup("green", ...,
-     target_type="instance",  # the default
+     target_type="ip",
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html",
)


@target_type.stack(SERVICE)
def _targets_are_addresses(service: Resource, stack: Stack, judge: Judge) -> None:
    if not is_blue_green(service) or not _has_addresses(service, stack):
        return
    references = [block["targetGroupArn"] for block in service["loadBalancers"].items]
    references += [alternate for block in native_blocks(service) for alternate in native_pair(block)[1:]]
    references += [name for group in stack.derived(releases).groups.get(service.urn, ()) for name in pair_names(group)]
    for reference in references:
        with judge.separately:
            for target in stack.some(reference, TARGET_GROUP):
                _check_type(target, service, judge)


def _has_addresses(service: Resource, stack: Stack) -> bool:
    """True if the service's tasks have network interfaces of their own."""
    return any_true(
        lambda: not service["networkConfiguration"].absent,  # AWS takes it with awsvpc only
        lambda: service.given("launchType").text == "FARGATE",
        lambda: _is_awsvpc(stack.one(service["taskDefinition"], TASK_DEFINITION)),
    )


def _is_awsvpc(task: Resource | None) -> bool:
    return task is not None and task.given("networkMode").text == "awsvpc"


def _check_type(target: Resource, service: Resource, judge: Judge) -> None:
    given = target["targetType"]
    with judge.separately:
        if given.text != "ip":
            judge.fail(given, f"is {shown(given.known)}, but the tasks of {service.name} are reached by ip.")
