"""How releases can be broken, whoever makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from aws import (
    APPLICATION,
    DEPLOYMENT_GROUP,
    LISTENER,
    LISTENER_RULE,
    LOAD_BALANCER,
    SERVICE,
    TARGET_GROUP,
)
from tests.policies.graph import Graph, Ref
from tests.policies.mutants.network import public_test_listener
from tests.policies.mutants.places import (
    Break,
    Mutator,
    application,
    apps,
    behind_balancer,
    both,
    code_deploy,
    each,
    edit,
    lacks,
    native,
    network,
    of,
    to,
    without,
)

PAIR = "loadBalancerInfo.targetGroupPairInfo"
READY = "blueGreenDeploymentConfig.deploymentReadyOption"
TERMINATION = "blueGreenDeploymentConfig.terminateBlueInstancesOnDeploymentSuccess"
NOWHERE = [{"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}]


def _ignore_but(*props: str) -> Callable[[Graph, str], None]:
    """Stops ignoring some properties, and goes on with the others."""

    def do(graph: Graph, name: str) -> None:
        graph.ignore(name, *(prop for prop in graph.resources[name].ignored if prop not in props))

    return do


def _ignore_too(path: str) -> Callable[[Graph, str], None]:
    return lambda graph, name: graph.resources[name].ignored.append(path)


def _is_green(_graph: Graph, name: str) -> bool:
    return name.endswith("green")


def _ignores(graph: Graph, name: str) -> bool:
    return bool(graph.resources[name].ignored)


def _shifts_in_steps(graph: Graph, name: str) -> bool:
    return "AllAtOnce" not in graph[name]["deploymentConfigName"]


def _is_scaled(graph: Graph, name: str) -> bool:
    return f"{name.removesuffix('service')}scaling" in graph.resources


def _is_waited_for(graph: Graph, name: str) -> bool:
    service = graph[f"{name.removesuffix('blue').removesuffix('green')}service"]
    return "bakeTimeInMinutes" in service.get("deploymentConfiguration", {"bakeTimeInMinutes": "CodeDeploy's"})


def _third_group(graph: Graph, name: str) -> None:
    graph[name]["loadBalancerInfo"]["targetGroupPairInfo"]["targetGroups"].append({"name": "third"})


def _own_configuration(graph: Graph, name: str) -> None:
    graph.add(
        "own",
        "aws:codedeploy/deploymentConfig:DeploymentConfig",
        {
            "deploymentConfigName": "own-1",
            "computePlatform": "ECS",
            "trafficRoutingConfig": {"type": "AllAtOnce"},
        },
    )
    graph.put(name, "deploymentConfigName", Ref("own", "deploymentConfigName"))


def _other_target(graph: Graph, name: str) -> None:
    blue = graph.resources[f"{name.removesuffix('service')}blue"]
    graph.add("other", blue.type, {**blue.inputs, "name": "other-1"}, arn="arn:other", arnSuffix="targetgroup/other-1")
    graph.put(name, "loadBalancers[0].targetGroupArn", Ref("other", "arn"))


def _both_targets(graph: Graph, name: str) -> None:
    block = graph[name]["loadBalancers"][0]
    graph[name]["loadBalancers"].append({**block, "targetGroupArn": Ref("green", "arn")})


def _second_group(graph: Graph, name: str) -> None:
    first = graph.resources[name]
    graph.add("again", first.type, {**first.inputs, "deploymentGroupName": "again"}, computePlatform="ECS")
    graph.protect("again")


def _pairs_of_instances(graph: Graph) -> Iterator[Break]:
    for app in apps(graph):
        if f"{app}blue" in graph.resources:
            yield Break(
                f"{app}pair: targetType is instance",
                lambda g, app=app: [g.put(f"{app}{colour}", "targetType", "instance") for colour in ("blue", "green")],
            )


def _nobody_forwards(graph: Graph) -> Iterator[Break]:
    for name in of(graph, DEPLOYMENT_GROUP):
        holder = f"{name.removesuffix('group')}prod-rule"
        if holder in graph.resources:
            yield Break(f"{holder}: forwards nowhere", lambda g, holder=holder: g.put(holder, "actions", NOWHERE))
        else:
            yield Break("https: forwards nowhere", lambda g: g.put("https", "defaultActions", NOWHERE))


def _listener_of_another_balancer(graph: Graph, _name: str) -> None:
    balancer = graph.resources["alb"]
    graph.add("other-alb", balancer.type, {**balancer.inputs, "name": "other-1"}, arn="arn:other-alb")
    graph.protect("other-alb")
    graph.put("test", "loadBalancerArn", Ref("other-alb", "arn"))


def unprotected(kind: str) -> Mutator:
    """Takes protection away from what has it."""
    return each(
        kind,
        edit("is not protected", lambda g, name: setattr(g.resources[name], "protect", False)),
        when=lambda graph, name: graph.resources[name].protect,
    )


RELEASES: dict[str, list[Mutator]] = {
    "bg-controller-required": [
        each(SERVICE, to("deploymentConfiguration.strategy", "ROLLING"), when=native),
        each(
            SERVICE,
            to("deploymentController.type", "ECS", "bg-dg-matches-service"),
            without("deploymentController", "bg-dg-matches-service"),
            when=code_deploy,
        ),
    ],
    "bg-controller-strategy-conflict": [
        each(SERVICE, to("deploymentConfiguration", {"strategy": "BLUE_GREEN"}), when=code_deploy),
        each(SERVICE, to("deploymentController.type", "EXTERNAL", "bg-controller-required"), when=native),
    ],
    "bg-target-group-pair-exact": [
        each(
            DEPLOYMENT_GROUP,
            without(f"{PAIR}.targetGroups[1]"),
            to(f"{PAIR}.targetGroups[1].name", Ref("blue", "name")),
            edit("three groups", _third_group),
        )
    ],
    "bg-target-groups-compatible": [
        each(TARGET_GROUP, to("vpcId", "vpc-2"), to("port", 81.0), when=_is_green),
        each(TARGET_GROUP, to("protocol", "HTTPS"), to("protocolVersion", "HTTP2"), when=_is_green),
        each(TARGET_GROUP, to("targetType", "instance", "bg-target-type-ip"), when=_is_green),
    ],
    "bg-target-type-ip": [_pairs_of_instances],
    "bg-health-check-parity": [
        each(
            TARGET_GROUP,
            to("healthCheck.path", "/other"),
            to("healthCheck.matcher", "200-399"),
            to("healthCheck.port", "9"),
            to("healthCheck.interval", 10.0),
            without("healthCheck"),
            when=_is_green,
        )
    ],
    "bg-service-target-in-pair": [
        each(SERVICE, edit("a group outside of the pair", _other_target), when=code_deploy),
        each(SERVICE, edit("both groups", _both_targets), when=code_deploy),
    ],
    "bg-prod-listener-wired": [
        each(DEPLOYMENT_GROUP, to(f"{PAIR}.prodTrafficRoute.listenerArns", []), when=application),
        each(DEPLOYMENT_GROUP, to(f"{PAIR}.prodTrafficRoute.listenerArns", [], "bg-not-all-at-once"), when=network),
        each(
            DEPLOYMENT_GROUP,
            edit("a test listener elsewhere", _listener_of_another_balancer, "sec-waf"),
            when=application,
        ),
        each(DEPLOYMENT_GROUP, edit("a test listener elsewhere", _listener_of_another_balancer), when=network),
        _nobody_forwards,
    ],
    "bg-test-listener": [
        each(
            DEPLOYMENT_GROUP,
            without(f"{PAIR}.testTrafficRoute"),
            to(f"{PAIR}.testTrafficRoute.listenerArns[0]", Ref("https", "arn")),
        )
    ],
    "bg-test-listener-not-public": [public_test_listener],
    "bg-dg-style": [
        each(
            DEPLOYMENT_GROUP,
            to("deploymentStyle.deploymentType", "IN_PLACE"),
            to("deploymentStyle.deploymentOption", "WITHOUT_TRAFFIC_CONTROL"),
            without("deploymentStyle"),
        ),
        each(APPLICATION, to("computePlatform", "Server"), without("computePlatform")),
    ],
    "bg-dg-matches-service": [
        each(
            DEPLOYMENT_GROUP,
            to("ecsService.serviceName", "other"),
            to("ecsService.clusterName", "other"),
            edit("a second group", _second_group),
        )
    ],
    "bg-auto-rollback": [
        each(
            DEPLOYMENT_GROUP,
            to("autoRollbackConfiguration.enabled", False),
            to("autoRollbackConfiguration.events", ["DEPLOYMENT_FAILURE"]),
            to("autoRollbackConfiguration.events", ["DEPLOYMENT_STOP_ON_ALARM"]),
            without("autoRollbackConfiguration"),
        )
    ],
    "bg-rollback-alarms": [
        each(
            DEPLOYMENT_GROUP,
            to("alarmConfiguration.enabled", False),
            to("alarmConfiguration.alarms", []),
            to("alarmConfiguration.ignorePollAlarmFailure", True),
            without("alarmConfiguration"),
        )
    ],
    "bg-alarms-cover-both-groups": [
        each(DEPLOYMENT_GROUP, without("alarmConfiguration.alarms[0]"), without("alarmConfiguration.alarms[1]")),
        each(SERVICE, without("alarms.alarmNames[1]"), when=both(native, behind_balancer)),
    ],
    "bg-termination-wait": [
        each(
            DEPLOYMENT_GROUP,
            to(f"{TERMINATION}.action", "KEEP_ALIVE"),
            to(f"{TERMINATION}.terminationWaitTimeInMinutes", 3.0),
            to(f"{TERMINATION}.terminationWaitTimeInMinutes", 2900.0),
            without(TERMINATION),
        )
    ],
    "bg-ready-option": [
        each(
            DEPLOYMENT_GROUP,
            to(f"{READY}.actionOnTimeout", "STOP_DEPLOYMENT"),
            to(f"{READY}.waitTimeInMinutes", 5.0),
        )
    ],
    "bg-not-all-at-once": [
        each(
            DEPLOYMENT_GROUP,
            to("deploymentConfigName", "CodeDeployDefault.ECSAllAtOnce"),
            to("deploymentConfigName", "CodeDeployDefault.OneAtATime"),
            without("deploymentConfigName"),
            edit("an own configuration, all at once", _own_configuration),
            when=_shifts_in_steps,
        )
    ],
    "bg-ignore-changes-service": [
        each(
            SERVICE,
            edit("ignores no taskDefinition", _ignore_but("taskDefinition")),
            edit("ignores no loadBalancers", _ignore_but("loadBalancers")),
            when=code_deploy,
        )
    ],
    "bg-ignore-changes-listener": [
        each(LISTENER_RULE, edit("ignores nothing", _ignore_but("actions"))),
        each(LISTENER, edit("ignores nothing", _ignore_but("defaultActions")), when=_ignores),
    ],
    "bg-ignore-changes-ineffective": [
        each(SERVICE, edit("ignores a path in snake_case", _ignore_too("load_balancers[0].target_group_arn"))),
        each(LISTENER, edit("ignores a path in snake_case", _ignore_too("default_actions[0].target_group_arn"))),
        each(SERVICE, edit("ignores what there isn't", _ignore_too("taskDefinitions"))),
    ],
    "bg-desired-count": [
        each(SERVICE, to("desiredCount", 1.0), when=lacks(_is_scaled)),
        each(SERVICE, without("desiredCount"), when=both(native, lacks(_is_scaled))),
    ],
    "bg-autoscaling-owns-count": [
        each(SERVICE, edit("ignores no desiredCount", _ignore_but("desiredCount")), when=_is_scaled)
    ],
    "bg-health-check-grace": [
        each(
            SERVICE,
            to("healthCheckGracePeriodSeconds", 0.0),
            without("healthCheckGracePeriodSeconds"),
            when=behind_balancer,
        )
    ],
    "bg-drain-fits-wait": [each(TARGET_GROUP, to("deregistrationDelay", 3600.0), when=_is_waited_for)],
    "bg-protect-stateful": [unprotected(kind) for kind in (LOAD_BALANCER, DEPLOYMENT_GROUP, SERVICE)],
}
