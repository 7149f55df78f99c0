"""What a service that ECS itself releases blue/green must be."""

from __future__ import annotations

from functools import partial

from aws import ROLE, SERVICE, TARGET_GROUP
from iam import statements
from judge import Judge
from permissions import permissions, trusts
from release import advanced, is_native, is_same, native_blocks, strategy
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Value, all_true, any_true

PAGES = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"

advanced_configuration = Rule(
    id="native-advanced-config",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    description="Each load balancer of a native service has an alternate target group, a production rule and a role.",
    why="ECS starts the new version in the alternate target group and moves the production rule to it, by that "
    "role. AWS refuses a service that lacks any of them: advancedConfiguration field is required for all "
    "loadBalancers when using a non-ROLLING deployment strategy.",
    fix="""\
  aws.ecs.Service("app", ...,
      deployment_configuration={"strategy": "BLUE_GREEN", "bake_time_in_minutes": "10"},
      load_balancers=[{
          "target_group_arn": blue.arn, "container_name": "app", "container_port": 80,
+         "advanced_configuration": {
+             "alternate_target_group_arn": green.arn,
+             "production_listener_rule": production_rule.arn,
+             "test_listener_rule": test_rule.arn,
+             "role_arn": infrastructure_role.arn,
+         },
      }],
  )""",
    url=PAGES + "troubleshooting-blue-green.html",
)


@advanced_configuration.resource(SERVICE)
def _has_advanced_configuration(service: Resource, judge: Judge) -> None:
    if not is_native(service):
        return
    if not service["loadBalancers"].items:
        judge.not_applicable("has no load balancer")
    for block in service["loadBalancers"].items:
        with judge.separately:
            needed = f"is not set; strategy {strategy(service)} needs it."
            given = advanced(block)
            if given.absent:
                judge.fail(given, needed)
                continue
            for name in ("alternateTargetGroupArn", "productionListenerRule", "roleArn"):
                if not given[name].is_set:
                    judge.fail(given[name], needed)
            target, alternate = block["targetGroupArn"], given["alternateTargetGroupArn"]
            if not target.is_unknown and not alternate.is_unknown and target.text and target.text == alternate.text:
                judge.fail(alternate, "is the primary target group too.")


@advanced_configuration.stack(SERVICE)
def _alternate_is_another_group(service: Resource, stack: Stack, judge: Judge) -> None:
    for block in native_blocks(service):
        with judge.separately:
            target, alternate = block["targetGroupArn"], advanced(block)["alternateTargetGroupArn"]
            if alternate.is_unknown and is_same(target, alternate, stack, TARGET_GROUP):
                judge.fail(alternate, "is the primary target group too.")


infrastructure_role = Rule(
    id="native-infra-role",
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    description="ECS may assume the infrastructure role of a native service and change its load balancer.",
    why="ECS registers targets and moves traffic by this role. If it cannot, the release stops: ECS was unable to "
    "manage the ELB resources due to missing permissions on ECS Infrastructure Role.",
    fix="""\
  role = aws.iam.Role("infrastructure", assume_role_policy=json.dumps({
      "Version": "2012-10-17",
      "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
-                    "Principal": {"Service": "ecs-tasks.amazonaws.com"}}],
+                    "Principal": {"Service": "ecs.amazonaws.com"}}],
  }))
  aws.iam.RolePolicyAttachment("infrastructure", role=role.name,
      policy_arn="arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers")
  native_service""",
    url=PAGES + "AmazonECSInfrastructureRolePolicyForLoadBalancers.html",
)
MANAGED = ":policy/AmazonECSInfrastructureRolePolicyForLoadBalancers"
ACTIONS = ("RegisterTargets", "DeregisterTargets")
EITHER_ACTION = ("ModifyRule", "ModifyListener")


@infrastructure_role.stack(SERVICE)
def _role_manages_load_balancers(service: Resource, stack: Stack, judge: Judge) -> None:
    for block in native_blocks(service):
        with judge.separately:
            role = stack.one(advanced(block)["roleArn"], ROLE)
            if role is not None:
                _check_role(role, service, stack, judge)


def _check_role(role: Resource, service: Resource, stack: Stack, judge: Judge) -> None:
    with judge.separately:
        if not trusts(role, "ecs.amazonaws.com"):
            judge.fail(role["assumeRolePolicy"], f"does not trust ecs.amazonaws.com, which releases {service.name}.")
    table = stack.derived(permissions)
    managed, documents = table.held(role, stack)
    if not any_true(
        *(partial(_is_managed_policy, reference) for reference in managed),
        *(partial(_allows_release, document) for document in documents),
    ):
        for doubt in table.doubts:
            raise doubt
        judge.fail(role, f"carries no policy by which ECS may move the traffic of {service.name}.")


def _is_managed_policy(reference: Value) -> bool:
    return reference.text.endswith(MANAGED)


def _allows_release(document: Value) -> bool:
    allowing = [statement for statement in statements(document) if statement.allows]

    def may(action: str) -> bool:
        return any_true(*(partial(each.names, f"elasticloadbalancing:{action}") for each in allowing))

    return all_true(
        *(partial(may, action) for action in ACTIONS),
        lambda: any_true(*(partial(may, action) for action in EITHER_ACTION)),
    )
