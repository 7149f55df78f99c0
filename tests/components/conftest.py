"""What the components' tests share."""

import pytest

from components.location import Location


@pytest.fixture(scope="session")
def location() -> Location:
    """Where the components under test live."""
    return {"partition": "aws", "region": "eu-west-1", "account_id": "123456789012"}
