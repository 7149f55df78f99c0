"""What a load balancer in front of a release must be."""

from __future__ import annotations
