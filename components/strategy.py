"""How ECS itself releases a service: strategies, their ranges, lifecycle hooks, and how long a release may take.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
"""

import hashlib
import json
import math
from collections.abc import Sequence
from typing import Any, Literal, NotRequired, TypedDict, get_args

import pulumi

from components.limits import AUTO_NAME_SUFFIX, SERVICE_NAME, Refused, check_range

STRATEGIES = ("BLUE_GREEN", "LINEAR", "CANARY", "ROLLING")
"""The strategies of the ECS controller; ROLLING replaces tasks in place and has no second colour."""

Stage = Literal[
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
]
"""The lifecycle stages of a release, in order (G33)."""

STAGES: tuple[str, ...] = get_args(Stage)

WITHOUT_PAUSE = ("TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT")
"""The stages at which a release can't be held: traffic is moving, and moves back by them too (G33)."""

EACH_STEP = ("PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT")
"""The stages that LINEAR and CANARY come to once a step (G36).
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html"""

LONGEST_BAKE = 1440
"""Minutes (G27)."""

LONGEST_RELEASE = 43_200
"""Minutes, 30 days (G37)."""

LONGEST_PAUSE = 20_160
"""Minutes, 14 days (G36)."""

HOOKS_OF_A_KIND = 10
"""Lambda hooks, and pause hooks, that a service may have (G33)."""

BAKE_MINUTES = 10
STEP_PERCENT, STEP_BAKE_MINUTES = 10.0, 6
CANARY_PERCENT, CANARY_BAKE_MINUTES = 5.0, 10
PAUSE_MINUTES = 1440
"""What is taken unless something else is asked for: AWS's own defaults, and a bake time that AWS has none for (G27)."""

TASKS_MINUTES = 30
"""Time to start the new tasks and to see them healthy, and as much again to go back."""

FUNCTION_NAME = 64 - AUTO_NAME_SUFFIX - len("-hook-") - SERVICE_NAME
"""Longest text for a function in the name of a service's role for it; a role's name has 64 characters at most."""

LAMBDA_MINUTES = 60
"""Time that a Lambda hook has at one stage, unless it has more; ECS asks it again and again until it decides (G34)."""

LONGEST_LAMBDA = 1440
"""Minutes, a day.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html"""


class HookArgs(TypedDict):
    """A lifecycle hook: a Lambda function that judges the release, or a pause for a person to do so."""

    type: str
    """AWS_LAMBDA or PAUSE."""

    stages: list[str]
    """Lifecycle stages at which it runs."""

    function_arn: NotRequired[pulumi.Input[str]]
    """Lambda function; AWS_LAMBDA only."""

    function_name: NotRequired[str]
    """Its name, where the ARN is known only later; AWS_LAMBDA only."""

    details: NotRequired[dict[str, str]]
    """What the function is given besides the release itself; nothing unless given, AWS_LAMBDA only."""

    timeout_minutes: NotRequired[int]
    """Minutes to wait for an answer; an hour for AWS_LAMBDA, a day for PAUSE unless given."""

    timeout_action: NotRequired[str]
    """ROLLBACK or CONTINUE when nobody answers in time; ROLLBACK unless given, PAUSE only."""


class DeploymentArgs(TypedDict):
    """How production traffic moves from blue to green."""

    strategy: NotRequired[str]
    """BLUE_GREEN, LINEAR, CANARY or ROLLING; BLUE_GREEN unless given."""

    bake_minutes: NotRequired[int]
    """Minutes that both colours run after the shift, for an instant way back; 10 unless given, not with ROLLING."""

    step_percent: NotRequired[float]
    """Percent of the traffic in a step; 10 unless given, LINEAR only."""

    step_bake_minutes: NotRequired[int]
    """Minutes between two steps; 6 unless given, LINEAR only."""

    canary_percent: NotRequired[float]
    """Percent of the traffic that moves first; 5 unless given, CANARY only."""

    canary_bake_minutes: NotRequired[int]
    """Minutes until the rest follows; 10 unless given, CANARY only."""

    hooks: NotRequired[list[HookArgs]]
    """Lifecycle hooks; none unless given, not with ROLLING."""


def check_bake_minutes(minutes: int) -> None:
    """Refuse a bake time that ECS does not accept (G27)."""
    check_range(minutes, 0, LONGEST_BAKE, "minutes", "ECS keeps both colours for a day at the most (G27)")


def check_step_percent(percent: float) -> None:
    """Refuse a linear step that ECS does not accept: 3 to 100 percent, in tenths (G27)."""
    _check_percent(percent, 3.0)


def check_canary_percent(percent: float) -> None:
    """Refuse a canary that ECS does not accept: 0.1 to 100 percent, in tenths (G27)."""
    _check_percent(percent, 0.1)


def _check_percent(percent: float, smallest: float) -> None:
    if not smallest <= percent <= 100 or round(percent * 10, 6) % 1:
        raise Refused(
            f"{percent:.15g} percent", f"{smallest:g} to 100 percent in steps of 0.1", "ECS takes no other (G27)"
        )


