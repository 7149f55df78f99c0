"""How ECS releases a service: what it accepts, what is sent, and how long it may take."""

from __future__ import annotations

import json
import re
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi_aws.ecs import ServiceDeploymentConfigurationArgsDict

from components import strategy
from components.limits import AUTO_NAME_SUFFIX, SERVICE_NAME, Refused
from rules import lifecycle_hook
from tests.components.provider_types import misfits

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:smoke"
ROLE = "arn:aws:iam::123456789012:role/hook"
RESTING = (
    "RECONCILE_SERVICE, PRE_SCALE_UP, POST_SCALE_UP, POST_TEST_TRAFFIC_SHIFT, PRE_PRODUCTION_TRAFFIC_SHIFT, "
    "POST_PRODUCTION_TRAFFIC_SHIFT"
)
ALL = (
    "RECONCILE_SERVICE, PRE_SCALE_UP, POST_SCALE_UP, TEST_TRAFFIC_SHIFT, POST_TEST_TRAFFIC_SHIFT, "
    "PRE_PRODUCTION_TRAFFIC_SHIFT, PRODUCTION_TRAFFIC_SHIFT, POST_PRODUCTION_TRAFFIC_SHIFT"
)


def judge(*stages: str, **args):
    """A Lambda hook."""
    return {"type": "AWS_LAMBDA", "stages": list(stages), "function_arn": FUNCTION, **args}


def pause(*stages: str, **args):
    """A pause hook."""
    return {"type": "PAUSE", "stages": list(stages), **args}


ACCEPTED = [
    *(partial(strategy.check_bake_minutes, minutes) for minutes in (0, 1, 1440)),
    *(partial(strategy.check_step_percent, percent) for percent in (3, 3.0, 3.1, 33.3, 99.9, 100.0)),
    *(partial(strategy.check_canary_percent, percent) for percent in (0.1, 0.3, 5, 12.5, 99.9, 100)),
    *(partial(strategy.check_pause_minutes, minutes) for minutes in (1, 20_160)),
    *(partial(strategy.check_lambda_minutes, minutes) for minutes in (1, 1440)),
    *(partial(strategy.check_stage, "AWS_LAMBDA", stage) for stage in ALL.split(", ")),
    *(partial(strategy.check_stage, "PAUSE", stage) for stage in RESTING.split(", ")),
    partial(strategy.check_hook_counts, []),
    partial(strategy.check_hook_counts, ["PAUSE", "AWS_LAMBDA"] * 10),
    partial(strategy.check_deployment, {}),
    *(partial(strategy.check_deployment, {"strategy": each}) for each in strategy.STRATEGIES),
    partial(strategy.check_deployment, {"bake_minutes": 0, "hooks": [judge("PRE_SCALE_UP"), pause("PRE_SCALE_UP")]}),
    partial(strategy.check_deployment, {"hooks": [judge("PRE_SCALE_UP"), judge("POST_SCALE_UP", details={"a": "b"})]}),
    partial(strategy.check_deployment, {"strategy": "LINEAR", "step_percent": 50.0, "step_bake_minutes": 0}),
    partial(strategy.check_deployment, {"strategy": "CANARY", "canary_percent": 50.0, "canary_bake_minutes": 0}),
    partial(strategy.check_deployment, {"strategy": "ROLLING", "hooks": []}),
]


@pytest.mark.parametrize("check", ACCEPTED)
def test_a_limit_itself_is_accepted(check):
    """A check that passes says nothing."""
    assert check() is None


_BAKE = ("0 to 1440 minutes", "ECS keeps both colours for a day at the most (G27)")
_NO_OTHER = "ECS takes no other (G27)"
_LINEAR = "AWS would answer: 'Linear configuration can only be present with LINEAR deployment strategy' (G28)"
_CANARY = "only a CANARY release has a canary (G28)"
_ROLLING = "a ROLLING release replaces tasks in place: it has no second colour to bake, to test or to hold"
_JUDGE = "a function judges the release, or a pause leaves it to a person (G36)"

