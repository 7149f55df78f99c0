"""What the commands of a CodeBuild buildspec do with images, read as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from markup import uncommented

ANY_ARCHITECTURE = "any"
"""Stands for a platform that a variable or another file names."""

_TOOL = re.compile(r"(?<![.\w])(?:docker(?:-compose)?|buildx|kaniko|buildah|podman)\b(?!\.(?:io|com)\b)")
_OTHER_USES = re.compile(
    r"\b(?:docker|podman|buildah)(?:-compose|\s+compose)?(?:\s+--?[\w-]+(?:[=\s]\s*(?!-)\S+)?){0,8}\s+"
    r"(?:login|logout|pull|run|exec|start|stop|kill|rm|up|down|ps|logs|wait|info|version|inspect|network|volume)\b"
)
_PLATFORM = re.compile(r"--(?:custom-?platform|platform|arch)[=\s]+[\"']?([^\s\"']+)", re.IGNORECASE)
_DEFAULT_PLATFORM = re.compile(r"\bDOCKER_DEFAULT_PLATFORM[\"']?\s*[:=]\s*[\"']?([^\s\"']+)")
_BAKE = re.compile(r"\bbuildx\s+bake\b")
_PUSH = re.compile(r"\bpush\b|--destination\b|--push\b")
_LATEST = re.compile(r"(?<![\w$.{}/-])([\w$.{}/-]+):latest(?![\w.-])")
_IN_ECR = re.compile(r"(?<![\w.${}-])[\w.${}-]+\.dkr\.ecr[\w.${}-]*/[\w.${}/-]+")
_MIRROR = re.compile(r"(?:[^/.:]*[.:][^/]*/)?(?:docker(?:-hub)?/)?(?:library/)?")
_CONTINUED = re.compile(r"\\\n\s*|\n[ \t]+(?=-[-\w])")
_NEXT_COMMAND = re.compile(r"\n|&&|\|\|?|;")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def is_inline(buildspec: str) -> bool:
    """True for the buildspec itself; False for its place in the source repository or in a bucket."""
    return "\n" in buildspec.strip() or buildspec.lstrip().startswith("{")


def uses_images(buildspec: str) -> bool:
    """True if a tool for images is named at all, if only to run one."""
    return _TOOL.search(_script(buildspec)) is not None


def makes_images(buildspec: str) -> bool:
    """True if a tool for images is named for more than to log in, or to pull or run images."""
    return any(_TOOL.search(command) for command in _commands(buildspec))


def architectures(buildspec: str, default_platform: str = "") -> frozenset[str]:
    """The architectures that the images are expressly made for; none if they are made for the build's own.

    `default_platform` is what the build's environment says of `DOCKER_DEFAULT_PLATFORM`.
    """
    platforms = {default_platform} - {""} | set(_DEFAULT_PLATFORM.findall(uncommented(buildspec)))
    for command in _commands(buildspec):
        if _BAKE.search(command):
            platforms.add("$file")
        elif _TOOL.search(command):
            platforms.update(_PLATFORM.findall(command))
    return frozenset(_architecture(each) for platform in platforms for each in platform.split(","))


def latest_pushed(buildspec: str, variables: Mapping[str, str]) -> frozenset[str]:
    """The names, without tag, of the images that are pushed as `latest`; known variables are filled in."""
    return frozenset(
        name
        for command in _commands(buildspec)
        if _PUSH.search(command)
        for name in _LATEST.findall(_VARIABLE.sub(lambda found: _filled_in(found, variables), command))
    )


def images_in_ecr(buildspec: str, variables: Mapping[str, str]) -> list[str]:
    """The names, without tag, of images in ECR; known variables are filled in."""
    script = _VARIABLE.sub(lambda found: _filled_in(found, variables), _script(buildspec))
    return _IN_ECR.findall(script)


def is_tool(image: str) -> bool:
    """True for the image of a tool for images, whichever registry mirrors it."""
    return _TOOL.search(_MIRROR.sub("", image, count=1)) is not None


def variables_in(text: str) -> frozenset[str]:
    """The variables that a text refers to."""
    return frozenset(braced or bare for braced, bare in _VARIABLE.findall(text))


def _filled_in(found: re.Match[str], variables: Mapping[str, str]) -> str:
    return variables.get(found[1] or found[2], found[0])


def _architecture(platform: str) -> str:
    if re.search(r"arm64|aarch64", platform):
        return "ARM64"
    return "X86_64" if re.search(r"amd64|x86[_-]64", platform) else ANY_ARCHITECTURE


def _commands(buildspec: str) -> Iterator[str]:
    """The single commands, without those that only use images."""
    script = _CONTINUED.sub(" ", _script(buildspec))
    return (_OTHER_USES.sub("", command) for command in _NEXT_COMMAND.split(script))


def _script(buildspec: str) -> str:
    try:
        return "\n".join(_texts(json.loads(buildspec)))
    except (ValueError, RecursionError):
        return uncommented(buildspec)


def _texts(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        yield from (text for each in document.values() for text in _texts(each))
    elif isinstance(document, list):
        yield from (text for each in document for text in _texts(each))
