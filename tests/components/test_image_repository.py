"""What an `ImageRepository` declares. Mocks prove what is sent, not what AWS accepts."""

import json

from components.image_repository import ImageRepository


def repository(deployment):
    return deployment.find("aws:ecr/repository:Repository", "shop-images")


def test_repository(declare, location):
    """Images are scanned, tags never move, and nothing is deleted along with the repository."""
    deployment = declare(lambda: ImageRepository("shop", {"location": location, "name": "shop/web"}))
    found = repository(deployment)
    assert found.inputs == {
        "name": "shop/web",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfigurations": [{"encryptionType": "AES256"}],
        "forceDelete": False,
    }
    assert found.delete_before_replace is True
    component = deployment.find("ecs-blue-green:index:ImageRepository", "shop")
    assert component.outputs == {"arn": found.outputs["arn"], "url": found.outputs["repositoryUrl"]}


def test_old_images_expire(declare, location):
    """Untagged images go after a day, and of the others the latest stay for rollbacks."""
    args = {"location": location, "name": "shop", "keep_images": 5}
    deployment = declare(lambda: ImageRepository("shop", args))
    policy = deployment.find("aws:ecr/lifecyclePolicy:LifecyclePolicy", "shop-images")
    selections = [rule["selection"] for rule in json.loads(policy.inputs["policy"])["rules"]]
    assert policy.inputs["repository"] == "shop"
    assert selections == [
        {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1},
        {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 5},
    ]


def test_moving_tags(declare, location):
    """Tags that have to move are named, all others stay immutable (G60)."""
    args = {"location": location, "name": "shop", "mutable_tags": ["cache-*"]}
    found = repository(declare(lambda: ImageRepository("shop", args)))
    assert found.inputs["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert found.inputs["imageTagMutabilityExclusionFilters"] == [{"filter": "cache-*", "filterType": "WILDCARD"}]


def test_a_key_encrypts_the_images(declare, location):
    """In place of the one that S3 manages."""
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    args = {"location": location, "name": "shop", "key_arn": key}
    found = repository(declare(lambda: ImageRepository("shop", args)))
    assert found.inputs["encryptionConfigurations"] == [{"encryptionType": "KMS", "kmsKey": key}]
