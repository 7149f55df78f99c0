"""Policies of buckets and repositories: what they allow to everybody, and what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from iam import Statement, statements
from value import Value, all_true, any_true, each

_EQUALITY = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike")
_COMPARISONS = frozenset((*_EQUALITY, *(f"ForAnyValue:{operator}" for operator in _EQUALITY)))
"""Those that a request without the key does not pass, as it does `...IfExists` and `ForAllValues:...`."""
_LIMITS = frozenset(
    {
        *("aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths"),
        *("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner"),
    }
)
"""Condition keys that say of which organisation, account or ARN a request has to be."""


def lets_everybody_in(statement: Statement) -> bool:
    """True if a statement allows something to everybody, without a condition that says who that is."""
    return all_true(
        lambda: statement.allows,
        lambda: any_true(lambda: not statement.place["NotPrincipal"].absent, partial(_means_everybody, statement)),
        lambda: not any_true(*(partial(_tells, values) for values in _limits(statement))),
    )


def refuses_plain_http(policy: Value) -> bool:
    """True if a bucket's policy denies everybody to read and to write objects without TLS."""
    return any_true(*(partial(_refuses_plain_http, statement) for statement in statements(policy)))


def _refuses_plain_http(statement: Statement) -> bool:
    tls = statement.conditions.get("aws:securetransport", [])
    return all_true(
        lambda: statement.place["Effect"].text == "Deny",
        lambda: _means_everybody(statement),
        lambda: len(statement.conditions) == 1 and any_true(*(partial(_is_false, value) for value in tls)),
        lambda: statement.names("s3:GetObject"),
        lambda: statement.names("s3:PutObject"),
        lambda: any_true(*(partial(_ends_with_star, resource) for resource in statement.resources)),
    )


def _means_everybody(statement: Statement) -> bool:
    named = [value for kind in ("*", "AWS") for value in statement.principals.get(kind, ())]
    return any_true(*(partial(_is_star, value) for value in named))


def _limits(statement: Statement) -> Iterator[list[Value]]:
    """The values that each limiting condition of a statement gives."""
    condition = statement.place["Condition"]
    for operator in sorted(_keys(condition) & _COMPARISONS):
        for key in _keys(condition[operator]):
            if key.lower() in _LIMITS:
                yield each(condition[operator][key])


def _tells(values: list[Value]) -> bool:
    return bool(values) and all_true(*(partial(_is_no_wildcard, value) for value in values))


def _is_no_wildcard(value: Value) -> bool:
    return value.text.strip("*?") != ""


def _keys(value: Value) -> set[str]:
    known = value.known
    return set(known) if isinstance(known, dict) else set()


def _is_star(value: Value) -> bool:
    return value.text == "*"


def _is_false(value: Value) -> bool:
    return str(value.known).lower() == "false"


def _ends_with_star(value: Value) -> bool:
    return value.text.endswith("*")
