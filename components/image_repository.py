"""Where the images of a service are kept."""

import json
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.location import Location, arn


class ImageRepositoryArgs(TypedDict):
    """Arguments of an `ImageRepository`."""

    location: Location
    """Where the stack lives."""

    name: str
    """Name of the repository."""

    keep_images: NotRequired[int]
    """Images to keep, so that an old revision can still be started; 30 unless given."""

    mutable_tags: NotRequired[list[str]]
    """Tags that may move, as names or prefixes such as cache-*; none unless given (G60)."""

    force_destroy: NotRequired[bool]
    """Whether deleting the repository deletes its images too; not unless given."""

    key_arn: NotRequired[pulumi.Input[str] | None]
    """KMS key of the images, decided at creation; AWS's own unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class ImageRepository(pulumi.ComponentResource):
    """A private ECR repository that scans what is pushed, never lets a tag move, and forgets old images."""

    arn: pulumi.Output[str]
    """The repository."""

    url: pulumi.Output[str]
    """Where images are pushed to and pulled from, without a tag."""

    def __init__(self, name: str, args: ImageRepositoryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ecs-blue-green:index:ImageRepository", name, None, opts)

        mutable, key_arn = args.get("mutable_tags", []), args.get("key_arn")
        repository = aws.ecr.Repository(
            f"{name}-images",
            name=args["name"],
            image_tag_mutability="IMMUTABLE_WITH_EXCLUSION" if mutable else "IMMUTABLE",
            image_tag_mutability_exclusion_filters=[{"filter": tag, "filter_type": "WILDCARD"} for tag in mutable]
            or None,
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[
                {"encryption_type": "AES256"} if key_arn is None else {"encryption_type": "KMS", "kms_key": key_arn}
            ],
            force_delete=args.get("force_destroy", False),
            tags=args.get("tags"),
            # Its name is fixed, so that a replacement can't exist beside it.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        aws.ecr.LifecyclePolicy(
            f"{name}-images",
            repository=repository.name,
            policy=json.dumps(_lifecycle(args.get("keep_images", 30))),
            opts=pulumi.ResourceOptions(parent=self),
        )

        # Made of the name, so that a policy document that holds it can be read in the first preview.
        self.arn = repository.name.apply(lambda known: arn(args["location"], "ecr", f"repository/{known}"))
        self.url = repository.repository_url
        self.register_outputs({"arn": self.arn, "url": self.url})


def _lifecycle(keep: int) -> dict[str, Any]:
    """Untagged images go after a day, of the others the latest `keep` stay.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
    """
    untagged = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1}
    latest = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": keep}
    return {
        "rules": [
            {"rulePriority": 1, "description": "Untagged", "selection": untagged, "action": {"type": "expire"}},
            {"rulePriority": 2, "description": f"Latest {keep}", "selection": latest, "action": {"type": "expire"}},
        ]
    }
