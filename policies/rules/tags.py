"""How resources are tagged."""

from __future__ import annotations
