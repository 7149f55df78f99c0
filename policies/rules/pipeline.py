"""What a pipeline that releases to ECS must be."""

from __future__ import annotations

from functools import partial

from aws import APPLICATION, BUCKET, DEPLOYMENT_GROUP, PIPELINE
from delivery import CODE_DEPLOY_ACTION, ECS_ACTION, actions, is_elsewhere, services_named
from judge import Judge
from release import is_code_deploy
from resource_policy import refuses_plain_http
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from storage import PUBLIC_ACCESS, access_blocks, policies, settings, versionings
from value import Undecided, Value, any_true, same_text

ecs_action = Rule(
    id="bg-pipeline-ecs-action",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="A pipeline hands a CODE_DEPLOY service to CodeDeploy, with all that the action reads.",
    why="The CodeDeployToECS action reads the AppSpec, the task definition and the image from its input artifacts; "
    "without one of them each release fails at its last step. The ECS action updates the service by itself, to which "
    "AWS says `Unable to update task definition on services with a CODE_DEPLOY deployment controller`.",
    fix="""\
  aws.codepipeline.Pipeline("app", ..., stages=[{"name": "Deploy", "actions": [{
      "name": "Deploy", "category": "Deploy", "owner": "AWS", "provider": "CodeDeployToECS", "version": "1",
      "configuration": {
          "ApplicationName": application.name,
          "DeploymentGroupName": deployment_group.deployment_group_name,
          "TaskDefinitionTemplateArtifact": "files", "AppSpecTemplateArtifact": "files",
          "Image1ArtifactName": "image", "Image1ContainerName": "IMAGE1_NAME",
      },
-     "input_artifacts": ["files"],
+     "input_artifacts": ["files", "image"],  # all that the configuration names
  }]}])""",
    url="https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html",
)
REQUIRED = ("ApplicationName", "DeploymentGroupName", "TaskDefinitionTemplateArtifact", "AppSpecTemplateArtifact")
ARTIFACTS = (
    *("TaskDefinitionTemplateArtifact", "AppSpecTemplateArtifact"),
    *(f"Image{number}ArtifactName" for number in range(1, 5)),
)


@ecs_action.resource(PIPELINE)
def _reads_its_artifacts(pipeline: Resource, judge: Judge) -> None:
    for action in actions(pipeline):
        with judge.separately:
            if action["provider"].text == CODE_DEPLOY_ACTION:
                _check_artifacts(action, judge)


def _check_artifacts(action: Value, judge: Judge) -> None:
    configuration = action["configuration"]
    for given in (configuration[name] for name in REQUIRED):
        if not given.is_unknown and not given.text:
            judge.fail(given, "is not set.")
    for name in ARTIFACTS:
        artifact = configuration[name]
        with judge.separately:
            given = action["inputArtifacts"].items
            if artifact.text and not any_true(*(partial(same_text, each, artifact) for each in given)):
                judge.fail(artifact, "is none of the action's input artifacts.")


@ecs_action.stack(PIPELINE)
def _deploys_what_the_stack_declares(pipeline: Resource, stack: Stack, judge: Judge) -> None:
    for action in actions(pipeline):
        with judge.separately:
            if action["provider"].text == CODE_DEPLOY_ACTION and not is_elsewhere(action, stack):
                _check_group(action, stack, judge)
            elif action["provider"].text == ECS_ACTION and not is_elsewhere(action, stack):
                _check_services(action, stack, judge)


def _check_group(action: Value, stack: Stack, judge: Judge) -> None:
    application, name = action["configuration"]["ApplicationName"], action["configuration"]["DeploymentGroupName"]
    groups = stack.some(name, DEPLOYMENT_GROUP)
    keys = stack.keys(application, APPLICATION)
    if any(keys & stack.keys(group["appName"], APPLICATION) for group in groups):
        return
    for group in groups[:1]:
        if keys:
            judge.fail(application, f"is not the application of deployment group {group.name}.")
    for declared in stack.at(keys) if not groups and name.text else ():
        if stack.derived(_groups_by_application).get(declared.urn):
            judge.fail(name, f"is no deployment group of application {declared.name}.")


def _groups_by_application(stack: Stack) -> dict[str, list[Resource]]:
    """The deployment groups of each application, by its URN."""
    table: dict[str, list[Resource]] = {}
    for group in stack.of(DEPLOYMENT_GROUP):
        try:
            for key in stack.keys(group["appName"], APPLICATION):
                table.setdefault(key, []).append(group)
        except Undecided:
            continue  # one that is told suffices: this application's groups are here
    return table


