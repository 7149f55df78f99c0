"""Who releases an ECS service."""

from __future__ import annotations

from functools import partial

from aws import SERVICE
from finding import shown
from judge import Judge
from release import controller, is_blue_green, is_code_deploy, is_native, strategy
from resources import Resource
from rule import Level, Rule, Severity
from value import all_true, any_true

controller_required = Rule(
    id="bg-controller-required",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="A service that takes traffic is released blue/green.",
    why="A rolling update mixes old and new tasks behind one address: there is no version to test "
    "before users meet it, and none to go back to at once.",
    fix="""\
  aws.ecs.Service("app", ...,
-     deployment_controller={"type": "ECS"},  # replaces tasks in place, unless given a strategy
+     deployment_controller={"type": "CODE_DEPLOY"},  # with Service Connect: ECS and a strategy
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service-options.html",
    knobs={
        "allowed": {
            "type": "string",
            "enum": ["codedeploy", "native", "both"],
            "default": "both",
            "description": "Who may release a service: CodeDeploy, ECS itself, or both.",
        },
        "scope": {
            "type": "string",
            "enum": ["all", "loadBalancer", "serviceConnect"],
            "default": "all",
            "description": "Which services are judged: those behind a load balancer, those that "
            "serve through Service Connect, or both.",
        },
    },
)


@controller_required.resource(SERVICE)
def _is_released_blue_green(service: Resource, judge: Judge) -> None:
    kind = service["deploymentController"]["type"]
    scope, allowed = judge.knob("scope"), judge.knob("allowed")
    behind_balancer = partial(_is_behind_balancer, service)
    connected = partial(_serves_by_service_connect, service)
    takes_traffic = {
        "all": partial(any_true, behind_balancer, connected),
        "loadBalancer": behind_balancer,
        "serviceConnect": connected,
    }[scope]
    if all_true(lambda: not is_blue_green(service), takes_traffic):
        used = f", with strategy {shown(strategy(service))}" if controller(service) == "ECS" else ""
        judge.fail(kind, f"is {shown(controller(service))}{used}: releases replace tasks in place.")
    elif all_true(lambda: is_code_deploy(service), takes_traffic, connected):
        judge.fail(kind, "is CODE_DEPLOY, but Service Connect works only with controller ECS.")
    elif all_true(lambda: allowed == "native" and is_code_deploy(service), takes_traffic):
        judge.fail(kind, "is CODE_DEPLOY, but only releases by ECS itself are allowed here.")
    elif all_true(lambda: allowed == "codedeploy" and is_native(service), takes_traffic):
        judge.fail(kind, "is ECS, but only releases by CodeDeploy are allowed here.")


def _is_behind_balancer(service: Resource) -> bool:
    return bool(service["loadBalancers"].items)


def _serves_by_service_connect(service: Resource) -> bool:
    configuration = service["serviceConnectConfiguration"]
    return all_true(lambda: configuration["enabled"].flag, lambda: bool(configuration["services"].items))


strategy_conflict = Rule(
    id="bg-controller-strategy-conflict",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="Only a service that ECS releases has a deployment strategy.",
    why="BLUE_GREEN, LINEAR and CANARY are strategies of the ECS controller. CodeDeploy shifts traffic by the "
    "deployment group's configuration, so a strategy beside it is refused, or says what does not happen.",
    fix="""\
  aws.ecs.Service("app", ...,
-     deployment_controller={"type": "CODE_DEPLOY"},
+     deployment_controller={"type": "ECS"},
      deployment_configuration={"strategy": "BLUE_GREEN", "bake_time_in_minutes": "10"},
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-implementation.html",
)


@strategy_conflict.resource(SERVICE)
def _controller_takes_a_strategy(service: Resource, judge: Judge) -> None:
    if all_true(lambda: strategy(service) != "ROLLING", lambda: controller(service) != "ECS"):
        judge.fail(
            service["deploymentConfiguration"]["strategy"],
            f"is {shown(strategy(service))}, but the deployment controller is {shown(controller(service))}.",
        )
