"""What the whole program declares to release services by pipelines: for the stacks, and for each kind of service."""

from __future__ import annotations

from typing import Any

import pytest

from offline.deployment import Deployment
from tests.graph import needs, only
from tests.native_stacks import STRATEGIES, Native
from tests.pipeline_stacks import (
    CONTROLLERS,
    OBJECT,
    PIPELINE,
    PROJECT,
    REPOSITORY,
    ROLE_POLICY,
    SERVICE,
    actions,
    files,
    script,
    service,
    shape,
    started_by,
)

IMAGE_PIPELINE, DEPLOY_PIPELINE = "blue-green-image-pipeline", "blue-green-deploy-pipeline"


class TestDevIsSeedA:
    """The dev stack has the pipelines of the hands-on, joined by the push of an image."""

    def test_names(self, dev):
        """Pipelines, repositories and the project that builds images are called as in the hands-on."""
        assert {r.inputs["name"] for r in dev.of_type(PIPELINE)} == {IMAGE_PIPELINE, DEPLOY_PIPELINE}
        assert {r.inputs["repositoryName"] for r in dev.of_type(REPOSITORY)} == {
            "blue-green-app",
            "blue-green-deploy-artifact",
        }
        assert {r.inputs["name"] for r in dev.of_type(PROJECT)} == {
            "blue-green-image-build",
            "blue-green-deploy-choose-image",
        }
        assert only(dev, "aws:ecr/repository:Repository").inputs["name"] == "blue-green-image"

    def test_stages(self, dev):
        """The image pipeline deploys nothing, and the deploy pipeline builds no image."""
        assert shape(dev) == {
            IMAGE_PIPELINE: ["Source/App CodeCommit", "Build/Build CodeBuild"],
            DEPLOY_PIPELINE: [
                "Source/Files CodeCommit",
                "Source/Image ECR",
                "Deploy/Image CodeBuild",
                "Deploy/Deploy CodeDeployToECS",
            ],
        }

    def test_sources(self, dev):
        """Commits come from the branch main of each repository, images by their moving tag; nothing is polled."""
        sources = {
            **actions(dev, IMAGE_PIPELINE),
            **actions(dev, DEPLOY_PIPELINE),
        }
        assert {name: each["configuration"] for (stage, name), each in sources.items() if stage == "Source"} == {
            "App": {"RepositoryName": "blue-green-app", "BranchName": "main", "PollForSourceChanges": "false"},
            "Files": {
                "RepositoryName": "blue-green-deploy-artifact",
                "BranchName": "main",
                "PollForSourceChanges": "false",
            },
            "Image": {"RepositoryName": "blue-green-image", "ImageTag": "latest"},
        }

    def test_what_starts_them(self, dev):
        """A commit makes an image; its push, or a commit of the deployment's files, makes a deployment."""

        def commit(repository: str) -> dict[str, Any]:
            return {
                "source": ["aws.codecommit"],
                "detail-type": ["CodeCommit Repository State Change"],
                "resources": [f"arn:aws:codecommit:ap-northeast-1:123456789012:{repository}"],
                "detail": {
                    "event": ["referenceCreated", "referenceUpdated"],
                    "referenceType": ["branch"],
                    "referenceName": ["main"],
                },
            }

        push = {
            "source": ["aws.ecr"],
            "detail-type": ["ECR Image Action"],
            "detail": {
                "action-type": ["PUSH"],
                "image-tag": ["latest"],
                "repository-name": ["blue-green-image"],
                "result": ["SUCCESS"],
            },
        }
        assert started_by(dev) == {
            IMAGE_PIPELINE: [commit("blue-green-app")],
            DEPLOY_PIPELINE: [commit("blue-green-deploy-artifact"), push],
        }
        assert [r.name for r in dev.of_type(PIPELINE) if "triggers" in r.inputs] == []

    def test_images(self, dev):
        """Images are built on ARM64 as the tasks run on it, by Docker, for which no other project is privileged."""
        hosts = {r.inputs["name"]: r.inputs["environment"] for r in dev.of_type(PROJECT)}
        assert {name: (host["type"], host["image"], host["privilegedMode"]) for name, host in hosts.items()} == {
            "blue-green-image-build": ("ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:3.0", True),
            "blue-green-deploy-choose-image": (
                "LINUX_CONTAINER",
                "aws/codebuild/amazonlinux-x86_64-standard:5.0",
                False,
            ),
        }
        task = only(dev, "aws:ecs/taskDefinition:TaskDefinition").inputs
        assert task["runtimePlatform"]["cpuArchitecture"] == "ARM64"

    def test_tags(self, dev):
        """An image is tagged by the first seven characters of its commit, which is pushed once, and by `latest`, which
        moves to it; what goes on is its digest."""
        lines = [line.strip() for line in script(dev, "app-image-build")]
        assert [line for line in lines if line.startswith(("tag=", "docker", "aws ecr", "printf"))] == [
            'tag=$(printf %.7s "${CODEBUILD_RESOLVED_SOURCE_VERSION:?}" | tr -c A-Za-z0-9 0)',
            'aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY_URI%%/*}"',
            'docker build --file Dockerfile --tag "$REPOSITORY_URI:$tag" .',
            'docker push "$REPOSITORY_URI:$tag"',
            "aws ecr put-image --repository-name blue-green-image --image-tag latest --image-manifest "
            '"$manifest" > /dev/null',
            'printf \'{"ImageURI": "%s"}\' "$REPOSITORY_URI@$digest" > imageDetail.json',
        ]
        repository = only(dev, "aws:ecr/repository:Repository")
        (variable,) = dev.find(PROJECT, "app-image-build").inputs["environment"]["environmentVariables"]
        assert (variable["name"], variable["value"]) == ("REPOSITORY_URI", repository.outputs["repositoryUrl"])

    def test_deployment(self, dev):
        """Task definition and AppSpec come from the repository of the deployment's files, the image from the push."""
        deploy = actions(dev, DEPLOY_PIPELINE)["Deploy", "Deploy"]
        group = only(dev, "aws:codedeploy/deploymentGroup:DeploymentGroup")
        assert deploy["configuration"] == {
            "ApplicationName": only(dev, "aws:codedeploy/application:Application").outputs["name"],
            "DeploymentGroupName": group.inputs["deploymentGroupName"],
            "TaskDefinitionTemplateArtifact": "Files",
            "TaskDefinitionTemplatePath": "taskdef.json",
            "AppSpecTemplateArtifact": "Files",
            "AppSpecTemplatePath": "appspec.yaml",
            "Image1ArtifactName": "ChosenImage",
            "Image1ContainerName": "IMAGE1_NAME",
        }
        chosen = actions(dev, DEPLOY_PIPELINE)["Deploy", "Image"]
        assert (chosen["inputArtifacts"], chosen["outputArtifacts"]) == (["Image"], ["ChosenImage"])
        assert (chosen.get("runOrder", 1), deploy["runOrder"]) == (1, 2)

    def test_nothing_waits_and_nobody_is_told(self, dev):
        """A deployment begins at once, as in the hands-on; there is neither approval, nor topic, nor trigger."""
        kinds = {r.type.partition("/")[0] for r in dev}
        assert not {"aws:sns", "aws:codestarnotifications", "aws:codeconnections"} & kinds
        assert {each["category"] for name in shape(dev) for each in actions(dev, name).values()} == {
            "Source",
            "Build",
            "Deploy",
        }

    def test_outputs(self, dev):
        """The stack tells where to push to, and which pipelines to watch."""
        clone = {r.name: r.outputs["cloneUrlHttp"] for r in dev.of_type(REPOSITORY)}
        found = dev.outputs["services"]["app"]
        assert {key: found[key] for key in found if key.endswith(("Pipeline", "Repository"))} == {
            "imagePipeline": IMAGE_PIPELINE,
            "deployPipeline": DEPLOY_PIPELINE,
            "appRepository": clone["app-app-source"],
            "filesRepository": clone["app-files-source"],
            "imageRepository": only(dev, "aws:ecr/repository:Repository").outputs["repositoryUrl"],
        }

    def test_clean_up(self, dev):
        """What releases goes before what is released: pipelines, the deployment group, its application and the service,
        then the cluster; images, artifacts and commits go after whatever uses them."""
        pipelines = [(PIPELINE, "app-image-pipeline"), (PIPELINE, "app-deploy-pipeline")]
        group = ("aws:codedeploy/deploymentGroup:DeploymentGroup", "app-deployment-group")
        running = (SERVICE, "app-service")
        images = ("aws:ecr/repository:Repository", "app-images")
        first = [
            (pipelines[1], group),
            (group, ("aws:codedeploy/application:Application", "app-codedeploy")),
            (group, running),
            (running, ("aws:ecs/cluster:Cluster", "blue-green-cluster")),
            ((PROJECT, "app-image-build"), images),
            (pipelines[0], (REPOSITORY, "app-app-source")),
            (pipelines[1], (REPOSITORY, "app-files-source")),
            *((pipeline, ("aws:s3/bucket:Bucket", "app-artifacts")) for pipeline in pipelines),
            *((pipeline, images) for pipeline in pipelines),
        ]
        for sooner, later in first:
            assert dev.find(*later).urn in needs(dev, dev.find(*sooner)), (sooner, later)


