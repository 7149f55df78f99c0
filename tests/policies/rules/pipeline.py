"""Changes to a pipeline, and to the bucket in which it keeps its artifacts."""

from __future__ import annotations

import json
from typing import Any

from tests.policies.cases import Case, drop, fail, nothing, put, several, undecided
from tests.policies.graph import Change, Graph, Ref
from tests.policies.stacks import classic, delivered, native
from value import UNKNOWN

ACTION = "stages[2].actions[0]"
CONFIGURATION = f"{ACTION}.configuration"


def _application(graph: Graph) -> None:
    inputs = {"name": "other", "computePlatform": "ECS"}
    graph.add("other", "aws:codedeploy/application:Application", inputs, applicationId="other-1")


def _group(graph: Graph) -> None:
    graph.resources["other-group"] = graph.copy().resources["group"]
    graph.put("other-group", "appName", "other").put("other-group", "deploymentGroupName", "other-dg")


STANDARD = {"ClusterName": Ref("cluster", "name"), "ServiceName": Ref("service", "name"), "FileName": "images.json"}


def _standard(graph: Graph) -> None:
    """The ECS action, which updates the service by itself."""
    graph.put("pipeline", f"{ACTION}.provider", "ECS").put("pipeline", CONFIGURATION, {**STANDARD})


def _pipeline(graph: Graph) -> None:
    """A pipeline of one ECS action."""
    stages = [{"actions": [{"provider": "ECS", "configuration": {**STANDARD}}]}]
    graph.add("pipeline", "aws:codepipeline/pipeline:Pipeline", {"stages": stages})


