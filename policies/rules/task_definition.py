"""What a task definition must be."""

from __future__ import annotations

from aws import ROLE, TASK_DEFINITION
from judge import Judge
from release import containers
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
  aws.ecs.TaskDefinition("task", ...,
      execution_role_arn=execution_role.arn,  # pulls images, writes logs, reads secrets
-     task_role_arn=execution_role.arn,
+     task_role_arn=task_role.arn,  # what the application itself may do
  )""",
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


isolation = Rule(
    id="sec-td-isolation",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="Tasks share neither privileges nor namespaces with their host.",
    why="A privileged container is root on its host, and in the host's namespaces a task sees the processes, the "
    "memory and the traffic of all others: also of the version that runs beside it during a release.",
    fix="""\
  aws.ecs.TaskDefinition("task", ...,
-     pid_mode="host",
+     pid_mode="task",  # the containers of one task see each other
  )""",
    url="https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-3",
)


@isolation.resource(TASK_DEFINITION)
def _is_isolated(task: Resource, judge: Judge) -> None:
    for mode in ("pidMode", "ipcMode", "networkMode"):
        with judge.separately:
            if task[mode].text == "host":
                judge.fail(task[mode], "is host.")
    for container in containers(task):
        with judge.separately:
            if container["privileged"].flag:
                judge.fail(container["privileged"], "is true.")
