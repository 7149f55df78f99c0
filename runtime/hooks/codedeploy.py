"""How CodeDeploy asks a hook: it calls the function once, and waits an hour to be told Succeeded or Failed (G12).

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""

import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from .client import client
from .release import SPARE_SECONDS, Judge, Release, judged, log
from .verdict import Verdict


class Deployment(Release):
    """A CodeDeploy deployment, which brings in a task set. Its hooks are not told the stage."""

    def __init__(self, event: Mapping[str, Any], context: Any) -> None:
        super().__init__(context)
        self.id = event["DeploymentId"]
        self.execution: str = event["LifecycleEventHookExecutionId"]

    @property
    def first(self) -> bool:
        """Never: the service has tasks before it has deployments."""
        return False

    @property
    def going_back(self) -> bool:
        """Whether CodeDeploy made this deployment to take another one back."""
        return self._details.get("creator", "").endswith("Rollback")

    @property
    def task_definition(self) -> str:
        """ARN of the task definition of the new task set, which is there from AfterInstall on."""
        group = client("codedeploy").get_deployment_group(
            applicationName=self._details["applicationName"],
            deploymentGroupName=self._details["deploymentGroupName"],
        )
        (place,) = group["deploymentGroupInfo"]["ecsServices"]
        found = client("ecs").describe_services(cluster=place["clusterName"], services=[place["serviceName"]])
        for service in found["services"]:
            for task_set in service.get("taskSets", []):
                if task_set.get("externalId") == self.id:
                    return task_set["taskDefinition"]
        raise LookupError(f"{self.id} has no task set: it has one from AfterInstall on")

    @cached_property
    def _details(self) -> Mapping[str, Any]:
        return client("codedeploy").get_deployment(deploymentId=self.id)["deploymentInfo"]


def answer(judge: Judge, deployment: Deployment) -> None:
    """Judge a release until there is a verdict or no time left, and tell CodeDeploy."""
    verdict = judged(judge, deployment)
    while verdict.status == "IN_PROGRESS":
        if deployment.seconds_left() < verdict.delay_seconds + SPARE_SECONDS:
            verdict = Verdict("FAILED", f"undecided when the function's time was up: {verdict.reason}")
            log(verdict, deployment=deployment.id)
        else:
            time.sleep(verdict.delay_seconds)
            verdict = judged(judge, deployment)
    codedeploy = client("codedeploy")
    try:
        codedeploy.put_lifecycle_event_hook_execution_status(
            deploymentId=deployment.id,
            lifecycleEventHookExecutionId=deployment.execution,
            status=verdict.status.capitalize(),
        )
    except codedeploy.exceptions.LifecycleEventAlreadyCompletedException:
        log(verdict, deployment=deployment.id, note="CodeDeploy has been told before")
