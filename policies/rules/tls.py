"""Which listeners must encrypt what they take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial

from aws import DEPLOYMENT_GROUP, LISTENER, LISTENER_RULE, LOAD_BALANCER, SERVICE
from finding import shown
from judge import Judge
from release import listener_keys, target_pair
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Undecided, Value, all_true, any_true, each

tls = Rule(
    id="sec-alb-tls",
    level=Level.PRODUCTION,
    severity=Severity.HIGH,
    description="In production, public listeners encrypt, or send HTTP to HTTPS.",
    why="Whoever stands between a user and an unencrypted listener reads and changes what both say, sessions and "
    "passwords included. A security policy that takes TLS 1.0 is not much better.",
    fix="""\
  aws.lb.Listener("https", ...,
-     ssl_policy="ELBSecurityPolicy-2016-08",
+     ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
  )
  aws.lb.Listener("http", ...,
      port=80,
      protocol="HTTP",
-     default_actions=[{"type": "forward", "target_group_arn": blue.arn}],
+     default_actions=[{"type": "redirect", "redirect": {
+         "protocol": "HTTPS", "port": "443", "status_code": "HTTP_301",
+     }}],
  )""",
    url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
    knobs={
        "policies": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["ELBSecurityPolicy-TLS13-1-[23]-[!E]*"],
            "description": "Globs over security policies that are accepted: those for TLS 1.2 and 1.3 without the "
            "extended (Ext) ciphers, unless others are given.",
        },
        "internal": {
            "type": "boolean",
            "default": False,
            "description": "Whether internal load balancers are judged too.",
        },
    },
)


@tls.stack(LISTENER)
def _listens_encrypted(listener: Resource, stack: Stack, judge: Judge) -> None:
    protocol = _protocol(listener)
    if protocol in ("HTTPS", "TLS"):
        policy = listener["sslPolicy"].given
        is_allowed = any(fnmatchcase(policy.text, glob) for glob in judge.knob("policies"))
        if not is_allowed and _is_judged(listener, stack, judge):
            judge.fail(policy, _problem(policy))
    elif protocol != "HTTP":
        judge.not_applicable("passes connections on as they are: its targets may encrypt them")
    elif not _redirects(listener) and _is_judged(listener, stack, judge):
        judge.fail(listener["protocol"], "is HTTP, and the default action does not redirect to HTTPS.")


@tls.stack(LISTENER_RULE)
def _forwards_nothing_plain(rule: Resource, stack: Stack, judge: Judge) -> None:
    listener = stack.one(rule["listenerArn"], LISTENER)
    if listener is not None and all_true(
        lambda: _protocol(listener) == "HTTP",
        lambda: _redirects(listener),  # else the listener itself is found wanting
        lambda: _forwards(rule),
        lambda: _is_judged(listener, stack, judge),
    ):
        judge.fail(rule["actions"], f"forwards what listener {listener.name} takes by plain HTTP.")


def _protocol(listener: Resource) -> str:
    return listener["protocol"].given.text or "HTTP"


def _problem(policy: Value) -> str:
    if not policy.text:
        return "is not set, and AWS then takes ELBSecurityPolicy-2016-08, which accepts TLS 1.0."
    return f"is {shown(policy.known)}, none of the policies that are allowed."


def _redirects(listener: Resource) -> bool:
    actions = listener["defaultActions"].items
    return any_true(*(partial(_says, action["redirect"]["protocol"], "HTTPS") for action in actions))


def _forwards(rule: Resource) -> bool:
    return any_true(*(partial(_says, action["type"], "forward") for action in rule["actions"].items))


def _says(value: Value, word: str) -> bool:
    return value.text == word


def _is_judged(listener: Resource, stack: Stack, judge: Judge) -> bool:
    """True unless a listener is internal, takes only test traffic, or belongs to a load balancer of another stack."""
    balancer = stack.one(listener["loadBalancerArn"], LOAD_BALANCER)
    if balancer is None:
        return False
    if balancer["loadBalancerType"].given.text == "gateway":
        judge.not_applicable("is behind a Gateway Load Balancer")
        return False
    if not judge.knob("internal") and balancer["internal"].given.flag:
        judge.not_applicable("is on an internal load balancer")
        return False
    if stack.derived(_test_traffic).alone_on(listener):
        judge.not_applicable("takes test traffic only")
        return False
    return True


@dataclass
class _TestTraffic:
    """Which listeners releases use for which traffic, by URN; `doubts` are those that may be any."""

    production: set[str] = field(default_factory=set)
    test: set[str] = field(default_factory=set)
    doubts: dict[str, Undecided] = field(default_factory=dict)
    untold: list[Undecided] = field(default_factory=list)

    def alone_on(self, listener: Resource) -> bool:
        """True if a listener takes test traffic only."""
        if listener.urn in self.production:
            return False
        if listener.urn in self.doubts:
            raise self.doubts[listener.urn]
        if listener.urn in self.test:
            return True
        for doubt in self.untold:
            raise doubt
        return False


def _test_traffic(stack: Stack) -> _TestTraffic:
    table = _TestTraffic()
    for is_test, reference in _route_references(stack):
        try:
            holders = stack.some(reference, LISTENER, LISTENER_RULE)
            listeners = {key for holder in holders for key in listener_keys(holder, stack)}
        except Undecided as doubt:
            table.untold.append(doubt)
            continue
        if len(listeners) > 1:
            names = ", ".join(listener.name for listener in stack.at(listeners))
            doubt = Undecided(reference, f"may be any of {names} until the update")
            table.doubts.update(dict.fromkeys(listeners, doubt))
        else:
            (table.test if is_test else table.production).update(listeners)
    return table


def _route_references(stack: Stack) -> Iterator[tuple[bool, Value]]:
    for group in stack.of(DEPLOYMENT_GROUP):
        for is_test, name in ((False, "prodTrafficRoute"), (True, "testTrafficRoute")):
            for reference in each(target_pair(group)[name]["listenerArns"]):
                yield is_test, reference
    for service in stack.of(SERVICE):
        for block in each(service["loadBalancers"]):
            yield False, block["advancedConfiguration"]["productionListenerRule"]
            yield True, block["advancedConfiguration"]["testListenerRule"]