ACTION_CASES = [
    Case("a compliant pipeline at first preview", nothing, [], delivered, preview=True),
    Case(
        "an artifact that the action is not given",
        put("pipeline", f"{ACTION}.inputArtifacts", ["source"]),
        [
            fail("bg-pipeline-ecs-action", "pipeline", f"{CONFIGURATION}.{name}")
            for name in ("AppSpecTemplateArtifact", "Image1ArtifactName", "TaskDefinitionTemplateArtifact")
        ],
        delivered,
    ),
    Case(
        "a fourth image that the action is not given",
        put("pipeline", f"{CONFIGURATION}.Image4ArtifactName", "fourth"),
        [fail("bg-pipeline-ecs-action", "pipeline", f"{CONFIGURATION}.Image4ArtifactName")],
        delivered,
        says=f"pipeline: {CONFIGURATION}.Image4ArtifactName is none of the action's input artifacts.",
    ),
    *(
        Case(
            f"no {name}",
            drop("pipeline", f"{CONFIGURATION}.{name}"),
            [fail("bg-pipeline-ecs-action", "pipeline", f"{CONFIGURATION}.{name}")],
            delivered,
            says=f"pipeline: {CONFIGURATION}.{name} is not set.",
        )
        for name in (
            "ApplicationName",
            "DeploymentGroupName",
            "TaskDefinitionTemplateArtifact",
            "AppSpecTemplateArtifact",
        )
    ),
    Case(
        "a release without an image of its own",
        several(
            drop("pipeline", f"{CONFIGURATION}.Image1ArtifactName"),
            drop("pipeline", f"{CONFIGURATION}.Image1ContainerName"),
        ),
        [],
        delivered,
    ),
    Case(
        "unknown input artifacts",
        put("pipeline", f"{ACTION}.inputArtifacts", UNKNOWN),
        [undecided("bg-pipeline-ecs-action", "pipeline", f"{ACTION}.inputArtifacts")],
        delivered,
    ),
    Case(
        "one unknown artifact leaves the others judged",
        several(
            put("pipeline", f"{CONFIGURATION}.Image1ArtifactName", UNKNOWN),
            put("pipeline", f"{CONFIGURATION}.AppSpecTemplateArtifact", "files"),
        ),
        [
            fail("bg-pipeline-ecs-action", "pipeline", f"{CONFIGURATION}.AppSpecTemplateArtifact"),
            undecided("bg-pipeline-ecs-action", "pipeline", f"{CONFIGURATION}.Image1ArtifactName"),
        ],
        delivered,
    ),
    Case(
        "another application than the group's",
        several(_application, put("pipeline", f"{CONFIGURATION}.ApplicationName", Ref("other", "name"))),
        [fail("bg-pipeline-ecs-action", "pipeline", f"{CONFIGURATION}.ApplicationName")],
        delivered,
        says=f"pipeline: {CONFIGURATION}.ApplicationName is not the application of deployment group group.",
    ),
    Case(
        "an application that has another group",
        several(_application, _group, put("pipeline", f"{CONFIGURATION}.ApplicationName", Ref("other", "name"))),
        [fail("bg-pipeline-ecs-action", "pipeline", f"{CONFIGURATION}.ApplicationName")],
        delivered,
    ),
    Case(
        "an application that dependencies tell at first preview",
        put("pipeline", f"{CONFIGURATION}.ApplicationName", Ref("application", "applicationId")),
        [],
        delivered,
        preview=True,
    ),
    Case(
        "no application of the stack, though the group is",
        put("pipeline", f"{CONFIGURATION}.ApplicationName", "elsewhere"),
        [fail("bg-pipeline-ecs-action", "pipeline", f"{CONFIGURATION}.ApplicationName")],
        delivered,
    ),
    Case(
        "a group that the application lacks",
        put("pipeline", f"{CONFIGURATION}.DeploymentGroupName", "app-gd"),
        [fail("bg-pipeline-ecs-action", "pipeline", f"{CONFIGURATION}.DeploymentGroupName")],
        delivered,
        says=f"pipeline: {CONFIGURATION}.DeploymentGroupName is no deployment group of application application.",
    ),
    Case(
        "an application whose groups are another stack's",
        several(
            _application,
            put("pipeline", f"{CONFIGURATION}.ApplicationName", Ref("other", "name")),
            put("pipeline", f"{CONFIGURATION}.DeploymentGroupName", "elsewhere"),
        ),
        [],
        delivered,
    ),
    Case(
        "application and group of another stack",
        several(
            put("pipeline", f"{CONFIGURATION}.ApplicationName", "elsewhere"),
            put("pipeline", f"{CONFIGURATION}.DeploymentGroupName", "elsewhere"),
        ),
        [],
        delivered,
    ),
    *(
        Case(
            f"an action with another {prop}",
            several(
                put("pipeline", f"{ACTION}.{prop}", value),
                put("pipeline", f"{CONFIGURATION}.DeploymentGroupName", "app-gd"),
            ),
            [],
            delivered,
        )
        for prop, value in (("roleArn", "arn:aws:iam::210987654321:role/deploy"), ("region", "us-east-1"))
    ),
    Case(
        "a group that no dependency tells",
        several(
            put("pipeline", f"{CONFIGURATION}.DeploymentGroupName", UNKNOWN),
            lambda graph: graph.resources.pop("group"),
        ),
        [undecided("bg-pipeline-ecs-action", "pipeline", f"{CONFIGURATION}.DeploymentGroupName")],
        delivered,
    ),
    Case(
        "the ECS action for a CODE_DEPLOY service",
        _standard,
        [fail("bg-pipeline-ecs-action", "pipeline", f"{ACTION}.provider")],
        delivered,
        says=f"pipeline: {ACTION}.provider is ECS, but service is released by CodeDeploy.",
    ),
    Case("the ECS action for a native service", _pipeline, [], native),
    Case(
        "the ECS action for a service in the default cluster",
        several(
            _pipeline,
            drop("service", "cluster"),
            put("pipeline", "stages[0].actions[0].configuration.ClusterName", "default"),
        ),
        [fail("bg-pipeline-ecs-action", "pipeline", "stages[0].actions[0].provider")],
    ),
    Case(
        "the ECS action under a role of the stack",
        several(_standard, put("pipeline", f"{ACTION}.roleArn", Ref("pipeline-role", "arn"))),
        [fail("bg-pipeline-ecs-action", "pipeline", f"{ACTION}.provider")],
        delivered,
        preview=True,
    ),
    Case(
        "the ECS action in the pipeline's own region, as the provider fills it in",
        several(_standard, put("pipeline", f"{ACTION}.region", "eu-west-1")),
        [fail("bg-pipeline-ecs-action", "pipeline", f"{ACTION}.provider")],
        delivered,
    ),
    *(
        Case(
            f"the ECS action in a region that {what} names too",
            several(_standard, put("pipeline", f"{ACTION}.region", "eu-west-3"), change),
            [fail("bg-pipeline-ecs-action", "pipeline", f"{ACTION}.provider")],
            delivered,
        )
        for what, change in (
            ("the pipeline", put("pipeline", "region", "eu-west-3")),
            ("the provider", lambda graph: graph.provider.update(region="eu-west-3")),
        )
    ),
    Case(
        "the ECS action in a region that is not known yet",
        several(_standard, put("pipeline", f"{ACTION}.region", UNKNOWN)),
        [fail("bg-pipeline-ecs-action", "pipeline", f"{ACTION}.provider")],
        delivered,
        preview=True,
    ),
    Case(
        "the ECS action under a role that nothing tells",
        several(_standard, put("pipeline", f"{ACTION}.roleArn", UNKNOWN), put("pipeline", "roleArn", "elsewhere")),
        [undecided("bg-pipeline-ecs-action", "pipeline", f"{ACTION}.roleArn")],
        delivered,
    ),
    Case(
        "the ECS action in another region",
        several(_standard, put("pipeline", f"{ACTION}.region", "us-east-1")),
        [],
        delivered,
    ),
    Case(
        "the ECS action for one of two services, until the update tells which",
        several(
            _pipeline,
            lambda graph: graph.resources.update(other=graph.copy().resources["service"]),
            put("other", "deploymentController.type", "ECS"),
            put("pipeline", "stages[0].actions[0].configuration.ServiceName", UNKNOWN),
            put("pipeline", "stages[0].actions[0].inputArtifacts", [Ref("service", "id"), Ref("other", "id")]),
        ),
        [undecided("bg-pipeline-ecs-action", "pipeline", "stages[0].actions[0].configuration.ServiceName")],
    ),
    Case(
        "the ECS action for a service of another cluster",
        several(_standard, put("pipeline", f"{CONFIGURATION}.ClusterName", "elsewhere")),
        [],
        delivered,
    ),
    Case(
        "an unknown provider",
        put("pipeline", f"{ACTION}.provider", UNKNOWN),
        [undecided("bg-pipeline-ecs-action", "pipeline", f"{ACTION}.provider")],
        delivered,
    ),
]