REFUSED = [
    *((partial(strategy.check_bake_minutes, value), f"{value} minutes", *_BAKE) for value in (-1, 1441)),
    *(
        (partial(strategy.check_step_percent, value), text, "3 to 100 percent in steps of 0.1", _NO_OTHER)
        for value, text in (
            (0, "0 percent"),
            (2.9, "2.9 percent"),
            (3.05, "3.05 percent"),
            (100.1, "100.1 percent"),
            (float("nan"), "nan percent"),
            (float("inf"), "inf percent"),
        )
    ),
    *(
        (partial(strategy.check_canary_percent, value), text, "0.1 to 100 percent in steps of 0.1", _NO_OTHER)
        for value, text in ((0, "0 percent"), (0.05, "0.05 percent"), (0.25, "0.25 percent"), (101, "101 percent"))
    ),
    *(
        (
            partial(strategy.check_pause_minutes, value),
            f"{value} minutes",
            "1 to 20160 minutes",
            "a release waits for two weeks at the most (G36)",
        )
        for value in (0, 20_161)
    ),
    *(
        (
            partial(strategy.check_lambda_minutes, value),
            f"{value} minutes",
            "1 to 1440 minutes",
            "a function has a day at the most to decide (G34)",
        )
        for value in (0, 1441)
    ),
    (
        partial(strategy.check_stage, "AWS_LAMBDA", "BeforeInstall"),
        "'BeforeInstall'",
        ALL,
        "a release has no other stages (G33)",
    ),
    *(
        (
            partial(strategy.check_stage, "PAUSE", stage),
            f"PAUSE at {stage}",
            RESTING,
            "AWS would answer: 'Invalid lifecycle stage provided for Pause Hook' (G33)",
        )
        for stage in ("TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT")
    ),
    *(
        (
            partial(strategy.check_hook_counts, [kind] * 11),
            f"11 {kind} hooks",
            f"0 to 10 {kind} hooks",
            "a service has no more of a kind (G33)",
        )
        for kind in ("AWS_LAMBDA", "PAUSE")
    ),
    *(
        (partial(strategy.check_deployment, args), given, allowed, why)
        for args, given, allowed, why in (
            (
                {"strategy": "RECREATE"},
                "'RECREATE'",
                "BLUE_GREEN, LINEAR, CANARY, ROLLING",
                "ECS has no other deployment strategy",
            ),
            (
                {"step_percent": 10.0},
                "step_percent with BLUE_GREEN",
                "strategy LINEAR, or no step_percent",
                _LINEAR,
            ),
            (
                {"strategy": "CANARY", "step_bake_minutes": 0},
                "step_bake_minutes with CANARY",
                "strategy LINEAR, or no step_bake_minutes",
                _LINEAR,
            ),
            (
                {"strategy": "LINEAR", "canary_percent": 5.0},
                "canary_percent with LINEAR",
                "strategy CANARY, or no canary_percent",
                _CANARY,
            ),
            (
                {"strategy": "ROLLING", "canary_bake_minutes": 1},
                "canary_bake_minutes with ROLLING",
                "strategy CANARY, or no canary_bake_minutes",
                _CANARY,
            ),
            (
                {"strategy": "ROLLING", "bake_minutes": 1},
                "bake_minutes with ROLLING",
                "another strategy, or no bake_minutes",
                _ROLLING,
            ),
            (
                {"strategy": "ROLLING", "hooks": [pause("PRE_SCALE_UP")]},
                "hooks with ROLLING",
                "another strategy, or no hooks",
                _ROLLING,
            ),
            ({"bake_minutes": 1441}, "1441 minutes", *_BAKE),
            ({"strategy": "LINEAR", "step_bake_minutes": 1441}, "1441 minutes", *_BAKE),
            ({"strategy": "CANARY", "canary_bake_minutes": -1}, "-1 minutes", *_BAKE),
            (
                {"strategy": "LINEAR", "step_percent": 2.0},
                "2 percent",
                "3 to 100 percent in steps of 0.1",
                _NO_OTHER,
            ),
            (
                {"strategy": "CANARY", "canary_percent": 0.0},
                "0 percent",
                "0.1 to 100 percent in steps of 0.1",
                _NO_OTHER,
            ),
            (
                {"hooks": [pause("PRE_SCALE_UP")] * 11},
                "11 PAUSE hooks",
                "0 to 10 PAUSE hooks",
                "a service has no more of a kind (G33)",
            ),
            (
                {"hooks": [{"type": "SNS", "stages": ["PRE_SCALE_UP"]}]},
                "'SNS'",
                "AWS_LAMBDA, PAUSE",
                "ECS has no other hooks",
            ),
            (
                {"hooks": [judge("PRE_SCALE_UP"), judge("PRE_SCALE_UP", function_arn=FUNCTION.replace("eu", "us"))]},
                "two functions smoke",
                "functions with names of their own",
                "the roles by which ECS calls them are told apart by the names of the functions",
            ),
            ({"hooks": [judge()]}, "no stage", ALL, "a hook without a stage never runs"),
            ({"hooks": [judge("SHIFT")]}, "'SHIFT'", ALL, "a release has no other stages (G33)"),
            (
                {"hooks": [pause("PRE_SCALE_UP", "TEST_TRAFFIC_SHIFT")]},
                "PAUSE at TEST_TRAFFIC_SHIFT",
                RESTING,
                "AWS would answer: 'Invalid lifecycle stage provided for Pause Hook' (G33)",
            ),
            (
                {"hooks": [{"type": "AWS_LAMBDA", "stages": ["PRE_SCALE_UP"]}]},
                "AWS_LAMBDA without function_arn",
                "function_arn, or type PAUSE",
                _JUDGE,
            ),
            *(
                (
                    {"hooks": [hook]},
                    f"{key} with {hook['type']}",
                    f"type {'PAUSE' if hook['type'] == 'AWS_LAMBDA' else 'AWS_LAMBDA'}, or no {key}",
                    _JUDGE,
                )
                for hook, key in (
                    (pause("PRE_SCALE_UP", function_arn=FUNCTION), "function_arn"),
                    (pause("PRE_SCALE_UP", function_name="smoke"), "function_name"),
                    (pause("PRE_SCALE_UP", details={"a": "b"}), "details"),
                    (judge("PRE_SCALE_UP", timeout_action="CONTINUE"), "timeout_action"),
                )
            ),
            (
                {"hooks": [pause("PRE_SCALE_UP", timeout_minutes=0)]},
                "0 minutes",
                "1 to 20160 minutes",
                "a release waits for two weeks at the most (G36)",
            ),
            (
                {"hooks": [judge("PRE_SCALE_UP", timeout_minutes=1441)]},
                "1441 minutes",
                "1 to 1440 minutes",
                "a function has a day at the most to decide (G34)",
            ),
            (
                {"hooks": [pause("PRE_SCALE_UP", timeout_action="STOP")]},
                "'STOP'",
                "ROLLBACK, CONTINUE",
                "a pause that nobody answers ends in one of two ways (G36)",
            ),
        )
    ),
]


