"""What the production and the test rule of a native service must be."""

from __future__ import annotations

from aws import LISTENER, LISTENER_RULE, SERVICE
from finding import shown
from judge import Judge
from precedence import hiding
from release import (
    advanced,
    balancer_keys,
    is_same,
    listener_keys,
    native_blocks,
    native_pair,
    target_keys,
    traffic,
)
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Undecided, Value

PAGES = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"

production_rule = Rule(
    id="native-prod-rule-wired",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="The production listener rule of a native service forwards to its pair of target groups.",
    why="ECS releases by changing the weights of this rule (of the listener, behind a Network Load Balancer). It "
    "must reach both groups, or the test rule the other one; else AWS refuses the service: Target group ... is not "
    "associated with either productionListenerRule or testListenerRule.",
    fix="""\
  aws.ecs.Service("app", ...,
      deployment_configuration={"strategy": "BLUE_GREEN", "bake_time_in_minutes": "10"},
      load_balancers=[{
          "target_group_arn": blue.arn, "container_name": "app", "container_port": 80,
          "advanced_configuration": {
              "alternate_target_group_arn": green.arn,
-             "production_listener_rule": listener.arn,
+             "production_listener_rule": production_rule.arn,  # forwards 100 to blue, 0 to green
              "test_listener_rule": test_rule.arn,
              "role_arn": infrastructure_role.arn,
          },
      }],
  )""",
    url=PAGES + "alb-resources-for-blue-green.html",
)

UNSUITABLE = {
    LISTENER: "a listener; behind an Application Load Balancer ECS needs its listener rule",
    LISTENER_RULE: "a listener rule; behind a Network Load Balancer ECS needs the listener",
}


@production_rule.resource(SERVICE)
def _names_a_rule(service: Resource, judge: Judge) -> None:
    for block in native_blocks(service):
        reference = block["advancedConfiguration"]["productionListenerRule"]
        if not reference.is_unknown and reference.text and not _is_route(reference):
            judge.fail(
                reference,
                "is neither the ARN of an Application Load Balancer's listener rule "
                "nor that of a Network Load Balancer's listener.",
            )


@production_rule.stack(SERVICE)
def _rule_forwards_to_pair(service: Resource, stack: Stack, judge: Judge) -> None:
    for block in native_blocks(service):
        with judge.separately:
            _check_wired(block, stack, judge)


def _check_wired(block: Value, stack: Stack, judge: Judge) -> None:
    reference = advanced(block)["productionListenerRule"]
    if not reference.is_unknown and not _is_route(reference):
        return  # the resource check has judged it
    holders = stack.some(reference, LISTENER_RULE, LISTENER)
    names = " or ".join(holder.name for holder in holders)
    unsuitable = [
        holder for holder in holders if (holder.kind == LISTENER) != _is_behind_network_balancer(holder, stack)
    ]
    if unsuitable and len(unsuitable) < len(holders):
        raise Undecided(reference, f"may be {names} until the update")
    if unsuitable:
        judge.fail(reference, f"is {names}, {UNSUITABLE[unsuitable[0].kind]}.")
    elif holders:
        _check_reached(block, holders, stack, judge)


def _check_reached(block: Value, production: list[Resource], stack: Stack, judge: Judge) -> None:
    reference, test = advanced(block)["productionListenerRule"], advanced(block)["testListenerRule"]
    table = stack.derived(traffic)
    pair = target_keys(native_pair(block), stack)
    names = " or ".join(holder.name for holder in production)
    if not pair:
        return  # which is native-advanced-config's to say
    if len(pair) > 2:
        raise Undecided(reference, f"may be {names} until the update")
    beside = stack.some(test, LISTENER_RULE, LISTENER) if test.is_set else []
    reached = {holder.urn: table.reached(holder, pair) for holder in (*production, *beside)}
    # A Network Load Balancer's listener needs no second group, and a test rule of another stack may have it.
    suffices = production[0].kind == LISTENER or (test.is_set and not beside)
    missing = frozenset() if suffices else pair.difference(*reached.values())
    idle = [holder for holder in production if not reached[holder.urn]]
    for urn in reached if missing or idle else ():
        if urn in table.doubts:
            raise table.doubts[urn]
    if missing:
        groups = " or ".join(group.name for group in stack.at(missing)) or "one of the target groups"
        judge.fail(reference, f"is {names}, and neither that nor a test listener rule forwards to {groups}.")
    elif len(idle) == len(production):
        judge.fail(reference, f"is {names}, which forwards to neither target group.")
    elif idle:
        raise Undecided(reference, f"may be {names} until the update")


