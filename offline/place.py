"""Where an offline stack lives: account, region, and the partition the region belongs to."""

from __future__ import annotations

from dataclasses import dataclass

ACCOUNT = "123456789012"
"""The account every offline run happens in; AWS's documentation uses it for examples."""

DEFAULT_REGION = "us-east-1"
"""Where a stack without `aws:region` goes offline; the provider would ask the shell's AWS profile."""

_PARTITIONS = (
    # region prefix, partition, DNS suffix, reverse DNS prefix
    ("cn-", "aws-cn", "amazonaws.com.cn", "cn.com.amazonaws"),
    ("eusc-", "aws-eusc", "amazonaws.eu", "eu.amazonaws"),
    ("us-gov-", "aws-us-gov", "amazonaws.com", "com.amazonaws"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov", "gov.sgov.sc2s"),
    ("us-iso-", "aws-iso", "c2s.ic.gov", "gov.ic.c2s"),
    ("", "aws", "amazonaws.com", "com.amazonaws"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """An account and a region."""

    region: str = DEFAULT_REGION
    account: str = ACCOUNT

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn`, ..."""
        return self._row[1]

    @property
    def dns(self) -> str:
        """The domain of the partition's endpoints: `amazonaws.com`."""
        return self._row[2]

    @property
    def reverse_dns(self) -> str:
        """The prefix of the partition's service names: `com.amazonaws`."""
        return self._row[3]

    @property
    def _row(self) -> tuple[str, str, str, str]:
        return next(row for row in _PARTITIONS if self.region.startswith(row[0]))
