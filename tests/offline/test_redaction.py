"""Secrets are taken out of what others say."""

from __future__ import annotations

import json

import pytest

from offline.deployment import Deployment, Resource
from offline.redaction import Redaction
from offline.value import UNKNOWN, Secret


def concealed(text: str, *secrets: object) -> str:
    inputs = {str(number): [{"deep": Secret(secret)}] for number, secret in enumerate(secrets)}
    deployment = Deployment([Resource("u", "t", inputs={"plain": "in the open"}, outputs=inputs)])
    return Redaction(deployment, [text]).conceal(text)


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        ("hunter2", "password hunter2.", "password [secret]."),
        ("hunter2", "hunter2x", "hunter2x"),  # short ones are words of their own
        ("correct-horse", "xcorrect-horsex", "x[secret]x"),
        ("abc", "abc", "abc"),  # too short to tell from text
        (5432, "port 5432.0", "port [secret].0"),
        (80, "port 80", "port 80"),
        (True, "True", "True"),
        (UNKNOWN, UNKNOWN, UNKNOWN),
        ("a.c+(d)?", "a.c+(d)? but not abc", "[secret] but not abc"),
        ('say "friend"', json.dumps('say "friend"'), '"[secret]"'),
        ("-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\n", "it is MIIEpAIBAAKCAQEA", "it is [secret]"),
        ('[{"environment": [{"value": "correct-horse"}]}]', "value correct-horse", "value [secret]"),
        ('[{"name": "app"}]', "container app", "container app"),
        ({"user": "admin", "pw": ["correct-horse"]}, "admin correct-horse", "[secret] [secret]"),
        ("plain", "in the open", "in the open"),
    ],
)
def test_a_secret_in_a_text(secret, text, shown):
    """As itself, by its lines, and by what a JSON document in it holds."""
    assert concealed(text, secret) == shown


def test_the_longest_goes_first():
    """So that no part of a secret stays."""
    assert concealed("hunter2-is-secret", "hunter2", "hunter2-is-secret") == "[secret]"


def test_secrets_in_secrets():
    """Unwrapped at any depth."""
    assert concealed("correct-horse", {"inner": Secret("correct-horse")}) == "[secret]"
