"""Changes to a log group."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, put, undecided
from tests.policies.graph import Graph
from value import UNKNOWN

RETENTION, KEY = "sec-log-retention", "sec-log-kms"


def _deliver(graph: Graph) -> None:
    graph["logs"].update({"logGroupClass": "DELIVERY", "retentionInDays": None})


CASES: list[Case] = [
    Case(
        "logs that are kept for ever",
        drop("logs", "retentionInDays"),
        [fail(RETENTION, "logs", "retentionInDays")],
        says="logs: retentionInDays is not set: events are kept for ever.",
    ),
    Case("the same in AWS's terms", put("logs", "retentionInDays", 0.0), [fail(RETENTION, "logs", "retentionInDays")]),
    Case(
        "logs that go too soon",
        put("logs", "retentionInDays", 5.0),
        [fail(RETENTION, "logs", "retentionInDays")],
        says="logs: retentionInDays is 5, less than 7.",
    ),
    Case("logs of a week", put("logs", "retentionInDays", 7.0), []),
    Case(
        "logs that go too soon for this stack",
        put("logs", "retentionInDays", 365.0),
        [fail(RETENTION, "logs", "retentionInDays"), fail(RETENTION, "exec-logs", "retentionInDays")],
        config={RETENTION: {"minDays": 400}},
    ),
    Case(
        "logs of a class that AWS keeps for two days",
        _deliver,
        [(RETENTION, "logs", "", "not applicable")],
        says="logs is of class DELIVERY, which AWS keeps for two days.",
    ),
    Case(
        "an unknown retention",
        put("logs", "retentionInDays", UNKNOWN),
        [undecided(RETENTION, "logs", "retentionInDays")],
    ),
    Case("no key", drop("logs", "kmsKeyId"), [fail(KEY, "logs", "kmsKeyId")], says="logs: kmsKeyId is not set."),
    Case("no key, at a first preview", drop("logs", "kmsKeyId"), [fail(KEY, "logs", "kmsKeyId")], preview=True),
    Case("a key that nothing tells", put("logs", "kmsKeyId", UNKNOWN), [undecided(KEY, "logs", "kmsKeyId")]),
]
