"""What Service Connect needs for a release between services."""

from __future__ import annotations
