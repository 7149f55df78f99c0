"""YAML and JSON as far as their plain text tells, since a pack runs without a YAML library."""

from __future__ import annotations

import re

_COMMENT = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)


def uncommented(text: str) -> str:
    """The text without the comments of YAML and of the shell."""
    return _COMMENT.sub("", text)


def scalars(text: str, key: str) -> list[str]:
    """What stands behind a key, wherever it occurs: in YAML's block style or in its flow style, which JSON is."""
    found = re.findall(
        rf"""(?<![\w-]){key}["']?[ \t]*:[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s,{{}}\[\]"'][^,{{}}\]\n]*))""",
        uncommented(text),
    )
    return ["".join(forms).strip() for forms in found]
