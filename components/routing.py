"""Which requests a listener rule takes: conditions as plain values, and whether one rule hides another (G21)."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

CATCH_ALL_PRIORITY = 50_000
"""Priority of the rule of a service that takes a listener's whole traffic: the last one, so that it hides no other."""


@dataclass(frozen=True)
class Conditions:
    """What a request must match: any of the hosts and any of the paths. An empty tuple matches everything.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
    """

    host_headers: tuple[str, ...] = field(default=())
    path_patterns: tuple[str, ...] = field(default=())

    @property
    def catch_all(self) -> bool:
        """Whether every request matches."""
        return not self.host_headers and (
            not self.path_patterns or "/*" in self.path_patterns or "*" in self.path_patterns
        )

    def covers(self, other: "Conditions") -> bool:
        """Whether every request that matches `other` matches these conditions too."""
        # Hosts have no case, paths do.
        lower = [tuple(map(str.lower, hosts)) for hosts in (self.host_headers, other.host_headers)]
        return _covers(*lower) and _covers(self.path_patterns, other.path_patterns)


def _covers(wider: tuple[str, ...], narrower: tuple[str, ...]) -> bool:
    if not wider or "*" in wider:
        return True
    if not narrower:
        return "/*" in wider
    return all(any(_matches(pattern, wide) for wide in wider) for pattern in narrower)


def _matches(pattern: str, wide: str) -> bool:
    # Load balancer patterns know `*` and `?` only; brackets are literal there but not in fnmatch. A `*` of the
    # narrower pattern stands for any text, even none, so that a `?` of the wider one must not match it.
    return fnmatchcase(pattern.replace("*", "\0"), wide.replace("[", "[[]").replace("?", "[!\0]"))
