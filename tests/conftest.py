"""What every test may use: the project as it stands, and previews of stack files and of single components."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from offline import project
from offline.deployment import Deployment
from offline.program import run_program
from tests.delivery_stacks import together
from tests.native_stacks import Native

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def dev() -> Deployment:
    """A preview of the dev stack."""
    return run_program(project.load(ROOT, "dev"))


@pytest.fixture(scope="session")
def prod() -> Deployment:
    """A preview of the production stack."""
    return run_program(project.load(ROOT, "prod"))


@pytest.fixture(scope="session")
def mesh() -> Deployment:
    """A preview of the mesh stack."""
    return run_program(project.load(ROOT, "mesh"))


@pytest.fixture(scope="session")
def preview() -> Callable[..., Deployment]:
    """Preview the program with these settings: `preview(services={...}, network={...}, first_preview=True)`."""

    def run(first_preview: bool = False, **settings: Any) -> Deployment:
        config = {
            f"ecs-blue-green:{key}": value if isinstance(value, str) else json.dumps(value)
            for key, value in settings.items()
        }
        config["aws:region"] = "eu-west-1"
        stack = project.Project("ecs-blue-green", "test", ROOT, ROOT, config)
        return run_program(stack, first_preview=first_preview)

    return run


@pytest.fixture(scope="session")
def deliveries(preview) -> Deployment:
    """A preview of every pipeline and every hook, with tags and one key for everything."""
    return preview(services=together(), tags={"team": "shop"}, encryptionKey="create")


@pytest.fixture(scope="session")
def untagged(preview) -> Deployment:
    """The same without tags, and with a key for artifacts only."""
    return preview(services=together())


@pytest.fixture(scope="session")
def declare() -> Callable[..., Deployment]:
    """Preview a single component: `declare(lambda: Cluster("shop", {}))`."""

    def run(program: Callable[[], object], first_preview: bool = False) -> Deployment:
        stack = project.Project("ecs-blue-green", "test", ROOT, ROOT, {"aws:region": "eu-west-1"})
        return run_program(stack, program=program, first_preview=first_preview)

    return run


@pytest.fixture(scope="session")
def native(preview) -> Callable[[Native], Deployment]:
    """Preview a service that ECS releases, each once: `native(case)`."""
    return cache(lambda case: preview(services={"app": case.settings}))
