"""Writes the reference part of a page about the rules: `python policies/page.py docs/policies.md`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from configuration import SETTINGS
from rule import ENABLED_KNOB, PROD_PATTERN_KNOB, SHARED_KNOBS, Level, Rule
from rules import RULES

MARK = "<!-- What follows is written by `make docs` from the rules themselves. -->\n"
"""Stands where the reference starts; what is above it is written by hand."""

FAMILIES = {
    "bg": "Blue/green releases",
    "native": "Releases by ECS itself",
    "sec": "Security and hygiene",
}
"""What the rules whose ids start alike are about."""

LEVELS = {
    Level.MANDATORY: "mandatory",
    Level.ADVISORY: "advisory",
    Level.STRICTER_IN_PRODUCTION: "mandatory in production, advisory elsewhere",
    Level.PRODUCTION: "mandatory in production",
    Level.PRODUCTION_ADVICE: "advisory in production",
}


def render(rules: Iterable[Rule]) -> str:
    """The reference: an index of the rules, what all of them take, and each by itself."""
    return "\n".join([*_index(rules), *_shared(), *(line for rule in _ordered(rules) for line in _section(rule))])


def _ordered(rules: Iterable[Rule]) -> list[Rule]:
    return sorted(rules, key=lambda rule: ([*FAMILIES].index(_family(rule)), rule.id))


def _family(rule: Rule) -> str:
    return rule.id.partition("-")[0]


def _index(rules: Iterable[Rule]) -> Iterator[str]:
    ordered = _ordered(rules)
    yield f"## The {len(ordered)} rules"
    for family, title in FAMILIES.items():
        yield from ("", f"### {title}", "", "| rule | level | severity | what holds |", "|---|---|---|---|")
        for rule in ordered:
            if _family(rule) == family:
                level = LEVELS[rule.level]
                yield f"| [`{rule.id}`](#{rule.id}) | {level} | {rule.severity} | {_cell(rule.description)} |"
    yield ""


def _shared() -> Iterator[str]:
    yield from ("## Settings of every rule", "")
    yield f"`{SETTINGS.id}` takes all but the first for all rules at once; what a rule is given itself comes first."
    yield from ("", *_table({**ENABLED_KNOB, **SHARED_KNOBS, **PROD_PATTERN_KNOB}), "")
    yield f"`{next(iter(PROD_PATTERN_KNOB))}` is for rules whose level depends on the stack."
    yield from ("", "## Rule by rule", "")


def _section(rule: Rule) -> Iterator[str]:
    yield from (f"### `{rule.id}`", "", f"**{rule.description}** {LEVELS[rule.level].capitalize()}; {rule.severity}.")
    yield from ("", rule.why, "", "```diff", rule.fix, "```", "")
    if rule.knobs:
        yield from (*_table(rule.knobs), "")
    if rule.remediations:
        yield from ("At `enforcementLevel: remediate` the pack mends that itself.", "")
    yield from (f"Judges {_listed(rule.kinds)}. See <{rule.url}>.", "")


def _table(knobs: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield from ("| setting | default | |", "|---|---|---|")
    for knob, schema in knobs.items():
        yield f"| `{knob}` | {_default(schema['default'])} | {_cell(schema['description'])} |"


def _default(value: Any) -> str:
    return f"`{_cell(json.dumps(value, ensure_ascii=False))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _listed(kinds: Iterable[str]) -> str:
    return ", ".join(f"`{kind}`" for kind in kinds)


def written(page: str) -> str:
    """A page with its reference as it is now. Raises ValueError if the page doesn't say where that starts."""
    above, mark, _ = page.partition(MARK)
    if not mark:
        raise ValueError(f"there is no line {MARK.strip()}")
    return f"{above}{mark}\n{render(RULES)}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")
