"""What the real engine makes of the pack: `pulumi policy analyze` on a deployment export.

The command tells a pack neither stack nor organization, so levels that depend on the stack are
proved here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.policies.graph import Graph
from tests.policies.pack import POLICIES
from tests.policies.stacks import classic

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="pulumi is not on PATH"),
]


def analyze(graph: Graph, folder: Path, pack: Path, config: dict[str, object]) -> tuple[int, list[tuple[str, str]]]:
    """The exit code, and level and rule of each violation that the command prints."""
    resources = [
        {
            "urn": graph.urn(name),
            "custom": True,
            "id": name,
            "type": declared.type,
            "inputs": graph.inputs(name),
            "outputs": graph.outputs(name),
            "dependencies": graph.dependencies(name),
            "propertyDependencies": graph.property_dependencies(name),
            "ignoreChanges": declared.ignored,
            "protect": declared.protect,
        }
        for name, declared in graph.resources.items()
    ]
    manifest = {"time": "2025-01-01T00:00:00Z", "magic": "", "version": ""}
    state, settings = folder / "state.json", folder / "config.json"
    state.write_text(json.dumps({"version": 3, "deployment": {"manifest": manifest, "resources": resources}}))
    settings.write_text(json.dumps(config))
    done = subprocess.run(
        [
            *("pulumi", "policy", "analyze", "--color", "never"),
            *("--policy-pack", str(pack), "--policy-pack-config", str(settings), "--file", str(state)),
        ],
        cwd=folder,
        env={
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PULUMI_BACKEND_URL": folder.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    violation = r"\[(advisory|mandatory|remediate)\]\s+(?:\[severity: \w+\]\s+)?(\S+)"
    return done.returncode, re.findall(violation, done.stdout)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The pack, with the virtual environment that PulumiPolicy.yaml names."""
    folder = tmp_path / "policies"
    shutil.copytree(POLICIES, folder, ignore=shutil.ignore_patterns("__pycache__", "venv"))
    (folder / "venv").symlink_to(sys.prefix)
    return folder


def _all_at_once(stack: str) -> Graph:
    return classic(stack).put("group", "deploymentConfigName", "CodeDeployDefault.ECSAllAtOnce")


@pytest.mark.parametrize(
    ("stack", "config", "code", "violations"),
    [
        ("dev", {}, 0, []),
        ("prod", {}, 1, [("mandatory", "bg-not-all-at-once")]),
        ("prod", {"bg-not-all-at-once": "advisory"}, 0, [("advisory", "bg-not-all-at-once")]),
        ("dev", {"bg-not-all-at-once": {"prodPattern": "^dev$"}}, 1, [("mandatory", "bg-not-all-at-once")]),
        ("prod", {"bg-not-all-at-once": {"prodPattern": "^live$"}}, 0, []),
    ],
)
def test_a_production_rule_speaks_in_production_alone(
    pack: Path, tmp_path: Path, stack: str, config: dict[str, object], code: int, violations: list[tuple[str, str]]
) -> None:
    """The stack is read from the URNs; configuration by id reaches the rule."""
    assert analyze(_all_at_once(stack), tmp_path, pack, config) == (code, violations)


@pytest.mark.parametrize(
    ("stack", "config", "level"),
    [
        ("dev", {}, "advisory"),
        ("prod", {}, "mandatory"),
        ("prod", {"bg-not-all-at-once": "advisory"}, "advisory"),
        ("dev", {"bg-not-all-at-once": {"prodPattern": "."}}, "mandatory"),
    ],
)
def test_a_rule_that_is_stricter_in_production_steps_back_elsewhere(
    pack: Path, tmp_path: Path, stack: str, config: dict[str, object], level: str
) -> None:
    """One policy per id is enough: the engine keeps the level that each finding says."""
    file = pack / "rules" / "deployment_configuration.py"
    file.write_text(file.read_text().replace("Level.PRODUCTION,", "Level.STRICTER_IN_PRODUCTION,"))
    code = 0 if level == "advisory" else 1
    assert analyze(_all_at_once(stack), tmp_path, pack, config) == (code, [(level, "bg-not-all-at-once")])


@pytest.mark.parametrize(
    ("config", "code", "violations"),
    [
        ({"bg-not-all-at-once": {"exemptions": [{"urn": "group", "reason": "a try"}]}}, 0, []),
        (
            {"pack-settings": {"exemptions": [{"rule": "bg-not-*", "urn": "*::group", "reason": "a try"}]}},
            0,
            [],
        ),
        (
            {"bg-not-all-at-once": {"exemptions": [{"urn": "group"}]}},
            1,
            [("advisory", "pack-settings"), ("mandatory", "bg-not-all-at-once")],
        ),
        (
            {"bg-not-all-at-onse": "disabled"},
            1,
            [("advisory", "pack-settings"), ("mandatory", "bg-not-all-at-once")],
        ),
        (
            {"bg-not-all-at-once": {"enforcementLevel": "advisory", "alowed": []}, "pack-settings": "mandatory"},
            1,
            [("advisory", "bg-not-all-at-once"), ("mandatory", "pack-settings")],
        ),
    ],
)
def test_exemptions_and_mistakes_reach_the_pack(
    pack: Path, tmp_path: Path, config: dict[str, object], code: int, violations: list[tuple[str, str]]
) -> None:
    """The engine hands over names and settings that it does not know, so that the pack can say so."""
    found = analyze(_all_at_once("prod"), tmp_path, pack, config)
    assert (found[0], sorted(found[1])) == (code, violations)


def test_the_engine_tells_what_a_remedy_would_change(pack: Path, tmp_path: Path) -> None:
    """`policy analyze` changes no state, so the violation stays beside it."""
    graph = classic("prod").put("group", "autoRollbackConfiguration.enabled", False)
    assert analyze(graph, tmp_path, pack, {}) == (1, [("mandatory", "bg-auto-rollback")])
    assert analyze(graph, tmp_path, pack, {"bg-auto-rollback": "remediate"}) == (
        1,
        [("remediate", "bg-auto-rollback"), ("mandatory", "bg-auto-rollback")],
    )
