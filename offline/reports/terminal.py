"""What is printed: what the policy packs found.

Plain ASCII without escape codes unless the output is a terminal that takes more. Lines are never
wrapped or cut, so that they can be searched.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from offline import urn
from offline.outcome import TITLES, Outcome, Status

if TYPE_CHECKING:
    from offline.finding import Exemption, Finding
    from offline.outcome import PackOutcome

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_STYLES = {"mandatory": "bold red", "advisory": "yellow", "undecided": "cyan"}


class Terminal:
    """Prints to a console, plainly when it isn't a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, markup=False, emoji=False)

    def subject(self, outcome: Outcome) -> None:
        """What was checked."""
        subject = outcome.subject
        count = subject.count
        what = f"{count} resource{'s' * (count != 1)} of {subject.file}"
        self.line(f"Checking {subject.project}/{subject.stack}: {what}", "bold")

    def outcome(self, outcome: Outcome) -> None:
        """The findings of all packs: mandatory first, then advisory and undecided; then what doesn't count."""
        self.line()
        self.line("Policies:", "bold")
        for pack in outcome.packs:
            self._pack(pack)
        for title in ("mandatory", "advisory", "undecided"):
            self._findings(title, outcome.section(title))
        known = outcome.section(TITLES[3])
        gone = f", {outcome.gone} gone" if outcome.gone else ""
        if known or gone:
            self._title(f"known from the baseline ({len(known)}{gone})")
            for item in known:
                self._finding(item, "")
                self._text(item.said)
        self._exempted(outcome.exempted())
        self._not_applicable(outcome)
        for note in outcome.notes:
            self.line()
            self.line(f"    {note}")

    def line(self, text: str = "", style: str = "") -> None:
        """Print one line, whole."""
        self.console.print(Text(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text), style), soft_wrap=True)

    def _pack(self, pack: PackOutcome) -> None:
        statuses = pack.statuses()
        counts = Counter(statuses.values())
        said = [f"{counts[Status.PASSED]} passed"]
        said += [f"{counts[status]} {status}" for status in Status if status is not Status.PASSED and counts[status]]
        policies = "policy" if len(statuses) == 1 else "policies"
        clean = len(said) == 1
        self.line(f"    {pack.name}: {len(statuses)} {policies}, {', '.join(said)}", "green" if clean else "")

    def _title(self, title: str, style: str = "") -> None:
        self.line()
        self.line(f"    {title}:", style)

    def _findings(self, title: str, found: list[Finding]) -> None:
        if not found:
            return
        self._title(f"{title} ({len(found)})", _STYLES[title])
        explained: set[tuple[str, str]] = set()
        for item in found:
            self._finding(item, _STYLES[title])
            self._text(item.description)
            self._text(item.said)
            if (item.pack, item.policy) not in explained:  # once is enough
                explained.add((item.pack, item.policy))
                self._text(item.why and f"Why: {item.why}")
                self._text(item.fix and "Fix:")
                self._text(item.fix, "    ")

    def _finding(self, item: Finding, style: str) -> None:
        severity = f"[{item.severity}] " if item.severity else ""
        self.line(f"      {severity}{item.policy}{_place(item.urn)}", style)

    def _exempted(self, exempted: list[Exemption]) -> None:
        if not exempted:
            return
        self._title(f"exempted ({len(exempted)})")
        for item in exempted:
            self.line(f"      {item.policy}{_place(item.urn)}")
            self._text(item.sentence)
            self._text(f"Reason: {item.justification}")

    def _not_applicable(self, outcome: Outcome) -> None:
        silent = [(policy, reasons) for pack in outcome.packs for policy, reasons in pack.not_applicable.items()]
        if not silent:
            return
        self._title(f"not applicable ({len(silent)})")
        for policy, reasons in silent:
            self.line(f"      {policy}")
            for reason in reasons:
                self._text(reason)

    def _text(self, text: str, indent: str = "") -> None:
        for line in text.splitlines():
            self.line(f"          {indent}{line}".rstrip())


def _place(text: str) -> str:
    name, type_ = urn.place(text)
    return f"  {name} ({type_})" if type_ else f"  {name}" if name else ""
