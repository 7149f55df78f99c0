"""What IAM policies may allow."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from aws import POLICY, ROLE, ROLE_POLICY
from iam import Statement, is_everything, is_wildcard, role_name, statements
from judge import Judge
from resources import Resource
from rule import Level, Rule, Severity
from value import Value, all_true, any_true, each

no_wildcards = Rule(
    id="sec-iam-no-wildcards",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="No policy allows everything, or everything of a service, on all resources.",
    why="Whoever breaks into a task, a build or a pipeline has the rights of its role. A wildcard on all "
    "resources makes that the whole service, or the whole account.",
    fix="""\
  aws.iam.RolePolicy("uploads",
      role=task_role.name,
      policy=json.dumps({"Version": "2012-10-17", "Statement": [{
          "Effect": "Allow",
-         "Action": "s3:*",
-         "Resource": "*",
+         "Action": ["s3:GetObject", "s3:PutObject"],
+         "Resource": "arn:aws:s3:::app-uploads/*",
      }]}),
  )""",
    url="https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-21",
    knobs={
        "allowActions": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Wildcards that are accepted on all resources, as policies write them: `logs:*`.",
        }
    },
)


@no_wildcards.resource(ROLE, ROLE_POLICY, POLICY)
def _names_actions(holder: Resource, judge: Judge) -> None:
    for statement in _statements(holder, judge):
        for action in statement.actions:
            with judge.separately:
                _check_action(action, statement, judge)
        with judge.separately:
            _check_excepted_actions(statement, judge)


def _check_action(action: Value, statement: Statement, judge: Judge) -> None:
    allowed = {name.lower() for name in judge.knob("allowActions")}
    if all_true(
        lambda: is_wildcard(action) and action.text.lower() not in allowed,
        lambda: statement.allows,
        lambda: _reaches_everything(statement),
    ):
        what = "everything of a service" if ":" in action.text else "everything"
        judge.fail(action, f"allows {what} on all resources.")


def _check_excepted_actions(statement: Statement, judge: Judge) -> None:
    if statement.excepted_actions and all_true(
        lambda: statement.allows,
        lambda: _reaches_everything(statement),
    ):
        judge.fail(statement.place["NotAction"], "allows everything but this on all resources.")


def _reaches_everything(statement: Statement) -> bool:
    return any_true(
        *(partial(is_everything, resource) for resource in statement.resources),
        lambda: bool(statement.excepted_resources),
    )


passrole_scoped = Rule(
    id="sec-iam-passrole-scoped",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="A policy that allows iam:PassRole names the roles and the services that may get them.",
    why="Whoever may hand any role to a service borrows its rights: a task that is started with an "
    "administrator's role is an administrator.",
    fix="""\
  aws.iam.RolePolicy("release",
      role=pipeline_role.name,
      policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [{
          "Effect": "Allow",
          "Action": "iam:PassRole",
-         "Resource": "*",
+         "Resource": [task_role.arn, execution_role.arn],
+         "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
      }]}),
  )""",
    url="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
    knobs={
        "services": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Services that roles may be passed to, as `ecs-tasks.amazonaws.com`; any if none are given.",
        }
    },
)


@passrole_scoped.resource(ROLE, ROLE_POLICY, POLICY)
def _names_roles(holder: Resource, judge: Judge) -> None:
    for statement in _statements(holder, judge):
        with judge.separately:
            _check_pass_role(statement, judge)


def _check_pass_role(statement: Statement, judge: Judge) -> None:
    if all_true(
        lambda: statement.allows,
        lambda: statement.names("iam:PassRole"),
        lambda: _reaches_roles(statement),
    ):
        _check_roles(statement, judge)
        _check_services(statement, judge)


def _reaches_roles(statement: Statement) -> bool:
    return any_true(
        *(lambda resource=resource: bool(role_name(resource)) for resource in statement.resources),
        lambda: bool(statement.excepted_resources),
    )


def _check_roles(statement: Statement, judge: Judge) -> None:
    for resource in statement.resources:
        with judge.separately:
            if set(role_name(resource)) & set("*?"):
                judge.fail(resource, "lets iam:PassRole hand over roles that it does not name.")
    if statement.excepted_resources:
        judge.fail(statement.place["NotResource"], "lets iam:PassRole hand over all roles but these.")


def _check_services(statement: Statement, judge: Judge) -> None:
    allowed = judge.knob("services")
    services = statement.required("iam:PassedToService")
    if not services:
        judge.fail(statement.place["Condition"], "does not limit iam:PassedToService to services by name.")
    for service in services:
        with judge.separately:
            if set(service.text.partition(".")[0]) & set("*?"):
                judge.fail(service, "lets roles be passed to services that it does not name.")
            elif allowed and service.text not in allowed:
                judge.fail(service, "lets roles be passed to a service that is none of those allowed.")


def _statements(holder: Resource, judge: Judge) -> Iterator[Statement]:
    """The statements of every document that the resource holds; what can't be read is left undecided."""
    holders = each(holder["inlinePolicies"]) if holder.kind == ROLE else [holder]
    for document in (place["policy"] for place in holders):
        with judge.separately:
            yield from statements(document)
