"""`awsx.ec2.Vpc` gets the children that awsx registers (names, nesting and inputs of awsx 3)."""

from __future__ import annotations

from collections import Counter

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx
import pytest

from offline.errors import OfflineError
from offline.value import UNKNOWN

VPC = "urn:pulumi:dev::demo::awsx:ec2:Vpc$aws:ec2/vpc:Vpc"


def network(preview, *, first_preview=False, **args):
    return preview(lambda: awsx.ec2.Vpc("net", **args), first_preview=first_preview)


def counts(deployment):
    return dict(Counter(r.type.split("/")[0] + ":" + r.type.split(":")[-1] for r in deployment if r.custom))


def test_two_zones_with_one_nat_gateway(preview):
    """Each piece under the piece it belongs to."""
    deployment = network(preview, number_of_availability_zones=2, nat_gateways={"strategy": "Single"})
    table = f"{VPC}$aws:ec2/subnet:Subnet$aws:ec2/routeTable:RouteTable"
    expected = {
        "urn:pulumi:dev::demo::awsx:ec2:Vpc::net",
        f"{VPC}::net",
        f"{VPC}$aws:ec2/internetGateway:InternetGateway::net",
        f"{VPC}$aws:ec2/subnet:Subnet$aws:ec2/eip:Eip::net-1",
        f"{VPC}$aws:ec2/subnet:Subnet$aws:ec2/natGateway:NatGateway::net-1",
    }
    for subnet in ("net-public-1", "net-public-2", "net-private-1", "net-private-2"):
        expected |= {
            f"{VPC}$aws:ec2/subnet:Subnet::{subnet}",
            f"{table}::{subnet}",
            f"{table}$aws:ec2/routeTableAssociation:RouteTableAssociation::{subnet}",
            f"{table}$aws:ec2/route:Route::{subnet}",
        }
    assert {resource.urn for resource in deployment if ":ec2" in resource.urn} == expected


def test_inputs_and_edges(preview):
    """A private subnet's default route goes to the NAT gateway, whose address is the subnet's neighbour."""
    deployment = network(preview, number_of_availability_zones=1, cidr_block="10.1.0.0/16", tags={"team": "a"})
    vpc, nat = deployment.find("aws:ec2/vpc:Vpc", "net"), deployment.find("aws:ec2/natGateway:NatGateway", "net-1")
    subnet = deployment.find("aws:ec2/subnet:Subnet", "net-private-1")
    table = deployment.find("aws:ec2/routeTable:RouteTable", "net-private-1")
    route = deployment.find("aws:ec2/route:Route", "net-private-1")
    eip = deployment.find("aws:ec2/eip:Eip", "net-1")
    assert vpc.inputs == {"cidrBlock": "10.1.0.0/16", "tags": {"Name": "net", "team": "a"}}
    assert subnet.inputs == {
        "vpcId": vpc.id,
        "availabilityZone": "eu-west-1a",
        "mapPublicIpOnLaunch": False,
        "cidrBlock": "10.1.0.0/17",
        "assignIpv6AddressOnCreation": False,
        "tags": {"Name": "net-private-1", "SubnetType": "Private", "team": "a"},
    }
    assert nat.inputs == {
        "subnetId": deployment.find("aws:ec2/subnet:Subnet", "net-public-1").id,
        "allocationId": eip.id,
        "tags": {"Name": "net-1", "team": "a"},
    }
    assert route.inputs == {
        "routeTableId": table.id,
        "natGatewayId": nat.id,
        "destinationCidrBlock": "0.0.0.0/0",
    }
    assert route.dependencies == sorted([table.urn, nat.urn])
    assert route.property_dependencies == {
        "destinationCidrBlock": [],
        "natGatewayId": [nat.urn],
        "routeTableId": [table.urn],
    }
    assert vpc.dependencies == []
    assert deployment.find("awsx:ec2:Vpc", "net").outputs == {
        "vpcId": vpc.id,
        "publicSubnetIds": [nat.inputs["subnetId"]],
        "privateSubnetIds": [subnet.id],
        "isolatedSubnetIds": [],
    }