class TestProd:
    """The production stack has one pipeline, from a commit at GitHub to an approved deployment."""

    NAME = "blue-green-app-release-pipeline"

    def test_stages(self, prod):
        """An image is built, a person lets it pass within a day, and CodeDeploy releases it."""
        assert shape(prod) == {
            self.NAME: [
                "Source/App CodeStarSourceConnection",
                "Source/Files S3",
                "Build/Build CodeBuild",
                "Approve/Approve Manual",
                "Deploy/Image CodeBuild",
                "Deploy/Deploy CodeDeployToECS",
            ]
        }
        assert actions(prod, self.NAME)["Approve", "Approve"]["timeoutInMinutes"] == 1440

    def test_what_starts_it(self, prod):
        """A push to main starts it by a trigger of the connection, a change of the files in its own bucket by an
        event."""
        pipeline, files = only(prod, PIPELINE), only(prod, OBJECT).inputs
        assert pipeline.inputs["triggers"] == [
            {
                "providerType": "CodeStarSourceConnection",
                "gitConfiguration": {"sourceActionName": "App", "pushes": [{"branches": {"includes": ["main"]}}]},
            }
        ]
        assert actions(prod, self.NAME)["Source", "App"]["configuration"]["DetectChanges"] == "false"
        assert started_by(prod) == {
            self.NAME: [
                {
                    "source": ["aws.s3"],
                    "detail-type": ["Object Created"],
                    "detail": {"bucket": {"name": [files["bucket"]]}, "object": {"key": [files["key"]]}},
                }
            ]
        }
        assert actions(prod, self.NAME)["Source", "Files"]["configuration"] == {
            "S3Bucket": files["bucket"],
            "S3ObjectKey": files["key"],
            "PollForSourceChanges": "false",
        }
        assert prod.of_type(REPOSITORY) == []

    def test_who_is_told(self, prod):
        """People are told by email of failures and of releases that wait for them, by an encrypted topic."""
        topic = only(prod, "aws:sns/topic:Topic")
        rule = only(prod, "aws:codestarnotifications/notificationRule:NotificationRule").inputs
        assert rule["resource"] == only(prod, PIPELINE).outputs["arn"]
        assert rule["targets"] == [{"address": topic.outputs["arn"]}]
        assert rule["eventTypeIds"] == [
            "codepipeline-pipeline-pipeline-execution-failed",
            "codepipeline-pipeline-manual-approval-needed",
        ]
        assert topic.inputs["kmsMasterKeyId"] == only(prod, "aws:kms/key:Key").outputs["arn"]
        subscription = only(prod, "aws:sns/topicSubscription:TopicSubscription").inputs
        assert (subscription["protocol"], subscription["endpoint"]) == ("email", "releases@example.com")
        assert subscription["topic"] == topic.outputs["arn"]

    def test_one_key(self, prod):
        """Artifacts, projects and their logs are encrypted by the stack's own key."""
        key = only(prod, "aws:kms/key:Key").outputs["arn"]
        (store,) = only(prod, PIPELINE).inputs["artifactStores"]
        assert store["encryptionKey"] == {"type": "KMS", "id": key}
        assert {r.inputs["encryptionKey"] for r in prod.of_type(PROJECT)} == {key}
        logs = [r for r in prod.of_type("aws:cloudwatch/logGroup:LogGroup") if "codebuild" in r.inputs["name"]]
        assert {r.inputs["kmsKeyId"] for r in logs} == {key}
        assert len(logs) == len(prod.of_type(PROJECT))