@pytest.mark.parametrize(("check", "given", "allowed", "why"), REFUSED)
def test_what_lies_beyond_a_limit_is_refused(check, given, allowed, why):
    """What was given, what is allowed, and why, in AWS's own words where they are known."""
    with pytest.raises(Refused) as caught:
        check()
    assert (caught.value.given, caught.value.allowed, caught.value.why) == (given, allowed, why)


def test_the_policy_pack_knows_the_same_stages():
    """It judges stacks that know nothing of this project."""
    assert lifecycle_hook.STAGES == strategy.STAGES
    assert lifecycle_hook.WITHOUT_PAUSE == strategy.WITHOUT_PAUSE


@pytest.mark.parametrize(
    ("args", "found"),
    [
        ({}, {"strategy": "BLUE_GREEN", "bake_time_in_minutes": "10"}),
        ({"bake_minutes": 0}, {"strategy": "BLUE_GREEN", "bake_time_in_minutes": "0"}),
        (
            {"strategy": "LINEAR"},
            {
                "strategy": "LINEAR",
                "bake_time_in_minutes": "10",
                "linear_configuration": {"step_percent": 10.0, "step_bake_time_in_minutes": "6"},
            },
        ),
        (
            {"strategy": "LINEAR", "bake_minutes": 3, "step_percent": 25, "step_bake_minutes": 2},
            {
                "strategy": "LINEAR",
                "bake_time_in_minutes": "3",
                "linear_configuration": {"step_percent": 25.0, "step_bake_time_in_minutes": "2"},
            },
        ),
        (
            {"strategy": "CANARY"},
            {
                "strategy": "CANARY",
                "bake_time_in_minutes": "10",
                "canary_configuration": {"canary_percent": 5.0, "canary_bake_time_in_minutes": "10"},
            },
        ),
        (
            {"strategy": "CANARY", "bake_minutes": 3, "canary_percent": 0.1, "canary_bake_minutes": 0},
            {
                "strategy": "CANARY",
                "bake_time_in_minutes": "3",
                "canary_configuration": {"canary_percent": 0.1, "canary_bake_time_in_minutes": "0"},
            },
        ),
        ({"strategy": "ROLLING"}, {"strategy": "ROLLING"}),
        ({"strategy": "ROLLING", "hooks": []}, {"strategy": "ROLLING"}),
    ],
)
def test_deployment_configuration(args, found):
    """Minutes are texts, percents are fractions, a strategy has no block of another one, and there are no hooks."""
    assert strategy.deployment_configuration(args, {}) == found


