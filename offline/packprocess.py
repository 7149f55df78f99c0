"""The process of a policy pack: started, heard, and ended with whoever started it."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import yaml

from offline.errors import OfflineError

if TYPE_CHECKING:
    from offline.project import Project

START_SECONDS = 60.0
"""How long a pack may take until it says its port."""

# `python -m pulumi.policy ENGINE PACK`, which is what the language host runs, in a process that ends when its
# standard input closes: the kernel closes it however the parent ends. Where there is O_ASYNC the kernel also
# signals it, which needs no thread of a pack that may be stuck in a regular expression.
_BOOT = """\
import os, runpy, threading
def watch():
    os.read(0, 1)
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
if hasattr(os, "O_ASYNC"):
    import fcntl
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)
runpy.run_module("pulumi.policy", run_name="__main__", alter_sys=True)
"""

_NO_ENGINE = "127.0.0.1:0"
"""In the place of the engine's address: Python packs don't call it."""


class PackProcess:
    """The process of the pack in `folder`, running from here to `close`.

    Attributes:
        version: what PulumiPolicy.yaml says, "" if nothing.

    Raises OfflineError for a folder that isn't a Python policy pack.
    """

    def __init__(self, folder: Path, project: Project | None, *, dry_run: bool) -> None:
        self.folder = folder
        self._stdout: queue.Queue[str] = queue.Queue()
        self._stderr: deque[str] = deque(maxlen=40)
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        if project is not None:
            environment |= {
                "PULUMI_ORGANIZATION": "organization",
                "PULUMI_PROJECT": project.name,
                "PULUMI_STACK": project.stack,
                "PULUMI_DRY_RUN": "true" if dry_run else "false",
                "PULUMI_CONFIG": json.dumps(dict(project.config)),
            }
        manifest = _manifest(folder)
        interpreter = _interpreter(folder, manifest)
        self.version = str(manifest.get("version") or "")
        try:
            self._process = subprocess.Popen(
                [interpreter, "-u", "-c", _BOOT, _NO_ENGINE, str(folder.resolve())],
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise OfflineError(f"policy pack {folder}: can't start {interpreter}: {error.strerror}") from error
        self._readers = [
            threading.Thread(target=read, args=(pipe,), daemon=True)
            for read, pipe in ((self._read_stdout, self._process.stdout), (self._read_stderr, self._process.stderr))
        ]
        for reader in self._readers:
            reader.start()

    @property
    def id(self) -> int:
        """The process id."""
        return self._process.pid

    def port(self) -> int:
        """The port the pack listens on: the first line it prints. Raises OfflineError if it says none."""
        try:
            line = self._stdout.get(timeout=START_SECONDS)
        except queue.Empty:
            raise self.failure(f"didn't start within {START_SECONDS:.0f} seconds") from None
        if not line:
            self._readers[1].join(timeout=1)
            raise self.failure("stopped before it was ready")
        if not line.strip().isdecimal() or int(line) > 65535:
            raise OfflineError(
                f"policy pack {self.folder}: printed {line.strip()!r} before its port; "
                "a pack must not print to standard output while it loads"
            )
        return int(line)

    def has_ended(self) -> bool:
        """Whether the process has ended by itself, or does so within a second."""
        try:
            self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return False
        self._readers[1].join(timeout=1)
        return True

    def failure(self, problem: str) -> OfflineError:
        """`problem`, and the last line the pack wrote to standard error."""
        last = next((line for line in reversed(list(self._stderr)) if line.strip()), "").strip()
        return OfflineError(f"policy pack {self.folder}: {problem}{f': {last}' if last else ''}")

    def close(self) -> None:
        """End the process. Can be called twice."""
        self._process.kill()
        self._process.wait()
        # A process that the pack has started may hold the pipes open: their readers close them.
        for reader in self._readers:
            reader.join(timeout=1)
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _read_stdout(self, pipe: IO[bytes]) -> None:
        with pipe:
            lines = _lines(pipe)
            self._stdout.put(next(lines, ""))
            deque(lines, maxlen=0)  # read, so that a chatty pack does not block

    def _read_stderr(self, pipe: IO[bytes]) -> None:
        with pipe:
            self._stderr.extend(_lines(pipe))


def _lines(pipe: IO[bytes]) -> Iterator[str]:
    for line in pipe:
        yield line.decode(errors="replace")


def _manifest(folder: Path) -> Mapping[str, Any]:
    path = folder / "PulumiPolicy.yaml"
    if not path.is_file():
        raise OfflineError(f"{folder} is not a policy pack: it has no PulumiPolicy.yaml")
    try:
        manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise OfflineError(f"{path}: {' '.join(str(error).split())}") from error
    runtime = manifest.get("runtime") if isinstance(manifest, dict) else None
    name = runtime.get("name") if isinstance(runtime, dict) else runtime
    if name != "python":
        raise OfflineError(f"{path}: runtime is {name!r}; only python packs run offline")
    return manifest


def _interpreter(folder: Path, manifest: Mapping[str, Any]) -> str:
    """The pack's own virtual environment if it names one that exists, else this interpreter."""
    runtime = manifest["runtime"]
    options = runtime.get("options") if isinstance(runtime, dict) else None
    environment = options.get("virtualenv") if isinstance(options, dict) else None
    if isinstance(environment, str) and environment:
        python = folder / environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if python.exists():
            return str(python.absolute())
    return sys.executable
