"""Changes to tags."""

from __future__ import annotations

import json
from typing import Any

from tests.policies.cases import Case, fail, nothing, put, several, undecided
from tests.policies.graph import Change, Graph
from value import UNKNOWN

TAGS = "sec-tags"
OWNED = {TAGS: {"keys": ["Owner", "Stage"], "includeFor": ["cluster", "prod-rule", "lb-task"]}}


def _all_owned(graph: Graph) -> None:
    for name in ("cluster", "prod-rule", "lb-task"):
        graph[name]["tags"] = {"Owner": "shop", "Stage": "prod"}


def _by_default(**tags: Any) -> Change:
    """Tags of the provider, in the form in which it takes its configuration."""
    return lambda graph: graph.provider.update(defaultTags=json.dumps({"tags": tags}))


def _by_default_object(graph: Graph) -> None:
    graph.provider["defaultTags"] = {"tags": {"Owner": "shop", "Stage": "prod"}}


CASES: list[Case] = [
    Case("no tags, as none are asked for", nothing, []),
    Case("all tags", _all_owned, [], config=OWNED),
    Case(
        "a tag short",
        several(_all_owned, put("cluster", "tags", {"Owner": "shop", "stage": "prod"})),
        [fail(TAGS, "cluster", "tags")],
        config=OWNED,
        says="cluster: tags lacks Stage.",
    ),
    Case(
        "no tags at all",
        nothing,
        [fail(TAGS, name, "tags") for name in ("cluster", "prod-rule", "lb-task")],
        config=OWNED,
    ),
    Case("tags by default", _by_default(Owner="shop", Stage="prod"), [], config=OWNED),
    Case("tags by default, as an object", _by_default_object, [], config=OWNED),
    Case(
        "tags by default and of one's own",
        several(_by_default(Owner="shop"), _all_owned, put("cluster", "tags", {"Stage": "prod"})),
        [],
        config=OWNED,
    ),
    Case(
        "a tag short by default",
        several(_all_owned, _by_default(Owner="shop"), put("cluster", "tags", {})),
        [fail(TAGS, "cluster", "tags")],
        config=OWNED,
    ),
    Case("an unknown value of a tag", several(_all_owned, put("cluster", "tags.Owner", UNKNOWN)), [], config=OWNED),
    Case(
        "unknown tags",
        several(_all_owned, put("cluster", "tags", UNKNOWN)),
        [undecided(TAGS, "cluster", "tags")],
        config=OWNED,
    ),
    Case(
        "unknown tags beside those by default",
        several(_by_default(Owner="shop", Stage="prod"), put("cluster", "tags", UNKNOWN)),
        [],
        config=OWNED,
    ),
    Case(
        "default tags that are unknown",
        several(_all_owned, put("cluster", "tags", {}), lambda graph: graph.provider.update(defaultTags=UNKNOWN)),
        [undecided(TAGS, "cluster", "defaultTags")],
        config=OWNED,
    ),
    Case(
        "what takes no tags",
        lambda graph: graph.add("policy", "aws:iam/rolePolicy:RolePolicy", {}),
        [],
        config={TAGS: {"keys": ["Owner"], "includeFor": ["policy"]}},
    ),
]
