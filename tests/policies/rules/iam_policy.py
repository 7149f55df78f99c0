"""Changes to what IAM policies allow."""

from __future__ import annotations

import json
from typing import Any

from tests.policies.cases import Case, fail, put, undecided
from tests.policies.graph import Change, Document, Graph, Ref
from value import UNKNOWN

WILDCARDS, PASS_ROLE = "sec-iam-no-wildcards", "sec-iam-passrole-scoped"
ROLE = "arn:aws:iam::123456789012:role/app-task"
TO_TASKS = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
HOLDERS = ("aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy")


def _statement(**parts: Any) -> dict[str, Any]:
    return {"Effect": "Allow", **parts}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _policy(*statements: dict[str, Any], type_: str = HOLDERS[0], policy: Any = None) -> Change:
    """Adds a policy of these statements, or of this document."""
    document = _document(*statements) if policy is None else policy

    def change(graph: Graph) -> None:
        graph.add("rights", type_, {"role": Ref("task-role", "name"), "policy": document}, arn="arn:rights")

    return change


def _inline(*documents: Any) -> Change:
    return put("task-role", "inlinePolicies", [{"name": "inline", "policy": each} for each in documents])


PLACE = "policy.Statement[0]"
WILDCARD_CASES = [
    *(
        Case(f"{name} on all resources", _policy(_statement(Action=actions, Resource=resource)), found)
        for name, actions, resource, found in (
            ("everything of S3", "s3:*", "*", [fail(WILDCARDS, "rights", f"{PLACE}.Action")]),
            ("of two one service", ["s3:Get*", "SQS:*"], ["*"], [fail(WILDCARDS, "rights", f"{PLACE}.Action[1]")]),
            ("by an ARN, S3", "s3:*", "arn:aws:*", [fail(WILDCARDS, "rights", f"{PLACE}.Action")]),
            ("by a long ARN, S3", "s3:*", "arn:aws:*:*:*:*", [fail(WILDCARDS, "rights", f"{PLACE}.Action")]),
            ("nearly, S3", "s3:*", "arn:aws:s3:::*", []),
            ("reading S3", "s3:Get*", "*", []),
            ("one bucket's S3", "s3:*", ["arn:aws:s3:::app", "arn:aws:s3:::app/*"], []),
            ("nothing", [], [], []),
        )
    ),
    Case(
        "everything of a service, in full",
        _policy(_statement(Action="ecs:*", Resource="*"), type_=HOLDERS[1]),
        [fail(WILDCARDS, "rights", f"{PLACE}.Action")],
        says="rights: policy.Statement[0].Action allows everything of a service on all resources.",
    ),
    Case(
        "everything",
        _policy(_statement(Action="*", Resource="*")),
        [
            fail(WILDCARDS, "rights", f"{PLACE}.Action"),
            fail(PASS_ROLE, "rights", f"{PLACE}.Resource"),
            fail(PASS_ROLE, "rights", f"{PLACE}.Condition"),
        ],
    ),
    Case(
        "everything, in full",
        _policy(_statement(Action="*", Resource="*")),
        [fail(WILDCARDS, "rights", f"{PLACE}.Action")],
        config={PASS_ROLE: {"enabled": False}},
        says="rights: policy.Statement[0].Action allows everything on all resources.",
    ),
    Case(
        "a statement that is no list, in a document that is no text",
        _policy(policy={"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}),
        [fail(WILDCARDS, "rights", "policy.Statement.Action")],
    ),
    Case(
        "everything of a service but on few resources",
        _policy(_statement(Action="s3:*", NotResource="arn:aws:s3:::secret/*")),
        [fail(WILDCARDS, "rights", f"{PLACE}.Action")],
    ),
    Case(
        "everything but a service",
        _policy(_statement(NotAction=["iam:*"], Resource="*")),
        [fail(WILDCARDS, "rights", f"{PLACE}.NotAction")],
        says="rights: policy.Statement[0].NotAction allows everything but this on all resources.",
    ),
    Case(
        "everything but a service, of one bucket", _policy(_statement(NotAction="iam:*", Resource="arn:aws:s3:::a")), []
    ),
    Case("everything denied", _policy({"Effect": "Deny", "Action": "*", "Resource": "*"}), []),
    Case("everything but a service denied", _policy({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}), []),
    Case(
        "everything of a service, allowed",
        _policy(_statement(Action=["logs:*", "s3:*"], Resource="*")),
        [fail(WILDCARDS, "rights", f"{PLACE}.Action[1]")],
        config={WILDCARDS: {"allowActions": ["Logs:*"]}},
    ),
    Case(
        "everything of a service, in a role",
        _inline(_document(), _document(_statement(Action="s3:*", Resource="*"))),
        [fail(WILDCARDS, "task-role", "inlinePolicies[1].policy.Statement[0].Action")],
    ),
    Case(
        "an unknown document of a role leaves the other judged",
        _inline(UNKNOWN, _document(_statement(Action="s3:*", Resource="*"))),
        [
            fail(WILDCARDS, "task-role", "inlinePolicies[1].policy.Statement[0].Action"),
            undecided(PASS_ROLE, "task-role", "inlinePolicies[0].policy"),
            undecided(WILDCARDS, "task-role", "inlinePolicies[0].policy"),
        ],
    ),
    Case(
        "a document with a reference inside, at a first preview",
        _policy(policy=Document({"Statement": _statement(Action="s3:*", Resource=Ref("alb", "arn"))})),
        [undecided(PASS_ROLE, "rights", "policy"), undecided(WILDCARDS, "rights", "policy")],
        preview=True,
    ),
    Case(
        "a document that is no JSON",
        _policy(policy="Allow everything"),
        [undecided(PASS_ROLE, "rights", "policy"), undecided(WILDCARDS, "rights", "policy")],
    ),
    Case(
        "an unknown resource leaves narrow and known actions judged",
        _policy(
            policy={
                "Statement": [
                    _statement(Action=["s3:Get*", "s3:*"], Resource=UNKNOWN),
                    _statement(Action="sqs:*", Resource=["*", UNKNOWN]),
                ]
            }
        ),
        [
            fail(WILDCARDS, "rights", "policy.Statement[1].Action"),
            undecided(WILDCARDS, "rights", "policy.Statement[0].Resource"),
        ],
    ),
    Case(
        "an unknown action leaves the other judged",
        _policy(policy={"Statement": [_statement(Action=[UNKNOWN, "s3:*"], Resource="*")]}),
        [
            fail(WILDCARDS, "rights", f"{PLACE}.Action[1]"),
            undecided(WILDCARDS, "rights", f"{PLACE}.Action[0]"),
            undecided(PASS_ROLE, "rights", f"{PLACE}.Action[0]"),
        ],
    ),
    Case(
        "an unknown effect of a narrow statement",
        _policy(policy={"Statement": [{"Effect": UNKNOWN, "Action": "s3:Get*", "Resource": "*"}]}),
        [],
    ),
    Case(
        "statements with unknown effects leave the next judged",
        _policy(
            policy={
                "Statement": [
                    {"Effect": UNKNOWN, "NotAction": "s3:*", "Resource": "*"},
                    _statement(NotAction="s3:*", Resource="*", Condition=TO_TASKS),
                ]
            }
        ),
        [
            fail(PASS_ROLE, "rights", "policy.Statement[1].Resource"),
            fail(WILDCARDS, "rights", "policy.Statement[1].NotAction"),
            undecided(PASS_ROLE, "rights", "policy.Statement[0].Effect"),
            undecided(WILDCARDS, "rights", "policy.Statement[0].Effect"),
        ],
    ),
    Case(
        "unknown statements",
        _policy(policy={"Statement": UNKNOWN}),
        [
            undecided(PASS_ROLE, "rights", "policy.Statement"),
            undecided(WILDCARDS, "rights", "policy.Statement"),
        ],
    ),
]


def _passing(resource: Any, condition: Any = TO_TASKS, action: Any = "iam:PassRole") -> Change:
    return _policy(_statement(Action=action, Resource=resource, Condition=condition))


PASS_ROLE_CASES = [
    Case("a role passed to tasks", _passing(ROLE), []),
    Case("two roles", _passing([ROLE, f"{ROLE}-execution"]), []),
    Case("a role of any account", _passing("arn:aws:iam::*:role/app/task"), []),
    Case(
        "any role",
        _passing("*"),
        [fail(PASS_ROLE, "rights", f"{PLACE}.Resource")],
        says="rights: policy.Statement[0].Resource lets iam:PassRole hand over roles that it does not name.",
    ),
    *(
        Case(f"any role by {resource}", _passing([ROLE, resource]), [fail(PASS_ROLE, "rights", f"{PLACE}.Resource[1]")])
        for resource in (
            "arn:aws:iam::123456789012:role/*",
            "arn:aws:iam::123456789012:role/app-*",
            "arn:aws:iam::123456789012:role/app-tas?",
            "arn:aws:iam::123456789012:*",
            "arn:aws:iam::*",
            "arn:*",
        )
    ),
    Case(
        "all roles but one",
        _policy(_statement(Action="iam:PassRole", NotResource=ROLE, Condition=TO_TASKS)),
        [fail(PASS_ROLE, "rights", f"{PLACE}.NotResource")],
        says="rights: policy.Statement[0].NotResource lets iam:PassRole hand over all roles but these.",
    ),
    *(
        Case(f"any role by {action}", _passing("*", action=action), found)
        for action, found in (
            ("iam:passrole", [fail(PASS_ROLE, "rights", f"{PLACE}.Resource")]),
            (["iam:Get*", "iam:Pass*"], [fail(PASS_ROLE, "rights", f"{PLACE}.Resource")]),
            ("iam:GetRole", []),
            ("sts:*", [fail(WILDCARDS, "rights", f"{PLACE}.Action")]),
        )
    ),
    Case(
        "any role because it is not excepted",
        _policy(_statement(NotAction="s3:*", Resource="*", Condition=TO_TASKS)),
        [
            fail(WILDCARDS, "rights", f"{PLACE}.NotAction"),
            fail(PASS_ROLE, "rights", f"{PLACE}.Resource"),
        ],
    ),
    Case(
        "a service's rights on something that is no role",
        _policy(_statement(Action="*", Resource=["arn:aws:s3:::app/*", "arn:aws:iam::123456789012:user/*"])),
        [],
    ),
    Case("passing denied", _policy({"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"}), []),
    Case(
        "a role passed to any service",
        _passing(ROLE, {}),
        [fail(PASS_ROLE, "rights", f"{PLACE}.Condition")],
        says="rights: policy.Statement[0].Condition does not limit iam:PassedToService to services by name.",
    ),
    *(
        Case(f"a condition of {operator}", _passing(ROLE, {operator: {key: "ecs-tasks.amazonaws.com"}}), found)
        for operator, key, found in (
            ("StringLike", "IAM:passedtoservice", []),
            ("StringEqualsIfExists", "iam:PassedToService", []),
            ("ForAnyValue:StringEquals", "iam:PassedToService", []),
            ("StringNotEquals", "iam:PassedToService", [fail(PASS_ROLE, "rights", f"{PLACE}.Condition")]),
            ("StringEquals", "aws:SourceAccount", [fail(PASS_ROLE, "rights", f"{PLACE}.Condition")]),
        )
    ),
    Case(
        "a role passed to services by wildcard",
        _passing(ROLE, {"StringLike": {"iam:PassedToService": ["ec2.amazonaws.com*", "*.amazonaws.com"]}}),
        [fail(PASS_ROLE, "rights", f"{PLACE}.Condition.StringLike.iam:PassedToService[1]")],
        says="rights: policy.Statement[0].Condition.StringLike.iam:PassedToService[1] lets roles be passed to services "
        "that it does not name.",
    ),
    Case(
        "an unknown service leaves the other judged",
        _policy(
            policy={
                "Statement": _statement(
                    Action="iam:PassRole",
                    Resource=ROLE,
                    Condition={"StringLike": {"iam:PassedToService": [UNKNOWN, "e?s.amazonaws.com"]}},
                )
            }
        ),
        [
            fail(PASS_ROLE, "rights", "policy.Statement.Condition.StringLike.iam:PassedToService[1]"),
            undecided(PASS_ROLE, "rights", "policy.Statement.Condition.StringLike.iam:PassedToService[0]"),
        ],
    ),
    Case(
        "a role passed to a service that is not allowed",
        _passing(ROLE, {"StringEquals": {"iam:PassedToService": ["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"]}}),
        [fail(PASS_ROLE, "rights", f"{PLACE}.Condition.StringEquals.iam:PassedToService[1]")],
        config={PASS_ROLE: {"services": ["ecs-tasks.amazonaws.com"]}},
        says="rights: policy.Statement[0].Condition.StringEquals.iam:PassedToService[1] lets roles be passed to a "
        "service that is none of those allowed.",
    ),
    Case(
        "an unknown role leaves the other and the condition judged",
        _policy(policy={"Statement": [_statement(Action="iam:PassRole", Resource=["*", UNKNOWN])]}),
        [
            fail(PASS_ROLE, "rights", f"{PLACE}.Condition"),
            fail(PASS_ROLE, "rights", f"{PLACE}.Resource[0]"),
            undecided(PASS_ROLE, "rights", f"{PLACE}.Resource[1]"),
        ],
    ),
    Case(
        "an unknown condition leaves the roles judged",
        _policy(policy={"Statement": [_statement(Action="iam:PassRole", Resource="*", Condition=UNKNOWN)]}),
        [
            fail(PASS_ROLE, "rights", f"{PLACE}.Resource"),
            undecided(PASS_ROLE, "rights", f"{PLACE}.Condition"),
        ],
    ),
]

CASES = [*WILDCARD_CASES, *PASS_ROLE_CASES]
