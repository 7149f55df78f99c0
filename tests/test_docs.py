"""What README and docs/ say is what the project does."""

import re
import subprocess

import pytest
import yaml

import settings
from components import (
    build_project,
    limits,
    pipeline_args,
    pipeline_source,
    release_documents,
    routing,
    service_connect,
    strategy,
    traffic_route,
    transition,
)
from tests.pages import GUIDES, anchors, blocks

NAMED = {
    "build_project": build_project,
    "limits": limits,
    "pipeline_args": pipeline_args,
    "pipeline_source": pipeline_source,
    "release_documents": release_documents,
    "routing": routing,
    "service_connect": service_connect,
    "strategy": strategy,
    "transition": transition,
    "TrafficRoute": traffic_route.TrafficRoute,
}
"""What docs/aws-rules.md names checks and outputs of."""

PREFIX = f"{settings.PROJECT}:"


@pytest.fixture(scope="module")
def readme(root) -> str:
    """The text of README.md."""
    return (root / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def release(root) -> str:
    """The text of docs/release.md."""
    return (root / "docs" / "release.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rules(root) -> dict[str, str]:
    """The rows of docs/aws-rules.md by id."""
    text = (root / "docs" / "aws-rules.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| (G\d+) \| (.+) \|$", text, re.MULTILINE))


def own(config: dict) -> dict:
    """The keys of a stack file that are this project's, without its prefix."""
    return {key.removeprefix(PREFIX): value for key, value in config.items() if key.startswith(PREFIX)}


def test_the_stack_files_in_the_readme_are_accepted(readme):
    """Each example of a stack file can be copied."""
    stacks = [settings.parse(own(yaml.safe_load(text)["config"])) for text in blocks(readme, "yaml")]
    assert [{name: each.deployment.controller for name, each in stack.services.items()} for stack in stacks] == [
        {"app": "CODE_DEPLOY"},
        {"shop": "ECS"},
        {"backend": "ECS", "frontend": "ECS"},
    ]


def test_the_settings_in_the_walk_through_are_accepted(release):
    """What docs/release.md shows of a stack file fits into a service that ECS releases."""
    service = {"loadBalancer": {}, "deployment": {"controller": "ECS"}}
    for text in blocks(release, "yaml"):
        service |= yaml.safe_load(text)
    (found,) = settings.parse({"services": {"app": service}}).services.values()
    assert [hook.type for hook in found.deployment.hooks] == ["SMOKE", "PAUSE"]


@pytest.mark.parametrize("guide", GUIDES)
def test_commands_can_be_read_by_a_shell(root, guide):
    """No example of a command has a quote or a bracket too few."""
    code = "\n".join(blocks((root / guide).read_text(encoding="utf-8"), "sh"))
    assert subprocess.run(["bash", "-n"], input=code, capture_output=True, text=True).stderr == ""


def test_commands_ask_for_outputs_that_stacks_have(root, dev, mesh):
    """Each output that a command takes is one of the dev stack or of the mesh stack."""
    found = set()
    for stack in (dev, mesh):
        (outputs,) = (resource.outputs for resource in stack.of_type("pulumi:pulumi:Stack"))
        found |= {*outputs, *outputs["urls"], *outputs["services"], *outputs["services"].get("app", {})}
    code = "".join(text for guide in GUIDES for text in blocks((root / guide).read_text(encoding="utf-8"), "sh"))
    names = re.findall(r"stack output (\w+)|jq -r \.(?:app\.)?(\w+)|\.app\.(\w+)", code)
    asked = {name for each in names for name in each if name}
    assert asked == {
        "app",
        "appRepository",
        "application",
        "cluster",
        "deployPipeline",
        "deploymentGroup",
        "filesRepository",
        "frontend",
        "imagePipeline",
        "imageRepository",
        "service",
        "services",
        "urls",
    }
    assert asked - found == set()


def test_stages_in_the_walk_through_are_those_of_ecs(release, readme):
    """Where a text names a lifecycle stage, a hook may stand at it."""
    named = set(re.findall(r"\b(?:PRE|POST)_[A-Z_]+\b", release + readme))
    assert len(named) > 1
    assert named <= set(strategy.STAGES)


@pytest.mark.parametrize("guide", GUIDES)
def test_links_lead_somewhere(root, guide):
    """Each link to a file of this project finds it, and the heading that it names."""
    page = root / guide
    lost = []
    for link, _, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(#([^)]+))?\)", page.read_text(encoding="utf-8")):
        there = page.parent / link if link else page
        if not there.exists() or (anchor and anchor not in anchors(there.read_text(encoding="utf-8"))):
            lost.append(link + anchor)
    assert lost == []


def test_every_component_is_in_the_readme(readme, root):
    """The README's table of components names each class that makes resources, and no other."""
    table = readme.partition("| component | owns |")[2].partition("\n\n")[0]
    files = [root / "service.py", *(root / "components").glob("*.py")]
    code = "".join(path.read_text(encoding="utf-8") for path in files)
    classes = re.findall(r"^class (\w+)\(pulumi\.ComponentResource\)", code, re.MULTILINE)
    assert sorted(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == sorted(classes)


def test_the_layout_in_the_readme_is_complete(readme, root):
    """It names each file of Python beside the README, and each folder of them."""
    (tree,) = re.findall(r"```text\n(__main__\.py .+?)```", readme, re.DOTALL)
    files = {path.name for path in root.glob("*.py")}
    folders = {f"{path.parent.name}/" for path in root.glob("*/*.py")}
    assert set(re.findall(r"^(\S+)", tree, re.MULTILINE)) == files | folders


def test_the_mistakes_in_the_readme_are_said_like_that(readme, root):
    """The example of what is said about mistakes is what is said about the dev stack with these mistakes."""
    (text,) = re.findall(r"```text\n(\d settings .+?)\n```", readme, re.DOTALL)
    config = yaml.safe_load((root / "Pulumi.dev.yaml").read_text())["config"]
    services = config[f"{settings.PROJECT}:services"]
    services["app"]["memory"] = 3000
    services["app"]["loadBalancer"]["testPort"] = 80
    with pytest.raises(settings.SettingsError) as error:
        settings.parse({"services": services})
    assert str(error.value) == text


def test_every_rule_that_concerns_this_stack_has_a_row(rules):
    """Where G1 to G66 are held is said for each of them."""
    assert list(rules) == [f"G{number}" for number in range(1, 67)]


def test_every_row_says_how(rules):
    """A row says by which of the ways that the page explains its rule is held."""
    ways = ("by construction", "refused", "ignored", "policy", "documented", "unproven")
    assert [name for name, row in rules.items() if not row.rpartition(" | ")[2].startswith(ways)] == []


def test_rows_name_what_exists(rules, root):
    """The checks, outputs and policies that a row names are there."""
    text = " ".join(rules.values())
    known = "".join(path.read_text(encoding="utf-8") for path in (root / "policies" / "rules").glob("*.py"))
    policies = re.findall(r"`((?:bg|native|sec)-[a-z-]+)`", text)
    assert len(policies) > 35
    assert [name for name in policies if f'id="{name}"' not in known] == []
    named = re.findall(r"`(\w+)\.(\w+)`", text)
    assert len(named) > 25
    assert [
        f"{owner}.{name}"
        for owner, name in named
        if not hasattr(NAMED[owner], name) and name not in NAMED[owner].__annotations__
    ] == []


def test_every_dependency_has_a_reason(readme, root):
    """Each package of requirements.txt stands in the README's table, bounded by its next major version."""
    lines = [line for line in (root / "requirements.txt").read_text().splitlines() if line and line[0] not in "-#"]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9-]+>=[\d.]+,<[\d.]+", line)] == []
    table = readme.partition("| package | why |")[2]
    named = {name for row in re.findall(r"^\| ([\w, -]+) \|", table, re.MULTILINE) for name in row.split(", ")}
    assert {line.partition(">")[0] for line in lines} == named - {"---"}


def test_the_exact_set_is_complete(root):
    """constraints.txt pins every package of requirements.txt to one version that its bounds allow."""
    pinned = dict(line.lower().replace("_", "-").split("==") for line in (root / "constraints.txt").read_text().split())
    lines = (root / "requirements.txt").read_text().splitlines()
    assert lines[0] == "-c constraints.txt"
    assert {line.partition(">")[0].lower() for line in lines[1:] if line and line[0] != "#"} <= pinned.keys()