KEY = "artifactStores[0].encryptionKey"

KEY_CASES = [
    Case(
        "no key",
        drop("pipeline", KEY),
        [fail("sec-pipeline-artifact-kms", "pipeline", KEY)],
        delivered,
        says=f"pipeline: {KEY} is not set.",
    ),
    Case(
        "an empty key",
        put("pipeline", f"{KEY}.id", ""),
        [fail("sec-pipeline-artifact-kms", "pipeline", KEY)],
        delivered,
    ),
    Case("a key that the update will make", put("pipeline", f"{KEY}.id", UNKNOWN), [], delivered),
    Case(
        "perhaps a key",
        put("pipeline", KEY, UNKNOWN),
        [undecided("sec-pipeline-artifact-kms", "pipeline", KEY)],
        delivered,
    ),
    Case(
        "one store of two without a key",
        put("pipeline", "artifactStores", [{"location": "a", "encryptionKey": {"id": "alias/a"}}, {"location": "b"}]),
        [fail("sec-pipeline-artifact-kms", "pipeline", "artifactStores[1].encryptionKey")],
        delivered,
    ),
]

TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::shop-artifacts-1", "arn:aws:s3:::shop-artifacts-1/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
READABLE = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "s3:GetObject", "Resource": "*"}


def _policy(*statements: dict[str, Any], **changed: Any) -> Change:
    kept = [{key: value for key, value in {**TLS_ONLY, **changed}.items() if value is not None}] if changed else []
    return put("artifacts-policy", "policy", json.dumps({"Statement": [*statements, *kept]}))


def _without(*kinds: str) -> Change:
    return several(*(lambda graph, kind=kind: graph.resources.pop(f"artifacts-{kind}") for kind in kinds))


def _account_block(graph: Graph, restrict: bool = True) -> Any:
    flags = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls"), True)
    return graph.add(
        "account",
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        {**flags, "restrictPublicBuckets": restrict},
    )


def _old_tokens(graph: Graph) -> None:
    for declared in graph.resources.values():
        module, _, kind = declared.type.partition(":")[2].partition(":")
        if module in ("s3/bucket", "s3/bucketVersioning"):
            declared.type = f"aws:{module}V2:{kind}V2"


