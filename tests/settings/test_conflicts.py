"""What no setting does wrong alone: services that get in each other's way, or in that of what they share."""

from __future__ import annotations

from typing import Any

import pytest

import settings
from tests.settings.stack_files import ECR_IMAGE, merged, message, refusal, service, stack

ENDPOINTS = ["ecr.api", "ecr.dkr", "logs", "s3"]


def routed(priority: int, /, *paths: str, hosts: tuple[str, ...] = (), **route: Any) -> dict[str, Any]:
    """A service that takes some requests of the listener on port 80."""
    rule = {"priority": priority, "pathPatterns": list(paths), "hostHeaders": list(hosts)}
    return service(loadBalancer={"rule": rule, **route})


def private(**changes: Any) -> dict[str, Any]:
    """A stack file without NAT gateways that is in order, with other values by path."""
    file = stack(shop=service(containers={"web": {"image": ECR_IMAGE, "port": 80}}))
    return merged(file | {"network": {"natGateways": "None", "vpcEndpoints": ENDPOINTS}}, **changes)


def secured(**services: Any) -> dict[str, Any]:
    """A stack file with a certificate."""
    certificate = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
    return stack(**services) | {"loadBalancer": {"certificateArn": certificate}}


PRIORITY = "a priority of its own; services.one has it on port 80; AWS would answer: 'PriorityInUse: Priority 5 is "
REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "one priority": (
        stack(one=routed(5, "/a"), two=routed(5, "/b")),
        [f"services.two.loadBalancer.rule.priority: given 5; allowed: {PRIORITY}currently in use'"],
    ),
    "the later rule is hidden": (
        stack(one=routed(5, "/a*"), two=routed(6, "/ab")),
        [
            "services.two.loadBalancer.rule.priority: given 6; allowed: a priority below 5, or other conditions; the "
            "rule with priority 5 on port 80 takes all of its requests first (G21)"
        ],
    ),
    "the earlier service's rule is hidden": (
        stack(one=routed(6, "/ab"), two=routed(5, "/a*")),
        [
            "services.one.loadBalancer.rule.priority: given 6; allowed: a priority below 5, or other conditions; the "
            "rule with priority 5 on port 80 takes all of its requests first (G21)"
        ],
    ),
    "a host's rule is hidden by one for all of its subdomains": (
        stack(one=routed(5, hosts=("*.Example.com",)), two=routed(6, "/x", hosts=("shop.example.com",))),
        [
            "services.two.loadBalancer.rule.priority: given 6; allowed: a priority below 5, or other conditions; the "
            "rule with priority 5 on port 80 takes all of its requests first (G21)"
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
