"""Which requests listener rules take: conditions that are as wide as others, or wider."""

from __future__ import annotations

from typing import Any

import pytest

from condition import conditions, covers, starts, starts_taken
from resources import Resource
from tests.policies.graph import Plain
from value import UNKNOWN, Undecided

Given = list[dict[str, Any]]


def one(part: str, *values: str, **more: Any) -> dict[str, Any]:
    return {part: {"values": [*values], **more}}


def header(name: str, *values: str) -> dict[str, Any]:
    return one("httpHeader", *values, httpHeaderName=name)


def query(*pairs: tuple[str | None, str]) -> dict[str, Any]:
    return {"queryStrings": [{"key": key, "value": value} for key, value in pairs]}


def rule(given: Any) -> Resource:
    urn = "urn:pulumi:dev::shop::aws:lb/listenerRule:ListenerRule::rule"
    return Resource(urn, "aws:lb/listenerRule:ListenerRule", Plain({"conditions": given}, []))


def covering(wide: Any, narrow: Any) -> bool:
    return covers(conditions(rule(wide)), conditions(rule(narrow)))


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        pytest.param([one("pathPattern", "/a")], [one("pathPattern", "/a")], id="the same path"),
        pytest.param([one("pathPattern", "/*")], [one("pathPattern", "/a")], id="all paths"),
        pytest.param([one("pathPattern", "/*")], [header("x-test", "1")], id="all paths, and a header"),
        pytest.param([one("hostHeader", "*")], [query(("a", "1"))], id="all hosts, and a query"),
        pytest.param([one("pathPattern", "/x", "*")], [header("x-test", "1")], id="one path of several is all"),
        pytest.param([one("pathPattern", "/a/*")], [one("pathPattern", "/a/b/*")], id="a folder, and one inside"),
        pytest.param([one("pathPattern", "/a*")], [one("pathPattern", "/a")], id="a star may be nothing"),
        pytest.param([one("pathPattern", "*.png")], [one("pathPattern", "/a/*.png")], id="a star before an ending"),
        pytest.param([one("pathPattern", "/*/b/*/d")], [one("pathPattern", "/a/b/b/c/d")], id="stars in between"),
        pytest.param([one("pathPattern", "/a?c")], [one("pathPattern", "/abc")], id="any one character"),
        pytest.param([one("pathPattern", "/a?c")], [one("pathPattern", "/a?c")], id="any one character, twice"),
        pytest.param(
            [one("pathPattern", "/a*")], [one("pathPattern", "/a?c")], id="a star is wider than one character"
        ),
        pytest.param([one("pathPattern", "/a", "/b")], [one("pathPattern", "/b")], id="one path of two"),
        pytest.param(
            [one("pathPattern", "/a/*", "/b")], [one("pathPattern", "/b", "/a/c")], id="each path by one of two"
        ),
        pytest.param(
            [one("pathPattern", "/a")], [one("pathPattern", "/a"), header("x-test", "1")], id="a condition more"
        ),
        pytest.param(
            [one("hostHeader", "*.Example.com")], [one("hostHeader", "shop.example.COM")], id="hosts, any case"
        ),
        pytest.param([header("X-Test", "A*")], [header("x-test", "ab")], id="headers, any case"),
        pytest.param([one("httpRequestMethod", "GET", "HEAD")], [one("httpRequestMethod", "GET")], id="methods"),
        pytest.param([one("sourceIp", "10.0.0.0/8")], [one("sourceIp", "10.1.0.0/16")], id="a network in another"),
        pytest.param([one("sourceIp", "2001:db8::/32")], [one("sourceIp", "2001:db8:1::/48")], id="IPv6 networks"),
        pytest.param([query(("a", "*"))], [query(("A", "1"))], id="a query of any value"),
        pytest.param([query((None, "1"))], [query(("a", "1"))], id="a query of any key"),
        pytest.param(
            [one("pathPattern", regexValues=["^/a$"])], [one("pathPattern", regexValues=["^/a$"])], id="one expression"
        ),
        pytest.param(
            [one("pathPattern", "/*")], [one("pathPattern", regexValues=["^/a$"])], id="all paths, and an expression"
        ),
    ],
)
def test_conditions_take_all_that_narrower_ones_take(wide: Given, narrow: Given) -> None:
    """They are found by how the narrower ones start, too."""
    assert covering(wide, narrow)
    assert starts_taken(conditions(rule(wide))) & starts(conditions(rule(narrow)))


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        pytest.param([one("pathPattern", "/a")], [one("pathPattern", "/*")], id="the other way round"),
        pytest.param([one("pathPattern", "/a/*")], [one("pathPattern", "/b/*")], id="another folder"),
        pytest.param([one("pathPattern", "/a/*")], [header("x-test", "1")], id="a folder, and a header"),
        pytest.param([one("pathPattern", "/A")], [one("pathPattern", "/a")], id="paths have a case"),
        pytest.param(
            [one("pathPattern", "/a?c")], [one("pathPattern", "/a*c")], id="a star is more than one character"
        ),
        pytest.param([one("pathPattern", "/a.c")], [one("pathPattern", "/abc")], id="a point is a point"),
        pytest.param([one("pathPattern", "/a*b")], [one("pathPattern", "/ab/c")], id="an ending that is not there"),
        pytest.param([one("pathPattern", "/a")], [one("pathPattern", "/a", "/b")], id="one path of two"),
        pytest.param(
            [one("pathPattern", "/a"), header("x-test", "1")], [one("pathPattern", "/a")], id="a condition more"
        ),
        pytest.param([header("x-test", "*")], [one("pathPattern", "/a")], id="a header that need not be there"),
        pytest.param([header("x-test", "1")], [header("x-try", "1")], id="another header"),
        pytest.param([one("httpRequestMethod", "*")], [one("httpRequestMethod", "GET")], id="methods have no stars"),
        pytest.param([one("sourceIp", "10.1.0.0/16")], [one("sourceIp", "10.0.0.0/8")], id="a wider network"),
        pytest.param([one("sourceIp", "0.0.0.0/0")], [one("sourceIp", "2001:db8::/32")], id="networks of two kinds"),
        pytest.param([one("sourceIp", "everywhere")], [one("sourceIp", "10.0.0.0/8")], id="no network"),
        pytest.param([query(("a", "1"))], [query((None, "1"))], id="a query of any key"),
        pytest.param([query(("a", "*"))], [query(("b", "a"))], id="another query"),
        pytest.param(
            [one("pathPattern", regexValues=["^/.*$"])], [one("pathPattern", regexValues=["^/a$"])], id="expressions"
        ),
        pytest.param([one("pathPattern", regexValues=["/a"])], [one("pathPattern", "/a")], id="an expression, no path"),
        pytest.param([], [one("pathPattern", "/a")], id="no conditions, which AWS refuses"),
        pytest.param("junk", [one("pathPattern", "/a")], id="no list"),
        pytest.param([{}], [one("pathPattern", "/a")], id="a condition without values"),
    ],
)
def test_conditions_leave_what_they_do_not_cover(wide: Given, narrow: Given) -> None:
    """What seems alike is not always as wide."""
    assert not covering(wide, narrow)


