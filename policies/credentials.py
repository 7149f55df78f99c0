"""Environment variables that hold credentials in plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from value import Value, all_true, any_true

_WORD = r"(?:^|[_.-])"
_KEYS = "access|account|api|app|auth|client|encryption|license|master|private|secret|shared|signing|ssh"

PATTERNS_KNOB: dict[str, dict[str, Any]] = {
    "patterns": {
        "type": "array",
        "items": {"type": "string", "format": "regex"},
        "default": [
            r"(password|passwd|passphrase|secret|token|credentials?)([_.-]?\d+)?$",
            rf"{_WORD}(pass|pwd|auth)$",
            rf"({_KEYS})[_.-]?key([_.-]?(id|base|\d+))?$",
            rf"{_WORD}(auth[_.-]?data|connection[_.-]?string)$",
        ],
        "description": "Regular expressions that find, in any case, the names of variables that hold credentials.",
    }
}
"""The knob by which a rule tells what the names of credentials look like."""

_PLAIN = r"[\"']?(?i:[+-]?(?:\d+(?:\.\d*)?|\.\d+)?|true|false|yes|no|on|off|null|none)"
_LITERAL = r"[\"']?[^\s\"'$<{*;&,]"
_FORMS = re.compile(
    rf"""
      \b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{{16}}\b                         # AWS
    | -----BEGIN\ [A-Z ]{{0,40}}PRIVATE\ KEY
    | \bgh[pousr]_[A-Za-z0-9]{{36}} | \bgithub_pat_\w{{22}}             # GitHub
    | \bgl(?:pat|dt|rt|ptt|cbt|soat)-[\w-]{{20}}                        # GitLab
    | \bxox[abeoprs]-[\w-]{{10}} | \bxapp-\d-[\w-]{{10}}                # Slack
    | \bhooks\.slack\.com/(?:services|workflows|triggers)/\w
    | \b[sr]k_(?:live|test)_[A-Za-z0-9]{{10}} | \bwhsec_[\w+/]{{20}}    # Stripe
    | \bAIza[\w-]{{35}} | \bGOCSPX-[\w-]{{20}}                          # Google
    | \bsk-[A-Za-z0-9_-]{{20}}                                          # OpenAI, Anthropic
    | \bpul-[0-9a-f]{{40}}\b                                            # Pulumi
    | \bnpm_[A-Za-z0-9]{{36}} | \bpypi-AgE[\w-]{{20}} | \bdckr_pat_[\w-]{{20}}
    | \bhv[sbr]\.[\w-]{{20}} | \bhf_[A-Za-z0-9]{{30}} | \bdapi[0-9a-f]{{32}}\b
    | \bdo[opr]_v1_[0-9a-f]{{64}} | \bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{{32}}
    | \bSG\.[\w-]{{16,64}}\.[\w-]{{16}}                                 # SendGrid
    | \beyJ[\w-]{{8,400}}\.eyJ[\w-]{{8}}                                # a JSON web token
    | ://[^\s/?\#:@]{{0,256}}:{_LITERAL}[^\s/?\#@]{{0,512}}@            # a URL with a password
    | [?&](?:(?i:(?:access_?)?token|api_?key|password|sig(?:nature)?)|X-Amz-Signature)={_LITERAL}
    | (?i:passw(?:or)?d|(?<![^;\s])pwd|accountkey|sharedaccesskey)      # password=..., "password": "..."
      (?:\s?=\s?|["']\s?:\s?(?=["']))(?!{_PLAIN}["']?(?:[\s;&,]|$)){_LITERAL}
    """,
    re.VERBOSE,
)
_HARMLESS = re.compile(
    rf"""
      {_PLAIN}["']?
    | arn:[a-z-]+:[\w-]+:\S*
    | [A-Za-z][\w+.-]*://\S*                  # its form would tell a password in it
    | (?:/[\w.@-]+)+/?                        # a parameter, or a file
    | \$\{{[^}}]*\}} | \$\([^)]*\) | \$\w+ | \{{\{{.*\}}\}} | <[^>]*> | \*+
    """,
    re.VERBOSE,
)
_LONGEST = 64 * 1024
"""Of a whole task definition; what is longer AWS refuses."""


def exposes(name: Value, value: Value, patterns: Iterable[str]) -> bool:
    """True if an environment variable shows a credential to whoever may describe the resource.

    The form of the value tells, or else the name (see `PATTERNS_KNOB`) together with a value that
    may be one: no number, flag, ARN, URL, path or placeholder.

    Raises `Undecided` if it takes an unknown name or value to tell.
    """
    return any_true(
        lambda: _FORMS.search(value.text, 0, _LONGEST) is not None,
        lambda: all_true(
            lambda: not _HARMLESS.fullmatch(value.text.strip()),
            lambda: any(re.search(pattern, name.text, re.IGNORECASE) for pattern in patterns),
        ),
    )
