"""A small server as the command of its container: the text of a Python file of this project."""

from pathlib import Path

from components.limits import Refused

ROOT = Path(__file__).resolve().parent.parent
"""The project's folder."""

LONGEST = 16_384
"""Bytes; a task definition takes 65,536 in all, other containers included."""


def check_script(path: str) -> None:
    """Refuse a script that isn't there, leaves the project, is no Python or is too long for a task definition."""
    allowed = f"the path in this project of a Python file, at most {LONGEST} bytes, such as app/server.py"
    try:
        file = (ROOT / path).resolve()
        found = file.is_file() and file.is_relative_to(ROOT)
        if not found or file.suffix != ".py" or Path(path).is_absolute():
            raise FileNotFoundError
        size, text = file.stat().st_size, file.read_bytes()[: LONGEST + 1]
    except (OSError, RuntimeError, ValueError):
        # Too long, a link to itself, with characters that no path has: there are many ways not to be there.
        raise Refused(repr(path), allowed, "there is no such script in this project") from None
    if size > LONGEST:
        raise Refused(f"{path!r}, {size} bytes", allowed, "a task definition takes 65,536 bytes in all")
    try:
        compile(text.decode("utf-8"), path, "exec", dont_inherit=True)
    except UnicodeDecodeError:
        raise Refused(repr(path), allowed, "it is not text in UTF-8") from None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Refused(repr(path), allowed, f"it can't be run: {error}") from None


def script_command(path: str) -> list[str]:
    """The command that runs a script wherever there is Python, without writing a file or holding back its output."""
    return ["python", "-u", "-c", (ROOT / path).read_text(encoding="utf-8")]
