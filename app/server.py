"""The sample application: replies with a message, or passes each request on to an upstream.

One file of standard library, so that its text can be a container's command, `python -u -c TEXT`, where no image has
been built yet. The environment configures it:

PORT           port to listen on; 8080 unless set
MESSAGE        text of the replies; Hello unless set
UPSTREAM       http://HOST:PORT that replies in its place, to requests with the headers that they came with
DRAIN_SECONDS  how long it goes on answering after SIGTERM; 5 unless set

/health replies OK, and 503 after SIGTERM. Other requests are logged, a JSON object a line.
"""

import http.client
import json
import os
import re
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from email.message import Message
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any

IDLE_SECONDS = 75  # longer than a load balancer's 60, so that it never sends a request into a closing connection
UPSTREAM_SECONDS = 15
LAST_SECONDS = 20  # for what is under way at the end; with the drain less than the 30 until ECS kills a task
BODY_LIMIT = 8 * 1024 * 1024
HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}

Headers = list[tuple[str, str]]


class Server(ThreadingTCPServer):  # HTTPServer would look up its own name, which can take seconds
    """The settings, and how many requests are under way."""

    allow_reuse_address = True
    daemon_threads = True  # idle connections don't hold up the end
    request_queue_size = 128

    def __init__(self) -> None:
        self.message = os.environb.get(b"MESSAGE", b"Hello")
        self.upstream = setting("UPSTREAM", "", r"(?:http://([\w.-]+(?::\d+)?)/?)?", "http://HOST or http://HOST:PORT")
        self.drain_seconds = int(setting("DRAIN_SECONDS", "5", r"(\d{1,2})", "a number of seconds"))
        self.draining = False
        self.under_way = 0
        self.changed = threading.Condition()
        super().__init__(("", int(setting("PORT", "8080", r"([1-9]\d{0,4})", "a number from 1 to 65535"))), Handler)

    def drain(self) -> None:
        """Go on until the load balancer and the mesh have heard of it, then answer what is under way and end."""
        self.draining = True
        time.sleep(self.drain_seconds)
        self.shutdown()
        self.server_close()
        with self.changed:
            self.changed.wait_for(lambda: not self.under_way, LAST_SECONDS)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about clients that went away."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """The requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def answer(self) -> None:
        """Answer a request and log it."""
        began = time.monotonic()
        self.count(1)
        try:
            status, headers, body = self.reply()
            self.send(status, headers, b"" if self.command == "HEAD" else body)
            if (self.path, status) != ("/health", 200):
                self.log(status, time.monotonic() - began)
        finally:
            self.count(-1)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815

    def count(self, change: int) -> None:
        """One request more or less is under way."""
        with self.server.changed:
            self.server.under_way += change
            self.server.changed.notify()

    def reply(self) -> tuple[int, Headers, bytes]:
        """Status, headers and body."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal() or int(length) > BODY_LIMIT:
            self.close_connection = True  # what follows can't be told from the next request
            return text(411 if "Transfer-Encoding" in self.headers else 413)
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionAbortedError
        if self.path == "/health":
            return text(503) if self.server.draining else text(200, b"OK")
        return self.forward(self.server.upstream, body) if self.server.upstream else text(200, self.server.message)

    def forward(self, upstream: str, body: bytes) -> tuple[int, Headers, bytes]:
        """What the upstream replies to the same request."""
        there = http.client.HTTPConnection(upstream, timeout=UPSTREAM_SECONDS)
        try:
            there.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            there.putheader("Host", upstream)  # by which Service Connect routes
            for name, value in end_to_end(self.headers, "host"):
                there.putheader(name, value)
            there.endheaders(body)
            response = there.getresponse()
            content = response.read()
        except (OSError, ValueError, http.client.HTTPException) as error:
            return text(504 if isinstance(error, TimeoutError) else 502)
        finally:
            there.close()
        if self.command == "HEAD" or response.status in (204, 304):
            return response.status, end_to_end(response.headers), b""
        length = ("Content-Length", str(len(content)))
        return response.status, [*end_to_end(response.headers, "content-length"), length], content

    def send(self, status: int, headers: Headers, body: bytes) -> None:
        """Send a reply, the last one of its connection where the server ends."""
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if self.server.draining or self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log(self, status: int, seconds: float) -> None:
        """Write a line of the access log."""
        entry = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "method": self.command,
            "path": self.path.partition("?")[0],  # a query may hold secrets
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
        }
        if trace := self.headers.get("X-Amzn-Trace-Id"):
            entry["trace"] = trace
        sys.stdout.write(json.dumps(entry) + "\n")

    def log_message(self, format: str, *args: object) -> None:
        """Keep the base class from logging in its own way."""


def text(status: int, body: bytes = b"") -> tuple[int, Headers, bytes]:
    """A reply of the server's own."""
    body = body or http.client.responses[status].encode()
    kind = ("Content-Type", "text/plain; charset=utf-8")
    return status, [kind, ("Content-Length", str(len(body)))], body


def end_to_end(headers: Message, *but: str) -> Headers:
    """The headers to pass on: all but those of the connection (RFC 9110, 7.6.1)."""
    dropped = HOP_BY_HOP | {name.strip().lower() for name in headers.get("Connection", "").split(",")} | set(but)
    return [(name, value) for name, value in headers.items() if name.lower() not in dropped]


def setting(name: str, default: str, pattern: str, meaning: str) -> str:
    """The group of the pattern that an environment variable must match."""
    match = re.fullmatch(pattern, os.environ.get(name) or default, re.ASCII)
    if not match:
        raise ValueError(f"{name} must be {meaning}")
    return match[1] or ""


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    ends = (signal.SIGTERM, signal.SIGINT)
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # in the threads to come as well, so that they reach `sigwait`
    try:
        server = Server()
    except (OSError, OverflowError, ValueError) as error:
        print(f"can't start: {error}", file=sys.stderr)
        sys.exit(2)
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    signal.sigwait(ends)
    server.drain()


if __name__ == "__main__":
    main()
