"""Calls the test route of a release, which goes on if the reply is the expected one.

HOOK: {
  "url": "http://ALB:8080/health",
  "loadBalancer": "app/shop/50dc6c",  connects to its addresses in the VPC, not to those of the URL, unless left out
  "headers": {"x-test": "green"},     none unless given
  "host": "shop.example.com",         Host header and name in the certificate; those of the URL unless given
  "status": 200,                      200 unless given
  "contains": "OK",                   text in the first MiB of the body; any body will do unless given
  "latencySeconds": 2.5,              until the whole reply is there; 5 unless given
  "attempts": 5                       of which one must do; 3 unless given
}

The name of a public load balancer leads to it by the internet, where a test listener is closed to the function; from
inside the VPC it is reached by a private address. Redirects are not followed. Certificates are verified; SSL_CERT_FILE
in the environment may name a private CA.
The first deployment of a service passes without a call: there is nothing to go back to (G35).
"""

import re
import ssl
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from .client import client
from .hook import answer
from .release import FIRST, SPARE_SECONDS, Release
from .settings import Setting, number, read, text
from .verdict import Verdict

CALLS = {
    "ECS": ("ec2:DescribeNetworkInterfaces", "ecs:DescribeServiceDeployments"),
    "CODE_DEPLOY": (
        "codedeploy:GetDeployment",
        "codedeploy:PutLifecycleEventHookExecutionStatus",
        "ec2:DescribeNetworkInterfaces",
    ),
}
"""What the function's role must allow, by the controller of the service."""

PAUSE_SECONDS = 2
BODY_LIMIT = 1024 * 1024


def _is_url(value: Any) -> bool:
    match = isinstance(value, str) and re.fullmatch(r'https?://[A-Za-z0-9.-]+(?::([0-9]{1,5}))?(/[!"$-~]*)?', value)
    return bool(match) and 0 < int(match[1] or 80) < 2**16


def _are_headers(value: Any) -> bool:
    name, visible = text(r"(?!(?i:host)$)[A-Za-z0-9!#$%&'*+.^_`|~-]+"), text(r"[ -~]*")
    return isinstance(value, dict) and all(name(each) for each in value) and all(map(visible, value.values()))


SETTINGS = {
    "url": Setting("http:// or https:// with a host, and a port and a path if need be", _is_url),
    "loadBalancer": Setting("app/NAME/ID", text(r"app/[A-Za-z0-9-]+/[0-9a-f]+"), ""),
    "headers": Setting("names, but not Host, with values of visible ASCII characters", _are_headers, {}),
    "host": Setting("the name of a host", text(r"[A-Za-z0-9.-]+"), ""),
    "status": Setting("a number from 100 to 599", number(100, 599, int), 200),
    "contains": Setting("a text", text(r"(?s:.+)"), ""),
    "latencySeconds": Setting("a number from 0.1 to 30", number(0.1, 30, int, float), 5),
    "attempts": Setting("a number from 1 to 10", number(1, 10, int), 3),
}


@dataclass(frozen=True)
class Check:
    """A request, and what its reply must be."""

    url: str
    address: str
    """What is connected to; the host of the URL if it is empty."""
    headers: Mapping[str, str]
    host: str
    status: int
    contains: str
    latency_seconds: float
    attempts: int


@dataclass(frozen=True)
class Reply:
    """The status and the beginning of the body."""

    status: int
    body: bytes


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any] | None:
    """The Lambda function."""
    return answer(_judge, event, context)


def _judge(release: Release) -> Verdict:
    given = read(SETTINGS)
    if release.first:
        return FIRST
    check = Check(
        url=given["url"],
        address=private_address(given["loadBalancer"]) if given["loadBalancer"] else "",
        headers=given["headers"],
        host=given["host"],
        status=given["status"],
        contains=given["contains"],
        latency_seconds=given["latencySeconds"],
        attempts=given["attempts"],
    )
    return judge(check, ask, release.seconds_left, time.sleep)


def private_address(load_balancer: str) -> str:
    """An address of a load balancer in its VPC. Raises LookupError if it has none.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
    """
    own = [{"Name": "description", "Values": [f"ELB {load_balancer}"]}]
    found = client("ec2").describe_network_interfaces(Filters=own)["NetworkInterfaces"]
    for address in sorted(each["PrivateIpAddress"] for each in found if each["Status"] == "in-use"):
        return address
    raise LookupError(f"load balancer {load_balancer} has no network interface")


def judge(
    check: Check, ask: Callable[[Check], Reply], seconds_left: Callable[[], float], sleep: Callable[[float], None]
) -> Verdict:
    """FAILED unless the reply to one of the attempts is the expected one."""
    place = check.url.partition("?")[0]  # a query may hold secrets
    fault = "the function has no time for an attempt"
    for attempt in range(check.attempts):
        if attempt:
            sleep(PAUSE_SECONDS)
        if seconds_left() < check.latency_seconds + SPARE_SECONDS:
            break
        fault = _fault(check, ask)
        if not fault:
            return Verdict("SUCCEEDED", f"{place}: the reply is as expected")
    return Verdict("FAILED", f"{place}: {fault}")


def _fault(check: Check, ask: Callable[[Check], Reply]) -> str:
    try:
        reply = ask(check)
    except TimeoutError:
        return f"no whole reply within {check.latency_seconds:g} seconds"
    except OSError as error:
        return f"{type(error).__name__}: {error}"
    except HTTPException as error:
        return type(error).__name__  # its text may be the reply's
    if reply.status != check.status:
        return f"status {reply.status} instead of {check.status}"
    if check.contains.encode() not in reply.body:
        return f"no {check.contains!r} in the body"
    return ""


def ask(check: Check) -> Reply:
    """The reply. Raises OSError or HTTPException if there is none in time."""
    pool = ThreadPoolExecutor(1)  # a socket's timeout is for each of its reads, not for the whole reply
    try:
        return pool.submit(_ask, check).result(check.latency_seconds)
    finally:
        pool.shutdown(wait=False)


def _ask(check: Check) -> Reply:
    url = urlsplit(check.url)
    host = url.hostname or ""
    connection = HTTPConnection(
        check.address or host, url.port or (443 if url.scheme == "https" else 80), check.latency_seconds
    )
    try:
        connection.connect()
        if url.scheme == "https":
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(connection.sock, server_hostname=check.host or host)
        connection.putrequest("GET", url._replace(scheme="", netloc="").geturl(), skip_host=True)
        connection.putheader("Host", check.host or url.netloc)
        for name, value in check.headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return Reply(response.status, response.read(BODY_LIMIT))
    finally:
        connection.close()
