"""Types that several settings share."""

import re
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from components import limits
from components.limits import Refused


def checked(check: Callable[[Any], None]) -> AfterValidator:
    """A validator from a check of `components.limits`."""

    def validate(value: Any) -> Any:
        check(value)
        return value

    return AfterValidator(validate)


def matching(pattern: str, allowed: str, given: str = "") -> AfterValidator:
    """A validator for a text that a regular expression describes and `allowed` explains.

    A text that doesn't match is shown, unless `given` says what to show in its place.
    """
    compiled = re.compile(pattern, re.ASCII)

    def check(value: str) -> None:
        if not compiled.fullmatch(value):
            raise Refused(given or repr(value), allowed, "")

    return checked(check)


def arn(service: str, resource: str, what: str) -> AfterValidator:
    """A validator for the ARN of one kind of resource; `resource` is a regular expression."""
    return matching(rf"arn:aws[a-z-]*:{service}:[a-z0-9-]*:(\d{{12}}|aws):{resource}", f"the ARN of {what}")


Port = Annotated[int, Field(ge=1, le=65535)]
Cidr = Annotated[str, checked(limits.check_cidr)]
Image = Annotated[str, checked(limits.check_image)]
ServiceName = Annotated[
    str, checked(partial(limits.check_name, longest=limits.SERVICE_NAME, what="its green target group"))
]
RetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]
SecretReference = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:parameter/.+"
        r"|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[^:]+(:[^:]*:[^:]*:[^:]*)?"
        r"|(/[A-Za-z0-9_.-]+)+",
        "an SSM parameter by name (/name) or ARN, or a Secrets Manager secret by ARN",
        given="something else, not shown because it may be the secret itself",
    ),
]