def test_mesh_is_released_by_pulumi(mesh):
    """A stack without pipelines has none of what they need."""
    kinds = {r.type.partition("/")[0] for r in mesh}
    assert not {"aws:codepipeline", "aws:codebuild", "aws:codecommit", "aws:sns", "aws:kms", "aws:s3"} & kinds


SOURCE_ACTIONS = {
    "CodeCommit": "Source/App CodeCommit",
    "CodeConnections": "Source/App CodeStarSourceConnection",
    "S3": "Source/App S3",
}
PUSHED = ["Source/Files S3", "Source/Image ECR"]
BUILT = "Build/Build CodeBuild"
RELEASED = {
    "CODE_DEPLOY": ["Deploy/Image CodeBuild", "Deploy/Deploy CodeDeployToECS"],
    "ECS": ["Deploy/Image CodeBuild", "Deploy/Deploy CodeBuild"],
}


@pytest.mark.parametrize("controller", RELEASED)
class TestKinds:
    """Source, controller and `separate` decide which pipelines there are."""

    @pytest.mark.parametrize("source", SOURCE_ACTIONS)
    def test_one(self, preview, controller, source):
        """One pipeline goes all the way."""
        stack = preview(services={"app": service(source=source, deployment=CONTROLLERS[controller])})
        name = "blue-green-app-release-pipeline"
        assert shape(stack) == {
            name: [SOURCE_ACTIONS[source], "Source/Files S3", BUILT, *RELEASED[controller]],
        }
        assert _outputs(stack) == {"releasePipeline": name}

    @pytest.mark.parametrize("source", SOURCE_ACTIONS)
    def test_two(self, preview, controller, source):
        """One makes images, and their push starts the other, which releases them."""
        pipeline = {"separate": True, "name": "shop"}
        stack = preview(services={"app": service(source=source, pipeline=pipeline, deployment=CONTROLLERS[controller])})
        last = "deploy" if controller == "CODE_DEPLOY" else "release"
        assert shape(stack) == {
            "shop-image-pipeline": [SOURCE_ACTIONS[source], BUILT],
            f"shop-{last}-pipeline": [*PUSHED, *RELEASED[controller]],
        }
        assert _outputs(stack) == {"imagePipeline": "shop-image-pipeline", f"{last}Pipeline": f"shop-{last}-pipeline"}

    def test_pushed_by_others(self, preview, controller):
        """The push of an image that somebody else made is where it begins; nothing is built, and Docker never runs."""
        stack = preview(services={"app": service(source="ECR", deployment=CONTROLLERS[controller])})
        last = "deploy" if controller == "CODE_DEPLOY" else "release"
        assert shape(stack) == {f"blue-green-app-{last}-pipeline": [*PUSHED, *RELEASED[controller]]}
        assert {r.inputs["environment"]["privilegedMode"] for r in stack.of_type(PROJECT)} == {False}

    def test_approval_comes_before_the_choice_of_an_image(self, preview, controller):
        """What a person lets pass is what is there at that moment."""
        stack = preview(services={"app": service(pipeline={"approvalMinutes": 5}, deployment=CONTROLLERS[controller])})
        ((_, found),) = shape(stack).items()
        assert [step.partition("/")[0] for step in found] == [
            "Source",
            "Source",
            "Build",
            "Approve",
            "Deploy",
            "Deploy",
        ]

    def test_rollback(self, preview, controller):
        """A failure starts the release before only where somebody asked for it."""
        for asked in (False, True):
            stack = preview(
                services={"app": service(pipeline={"rollbackOnFailure": asked}, deployment=CONTROLLERS[controller])}
            )
            stages = {stage["name"]: stage.get("onFailure") for stage in only(stack, PIPELINE).inputs["stages"]}
            assert stages == {"Source": None, "Build": None, "Deploy": {"result": "ROLLBACK"} if asked else None}


