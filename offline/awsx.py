"""The children that `awsx.ec2.Vpc` registers under itself, and its outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from offline import subnets
from offline.deployment import Resource
from offline.value import UNKNOWN, Value, is_known, reveal

VPC = "awsx:ec2:Vpc"
DEFAULT_CIDR = "10.0.0.0/16"


@dataclass(frozen=True, slots=True)
class Output:
    """An input that is another resource's output; `attribute` is "id" or one of its outputs."""

    resource: Resource
    attribute: str = "id"

    @property
    def value(self) -> Value:
        """What it resolves to."""
        if self.attribute == "id":
            return self.resource.id or UNKNOWN
        return self.resource.outputs.get(self.attribute, UNKNOWN)


Register = Callable[[str, str, Resource, Mapping[str, Any]], Resource]
"""(type, name, parent, inputs) -> the registered child. Inputs may be, or be lists of, `Output`s."""

_ONLY_AWSX = (
    # inputs of the component that aren't passed on to aws.ec2.Vpc
    "availabilityZoneCidrMask",
    "availabilityZoneNames",
    "natGateways",
    "numberOfAvailabilityZones",
    "subnetNameTagStrategy",
    "subnetSpecs",
    "subnetStrategy",
    "vpcEndpointSpecs",
    "vpcEndpointStrategy",
)


def expand(component: Resource, zones_of_region: Sequence[str], register: Register) -> dict[str, list[Output] | Output]:
    """Register the children of a VPC component; returns its outputs.

    Outputs that are resources themselves (`vpc`, `subnets`, ...) are left out and so stay unknown.
    Raises ValueError, in awsx's words where it has some, for what awsx refuses.
    """
    args = _known(component.inputs)
    network = _Network(component, args, _zones(args, zones_of_region), register)
    network.add_subnets()
    network.add_endpoints()
    return {
        "vpcId": Output(network.vpc),
        "publicSubnetIds": [Output(subnet) for subnet in network.subnets["Public"]],
        "privateSubnetIds": [Output(subnet) for subnet in network.subnets["Private"]],
        "isolatedSubnetIds": [Output(subnet) for subnet in network.subnets["Isolated"]],
    }


