"""Mistakes in a stack file: how one is described, and the base model that describes its own.

Every mistake names its path, what was given, what is allowed and why; all of them are reported together.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar, Self

import pulumi
from pydantic import BaseModel, ConfigDict, ValidationError, ValidatorFunctionWrapHandler, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import InitErrorDetails, PydanticCustomError

from components.limits import Refused

PROJECT = "ecs-blue-green"
"""Namespace of the project's keys in a stack file."""


@dataclass(frozen=True, order=True)
class Mistake:
    """One thing wrong in a stack file, said as `path: given; allowed; why`."""

    path: str
    given: str
    allowed: str
    why: str

    @classmethod
    def of(cls, path: str, refused: Refused) -> Self:
        """The mistake at `path` that a check refused."""
        return cls(path, refused.given, refused.allowed, refused.why)

    def __str__(self) -> str:
        path, given = _shortened(self.path), _shortened(self.given)
        text = f"{path}: given {given}; allowed: {self.allowed}; {self.why}"
        # One line each, whatever characters a stack file holds.
        return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _shortened(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:99]}…{text[-100:]}"


class SettingsError(pulumi.RunError):
    """A stack file that can't be used. Its text names every mistake once, sorted by path.

    Being a `pulumi.RunError`, it is shown without a traceback and before any resource is registered.
    """

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(set(mistakes))
        count = "1 setting" if len(self.mistakes) == 1 else f"{len(self.mistakes)} settings"
        lines = "\n".join(f"  {PROJECT}:{mistake}" for mistake in self.mistakes)
        super().__init__(f"{count} of this stack can't be used, so nothing was created:\n{lines}")


class Model(BaseModel):
    """What all settings share: camelCase keys, no unknown ones, no silent conversions, never changed after."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        strict=True,
        use_attribute_docstrings=True,
    )

    refused_keys: ClassVar[Mapping[str, str]] = {}
    """Keys that a reader of the AWS documentation might expect here, and why they are refused."""

    def args(self, wanted: type) -> Any:
        """Those settings that a component's arguments `wanted` have a key for, without those that aren't set."""
        return self.model_dump(include=set(wanted.__annotations__), exclude_none=True)

    @model_validator(mode="wrap")
    @classmethod
    def _explain(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Self:
        # Only the model at hand knows its keys and what they are for, so each level explains its own errors.
        try:
            return handler(value)
        except ValidationError as error:
            lines = [cls._explained(line) for line in error.errors(include_url=False)]
            raise ValidationError.from_exception_data(cls.__name__, lines) from None

    @classmethod
    def _explained(cls, error: Any) -> InitErrorDetails:
        if not error["loc"]:
            purpose = (cls.__doc__ or "").partition("\n")[0]
            return _line((), {"given": shown(error["input"]), "allowed": "a mapping of keys", "why": purpose})
        first, *rest = error["loc"]
        # A default that is wrong for its surroundings is located by its field's name, everything else by its key.
        unknown = error["type"] == "extra_forbidden"
        named = None if unknown else cls.model_fields.get(str(first))
        key = (named.alias if named else None) or str(first)
        location = (key, *rest)
        fields = {field.alias or name: field for name, field in cls.model_fields.items()}
        if error["type"] == "mistake":
            return _line(location, error["ctx"])
        if unknown:
            return _line(location, cls._unknown(key, fields))
        purpose = " ".join((fields[key].description or "").split())
        if isinstance(cause := error.get("ctx", {}).get("error"), Refused):
            return _line(location, {"given": cause.given, "allowed": cause.allowed, "why": cause.why or purpose})
        given = "nothing" if error["type"] == "missing" else shown(error["input"])
        words = _ALLOWED.get(error["type"], "").format_map(error.get("ctx", {}))
        allowed = words or error["msg"].removeprefix("Input should be ")
        return _line(location, {"given": given, "allowed": allowed, "why": purpose})

    @classmethod
    def _unknown(cls, key: str, fields: Mapping[str, Any]) -> dict[str, str]:
        if key in cls.refused_keys:
            return {"given": "this key", "allowed": "leaving it out", "why": cls.refused_keys[key]}
        near = get_close_matches(key, fields, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else "there is no such key here"
        return {"given": "an unknown key", "allowed": ", ".join(fields), "why": hint}


_ALLOWED = {
    "bool_type": "true or false",
    "dict_type": "a mapping of names to values",
    "int_type": "a whole number",
    "list_type": "a list",
    "missing": "this key is required",
    "string_too_short": "a length of at least {min_length}",
    "string_too_long": "a length of at most {max_length}",
    "string_type": "text, in quotes where it looks like a number",
    "too_long": "at most {max_length}",
    "too_short": "at least {min_length}",
}
"""Pydantic's types of errors in the words of a stack file, where its own message speaks of Python."""


def _line(location: tuple[int | str, ...], context: dict[str, str]) -> InitErrorDetails:
    kind = PydanticCustomError("mistake", "{given}; {allowed}; {why}", dict(context))
    return InitErrorDetails(type=kind, loc=location, input=None)


def refused_at(key: str, refused: Refused) -> ValidationError:
    """What a validator raises about a key below the one that it is for."""
    line = _line((key,), {"given": refused.given, "allowed": refused.allowed, "why": refused.why})
    return ValidationError.from_exception_data(key, [line])


@contextmanager
def below(key: str) -> Iterator[None]:
    """Locate what is refused at a key below the one that a validator is for."""
    try:
        yield
    except Refused as refused:
        raise refused_at(key, refused) from None


def shown(value: Any) -> str:
    """A value of a stack file as a message shows it, shortened."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    shorten = reprlib.Repr()
    shorten.maxstring = shorten.maxother = 60
    return shorten.repr(value)


def mistakes_of(error: ValidationError) -> Iterator[Mistake]:
    """The mistakes behind the validation error of a `Model`."""
    for line in error.errors(include_url=False):
        context = line.get("ctx", {})
        yield Mistake(_path(line["loc"]), context["given"], context["allowed"], context["why"])


def _path(location: tuple[int | str, ...]) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location if part != "[key]"]
    return "".join(parts).removeprefix(".") or "the stack file"
