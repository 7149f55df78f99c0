"""Roles may do what their steps call, and nothing else.

The calls are those of `calls.py` for what the recorded graph declares, the answers those of `iam.py` by the policies in
the same graph. That AWS makes no other calls is read in its documents, and only an account can prove it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from offline.deployment import Deployment
from tests.calls import Call
from tests.delivery_stacks import DELIVERIES
from tests.duties import Duty, duties
from tests.iam import ROLE, Statement, allows, deciding, managed_of, statements_of

LAMBDA = "lambda.amazonaws.com"

STACKS = ["dev", "prod", "deliveries", "untagged"]


@pytest.fixture(scope="module", params=STACKS)
def stack(request) -> Deployment:
    """A stack with pipelines."""
    return request.getfixturevalue(request.param)


def called(found: list[Duty]) -> dict[str, set[Call]]:
    """What each role calls."""
    calls: dict[str, set[Call]] = {duty.role: set() for duty in found}
    for duty in found:
        calls[duty.role] |= duty.calls
    return calls


def roles(deployment: Deployment) -> Iterator[tuple[str, list[Statement], set[Call]]]:
    """The roles of all deliveries, the statements of each, and what it calls."""
    for found in duties(deployment).values():
        for role, calls in called(found).items():
            yield role, statements_of(deployment, role), calls


def refused(held: list[Statement], calls: set[Call]) -> set[tuple[str, str]]:
    """The calls that statements don't allow."""
    return {
        (each.action, each.resource) for each in calls if not allows(held, each.action, each.resource, each.context)
    }


