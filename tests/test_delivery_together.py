"""Pipelines of several services in one stack: in what order they come, and that they share nothing."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase

import pytest

from offline.deployment import Deployment
from tests.graph import needs, only, unreadable
from tests.pipeline_stacks import (
    CONTROLLERS,
    OBJECT,
    PIPELINE,
    PROJECT,
    REPOSITORY,
    ROLE_POLICY,
    RULE,
    SERVICE,
    SOURCES,
    TARGET,
    everything,
    files,
    of_service,
    service,
    started_by,
)


@pytest.fixture(scope="module")
def shop(preview) -> Deployment:
    """Services with pipelines of every kind, in one stack."""
    return preview(services=everything())


NAMES = ("web", "api", "jobs", "docs")
DELIVERING = {
    "ArtifactBucket",
    "DeployPipeline",
    "HookFunction",
    "ImagePipeline",
    "NativeReleasePipeline",
    "ReleaseFiles",
    "ReleasePipeline",
    "ReleaseTopic",
    "SourceRepository",
}
"""The components that deliver a service."""


class TestTree:
    """The resource tree mirrors the components."""

    def test_components(self, shop):
        """What delivers a service is a part of it, by names that say what each part is for."""
        parts = {
            name: sorted(
                f"{r.type.rpartition(':')[2]} {r.name}"
                for r in shop.children(shop.find("ecs-blue-green:index:BlueGreenService", name).urn)
                if r.type.rpartition(":")[2] in DELIVERING
            )
            for name in NAMES
        }
        assert parts == {
            "web": [
                "ArtifactBucket web",
                "DeployPipeline web",
                "HookFunction web-admission",
                "HookFunction web-smoke",
                "ImagePipeline web",
                "ReleaseFiles web",
                "ReleaseTopic web",
                "SourceRepository web-app",
                "SourceRepository web-files",
            ],
            "api": [
                "ArtifactBucket api",
                "HookFunction api-approval",
                "HookFunction api-smoke",
                "NativeReleasePipeline api",
                "ReleaseFiles api",
                "ReleaseTopic api",
            ],
            "jobs": ["ArtifactBucket jobs", "NativeReleasePipeline jobs", "ReleaseFiles jobs"],
            "docs": ["ArtifactBucket docs", "ReleaseFiles docs", "ReleasePipeline docs"],
        }

    def test_names(self, shop):
        """Children are named after their component, and no two resources share a URN."""
        by_urn = shop.by_urn()
        assert len(by_urn) == len(shop)
        for resource in shop:
            if resource.parent and by_urn[resource.parent].type.startswith("ecs-blue-green:"):
                assert resource.name.startswith(by_urn[resource.parent].name), resource.urn


class TestOrder:
    """A pipeline runs as soon as it is there, so that all it needs is there before, and goes after (G66)."""

    def test_permissions_come_first(self, shop):
        """Each pipeline waits for all policies of its role, and for its projects with theirs."""
        policies = {r.urn: r.inputs["role"] for r in shop.of_type(ROLE_POLICY)}
        roles = {r.outputs["arn"]: r.id for r in shop.of_type("aws:iam/role:Role")}
        projects = {r.inputs["name"]: r for r in shop.of_type(PROJECT)}
        for pipeline in shop.of_type(PIPELINE):
            found = needs(shop, pipeline)
            run = [
                projects[action["configuration"]["ProjectName"]]
                for stage in pipeline.inputs["stages"]
                for action in stage["actions"]
                if action["provider"] == "CodeBuild"
            ]
            by = {roles[pipeline.inputs["roleArn"]], *(roles[project.inputs["serviceRole"]] for project in run)}
            granted = {urn for urn, role in policies.items() if role in by}
            assert granted | {project.urn for project in run} <= found, pipeline.name
            assert len(granted) >= 3 + 2 * len(run), pipeline.name

    def test_files_come_first(self, shop):
        """A pipeline finds the files in its bucket when it first runs."""
        objects = {r.inputs["bucket"]: r.urn for r in shop.of_type(OBJECT)}
        taken = {
            pipeline.name: objects[action["configuration"]["S3Bucket"]]
            for pipeline in shop.of_type(PIPELINE)
            for stage in pipeline.inputs["stages"]
            for action in stage["actions"]
            if action["name"] == "Files" and action["provider"] == "S3"
        }
        assert sorted(taken) == ["api-release-pipeline", "docs-release-pipeline", "jobs-release-pipeline"]
        for name, urn in taken.items():
            assert urn in needs(shop, shop.find(PIPELINE, name))

    @pytest.mark.parametrize("name", NAMES)
    def test_service_comes_first(self, shop, name):
        """What is released is there, with whatever a release does to it."""
        last = [r for r in shop.of_type(PIPELINE) if r.name in (f"{name}-deploy-pipeline", f"{name}-release-pipeline")]
        found = needs(shop, last[0])
        assert shop.find(SERVICE, f"{name}-service").urn in found
        groups = {
            r.urn for r in shop.of_type("aws:codedeploy/deploymentGroup:DeploymentGroup") if r in of_service(shop, name)
        }
        assert groups <= found
        assert len(groups) == (name in ("web", "docs"))

    @pytest.mark.parametrize("name", ["api", "jobs", "docs"])
    def test_files_come_after_what_they_name(self, shop, name):
        """A change of them starts a release: roles, their permissions, hooks and the service are up to date by then."""
        own = {r.urn for r in of_service(shop, name)}
        found = needs(shop, shop.find(OBJECT, f"{name}-files")) & own
        later = {
            (r.type.rpartition(":")[2], r.name)
            for r in of_service(shop, name)
            if r.urn not in found and "-release-" not in r.name and "-artifacts" not in r.name
        }
        assert later == {
            ("BucketObjectv2", f"{name}-files"),
            ("LifecyclePolicy", f"{name}-images"),
            *({("TopicSubscription", "api-releases-api@example.com")} if name == "api" else ()),
            *({("Topic", "api-releases"), ("TopicPolicy", "api-releases")} if name == "api" else ()),
        }

    def test_events_come_last(self, shop):
        """A rule starts a pipeline that is there, by a role that may; they are deleted before it."""
        assert len(shop.of_type(TARGET)) == len(shop.of_type(RULE)) == 3 + 1 + 2 + 2
        for target in shop.of_type(TARGET):
            found = needs(shop, target)
            (pipeline,) = (r for r in shop.of_type(PIPELINE) if r.outputs["arn"] == target.inputs["arn"])
            (role,) = (r for r in shop.of_type("aws:iam/role:Role") if r.outputs["arn"] == target.inputs["roleArn"])
            (allowed,) = (r for r in shop.of_type(ROLE_POLICY) if r.inputs["role"] == role.id)
            assert {pipeline.urn, allowed.urn} <= found

    def test_nothing_of_the_service_waits_for_its_pipelines(self, shop):
        """A service is made and changed whatever its pipelines do, and is deleted after them."""
        delivery = {r.urn for kind in (PIPELINE, PROJECT, TARGET, RULE, OBJECT) for r in shop.of_type(kind)}
        for kind in (SERVICE, "aws:codedeploy/deploymentGroup:DeploymentGroup", "aws:lambda/function:Function"):
            for resource in shop.of_type(kind):
                assert not needs(shop, resource) & delivery, resource.name

    def test_no_circle(self, shop):
        """Nothing needs itself, however far one follows."""
        assert [r.urn for r in shop if r.urn in needs(shop, r)] == []


class TestSharing:
    """Services of one stack have pipelines of their own, and nothing of one is in reach of another."""

    def test_nothing_needs_what_another_has(self, shop):
        """What belongs to a service needs nothing that belongs to another."""
        own = {name: {r.urn for r in of_service(shop, name)} for name in NAMES}
        for name in NAMES:
            others = set().union(*(own[other] for other in NAMES if other != name))
            assert [r.name for r in of_service(shop, name) if needs(shop, r) & others] == []

    def test_no_permission_for_what_another_has(self, shop):
        """No policy of a service allows anything on what belongs to another."""
        arns = {name: {r.outputs["arn"] for r in of_service(shop, name) if "arn" in r.outputs} for name in NAMES}
        for name in NAMES:
            resources = {
                resource
                for r in of_service(shop, name)
                if r.type == ROLE_POLICY
                for statement in json.loads(r.inputs["policy"])["Statement"]
                for resource in _listed(statement["Resource"])
                if resource != "*"
            }
            others = set().union(*(arns[other] for other in NAMES if other != name))
            assert [(own, arn) for own in resources for arn in others if fnmatchcase(arn, own)] == []
            assert len([arn for arn in arns[name] if any(fnmatchcase(arn, own) for own in resources)]) > 5

    def test_no_event_of_what_another_has(self, shop):
        """No push and no file of one service starts a pipeline of another."""
        keys = ("bucket", "repositoryName", "name")
        named = {name: {r.inputs.get(key) for r in of_service(shop, name) for key in keys} for name in NAMES}
        for name in NAMES:
            for rule in (r for r in of_service(shop, name) if r.type == RULE):
                others = set().union(*(named[other] for other in NAMES if other != name)) - {None}
                assert [each for each in others if f'"{each}"' in rule.inputs["eventPattern"]] == [], rule.name

    def test_a_bucket_each(self, shop):
        """All pipelines of a service keep their artifacts in its bucket, and nobody else's lie there."""
        stores = {r.name: r.inputs["artifactStores"][0]["location"] for r in shop.of_type(PIPELINE)}
        buckets = {r.id: r.name for r in shop.of_type("aws:s3/bucket:Bucket")}
        assert {name: buckets[location] for name, location in stores.items()} == {
            "web-image-pipeline": "web-artifacts",
            "web-deploy-pipeline": "web-artifacts",
            "api-release-pipeline": "api-artifacts",
            "jobs-release-pipeline": "jobs-artifacts",
            "docs-release-pipeline": "docs-artifacts",
        }
        assert len(buckets) == 4

    def test_a_role_for_each_part(self, shop):
        """No two pipelines, projects, functions or sets of rules have a role in common."""
        users = [
            *(r.inputs["roleArn"] for r in shop.of_type(PIPELINE)),
            *(r.inputs["serviceRole"] for r in shop.of_type(PROJECT)),
            *(r.inputs["role"] for r in shop.of_type("aws:lambda/function:Function")),
            *{(r.inputs["roleArn"], r.inputs["arn"]) for r in shop.of_type(TARGET)},
        ]
        roles = [each[0] if isinstance(each, tuple) else each for each in users]
        assert len(set(roles)) == len(roles) == 5 + 9 + 4 + 5

    def test_names_differ(self, shop):
        """What has a name of its own in the account is called after its service."""
        for kind in (PIPELINE, PROJECT, "aws:lambda/function:Function"):
            for resource in shop.of_type(kind):
                (owner,) = (name for name in NAMES if resource in of_service(shop, name))
                assert resource.inputs["name"].startswith(f"blue-green-{owner}-"), resource.name

    def test_each_topic_is_a_services_own(self, shop):
        """Who is told of one service is not told of another; a service without notifications has no topic."""
        topics = {r.outputs["arn"]: r.name for r in shop.of_type("aws:sns/topic:Topic")}
        rules = shop.of_type("aws:codestarnotifications/notificationRule:NotificationRule")
        assert {r.name: topics[r.inputs["targets"][0]["address"]] for r in rules} == {
            "web-image-pipeline": "web-releases",
            "web-deploy-pipeline": "web-releases",
            "api-release-pipeline": "api-releases",
        }

    @pytest.mark.parametrize("controller", CONTROLLERS)
    def test_a_pipeline_changes_nothing_that_was_there(self, preview, controller):
        """Giving a service its pipeline only adds resources: what serves goes on as it is."""
        with_pipeline = service(deployment=CONTROLLERS[controller])
        without = {key: value for key, value in with_pipeline.items() if key != "pipeline"}
        before, after = (preview(services={"app": each}) for each in (without, with_pipeline))
        found = after.by_urn()
        assert [r.name for r in before if r.custom and found[r.urn].inputs != r.inputs] == []
        assert [r.name for r in before if r.custom and found[r.urn].ignore_changes != r.ignore_changes] == []


