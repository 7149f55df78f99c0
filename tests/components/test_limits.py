"""What AWS allows: the last value that is accepted, and the words for the first one that isn't."""

from __future__ import annotations

from functools import partial

import pytest

from components import limits
from components.limits import Refused

_SERVICE_NAME = partial(limits.check_name, longest=limits.SERVICE_NAME, what="its green target group")
_DIGEST = "@sha256:" + "0123456789abcdef" * 4
_NO_CONFIGURATION = "AWS would answer: 'No Fargate configuration exists for given values'"
_NO_NAME = "load balancer and target group names take letters, digits and hyphens only (G50)"
_CHARACTERS = "lower-case letters, digits and inner hyphens, starting with a letter"
_MOVING = "a tag other than latest, or a digest (REPOSITORY:TAG or REPOSITORY@sha256:DIGEST)"


def _names(checks: list[partial[None]]) -> list[str]:
    return [f"{number}-{check.func.__name__}" for number, check in enumerate(checks)]


ACCEPTED: list[partial[None]] = [
    partial(_SERVICE_NAME, "a" * 18),
    partial(_SERVICE_NAME, "a"),
    partial(_SERVICE_NAME, "a-1--b"),
    partial(_SERVICE_NAME, "internal"),
    partial(limits.check_image, "nginx:1.27"),
    partial(limits.check_image, "public.ecr.aws/nginx/nginx:1.27.3"),
    partial(limits.check_image, "localhost:5000/app:v1_2.3-x"),
    partial(limits.check_image, "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b_c/d-e" + _DIGEST),
    partial(limits.check_image, "nginx:latest" + _DIGEST),
    partial(limits.check_containers, {"a": 80, "b": 81, "c": None, "d": None}),
    partial(limits.check_ports_differ, 80, 81),
    partial(limits.check_ports_differ, 80, None),
    partial(limits.check_listeners, [80, 81], False),
    partial(limits.check_listeners, [443, 81], True),
    partial(limits.check_alarms, 0),
    partial(limits.check_alarms, 10),
    partial(limits.check_ready_option, "CONTINUE_DEPLOYMENT", 0),
    partial(limits.check_ready_option, "STOP_DEPLOYMENT", 1),
    partial(limits.check_ready_option, "STOP_DEPLOYMENT", 2880),
    partial(limits.check_termination_wait, 0),
    partial(limits.check_termination_wait, 2800),
    *(partial(limits.check_deployment_configuration, name) for name in limits.ECS_DEPLOYMENT_CONFIGURATIONS),
    partial(limits.check_shift_percentage, 1),
    partial(limits.check_shift_percentage, 99),
    partial(limits.check_shift_interval, 1),
    partial(limits.check_shift_interval, 2880),
    partial(limits.check_availability_zones, 2),
    partial(limits.check_availability_zones, 6),
    partial(limits.check_cidr, "0.0.0.0/0"),
    partial(limits.check_cidr, "192.0.2.1/32"),
    partial(limits.check_cidr, "10.0.0.0/16", shortest=16, longest=20),
    partial(limits.check_cidr, "10.0.0.0/20", shortest=16, longest=20),
]


@pytest.mark.parametrize("check", ACCEPTED, ids=_names(ACCEPTED))
def test_a_limit_itself_is_accepted(check):
    """A check that passes says nothing."""
    assert check() is None


