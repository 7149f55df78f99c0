"""What an ECS service can become in one update, and how it stays the same resource while its controller changes.

AWS refuses some changes of controller and strategy unless others came first. The settings describe where a service
goes, not where it comes from, so the check runs where both are known: before each update, in previews too.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-rolling-to-bluegreen.html
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.limits import Refused
from components.service_connect import NOT_UNDER_CODE_DEPLOY

Inputs = Mapping[str, Any]
"""The inputs of an ECS service by their wire names."""


def formerly(opts: pulumi.ResourceOptions | None, component: str) -> pulumi.ResourceOptions:
    """`opts` for a component that takes over the resources of another one, whose class was `component`.

    Its children of the same type and name stay the same resources: a service that changes its controller is updated,
    not replaced (G46).
    """
    alias = pulumi.Alias(type_=f"ecs-blue-green:index:{component}")
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=[alias]))


def guard(name: str) -> pulumi.ResourceHookBinding:
    """Hooks for the ECS service of the component `name`: `check_update` before each update, in previews too."""

    def refuse(args: pulumi.ResourceHookArgs) -> None:
        try:
            check_update(args.old_inputs or {}, args.new_inputs or {})
        except Refused as refused:
            raise pulumi.RunError(f"services.{name}: {refused}") from None

    hook = pulumi.ResourceHook(f"{name}-service-update", refuse, pulumi.ResourceHookOptions(on_dry_run=True))
    return pulumi.ResourceHookBinding(before_update=[hook])


def check_update(old: Inputs, new: Inputs) -> None:
    """Refuse an update of an ECS service that AWS refuses, or can't take back, and name the step to take before.

    Args:
        old: what the service is.
        new: what it is to be.
    """
    match _controller(old), _controller(new):
        case "CODE_DEPLOY", "ECS":
            _leave_codedeploy(old, new)
        case "ECS", "CODE_DEPLOY":
            _return_to_codedeploy(old)
        case "ECS", "ECS" if _strategy(old) == "ROLLING" != _strategy(new):
            _take_a_strategy(old, new)


def _leave_codedeploy(old: Inputs, new: Inputs) -> None:
    if _connected(new):
        raise Refused(
            "serviceConnect in the step that leaves CODE_DEPLOY",
            "controller ECS without serviceConnect first",
            NOT_UNDER_CODE_DEPLOY,
        )
    if old.get("taskDefinition") != new.get("taskDefinition"):
        raise Refused(
            "another revision in the step that leaves CODE_DEPLOY",
            "taskDefinitionOwner: pipeline in this step, so that the revision that runs goes on",
            "going back to CODE_DEPLOY from a new revision fails: 'Unable to update task definition on services with a "
            "CODE_DEPLOY deployment controller' (G46)",
        )


def _return_to_codedeploy(old: Inputs) -> None:
    before = "strategy: ROLLING with rollback: false and no serviceConnect first"
    if _connected(old):
        raise Refused(
            "CODE_DEPLOY after serviceConnect",
            before,
            NOT_UNDER_CODE_DEPLOY,
        )
    if _strategy(old) != "ROLLING":
        raise Refused(
            f"CODE_DEPLOY after {_strategy(old)}",
            before,
            "a service whose configuration includes a strategy can't leave the ECS controller (G46)",
        )
    for block, feature in (
        ("deploymentCircuitBreaker", "Deployment circuit breaker"),
        ("alarms", "Alarm based rollback"),
    ):
        if (old.get(block) or {}).get("enable"):
            raise Refused(
                f"CODE_DEPLOY after a deployment with {block}",
                before,
                f"AWS would answer: '{feature} feature is only supported with ECS deployment controller. Update to ECS "
                "deployment controller and try again.' (G46)",
            )


def _take_a_strategy(old: Inputs, new: Inputs) -> None:
    first = {
        "loadBalancer": _advanced(new) and not _advanced(old),
        "serviceConnect": _connected(new) and not _connected(old),
    }
    if added := [key for key, is_new in first.items() if is_new]:
        raise Refused(
            f"{_strategy(new)} together with a first {' and '.join(added)}",
            f"strategy: ROLLING with {' and '.join(added)} first",
            "AWS takes a strategy only after a rolling deployment that had all that the strategy moves (G41)",
        )


def _controller(inputs: Inputs) -> str:
    return (inputs.get("deploymentController") or {}).get("type", "ECS")


def _strategy(inputs: Inputs) -> str:
    return (inputs.get("deploymentConfiguration") or {}).get("strategy", "ROLLING")


def _connected(inputs: Inputs) -> bool:
    return bool((inputs.get("serviceConnectConfiguration") or {}).get("enabled"))


def _advanced(inputs: Inputs) -> bool:
    return any("advancedConfiguration" in block for block in inputs.get("loadBalancers") or [])
