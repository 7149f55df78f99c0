"""What a cluster must be."""

from __future__ import annotations
