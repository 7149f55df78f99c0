"""Secrets, taken out of what others say: a policy sees them in plain text and may repeat them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from offline.deployment import Deployment
from offline.value import UNKNOWN, Secret, Value, reveal

HIDDEN = "[secret]"

_SHORT = 4  # anything shorter would be found all over a text
_LONG = 8  # found anywhere; what is shorter only as a word of its own


class Redaction:
    """The secrets of a deployment that occur in any of `texts`."""

    def __init__(self, deployment: Deployment, texts: Iterable[str]) -> None:
        secrets = {
            text
            for resource in deployment
            for properties in (resource.inputs, resource.outputs)
            for secret in _secrets(properties)
            for text in _texts(secret.value)
        }
        said = "\n".join(texts) if secrets else ""
        patterns = [
            re.escape(secret) if len(secret) >= _LONG else rf"(?<!\w){re.escape(secret)}(?!\w)"
            for secret in sorted(secrets, key=lambda text: (-len(text), text))
            if secret in said
        ]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def conceal(self, text: str) -> str:
        """`text` with every secret in it replaced by `HIDDEN`."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text


def _secrets(value: Value) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _secrets(item)
    elif isinstance(value, list):
        for item in value:
            yield from _secrets(item)


def _texts(value: Value) -> Iterator[str]:
    """The texts by which a secret value would show: itself, its lines, what a JSON document in it holds."""
    for leaf in _leaves(reveal(value)):
        if leaf == UNKNOWN or len(leaf) < _SHORT:
            continue
        yield leaf
        yield json.dumps(leaf)[1:-1]
        yield from _long(leaf.splitlines())
        if leaf.lstrip()[:1] in ("{", "["):
            try:
                document = json.loads(leaf)
            except (ValueError, RecursionError):
                continue
            yield from _long(_leaves(document))


def _long(texts: Iterable[str]) -> Iterator[str]:
    return (text for text in texts if len(text) >= _LONG)


def _leaves(value: Value) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