def _is_route(reference: Value) -> bool:
    return ":listener-rule/app/" in reference.text or ":listener/net/" in reference.text


def _is_behind_network_balancer(holder: Resource, stack: Stack) -> bool:
    for listener in stack.at(listener_keys(holder, stack)):
        for balancer in stack.at(balancer_keys(listener, stack)):
            return balancer["loadBalancerType"].text == "network"
    return holder.kind == LISTENER  # nothing contradicts it


test_rule = Rule(
    id="native-test-rule",
    level=Level.STRICTER_IN_PRODUCTION,
    severity=Severity.MEDIUM,
    description="A native service has a test listener rule of its own that requests can reach.",
    why="Without it nobody can try the new version before users meet it. AWS refuses one rule for both kinds of "
    "traffic; and a rule behind another that takes all of its requests sends every test to the old version.",
    fix="""\
  aws.lb.ListenerRule("test",
      listener_arn=listener.arn,
-     priority=20,  # after production's 10, which takes everything
+     priority=5,  # the lower number is asked first
      conditions=[{"http_header": {"http_header_name": "x-test", "values": ["1"]}}],
      actions=[{"type": "forward", "target_group_arn": green.arn}],
      opts=pulumi.ResourceOptions(ignore_changes=["actions"]),
  )
  native_service""",
    url=PAGES + "alb-resources-for-blue-green.html",
    knobs={
        "required": {
            "type": "boolean",
            "default": True,
            "description": "Whether a service must have a test listener rule at all.",
        }
    },
)


@test_rule.resource(SERVICE)
def _has_test_rule(service: Resource, judge: Judge) -> None:
    for block in native_blocks(service):
        with judge.separately:
            if advanced(block).absent:
                continue  # which is native-advanced-config's to say
            test, production = advanced(block)["testListenerRule"], advanced(block)["productionListenerRule"]
            if not test.is_set:
                if judge.knob("required"):
                    judge.fail(test, "is not set.")
            elif not test.is_unknown and not production.is_unknown and test.text == production.text:
                judge.fail(test, "is the production listener rule too.")


@test_rule.stack(SERVICE)
def _test_rule_is_reachable(service: Resource, stack: Stack, judge: Judge) -> None:
    for block in native_blocks(service):
        with judge.separately:
            test, production = advanced(block)["testListenerRule"], advanced(block)["productionListenerRule"]
            if test.is_unknown and is_same(production, test, stack, LISTENER_RULE, LISTENER):
                judge.fail(test, "is the production listener rule too.")
            else:
                _check_reachable(test, stack, judge)


def _check_reachable(test: Value, stack: Stack, judge: Judge) -> None:
    rules = stack.some(test, LISTENER_RULE, LISTENER)
    hidden = {rule: first for rule in rules if rule.kind == LISTENER_RULE and (first := hiding(rule, stack))}
    if hidden and len(rules) > 1:
        names = " or ".join(rule.name for rule in rules)
        raise Undecided(test, f"may be {names} until the update")
    for rule, first in hidden.items():
        own, other = shown(rule["priority"].number), shown(first["priority"].number)
        judge.fail(rule["priority"], f"is {own}, but {first.name} with {other} takes all of its requests before it.")
