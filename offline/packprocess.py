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

# `python -m pulumi.policy ENGINE PACK`, which is what the language host runs, and a thread that ends
# the process when its standard input closes: the kernel closes it however the parent ends.
_BOOT = """\
import os, runpy, threading
def watch():
    os.read(0, 1)
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
runpy.run_module("pulumi.policy", run_name="__main__", alter_sys=True)
"""

_NO_ENGINE = "127.0.0.1:0"
"""In the place of the engine's address: Python packs don't call it."""


class PackProcess:
    """The process of the pack in `folder`, running from here to `close`.

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
        interpreter = _interpreter(folder, _manifest(folder))
        self._process = subprocess.Popen(
            [interpreter, "-u", "-c", _BOOT, _NO_ENGINE, str(folder.resolve())],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
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
        if not line.strip().isdigit():
            raise OfflineError(
                f"policy pack {self.folder}: printed {line.strip()!r} before its port; "
                "a pack must not print to standard output while it loads"
            )
        return int(line)

    def failure(self, problem: str) -> OfflineError:
        """`problem`, and the last line the pack wrote to standard error."""
        last = next((line for line in reversed(self._stderr) if line.strip()), "").strip()
        return OfflineError(f"policy pack {self.folder}: {problem}{f': {last}' if last else ''}")

    def close(self) -> None:
        """End the process. Can be called twice."""
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join(timeout=1)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _read_stdout(self, pipe: IO[bytes]) -> None:
        for line in _lines(pipe):
            self._stdout.put(line)
        self._stdout.put("")

    def _read_stderr(self, pipe: IO[bytes]) -> None:
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
    options = (runtime.get("options") or {}) if isinstance(runtime, dict) else {}
    if environment := options.get("virtualenv"):
        python = folder / environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if python.exists():
            return str(python.absolute())
    return sys.executable
