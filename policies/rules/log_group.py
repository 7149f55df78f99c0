"""What a log group must be."""

from __future__ import annotations
