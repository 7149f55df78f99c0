"""The smoke test: which replies of the test route let a release go on."""

import datetime
import ipaddress
import socketserver
import ssl
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.client import BadStatusLine
from http.server import BaseHTTPRequestHandler

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from runtime.hooks.smoke import (
    BODY_LIMIT,
    CALLS,
    PAUSE_SECONDS,
    SETTINGS,
    Check,
    Reply,
    ask,
    handler,
    judge,
    private_address,
)
from runtime.hooks.verdict import Verdict
from tests.runtime.lifecycle import CODEDEPLOY_EVENT, ECS_EVENT, Context, logged

CHECK = Check("http://alb:8080/health", "", {"x-test": "green"}, "", 200, "OK", 2.5, 3)
GOOD = Reply(200, b"all OK here")


class Replies:
    """Replies, or what is raised in their place, one after the other."""

    def __init__(self, *replies):
        self.left = list(replies)

    def __call__(self, _):
        reply = self.left.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


def judged(*replies, seconds_left=(300,), **changed):
    """The verdict on these replies, and the pauses that were made."""
    pauses = []
    context, replies = Context(*seconds_left), Replies(*replies)
    verdict = judge(
        replace(CHECK, **changed), replies, lambda: context.get_remaining_time_in_millis() / 1000, pauses.append
    )
    assert replies.left == []
    return verdict, pauses


def fault(reply, **changed):
    """What is wrong with the reply to a single attempt."""
    verdict, _ = judged(reply, attempts=1, **changed)
    assert verdict.status == "FAILED"
    return verdict.reason


def test_a_release_goes_on_at_the_first_reply_that_is_as_expected():
    assert judged(GOOD) == (Verdict("SUCCEEDED", "http://alb:8080/health: the reply is as expected"), [])


def test_it_is_tried_again_after_a_pause():
    verdict, pauses = judged(Reply(503, b""), ConnectionRefusedError(111, "Connection refused"), GOOD)
    assert (verdict.status, pauses) == ("SUCCEEDED", [PAUSE_SECONDS, PAUSE_SECONDS])


def test_a_release_goes_back_after_the_last_attempt_with_its_reason():
    verdict, pauses = judged(Reply(500, b""), Reply(502, b""), Reply(503, b""))
    assert verdict == Verdict("FAILED", "http://alb:8080/health: status 503 instead of 200")
    assert pauses == [PAUSE_SECONDS, PAUSE_SECONDS]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(301, b"OK"), "status 301 instead of 200"),
        (Reply(200, b"something private"), "no 'OK' in the body"),
        (TimeoutError("timed out"), "no whole reply within 2.5 seconds"),
        (ConnectionRefusedError(111, "Connection refused"), "ConnectionRefusedError: [Errno 111] Connection refused"),
        (BadStatusLine("something private"), "BadStatusLine"),
    ],
)
def test_the_reason_names_what_is_wrong_but_nothing_of_the_reply(reply, reason):
    assert fault(reply) == f"http://alb:8080/health: {reason}"


def test_the_reason_leaves_out_a_query():
    assert fault(Reply(503, b""), url="http://alb/?token=private") == "http://alb/: status 503 instead of 200"


def test_any_body_will_do_where_no_text_is_expected():
    assert judged(Reply(200, b""), contains="")[0].status == "SUCCEEDED"


def test_text_that_is_not_ascii_is_found():
    assert judged(Reply(200, "schöner Laden".encode()), contains="schön")[0].status == "SUCCEEDED"


def test_no_attempt_is_begun_that_would_leave_no_time_for_the_verdict():
    assert judged(Reply(503, b""), seconds_left=(17.5, 17.4)) == (
        Verdict("FAILED", "http://alb:8080/health: status 503 instead of 200"),
        [PAUSE_SECONDS],
    )
    assert judged(seconds_left=(17.4,)) == (
        Verdict("FAILED", "http://alb:8080/health: the function has no time for an attempt"),
        [],
    )


class Server(socketserver.ThreadingTCPServer):
    """Notes what it is asked."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self):
        self.asked = []
        self.ended = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request, client_address):
        """Keep quiet about clients that went away."""


class Handler(BaseHTTPRequestHandler):
    """Replies by path."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.requestline, self.headers.items()))
        path = self.path.partition("?")[0]
        if path == "/raw":
            self.wfile.write(b"something private\r\n\r\n")
        elif path == "/slow":
            self.send_response(200)
            self.end_headers()
            while not self.server.ended.wait(0.02):
                self.wfile.write(b".")
        else:
            body = {"/large": b"." * BODY_LIMIT + b"OK"}.get(path, b"OK")
            self.send_response(302 if path == "/moved" else 200)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format, *args):
        """Keep quiet."""


@contextmanager
def serving(context=None):
    """A server on this machine."""
    with Server() as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            server.shutdown()
            thread.join()


@pytest.fixture
def server():
    """A server that speaks HTTP."""
    with serving() as server:
        yield server


