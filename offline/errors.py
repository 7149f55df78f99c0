"""The one exception a user meets: bad input, said in one message."""

from __future__ import annotations


class OfflineError(Exception):
    """Input that can't be worked with; `str()` is the complete message for the user."""
