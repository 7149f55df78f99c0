"""What README and docs/ say is what the project does."""

import re

import pytest
import yaml

import settings
from components import limits


@pytest.fixture(scope="module")
def readme(root) -> str:
    """The text of README.md."""
    return (root / "README.md").read_text()


@pytest.fixture(scope="module")
def rules(root) -> dict[str, str]:
    """The rows of docs/aws-rules.md by id."""
    rows = re.findall(r"^\| (G\d+) \| (.+) \|$", (root / "docs" / "aws-rules.md").read_text(), re.MULTILINE)
    return dict(rows)


def test_the_stack_file_in_the_readme_is_accepted(readme):
    """The example that explains the stack file can be copied."""
    (text,) = re.findall(r"```yaml\n(config:.+?)```", readme, re.DOTALL)
    config = yaml.safe_load(text)["config"]
    prefix = f"{settings.PROJECT}:"
    raw = {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}
    assert list(settings.parse(raw).services) == ["app"]


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
    """Where G1 to G15 and G44 to G55 are held is said for each of them."""
    assert list(rules) == [f"G{number}" for number in (*range(1, 16), *range(44, 56))]


def test_rows_name_what_exists(rules, root):
    """The checks and policies that a row names are there."""
    text = " ".join(rules.values())
    known = "".join(path.read_text() for path in (root / "policies" / "rules").glob("*.py"))
    policies = re.findall(r"`((?:bg|native|sec)-[a-z-]+)`", text)
    assert len(policies) > 9
    assert [name for name in policies if f'id="{name}"' not in known] == []
    checks = re.findall(r"`limits\.(\w+)`", text)
    assert len(checks) > 4
    assert [name for name in checks if not hasattr(limits, name)] == []


def test_every_dependency_has_a_reason(readme, root):
    """Each package of requirements.txt stands in the README's table, bounded by its next major version."""
    lines = [line for line in (root / "requirements.txt").read_text().splitlines() if line and line[0] not in "-#"]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z-]+>=[\d.]+,<[\d.]+", line)] == []
    table = readme.partition("| package | why |")[2]
    named = {name for row in re.findall(r"^\| ([\w, -]+) \|", table, re.MULTILINE) for name in row.split(", ")}
    assert {line.partition(">")[0] for line in lines} == named - {"---"}


def test_the_exact_set_is_complete(root):
    """constraints.txt pins every package of requirements.txt to one version that its bounds allow."""
    pinned = dict(line.lower().replace("_", "-").split("==") for line in (root / "constraints.txt").read_text().split())
    lines = (root / "requirements.txt").read_text().splitlines()
    assert lines[0] == "-c constraints.txt"
    assert {line.partition(">")[0].lower() for line in lines[1:] if line and line[0] != "#"} <= pinned.keys()
