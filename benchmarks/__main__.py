"""`python -m benchmarks`: previews of 1 to 100 services, released by CodeDeploy and by ECS itself, beside the import
floor and a flat program, and the policy pack beside an empty one, in one run.

Every figure is a median over processes of its own; the order is shuffled, so that a machine that grows slower does
not favour the first rows. Ratios count, seconds don't.
"""

import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import stack_file
from benchmarks.pack import SIZES
from benchmarks.stack_file import CONTROLLERS, ROOT

ROUNDS = int(os.environ.get("ROUNDS", "3"))
COUNTS = (1, 10, 50, 100)
FLAT = (10, 50)
"""Services of the previews that a flat program stands beside."""


@dataclass(frozen=True)
class Sample:
    """One process: wall seconds, peak memory in MiB, and what it measured itself."""

    wall: float
    peak: float
    inner: Mapping[str, Any]


def measure(arguments: list[str]) -> Sample:
    """Run Python with `arguments` and account for it. Raises RuntimeError if it fails."""
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        actions = [(os.POSIX_SPAWN_DUP2, output.fileno(), 1), (os.POSIX_SPAWN_DUP2, output.fileno(), 2)]
        pid = os.posix_spawn(sys.executable, [sys.executable, *arguments], os.environ, file_actions=actions)
        _, status, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - began
        output.seek(0)
        text = output.read().decode()
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"{' '.join(arguments)}:\n{text}")
    last = text.strip().rpartition("\n")[2]
    return Sample(wall, usage.ru_maxrss / 1024, json.loads(last) if last.startswith('{"') else {})


def main() -> None:
    """Measure everything in one run and print the tables."""
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as temporary:
        folders = {(who, count): Path(temporary) / who / str(count) for who in CONTROLLERS for count in COUNTS}
        for (who, count), folder in folders.items():
            folder.mkdir(parents=True)
            stack_file.write(folder, count, who)
        run = ["-m", "benchmarks.run"]
        preview = ["-m", "offline", "preview", "--stack"]
        pack = ["--policy-pack", str(ROOT / "policies")]
        plans = {
            "floor": [*run, "imports", "."],
            "dev": [*preview, "dev", "--no-policy-pack"],
            "dev+pack": [*preview, "dev"],
            "mesh+pack": [*preview, "mesh"],
        }
        for (who, count), folder in folders.items():
            plans[f"{who} {count}"] = [*preview, "bench", "--cwd", str(folder), *pack]
        plans |= {f"{who} growth": [*run, "growth", str(Path(temporary) / who)] for who in CONTROLLERS}
        plans |= {f"flat {count}": [*run, "flat", str(folders["CODE_DEPLOY", count])] for count in FLAT}
        measure(plans["floor"])  # byte code and disk cache
        order = [name for name in plans for _ in range(ROUNDS)]
        random.shuffle(order)
        samples: defaultdict[str, list[Sample]] = defaultdict(list)
        for name in track(order, "measuring", console=Console(stderr=True), transient=True):
            samples[name].append(measure(plans[name]))
        packs = measure(["-m", "benchmarks.pack"])
    report({name: _median(found) for name, found in samples.items()})
    report_pack(packs.inner)


def _median(samples: list[Sample]) -> Sample:
    inner = {key: statistics.median(sample.inner[key] for sample in samples) for key in samples[0].inner}
    wall, peak = (statistics.median(getattr(sample, field) for sample in samples) for field in ("wall", "peak"))
    return Sample(wall, peak, inner)


def report(found: dict[str, Sample]) -> None:
    """Print what a preview costs, by itself and beside the floor and a flat program."""
    console = Console()
    floor = found["floor"]
    table = Table("preview", "wall s", "x floor", "peak MiB", title=f"Whole previews, medians of {ROUNDS}")
    rows = {"import floor": "floor", "dev, no policy pack": "dev", "dev": "dev+pack", "mesh": "mesh+pack"}
    rows |= {f"{who}, {count}": f"{who} {count}" for who in CONTROLLERS for count in COUNTS}
    for title, name in rows.items():
        sample = found[name]
        table.add_row(title, f"{sample.wall:.2f}", f"{sample.wall / floor.wall:.2f}", f"{sample.peak:.0f}")
    console.print(table)

    table = Table(
        "services", "resources", "seconds", "ms a resource", "ms a service", title="The program alone, loaded"
    )
    ratios = {who: _add_growth(table, who, found[f"{who} growth"].inner) for who in CONTROLLERS}
    console.print(table)
    for who, ratio in ratios.items():
        console.print(f"{who}: a service at 100, beside one at 10: {ratio:.2f}")

    for count in FLAT:
        once, registered = found[f"flat {count}"].inner, found["CODE_DEPLOY growth"].inner[f"{count} resources"]
        each = {kind: 1000 * once[kind] / once["resources"] for kind in ("flat", "stock") if kind in once}
        own = 1000 * once["program"] / registered
        ratio, whole = own / each["flat"], once["program"] / once["flat"]
        mocks = f"; {each['stock']:.2f} ms under the SDK's own mocks" if "stock" in each else ""
        console.print(
            f"CODE_DEPLOY, {count}: a resource of the components' program takes {own:.2f} ms, {ratio:.2f} x one of a "
            f"flat program ({each['flat']:.2f} ms{mocks}); the whole {whole:.2f} x a flat program of the same cloud "
            "resources",
            soft_wrap=True,
        )


def _add_growth(table: Table, who: str, inner: Mapping[str, float]) -> float:
    """Add what services cost by their number; return what one costs among 100, beside one among 10."""

    def per_service(count: int) -> float:
        return 1000 * (inner[str(count)] - inner["1"]) / (count - 1)

    for count in COUNTS:
        seconds, resources = inner[str(count)], inner[f"{count} resources"]
        each = f"{per_service(count):.0f}" if count > 1 else ""
        table.add_row(
            f"{who}, {count}", f"{resources:.0f}", f"{seconds:.2f}", f"{1000 * seconds / resources:.2f}", each
        )
    return per_service(100) / per_service(10)


def report_pack(found: Mapping[str, Any]) -> None:
    """Print what the policy pack costs over its protocol, beside the SDK's own decoding and an empty pack."""
    table = Table("policy pack", "start s", "Analyze ms, p50", "p95", title="Policy packs over gRPC")
    for size in SIZES:
        table.add_column(f"AnalyzeStack s, {size:,}")
    for name, figures in found.items():
        stacks = (f"{figures[str(size)]:.2f}" for size in SIZES)
        table.add_row(name, f"{figures['start']:.2f}", f"{figures['p50']:.2f}", f"{figures['p95']:.2f}", *stacks)
    Console().print(table)


if __name__ == "__main__":
    main()
