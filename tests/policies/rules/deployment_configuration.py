"""Changes to how a release shifts traffic, and in what bounds."""

from __future__ import annotations

from typing import Any

from tests.policies.cases import Case, drop, fail, nothing, put, several, undecided
from tests.policies.graph import Change, Graph, Ref
from tests.policies.stacks import canary, classic, linear, native, nlb
from value import UNKNOWN

SHIFT = "deploymentConfigName"


def _own_configuration(kind: str | None) -> Change:
    def change(graph: Graph) -> None:
        routing = {"trafficRoutingConfig": {"type": kind}} if kind else {}
        graph.add(
            "own",
            "aws:codedeploy/deploymentConfig:DeploymentConfig",
            {"deploymentConfigName": "own-1", "computePlatform": "ECS", **routing},
        )
        graph.put("group", SHIFT, Ref("own", SHIFT))

    return change


SHIFT_CASES = [
    *(
        Case(
            f"{name}{' at a first preview' if preview else ''}",
            put("group", SHIFT, name),
            [fail("bg-not-all-at-once", "group", SHIFT)],
            preview=preview,
        )
        for name in ("CodeDeployDefault.ECSAllAtOnce", "CodeDeployDefault.OneAtATime", None)
        for preview in (False, True)
    ),
    Case("all at once in dev", put("group", SHIFT, "CodeDeployDefault.ECSAllAtOnce"), [], stack=lambda: classic("dev")),
    Case(
        "all at once, allowed",
        put("group", SHIFT, "CodeDeployDefault.ECSAllAtOnce"),
        [],
        config={"bg-not-all-at-once": {"allowed": ["CodeDeployDefault.ECSAllAtOnce"]}},
    ),
    Case(
        "all at once where dev counts as production",
        put("group", SHIFT, "CodeDeployDefault.ECSAllAtOnce"),
        [fail("bg-not-all-at-once", "group", SHIFT)],
        stack=lambda: classic("dev"),
        config={"bg-not-all-at-once": {"prodPattern": "^dev$"}},
    ),
    Case("an own configuration in steps", _own_configuration("TimeBasedLinear"), []),
    Case(
        "an own configuration, all at once",
        _own_configuration("AllAtOnce"),
        [fail("bg-not-all-at-once", "own", "trafficRoutingConfig.type")],
    ),
    Case(
        "an own configuration that does not say",
        _own_configuration(None),
        [fail("bg-not-all-at-once", "own", "trafficRoutingConfig.type")],
    ),
    *(
        Case(
            f"{name} behind a Network Load Balancer{', first preview' if preview else ''}",
            put("group", SHIFT, name),
            [("bg-not-all-at-once", "group", "", "not applicable")],
            stack=nlb,
            preview=preview,
        )
        for name in ("CodeDeployDefault.ECSAllAtOnce", None)
        for preview in (False, True)
    ),
    Case(
        "an own configuration, all at once, behind a Network Load Balancer",
        _own_configuration("AllAtOnce"),
        [("bg-not-all-at-once", "group", "", "not applicable")],
        stack=nlb,
        says="group is behind a Network Load Balancer, where CodeDeploy shifts in no other way.",
    ),
    Case("a canary, first preview", nothing, [], preview=True),
    Case(
        "all at once behind another stack's load balancer, first preview",
        several(
            put("group", SHIFT, "CodeDeployDefault.ECSAllAtOnce"),
            put(
                "https", "loadBalancerArn", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/far/1"
            ),
        ),
        [fail("bg-not-all-at-once", "group", SHIFT)],
        preview=True,
    ),
    Case(
        "a deployment group for servers",
        several(
            drop("group", "ecsService"),
            drop("group", "loadBalancerInfo"),
            put("group", "computePlatform", "Server"),
            put("group", SHIFT, "CodeDeployDefault.AllAtOnce"),
        ),
        [],
    ),
    Case(
        "a configuration that is unknown",
        put("group", SHIFT, UNKNOWN),
        [undecided("bg-not-all-at-once", "group", SHIFT)],
    ),
]
CONFIGURATION = "deploymentConfiguration"
BAKE = f"{CONFIGURATION}.bakeTimeInMinutes"
LINEAR = f"{CONFIGURATION}.linearConfiguration"
CANARY = f"{CONFIGURATION}.canaryConfiguration"
MINIMUM, MAXIMUM = "deploymentMinimumHealthyPercent", "deploymentMaximumPercent"


