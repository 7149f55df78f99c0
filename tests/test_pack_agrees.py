"""The policy pack accepts what the settings accept, except where a stack file chose otherwise."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis

from offline import project
from offline.errors import OfflineError
from offline.pack import Pack
from offline.program import run_program
from tests.settings.strategies import stack_files

CHOSEN = {
    "bg-auto-rollback": "autoRollback: []",
    "sec-sg-world-ingress": "a production port other than 80 and 443 that is open to the world",
}
"""What a stack file may choose although the pack objects, by rule."""


@pytest.fixture(scope="module", params=[False, True], ids=["known", "first preview"])
def findings(request, root) -> Counter[tuple[str, str]]:
    """Rules that object to generated stack files, with the first line of what they say; and how many were judged."""
    counted: Counter[tuple[str, str]] = Counter()
    with Pack(root / "policies") as pack:

        @hypothesis(
            derandomize=True, database=None, deadline=None, max_examples=30, suppress_health_check=list(HealthCheck)
        )
        @given(file=stack_files())
        def judge(file: dict[str, Any]) -> None:
            texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in file.items()}
            config = {"aws:region": "eu-west-1"} | {f"ecs-blue-green:{key}": text for key, text in texts.items()}
            stack = project.Project("ecs-blue-green", "dev", root, root, config)
            try:
                deployment = run_program(stack, first_preview=request.param)
            except OfflineError:
                return
            counted["judged", ""] += 1
            for found in pack.analyze(deployment):
                counted[found.policy, found.message.splitlines()[1]] += 1

        judge()
    return counted


def test_nothing_is_objected_to_but_choices(findings):
    """No rule objects, and none is left undecided, except where the stack file asked for it."""
    assert findings["judged", ""] >= 10
    unexpected = {key for key in findings if key[0] not in {"judged", *CHOSEN}}
    assert unexpected == set()
