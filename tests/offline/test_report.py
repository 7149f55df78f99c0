"""What is printed, exactly."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from offline.deployment import Deployment, Diagnostic, Resource
from offline.pack import Policy, Violation
from offline.report import Report, short_type, shown, worst
from offline.value import RESOURCE, SIGNATURE, UNKNOWN, Secret

URN = "urn:pulumi:dev::demo"
STACK = f"{URN}::pulumi:pulumi:Stack::demo-dev"
ROUTE = f"{URN}::demo:index:Route::app"
BLUE = f"{URN}::demo:index:Route$aws:lb/targetGroup:TargetGroup::app-blue"


def deployment() -> Deployment:
    return Deployment(
        [
            Resource(
                STACK, "pulumi:pulumi:Stack", outputs={"url": UNKNOWN, "pw": Secret("x"), "all": {"b": [1], "a": None}}
            ),
            Resource(f"{URN}::pulumi:providers:aws::default_7_51_1", "pulumi:providers:aws", custom=True),
            Resource(f"{URN}::pulumi:providers:aws::other", "pulumi:providers:aws", custom=True, parent=STACK),
            Resource(ROUTE, "demo:index:Route", parent=STACK),
            Resource(BLUE, "aws:lb/targetGroup:TargetGroup", custom=True, parent=ROUTE),
            Resource(
                f"{URN}::demo:index:Route$aws:ecs/cluster:Cluster::a-cluster-with-a-name-longer-than-others",
                "aws:ecs/cluster:Cluster",
                custom=True,
                external=True,
                parent=ROUTE,
            ),
        ],
        [Diagnostic("warning", "look\nout", ROUTE), Diagnostic("info", "fine")],
    )


def printed(write) -> str:
    file = io.StringIO()
    write(Report(Console(file=file, width=30, highlight=False, markup=False, emoji=False)))
    return file.getvalue()


class _Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_the_tree():
    """Nesting by guides, columns aligned, nothing cut at a narrow width, default providers left out."""
    assert printed(lambda report: report.preview(deployment(), "dev")) == (
        "Previewing update (dev):\n"
        "\n"
        "     Type                      Name                                      Plan\n"
        " +   pulumi:pulumi:Stack       demo-dev                                  create\n"
        " +   |- demo:index:Route       app                                       create\n"
        " >   |  |- aws:ecs:Cluster     a-cluster-with-a-name-longer-than-others  read\n"
        " +   |  `- aws:lb:TargetGroup  app-blue                                  create\n"
        " +   `- pulumi:providers:aws   other                                     create\n"
        "\n"
        "Diagnostics:\n"
        "    warning: app: look\n"
        "      out\n"
        "    info: fine\n"
        "\n"
        "Outputs:\n"
        "    all: {a: null, b: [1]}\n"
        "    pw : [secret]\n"
        "    url: [unknown]\n"
        "\n"
        "Resources:\n"
        "    + 4 to create\n"
        "    > 1 to read\n"
    )


def test_a_terminal_gets_lines_and_colours(monkeypatch):
    """Unless NO_COLOR is set; a file never does."""
    for no_color, painted in ((None, True), ("1", False)):
        if no_color:
            monkeypatch.setenv("NO_COLOR", no_color)
        monkeypatch.setenv("TERM", "xterm-256color")
        file = _Terminal()
        Report(Console(file=file, highlight=False)).preview(deployment(), "dev")
        assert "│  └─ aws:lb:TargetGroup" in file.getvalue()
        assert ("\x1b[32m" in file.getvalue()) is painted


class _Pack:
    name = "tiny"
    policies = (
        Policy("a-rule", "", "mandatory", "high", {}),
        Policy("a-rule", "", "mandatory", "high", {}),
        Policy("b-rule", "", "advisory", "", {}),
        Policy("c-rule", "", "advisory", "", {}),
        Policy("d-rule", "", "advisory", "", {}),
        Policy("off", "", "disabled", "", {}),
    )


def test_findings():
    """Mandatory first, then advisory, then undecided; the most severe first; messages keep their lines."""
    found = [
        Violation("tiny", "a-rule", "mandatory", "low", ROUTE, "First.\n  indented"),
        Violation("tiny", "a-rule", "mandatory", "critical", BLUE, "Worse."),
        Violation("tiny", "b-rule", "advisory", "", "", "Nowhere."),
        Violation("tiny", "a-rule", "advisory", "high", BLUE, "A.\nundecided: x", undecided=True),
        Violation("tiny", "c-rule", "advisory", "", BLUE, "C.\nundecided: y", undecided=True),
    ]
    assert printed(lambda report: report.findings([_Pack()], found)) == (
        "\n"
        "Policies:\n"
        "    tiny: 4 rules, 1 passed, 2 violated, 1 undecided\n"
        "\n"
        "    mandatory (2):\n"
        "      [critical] a-rule  app-blue (aws:lb:TargetGroup)\n"
        "          Worse.\n"
        "      [low] a-rule  app (demo:index:Route)\n"
        "          First.\n"
        "            indented\n"
        "\n"
        "    advisory (1):\n"
        "      b-rule\n"
        "          Nowhere.\n"
        "\n"
        "    undecided (2):\n"
        "      [high] a-rule  app-blue (aws:lb:TargetGroup)\n"
        "          A.\n"
        "          undecided: x\n"
        "      c-rule  app-blue (aws:lb:TargetGroup)\n"
        "          C.\n"
        "          undecided: y\n"
    )


def test_no_findings():
    """One line says how many rules passed."""
    assert printed(lambda report: report.findings([_Pack()], [])) == ("\nPolicies:\n    tiny: 4 rules, 4 passed\n")


def test_a_markup_lookalike_is_text():
    """Brackets in a message are not markup."""
    found = [Violation("tiny", "a-rule", "mandatory", "", BLUE, "use [bold]x[/bold] and :smile:")]
    assert "use [bold]x[/bold] and :smile:" in printed(lambda report: report.findings([_Pack()], found))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", '"a"'),
        (1.5, "1.5"),
        (1, "1"),
        (0, "0"),
        (True, "true"),
        (False, "false"),
        (None, "null"),
        ([Secret("x"), UNKNOWN], "[[secret], [unknown]]"),
        ({}, "{}"),
        ({SIGNATURE: RESOURCE, "urn": "urn:a"}, '"urn:a"'),
    ],
)
def test_values_as_the_cli_shows_them(value, text):
    """Numbers and booleans don't get mixed up; references are their URN."""
    assert shown(value) == text


def test_short_types():
    """The module's file is left out, as in the CLI's tree."""
    assert short_type("aws:lb/targetGroup:TargetGroup") == "aws:lb:TargetGroup"
    assert short_type("awsx:ec2:Vpc") == "awsx:ec2:Vpc"


def test_the_exit_code():
    """Only mandatory findings make it 1."""
    advisory = Violation("tiny", "a-rule", "advisory", "", BLUE, "")
    assert [worst([]), worst([advisory])] == [0, 0]
    assert worst([advisory, Violation("tiny", "a-rule", "mandatory", "", BLUE, "")]) == 1
