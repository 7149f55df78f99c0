"""What is taken for a credential in an environment variable, and what is not."""

from __future__ import annotations

import pytest

from credentials import PATTERNS_KNOB, exposes
from resources import Resource
from tests.policies.graph import Plain
from value import UNKNOWN, Undecided

PATTERNS = PATTERNS_KNOB["patterns"]["default"]
WORD = "correct-horse-battery"


def _exposes(name: object, value: object, patterns: list[str] = PATTERNS) -> bool:
    variable = Resource("urn:pulumi:dev::shop::aws:x/y:Z::z", "aws:x/y:Z", Plain({"name": name, "value": value}, []))
    return exposes(variable["name"], variable["value"], patterns)


@pytest.mark.parametrize(
    "name",
    ["PASSWORD", "DB_PASSWORD", "dbPassword", "spring.datasource.password", "PGPASSWD", "KEY_PASSPHRASE", "SMTP_PASS",
     "MYSQL_PWD", "CLIENT_SECRET", "JWT_SECRET", "GITHUB_TOKEN", "API_TOKEN_2", "API_KEY", "apikey",
     "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "SECRET_KEY_BASE", "SSH_PRIVATE_KEY", "GOOGLE_CREDENTIALS",
     "REDIS_AUTH", "ECS_ENGINE_AUTH_DATA", "CONNECTION_STRING", "STORAGE_ACCOUNT_KEY"],
)  # fmt: skip
def test_a_name_tells_a_credential(name: str) -> None:
    """A variable so named holds one, unless its value cannot be one."""
    assert _exposes(name, WORD)


@pytest.mark.parametrize(
    "name",
    ["LOG_LEVEL", "SECRET_NAME", "SECRET_ARN", "TOKEN_URL", "PASSWORD_FILE", "PASSWORD_POLICY", "COMPASS", "BYPASS",
     "PARTITION_KEY", "CACHE_KEY", "PUBLIC_KEY", "MONKEY", "AUTHOR", "OAUTH_ISSUER", "KEYBOARD", "TOKENIZER", "", None],
)  # fmt: skip
def test_other_names_tell_none(name: str | None) -> None:
    """A name that only mentions a credential is not enough."""
    assert not _exposes(name, WORD)


@pytest.mark.parametrize(
    "value",
    ["", "  ", None, "5432", "-1.5", 5432.0, "true", "False", "off", "none", True, {"a": 1}, [],
     "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-AbCdEf", "arn:aws-us-gov:iam::1:role/app",
     "https://auth.example.com/token?audience=app", "redis://user@cache:6379/0", "postgres://app:${PASSWORD}@db/app",
     "/app/prod/password", "/run/secrets/db", "${OTHER}", "$OTHER", "{{resolve:ssm:/app/password}}", "<set later>",
     "****"],
)  # fmt: skip
def test_a_value_that_can_be_no_credential_is_none(value: object) -> None:
    """Whatever the name: no number, flag, ARN, URL, path or placeholder, and nothing at all."""
    assert not _exposes("DB_PASSWORD", value)


@pytest.mark.parametrize(
    "value",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "id ASIA" + "IOSFODNN7EXAMPLE here",
        "-----BEGIN " + "RSA PRIVATE KEY-----\nMII",
        "-----BEGIN " + "PRIVATE KEY-----",
        "ghp_" + "a1" * 18,
        "github_pat_" + "a1" * 11,
        "glpat-" + "a1" * 10,
        "xoxb-" + "1" * 12,
        "https://hooks.slack.com/services/" + "T0/B0/x",
        "sk_live_" + "a1" * 10,
        "AIza" + "a" * 35,
        "sk-ant-" + "a1" * 20,
        "pul-" + "0f" * 20,
        "npm_" + "a1" * 18,
        "hvs." + "a1" * 12,
        "SG." + "a1" * 10 + "." + "b2" * 10,
        "eyJ" + "a1" * 9 + ".eyJ" + "b2" * 9 + ".c3",
        f"postgres://app:{WORD}@db.internal/app",
        f"redis://:{WORD}@cache:6379",
        "https://api.example.com/items?limit=5&token=" + WORD,
        f"Server=db;User Id=app;Password={WORD};",
        f"Server=db;Uid=app;Pwd={WORD}",
        f"AccountName=x;AccountKey={WORD}==",
        f'{{"username": "app", "password": "{WORD}"}}',
        f"-Djavax.net.ssl.keyStorePassword={WORD}",
    ],
)
def test_a_form_tells_a_credential(value: str) -> None:
    """Whatever the name."""
    assert _exposes("SETTING", value)


@pytest.mark.parametrize(
    "value",
    ["0f" * 20, "sha256:" + "0f" * 32, "AKIAHABARA", "nginx:1.27", "https://user@example.com", "http://db:5432/a@b",
     "ssh://git@github.com/a/b.git", "-----BEGIN CERTIFICATE-----", "sk-learn", "Password=${PASSWORD};",
     '{"requirePassword": true}', '{"password": ""}', "--password-file=/run/secrets/db", "resetPassword=false",
     "postgres://app:$PASSWORD@db/app", "https://app:@db/", "a.b.c", WORD],
)  # fmt: skip
def test_other_forms_tell_none(value: str) -> None:
    """Digests, hosts with users, certificates and placeholders are in plain text by right."""
    assert not _exposes("SETTING", value)


def test_patterns_are_the_callers() -> None:
    """What the names of credentials look like is configured; what credentials look like is not."""
    assert _exposes("LICENCE", WORD, ["^licence$"])
    assert not _exposes("DB_PASSWORD", WORD, [])
    assert _exposes("DB_PASSWORD", "AKIA" + "IOSFODNN7EXAMPLE", [])


@pytest.mark.parametrize(
    ("name", "value", "verdict"),
    [
        ("SETTING", UNKNOWN, None),
        ("DB_PASSWORD", UNKNOWN, None),
        (UNKNOWN, WORD, None),
        (UNKNOWN, "5432", False),
        (UNKNOWN, "AKIA" + "IOSFODNN7EXAMPLE", True),
    ],
)
def test_what_is_known_decides_first(name: object, value: object, verdict: bool | None) -> None:
    """An unknown name or value leaves undecided only what the other half does not tell."""
    if verdict is None:
        with pytest.raises(Undecided):
            _exposes(name, value)
    else:
        assert _exposes(name, value) is verdict
