"""What is printed of an outcome, exactly."""

from __future__ import annotations

import io

from rich.console import Console

from offline.outcome import Outcome
from offline.reports.terminal import Terminal
from tests.offline.said import NOTE, everything, outcome, violation

EVERYTHING = f"""\
Checking demo/dev: 2 resources of state.json

Policies:
    tiny: 8 policies, 1 passed, 2 violated, 1 broken, 1 undecided, 1 known, 1 exempted, 1 not applicable

    mandatory (2):
      [high] violated  api (t:i:T)
          violated.
          api: port is 80.
          Why: Nobody listens.
          Fix:
                port(
              -     80
              +     81
                )
      [high] violated  web (t:i:T)
          violated.
          web: port is 80.

    advisory (2):
      [low] twice  web (t:i:T)
          twice.
          web is *bold*.
      broken  web (t:i:T)
          broken.
          rule error: it broke.

    undecided (1):
      unclear  web (t:i:T)
          unclear.
          undecided: web (t:i:T): port is not known until the update.

    known from the baseline (1, 1 gone):
      known  web (t:i:T)
          web is old.

    exempted (1):
      exempt  web (t:i:T)
          web: port is 80.
          Reason: legacy (until 2027-01-31)

    not applicable (1):
      silent
          web is none of its business.

    {NOTE}
"""


def printed(found: Outcome) -> str:
    file = io.StringIO()
    terminal = Terminal(Console(file=file, width=30, highlight=False, markup=False, emoji=False))
    terminal.subject(found)
    terminal.outcome(found)
    return file.getvalue()


def test_everything():
    """What fails first; nothing is cut at a narrow width; a rule is explained once."""
    assert printed(everything()) == EVERYTHING


def test_nothing():
    """One line says how many rules passed."""
    assert printed(outcome()) == (
        "Checking demo/dev: 2 resources of state.json\n\nPolicies:\n    tiny: 8 policies, 8 passed\n"
    )


def test_a_finding_about_no_resource():
    """Only the rule is named."""
    assert "      violated\n          violated.\n          Nowhere.\n" in printed(
        outcome(violation("violated", "Nowhere.", ""))
    )


def test_a_markup_lookalike_is_text():
    """Brackets in a message are not markup, and no message controls the terminal."""
    said = printed(outcome(violation("violated", "use [bold]x[/bold] and :smile: \x1b[31mred")))
    assert "use [bold]x[/bold] and :smile: \N{REPLACEMENT CHARACTER}[31mred\n" in said
