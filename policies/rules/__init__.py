"""The catalogue: every rule of the pack, grouped in files by what the rules guard."""

from types import ModuleType

from rule import Rule

from . import (
    build_project,
    cluster,
    deployment_configuration,
    deployment_group,
    fargate,
    listener,
    load_balancer,
    log_group,
    native_service,
    pipeline,
    repository,
    resource_options,
    role,
    rollback,
    security_group,
    service,
    service_connect,
    tags,
    target_group,
    task_definition,
)

GROUPS: tuple[ModuleType, ...] = (
    service,
    native_service,
    service_connect,
    fargate,
    deployment_group,
    deployment_configuration,
    rollback,
    target_group,
    listener,
    resource_options,
    task_definition,
    pipeline,
    build_project,
    repository,
    load_balancer,
    security_group,
    role,
    cluster,
    log_group,
    tags,
)
"""The files of rules, as a reader would take them: releases first, then what they rest on."""


def of(group: ModuleType) -> tuple[Rule, ...]:
    """The rules of one file."""
    return tuple(value for value in vars(group).values() if isinstance(value, Rule))


RULES = tuple(rule for group in GROUPS for rule in of(group))
