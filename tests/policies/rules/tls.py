"""Changes to what listeners encrypt."""

from __future__ import annotations

from typing import Any

from tests.policies.cases import Case, drop, fail, not_applicable, put, several, undecided
from tests.policies.graph import Change, Graph, Ref
from tests.policies.stacks import alb_tokens, classic, native, native_nlb, nlb, two_services
from value import UNKNOWN

RULE = "sec-alb-tls"
FORWARD = [{"type": "forward", "targetGroupArn": Ref("blue", "arn")}]
REDIRECT = [{"type": "redirect", "redirect": {"port": "443", "protocol": "HTTPS", "statusCode": "HTTP_301"}}]
ROUTES = "loadBalancerInfo.targetGroupPairInfo"
PLAIN = [fail(RULE, "https", "protocol")]
OLD = [fail(RULE, "https", "sslPolicy")]


def _left_to_aws(prop: str, value: Any) -> Change:
    """An input that the program does not give, and the provider tells later."""

    def change(graph: Graph) -> None:
        graph.drop("https", prop)
        graph.resources["https"].computed[prop] = value

    return change


def _add_listener(**inputs: Any) -> Change:
    """A listener that no release knows of."""

    def change(graph: Graph) -> None:
        default = {"loadBalancerArn": Ref("alb", "arn"), "port": 80.0, "protocol": "HTTP", "defaultActions": FORWARD}
        graph.add("http", graph.resources["https"].type, {**default, **inputs}, arn="arn:http", sslPolicy="")

    return change


def _add_rule(**inputs: Any) -> Change:
    """A rule of the listener that redirects."""

    def change(graph: Graph) -> None:
        default = {"listenerArn": Ref("http", "arn"), "actions": FORWARD}
        graph.add("exception", graph.resources["prod-rule"].type, {**default, **inputs}, arn="arn:rule")

    return change


def _plain_routes(graph: Graph) -> None:
    """Writes the routes of the deployment group out, so that no dependency tells them."""
    graph.put("group", "loadBalancerInfo", graph.inputs("group")["loadBalancerInfo"])
    graph.put("group", f"{ROUTES}.testTrafficRoute.listenerArns[0]", UNKNOWN)