@pytest.mark.parametrize(("strategy", "gateways", "routes"), [("None", 0, 3), ("Single", 1, 6), ("OnePerAz", 3, 6)])
def test_nat_strategies(preview, strategy, gateways, routes):
    """Without NAT gateways private subnets have no default route."""
    found = counts(network(preview, nat_gateways={"strategy": strategy}))
    assert found.get("aws:ec2:NatGateway", 0) == found.get("aws:ec2:Eip", 0) == gateways
    assert found["aws:ec2:Route"] == routes


def test_isolated_subnets_have_no_route(preview):
    """They reach neither gateway."""
    specs = [{"type": "Public"}, {"type": "Isolated"}]
    deployment = network(
        preview,
        subnet_specs=specs,
        subnet_strategy="Auto",
        availability_zone_names=["eu-west-1c"],
        nat_gateways={"strategy": "None"},
    )
    assert [route.name for route in deployment.of_type("aws:ec2/route:Route")] == ["net-public-1"]
    assert [s.inputs["availabilityZone"] for s in deployment.of_type("aws:ec2/subnet:Subnet")] == ["eu-west-1c"] * 2


def test_endpoints_of_strategy_auto(preview):
    """Interface endpoints get one private subnet a zone, a security group and private DNS; gateways route tables."""
    specs = [
        {"service_name": "com.amazonaws.eu-west-1.s3", "vpc_endpoint_type": "Gateway"},
        {"service_name": "com.amazonaws.eu-west-1.logs", "vpc_endpoint_type": "Interface"},
    ]
    deployment = network(
        preview,
        number_of_availability_zones=2,
        vpc_endpoint_specs=specs,
        vpc_endpoint_strategy="Auto",
    )
    gateway = deployment.find("aws:ec2/vpcEndpoint:VpcEndpoint", "com.amazonaws.eu-west-1.s3")
    interface = deployment.find("aws:ec2/vpcEndpoint:VpcEndpoint", "com.amazonaws.eu-west-1.logs")
    group = deployment.find("aws:ec2/securityGroup:SecurityGroup", "com.amazonaws.eu-west-1.logs-sg")
    rule = deployment.find("aws:ec2/securityGroupRule:SecurityGroupRule", "com.amazonaws.eu-west-1.logs-ingress")
    vpc = deployment.find("aws:ec2/vpc:Vpc", "net")
    private = [deployment.find("aws:ec2/subnet:Subnet", f"net-private-{zone}").id for zone in (1, 2)]
    tables = {table.id for table in deployment.of_type("aws:ec2/routeTable:RouteTable")}
    assert set(gateway.inputs["routeTableIds"]) == tables
    assert "subnetIds" not in gateway.inputs
    assert interface.inputs == {
        "privateDnsEnabled": True,
        "subnetIds": private,
        "securityGroupIds": [group.id],
        "serviceName": "com.amazonaws.eu-west-1.logs",
        "vpcEndpointType": "Interface",
        "tags": {"Name": "net"},
        "vpcId": vpc.id,
    }
    assert rule.inputs["cidrBlocks"] == ["10.0.0.0/16"]
    assert rule.property_dependencies["cidrBlocks"] == [vpc.urn]
    assert (vpc.inputs["enableDnsHostnames"], vpc.inputs["enableDnsSupport"]) == (True, True)


def test_endpoints_without_strategy_are_taken_as_they_are(preview):
    """The default strategy adds nothing."""
    specs = [{"service_name": "com.amazonaws.eu-west-1.logs", "vpc_endpoint_type": "Interface"}]
    deployment = network(preview, vpc_endpoint_specs=specs)
    (endpoint,) = deployment.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
    assert sorted(endpoint.inputs) == ["serviceName", "tags", "vpcEndpointType", "vpcId"]
    assert deployment.of_type("aws:ec2/securityGroup:SecurityGroup") == []


