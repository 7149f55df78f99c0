"""The policy pack. `PolicyPack` starts a server and never returns."""

import os

from pulumi_policy import EnforcementLevel, PolicyPack

import analyzer
import native
from rules import RULES

# The SDK's own path, by which the fast one can be checked.
if os.environ.get("ECS_BLUE_GREEN_POLICIES_PLAIN") != "1":
    analyzer.install(RULES)
PolicyPack(
    name="ecs-blue-green",
    policies=native.policies(RULES),
    enforcement_level=EnforcementLevel.ADVISORY,
    description="Blue/green releases on Amazon ECS that are safe to start, watch and roll back.",
)