CASES = [
    Case(
        "plain HTTP",
        put("https", "protocol", "HTTP"),
        PLAIN,
        says="https: protocol is HTTP, and the default action does not redirect to HTTPS.",
    ),
    Case("plain HTTP, released by ECS", put("https", "protocol", "HTTP"), PLAIN, stack=native),
    Case("plain HTTP by the twin token", put("https", "protocol", "HTTP"), PLAIN, stack=alb_tokens),
    Case("plain HTTP in dev", put("https", "protocol", "HTTP"), [], stack=lambda: classic("dev")),
    *(
        Case(
            f"a protocol that is left to AWS{' at a first preview' if preview else ''}",
            several(_left_to_aws("protocol", "HTTP"), drop("group", f"{ROUTES}.testTrafficRoute")),
            PLAIN,
            preview=preview,
        )
        for preview in (False, True)
    ),
    Case("a listener that no release knows of", _add_listener(), [fail(RULE, "http", "protocol")]),
    Case(
        "a listener that no release knows of, at a first preview",
        _add_listener(),
        [fail(RULE, "http", "protocol")],
        preview=True,
    ),
    Case(
        "plain HTTP at a first preview, when the listener may be the one for tests",
        put("https", "protocol", "HTTP"),
        [undecided(RULE, "https", f"{ROUTES}.testTrafficRoute.listenerArns[0]")],
        preview=True,
    ),
    Case(
        "plain HTTP at a first preview, when there is no listener for tests",
        several(put("https", "protocol", "HTTP"), drop("group", f"{ROUTES}.testTrafficRoute")),
        PLAIN,
        preview=True,
    ),
    Case("a redirect", _add_listener(defaultActions=REDIRECT), []),
    Case("a redirect, the second of two actions", _add_listener(defaultActions=[{"type": "x"}, *REDIRECT]), []),
    Case("a redirect beside two services", lambda graph: graph.put("http", "port", 8080.0), [], stack=two_services),
    *(
        Case(
            f"a redirect to {protocol}",
            _add_listener(defaultActions=[{"type": "redirect", "redirect": {"protocol": protocol}}]),
            [fail(RULE, "http", "protocol")],
        )
        for protocol in ("HTTP", "#{protocol}", None)
    ),
    Case(
        "a redirect of which one rule is an exception",
        several(_add_listener(defaultActions=REDIRECT), _add_rule()),
        [fail(RULE, "exception", "actions")],
        says="exception: actions forwards what listener http takes by plain HTTP.",
    ),
    Case(
        "a redirect of which one rule forwards after a login",
        several(_add_listener(defaultActions=REDIRECT), _add_rule(actions=[{"type": "authenticate-oidc"}, *FORWARD])),
        [fail(RULE, "exception", "actions")],
    ),
    Case(
        "a redirect of which one rule is another redirect",
        several(_add_listener(defaultActions=REDIRECT), _add_rule(actions=REDIRECT)),
        [],
    ),
    Case(
        "a rule of a listener that is found wanting itself",
        several(_add_listener(), _add_rule()),
        [fail(RULE, "http", "protocol")],
    ),
    Case(
        "a rule with unknown actions",
        several(_add_listener(defaultActions=REDIRECT), _add_rule(actions=UNKNOWN)),
        [undecided(RULE, "exception", "actions")],
    ),
    Case(
        "a rule of nobody knows which listener",
        several(_add_listener(defaultActions=REDIRECT), _add_rule(listenerArn=UNKNOWN)),
        [undecided(RULE, "exception", "listenerArn")],
    ),
    Case(
        "an old policy",
        put("https", "sslPolicy", "ELBSecurityPolicy-2016-08"),
        OLD,
        says="https: sslPolicy is ELBSecurityPolicy-2016-08, none of the policies that are allowed.",
    ),
    *(
        Case(f"policy {policy}", put("https", "sslPolicy", policy), found)
        for policy, found in (
            ("ELBSecurityPolicy-TLS13-1-3-2021-06", []),
            ("ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04", []),
            ("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", []),
            ("ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04", []),
            ("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", OLD),
            ("ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-2023-04", OLD),
            ("ELBSecurityPolicy-TLS13-1-1-2021-06", OLD),
            ("ELBSecurityPolicy-TLS-1-2-2017-01", OLD),
            (None, OLD),
        )
    ),
    *(
        Case(
            f"a policy that is left to AWS{' at a first preview' if preview else ''}",
            several(_left_to_aws("sslPolicy", ""), drop("group", f"{ROUTES}.testTrafficRoute")),
            OLD,
            preview=preview,
            says="https: sslPolicy is not set, and AWS then takes ELBSecurityPolicy-2016-08, which accepts TLS 1.0.",
        )
        for preview in (False, True)
    ),
    Case(
        "an old policy, allowed",
        put("https", "sslPolicy", "ELBSecurityPolicy-FS-1-2-Res-2020-10"),
        [],
        config={RULE: {"policies": ["ELBSecurityPolicy-FS-1-2-*", "ELBSecurityPolicy-TLS13-1-2-2021-06"]}},
    ),
    Case(
        "policies for TLS 1.3 alone",
        put("test", "protocol", "HTTP"),
        [*OLD, not_applicable(RULE, "test")],
        config={RULE: {"policies": ["ELBSecurityPolicy-TLS13-1-3-*"]}},
    ),
    Case(
        "plain HTTP for tests alone",
        put("test", "protocol", "HTTP"),
        [not_applicable(RULE, "test")],
        says="test takes test traffic only.",
    ),
    Case(
        "plain HTTP for tests alone, released by ECS",
        put("test", "protocol", "HTTP"),
        [not_applicable(RULE, "test")],
        stack=native,
    ),
    Case(
        "plain HTTP for tests alone, released by ECS through a Network Load Balancer",
        put("test", "sslPolicy", None),
        [not_applicable(RULE, "test")],
        stack=native_nlb,
    ),
    Case(
        "plain HTTP for the tests of one service and the users of another",
        several(
            put("test", "protocol", "HTTP"),
            put(
                "api-service", "loadBalancers[0].advancedConfiguration.productionListenerRule", Ref("test-rule", "arn")
            ),
        ),
        [fail(RULE, "test", "protocol")],
        stack=two_services,
    ),
    Case(
        "a listener for tests that nothing tells",
        several(_plain_routes, _add_listener()),
        [undecided(RULE, "http", f"{ROUTES}.testTrafficRoute.listenerArns[0]")],
    ),
    Case(
        "a listener for tests that nothing tells leaves production judged",
        several(_plain_routes, put("https", "protocol", "HTTP")),
        PLAIN,
    ),
    Case(
        "an internal load balancer",
        several(put("https", "protocol", "HTTP"), put("alb", "internal", True)),
        [not_applicable(RULE, "https")],
        says="https is on an internal load balancer.",
    ),
    Case(
        "an internal load balancer, judged too",
        several(put("https", "protocol", "HTTP"), put("alb", "internal", True)),
        PLAIN,
        config={RULE: {"internal": True}},
    ),
    Case(
        "a load balancer of another stack",
        several(put("https", "protocol", "HTTP"), put("https", "loadBalancerArn", "arn:of:another:stack")),
        [],
    ),
    Case(
        "a load balancer of nobody knows which stack",
        several(put("https", "protocol", "HTTP"), put("https", "loadBalancerArn", UNKNOWN)),
        [undecided(RULE, "https", "loadBalancerArn")],
    ),
    Case(
        "an unknown protocol",
        put("https", "protocol", Ref("vpc", "id")),
        [undecided(RULE, "https", "protocol")],
        preview=True,
    ),
    Case(
        "an unknown policy",
        put("https", "sslPolicy", Ref("vpc", "id")),
        [undecided(RULE, "https", "sslPolicy")],
        preview=True,
    ),
    Case("TLS that a Network Load Balancer ends", put("https", "sslPolicy", None), OLD, stack=nlb),
    Case(
        "TCP",
        put("https", "protocol", "TCP"),
        [not_applicable(RULE, "https")],
        stack=nlb,
        says="https passes connections on as they are: its targets may encrypt them.",
    ),
    Case(
        "a Gateway Load Balancer",
        several(drop("https", "protocol"), put("alb", "loadBalancerType", "gateway")),
        [not_applicable(RULE, "https")],
        stack=nlb,
        says="https is behind a Gateway Load Balancer.",
    ),
]
