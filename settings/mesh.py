"""Which services of a stack call which others by name, and what makes that impossible."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from settings.mistake import Mistake

if TYPE_CHECKING:
    from settings.service import Service


def calls(services: Mapping[str, Service]) -> dict[str, list[str]]:
    """The services that each service calls, by name."""
    return {
        name: service.service_connect.connects_to if service.service_connect else []
        for name, service in services.items()
    }


def mesh_conflicts(services: Mapping[str, Service], refused: Collection[str] = ()) -> Iterator[Mistake]:
    """Calls that lead nowhere or in a circle, and names that two services have.

    Args:
        services: the services that are in order.
        refused: the other services of the stack, to which a call may lead.
    """
    servers = {name: endpoint for name, service in services.items() if (endpoint := service.endpoint(name))}
    reachable = servers.keys() | refused
    for name, called in calls(services).items():
        for number, other in enumerate(called):
            if other == name or other not in reachable:
                yield Mistake(
                    f"services.{name}.serviceConnect.connectsTo[{number}]",
                    repr(other),
                    ", ".join(sorted(servers.keys() - {name})) or "another service, with serviceConnect.port",
                    _no_server(name, other, services),
                )
    yield from _circles(services)
    discovered: dict[str, str] = {}
    reached: dict[tuple[str, int], str] = {}
    for name, endpoint in servers.items():
        at = f"services.{name}.serviceConnect"
        own = endpoint["discovery_name"]
        alias = (endpoint.get("dns_name", own), endpoint.get("alias_port", endpoint["port"]))
        known, client_of = discovered.setdefault(own, name), reached.setdefault(alias, name)
        if known != name:
            yield Mistake(
                f"{at}.discoveryName", repr(own), "a name of its own", f"services.{known} has it in the namespace (G23)"
            )
        # A DNS name that follows from the discovery name is put right with it.
        if client_of != name and (known == name or "dns_name" in endpoint):
            yield Mistake(
                f"{at}.dnsName",
                f"{alias[0]!r} on port {alias[1]}",
                "a name or a port of its own",
                f"clients reach services.{client_of} by it (G23)",
            )


def _no_server(name: str, other: str, services: Mapping[str, Service]) -> str:
    if other == name:
        return "a service can't be there before itself (G24)"
    return "it offers nothing in the mesh" if other in services else "there is no such service in this stack"


def _circles(services: Mapping[str, Service]) -> Iterator[Mistake]:
    graph = {
        name: [other for other in called if other in services and other != name]
        for name, called in calls(services).items()
    }
    while circle := _circle(graph):
        yield Mistake(
            f"services.{circle[0]}.serviceConnect.connectsTo",
            " -> ".join(circle),
            "calls in one direction",
            "a task only finds what was there when it started, so that one of them has to be made first (G24)",
        )
        graph |= {name: [] for name in circle}


def _circle(graph: Mapping[str, list[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # graphlib lists what is needed first; a reader follows the calls.
        return error.args[1][::-1]
    return []
