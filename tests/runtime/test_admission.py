"""Admission: which images let a release go on."""

import pytest

from runtime.hooks.admission import CALLS, SETTINGS, handler, judge
from runtime.hooks.verdict import Verdict
from tests.runtime.lifecycle import CODEDEPLOY_EVENT, ECS_EVENT, GREEN, TASK_DEFINITION, Context, logged

REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
SHOP = f"{REGISTRY}/shop"
DIGEST = "@sha256:" + "0123456789abcdef" * 4
BOOTSTRAP = "public.ecr.aws/docker/library/python:3.13.9-alpine3.22"


@pytest.mark.parametrize(
    ("image", "allowed"),
    [
        (SHOP + DIGEST, SHOP),
        (f"{SHOP}:1.4.2{DIGEST}", SHOP),
        (SHOP + DIGEST, f"{REGISTRY}/*"),
        (f"{REGISTRY}/team/shop{DIGEST}", f"{REGISTRY}/*"),
        (f"{REGISTRY}/team/shop{DIGEST}", f"{REGISTRY}/team/*"),
        (f"registry.internal:5000/shop{DIGEST}", "registry.internal:5000/shop"),
        (f"registry.internal:5000/shop{DIGEST}", "registry.internal:5000/*"),
        (f"nginx{DIGEST}", "nginx"),
        (BOOTSTRAP, BOOTSTRAP),
        (BOOTSTRAP + DIGEST, BOOTSTRAP + DIGEST),
        (SHOP + DIGEST, SHOP + DIGEST),
    ],
)
def test_these_images_are_allowed(image, allowed):
    assert judge({"web": image}, ["other", allowed], []) == Verdict("SUCCEEDED", "each image is allowed")


NOT_BY_DIGEST = "is not named by digest"


@pytest.mark.parametrize(
    ("image", "allowed", "fault"),
    [
        (f"{SHOP}:1.4.2", SHOP, f"{SHOP}:1.4.2 {NOT_BY_DIGEST}"),
        (f"{SHOP}:latest", f"{REGISTRY}/*", f"{SHOP}:latest {NOT_BY_DIGEST}"),
        (SHOP, SHOP, f"{SHOP} {NOT_BY_DIGEST}"),
        (SHOP + DIGEST[:-1], SHOP, f"{SHOP + DIGEST[:-1]} {NOT_BY_DIGEST}"),
        (SHOP + DIGEST + "0", SHOP, f"{SHOP + DIGEST}0 {NOT_BY_DIGEST}"),
        (SHOP + DIGEST.upper(), SHOP, f"{SHOP + DIGEST.upper()} {NOT_BY_DIGEST}"),
        (BOOTSTRAP, BOOTSTRAP[:-1], f"{BOOTSTRAP} {NOT_BY_DIGEST}"),
        (f"{SHOP}-admin{DIGEST}", SHOP, f"{SHOP}-admin is not an allowed repository"),
        (f"{SHOP}/admin{DIGEST}", SHOP, f"{SHOP}/admin is not an allowed repository"),
        (f"evil.example.com/shop{DIGEST}", f"{REGISTRY}/*", "evil.example.com/shop is not an allowed repository"),
        (
            f"{REGISTRY}.example.com/shop{DIGEST}",
            f"{REGISTRY}/*",
            f"{REGISTRY}.example.com/shop is not an allowed repository",
        ),
        (f"{REGISTRY}/teams/shop{DIGEST}", f"{REGISTRY}/team/*", f"{REGISTRY}/teams/shop is not an allowed repository"),
        (f"{REGISTRY}/*{DIGEST}", f"{REGISTRY}/team/*", f"{REGISTRY}/* is not an allowed repository"),
        (SHOP + DIGEST, SHOP + DIGEST[:-1] + "0", f"{SHOP} is not an allowed repository"),
        (SHOP + DIGEST, f"{SHOP}:1.4.2", f"{SHOP} is not an allowed repository"),
    ],
)
def test_these_images_send_a_release_back(image, allowed, fault):
    assert judge({"web": image}, [allowed], []) == Verdict("FAILED", f"web: {fault}")


IMAGES = {"web": SHOP + DIGEST, "proxy": "envoy:1.2", "agent": f"agent{DIGEST}"}


def test_every_image_that_is_not_allowed_is_named():
    assert judge(IMAGES, [SHOP], []) == Verdict(
        "FAILED", "proxy: envoy:1.2 is not named by digest; agent: agent is not an allowed repository"
    )


