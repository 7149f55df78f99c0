"""The commands of the AWS CLI in README and docs/ name what AWS's own models have.

The CLI is made from these models: services, operations, parameters; only a few of its commands are written by hand.
"""

import botocore.session
import jmespath
import pytest
from botocore import xform_name

from tests.pages import GUIDES, aws_commands

SERVICES = {"deploy": "codedeploy", "s3api": "s3"}
"""Services that the CLI calls otherwise than the models do."""

OWN = {("deploy", "wait"), ("ecr", "get-login-password"), ("logs", "tail"), ("sso", "login")}
"""Commands that aren't operations."""

GLOBAL = {"cli-input-json", "output", "query", "region"}
"""Options of every command."""


@pytest.fixture(scope="module")
def commands(root) -> list[list[str]]:
    """The commands on all pages."""
    return [command for guide in GUIDES for command in aws_commands((root / guide).read_text(encoding="utf-8"))]


def option(name: str) -> str:
    """A parameter, or an operation, as the CLI calls it."""
    return xform_name(name, "-")


def test_operations_and_options_exist(commands):
    """Each command is an operation of a service, with options that it takes and all that it needs."""
    session = botocore.session.get_session()
    seen, wrong = set(), []
    for _, service, command, *words in commands:
        seen.add((service, command))
        if (service, command) in OWN:
            continue
        model = session.get_service_model(SERVICES.get(service, service))
        operation = {option(name): name for name in model.operation_names}[command]
        shape = model.operation_model(operation).input_shape
        given = {word.removeprefix("--") for word in words if word.startswith("--")}
        # A sentence may only mention a command, and a file may hold what it needs.
        needed = {option(name) for name in shape.required_members if words and "cli-input-json" not in given}
        known = {option(name) for name in shape.members} | GLOBAL
        wrong += [(service, command, each) for each in sorted((given - known) | (needed - given))]
    assert wrong == []
    assert {("codepipeline", "put-approval-result"), ("ecs", "continue-service-deployment"), *OWN} <= seen


def test_queries_can_be_read(commands):
    """What a command asks for is a JMESPath expression."""
    queries = [words[words.index("--query") + 1] for words in commands if "--query" in words]
    assert len(queries) > 10
    assert [jmespath.compile(query).expression for query in queries] == queries
