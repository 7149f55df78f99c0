"""What a repository of images must be."""

from __future__ import annotations