BUCKET_CASES = [
    Case("a compliant bucket in the provider's old tokens", _old_tokens, [], delivered),
    Case(
        "an old bucket that has its versioning inline",
        several(_old_tokens, _without("versions"), put("artifacts", "versionings", [{"enabled": True}])),
        [],
        delivered,
    ),
    Case(
        "a bucket that has all settings inline, in an account that blocks public access",
        several(
            _account_block,
            _without("access", "versions", "policy"),
            put("artifacts", "versioning", {"enabled": True}),
            put("artifacts", "policy", json.dumps({"Statement": TLS_ONLY})),
        ),
        [],
        delivered,
    ),
    Case(
        "an account that blocks public access in part",
        several(lambda graph: _account_block(graph, restrict=False), _without("access")),
        [fail("sec-artifact-bucket", "account", "restrictPublicBuckets")],
        delivered,
    ),
    Case("no encryption but S3's own", _without("encryption"), [], delivered),
    Case(
        "a bare bucket",
        _without("access", "versions", "policy"),
        [fail("sec-artifact-bucket", "artifacts")],
        delivered,
        says="artifacts keeps the artifacts of pipeline, but lacks a public access block, versioning and a policy "
        "that denies plain HTTP.",
    ),
    Case(
        "no versions",
        _without("versions"),
        [fail("sec-artifact-bucket", "artifacts")],
        delivered,
        says="artifacts keeps the artifacts of pipeline, but lacks versioning.",
    ),
    Case(
        "inline versioning that is off",
        several(_without("versions"), put("artifacts", "versioning", {"enabled": False})),
        [fail("sec-artifact-bucket", "artifacts")],
        delivered,
    ),
    Case(
        "suspended versions",
        put("artifacts-versions", "versioningConfiguration.status", "Suspended"),
        [fail("sec-artifact-bucket", "artifacts-versions", "versioningConfiguration.status")],
        delivered,
        says="artifacts-versions: versioningConfiguration.status is not Enabled.",
    ),
    *(
        Case(
            f"{flag} left out",
            drop("artifacts-access", flag),
            [fail("sec-artifact-bucket", "artifacts-access", flag)],
            delivered,
            says=f"artifacts-access: {flag} is not true.",
        )
        for flag in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    ),
    Case(
        "a policy that denies nothing",
        _policy(READABLE),
        [fail("sec-artifact-bucket", "artifacts-policy", "policy")],
        delivered,
        says="artifacts-policy: policy does not deny everybody s3:* where aws:SecureTransport is false.",
    ),
    *(
        Case(
            f"TLS, but with {changed}",
            _policy(READABLE, **changed),
            [fail("sec-artifact-bucket", "artifacts-policy", "policy")],
            delivered,
        )
        for changed in (
            {"Effect": "Allow"},
            {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
            {"Action": "s3:GetObject"},
            {"Action": "s3:PutObject"},
            {"Resource": "arn:aws:s3:::shop-artifacts-1"},
            {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
            {"Condition": {"Bool": {"aws:SecureTransport": "false"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
            {"Condition": None},
        )
    ),
    *(
        Case(f"TLS with {changed}", _policy(READABLE, **changed), [], delivered)
        for changed in (
            {"Principal": {"AWS": "*"}},
            {"Principal": {"AWS": ["*"]}},
            {"Action": ["s3:Get*", "s3:Put*"]},
            {"Resource": "*"},
            {"Condition": {"Bool": {"AWS:secureTransport": [False]}}},
        )
    ),
    Case("a bucket of another stack", put("pipeline", "artifactStores[0].location", "elsewhere"), [], delivered),
    Case(
        "a policy that holds what the update will tell",
        put("artifacts-policy", "policy", UNKNOWN),
        [undecided("sec-artifact-bucket", "pipeline", "policy")],
        delivered,
    ),
    Case(
        "a policy that is no JSON",
        put("artifacts-policy", "policy", "{"),
        [undecided("sec-artifact-bucket", "pipeline", "policy")],
        delivered,
    ),
    Case(
        "an unknown policy leaves the rest judged",
        several(put("artifacts-policy", "policy", UNKNOWN), drop("artifacts-access", "blockPublicAcls")),
        [
            fail("sec-artifact-bucket", "artifacts-access", "blockPublicAcls"),
            undecided("sec-artifact-bucket", "pipeline", "policy"),
        ],
        delivered,
    ),
    Case(
        "settings of a bucket that nothing tells",
        put("artifacts-versions", "bucket", UNKNOWN),
        [undecided("sec-artifact-bucket", "pipeline", "bucket")],
        delivered,
    ),
    Case(
        "nothing inline, whatever the provider will fill in",
        several(
            _without("versions", "policy"),
            lambda graph: graph.resources["artifacts"].computed.update(versioning={}, policy=""),
        ),
        [fail("sec-artifact-bucket", "artifacts")],
        delivered,
        preview=True,
    ),
    *(
        Case(
            f"{path} that the update will tell",
            several(_without(kind), put("artifacts", path, Ref("key", "description-to-be"))),
            [undecided("sec-artifact-bucket", "pipeline", path)],
            delivered,
            preview=True,
        )
        for kind, path in (("versions", "versioning.enabled"), ("policy", "policy"))
    ),
    Case("a stack without a pipeline", nothing, [], classic),
]


CASES = [*ACTION_CASES, *KEY_CASES, *BUCKET_CASES]
