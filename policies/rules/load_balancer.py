"""What a load balancer in front of a release must be."""

from __future__ import annotations

from aws import LOAD_BALANCER, WEB_ACL_ASSOCIATION
from finding import shown
from judge import Judge
from remedy import Remedy
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Undecided, Value, all_true

CONTROLS = "https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html"
SUBNET = "aws:ec2/subnet:Subnet"
OTHER_TYPES = {"network": "a Network Load Balancer", "gateway": "a Gateway Load Balancer"}

drop_invalid_headers = Rule(
    id="sec-alb-drop-invalid-headers",
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    description="An Application Load Balancer drops headers that are not valid.",
    why="By default it hands them on. A header that load balancer and application read differently smuggles one "
    "request inside another, past rules and logins.",
    fix="""\
  aws.lb.LoadBalancer("app", ...,
-     drop_invalid_header_fields=False,
+     drop_invalid_header_fields=True,
  )""",
    url=f"{CONTROLS}#elb-4",
)


@drop_invalid_headers.resource(LOAD_BALANCER)
def _drops_invalid_headers(balancer: Resource, judge: Judge) -> None:
    drops = balancer["dropInvalidHeaderFields"]
    if all_true(lambda: _is_application(balancer["loadBalancerType"], judge), lambda: not drops.flag):
        judge.fail(drops, "is not true.")


@drop_invalid_headers.remediation(LOAD_BALANCER)
def _drop_invalid_headers(balancer: Resource, remedy: Remedy) -> None:
    drops = balancer["dropInvalidHeaderFields"]
    if balancer["loadBalancerType"].text not in OTHER_TYPES and not drops.flag:
        remedy.put(drops, True)


desync = Rule(
    id="sec-alb-desync",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="An Application Load Balancer blocks requests that it and the application may read differently.",
    why="In monitor mode it only counts such requests and lets them through: one user's request can then take "
    "another's session, or fill a cache with what an attacker wrote.",
    fix="""\
  aws.lb.LoadBalancer("app", ...,
-     desync_mitigation_mode="monitor",
+     desync_mitigation_mode="defensive",
  )""",
    url=f"{CONTROLS}#elb-12",
)


@desync.resource(LOAD_BALANCER)
def _mitigates_desync(balancer: Resource, judge: Judge) -> None:
    mode = balancer["desyncMitigationMode"]
    if all_true(
        lambda: _is_application(balancer["loadBalancerType"], judge),
        lambda: mode.text not in ("", "defensive", "strictest"),  # defensive is AWS's default
    ):
        judge.fail(mode, f"is {shown(mode.known)} instead of defensive or strictest.")


deletion_protection = Rule(
    id="sec-alb-deletion-protection",
    level=Level.PRODUCTION,
    severity=Severity.MEDIUM,
    description="In production, AWS refuses to delete a load balancer.",
    why="A load balancer that is deleted, or replaced because of a changed name, takes every service behind it off "
    "the network at once, and comes back under another address.",
    fix="""\
  aws.lb.LoadBalancer("app", ...,
-     enable_deletion_protection=False,
+     enable_deletion_protection=True,
  )""",
    url=f"{CONTROLS}#elb-6",
)


@deletion_protection.resource(LOAD_BALANCER)
def _is_protected(balancer: Resource, judge: Judge) -> None:
    protected = balancer["enableDeletionProtection"]
    if not protected.flag:
        judge.fail(protected, "is not true.")


access_logs = Rule(
    id="sec-alb-access-logs",
    level=Level.STRICTER_IN_PRODUCTION,
    severity=Severity.MEDIUM,
    description="An Application Load Balancer logs each request.",
    why="Without them nobody can tell afterwards who sent what, nor which users a bad version failed: metrics only "
    "count.",
    fix="""\
  aws.lb.LoadBalancer("app", ...,
-     access_logs={"bucket": "app-access-logs", "enabled": False},
+     access_logs={"bucket": "app-access-logs", "enabled": True},
  )""",
    url=f"{CONTROLS}#elb-5",
)


