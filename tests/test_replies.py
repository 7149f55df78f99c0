"""What the tasks of the stack files reply: the commands of their task definitions, run here as they are."""

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from offline import project
from offline.program import run_program

BLUE, GREEN = "Hello from BACKEND BLUE", "Hello from BACKEND GREEN (v2.0)"
SERVICES = "ecs-blue-green:services"


def container(deployment, name):
    task = deployment.find("aws:ecs/taskDefinition:TaskDefinition", f"{name}-task")
    (found,) = json.loads(task.inputs["containerDefinitions"])
    return found


def environment(definition):
    return {variable["name"]: variable["value"] for variable in definition["environment"]}


@contextmanager
def task(definition, **overridden):
    """Run the command of a container in its environment, on a free port; that port, once it is healthy."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    python, *arguments = definition["command"]
    assert python == "python"
    process = subprocess.Popen(
        [sys.executable, *arguments], env=environment(definition) | {"PORT": str(port)} | overridden
    )
    try:
        deadline = time.monotonic() + 30
        while not _healthy(port):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()


def _healthy(port):
    try:
        return get(port, "/health") == (200, "OK")
    except ConnectionError:
        return False


def get(port, path="/", headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


@contextmanager
def mesh_proxy(rule, colours):
    """A stand-in for the proxy beside a client: requests that the test rule picks go to green, all others as told."""

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self):
            picked = self.headers.get(rule["header"]["name"]) == rule["header"]["value"]["exact"]
            status, text = get(colours["test" if picked else "production"], self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


@pytest.fixture(scope="module")
def released(root):
    """A preview of the mesh stack whose backend has the next message."""
    stack = project.load(root, "mesh")
    services = json.loads(stack.config[SERVICES])
    services["backend"]["containers"]["backend"]["environment"]["MESSAGE"] = GREEN
    return run_program(replace(stack, config={**stack.config, SERVICES: json.dumps(services)}))


def test_the_next_release_is_one_setting_away(root, mesh, released):
    """Another message is a new revision of the backend's task and nothing else, and the stack file says which."""
    before, after = ({r.urn: r.inputs for r in deployment} for deployment in (mesh, released))
    assert before.keys() == after.keys()
    assert [urn.rpartition("::")[2] for urn in after if after[urn] != before[urn]] == ["backend-task"]
    blue, green = container(mesh, "backend"), container(released, "backend")
    assert environment(green) == environment(blue) | {"MESSAGE": GREEN}
    assert {**green, "environment": blue["environment"]} == blue
    assert GREEN in (root / "Pulumi.mesh.yaml").read_text(encoding="utf-8")


def test_a_release_of_the_backend(mesh, released):
    """Everybody meets blue until the shift but requests with the exact header, which the frontend passes on."""
    service = mesh.find("aws:ecs/service:Service", "backend-service").inputs
    (alias,) = service["serviceConnectConfiguration"]["services"][0]["clientAlias"]
    (rule,) = alias["testTrafficRules"]
    with task(container(mesh, "backend")) as blue, task(container(released, "backend")) as green:
        colours = {"production": blue, "test": green}
        with (
            mesh_proxy(rule, colours) as proxy,
            task(container(mesh, "frontend"), UPSTREAM=f"http://127.0.0.1:{proxy}") as frontend,
        ):
            assert get(frontend) == (200, BLUE)
            assert get(frontend, headers={"x-amzn-ecs-bluegreen-test": "test"}) == (200, GREEN)
            assert get(frontend, headers={"x-amzn-ecs-bluegreen-test": "tests"}) == (200, BLUE)
            assert get(frontend, headers={"x-amzn-ecs-blue-green-test": "test"}) == (200, BLUE)
            colours["production"] = green
            assert get(frontend) == (200, GREEN)


def test_a_frontend_without_backend(mesh):
    """The frontend is healthy by itself; only what it would pass on fails."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with task(container(mesh, "frontend"), UPSTREAM=f"http://127.0.0.1:{closed.getsockname()[1]}") as frontend:
            assert get(frontend, "/health") == (200, "OK")
            assert get(frontend)[0] == 502


@pytest.mark.parametrize(("stack", "name"), [("dev", "app"), ("prod", "app")])
def test_before_the_first_release(request, stack, name):
    """The service of the dev and of the production stack has something to reply before anything is built."""
    with task(container(request.getfixturevalue(stack), name)) as app:
        assert get(app) == (200, "Hello")
