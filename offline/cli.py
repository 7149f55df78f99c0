"""The command line: `python -m offline`. Its `--help` lists what works without AWS."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click

from offline import packconfig
from offline import project as projects
from offline.errors import OfflineError
from offline.garbage import without_collection
from offline.pack import Pack

_PATH = click.Path(path_type=Path)


class _BadInput(click.ClickException):
    exit_code = 2


class _Group(click.Group):
    """Shows bad input as one message, exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OfflineError as error:
            raise _BadInput(str(error)) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Work with a Pulumi stack on AWS without an account, credentials or a network.

    \b
    Exit codes:
      0  fine
      1  findings at mandatory level
      2  bad input
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a rule's message must not fail on a narrow encoding
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


@main.command()
@click.option("-s", "--stack", default="dev", show_default=True, help="The stack to preview.")
@click.option("-C", "--cwd", type=_PATH, default=".", help="Run as if started in this folder.")
@click.option(
    "--json", "json_file", type=_PATH, metavar="FILE",
    help="Write the deployment export (the form of `pulumi stack export`) to FILE.",
)  # fmt: skip
@click.option(
    "--policy-pack", "folders", type=_PATH, multiple=True, metavar="DIR",
    help="Check with the policy pack in DIR; may be repeated.  [default: the project's policies/]",
)  # fmt: skip
@click.option(
    "--policy-pack-config", "configs", type=_PATH, multiple=True, metavar="FILE",
    help="JSON file with the configuration of the policy pack at the same position.",
)  # fmt: skip
@click.option("--no-policy-pack", is_flag=True, help="Check with no policy pack.")
@click.option(
    "--first-preview", is_flag=True,
    help="As if nothing existed yet: ids, ARNs and other computed values are unknown.",
)  # fmt: skip
@click.pass_context
def preview(
    ctx: click.Context,
    stack: str,
    cwd: Path,
    json_file: Path | None,
    folders: tuple[Path, ...],
    configs: tuple[Path, ...],
    no_policy_pack: bool,
    first_preview: bool,
) -> None:
    """Show what `pulumi up` would create in a new stack, and what the policy packs say about it."""
    project = projects.load(cwd, stack)
    settings = [packconfig.read(path) for path in configs]
    with ExitStack() as packs_running, without_collection():
        packs = [
            packs_running.enter_context(Pack(folder, project, config))
            for folder, config in _chosen(project, folders, settings, no_policy_pack)
        ]
        with _step(f"Running the program of {project.name}"):
            from offline.program import run_program  # what it imports takes most of a preview's time

            deployment = run_program(project, first_preview=first_preview)
        if json_file is not None:
            _write(json_file, deployment.dump())
        from offline.report import Report, worst

        report = Report()
        report.preview(deployment, stack)
        found = []
        for pack in packs:
            with _step(f"Checking with {pack.name}"):
                found += pack.analyze(deployment)
        if packs:
            report.findings(packs, found)
    ctx.exit(worst(found))


def _chosen(
    project: projects.Project,
    folders: Sequence[Path],
    configs: Sequence[dict[str, packconfig.PolicyConfig]],
    none: bool,
) -> list[tuple[Path, dict[str, packconfig.PolicyConfig] | None]]:
    if none and (folders or configs):
        raise click.UsageError("--no-policy-pack can't be combined with a policy pack or its config.")
    default = project.root / "policies"
    if not folders and not none and default.is_dir():
        folders = [default]
    if configs and len(configs) != len(folders):
        raise click.UsageError(
            f"{len(folders)} policy packs, {len(configs)} --policy-pack-config; give one for each pack."
        )
    return list(zip(folders, configs or [None] * len(folders), strict=True))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OfflineError(f"{path}: {error.strerror}") from error


@contextmanager
def _step(title: str) -> Iterator[None]:
    """Show that something is going on, on a terminal, once it takes more than a second."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    status = Console(stderr=True).status(title)
    timer = threading.Timer(1.0, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()