REFUSED: list[tuple[partial[None], str, str, str]] = [
    (
        partial(_SERVICE_NAME, "a" * 19),
        f"'{'a' * 19}', 19 characters",
        "at most 18 characters",
        "the name of its green target group would exceed the 32 characters that Elastic Load Balancing allows (G50)",
    ),
    *(
        (partial(_SERVICE_NAME, name), repr(name), _CHARACTERS, _NO_NAME)
        for name in ("", "1a", "a-", "-a", "aB", "a_b", "a.b", "a b", "ä", "a\n")
    ),
    (
        partial(_SERVICE_NAME, "internal-a"),
        "'internal-a'",
        "any other prefix",
        "a load balancer's name must not start with 'internal-' (G50)",
    ),
    (
        partial(limits.check_fargate_cpu, 300),
        "cpu 300",
        "256, 512, 1024, 2048, 4096, 8192, 16384",
        _NO_CONFIGURATION,
    ),
    (
        partial(limits.check_fargate_size, 128, 512),
        "cpu 128",
        "256, 512, 1024, 2048, 4096, 8192, 16384",
        _NO_CONFIGURATION,
    ),
    (
        partial(limits.check_fargate_size, 256, 3072),
        "memory 3072 with cpu 256",
        "512, 1024, 2048 MiB",
        _NO_CONFIGURATION,
    ),
    (
        partial(limits.check_fargate_size, 8192, 17408),
        "memory 17408 with cpu 8192",
        "16384 to 61440 MiB in steps of 4096",
        _NO_CONFIGURATION,
    ),
    *(
        (
            partial(limits.check_image, image),
            repr(image),
            _MOVING,
            "a rollback would start whatever the moving tag has become (G57)",
        )
        for image in ("nginx", "nginx:latest", "localhost:5000/app", "public.ecr.aws/nginx/nginx")
    ),
    *(
        (
            partial(limits.check_image, image),
            repr(image),
            "REPOSITORY:TAG or REPOSITORY@sha256:DIGEST",
            "not a container image name",
        )
        for image in (
            "",
            ":1",
            "/a:1",
            "a:b:c",
            "a/:1",
            "Nginx:1",
            "nginx:",
            "nginx:a b",
            "nginx:1\n",
            "nginx@sha256:0",
            "nginx:-1",
            "nginx:" + "a" * 129,
        )
    ),
    (
        partial(limits.check_containers, {"a": 80, "b": 81, "c": 80}),
        "port 80 for a and c",
        "a port of its own for each container",
        "the containers of a task share one network interface, on which ECS gives a port once",
    ),
    (
        partial(limits.check_ports_differ, 80, 80),
        "port 80 for both routes",
        "any port other than 80",
        "production and test traffic need two listeners of the same load balancer (G7)",
    ),
    (
        partial(limits.check_listeners, [80, 81, 80], False),
        "two listeners on port 80",
        "one listener a port",
        "AWS would answer: 'DuplicateListener: A listener already exists on this port for this load balancer'",
    ),
    (
        partial(limits.check_listeners, [80, 443], True),
        "80",
        "any other port",
        "with a certificate, port 80 redirects to 443",
    ),
    (
        partial(limits.check_alarms, 11),
        "11 alarms",
        "0 to 10 alarms",
        "a deployment group watches no more (G9)",
    ),
    (
        partial(limits.check_ready_option, "CONTINUE_DEPLOYMENT", 1),
        "CONTINUE_DEPLOYMENT with a wait of 1 minutes",
        "STOP_DEPLOYMENT with a wait, or CONTINUE_DEPLOYMENT without one",
        "AWS would answer: \"Deployment ready action cannot be set to 'CONTINUE_DEPLOYMENT' when timeout is "
        'specified" (G8)',
    ),
    (
        partial(limits.check_ready_option, "STOP_DEPLOYMENT", 0),
        "STOP_DEPLOYMENT without a wait",
        "a wait of 1 to 2880 minutes, or CONTINUE_DEPLOYMENT",
        "the deployment would stop as soon as green is ready (G8)",
    ),
    (
        partial(limits.check_ready_option, "STOP_DEPLOYMENT", 2881),
        "2881 minutes",
        "0 to 2880 minutes",
        "the longest wait for an approval",
    ),
    *(
        (
            partial(limits.check_termination_wait, minutes),
            f"{minutes} minutes",
            "0 to 2800 minutes",
            "CodeDeploy keeps the old task set no longer (G9)",
        )
        for minutes in (-1, 2801)
    ),
    *(
        (
            partial(limits.check_deployment_configuration, name),
            repr(name),
            "CodeDeployDefault.ECSAllAtOnce, CodeDeployDefault.ECSCanary10Percent5Minutes, "
            "CodeDeployDefault.ECSCanary10Percent15Minutes, CodeDeployDefault.ECSLinear10PercentEvery1Minutes, "
            "CodeDeployDefault.ECSLinear10PercentEvery3Minutes, or an own {type, percentage, intervalMinutes}",
            "CodeDeploy has no other predefined configuration for ECS (G10)",
        )
        for name in ("CodeDeployDefault.LambdaAllAtOnce", "codedeploydefault.ecsallatonce", "")
    ),
    *(
        (
            partial(limits.check_shift_percentage, percentage),
            f"{percentage} percent",
            "1 to 99 percent",
            "0 or 100 percent is not a step",
        )
        for percentage in (0, 100)
    ),
    *(
        (
            partial(limits.check_shift_interval, minutes),
            f"{minutes} minutes",
            "1 to 2880 minutes",
            "a step needs a time in which alarms can go off",
        )
        for minutes in (0, 2881)
    ),
    *(
        (
            partial(limits.check_availability_zones, count),
            given,
            "2 to 6",
            "AWS would answer: 'At least two subnets in two different Availability Zones must be specified' (G45)",
        )
        for count, given in ((1, "1 Availability Zone"), (0, "0 Availability Zones"), (7, "7 Availability Zones"))
    ),
    *(
        (partial(limits.check_cidr, cidr), repr(cidr), "an IPv4 network such as 10.0.0.0/16", why)
        for cidr, why in (
            ("", "Address cannot be empty"),
            ("10.0.0.1/16", "10.0.0.1/16 has host bits set"),
            ("::/0", "Expected 4 octets in '::'"),
            ("10.0.0.0/33", "'33' is not a valid netmask"),
        )
    ),
    *(
        (partial(limits.check_cidr, cidr), repr(cidr), network, "AWS takes a network in CIDR notation only")
        for cidr, network in (("10.0.0.0", "10.0.0.0/32"), ("10.0.0.0/255.255.0.0", "10.0.0.0/16"))
    ),
    *(
        (
            partial(limits.check_cidr, cidr, shortest=16, longest=20),
            repr(cidr),
            "a prefix of /16 to /20",
            "too large or too small for its purpose",
        )
        for cidr in ("10.0.0.0/15", "10.0.0.0/21")
    ),
]


