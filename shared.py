"""What the services of a stack have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.cluster import Cluster
from components.load_balancer import LoadBalancer
from components.location import Location
from settings import SmokeTest


@dataclass(frozen=True)
class Shared:
    """What the services of a stack have in common.

    Attributes:
        name: name of the stack's shared resources.
        key_arn: KMS key of logs and images; None for AWS's own.
        artifact_key_arn: KMS key of what pipelines pass on; None in a stack without pipelines.
        smoke_tests: requests by which releases are tested, by service and hook.
    """

    name: str
    location: Location
    vpc_id: pulumi.Output[str]
    subnet_ids: pulumi.Output[Sequence[str]]
    cluster: Cluster
    load_balancer: LoadBalancer | None
    key_arn: pulumi.Input[str] | None
    artifact_key_arn: pulumi.Input[str] | None
    smoke_tests: Mapping[str, Mapping[str, SmokeTest]]
    protect: bool
    tags: dict[str, str]