class _Network:
    """Registers one VPC piece by piece, in the order awsx does."""

    def __init__(
        self,
        component: Resource,
        args: Mapping[str, Value],
        zones: Sequence[str],
        register: Register,
    ) -> None:
        self.name = component.name
        self.args = args
        self.zones = zones
        self.register = register
        self.nat_strategy: str = (args.get("natGateways") or {}).get("strategy") or "OnePerAz"
        self.endpoints: Sequence[Mapping[str, Any]] = args.get("vpcEndpointSpecs") or ()
        self.automatic_endpoints = args.get("vpcEndpointStrategy") == "Auto"
        self.planned = subnets.layout(
            self.name,
            args.get("cidrBlock") or DEFAULT_CIDR,
            zones,
            args.get("subnetSpecs"),
            args.get("subnetStrategy") or "Legacy",
            args.get("availabilityZoneCidrMask"),
        )
        _check_nat(self.nat_strategy, self.planned)
        dns = self._dns()
        self.tags = {"Name": self.name, **(args.get("tags") or {})}
        passed = {key: value for key, value in args.items() if key not in _ONLY_AWSX}
        self.vpc = register(
            "aws:ec2/vpc:Vpc",
            self.name,
            component,
            {"cidrBlock": DEFAULT_CIDR, **passed, **dns, "tags": self.tags},
        )
        self.gateway = register(
            "aws:ec2/internetGateway:InternetGateway",
            self.name,
            self.vpc,
            {"vpcId": Output(self.vpc), "tags": self.tags},
        )
        self.subnets: dict[str, list[Resource]] = {type_: [] for type_ in subnets.TYPES}
        self.by_zone: dict[tuple[str, str], Resource] = {}
        self.tables: list[Resource] = []
        self.nat_gateways: list[Resource] = []

    def add_subnets(self) -> None:
        """Subnets with route table, association, route, and the NAT gateways."""
        for plan in self.planned:
            tags = {**self.tags, "Name": plan.name, "SubnetType": plan.type}
            subnet = self.register(
                "aws:ec2/subnet:Subnet",
                plan.name,
                self.vpc,
                {
                    "vpcId": Output(self.vpc),
                    "availabilityZone": plan.zone,
                    "mapPublicIpOnLaunch": plan.type == "Public",
                    "cidrBlock": plan.cidr,
                    "assignIpv6AddressOnCreation": False,
                    "tags": {**plan.tags, **tags},
                },
            )
            self.subnets[plan.type].append(subnet)
            self.by_zone.setdefault((plan.zone, plan.type), subnet)
            table = self.register(
                "aws:ec2/routeTable:RouteTable",
                plan.name,
                subnet,
                {"vpcId": Output(self.vpc), "tags": tags},
            )
            self.tables.append(table)
            self.register(
                "aws:ec2/routeTableAssociation:RouteTableAssociation",
                plan.name,
                table,
                {"routeTableId": Output(table), "subnetId": Output(subnet)},
            )
            target = self._way_out(plan, subnet)
            if target:
                self.register(
                    "aws:ec2/route:Route",
                    plan.name,
                    table,
                    {
                        "routeTableId": Output(table),
                        **target,
                        "destinationCidrBlock": "0.0.0.0/0",
                    },
                )

    def _way_out(self, plan: subnets.Subnet, subnet: Resource) -> dict[str, Output]:
        """The target of a subnet's default route; a public subnet gets its NAT gateway first."""
        zone = self.zones.index(plan.zone)
        if plan.type == "Public":
            wanted = {"None": 0, "Single": 1}.get(self.nat_strategy, zone + 1)
            if len(self.nat_gateways) < wanted:
                self._add_nat_gateway(zone + 1, subnet)
            return {"gatewayId": Output(self.gateway)}
        if plan.type == "Private" and self.nat_strategy != "None":
            index = 0 if self.nat_strategy == "Single" else zone
            return {"natGatewayId": Output(self.nat_gateways[index])}
        return {}

    def _add_nat_gateway(self, number: int, subnet: Resource) -> None:
        name = f"{self.name}-{number}"
        tags = {**(self.args.get("tags") or {}), "Name": name}
        address = self.register("aws:ec2/eip:Eip", name, subnet, {"tags": tags})
        self.nat_gateways.append(
            self.register(
                "aws:ec2/natGateway:NatGateway",
                name,
                subnet,
                {
                    "subnetId": Output(subnet),
                    "allocationId": Output(address, "allocationId"),
                    "tags": tags,
                },
            )
        )

    def add_endpoints(self) -> None:
        """VPC endpoints; strategy Auto finds their subnets, route tables and security group itself."""
        for spec in self.endpoints:
            found: dict[str, Any] = {}
            if self.automatic_endpoints and _is_interface(spec):
                found["privateDnsEnabled"] = True
                if "subnetConfigurations" not in spec:
                    found["subnetIds"] = [Output(subnet) for subnet in self._one_per_zone()]
                if "securityGroupIds" not in spec:
                    found["securityGroupIds"] = [Output(self._endpoint_security_group(spec))]
            elif self.automatic_endpoints and _is_gateway(spec):
                found["routeTableIds"] = [Output(table) for table in self.tables]
            self.register(
                "aws:ec2/vpcEndpoint:VpcEndpoint",
                spec["serviceName"],
                self.vpc,
                {
                    **found,
                    **spec,
                    "tags": {**self.tags, **(spec.get("tags") or {})},
                    "vpcId": Output(self.vpc),
                },
            )

    def _one_per_zone(self) -> list[Resource]:
        chosen = (
            next(
                (subnet for type_ in ("Private", "Isolated", "Public") if (subnet := self.by_zone.get((zone, type_)))),
                None,
            )
            for zone in self.zones
        )
        return [subnet for subnet in chosen if subnet is not None]

    def _endpoint_security_group(self, spec: Mapping[str, Any]) -> Resource:
        service = spec["serviceName"]
        group = self.register(
            "aws:ec2/securityGroup:SecurityGroup",
            f"{service}-sg",
            self.vpc,
            {"vpcId": Output(self.vpc), "tags": {**self.tags, **(spec.get("tags") or {})}},
        )
        self.register(
            "aws:ec2/securityGroupRule:SecurityGroupRule",
            f"{service}-ingress",
            self.vpc,
            {
                "type": "ingress",
                "securityGroupId": Output(group),
                "protocol": "tcp",
                "fromPort": 443,
                "toPort": 443,
                "cidrBlocks": [Output(self.vpc, "cidrBlock")],
            },
        )
        return group

    def _dns(self) -> dict[str, bool]:
        """What private DNS of interface endpoints asks of the VPC."""
        if not self.automatic_endpoints or not any(
            _is_interface(spec) and spec.get("privateDnsEnabled") is not False for spec in self.endpoints
        ):
            return {}
        for key in ("enableDnsHostnames", "enableDnsSupport"):
            if self.args.get(key) is False:
                raise ValueError(
                    f'vpcEndpointStrategy "Auto" requires {key} to be true when Interface endpoint '
                    "private DNS is enabled."
                )
        return {"enableDnsHostnames": True, "enableDnsSupport": True}


def _is_interface(spec: Mapping[str, Any]) -> bool:
    return spec.get("vpcEndpointType", "Gateway").lower() == "interface"


def _is_gateway(spec: Mapping[str, Any]) -> bool:
    return spec.get("vpcEndpointType", "Gateway").lower() == "gateway"


def _known(inputs: Mapping[str, Value]) -> dict[str, Value]:
    for key in ("cidrBlock", *_ONLY_AWSX):
        if not is_known(inputs.get(key)):
            raise ValueError(f"{key} isn't known yet; the network can't be laid out offline")
    return {key: reveal(value) if key in ("cidrBlock", *_ONLY_AWSX) else value for key, value in inputs.items()}


def _zones(args: Mapping[str, Value], available: Sequence[str]) -> Sequence[str]:
    names, count = args.get("availabilityZoneNames"), args.get("numberOfAvailabilityZones")
    if names and count:
        raise ValueError("Only one of [availabilityZoneNames] and [numberOfAvailabilityZones] can be specified")
    if names:
        return names
    wanted = int(count or 3)
    if len(available) < wanted:
        raise ValueError(
            f"The configured region for this provider does not have at least {wanted} Availability "
            "Zones. Either specify an explicit list of zones in availabilityZoneNames or choose a "
            f"region with at least {wanted} AZs."
        )
    return available[:wanted]


def _check_nat(strategy: str, planned: Sequence[subnets.Subnet]) -> None:
    if strategy not in ("None", "Single", "OnePerAz"):
        raise ValueError(f"Unknown NatGatewayStrategy '{strategy}'")
    types = {subnet.type for subnet in planned}
    if strategy != "None" and not ("Public" in types and types & {"Private", "Isolated"}):
        raise ValueError(
            "If NAT Gateway strategy is 'OnePerAz' or 'Single', public subnets must be declared to host "
            "the NAT Gateway resource, along with private or isolated subnets to route through it."
        )
