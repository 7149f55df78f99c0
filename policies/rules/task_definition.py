"""What a task definition must be."""

from __future__ import annotations

from aws import ROLE, TASK_DEFINITION
from judge import Judge
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack

roles = Rule(
    id="sec-td-roles",
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    description="A task definition has an execution role, and it is not the task role.",
    why="The execution role may pull images and read secrets before the application starts. If "
    "the application runs under it, whoever breaks in has these rights too.",
    fix="""\
execution_role_arn=execution_role.arn,  # pulls images, writes logs, reads secrets
task_role_arn=task_role.arn,  # what the application itself may do""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html",
)


@roles.resource(TASK_DEFINITION)
def _known_roles_differ(task: Resource, judge: Judge) -> None:
    execution, own = task["executionRoleArn"], task["taskRoleArn"]
    if not execution.is_unknown and not execution.text:
        judge.fail(execution, "is not set.")
    elif not execution.is_unknown and not own.is_unknown and execution.text == own.text:
        judge.fail(own, "is the execution role.")


@roles.stack(TASK_DEFINITION)
def _unknown_roles_differ(task: Resource, stack: Stack, judge: Judge) -> None:
    execution, own = task["executionRoleArn"], task["taskRoleArn"]
    if not (execution.is_unknown or own.is_unknown):
        return
    if any(not role.is_unknown and not role.text for role in (execution, own)):
        return
    role = stack.one(execution, ROLE)
    if role is not None and role is stack.one(own, ROLE):
        judge.fail(own, f"is {role.name}, the execution role.")