class TestRepositories:
    """The stack makes the repositories of CodeCommit that it is told to make."""

    def test_they_stay(self, shop):
        """Only repositories, images and revisions stay when the stack goes: CodeCommit would delete all commits."""
        stay = {r.name for r in shop if r.retain_on_delete}
        assert stay == {"web-app-source", "web-files-source"}

    def test_they_go_where_that_is_wanted(self, preview):
        """`forceDestroy` lets a repository go with the stack."""
        source = {**SOURCES["CodeCommit"], "create": True, "forceDestroy": True}
        stack = preview(services={"app": service(pipeline={"source": source})})
        assert only(stack, REPOSITORY).retain_on_delete is False

    def test_others_are_left_alone(self, preview):
        """A repository that is there already is named, and not managed."""
        stack = preview(services={"app": service(source="CodeCommit")})
        assert stack.of_type(REPOSITORY) == []
        assert "appRepository" not in stack.outputs["services"]["app"]
        (pattern,) = (
            p for p in started_by(stack)["blue-green-app-release-pipeline"] if p["source"] == ["aws.codecommit"]
        )
        assert pattern["resources"] == ["arn:aws:codecommit:eu-west-1:123456789012:app"]


class TestKeys:
    """Artifacts are always encrypted by a key that roles can be kept from."""

    def test_a_key_of_its_own(self, preview):
        """Where everything else is left to AWS's own keys, artifacts have one for all services of the stack."""
        stack = preview(services=everything())
        key = only(stack, "aws:kms/key:Key")
        assert key.name == "blue-green-artifacts-key"
        assert self.keys(stack) == {key.outputs["arn"]}
        assert {r.inputs.get("kmsKeyId") for r in stack.of_type("aws:cloudwatch/logGroup:LogGroup")} == {None}

    def test_the_stacks_key(self, preview):
        """A key that the stack makes is used for artifacts, too."""
        stack = preview(services=everything(), encryptionKey="create")
        assert self.keys(stack) == {only(stack, "aws:kms/key:Key").outputs["arn"]}

    def test_a_key_from_elsewhere(self, preview):
        """So is a key that exists already."""
        arn = "arn:aws:kms:eu-west-1:123456789012:key/1"
        stack = preview(services=everything(), encryptionKey=arn)
        assert self.keys(stack) == {arn}
        assert stack.of_type("aws:kms/key:Key") == []

    def keys(self, stack: Deployment) -> set[str]:
        return {
            *(r.inputs["artifactStores"][0]["encryptionKey"]["id"] for r in stack.of_type(PIPELINE)),
            *(r.inputs["encryptionKey"] for r in stack.of_type(PROJECT)),
            *(
                rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"]
                for r in stack.of_type(
                    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
                )
                for rule in r.inputs["rules"]
            ),
            *(r.inputs["kmsMasterKeyId"] for r in stack.of_type("aws:sns/topic:Topic")),
        }


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def test_first_preview_shows_the_documents(preview):
    """Before anything exists, all that waits for a name of AWS's making is the key of artifacts, the rules of the load
    balancer, and the topic: every other document can be read, and so can the files without an AppSpec."""
    stack = preview(first_preview=True, services=everything())
    unknown = unreadable(stack)
    artifacts = {r.name for r in stack.of_type(ROLE_POLICY) if r.name.endswith("-artifacts")}
    traffic = {"web-codedeploy-traffic", "docs-codedeploy-traffic", "api-infrastructure"}
    topics = {"web-releases", "api-releases"}
    assert unknown == artifacts | traffic | topics
    assert [r.name for r in stack.of_type(PROJECT) if not isinstance(r.inputs["source"]["buildspec"], str)] == []
    for name in ("api", "jobs"):
        assert json.loads(files(stack, name)["taskdef.json"])["family"] == name


