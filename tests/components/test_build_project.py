"""What a `BuildProject` declares. Mocks prove what is sent, not what AWS accepts."""

import json

import pulumi_aws as aws
import pytest

from components.build_project import BuildProject, check_build_minutes
from components.limits import Refused

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
LOG = "/aws/codebuild/shop-app-image"
PUSH = {"Effect": "Allow", "Action": ["ecr:PutImage"], "Resource": "arn:aws:ecr:eu-west-1:123456789012:repository/shop"}


@pytest.fixture
def build(declare, location):
    """Declare a project, with these arguments beside those that it can't do without."""

    def run(**args):
        usual = {
            "location": location,
            "project_name": "shop-app-image",
            "description": "Builds images of app",
            "buildspec": "version: 0.2\n",
            "artifacts": {"bucket_name": "shop-artifacts", "key_arn": KEY},
        }
        return declare(lambda: BuildProject("app-image", {**usual, **args}))

    return run


def project(deployment):
    return deployment.find("aws:codebuild/project:Project", "app-image")


def statements(deployment, name):
    return json.loads(deployment.find("aws:iam/rolePolicy:RolePolicy", name).inputs["policy"])["Statement"]


def test_project(build):
    """It takes its source from a pipeline and leaves artifacts there, unprivileged, on X86_64, for half an hour."""
    deployment = build()
    assert project(deployment).inputs == {
        "name": "shop-app-image",
        "description": "Builds images of app",
        "serviceRole": deployment.find("aws:iam/role:Role", "app-image").outputs["arn"],
        "artifacts": {"type": "CODEPIPELINE"},
        "source": {"type": "CODEPIPELINE", "buildspec": "version: 0.2\n"},
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
            "computeType": "BUILD_GENERAL1_SMALL",
            "privilegedMode": False,
            "environmentVariables": [],
        },
        "encryptionKey": KEY,
        "logsConfig": {"cloudwatchLogs": {"status": "ENABLED", "groupName": LOG}},
        "buildTimeout": 30,
    }
    made = [(r.type.rpartition(":")[2], r.name) for r in deployment if r.parent.endswith("BuildProject::app-image")]
    assert sorted(made) == [
        ("LogGroup", "app-image"),
        ("Project", "app-image"),
        ("Role", "app-image"),
        ("RolePolicy", "app-image"),
        ("RolePolicy", "app-image-artifacts"),
    ]


def test_an_arm_image(build):
    """An image for ARM64 is built on ARM64 (G62), by Docker, which needs a privileged host (G61)."""
    environment = project(build(architecture="ARM64", builds_images=True)).inputs["environment"]
    assert environment == {
        "type": "ARM_CONTAINER",
        "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
        "computeType": "BUILD_GENERAL1_SMALL",
        "privilegedMode": True,
        "environmentVariables": [],
    }


def test_choices(build):
    """Variables, sorted by name, size of the host, and time are choices."""
    found = project(
        build(variables={"B": "2", "A": "1"}, compute_type="BUILD_GENERAL1_LARGE", timeout_minutes=2160)
    ).inputs
    assert found["environment"]["environmentVariables"] == [
        {"name": "A", "value": "1", "type": "PLAINTEXT"},
        {"name": "B", "value": "2", "type": "PLAINTEXT"},
    ]
    assert found["environment"]["computeType"] == "BUILD_GENERAL1_LARGE"
    assert found["buildTimeout"] == 2160


@pytest.mark.parametrize(
    ("args", "kept"),
    [
        ({}, {"retentionInDays": 30}),
        ({"log_retention_days": 7, "log_key_arn": KEY}, {"retentionInDays": 7, "kmsKeyId": KEY}),
    ],
)
def test_its_log_is_kept(build, args, kept):
    """For a month, and by AWS's own key, unless said otherwise."""
    assert build(**args).find("aws:cloudwatch/logGroup:LogGroup", "app-image").inputs == {"name": LOG, **kept}


def test_only_this_project_has_the_role(build):
    """CodeBuild gets it for no other (G59)."""
    role = build().find("aws:iam/role:Role", "app-image")
    assert role.inputs["description"] == "Builds images of app"
    assert json.loads(role.inputs["assumeRolePolicy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "codebuild.amazonaws.com"},
            "Condition": {
                "StringEquals": {"aws:SourceArn": "arn:aws:codebuild:eu-west-1:123456789012:project/shop-app-image"}
            },
        }
    ]


def test_what_it_may_do(build):
    """It writes its own log and passes artifacts on; what else it may do has to be said."""
    log = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"arn:aws:logs:eu-west-1:123456789012:log-group:{LOG}:*",
    }
    deployment = build(statements=[PUSH])
    role = deployment.find("aws:iam/role:Role", "app-image")
    assert {r.inputs["role"] for r in deployment.of_type("aws:iam/rolePolicy:RolePolicy")} == {role.id}
    assert statements(deployment, "app-image") == [log, PUSH]
    assert statements(build(), "app-image") == [log]
    assert [(each["Action"][0], each["Resource"]) for each in statements(deployment, "app-image-artifacts")] == [
        ("s3:GetBucketAcl", "arn:aws:s3:::shop-artifacts"),
        ("s3:GetObject", "arn:aws:s3:::shop-artifacts/*"),
        ("kms:Decrypt", KEY),
    ]


def test_permissions_come_first(build):
    """The project is there once its role may do all that it has to, and its name is known then."""
    deployment = build(statements=[PUSH])
    permissions = {r.urn for r in deployment.of_type("aws:iam/rolePolicy:RolePolicy")}
    assert len(permissions) == 2
    assert permissions < set(project(deployment).dependencies)
    assert deployment.find("ecs-blue-green:index:BuildProject", "app-image").outputs == {
        "project_name": "shop-app-image"
    }


def test_a_document_for_the_bucket_alone(declare, location):
    """The bucket is not known in a first preview; what the build may do besides can be read all the same."""

    def program():
        key = aws.kms.Key("key")
        args = {
            "location": location,
            "project_name": "shop-app-image",
            "description": "Builds images of app",
            "buildspec": "version: 0.2\n",
            "artifacts": {"bucket_name": "shop-artifacts", "key_arn": key.arn},
            "statements": [PUSH],
        }
        BuildProject("app-image", args)

    deployment = declare(program, first_preview=True)
    assert statements(deployment, "app-image")[-1] == PUSH
    hidden = deployment.find("aws:iam/rolePolicy:RolePolicy", "app-image-artifacts")
    assert not hidden.inputs["policy"].startswith("{")


def test_tags(build):
    """Whatever takes tags has them."""
    tagged = [r.type for r in build(tags={"team": "web"}) if r.inputs.get("tags") == {"team": "web"}]
    assert sorted(tagged) == ["aws:cloudwatch/logGroup:LogGroup", "aws:codebuild/project:Project", "aws:iam/role:Role"]


@pytest.mark.parametrize("minutes", [5, 2160])
def test_the_longest_and_the_shortest_build(minutes):
    """36 hours, and 5 minutes."""
    assert check_build_minutes(minutes) is None


@pytest.mark.parametrize("minutes", [4, 2161])
def test_refusals(minutes):
    """CodeBuild gives no build less or more (G63)."""
    with pytest.raises(Refused) as refused:
        BuildProject("app-image", {"timeout_minutes": minutes})
    assert refused.value.given == f"{minutes} minutes"
    assert refused.value.allowed == "5 to 2160 minutes"
    assert refused.value.why == "CodeBuild ends a build after 36 hours (G63)"