def check(server, path="/health", scheme="http", **changed):
    """A check of a server's path."""
    url = f"{scheme}://127.0.0.1:{server.server_address[1]}{path}"
    return replace(CHECK, **{"url": url, "latency_seconds": 10, **changed})


def test_the_request_is_a_get_with_the_headers_and_the_urls_host(server):
    assert ask(check(server, "/health?deep=1")) == Reply(200, b"OK")
    host = f"127.0.0.1:{server.server_address[1]}"
    assert server.asked == [
        ("GET /health?deep=1 HTTP/1.1", [("Accept-Encoding", "identity"), ("Host", host), ("x-test", "green")])
    ]


def test_a_host_that_is_given_takes_the_place_of_the_urls(server):
    ask(check(server, host="shop.example.com", headers={}))
    assert server.asked[0][1] == [("Accept-Encoding", "identity"), ("Host", "shop.example.com")]


def test_a_url_without_a_path_asks_for_the_root(server):
    ask(check(server, ""))
    assert server.asked[0][0] == "GET / HTTP/1.1"


def test_redirects_are_not_followed(server):
    assert ask(check(server, "/moved")).status == 302
    assert [line for line, _ in server.asked] == ["GET /moved HTTP/1.1"]


def test_no_more_than_a_mebibyte_of_the_body_is_read(server):
    assert ask(check(server, "/large")).body == b"." * 1024 * 1024


def test_a_reply_that_trickles_in_is_given_up(server):
    with pytest.raises(TimeoutError):
        ask(check(server, "/slow", latency_seconds=0.2))


def test_a_reply_that_is_no_http_is_a_fault(server):
    with pytest.raises(BadStatusLine):
        ask(check(server, "/raw"))


