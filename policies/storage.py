"""What is set for S3 buckets, whether inline or by the provider's split resources."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from aws import ACCOUNT_PUBLIC_ACCESS_BLOCK, BUCKET, BUCKET_POLICY, BUCKET_PUBLIC_ACCESS_BLOCK, BUCKET_VERSIONING
from resources import Resource
from stack import Stack
from value import Undecided, Value

PUBLIC_ACCESS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
"""The four flags of a public access block."""


@dataclass
class Settings:
    """The split resources of each bucket.

    Attributes:
        by_kind: the resources by bucket key and their own kind.
        doubts: those that cannot be told to which bucket they belong.
    """

    by_kind: dict[tuple[str, str], list[Resource]] = field(default_factory=lambda: defaultdict(list))
    doubts: list[Undecided] = field(default_factory=list)

    def of(self, bucket: Resource, kind: str) -> list[Resource]:
        """A bucket's resources of a kind."""
        return self.by_kind.get((bucket.urn, kind), [])


def settings(stack: Stack) -> Settings:
    """The table, for `Stack.derived`."""
    table = Settings()
    for holder in stack.of(BUCKET_PUBLIC_ACCESS_BLOCK, BUCKET_VERSIONING, BUCKET_POLICY):
        try:
            for key in stack.keys(holder["bucket"], BUCKET):
                table.by_kind[key, holder.kind].append(holder)
        except Undecided as doubt:
            table.doubts.append(doubt)
    return table


def access_blocks(bucket: Resource, stack: Stack) -> list[Resource]:
    """What blocks public access to a bucket: its own block, or else the account's."""
    return stack.derived(settings).of(bucket, BUCKET_PUBLIC_ACCESS_BLOCK) or stack.of(ACCOUNT_PUBLIC_ACCESS_BLOCK)


def versionings(bucket: Resource, stack: Stack) -> list[Value]:
    """What turns a bucket's versioning on: a status, or an inline flag that is set."""
    inline = [bucket["versioning"]["enabled"], *_given(bucket["versionings"])]
    split = stack.derived(settings).of(bucket, BUCKET_VERSIONING)
    return [
        *(each["versioningConfiguration"]["status"] for each in split),
        *(each for each in inline if not each.is_computed and (each.is_unknown or each.flag)),
    ]


def policies(bucket: Resource, stack: Stack) -> list[Value]:
    """A bucket's policies, as documents."""
    split = [each["policy"] for each in stack.derived(settings).of(bucket, BUCKET_POLICY)]
    inline = bucket["policy"]
    return split or ([] if inline.is_computed or not (inline.is_unknown or inline.known) else [inline])


def _given(versionings: Value) -> list[Value]:
    if versionings.is_unknown:
        return [versionings]
    return [each["enabled"] for each in versionings.items]
