"""What no setting does wrong alone: services that get in each other's way, or in that of what they share."""

from __future__ import annotations

from typing import Any

import pytest

import settings
from tests.settings.stack_files import ECR_IMAGE, merged, message, native, refusal, service, stack

ENDPOINTS = ["ecr.api", "ecr.dkr", "logs", "s3"]


def routed(priority: int, /, *paths: str, hosts: tuple[str, ...] = (), **route: Any) -> dict[str, Any]:
    """A service that takes some requests of the listener on port 80."""
    rule = {"priority": priority, "pathPatterns": list(paths), "hostHeaders": list(hosts)}
    return service(loadBalancer={"rule": rule, **route})


def with_tests(priority: int, /, *paths: str, **test: Any) -> dict[str, Any]:
    """A service that takes some requests of the listener on port 80, and some of them for tests."""
    return native(loadBalancer={"rule": {"priority": priority, "pathPatterns": list(paths)}, **test})


def private(**changes: Any) -> dict[str, Any]:
    """A stack file without NAT gateways that is in order, with other values by path."""
    file = stack(shop=service(containers={"web": {"image": ECR_IMAGE, "port": 80}}))
    return merged(file | {"network": {"natGateways": "None", "vpcEndpoints": ENDPOINTS}}, **changes)


def secured(**services: Any) -> dict[str, Any]:
    """A stack file with a certificate."""
    certificate = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
    return stack(**services) | {"loadBalancer": {"certificateArn": certificate}}


