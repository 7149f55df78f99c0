"""Settings of the ECS cluster."""

from typing import Literal

from settings.mistake import Model


class Cluster(Model):
    """The ECS cluster."""

    container_insights: Literal["enhanced", "enabled", "disabled"] = "enhanced"
    """CloudWatch Container Insights; enhanced unless set."""