@pytest.mark.parametrize(
    ("check", "given", "allowed", "why"),
    REFUSED,
    ids=_names([check for check, *_ in REFUSED]),
)
def test_what_lies_beyond_a_limit_is_refused(check, given, allowed, why):
    """What was given, what is allowed, and why, in AWS's own words where they are known."""
    with pytest.raises(Refused) as caught:
        check()
    assert (caught.value.given, caught.value.allowed, caught.value.why) == (given, allowed, why)
    assert str(caught.value) == f"given {given}; allowed: {allowed}; {why}"


@pytest.mark.parametrize(
    ("cpu", "count", "least", "most"),
    [
        (256, 3, 512, 2048),
        (512, 4, 1024, 4096),
        (1024, 7, 2048, 8192),
        (2048, 13, 4096, 16384),
        (4096, 23, 8192, 30720),
        (8192, 12, 16384, 61440),
        (16384, 12, 32768, 122880),
    ],
)
def test_fargate_offers_these_sizes(cpu, count, least, most):
    """A CPU value comes with so many memory values, from the least to the most, and with no other."""
    offered = []
    for memory in range(0, 131072, 256):
        try:
            limits.check_fargate_size(cpu, memory)
        except Refused:
            continue
        offered.append(memory)
    assert (len(offered), offered[0], offered[-1]) == (count, least, most)


@pytest.mark.parametrize(
    ("configuration", "minutes"),
    [
        ("CodeDeployDefault.ECSAllAtOnce", 0),
        ("CodeDeployDefault.ECSCanary10Percent5Minutes", 5),
        ("CodeDeployDefault.ECSCanary10Percent15Minutes", 15),
        # The first tenth moves at once, the other nine a step each.
        ("CodeDeployDefault.ECSLinear10PercentEvery1Minutes", 9 * 1),
        ("CodeDeployDefault.ECSLinear10PercentEvery3Minutes", 9 * 3),
    ],
)
def test_shift_minutes(configuration, minutes):
    """How long CodeDeploy's own configurations take to move all of the traffic; there are no others."""
    assert limits.shift_minutes(configuration) == minutes
    assert configuration in limits.ECS_DEPLOYMENT_CONFIGURATIONS
    assert len(limits.ECS_DEPLOYMENT_CONFIGURATIONS) == 5


def test_the_longest_names_leave_room_for_what_is_appended():
    """Pulumi appends eight characters to a name that already ends in what it is."""
    assert len("a" * limits.SERVICE_NAME + "-green" + "-0123456") == limits.LOAD_BALANCER_NAME
    assert len("a" * limits.SHARED_NAME + "-alb" + "-0123456") == limits.LOAD_BALANCER_NAME