@pytest.mark.parametrize(
    ("hook", "found"),
    [
        (
            judge("POST_TEST_TRAFFIC_SHIFT", "PRE_SCALE_UP"),
            {
                "target_type": "AWS_LAMBDA",
                "lifecycle_stages": ["POST_TEST_TRAFFIC_SHIFT", "PRE_SCALE_UP"],
                "timeout_configuration": {"timeout_in_minutes": "60", "action": "ROLLBACK"},
                "hook_target_arn": FUNCTION,
                "role_arn": ROLE,
            },
        ),
        (
            judge("POST_TEST_TRAFFIC_SHIFT", timeout_minutes=90, details={"path": "/", "header": "a"}),
            {
                "target_type": "AWS_LAMBDA",
                "lifecycle_stages": ["POST_TEST_TRAFFIC_SHIFT"],
                "timeout_configuration": {"timeout_in_minutes": "90", "action": "ROLLBACK"},
                "hook_target_arn": FUNCTION,
                "role_arn": ROLE,
                "hook_details": '{"header": "a", "path": "/"}',
            },
        ),
        (
            pause("PRE_PRODUCTION_TRAFFIC_SHIFT"),
            {
                "target_type": "PAUSE",
                "lifecycle_stages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"],
                "timeout_configuration": {"timeout_in_minutes": "1440", "action": "ROLLBACK"},
            },
        ),
        (
            pause("PRE_SCALE_UP", timeout_minutes=30, timeout_action="CONTINUE"),
            {
                "target_type": "PAUSE",
                "lifecycle_stages": ["PRE_SCALE_UP"],
                "timeout_configuration": {"timeout_in_minutes": "30", "action": "CONTINUE"},
            },
        ),
    ],
)
def test_hooks(hook, found):
    """Both have a time in which to be answered, an hour or a day; a function has a role to be called by besides."""
    configuration = strategy.deployment_configuration({"hooks": [hook]}, {"smoke": ROLE})
    assert configuration["lifecycle_hooks"] == [found]


def test_each_function_has_its_own_role():
    """Hooks stay in their order."""
    hooks = [
        judge("PRE_SCALE_UP", function_arn=f"{FUNCTION}:live"),
        pause("PRE_SCALE_UP"),
        judge("POST_SCALE_UP"),
        judge("POST_SCALE_UP", function_name="own"),
    ]
    roles = {"smoke": "role/one", "smoke.live": "role/two", "own": "role/three"}
    found = strategy.deployment_configuration({"hooks": hooks}, roles)
    assert [hook.get("role_arn") for hook in found["lifecycle_hooks"]] == ["role/two", None, "role/one", "role/three"]


