"""Who may reach the tasks of a service."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws


class TaskSecurityGroupArgs(TypedDict):
    """Arguments of a `TaskSecurityGroup`."""

    vpc_id: pulumi.Input[str]
    """The VPC."""

    load_balancer_security_group_id: pulumi.Input[str]
    """Security group of the load balancer."""

    port: int
    """Port that the tasks listen on."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class TaskSecurityGroup(pulumi.ComponentResource):
    """A security group that only the load balancer reaches, on one port, and the way out of the load balancer to it.

    Tasks may open connections anywhere: they pull images, log, and call what the application needs.
    """

    security_group_id: pulumi.Output[str]
    """Security group of the tasks, known once the load balancer reaches them."""

    def __init__(self, name: str, args: TaskSecurityGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ecs-blue-green:index:TaskSecurityGroup", name, None, opts)

        port, tags = args["port"], args.get("tags")
        own = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            f"{name}-tasks", description=f"Tasks of {name}", vpc_id=args["vpc_id"], tags=tags, opts=own
        )
        ingress = aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-alb",
            security_group_id=group.id,
            description="Load balancer to tasks",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=args["load_balancer_security_group_id"],
            tags=tags,
            opts=own,
        )
        outgoing = aws.vpc.SecurityGroupEgressRule(
            f"{name}-from-alb",
            security_group_id=args["load_balancer_security_group_id"],
            description=f"Load balancer to tasks of {name}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=group.id,
            tags=tags,
            opts=own,
        )
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
        self.security_group_id = pulumi.Output.all(group.id, ingress.id, outgoing.id, egress.id).apply(
            lambda known: known[0]
        )
        self.register_outputs({"security_group_id": self.security_group_id})
