"""What an ECS service can become in one update."""

import pulumi
import pytest

from components.limits import Refused
from components.transition import check_update, formerly, guard

CODE_DEPLOY = {"deploymentController": {"type": "CODE_DEPLOY"}, "taskDefinition": "shop:1", "loadBalancers": [{}]}
ROUTE = {"loadBalancers": [{"advancedConfiguration": {"roleArn": "arn"}}]}
MESH = {"serviceConnectConfiguration": {"enabled": True}}


def ecs(strategy=None, **inputs):
    """A service under the ECS controller with a strategy, or without a word about one."""
    configuration = {"deploymentConfiguration": {"strategy": strategy}} if strategy else {}
    return {"deploymentController": {"type": "ECS"}, "taskDefinition": "shop:1", **configuration, **inputs}


def switched_off(**inputs):
    """A rolling service whose alarms and circuit breaker are off."""
    off = {"enable": False, "rollback": False}
    return ecs("ROLLING", deploymentCircuitBreaker=off, alarms={**off, "alarmNames": ["a"]}, **inputs)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (CODE_DEPLOY, CODE_DEPLOY | {"taskDefinition": "shop:2"}),
        (CODE_DEPLOY, ecs("BLUE_GREEN", **ROUTE)),
        (CODE_DEPLOY, ecs("CANARY", **ROUTE)),
        (CODE_DEPLOY, ecs("ROLLING", **ROUTE)),
        (ecs("BLUE_GREEN", **ROUTE), ecs("LINEAR", **ROUTE, taskDefinition="shop:2")),
        (ecs("BLUE_GREEN", **ROUTE), ecs("BLUE_GREEN", **ROUTE, **MESH)),
        (ecs("BLUE_GREEN", **ROUTE, **MESH), ecs("ROLLING", **ROUTE)),
        (ecs("ROLLING", **ROUTE), ecs("BLUE_GREEN", **ROUTE)),
        (ecs("ROLLING", **ROUTE, **MESH), ecs("BLUE_GREEN", **ROUTE, **MESH)),
        (ecs("ROLLING"), ecs("ROLLING", **ROUTE, **MESH)),
        (ecs(), ecs("ROLLING")),
        (switched_off(**ROUTE), CODE_DEPLOY),
        (ecs(), CODE_DEPLOY),
        ({}, {}),
    ],
)
def test_taken(old, new):
    """One step at a time, each leads on to the next."""
    check_update(old, new)


@pytest.mark.parametrize(
    ("old", "new", "given", "allowed"),
    [
        (
            CODE_DEPLOY,
            ecs("BLUE_GREEN", **ROUTE, **MESH),
            "serviceConnect in the step that leaves CODE_DEPLOY",
            "controller ECS without serviceConnect first",
        ),
        (
            CODE_DEPLOY,
            ecs("BLUE_GREEN", **ROUTE, taskDefinition="shop:2"),
            "another revision in the step that leaves CODE_DEPLOY",
            "taskDefinitionOwner: pipeline in this step, so that the revision that runs goes on",
        ),
        (
            ecs("BLUE_GREEN", **ROUTE),
            CODE_DEPLOY,
            "CODE_DEPLOY after BLUE_GREEN",
            "strategy: ROLLING with rollback: false and no serviceConnect first",
        ),
        (
            ecs("ROLLING", **ROUTE, **MESH),
            CODE_DEPLOY,
            "CODE_DEPLOY after serviceConnect",
            "strategy: ROLLING with rollback: false and no serviceConnect first",
        ),
        (
            switched_off(**ROUTE) | {"alarms": {"enable": True}},
            CODE_DEPLOY,
            "CODE_DEPLOY after a deployment with alarms",
            "strategy: ROLLING with rollback: false and no serviceConnect first",
        ),
        (
            switched_off(**ROUTE) | {"deploymentCircuitBreaker": {"enable": True}},
            CODE_DEPLOY,
            "CODE_DEPLOY after a deployment with deploymentCircuitBreaker",
            "strategy: ROLLING with rollback: false and no serviceConnect first",
        ),
        (
            ecs("ROLLING"),
            ecs("BLUE_GREEN", **ROUTE),
            "BLUE_GREEN together with a first loadBalancer",
            "strategy: ROLLING with loadBalancer first",
        ),
        (
            ecs(),
            ecs("LINEAR", **ROUTE, **MESH),
            "LINEAR together with a first loadBalancer and serviceConnect",
            "strategy: ROLLING with loadBalancer and serviceConnect first",
        ),
        (
            ecs("ROLLING", loadBalancers=[{"targetGroupArn": "arn"}]),
            ecs("CANARY", **ROUTE),
            "CANARY together with a first loadBalancer",
            "strategy: ROLLING with loadBalancer first",
        ),
    ],
)
def test_refused(old, new, given, allowed):
    """A jump over a step that AWS wants first is refused, and the step is named (G13, G41, G46)."""
    with pytest.raises(Refused) as refused:
        check_update(old, new)
    assert (refused.value.given, refused.value.allowed) == (given, allowed)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (CODE_DEPLOY, ecs("BLUE_GREEN", **MESH), "Service Connect feature is only supported with ECS (rolling update)"),
        (ecs("ROLLING", **MESH), CODE_DEPLOY, "Service Connect feature is only supported with ECS (rolling update)"),
        (ecs(alarms={"enable": True}), CODE_DEPLOY, "Alarm based rollback feature is only supported with ECS"),
        (
            ecs(deploymentCircuitBreaker={"enable": True}),
            CODE_DEPLOY,
            "Deployment circuit breaker feature is only supported with ECS",
        ),
        (
            CODE_DEPLOY,
            ecs("BLUE_GREEN", taskDefinition="shop:2"),
            "Unable to update task definition on services with a CODE_DEPLOY deployment controller",
        ),
    ],
)
def test_text(old, new, text):
    """What AWS would answer is said before it can."""
    with pytest.raises(Refused) as refused:
        check_update(old, new)
    assert text in refused.value.why


def test_guard(declare):
    """The check runs before each update of the service, in previews too, and says which service it is about."""
    made = []
    declare(lambda: made.append(guard("shop")))
    (hook,) = made[0].before_update
    assert (hook.name, hook.opts.on_dry_run, hook.opts.ignore_errors) == ("shop-service-update", True, False)
    about = {"urn": "", "id": "", "name": "shop-service", "type": "aws:ecs/service:Service"}
    assert hook(pulumi.ResourceHookArgs(**about, old_inputs=CODE_DEPLOY, new_inputs=ecs("BLUE_GREEN"))) is None
    with pytest.raises(pulumi.RunError) as error:
        hook(pulumi.ResourceHookArgs(**about, old_inputs=ecs("BLUE_GREEN"), new_inputs=CODE_DEPLOY))
    assert str(error.value).startswith("services.shop: given CODE_DEPLOY after BLUE_GREEN; allowed: strategy: ROLLING")


def test_formerly():
    """A component that takes over keeps what it was given, and its resources keep what they were."""
    opts = formerly(pulumi.ResourceOptions(protect=True), "CodeDeployService")
    assert opts.protect is True
    assert [alias.type_ for alias in opts.aliases] == ["ecs-blue-green:index:CodeDeployService"]
    assert [alias.type_ for alias in formerly(None, "NativeService").aliases] == ["ecs-blue-green:index:NativeService"]