def _native(change: Change, name: str, *expected: Any, **more: Any) -> Case:
    return Case(name, change, [*expected], **{"stack": native, **more})


BAKE_CASES = [
    *(_native(put("service", BAKE, minutes), f"{minutes!r} minutes of baking") for minutes in ("1", "1440", 15.0)),
    *(
        _native(put("service", BAKE, minutes), f"{minutes!r} minutes", fail("native-bake-time", "service", BAKE))
        for minutes in ("0", "1441", "1.5", "", "long", True)
    ),
    _native(
        drop("service", BAKE),
        "no bake time",
        fail("native-bake-time", "service", BAKE),
        says=f"service: {BAKE} is not set; it must be 1 to 1440 minutes.",
    ),
    _native(
        nothing,
        "a longer bake time, by configuration",
        fail("native-bake-time", "service", BAKE),
        config={"native-bake-time": {"min": 30}},
        says=f"service: {BAKE} is 10; it must be 30 to 1440 minutes.",
    ),
    *(
        _native(put("service", BAKE, "0"), f"no baking after {stack.__name__} steps", stack=stack)
        for stack in (linear, canary)
    ),
    _native(
        put("service", BAKE, "1441"),
        "more baking after steps than AWS allows",
        fail("native-bake-time", "service", BAKE),
        stack=linear,
        says=f"service: {BAKE} is 1441; it must be 0 to 1440 minutes.",
    ),
    _native(
        put("service", BAKE, UNKNOWN),
        "an unknown bake time",
        undecided("native-bake-time", "service", BAKE),
    ),
    Case("CodeDeploy needs no bake time", put("service", CONFIGURATION, {"strategy": "BLUE_GREEN"}), []),
]

