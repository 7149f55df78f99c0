"""A policy pack is driven over its real protocol; whatever is wrong with it is one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from offline import pack as packs
from offline import packprocess
from offline.deployment import Deployment, Resource
from offline.errors import OfflineError
from offline.pack import Pack, Violation
from offline.packconfig import PolicyConfig
from offline.project import Project
from offline.value import UNKNOWN, Secret

STACK = "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev"
WEB = "urn:pulumi:dev::demo::t:i:T::web"
NEW = "urn:pulumi:dev::demo::t:i:T::new"
DEPLOYMENT = Deployment(
    [
        Resource(STACK, "pulumi:pulumi:Stack"),
        Resource(
            WEB,
            "t:i:T",
            custom=True,
            inputs={"port": 80, "pw": Secret("hunter2")},
            outputs={"port": 81},
            parent=STACK,
            ignore_changes=["port"],
        ),
        Resource(NEW, "t:i:T", custom=True, inputs={"port": UNKNOWN}, outputs={"port": UNKNOWN}, parent=STACK),
    ]
)
PROJECT = Project("demo", "dev", Path(), Path(), {"demo:a": "1"})
TINY = """
    import os, pulumi
    from pulumi_policy import *

    def port(args, report):
        if args.resource_type == "t:i:T" and args.props["port"] > args.get_config()["max"]:
            report(f"port {int(args.props['port'])} of {args.props['pw']}, ignores {list(args.opts.ignore_changes)}")

    def stack(args, report):
        for resource in args.resources:
            if resource.name == "web":
                report(f"port {int(resource.props['port'])}", resource.urn)
        report("undecided: who knows", "urn:pulumi:dev::demo::t:i:T::gone")
        report(f"{pulumi.get_stack()} {pulumi.get_project()} {pulumi.runtime.is_dry_run()} {os.getcwd()}")

    PolicyPack("tiny", [
        ResourceValidationPolicy(
            "port", "A port.", port, EnforcementLevel.MANDATORY, severity=Severity.HIGH,
            config_schema=PolicyConfigSchema(properties={"max": {"type": "integer", "default": 79}}),
        ),
        StackValidationPolicy("whole", "The stack.", stack),
        ResourceValidationPolicy("never", "Never.", lambda args, report: None),
    ])
"""


def found(folder, config=None):
    with Pack(folder, PROJECT, config) as pack:
        return pack.analyze(DEPLOYMENT)


def test_findings(write_pack):
    """Analyze sees inputs, AnalyzeStack outputs; findings are sorted; a URN not in the stack blames the stack."""
    folder = write_pack(TINY)
    cannot = "can't run policy 'port' from policy pack 'tiny@v0.0.1' during preview: "
    assert found(folder) == [
        Violation("tiny", "whole", "advisory", "", STACK, f"The stack.\ndev demo True {folder}"),
        Violation("tiny", "whole", "advisory", "", STACK, "The stack.\nundecided: who knows", undecided=True),
        Violation(
            "tiny",
            "port",
            "advisory",
            "high",
            NEW,
            f"{cannot}string value at .port can't be known during preview",
            undecided=True,
        ),
        Violation("tiny", "port", "mandatory", "high", WEB, "A port.\nport 80 of hunter2, ignores ['port']"),
        Violation("tiny", "whole", "advisory", "", WEB, "The stack.\nport 81"),
    ]


def test_configuration_reaches_the_pack(write_pack):
    """A knob and a level change what is found."""
    config = {"port": PolicyConfig("", {"max": 80}), "whole": PolicyConfig("disabled")}
    assert [(item.policy, item.urn) for item in found(write_pack(TINY), config)] == [("port", NEW)]


def test_what_would_be_remediated_is_mandatory(write_pack):
    """Nothing is repaired here, so what such a policy reports is still broken."""
    folder = write_pack(TINY.replace("EnforcementLevel.MANDATORY", "EnforcementLevel.REMEDIATE"))
    assert [item.level for item in found(folder) if item.urn == WEB] == ["mandatory", "advisory"]


def test_what_a_pack_says_of_itself(write_pack):
    """Name, and each policy's level and severity, are known once it has been asked."""
    with Pack(write_pack(TINY), PROJECT) as pack:
        pack.analyze(Deployment())
    assert pack.name == "tiny"
    assert [(policy.name, policy.level, policy.severity) for policy in pack.policies] == [
        ("port", "mandatory", "high"),
        ("whole", "advisory", ""),
        ("never", "advisory", ""),
    ]


