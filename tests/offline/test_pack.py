"""A policy pack is driven over its real protocol; whatever is wrong with it is one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from offline import pack as packs
from offline import packprocess
from offline.deployment import Deployment, Resource
from offline.errors import OfflineError
from offline.pack import Pack
from offline.packconfig import PolicyConfig
from offline.policy import NotApplicable, Violation
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

    def silent(args, report):
        if args.resource_type == "t:i:T":
            args.not_applicable(f"{args.name} is none of mine")

    PolicyPack("tiny", [
        ResourceValidationPolicy(
            "port", "A port.", port, EnforcementLevel.MANDATORY, severity=Severity.HIGH,
            config_schema=PolicyConfigSchema(properties={"max": {"type": "integer", "default": 79}}),
        ),
        StackValidationPolicy("whole", "The stack.", stack),
        ResourceValidationPolicy("never", "Never.", silent, url="https://example.com/never", tags=["security"],
            remediation_steps="Leave it."),
    ])
"""


def found(folder, config=None):
    with Pack(folder, PROJECT, config) as pack:
        return pack.analyze(DEPLOYMENT).violations


def test_findings(write_pack):
    """Analyze sees inputs, AnalyzeStack outputs; findings are sorted; a URN not in the stack blames the stack."""
    folder = write_pack(TINY)
    cannot = "can't run policy 'port' from policy pack 'tiny@v0.0.1' during preview: "
    assert found(folder) == [
        Violation("tiny", "whole", "advisory", "", STACK, "The stack.", f"The stack.\ndev demo True {folder}"),
        Violation("tiny", "whole", "advisory", "", STACK, "The stack.", "The stack.\nundecided: who knows"),
        Violation(
            "tiny",
            "port",
            "advisory",
            "high",
            NEW,
            "A port.",
            f"{cannot}string value at .port can't be known during preview",
        ),
        Violation("tiny", "port", "mandatory", "high", WEB, "A port.", "A port.\nport 80 of hunter2, ignores ['port']"),
        Violation("tiny", "whole", "advisory", "", WEB, "The stack.", "The stack.\nport 81"),
    ]


def test_what_does_not_apply(write_pack):
    """Each reason once, sorted, whatever call it came with."""
    with Pack(write_pack(TINY), PROJECT) as pack:
        analysis = pack.analyze(DEPLOYMENT)
    assert analysis.not_applicable == [
        NotApplicable("tiny", "never", "new is none of mine"),
        NotApplicable("tiny", "never", "web is none of mine"),
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
    """Name, version, and each policy's level as configured, are known once it has been asked."""
    config = {"whole": PolicyConfig("disabled")}
    with Pack(write_pack(TINY, "runtime: python\nversion: 1.2.3\n"), PROJECT, config) as pack:
        pack.analyze(Deployment())
    assert (pack.name, pack.version) == ("tiny", "1.2.3")
    never = pack.policies[2]
    assert (never.url, never.fix, never.tags) == ("https://example.com/never", "Leave it.", ("security",))
    assert [(policy.name, policy.level, policy.severity) for policy in pack.policies] == [
        ("port", "mandatory", "high"),
        ("whole", "disabled", ""),
        ("never", "advisory", ""),
    ]


@pytest.mark.parametrize(
    ("main", "message"),
    [
        ("print('hello')", "printed 'hello' before its port; a pack must not print to standard output while it loads"),
        ("raise ValueError('no')", "stopped before it was ready: ValueError: no"),
        ("print(123456)", "printed '123456' before its port; a pack must not print to standard output while it loads"),
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
    """No waiting for the time limit; what it said last is repeated."""
    last = "os.write(2, b'out of luck\\n'); os._exit(3)"  # at once: calls run on several threads
    folder = write_pack(TINY.replace("def port(args, report):", f"def port(args, report):\n        {last}"))
    with pytest.raises(OfflineError) as caught:
        found(folder)
    assert str(caught.value) == f"policy pack {folder}: stopped during Analyze of {STACK}: out of luck"


def test_a_reply_that_is_too_large(write_pack):
    """The limit is the engine's."""
    folder = write_pack(TINY.replace('report("undecided: who knows"', 'report("x" * 5_000_000'))
    with pytest.raises(OfflineError) as caught:
        found(folder)
    assert str(caught.value) == (
        f"policy pack {folder}: AnalyzeStack: its reply has 4.8 MiB; Pulumi takes 4 MiB at most"
    )


@pytest.mark.parametrize(
    ("resource", "problem"),
    [
        (Resource(WEB, "t:i:T", inputs={"a": 10**400}), "OverflowError: int too large to convert to float"),
        (
            Resource(WEB, "t:i:T", custom_timeouts={"forget": 1}),
            'ValueError: Protocol message CustomTimeouts has no "forget" field.',
        ),
    ],
)
def test_values_that_no_message_can_hold(write_pack, resource, problem):
    """A foreign export may have them; the resource is named."""
    with Pack(write_pack(TINY)) as pack, pytest.raises(OfflineError) as caught:
        pack.analyze(Deployment([resource]))
    assert str(caught.value) == f"{WEB} can't be sent to a policy pack: {problem}"


def test_a_pack_whose_interpreter_cannot_run(write_pack):
    """Said as the system says it."""
    folder = write_pack(TINY, "runtime: {name: python, options: {virtualenv: venv}}\n")
    python = folder / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch(mode=0o644)
    with pytest.raises(OfflineError) as caught:
        Pack(folder)
    assert str(caught.value) == f"policy pack {folder}: can't start {python}: Permission denied"


def test_a_process_that_the_pack_starts_holds_nothing_up(write_pack):
    """Although it keeps the pack's outputs open."""
    start = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    main = f"import subprocess, sys\nprint({start}.pid, file=open('pid', 'w'))\n{textwrap.dedent(TINY)}"
    folder = write_pack(main)
    found(folder)
    started = int((folder / "pid").read_text())
    assert is_running(started)
    os.kill(started, signal.SIGKILL)


STUCK = "import re\nre.sub('^|(a+)+$', lambda match: print(1, flush=True) or '', 'a' * 60 + 'b')"
"""Says a port, and then keeps the interpreter's lock for longer than anybody waits."""


@pytest.mark.parametrize("main", [TINY, STUCK], ids=["waiting", "stuck"])
def test_the_process_ends_with_whoever_started_it(write_pack, main):
    """Even if that one is killed and can't clean up, and whatever the pack is doing."""
    folder = write_pack(main)
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
