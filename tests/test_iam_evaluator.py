"""The evaluator of policies answers as IAM does; expectations are those of AWS's documentation.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import json

import pytest

from offline.deployment import Deployment, Resource
from tests.iam import Statement, admits, allows, deciding, managed_of, may_assume, statements, statements_of

BUCKET = "arn:aws:s3:::artifacts"
OBJECT = f"{BUCKET}/app/source/1a2b.zip"
ROLE = "arn:aws:iam::123456789012:role/task"
RULE = "arn:aws:events:eu-west-1:123456789012:rule/push"


def policy(*documents: dict) -> list[Statement]:
    return statements("shop", json.dumps({"Version": "2012-10-17", "Statement": documents}))


def allow(action: str | list[str] = "s3:GetObject", resource: str | list[str] = "*", **more) -> dict:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str = "*", resource: str = "*", **more) -> dict:
    return allow(action, resource, **more) | {"Effect": "Deny"}


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        ("s3:GetObject", True),
        ("S3:getobject", True),
        ("s3:Get*", True),
        ("s3:?etObject", True),
        ("s3:*", True),
        ("*", True),
        (["s3:PutObject", "s3:GetObject"], True),
        ("s3:Get", False),
        ("s3:GetObject?", False),
        ("s3:GetObjectVersion", False),
        ("s3:Get[NO]bject", False),
        ("s3-GetObject", False),
        ("s3.GetObject", False),
        ([], False),
    ],
)
def test_actions_are_compared_without_case_and_with_wildcards(pattern, allowed):
    assert allows(policy(allow(pattern)), "s3:GetObject", OBJECT) is allowed


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        (OBJECT, True),
        ("*", True),
        ("arn:*", True),
        (f"{BUCKET}/*", True),
        (f"{BUCKET}/*/1a2b.zip", True),
        (f"{BUCKET}/app/source/?a2b.zip", True),
        (f"{BUCKET}*", True),
        (["arn:aws:s3:::other/*", f"{BUCKET}/*"], True),
        (BUCKET, False),
        (f"{BUCKET}/", False),
        (f"{BUCKET}/App/*", False),
        (f"{BUCKET}/app/?", False),
        (f"{BUCKET}/app/source/1a2b-zip", False),
        ("arn:aws:s3:::other/*", False),
    ],
)
def test_resources_are_compared_with_case_and_wildcards_that_span_slashes_and_colons(pattern, allowed):
    assert allows(policy(allow(resource=pattern)), "s3:GetObject", OBJECT) is allowed


def test_an_action_that_has_no_resource_is_allowed_on_all_only():
    assert allows(policy(allow("ecr:GetAuthorizationToken")), "ecr:GetAuthorizationToken", "*")
    assert not allows(policy(allow("ecr:GetAuthorizationToken", ROLE)), "ecr:GetAuthorizationToken", "*")


def test_not_action_covers_all_other_actions():
    others = policy({"Effect": "Allow", "NotAction": ["iam:*", "s3:Put*"], "Resource": "*"})
    asked = ("s3:GetObject", "S3:PUTOBJECT", "iam:PassRole", "ecs:UpdateService")
    assert [allows(others, action, OBJECT) for action in asked] == [True, False, False, True]


def test_not_resource_covers_all_other_resources():
    others = policy({"Effect": "Allow", "Action": "s3:*", "NotResource": [BUCKET, f"{BUCKET}/*"]})
    asked = (BUCKET, OBJECT, "arn:aws:s3:::artifacts-2/app.zip")
    assert [allows(others, "s3:GetObject", resource) for resource in asked] == [False, False, True]


def test_what_nothing_allows_is_refused():
    assert not allows([], "s3:GetObject", OBJECT)
    assert not allows(policy(deny("ecs:*")), "s3:GetObject", OBJECT)


def test_a_deny_wins_wherever_it_stands():
    for documents in ((allow(), deny()), (deny(), allow())):
        assert not allows(policy(*documents), "s3:GetObject", OBJECT)


def test_a_deny_refuses_only_what_it_covers():
    unencrypted = deny(Condition={"Bool": {"aws:SecureTransport": "false"}})
    held = policy(allow("s3:*"), deny("s3:Put*"), deny(resource=BUCKET), unencrypted)
    assert allows(held, "s3:GetObject", OBJECT, {"aws:SecureTransport": "true"})
    assert not allows(held, "s3:PutObject", OBJECT, {"aws:SecureTransport": "true"})
    assert not allows(held, "s3:GetObject", BUCKET, {"aws:SecureTransport": "true"})
    assert not allows(held, "s3:GetObject", OBJECT, {"aws:SecureTransport": "false"})


KEY = "iam:PassedToService"
TASKS = "ecs-tasks.amazonaws.com"


@pytest.mark.parametrize(
    ("operator", "expected", "given", "holds"),
    [
        ("StringEquals", TASKS, TASKS, True),
        ("StringEquals", ["ecs.amazonaws.com", TASKS], TASKS, True),
        ("StringEquals", TASKS, "ecs.amazonaws.com", False),
        ("StringEquals", TASKS, "ECS-tasks.amazonaws.com", False),
        ("StringEquals", "ecs*", TASKS, False),
        ("StringEquals", [], TASKS, False),
        ("StringEquals", TASKS, None, False),
        ("StringEqualsIgnoreCase", "ECS-TASKS.amazonaws.com", TASKS, True),
        ("StringEqualsIgnoreCase", "ecs.amazonaws.com", TASKS, False),
        ("StringNotEquals", "ecs.amazonaws.com", TASKS, True),
        ("StringNotEquals", [TASKS, "ecs.amazonaws.com"], TASKS, False),
        ("StringNotEquals", TASKS, None, True),
        ("StringNotEqualsIgnoreCase", "ECS-TASKS.amazonaws.com", TASKS, False),
        ("StringLike", "ecs*.amazonaws.com", TASKS, True),
        ("StringLike", ["s3*", "ecs?tasks*"], TASKS, True),
        ("StringLike", "ECS*", TASKS, False),
        ("StringLike", "*", None, False),
        ("StringNotLike", "ecs.*", TASKS, True),
        ("StringNotLike", ["s3*", "ecs*"], TASKS, False),
        ("StringNotLike", "ecs*", None, True),
        ("StringEqualsIfExists", TASKS, TASKS, True),
        ("StringEqualsIfExists", TASKS, "ecs.amazonaws.com", False),
        ("StringEqualsIfExists", TASKS, None, True),
        ("StringNotEqualsIfExists", TASKS, TASKS, False),
        ("StringNotEqualsIfExists", TASKS, None, True),
        ("ArnEquals", RULE, RULE, True),
        ("ArnEquals", "arn:aws:events:*:123456789012:rule/*", RULE, True),
        ("ArnLike", "arn:aws:events:eu-west-1:123456789012:*", RULE, True),
        ("ArnLike", "arn:aws:events:eu-west-?:*:rule/push", RULE, True),
        ("ArnLike", "arn:aws:ecs:*:*:*", "arn:aws:ecs:eu-west-1:123456789012:service-deployment/a:b", True),
        ("ArnLike", ["arn:aws:sns:*:*:*", RULE], RULE, True),
        ("ArnLike", "arn:aws:events:*:rule/push:*", RULE, False),
        ("ArnLike", "arn:aws:events:eu-west-1:123456789012:rule/Push", RULE, False),
        ("ArnLike", "arn:aws:events:eu-west-1:999999999999:*", RULE, False),
        ("ArnLike", "arn:aws:logs:*:*:push", "arn:aws:logs:eu-west-1:123456789012:log-group:push", False),
        ("ArnLike", "arn:aws:*:*:*:*", "arn:aws:events", False),
        ("ArnLike", "arn:aws:*:*:*:*", None, False),
        ("ArnNotEquals", "arn:aws:events:*:*:*", RULE, False),
        ("ArnNotLike", "arn:aws:sns:*:*:*", RULE, True),
        ("ArnNotLike", "arn:aws:sns:*:*:*", None, True),
        ("ArnLikeIfExists", "arn:aws:sns:*:*:*", None, True),
        ("ArnLikeIfExists", "arn:aws:sns:*:*:*", RULE, False),
        ("Bool", "true", "true", True),
        ("Bool", True, "true", True),
        ("Bool", "TRUE", "true", True),
        ("Bool", False, "true", False),
        ("Bool", "false", None, False),
        ("BoolIfExists", "false", None, True),
        ("Null", "true", None, True),
        ("Null", True, None, True),
        ("Null", "TRUE", None, True),
        ("Null", "true", TASKS, False),
        ("Null", "false", TASKS, True),
        ("Null", "false", None, False),
        ("ForAnyValue:StringEquals", ["a", "b"], ["b", "c"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c"], False),
        ("ForAnyValue:StringEquals", "a", [], False),
        ("ForAnyValue:StringEquals", "a", None, False),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ["b", "c"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "b"], False),
        ("ForAnyValue:StringNotEquals", "a", None, False),
        ("ForAnyValue:StringEqualsIfExists", "a", None, True),
        ("ForAnyValue:ArnLike", "arn:aws:events:*:*:*", [ROLE, RULE], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["b", "a"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["b", "c"], False),
        ("ForAllValues:StringEquals", "a", [], True),
        ("ForAllValues:StringEquals", "a", None, True),
        ("ForAllValues:StringNotLike", ["a*", "b*"], ["c", "bc"], False),
        ("ForAllValues:StringNotLike", ["a*", "b*"], ["c", "d"], True),
    ],
)
def test_a_condition_compares_a_key_of_the_request(operator, expected, given, holds):
    held = policy(allow("iam:PassRole", ROLE, Condition={operator: {KEY: expected}}))
    context = {} if given is None else {KEY: given}
    assert allows(held, "iam:PassRole", ROLE, context) is holds


def test_all_operators_and_all_keys_of_a_condition_must_hold():
    held = policy(
        allow(
            Condition={
                "StringEquals": {"aws:SourceAccount": "123456789012", "ecs:cluster": "shop"},
                "Bool": {"aws:SecureTransport": "true"},
            }
        )
    )
    request = {"aws:SourceAccount": "123456789012", "ecs:cluster": "shop", "aws:SecureTransport": "true"}
    assert allows(held, "s3:GetObject", OBJECT, request)
    for key in request:
        assert not allows(held, "s3:GetObject", OBJECT, request | {key: "another"})
        assert not allows(held, "s3:GetObject", OBJECT, {k: v for k, v in request.items() if k != key})


def test_condition_keys_are_compared_without_case():
    held = policy(allow(Condition={"StringEquals": {"AWS:sourceaccount": "123456789012"}}))
    assert allows(held, "s3:GetObject", OBJECT, {"aws:SourceAccount": "123456789012"})


def test_the_statements_that_decide_are_those_that_allow():
    held = policy(allow("s3:Put*"), allow(resource=f"{BUCKET}/*"), allow("s3:Get*"))
    assert [each.index for each in deciding(held, "s3:GetObject", OBJECT)] == [1, 2]
    assert deciding(held, "s3:GetObject", BUCKET) == [held[2]]
    assert deciding([*held, *policy(deny())], "s3:GetObject", OBJECT) == []


@pytest.mark.parametrize(
    "document",
    [
        allow(resource="arn:aws:s3:::${aws:username}"),
        allow("s3:${action}"),
        allow(Condition={"StringLike": {"aws:SourceArn": "${aws:PrincipalArn}"}}),
        allow(Condition={"NumericEquals": {"s3:max-keys": "1"}}),
        allow(Condition={"NullIfExists": {"s3:max-keys": "true"}}),
        allow(Condition={"stringEquals": {"s3:prefix": "a"}}),
        allow(Condition={"ForEachValue:StringEquals": {"s3:delimiter": "/"}}),
        allow(Condition={"StringEquals": {"s3:max-keys": 1}}),
        allow(Condition={"ArnLike": {"s3:prefix": "*"}}),
        allow(Condition={"StringEquals": {"aws:TagKeys": "a"}}),
        allow(Condition={"StringEquals": {"s3:prefix": "b"}, "IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        allow(NotAction="s3:*"),
        allow(NotResource="*"),
        allow(NotPrincipal="*"),
        allow(Actions="s3:*"),
        allow(Effect="allow"),
        {"Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Resource": "*"},
        {"Effect": "Allow", "Action": "*"},
    ],
)
def test_what_is_not_understood_is_neither_allowed_nor_refused(document):
    with pytest.raises((ValueError, KeyError)):
        allows(policy(document), "s3:GetObject", OBJECT, {"s3:prefix": "a", "aws:TagKeys": ["a", "b"]})


def role(*trusted: dict, **inputs) -> Resource:
    trust = json.dumps({"Version": "2012-10-17", "Statement": list(trusted)})
    return Resource(
        urn="urn:pulumi:test::ecs-blue-green::aws:iam/role:Role::shop",
        type="aws:iam/role:Role",
        id="shop-1a2b3c4",
        inputs={"assumeRolePolicy": trust, **inputs},
        outputs={"arn": "arn:aws:iam::123456789012:role/shop-1a2b3c4"},
    )


def assume(principal: str | dict, **more) -> dict:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **more}


@pytest.mark.parametrize(
    ("trusted", "assumed"),
    [
        (assume({"Service": "events.amazonaws.com"}), True),
        (assume({"Service": ["ecs.amazonaws.com", "events.amazonaws.com"]}), True),
        (assume("*"), True),
        (assume({"Service": "events.amazonaws.com"}) | {"Action": "sts:*"}, True),
        (assume({"Service": "events.amazonaws.com"}, Condition={"ArnEquals": {"aws:SourceArn": RULE}}), True),
        (assume({"Service": "events.amazonaws.com"}, Condition={"ArnEquals": {"aws:SourceArn": RULE + "-2"}}), False),
        (assume({"Service": "events.amazonaws.com"}) | {"Action": "sts:TagSession"}, False),
        (assume({"Service": "ecs.amazonaws.com"}), False),
        (assume({"Service": "*.amazonaws.com"}), False),
        (assume({"AWS": "events.amazonaws.com"}), False),
    ],
)
def test_a_role_is_assumed_by_the_service_that_its_trust_policy_names(trusted, assumed):
    assert may_assume(role(trusted), "events.amazonaws.com", {"aws:SourceArn": RULE}) is assumed


def test_a_trust_policy_may_deny_as_well():
    refused = assume("*") | {"Effect": "Deny"}
    assert not may_assume(role(assume({"Service": "events.amazonaws.com"}), refused), "events.amazonaws.com")


def test_the_policy_of_a_topic_names_who_and_what():
    topic = "arn:aws:sns:eu-west-1:123456789012:failures"
    held = policy(allow("sns:Publish", topic, Principal={"Service": "events.amazonaws.com"}))
    assert admits(held, "events.amazonaws.com", "sns:Publish", topic)
    assert not admits(held, "events.amazonaws.com", "sns:Publish", f"{topic}-2")
    assert not admits(held, "events.amazonaws.com", "sns:Subscribe", topic)
    assert not admits(held, "codestar-notifications.amazonaws.com", "sns:Publish", topic)


def attached(kind: str, name: str, **inputs) -> Resource:
    type_ = f"aws:iam/role{kind}:Role{kind}"
    return Resource(urn=f"urn:pulumi:test::ecs-blue-green::{type_}::{name}", type=type_, inputs=inputs)


def test_a_role_holds_the_policies_of_its_own_and_says_where_each_statement_stands():
    def text(*actions: str) -> str:
        return json.dumps({"Statement": [allow(action) for action in actions]})

    held = Deployment(
        [
            role(inlinePolicies=[{"name": "inline", "policy": text("a:A")}], managedPolicyArns=["arn:first"]),
            attached("Policy", "shop-build", role="shop-1a2b3c4", policy=text("b:B", "b:C")),
            attached("Policy", "other", role="other", policy=text("d:D")),
            attached("PolicyAttachment", "shop-managed", role="shop-1a2b3c4", policyArn="arn:second"),
            attached("PolicyAttachment", "other-managed", role="other", policyArn="arn:third"),
        ]
    )
    assert statements_of(held, "shop") == [
        Statement("inline", 0, allow("a:A")),
        Statement("shop-build", 0, allow("b:B")),
        Statement("shop-build", 1, allow("b:C")),
    ]
    assert managed_of(held, "shop") == ["arn:first", "arn:second"]


def test_a_policy_may_hold_one_statement_without_a_list():
    assert statements("shop", json.dumps({"Statement": allow()})) == [Statement("shop", 0, allow())]


def test_the_policies_of_a_role_that_is_not_known_yet_are_not_known_either():
    unknown = role()
    unknown.id = ""
    with pytest.raises(ValueError, match="id is not known"):
        statements_of(Deployment([unknown]), "shop")


def test_a_policy_that_is_not_known_yet_is_not_taken_for_an_empty_one():
    held = Deployment([role(), attached("Policy", "shop", role="shop-1a2b3c4", policy="04da6b54-80e4")])
    with pytest.raises(ValueError, match="Extra data"):
        statements_of(held, "shop")