def check_stage(kind: str, stage: str) -> None:
    """Refuse a stage that releases don't have, or at which ECS can't pause (G33)."""
    if stage not in STAGES:
        raise Refused(repr(stage), ", ".join(STAGES), "a release has no other stages (G33)")
    if kind == "PAUSE" and stage in WITHOUT_PAUSE:
        raise Refused(
            f"PAUSE at {stage}",
            ", ".join(each for each in STAGES if each not in WITHOUT_PAUSE),
            "AWS would answer: 'Invalid lifecycle stage provided for Pause Hook' (G33)",
        )


def check_pause_minutes(minutes: int) -> None:
    """Refuse a pause that ECS does not accept (G36)."""
    check_range(minutes, 1, LONGEST_PAUSE, "minutes", "a release waits for two weeks at the most (G36)")


def check_lambda_minutes(minutes: int) -> None:
    """Refuse a time for a function that ECS does not accept (G34)."""
    check_range(minutes, 1, LONGEST_LAMBDA, "minutes", "a function has a day at the most to decide (G34)")


def check_hook_counts(kinds: Sequence[str]) -> None:
    """Refuse more hooks of a kind than a service may have (G33)."""
    for kind in ("AWS_LAMBDA", "PAUSE"):
        check_range(kinds.count(kind), 0, HOOKS_OF_A_KIND, f"{kind} hooks", "a service has no more of a kind (G33)")


NOT_LINEAR = "AWS would answer: 'Linear configuration can only be present with LINEAR deployment strategy' (G28)"
NOT_CANARY = "only a CANARY release has a canary (G28)"
NOT_ROLLING = "a ROLLING release replaces tasks in place: it has no second colour to bake, to test or to hold"
ONE_JUDGE = "a function judges the release, or a pause leaves it to a person (G36)"


def check_deployment(args: DeploymentArgs) -> None:
    """Refuse ranges and pairs that ECS does not accept (G27, G28, G33, G36)."""
    strategy = args.get("strategy", "BLUE_GREEN")
    if strategy not in STRATEGIES:
        raise Refused(repr(strategy), ", ".join(STRATEGIES), "ECS has no other deployment strategy")
    for names, owner, why in (
        (("step_percent", "step_bake_minutes"), "LINEAR", NOT_LINEAR),
        (("canary_percent", "canary_bake_minutes"), "CANARY", NOT_CANARY),
    ):
        for name in names:
            if name in args and strategy != owner:
                raise Refused(f"{name} with {strategy}", f"strategy {owner}, or no {name}", why)
    if strategy == "ROLLING":
        for name in ("bake_minutes", "hooks"):
            if args.get(name):
                raise Refused(f"{name} with ROLLING", f"another strategy, or no {name}", NOT_ROLLING)
    for name in ("bake_minutes", "step_bake_minutes", "canary_bake_minutes"):
        check_bake_minutes(args.get(name, 0))
    check_step_percent(args.get("step_percent", STEP_PERCENT))
    check_canary_percent(args.get("canary_percent", CANARY_PERCENT))
    hooks = args.get("hooks", [])
    check_hook_counts([hook["type"] for hook in hooks])
    for hook in hooks:
        _check_hook(hook)
    _check_functions([hook for hook in hooks if hook["type"] == "AWS_LAMBDA"])


def _check_hook(hook: HookArgs) -> None:
    kind = hook["type"]
    if kind not in ("AWS_LAMBDA", "PAUSE"):
        raise Refused(repr(kind), "AWS_LAMBDA, PAUSE", "ECS has no other hooks")
    if not hook["stages"]:
        raise Refused("no stage", ", ".join(STAGES), "a hook without a stage never runs")
    for stage in hook["stages"]:
        check_stage(kind, stage)
    for names, owner in (
        (("function_arn", "function_name", "details"), "AWS_LAMBDA"),
        (("timeout_action",), "PAUSE"),
    ):
        for name in names:
            if name in hook and kind != owner:
                raise Refused(f"{name} with {kind}", f"type {owner}, or no {name}", ONE_JUDGE)
    if kind == "AWS_LAMBDA" and "function_arn" not in hook:
        raise Refused("AWS_LAMBDA without function_arn", "function_arn, or type PAUSE", ONE_JUDGE)
    (check_pause_minutes if kind == "PAUSE" else check_lambda_minutes)(_hook_minutes(hook))
    action = hook.get("timeout_action", "ROLLBACK")
    if action not in ("ROLLBACK", "CONTINUE"):
        raise Refused(repr(action), "ROLLBACK, CONTINUE", "a pause that nobody answers ends in one of two ways (G36)")


def _check_functions(hooks: Sequence[HookArgs]) -> None:
    functions: dict[str, Any] = {}
    for hook in hooks:
        name, function = hook_function(hook), hook.get("function_arn")
        if functions.setdefault(name, function) != function:
            raise Refused(
                f"two functions {name}",
                "functions with names of their own",
                "the roles by which ECS calls them are told apart by the names of the functions",
            )