STEP_CASES = [
    *(
        Case(f"steps of {percent} percent", put("service", f"{LINEAR}.stepPercent", percent), [], stack=linear)
        for percent in (3.0, 16.1, 100.0)
    ),
    *(
        Case(f"a canary of {percent} percent", put("service", f"{CANARY}.canaryPercent", percent), [], stack=canary)
        for percent in (0.1, 0.7, 100.0)
    ),
    *(
        Case(
            f"{percent} percent, {path}",
            put("service", path, percent),
            [fail("native-shift-config", "service", path)],
            stack=stack,
        )
        for stack, path, wrong in (
            (linear, f"{LINEAR}.stepPercent", (2.9, 101.0, 10.05, "much", None)),
            (canary, f"{CANARY}.canaryPercent", (0.0, 100.1, 0.25, "much", None)),
        )
        for percent in wrong
    ),
    Case(
        "steps larger than AWS takes",
        put("service", f"{LINEAR}.stepPercent", 200.0),
        [fail("native-shift-config", "service", f"{LINEAR}.stepPercent")],
        stack=linear,
        says=f"service: {LINEAR}.stepPercent is 200; 3 to 100 percent are allowed.",
    ),
    *(
        Case(
            f"a pause of {minutes!r}, {path}",
            put("service", path, minutes),
            [fail("native-shift-config", "service", path)],
            stack=stack,
        )
        for stack, path in (
            (linear, f"{LINEAR}.stepBakeTimeInMinutes"),
            (canary, f"{CANARY}.canaryBakeTimeInMinutes"),
        )
        for minutes in ("0", "1441", "2.5", None)
    ),
    Case(
        "a pause that is left out",
        drop("service", f"{CANARY}.canaryBakeTimeInMinutes"),
        [fail("native-shift-config", "service", f"{CANARY}.canaryBakeTimeInMinutes")],
        stack=canary,
        says=f"service: {CANARY}.canaryBakeTimeInMinutes is not set; it must be 1 to 1440 minutes.",
    ),
    *(
        Case(
            f"{stack.__name__} without its steps",
            drop("service", path),
            [fail("native-shift-config", "service", path)],
            stack=stack,
            says=f"service: {path} is not set.",
        )
        for stack, path in ((linear, LINEAR), (canary, CANARY))
    ),
    *(
        Case(
            f"{stack.__name__} with {path}",
            put("service", path, {}),
            [fail("native-shift-config", "service", path)],
            stack=stack,
            says=f"service: {path} belongs to strategy {owner}, not to {strategy}.",
        )
        for stack, strategy, path, owner in (
            (native, "BLUE_GREEN", LINEAR, "LINEAR"),
            (native, "BLUE_GREEN", CANARY, "CANARY"),
            (linear, "LINEAR", CANARY, "CANARY"),
            (canary, "CANARY", LINEAR, "LINEAR"),
        )
    ),
    Case("a rolling service", put("service", f"{CONFIGURATION}.strategy", "ROLLING"), [], stack=linear),
    *(
        Case(
            f"steps smaller than {stack.__name__} takes, by configuration",
            nothing,
            [fail("native-shift-config", "service", path)],
            stack=stack,
            config={"native-shift-config": {"maxStep": 9}},
            says=f"service: {path} is {given}; {smallest} to 9 percent are allowed.",
        )
        for stack, path, given, smallest in (
            (linear, f"{LINEAR}.stepPercent", 20, "3"),
            (canary, f"{CANARY}.canaryPercent", 10, "0.1"),
        )
    ),
    Case(
        "an unknown step leaves the pause judged",
        several(
            put("service", f"{LINEAR}.stepPercent", UNKNOWN),
            put("service", f"{LINEAR}.stepBakeTimeInMinutes", "0"),
        ),
        [
            fail("native-shift-config", "service", f"{LINEAR}.stepBakeTimeInMinutes"),
            undecided("native-shift-config", "service", f"{LINEAR}.stepPercent"),
        ],
        stack=linear,
    ),
    Case(
        "unknown steps leave those of another strategy found",
        several(put("service", LINEAR, UNKNOWN), put("service", CANARY, {})),
        [
            fail("native-shift-config", "service", CANARY),
            undecided("native-shift-config", "service", LINEAR),
        ],
        stack=linear,
    ),
]

BOUND_CASES = [
    _native(several(drop("service", MINIMUM), drop("service", MAXIMUM)), "the provider's default bounds"),
    _native(several(put("service", MINIMUM, 110.0), put("service", MAXIMUM, 250.0)), "wider bounds"),
    _native(
        put("service", MINIMUM, 99.0),
        "fewer than all tasks",
        fail("native-min-max-percent", "service", MINIMUM),
        says=f"service: {MINIMUM} is 99 instead of 100.",
    ),
    _native(
        put("service", MAXIMUM, 150.0),
        "no room for both versions",
        fail("native-min-max-percent", "service", MAXIMUM),
        says=f"service: {MAXIMUM} is 150 instead of 200.",
    ),
    _native(
        several(put("service", MINIMUM, UNKNOWN), put("service", MAXIMUM, 199.0)),
        "an unknown bound leaves the other judged",
        fail("native-min-max-percent", "service", MAXIMUM),
        undecided("native-min-max-percent", "service", MINIMUM),
    ),
    Case("CodeDeploy sizes releases by itself", put("service", MAXIMUM, 150.0), []),
]


CASES = [*SHIFT_CASES, *BAKE_CASES, *STEP_CASES, *BOUND_CASES]
