"""Clients of AWS's services."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config


@cache
def client(service: str) -> Any:
    """A client that waits out throttling, and gives up long before its function is out of time."""
    return boto3.client(
        service,
        config=Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 5}),
    )