def certificate(folder, *names):
    """Make a CA and a certificate of its own for these names; the paths of both."""
    now = datetime.datetime.now(datetime.UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def signed(subject, public_key, extension):
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example CA")])
        return (
            x509.CertificateBuilder(issuer, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
            .add_extension(extension, critical=True)
            .sign(ca_key, hashes.SHA256())
            .public_bytes(serialization.Encoding.PEM)
        )

    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    ca, chain = folder / "ca.pem", folder / "chain.pem"
    ca.write_bytes(signed("Example CA", ca_key.public_key(), x509.BasicConstraints(ca=True, path_length=None)))
    chain.write_bytes(private + signed("server", key.public_key(), x509.SubjectAlternativeName(names)))
    return ca, chain


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """A server that speaks HTTPS as shop.example.com and 127.0.0.1, its CA a trusted one, and the names it is told."""
    ca, chain = certificate(
        tmp_path, x509.DNSName("shop.example.com"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(ca))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    names = []
    context.sni_callback = lambda _, name, __: names.append(name)
    with serving(context) as server:
        server.names = names
        yield server


def test_the_certificate_is_held_to_the_host_that_is_given(tls):
    assert ask(check(tls, scheme="https", host="shop.example.com")) == Reply(200, b"OK")
    assert tls.names == ["shop.example.com"]
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        ask(check(tls, scheme="https", host="www.example.com"))


def test_the_certificate_is_held_to_the_urls_host_where_none_is_given(tls):
    assert ask(check(tls, scheme="https")) == Reply(200, b"OK")


def test_a_certificate_of_an_unknown_ca_is_refused(tls, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer certificate"):
        ask(check(tls, scheme="https", host="shop.example.com"))


BALANCER = "app/shop/50dc6c495c0c9188"


def interfaces(aws, *found):
    """EC2 describes the load balancer's network interfaces: address and status of each."""
    aws.answers(
        "ec2:DescribeNetworkInterfaces",
        {"NetworkInterfaces": [{"PrivateIpAddress": address, "Status": status} for address, status in found]},
        Filters=[{"Name": "description", "Values": [f"ELB {BALANCER}"]}],
    )


def test_under_ecs_the_test_route_decides(aws, hook, server):
    aws.ecs_deployment()
    interfaces(aws, ("127.0.0.1", "in-use"))
    url = check(server).url.replace("127.0.0.1", "shop.invalid")
    hook(url=url, loadBalancer=BALANCER, headers={"x-test": "green"}, contains="OK")
    assert handler(ECS_EVENT, Context()) == {"hookStatus": "SUCCEEDED"}
    assert sorted(set(aws.calls)) == sorted(CALLS["ECS"])
    ((_, headers),) = server.asked
    assert dict(headers)["Host"] == url.split("/")[2]


def test_a_load_balancer_is_reached_by_the_first_address_that_is_in_use(aws):
    interfaces(aws, ("10.0.1.9", "in-use"), ("10.0.1.7", "available"), ("10.0.1.8", "in-use"))
    assert private_address(BALANCER) == "10.0.1.8"


def test_without_an_address_of_the_load_balancer_the_release_goes_back(aws, hook, server, capsys):
    aws.ecs_deployment()
    interfaces(aws, ("127.0.0.1", "available"))
    hook(url=check(server).url, loadBalancer=BALANCER)
    assert handler(ECS_EVENT, Context()) == {"hookStatus": "FAILED"}
    assert logged(capsys)[0]["reason"] == f"LookupError: load balancer {BALANCER} has no network interface"
    assert server.asked == []


def test_under_codedeploy_the_test_route_decides(aws, hook, server, pauses):
    aws.codedeploy_deployment()
    aws.codedeploy_told("Failed")
    interfaces(aws, ("127.0.0.1", "in-use"))
    hook(url=check(server).url, loadBalancer=BALANCER, status=204)
    handler(CODEDEPLOY_EVENT, Context())
    assert sorted(set(aws.calls)) == sorted(CALLS["CODE_DEPLOY"])
    assert len(server.asked) == 3
    assert pauses == [PAUSE_SECONDS, PAUSE_SECONDS]


def test_the_request_and_what_is_expected_of_its_reply_are_as_set(aws, hook, server, capsys):
    aws.ecs_deployment()
    hook(url=check(server).url, headers={"x-test": "green"}, host="shop.example.com", contains="KO", attempts=1)
    assert handler(ECS_EVENT, Context()) == {"hookStatus": "FAILED"}
    assert server.asked[0][1][1:] == [("Host", "shop.example.com"), ("x-test", "green")]
    assert logged(capsys)[0]["reason"] == f"{check(server).url}: no 'KO' in the body"


def test_the_latency_is_as_set(aws, hook, server, capsys):
    aws.ecs_deployment()
    hook(url=check(server, "/slow").url, latencySeconds=0.2, attempts=1)
    assert handler(ECS_EVENT, Context()) == {"hookStatus": "FAILED"}
    assert logged(capsys)[0]["reason"] == f"{check(server, '/slow').url}: no whole reply within 0.2 seconds"


def test_the_first_deployment_passes_without_a_request(aws, hook, server, capsys):
    aws.ecs_deployment(sources=())
    hook(url=check(server).url)
    assert handler(ECS_EVENT, Context()) == {"hookStatus": "SUCCEEDED"}
    assert logged(capsys)[0]["reason"] == "the first deployment has nothing to go back to"
    assert server.asked == []


def test_settings_that_are_not_allowed_send_the_release_back(aws, hook, capsys):
    aws.ecs_deployment()
    hook(url="ftp://alb/")
    assert handler(ECS_EVENT, Context()) == {"hookStatus": "FAILED"}
    assert logged(capsys)[0]["reason"] == (
        "ValueError: HOOK: 'url' must be http:// or https:// with a host, and a port and a path if need be"
    )


def test_what_is_not_set_has_these_values():
    assert {key: setting.default for key, setting in SETTINGS.items() if key != "url"} == {
        "loadBalancer": "",
        "headers": {},
        "host": "",
        "status": 200,
        "contains": "",
        "latencySeconds": 5,
        "attempts": 3,
    }


ALLOWED = {
    "url": [
        "http://alb",
        "https://shop-1.eu-west-1.elb.amazonaws.com:8443/health?deep=1&x=%20",
        "http://10.0.0.1:65535/",
    ],
    "loadBalancer": [BALANCER],
    "headers": [{}, {"x-test": ""}, {"X_Test.1": "a b; c=d"}, {"Hosts": "a"}],
    "host": ["shop.example.com"],
    "status": [100, 204, 599],
    "contains": ["OK", "two\nlines", "schön"],
    "latencySeconds": [0.1, 5, 30],
    "attempts": [1, 10],
}
REFUSED = {
    "url": [
        *("", None, 1, "alb", "ftp://alb/", "http://", "http:///", "http://a b/", "http://alb/a b", "http://alb/#top"),
        *("http://user:secret@alb/", "http://alb:0/", "http://alb:65536/", "http://alb?x", "http://alb/\r\nX: 1"),
        *("http://alb/ü", "http://alb/\n", "HTTP://alb/"),
    ],
    "loadBalancer": ["", None, "shop", "net/shop/50dc6c495c0c9188", "app/shop", "app/shop/50dc6c/1", "app/*/50dc6c"],
    "headers": [
        None,
        [],
        {"": "a"},
        {"a b": "c"},
        {"a": 1},
        {"a": "b\r\nc: d"},
        {"a": "ü"},
        {"host": "a"},
        {"Host": "a"},
    ],
    "host": ["", None, "a b", "shop.example.com:443", "a/b", "shop.example.com\n"],
    "status": [99, 600, "200", True, 200.0, None],
    "contains": ["", None, 1],
    "latencySeconds": [0, 0.05, 31, -1, "5", True, None, float("nan")],
    "attempts": [0, 11, 1.0, True, "3"],
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in ALLOWED.items() for value in values])
def test_what_settings_may_be(key, value):
    assert SETTINGS[key].allows(value)


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in REFUSED.items() for value in values])
def test_what_settings_may_not_be(key, value):
    assert not SETTINGS[key].allows(value)
