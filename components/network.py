"""The VPC of a stack."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx

from components import limits
from components.iam import allow, policy, trust
from components.location import Location, arn


class FlowLogsArgs(TypedDict):
    """Flow logs of the VPC."""

    traffic_type: str
    """ACCEPT, REJECT or ALL."""

    retention_days: int
    """Days that CloudWatch Logs keeps the records."""


class NetworkArgs(TypedDict):
    """Arguments of a `Network`."""

    location: Location
    """Where the stack lives."""

    cidr_block: NotRequired[str]
    """IPv4 range of the VPC; 10.0.0.0/16 unless given."""

    availability_zones: NotRequired[int]
    """Number of Availability Zones, each with a public and a private subnet; 2 unless given."""

    nat_gateways: NotRequired[str]
    """NAT gateways of the private subnets: None, Single or OnePerAz; Single unless given."""

    vpc_endpoints: NotRequired[list[str]]
    """Services reached without leaving the VPC, as gateway or interface endpoints; none unless given."""

    flow_logs: NotRequired[FlowLogsArgs | None]
    """Flow logs; none unless given."""

    key_arn: NotRequired[pulumi.Input[str] | None]
    """KMS key of the flow logs; AWS's own unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class Network(pulumi.ComponentResource):
    """A VPC with a public and a private subnet in each of its Availability Zones.

    Load balancers go to the public subnets, tasks to the private ones. Security groups belong to who needs them.

    Raises:
        Refused: for fewer than two Availability Zones (G45), a malformed CIDR block or an unknown NAT strategy.
    """

    vpc_id: pulumi.Output[str]
    """The VPC."""

    public_subnet_ids: pulumi.Output[Sequence[str]]
    """Subnets with a route to the internet gateway."""

    private_subnet_ids: pulumi.Output[Sequence[str]]
    """Subnets without an address of their own on the internet."""

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        zones = args.get("availability_zones", 2)
        cidr_block = args.get("cidr_block", "10.0.0.0/16")
        limits.check_availability_zones(zones)
        limits.check_cidr(cidr_block)
        limits.check_nat_gateways(args.get("nat_gateways", "Single"))
        super().__init__("ecs-blue-green:index:Network", name, None, opts)

        tags = args.get("tags")
        region = args["location"]["region"]
        vpc = awsx.ec2.Vpc(
            name,
            cidr_block=cidr_block,
            number_of_availability_zones=zones,
            enable_dns_hostnames=True,
            nat_gateways={"strategy": awsx.ec2.NatGatewayStrategy(args.get("nat_gateways", "Single"))},
            subnet_specs=[{"type": awsx.ec2.SubnetType.PUBLIC}, {"type": awsx.ec2.SubnetType.PRIVATE}],
            subnet_strategy=awsx.ec2.SubnetAllocationStrategy.AUTO,
            vpc_endpoint_specs=[
                {
                    "service_name": f"com.amazonaws.{region}.{endpoint}",
                    "vpc_endpoint_type": "Gateway" if endpoint in limits.GATEWAY_ENDPOINTS else "Interface",
                }
                for endpoint in args.get("vpc_endpoints", [])
            ],
            vpc_endpoint_strategy=awsx.ec2.VpcEndpointStrategy.AUTO,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        if flow_logs := args.get("flow_logs"):
            self._log_flows(name, flow_logs, vpc.vpc_id, args)

        self.vpc_id = vpc.vpc_id
        self.public_subnet_ids = vpc.public_subnet_ids
        self.private_subnet_ids = vpc.private_subnet_ids
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "public_subnet_ids": self.public_subnet_ids,
                "private_subnet_ids": self.private_subnet_ids,
            }
        )

    def _log_flows(self, name: str, flow_logs: FlowLogsArgs, vpc_id: pulumi.Output[str], args: NetworkArgs) -> None:
        tags = args.get("tags")
        location = args["location"]
        own = pulumi.ResourceOptions(parent=self)
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-flow-logs",
            retention_in_days=flow_logs["retention_days"],
            kms_key_id=args.get("key_arn"),
            tags=tags,
            opts=own,
        )
        role = aws.iam.Role(
            f"{name}-flow-logs",
            description="Writes VPC flow logs",
            assume_role_policy=pulumi.Output.json_dumps(
                trust(
                    "vpc-flow-logs.amazonaws.com",
                    {
                        "ArnLike": {"aws:SourceArn": arn(location, "ec2", "vpc-flow-log/*")},
                        "StringEquals": {"aws:SourceAccount": location["account_id"]},
                    },
                )
            ),
            tags=tags,
            opts=own,
        )
        # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
        streams = log_group.name.apply(lambda group: arn(location, "logs", f"log-group:{group}:*"))
        write = aws.iam.RolePolicy(
            f"{name}-flow-logs",
            role=role.id,
            policy=pulumi.Output.json_dumps(
                policy(
                    [
                        allow(["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"], streams),
                        allow(["logs:DescribeLogGroups"], "*"),
                    ]
                )
            ),
            opts=own,
        )
        aws.ec2.FlowLog(
            f"{name}-flow-logs",
            vpc_id=vpc_id,
            traffic_type=flow_logs["traffic_type"],
            log_destination=log_group.arn,
            iam_role_arn=role.arn,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[write]),
        )
