"""A pack's configuration is read, merged and checked as the CLI does."""

from __future__ import annotations

import pytest

from offline.errors import OfflineError
from offline.pack import Policy
from offline.packconfig import PolicyConfig, read, reconcile

MAX = {"properties": {"max": {"type": "integer", "default": 3}, "names": {"type": "array"}}, "required": []}
NONE = {"properties": {}, "required": []}
POLICIES = [Policy("one", "", "mandatory", "high", MAX), Policy("two", "", "advisory", "", NONE)]


def test_defaults_of_the_schema():
    """Without any configuration a policy has its own level and its schema's defaults."""
    assert reconcile(POLICIES, {}, {}) == {
        "one": PolicyConfig("mandatory", {"max": 3}),
        "two": PolicyConfig("advisory", {}),
    }


def test_layers():
    """Ours over the pack's own over the defaults; knob by knob; `all` under what is said of one policy."""
    initial = {"one": PolicyConfig("advisory", {"max": 4, "names": ["a"]})}
    given = {"all": PolicyConfig("disabled"), "one": PolicyConfig("", {"max": 5}), "two": PolicyConfig("mandatory")}
    assert reconcile(POLICIES, initial, given) == {
        "one": PolicyConfig("disabled", {"max": 5, "names": ["a"]}),
        "two": PolicyConfig("mandatory", {}),
        "all": PolicyConfig("disabled", {}),
    }


def test_unknown_policies_reach_the_pack():
    """The CLI passes them on; a pack can then point at the typo."""
    assert reconcile(POLICIES, {}, {"tow": PolicyConfig("advisory")})["tow"] == PolicyConfig("advisory", {})


def test_problems_come_together():
    """Each with its policy and knob."""
    required = Policy("three", "", "advisory", "", {"properties": {"x": {"type": "string"}}, "required": ["x"]})
    given = {"one": PolicyConfig("", {"max": "many"}), "tow": PolicyConfig("", {"a": 1})}
    with pytest.raises(ValueError, match="one") as caught:
        reconcile([*POLICIES, required], {}, given)
    assert str(caught.value) == (
        "one: max: 'many' is not of type 'integer'; three: 'x' is a required property; tow: needs a level"
    )


def test_the_file(tmp_path):
    """A level, or an object of level and knobs; environments are not ours."""
    path = tmp_path / "config.json"
    path.write_text(
        '{"all": "mandatory", "one": {"enforcementLevel": "advisory", "max": 1}, "two": {}, "environments": ["x"]}'
    )
    assert read(path) == {
        "all": PolicyConfig("mandatory", {}),
        "one": PolicyConfig("advisory", {"max": 1}),
        "two": PolicyConfig("", {}),
    }
    path.write_text(" \n")
    assert read(path) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "expected an object, was list"),
        ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (
            '{"one": "loud"}',
            "one: 'loud' is not a valid enforcement level; allowed: advisory, mandatory, remediate, disabled",
        ),
        (
            '{"one": {"enforcementLevel": 1}}',
            "one: 1 is not a valid enforcement level; allowed: advisory, mandatory, remediate, disabled",
        ),
        ('{"one": 7}', "one: 7 is not a level or an object"),
    ],
)
def test_a_bad_file(tmp_path, text, message):
    """File and policy are named."""
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(OfflineError) as caught:
        read(path)
    assert str(caught.value) == f"{path}: {message}"


def test_a_missing_file(tmp_path):
    """The system's own words."""
    with pytest.raises(OfflineError, match=r"nothing\.json: .*No such file or directory"):
        read(tmp_path / "nothing.json")
