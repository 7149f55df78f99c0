"""Changes to roles and what they carry."""

from __future__ import annotations

import json
from typing import Any

from tests.policies.cases import Case, drop, fail, nothing, put, several, undecided
from tests.policies.graph import Change, Graph, Ref
from tests.policies.stacks import alb_tokens, classic, native
from value import UNKNOWN

BROAD, CODEDEPLOY = "sec-iam-broad-managed", "sec-codedeploy-role"
ROLE = "arn:aws:iam::123456789012:role/app-task"
AWS = "arn:aws:iam::aws:policy/"


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _attach(policy_arn: Any, **more: Any) -> Change:
    def change(graph: Graph) -> None:
        inputs = {"role": Ref("task-role", "name"), "policyArn": policy_arn, **more}
        graph.add("attachment", "aws:iam/rolePolicyAttachment:RolePolicyAttachment", inputs)

    return change


def _attach_by(type_: str, **inputs: Any) -> Change:
    def change(graph: Graph) -> None:
        del graph.resources["codedeploy-role-attachment"]
        graph.add("attachment", type_, inputs)

    return change


def _own_policy(graph: Graph) -> None:
    """A policy of the stack in place of AWS's."""
    graph.add("own", "aws:iam/policy:Policy", {"name": "release", "policy": _document()}, arn="arn:own")
    graph.put("codedeploy-role-attachment", "policyArn", Ref("own", "arn"))


def _add_rights(graph: Graph) -> None:
    inputs = {"role": Ref("codedeploy-role", "name"), "policy": _document()}
    graph.add("rights", "aws:iam/rolePolicy:RolePolicy", inputs)


def _trust(*statements: dict[str, Any]) -> Change:
    return put("codedeploy-role", "assumeRolePolicy", _document(*statements))


def _detach(graph: Graph) -> None:
    del graph.resources["codedeploy-role-attachment"]


EXCLUSIVE = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
BROAD_CASES = [
    *(
        Case(name, _attach(arn), [fail(BROAD, "attachment", "policyArn")] if broad else [])
        for name, arn, broad in (
            ("an administrator", f"{AWS}AdministratorAccess", True),
            ("a power user", f"{AWS}PowerUserAccess", True),
            ("a power user of images", f"{AWS}AmazonEC2ContainerRegistryPowerUser", True),
            ("full access", f"{AWS}AmazonS3FullAccess", True),
            ("a second version of full access", f"{AWS}CloudWatchFullAccessV2", True),
            ("full access below a path", f"{AWS}job-function/SomeFullAccess", True),
            ("an administrator in China", "arn:aws-cn:iam::aws:policy/AdministratorAccess", True),
            ("reading alone", f"{AWS}AmazonS3ReadOnlyAccess", False),
            ("the tasks' own", f"{AWS}service-role/AmazonECSTaskExecutionRolePolicy", False),
            ("full access of one's own", "arn:aws:iam::123456789012:policy/OrdersFullAccess", False),
            ("junk", "AdministratorAccess", False),
        )
    ),
    Case(
        "an administrator, in full",
        _attach(f"{AWS}AdministratorAccess"),
        [fail(BROAD, "attachment", "policyArn")],
        says="attachment: policyArn is a managed policy of AWS that fits AdministratorAccess.",
    ),
    Case(
        "full access, in a role",
        put("task-role", "managedPolicyArns", [f"{AWS}AmazonS3ReadOnlyAccess", f"{AWS}AmazonS3FullAccess"]),
        [fail(BROAD, "task-role", "managedPolicyArns[1]")],
    ),
    Case(
        "full access, attached for good",
        lambda graph: graph.add(
            "all", EXCLUSIVE, {"roleName": Ref("task-role", "name"), "policyArns": [f"{AWS}AmazonS3FullAccess"]}
        ),
        [fail(BROAD, "all", "policyArns[0]")],
    ),
    Case(
        "full access, attached to several",
        lambda graph: graph.add(
            "several",
            "aws:iam/policyAttachment:PolicyAttachment",
            {"roles": [Ref("task-role", "name")], "policyArn": f"{AWS}AmazonS3FullAccess"},
        ),
        [fail(BROAD, "several", "policyArn")],
    ),
    Case(
        "a policy that is too much here",
        _attach(f"{AWS}AmazonS3ReadOnlyAccess"),
        [fail(BROAD, "attachment", "policyArn")],
        config={BROAD: {"deny": ["*ReadOnlyAccess"]}},
    ),
    Case(
        "full access, allowed",
        _attach(f"{AWS}AmazonS3FullAccess"),
        [],
        config={BROAD: {"deny": ["AdministratorAccess"]}},
    ),
    Case("a policy of the stack at a first preview", _own_policy, [], preview=True),
    Case("what the provider tells of a role later", nothing, [], stack=alb_tokens, preview=True),
    Case(
        "an unknown policy",
        _attach(UNKNOWN),
        [undecided(BROAD, "attachment", "policyArn")],
    ),
    Case(
        "an unknown policy in a list leaves the other judged",
        put("task-role", "managedPolicyArns", [UNKNOWN, f"{AWS}AmazonS3FullAccess"]),
        [
            fail(BROAD, "task-role", "managedPolicyArns[1]"),
            undecided(BROAD, "task-role", "managedPolicyArns[0]"),
        ],
    ),
    Case(
        "two unknown policies",
        put("task-role", "managedPolicyArns", [UNKNOWN, UNKNOWN]),
        [undecided(BROAD, "task-role", f"managedPolicyArns[{n}]") for n in (0, 1)],
    ),
]

