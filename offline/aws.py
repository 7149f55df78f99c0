"""Stand-in for the AWS provider: checked inputs, ids and computed outputs."""

from __future__ import annotations

import json
from collections.abc import Mapping

from offline.computed import Facts, digest, fill
from offline.physical_name import automatic_name, check_name
from offline.place import Place
from offline.resource_types import OTHER, TYPES
from offline.value import UNKNOWN, Secret, Value, is_known, reveal

_JSON_DOCUMENTS = ("policy", "assumeRolePolicy", "policyDocument", "accessPolicies")
"""Properties that take an object and are stored as its JSON text."""


class Aws:
    """The provider for one place, with the default tags of the stack."""

    def __init__(self, place: Place | None = None, default_tags: Mapping[str, Value] | None = None) -> None:
        self.place = place or Place()
        self.default_tags = dict(default_tags or {})

    def check(self, type_: str, name: str, urn: str, inputs: Mapping[str, Value]) -> dict[str, Value]:
        """The inputs as the provider would store them: automatic name, defaults, default tags.

        `name` is the logical one. Raises ValueError in the provider's words for a name it refuses.
        """
        checked = dict(inputs)
        checked |= automatic_name(type_, name, digest(urn), checked)
        for key, value in TYPES.get(type_, OTHER).defaults.items():
            checked.setdefault(key, value)
        for key in _JSON_DOCUMENTS:
            if isinstance(document := checked.get(key), dict):
                checked[key] = _document(document)
        if self.default_tags and isinstance(tags := checked.get("tags"), dict):
            checked["tags"] = {**self.default_tags, **tags}
        check_name(type_, checked)
        return checked

    def create(
        self,
        type_: str,
        name: str,
        urn: str,
        inputs: Mapping[str, Value],
        id_: str = "",
        place: Place | None = None,
    ) -> tuple[str, dict[str, Value]]:
        """The id and the computed outputs of a resource with these checked inputs.

        An output made from an unknown is `UNKNOWN`; an id made from one is "". `id_`: the id of a
        resource that is read or imported, not created. `place`: its provider's, if not the stack's.
        """
        computed = TYPES.get(type_, OTHER)
        facts = Facts(inputs)
        region = inputs.get("region")
        place = place or self.place
        if isinstance(region, str) and region != UNKNOWN:
            place = Place(region, place.account)
        facts.update(
            region=place.region,
            account=place.account,
            partition=place.partition,
            dns=place.dns,
            digest=digest(urn),
            logical_name=name,
        )
        outputs: dict[str, Value] = {}
        if computed.arn:
            outputs["arn"] = facts["arn"] = fill(computed.arn, facts)
        for key, template in computed.outputs.items():
            if key not in inputs:
                outputs[key] = value = fill(template, facts)
                facts.setdefault(key, value)
        if "tags" in inputs:
            outputs["tagsAll"] = inputs["tags"]
        filled = id_ or fill(computed.id, facts)
        return ("" if filled == UNKNOWN else filled), outputs


def _document(document: dict[str, Value]) -> Value:
    if not is_known(document):
        return UNKNOWN
    text = json.dumps(reveal(document), separators=(",", ":"), sort_keys=True)
    return text if reveal(document) == document else Secret(text)
