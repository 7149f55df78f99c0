"""Every way in which ECS itself may release a service: strategy, way of traffic, test route, owner of the revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

STRATEGIES: dict[str, dict[str, Any]] = {
    "BLUE_GREEN": {"bakeMinutes": 5},
    "LINEAR": {"stepPercent": 12.5, "stepBakeMinutes": 3, "bakeMinutes": 15},
    "CANARY": {"canaryPercent": 2.5, "canaryBakeMinutes": 7},
    "ROLLING": {},
}
"""The strategies, with settings of their own."""

TEST_ROUTES: dict[str, dict[str, Any]] = {
    "none": {},
    "header": {"testHeader": {"name": "x-test", "value": "green"}},
    "path": {"testPathPatterns": ["/test/*"]},
    "port": {"testPort": 8080},
}
"""How tests reach green through the load balancer, as `loadBalancer` says it."""

IMAGE = "public.ecr.aws/nginx/nginx:1.27.3"
CONTAINERS = {"web": {"image": IMAGE, "port": 80, "appProtocol": "http"}}


@dataclass(frozen=True)
class Native:
    """One service under the ECS controller.

    Attributes:
        balanced: whether it is behind the load balancer.
        connected: whether it is in the mesh.
        owner: who makes releases: pulumi or pipeline.
    """

    strategy: str
    balanced: bool
    connected: bool
    test: str
    owner: str

    def __str__(self) -> str:
        return f"{self.strategy}-{self.traffic}-{self.owner}"

    @property
    def traffic(self) -> str:
        """How traffic reaches it, and tests."""
        ways = ["alb"] * self.balanced + ["mesh"] * self.connected
        return "-".join([*ways, *([f"test-by-{self.test}"] if self.test != "none" else [])])

    @property
    def settings(self) -> dict[str, Any]:
        """The service as a stack file has it."""
        deployment = {"controller": "ECS", "strategy": self.strategy, "taskDefinitionOwner": self.owner}
        return {
            "containers": CONTAINERS,
            "deployment": {**deployment, **STRATEGIES[self.strategy]},
            **({"loadBalancer": TEST_ROUTES[self.test]} if self.balanced else {}),
            **({"serviceConnect": {"port": 80}} if self.connected else {}),
        }


NATIVE = [
    Native(strategy, balanced, connected, test, owner)
    for strategy in STRATEGIES
    for balanced, connected in ((True, False), (False, True), (True, True))
    for test in (TEST_ROUTES if balanced else ["none"])
    for owner in ("pulumi", "pipeline")
]
"""All of them: 72."""


def together(cases: list[Native]) -> dict[str, Any]:
    """The services of one stack file: they share the listeners by rules, and each calls the one before in the mesh."""
    services = {f"s{number}": case.settings for number, case in enumerate(cases)}
    for number, (name, service) in enumerate(services.items()):
        service["containers"] = {"web": {**CONTAINERS["web"], "user": "65534:65534"}}
        if (route := service.get("loadBalancer")) is not None:
            service["loadBalancer"] = {**route, "rule": {"priority": 10 * number + 10, "pathPatterns": [f"/{name}/*"]}}
            if "testPathPatterns" in route:
                service["loadBalancer"]["testPathPatterns"] = [f"/test/{name}/*"]
        if number and "serviceConnect" in service:
            service["serviceConnect"]["connectsTo"] = [f"s{number - 1}"]
    return services