@pytest.mark.parametrize(
    "given",
    [
        UNKNOWN,
        [UNKNOWN],
        [{"pathPattern": UNKNOWN}],
        [one("pathPattern", UNKNOWN)],
        [header(UNKNOWN, "1")],
        [query(("a", UNKNOWN))],
    ],
)
def test_conditions_that_are_not_known_decide_nothing(given: Any) -> None:
    """Wherever in a rule the unknown value stands."""
    with pytest.raises(Undecided):
        conditions(rule(given))


@pytest.mark.parametrize("pattern", ["/*" + "a*" * 60 + "b", "*" * 1_000_000, "/a" * 1_000_000])
def test_a_hostile_pattern_is_read_at_once(pattern: str) -> None:
    """What backtracking would take for ever to refuse, and what is longer than AWS takes."""
    wide, narrow = ([one("pathPattern", text)] for text in (pattern, "/" + "a" * 128))
    assert not covering(wide, narrow)
    assert not covering(narrow, wide)
    assert covering(wide, wide)
    assert all(len(key) <= 128 for key in starts_taken(conditions(rule(wide))) | starts(conditions(rule(wide))))


def test_a_rule_is_found_only_where_its_requests_start_alike() -> None:
    """So that a listener of many rules is judged without comparing each with each."""
    apps = [conditions(rule([one("pathPattern", f"/{app}/*")])) for app in ("orders", "users")]
    assert starts_taken(apps[0]) == {"pathPattern /orders/"}
    assert not starts_taken(apps[0]) & starts(apps[1])
