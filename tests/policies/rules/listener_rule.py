"""Changes to the listener rules that ECS moves traffic by."""

from __future__ import annotations

from typing import Any

from tests.policies.cases import Case, drop, fail, nothing, put, several, undecided
from tests.policies.graph import Change, Graph, Ref
from tests.policies.stacks import classic, mesh, native, native_nlb, two_services
from value import UNKNOWN

ADVANCED = "loadBalancers[0].advancedConfiguration"
PRODUCTION, TEST = f"{ADVANCED}.productionListenerRule", f"{ADVANCED}.testListenerRule"
WIRED, TESTED = "native-prod-rule-wired", "native-test-rule"
ELSEWHERE = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/far/1/2/3"


def _native(name: str, change: Change, *expected: Any, **more: Any) -> Case:
    return Case(name, change, [*expected], **{"stack": native, **more})


def _both(name: str, change: Change, *expected: Any, **more: Any) -> list[Case]:
    """A case that a first preview decides as well."""
    return [
        _native(f"{name}{', first preview' if preview else ''}", change, *expected, preview=preview, **more)
        for preview in (False, True)
    ]


def _forward(rule: str, *groups: str) -> Change:
    """Lets a rule forward to these groups alone."""
    targets = [{"arn": Ref(group, "arn"), "weight": 1.0} for group in groups]
    return put(rule, "actions", [{"type": "forward", "forward": {"targetGroups": targets}}])


def _default(listener: str, *groups: str) -> Change:
    targets = [{"arn": Ref(group, "arn"), "weight": 1.0} for group in groups]
    return put(listener, "defaultActions", [{"type": "forward", "forward": {"targetGroups": targets}}])


def _add_group(graph: Graph) -> None:
    group = graph.resources["blue"]
    graph.add("third", group.type, {**group.inputs, "name": "third"}, arn="arn:third", arnSuffix="third")


def _add_block(graph: Graph) -> None:
    """A second block, between two more groups and by two more rules."""
    for name in ("third", "fourth"):
        group = graph.resources["blue"]
        graph.add(name, group.type, {**group.inputs, "name": name}, arn=f"arn:{name}", arnSuffix=name)
    for name, old in (("prod-rule-2", "prod-rule"), ("test-rule-2", "test-rule")):
        rule = graph.resources[old]
        inputs = {**rule.inputs, "conditions": [{"hostHeader": {"values": ["two.example.com"]}}], "priority": 50.0}
        graph.add(name, rule.type, inputs, arn=f"{rule.computed['arn']}-2")
        _forward(name, "third", "fourth")(graph)
    first = graph["service"]["loadBalancers"][0]
    advanced = {
        **first["advancedConfiguration"],
        "alternateTargetGroupArn": Ref("fourth", "arn"),
        "productionListenerRule": Ref("prod-rule-2", "arn"),
        "testListenerRule": Ref("test-rule-2", "arn"),
    }
    second = {**first, "targetGroupArn": Ref("third", "arn"), "advancedConfiguration": advanced}
    graph["service"]["loadBalancers"].append(second)


