"""Changes to what fargate is about."""

from __future__ import annotations

from tests.policies.cases import Case

CASES: list[Case] = []
