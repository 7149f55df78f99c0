"""`python -m offline check`, with this project's pack and with others."""

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
from offline.value import SECRET, SIGNATURE

ROOT = Path(offline.__file__).parents[1]
STACK = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
TASK = "urn:pulumi:prod::shop::aws:ecs/taskDefinition:TaskDefinition::app"
SERVICE = "urn:pulumi:prod::shop::aws:ecs/service:Service::app"
PACK = """
    from pulumi_policy import *

    def everything(args, report):
        report(f"{args.name}: {args.props} of {args.get_config()}")
        args.not_applicable(f"{args.props}")

    def raising(args, report):
        raise ValueError(f"{args.props}")

    PolicyPack("gossip", [
        ResourceValidationPolicy("everything", "Everything.", everything),
        ResourceValidationPolicy("silent", "Nothing.", lambda args, report: args.not_applicable(f"{args.props}")),
    ] + RAISING)
"""


def run(*arguments, stdin=None):
    return CliRunner().invoke(main, ["check", *map(str, arguments)], input=stdin)


def export(*resources):
    return json.dumps(
        {"version": 3, "deployment": {"resources": [{"urn": STACK, "type": "pulumi:pulumi:Stack"}, *resources]}}
    )


def custom(urn, **inputs):
    return {"urn": urn, "custom": True, "id": "1", "type": urn.split("::")[2], "inputs": inputs, "outputs": inputs}


def secret(value):
    return {SIGNATURE: SECRET, "plaintext": json.dumps(value)}


PUBLIC = custom(
    SERVICE,
    launchType="FARGATE",
    desiredCount=2,
    taskDefinition="app:1",
    networkConfiguration={"assignPublicIp": True, "subnets": ["subnet-1"], "securityGroups": ["sg-1"]},
)


@pytest.fixture
def state(tmp_path):
    """An export of a service whose tasks have public addresses."""
    file = tmp_path / "state.json"
    file.write_text(export(PUBLIC))
    return file


def findings(file):
    return [(item["policy"], item["urn"], item["path"]) for item in json.loads(file.read_text())["findings"]]


def test_any_stack_from_anywhere(state, tmp_path, monkeypatch):
    """The pack beside the tool is found in whatever folder one works."""
    monkeypatch.chdir(state.parent)
    result = run("state.json", "--json", "report.json")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.startswith("Checking shop/prod: 2 resources of state.json\n\nPolicies:\n    ecs-blue-green: ")
    assert "sec-service-no-public-ip  app (aws:ecs:Service)\n" in result.stdout
    assert ("sec-service-no-public-ip", SERVICE, "networkConfiguration.assignPublicIp") in findings(
        tmp_path / "report.json"
    )


