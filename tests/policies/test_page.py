"""The page about the rules is what the rules say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import page
from configuration import Configuration
from rule import SHARED_KNOBS, Rule
from rules import RULES

FILE = Path(__file__).parents[2] / "docs" / "policies.md"
TEXT = FILE.read_text()


def test_the_page_is_as_the_rules_write_it() -> None:
    """`make docs` would change nothing."""
    assert page.written(TEXT) == TEXT


def test_a_page_without_its_mark_is_refused() -> None:
    """Nothing written by hand is lost."""
    with pytest.raises(ValueError, match="there is no line <!--"):
        page.written("# The policy pack\n")


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_each_rule_has_one_row_and_one_section(rule: Rule) -> None:
    """The section says all that the rule's metadata says."""
    assert len(re.findall(rf"^\| \[`{rule.id}`\]\(#{rule.id}\) \|", TEXT, re.MULTILINE)) == 1
    (section,) = re.findall(rf"^### `{rule.id}`\n\n(.+?)(?=\n### |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert section.startswith(f"**{rule.description}** ")
    for part in (rule.why, f"```diff\n{rule.fix}\n```", f"<{rule.url}>"):
        assert part in section
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(rule.knobs)


def test_settings_that_every_rule_takes_stand_once() -> None:
    """In a table of their own, which no rule repeats."""
    for knob in SHARED_KNOBS:
        assert TEXT.count(f"| `{knob}` |") == 1


def test_the_configuration_on_the_page_says_what_it_means() -> None:
    """The example can be copied: every rule and setting in it exists."""
    (text,) = re.findall(r"```json\n(.+?)```", TEXT, re.DOTALL)
    given = {rule: config for rule, config in json.loads(text).items() if isinstance(config, dict)}
    for config in given.values():
        config.pop("enforcementLevel", None)
    configuration = Configuration(RULES)
    configuration.configure(given)
    assert configuration.findings == []
