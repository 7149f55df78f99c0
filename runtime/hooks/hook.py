"""A hook's answer to whichever service asks."""

from collections.abc import Mapping
from typing import Any

from . import codedeploy, ecs
from .release import Judge, log
from .verdict import Verdict


def answer(judge: Judge, event: Mapping[str, Any], context: Any) -> dict[str, Any] | None:
    """Judge the release that `event` tells of: ECS reads what this returns, CodeDeploy is told by a call."""
    try:
        kind = codedeploy if "LifecycleEventHookExecutionId" in event else ecs
        deployment = kind.Deployment(event, context)
    except (AttributeError, LookupError, TypeError) as error:
        verdict = Verdict("FAILED", f"this is no event of a lifecycle hook: {error!r}")
        log(verdict)
        return ecs.returned(verdict)
    if isinstance(deployment, codedeploy.Deployment):
        return codedeploy.answer(judge, deployment)
    return ecs.answer(judge, deployment)