@pytest.mark.parametrize(
    ("main", "message"),
    [
        ("print('hello')", "printed 'hello' before its port; a pack must not print to standard output while it loads"),
        ("raise ValueError('no')", "stopped before it was ready: ValueError: no"),
        ("x = 1", "stopped before it was ready"),
        ("(", "stopped before it was ready: SyntaxError: '(' was never closed"),
    ],
)
def test_a_pack_that_does_not_start(write_pack, main, message):
    """One line: the pack, what happened, its last word."""
    folder = write_pack(main)
    with pytest.raises(OfflineError) as caught:
        found(folder)
    assert str(caught.value) == f"policy pack {folder}: {message}"


def test_a_pack_that_takes_too_long_to_start(write_pack, monkeypatch):
    """It is given up, and its process ended."""
    monkeypatch.setattr(packprocess, "START_SECONDS", 0.2)
    folder = write_pack("import time\ntime.sleep(60)")
    with pytest.raises(OfflineError) as caught, Pack(folder) as pack:
        pack.analyze(DEPLOYMENT)
    assert str(caught.value) == f"policy pack {folder}: didn't start within 0 seconds"
    assert not is_running(pack.process.id)


def test_a_pack_that_takes_too_long_to_answer(write_pack, monkeypatch):
    """The resource it hung on is named."""
    monkeypatch.setattr(packs, "CALL_SECONDS", 2.0)
    slow = TINY.replace("def port(args, report):", "def port(args, report):\n        import time; time.sleep(60)")
    folder = write_pack(slow)
    with pytest.raises(OfflineError) as caught:
        found(folder)
    assert str(caught.value) == f"policy pack {folder}: Analyze of {STACK} took more than 2 seconds"


def test_a_rule_that_raises(write_pack):
    """The call and the resource are named, and what the rule said."""
    folder = write_pack(TINY.replace("def port(args, report):", "def port(args, report):\n        {}['x']"))
    with pytest.raises(OfflineError) as caught:
        found(folder)
    assert str(caught.value) == (f"policy pack {folder}: Analyze of {STACK} failed: Exception calling application: 'x'")


def test_a_pack_that_dies_in_a_call(write_pack):
    """No waiting for the time limit."""
    folder = write_pack(TINY.replace("def port(args, report):", "def port(args, report):\n        os._exit(3)"))
    with pytest.raises(OfflineError, match=f"policy pack {folder}: Analyze of {STACK} failed: "):
        found(folder)


def test_configuration_the_pack_does_not_take(write_pack):
    """Checked against the policy's schema before anything is analyzed."""
    folder = write_pack(TINY)
    with pytest.raises(OfflineError) as caught:
        found(folder, {"port": PolicyConfig("", {"max": "many"})})
    assert str(caught.value) == "validating policy config for tiny: port: max: 'many' is not of type 'integer'"


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (None, "{folder} is not a policy pack: it has no PulumiPolicy.yaml"),
        ("runtime: nodejs", "{folder}/PulumiPolicy.yaml: runtime is 'nodejs'; only python packs run offline"),
        ("runtime: {name: opa}", "{folder}/PulumiPolicy.yaml: runtime is 'opa'; only python packs run offline"),
        ("[]", "{folder}/PulumiPolicy.yaml: runtime is None; only python packs run offline"),
    ],
)
def test_a_folder_that_is_not_a_pack(write_pack, manifest, message):
    """Said before any process is started."""
    folder = write_pack("", manifest or "")
    if manifest is None:
        (folder / "PulumiPolicy.yaml").unlink()
    with pytest.raises(OfflineError) as caught:
        Pack(folder)
    assert str(caught.value) == message.format(folder=folder)


def test_a_pack_may_write_whatever_it_likes_once_it_runs(write_pack):
    """Both outputs are read all along, so a chatty pack doesn't block."""
    chatty = TINY.replace(
        "def port(args, report):",
        "def port(args, report):\n        import sys; print('x' * 200000); print('y' * 200000, file=sys.stderr)",
    )
    assert len(found(write_pack(chatty))) == 5


def test_the_process_ends_with_the_block(write_pack):
    """Also if the pack was never asked anything."""
    with Pack(write_pack(TINY)) as pack:
        assert is_running(pack.process.id)
    assert not is_running(pack.process.id)
    pack.close()


def test_the_process_ends_with_whoever_started_it(write_pack):
    """Even if that one is killed and can't clean up."""
    folder = write_pack(TINY)
    code = (
        "import sys, time; from pathlib import Path; from offline.pack import Pack\n"
        "pack = Pack(Path(sys.argv[1])); pack.process.port(); print(pack.process.id, flush=True); time.sleep(60)"
    )
    root = Path(packs.__file__).parents[1]
    with subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=root, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_running(child)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(child)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
