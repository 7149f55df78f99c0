"""What a pipeline that releases to ECS must be."""

from __future__ import annotations
