"""Stacks of other kinds: nothing is said about releases they don't have, and of their security only what is true."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.policies.pack import Pack
from tests.policies.scene import Said, judged, run

FOLDER = Path(__file__).parent / "corpus"
STACKS = [
    importlib.import_module(f"tests.policies.corpus.{file.stem}")
    for file in sorted(FOLDER.glob("*.py"))
    if file.stem != "documents"
]


@pytest.fixture(scope="module")
def pack() -> Iterator[Pack]:
    with Pack() as pack:
        pack.configure()
        yield pack


@pytest.mark.parametrize("first_preview", [False, True], ids=["known", "first preview"])
@pytest.mark.parametrize("stack", STACKS, ids=[stack.__name__.rpartition(".")[2] for stack in STACKS])
def test_a_stack_of_another_kind_hears_of_its_own_mistakes_only(
    pack: Pack, stack: ModuleType, first_preview: bool
) -> None:
    """In production, where rules are at their strictest."""
    found = judged(pack, run(stack.program, first_preview=first_preview))
    assert found == sorted(Said(*finding, "fail") for finding in stack.FOUND)
