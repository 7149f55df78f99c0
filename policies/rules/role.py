"""What IAM roles and policies may allow."""

from __future__ import annotations
