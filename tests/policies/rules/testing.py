"""Changes to how a new version is tried."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, put, several, undecided
from tests.policies.graph import Change, Graph, Ref
from tests.policies.stacks import classic, inline_rules, native, native_nlb, nlb, older_rules
from value import UNKNOWN

PAIR = "loadBalancerInfo.targetGroupPairInfo"
TEST = f"{PAIR}.testTrafficRoute.listenerArns[0]"
ADVANCED = "loadBalancers[0].advancedConfiguration"
CLOSED = "bg-test-listener-not-public"
NO_TEST = [fail("bg-test-listener", "group", f"{PAIR}.testTrafficRoute")]


def _add_other_balancer(graph: Graph) -> None:
    graph.add("nlb", "aws:lb/loadBalancer:LoadBalancer", {**graph["alb"], "name": "nlb"}, arn="arn:nlb")
    graph.put("test", "loadBalancerArn", Ref("nlb", "arn"))


def _add_third_listener(graph: Graph) -> None:
    graph.add("third", graph.resources["test"].type, {**graph["test"], "port": 9443.0}, arn="arn:third")
    graph.put("group", f"{PAIR}.also", Ref("third", "arn"))


def _written_out(graph: Graph) -> None:
    """Writes references out, so that no dependency tells them."""
    graph.put("group", "loadBalancerInfo", graph.inputs("group")["loadBalancerInfo"])


def _chosen_groups(graph: Graph) -> None:
    graph.resources["alb"].computed["securityGroups"] = UNKNOWN


def _opened(port: float = 8443.0, **source: object) -> Change:
    """Lets somebody more reach a port of the load balancer."""
    source = source or {"cidrIpv4": "0.0.0.0/0"}

    def change(graph: Graph) -> None:
        office = {prop: value for prop, value in graph["office-test"].items() if not prop.startswith("cidr")}
        opened = {**office, **source, "fromPort": port, "toPort": port}
        graph.add("testers", graph.resources["office-test"].type, opened, id="sgr-testers")

    return change


def _add_first_block(graph: Graph) -> None:
    """A block before the other whose test rule nothing tells."""
    blocks = graph.inputs("service")["loadBalancers"]
    first = {**blocks[0], "advancedConfiguration": {"testListenerRule": UNKNOWN}}
    graph.put("service", "loadBalancers", [first, *blocks])


def _at_production(graph: Graph) -> None:
    """The test rule on the production listener, by a header."""
    graph.put("test-rule", "listenerArn", Ref("https", "arn"))
    graph.put("test-rule", "conditions", [{"httpHeader": {"httpHeaderName": "x-test", "values": ["1"]}}])


TEST_CASES = [
    *(
        Case(
            f"no test listener{' at a first preview' if preview else ''}",
            drop("group", f"{PAIR}.testTrafficRoute"),
            [fail("bg-test-listener", "group", f"{PAIR}.testTrafficRoute")],
            preview=preview,
            says=f"group: {PAIR}.testTrafficRoute is not set.",
        )
        for preview in (False, True)
    ),
    Case("no test listener in dev", drop("group", f"{PAIR}.testTrafficRoute"), NO_TEST, stack=lambda: classic("dev")),
    Case(
        "an empty test route",
        put("group", f"{PAIR}.testTrafficRoute", {"listenerArns": []}),
        NO_TEST,
    ),
    Case(
        "no test listener, nor wanted",
        drop("group", f"{PAIR}.testTrafficRoute"),
        [],
        config={"bg-test-listener": {"required": False}},
    ),
    Case(
        "the production listener, for tests too",
        put("group", TEST, Ref("https", "arn")),
        [fail("bg-test-listener", "group", TEST)],
        config={"bg-test-listener": {"required": False}},
        says=f"group: {TEST} is the production listener too.",
    ),
    Case(
        "the production listener, for tests too, at a first preview",
        put("group", TEST, Ref("https", "arn")),
        [fail("bg-test-listener", "group", TEST)],
        preview=True,
        says=f"group: {TEST} is https, the production listener.",
    ),
    *(
        Case(
            f"a test listener at the port of the production listener{' at a first preview' if preview else ''}",
            several(_add_other_balancer, put("test", "port", 443.0)),
            [
                fail("bg-prod-listener-wired", "group", PAIR),
                fail("bg-test-listener", "group", TEST),
                *([undecided(CLOSED, "group", TEST)] if preview else []),
            ],
            preview=preview,
        )
        for preview in (False, True)
    ),
    Case(
        "the same port",
        put("test", "port", 443.0),
        [fail("bg-test-listener", "group", TEST)],
        says=f"group: {TEST} has port 443, as the production listener.",
    ),
    *(
        Case(
            f"a {route} of another stack{' at a first preview' if preview else ''}",
            put("group", f"{PAIR}.{route}.listenerArns[0]", "arn:elsewhere"),
            [],
            preview=preview,
        )
        for route in ("testTrafficRoute", "prodTrafficRoute")
        for preview in (False, True)
    ),
    Case(
        "a deployment group for servers",
        several(
            *(drop("group", prop) for prop in ("ecsService", "loadBalancerInfo")),
            lambda graph: graph.resources["group"].computed.update(computePlatform="Server"),
        ),
        [],
    ),
    Case(
        "a test listener that nothing tells",
        several(_written_out, put("group", TEST, UNKNOWN)),
        [
            undecided("bg-prod-listener-wired", "group", TEST),
            undecided("bg-test-listener", "group", TEST),
            undecided("bg-test-listener-not-public", "group", TEST),
        ],
    ),
    Case(
        "an unknown port",
        put("test", "port", UNKNOWN),
        [
            undecided("bg-test-listener", "group", "port"),
            undecided("bg-test-listener-not-public", "group", "port"),
        ],
    ),
    Case(
        "one of three listeners",
        several(_add_third_listener, _opened()),
        [undecided("bg-test-listener", "group", TEST), undecided(CLOSED, "group", TEST)],
        preview=True,
    ),
]

PUBLIC_CASES = [
    *(
        Case(
            f"a test listener that {prop} {source} reaches",
            _opened(**{prop: source}),
            [fail(CLOSED, "testers", prop)],
            stack=stack,
            preview=preview,
            says=f"testers: {prop} may reach port 8443 of test, a test listener.",
        )
        for prop, source in (("cidrIpv4", "0.0.0.0/0"), ("cidrIpv6", "::/0"))
        for stack in (classic, native, nlb, native_nlb)
        for preview in (False, True)
    ),
    Case(
        "an inline rule",
        lambda graph: graph["lb-sg"]["ingress"][1].update(cidrBlocks=["10.0.0.0/8", "0.0.0.0/0"]),
        [fail(CLOSED, "lb-sg", "ingress[1].cidrBlocks[1]")],
        stack=inline_rules,
    ),
    Case(
        "a rule of the older form, over a range of ports",
        several(put("office-test", "fromPort", 8000.0), put("office-test", "cidrBlocks", ["0.0.0.0/0"])),
        [fail(CLOSED, "office-test", "cidrBlocks[0]")],
        stack=older_rules,
    ),
    Case(
        "all protocols", several(_opened(), put("testers", "ipProtocol", "-1")), [fail(CLOSED, "testers", "cidrIpv4")]
    ),
    Case("another port", _opened(8444.0), []),
    Case("another protocol", several(_opened(), put("testers", "ipProtocol", "icmp")), []),
    Case("a group", _opened(referencedSecurityGroupId=Ref("task-sg", "id")), []),
    Case("a wide range, but not the world", _opened(cidrIpv4="128.0.0.0/1"), []),
    *(
        Case(
            f"{source} where {allowed} may test",
            several(_opened(**{prop: source}), lambda graph: graph.resources.pop("office-test")),
            [] if is_allowed else [fail(CLOSED, "testers", prop)],
            config={CLOSED: {"allowedCidrs": allowed}},
        )
        for prop, source, allowed, is_allowed in (
            ("cidrIpv4", "0.0.0.0/0", ["0.0.0.0/0"], True),
            ("cidrIpv4", "10.1.0.0/16", ["192.0.2.0/24", "10.0.0.0/8"], True),
            ("cidrIpv4", "10.0.0.0/7", ["10.0.0.0/8"], False),
            ("cidrIpv4", "10.0.0.0/8", ["::/0"], False),
            ("cidrIpv6", "2001:db8::/48", ["2001:db8::/32"], True),
            ("cidrIpv4", "10.0.0.0/8", ["nonsense"], False),
            ("cidrIpv4", "nonsense", ["10.0.0.0/8"], False),
        )
    ),
    Case(
        "an internal load balancer",
        several(_opened(), put("alb", "internal", True)),
        [],
    ),
    Case(
        "a load balancer that is public because nothing else is said, at a first preview",
        several(
            _opened(), drop("alb", "internal"), lambda graph: graph.resources["alb"].computed.update(internal=False)
        ),
        [fail(CLOSED, "testers", "cidrIpv4")],
        preview=True,
    ),
    Case(
        "a load balancer that may be internal",
        several(_opened(), put("alb", "internal", UNKNOWN)),
        [undecided(CLOSED, "group", "internal")],
    ),
    Case(
        "an internal load balancer where nobody outside may test",
        several(_opened(), put("alb", "internal", UNKNOWN), put("testers", "cidrIpv4", "192.0.2.0/24")),
        [],
    ),
    *(
        Case(
            f"a load balancer {how}",
            several(_opened(), change),
            [(CLOSED, "group", "", "not applicable")],
            stack=nlb,
            says="group is tested through alb, which is given no security group.",
        )
        for how, change in (
            ("without security groups", put("alb", "securityGroups", [])),
            ("whose groups AWS chooses", several(drop("alb", "securityGroups"), _chosen_groups)),
        )
    ),
    Case(
        "security groups of another stack",
        several(_opened(), put("alb", "securityGroups", ["sg-elsewhere"])),
        [],
    ),
    Case(
        "an unknown range leaves the next judged",
        several(_opened(), put("office-test", "cidrIpv4", UNKNOWN)),
        [fail(CLOSED, "testers", "cidrIpv4"), undecided(CLOSED, "group", "cidrIpv4")],
    ),
    Case(
        "unknown ports leave the next rule judged",
        several(_opened(), put("office-test", "fromPort", UNKNOWN)),
        [fail(CLOSED, "testers", "cidrIpv4"), undecided(CLOSED, "group", "fromPort")],
    ),
    Case(
        "a rule of which nothing tells the group leaves the next judged",
        several(_opened(), put("office-test", "securityGroupId", UNKNOWN)),
        [fail(CLOSED, "testers", "cidrIpv4"), undecided(CLOSED, "group", "securityGroupId")],
    ),
    Case("a test rule on the production listener", _at_production, [], stack=native),
    Case("a test rule on the production listener, at a first preview", _at_production, [], stack=native, preview=True),
    Case("no test rule", drop("service", f"{ADVANCED}.testListenerRule"), [], stack=native),
    Case(
        "a test rule that nothing tells",
        several(
            lambda graph: graph.put("service", "loadBalancers", graph.inputs("service")["loadBalancers"]),
            put("service", f"{ADVANCED}.testListenerRule", UNKNOWN),
        ),
        [undecided(CLOSED, "service", f"{ADVANCED}.testListenerRule")],
        stack=native,
    ),
    Case(
        "a test rule that nothing tells leaves that of the next block judged",
        several(_opened(), _add_first_block),
        [fail(CLOSED, "testers", "cidrIpv4"), undecided(CLOSED, "service", f"{ADVANCED}.testListenerRule")],
        stack=native,
    ),
    Case(
        "two unusual ports at a first preview, one of them open",
        several(_opened(9443.0), put("https", "port", 9443.0)),
        [undecided(CLOSED, "group", TEST)],
        preview=True,
    ),
    Case(
        "two unusual ports at a first preview, none of them open",
        put("https", "port", 9443.0),
        [],
        preview=True,
    ),
    Case("two unusual ports, production open", several(_opened(9443.0), put("https", "port", 9443.0)), []),
    Case(
        "two usual ports at a first preview",
        put("test", "port", 80.0),
        [undecided(CLOSED, "group", TEST)],
        preview=True,
    ),
]

CASES = [*TEST_CASES, *PUBLIC_CASES]
