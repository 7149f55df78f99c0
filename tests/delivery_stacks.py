"""Every way in which a service may be delivered: controller, source, one pipeline or two; judged by every hook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.pipeline_stacks import CONTROLLERS, SOURCES, service

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:judge:live"

HOOKS: dict[str, list[dict[str, Any]]] = {
    "CODE_DEPLOY": [
        {"type": "ADMISSION"},
        {"type": "SMOKE"},
        {"type": "AWS_LAMBDA", "functionArn": FUNCTION, "events": ["BeforeAllowTraffic"]},
    ],
    "ECS": [
        {"type": "ADMISSION"},
        {"type": "SMOKE"},
        {"type": "APPROVAL"},
        {"type": "AWS_LAMBDA", "functionArn": FUNCTION, "stages": ["PRE_SCALE_UP", "POST_SCALE_UP"]},
    ],
}
"""The hooks of each controller, one of them somebody else's function."""

_SHORT = {"CODE_DEPLOY": "cd", "CodeCommit": "commit", "CodeConnections": "connection"}


@dataclass(frozen=True)
class Delivery:
    """How one service is delivered.

    Attributes:
        source: a key of `SOURCES`.
        separate: whether image and deployment have a pipeline each, and the files a repository.
    """

    controller: str
    source: str
    separate: bool

    def __str__(self) -> str:
        names = [_SHORT.get(each, each.lower()) for each in (self.controller, self.source)]
        return "-".join([*names, *(["2"] if self.separate else [])])

    @property
    def pipeline(self) -> dict[str, Any]:
        """What its pipelines have beside their source."""
        if not self.separate:
            return {"notifications": {"emails": ["releases@example.com"]}}
        files = {"provider": "CodeCommit", "repository": f"{self}-files", "branch": "main", "create": True}
        return {"separate": True, "files": files, "approvalMinutes": 60}

    def settings(self, priority: int) -> dict[str, Any]:
        """The service as a stack file has it, one of several behind a load balancer."""
        return service(
            str(self),
            self.source,
            pipeline=self.pipeline,
            deployment={**CONTROLLERS[self.controller], "hooks": HOOKS[self.controller]},
            loadBalancer={
                "testPort": 8080,
                "rule": {"priority": priority, "pathPatterns": [f"/{self}/*"]},
                "healthCheck": {"path": f"/{self}/health"},
            },
        )


DELIVERIES = [
    Delivery(controller, source, separate)
    for controller in CONTROLLERS
    for source in SOURCES
    for separate in (False, True)
    if not (separate and source == "ECR")
]
"""All of them: 14."""


def together() -> dict[str, Any]:
    """The services of one stack file."""
    return {str(each): each.settings(10 * number) for number, each in enumerate(DELIVERIES, 1)}
