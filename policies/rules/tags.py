"""How resources are tagged."""

from __future__ import annotations

from functools import partial

from judge import Judge
from properties import PROPERTIES
from remedy import Remedy
from resources import Resource
from rule import Level, Rule, Severity
from value import Value, any_true

required = Rule(
    id="sec-tags",
    level=Level.ADVISORY,
    severity=Severity.LOW,
    description="A resource has the tags that are asked for.",
    why="Tags tell whose a resource is, what it costs and who may change it. AWS can only group, bill and authorise by "
    "the keys that are there.",
    fix="""\
  aws.ecs.Cluster("shop", ...,
-     tags={"Name": "shop"},
+     tags={"Name": "shop", "Owner": "shop-team"},  # for all resources: the provider's default_tags
  )""",
    url="https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html",
    knobs={
        "keys": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "The keys of the tags that every resource must have.",
        },
        "values": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "default": {},
            "description": "What a remedy gives to keys that are missing, by key.",
        },
    },
)


TAGGED = tuple(kind for kind, names in PROPERTIES.items() if "tags" in names)


@required.resource(*TAGGED)
def _has_tags(resource: Resource, judge: Judge) -> None:
    for key in judge.knob("keys"):
        with judge.separately:
            if not _is_tagged(resource, key):
                judge.fail(resource["tags"], f"lacks {key}.")


@required.remediation(*TAGGED)
def _add_tags(resource: Resource, remedy: Remedy) -> None:
    for key, value in remedy.knob("values").items():
        if key in remedy.knob("keys") and not _is_tagged(resource, key):
            remedy.put(resource["tags"][key], value)


def _is_tagged(resource: Resource, key: str) -> bool:
    return any_true(
        partial(_holds, resource["tags"], key),
        lambda: _holds(resource.provider("defaultTags").document["tags"], key),
    )


def _holds(tags: Value, key: str) -> bool:
    known = tags.known
    return isinstance(known, dict) and known.get(key) is not None
