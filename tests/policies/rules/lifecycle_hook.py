"""Changes to the lifecycle hooks of a service."""

from __future__ import annotations

from typing import Any

from tests.policies.cases import Case, drop, fail, nothing, put, several, undecided
from tests.policies.stacks import classic, mesh, native
from value import UNKNOWN

HOOKS = "deploymentConfiguration.lifecycleHooks"
HOOK = f"{HOOKS}[0]"
STAGES = f"{HOOK}.lifecycleStages"
EVERY_STAGE = [
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
]


def _native(name: str, change: Any, *expected: Any, **more: Any) -> Case:
    return Case(name, change, [*expected], **{"stack": native, **more})


CASES = [
    _native("a function at every stage", put("service", STAGES, EVERY_STAGE)),
    _native("a function by default", drop("service", f"{HOOK}.targetType")),
    _native("first preview", nothing, preview=True),
    *(
        _native(
            f"no {name}",
            drop("service", f"{HOOK}.{name}"),
            fail("native-hooks-complete", "service", f"{HOOK}.{name}"),
            says=f"service: {HOOK}.{name} is not set; a Lambda hook needs it.",
        )
        for name in ("hookTargetArn", "roleArn")
    ),
    _native(
        "a default target without its role",
        several(drop("service", f"{HOOK}.targetType"), put("service", f"{HOOK}.roleArn", "")),
        fail("native-hooks-complete", "service", f"{HOOK}.roleArn"),
    ),
    _native(
        "a target of an unheard-of type",
        put("service", f"{HOOK}.targetType", "SQS"),
        fail("native-hooks-complete", "service", f"{HOOK}.targetType"),
        says=f"service: {HOOK}.targetType is neither AWS_LAMBDA nor PAUSE.",
    ),
    *(
        _native(f"a pause at {stage}", put("service", HOOK, {"targetType": "PAUSE", "lifecycleStages": [stage]}))
        for stage in EVERY_STAGE
        if stage not in ("TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT")
    ),
    *(
        _native(
            f"a pause at {stage}",
            put("service", HOOK, {"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP", stage]}),
            fail("native-hooks-complete", "service", f"{STAGES}[1]"),
            says=f"service: {STAGES}[1] is {stage}, where AWS allows no pause.",
        )
        for stage in ("TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT")
    ),
    _native(
        "a stage that does not exist",
        put("service", STAGES, ["BAKE_TIME", "POST_SCALE_UP"]),
        fail("native-hooks-complete", "service", f"{STAGES}[0]"),
        says=f"service: {STAGES}[0] is no stage of a release.",
    ),
    _native(
        "no stage",
        put("service", STAGES, []),
        fail("native-hooks-complete", "service", STAGES),
        says=f"service: {STAGES} names no stage.",
    ),
    _native(
        "a second hook that is incomplete",
        lambda graph: graph["service"]["deploymentConfiguration"]["lifecycleHooks"].append({"lifecycleStages": ["X"]}),
        fail("native-hooks-complete", "service", f"{HOOKS}[1].hookTargetArn"),
        fail("native-hooks-complete", "service", f"{HOOKS}[1].roleArn"),
        fail("native-hooks-complete", "service", f"{HOOKS}[1].lifecycleStages[0]"),
    ),
    _native("no hooks", nothing, stack=mesh),
    _native(
        "a stage that needs a hook here",
        nothing,
        fail("native-hooks-complete", "service", HOOKS),
        config={"native-hooks-complete": {"requireStages": ["POST_TEST_TRAFFIC_SHIFT", "PRE_SCALE_UP"]}},
        says=f"service: {HOOKS} has none at PRE_SCALE_UP, which is required here.",
    ),
    _native(
        "no hooks where one is needed",
        nothing,
        fail("native-hooks-complete", "orders-service", HOOKS),
        fail("native-hooks-complete", "web-service", HOOKS),
        stack=mesh,
        config={"native-hooks-complete": {"requireStages": ["PRE_SCALE_UP"]}},
    ),
    Case(
        "CodeDeploy has other hooks",
        put("service", HOOKS, [{}]),
        [],
        stack=classic,
        config={"native-hooks-complete": {"requireStages": ["PRE_SCALE_UP"]}},
    ),
    _native(
        "unknown stages leave the target judged",
        several(put("service", STAGES, UNKNOWN), drop("service", f"{HOOK}.roleArn")),
        fail("native-hooks-complete", "service", f"{HOOK}.roleArn"),
        undecided("native-hooks-complete", "service", STAGES),
    ),
    _native(
        "an unknown type leaves the other stages judged",
        several(
            put("service", f"{HOOK}.targetType", UNKNOWN),
            put("service", STAGES, ["TEST_TRAFFIC_SHIFT", "BAKE_TIME", "PRE_SCALE_UP"]),
        ),
        fail("native-hooks-complete", "service", f"{STAGES}[1]"),
        undecided("native-hooks-complete", "service", f"{HOOK}.targetType"),
    ),
    _native(
        "unknown stages of one hook leave the next judged",
        put("service", HOOKS, [{"targetType": "PAUSE", "lifecycleStages": UNKNOWN}, {"lifecycleStages": ["X"]}]),
        undecided("native-hooks-complete", "service", STAGES),
        fail("native-hooks-complete", "service", f"{HOOKS}[1].hookTargetArn"),
        fail("native-hooks-complete", "service", f"{HOOKS}[1].roleArn"),
        fail("native-hooks-complete", "service", f"{HOOKS}[1].lifecycleStages[0]"),
    ),
    _native(
        "a required stage that an unknown one may be, and one that none is",
        several(
            put("service", STAGES, ["POST_SCALE_UP"]),
            lambda graph: graph["service"]["deploymentConfiguration"]["lifecycleHooks"].append(
                {"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP", UNKNOWN]}
            ),
        ),
        undecided("native-hooks-complete", "service", f"{HOOKS}[1].lifecycleStages[1]"),
        config={"native-hooks-complete": {"requireStages": ["RECONCILE_SERVICE", "PRE_SCALE_UP"]}},
    ),
    _native(
        "a required stage that an unknown one may be",
        put("service", STAGES, ["POST_SCALE_UP", UNKNOWN]),
        undecided("native-hooks-complete", "service", f"{STAGES}[1]"),
        config={"native-hooks-complete": {"requireStages": ["PRE_SCALE_UP", "POST_SCALE_UP"]}},
    ),
]
