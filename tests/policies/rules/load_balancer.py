"""Changes to a load balancer and what guards it."""

from __future__ import annotations

from typing import Any

from tests.policies.cases import Case, drop, fail, not_applicable, nothing, put, several, undecided
from tests.policies.graph import Change, Graph, Ref, Text
from tests.policies.stacks import alb_tokens, classic, nlb
from value import UNKNOWN

ONLY_APPLICATION = ("sec-alb-access-logs", "sec-alb-desync", "sec-alb-drop-invalid-headers", "sec-waf")


def _network(**more: Any) -> Change:
    """Leaves a Network Load Balancer nothing that only an Application Load Balancer has."""

    def change(graph: Graph) -> None:
        graph.drop("alb", "accessLogs")
        graph["alb"].update(more)

    return change


def _bare(graph: Graph) -> None:
    """Leaves only what the provider demands; it fills in the rest."""
    for prop in ("loadBalancerType", "internal", "dropInvalidHeaderFields", "accessLogs", "enableDeletionProtection"):
        graph.drop("alb", prop)
        graph.resources["alb"].computed[prop] = {"loadBalancerType": "application"}.get(prop, False)


def _add_another(graph: Graph) -> None:
    """A second load balancer, and an association that may be with either."""
    graph.add("other", graph.resources["alb"].type, {**graph["alb"], "internal": True, "name": "alb-2"}, arn="arn:2")
    graph.put("firewall", "resourceArn", Text((Ref("alb", "arn"), Ref("other", "arn"))))


def _without_web_acl(graph: Graph) -> None:
    del graph.resources["firewall"]


