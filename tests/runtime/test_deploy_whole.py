"""The deploy step as a whole: with moto's ECS, throttled, and as the process that a build runs."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from types import SimpleNamespace

import boto3
import pytest
from moto import mock_aws

from runtime import deploy
from tests.runtime.scripted_ecs import ASKED, IMAGE, OLD_IMAGE, deployment, revision

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_CONFIG_FILE": os.devnull,
}
FOLLOW = ["--service-deployment", deployment("second")]


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


class Releases:
    """The service deployments that moto doesn't know: one for every update of the service, at once successful."""

    def __init__(self, ecs):
        self.targets = []
        ecs.meta.events.register("before-parameter-build.ecs.UpdateService", self.update)
        for operation in ("ListServiceDeployments", "DescribeServiceDeployments", "DescribeServiceRevisions"):
            ecs.meta.events.register(f"before-call.ecs.{operation}", self.reply)

    def update(self, params, **_):
        self.targets.append(params["taskDefinition"])

    def reply(self, **_):
        numbers = range(len(self.targets))
        return SimpleNamespace(status_code=200), {
            "serviceDeployments": [
                {
                    "serviceDeploymentArn": deployment(number),
                    "targetServiceRevisionArn": revision(number),
                    "createdAt": datetime(2026, 3, 1 + number, tzinfo=UTC),
                    "status": "SUCCESSFUL",
                }
                for number in numbers
            ],
            "serviceRevisions": [{"taskDefinition": self.targets[-1]}] if self.targets else [],
        }


def test_a_service_gets_one_image_after_another(tmp_path, capsys):
    """And what it has already changes nothing."""
    document = {
        "family": "shop",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        "containerDefinitions": [{"name": "web", "image": OLD_IMAGE, "portMappings": [{"containerPort": 8080}]}],
    }
    template = json.loads(json.dumps(document).replace(OLD_IMAGE, "<IMAGE1_NAME>"))
    (tmp_path / "taskdef.json").write_text(json.dumps(template | {"cpu": "512", "memory": "1024"}))
    file = ["--task-definition", f"{tmp_path}/taskdef.json"]
    with mock_aws():
        ecs = boto3.client("ecs")
        ecs.create_cluster(clusterName="prod")
        first = ecs.register_task_definition(**document)["taskDefinition"]["taskDefinitionArn"]
        ecs.create_service(cluster="prod", serviceName="shop", taskDefinition=first, desiredCount=2)
        releases = Releases(ecs)
        argvs = [[*ASKED[:-1], OLD_IMAGE], ASKED, ASKED, [*ASKED, *file], [*ASKED, *file]]
        assert [deploy.main(argv, ecs) for argv in argvs] == [0, 0, 0, 0, 0]
        [service] = ecs.describe_services(cluster="prod", services=["shop"])["services"]
        described = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]

    second, third = first[:-1] + "2", first[:-1] + "3"
    assert releases.targets == [second, third]
    assert (described["revision"], described["cpu"], described["memory"]) == (3, "512", "1024")
    assert [container["image"] for container in described["containerDefinitions"]] == [IMAGE]
    assert capsys.readouterr().out == (
        f"nothing to do: service shop runs {first}\n"
        f"registered: {second}\nservice deployment {deployment(0)}\n   0.0 min  SUCCESSFUL\n"
        f"nothing to do: service shop runs {second}\n"
        f"registered: {third}\nservice deployment {deployment(1)}\n   0.0 min  SUCCESSFUL\n"
        f"nothing to do: service shop runs {third}\n"
    )


def test_a_build_installs_what_is_tested_here(root):
    """All of it, in the same versions."""
    needed = [line for line in (root / "runtime/requirements.txt").read_text().splitlines() if line[0] != "#"]
    assert set(needed) <= set((root / "constraints.txt").read_text().splitlines())
    assert {line.partition("==")[0] for line in needed} == installed_with("boto3")


class Endpoint(ThreadingHTTPServer):
    """An endpoint of ECS that gives these replies in turn, and the last one for ever."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.asked = 0
        super().__init__(("127.0.0.1", 0), Reply)
        self.url = f"http://127.0.0.1:{self.server_port}"


class Reply(BaseHTTPRequestHandler):
    """One reply."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        status, body = self.server.replies[min(self.server.asked, len(self.server.replies) - 1)]
        self.server.asked += 1
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format, *args):
        """Keep quiet."""


@pytest.fixture
def serve():
    """Start an endpoint."""
    started = []

    def start(*replies):
        endpoint = Endpoint(*replies)
        started.append(endpoint)
        threading.Thread(target=endpoint.serve_forever, args=(0.01,), daemon=True).start()
        return endpoint

    yield start
    for endpoint in started:
        endpoint.shutdown()
        endpoint.server_close()


def shows(status):
    """What DescribeServiceDeployments replies."""
    return 200, {"serviceDeployments": [{"serviceDeploymentArn": deployment("second"), "status": status}]}


THROTTLED = 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}


def test_throttling_is_left_to_botocore(serve, monkeypatch, capsys):
    """Which asks ten times more, later and later."""
    endpoint = serve(*[THROTTLED] * 10, shows("SUCCESSFUL"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_ECS", endpoint.url)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    assert deploy.main(FOLLOW) == 0
    assert endpoint.asked == 11
    assert capsys.readouterr() == (f"service deployment {deployment('second')}\n   0.0 min  SUCCESSFUL\n", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_build_that_is_stopped_says_how_to_follow_on(serve, monkeypatch, number):
    """The release doesn't end with it. Each line was written at once."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_ECS", serve(shows("IN_PROGRESS")).url)
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    process = subprocess.Popen(
        [sys.executable, deploy.__file__, *FOLLOW], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    too_late = threading.Timer(30, process.kill)
    too_late.start()
    printed = [process.stdout.readline(), process.stdout.readline()]
    process.send_signal(number)
    rest, errors = process.communicate()
    too_late.cancel()
    assert [*printed, rest] == [f"service deployment {deployment('second')}\n", "   0.0 min  IN_PROGRESS\n", ""]
    assert process.returncode == 1
    assert errors == (
        "interrupted: what has begun goes on, and is found when this is run again\n"
        f"the release goes on; --service-deployment {deployment('second')} follows it\n"
    )


def installed_with(package):
    """A package, and all that it needs."""
    own = [re.match(r"[\w-]+", each)[0] for each in metadata.requires(package) or [] if "extra ==" not in each]
    return {package}.union(*map(installed_with, own))
