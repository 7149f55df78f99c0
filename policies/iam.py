"""IAM policy documents, in every shape that IAM takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial

from value import Value, all_true, any_true, each

_EQUALITY = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy document; `place` is where it stands."""

    place: Value

    @property
    def allows(self) -> bool:
        """True if it allows; False if it denies."""
        return self.place["Effect"].text == "Allow"

    @property
    def actions(self) -> list[Value]:
        """`Action`, whether one or a list."""
        return each(self.place["Action"])

    @property
    def excepted_actions(self) -> list[Value]:
        """`NotAction`: all actions but these."""
        return each(self.place["NotAction"])

    @property
    def resources(self) -> list[Value]:
        """`Resource`, whether one or a list."""
        return each(self.place["Resource"])

    @property
    def excepted_resources(self) -> list[Value]:
        """`NotResource`: all resources but these."""
        return each(self.place["NotResource"])

    @property
    def principals(self) -> dict[str, list[Value]]:
        """`Principal` by kind (`AWS`, `Service`, `Federated`); the bare `*` is of every kind, under `*`."""
        principal = self.place["Principal"]
        known = principal.known
        if isinstance(known, str):
            return {"*": [principal]}
        return {kind: each(principal[kind]) for kind in known} if isinstance(known, dict) else {}

    @property
    def conditions(self) -> dict[str, list[Value]]:
        """The values compared with each condition key; keys in lower case, operators left out."""
        found: dict[str, list[Value]] = {}
        operators = self.place["Condition"]
        for operator in _keys(operators):
            for key in _keys(operators[operator]):
                found.setdefault(key.lower(), []).extend(each(operators[operator][key]))
        return found

    def required(self, key: str) -> list[Value]:
        """The values of which a condition key must be one; none if nothing limits it to some.

        A value may hold wildcards. `...IfExists` counts as a limit: AWS tells the key wherever it matters.
        """
        found: list[Value] = []
        operators = self.place["Condition"]
        for operator in _keys(operators):
            if operator.rpartition(":")[2].removesuffix("IfExists") in _EQUALITY:
                for name in _keys(operators[operator]):
                    if name.lower() == key.lower():
                        found.extend(each(operators[operator][name]))
        return found

    def names(self, action: str) -> bool:
        """True if the statement covers this action, by `Action` or because `NotAction` does not except it."""
        excepted = self.excepted_actions
        return any_true(
            *(partial(_covers, given, action) for given in self.actions),
            lambda: bool(excepted) and all_true(*(partial(_lacks, given, action) for given in excepted)),
        )


def statements(document: Value) -> Iterator[Statement]:
    """The statements of a policy document, given as JSON text or as an object.

    Raises `Undecided` if the document is unknown or no JSON.
    """
    for place in each(document.document["Statement"]):
        yield Statement(place)


def is_service(principal: Value, service: str) -> bool:
    """True for an AWS service, whether by its name or by its endpoint in one region.

    `codedeploy.amazonaws.com` may be written `codedeploy.eu-west-1.amazonaws.com`, in China with `.cn`.
    """
    name, _, domain = service.partition(".")
    given = principal.text.removesuffix(".cn")
    return given == service or fnmatchcase(given, f"{name}.*-*.{domain}")


def is_wildcard(action: Value) -> bool:
    """True for an action that stands for all, or for all of a service: `*`, `s3:*`."""
    return "*" in action.text and not action.text.rpartition(":")[2].strip("*")


def is_everything(resource: Value) -> bool:
    """True for `*`, and for an ARN that gives no more than the partition."""
    parts = resource.text.split(":")
    return "*" in resource.text and not "".join(parts[2:] if parts[0] == "arn" else parts).strip("*")


def role_name(resource: Value) -> str:
    """What an ARN, or a pattern of ARNs, says of a role's path and name; empty if no role fits it."""
    parts = resource.text.split(":", 5)
    if resource.text.endswith("*"):  # a star takes in colons as well
        parts += ["*"] * (6 - len(parts))
    if len(parts) < 6 or not fnmatchcase("iam", parts[2]):
        return ""
    kind, slash, name = parts[5].partition("/")
    if not slash:
        return kind if fnmatchcase("role/name", kind) else ""
    return name if fnmatchcase("role", kind) else ""


def aws_policy(reference: Value) -> str:
    """The name of one of AWS's managed policies; empty for any other policy."""
    parts = reference.text.split(":", 5)
    is_aws = len(parts) == 6 and parts[4] == "aws" and parts[5].startswith("policy/")
    return parts[5].rpartition("/")[2] if is_aws else ""


def _covers(given: Value, action: str) -> bool:
    """IAM compares actions without case, and takes `*` and `?`."""
    return fnmatchcase(action.lower(), given.text.lower())


def _lacks(given: Value, action: str) -> bool:
    return not _covers(given, action)


def _keys(value: Value) -> list[str]:
    known = value.known
    return list(known) if isinstance(known, dict) else []
