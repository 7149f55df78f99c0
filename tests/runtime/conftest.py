"""What tests of the code that runs inside AWS may use."""

import json

import boto3
import pytest

from runtime.hooks.client import client
from tests.runtime.lifecycle import Aws


@pytest.fixture
def aws(monkeypatch):
    """AWS, which answers what a test announces, and is asked nothing else."""
    aws = Aws()
    monkeypatch.setattr(boto3, "client", aws.client)
    client.cache_clear()
    yield aws
    client.cache_clear()
    aws.settle()


@pytest.fixture
def hook(monkeypatch):
    """Set the hook's settings: `hook(url="http://alb/")`."""
    return lambda **settings: monkeypatch.setenv("HOOK", json.dumps(settings))


@pytest.fixture
def pauses(monkeypatch):
    """The pauses that are made, none of which takes any time."""
    pauses = []
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses
