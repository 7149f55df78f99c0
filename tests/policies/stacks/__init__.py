"""Known-good stacks, each compliant with every rule in production."""

from __future__ import annotations

from collections.abc import Callable

from tests.policies.graph import Graph, Ref
from tests.policies.stacks.delivery import deliver, in_one_bucket
from tests.policies.stacks.load_balancer import balancer, firewall, forward, pair, redirect, rules
from tests.policies.stacks.network import WORLD, Form, inline_rule, network, older_rule, rule, security_group
from tests.policies.stacks.releases import (
    advanced,
    alarms,
    by_codedeploy,
    by_ecs,
    endpoint,
    hook,
    infrastructure_role,
    rollback,
)
from tests.policies.stacks.tasks import (
    CONTAINERS,
    block,
    cluster,
    container,
    scaling,
    service,
    service_alarm,
    task,
    task_group,
)

__all__ = ["CONTAINERS", "SHAPES", "Shape"]

Shape = Callable[[str], Graph]


def classic(stack: str = "prod", form: Form = rule) -> Graph:
    """A service that CodeDeploy releases behind an Application Load Balancer."""
    g = _behind_balancer(stack, form)
    service(g, deploymentController={"type": "CODE_DEPLOY"})
    by_codedeploy(g)
    return g


def native(stack: str = "prod") -> Graph:
    """A service that ECS releases by itself, behind the same load balancer and in a mesh."""
    g = _behind_balancer(stack)
    infrastructure_role(g)
    service(
        g,
        **by_ecs(lifecycleHooks=[hook(g)]),
        **rollback(alarms(g)),
        serviceConnectConfiguration={"enabled": True, "namespace": "mesh", "services": [endpoint("app")]},
    )
    g["service"]["loadBalancers"][0]["advancedConfiguration"] = advanced(
        Ref("prod-rule", "arn"), Ref("test-rule", "arn")
    )
    return g


def linear(stack: str = "prod") -> Graph:
    """A service that ECS releases in equal steps, and autoscaling resizes."""
    return _in_steps(stack, "LINEAR")


def canary(stack: str = "prod") -> Graph:
    """A service that ECS releases in one small step and the rest."""
    return _in_steps(stack, "CANARY")


def mesh(stack: str = "prod") -> Graph:
    """Two services that meet only through Service Connect."""
    g = Graph(stack)
    network(g)
    cluster(g)
    g.add(
        "namespace",
        "aws:servicediscovery/httpNamespace:HttpNamespace",
        {"name": "shop"},
        id="ns-1",
        arn="arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-1",
    )
    g["cluster"]["serviceConnectDefaults"] = {"namespace": Ref("namespace", "arn")}
    for app, port in (("web-", 8080.0), ("orders-", 9090.0)):
        task(g, app, [container("app", f"{app}app:1.2.3", int(port))])
        security_group(g, f"{app}task-sg", f"The tasks of {app.removesuffix('-')}")
        rule(g, f"{app}task-out", f"{app}task-sg", "egress", 443.0, WORLD)
        service(
            g,
            app,
            **by_ecs(),
            **rollback([service_alarm(g, app)]),
            serviceConnectConfiguration={"enabled": True, "services": [endpoint(app.removesuffix("-"), port)]},
        )
        g.drop(f"{app}service", "loadBalancers").drop(f"{app}service", "healthCheckGracePeriodSeconds")
    for caller, called, port in (("web", "orders", 9090.0), ("orders", "web", 8080.0)):
        rule(g, f"{caller}-{called}", f"{called}-task-sg", "ingress", port, Ref(f"{caller}-task-sg", "id"))
        rule(g, f"{caller}-{called}-out", f"{caller}-task-sg", "egress", port, Ref(f"{called}-task-sg", "id"))
    return g


def nlb(stack: str = "prod") -> Graph:
    """A service that CodeDeploy releases behind a Network Load Balancer, where it can only do so all at once."""
    g = _behind_network_balancer(stack)
    service(g, deploymentController={"type": "CODE_DEPLOY"})
    by_codedeploy(g)
    g.put("group", "deploymentConfigName", "CodeDeployDefault.ECSAllAtOnce")
    return g


def native_nlb(stack: str = "prod") -> Graph:
    """A service that ECS releases behind a Network Load Balancer."""
    g = _behind_network_balancer(stack)
    infrastructure_role(g)
    service(g, **by_ecs(), **rollback(alarms(g)))
    g["service"]["loadBalancers"][0]["advancedConfiguration"] = advanced(Ref("https", "arn"), Ref("test", "arn"))
    return g


def alb_tokens(stack: str = "prod") -> Graph:
    """The classic service, its load balancer declared by the `aws:alb` twins of the same resources."""
    return classic(stack).rename("aws:lb/", "aws:alb/")


def older_rules(stack: str = "prod") -> Graph:
    """The classic service, its security groups split in the provider's older form."""
    return classic(stack, older_rule)


def inline_rules(stack: str = "prod") -> Graph:
    """The classic service, its security groups holding their rules themselves."""
    return classic(stack, inline_rule)


def two_services(stack: str = "prod") -> Graph:
    """Two services on one load balancer, one released by CodeDeploy and one by ECS; plain HTTP is sent to HTTPS."""
    g = classic(stack)
    redirect(g)
    scaling(g)
    pair(g, "api-", 8080.0)
    rules(g, "api-", "/api/*", 10.0)
    task(g, "api-", [container("app", "api:2.0.1", 8080)])
    task_group(g, "api-", port=8080.0)
    infrastructure_role(g)
    service(g, "api-", **by_ecs("CANARY"), **rollback(alarms(g, "api-")))
    g["api-service"]["loadBalancers"] = [
        {
            **block("api-", 8080.0),
            "advancedConfiguration": advanced(Ref("api-prod-rule", "arn"), Ref("api-test-rule", "arn"), "api-"),
        }
    ]
    return g


def delivered(stack: str = "prod") -> Graph:
    """The classic service, and the pipeline that builds and releases it."""
    g = classic(stack)
    deliver(g)
    return g


def inline_bucket(stack: str = "prod") -> Graph:
    """The same, the artifacts' bucket saying itself what other resources say of it else."""
    g = delivered(stack)
    in_one_bucket(g)
    return g


def _behind_balancer(stack: str, form: Form = rule) -> Graph:
    g = Graph(stack)
    network(g)
    balancer(g, form=form)
    firewall(g)
    pair(g)
    rules(g)
    cluster(g)
    task(g)
    task_group(g, form=form)
    return g


def _behind_network_balancer(stack: str) -> Graph:
    g = Graph(stack)
    network(g)
    balancer(g, "network")
    pair(g, protocol="TCP")
    for listener in ("https", "test"):
        g.put(listener, "defaultActions", [forward()]).ignore(listener, "defaultActions")
    cluster(g)
    task(g)
    task_group(g)
    return g


def _in_steps(stack: str, strategy: str) -> Graph:
    g = _behind_balancer(stack)
    infrastructure_role(g)
    service(g, **by_ecs(strategy), **rollback(alarms(g)))
    g["service"]["loadBalancers"][0]["advancedConfiguration"] = advanced(
        Ref("prod-rule", "arn"), Ref("test-rule", "arn")
    )
    scaling(g)
    g.ignore("service", "desiredCount")
    return g


SHAPES: tuple[Shape, ...] = (
    classic,
    native,
    linear,
    canary,
    mesh,
    nlb,
    native_nlb,
    alb_tokens,
    older_rules,
    inline_rules,
    two_services,
    delivered,
    inline_bucket,
)
"""All of them."""
