"""How the tasks of a service are registered with its target groups."""

from __future__ import annotations

from functools import partial

from aws import SERVICE, TARGET_GROUP, TASK_DEFINITION
from finding import shown
from judge import Judge
from release import containers, is_blue_green, is_code_deploy, pair_keys, releases
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Undecided, Value, all_true, any_true, same_text

target_in_pair = Rule(
    id="bg-service-target-in-pair",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="A CODE_DEPLOY service starts in one target group of its deployment group's pair.",
    why="CodeDeploy moves traffic between the two groups of the pair. A service registered with "
    "another group, or with both, makes the first release hang.",
    fix="""\
  aws.ecs.Service("app", ...,
      deployment_controller={"type": "CODE_DEPLOY"},
      load_balancers=[
          {"target_group_arn": blue.arn, "container_name": "app", "container_port": 80},
-         # green belongs to the deployment group alone
-         {"target_group_arn": green.arn, "container_name": "app", "container_port": 80},
      ],
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html",
)


@target_in_pair.resource(SERVICE)
def _has_one_block(service: Resource, judge: Judge) -> None:
    if all_true(lambda: is_code_deploy(service), lambda: len(service["loadBalancers"].items) > 1):
        count = len(service["loadBalancers"].items)
        judge.fail(
            service["loadBalancers"],
            f"has {count} blocks; under CODE_DEPLOY a service is registered with one target group.",
        )


@target_in_pair.stack(SERVICE)
def _target_is_in_pair(service: Resource, stack: Stack, judge: Judge) -> None:
    if not is_code_deploy(service):
        return
    for group in stack.derived(releases).groups.get(service.urn, ()):
        pair = pair_keys(group, stack)
        for block in service["loadBalancers"].items:
            with judge.separately:
                _check_target(block["targetGroupArn"], group, pair, stack, judge)


def _check_target(target: Value, group: Resource, pair: frozenset[str], stack: Stack, judge: Judge) -> None:
    registered = stack.keys(target, TARGET_GROUP)
    if not registered or not pair or registered <= pair:
        return
    if registered & pair:
        raise Undecided(target, f"may lie outside of the pair of {group.name}")
    named = " and ".join(each.name for each in stack.at(registered)) or "a target group"
    judge.fail(target, f"is {named}, which the pair of deployment group {group.name} lacks.")


container_port = Rule(
    id="bg-container-port-join",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="Service, task definition and target group agree on container and port.",
    why="A release registers the container's port in the idle target group. If container or port "
    "do not exist there, AWS refuses the task set, or health checks never pass.",
    fix="""\
  aws.ecs.Service("app", ...,
      deployment_controller={"type": "CODE_DEPLOY"},
      load_balancers=[{
          "target_group_arn": blue.arn,  # of the same port
-         "container_name": "web",
+         "container_name": "app",  # as in the task definition, which maps the port
          "container_port": 80,
      }],
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LoadBalancer.html",
)


@container_port.stack(SERVICE)
def _container_and_port_exist(service: Resource, stack: Stack, judge: Judge) -> None:
    if not is_blue_green(service):
        return
    for block in service["loadBalancers"].items:
        with judge.separately:
            _check_target_port(block, stack, judge)
        with judge.separately:
            _check_container(block, service, stack, judge)


def _check_target_port(block: Value, stack: Stack, judge: Judge) -> None:
    port, target = block["containerPort"], block["targetGroupArn"]
    candidates = stack.some(target, TARGET_GROUP)
    others = [each for each in candidates if each["port"].number not in (None, port.number)]
    if others and len(others) < len(candidates):
        names = ", ".join(sorted(each.name for each in candidates))
        raise Undecided(target, f"may be any of {names} until the update")
    for other in others[:1]:
        listening = shown(other["port"].number)
        judge.fail(port, f"is {shown(port.number)}, but target group {other.name} has port {listening}.")


def _check_container(block: Value, service: Resource, stack: Stack, judge: Judge) -> None:
    task = stack.one(service["taskDefinition"], TASK_DEFINITION)
    if task is None:
        return
    name, port = block["containerName"], block["containerPort"]
    defined = containers(task)
    if not any_true(*(partial(same_text, each["name"], name) for each in defined)):
        judge.fail(name, f"names no container of task definition {task.name}.")
        return
    for container in defined:
        if same_text(container["name"], name):
            mappings = container["portMappings"].items
            if not any_true(*(partial(_maps, mapping, port) for mapping in mappings)):
                judge.fail(
                    port,
                    f"is {shown(port.number)}, which that container of task definition {task.name} does not map.",
                )


def _maps(mapping: Value, port: Value) -> bool:
    return mapping["containerPort"].number == port.number
