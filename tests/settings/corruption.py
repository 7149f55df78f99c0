"""Ways in which a stack file goes wrong: one is applied to a sound one, with chance from outside."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import yaml

Corruption = Callable[[str, Random], bytes]
Place = tuple[Any, Any]

_STRANGE: list[Any] = [
    "",
    " ",
    "x" * 10_000,
    "a\nb",
    "\x1b[31mred",
    "\u202egnp",
    "ünï",
    "😀",
    "a\x00b",
    "${AWS::Region}",
    "%s{0}{given}",
    "~",
    "yes",
    "0x",
    "1e3",
    "2020-01-02",
    "-",
    "*",
    "[",
    "'\"",
]
_HUGE: list[Any] = [10**9, 2**31, 2**63, 2**64, 10**100, 10**1000, -(10**30), 1e300, 1e-300, float("inf"), float("nan")]
_OTHER_TYPES: list[Any] = [None, True, 0, -1, 1.5, "text", [], {}, [None], {"": None}, [[1]], {"secure": "djE6YQ=="}]


def _places(node: Any) -> list[Place]:
    """Every place below `node` that holds a value, as what holds it and its key or index there."""
    entries = list(node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else [])
    return [(node, key) for key, _ in entries] + [place for _, value in entries for place in _places(value)]


def _rewritten(change: Callable[[Any, Any, Random], None]) -> Corruption:
    def corrupt(text: str, chance: Random) -> bytes:
        document = yaml.safe_load(text)
        holder, key = chance.choice(_places(document))
        change(holder, key, chance)
        return yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode("utf-8", "surrogatepass")

    return corrupt


def _delete(holder: Any, key: Any, _: Random) -> None:
    del holder[key]


def _null(holder: Any, key: Any, _: Random) -> None:
    holder[key] = None


def _one_of(values: list[Any]) -> Callable[[Any, Any, Random], None]:
    def change(holder: Any, key: Any, chance: Random) -> None:
        holder[key] = chance.choice(values)

    return change


def _unknown_key(holder: Any, key: Any, chance: Random) -> None:
    target = holder[key] if isinstance(holder[key], dict) else holder
    if isinstance(target, dict):
        near = "".join(chance.sample(str(key), len(str(key))))
        target[chance.choice([near, f"{key}s", str(key)[:-1], 7, None, True, *_STRANGE])] = chance.choice(_OTHER_TYPES)
    else:
        target.append({"unknown": 1})


def _deep(holder: Any, key: Any, chance: Random) -> None:
    nested: Any = holder[key]
    for _ in range(chance.choice([1, 2, 30])):
        nested = chance.choice([[nested], {"deeper": nested}])
    holder[key] = nested


def _lines(change: Callable[[list[str], int, Random], None]) -> Corruption:
    def corrupt(text: str, chance: Random) -> bytes:
        lines = text.splitlines(keepends=True)
        change(lines, chance.randrange(len(lines)), chance)
        return "".join(lines).encode()

    return corrupt


def _twice(lines: list[str], at: int, _: Random) -> None:
    lines.insert(at, lines[at])


def _moved(lines: list[str], at: int, chance: Random) -> None:
    line = lines.pop(at)
    if chance.random() < 0.5:
        lines.insert(chance.randrange(len(lines)), line)
    else:
        lines.insert(at, chance.choice(["", " ", "  ", "\t", "      "]) + line.lstrip())


def _damaged(text: str, chance: Random) -> bytes:
    data = bytearray(text.encode())
    for _ in range(chance.choice([1, 1, 2, 5])):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                del data[at : at + chance.choice([1, 1, 5, 50])]
            case 1:
                data[at:at] = chance.choice(
                    [b":", b"{", b"]", b"&a ", b"*a ", b"!!set ", b"!!binary ", b"- ", b"\n", b"#"]
                )
            case 2:
                data[at] = chance.randrange(256)
            case _:
                data[at:] = b""
        data = data or bytearray(b"\n")
    return bytes(data)


_DEEPEST = "config: {ecs-blue-green:services: "
_DOCUMENTS: list[bytes] = [
    b"",
    b"\n---\n---\n",
    b"[]",
    b"config",
    b"config: []",
    b"config: {ecs-blue-green:services}",
    b"config: {a:b:c:d: 1}",
    b"\xff\xfe\x00",
    b"config: &a {ecs-blue-green:services: *a}",
    b"config: {ecs-blue-green:services: !!set {a, b}}",
    b"config: {ecs-blue-green:services: !!binary aGVsbG8=}",
    b"config: {ecs-blue-green:services: !!python/object:os.system {}}",
    b"config: {ecs-blue-green:services: {? [a, b] : 1}}",
    b"config: {ecs-blue-green:services: {shop: 2020-13-45}}",
    b"config: {ecs-blue-green:services: {shop: " + b"9" * 5000 + b"}}",
    b'config: {ecs-blue-green:services: {"\\ud800": "\\udfff"}}',
    f"{_DEEPEST}{'[' * 5000}{']' * 5000}}}".encode(),
    f"{_DEEPEST}{'{a: ' * 300}1{'}' * 300}}}".encode(),
    b"config: {aws:region: [], ecs-blue-green:services: {}}",
    b"config: {aws:defaultTags: 1, ecs-blue-green:services: {}}",
]


def _another(text: str, chance: Random) -> bytes:
    document = chance.choice(_DOCUMENTS)
    return document if chance.random() < 0.7 else text.encode() + b"\n" + document


CORRUPTIONS: dict[str, Corruption] = {
    "deleted": _rewritten(_delete),
    "null": _rewritten(_null),
    "of another type": _rewritten(_one_of(_OTHER_TYPES)),
    "huge": _rewritten(_one_of(_HUGE)),
    "strange": _rewritten(_one_of(_STRANGE)),
    "nested": _rewritten(_deep),
    "with an unknown key": _rewritten(_unknown_key),
    "with a line twice or moved": lambda text, chance: _lines(chance.choice([_twice, _moved]))(text, chance),
    "damaged": _damaged,
    "another document": _another,
}
