"""The sample application, run as a task runs it: as a process whose command is the text of one file."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import closing, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
TEXT = (FOLDER / "server.py").read_text()
BLUE = "Hello from BACKEND BLUE"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class App:
    """A running server."""

    def __init__(self, **environment):
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", TEXT],
            env={"PORT": str(self.port), "DRAIN_SECONDS": "0"} | environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        while not self.accepts():
            assert self.process.poll() is None

    def accepts(self):
        """Whether it takes new connections."""
        with suppress(ConnectionError), socket.create_connection(("127.0.0.1", self.port)):
            return True
        return False

    def client(self):
        """A connection, closed when left."""
        return closing(HTTPConnection("127.0.0.1", self.port, timeout=10))

    def ask(self, method="GET", path="/", body=None, headers=None):
        """Status, headers and body of a reply."""
        with self.client() as client:
            return asked(client, method, path, body, headers)

    def end(self, number=signal.SIGTERM):
        """Exit status and log lines after a signal."""
        self.process.send_signal(number)
        written, _ = self.process.communicate(timeout=10)
        return self.process.returncode, [json.loads(line) for line in written.splitlines()]


def asked(client, method="GET", path="/", body=None, headers=None):
    client.request(method, path, body, headers or {})
    response = client.getresponse()
    return response.status, dict(response.getheaders()), response.read().decode()


class Upstream(BaseHTTPRequestHandler):
    """Replies with what it was asked, as JSON; held back until it is let go."""

    protocol_version = "HTTP/1.1"
    let_go = threading.Event()
    reached = threading.Event()

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.reached.set()
        self.let_go.wait(10)
        told = json.dumps([self.command, self.path, body, sorted(self.headers.items())]).encode()
        self.send_response_only(418)
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Connection", "X-Hop")
        self.send_header("X-Hop", "1")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else told)

    do_GET = do_HEAD = do_PUT = answer  # noqa: N815


@pytest.fixture(scope="module")
def upstream():
    """Host and port of a running upstream."""
    Upstream.let_go.set()
    with ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as server:
        server.handle_error = lambda *_: None  # who gave it up is no longer there
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def start():
    """Start servers that end with the test."""
    apps = []

    def run(**environment):
        apps.append(App(**environment))
        return apps[-1]

    yield run
    for app in apps:
        app.process.kill()
        app.process.communicate()


@pytest.fixture(scope="module")
def app():
    """A server that replies itself."""
    app = App(MESSAGE=BLUE)
    yield app
    app.process.kill()
    app.process.communicate()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_request_gets_the_message(app, method):
    """Whatever is asked."""
    kind = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": "23"}
    assert app.ask(method, "/any/path?and=query", b"body") == (200, kind, BLUE)


def test_head(app):
    """HEAD gets the headers alone, and the connection goes on."""
    with app.client() as client:
        assert asked(client, "HEAD")[1:] == ({"Content-Type": "text/plain; charset=utf-8", "Content-Length": "23"}, "")
        before = client.sock
        assert asked(client)[2] == BLUE
        assert client.sock is before


def test_health(app):
    """The health check says OK, on its path alone."""
    assert app.ask(path="/health")[::2] == (200, "OK")
    assert app.ask(path="/healthy")[2] == BLUE


def test_message_unless_set(start):
    """Without a message the reply is Hello."""
    assert start().ask()[2] == "Hello"


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Transfer-Encoding": "chunked"}, 411), ({"Content-Length": "-1"}, 413), ({"Content-Length": "99999999"}, 413)],
)
def test_bodies_of_no_known_length_are_refused(app, headers, status):
    """What follows could not be told from the next request, so that the connection ends."""
    with app.client() as client:
        client.putrequest("POST", "/")
        for header in headers.items():
            client.putheader(*header)
        client.endheaders()
        response = client.getresponse()
        assert (response.status, response.getheader("Connection")) == (status, "close")


def test_forwarding(start, upstream):
    """Method, path, query, body and headers reach the upstream, the test header too; its reply comes back."""
    app = start(UPSTREAM=f"http://{upstream}")
    headers = {"x-amzn-ecs-bluegreen-test": "test", "Connection": "keep-alive, X-Private", "X-Private": "1", "TE": "x"}
    status, replied, body = app.ask("PUT", "/a%20b?c=d", b"e", headers)
    assert (status, replied) == (418, {"Set-Cookie": "a=1", "Content-Length": str(len(body))})
    sent = [["Content-Length", "1"], ["Host", upstream], ["x-amzn-ecs-bluegreen-test", "test"]]
    assert json.loads(body) == ["PUT", "/a%20b?c=d", "e", [["Accept-Encoding", "identity"], *sent]]
    status, replied, body = app.ask("HEAD")
    assert (status, sorted(replied), body) == (418, ["Content-Length", "Set-Cookie"], "")
    assert int(replied["Content-Length"]) > 0
    assert app.ask(path="/health")[::2] == (200, "OK")


def test_half_a_request(start, upstream):
    """What a client doesn't finish isn't passed on."""
    app = start(UPSTREAM=f"http://{upstream}")
    Upstream.reached.clear()
    with socket.create_connection(("127.0.0.1", app.port)) as connection:
        connection.sendall(b"PUT / HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert not Upstream.reached.is_set()


def test_an_unreachable_upstream(start):
    """A 502, and the server stays healthy."""
    app = start(UPSTREAM=f"http://127.0.0.1:{free_port()}")
    assert app.ask()[::2] == (502, "Bad Gateway")
    assert app.ask(path="/health")[0] == 200


def test_an_upstream_that_is_too_slow(start, upstream, monkeypatch):
    """A 504 after a while."""
    monkeypatch.setattr(sys.modules[__name__], "TEXT", TEXT.replace("UPSTREAM_SECONDS = 15", "UPSTREAM_SECONDS = 0.1"))
    Upstream.let_go.clear()
    try:
        assert start(UPSTREAM=f"http://{upstream}").ask()[::2] == (504, "Gateway Timeout")
    finally:
        Upstream.let_go.set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_end(start, upstream, number):
    """What is under way is answered, on a connection that ends; what is idle holds nothing up; new ones are refused."""
    app = start(UPSTREAM=f"http://{upstream}")
    Upstream.let_go.clear()
    Upstream.reached.clear()
    with app.client() as idle, app.client() as client:
        idle.connect()
        client.request("GET", "/")
        assert Upstream.reached.wait(10)
        app.process.send_signal(number)
        while app.accepts():
            pass
        Upstream.let_go.set()
        response = client.getresponse()
        assert (response.status, response.getheader("Connection")) == (418, "close")
        assert app.process.wait(10) == 0


def test_the_drain(start):
    """For a while after SIGTERM requests are answered, but no health check is passed."""
    app = start(DRAIN_SECONDS="1", MESSAGE=BLUE)
    app.process.send_signal(signal.SIGTERM)
    while app.ask(path="/health")[0] == 200:
        pass
    assert app.ask(path="/health")[::2] == (503, "Service Unavailable")
    assert app.ask()[::2] == (200, BLUE)
    assert app.process.wait(10) == 0


def test_the_log(start):
    """A line for each request but healthy checks; no query, no header but the trace."""
    app = start()
    app.ask(path="/a?token=secret", headers={"X-Amzn-Trace-Id": "Root=1", "Authorization": "secret"})
    app.ask(path="/health")
    app.ask("POST", "/b")
    status, (line, other) = app.end()
    assert status == 0
    assert (other["method"], other["path"], "trace" in other) == ("POST", "/b", False)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    assert line.pop("milliseconds") >= 0
    assert line == {"method": "GET", "path": "/a", "status": 200, "trace": "Root=1"}


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"PORT": "http"}, "PORT must be a number from 1 to 65535"),
        ({"PORT": "0"}, "PORT must be a number from 1 to 65535"),
        ({"PORT": "65536"}, "bind(): port must be 0-65535."),
        ({"UPSTREAM": "https://backend"}, "UPSTREAM must be http://HOST or http://HOST:PORT"),
        ({"DRAIN_SECONDS": "-1"}, "DRAIN_SECONDS must be a number of seconds"),
    ],
)
def test_settings_that_cannot_be(environment, said):
    """One line says what is wrong, and the exit status is 2."""
    done = subprocess.run([sys.executable, "-c", TEXT], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"can't start: {said}\n")


def test_a_port_in_use(app):
    """The same where somebody else listens."""
    environment = {"PORT": str(app.port)}
    done = subprocess.run([sys.executable, "-c", TEXT], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, f"can't start: [Errno 98] {os.strerror(98)}\n")


def test_the_text_fits_a_command():
    """Plain characters, and far below what a task definition takes."""
    assert TEXT.isascii()
    assert len(json.dumps(TEXT)) < 16_384


def test_the_image():
    """One file on a pinned base for every architecture, not run as root."""
    lines = (FOLDER / "Dockerfile").read_text().splitlines()
    assert re.fullmatch(r"FROM public\.ecr\.aws/docker/library/python:3\.\d+\.\d+-alpine3\.\d+", lines[0])
    assert lines[1:] == [
        "ENV PYTHONDONTWRITEBYTECODE=1",
        "WORKDIR /app",
        "COPY server.py .",
        "USER 65534:65534",
        "EXPOSE 8080",
        'CMD ["python", "-u", "server.py"]',
    ]
    assert (FOLDER / ".dockerignore").read_text() == "*\n!server.py\n"
