"""What a hook is told of a release, whichever service asks."""

import json
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from .verdict import Verdict

SPARE_SECONDS = 15
"""Time that a function keeps for its answer."""


class Release(ABC):
    """A release at the stage that a hook is asked about."""

    id: str
    """Id of the deployment."""

    stage: str = ""
    """Lifecycle stage; empty where the service doesn't tell."""

    def __init__(self, context: Any) -> None:
        self._context = context

    @property
    @abstractmethod
    def first(self) -> bool:
        """Whether there is no revision yet that the service could go back to (G35)."""

    @property
    @abstractmethod
    def going_back(self) -> bool:
        """Whether the release is being taken back."""

    @property
    @abstractmethod
    def task_definition(self) -> str:
        """ARN of the task definition that is released."""

    def seconds_left(self) -> float:
        """How long the function may still run."""
        return self._context.get_remaining_time_in_millis() / 1000


Judge = Callable[[Release], Verdict]

FIRST = Verdict("SUCCEEDED", "the first deployment has nothing to go back to")
"""What a hook says that would send a release back."""


def judged(judge: Judge, release: Release) -> Verdict:
    """What `judge` says of `release`, logged: SUCCEEDED if it is going back anyway, FAILED if the judge breaks."""
    trace = ""
    try:
        verdict = Verdict("SUCCEEDED", "the release is going back") if release.going_back else judge(release)
    except Exception as error:
        verdict = Verdict("FAILED", f"{type(error).__name__}: {error}")
        trace = traceback.format_exc()
    log(verdict, deployment=release.id, stage=release.stage, trace=trace)
    return verdict


def log(verdict: Verdict, **known: str) -> None:
    """Write a verdict and what is known of the release as a line of JSON."""
    line = {key: value for key, value in known.items() if value}
    print(json.dumps(line | {"verdict": verdict.status, "reason": verdict.reason}))
