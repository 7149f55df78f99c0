"""The conditions of listener rules: which requests a rule takes."""

from __future__ import annotations

import re
from functools import cache
from ipaddress import ip_network
from typing import NamedTuple

from resources import Resource
from value import Value

ONE_OF = ("hostHeader", "httpHeader", "httpRequestMethod", "pathPattern", "sourceIp")
"""The kinds of conditions that list what a part of the request may be."""
CASELESS = ("hostHeader", "httpHeader", "queryStrings")
LONGEST = 128
"""Characters in a value, at AWS's most; what is longer is compared whole, and found by its start."""


class Condition(NamedTuple):
    """One condition: a part of the request is, or matches, one of these values."""

    part: str
    values: frozenset[str]

    @property
    def is_void(self) -> bool:
        """True if every request fulfils it."""
        everything = {"hostHeader": {"*"}, "pathPattern": {"*", "/*"}}
        return bool(everything.get(self.part, set()) & self.values)

    def includes(self, other: Condition) -> bool:
        """True if whatever fulfils the other condition fulfils this one too."""
        return self.part == other.part and all(
            any(_includes(self.part, wide, narrow) for wide in self.values) for narrow in other.values
        )


def conditions(rule: Resource) -> list[Condition]:
    """The conditions of a listener rule: a request that it takes fulfils them all."""
    return [_condition(given) for given in rule["conditions"].items]


def covers(wide: list[Condition], narrow: list[Condition]) -> bool:
    """True if every request that fulfils the second conditions fulfils the first as well."""
    return bool(wide) and all(each.is_void or any(each.includes(other) for other in narrow) for each in wide)


def starts(narrow: list[Condition]) -> set[str]:
    """How what covers these conditions may start: a key of `starts_taken` for each way."""
    texts = [f"{each.part} {min(each.values, default='')}"[:LONGEST] for each in narrow]
    return {text[:length] for text in texts for length in range(len(text) + 1)}


def starts_taken(wide: list[Condition]) -> set[str]:
    """Keys by which these conditions are found among others; the empty one is of those that limit nothing."""
    for each in wide:
        if not each.is_void:
            return {f"{each.part} {_literal_start(each.part, value)}"[:LONGEST] for value in each.values}
    return {""}


def _literal_start(part: str, value: str) -> str:
    return "" if part == "sourceIp" else re.split(r"[*?]", value, maxsplit=1)[0]


def _condition(given: Value) -> Condition:
    for part in ONE_OF:
        choice = given[part]
        if choice.absent:
            continue
        header = f" {choice['httpHeaderName'].text.lower()}" if part == "httpHeader" else ""
        expressions = choice["regexValues"].items
        if expressions:
            return Condition(f"{part}{header} by expression", frozenset(each.text for each in expressions))
        return Condition(part + header, frozenset(_text(part, each.text) for each in choice["values"].items))
    pairs = given["queryStrings"].items
    texts = (f"{pair['key'].text or '*'}\n{pair['value'].text}" for pair in pairs)
    return Condition("queryStrings", frozenset(_text("queryStrings", text) for text in texts))


def _text(part: str, text: str) -> str:
    return text.lower() if part in CASELESS else text


def _includes(part: str, wide: str, narrow: str) -> bool:
    if wide == narrow:
        return True
    if part == "sourceIp":
        return _contains(wide, narrow)
    if part == "httpRequestMethod" or part.endswith(" by expression") or len(wide) > LONGEST:
        return False
    return _pattern(wide).fullmatch(narrow) is not None


def _contains(wide: str, narrow: str) -> bool:
    try:
        return ip_network(narrow, strict=False).subnet_of(ip_network(wide, strict=False))  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError):
        return False


@cache
def _pattern(wildcards: str) -> re.Pattern[str]:
    """What a pattern takes, of patterns too: `*` there is any text, so that here only `*` takes it."""
    head, *others = (
        "".join("[^*]" if char == "?" else re.escape(char) for char in part) for part in wildcards.split("*")
    )
    if not others:
        return re.compile(head)
    *middle, tail = others
    return re.compile(head + "".join(f"(?>.*?{part})" for part in middle) + ".*" + tail)
