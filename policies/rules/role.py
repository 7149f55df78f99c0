"""Who may assume roles, and what roles carry."""

from __future__ import annotations

from fnmatch import fnmatchcase

from aws import (
    DEPLOYMENT_GROUP,
    POLICY,
    POLICY_ATTACHMENT,
    ROLE,
    ROLE_POLICY_ATTACHMENT,
    ROLE_POLICY_ATTACHMENTS_EXCLUSIVE,
)
from iam import aws_policy
from judge import Judge
from permissions import permissions, trusts
from release import is_ecs
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import each

broad_managed = Rule(
    id="sec-iam-broad-managed",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="No role carries one of AWS's managed policies for administrators and power users.",
    why="AWS writes these policies for people, with rights over every resource of a service. A pipeline or a task "
    "that carries one can delete what it only had to read.",
    fix="""\
  aws.iam.RolePolicyAttachmentsExclusive("reports",
      role_name=task_role.name,
      policy_arns=[
-         "arn:aws:iam::aws:policy/AmazonS3FullAccess",
+         "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",  # or, narrower still, one of your own
      ],
  )""",
    url="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    knobs={
        "deny": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["AdministratorAccess", "*PowerUser*", "*FullAccess*"],
            "description": "Globs over names of AWS's managed policies.",
        }
    },
)
ATTACHED_BY = {
    ROLE: "managedPolicyArns",
    ROLE_POLICY_ATTACHMENT: "policyArn",
    ROLE_POLICY_ATTACHMENTS_EXCLUSIVE: "policyArns",
    POLICY_ATTACHMENT: "policyArn",
}


@broad_managed.resource(*ATTACHED_BY)
def _named_policies_are_narrow(holder: Resource, judge: Judge) -> None:
    for reference in each(holder[ATTACHED_BY[holder.kind]]):
        if not reference.is_unknown:
            name = aws_policy(reference)
            for glob in judge.knob("deny"):
                if fnmatchcase(name, glob):
                    judge.fail(reference, f"is a managed policy of AWS that fits {glob}.")
                    break


@broad_managed.stack(*ATTACHED_BY)
def _unknown_policies_are_own(holder: Resource, stack: Stack, judge: Judge) -> None:
    attached = holder[ATTACHED_BY[holder.kind]]
    if holder.kind == ROLE and attached.is_computed:
        return  # the provider tells later what others attach
    for reference in each(attached):
        if reference.is_unknown:
            with judge.separately:
                stack.some(reference, POLICY)


codedeploy_role = Rule(
    id="sec-codedeploy-role",
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    description="The service role of a deployment group is CodeDeploy's, with rights for ECS and no others.",
    why="CodeDeploy moves tasks and traffic with this role. If it may not assume it, or the role has the rights "
    "for servers instead of those for ECS, each release stops at its first step.",
    fix="""\
  aws.iam.RolePolicyAttachment("codedeploy",
      role=codedeploy_role.name,
-     policy_arn="arn:aws:iam::aws:policy/service-role/AWSCodeDeployRole",  # for servers
+     policy_arn="arn:aws:iam::aws:policy/AWSCodeDeployRoleForECS",
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/codedeploy_IAM_role.html",
)
FOR_ECS = ("AWSCodeDeployRoleForECS", "AWSCodeDeployRoleForECSLimited")


@codedeploy_role.stack(DEPLOYMENT_GROUP)
def _role_is_for_ecs(group: Resource, stack: Stack, judge: Judge) -> None:
    if not is_ecs(group):
        return
    role = stack.one(group["serviceRoleArn"], ROLE)
    if role is None:
        return
    with judge.separately:
        if not trusts(role, "codedeploy.amazonaws.com"):
            judge.fail(
                role["assumeRolePolicy"],
                f"does not let codedeploy.amazonaws.com assume the role, which deployment group {group.name} needs.",
            )
    _check_policies(role, group, stack, judge)


def _check_policies(role: Resource, group: Resource, stack: Stack, judge: Judge) -> None:
    table = stack.derived(permissions)
    managed, documents = table.held(role, stack)
    for reference in managed:
        with judge.separately:
            name = aws_policy(reference)
            if name and name not in FOR_ECS:
                judge.fail(
                    reference,
                    f"is neither {FOR_ECS[0]} nor {FOR_ECS[1]}; deployment group {group.name} releases an ECS service.",
                )
    if not managed and not documents:
        for doubt in table.doubts:
            raise doubt
        judge.fail(role, f"has no policy; deployment group {group.name} releases by it.")
