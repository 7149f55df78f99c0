"""The policy pack accepts what the settings accept, except where a stack file chose otherwise."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis

from offline import project
from offline.errors import OfflineError
from offline.pack import Pack
from offline.program import run_program
from tests.settings.strategies import stack_files

CHOSEN = {
    "bg-auto-rollback": "autoRollback: []",
    "bg-drain-fits-wait": "deregistrationDelaySeconds longer than terminationWaitMinutes",
    "bg-termination-wait": "terminationWaitMinutes below 5 or above a day",
    "bg-test-listener": "no testPort",
    "bg-test-listener-not-public": "testIngressCidrs that are open to the world",
    "sec-alb-access-logs": "no accessLogs",
    "sec-cluster-insights": "containerInsights: disabled",
    "sec-ecr-kms": "encryptionKey: aws",
    "sec-exec-audit": "encryptionKey: aws",
    "sec-iam-broad-managed": "taskRolePolicyArns",
    "sec-log-kms": "encryptionKey: aws",
    "sec-log-retention": "fewer days than the rule's minDays",
    "sec-sg-world-ingress": "a production port other than 80 and 443 that is open to the world",
    "sec-td-non-root": "no user",
    "sec-td-no-plaintext-secrets": "what looks like a secret under environment",
    "sec-td-readonly-root": "readonlyRootFilesystem: false",
    "sec-waf": "no webAclArn",
}
"""What a stack file may choose although the pack objects, by rule."""

UNTOLD = {
    "sec-iam-no-wildcards": "the policy of ARNs that AWS makes up",
    "sec-iam-passrole-scoped": "the same",
}
"""What a first preview can't tell, by rule."""


@pytest.fixture(scope="module", params=[False, True], ids=["known", "first preview"])
def findings(request, root) -> Counter[tuple[str, str]]:
    """Rules that object to generated stack files, with the first line of what they say; and how many were judged."""
    counted: Counter[tuple[str, str]] = Counter()
    with Pack(root / "policies") as pack:

        @hypothesis(
            derandomize=True,
            database=None,
            deadline=None,
            max_examples=30,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
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
            for found in pack.analyze(deployment).violations:
                said = found.message.removeprefix(found.description).strip().splitlines()[0]
                untold = request.param and said.startswith("undecided:") and found.policy in UNTOLD
                counted["untold" if untold else found.policy, said] += 1

        judge()
    return counted


def test_nothing_is_objected_to_but_choices(findings):
    """No rule objects, and none is left undecided, except where the stack file asked for it."""
    assert findings["judged", ""] >= 10
    unexpected = {key for key in findings if key[0] not in {"judged", "untold", *CHOSEN}}
    assert unexpected == set()


def test_the_production_stack_passes_every_rule(root, prod):
    """None objects at any level, and none stays undecided; each has judged something or says that it had nothing to."""
    with Pack(root / "policies") as pack:
        assert pack.analyze(prod).violations == []


def test_the_dev_stack_passes_every_mandatory_rule_and_the_page_says_what_it_leaves_open(root, dev):
    """The table of docs/policies.md is all that the pack says about it."""
    page = (root / "docs" / "policies.md").read_text(encoding="utf-8")
    table = page.partition("## What the dev stack leaves open\n")[2].partition("\n##")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+?) \| .+ \|$", table, re.MULTILINE)
    with Pack(root / "policies") as pack:
        found = pack.analyze(dev).violations
    assert {violation.level for violation in found} == {"advisory"}
    assert sorted((violation.policy, violation.urn.rpartition("::")[2]) for violation in found) == sorted(
        (rule, name) for rule, names in rows for name in names.split(", ")
    )
