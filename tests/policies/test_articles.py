"""What the page says about the two articles is all that the pack says about them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

from rules import RULES
from tests.policies.articles import codepipeline, service_connect
from tests.policies.pack import Pack
from tests.policies.scene import lines, run, said

PAGE = (Path(__file__).parents[2] / "docs" / "policies.md").read_text()


class Row(NamedTuple):
    """One finding as the page has it: levels in a stack named dev and in one named prod, "" for silence."""

    rule: str
    resource: str
    path: str
    dev: str
    prod: str


def rows(title: str) -> Iterator[Row]:
    """The table below a title, with a row for each resource."""
    text = PAGE.partition(f"### {title}\n")[2].partition("\n##")[0]
    for line in re.findall(r"^\| `.+ \|$", text, re.MULTILINE):
        rule, resources, path, dev, prod, why = (cell.strip() for cell in line.strip("|").split("|"))
        assert why
        for resource in resources.split(", "):
            yield Row(rule.strip("`"), resource, path, dev, prod)


@pytest.fixture(scope="module")
def pack() -> Iterator[Pack]:
    with Pack() as pack:
        yield pack


@pytest.mark.parametrize(
    ("title", "article"), [("CodePipeline and CodeDeploy", codepipeline), ("Service Connect", service_connect)]
)
def test_the_page_has_each_finding_and_no_other(pack: Pack, title: str, article: ModuleType) -> None:
    """With its level, in both kinds of stacks, and nothing undecided."""
    pack.configure({"bg-appspec-names": {"files": [str(file) for file in article.FILES]}})
    levels: dict[tuple[str, str, str], dict[str, str]] = {}
    for stack in ("dev", "prod"):
        for line in lines(pack, run(article.program, stack=stack, region=article.REGION)):
            finding = said(line)
            assert finding.verdict == "fail"
            levels.setdefault(finding[:3], {})[stack] = line.level.lower()
    assert sorted(rows(title)) == sorted(
        Row(*place, level.get("dev", ""), level.get("prod", "")) for place, level in levels.items()
    )


def test_what_the_page_calls_silent_is_a_rule() -> None:
    """The rules that the page names are there."""
    named = set(re.findall(r"`((?:bg|native|sec)-[a-z-]+)`", PAGE.partition("<!--")[0]))
    assert len(named) > 40
    assert named - {rule.id for rule in RULES} == set()