@pytest.mark.parametrize(
    ("args", "minutes"),
    [
        # Half an hour to start the tasks, and another to go back.
        ({"bake_minutes": 0}, 60),
        ({}, 60 + 10),
        ({"bake_minutes": 1440}, 60 + 1440),
        ({"strategy": "ROLLING"}, 60),
        # The last step has no pause behind it.
        ({"strategy": "LINEAR"}, 60 + 9 * 6 + 10),
        ({"strategy": "LINEAR", "step_percent": 100.0}, 60 + 10),
        ({"strategy": "LINEAR", "step_percent": 33.4}, 60 + 2 * 6 + 10),
        ({"strategy": "LINEAR", "step_percent": 33.3}, 60 + 3 * 6 + 10),
        ({"strategy": "LINEAR", "step_percent": 3.0, "step_bake_minutes": 1440, "bake_minutes": 0}, 60 + 33 * 1440),
        ({"strategy": "CANARY"}, 60 + 10 + 10),
        ({"strategy": "CANARY", "canary_bake_minutes": 30, "bake_minutes": 5}, 60 + 30 + 5),
        # An hour for a function at each of its stages, unless it has more.
        ({"hooks": [judge("POST_TEST_TRAFFIC_SHIFT")]}, 70 + 60),
        ({"hooks": [judge("PRE_SCALE_UP", "POST_SCALE_UP")]}, 70 + 2 * 60),
        ({"hooks": [judge("POST_TEST_TRAFFIC_SHIFT", timeout_minutes=1440)]}, 70 + 1440),
        # Where traffic is being shifted it is asked on the way back too.
        ({"hooks": [judge("TEST_TRAFFIC_SHIFT")]}, 70 + 2 * 60),
        ({"hooks": [judge("PRODUCTION_TRAFFIC_SHIFT")]}, 70 + 2 * 60),
        ({"strategy": "CANARY", "hooks": [judge("PRODUCTION_TRAFFIC_SHIFT")]}, 80 + 3 * 60),
        ({"strategy": "LINEAR", "hooks": [judge("PRE_PRODUCTION_TRAFFIC_SHIFT")]}, 124 + 10 * 60),
        ({"strategy": "LINEAR", "hooks": [judge("POST_PRODUCTION_TRAFFIC_SHIFT")]}, 124 + 60),
        # A pause before the production shift is a pause before each of its steps.
        ({"hooks": [pause("PRE_PRODUCTION_TRAFFIC_SHIFT")]}, 70 + 1440),
        ({"strategy": "LINEAR", "hooks": [pause("PRE_PRODUCTION_TRAFFIC_SHIFT", timeout_minutes=30)]}, 124 + 10 * 30),
        (
            {"strategy": "CANARY", "hooks": [pause("PRE_SCALE_UP", "PRE_PRODUCTION_TRAFFIC_SHIFT", timeout_minutes=7)]},
            80 + 7 + 2 * 7,
        ),
        ({"hooks": [pause("PRE_SCALE_UP", timeout_minutes=5), judge("PRE_SCALE_UP")]}, 70 + 5 + 60),
    ],
)
def test_longest_minutes(args, minutes):
    """Tasks, steps, bake time, hooks at each of their stages as often as ECS comes to them, and the way back."""
    assert strategy.longest_minutes(args) == minutes


def test_a_release_of_thirty_days_is_the_longest():
    """ECS ends one that would take a minute more (G37)."""
    month = {"bake_minutes": 1440, "hooks": [pause("PRE_SCALE_UP", timeout_minutes=20_160) for _ in range(2)]}
    rest = 43_200 - 60 - 1440 - 2 * 20_160
    strategy.check_length({**month, "hooks": [*month["hooks"], pause("POST_SCALE_UP", timeout_minutes=rest)]})
    with pytest.raises(Refused) as refused:
        strategy.check_length({**month, "hooks": [*month["hooks"], pause("POST_SCALE_UP", timeout_minutes=rest + 1)]})
    assert refused.value.given == "steps, hooks and bake time of up to 43201 minutes"
    assert refused.value.allowed == "43200 minutes in all"


@pytest.mark.parametrize(
    ("function", "name"),
    [
        ("smoke", "smoke"),
        ("smoke:live", "smoke.live"),
        ("smoke-live", "smoke-live"),
        ("a" * 32, "a" * 32),
        ("a" * 33, "a" * 24 + "-852785c"),
    ],
)
def test_function_name(function, name):
    """A function is told by its name and alias, shortened where a role's name has no room for them."""
    assert strategy.function_name(f"arn:aws:lambda:eu-west-1:123456789012:function:{function}") == name
    assert strategy.function_name(function) == name


def test_hook_function():
    """A hook's function is told by the name that is given with it, or by its ARN."""
    assert strategy.hook_function(judge("PRE_SCALE_UP")) == "smoke"
    assert strategy.hook_function(judge("PRE_SCALE_UP", function_name="own")) == "own"
    assert strategy.hook_function(judge("PRE_SCALE_UP", function_name="a" * 64)) == "a" * 24 + "-ffe054f"


_FUNCTIONS = st.from_regex(r"[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_-]{1,64})?", fullmatch=True)


