"""What a service that ECS itself releases blue/green must be."""

from __future__ import annotations
