"""What a CodeBuild project that makes images must be."""

from __future__ import annotations
