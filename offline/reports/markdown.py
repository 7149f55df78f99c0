"""The Markdown report: a comment for a pull request, with the details folded."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from offline import urn
from offline.finding import Exemption, Finding
from offline.outcome import TITLES, Status

if TYPE_CHECKING:
    from offline.outcome import Outcome

LIMIT = 65_536
"""GitHub refuses longer comments."""

_TITLES = {"known": "known from the baseline"}


def render(outcome: Outcome) -> str:
    """The report as text, whole details left out from the end where it would get too long."""
    text = "\n".join(_head(outcome)) + "\n"
    sections = [section for section in _sections(outcome) if section[1]]
    closing = "\n</details>\n"
    # Each section's frame is paid for in advance, so that every count is shown and every fold is closed.
    frames = [f"\n<details><summary>{html.escape(title)}</summary>\n" for title, _ in sections]
    framed = list(zip(frames, (items for _, items in sections), strict=True))
    room = LIMIT - _size(text) - sum(_size(frame + closing + _left_out(len(items))) for frame, items in framed)
    for frame, items in framed:
        text += frame
        for index, item in enumerate(items):
            room -= _size(item)
            if room < 0:
                text += _left_out(len(items) - index)
                break  # room stays below zero: what comes later matters less
            text += item
        text += closing
    return text


def _size(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2  # as GitHub, like JavaScript, may count characters


def _left_out(count: int) -> str:
    return f"\n{count} more did not fit into a comment; the other reports have them.\n"


def _head(outcome: Outcome) -> Iterator[str]:
    subject, counts = outcome.subject, outcome.counts()
    failing = sum(item.fails for item in outcome.findings())
    verdict = f"{failing} mandatory {'finding' if failing == 1 else 'findings'}" if failing else "no mandatory findings"
    yield f"### Policies: {verdict}"
    yield ""
    packs = ", ".join(_code(f"{pack.name} {pack.version}".rstrip()) for pack in outcome.packs)
    resources = f"{subject.count} resource{'s' * (subject.count != 1)}"
    yield f"{_code(f'{subject.project}/{subject.stack}')}: {resources}, checked with {packs}."
    yield ""
    yield "| mandatory | advisory | undecided | known | exempted | passed | not applicable |"
    yield "|---:|---:|---:|---:|---:|---:|---:|"
    numbers = [*(counts[title] for title in TITLES), counts["exempted"], counts["passed"], counts["notApplicable"]]
    yield f"| {' | '.join(map(str, numbers))} |"
    if outcome.gone:
        yield ""
        yield f"Gone since the baseline: {outcome.gone}."
    for note in outcome.notes:
        yield ""
        yield _escaped(note)


def _sections(outcome: Outcome) -> Iterator[tuple[str, list[str]]]:
    """Title and items, what matters most first."""
    explained: set[tuple[str, str]] = set()
    for title in TITLES:
        found = outcome.section(title)
        yield f"{_TITLES.get(title, title)} ({len(found)})", [_finding(item, outcome, explained) for item in found]
    exempted = outcome.exempted()
    yield f"exempted ({len(exempted)})", [_exemption(item) for item in exempted]
    silent = [(policy, reasons) for pack in outcome.packs for policy, reasons in pack.not_applicable.items()]
    yield (
        f"not applicable ({len(silent)})",
        [f"\n- {_code(policy)} {_escaped(' '.join(reasons))}".rstrip() for policy, reasons in silent],
    )
    passed = [name for pack in outcome.packs for name, status in pack.statuses().items() if status is Status.PASSED]
    yield f"passed ({len(passed)})", [f"{' ' if index else chr(10)}{_code(name)}" for index, name in enumerate(passed)]


def _finding(item: Finding, outcome: Outcome, explained: set[tuple[str, str]]) -> str:
    """A finding; with why it matters and how to mend it, unless that has been said of another one."""
    pack = next((pack for pack in outcome.packs if pack.name == item.pack), None)
    policy = pack.policies.get(item.policy) if pack else None
    rule = _code(item.policy)
    if policy and re.fullmatch(r"https?://[^\s()<>]+", policy.url):
        rule = f"[{rule}]({policy.url})"
    severity = f"**{item.severity}** " if item.severity else ""
    text = f"\n{severity}{rule} {_place(item.urn)}\n\n{_block(item.said)}"
    if item.known or (item.pack, item.policy) in explained:
        return text
    explained.add((item.pack, item.policy))
    if item.why:
        text += f"\n{_escaped(item.why)}\n"
    if item.fix:
        text += f"\n{_block(item.fix, 'diff' if re.search(r'^[+-] ', item.fix, re.MULTILINE) else '')}"
    return text


def _exemption(item: Exemption) -> str:
    head = f"{_code(item.policy)} {_place(item.urn)}"
    return f"\n{head}\n\n{_block(item.sentence)}\nReason: {_escaped(item.justification)}\n"


def _place(text: str) -> str:
    name, type_ = urn.place(text)
    return f"{_code(name)} ({_code(type_)})" if type_ else _code(name)


def _block(text: str, language: str = "text") -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}\n"


def _code(text: str) -> str:
    text = " ".join(text.split())
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    ticks, gap = "`" * (longest + 1), " " if longest else ""
    return f"{ticks}{gap}{text}{gap}{ticks}" if text else ""


def _escaped(text: str) -> str:
    """`text` in which neither Markdown nor GitHub finds more than text: no markup, mention or reference."""
    text = re.sub("[@#]", "\\g<0>\N{ZERO WIDTH SPACE}", " ".join(text.split()))
    return re.sub(r"[^\w\s.,;:'()/=-]|_|^\W|^\d", lambda match: f"&#{ord(match[0])};", text)
