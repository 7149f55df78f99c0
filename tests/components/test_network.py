"""What a `Network` declares. Mocks prove what is sent, not what AWS accepts."""

import json

import pytest

from components.limits import Refused
from components.network import Network


def vpc(deployment):
    return deployment.find("awsx:ec2:Vpc", "shop").inputs


def test_defaults(declare, location):
    """Two zones, each with a public and a private subnet, share one NAT gateway; nothing is logged."""
    deployment = declare(lambda: Network("shop", {"location": location}))
    assert vpc(deployment) == {
        "cidrBlock": "10.0.0.0/16",
        "numberOfAvailabilityZones": 2,
        "enableDnsHostnames": True,
        "natGateways": {"strategy": "Single"},
        "subnetSpecs": [{"type": "Public"}, {"type": "Private"}],
        "subnetStrategy": "Auto",
        "vpcEndpointSpecs": [],
        "vpcEndpointStrategy": "Auto",
    }
    assert len(deployment.of_type("aws:ec2/natGateway:NatGateway")) == 1
    assert deployment.of_type("aws:ec2/flowLog:FlowLog") == []
    assert deployment.of_type("aws:cloudwatch/logGroup:LogGroup") == []


@pytest.mark.parametrize(("strategy", "gateways"), [("None", 0), ("Single", 1), ("OnePerAz", 3)])
def test_nat_gateways(declare, location, strategy, gateways):
    """NAT gateways are none, one for all, or one in each zone."""
    deployment = declare(
        lambda: Network("shop", {"location": location, "availability_zones": 3, "nat_gateways": strategy})
    )
    assert len(deployment.of_type("aws:ec2/natGateway:NatGateway")) == gateways


def test_endpoints(declare, location):
    """S3 and DynamoDB get gateway endpoints, every other service an interface endpoint."""
    endpoints = ["s3", "dynamodb", "ecr.api", "logs"]
    deployment = declare(lambda: Network("shop", {"location": location, "vpc_endpoints": endpoints}))
    assert vpc(deployment)["vpcEndpointSpecs"] == [
        {"serviceName": "com.amazonaws.eu-west-1.s3", "vpcEndpointType": "Gateway"},
        {"serviceName": "com.amazonaws.eu-west-1.dynamodb", "vpcEndpointType": "Gateway"},
        {"serviceName": "com.amazonaws.eu-west-1.ecr.api", "vpcEndpointType": "Interface"},
        {"serviceName": "com.amazonaws.eu-west-1.logs", "vpcEndpointType": "Interface"},
    ]


def test_flow_logs(declare, location):
    """Flow logs go to a log group with a retention, through a role that may write to that group only."""
    logs = {"traffic_type": "ALL", "retention_days": 14}
    deployment = declare(lambda: Network("shop", {"location": location, "flow_logs": logs}))
    group = deployment.find("aws:cloudwatch/logGroup:LogGroup", "shop-flow-logs")
    policy = deployment.find("aws:iam/rolePolicy:RolePolicy", "shop-flow-logs")
    flow_log = deployment.find("aws:ec2/flowLog:FlowLog", "shop-flow-logs")
    name = group.inputs["name"]
    assert group.inputs == {"name": name, "retentionInDays": 14}
    assert flow_log.inputs["trafficType"] == "ALL"
    assert flow_log.inputs["logDestination"] == f"arn:aws:logs:eu-west-1:123456789012:log-group:{name}"
    assert policy.urn in flow_log.dependencies
    assert json.loads(policy.inputs["policy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            "Resource": f"arn:aws:logs:eu-west-1:123456789012:log-group:{name}:*",
        },
        {"Effect": "Allow", "Action": ["logs:DescribeLogGroups"], "Resource": "*"},
    ]


@pytest.mark.parametrize(
    ("args", "given"),
    [
        ({"availability_zones": 1}, "1 Availability Zone"),
        ({"cidr_block": "10.0.0.0/99"}, "'10.0.0.0/99'"),
        ({"nat_gateways": "Two"}, "'Two'"),
    ],
)
def test_refusals(location, args, given):
    """One zone (G45), a malformed CIDR block and an unknown NAT strategy are refused before anything is declared."""
    with pytest.raises(Refused) as refused:
        Network("shop", {"location": location, **args})
    assert refused.value.given == given


def test_a_key_encrypts_the_flow_logs(declare, location):
    """Where it is kept, traffic is unreadable without the key."""
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    args = {"location": location, "key_arn": key, "flow_logs": {"traffic_type": "ALL", "retention_days": 14}}
    deployment = declare(lambda: Network("shop", args))
    assert deployment.find("aws:cloudwatch/logGroup:LogGroup", "shop-flow-logs").inputs["kmsKeyId"] == key
