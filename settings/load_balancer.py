"""Settings of the load balancer that the services of a stack share."""

from typing import Annotated, Literal

from pydantic import Field

from components import limits
from settings.mistake import Model
from settings.types import Cidr, arn, matching


class AccessLogs(Model):
    """Access logs of the load balancer, in an S3 bucket made for them."""

    retention_days: Annotated[int, Field(ge=1, le=3653)] = 90
    """Days that a log is kept; 90 unless set."""

    force_destroy: bool = False
    """Whether destroying the stack deletes the logs too; not unless set."""


class LoadBalancer(Model):
    """The Application Load Balancer that the services of the stack share."""

    scheme: Literal["internet-facing", "internal"] = "internet-facing"
    """Whether its addresses are public; internet-facing unless set."""

    ingress_cidrs: list[Cidr] = ["0.0.0.0/0"]
    """Who may reach the production listeners; everyone unless set."""

    test_ingress_cidrs: list[Cidr] = []
    """Who may reach the test listeners besides the VPC itself; nobody unless set."""

    certificate_arn: Annotated[str, arn("acm", "certificate/.+", "an ACM certificate")] | None = None
    """ACM certificate; with one, every listener is HTTPS and port 80 redirects to 443."""

    ssl_policy: Annotated[
        str,
        matching(
            r"ELBSecurityPolicy-TLS13-1-[23]-[A-Za-z0-9-]+",
            "a policy for TLS 1.2 or later, ELBSecurityPolicy-TLS13-1-…",
        ),
    ] = limits.SSL_POLICY
    """Security policy of the HTTPS listeners, TLS 1.2 or later; TLS13-1-2-Res-2021-06 unless set."""

    access_logs: AccessLogs | None = None
    """Access logs; none unless set."""

    deletion_protection: bool = False
    """Whether Elastic Load Balancing refuses to delete it; not unless set."""

    web_acl_arn: Annotated[str, arn("wafv2", "regional/webacl/.+", "a regional web ACL")] | None = None
    """Regional AWS WAF web ACL to put in front; none unless set."""

    idle_timeout_seconds: Annotated[int, Field(ge=1, le=4000)] = 60
    """Seconds that an idle connection is kept; 60 unless set."""

    @property
    def internal(self) -> bool:
        """Whether its addresses are private."""
        return self.scheme == "internal"
