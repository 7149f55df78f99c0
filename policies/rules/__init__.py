"""The catalogue: every rule of the pack, grouped in files by what the rules guard."""

from types import ModuleType

from rule import Rule

from . import (
    deployment_group,
    listener,
    security_group,
    service,
    target_group,
    task_definition,
)


def _rules_of(*modules: ModuleType) -> tuple[Rule, ...]:
    found = (value for module in modules for value in vars(module).values())
    return tuple(value for value in found if isinstance(value, Rule))


RULES = _rules_of(service, deployment_group, target_group, listener, task_definition, security_group)
