"""What AWS allows, as plain values and plain checks.

Each check either returns nothing or raises `Refused`, in the words AWS itself would use where an error text is
known. Settings call them to refuse a stack file; components call them again in their first lines, so that a
component used on its own refuses the same input. The ids (G1 to G69) are those of `docs/aws-rules.md`.
"""

import re
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network
from typing import Literal

AUTO_NAME_SUFFIX = 8
"""Characters that Pulumi's auto-naming appends: a hyphen and seven hexadecimal digits."""

LOAD_BALANCER_NAME = 32
"""Longest name of a load balancer or a target group (G50)."""

SERVICE_NAME = LOAD_BALANCER_NAME - AUTO_NAME_SUFFIX - len("-green")
"""Longest name of a service, so that the name of its green target group still fits (G50)."""

SHARED_NAME = LOAD_BALANCER_NAME - AUTO_NAME_SUFFIX - len("-alb")
"""Longest base name of what a stack's services share, so that the load balancer's name still fits (G50)."""

TERMINATION_WAIT_MINUTES = 2800
"""The lower of the two maxima that AWS prints: 2,880 in the API reference, 2,800 on the limits page (G9)."""

APPROVAL_WAIT_MINUTES = 2880
"""https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentReadyOption.html"""

DEPLOYMENT_GROUP_ALARMS = 10
"""Alarms that one deployment group may watch (G9)."""

RULE_PRIORITIES = (1, 50_000)
"""First and last priority of a listener rule (G21)."""

ECS_DEPLOYMENT_CONFIGURATIONS: tuple[str, ...] = (
    "CodeDeployDefault.ECSAllAtOnce",
    "CodeDeployDefault.ECSCanary10Percent5Minutes",
    "CodeDeployDefault.ECSCanary10Percent15Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
)
"""The predefined deployment configurations of the ECS compute platform (G10)."""

DEPLOYMENT_CONFIGURATION = "CodeDeployDefault.ECSCanary10Percent5Minutes"
"""The one that is used unless another is asked for."""

_SHIFT_MINUTES = (0, 5, 15, 9, 27)
"""Minutes from the first part of the traffic to the last, in the same order."""

ROLLBACK_EVENTS = ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")
"""The events after which CodeDeploy can bring blue back; all of them do unless fewer are asked for."""

SSL_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
"""The security policy of HTTPS listeners unless another is asked for: TLS 1.2 and 1.3."""

Endpoint = Literal[
    "s3", "dynamodb", "ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm", "ssmmessages", "kms", "monitoring"
]
"""Services that a Fargate task may reach through a VPC endpoint."""

GATEWAY_ENDPOINTS = ("s3", "dynamodb")
"""Those of them whose endpoint is a gateway, free of charge; S3 holds the layers of every ECR image."""

ENDPOINTS_WITHOUT_NAT = ("ecr.api", "ecr.dkr", "logs", "s3")
"""What a task in a subnet without a route to the internet needs to pull its image and to log.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"""

_GIB = 1024
FARGATE_SIZES: Mapping[int, Sequence[int]] = {
    256: (512, 1 * _GIB, 2 * _GIB),
    512: range(1 * _GIB, 4 * _GIB + 1, _GIB),
    1024: range(2 * _GIB, 8 * _GIB + 1, _GIB),
    2048: range(4 * _GIB, 16 * _GIB + 1, _GIB),
    4096: range(8 * _GIB, 30 * _GIB + 1, _GIB),
    8192: range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB),
    16384: range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB),
}
"""CPU units of a Fargate task to the MiB of memory it may have.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"""


class Refused(ValueError):
    """A value that AWS, or this project on purpose, does not accept.

    Attributes:
        given: the value, as the user would recognise it.
        allowed: what may stand in its place.
        why: the reason, with AWS's own error text where one is known.
    """

    def __init__(self, given: str, allowed: str, why: str) -> None:
        super().__init__(f"given {given}; allowed: {allowed}; {why}")
        self.given = given
        self.allowed = allowed
        self.why = why


