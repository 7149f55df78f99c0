"""What an ECS service must be for a blue/green release."""

from __future__ import annotations

from functools import partial

from aws import SERVICE, TARGET_GROUP, TASK_DEFINITION
from finding import shown
from judge import Judge
from release import controller, is_blue_green, is_code_deploy, is_native, pair_keys, releases, strategy
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Undecided, Value, all_true, any_true

controller_required = Rule(
    id="bg-controller-required",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="A service that takes traffic is released blue/green.",
    why="A rolling update mixes old and new tasks behind one address: there is no version to test "
    "before users meet it, and none to go back to at once.",
    fix="""\
deployment_controller={"type": "CODE_DEPLOY"}
# or, released by ECS itself (required with Service Connect):
deployment_controller={"type": "ECS"},
deployment_configuration={"strategy": "BLUE_GREEN", "bake_time_in_minutes": "10"}""",
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


target_in_pair = Rule(
    id="bg-service-target-in-pair",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="A CODE_DEPLOY service starts in one target group of its deployment group's pair.",
    why="CodeDeploy moves traffic between the two groups of the pair. A service registered with "
    "another group, or with both, makes the first release hang.",
    fix="""\
load_balancers=[{
    "target_group_arn": blue.arn,  # one block; green belongs to the deployment group alone
    "container_name": "app",
    "container_port": 80,
}]""",
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
port = 80
containers = [{"name": "app", "portMappings": [{"containerPort": port}], ...}]
load_balancers=[{"container_name": "app", "container_port": port, ...}]
blue = aws.lb.TargetGroup("blue", port=port, target_type="ip", ...)""",
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
    containers = task["containerDefinitions"].document.items
    if not any_true(*(partial(_same_text, each["name"], name) for each in containers)):
        judge.fail(name, f"names no container of task definition {task.name}.")
        return
    for container in containers:
        if _same_text(container["name"], name):
            mappings = container["portMappings"].items
            if not any_true(*(partial(_maps, mapping, port) for mapping in mappings)):
                judge.fail(
                    port,
                    f"is {shown(port.number)}, which that container of task definition {task.name} does not map.",
                )


def _same_text(one: Value, other: Value) -> bool:
    return one.text == other.text


def _maps(mapping: Value, port: Value) -> bool:
    return mapping["containerPort"].number == port.number
