"""What the production listener of a deployment group must be."""

from __future__ import annotations

from itertools import chain

from aws import DEPLOYMENT_GROUP, LISTENER
from judge import Judge
from release import (
    balancer_keys,
    is_ecs,
    listener_keys,
    pair_keys,
    route,
    routes,
    target_pair,
    traffic,
)
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Undecided

prod_listener = Rule(
    id="bg-prod-listener-wired",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    description="The production listener of a deployment group forwards to its pair.",
    why="CodeDeploy releases by changing where this listener forwards. If it does not reach the "
    "pair, the release stops: Primary taskset target group must be behind listener.",
    fix="""\
  both = [{"arn": blue.arn, "weight": 100}, {"arn": green.arn, "weight": 0}]
  aws.lb.ListenerRule("production-rule", ...,
      listener_arn=listener.arn,  # the one of prod_traffic_route
-     actions=[{"type": "redirect", "redirect": {"status_code": "HTTP_301", "host": "example.com"}}],
+     actions=[{"type": "forward", "forward": {"target_groups": both}}],
  )""",
    url="https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-groups-create-load-balancer-for-ecs.html",
)


@prod_listener.resource(DEPLOYMENT_GROUP)
def _has_one_production_listener(group: Resource, judge: Judge) -> None:
    if is_ecs(group):
        listeners = route(group, "prodTrafficRoute")
        if len(listeners) != 1:
            place = target_pair(group)["prodTrafficRoute"]["listenerArns"]
            judge.fail(place, f"has {len(listeners)} listeners instead of one.")


@prod_listener.stack(DEPLOYMENT_GROUP)
def _listener_forwards_to_pair(group: Resource, stack: Stack, judge: Judge) -> None:
    if not is_ecs(group):
        return
    with judge.separately:
        for listener in route(group, "prodTrafficRoute")[:1]:
            _check_wired(group, stack.keys(listener, LISTENER), stack, judge)
    _check_one_balancer(group, stack, judge)


def _check_wired(group: Resource, listeners: frozenset[str], stack: Stack, judge: Judge) -> None:
    table = stack.derived(traffic)
    place = target_pair(group)["prodTrafficRoute"]["listenerArns"][0]
    wired: set[str] = set()
    for holder in table.to(pair_keys(group, stack)):
        if holder.urn not in table.doubts:
            wired |= listener_keys(holder, stack) & listeners
    declared = stack.at(listeners)
    if wired >= listeners or not declared:
        return
    for urn in table.on(listeners):
        if urn in table.doubts:
            raise table.doubts[urn]
    names = ", ".join(listener.name for listener in declared)
    if wired:
        raise Undecided(place, f"may be any of {names} until the update")
    judge.fail(place, f"is {names}, and neither that nor a rule of it forwards to the pair.")


def _check_one_balancer(group: Resource, stack: Stack, judge: Judge) -> None:
    table = stack.derived(traffic)
    reached = stack.at(chain.from_iterable(stack.keys(each, LISTENER) for each in routes(group)))
    for holder in table.to(pair_keys(group, stack)):
        reached += stack.at(listener_keys(holder, stack))
    by_balancer: dict[frozenset[str], str] = {}
    for listener in reached:
        with judge.separately:
            by_balancer.setdefault(balancer_keys(listener, stack), listener.name)
    if len(by_balancer) > 1:
        names = " and ".join(sorted(by_balancer.values()))
        judge.fail(target_pair(group), f"is reached by {names}, on different load balancers.")
