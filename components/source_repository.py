"""Where the source of a pipeline is kept."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws


class SourceRepositoryArgs(TypedDict):
    """Arguments of a `SourceRepository`."""

    name: str
    """Name of the repository."""

    description: str
    """What is kept in it, in a sentence."""

    key_arn: NotRequired[pulumi.Input[str] | None]
    """KMS key of its contents; AWS's own unless given."""

    force_destroy: NotRequired[bool]
    """Whether the repository goes with the stack, and all commits with it; it stays in the account unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of the repository; none unless given."""


class SourceRepository(pulumi.ComponentResource):
    """A CodeCommit repository, empty until somebody pushes to it.

    AWS closed CodeCommit to new customers in July 2024 and has opened it again since (G64).
    """

    name: pulumi.Output[str]
    """Name of the repository."""

    clone_url: pulumi.Output[str]
    """Where it is pushed to, over HTTPS."""

    def __init__(self, name: str, args: SourceRepositoryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ecs-blue-green:index:SourceRepository", name, None, opts)

        repository = aws.codecommit.Repository(
            f"{name}-source",
            repository_name=args["name"],
            description=args["description"],
            kms_key_id=args.get("key_arn"),
            tags=args.get("tags"),
            # CodeCommit deletes a repository with all that is in it, and asks nobody.
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=not args.get("force_destroy", False)),
        )

        self.name = repository.repository_name
        self.clone_url = repository.clone_url_http
        self.register_outputs({"name": self.name, "clone_url": self.clone_url})