def check_name(name: str, longest: int, what: str) -> None:
    """Refuse a logical name that auto-naming cannot turn into a valid load balancer or target group name (G50)."""
    if not re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", name):
        raise Refused(
            repr(name),
            "lower-case letters, digits and inner hyphens, starting with a letter",
            "load balancer and target group names take letters, digits and hyphens only (G50)",
        )
    if name.startswith("internal-"):
        raise Refused(repr(name), "any other prefix", "a load balancer's name must not start with 'internal-' (G50)")
    if len(name) > longest:
        raise Refused(
            f"{name!r}, {len(name)} characters",
            f"at most {longest} characters",
            f"the name of {what} would exceed the {LOAD_BALANCER_NAME} characters that Elastic Load Balancing allows "
            f"(G50)",
        )


def check_fargate_cpu(cpu: int) -> None:
    """Refuse CPU units that Fargate does not offer with any memory."""
    if cpu not in FARGATE_SIZES:
        raise Refused(f"cpu {cpu}", _one_of(FARGATE_SIZES), _NO_FARGATE_CONFIGURATION)


def check_fargate_size(cpu: int, memory: int) -> None:
    """Refuse a CPU and memory pair that Fargate does not offer. `cpu` in CPU units, `memory` in MiB."""
    check_fargate_cpu(cpu)
    sizes = FARGATE_SIZES[cpu]
    if memory not in sizes:
        raise Refused(f"memory {memory} with cpu {cpu}", _sizes(sizes), _NO_FARGATE_CONFIGURATION)


_NO_FARGATE_CONFIGURATION = "AWS would answer: 'No Fargate configuration exists for given values'"


def check_image(image: str) -> None:
    """Refuse an image without a tag or digest, or with the moving tag `latest` (G57)."""
    match = _IMAGE.fullmatch(image)
    if not match:
        raise Refused(repr(image), "REPOSITORY:TAG or REPOSITORY@sha256:DIGEST", "not a container image name")
    if match["digest"] or match["tag"] not in (None, "latest"):
        return
    raise Refused(
        repr(image),
        "a tag other than latest, or a digest (REPOSITORY:TAG or REPOSITORY@sha256:DIGEST)",
        "a rollback would start whatever the moving tag has become (G57)",
    )


_IMAGE = re.compile(
    r"([a-z0-9.-]+(:[0-9]+)?/)?"
    r"[a-z0-9]+([._/-]+[a-z0-9]+)*"
    r"(:(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?P<digest>@sha256:[0-9a-f]{64})?"
)
"""Registry with its port, repository, tag, digest: https://github.com/distribution/reference"""


def check_containers(ports: Mapping[str, int | None]) -> None:
    """Refuse a task whose containers, by name, want the same port: they share one network interface."""
    taken: dict[int, str] = {}
    for name, port in ports.items():
        if port is not None and taken.setdefault(port, name) != name:
            raise Refused(
                f"port {port} for {taken[port]} and {name}",
                "a port of its own for each container",
                "the containers of a task share one network interface, on which ECS gives a port once",
            )


def check_ports_differ(port: int, test_port: int | None) -> None:
    """Refuse a test listener on the production port: one listener cannot be both routes (G7)."""
    if port == test_port:
        raise Refused(
            f"port {port} for both routes",
            f"any port other than {port}",
            "production and test traffic need two listeners of the same load balancer (G7)",
        )


DUPLICATE_LISTENER = (
    "AWS would answer: 'DuplicateListener: A listener already exists on this port for this load balancer'"
)


def check_listeners(ports: Sequence[int], https: bool) -> None:
    """Refuse two listeners on one port, or a listener on the port that redirects to HTTPS."""
    for port in ports:
        if ports.count(port) > 1:
            raise Refused(
                f"two listeners on port {port}",
                "one listener a port",
                DUPLICATE_LISTENER,
            )
    if https:
        for port in ports:
            check_not_the_redirect(port)


def check_not_the_redirect(port: int | None) -> None:
    """Refuse the port that redirects to HTTPS where there is a certificate."""
    if port == 80:
        raise Refused("80", "any other port", "with a certificate, port 80 redirects to 443")


def check_alarms(count: int) -> None:
    """Refuse more alarms than a deployment group may watch (G9)."""
    check_range(count, 0, DEPLOYMENT_GROUP_ALARMS, "alarms", "a deployment group watches no more (G9)")