def test_only_the_containers_that_are_named_are_judged():
    assert judge(IMAGES, [SHOP], ["web"]).status == "SUCCEEDED"


def test_a_container_that_is_not_there_sends_a_release_back():
    assert judge(IMAGES, [SHOP], ["web", "wep"]) == Verdict("FAILED", "the task definition has no container wep")


def task_definition(aws, **images):
    """ECS describes the task definition of containers with these images."""
    described = {"containerDefinitions": [{"name": name, "image": image} for name, image in images.items()]}
    aws.answers("ecs:DescribeTaskDefinition", {"taskDefinition": described}, taskDefinition=TASK_DEFINITION)


def revision(aws):
    """ECS describes the new service revision."""
    aws.answers(
        "ecs:DescribeServiceRevisions",
        {"serviceRevisions": [{"serviceRevisionArn": GREEN, "taskDefinition": TASK_DEFINITION}]},
        serviceRevisionArns=[GREEN],
    )


@pytest.mark.parametrize("sources", [(), (GREEN,)])
@pytest.mark.parametrize(("image", "status"), [(SHOP + DIGEST, "SUCCEEDED"), (f"{SHOP}:latest", "FAILED")])
def test_under_ecs_the_images_of_the_new_revision_decide_at_the_first_deployment_as_well(
    aws, hook, sources, image, status
):
    aws.ecs_deployment(sources)
    revision(aws)
    task_definition(aws, web=image)
    hook(images=[SHOP])
    assert handler(ECS_EVENT, Context()) == {"hookStatus": status}
    assert sorted(set(aws.calls)) == sorted(CALLS["ECS"])


@pytest.mark.parametrize(("image", "status"), [(SHOP + DIGEST, "Succeeded"), (f"{SHOP}:latest", "Failed")])
def test_under_codedeploy_the_images_of_the_new_task_set_decide(aws, hook, image, status):
    aws.codedeploy_deployment()
    aws.answers(
        "codedeploy:GetDeploymentGroup",
        {"deploymentGroupInfo": {"ecsServices": [{"clusterName": "shop", "serviceName": "web"}]}},
        applicationName="web-app",
        deploymentGroupName="web-group",
    )
    task_sets = [{"taskDefinition": TASK_DEFINITION, "externalId": "d-4IM3IP9GP"}]
    aws.answers("ecs:DescribeServices", {"services": [{"taskSets": task_sets}]}, cluster="shop", services=["web"])
    task_definition(aws, web=image, proxy="envoy:1.2")
    aws.codedeploy_told(status)
    hook(images=[SHOP], containers=["web"])
    assert handler(CODEDEPLOY_EVENT, Context()) is None
    assert sorted(set(aws.calls)) == sorted(CALLS["CODE_DEPLOY"])


def test_settings_that_are_not_allowed_send_the_release_back(aws, hook, capsys):
    aws.ecs_deployment()
    hook(images=[])
    assert handler(ECS_EVENT, Context()) == {"hookStatus": "FAILED"}
    assert logged(capsys)[0]["reason"] == (
        "ValueError: HOOK: 'images' must be a list of repositories, repositories ending in /*, and images with a tag "
        "or a digest"
    )


@pytest.mark.parametrize(
    "image",
    [SHOP, f"{REGISTRY}/*", f"{REGISTRY}/team/*", BOOTSTRAP, BOOTSTRAP + DIGEST, SHOP + DIGEST, "nginx", "a:5000/b_c"],
)
def test_what_images_may_be(image):
    assert SETTINGS["images"].allows([image])


@pytest.mark.parametrize(
    "images",
    [
        *(None, SHOP, {}, [], [1], [""], ["*"], ["/*"], ["/shop"], ["a b"], [f"https://{SHOP}"], [SHOP, f"{SHOP}\n"]),
        *([f"{SHOP}*"], [f"{SHOP}/"], [f"{REGISTRY}/*/shop"], [f"{REGISTRY}/*:1"]),
        *([f"{SHOP}@sha256:0"], [SHOP + DIGEST + DIGEST]),
    ],
)
def test_what_images_may_not_be(images):
    assert not SETTINGS["images"].allows(images)


@pytest.mark.parametrize("containers", [None, "web", [], [""], [1], ["a b"]])
def test_what_containers_may_not_be(containers):
    assert SETTINGS["containers"].allows(["web", "a_b-1"])
    assert not SETTINGS["containers"].allows(containers)