def test_linear_growth(preview):
    """The pipelines of a service don't depend on how many others there are."""

    def count(services: int) -> int:
        return len(
            preview(
                services={
                    f"s{n}": service(f"s{n}", loadBalancer={"port": 1000 + n, "testPort": 2000 + n})
                    for n in range(services)
                }
            )
        )

    one, two, ten = count(1), count(2), count(10)
    assert ten - two == 8 * (two - one)


def test_tags(preview):
    """Every resource that takes tags carries those of the stack, however it came by a pipeline."""
    tags = {"team": "web"}
    stack = preview(services=everything(), tags=tags)
    untagged = {
        r.type
        for r in stack
        if r.custom and r.type.startswith("aws:") and not tags.items() <= (r.inputs.get("tags") or {}).items()
    }
    assert untagged == {
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:ec2/route:Route",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:kms/alias:Alias",
        *(f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}" for kind in BUCKET_PARTS),
        "aws:s3/bucketObjectv2:BucketObjectv2",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sns/topicSubscription:TopicSubscription",
    }


BUCKET_PARTS = (
    "BucketLifecycleConfiguration",
    "BucketNotification",
    "BucketOwnershipControls",
    "BucketPolicy",
    "BucketPublicAccessBlock",
    "BucketServerSideEncryptionConfiguration",
    "BucketVersioning",
)