class TestSettings:
    """What a stack file says of a pipeline reaches what it is about."""

    @pytest.fixture
    def stack(self, preview) -> Deployment:
        """A pipeline with a value for everything that most leave out."""
        pipeline = {
            "separate": True,
            "movingTag": "edge",
            "executionMode": "SUPERSEDED",
            "artifactRetentionDays": 7,
            "logRetentionDays": 14,
            "build": {
                "dockerfile": "web/Dockerfile",
                "context": "web",
                "arguments": {"VERSION": "1.0"},
                "architecture": "ARM64",
                "buildx": True,
                "computeType": "BUILD_GENERAL1_LARGE",
                "timeoutMinutes": 90,
            },
        }
        repository = {"name": "shop/app", "mutableTags": ["edge"]}
        return preview(services={"app": service(pipeline=pipeline, imageRepository=repository)})

    def test_mode(self, stack):
        """A newer release may overtake those that wait, in both pipelines."""
        assert [r.inputs["executionMode"] for r in stack.of_type(PIPELINE)] == ["SUPERSEDED", "SUPERSEDED"]

    def test_retention(self, stack):
        """Artifacts and logs are kept as long as is asked for."""
        rules = only(stack, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs["rules"]
        assert [rule["expiration"]["days"] for rule in rules if "expiration" in rule] == [7, 7]
        assert [rule["noncurrentVersionExpiration"]["noncurrentDays"] for rule in rules if rule["id"] == "tidy"] == [7]
        logs = [r for r in stack.of_type("aws:cloudwatch/logGroup:LogGroup") if "codebuild" in r.inputs["name"]]
        assert [r.inputs["retentionInDays"] for r in logs] == [14, 14]

    def test_build(self, stack):
        """The image is built as asked, on another processor by emulation."""
        project = stack.find(PROJECT, "app-image-build").inputs
        assert (project["environment"]["type"], project["environment"]["computeType"]) == (
            "ARM_CONTAINER",
            "BUILD_GENERAL1_LARGE",
        )
        assert project["buildTimeout"] == 90
        (build,) = (line.strip() for line in script(stack, "app-image-build") if "buildx build" in line)
        assert build == (
            "docker buildx build --platform linux/amd64 --load --provenance=false --file web/Dockerfile "
            '--build-arg VERSION=1.0 --tag "$REPOSITORY_URI:$tag" web'
        )

    def test_tag(self, stack):
        """The tag that moves is the one whose push starts the deployment."""
        assert actions(stack, "blue-green-app-deploy-pipeline")["Source", "Image"]["configuration"] == {
            "RepositoryName": "shop/app",
            "ImageTag": "edge",
        }
        (push,) = (
            each for each in started_by(stack)["blue-green-app-deploy-pipeline"] if each["source"] == ["aws.ecr"]
        )
        assert push["detail"]["image-tag"] == ["edge"]
        assert any("--image-tag edge" in line for line in script(stack, "app-image-build"))


def _outputs(stack: Deployment) -> dict[str, str]:
    return {key: value for key, value in stack.outputs["services"]["app"].items() if key.endswith("Pipeline")}


WAYS = {"alb": (True, False), "mesh": (False, True), "both": (True, True)}


@pytest.fixture(scope="module", params=[(strategy, way) for strategy in STRATEGIES for way in WAYS], ids="-".join)
def native_case(request) -> Native:
    """One strategy and one way of traffic."""
    strategy, way = request.param
    balanced, connected = WAYS[way]
    return Native(strategy, balanced, connected, "header" if balanced else "none", "pipeline")


@pytest.fixture(scope="module")
def native_stack(native_case, preview) -> Deployment:
    """Such a service with a pipeline."""
    return preview(services={"app": service(loadBalancer=None) | native_case.settings})


class TestNative:
    """Services that ECS releases have a build for what CodePipeline has no action for, whatever their strategy and
    their way of traffic."""

    def test_revision_belongs_to_the_pipeline(self, native_stack):
        """`pulumi up` leaves the revision alone that the pipeline released."""
        assert "taskDefinition" in only(native_stack, SERVICE).ignore_changes

    def test_time(self, native_stack, native_case):
        """The build has a quarter of an hour more than the longest release, of which it knows how long it is (G37)."""
        minutes = {"BLUE_GREEN": 60 + 5, "LINEAR": 60 + 7 * 3 + 15, "CANARY": 60 + 7 + 10, "ROLLING": 60}[
            native_case.strategy
        ]
        project = native_stack.find(PROJECT, "app-release-deploy")
        assert project.inputs["buildTimeout"] == minutes + 15
        assert f"--timeout-minutes {minutes}" in script(native_stack, "app-release-deploy")[-1]
        assert only(native_stack, SERVICE).custom_timeouts["update"] == minutes * 60

    def test_service(self, native_stack):
        """It follows the releases of this service in this cluster, of the container that is named."""
        project = native_stack.find(PROJECT, "app-release-deploy")
        variables = project.inputs["environment"]["environmentVariables"]
        assert {each["name"]: each["value"] for each in variables} == {
            "CLUSTER": only(native_stack, "aws:ecs/cluster:Cluster").outputs["name"],
            "SERVICE": only(native_stack, SERVICE).outputs["name"],
        }
        assert "--container web" in script(native_stack, "app-release-deploy")[-1]

    def test_step_travels_with_the_files(self, native_stack, root):
        """What the build runs lies beside the task definition, as it stands in the project."""
        found = files(native_stack)
        assert sorted(found) == ["deploy.py", "requirements.txt", "taskdef.json"]
        for name in ("deploy.py", "requirements.txt"):
            assert found[name] == (root / "runtime" / name).read_text(encoding="utf-8")

    def test_no_codedeploy(self, native_stack):
        """There is nothing of CodeDeploy, not even a permission."""
        assert [r.name for r in native_stack if r.type.startswith("aws:codedeploy")] == []
        assert [r.name for r in native_stack.of_type(ROLE_POLICY) if "codedeploy:" in r.inputs["policy"]] == []
