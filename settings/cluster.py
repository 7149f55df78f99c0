"""Settings of the ECS cluster, and of what its services share."""

from typing import Annotated, Literal

from settings.mistake import Model
from settings.types import RetentionDays, matching

NamespaceName = matching(r"(?!arn:)[!-~]{1,1024}", "1 to 1024 ASCII characters without spaces, not an ARN")


class TaskLogs(Model):
    """One log group for the containers of all services, told apart by stream prefixes."""

    name: Annotated[
        str,
        matching(r"(?!aws/)[A-Za-z0-9_/.#-]{1,512}", "1 to 512 letters, digits and _ / . # -, not starting with aws/"),
    ]
    """Name of the log group."""

    retention_days: RetentionDays = 30
    """Days that CloudWatch Logs keeps what it holds; 30 unless set."""


class Cluster(Model):
    """The ECS cluster, and what its services share."""

    container_insights: Literal["enhanced", "enabled", "disabled"] = "enhanced"
    """CloudWatch Container Insights; enhanced unless set."""

    namespace: Annotated[str, NamespaceName] | None = None
    """Name of the Service Connect namespace, which is made where a service uses it; the stack's `name` with .local
    unless set."""

    task_logs: TaskLogs | None = None
    """One log group for the containers of all services; each has its own unless set."""
