"""The catalogue: every rule of the pack, grouped in files by what the rules guard."""

from types import ModuleType

from rule import Rule

from . import (
    alarm,
    appspec,
    build_project,
    cluster,
    container,
    deployment_configuration,
    deployment_group,
    fargate,
    health_check,
    iam_policy,
    lifecycle_hook,
    listener,
    listener_rule,
    load_balancer,
    log_group,
    native_service,
    pipeline,
    registration,
    repository,
    resource_options,
    role,
    rollback,
    scaling,
    security_group,
    service,
    service_connect,
    tags,
    target_group,
    task_definition,
    task_security_group,
    testing,
    tls,
    wait_time,
)

GROUPS: tuple[ModuleType, ...] = (
    service,
    registration,
    native_service,
    lifecycle_hook,
    service_connect,
    scaling,
    fargate,
    deployment_group,
    deployment_configuration,
    wait_time,
    rollback,
    alarm,
    target_group,
    health_check,
    listener,
    listener_rule,
    testing,
    resource_options,
    task_definition,
    container,
    pipeline,
    appspec,
    build_project,
    repository,
    load_balancer,
    tls,
    security_group,
    task_security_group,
    role,
    iam_policy,
    cluster,
    log_group,
    tags,
)
"""The files of rules, as a reader would take them: releases first, then what they rest on."""


def of(group: ModuleType) -> tuple[Rule, ...]:
    """The rules of one file."""
    return tuple(value for value in vars(group).values() if isinstance(value, Rule))


RULES = tuple(rule for group in GROUPS for rule in of(group))
