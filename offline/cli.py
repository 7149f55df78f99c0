"""The command line: `python -m offline`. Its `--help` lists what works without AWS."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from offline import packconfig
from offline import project as projects
from offline.errors import OfflineError
from offline.garbage import without_collection
from offline.pack import Pack

if TYPE_CHECKING:
    from offline.deployment import Deployment
    from offline.outcome import Outcome, Subject

_PATH = click.Path(path_type=Path)
_POLICIES = Path(__file__).resolve().parents[1] / "policies"


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


def _checking(default: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options of every verb that checks with policy packs."""
    options = (
        click.option(
            "--policy-pack", "folders", type=_PATH, multiple=True, metavar="DIR",
            help=f"Check with the policy pack in DIR; may be repeated.  [default: {default}]",
        ),
        click.option(
            "--policy-pack-config", "configs", type=_PATH, multiple=True, metavar="FILE",
            help="JSON file with the configuration of the policy pack at the same position.",
        ),
        click.option(
            "--report", "reports", type=_PATH, multiple=True, metavar="FILE",
            help="Write what the packs found to FILE; may be repeated. The suffix says how: "
            ".json, .sarif (code scanning), .xml (JUnit), .md (pull-request comment).",
        ),
        click.option(
            "--baseline", "baseline", type=_PATH, metavar="FILE",
            help="An earlier JSON report: only findings that it doesn't have give exit code 1.",
        ),
    )  # fmt: skip

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@main.command()
@click.option("-s", "--stack", default="dev", show_default=True, help="The stack to preview.")
@click.option("-C", "--cwd", type=_PATH, default=".", help="Run as if started in this folder.")
@click.option(
    "--json", "json_file", type=_PATH, metavar="FILE",
    help="Write the deployment export (the form of `pulumi stack export`) to FILE.",
)  # fmt: skip
@_checking("the project's policies/")
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
    reports: tuple[Path, ...],
    baseline: Path | None,
    no_policy_pack: bool,
    first_preview: bool,
) -> None:
    """Show what `pulumi up` would create in a new stack, and what the policy packs say about it."""
    project = projects.load(cwd, stack)
    if no_policy_pack and (folders or configs or reports or baseline):
        raise click.UsageError("--no-policy-pack can't be combined with a policy pack, its config, or its reports.")
    chosen = [] if no_policy_pack else _chosen(folders, configs, project.root / "policies")
    if not chosen and (reports or baseline):
        raise click.UsageError(f"{project.root} has no policies/ to report on; give a --policy-pack.")
    checks = _Checks(reports, baseline)
    with ExitStack() as packs_running, without_collection():
        packs = [packs_running.enter_context(Pack(folder, project, config)) for folder, config in chosen]
        with _step(f"Running the program of {project.name}"):
            from offline.program import run_program  # what it imports takes most of a preview's time

            deployment = run_program(project, first_preview=first_preview)
        from offline.outcome import Subject
        from offline.reports.plan import Plan
        from offline.reports.terminal import Terminal

        if json_file is not None:
            from offline.reports import files

            files.write_text(json_file, deployment.dump())
        terminal = Terminal()
        Plan(terminal).show(deployment, stack)
        if not packs:
            return
        subject = Subject(project.name, stack, str(project.file), project.root)
        outcome = checks.run(packs, deployment, subject)
        terminal.outcome(outcome)
    ctx.exit(outcome.exit_code)


