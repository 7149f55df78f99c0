"""A pack's configuration is read, merged and checked as the CLI does."""

from __future__ import annotations

import pytest

from offline.errors import OfflineError
from offline.packconfig import PolicyConfig, read, reconcile
from offline.policy import Policy

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


def test_names_the_pack_does_not_have():
    """Each with the nearest that it has: the CLI would leave the rule as it is without a word."""
    given = {
        "tow": PolicyConfig("advisory"),
        "one": PolicyConfig("", {"mx": 1, "max": 2}),
        "two": PolicyConfig("", {"anything": "goes without a schema"}),
        "all": PolicyConfig("advisory"),
    }
    with pytest.raises(ValueError, match="tow") as caught:
        reconcile(POLICIES, {}, given)
    assert str(caught.value) == (
        "one: mx: the policy has no such property; the nearest is max; "
        "tow: the pack has no such policy; the nearest is two"
    )


def test_the_packs_own_configuration_may_name_anything():
    """Only ours can have typos that we can mend."""
    assert reconcile(POLICIES, {"gone": PolicyConfig("advisory", {"a": 1})}, {})["gone"].level == "advisory"


def test_problems_come_together():
    """Each once, with its policy and knob, also if a pack has two policies of one name."""
    required = Policy("three", "", "advisory", "", {"properties": {"x": {"type": "string"}}, "required": ["x"]})
    broken = Policy("four", "", "advisory", "", {"properties": {"x": {"type": 7, "default": 1}}, "required": []})
    given = {"one": PolicyConfig("", {"max": "many"}), "all": PolicyConfig("", {})}
    with pytest.raises(ValueError, match="one") as caught:
        reconcile([*POLICIES, POLICIES[0], required, broken], {}, given)
    assert str(caught.value) == (
        "all: needs a level; four: its schema can't be used: 'int' object is not iterable; "
        "one: max: 'many' is not of type 'integer'; "
        "three: 'x' is a required property"
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
