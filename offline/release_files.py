"""The files that pipelines release services by: found in a deployment, and written out for a repository."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from offline.deployment import Deployment, Resource
from offline.errors import OfflineError
from offline.place import ACCOUNT
from offline.value import is_known, reveal

COMPONENT = "ecs-blue-green:index:ReleaseFiles"
"""The component that has them as output `files`; it is called as its service is."""

Files = Mapping[str, str]
"""Texts by file name."""


def find(deployment: Deployment, source: str, service: str = "") -> dict[str, Files]:
    """The files of each service that a pipeline releases, or only those of `service`.

    Raises OfflineError, its message starting with `source`, if there are none, or not yet whole ones.
    """
    components = {component.name: component for component in deployment.of_type(COMPONENT)}
    if not components:
        raise OfflineError(f"{source}: no service has a pipeline, so there are no release files")
    if service and service not in components:
        known = ", ".join(sorted(components))
        raise OfflineError(f"{source}: no pipeline releases {service!r}; services with a pipeline: {known}")
    chosen = [service] if service else sorted(components)
    return {name: _files(components[name], f"{source}: the release files of {name}") for name in chosen}


def are_made_up(found: Mapping[str, Files]) -> bool:
    """Whether ids and ARNs in the files are a preview's, which no account has."""
    return any(re.search(rf"\b{ACCOUNT}\b", text) for files in found.values() for text in files.values())


def write(found: Mapping[str, Files], folder: Path) -> list[Path]:
    """Write the files of one service into `folder`, those of several each into its own below; all of them, or none.

    Returns their paths. Raises OfflineError for what can't be written.
    """
    texts = {
        (folder if len(found) == 1 else folder / service) / name: text
        for service, files in found.items()
        for name, text in files.items()
    }
    beside = {path: path.with_name(f".{path.name}.new") for path in texts}
    try:
        for path, text in texts.items():
            if path.is_dir():
                raise OfflineError(f"{path}: is a folder")
            path.parent.mkdir(parents=True, exist_ok=True)
            beside[path].write_bytes(text.encode())
        for path, new in beside.items():
            new.replace(path)
    except OSError as error:
        raise OfflineError(f"{error.filename}: {error.strerror}") from error
    finally:
        for new in beside.values():
            with suppress(OSError):
                new.unlink()
    return list(texts)


def _files(component: Resource, what: str) -> Files:
    given = component.outputs.get("files")
    files = reveal(given)
    if given is None or (files == given and not is_known(given)):
        raise OfflineError(f"{what} aren't known yet: they name what `pulumi up` makes first")
    if not is_known(files):
        raise OfflineError(f"{what} are secret; `pulumi stack export --show-secrets` writes them in plain text")
    if not isinstance(files, dict) or not files or not all(isinstance(text, str) for text in files.values()):
        raise OfflineError(f"{what}: expected texts by file name")
    for name in (component.name, *files):
        if not re.fullmatch(r"(?!\.)[\w.-]+", name):
            raise OfflineError(f"{what}: {name!r} can't be the name of a file")
    return files
