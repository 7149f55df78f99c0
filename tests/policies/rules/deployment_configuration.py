"""Changes to what deployment_configuration is about."""

from __future__ import annotations

from tests.policies.cases import Case

CASES: list[Case] = []