def _check_services(action: Value, stack: Stack, judge: Judge) -> None:
    services = services_named(action, stack)
    refused = [service for service in services if is_code_deploy(service)]
    if refused and len(refused) < len(services):
        names = ", ".join(sorted(service.name for service in services))
        raise Undecided(action["configuration"]["ServiceName"], f"may be any of {names} until the update")
    for service in refused[:1]:
        judge.fail(action["provider"], f"is ECS, but {service.name} is released by CodeDeploy.")


artifact_key = Rule(
    id="sec-pipeline-artifact-kms",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="A pipeline encrypts its artifacts with a key of one's own.",
    why="Without a key CodePipeline takes the AWS managed key of S3, whose policy nobody can change: it can't be "
    "shared with another account, nor be taken away from whoever may read the bucket.",
    fix="""\
  aws.codepipeline.Pipeline("app", ..., artifact_stores=[{
      "type": "S3",
      "location": bucket.bucket,
+     "encryption_key": {"type": "KMS", "id": key.arn},
  }])""",
    url="https://docs.aws.amazon.com/codepipeline/latest/userguide/S3-artifact-encryption.html",
)


@artifact_key.resource(PIPELINE)
def _artifacts_have_a_key(pipeline: Resource, judge: Judge) -> None:
    for store in pipeline["artifactStores"].items:
        with judge.separately:
            key = store["encryptionKey"]
            if key.absent or not (key["id"].is_unknown or key["id"].text):
                judge.fail(key, "is not set.")


artifact_bucket = Rule(
    id="sec-artifact-bucket",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="The bucket of a pipeline's artifacts is private, versioned and reached by TLS only.",
    why="What lies in the bucket is what is released next: whoever can write there releases a version of their own, "
    "and without versions nobody can tell what was released before. (S3 encrypts every bucket by itself.)",
    fix="""\
  bucket = aws.s3.Bucket("artifacts", ...)
  aws.s3.BucketVersioning("artifacts", bucket=bucket.bucket,
-     versioning_configuration={"status": "Suspended"})
+     versioning_configuration={"status": "Enabled"})
+ aws.s3.BucketPolicy("artifacts", bucket=bucket.bucket, policy=bucket.bucket.apply(lambda name: json.dumps({
+     "Version": "2012-10-17",
+     "Statement": [{
+         "Effect": "Deny", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}},
+         "Action": "s3:*", "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
+     }],
+ })))
  aws.codepipeline.Pipeline("app", ...)""",
    url="https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-5",
)


@artifact_bucket.stack(PIPELINE)
def _artifacts_are_kept_safe(pipeline: Resource, stack: Stack, judge: Judge) -> None:
    for store in pipeline["artifactStores"].items:
        with judge.separately:
            bucket = stack.one(store["location"], BUCKET)
            if bucket is not None:
                _check_bucket(bucket, pipeline, stack, judge)


def _check_bucket(bucket: Resource, pipeline: Resource, stack: Stack, judge: Judge) -> None:
    lacking: list[str] = []
    blocks = access_blocks(bucket, stack)
    if not blocks:
        lacking.append("a public access block")
    for block in blocks:
        for flag in (block[name] for name in PUBLIC_ACCESS):
            with judge.separately:
                if not flag.flag:
                    judge.fail(flag, "is not true.")
    with judge.separately:
        switches = versionings(bucket, stack)
        if not switches:
            lacking.append("versioning")
        elif not any_true(*(partial(_is_on, each) for each in switches)):
            judge.fail(switches[0], "is not Enabled.")
    with judge.separately:
        documents = policies(bucket, stack)
        if not documents:
            lacking.append("a policy that denies plain HTTP")
        elif not any_true(*(partial(refuses_plain_http, each) for each in documents)):
            judge.fail(documents[0], "does not deny everybody s3:* where aws:SecureTransport is false.")
    if lacking:
        for doubt in stack.derived(settings).doubts:
            raise doubt
        judge.fail(bucket, f"keeps the artifacts of {pipeline.name}, but lacks {_listed(lacking)}.")


def _is_on(switch: Value) -> bool:
    return switch.flag or switch.text == "Enabled"


def _listed(things: list[str]) -> str:
    *others, last = things
    return f"{', '.join(others)} and {last}" if others else last