def check_ready_option(action_on_timeout: str, wait_minutes: int) -> None:
    """Refuse a deployment-ready option whose action and wait contradict each other (G8, G9)."""
    if action_on_timeout == "CONTINUE_DEPLOYMENT" and wait_minutes:
        raise Refused(
            f"CONTINUE_DEPLOYMENT with a wait of {wait_minutes} minutes",
            "STOP_DEPLOYMENT with a wait, or CONTINUE_DEPLOYMENT without one",
            "AWS would answer: \"Deployment ready action cannot be set to 'CONTINUE_DEPLOYMENT' when timeout is "
            'specified" (G8)',
        )
    if action_on_timeout == "STOP_DEPLOYMENT" and not wait_minutes:
        raise Refused(
            "STOP_DEPLOYMENT without a wait",
            f"a wait of 1 to {APPROVAL_WAIT_MINUTES} minutes, or CONTINUE_DEPLOYMENT",
            "the deployment would stop as soon as green is ready (G8)",
        )
    check_range(wait_minutes, 0, APPROVAL_WAIT_MINUTES, "minutes", "the longest wait for an approval")


def check_termination_wait(minutes: int) -> None:
    """Refuse a wait before the old task set is terminated that CodeDeploy does not accept (G9)."""
    check_range(minutes, 0, TERMINATION_WAIT_MINUTES, "minutes", "CodeDeploy keeps the old task set no longer (G9)")


def check_deployment_configuration(name: str) -> None:
    """Refuse the name of a predefined deployment configuration that ECS does not have (G10)."""
    if name not in ECS_DEPLOYMENT_CONFIGURATIONS:
        raise Refused(
            repr(name),
            ", ".join(ECS_DEPLOYMENT_CONFIGURATIONS) + ", or an own {type, percentage, intervalMinutes}",
            "CodeDeploy has no other predefined configuration for ECS (G10)",
        )


def shift_minutes(name: str) -> int:
    """How long a predefined deployment configuration takes to move the traffic."""
    return _SHIFT_MINUTES[ECS_DEPLOYMENT_CONFIGURATIONS.index(name)]


def check_shift_percentage(percentage: int) -> None:
    """Refuse a canary or linear step of nothing or everything.

    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_TimeBasedLinear.html
    """
    check_range(percentage, 1, 99, "percent", "0 or 100 percent is not a step")


def check_shift_interval(minutes: int) -> None:
    """Refuse a canary or linear step without a time in which an alarm could go off, or longer than two days."""
    check_range(minutes, 1, 2880, "minutes", "a step needs a time in which alarms can go off")


def check_availability_zones(count: int) -> None:
    """Refuse a network in fewer than two Availability Zones (G45)."""
    if not 2 <= count <= 6:
        raise Refused(
            f"{count} Availability Zone" + ("" if count == 1 else "s"),
            "2 to 6",
            "AWS would answer: 'At least two subnets in two different Availability Zones must be specified' (G45)",
        )


def check_nat_gateways(strategy: str) -> None:
    """Refuse a strategy that awsx does not know."""
    if strategy not in ("None", "Single", "OnePerAz"):
        raise Refused(repr(strategy), "None, Single, OnePerAz", "awsx lays out NAT gateways in one of three ways")


def check_cidr(cidr: str, shortest: int = 0, longest: int = 32) -> None:
    """Refuse what is not an IPv4 network in CIDR notation with a prefix of `shortest` to `longest` bits."""
    try:
        network = IPv4Network(cidr)
    except ValueError as error:
        raise Refused(repr(cidr), "an IPv4 network such as 10.0.0.0/16", str(error)) from None
    if str(network) != cidr:
        raise Refused(repr(cidr), str(network), "AWS takes a network in CIDR notation only")
    if not shortest <= network.prefixlen <= longest:
        raise Refused(repr(cidr), f"a prefix of /{shortest} to /{longest}", "too large or too small for its purpose")


def check_range(value: int, low: int, high: int, unit: str, why: str) -> None:
    """Refuse a number outside `low` to `high`."""
    if not low <= value <= high:
        raise Refused(f"{value} {unit}", f"{low} to {high} {unit}", why)


def _one_of(values: Mapping[int, object]) -> str:
    return ", ".join(map(str, values))


def _sizes(sizes: Sequence[int]) -> str:
    if isinstance(sizes, range):
        return f"{sizes[0]} to {sizes[-1]} MiB in steps of {sizes.step}"
    return ", ".join(map(str, sizes)) + " MiB"