def test_standard_input(state):
    """As a process: what it prints is plain text."""
    command = [sys.executable, "-m", "offline", "check", "-"]
    done = subprocess.run(command, input=state.read_bytes(), capture_output=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.startswith(b"Checking shop/prod: 2 resources of stdin\n")
    assert b"\x1b" not in done.stdout


def test_gradual_adoption(state, tmp_path):
    """What there is already is known; what is new fails."""
    known, both = tmp_path / "known.json", tmp_path / "both.json"
    assert run(state, "--json", known).exit_code == 1
    assert run(state, "--baseline", known).exit_code == 0
    state.write_text(export(PUBLIC, {**PUBLIC, "urn": f"{SERVICE}-2"}))
    assert run(state, "--baseline", known, "--report", both).exit_code == 1
    report = json.loads(both.read_text())
    assert {item["urn"] for item in report["findings"] if not item["known"]} == {f"{SERVICE}-2"}
    assert (report["summary"]["known"], report["summary"]["gone"]) == (len(findings(known)), 0)


def test_an_exemption_is_reported_with_its_reason(state, tmp_path):
    """And a rule's exempted finding is no failure."""
    config, report = tmp_path / "config.json", tmp_path / "report.json"
    exemption = {"urn": "*::app", "reason": "Behind a firewall.", "expires": "2999-12-31"}
    config.write_text(json.dumps({"sec-service-no-public-ip": {"exemptions": [exemption]}}))
    run(state, "--policy-pack-config", config, "--policy-pack", ROOT / "policies", "--json", report)
    (exempted,) = json.loads(report.read_text())["exempted"]
    assert (exempted["policy"], exempted["urn"]) == ("sec-service-no-public-ip", SERVICE)
    assert exempted["path"] == "networkConfiguration.assignPublicIp"
    assert (exempted["reason"], exempted["until"]) == ("Behind a firewall.", "2999-12-31")


def test_deleted_resources_are_not_judged(state):
    """Neither those that wait for it, nor those that are to be replaced."""
    state.write_text(export({**PUBLIC, "delete": True}, {**PUBLIC, "pendingReplacement": True}))
    assert run(state).exit_code == 0


def test_encrypted_secrets_leave_rules_undecided(state):
    """Said to be so, and no failure."""
    encrypted = {SIGNATURE: SECRET, "ciphertext": "v1:abc"}
    state.write_text(export(custom(SERVICE, **{**PUBLIC["inputs"], "networkConfiguration": encrypted})))
    result = run(state)
    assert "undecided: app (aws:ecs/service:Service): networkConfiguration" in result.stdout
    assert "`pulumi stack export --show-secrets` writes them in plain text.\n" in result.stdout
    assert "v1:abc" not in result.stdout


SECRETS = ("hunter2-word", "hunter2-in-json", "hunter2-in-list", "hunter2\nof two lines", "hunter2 'quoted'")


@pytest.fixture
def leaky(tmp_path):
    """An export that shows secrets in every place."""
    document = json.dumps([{"name": "app", "environment": [{"name": "PASSWORD", "value": "hunter2-in-json"}]}])
    task = custom(TASK, family=secret("hunter2-word"), containerDefinitions=secret(document), pid=["hunter2-in-list"])
    task["inputs"]["pid"] = secret(["hunter2-in-list"])
    task["outputs"] = {
        "tags": {"a": secret("hunter2\nof two lines"), "b": [secret("hunter2 'quoted'")]},
        **task["inputs"],
    }
    file = tmp_path / "leaky.json"
    file.write_text(export(task, custom(SERVICE, name=secret("hunter2-word"))))
    return file


@pytest.mark.parametrize("raises", [False, True])
def test_no_report_shows_a_secret(leaky, write_pack, tmp_path, raises):
    """Whatever a pack repeats, in messages, reasons and errors; this project's repeats none."""
    raising = '[ResourceValidationPolicy("raising", "R.", raising)]' if raises else "[]"
    gossip = write_pack(PACK.replace("RAISING", raising))
    reports = [tmp_path / f"report{suffix}" for suffix in (".json", ".sarif", ".xml", ".md")]
    options = [option for report in reports for option in ("--report", report)]
    result = run(leaky, "--policy-pack", gossip, "--policy-pack", ROOT / "policies", *options)
    texts = [result.output]
    if raises:
        assert result.exit_code == 2
    else:
        assert "[secret]" in result.output
        texts += [report.read_text() for report in reports]
    for text in texts:
        for word in ("hunter2-word", "hunter2-in-json", "hunter2-in-list", "two lines", "quoted"):
            assert word not in text


def bad_pack(folder):
    return ["--policy-pack", folder], f"{folder} is not a policy pack: it has no PulumiPolicy.yaml"


def printing_pack(folder):
    (folder / "PulumiPolicy.yaml").write_text("runtime: python")
    (folder / "__main__.py").write_text("print('hello')")
    return ["--policy-pack", folder], (
        f"policy pack {folder}: printed 'hello' before its port; "
        "a pack must not print to standard output while it loads"
    )


def unknown_rule(folder):
    (folder / "config.json").write_text('{"bg-auto-rolback": "advisory", "environments": {}, "all": "advisory"}')
    return ["--policy-pack-config", folder / "config.json"], (
        "validating policy config for ecs-blue-green: "
        "bg-auto-rolback: the pack has no such policy; the nearest is bg-auto-rollback"
    )


def unknown_knob(folder):
    (folder / "config.json").write_text('{"bg-auto-rollback": {"enabld": false}}')
    return ["--policy-pack-config", folder / "config.json"], (
        "validating policy config for ecs-blue-green: "
        "bg-auto-rollback: enabld: the policy has no such property; the nearest is enabled"
    )


def report_folder(folder):
    return ["--report", folder / "no" / "report.md"], f"{folder}/no/report.md: there is no folder {folder}/no"


def json_folder(folder):
    return ["--json", folder], f"{folder}: is a folder"


@pytest.mark.parametrize("case", [bad_pack, printing_pack, unknown_rule, unknown_knob, report_folder, json_folder])
def test_bad_input_is_one_line_and_exit_code_2(state, tmp_path, case):
    """No traceback."""
    folder = tmp_path / "pack"
    folder.mkdir()
    arguments, message = case(folder)
    result = run(state, *arguments)
    assert (result.exit_code, result.stderr) == (2, f"Error: {message}\n")


def test_a_foreign_file(tmp_path):
    """The command that makes an export is named."""
    file = tmp_path / "package.json"
    file.write_text('{"name": "shop"}')
    result = run(file)
    assert (result.exit_code, result.stderr) == (
        2,
        f"Error: {file}: not a deployment export, which `pulumi stack export` prints: no 'deployment' at the top\n",
    )


def test_nothing_is_left_running(state, write_pack):
    """The pack's process ends with the command, also if the pack dies or the input is bad."""
    main_ = "import os\nprint(os.getpid(), file=open('pid', 'w'))\nprint('hello')"
    folder = write_pack(main_)
    assert run(state, "--policy-pack", folder).exit_code == 2
    with pytest.raises(ProcessLookupError):
        os.kill(int((folder / "pid").read_text()), 0)