NOT_WITHOUT_ROLLBACK = "only ROLLING, on the way back to CODE_DEPLOY, goes without its alarms (G46)"


def check_rollback(args: DeploymentArgs, rollback: bool) -> None:
    """Refuse releases that nothing takes back."""
    used = args.get("strategy", "BLUE_GREEN")
    if not rollback and used != "ROLLING":
        raise Refused(f"{used} without rollback", "rollback, or strategy ROLLING", NOT_WITHOUT_ROLLBACK)


def deployment_configuration(args: DeploymentArgs, role_arns: dict[str, Any]) -> dict[str, Any]:
    """The provider's `deployment_configuration`: minutes as texts, percents as numbers, no block of another strategy.

    Args:
        args: strategy, times and hooks.
        role_arns: the roles by which ECS calls the hooks, by `hook_function`.
    """
    strategy = args.get("strategy", "BLUE_GREEN")
    found: dict[str, Any] = {"strategy": strategy}
    if strategy != "ROLLING":
        found["bake_time_in_minutes"] = str(args.get("bake_minutes", BAKE_MINUTES))
    if strategy == "LINEAR":
        found["linear_configuration"] = {
            "step_percent": float(args.get("step_percent", STEP_PERCENT)),
            "step_bake_time_in_minutes": str(args.get("step_bake_minutes", STEP_BAKE_MINUTES)),
        }
    if strategy == "CANARY":
        found["canary_configuration"] = {
            "canary_percent": float(args.get("canary_percent", CANARY_PERCENT)),
            "canary_bake_time_in_minutes": str(args.get("canary_bake_minutes", CANARY_BAKE_MINUTES)),
        }
    if hooks := args.get("hooks"):
        found["lifecycle_hooks"] = [_hook(hook, role_arns) for hook in hooks]
    return found


def _hook_minutes(hook: HookArgs) -> int:
    return hook.get("timeout_minutes", PAUSE_MINUTES if hook["type"] == "PAUSE" else LAMBDA_MINUTES)


def _hook(hook: HookArgs, role_arns: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "target_type": hook["type"],
        "lifecycle_stages": hook["stages"],
        "timeout_configuration": {
            "timeout_in_minutes": str(_hook_minutes(hook)),
            "action": hook.get("timeout_action", "ROLLBACK"),
        },
    }
    if hook["type"] == "PAUSE":
        return found
    found |= {"hook_target_arn": hook.get("function_arn"), "role_arn": role_arns[hook_function(hook)]}
    details = hook.get("details")
    return found | ({"hook_details": json.dumps(details, sort_keys=True)} if details else {})


def hook_function(hook: HookArgs) -> str:
    """What tells a hook's function from others of the account and region."""
    function: Any = hook.get("function_name") or hook.get("function_arn")
    return function_name(function)


def function_name(function: str) -> str:
    """What tells a Lambda function from others of the account and region: its name, and the alias or version.

    Shortened where a role's name would have no room for it.

    Args:
        function: its ARN, or its name.
    """
    _, is_arn, qualified = function.partition(":function:")
    name = (qualified if is_arn else function).replace(":", ".")
    if len(name) <= FUNCTION_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:7]
    return f"{name[: FUNCTION_NAME - 1 - len(digest)]}-{digest}"


def longest_minutes(args: DeploymentArgs) -> int:
    """How long a release may take, so that whoever waits for it doesn't give up first (G37).

    Starting the tasks, all steps of the shift, the bake time, every hook at every stage, and the way back.
    """
    strategy = args.get("strategy", "BLUE_GREEN")
    steps = {
        "LINEAR": math.ceil(100 / args.get("step_percent", STEP_PERCENT)),
        "CANARY": 2,
    }.get(strategy, 1)
    pause = {
        "LINEAR": args.get("step_bake_minutes", STEP_BAKE_MINUTES),
        "CANARY": args.get("canary_bake_minutes", CANARY_BAKE_MINUTES),
    }.get(strategy, 0)
    bake = 0 if strategy == "ROLLING" else args.get("bake_minutes", BAKE_MINUTES)
    hooks = sum(
        _hook_minutes(hook) * _times(stage, steps) for hook in args.get("hooks", []) for stage in hook["stages"]
    )
    return 2 * TASKS_MINUTES + (steps - 1) * pause + bake + hooks


def _times(stage: str, steps: int) -> int:
    forth = steps if stage in EACH_STEP else 1
    return forth + 1 if stage in WITHOUT_PAUSE else forth


def check_length(args: DeploymentArgs) -> None:
    """Refuse steps, pauses and bake times that add up to more than ECS gives a release (G37)."""
    if (minutes := longest_minutes(args)) > LONGEST_RELEASE:
        raise Refused(
            f"steps, hooks and bake time of up to {minutes} minutes",
            f"{LONGEST_RELEASE} minutes in all",
            "ECS ends a release after 30 days (G37)",
        )
