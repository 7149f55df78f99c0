"""What lifecycle hooks meet: the events of ECS and CodeDeploy, a function's context, and AWS's answers."""

import json

import boto3
from botocore import xform_name
from botocore.stub import Stubber

SERVICE = "arn:aws:ecs:eu-west-1:123456789012:service/shop/web"
DEPLOYMENT = "arn:aws:ecs:eu-west-1:123456789012:service-deployment/shop/web/EZe5RNVLH6PPzHXINuP28"
BLUE = "arn:aws:ecs:eu-west-1:123456789012:service-revision/shop/web/1920498462936580504"
GREEN = "arn:aws:ecs:eu-west-1:123456789012:service-revision/shop/web/9313423515462893900"
TASK_DEFINITION = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:8"

ECS_EVENT = {
    "executionId": "3a0345ba-b029-404b-890d-7da2a4b266aa",
    "lifecycleStage": "POST_TEST_TRAFFIC_SHIFT",
    "resourceArn": DEPLOYMENT,
    "executionDetails": {
        "serviceArn": SERVICE,
        "targetServiceRevisionArn": GREEN,
        "testTrafficWeights": {},
        "productionTrafficWeights": {},
    },
}
CODEDEPLOY_EVENT = {"DeploymentId": "d-4IM3IP9GP", "LifecycleEventHookExecutionId": "eyJlbmNyeXB0ZWREYXRh"}


class Context:
    """What Lambda tells a function about itself; the time left is that of each question, then that of the last."""

    def __init__(self, *seconds_left):
        self.seconds_left = list(seconds_left or [300])

    def get_remaining_time_in_millis(self):
        left = self.seconds_left
        return 1000 * (left.pop(0) if len(left) > 1 else left[0])


class Aws:
    """AWS: each call has to come as it is announced here, in this order for each service."""

    def __init__(self):
        self.calls = []
        self._make = boto3.client
        self._clients = {}

    def client(self, service, **options):
        """What stands in for `boto3.client`."""
        if service not in self._clients:
            made = self._make(service, "eu-west-1", aws_access_key_id="-", aws_secret_access_key="-", **options)
            made.meta.events.register("before-parameter-build", self._note)
            stub = Stubber(made)
            stub.activate()
            self._clients[service] = made, stub
        return self._clients[service][0]

    def _note(self, model, **_):
        self.calls.append(f"{model.service_model.endpoint_prefix}:{model.name}")

    def answers(self, call, response, **parameters):
        """A call with these parameters gets this response."""
        stub, method = self._announced(call)
        stub.add_response(method, response, parameters)

    def refuses(self, call, code, message="", **parameters):
        """A call with these parameters gets this error."""
        stub, method = self._announced(call)
        stub.add_client_error(method, code, message, expected_params=parameters)

    def _announced(self, call):
        service, _, operation = call.partition(":")
        self.client(service)
        return self._clients[service][1], xform_name(operation)

    def settle(self):
        """All calls that were announced have come."""
        for _, stub in self._clients.values():
            stub.assert_no_pending_responses()

    def ecs_deployment(self, sources=(BLUE,), status="IN_PROGRESS"):
        """ECS describes the deployment."""
        described = {"status": status, "sourceServiceRevisions": [{"arn": arn} for arn in sources]}
        self.answers(
            "ecs:DescribeServiceDeployments",
            {"serviceDeployments": [described], "failures": []},
            serviceDeploymentArns=[DEPLOYMENT],
        )

    def codedeploy_deployment(self, creator="user"):
        """CodeDeploy describes the deployment."""
        described = {"applicationName": "web-app", "deploymentGroupName": "web-group", "creator": creator}
        self.answers("codedeploy:GetDeployment", {"deploymentInfo": described}, deploymentId="d-4IM3IP9GP")

    def codedeploy_told(self, status):
        """CodeDeploy is told this status."""
        self.answers(
            "codedeploy:PutLifecycleEventHookExecutionStatus",
            {},
            deploymentId="d-4IM3IP9GP",
            lifecycleEventHookExecutionId="eyJlbmNyeXB0ZWREYXRh",
            status=status,
        )


def logged(capsys):
    """The lines of the function's log."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]
