"""What a hook says of a release."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Verdict:
    """What a hook says of a release, and why.

    Attributes:
        status: the release goes on, goes back, or the hook is to be asked again.
        reason: for whoever reads the log.
        delay_seconds: when to be asked again.
    """

    status: Literal["SUCCEEDED", "FAILED", "IN_PROGRESS"]
    reason: str
    delay_seconds: int = 30
