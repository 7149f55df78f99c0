"""Changes to how long a release waits, and keeps the old tasks."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, nothing, put, several, undecided
from tests.policies.graph import Ref
from tests.policies.stacks import classic, linear, mesh, native, native_nlb
from value import UNKNOWN

TERMINATION = "blueGreenDeploymentConfig.terminateBlueInstancesOnDeploymentSuccess"
WAIT = f"{TERMINATION}.terminationWaitTimeInMinutes"
READY = "blueGreenDeploymentConfig.deploymentReadyOption"
FOR_SERVERS = several(
    drop("group", "ecsService"),
    drop("group", "loadBalancerInfo"),
    put("group", "computePlatform", "Server"),
    put("group", WAIT, UNKNOWN),
    put("group", READY, {"actionOnTimeout": "STOP_DEPLOYMENT"}),
)

TERMINATION_CASES = [
    *(
        Case(
            f"a wait of {minutes} minutes",
            several(put("group", WAIT, minutes), put("blue", "deregistrationDelay", 0.0), drop("green", "port")),
            [],
        )
        for minutes in (5.0, 1440.0)
    ),
    *(
        Case(f"{minutes} minutes", put("group", WAIT, minutes), [fail("bg-termination-wait", "group", WAIT)])
        for minutes in (4.0, 1441.0, "long")
    ),
    Case(
        "no wait",
        put("group", WAIT, 0.0),
        [
            fail("bg-drain-fits-wait", "blue", "deregistrationDelay"),
            fail("bg-drain-fits-wait", "green", "deregistrationDelay"),
            fail("bg-termination-wait", "group", WAIT),
        ],
    ),
    Case(
        "a wait that is left out",
        drop("group", WAIT),
        [fail("bg-termination-wait", "group", WAIT)],
        says=f"group: {WAIT} is not set; 5 to 1440 minutes are allowed here.",
    ),
    Case(
        "old tasks that stay",
        put("group", f"{TERMINATION}.action", "KEEP_ALIVE"),
        [fail("bg-termination-wait", "group", f"{TERMINATION}.action")],
        says=f"group: {TERMINATION}.action is KEEP_ALIVE instead of TERMINATE.",
    ),
    Case(
        "no word of the old tasks",
        drop("group", TERMINATION),
        [fail("bg-termination-wait", "group", TERMINATION)],
        says=f"group: {TERMINATION} is not set.",
    ),
    Case(
        "no blue/green settings at all",
        drop("group", "blueGreenDeploymentConfig"),
        [fail("bg-termination-wait", "group", TERMINATION)],
    ),
    Case(
        "a longer wait, by configuration",
        nothing,
        [fail("bg-termination-wait", "group", WAIT)],
        config={"bg-termination-wait": {"min": 30}},
        says=f"group: {WAIT} is 10; 30 to 1440 minutes are allowed here.",
    ),
    Case(
        "a shorter wait, by configuration",
        put("group", WAIT, 3.0),
        [],
        config={"bg-termination-wait": {"min": 2}},
    ),
    Case(
        "a wait that may not be so long, by configuration",
        nothing,
        [fail("bg-termination-wait", "group", WAIT)],
        config={"bg-termination-wait": {"max": 9}},
    ),
    Case(
        "an unknown action leaves the wait judged",
        several(put("group", f"{TERMINATION}.action", UNKNOWN), put("group", WAIT, 1.0)),
        [
            fail("bg-termination-wait", "group", WAIT),
            undecided("bg-termination-wait", "group", f"{TERMINATION}.action"),
        ],
    ),
    Case(
        "an unknown wait",
        put("group", WAIT, UNKNOWN),
        [undecided("bg-drain-fits-wait", "group", WAIT), undecided("bg-termination-wait", "group", WAIT)],
    ),
    Case("a deployment group for servers", FOR_SERVERS, []),
]

READY_CASES = [
    Case(
        "a release that waits an hour for a go-ahead",
        put("group", READY, {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60.0}),
        [],
    ),
    Case(
        "a release that waits a minute for a go-ahead",
        put("group", READY, {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 1.0}),
        [],
    ),
    Case("no word of waiting for a go-ahead", drop("group", READY), []),
    Case("a wait of zero, as the provider fills it in", put("group", f"{READY}.waitTimeInMinutes", 0.0), []),
    Case(
        "a release that waits for a go-ahead, but not how long",
        put("group", READY, {"actionOnTimeout": "STOP_DEPLOYMENT"}),
        [fail("bg-ready-option", "group", f"{READY}.waitTimeInMinutes")],
        says=f"group: {READY}.waitTimeInMinutes is not set, but STOP_DEPLOYMENT needs the time to wait for a go-ahead.",
    ),
    Case(
        "a release that waits no time for a go-ahead",
        put("group", READY, {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 0.0}),
        [fail("bg-ready-option", "group", f"{READY}.waitTimeInMinutes")],
    ),
    *(
        Case(
            f"{action or 'an action that is left out'}, and a wait",
            put("group", READY, {"actionOnTimeout": action, "waitTimeInMinutes": 5.0}),
            [fail("bg-ready-option", "group", f"{READY}.waitTimeInMinutes")],
            says=f"group: {READY}.waitTimeInMinutes is 5, but only STOP_DEPLOYMENT waits for a go-ahead.",
        )
        for action in ("CONTINUE_DEPLOYMENT", None)
    ),
    Case(
        "an unknown action",
        put("group", READY, {"actionOnTimeout": UNKNOWN}),
        [undecided("bg-ready-option", "group", f"{READY}.actionOnTimeout")],
    ),
]

DRAIN_CASES = [
    *(
        Case(
            f"green drains longer than old tasks are kept, {stack.__name__}{', first preview' if preview else ''}",
            put("green", "deregistrationDelay", 601.0),
            [fail("bg-drain-fits-wait", "green", "deregistrationDelay")],
            stack=stack,
            preview=preview,
            says=f"green: deregistrationDelay is 601 seconds, but {holder} keeps old tasks for 10 minutes.",
        )
        for stack, holder in ((classic, "group"), (native, "service"), (native_nlb, "service"))
        for preview in (False, True)
    ),
    Case("green drains exactly as long", put("green", "deregistrationDelay", 600.0), []),
    Case("a delay that the provider keeps as text", put("green", "deregistrationDelay", "600"), []),
    Case(
        "the default delay, longer than old tasks bake",
        several(
            drop("blue", "deregistrationDelay"),
            put("service", "deploymentConfiguration.bakeTimeInMinutes", "4"),
        ),
        [fail("bg-drain-fits-wait", "blue", "deregistrationDelay")],
        stack=native,
        says="blue: deregistrationDelay is 300 seconds, but service keeps old tasks for 4 minutes.",
    ),
    Case("a delay that is no number", put("green", "deregistrationDelay", "soon"), []),
    Case(
        "steps whose bake time AWS decides",
        several(
            put("green", "deregistrationDelay", 3600.0),
            drop("service", "deploymentConfiguration.bakeTimeInMinutes"),
        ),
        [],
        stack=linear,
    ),
    Case(
        "no target groups",
        put("web-service", "deploymentConfiguration.bakeTimeInMinutes", Ref("cluster", "id")),
        [],
        stack=mesh,
        preview=True,
    ),
    Case(
        "target groups of another stack",
        several(
            put("group", "loadBalancerInfo.targetGroupPairInfo.targetGroups", [{"name": "a"}, {"name": "b"}]),
            put("green", "deregistrationDelay", 3600.0),
        ),
        [],
    ),
    Case(
        "an unknown delay leaves the other group judged",
        several(put("blue", "deregistrationDelay", UNKNOWN), put("green", "deregistrationDelay", 601.0)),
        [
            fail("bg-drain-fits-wait", "green", "deregistrationDelay"),
            undecided("bg-drain-fits-wait", "group", "deregistrationDelay"),
        ],
    ),
    Case(
        "a bake time that is not told yet",
        put("service", "deploymentConfiguration.bakeTimeInMinutes", Ref("alb", "id")),
        [undecided("bg-drain-fits-wait", "service", "deploymentConfiguration.bakeTimeInMinutes")],
        stack=native,
        preview=True,
    ),
]


CASES = [*TERMINATION_CASES, *READY_CASES, *DRAIN_CASES]
