"""What the lifecycle hooks of a native service must be."""

from __future__ import annotations

from functools import partial

from aws import SERVICE
from judge import Judge
from release import is_native
from resources import Resource
from rule import Level, Rule, Severity
from value import Value, any_true

STAGES = (
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
)
WITHOUT_PAUSE = ("TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT")

hooks = Rule(
    id="native-hooks-complete",
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    description="Each lifecycle hook of a native service has its target and a stage that it may stand at.",
    why="A hook is what tests or holds a release. Without its function, the role to call it or a known stage AWS "
    "refuses the service; and where traffic is being shifted a pause is refused: Invalid lifecycle stage provided "
    "for Pause Hook.",
    fix="""\
  aws.ecs.Service("app", ...,
      deployment_configuration={"strategy": "BLUE_GREEN", "bake_time_in_minutes": "10", "lifecycle_hooks": [{
          "hook_target_arn": hook.arn,
+         "role_arn": hook_role.arn,  # trusts ecs.amazonaws.com and may call the function
          "lifecycle_stages": ["POST_TEST_TRAFFIC_SHIFT"],
      }]},
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html",
    knobs={
        "requireStages": {
            "type": "array",
            "items": {"type": "string", "enum": list(STAGES)},
            "default": [],
            "description": "Stages at which every native service must have a hook.",
        }
    },
)


@hooks.resource(SERVICE)
def _hooks_are_complete(service: Resource, judge: Judge) -> None:
    if not is_native(service):
        return
    given = service["deploymentConfiguration"]["lifecycleHooks"]
    for hook in given.items:
        with judge.separately:
            _check_target(hook, judge)
        with judge.separately:
            _check_stages(hook, judge)
    for stage in judge.knob("requireStages"):
        if not any_true(*(partial(_stands_at, hook, stage) for hook in given.items)):
            judge.fail(given, f"has none at {stage}, which is required here.")


def _check_target(hook: Value, judge: Judge) -> None:
    kind = hook["targetType"]
    if kind.text not in ("", "AWS_LAMBDA", "PAUSE"):
        judge.fail(kind, "is neither AWS_LAMBDA nor PAUSE.")
    elif kind.text != "PAUSE":
        for name in ("hookTargetArn", "roleArn"):
            if not hook[name].is_set:
                judge.fail(hook[name], "is not set; a Lambda hook needs it.")


def _check_stages(hook: Value, judge: Judge) -> None:
    stages = hook["lifecycleStages"]
    if not stages.items:
        judge.fail(stages, "names no stage.")
    for stage in stages.items:
        with judge.separately:
            if stage.text not in STAGES:
                judge.fail(stage, "is no stage of a release.")
            elif stage.text in WITHOUT_PAUSE and hook["targetType"].text == "PAUSE":
                judge.fail(stage, f"is {stage.text}, where AWS allows no pause.")


def _stands_at(hook: Value, stage: str) -> bool:
    return any_true(*(lambda each=each: each.text == stage for each in hook["lifecycleStages"].items))
