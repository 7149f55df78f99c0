"""Runs a Pulumi program as the CLI's language host would, without engine, provider or network."""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import sys
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pulumi
from pulumi import runtime

from offline.aws import Aws
from offline.deployment import Deployment
from offline.errors import OfflineError
from offline.garbage import without_collection
from offline.monitor import Monitor, Refused
from offline.place import DEFAULT_REGION, Place
from offline.project import Project

ORGANIZATION = "organization"
"""The organization of stacks in a backend that has none."""


def run_program(
    project: Project,
    *,
    first_preview: bool = False,
    program: Callable[[], object] | None = None,
) -> Deployment:
    """Preview the program of `project`: the resources it declares, as the engine would keep them.

    Can be called any number of times. Each run has its own event loop, SDK state and configuration.
    Modules stay loaded, the program's own too: a program that keeps state in modules shares it.

    Args:
        first_preview: as if nothing existed yet, so that ids, ARNs and other computed outputs are
            unknown; otherwise they have the values they would have after an update. Physical names
            are known either way.
        program: called in place of the project's own program.

    Raises OfflineError, with the program's own message, if the program fails.
    """
    monitor = Monitor(project, _aws(project), first_preview)
    with _workspace(project, program is None), without_collection(), asyncio.Runner() as runner:
        loop = runner.get_loop()
        loop.set_default_executor(_Inline())
        # A program that fails leaves tasks nobody waits for; asyncio would print each of them.
        loop.set_exception_handler(lambda *_: None)
        try:
            # The runner's own copy of the context keeps the SDK's settings and configuration of this run.
            runner.run(_run(project, monitor, program))
        except pulumi.RunError as error:
            raise OfflineError(str(error)) from error
        except Refused as error:
            where = f"{_relative(error.where, project)}: " if error.where else ""
            raise OfflineError(f"{where}{error}") from error
        except SystemExit as error:
            if error.code:
                raise OfflineError(f"the program exited with {error.code!r}") from error
        except Exception as error:
            raise OfflineError(_describe(error, project)) from error
    return monitor.deployment()


_TURNS = 500
"""More turns of the event loop than the longest chain of outputs needs; an idle one costs microseconds."""


async def _run(project: Project, monitor: Monitor, program: Callable[[], object] | None) -> None:
    runtime.set_all_config(dict(project.config), list(project.secret_keys))
    runtime.reset_options()
    runtime.configure(
        runtime.Settings(
            project=project.name,
            stack=project.stack,
            organization=ORGANIZATION,
            root_directory=str(project.root),
            monitor=monitor,
            engine=monitor,
            dry_run=True,
        )
    )
    # Otherwise the SDK starts a server, for an engine to call hooks through.
    runtime.settings.SETTINGS.callbacks = monitor.hooks  # pyright: ignore[reportAttributeAccessIssue]

    async def run() -> None:
        if program is None:
            runpy.run_path(str(project.program), run_name="__main__")
        else:
            program()
        # Nothing here waits for the outside, so registrations settle within a few turns of the loop. The
        # SDK's own waiting looks at every output that is still open each time one of them settles.
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    await runtime.run_in_stack(run)


def _aws(project: Project) -> Aws:
    tags: dict[str, Any] = {}
    if text := project.config.get("aws:defaultTags"):
        try:
            tags = json.loads(text).get("tags") or {}
        except (ValueError, AttributeError):
            raise OfflineError("aws:defaultTags: expected an object with 'tags'") from None
    return Aws(Place(project.config.get("aws:region") or DEFAULT_REGION), tags)


class _Inline(ThreadPoolExecutor):
    """Runs the SDK's own calls to the monitor at once, on the event loop's thread.

    The monitor answers from memory, so a hand-over to another thread would cost more than the answer.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if not getattr(fn, "__module__", "").startswith("pulumi."):
            return super().submit(fn, *args, **kwargs)
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # handed to whoever awaits the call
            future.set_exception(error)
        return future


@contextmanager
def _workspace(project: Project, has_main: bool) -> Iterator[None]:
    """The process as the language host sets it up: working directory, arguments, import path."""
    if not project.program.exists():
        raise OfflineError(f"{project.program} doesn't exist; Pulumi.yaml names it as the program")
    folder = project.program if project.program.is_dir() else project.program.parent
    if has_main and project.program.is_dir() and not (project.program / "__main__.py").is_file():
        raise OfflineError(f"unable to find main python program `__main__.py` in `{folder}`")
    argv, path, cwd = sys.argv, list(sys.path), os.getcwd()
    hidden = _hide_modules(folder)
    sys.argv = [str(project.program)]
    sys.path.insert(0, str(folder))
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(cwd)
        sys.path[:] = path
        sys.argv = argv
        if hidden:
            _forget_modules(folder)
            sys.modules.update(hidden)


def _hide_modules(folder: Path) -> dict[str, ModuleType]:
    """Take modules of other places out of the way of the program's own modules of the same name."""
    own = {entry.stem for entry in folder.iterdir() if entry.suffix == ".py" or entry.is_dir()}
    foreign = {
        name: module
        for name, module in sys.modules.items()
        if name.partition(".")[0] in own and name != "__main__" and not _is_under(module, folder)
    }
    roots = {name.partition(".")[0] for name in foreign}
    shadowed = {root for root in roots if _would_be_shadowed(folder, root)}
    hidden = {name: mod for name, mod in foreign.items() if name.partition(".")[0] in shadowed}
    for name in hidden:
        del sys.modules[name]
    return hidden


def _would_be_shadowed(folder: Path, root: str) -> bool:
    return (folder / f"{root}.py").is_file() or any((folder / root).glob("*.py"))


def _forget_modules(folder: Path) -> None:
    for name, module in list(sys.modules.items()):
        if name != "__main__" and _is_under(module, folder):
            del sys.modules[name]


def _is_under(module: ModuleType, folder: Path) -> bool:
    file = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), None)
    return file is not None and Path(file).is_relative_to(folder)


def _describe(error: Exception, project: Project) -> str:
    """One line for an exception of the program: where, which, what."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_relative(f'{error.filename}:{error.lineno}', project)}: SyntaxError: {error.msg}"
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(project.root) and "site-packages" not in frame.filename
    ]
    where = ""
    if frames:
        where = f"{_relative(f'{frames[-1].filename}:{frames[-1].lineno}', project)}: "
    message = " ".join(str(error).split())
    return f"{where}{type(error).__name__}: {message}" if message else f"{where}{type(error).__name__}"


def _relative(place: str, project: Project) -> str:
    return place.removeprefix(f"{project.root}{os.sep}")