HEADER = {"name": "x-test", "value": "yes"}
IN_USE = "on port 80; AWS would answer: 'PriorityInUse: Priority 5 is currently in use'"
REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "one priority": (
        stack(one=routed(5, "/a"), two=routed(5, "/b")),
        [
            "services.two.loadBalancer.rule.priority: given 5; allowed: a priority of its own; the rule of "
            f"services.one has it {IN_USE}"
        ],
    ),
    "the later rule is hidden": (
        stack(one=routed(5, "/a*"), two=routed(6, "/ab")),
        [
            "services.two.loadBalancer.rule.priority: given 6; allowed: a rule.priority below 5, or other "
            "conditions; the rule of services.one with priority 5 on port 80 takes all of its requests first (G21)"
        ],
    ),
    "the earlier service's rule is hidden": (
        stack(one=routed(6, "/ab"), two=routed(5, "/a*")),
        [
            "services.one.loadBalancer.rule.priority: given 6; allowed: a rule.priority below 5, or other "
            "conditions; the rule of services.two with priority 5 on port 80 takes all of its requests first (G21)"
        ],
    ),
    "a host's rule is hidden by one for all of its subdomains": (
        stack(one=routed(5, hosts=("*.Example.com",)), two=routed(6, "/x", hosts=("shop.example.com",))),
        [
            "services.two.loadBalancer.rule.priority: given 6; allowed: a rule.priority below 5, or other "
            "conditions; the rule of services.one with priority 5 on port 80 takes all of its requests first (G21)"
        ],
    ),
    "both take every request of a test listener": (
        stack(one=service(loadBalancer={"port": 81, "testPort": 90}), two=service(loadBalancer={"testPort": 90})),
        [
            "services.two.loadBalancer.testPort: given 90, on which services.one takes every request; allowed: "
            "another port, or a rule on all but one of the services that share it; AWS would answer: "
            "'DuplicateListener: A listener already exists on this port for this load balancer'"
        ],
    ),
    "one's test port is the other's production port": (
        stack(one=service(loadBalancer={"port": 81, "testPort": 90}), two=service(loadBalancer={"port": 90})),
        [
            "services.two.loadBalancer.port: given 90; allowed: a port that is not a listener for the other kind of "
            "traffic; services.one uses it, and a listener takes either production or test traffic"
        ],
    ),
    "one's production port is the other's test port": (
        stack(one=service(), two=service(loadBalancer={"port": 81, "testPort": 80})),
        [
            "services.two.loadBalancer.testPort: given 80; allowed: a port that is not a listener for the other kind "
            "of traffic; services.one uses it, and a listener takes either production or test traffic"
        ],
    ),
    "three services take every request": (
        stack(one=service(), two=service(), three=service()),
        [
            f"services.{name}.loadBalancer.port: given 80, on which services.one takes every request; allowed: another "
            "port, or a rule on all but one of the services that share it; AWS would answer: 'DuplicateListener: A "
            "listener already exists on this port for this load balancer'"
            for name in ("three", "two")
        ],
    ),
    "the family is the other's name": (
        stack(one=service(family="two", loadBalancer={"port": 81}), two=service()),
        [
            "services.two.family: given 'two'; allowed: a family of its own; services.one registers its revisions "
            "under it, and a release would start the wrong one"
        ],
    ),
    "one repository": (
        stack(
            one=service(imageRepository={"name": "shop"}),
            two=service(imageRepository={"name": "shop"}, loadBalancer={"port": 81}),
        ),
        [
            "services.two.imageRepository.name: given 'shop'; allowed: another name; services.one makes it; AWS would "
            "answer: 'RepositoryAlreadyExistsException'"
        ],
    ),
    "port 80 with a certificate": (
        secured(one=service(loadBalancer={"port": 80})),
        [
            "services.one.loadBalancer.port: given 80; allowed: any other port; with a certificate, port 80 redirects "
            "to 443"
        ],
    ),
    "test port 80 with a certificate": (
        secured(one=service(loadBalancer={"testPort": 80})),
        [
            "services.one.loadBalancer.testPort: given 80; allowed: any other port; with a certificate, port 80 "
            "redirects to 443"
        ],
    ),
    "test port 443 with a certificate": (
        secured(one=service(loadBalancer={"testPort": 443})),
        [
            "services.one.loadBalancer.testPort: given port 443 for both routes; allowed: any port other than 443; "
            "production and test traffic need two listeners of the same load balancer (G7)"
        ],
    ),
    "a public image without NAT": (
        private(services__shop__containers__web__image="nginx:1.27"),
        [
            "services.shop.containers.web.image: given 'nginx:1.27'; allowed: an image in Amazon ECR, or natGateways "
            "Single or OnePerAz; without a NAT gateway no other registry can be reached"
        ],
    ),
    "a parameter without NAT": (
        private(services__shop__containers__web__secrets={"A": "/a"}),
        [
            "services.shop.containers.web.secrets.A: given '/a'; allowed: ssm in network.vpcEndpoints, or natGateways "
            "Single or OnePerAz; without either, the task could not read it and would never start"
        ],
    ),
    "a secret without NAT": (
        private(
            services__shop__containers__web__secrets={
                "A": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf"
            },
            network__vpcEndpoints=[*ENDPOINTS, "ssm"],
        ),
        [
            "services.shop.containers.web.secrets.A: given "
            "'arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf'; allowed: secretsmanager in "
            "network.vpcEndpoints, or natGateways Single or OnePerAz; without either, the task could not read it and "
            "would never start"
        ],
    ),
    "a test rule has another service's priority": (
        stack(one=routed(5, "/a"), two=with_tests(6, "/b", testHeader=HEADER)),
        [
            "services.two.loadBalancer.testHeader: given a test rule with priority 5; allowed: a rule.priority other "
            f"than 6; the rule of services.one has it {IN_USE}"
        ],
    ),
    "a rule has the priority of another service's test rule": (
        stack(one=with_tests(6, "/b", testPathPatterns=["/t"]), two=routed(5, "/a")),
        [
            "services.two.loadBalancer.rule.priority: given 5; allowed: a priority of its own; the test rule of "
            f"services.one has it {IN_USE}"
        ],
    ),
    "one priority, and so one for the tests": (
        stack(one=with_tests(5, "/a", testHeader=HEADER), two=with_tests(5, "/b", testHeader=HEADER)),
        [
            "services.two.loadBalancer.rule.priority: given 5; allowed: a priority of its own; the rule of "
            f"services.one has it {IN_USE}"
        ],
    ),
    "a test rule is hidden": (
        stack(one=routed(5, "/t/*"), two=with_tests(8, "/b", testPathPatterns=["/t/b"])),
        [
            "services.two.loadBalancer.testPathPatterns: given a test rule with priority 7; allowed: a rule.priority "
            "below 5, or other conditions; the rule of services.one with priority 5 on port 80 takes all of its "
            "requests first (G21)"
        ],
    ),
    "a test rule of a service that takes every request is hidden": (
        stack(one=routed(1, "/t/*"), two=native(loadBalancer={"testPathPatterns": ["/t/b"]})),
        [
            "services.two.loadBalancer.testPathPatterns: given a test rule with priority 49999; allowed: other "
            "conditions; the rule of services.one with priority 1 on port 80 takes all of its requests first (G21)"
        ],
    ),
    "a test rule hides another service's rule": (
        stack(one=routed(9, "/t/a"), two=with_tests(8, "/b", testPathPatterns=["/t/*"])),
        [
            "services.one.loadBalancer.rule.priority: given 9; allowed: a rule.priority below 7, or other conditions; "
            "the test rule of services.two with priority 7 on port 80 takes all of its requests first (G21)"
        ],
    ),
    "a test rule hides another service's test rule": (
        stack(one=with_tests(5, "/a", testPathPatterns=["/t/*"]), two=with_tests(8, "/b", testPathPatterns=["/t/b"])),
        [
            "services.two.loadBalancer.testPathPatterns: given a test rule with priority 7; allowed: a rule.priority "
            "below 4, or other conditions; the test rule of services.one with priority 4 on port 80 takes all of its "
            "requests first (G21)"
        ],
    ),
    "a rule is hidden, and its test rule with it": (
        stack(one=with_tests(4, "/a*", testHeader=HEADER), two=with_tests(8, "/ab", testHeader=HEADER)),
        [
            "services.two.loadBalancer.rule.priority: given 8; allowed: a rule.priority below 4, or other conditions; "
            "the rule of services.one with priority 4 on port 80 takes all of its requests first (G21)"
        ],
    ),
    "both take every request, and have tests": (
        stack(one=native(loadBalancer={"testHeader": HEADER}), two=native(loadBalancer={"testHeader": HEADER})),
        [
            "services.two.loadBalancer.port: given 80, on which services.one takes every request; allowed: another "
            "port, or a rule on all but one of the services that share it; AWS would answer: 'DuplicateListener: A "
            "listener already exists on this port for this load balancer'"
        ],
    ),
    "one's test rule is on the other's test port": (
        stack(one=native(loadBalancer={"port": 90, "testHeader": HEADER}), two=native(loadBalancer={"testPort": 90})),
        [
            "services.two.loadBalancer.testPort: given 90; allowed: a port that is not a listener for the other kind "
            "of traffic; services.one uses it, and a listener takes either production or test traffic"
        ],
    ),
    "a log group of its own retention beside the common one": (
        stack(one=service(logRetentionDays=30)) | {"cluster": {"taskLogs": {"name": "/tasks"}}},
        [
            "services.one.logRetentionDays: given 30; allowed: leaving it out, or no cluster.taskLogs; all containers "
            "log into cluster.taskLogs, which has a retention of its own"
        ],
    ),
    "ECS Exec without NAT": (
        private(services__shop__executeCommand=True),
        [
            "services.shop.executeCommand: given true; allowed: ssmmessages in network.vpcEndpoints, or natGateways "
            "Single or OnePerAz; without either, no session could be opened"
        ],
    ),
}


