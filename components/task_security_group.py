"""Who may reach the tasks of a service."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws


class ServerArgs(TypedDict):
    """A service of the namespace that the tasks call."""

    security_group_id: pulumi.Input[str]
    """Security group of its tasks."""

    port: int
    """Port that they listen on."""


class TaskSecurityGroupArgs(TypedDict):
    """Arguments of a `TaskSecurityGroup`."""

    vpc_id: pulumi.Input[str]
    """The VPC."""

    load_balancer_security_group_id: NotRequired[pulumi.Input[str] | None]
    """Security group of the load balancer; none unless given."""

    port: NotRequired[int | None]
    """Port that the tasks listen on for the load balancer; none unless given."""

    servers: NotRequired[dict[str, ServerArgs]]
    """Services of the namespace that the tasks call, by name; none unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class TaskSecurityGroup(pulumi.ComponentResource):
    """A security group that nobody reaches but the load balancer, on one port, and those who call the tasks by name.

    The ways to it are opened by whoever comes later: the load balancer's here, with the way out of the load balancer;
    those of the services that call it with these services. Tasks may open connections anywhere: they pull images,
    log, and call what the application needs.
    """

    security_group_id: pulumi.Output[str]
    """Security group of the tasks, known once they are reached and reach all that they call."""

    def __init__(self, name: str, args: TaskSecurityGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ecs-blue-green:index:TaskSecurityGroup", name, None, opts)

        tags = args.get("tags")
        own = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            f"{name}-tasks", description=f"Tasks of {name}", vpc_id=args["vpc_id"], tags=tags, opts=own
        )
        ways: list[pulumi.Output[str]] = []
        port, load_balancer = args.get("port"), args.get("load_balancer_security_group_id")
        if port is not None and load_balancer is not None:
            ingress = aws.vpc.SecurityGroupIngressRule(
                f"{name}-from-alb",
                security_group_id=group.id,
                description="Load balancer to tasks",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                referenced_security_group_id=load_balancer,
                tags=tags,
                opts=own,
            )
            outgoing = aws.vpc.SecurityGroupEgressRule(
                f"{name}-from-alb",
                security_group_id=load_balancer,
                description=f"Load balancer to tasks of {name}",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                referenced_security_group_id=group.id,
                tags=tags,
                opts=own,
            )
            ways += [ingress.id, outgoing.id]
        for server, reached in args.get("servers", {}).items():
            way = aws.vpc.SecurityGroupIngressRule(
                f"{name}-to-{server}",
                security_group_id=reached["security_group_id"],
                description=f"Tasks of {name} to tasks of {server}",
                ip_protocol="tcp",
                from_port=reached["port"],
                to_port=reached["port"],
                referenced_security_group_id=group.id,
                tags=tags,
                opts=own,
            )
            ways.append(way.id)
        egress = aws.vpc.SecurityGroupEgressRule(
            f"{name}-egress",
            security_group_id=group.id,
            description="Tasks to registries, logs and what the application calls",
            ip_protocol="-1",
            cidr_ipv4="0.0.0.0/0",
            tags=tags,
            opts=own,
        )

        # Without these rules the first tasks could not start or would fail their health checks.
        self.security_group_id = pulumi.Output.all(group.id, *ways, egress.id).apply(lambda known: known[0])
        self.register_outputs({"security_group_id": self.security_group_id})
