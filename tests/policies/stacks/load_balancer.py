"""Load balancers, their listeners and target groups."""

from __future__ import annotations

from typing import Any

from tests.policies.graph import Graph, Ref
from tests.policies.stacks.names import arn
from tests.policies.stacks.network import WORLD, Form, rule, security_group

LISTENERS = {"https": 443.0, "test": 8443.0}
SSL_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"


def balancer(g: Graph, kind: str = "application", form: Form = rule) -> None:
    """A public load balancer with TLS on its production and its test listener; only the first is public."""
    security_group(g, "lb-sg", "The load balancer")
    form(g, "world-https", "lb-sg", "ingress", 443.0, WORLD)
    form(g, "office-test", "lb-sg", "ingress", 8443.0, "203.0.113.0/24")
    short = "app" if kind == "application" else "net"
    only_application = {"dropInvalidHeaderFields": True, "desyncMitigationMode": "defensive"}
    g.add(
        "alb",
        "aws:lb/loadBalancer:LoadBalancer",
        {
            "name": "alb-1",
            "loadBalancerType": kind,
            "internal": False,
            "securityGroups": [Ref("lb-sg", "id")],
            "subnets": [Ref("public-a", "id"), Ref("public-b", "id")],
            "enableDeletionProtection": True,
            "accessLogs": {"bucket": "shop-access-logs", "prefix": "alb", "enabled": True},
            **(only_application if kind == "application" else {}),
        },
        id=arn("elasticloadbalancing", f"loadbalancer/{short}/alb-1/0a"),
        arn=arn("elasticloadbalancing", f"loadbalancer/{short}/alb-1/0a"),
        arnSuffix=f"{short}/alb-1/0a",
        dnsName="alb-1.eu-west-1.elb.amazonaws.com",
        vpcId=Ref("vpc", "id"),
    )
    g.protect("alb")
    for name, port in LISTENERS.items():
        g.add(
            name,
            "aws:lb/listener:Listener",
            {
                "loadBalancerArn": Ref("alb", "arn"),
                "port": port,
                "protocol": "HTTPS" if kind == "application" else "TLS",
                "sslPolicy": SSL_POLICY,
                "certificateArn": arn("acm", "certificate/1a"),
                "defaultActions": [
                    {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}
                ],
            },
            arn=arn("elasticloadbalancing", f"listener/{short}/alb-1/0a/{name}"),
        )


def firewall(g: Graph) -> None:
    """A web ACL in front of the load balancer."""
    g.add(
        "firewall",
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        {"resourceArn": Ref("alb", "arn"), "webAclArn": arn("wafv2", "regional/webacl/shop/1a")},
    )


def redirect(g: Graph, form: Form = rule) -> None:
    """A listener that sends plain HTTP to HTTPS."""
    form(g, "world-http", "lb-sg", "ingress", 80.0, WORLD)
    g.add(
        "http",
        "aws:lb/listener:Listener",
        {
            "loadBalancerArn": Ref("alb", "arn"),
            "port": 80.0,
            "protocol": "HTTP",
            "defaultActions": [
                {"type": "redirect", "redirect": {"port": "443", "protocol": "HTTPS", "statusCode": "HTTP_301"}}
            ],
        },
        arn=arn("elasticloadbalancing", "listener/app/alb-1/0a/http"),
        sslPolicy="",
    )


def pair(g: Graph, app: str = "", port: float = 80.0, protocol: str = "HTTP") -> None:
    """The two target groups of a service."""
    health = {"enabled": True, "path": "/health", "port": "traffic-port", "protocol": "HTTP", "matcher": "200"}
    times = {"interval": 30.0, "timeout": 5.0, "healthyThreshold": 3.0, "unhealthyThreshold": 3.0}
    for colour in ("blue", "green"):
        name = f"{app or 'app-'}{colour}-1"
        g.add(
            f"{app}{colour}",
            "aws:lb/targetGroup:TargetGroup",
            {
                "name": name,
                "vpcId": Ref("vpc", "id"),
                "port": port,
                "protocol": protocol,
                "targetType": "ip",
                "deregistrationDelay": 30.0,
                "healthCheck": {**health, **times},
            },
            arn=arn("elasticloadbalancing", f"targetgroup/{name}/0{colour}"),
            arnSuffix=f"targetgroup/{name}/0{colour}",
            **({"protocolVersion": "HTTP1"} if protocol == "HTTP" else {}),
        )


def rules(g: Graph, app: str = "", path: str = "/*", priority: float = 100.0) -> None:
    """The listener rules of a service, all of its traffic going to blue."""
    for name, listener in (("prod-rule", "https"), ("test-rule", "test")):
        g.add(
            f"{app}{name}",
            "aws:lb/listenerRule:ListenerRule",
            {
                "listenerArn": Ref(listener, "arn"),
                "priority": priority,
                "conditions": [{"pathPattern": {"values": [path]}}],
                "actions": [forward(app)],
            },
            arn=arn("elasticloadbalancing", f"listener-rule/app/alb-1/0a/{listener}/{app}{name}"),
        )
        g.ignore(f"{app}{name}", "actions")


def forward(app: str = "") -> dict[str, Any]:
    """The action that sends everything to blue."""
    weights = (("blue", 100.0), ("green", 0.0))
    groups = [{"arn": Ref(f"{app}{colour}", "arn"), "weight": weight} for colour, weight in weights]
    return {"type": "forward", "forward": {"targetGroups": groups}}
