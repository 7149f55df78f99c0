"""Settings of the VPC."""

from functools import partial
from typing import Annotated, Literal

from pydantic import ConfigDict, ValidationInfo, field_validator

from components import limits
from components.limits import Refused
from settings.mistake import Model
from settings.types import RetentionDays, checked


class FlowLogs(Model):
    """Which traffic of the VPC is logged, and for how long."""

    traffic_type: Literal["ACCEPT", "REJECT", "ALL"] = "REJECT"
    """Traffic to record; refused connections unless set."""

    retention_days: RetentionDays = 30
    """Days that CloudWatch Logs keeps the records; 30 unless set."""


class Network(Model):
    """The VPC: public subnets for the load balancer, private ones for the tasks."""

    cidr_block: Annotated[str, checked(partial(limits.check_cidr, shortest=16, longest=20))] = "10.0.0.0/16"
    """IPv4 range of the VPC, /16 to /20; 10.0.0.0/16 unless set."""

    availability_zones: Annotated[int, checked(limits.check_availability_zones)] = 2
    """Number of Availability Zones, each with a public and a private subnet; 2 unless set."""

    nat_gateways: Literal["None", "Single", "OnePerAz"] = "Single"
    """NAT gateways of the private subnets: one for all unless set; OnePerAz survives the loss of a zone."""

    vpc_endpoints: list[limits.Endpoint] = ["s3"]
    """Services reached without leaving the VPC; S3, which is free of charge, unless set."""

    flow_logs: FlowLogs | None = FlowLogs()
    """Flow logs of the VPC; refused connections for 30 days unless set, none with null."""

    @field_validator("vpc_endpoints")
    @classmethod
    def _enough_without_nat(cls, value: list[str], info: ValidationInfo) -> list[str]:
        if len(value) > len(set(value)):
            raise Refused(", ".join(value), "each endpoint once", "a VPC has one endpoint for a service")
        missing = [name for name in limits.ENDPOINTS_WITHOUT_NAT if name not in value]
        if info.data.get("nat_gateways") == "None" and missing:
            raise Refused(
                ", ".join(value) or "no endpoint",
                f"{', '.join(missing)} as well, or natGateways Single or OnePerAz",
                "tasks without a NAT gateway could neither pull their image nor log",
            )
        return value

    model_config = ConfigDict(validate_default=True)
