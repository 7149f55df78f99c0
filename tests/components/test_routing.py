"""Which requests a rule takes, and when one rule leaves nothing for another."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.limits import Refused
from components.routing import CATCH_ALL_PRIORITY, CONDITION_VALUES, Conditions, check_room_before, priority_before


def hosts(*values: str) -> Conditions:
    return Conditions(host_headers=values)


def paths(*values: str) -> Conditions:
    return Conditions(path_patterns=values)


def header(name: str, *values: str, **others: tuple[str, ...]) -> Conditions:
    return Conditions(http_headers={name: values}, **others)


@pytest.mark.parametrize("conditions", [Conditions(), paths("/*"), paths("*"), paths("/a", "/*"), paths("/**")])
def test_what_takes_every_request(conditions):
    """No condition, or a path pattern that every path matches."""
    assert conditions.catch_all


@pytest.mark.parametrize(
    "conditions",
    [paths("/a"), paths("/?*"), paths("/a/*"), hosts("a"), Conditions(("a",), ("/*",)), header("x", "*")],
)
def test_what_leaves_some_requests(conditions):
    """A host, a narrower path, or any header at all."""
    assert not conditions.catch_all


COVERED = [
    (Conditions(), Conditions()),
    (Conditions(), paths("/a")),
    (paths("/*"), Conditions()),
    (paths("*"), hosts("a")),
    (paths("/a"), paths("/a")),
    (paths("/a*"), paths("/a", "/ab", "/a/*")),
    (paths("/a/*", "/b/*"), paths("/b/c", "/a/c")),
    (paths("/?"), paths("/a")),
    (paths("/a?c"), paths("/a?c")),
    (paths("/a**"), paths("/a*")),
    (paths("/[a]"), paths("/[a]")),
    (hosts("*.example.com"), hosts("a.example.com", "*.a.example.com")),
    (hosts("Example.com"), hosts("example.COM")),
    (hosts("*"), Conditions()),
    (hosts("*"), paths("/a")),
    (Conditions(("*.example.com",), ("/a*",)), Conditions(("x.example.com",), ("/ab",))),
    (Conditions(), header("x", "1")),
    (paths("/*"), header("x", "1")),
    (header("X-Test", "Yes"), header("x-test", "yes")),
    (header("x", "1", "2"), header("x", "2")),
    (header("x", "*"), header("x", "1")),
    (header("x", "1"), header("x", "1", path_patterns=("/a",))),
    (header("x", "1"), Conditions(http_headers={"y": ("2",), "x": ("1",)})),
    (hosts("*.example.com"), header("x", "1", host_headers=("a.example.com",))),
]


@pytest.mark.parametrize(("wider", "narrower"), COVERED)
def test_a_rule_covers_those_whose_every_request_it_takes(wider, narrower):
    """Such a rule hides the other if it is tried first."""
    assert wider.covers(narrower)


NOT_COVERED = [
    (paths("/a"), Conditions()),
    (hosts("a"), Conditions()),
    (hosts("a"), paths("/a")),
    (paths("/a"), paths("/b")),
    (paths("/a"), paths("/a", "/b")),
    (paths("/a"), paths("/a*")),
    (paths("/A"), paths("/a")),
    (paths("/?"), paths("/*")),
    (paths("/a*?"), paths("/a*")),
    (paths("/??"), paths("/*")),
    (paths("/[ab]"), paths("/a")),
    (hosts("*.example.com"), hosts("example.com")),
    (Conditions(("a",), ("/*",)), Conditions(("b",), ("/x",))),
    (Conditions(("a",), ("/x",)), Conditions(("a",), ("/y",))),
    (header("x", "1"), Conditions()),
    (header("x", "1"), paths("/a")),
    (header("x", "1"), header("y", "1")),
    (header("x", "1"), header("x", "1", "2")),
    (header("x", "1"), header("x", "*")),
    (Conditions(http_headers={"x": ("1",), "y": ("2",)}), header("x", "1")),
    (header("x", "1", path_patterns=("/a",)), header("x", "1")),
]


@pytest.mark.parametrize(("wider", "narrower"), NOT_COVERED)
def test_a_rule_does_not_cover_what_it_leaves(wider, narrower):
    """One request that the other takes alone is enough."""
    assert not wider.covers(narrower)


@pytest.mark.parametrize(
    ("conditions", "values"),
    [
        (Conditions(), 0),
        (paths("/a", "/b"), 2),
        (Conditions(("a",), ("/a", "/b"), {"x": ("1", "2"), "y": ("3",)}), 6),
    ],
)
def test_values(conditions, values):
    """Elastic Load Balancing counts those of all conditions together."""
    assert conditions.values == values
    assert CONDITION_VALUES == 5


def test_tests_are_asked_for_first():
    """A test rule stands right before the rule that it picks requests from (G21)."""
    assert priority_before(7) == 6
    assert check_room_before(2) is None
    with pytest.raises(Refused) as refused:
        check_room_before(1)
    assert str(refused.value) == (
        "given priority 1; allowed: 2 or more; the test rule has the priority before it (G21)"
    )


def test_the_catch_all_priority_is_the_last():
    """A service that takes the rest is asked last."""
    assert CATCH_ALL_PRIORITY == 50_000


_PATTERN = st.lists(st.sampled_from("ab*?[]"), max_size=4).map(lambda chars: "/" + "".join(chars))
_PATHS = ["/" + "".join(path) for length in range(4) for path in product("ab[]", repeat=length)]


def _takes(pattern: str, text: str) -> bool:
    expression = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern)
    return re.fullmatch(expression, text) is not None


@settings(derandomize=True, database=None, deadline=None, max_examples=500)
@given(wider=st.lists(_PATTERN, min_size=1, max_size=2), narrower=st.lists(_PATTERN, min_size=1, max_size=2))
def test_a_covering_rule_takes_every_request_of_the_other(wider, narrower):
    """For any patterns: a request that the narrower rule takes, and the wider one leaves, would disprove it."""
    if paths(*wider).covers(paths(*narrower)):
        left = [path for path in _PATHS if not any(_takes(pattern, path) for pattern in wider)]
        assert [path for path in left if any(_takes(pattern, path) for pattern in narrower)] == []


def _some(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


_HEADERS = st.dictionaries(st.sampled_from("xXy"), st.sampled_from([("1",), ("*",), ("1", "2"), ("?",)]), max_size=2)
_CONDITIONS = st.builds(
    Conditions,
    _some("a", "A", "b", "*", "?", "a*"),
    _some("/", "/a", "/A", "/a*", "/*", "*", "/?", "/**", "?*"),
    _HEADERS.filter(lambda headers: len(set(map(str.lower, headers))) == len(headers)),
)
_REQUESTS = [
    (host, path, {key: value for key, value in (("x", x), ("y", y)) if value})
    for host, path, x, y in product("abc", ("/", "/a", "/A", "/ab"), ("", "1", "2", "33"), ("", "1"))
]


def _matches(conditions: Conditions, host: str, path: str, headers: dict[str, str]) -> bool:
    hosts, paths = conditions.host_headers, conditions.path_patterns
    return (
        (not hosts or any(_takes(pattern.lower(), host) for pattern in hosts))
        and (not paths or any(_takes(pattern, path) for pattern in paths))
        and all(
            name.lower() in headers and any(_takes(value, headers[name.lower()]) for value in values)
            for name, values in conditions.http_headers.items()
        )
    )


@settings(derandomize=True, database=None, deadline=None, max_examples=500)
@given(wider=_CONDITIONS, narrower=_CONDITIONS)
def test_no_request_escapes_a_covering_rule(wider, narrower):
    """The same for hosts, paths and headers together."""
    if wider.covers(narrower):
        escaped = [request for request in _REQUESTS if _matches(narrower, *request) and not _matches(wider, *request)]
        assert escaped == []


@settings(derandomize=True, database=None, deadline=None, max_examples=500)
@given(one=_CONDITIONS, two=_CONDITIONS, three=_CONDITIONS)
def test_covering_is_an_order(one, two, three):
    """A rule covers itself, and what is covered by what it covers."""
    assert one.covers(one)
    assert Conditions().covers(one)
    if one.covers(two) and two.covers(three):
        assert one.covers(three)
