"""The pack on both of its paths, and how many mutants it has caught."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.policies.pack import PLAIN, Pack


@pytest.fixture(scope="module")
def fast() -> Iterator[Pack]:
    """The pack as it comes."""
    with Pack() as pack:
        pack.configure()
        yield pack
    assert pack.errors == ""


@pytest.fixture(scope="module")
def plain() -> Iterator[Pack]:
    """The pack by the SDK alone."""
    with Pack(environment=PLAIN) as pack:
        pack.configure()
        yield pack


class Tally:
    """Counts mutants."""

    def __init__(self) -> None:
        self.caught = self.all = 0

    def count(self, caught: bool) -> None:
        self.caught += caught
        self.all += 1


TALLY = pytest.StashKey[Tally]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TALLY] = Tally()


@pytest.fixture
def tally(pytestconfig: pytest.Config) -> Tally:
    return pytestconfig.stash[TALLY]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    tally = config.stash[TALLY]
    if tally.all:
        terminalreporter.write_line(f"policy mutants: {tally.caught} of {tally.all} caught")
