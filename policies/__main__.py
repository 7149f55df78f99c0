"""The policy pack. `PolicyPack` starts a server and never returns."""

import os

from pulumi_policy import EnforcementLevel, PolicyPack

import analyzer
import native
from configuration import Configuration
from rules import RULES

configuration = Configuration(RULES)
# The SDK's own path, by which the fast one can be checked.
analyzer.install(RULES, configuration, fast=os.environ.get("ECS_BLUE_GREEN_POLICIES_PLAIN") != "1")
PolicyPack(
    name="ecs-blue-green",
    policies=native.policies(RULES, configuration),
    enforcement_level=EnforcementLevel.ADVISORY,
    description="Blue/green releases on Amazon ECS that are safe to start, watch and roll back.",
)
