"""What the components' tests share."""

import pytest

from components.location import Location
from tests.components.build_host import COMMIT, REPOSITORY, BuildHost


@pytest.fixture(scope="session")
def location() -> Location:
    """Where the components under test live."""
    return {"partition": "aws", "region": "eu-west-1", "account_id": "123456789012"}


@pytest.fixture
def host(tmp_path) -> BuildHost:
    """A build host that got a commit."""
    return BuildHost(tmp_path, REPOSITORY_URI=REPOSITORY, CODEBUILD_RESOLVED_SOURCE_VERSION=COMMIT)