WIRED_CASES = [
    *_both("the known-good stack", nothing),
    *_both("a network load balancer", nothing, stack=native_nlb),
    *_both("two services on one load balancer", nothing, stack=two_services),
    *_both(
        "production on blue, tests on green", several(_forward("prod-rule", "blue"), _forward("test-rule", "green"))
    ),
    *_both(
        "production on blue, tests on green, after a release",
        several(_forward("prod-rule", "green"), _forward("test-rule", "blue")),
    ),
    *(
        _native(
            f"green on neither rule{', first preview' if preview else ''}",
            several(_forward("prod-rule", "blue"), _forward("test-rule", "blue")),
            fail(WIRED, "service", PRODUCTION),
            preview=preview,
            says=f"service: {PRODUCTION} is {names}, and neither that nor a test listener rule forwards to green.",
        )
        for preview, names in ((False, "prod-rule"), (True, "prod-rule or test-rule"))
    ),
    *_both(
        "green on the production rule's neighbour alone",
        several(_forward("prod-rule", "blue"), drop("service", TEST)),
        fail(WIRED, "service", PRODUCTION),
        fail(TESTED, "service", TEST),
    ),
    _native(
        "a production rule that serves another service, in words",
        several(_add_group, _forward("prod-rule", "third")),
        fail(WIRED, "service", PRODUCTION),
        says=f"service: {PRODUCTION} is prod-rule, which forwards to neither target group.",
    ),
    _native(
        "one of two rules that serves another service",
        several(_add_group, _forward("prod-rule", "third")),
        undecided(WIRED, "service", PRODUCTION),
        preview=True,
    ),
    *_both(
        "a listener, behind an Application Load Balancer",
        several(put("service", PRODUCTION, Ref("https", "arn")), put("service", TEST, Ref("test", "arn"))),
        fail(WIRED, "service", PRODUCTION),
    ),
    _native(
        "a listener, as the service itself tells",
        put("service", PRODUCTION, Ref("https", "arn")),
        fail(WIRED, "service", PRODUCTION),
        says=f"service: {PRODUCTION} is neither the ARN of an Application Load Balancer's listener rule "
        "nor that of a Network Load Balancer's listener.",
    ),
    _native(
        "a listener, as dependencies tell",
        several(put("service", PRODUCTION, Ref("https", "arn")), drop("service", TEST)),
        fail(WIRED, "service", PRODUCTION),
        fail(TESTED, "service", TEST),
        preview=True,
    ),
    _native(
        "a listener beside a rule, one of which is production",
        put("service", PRODUCTION, Ref("https", "arn")),
        undecided(WIRED, "service", PRODUCTION),
        preview=True,
    ),
    _native("no reference at all", put("service", PRODUCTION, "prod-rule"), fail(WIRED, "service", PRODUCTION)),
    _native(
        "a rule, behind a Network Load Balancer",
        put("alb", "loadBalancerType", "network"),
        fail(WIRED, "service", PRODUCTION),
        says=f"service: {PRODUCTION} is prod-rule, a listener rule; "
        "behind a Network Load Balancer ECS needs the listener.",
    ),
    *_both(
        "a Network Load Balancer's listener on blue alone",
        several(_default("https", "blue"), _default("test", "blue")),
        stack=native_nlb,
    ),
    _native(
        "a Network Load Balancer's listener on another group",
        several(_add_group, _default("https", "third")),
        fail(WIRED, "service", PRODUCTION),
        stack=native_nlb,
    ),
    _native("a production rule of another stack", put("service", PRODUCTION, ELSEWHERE)),
    _native(
        "a test rule of another stack",
        several(_forward("prod-rule", "blue"), put("service", TEST, ELSEWHERE)),
    ),
    _native(
        "a listener of another stack's load balancer",
        put("https", "loadBalancerArn", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/far/1"),
        stack=native_nlb,
    ),
    _native(
        "target groups of another stack",
        several(
            put("service", "loadBalancers[0].targetGroupArn", "arn:aws:elasticloadbalancing:x:1:targetgroup/a/1"),
            put("service", f"{ADVANCED}.alternateTargetGroupArn", "arn:aws:elasticloadbalancing:x:1:targetgroup/b/1"),
        ),
        fail(WIRED, "service", PRODUCTION),
        says=f"service: {PRODUCTION} is prod-rule, and neither that nor a test listener rule "
        "forwards to one of the target groups.",
    ),
    _native("no alternate target group", drop("service", f"{ADVANCED}.alternateTargetGroupArn")),
    _native("no production rule", drop("service", PRODUCTION)),
    _native("two blocks", _add_block),
    _native(
        "two blocks, first preview",
        _add_block,
        undecided(WIRED, "service", PRODUCTION),
        undecided(WIRED, "service", PRODUCTION.replace("[0]", "[1]")),
        preview=True,
    ),
    _native("only Service Connect", nothing, stack=mesh),
    Case("a service that CodeDeploy releases", nothing, [], stack=classic),
    _native(
        "the second of two blocks, released to a group that no rule serves",
        several(_add_block, _forward("prod-rule-2", "third"), _forward("test-rule-2", "third")),
        fail(WIRED, "service", PRODUCTION.replace("[0]", "[1]")),
    ),
    _native(
        "the second of two blocks, released to a group that no rule serves, first preview",
        several(_add_block, _forward("prod-rule-2", "third"), _forward("test-rule-2", "third")),
        undecided(WIRED, "service", PRODUCTION),
        undecided(WIRED, "service", PRODUCTION.replace("[0]", "[1]")),
        preview=True,
    ),
    _native(
        "a test rule whose actions nothing tells",
        several(_forward("prod-rule", "blue"), put("test-rule", "actions", UNKNOWN)),
        undecided(WIRED, "service", "actions"),
    ),
    _native(
        "actions that nothing tells",
        several(put("prod-rule", "actions", UNKNOWN), _forward("test-rule", "blue")),
        undecided(WIRED, "service", "actions"),
    ),
    _native(
        "an unknown production rule that nothing tells",
        several(put("service", PRODUCTION, UNKNOWN), put("service", TEST, ELSEWHERE)),
        undecided(WIRED, "service", PRODUCTION),
    ),
]


def _share_listener(rule: dict[str, Any], production: dict[str, Any] | None = None) -> Change:
    """Puts the test rule on the production listener, both with more inputs."""

    def change(graph: Graph) -> None:
        graph["test-rule"].update({"listenerArn": Ref("https", "arn"), **rule})
        graph["prod-rule"].update(production or {})

    return change


def _header(value: str, name: str = "x-test") -> dict[str, Any]:
    return {"httpHeader": {"httpHeaderName": name, "values": [value]}}


def _path(*patterns: str) -> dict[str, Any]:
    return {"pathPattern": {"values": [*patterns]}}


HIDDEN = fail(TESTED, "test-rule", "priority")
REACHABLE_CASES = [
    _native("no test rule", drop("service", TEST), fail(TESTED, "service", TEST), says=f"service: {TEST} is not set."),
    _native(
        "no test rule where none is required",
        drop("service", TEST),
        config={TESTED: {"required": False}},
    ),
    _native("no advanced configuration at all", drop("service", ADVANCED)),
    *_both(
        "one rule for both",
        put("service", TEST, Ref("prod-rule", "arn")),
        fail(TESTED, "service", TEST),
        says=f"service: {TEST} is the production listener rule too.",
    ),
    _native(
        "one rule for both, although none is required",
        put("service", TEST, Ref("prod-rule", "arn")),
        fail(TESTED, "service", TEST),
        config={TESTED: {"required": False}},
    ),
    _native("in dev", drop("service", TEST), fail(TESTED, "service", TEST), stack=lambda: native("dev")),
    *_both(
        "tests by a header, asked first",
        _share_listener({"priority": 5.0, "conditions": [_path("/*"), _header("1")]}),
    ),
    _native(
        "tests by a header, asked last",
        _share_listener({"priority": 200.0, "conditions": [_path("/*"), _header("1")]}),
        HIDDEN,
        says="test-rule: priority is 200, but prod-rule with 100 takes all of its requests before it.",
    ),
    _native(
        "one of two rules is hidden, first preview",
        _share_listener({"priority": 200.0, "conditions": [_header("1")]}),
        undecided(TESTED, "service", TEST),
        preview=True,
    ),
    _native(
        "a hidden rule that only dependencies tell",
        several(
            _share_listener({"priority": 200.0, "conditions": [_header("1")]}),
            put("service", PRODUCTION, ELSEWHERE),
        ),
        HIDDEN,
        preview=True,
    ),
    _native(
        "the same conditions, asked last",
        _share_listener({"priority": 200.0, "conditions": [_path("/app/*")]}, {"conditions": [_path("/app/*")]}),
        HIDDEN,
    ),
    _native(
        "wider conditions elsewhere on the listener",
        several(
            _share_listener(
                {"priority": 50.0, "conditions": [_path("/app/test/*")]}, {"conditions": [_path("/app/*")]}
            ),
            lambda graph: graph.add(
                "other-rule",
                "aws:lb/listenerRule:ListenerRule",
                {"listenerArn": Ref("https", "arn"), "priority": 20.0, "conditions": [_path("/app/*", "/x")]},
                arn="arn:other-rule",
            ),
        ),
        HIDDEN,
        says="test-rule: priority is 50, but other-rule with 20 takes all of its requests before it.",
    ),
    _native(
        "other conditions, asked last",
        _share_listener({"priority": 200.0, "conditions": [_path("/test/*")]}, {"conditions": [_path("/app/*")]}),
    ),
    _native(
        "narrower conditions before it",
        _share_listener(
            {"priority": 200.0, "conditions": [_path("/*")]}, {"conditions": [_path("/*"), _header("1", "x-shop")]}
        ),
    ),
    _native(
        "the last priority, which AWS gives to a rule that has none",
        several(_share_listener({"conditions": [_header("1")]}), drop("test-rule", "priority")),
        HIDDEN,
        says="test-rule: priority is not set, but prod-rule with 100 takes all of its requests before it.",
    ),
    _native(
        "a neighbour without a priority",
        several(_share_listener({"conditions": [_header("1")]}), drop("prod-rule", "priority")),
    ),
    _native(
        "an unknown priority",
        _share_listener({"priority": UNKNOWN, "conditions": [_header("1")]}),
        undecided(TESTED, "service", "priority"),
    ),
    _native(
        "an unknown priority that does not matter",
        _share_listener({"priority": UNKNOWN, "conditions": [_path("/test/*")]}, {"conditions": [_path("/app/*")]}),
    ),
    _native(
        "conditions that nothing tells",
        _share_listener({"priority": 200.0, "conditions": UNKNOWN}),
        undecided(TESTED, "service", "conditions"),
    ),
    _native(
        "a listener that nothing tells",
        put("test-rule", "listenerArn", UNKNOWN),
        undecided(TESTED, "service", "listenerArn"),
    ),
    _native("a test rule of another stack", put("service", TEST, ELSEWHERE)),
    _native(
        "one unknown block leaves the next judged",
        several(
            _add_block,
            put("service", "loadBalancers[0].advancedConfiguration", UNKNOWN),
            drop("service", TEST.replace("[0]", "[1]")),
        ),
        undecided(TESTED, "service", ADVANCED),
        undecided(WIRED, "service", ADVANCED),
        fail(TESTED, "service", TEST.replace("[0]", "[1]")),
    ),
    _native(
        "a listener that nothing tells leaves the next block judged",
        several(
            _add_block,
            put("test-rule", "listenerArn", UNKNOWN),
            put("test-rule-2", "priority", 200.0),
            lambda graph: graph["test-rule-2"].update(listenerArn=Ref("https", "arn")),
        ),
        undecided(TESTED, "service", "listenerArn"),
        fail(TESTED, "test-rule-2", "priority"),
    ),
    _native(
        "two blocks that share a rule, first preview",
        several(_add_block, put("service", TEST.replace("[0]", "[1]"), Ref("test-rule", "arn"))),
        undecided(TESTED, "service", TEST),
        undecided(TESTED, "service", TEST.replace("[0]", "[1]")),
        undecided(WIRED, "service", PRODUCTION),
        undecided(WIRED, "service", PRODUCTION.replace("[0]", "[1]")),
        preview=True,
    ),
    _native(
        "an unknown advanced configuration",
        put("service", ADVANCED, UNKNOWN),
        undecided(TESTED, "service", ADVANCED),
        undecided(WIRED, "service", ADVANCED),
    ),
]


CASES = [*WIRED_CASES, *REACHABLE_CASES]
