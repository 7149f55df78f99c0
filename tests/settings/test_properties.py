"""Whatever a stack file says, it is previewed, or refused in words."""

from __future__ import annotations

import dataclasses
import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis

import settings
from offline import project
from offline.errors import OfflineError
from offline.program import run_program
from tests.settings.corruption import CORRUPTIONS
from tests.settings.full import HOOKS, full_native
from tests.settings.strategies import stack_files

_LINE = re.compile(r"  ecs-blue-green:[A-Za-z]+[^\n]*: given [^\n]+; allowed: [^\n]+; [^\n]+")
_CRASH = re.compile(r"Traceback|\.py:\d+: \w*(Error|Exception|Refused|Exit|Interrupt)\b")
SEED = 20240229
COMPONENTS = (
    "CodeDeployService",
    "NativeService",
    "HookFunction",
    "ImagePipeline",
    "DeployPipeline",
    "ReleasePipeline",
    "NativeReleasePipeline",
)
"""What some of the generated stack files consist of."""


def _project(root: Path, file: dict[str, Any]) -> project.Project:
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in file.items()}
    config = {f"{settings.PROJECT}:{key}": text for key, text in texts.items()}
    return project.Project(settings.PROJECT, "test", root, root, config | {"aws:region": "eu-west-1"})


@pytest.fixture(scope="module")
def outcomes(root) -> Counter[str]:
    """How often generated stack files were previewed and how often refused."""
    counted: Counter[str] = Counter()

    @hypothesis(
        derandomize=True, database=None, deadline=None, max_examples=70, suppress_health_check=list(HealthCheck)
    )
    @given(file=stack_files())
    def judge(file: dict[str, Any]) -> None:
        try:
            found = run_program(_project(root, file))
        except OfflineError as error:
            head, *lines = str(error).split("\n")
            assert head.endswith("of this stack can't be used, so nothing was created:"), head
            assert [line for line in lines if not _LINE.fullmatch(line)] == []
            counted["refused"] += 1
        else:
            assert len(found.of_type("aws:ecs/service:Service")) == len(file["services"])
            counted["previewed"] += 1
            for component in COMPONENTS:
                counted[component] += bool(found.of_type(f"ecs-blue-green:index:{component}"))

    judge()
    return counted


def test_a_stack_file_is_previewed_or_refused_with_paths(outcomes):
    """Nothing that the settings accept fails later on, and nothing is refused without its path."""
    assert outcomes["previewed"] + outcomes["refused"] >= 70


def test_both_ends_are_reached(outcomes):
    """Enough of the generated stack files are right, and enough of them are wrong, for that to mean something."""
    assert min(outcomes["previewed"], outcomes["refused"]) >= 10
    assert min(outcomes["CodeDeployService"], outcomes["NativeService"]) >= 10
    assert {component for component in COMPONENTS if not outcomes[component]} == set()


@pytest.fixture(scope="module", params=["dev", "mesh", "everything"])
def sound(request, root) -> str:
    """The text of a stack file that is in order."""
    if request.param != "everything":
        return (root / f"Pulumi.{request.param}.yaml").read_text(encoding="utf-8")
    file = full_native(strategy="LINEAR", stepPercent=12.5, stepBakeMinutes=3, bakeMinutes=5, hooks=HOOKS)
    config = {f"{settings.PROJECT}:{key}": value for key, value in file.items()}
    return yaml.safe_dump({"config": {"aws:region": "eu-west-1", **config}}, sort_keys=False)


@pytest.fixture(scope="module")
def previewed() -> set[str]:
    """The settings that were previewed already."""
    return set()


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_a_corrupted_stack_file_never_ends_in_a_traceback(root, tmp_path, sound, previewed, kind):
    """A hundred of each kind: every one is previewed, or refused in one paragraph that a person can act on."""
    (tmp_path / "Pulumi.yaml").write_bytes((root / "Pulumi.yaml").read_bytes())
    wrong = {}
    for number in range(34):
        source = f"{SEED}-{kind}-{number}"
        (tmp_path / "Pulumi.dev.yaml").write_bytes(CORRUPTIONS[kind](sound, random.Random(source)))
        try:
            _preview(root, tmp_path, previewed)
        except OfflineError as error:
            if not str(error).strip() or "\n\n" in str(error) or _CRASH.search(str(error)):
                wrong[source] = str(error)
        except Exception as error:
            wrong[source] = repr(error)
    assert wrong == {}


def _preview(root: Path, folder: Path, previewed: set[str]) -> None:
    """Preview the dev stack of `folder`; the same settings in the same region only once."""
    loaded = dataclasses.replace(project.load(folder, "dev"), root=root, program=root)
    accepted: list[settings.Settings] = []
    run_program(loaded, program=lambda: accepted.append(settings.load()))
    same = accepted[0].model_dump_json() + str(loaded.config.get("aws:region"))
    if same not in previewed:
        run_program(loaded)
        previewed.add(same)
