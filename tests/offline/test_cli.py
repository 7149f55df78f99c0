"""`python -m offline preview`, through click's runner and once as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import offline
from offline.cli import main
from offline.deployment import Deployment
from offline.value import UNKNOWN

PROGRAM = """
    import pulumi
    import pulumi_aws as aws

    group = aws.lb.TargetGroup("app-blue", name="blue", port=80)
    pulumi.export("arn", group.arn)
"""
PACK = """
    from pulumi_policy import *

    def port(args, report):
        if args.resource_type.endswith("TargetGroup") and args.props["port"] != args.get_config()["port"]:
            report(f"port is {int(args.props['port'])} … not {int(args.get_config()['port'])}")

    PolicyPack("tiny", [ResourceValidationPolicy("port", "A port.", port, EnforcementLevel.MANDATORY,
        config_schema=PolicyConfigSchema(properties={"port": {"type": "integer", "default": 8080}}))])
"""
TREE = """\
Previewing update (dev):

     Type                   Name      Plan
 +   pulumi:pulumi:Stack    demo-dev  create
 +   `- aws:lb:TargetGroup  app-blue  create

Outputs:
    arn: {arn}

Resources:
    + 2 to create
"""
ARN = '"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/blue/a2c8641da9515117"'
FINDING = """
Policies:
    tiny: 1 policy, 0 passed, 1 violated

    mandatory (1):
      port  app-blue (aws:lb:TargetGroup)
          A port.
          port is 80 … not 8080
"""


@pytest.fixture
def folder(write_project):
    """A project with a target group."""
    return write_project(program=PROGRAM)


def run(*arguments):
    return CliRunner().invoke(main, ["preview", *map(str, arguments)])


def test_a_preview_without_packs(folder):
    """Without a policies folder nothing is checked: the tree, outputs and counts; exit code 0."""
    result = run("-C", folder)
    assert (result.exit_code, result.stdout, result.stderr) == (0, TREE.format(arn=ARN), "")


def test_a_first_preview(folder):
    """Computed values are unknown."""
    assert run("-C", folder, "--first-preview").stdout == TREE.format(arn="[unknown]")


def test_findings_at_mandatory_level_give_exit_code_1(folder, write_pack):
    """The project's own pack is found by itself."""
    write_pack(PACK, name="policies")
    result = run("-C", folder)
    assert (result.exit_code, result.stdout) == (1, TREE.format(arn=ARN) + FINDING)


def test_the_projects_pack_can_be_left_out(folder, write_pack):
    """With --no-policy-pack."""
    write_pack(PACK, name="policies")
    assert run("-C", folder, "--no-policy-pack").stdout == TREE.format(arn=ARN)


def test_several_packs_with_their_configuration(folder, write_pack, tmp_path):
    """Configurations belong to packs by position."""
    one, two = write_pack(PACK, name="one"), write_pack(PACK.replace('"tiny"', '"other"'), name="two")
    empty, fits = tmp_path / "empty.json", tmp_path / "fits.json"
    empty.write_text("")
    fits.write_text('{"port": {"port": 80}}')
    packs = ("--policy-pack", one, "--policy-pack", two)
    result = run("-C", folder, *packs, "--policy-pack-config", empty, "--policy-pack-config", fits)
    assert result.exit_code == 1
    assert "    tiny: 1 policy, 0 passed, 1 violated\n    other: 1 policy, 1 passed\n" in result.stdout


def test_the_export(folder, tmp_path):
    """--json writes what `pulumi stack export` would, also when the preview fails on a finding."""
    file = tmp_path / "state.json"
    assert run("-C", folder, "--json", file, "--first-preview").exit_code == 0
    deployment = Deployment.load(file.read_text())
    assert [resource.name for resource in deployment] == ["demo-dev", "default_7_51_1", "app-blue"]
    assert deployment.outputs == {"arn": UNKNOWN}
    assert json.loads(file.read_text())["version"] == 3


def test_reports_and_a_baseline(folder, write_pack, tmp_path):
    """What one preview reports is known to the next; findings stand at the line that declares the resource."""
    write_pack(PACK, name="policies")
    old, new, sarif = tmp_path / "old.json", tmp_path / "new.json", tmp_path / "new.sarif"
    assert run("-C", folder, "--report", old).exit_code == 1
    result = run("-C", folder, "--report", new, "--report", sarif, "--baseline", old)
    assert result.exit_code == 0
    assert "    tiny: 1 policy, 0 passed, 1 known\n\n    known from the baseline (1):\n" in result.stdout
    report = json.loads(new.read_text())
    assert (report["project"], report["stack"], report["file"]) == ("demo", "dev", str(folder / "Pulumi.dev.yaml"))
    assert report["summary"]["known"] == 1
    location = json.loads(sarif.read_text())["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location == {
        "artifactLocation": {"uri": (folder / "__main__.py").as_uri()},
        "region": {"startLine": 5},
    }


def test_messages_of_the_program(write_project):
    """Warnings are shown with the preview."""
    folder = write_project(program="import pulumi\npulumi.log.warn('careful')")
    assert "\nDiagnostics:\n    warning: careful\n\nResources:\n    + 1 to create\n" in run("-C", folder).stdout


def bad_stack(folder):
    return ["-C", folder, "-s", "prod"], (
        f"no stack named 'prod' found: {folder}/Pulumi.prod.yaml doesn't exist; stacks here: dev"
    )


def bad_program(folder):
    (folder / "__main__.py").write_text("import pulumi\nraise pulumi.RunError('a: 1; allowed: 2')")
    return ["-C", folder], "a: 1; allowed: 2"


def bad_pack(folder):
    return ["-C", folder, "--policy-pack", folder], f"{folder} is not a policy pack: it has no PulumiPolicy.yaml"


def bad_config(folder):
    (folder / "config.json").write_text("{")
    return ["-C", folder, "--policy-pack-config", folder / "config.json"], (
        f"{folder}/config.json: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
    )


def bad_json(folder):
    return ["-C", folder, "--json", folder / "no" / "state.json"], f"{folder}/no/state.json: No such file or directory"


def bad_report(folder):
    return ["-C", folder, "--policy-pack", folder, "--report", "report.pdf"], (
        "report.pdf: no report has the suffix '.pdf'; allowed: .json, .sarif, .xml, .md"
    )


def bad_baseline(folder):
    (folder / "old.json").write_text("{}")
    return ["-C", folder, "--policy-pack", folder, "--baseline", folder / "old.json"], (
        f"{folder}/old.json: not a baseline: a baseline is a JSON report of `offline check` or `offline preview`"
    )


def bad_folder(folder):
    return ["-C", folder / "none", "-s", "prod"], bad_stack(folder)[1]


@pytest.mark.parametrize(
    "case", [bad_stack, bad_program, bad_pack, bad_config, bad_json, bad_report, bad_baseline, bad_folder]
)
def test_bad_input_is_one_message_and_exit_code_2(folder, case):
    """No traceback, nothing else on standard error."""
    arguments, message = case(folder)
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (2, f"Error: {message}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--no-policy-pack", "--policy-pack", "x"), "--no-policy-pack can't be combined with a policy pack"),
        (("--policy-pack", "x", "--policy-pack-config", "a", "--policy-pack-config", "a"), "1 policy packs, 2"),
        (("--no-policy-pack", "--report", "x.md"), "--no-policy-pack can't be combined with"),
        (("--report", "x.md"), "has no policies/ to report on; give a --policy-pack."),
        (("--stak", "dev"), "No such option '--stak'"),
    ],
)
def test_options_that_do_not_go_together(folder, arguments, message):
    """Exit code 2, with the usage."""
    (folder / "a").write_text("{}")
    arguments = tuple(folder / word if word == "a" else word for word in arguments)
    result = run("-C", folder, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_help_lists_the_verbs_and_exit_codes():
    """The one place that says what works offline."""
    text = CliRunner().invoke(main, ["--help"]).output
    assert "preview" in text
    assert "check" in text
    assert "files" in text
    assert "2  bad input" in text


def test_as_a_process(folder, write_pack):
    """Exit code, plain text without escape codes, and no encoding too narrow for a message."""
    write_pack(PACK, name="policies")
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(Path(offline.__file__).parents[1])}
    command = [sys.executable, "-m", "offline", "preview", "-C", str(folder)]
    done = subprocess.run(command, capture_output=True, env=environment, cwd=folder, check=False)
    assert done.returncode == 1
    assert done.stdout.decode("ascii") == (TREE.format(arn=ARN) + FINDING).replace("…", "\\u2026")
    assert done.stderr == b""
