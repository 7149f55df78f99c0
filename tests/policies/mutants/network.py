"""How a network, its doors and its rights can be broken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from aws import (
    LISTENER,
    LOAD_BALANCER,
    ROLE,
    ROLE_POLICY,
    ROLE_POLICY_ATTACHMENT,
    SECURITY_GROUP,
    SECURITY_GROUP_RULE,
    WEB_ACL_ASSOCIATION,
)
from tests.policies.graph import Graph, Ref
from tests.policies.mutants.places import (
    Break,
    Mutator,
    application,
    apps,
    behind_balancer,
    both,
    each,
    edit,
    inside,
    lacks,
    named,
    of,
    to,
    without,
)
from tests.policies.stacks.network import WORLD

NEWER_RULES = (
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
)
Door = tuple[str, str]
"""A resource, and the path to what lets traffic in: empty if it is the resource itself."""


def doors(graph: Graph, wanted: str) -> Iterator[Door]:
    """The rules, in whichever form, that are described as this one."""
    for name, declared in graph.resources.items():
        if declared.inputs.get("description") == f"{wanted} of the shop":
            yield name, ""
        for index, block in enumerate(declared.inputs.get("ingress", [])):
            if block["description"] == f"{wanted} of the shop":
                yield name, f"ingress[{index}]."


def _world_at(port: float) -> Mutator:
    def mutator(graph: Graph) -> Iterator[Break]:
        for name, path in doors(graph, "world-https"):
            if port not in (listener.inputs.get("port") for listener in graph.resources.values()):
                yield Break(
                    f"{name}: the world at {port}",
                    lambda g, name=name, path=path: g.put(name, f"{path}fromPort", port).put(
                        name, f"{path}toPort", port
                    ),
                )

    return mutator


def _from_addresses(graph: Graph) -> Iterator[Break]:
    for app in apps(graph):
        for name, path in doors(graph, f"{app}lb-task"):
            yield Break(
                f"{name}: from addresses", lambda g, name=name, path=path: _open_to(g, name, path, "10.0.0.0/8")
            )


def _open_to(graph: Graph, name: str, path: str, range_: str) -> None:
    rule = graph[name]
    if path:
        rule = graph[name]["ingress"][int(path[len("ingress[") : -len("].")])]
    for source in ("referencedSecurityGroupId", "sourceSecurityGroupId", "securityGroups"):
        rule.pop(source, None)
    if graph.resources[name].type in NEWER_RULES:
        rule["cidrIpv4"] = range_
    else:
        rule["cidrBlocks"] = [range_]


def _all_ports(graph: Graph) -> Iterator[Break]:
    for app in apps(graph):
        for name, path in doors(graph, f"{app}lb-task"):
            yield Break(
                f"{name}: all ports",
                lambda g, name=name, path=path: g.put(name, f"{path}fromPort", 0.0).put(name, f"{path}toPort", 65535.0),
            )


def strangers(graph: Graph) -> Iterator[Break]:
    """Lets in a group that nobody of the mesh wears."""
    for app in apps(graph):
        if not behind_balancer(graph, f"{app}service"):

            def change(g: Graph, app: str = app) -> None:
                stranger = {"description": "A stranger", "vpcId": Ref("vpc", "id")}
                g.add("stranger-sg", SECURITY_GROUP, stranger, id="sg-stranger", ingress=[], egress=[])
                door = "web-orders" if app == "orders-" else "orders-web"
                g.put(door, "referencedSecurityGroupId", Ref("stranger-sg", "id"))

            yield Break(f"{app}service: a stranger may call", change)


def _mix(graph: Graph) -> Iterator[Break]:
    block = {"description": "more", "protocol": "tcp", "fromPort": 443.0, "toPort": 443.0, "cidrBlocks": ["10.0.0.0/8"]}
    for group in of(graph, SECURITY_GROUP):
        if "egress" not in graph[group]:
            yield Break(f"{group}: rules inside too", lambda g, group=group: g.put(group, "egress", [block]))
        else:

            def change(g: Graph, group: str = group) -> None:
                rule = {"securityGroupId": Ref(group, "id"), "description": "more", "ipProtocol": "tcp"}
                more = {"cidrIpv4": "10.0.0.0/8", "fromPort": 443.0, "toPort": 443.0}
                g.add("more", NEWER_RULES[1], {**rule, **more})

            yield Break(f"{group}: rules outside too", change)


def _undescribed(graph: Graph) -> Iterator[Break]:
    for group in of(graph, SECURITY_GROUP):
        for direction in ("ingress", "egress"):
            for index in range(len(graph[group].get(direction, []))):
                path = f"{direction}[{index}].description"
                yield Break(f"{group}: no {path}", lambda g, group=group, path=path: g.drop(group, path))


def public_test_listener(graph: Graph) -> Iterator[Break]:
    """Opens the test listener to the world."""
    for name, path in doors(graph, "office-test"):
        yield Break(
            f"{name}: the world",
            lambda g, name=name, path=path: _open_to(g, name, path, WORLD),
            frozenset({"bg-test-listener-not-public", "sec-sg-world-ingress"}),
        )


def _plain_http(graph: Graph, name: str) -> None:
    graph.put(name, "protocol", "HTTP").drop(name, "sslPolicy").drop(name, "certificateArn")


def statement(*also: str, **parts: Any) -> Mutator:
    """The policy of the tasks is one statement that allows."""
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **parts}]})
    return each(ROLE_POLICY, to("policy", document, *also), when=named("task-role-policy", "web-task-role-policy"))


def broad_policy(policy: str) -> Mutator:
    """A role of the tasks carries a managed policy."""
    return each(
        ROLE_POLICY_ATTACHMENT,
        to("policyArn", f"arn:aws:iam::aws:policy/{policy}"),
        when=lacks(named("codedeploy-role-attachment", "infrastructure-role-attachment")),
    )


def _trusts_another(document: Any) -> None:
    document["Statement"][0]["Principal"]["Service"] = "ec2.amazonaws.com"


NETWORK: dict[str, list[Mutator]] = {
    "sec-sg-world-ingress": [
        public_test_listener,
        _world_at(22.0),
        _world_at(80.0),
    ],
    "sec-task-sg-from-lb": [_from_addresses, _all_ports, strangers],
    "sec-sg-mixed-rules": [_mix],
    "sec-sg-descriptions": [
        each(SECURITY_GROUP, without("description"), to("description", "Managed by Pulumi")),
        *(each(kind, without("description")) for kind in (*NEWER_RULES, SECURITY_GROUP_RULE)),
        _undescribed,
    ],
    "sec-alb-drop-invalid-headers": [
        each(LOAD_BALANCER, to("dropInvalidHeaderFields", False), without("dropInvalidHeaderFields"), when=application)
    ],
    "sec-alb-deletion-protection": [
        each(LOAD_BALANCER, to("enableDeletionProtection", False), without("enableDeletionProtection"))
    ],
    "sec-alb-access-logs": [
        each(LOAD_BALANCER, to("accessLogs.enabled", False), without("accessLogs"), when=application)
    ],
    "sec-alb-tls": [
        each(LISTENER, edit("plain HTTP", _plain_http), when=both(application, named("https"))),
        each(LISTENER, to("sslPolicy", "ELBSecurityPolicy-2016-08"), when=named("https")),
    ],
    "sec-alb-two-subnets": [each(LOAD_BALANCER, without("subnets[1]"))],
    "sec-alb-desync": [each(LOAD_BALANCER, to("desyncMitigationMode", "monitor"), when=application)],
    "sec-waf": [each(WEB_ACL_ASSOCIATION, edit("is missing", lambda g, name: g.resources.pop(name)))],
    "sec-iam-no-wildcards": [
        statement("sec-iam-passrole-scoped", Action="*", Resource="*"),
        statement(Action=["s3:*"], Resource=["*"]),
        statement(NotAction="iam:*", Resource="*"),
    ],
    "sec-iam-passrole-scoped": [
        statement(
            Action="iam:PassRole",
            Resource="*",
            Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        statement(
            Action=["iam:PassRole"],
            Resource="arn:aws:iam::123456789012:role/*",
            Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        statement(Action="iam:PassRole", Resource="arn:aws:iam::123456789012:role/task-role-1"),
    ],
    "sec-iam-broad-managed": [
        broad_policy("AdministratorAccess"),
        broad_policy("AmazonECS_FullAccess"),
        broad_policy("AWSCodeCommitPowerUser"),
        each(ROLE, to("managedPolicyArns", ["arn:aws:iam::aws:policy/PowerUserAccess"]), when=named("task-role")),
    ],
    "sec-codedeploy-role": [
        each(
            ROLE_POLICY_ATTACHMENT,
            to("policyArn", "arn:aws:iam::aws:policy/AWSCodeDeployRole"),
            edit("is missing", lambda g, name: g.resources.pop(name)),
            when=named("codedeploy-role-attachment"),
        ),
        each(ROLE, inside("assumeRolePolicy", "trusts EC2", _trusts_another), when=named("codedeploy-role")),
    ],
}