def values(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def parts(statement: Statement) -> Iterator[Statement]:
    """A statement for each action and each resource of a statement."""
    for action in values(statement.document["Action"]):
        for resource in values(statement.document["Resource"]):
            document = {**statement.document, "Action": action, "Resource": resource}
            yield Statement(statement.policy, statement.index, document)


OF_STEPS = [
    r"arn:aws:s3:::[a-z0-9-]+-artifacts-[0-9a-f]+/[*]",
    r"[^*]+:log-group:[^*:]+:[*]",
    r"[^*]+:task-definition/[^*/:]+:[*]",
    r"[^*]+:service-(deployment|revision)/[^*/]+/[^*/]+/[*]",
]
"""Whose last part nobody knows yet: artifacts, streams of a log, revisions, deployments."""

OF_FUNCTIONS = [
    r"[^*]+:log-group:[^*:]+:[*]",
    r"[^*]+:service(-deployment|-revision)?/[^*/]+/[^*/]+-service-[*]",
    r"[^*]+:deploymentgroup:[^*/]+-codedeploy-[*]/[^*/]+",
    r"[^*]+:parameter/[^*]+/approvals/[*]",
]
"""A function is made before what it judges: of the names the beginning is known."""


class TestNeeded:
    """What the steps call is allowed, and only that."""

    def test_calls(self, stack):
        """Every call of every step is allowed."""
        found = {role: refused(held, calls) for role, held, calls in roles(stack)}
        assert {role: calls for role, calls in found.items() if calls} == {}

    def test_statements(self, stack):
        """Each statement is the only one to allow some call, which would be refused without it."""
        for _, held, calls in roles(stack):
            allowing = [deciding(held, each.action, each.resource, each.context) for each in calls]
            alone = [statement for statement, *others in allowing if not others]
            assert [(each.policy, each.index) for each in held if each not in alone] == []

    def test_parts(self, stack):
        """Of each statement, every action is called and every resource is called upon."""
        assert [
            (role, part.document["Action"], part.document["Resource"])
            for role, held, calls in roles(stack)
            for statement in held
            for part in parts(statement)
            if not any(part.covers(each.action, each.resource, each.context) for each in calls)
        ] == []

    def test_conditions(self, stack):
        """What a call depends on beside its resource matters: with another value the call is refused."""
        assert [
            (role, each.action, key)
            for role, held, calls in roles(stack)
            for each in calls
            for key in each.context
            if allows(held, each.action, each.resource, {**each.context, key: "other"})
        ] == []

    def test_form(self, stack):
        """Statements say what is allowed, not what isn't, and no managed policy allows anything besides."""
        for role, held, _ in roles(stack):
            assert {key for each in held for key in each.document} <= {"Effect", "Action", "Resource", "Condition"}
            assert {each.document["Effect"] for each in held} == {"Allow"}
            assert managed_of(stack, role) == []

    def test_actions_by_name(self, stack):
        """Actions are named in full, but for those of KMS that AWS itself names by their beginning."""
        actions = {part.document["Action"] for _, held, _ in roles(stack) for each in held for part in parts(each)}
        assert {action for action in actions if "*" in action} == {"kms:GenerateDataKey*", "kms:ReEncrypt*"}

    def test_resources_by_name(self, stack):
        """Resources are named in full, but for what has no name before it is there."""
        functions = {duty.role for found in duties(stack).values() for duty in found if duty.principal == LAMBDA}
        for role, held, _ in roles(stack):
            open_ = OF_FUNCTIONS if role in functions else OF_STEPS
            for resource in {part.document["Resource"] for each in held for part in parts(each)} - {"*"}:
                named = "*" not in resource and "?" not in resource
                assert named or any(re.fullmatch(each, resource) for each in open_), (role, resource)

    def test_strangers(self, deliveries):
        """The roles of a service are refused what those of the next one call, unless both share what it is about."""
        found = list(duties(deliveries).values())
        crossed = []
        for own, other in zip(found, [*found[1:], found[0]], strict=True):
            shared = {call.resource for duty in own for call in duty.calls}
            strange = {call for duty in other for call in duty.calls if call.resource not in shared}
            for role in called(own):
                allowed = {(each.action, each.resource) for each in strange}
                allowed -= refused(statements_of(deliveries, role), strange)
                crossed += [(role, *each) for each in allowed]
        assert crossed == []


ON_ALL = {
    # Actions of which AWS knows no resource.
    # https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    "codedeploy:PutLifecycleEventHookExecutionStatus",
    "ecr:GetAuthorizationToken",
    "ecs:DescribeTaskDefinition",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "logs:DescribeLogGroups",
    # On less than all, the reply leaves out composite alarms.
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    "cloudwatch:DescribeAlarms",
    # Lambda asks for them on all.
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}
"""What may be allowed on every resource."""

BY_CONDITION = {"ecs:CreateTaskSet", "ecs:DeleteTaskSet"}
"""What is allowed on every resource that belongs to one service."""


def on_all(deployment: Deployment, conditional: bool) -> dict[str, list[Statement]]:
    """The statements on every resource, of all roles of a stack, by action."""
    found: dict[str, list[Statement]] = {}
    for role in deployment.of_type(ROLE):
        for part in (part for each in statements_of(deployment, role.name) for part in parts(each)):
            if not part.document["Resource"].strip("*:") and ("Condition" in part.document) is conditional:
                found.setdefault(part.document["Action"], []).append(part)
    return found


class TestEverywhere:
    """What is allowed on every resource."""

    @pytest.mark.parametrize("name", [*STACKS, "mesh"])
    def test_listed(self, name, request):
        """Whatever the role, it is nothing but what AWS can't limit."""
        assert on_all(request.getfixturevalue(name), conditional=False).keys() <= ON_ALL

    def test_in_use(self, deliveries):
        """All of the list is in use."""
        assert on_all(deliveries, conditional=False).keys() == ON_ALL

    def test_by_condition(self, deliveries):
        """Task sets are those of one service, of which ECS tells cluster and service."""
        found = on_all(deliveries, conditional=True)
        assert found.keys() == BY_CONDITION
        for statement in (each for statements in found.values() for each in statements):
            assert {name: sorted(keys) for name, keys in statement.document["Condition"].items()} == {
                "ArnEquals": ["ecs:cluster", "ecs:service"]
            }


def passing(deployment: Deployment) -> dict[str, list[dict]]:
    """The statements by which roles are handed on, by the role that may."""
    found = {
        role.name: [
            dict(each.document)
            for each in statements_of(deployment, role.name)
            if "iam:PassRole" in values(each.document["Action"])
        ]
        for role in deployment.of_type(ROLE)
    }
    return {role: documents for role, documents in found.items() if documents}


class TestPassRole:
    """Who may hand roles on (G59)."""

    def test_dev(self, dev):
        """CodeDeploy, which starts tasks, and the pipeline that registers their definition."""
        assert passing(dev).keys() == {"app-codedeploy", "app-deploy-pipeline"}

    def test_prod(self, prod):
        """CodeDeploy, and the one pipeline that there is."""
        assert passing(prod).keys() == {"app-codedeploy", "app-release-pipeline"}

    def test_ecs(self, deliveries):
        """Where ECS releases a service, the deploy step alone."""
        native = {f"{each}-release-deploy" for each in DELIVERIES if each.controller == "ECS"}
        assert {role for role in passing(deliveries) if role.startswith("ecs-")} == native

    def test_what(self, stack):
        """Both roles of the service's tasks to ECS tasks, and to nobody else."""
        found = passing(stack)
        for name, own in duties(stack).items():
            for role in called(own).keys() & found.keys():
                assert found.pop(role) == [
                    {
                        "Effect": "Allow",
                        "Action": ["iam:PassRole"],
                        "Resource": [
                            stack.find(ROLE, f"{name}-{kind}").outputs["arn"] for kind in ("task", "execution")
                        ],
                        "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
                    }
                ]
        assert found == {}
