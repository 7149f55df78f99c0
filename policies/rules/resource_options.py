"""Which Pulumi resource options a release needs."""

from __future__ import annotations

from aws import DEPLOYMENT_GROUP, LISTENER, LISTENER_RULE, SERVICE
from judge import Judge
from release import actions_property, is_code_deploy, is_ecs, is_native, pair_keys, routes, traffic
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack

ignore_changes_service = Rule(
    id="bg-ignore-changes-service",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="Pulumi leaves to CodeDeploy what CodeDeploy changes on a service.",
    why="CodeDeploy sets the task definition and the target group at each release. The next update "
    "would set them back, which AWS refuses: Unable to update task definition on services with a "
    "CODE_DEPLOY deployment controller.",
    fix="""\
opts=pulumi.ResourceOptions(
    parent=self, ignore_changes=["task_definition", "load_balancers"]
)""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html",
    knobs={
        "extra": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Further properties, in camelCase, that something else owns here.",
        }
    },
)


@ignore_changes_service.resource(SERVICE)
def _ignores_what_code_deploy_owns(service: Resource, judge: Judge) -> None:
    wanted = ["taskDefinition", "loadBalancers", *judge.knob("extra")]
    missing = [prop for prop in wanted if not service.ignores(prop)]
    if missing and is_code_deploy(service):
        hint = ""
        if service.parent_type.startswith("awsx:"):
            hint = " An awsx component does not pass the option on to its service."
        judge.fail(service, f"does not ignore changes of {', '.join(missing)}.{hint}")


ignore_changes_listener = Rule(
    id="bg-ignore-changes-listener",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="Pulumi leaves to the release where listeners and rules forward to.",
    why="Each release changes the weights of the pair. The next update would set them back, and "
    "move live traffic to the version that is being taken down.",
    fix="""\
opts=pulumi.ResourceOptions(parent=self, ignore_changes=["actions"])  # a ListenerRule
opts=pulumi.ResourceOptions(parent=self, ignore_changes=["default_actions"])  # a Listener""",
    url="https://github.com/terraform-aws-modules/terraform-aws-alb/issues/409",
)


@ignore_changes_listener.stack(DEPLOYMENT_GROUP)
def _routes_of_code_deploy_are_ignored(group: Resource, stack: Stack, judge: Judge) -> None:
    if not is_ecs(group):
        return
    table = stack.derived(traffic)
    listeners: set[str] = set()
    for listener in routes(group):
        with judge.separately:
            listeners |= stack.keys(listener, LISTENER)
    forwarding = {holder.urn for holder in table.to(pair_keys(group, stack))}
    for holder in stack.at(table.on(frozenset(listeners))):
        with judge.separately:
            if holder.ignores(actions_property(holder)):
                continue
            if holder.urn in forwarding:
                _check_ignored(holder, f"CodeDeploy moves it for {group.name}", judge)
            elif holder.urn in table.doubts:
                raise table.doubts[holder.urn]


@ignore_changes_listener.stack(SERVICE)
def _routes_of_native_services_are_ignored(service: Resource, stack: Stack, judge: Judge) -> None:
    if not is_native(service):
        return
    for block in service["loadBalancers"].items:
        for name in ("productionListenerRule", "testListenerRule"):
            with judge.separately:
                place = block["advancedConfiguration"][name]
                if not place.is_unknown and place.absent:
                    continue
                for holder in stack.some(place, LISTENER_RULE) or stack.some(place, LISTENER):
                    _check_ignored(holder, f"ECS moves it for {service.name}", judge)


def _check_ignored(holder: Resource, who: str, judge: Judge) -> None:
    prop = actions_property(holder)
    if not holder.ignores(prop):
        judge.fail(holder, f"does not ignore changes of {prop}, although {who}.")