@access_logs.resource(LOAD_BALANCER)
def _logs_requests(balancer: Resource, judge: Judge) -> None:
    enabled = balancer["accessLogs"]["enabled"]
    if all_true(lambda: _is_application(balancer["loadBalancerType"], judge), lambda: not enabled.flag):
        judge.fail(enabled, "is not true.")


two_subnets = Rule(
    id="sec-alb-two-subnets",
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    description="A load balancer stands in at least two subnets.",
    why="AWS refuses an Application Load Balancer with fewer: At least two subnets in two different Availability "
    "Zones must be specified. Any other is gone together with its only zone.",
    fix="""\
  aws.lb.LoadBalancer("app", ...,
-     subnets=public_subnets[:1],
+     subnets=public_subnets,  # in different Availability Zones
  )""",
    url=f"{CONTROLS}#elb-13",
)


@two_subnets.resource(LOAD_BALANCER)
def _stands_in_two_subnets(balancer: Resource, judge: Judge) -> None:
    listed, mappings = balancer["subnets"], balancer["subnetMappings"]
    if listed.is_unknown:
        return
    subnets = [*listed.items, *(mapping["subnetId"] for mapping in mappings.items)]
    known = {subnet.text for subnet in subnets if not subnet.is_unknown} - {""}
    count = len(known) + sum(subnet.is_unknown for subnet in subnets)
    if count >= 2:
        return
    if balancer["customerOwnedIpv4Pool"].text:
        judge.not_applicable("is on an Outpost, where a load balancer has one subnet")
    else:
        place = listed if mappings.absent else mappings
        judge.fail(place, f"has {count}; a load balancer needs two or more.")


@two_subnets.stack(LOAD_BALANCER)
def _unknown_subnets_are_two(balancer: Resource, stack: Stack, _judge: Judge) -> None:
    subnets = balancer["subnets"]
    if subnets.is_unknown and balancer.is_given("subnets") is not False and len(stack.some(subnets, SUBNET)) < 2:
        raise Undecided(subnets)


waf = Rule(
    id="sec-waf",
    level=Level.STRICTER_IN_PRODUCTION,
    severity=Severity.MEDIUM,
    description="A public Application Load Balancer has a web ACL.",
    why="Without one, known exploits and floods of requests reach the application itself, and there is no place to "
    "block them while a fix is on its way.",
    fix="""\
  load_balancer = aws.lb.LoadBalancer("app", ...)
+ aws.wafv2.WebAclAssociation("app",
+     resource_arn=load_balancer.arn,
+     web_acl_arn="arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/app/473e64fd-f30b-4765-81a0-62ad96dd167a",
+ )""",
    url=f"{CONTROLS}#elb-16",
)


@waf.stack(LOAD_BALANCER)
def _has_a_web_acl(balancer: Resource, stack: Stack, judge: Judge) -> None:
    guarded, doubts = stack.derived(_web_acls)
    if balancer.urn in guarded:
        return
    if not _is_application(balancer["loadBalancerType"].given, judge):
        return
    if balancer["internal"].given.flag:
        judge.not_applicable("is internal")
        return
    for doubt in doubts:
        raise doubt
    judge.fail(balancer, "is public, and no web ACL is associated with it.")


def _web_acls(stack: Stack) -> tuple[frozenset[str], list[Undecided]]:
    """The load balancers with a web ACL, and associations that may be with any."""
    guarded: set[str] = set()
    doubts: list[Undecided] = []
    for association in stack.of(WEB_ACL_ASSOCIATION):
        try:
            balancer = stack.one(association["resourceArn"], LOAD_BALANCER)
            guarded |= {balancer.urn} if balancer else set()
        except Undecided as doubt:
            doubts.append(doubt)
    return frozenset(guarded), doubts


def _is_application(kind: Value, judge: Judge) -> bool:
    """True for an Application Load Balancer, which is what AWS makes unless told otherwise."""
    if kind.text in OTHER_TYPES:
        judge.not_applicable(f"is {OTHER_TYPES[kind.text]}")
    return kind.text not in OTHER_TYPES
