"""What a `SourceRepository` declares. Mocks prove what is sent, not what AWS accepts."""

import pytest

from components.source_repository import SourceRepository

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


@pytest.fixture
def build(declare):
    """Declare a repository, with these arguments besides."""

    def run(**args):
        usual = {"name": "blue-green-app", "description": "The application of app"}
        return declare(lambda: SourceRepository("app-app", {**usual, **args}))

    return run


def repository(deployment):
    return deployment.find("aws:codecommit/repository:Repository", "app-app-source")


def test_repository(build):
    """It is empty, and it and its commits stay in the account when the stack goes."""
    deployment = build()
    assert repository(deployment).inputs == {
        "repositoryName": "blue-green-app",
        "description": "The application of app",
    }
    assert repository(deployment).retain_on_delete is True
    assert repository(deployment).parent == deployment.find("ecs-blue-green:index:SourceRepository", "app-app").urn


def test_choices(build):
    """A key and tags; and it may go with the stack."""
    found = repository(build(key_arn=KEY, tags={"team": "web"}, force_destroy=True))
    assert found.inputs["kmsKeyId"] == KEY
    assert found.inputs["tags"] == {"team": "web"}
    assert found.retain_on_delete is False


def test_outputs(build):
    """Its name for a pipeline, and for people where to push."""
    deployment = build()
    assert deployment.find("ecs-blue-green:index:SourceRepository", "app-app").outputs == {
        "name": "blue-green-app",
        "clone_url": "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/blue-green-app",
    }
