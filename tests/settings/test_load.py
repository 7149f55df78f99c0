"""Settings as Pulumi hands them over: text by namespaced key, some of it secret."""

from __future__ import annotations

import json

import pytest

import settings
from offline import project
from offline.errors import OfflineError
from offline.program import run_program
from tests.settings.stack_files import message, service, stack

SERVICES = json.dumps(stack()["services"])
SECRET = (
    "given an encrypted value; allowed: the value in SSM Parameter Store or Secrets Manager, and its name or ARN "
    "under `secrets:`; everyone who may describe a task definition could read it"
)


@pytest.fixture
def load(root):
    """What `settings.load()` makes of a configuration."""

    def run(config: dict[str, str], secret_keys: tuple[str, ...] = ()) -> settings.Settings:
        found = []
        own = project.Project("ecs-blue-green", "test", root, root, config, secret_keys)
        run_program(own, program=lambda: found.append(settings.load()))
        return found[0]

    return run


@pytest.fixture
def refused(load):
    """The message about a configuration that is refused."""

    def run(config: dict[str, str], secret_keys: tuple[str, ...] = ()) -> str:
        with pytest.raises(OfflineError) as caught:
            load(config, secret_keys)
        return str(caught.value)

    return run


def test_values_are_read_as_json(load):
    """Objects arrive as JSON text, and make the same settings as the file they came from."""
    assert load({"ecs-blue-green:services": SERVICES}) == settings.parse(stack())


def test_the_name_is_text_even_if_it_looks_like_json(refused):
    """`name: true` is the text `true`, and a number is refused as a name, not as a number."""
    assert refused({"ecs-blue-green:services": SERVICES, "ecs-blue-green:name": "12"}) == message(
        "name: given '12'; allowed: lower-case letters, digits and inner hyphens, starting with a letter; load "
        "balancer and target group names take letters, digits and hyphens only (G50)"
    )


def test_keys_of_other_namespaces_are_left_alone(load):
    """A provider's keys, and those of other projects, are not ours to judge."""
    other = {"aws:region": "eu-west-1", "other:services": "[]", "ecs-blue-green-2:x": "1"}
    assert load({"ecs-blue-green:services": SERVICES, **other}) == settings.parse(stack())


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("", "''"),
        ("null", "null"),
        ("shop: {}", "'shop: {}'"),
        ("[1, 2]", "[1, 2]"),
        ("12", "12"),
        ("true", "true"),
        ("{", "'{'"),
    ],
)
def test_what_is_not_a_mapping_is_refused_as_it_was_written(refused, text, given):
    """Text that isn't JSON, null, lists, numbers: the message shows what was given in the terms of a stack file."""
    assert refused({"ecs-blue-green:services": text}) == message(
        f"services: given {given}; allowed: a mapping of names to values; The services by name."
    )


def test_without_any_settings_the_required_one_is_named(refused):
    """Only the services have no default."""
    assert refused({}) == message("services: given nothing; allowed: this key is required; The services by name.")


def test_an_unknown_key_of_the_project_is_refused(refused):
    """A key in the project's namespace that means nothing is more likely a slip than a wish."""
    assert refused({"ecs-blue-green:services": SERVICES, "ecs-blue-green:networks": "{}"}) == message(
        "networks: given an unknown key; allowed: name, tags, encryptionKey, protect, network, "
        "cluster, loadBalancer, services; "
        "did you mean 'network'?"
    )


def test_an_encrypted_value_is_refused_without_showing_it(refused):
    """Settings end in plain text in task definitions; secrets belong where tasks fetch them."""
    file = stack(shop=service(containers={"web": {"image": "nginx:1.27", "port": 80, "environment": {"A": "hunter2"}}}))
    text = json.dumps(file["services"])
    config = {"ecs-blue-green:services": text, "ecs-blue-green:name": "hunter2", "ecs-blue-green:tags": "{}"}
    said = refused(config, ("ecs-blue-green:services", "ecs-blue-green:name"))
    assert said == message(f"name: {SECRET}", f"services: {SECRET}")
    assert "hunter2" not in said


def test_an_encrypted_value_deep_in_a_stack_file_is_refused(root, tmp_path):
    """`secure:` anywhere below a key makes the key a secret one."""
    (tmp_path / "Pulumi.yaml").write_text((root / "Pulumi.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "Pulumi.dev.yaml").write_text(
        "config:\n  ecs-blue-green:services: {shop: {containers: {web: {environment: {A: {secure: djE6aHVudGVy}}}}}}\n",
        encoding="utf-8",
    )
    with pytest.raises(OfflineError) as caught:
        run_program(project.load(tmp_path, "dev"), program=settings.load)
    assert str(caught.value) == message(f"services: {SECRET}")
