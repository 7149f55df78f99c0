"""The files that describe the project and its stacks say what the settings say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

import settings
from offline import project
from settings.stack import TEXTS

ROOT = Path(__file__).parent.parent
STACKS = sorted(ROOT.glob("Pulumi.*.yaml"))
PREFIX = f"{settings.PROJECT}:"


def stack_name(path: Path) -> str:
    return path.stem.removeprefix("Pulumi.")


def test_the_schema_in_the_repository_is_that_of_the_settings():
    """`make schema` writes it again."""
    written = (ROOT / "stack.schema.json").read_text(encoding="utf-8")
    assert written == json.dumps(settings.schema(), indent=2) + "\n"


def test_there_are_three_stacks():
    """One to begin with, one of services that call each other, and one for production."""
    assert [stack_name(path) for path in STACKS] == ["dev", "mesh", "prod"]


@pytest.mark.parametrize("path", STACKS, ids=stack_name)
def test_an_editor_accepts_each_stack_file(path):
    """Each names the schema in its first line, and keeps to it."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=./stack.schema.json\n")
    schema = json.loads((ROOT / "stack.schema.json").read_text(encoding="utf-8"))
    assert [error.json_path for error in Draft202012Validator(schema).iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize("path", STACKS, ids=stack_name)
def test_the_settings_accept_each_stack_file(path):
    """As the CLI hands it over, with the defaults of the project's schema."""
    loaded = project.load(ROOT, stack_name(path))
    own = {key.removeprefix(PREFIX): text for key, text in loaded.config.items() if key.startswith(PREFIX)}
    raw = {key: text if key in TEXTS else json.loads(text) for key, text in own.items()}
    assert settings.parse(raw).services.keys() == raw["services"].keys()


@pytest.mark.parametrize("path", STACKS, ids=stack_name)
def test_each_stack_runs_before_anything_is_built(path):
    """Its containers run the sample application's text in the image that app/Dockerfile builds on, not as root."""
    (base,) = re.findall(r"^FROM (\S+)$", (ROOT / "app" / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    raw = project.load(ROOT, stack_name(path)).config
    services = settings.parse({"services": json.loads(raw[f"{PREFIX}services"])}).services
    containers = [container for service in services.values() for container in service.containers.values()]
    assert {(c.image, c.script, c.user) for c in containers} == {(base, "app/server.py", "65534:65534")}
    assert [c.environment["PORT"] for c in containers] == [str(c.port) for c in containers]


def test_the_project_knows_every_setting_and_its_default():
    """`Pulumi.yaml` repeats the top level of the settings for the CLI: same keys, same defaults."""
    described = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    fields = {field.alias: field for field in settings.Settings.model_fields.values()}
    assert list(described) == list(fields)
    assert [key for key, entry in described.items() if "default" not in entry] == ["services"]
    defaults = {key: entry["default"] for key, entry in described.items() if key != "services"}
    smallest = {"services": {"app": {"containers": {"web": {"image": "nginx:1.27", "port": 80}}, "loadBalancer": {}}}}
    assert settings.parse(smallest | defaults) == settings.parse(smallest)
    assert all(entry["description"].endswith(".") for entry in described.values())
    assert {key: entry["type"] for key, entry in described.items()} == {
        key: {"name": "string", "encryptionKey": "string", "protect": "boolean"}.get(key, "object") for key in fields
    }


def test_the_dev_stack_describes_one_small_service():
    """A service on ARM64 behind port 80, with a test listener, a repository and two pipelines."""
    raw = project.load(ROOT, "dev").config
    app = settings.parse({"services": json.loads(raw[f"{PREFIX}services"])}).services["app"]
    assert (app.family, app.cpu, app.memory, app.architecture) == ("blue-green-family", 1024, 3072, "ARM64")
    assert app.target == ("blue-green-task", 80)
    assert (app.load_balancer.port, app.load_balancer.test_port) == (80, 8080)
    assert app.deployment.configuration == "CodeDeployDefault.ECSAllAtOnce"
    assert app.image_repository is not None
    assert app.image_repository.name == "blue-green-image"
    assert app.pipeline is not None
    assert (app.pipeline.name, app.pipeline.separate, app.pipeline.pushed_tag) == ("blue-green", True, "latest")
    assert [(each.repository, each.branch, each.create) for each in app.pipeline.repositories] == [
        ("blue-green-app", "main", True),
        ("blue-green-deploy-artifact", "main", True),
    ]


def test_the_production_stack_describes_a_judged_release():
    """Whoever pushes to main at GitHub is asked about the image, the new tasks and the release, in this order."""
    raw = project.load(ROOT, "prod").config
    app = settings.parse(
        {key: json.loads(raw[f"{PREFIX}{key}"]) for key in ("services", "loadBalancer", "network")}
    ).services["app"]
    assert app.pipeline is not None
    assert app.pipeline.source.provider == "CodeConnections"
    assert app.pipeline.files is None
    assert app.pipeline.approval_minutes == 1440
    assert [(hook.type, hook.events) for hook in app.deployment.hooks] == [
        ("ADMISSION", ["AfterInstall"]),
        ("SMOKE", ["AfterAllowTestTraffic"]),
    ]
    assert app.released_container == "app"