def test_endpoints_without_private_dns_ask_nothing_of_the_vpc(preview):
    """DNS attributes stay as they are given, also off."""
    deployment = network(
        preview,
        enable_dns_support=False,
        vpc_endpoint_strategy="Auto",
        vpc_endpoint_specs=[{"service_name": "x", "vpc_endpoint_type": "Interface", "private_dns_enabled": False}],
    )
    assert deployment.find("aws:ec2/vpc:Vpc", "net").inputs["enableDnsSupport"] is False
    assert deployment.find("aws:ec2/vpcEndpoint:VpcEndpoint", "x").inputs["privateDnsEnabled"] is False


def test_a_first_preview(preview):
    """Ids are unknown, addresses and edges known."""
    deployment = network(preview, first_preview=True, number_of_availability_zones=1)
    subnet = deployment.find("aws:ec2/subnet:Subnet", "net-private-1")
    assert (subnet.id, subnet.inputs["vpcId"], subnet.inputs["cidrBlock"]) == ("", UNKNOWN, "10.0.0.0/17")
    assert subnet.property_dependencies["vpcId"] == [f"{VPC}::net"]
    assert deployment.find("awsx:ec2:Vpc", "net").outputs["privateSubnetIds"] == [UNKNOWN]


def test_providers_of_the_component_manage_its_children(preview):
    """In its region; `protect` reaches them too."""

    def program() -> None:
        provider = aws.Provider("other", region="us-east-1")
        awsx.ec2.Vpc("net", opts=pulumi.ResourceOptions(providers=[provider], protect=True))

    deployment = preview(program)
    children = [resource for resource in deployment if resource.urn.startswith(VPC)]
    assert {child.provider_urn.split("::")[-1] for child in children} == {"other"}
    assert all(child.protect for child in children)
    zones = {subnet.inputs["availabilityZone"] for subnet in deployment.of_type("aws:ec2/subnet:Subnet")}
    assert zones == {"us-east-1a", "us-east-1b", "us-east-1c"}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            {"availability_zone_names": ["a"], "number_of_availability_zones": 1},
            "Only one of [availabilityZoneNames] and [numberOfAvailabilityZones] can be specified",
        ),
        (
            {"number_of_availability_zones": 4},
            "The configured region for this provider does not have at least 4 Availability Zones. Either specify an "
            "explicit list of zones in availabilityZoneNames or choose a region with at least 4 AZs.",
        ),
        ({"nat_gateways": {"strategy": "Two"}}, "Unknown NatGatewayStrategy 'Two'"),
        (
            {"subnet_specs": [{"type": "Private"}], "subnet_strategy": "Auto"},
            "If NAT Gateway strategy is 'OnePerAz' or 'Single', public subnets must be declared to host the NAT "
            "Gateway resource, along with private or isolated subnets to route through it.",
        ),
        (
            {
                "enable_dns_support": False,
                "vpc_endpoint_strategy": "Auto",
                "vpc_endpoint_specs": [{"service_name": "x", "vpc_endpoint_type": "Interface"}],
            },
            'vpcEndpointStrategy "Auto" requires enableDnsSupport to be true when Interface endpoint private DNS is '
            "enabled.",
        ),
    ],
)
def test_what_awsx_refuses(preview, args, message):
    """In awsx's words, with the component."""
    with pytest.raises(OfflineError) as caught:
        network(preview, **args)
    assert str(caught.value).endswith(f": awsx:ec2:Vpc (net): {message}")


def test_a_network_of_unknown_shape(preview):
    """What decides the layout must be known."""

    def program() -> None:
        specs = [{"type": "Public", "name": aws.sqs.Queue("jobs").url}, {"type": "Private"}]
        awsx.ec2.Vpc("net", subnet_strategy=awsx.ec2.SubnetAllocationStrategy.AUTO, subnet_specs=specs)

    with pytest.raises(OfflineError, match="subnetSpecs isn't known yet; the network can't be laid out offline"):
        preview(program)
