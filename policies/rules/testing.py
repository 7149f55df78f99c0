"""How a new version is tried before users meet it."""

from __future__ import annotations

from itertools import chain

from aws import DEPLOYMENT_GROUP, LISTENER, LISTENER_RULE, SERVICE
from finding import shown
from judge import Judge
from network import groups, is_inside, is_world, security_group_keys
from release import balancer_keys, is_ecs, listener_keys, native_blocks, route, target_pair
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Undecided, Value

test_listener = Rule(
    id="bg-test-listener",
    level=Level.STRICTER_IN_PRODUCTION,
    severity=Severity.MEDIUM,
    description="A release can be tried at a test listener before users meet it.",
    why="Without one, the first request that the new version answers is a user's; and the hook "
    "AfterAllowTestTraffic, in which a test could stop the release, never runs.",
    fix="""\
  aws.codedeploy.DeploymentGroup("app", ...,
      load_balancer_info={"target_group_pair_info": {
          "target_groups": [{"name": blue.name}, {"name": green.name}],
          "prod_traffic_route": {"listener_arns": [listener.arn]},
+         "test_traffic_route": {"listener_arns": [test_listener.arn]},  # another port of the same load balancer
      }},
  )""",
    url="https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-groups-create-load-balancer-for-ecs.html",
    knobs={
        "required": {
            "type": "boolean",
            "default": True,
            "description": "Whether there must be a test listener; one that is there must be another in any case.",
        }
    },
)


@test_listener.resource(DEPLOYMENT_GROUP)
def _has_a_test_listener(group: Resource, judge: Judge) -> None:
    if not is_ecs(group):
        return
    tests = route(group, "testTrafficRoute")
    if judge.knob("required") and not tests:
        judge.fail(target_pair(group)["testTrafficRoute"], "is not set.")
    for test, production in zip(tests, route(group, "prodTrafficRoute"), strict=False):
        if not test.is_unknown and not production.is_unknown and test.text == production.text:
            judge.fail(test, "is the production listener too.")


@test_listener.stack(DEPLOYMENT_GROUP)
def _test_listener_is_another(group: Resource, stack: Stack, judge: Judge) -> None:
    if is_ecs(group):
        for test, production in zip(route(group, "testTrafficRoute"), route(group, "prodTrafficRoute"), strict=False):
            _check_another(test, production, stack, judge)


def _check_another(test: Value, production: Value, stack: Stack, judge: Judge) -> None:
    declared = stack.at(stack.keys(test, LISTENER) | stack.keys(production, LISTENER))
    if len(declared) > 2:
        names = ", ".join(listener.name for listener in declared)
        raise Undecided(test, f"may be any of {names} until the update")
    if test.is_unknown and production.is_unknown and len(declared) == 1:
        judge.fail(test, f"is {declared[0].name}, the production listener.")
    ports = [listener["port"].number for listener in declared]
    if len(ports) == 2 and ports[0] == ports[1]:
        judge.fail(test, f"has port {shown(ports[0])}, as the production listener.")


not_public = Rule(
    id="bg-test-listener-not-public",
    level=Level.STRICTER_IN_PRODUCTION,
    severity=Severity.MEDIUM,
    description="The world does not reach the test listener.",
    why="Behind it stands the version that is not released yet: an open port shows it to everybody, faults and "
    "all, before a test has passed.",
    fix="""\
  aws.vpc.SecurityGroupIngressRule("testers", ...,
      security_group_id=load_balancer_group.id,
      ip_protocol="tcp", from_port=8443, to_port=8443,  # the test listener
-     cidr_ipv4="0.0.0.0/0",
+     cidr_ipv4="10.0.0.0/8",  # where tests run
  )""",
    url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html",
    knobs={
        "allowedCidrs": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "If any are given, only these address ranges may reach the test listener; else any but "
            "the whole internet.",
        }
    },
)
USUAL_PORTS = (80, 443)


@not_public.stack(DEPLOYMENT_GROUP)
def _test_listener_of_code_deploy_is_closed(group: Resource, stack: Stack, judge: Judge) -> None:
    if is_ecs(group):
        _check_closed(route(group, "testTrafficRoute"), route(group, "prodTrafficRoute"), stack, judge)


@not_public.stack(SERVICE)
def _test_listeners_of_native_services_are_closed(service: Resource, stack: Stack, judge: Judge) -> None:
    for block in native_blocks(service):
        with judge.separately:
            advanced = block["advancedConfiguration"]
            _check_closed([advanced["testListenerRule"]], [advanced["productionListenerRule"]], stack, judge)


def _check_closed(tests: list[Value], productions: list[Value], stack: Stack, judge: Judge) -> None:
    here, there = _listeners(tests, stack), _listeners(productions, stack)
    ports = {listener["port"].number for listener in there}
    others = [listener for listener in here if listener not in there and listener["port"].number not in ports]
    if here == there and len(here) > 1:  # dependencies leave a choice, and users come to a usual port
        others = [listener for listener in here if listener["port"].number not in USUAL_PORTS] or here
    for listener in others:
        openings = _openings(listener, stack, judge)
        if openings and len(others) > 1:
            names = ", ".join(each.name for each in others)
            raise Undecided(tests[0], f"may be any of {names} until the update")
        for cidr in openings:
            judge.fail(cidr, f"may reach port {shown(listener['port'].number)} of {listener.name}, a test listener.")


def _listeners(references: list[Value], stack: Stack) -> list[Resource]:
    holders = chain.from_iterable(stack.some(each, LISTENER, LISTENER_RULE) for each in references)
    return stack.at({key for holder in holders for key in listener_keys(holder, stack)})


def _openings(listener: Resource, stack: Stack, judge: Judge) -> list[Value]:
    """The address ranges that may reach a listener, but should not."""
    table, port = stack.derived(groups), listener["port"].number
    found: list[Value] = []
    for balancer in stack.at(balancer_keys(listener, stack)):
        worn = balancer["securityGroups"]
        if worn.is_computed or not (worn.is_unknown or worn.items):
            judge.not_applicable(f"is tested through {balancer.name}, which is given no security group")
            continue
        for entry in chain.from_iterable(table.ingress.get(key, ()) for key in security_group_keys(worn, stack)):
            with judge.separately:
                if port is not None and entry.admits(port):
                    found += [
                        cidr for cidr in entry.cidrs if _is_open(cidr, judge) and not balancer.given("internal").flag
                    ]
        for doubt in table.doubts:
            judge.undecided(doubt)
    return found


def _is_open(cidr: Value, judge: Judge) -> bool:
    allowed = judge.knob("allowedCidrs")
    return is_world(cidr) if not allowed else not any(is_inside(cidr, each) for each in allowed)
