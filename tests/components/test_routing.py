"""Which requests a rule takes, and when one rule leaves nothing for another."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.routing import CATCH_ALL_PRIORITY, Conditions


def hosts(*values: str) -> Conditions:
    return Conditions(host_headers=values)


def paths(*values: str) -> Conditions:
    return Conditions(path_patterns=values)


@pytest.mark.parametrize("conditions", [Conditions(), paths("/*"), paths("*"), paths("/a", "/*")])
def test_what_takes_every_request(conditions):
    """No condition, or a path pattern that every path matches."""
    assert conditions.catch_all


@pytest.mark.parametrize(
    "conditions", [paths("/a"), paths("/?*"), paths("/a/*"), hosts("a"), Conditions(("a",), ("/*",))]
)
def test_what_leaves_some_requests(conditions):
    """A host or a narrower path."""
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
]


@pytest.mark.parametrize(("wider", "narrower"), NOT_COVERED)
def test_a_rule_does_not_cover_what_it_leaves(wider, narrower):
    """One request that the other takes alone is enough."""
    assert not wider.covers(narrower)


def test_the_catch_all_priority_is_the_last():
    """A service that takes the rest is asked last."""
    assert CATCH_ALL_PRIORITY == 50_000


_PATTERN = st.lists(st.sampled_from("ab*?[]"), max_size=4).map(lambda chars: "/" + "".join(chars))
_PATHS = ["/" + "".join(path) for length in range(4) for path in product("ab[]", repeat=length)]


def _takes(pattern: str, path: str) -> bool:
    expression = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern)
    return re.fullmatch(expression, path) is not None


@settings(derandomize=True, database=None, deadline=None, max_examples=500)
@given(wider=st.lists(_PATTERN, min_size=1, max_size=2), narrower=st.lists(_PATTERN, min_size=1, max_size=2))
def test_a_covering_rule_takes_every_request_of_the_other(wider, narrower):
    """For any patterns: a request that the narrower rule takes, and the wider one leaves, would disprove it."""
    if paths(*wider).covers(paths(*narrower)):
        left = [path for path in _PATHS if not any(_takes(pattern, path) for pattern in wider)]
        assert [path for path in left if any(_takes(pattern, path) for pattern in narrower)] == []
