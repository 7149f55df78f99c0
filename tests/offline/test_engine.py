"""The real Pulumi engine keeps, and finds, the same as the stand-in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from offline import project
from offline.cli import main
from offline.deployment import Deployment
from offline.pack import Pack
from offline.program import run_program
from offline.value import UNKNOWN, Secret

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="no pulumi on PATH"),
]

PROGRAM = """
    import pulumi
    from pulumi.runtime import config

    class Part(pulumi.ComponentResource):
        def __init__(self, name, outputs, opts=None):
            super().__init__("demo:index:Part", name, {"size": 1.5, "pw": pulumi.Output.secret("x")}, opts)
            if outputs is not None:
                self.register_outputs(outputs)

    one = Part("one", {"out": 1, "secret": pulumi.Output.secret("hidden"), "nothing": None, "list": [True, {"a": 2}]},
               pulumi.ResourceOptions(protect=True, custom_timeouts=pulumi.CustomTimeouts(create="1h30m")))
    two = Part("two", None, pulumi.ResourceOptions(parent=one, retain_on_delete=True))
    three = Part("three", {"ref": two.urn}, pulumi.ResourceOptions(depends_on=[two], ignore_changes=["size"]))
    pulumi.export("config", dict(config.CONFIG.get()))
    pulumi.export("secret", pulumi.Config().require_secret("pw"))
    pulumi.export("urn", two.urn)
"""
SCHEMA = """
config:
  size: {type: integer, default: 3}
  shape: {type: object, default: {a: 1, b: [1.5, true]}}
  flag: true
  aws:region: eu-west-1
"""
CONFIG = """
config:
  demo:str: hello
  demo:float: 1.50
  demo:date: 2020-01-02
  demo:exp: 1e3
  demo:octal: 0o17
  demo:old: 017
  demo:yes: yes
  demo:map: {c: 1, a: [x, 2, 3.0, true, null], d: 2020-01-02}
"""
PACK = """
    from pulumi_policy import *

    def one(args, report):
        if args.resource_type == "demo:index:Part":
            report(f"{args.name} {args.props['size']} {args.opts.protect} {list(args.opts.ignore_changes)}")

    def whole(args, report):
        for resource in args.resources:
            edges = sorted(item.name for item in resource.dependencies)
            parent = resource.parent and resource.parent.name
            report(f"{sorted(resource.props)} {edges} {parent}", resource.urn)

    PolicyPack("tiny", [
        ResourceValidationPolicy("one", "One.", one, EnforcementLevel.MANDATORY),
        StackValidationPolicy("whole", "The whole."  , whole, EnforcementLevel.ADVISORY),
    ])
"""


@pytest.fixture
def pulumi(tmp_path_factory):
    """Run the CLI against a state of its own."""
    home = tmp_path_factory.mktemp("home")
    environment = os.environ | {
        "PULUMI_BACKEND_URL": f"file://{home}",
        "PULUMI_HOME": str(home / ".pulumi"),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }

    def run(folder, *arguments, check=True):
        command = ["pulumi", *map(str, arguments)]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=check).stdout

    return run


def without_secrets(deployment: Deployment) -> Deployment:
    return Deployment.load(deployment.dump())


def test_the_state_is_the_engines(write_project, pulumi):
    """After a real update the exported state equals ours: URNs, inputs, outputs, edges, options, configuration."""
    folder = write_project(PROGRAM, CONFIG, SCHEMA)
    pulumi(folder, "stack", "init", "dev")
    pulumi(folder, "config", "set", "--secret", "pw", "hunter2")
    pulumi(folder, "config", "set", "--secret", "--path", "nested.pw", "hunter3")
    pulumi(folder, "up", "--yes", "--skip-preview")
    real = Deployment.load(pulumi(folder, "stack", "export"))
    ours = without_secrets(run_program(project.load(folder, "dev")))
    assert ours.stack.outputs["secret"] == Secret(UNKNOWN)
    # The CLI gives the program "[secret]" for a secret it can't show; both are stand-ins.
    for deployment in (real, ours):
        del deployment.outputs["config"]["demo:pw"], deployment.outputs["config"]["demo:nested"]
    assert ours.by_urn() == real.by_urn()
    sources = [
        {resource.name: resource.source for resource in deployment if resource.type == "demo:index:Part"}
        for deployment in (real, ours)
    ]
    assert (
        sources[0]
        == sources[1]
        == {
            "one": "project:///__main__.py#11",
            "two": "project:///__main__.py#13",
            "three": "project:///__main__.py#14",
        }
    )


def test_the_pack_finds_the_same(write_project, write_pack, pulumi):
    """`pulumi policy analyze` takes our export, secrets and all, and reports what our driver reports."""
    folder = write_project(PROGRAM, "config: {pw: {secure: v1:abc}}", SCHEMA)
    pack = write_pack(PACK)
    deployment = run_program(project.load(folder, "dev"))
    (folder / "state.json").write_text(deployment.dump())
    events = pulumi(
        folder, "policy", "analyze", "--policy-pack", pack, "--file", folder / "state.json", "--json", check=False
    )
    reported = sorted(
        (event["resourceUrn"], event["policyName"], event["enforcementLevel"], event["message"])
        for line in events.splitlines()
        if (event := json.loads(line).get("policyEvent"))
    )
    with Pack(pack) as running:
        analysis = running.analyze(deployment)
    found = [(item.urn, item.policy, item.level, item.message) for item in analysis.violations]
    assert len(found) == 7
    assert sorted(found) == reported


def test_a_real_export_is_checked_as_the_engine_analyzes_it(write_project, write_pack, pulumi, tmp_path):
    """Secrets shown, and with resources that wait to be deleted; `check` finds what `pulumi policy analyze` finds."""
    folder = write_project(PROGRAM, CONFIG, SCHEMA)
    pack = write_pack(PACK)
    pulumi(folder, "stack", "init", "dev")
    pulumi(folder, "config", "set", "--secret", "pw", "hunter2")
    pulumi(folder, "up", "--yes", "--skip-preview")
    document = json.loads(pulumi(folder, "stack", "export", "--show-secrets"))
    resources = document["deployment"]["resources"]
    resources += [{**resource, "delete": True} for resource in resources if resource["type"] == "demo:index:Part"]
    state, report, sarif = folder / "state.json", tmp_path / "report.json", tmp_path / "report.sarif"
    state.write_text(json.dumps(document))
    events = pulumi(folder, "policy", "analyze", "--policy-pack", pack, "--file", state, "--json", check=False)
    reported = sorted(
        (event["resourceUrn"], event["policyName"], event["enforcementLevel"], event["message"])
        for line in events.splitlines()
        if (event := json.loads(line).get("policyEvent"))
    )
    arguments = ["check", str(state), "--policy-pack", str(pack), "--json", str(report), "--report", str(sarif)]
    assert CliRunner().invoke(main, arguments).exit_code == 1
    found = [
        (item["urn"], item["policy"], item["level"], f"{item['description']}\n{item['sentence']}")
        for item in json.loads(report.read_text())["findings"]
    ]
    assert len(found) == 7
    assert sorted(found) == reported
    assert "hunter2" not in report.read_text() + sarif.read_text()
