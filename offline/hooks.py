"""What a program gives the engine to call back, kept in place of the server that the engine would call it through."""

from __future__ import annotations

from typing import Any

import pulumi

TYPES = ("before_create", "after_create", "before_update", "after_update", "before_delete", "after_delete", "on_error")


class Hooks:
    """What the SDK takes for its callbacks server. A preview of a stack that isn't there calls no hook.

    Attributes:
        registered: the hooks by name.
    """

    def __init__(self) -> None:
        self.registered: dict[str, pulumi.ResourceHook | pulumi.ErrorHook] = {}

    def register_resource_hook(self, hook: pulumi.ResourceHook | pulumi.ErrorHook) -> None:
        """Keep a hook. The SDK calls this once for each."""
        self.registered[hook.name] = hook

    register_error_hook = register_resource_hook

    def register_transform(self, transform: Any) -> None:  # noqa: ARG002
        """Raises RunError: what it would change isn't previewed."""
        raise pulumi.RunError("transforms aren't run offline; transformations are")

    register_stack_transform = register_invoke_transform = register_state_migration = register_transform


def bound(binding: Any) -> dict[str, list[str]]:
    """The names of the hooks that a registration binds, by the engine's name of their type."""
    names = {kind: list(getattr(binding, kind)) for kind in TYPES}
    return {kind.title().replace("_", ""): found for kind, found in names.items() if found}