CASES = [
    *(
        Case(f"{prop} of {value}", put("alb", prop, value), [fail(rule, "alb", prop)])
        for rule, prop, value in (
            ("sec-alb-drop-invalid-headers", "dropInvalidHeaderFields", False),
            ("sec-alb-drop-invalid-headers", "dropInvalidHeaderFields", None),
            ("sec-alb-deletion-protection", "enableDeletionProtection", False),
            ("sec-alb-deletion-protection", "enableDeletionProtection", None),
            ("sec-alb-access-logs", "accessLogs.enabled", False),
            ("sec-alb-access-logs", "accessLogs.enabled", None),
            ("sec-alb-desync", "desyncMitigationMode", "monitor"),
        )
    ),
    *(
        Case(f"unknown {prop}", put("alb", prop, UNKNOWN), [undecided(rule, "alb", prop)])
        for rule, prop in (
            ("sec-alb-drop-invalid-headers", "dropInvalidHeaderFields"),
            ("sec-alb-deletion-protection", "enableDeletionProtection"),
            ("sec-alb-access-logs", "accessLogs"),
            ("sec-alb-desync", "desyncMitigationMode"),
            ("sec-alb-two-subnets", "subnets"),
        )
    ),
    Case(
        "invalid headers, in full",
        drop("alb", "dropInvalidHeaderFields"),
        [fail("sec-alb-drop-invalid-headers", "alb", "dropInvalidHeaderFields")],
        stack=alb_tokens,
        says="alb: dropInvalidHeaderFields is not true.",
    ),
    Case(
        "a deletion, in full",
        drop("alb", "enableDeletionProtection"),
        [fail("sec-alb-deletion-protection", "alb", "enableDeletionProtection")],
        says="alb: enableDeletionProtection is not true.",
    ),
    Case(
        "no logs, in full",
        drop("alb", "accessLogs"),
        [fail("sec-alb-access-logs", "alb", "accessLogs.enabled")],
        says="alb: accessLogs.enabled is not true.",
    ),
    *(
        Case(
            f"{kind}, in full",
            _network(loadBalancerType=kind),
            [not_applicable("sec-alb-access-logs", "alb")],
            stack=nlb,
            config={rule: {"enabled": False} for rule in ONLY_APPLICATION[1:]},
            says=f"alb is {said}.",
        )
        for kind, said in (("network", "a Network Load Balancer"), ("gateway", "a Gateway Load Balancer"))
    ),
    Case(
        "monitoring only, in full",
        put("alb", "desyncMitigationMode", "monitor"),
        [fail("sec-alb-desync", "alb", "desyncMitigationMode")],
        says="alb: desyncMitigationMode is monitor instead of defensive or strictest.",
    ),
    Case("AWS's default against desync", drop("alb", "desyncMitigationMode"), []),
    Case("the strictest mode", put("alb", "desyncMitigationMode", "strictest"), []),
    Case("flags as old states hold them", put("alb", "dropInvalidHeaderFields", "true"), []),
    Case("a type that is left out", drop("alb", "loadBalancerType"), []),
    Case(
        "a type that is unknown, with all that an application load balancer needs",
        put("alb", "loadBalancerType", UNKNOWN),
        [],
    ),
    Case(
        "a type that is unknown, and nothing that an application load balancer needs",
        several(
            put("alb", "loadBalancerType", UNKNOWN),
            put("alb", "dropInvalidHeaderFields", False),
            put("alb", "desyncMitigationMode", "monitor"),
            put("alb", "enableDeletionProtection", False),
            drop("alb", "accessLogs"),
        ),
        [
            fail("sec-alb-deletion-protection", "alb", "enableDeletionProtection"),
            undecided("sec-alb-access-logs", "alb", "loadBalancerType"),
            undecided("sec-alb-desync", "alb", "loadBalancerType"),
            undecided("sec-alb-drop-invalid-headers", "alb", "loadBalancerType"),
        ],
    ),
    Case(
        "a load balancer in dev",
        several(put("alb", "enableDeletionProtection", False), put("alb", "accessLogs.enabled", False)),
        [fail("sec-alb-access-logs", "alb", "accessLogs.enabled")],
        stack=lambda: classic("dev"),
    ),
    Case(
        "a Network Load Balancer",
        _network(),
        [not_applicable(rule, "alb") for rule in ONLY_APPLICATION],
        stack=nlb,
    ),
    Case(
        "a Gateway Load Balancer in one subnet, that may be deleted",
        _network(loadBalancerType="gateway", enableDeletionProtection=False, subnets=["subnet-1"]),
        [
            fail("sec-alb-deletion-protection", "alb", "enableDeletionProtection"),
            fail("sec-alb-two-subnets", "alb", "subnets"),
            *(not_applicable(rule, "alb") for rule in ONLY_APPLICATION),
        ],
        stack=nlb,
    ),
    *(
        Case(
            f"a load balancer with defaults alone{' at a first preview' if preview else ''}",
            _bare,
            [
                fail("sec-alb-access-logs", "alb", "accessLogs.enabled"),
                fail("sec-alb-deletion-protection", "alb", "enableDeletionProtection"),
                fail("sec-alb-drop-invalid-headers", "alb", "dropInvalidHeaderFields"),
            ],
            preview=preview,
        )
        for preview in (False, True)
    ),
    Case(
        "one subnet",
        put("alb", "subnets", [Ref("public-a", "id")]),
        [fail("sec-alb-two-subnets", "alb", "subnets")],
        says="alb: subnets has 1; a load balancer needs two or more.",
    ),
    Case(
        "one subnet at a first preview",
        put("alb", "subnets", [Ref("public-a", "id")]),
        [fail("sec-alb-two-subnets", "alb", "subnets")],
        preview=True,
    ),
    Case(
        "one subnet twice",
        put("alb", "subnets", ["subnet-1", "subnet-1"]),
        [fail("sec-alb-two-subnets", "alb", "subnets")],
    ),
    Case("no subnet", drop("alb", "subnets"), [fail("sec-alb-two-subnets", "alb", "subnets")]),
    *(
        Case(
            f"a list of subnets that only dependencies tell: {' and '.join(names)}",
            put("alb", "subnets", Text(tuple(Ref(name, "id") for name in names))),
            found,
            preview=True,
        )
        for names, found in (
            (("public-a", "public-b"), []),
            (("public-a",), [undecided("sec-alb-two-subnets", "alb", "subnets")]),
            (("vpc",), [undecided("sec-alb-two-subnets", "alb", "subnets")]),
        )
    ),
    Case(
        "two subnets by mapping at a first preview",
        several(
            drop("alb", "subnets"),
            put("alb", "subnetMappings", [{"subnetId": "subnet-1"}, {"subnetId": Ref("public-b", "id")}]),
            lambda graph: graph.resources["alb"].computed.update(subnets=["subnet-1", "subnet-2"]),
        ),
        [],
        preview=True,
    ),
    Case("two subnets of which one is unknown", put("alb", "subnets", ["subnet-1", UNKNOWN]), []),
    Case(
        "two subnets by mapping",
        several(
            drop("alb", "subnets"),
            put("alb", "subnetMappings", [{"subnetId": "subnet-1"}, {"subnetId": "subnet-2"}]),
        ),
        [],
    ),
    Case(
        "one subnet by mapping",
        several(drop("alb", "subnets"), put("alb", "subnetMappings", [{"subnetId": "subnet-1"}])),
        [fail("sec-alb-two-subnets", "alb", "subnetMappings")],
    ),
    Case(
        "one subnet on an Outpost",
        several(put("alb", "subnets", ["subnet-1"]), put("alb", "customerOwnedIpv4Pool", "ipv4pool-coip-1")),
        [not_applicable("sec-alb-two-subnets", "alb")],
        says="alb is on an Outpost, where a load balancer has one subnet.",
    ),
    Case(
        "one subnet, perhaps on an Outpost",
        several(put("alb", "subnets", ["subnet-1"]), put("alb", "customerOwnedIpv4Pool", UNKNOWN)),
        [undecided("sec-alb-two-subnets", "alb", "customerOwnedIpv4Pool")],
    ),
    Case("two subnets, perhaps on an Outpost", put("alb", "customerOwnedIpv4Pool", UNKNOWN), []),
    Case(
        "no web ACL",
        _without_web_acl,
        [fail("sec-waf", "alb")],
        says="alb is public, and no web ACL is associated with it.",
    ),
    Case(
        "no web ACL at a first preview, type and scheme left to AWS",
        several(_bare, _without_web_acl),
        [
            fail("sec-alb-access-logs", "alb", "accessLogs.enabled"),
            fail("sec-alb-deletion-protection", "alb", "enableDeletionProtection"),
            fail("sec-alb-drop-invalid-headers", "alb", "dropInvalidHeaderFields"),
            fail("sec-waf", "alb"),
        ],
        preview=True,
    ),
    Case(
        "no web ACL on an internal load balancer",
        several(_without_web_acl, put("alb", "internal", True)),
        [not_applicable("sec-waf", "alb")],
        says="alb is internal.",
    ),
    Case("no web ACL elsewhere", put("firewall", "resourceArn", "arn:of:another:stack"), [fail("sec-waf", "alb")]),
    Case("a web ACL that the dependency tells", nothing, [], preview=True),
    Case(
        "a web ACL of nobody knows what",
        put("firewall", "resourceArn", UNKNOWN),
        [undecided("sec-waf", "alb", "resourceArn")],
    ),
    Case(
        "a web ACL of one of two load balancers, of which one is internal",
        _add_another,
        [not_applicable("sec-waf", "other"), undecided("sec-waf", "alb", "resourceArn")],
        preview=True,
    ),
    Case(
        "whether it is internal unknown, with a web ACL",
        put("alb", "internal", Ref("vpc", "id")),
        [],
        preview=True,
    ),
    Case(
        "whether it is internal unknown, without a web ACL",
        several(_without_web_acl, put("alb", "internal", Ref("vpc", "id"))),
        [undecided("sec-waf", "alb", "internal")],
        preview=True,
    ),
]
