"""Which requests a listener rule takes: conditions as plain values, and whether one rule hides another (G21)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from components.limits import RULE_PRIORITIES, Refused

CATCH_ALL_PRIORITY = 50_000
"""Priority of the rule of a service that takes a listener's whole traffic: the last one, so that it hides no other."""

CONDITION_VALUES = 5
"""Values that all conditions of a rule may have together.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"""


def priority_before(priority: int) -> int:
    """Priority of the rule that picks test traffic out of what the rule with `priority` takes."""
    return priority - 1


def check_room_before(priority: int) -> None:
    """Refuse a rule that a test rule would have to stand before and can't (G21)."""
    first, _ = RULE_PRIORITIES
    if priority_before(priority) < first:
        raise Refused(f"priority {priority}", f"{first + 1} or more", "the test rule has the priority before it (G21)")


@dataclass(frozen=True)
class Conditions:
    """What a request must match: any of the hosts, any of the paths, and any of the values of each header.

    An empty tuple or mapping matches everything.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
    """

    host_headers: tuple[str, ...] = field(default=())
    path_patterns: tuple[str, ...] = field(default=())
    http_headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def catch_all(self) -> bool:
        """Whether every request matches."""
        return self.covers(Conditions())

    @property
    def values(self) -> int:
        """How many values all conditions have together."""
        headers = sum(map(len, self.http_headers.values()))
        return len(self.host_headers) + len(self.path_patterns) + headers

    def covers(self, other: "Conditions") -> bool:
        """Whether every request that matches `other` matches these conditions too."""
        # Hosts and headers have no case, paths do.
        narrower = {name.lower(): values for name, values in other.http_headers.items()}
        return (
            _covers(_lower(self.host_headers), _lower(other.host_headers) or ("*",))
            and _covers(self.path_patterns, other.path_patterns or ("/*",))
            and all(
                name.lower() in narrower and _covers(_lower(values), _lower(narrower[name.lower()]))
                for name, values in self.http_headers.items()
            )
        )


def _lower(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(str.lower, values))


def _covers(wider: tuple[str, ...], narrower: tuple[str, ...]) -> bool:
    return not wider or all(any(_matches(pattern, wide) for wide in wider) for pattern in narrower)


def _matches(pattern: str, wide: str) -> bool:
    # Most pairs of rules differ before the first wildcard, which is quick to see.
    if not pattern.startswith(wide.partition("*")[0].partition("?")[0]):
        return False
    # Load balancer patterns know `*` and `?` only; brackets are literal there but not in fnmatch. A `*` of the
    # narrower pattern stands for any text, even none, so that a `?` of the wider one must not match it.
    return fnmatchcase(pattern.replace("*", "\0"), wide.replace("[", "[[]").replace("?", "[!\0]"))