@pytest.mark.parametrize(("file", "lines"), REFUSED.values(), ids=REFUSED)
def test_what_gets_in_the_way_is_refused(file, lines):
    """The line stands at the setting to change, and names the service on the other side."""
    assert refusal(file) == message(*lines)


def test_what_gets_in_the_way_is_said_beside_what_is_wrong_with_others():
    """A stack file is judged as a whole, as far as it can be read."""
    file = stack(one=service(logRetentionDays=30), two=service(cpu=1, loadBalancer={"port": 81}))
    assert refusal(file | {"cluster": {"taskLogs": {"name": "/tasks"}}}) == message(
        "services.one.logRetentionDays: given 30; allowed: leaving it out, or no cluster.taskLogs; all containers log "
        "into cluster.taskLogs, which has a retention of its own",
        "services.two.cpu: given cpu 1; allowed: 256, 512, 1024, 2048, 4096, 8192, 16384; AWS would answer: 'No "
        "Fargate configuration exists for given values'",
    )


ACCEPTED: dict[str, dict[str, Any]] = {
    "disjoint rules and one service for the rest": stack(
        one=routed(5, "/a"), two=routed(6, "/b"), three=service(loadBalancer={})
    ),
    "the narrower rule first": stack(one=routed(6, "/a*"), two=routed(5, "/ab")),
    "one priority on two listeners": stack(one=routed(5, "/a"), two=routed(5, "/a", port=81)),
    "a path on one host, another host": stack(
        one=routed(5, "/a", hosts=("a.example.com",)), two=routed(6, "/a", hosts=("b.example.com",))
    ),
    "paths have a case": stack(one=routed(5, "/A"), two=routed(6, "/a")),
    "a shared test listener with rules": stack(
        one=routed(5, "/a", testPort=90), two=routed(6, "/b", testPort=90), three=service(loadBalancer={"testPort": 91})
    ),
    "tests of two services by one header": stack(
        one=with_tests(5, "/a", testHeader=HEADER), two=with_tests(7, "/b", testHeader=HEADER)
    ),
    "tests of two services by one path, on two hosts": stack(
        one=native(loadBalancer={"rule": {"priority": 5, "hostHeaders": ["a"]}, "testPathPatterns": ["/t"]}),
        two=native(loadBalancer={"rule": {"priority": 7, "hostHeaders": ["b"]}, "testPathPatterns": ["/t"]}),
    ),
    "a test header of a service that takes all that the others leave": stack(
        one=routed(5, "/a"), two=native(loadBalancer={"testHeader": HEADER})
    ),
    "a test rule with the priority of a rule on another listener": stack(
        one=routed(5, "/a", port=81), two=with_tests(6, "/b", testHeader=HEADER)
    ),
    "a test rule with the priority of a rule for tests on another listener": stack(
        one=routed(5, "/a", testPort=90), two=with_tests(7, "/b", testHeader=HEADER)
    ),
    "services of both controllers behind one load balancer": stack(
        one=routed(5, "/a"), two=with_tests(8, "/b", testPathPatterns=["/t"]), three=service()
    ),
    "a retention of its own": stack(one=service(logRetentionDays=7)),
    "one log group for all": stack(one=service()) | {"cluster": {"taskLogs": {"name": "/tasks"}}},
    "a certificate and another port": secured(one=service(loadBalancer={"port": 8443, "testPort": 443})),
    "no NAT, images in ECR": private(),
    "no NAT, endpoints for all that is used": private(
        network__vpcEndpoints=[*ENDPOINTS, "ssm", "ssmmessages"],
        services__shop__containers__web__secrets={"A": "/a"},
        services__shop__executeCommand=True,
    ),
}


@pytest.mark.parametrize("file", ACCEPTED.values(), ids=ACCEPTED)
def test_what_only_looks_alike_is_accepted(file):
    """Services that AWS would take side by side are not refused."""
    assert settings.parse(file).services.keys() == file["services"].keys()
