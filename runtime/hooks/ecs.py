"""How ECS asks a hook: it calls the function, and calls it again for as long as the answer is IN_PROGRESS (G34).

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from .client import client
from .release import Judge, Release, judged
from .verdict import Verdict


class Deployment(Release):
    """A service deployment, which brings in a service revision."""

    def __init__(self, event: Mapping[str, Any], context: Any) -> None:
        super().__init__(context)
        self.arn: str = event["resourceArn"]
        self.revision: str = event["executionDetails"]["targetServiceRevisionArn"]
        self.id = self.arn.rpartition("/")[2]
        self.stage = event["lifecycleStage"]

    @property
    def first(self) -> bool:
        """Whether there is no revision before this one."""
        return not self._details.get("sourceServiceRevisions")

    @property
    def going_back(self) -> bool:
        """Whether ECS takes the release back: it comes by TEST_ and PRODUCTION_TRAFFIC_SHIFT again then."""
        return self._details["status"].startswith("ROLLBACK")

    @property
    def task_definition(self) -> str:
        """ARN of the task definition of the new revision."""
        found = client("ecs").describe_service_revisions(serviceRevisionArns=[self.revision])
        return _described(found, "serviceRevisions", self.revision)["taskDefinition"]

    @cached_property
    def _details(self) -> Mapping[str, Any]:
        found = client("ecs").describe_service_deployments(serviceDeploymentArns=[self.arn])
        return _described(found, "serviceDeployments", self.arn)


def _described(found: Mapping[str, Any], key: str, arn: str) -> Mapping[str, Any]:
    for described in found[key]:
        return described
    raise LookupError(f"ECS doesn't describe {arn}: {[each.get('reason') for each in found.get('failures', [])]}")


def answer(judge: Judge, deployment: Deployment) -> dict[str, Any]:
    """Judge a release, and give the function's return value."""
    return returned(judged(judge, deployment))


def returned(verdict: Verdict) -> dict[str, Any]:
    """A verdict in the form that ECS reads."""
    found: dict[str, Any] = {"hookStatus": verdict.status}
    return found | ({"callBackDelay": verdict.delay_seconds} if verdict.status == "IN_PROGRESS" else {})
