"""The Application Load Balancer that the services of a stack share."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components import limits
from components.bucket import BucketArgs, private_bucket
from components.location import Location


class ListenerArgs(TypedDict):
    """One listener."""

    port: int
    """Port it listens on."""

    cidrs: list[str]
    """IPv4 networks that may reach it."""


class AccessLogsArgs(TypedDict):
    """Access logs in an S3 bucket made for them."""

    retention_days: int
    """Days that a log is kept."""

    force_destroy: NotRequired[bool]
    """Whether deleting the bucket deletes the logs too; not unless given."""


class LoadBalancerArgs(TypedDict):
    """Arguments of a `LoadBalancer`."""

    location: Location
    """Where the stack lives."""

    vpc_id: pulumi.Input[str]
    """The VPC."""

    subnet_ids: pulumi.Input[Sequence[str]]
    """Subnets in at least two Availability Zones (G45)."""

    listeners: list[ListenerArgs]
    """Listeners, each with a port of its own."""

    internal: NotRequired[bool]
    """Whether its addresses are private; they are public unless given."""

    certificate_arn: NotRequired[pulumi.Input[str] | None]
    """ACM certificate; with one every listener is HTTPS, and port 80 redirects to a listener on 443. Plain HTTP
    unless given."""

    ssl_policy: NotRequired[pulumi.Input[str]]
    """Security policy of the HTTPS listeners; ELBSecurityPolicy-TLS13-1-2-Res-2021-06 unless given."""

    access_logs: NotRequired[AccessLogsArgs | None]
    """Access logs; none unless given."""

    deletion_protection: NotRequired[pulumi.Input[bool]]
    """Whether Elastic Load Balancing refuses to delete it; not unless given."""

    web_acl_arn: NotRequired[pulumi.Input[str] | None]
    """Regional AWS WAF web ACL; none unless given."""

    idle_timeout_seconds: NotRequired[pulumi.Input[int]]
    """Seconds that an idle connection is kept; 60 unless given."""

    protect: NotRequired[bool]
    """Whether Pulumi refuses to delete or replace the load balancer; not unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class LoadBalancer(pulumi.ComponentResource):
    """An Application Load Balancer, its security group and its listeners.

    A listener answers 404 by itself; services take traffic by rules of their own. So adding a service, or moving one
    to another controller, never touches the default action, and what CodeDeploy or ECS move are rules only. It drops
    invalid headers, and may open connections only where a service's own egress rule allows it.

    Attributes:
        listener_arns: ARNs of its listeners by port.

    Raises:
        Refused: for a name that is too long (G50) or two listeners on one port.
    """

    arn_suffix: pulumi.Output[str]
    """`LoadBalancer` dimension of its CloudWatch metrics."""

    dns_name: pulumi.Output[str]
    """DNS name that clients use."""

    security_group_id: pulumi.Output[str]
    """Its security group."""

    def __init__(self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        limits.check_name(name, limits.SHARED_NAME, "the load balancer")
        https = bool(args.get("certificate_arn"))
        limits.check_listeners([listener["port"] for listener in args["listeners"]], https)
        super().__init__("ecs-blue-green:index:LoadBalancer", name, None, opts)

        tags = args.get("tags")
        own = pulumi.ResourceOptions(parent=self)
        self._tags = tags
        security_group = aws.ec2.SecurityGroup(
            f"{name}-alb",
            description=f"Load balancer {name}",
            vpc_id=args["vpc_id"],
            tags=tags,
            opts=own,
        )
        access_logs = args.get("access_logs")
        logs = self._access_logs(name, access_logs, args["location"]) if access_logs else None
        load_balancer = aws.lb.LoadBalancer(
            f"{name}-alb",
            load_balancer_type="application",
            internal=args.get("internal", False),
            subnets=args["subnet_ids"],
            security_groups=[security_group.id],
            drop_invalid_header_fields=True,
            enable_deletion_protection=args.get("deletion_protection", False),
            idle_timeout=args.get("idle_timeout_seconds", 60),
            access_logs={"bucket": logs, "enabled": True} if logs is not None else None,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, protect=args.get("protect")),
        )
        if web_acl := args.get("web_acl_arn"):
            aws.wafv2.WebAclAssociation(f"{name}-alb", resource_arn=load_balancer.arn, web_acl_arn=web_acl, opts=own)

        self.listener_arns = {
            listener["port"]: self._listener(name, listener["port"], load_balancer.arn, args).arn
            for listener in args["listeners"]
        }
        cidrs = {listener["port"]: listener["cidrs"] for listener in args["listeners"]}
        if https and 443 in cidrs:
            self._redirect(name, load_balancer.arn)
            cidrs[80] = cidrs[443]
        for port, allowed in cidrs.items():
            self._open(name, port, allowed, security_group.id)

        self._scheme = "https" if https else "http"
        self.arn_suffix = load_balancer.arn_suffix
        self.dns_name = load_balancer.dns_name
        self.security_group_id = security_group.id
        self.register_outputs(
            {
                "arn_suffix": self.arn_suffix,
                "dns_name": self.dns_name,
                "security_group_id": self.security_group_id,
            }
        )

    def url(self, port: int) -> pulumi.Output[str]:
        """Where clients reach the listener on `port`."""
        usual = {"http": 80, "https": 443}[self._scheme]
        return pulumi.Output.concat(self._scheme, "://", self.dns_name, "" if port == usual else f":{port}", "/")

    def _listener(
        self, name: str, port: int, load_balancer_arn: pulumi.Output[str], args: LoadBalancerArgs
    ) -> aws.lb.Listener:
        certificate = args.get("certificate_arn")
        return aws.lb.Listener(
            f"{name}-{port}",
            load_balancer_arn=load_balancer_arn,
            port=port,
            protocol="HTTPS" if certificate else "HTTP",
            certificate_arn=certificate,
            ssl_policy=args.get("ssl_policy", limits.SSL_POLICY) if certificate else None,
            default_actions=[
                {
                    "type": "fixed-response",
                    "fixed_response": {
                        "status_code": "404",
                        "content_type": "text/plain",
                        "message_body": "No service takes this request.",
                    },
                }
            ],
            tags=self._tags,
            # Whoever moves traffic may do so by the default action as well (G4, G31).
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["default_actions"]),
        )

    def _redirect(self, name: str, load_balancer_arn: pulumi.Output[str]) -> None:
        aws.lb.Listener(
            f"{name}-redirect",
            load_balancer_arn=load_balancer_arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}}
            ],
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _open(self, name: str, port: int, cidrs: Sequence[str], security_group_id: pulumi.Output[str]) -> None:
        for cidr in cidrs:
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-{port}-{cidr.translate(_CIDR_TO_NAME)}",
                security_group_id=security_group_id,
                description=f"Clients to listener {port}",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                cidr_ipv4=cidr,
                tags=self._tags,
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _access_logs(self, name: str, args: AccessLogsArgs, location: Location) -> pulumi.Output[str]:
        """A private bucket that the load balancer, and nobody else, may write to; its name, once it may.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
        """
        # Elastic Load Balancing writes to buckets with Amazon S3 managed keys only, and tests the bucket when its
        # attributes are set.
        return private_bucket(
            f"{name}-access-logs",
            BucketArgs(
                location=location,
                expire={"": args["retention_days"]},
                noncurrent_days=1,
                statements=lambda bucket: [_log_delivery(bucket, location)],
                force_destroy=args.get("force_destroy", False),
                tags=self._tags,
            ),
            self,
        )


_CIDR_TO_NAME = str.maketrans({".": "-", "/": "-"})


def _log_delivery(bucket: str, location: Location) -> Any:
    balancers = (
        f"arn:{location['partition']}:elasticloadbalancing:{location['region']}:{location['account_id']}:loadbalancer/*"
    )
    return {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:{location['partition']}:s3:::{bucket}/AWSLogs/{location['account_id']}/*",
        "Condition": {"ArnLike": {"aws:SourceArn": balancers}},
    }
