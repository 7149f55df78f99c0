"""Policy documents read as IAM reads them, in every shape that it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

import iam
from resources import Resource
from tests.policies.graph import Plain
from value import UNKNOWN, Undecided, Value, each


def _value(document: Any) -> Value:
    resource = Resource("urn:pulumi:prod::shop::aws:iam/policy:Policy::rights", "aws:iam/policy:Policy", Plain({}, []))
    return Value(resource, document, "policy")


def _statement(**parts: Any) -> iam.Statement:
    return iam.Statement(_value(parts))


def _texts(values: list[Value]) -> list[str]:
    return [value.text for value in values]


ONE = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


@pytest.mark.parametrize(
    "document",
    [{"Statement": [ONE]}, {"Statement": ONE}, json.dumps({"Statement": [ONE]}), json.dumps({"Statement": ONE})],
    ids=["object", "object of one", "text", "text of one"],
)
def test_a_document_may_be_text_or_object_and_one_statement_need_be_no_list(document: Any) -> None:
    (statement,) = iam.statements(_value(document))
    assert (statement.allows, _texts(statement.actions), _texts(statement.resources)) == (True, ["s3:GetObject"], ["*"])
    assert (statement.excepted_actions, statement.excepted_resources, statement.principals) == ([], [], {})


def test_a_place_says_where_it_stands() -> None:
    (statement,) = iam.statements(_value(json.dumps({"Statement": [{"Action": ["s3:*", "sqs:*"]}]})))
    assert [action.path for action in statement.actions] == [
        "policy.Statement[0].Action[0]",
        "policy.Statement[0].Action[1]",
    ]


@pytest.mark.parametrize("document", [None, "{}", "[]", '"Allow"', {}, {"Statement": None}, {"Statement": []}])
def test_a_document_may_say_nothing(document: Any) -> None:
    assert list(iam.statements(_value(document))) == []


@pytest.mark.parametrize("document", [UNKNOWN, "Allow everything", "[" * 100_000])
def test_a_document_that_cannot_be_read_is_undecided(document: Any) -> None:
    with pytest.raises(Undecided) as doubt:
        list(iam.statements(_value(document)))
    assert doubt.value.place.path == "policy"


@pytest.mark.parametrize("part", [17, True, "text", ["text", 17, None], {"a": {"b": []}}, [[]]])
def test_junk_is_read_as_nothing(part: Any) -> None:
    """Whatever stands where IAM wants something else, reading it raises nothing."""
    for statement in iam.statements(_value({"Statement": part})):
        assert (statement.allows, statement.names("iam:PassRole"), statement.required("aws:SourceArn")) == (
            False,
            False,
            [],
        )
    statement = _statement(Effect=part, Action=part, NotAction=part, Resource=part, Principal=part, Condition=part)
    assert not statement.allows
    assert statement.required("aws:SourceArn") == []
    assert isinstance(statement.principals, dict)
    assert isinstance(statement.conditions, dict)
    for value in (*statement.actions, *statement.resources):
        assert not iam.is_wildcard(value)
        assert not iam.is_everything(value)
        assert iam.role_name(value) == iam.aws_policy(value) == ""


def test_denying_is_not_allowing() -> None:
    assert not _statement(Effect="Deny").allows
    assert not _statement().allows


@pytest.mark.parametrize(
    ("action", "covered"),
    [
        ("iam:PassRole", True),
        ("IAM:passrole", True),
        ("iam:Pass*", True),
        ("iam:?assRole", True),
        ("iam:*", True),
        ("*", True),
        ("iam:Pass", False),
        ("sts:*", False),
    ],
)
def test_actions_are_compared_without_case_and_by_wildcard(action: str, covered: bool) -> None:
    assert _statement(Action=action).names("iam:PassRole") is covered
    assert _statement(Action=["s3:GetObject", action]).names("iam:PassRole") is covered
    assert _statement(NotAction=["s3:GetObject", action]).names("iam:PassRole") is not covered


def test_a_known_action_decides_beside_an_unknown_one() -> None:
    assert _statement(Action=[UNKNOWN, "iam:*"]).names("iam:PassRole")
    assert not _statement(NotAction=[UNKNOWN, "iam:*"]).names("iam:PassRole")
    for parts in ({"Action": [UNKNOWN, "s3:*"]}, {"NotAction": [UNKNOWN, "s3:*"]}, {"Action": UNKNOWN}):
        with pytest.raises(Undecided):
            _statement(**parts).names("iam:PassRole")


def test_what_is_excepted_may_be_one_or_several() -> None:
    statement = _statement(NotAction="s3:*", NotResource=["a", "b"])
    assert (_texts(statement.excepted_actions), _texts(statement.excepted_resources)) == (["s3:*"], ["a", "b"])


def test_principals_are_told_by_kind() -> None:
    principals = _statement(Principal={"Service": "ecs.amazonaws.com", "AWS": ["1", "2"]}).principals
    assert {kind: _texts(values) for kind, values in principals.items()} == {
        "Service": ["ecs.amazonaws.com"],
        "AWS": ["1", "2"],
    }
    assert {kind: _texts(values) for kind, values in _statement(Principal="*").principals.items()} == {"*": ["*"]}


def test_conditions_are_told_by_key_whatever_the_operator() -> None:
    condition = {
        "StringEquals": {"aws:SourceAccount": "1", "AWS:PrincipalOrgID": ["a", "b"]},
        "ArnLike": {"aws:sourceaccount": "2"},
    }
    conditions = _statement(Condition=condition).conditions
    assert {key: _texts(values) for key, values in conditions.items()} == {
        "aws:sourceaccount": ["1", "2"],
        "aws:principalorgid": ["a", "b"],
    }


@pytest.mark.parametrize(
    ("operator", "requires"),
    [
        ("StringEquals", True),
        ("StringEqualsIgnoreCase", True),
        ("StringLike", True),
        ("ArnEquals", True),
        ("ArnLike", True),
        ("StringEqualsIfExists", True),
        ("ForAnyValue:StringLike", True),
        ("ForAllValues:StringEqualsIfExists", True),
        ("StringNotEquals", False),
        ("ForAllValues:StringNotLike", False),
        ("Null", False),
        ("Bool", False),
    ],
)
def test_only_equality_requires_a_value(operator: str, requires: bool) -> None:
    statement = _statement(Condition={operator: {"IAM:PassedToService": ["a", "b"], "aws:SourceAccount": "1"}})
    assert _texts(statement.required("iam:PassedToService")) == (["a", "b"] if requires else [])


def test_an_unknown_condition_requires_nobody_knows_what() -> None:
    for condition in (UNKNOWN, {"StringEquals": UNKNOWN}):
        with pytest.raises(Undecided):
            _statement(Condition=condition).required("iam:PassedToService")
    (value,) = _statement(Condition={"StringEquals": {"iam:PassedToService": UNKNOWN}}).required("iam:PassedToService")
    assert value.is_unknown


def test_one_value_stands_for_a_list_of_one() -> None:
    assert [value.path for value in each(_value("a"))] == ["policy"]
    assert [value.path for value in each(_value(["a", "b"]))] == ["policy[0]", "policy[1]"]
    assert [value.is_unknown for value in each(_value(UNKNOWN))] == [True]
    assert each(_value(None)) == each(_value([])) == []


@pytest.mark.parametrize(
    ("principal", "is_codedeploy"),
    [
        ("codedeploy.amazonaws.com", True),
        ("codedeploy.eu-west-1.amazonaws.com", True),
        ("codedeploy.amazonaws.com.cn", True),
        ("codedeploy.cn-north-1.amazonaws.com.cn", True),
        ("notcodedeploy.amazonaws.com", False),
        ("codedeploy.evil.com", False),
        ("codedeploy.x.amazonaws.com", False),
        ("*", False),
    ],
)
def test_a_service_may_be_named_by_its_endpoint(principal: str, is_codedeploy: bool) -> None:
    assert iam.is_service(_value(principal), "codedeploy.amazonaws.com") is is_codedeploy


@pytest.mark.parametrize(
    ("action", "is_wildcard"),
    [("*", True), ("s3:*", True), ("s3:**", True), ("s3:Get*", False), ("s3:GetObject", False), ("", False)],
)
def test_a_wildcard_action_names_no_part_of_its_service(action: str, is_wildcard: bool) -> None:
    assert iam.is_wildcard(_value(action)) is is_wildcard


@pytest.mark.parametrize(
    ("resource", "is_everything"),
    [
        ("*", True),
        ("**", True),
        ("arn:*", True),
        ("arn:aws:*", True),
        ("arn:aws-cn:*:*:*:*", True),
        ("arn:aws:s3:::*", False),
        ("arn:aws:*:*:123456789012:*", False),
        ("arn:aws:::", False),
        ("", False),
    ],
)
def test_everything_is_a_star_or_an_arn_that_says_no_more(resource: str, is_everything: bool) -> None:
    assert iam.is_everything(_value(resource)) is is_everything


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ("arn:aws:iam::123456789012:role/app", "app"),
        ("arn:aws:iam::123456789012:role/path/app-*", "path/app-*"),
        ("arn:aws:iam::*:role/app", "app"),
        ("arn:aws:i*m::*:r*/app", "app"),
        ("*", "*"),
        ("arn:*", "*"),
        ("arn:aws:iam::*", "*"),
        ("arn:aws:iam::123456789012:*", "*"),
        ("arn:aws:iam::123456789012:ro*", "ro*"),
        ("arn:aws:iam::123456789012:user/*", ""),
        ("arn:aws:iam::123456789012:user*", ""),
        ("arn:aws:s3:::app/*", ""),
        ("arn:aws:s3*", ""),
        ("app", ""),
    ],
)
def test_what_a_pattern_says_of_a_role(resource: str, name: str) -> None:
    assert iam.role_name(_value(resource)) == name


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("arn:aws:iam::aws:policy/AdministratorAccess", "AdministratorAccess"),
        ("arn:aws:iam::aws:policy/service-role/AWSCodeDeployRole", "AWSCodeDeployRole"),
        ("arn:aws-us-gov:iam::aws:policy/AdministratorAccess", "AdministratorAccess"),
        ("arn:aws:iam::123456789012:policy/AdministratorAccess", ""),
        ("arn:aws:iam::aws:role/AdministratorAccess", ""),
        ("AdministratorAccess", ""),
    ],
)
def test_the_name_of_a_managed_policy_of_aws(reference: str, name: str) -> None:
    assert iam.aws_policy(_value(reference)) == name