@main.command()
@click.argument("file", type=click.Path(), metavar="FILE|-")
@click.option("--json", "json_file", type=_PATH, metavar="FILE", help="Write the JSON report to FILE.")
@_checking("the policies/ beside this tool")
@click.pass_context
def check(
    ctx: click.Context,
    file: str,
    json_file: Path | None,
    folders: tuple[Path, ...],
    configs: tuple[Path, ...],
    reports: tuple[Path, ...],
    baseline: Path | None,
) -> None:
    """Check the deployment export in FILE, or on standard input, against policy packs.

    \b
    An export is what `pulumi stack export` prints, of any stack:
      pulumi stack export | python -m offline check -
    """
    from offline import export
    from offline.reports import files

    chosen = _chosen(folders, configs, _POLICIES)
    if not chosen:
        raise click.UsageError(f"there is no {_POLICIES}; give a --policy-pack.")
    files.check_places([json_file] if json_file else [])
    checks = _Checks(reports, baseline)
    with ExitStack() as packs_running, without_collection():
        deployment, subject, project = export.load(file)
        packs = [packs_running.enter_context(Pack(folder, project, config)) for folder, config in chosen]
        outcome = checks.run(packs, deployment, subject)
        if json_file is not None:
            files.write_text(json_file, files.FORMATS[".json"](outcome))
        from offline.reports.terminal import Terminal

        terminal = Terminal()
        terminal.subject(outcome)
        terminal.outcome(outcome)
    ctx.exit(outcome.exit_code)


@main.command("files")
@click.argument("file", type=click.Path(), metavar="[FILE|-]", required=False)
@click.option("-s", "--stack", help="The stack to preview, where there is no FILE.  [default: dev]")
@click.option("-C", "--cwd", type=_PATH, help="Run as if started in this folder, where there is no FILE.")
@click.option("--out", type=_PATH, metavar="DIR", required=True, help="Where the files go; it is made if need be.")
@click.option("--service", default="", metavar="NAME", help="Only this service's.  [default: all services]")
def release_files(file: str | None, stack: str | None, cwd: Path | None, out: Path, service: str) -> None:
    """Write the files that pipelines release services by.

    They are taskdef.json and what goes with it, taken from the deployment export in FILE, or on standard input; without
    one from a preview, to look at: it makes up what AWS would name. The files of one service go straight into DIR,
    those of several each into DIR/SERVICE.

    \b
    For a repository that a pipeline takes them from:
      pulumi stack export --stack dev | python -m offline files - --out path/to/repository
    """
    from offline import export, release_files

    if file and (stack or cwd):
        raise click.UsageError("a FILE says itself which stack it is of; --stack and --cwd are for a preview.")
    with without_collection():
        if file:
            deployment, subject, _ = export.load(file)
            source = subject.file
        else:
            project = projects.load(cwd or Path(), stack or "dev")
            with _step(f"Running the program of {project.name}"):
                from offline.program import run_program

                deployment = run_program(project)
            source = f"stack {project.stack}"
    found = release_files.find(deployment, source, service)
    for path in release_files.write(found, out):
        click.echo(path)
    if release_files.are_made_up(found):
        click.echo(
            "These are a preview's: no account has the ids and ARNs in them. To release, take them from the state: "
            "`pulumi stack export | python -m offline files - --out DIR`.",
            err=True,
        )


class _Checks:
    """The reports to write and the baseline to compare with, both looked at before anything is run."""

    def __init__(self, reports: Sequence[Path], baseline: Path | None) -> None:
        self._reports = reports
        self._baseline = None
        if reports:
            from offline.reports import files

            files.check_formats(reports)
            files.check_places(reports)
        if baseline is not None:
            from offline import baseline as baselines

            self._baseline = baselines.read(baseline)

    def run(self, packs: Sequence[Pack], deployment: Deployment, subject: Subject) -> Outcome:
        """Check `deployment`, and write the reports."""
        from offline import outcome as outcomes

        with _step(f"Checking with {', '.join(pack.name for pack in packs)}"):
            outcome = outcomes.check(packs, deployment, subject, self._baseline)
        if self._reports:
            from offline.reports import files

            files.write(outcome, self._reports)
        return outcome


def _chosen(
    folders: Sequence[Path], configs: Sequence[Path], default: Path
) -> list[tuple[Path, dict[str, packconfig.PolicyConfig] | None]]:
    """The packs with their configuration."""
    read = [packconfig.read(path) for path in configs]
    if not folders and default.is_dir():
        folders = [default]
    if configs and len(configs) != len(folders):
        raise click.UsageError(
            f"{len(folders)} policy packs, {len(configs)} --policy-pack-config; give one for each pack."
        )
    return list(zip(folders, read or [None] * len(folders), strict=True))


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