@settings(derandomize=True, database=None, deadline=None)
@given(functions=st.lists(_FUNCTIONS, min_size=2, max_size=2, unique=True))
def test_function_names_differ_and_fit_into_a_role_name(functions):
    """IAM takes 64 characters of a few kinds."""
    names = [strategy.function_name(f"arn:aws:lambda:eu-west-1:123456789012:function:{each}") for each in functions]
    assert names[0] != names[1]
    for name in names:
        role = "s" * SERVICE_NAME + "-hook-" + name + "-0123456"
        assert len(role) - len(name) == SERVICE_NAME + len("-hook-") + AUTO_NAME_SUFFIX
        assert re.fullmatch(r"[A-Za-z0-9+=,.@_-]{1,64}", role)


_MINUTES = st.integers(0, 1440)
_HOOKS = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {
                "type": st.just("AWS_LAMBDA"),
                "stages": st.lists(st.sampled_from(strategy.STAGES), min_size=1, max_size=3),
                "function_arn": st.just(FUNCTION),
            },
            optional={
                "details": st.dictionaries(st.text(), st.text(), max_size=2),
                "function_name": st.just("smoke"),
                "timeout_minutes": st.integers(1, 1440),
            },
        ),
        st.fixed_dictionaries(
            {
                "type": st.just("PAUSE"),
                "stages": st.lists(st.sampled_from(RESTING.split(", ")), min_size=1, max_size=3),
            },
            optional={
                "timeout_minutes": st.integers(1, 20_160),
                "timeout_action": st.sampled_from(["ROLLBACK", "CONTINUE"]),
            },
        ),
    ),
    max_size=3,
)
_SHIFTING = {"bake_minutes": _MINUTES, "hooks": _HOOKS}
_DEPLOYMENTS = st.one_of(
    st.fixed_dictionaries({}, optional={"strategy": st.just("BLUE_GREEN"), **_SHIFTING}),
    st.fixed_dictionaries(
        {"strategy": st.just("LINEAR")},
        optional={"step_percent": st.integers(30, 1000).map(lambda tenths: tenths / 10), "step_bake_minutes": _MINUTES}
        | _SHIFTING,
    ),
    st.fixed_dictionaries(
        {"strategy": st.just("CANARY")},
        optional={
            "canary_percent": st.integers(1, 1000).map(lambda tenths: tenths / 10),
            "canary_bake_minutes": _MINUTES,
        }
        | _SHIFTING,
    ),
    st.just({"strategy": "ROLLING"}),
)
_BLOCKS = {
    "BLUE_GREEN": {"bake_time_in_minutes"},
    "LINEAR": {"bake_time_in_minutes", "linear_configuration"},
    "CANARY": {"bake_time_in_minutes", "canary_configuration"},
    "ROLLING": set(),
}


@settings(derandomize=True, database=None, deadline=None)
@given(args=_DEPLOYMENTS)
def test_every_deployment_is_sent_as_the_provider_takes_it(args):
    """Its properties are the provider's, of the provider's types; those of another strategy are absent."""
    strategy.check_deployment(args)
    found = strategy.deployment_configuration(args, {"smoke": ROLE})
    assert misfits(found, ServiceDeploymentConfigurationArgsDict) == []
    hooks = {"lifecycle_hooks"} if args.get("hooks") else set()
    assert found.keys() == {"strategy"} | _BLOCKS[found["strategy"]] | hooks
    details = [json.loads(hook["hook_details"]) for hook in found.get("lifecycle_hooks", []) if "hook_details" in hook]
    assert details == [hook["details"] for hook in args.get("hooks", []) if hook.get("details")]


@settings(derandomize=True, database=None, deadline=None)
@given(args=_DEPLOYMENTS, stage=st.sampled_from(strategy.STAGES))
def test_no_wait_ends_before_the_release(args, stage):
    """All waits of a release fit into the longest time, and one more hook makes it longer."""
    longest = strategy.longest_minutes(args)
    waits = [args.get(f"{kind}bake_minutes", 0) for kind in ("", "step_", "canary_")]
    pauses = [hook.get("timeout_minutes", 0) * len(hook["stages"]) for hook in args.get("hooks", [])]
    step = args.get("step_percent", 100)
    assert longest > waits[0] + waits[1] * (100 / step - 1) + waits[2] + sum(pauses)
    more = {**args, "hooks": [*args.get("hooks", []), judge(stage)]}
    assert strategy.longest_minutes(more) >= longest + 60