ASSUMES = {"Effect": "Allow", "Action": "sts:AssumeRole"}
TRUST = [fail(CODEDEPLOY, "codedeploy-role", "assumeRolePolicy")]
CODEDEPLOY_CASES = [
    *(
        Case(f"a role trusted by {service}", _trust({**ASSUMES, "Principal": {"Service": service}}), found)
        for service, found in (
            (["ec2.amazonaws.com", "codedeploy.amazonaws.com"], []),
            ("codedeploy.eu-west-1.amazonaws.com", []),
            ("codedeploy.cn-north-1.amazonaws.com.cn", []),
            ("ecs.amazonaws.com", TRUST),
            ("notcodedeploy.amazonaws.com", TRUST),
        )
    ),
    Case(
        "a role for tasks",
        _trust({**ASSUMES, "Principal": {"Service": "ecs-tasks.amazonaws.com"}}),
        TRUST,
        says="codedeploy-role: assumeRolePolicy does not let codedeploy.amazonaws.com assume the role, which "
        "deployment group group needs.",
    ),
    Case(
        "trust by the second statement",
        _trust({**ASSUMES, "Principal": "*"}, {**ASSUMES, "Principal": {"Service": "codedeploy.amazonaws.com"}}),
        [],
    ),
    Case(
        "trust denied",
        _trust({**ASSUMES, "Effect": "Deny", "Principal": {"Service": "codedeploy.amazonaws.com"}}),
        TRUST,
    ),
    Case(
        "trust for tags alone",
        _trust({**ASSUMES, "Action": "sts:TagSession", "Principal": {"Service": "codedeploy.amazonaws.com"}}),
        TRUST,
    ),
    Case(
        "rights for servers",
        put("codedeploy-role-attachment", "policyArn", f"{AWS}service-role/AWSCodeDeployRole"),
        [fail(CODEDEPLOY, "codedeploy-role-attachment", "policyArn")],
        says="codedeploy-role-attachment: policyArn is neither AWSCodeDeployRoleForECS nor "
        "AWSCodeDeployRoleForECSLimited; deployment group group releases an ECS service.",
    ),
    Case(
        "limited rights",
        put("codedeploy-role-attachment", "policyArn", f"{AWS}AWSCodeDeployRoleForECSLimited"),
        [],
    ),
    Case(
        "rights for ECS and more",
        _attach(f"{AWS}AmazonSNSReadOnlyAccess", role=Ref("codedeploy-role", "id")),
        [fail(CODEDEPLOY, "attachment", "policyArn")],
        preview=True,
    ),
    Case(
        "no rights",
        _detach,
        [fail(CODEDEPLOY, "codedeploy-role")],
        says="codedeploy-role has no policy; deployment group group releases by it.",
    ),
    Case("no rights, seen at a first preview", _detach, [fail(CODEDEPLOY, "codedeploy-role")], preview=True),
    *(
        Case(f"own rights{' at a first preview' if preview else ''}", _own_policy, [], preview=preview)
        for preview in (False, True)
    ),
    Case(
        "rights of its own alone",
        several(_detach, _add_rights),
        [],
    ),
    Case(
        "rights of the account's",
        put("codedeploy-role-attachment", "policyArn", "arn:aws:iam::123456789012:policy/release"),
        [],
    ),
    Case(
        "rights in the role itself",
        several(_detach, put("codedeploy-role", "inlinePolicies", [{"name": "release", "policy": _document()}])),
        [],
    ),
    *(
        Case(
            f"rights by {type_.rpartition(':')[2]}",
            _attach_by(type_, **{roles: names, policies: arns}),
            [fail(CODEDEPLOY, "attachment", f"{policies}{place}")],
        )
        for type_, roles, names, policies, arns, place in (
            (EXCLUSIVE, "roleName", "codedeploy-role-1", "policyArns", [f"{AWS}service-role/AWSCodeDeployRole"], "[0]"),
            (
                "aws:iam/policyAttachment:PolicyAttachment",
                "roles",
                ["codedeploy-role-1"],
                "policyArn",
                f"{AWS}service-role/AWSCodeDeployRole",
                "",
            ),
        )
    ),
    Case(
        "rights in the role, for servers",
        several(
            _detach,
            put("codedeploy-role", "managedPolicyArns", [f"{AWS}service-role/AWSCodeDeployRole"]),
        ),
        [fail(CODEDEPLOY, "codedeploy-role", "managedPolicyArns[0]")],
    ),
    Case(
        "rights of nobody knows which role",
        put("codedeploy-role-attachment", "role", UNKNOWN),
        [undecided(CODEDEPLOY, "group", "role")],
    ),
    Case(
        "a role whose trust is unknown leaves its rights judged",
        several(put("codedeploy-role", "assumeRolePolicy", UNKNOWN), _detach),
        [
            fail(CODEDEPLOY, "codedeploy-role"),
            undecided(CODEDEPLOY, "group", "assumeRolePolicy"),
        ],
    ),
    Case(
        "an unknown policy leaves the other judged",
        several(
            put("codedeploy-role", "managedPolicyArns", [UNKNOWN]),
            put("codedeploy-role-attachment", "policyArn", f"{AWS}service-role/AWSCodeDeployRole"),
        ),
        [
            fail(CODEDEPLOY, "codedeploy-role-attachment", "policyArn"),
            undecided(BROAD, "codedeploy-role", "managedPolicyArns[0]"),
            undecided(CODEDEPLOY, "group", "managedPolicyArns[0]"),
        ],
    ),
    Case("a role of another stack", put("group", "serviceRoleArn", ROLE), []),
    Case(
        "a deployment group for servers",
        several(
            drop("group", "ecsService"),
            drop("group", "loadBalancerInfo"),
            put("group", "computePlatform", "Server"),
            put("codedeploy-role-attachment", "policyArn", f"{AWS}service-role/AWSCodeDeployRole"),
        ),
        [],
    ),
    Case("a stack that CodeDeploy does not release", nothing, [], stack=native),
    Case("a stack in dev", _detach, [fail(CODEDEPLOY, "codedeploy-role")], stack=lambda: classic("dev")),
]

CASES = [*BROAD_CASES, *CODEDEPLOY_CASES]
