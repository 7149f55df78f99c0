"""What `preview` prints of a stack, exactly."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from offline.deployment import Deployment, Diagnostic, Resource
from offline.reports.plan import Plan, shown
from offline.reports.terminal import Terminal
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


def printed(file: io.StringIO, **console: object) -> str:
    Plan(Terminal(Console(file=file, highlight=False, markup=False, emoji=False, **console))).show(deployment(), "dev")
    return file.getvalue()


class _Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_the_tree():
    """Nesting by guides, columns aligned, nothing cut at a narrow width, default providers left out."""
    assert printed(io.StringIO(), width=30) == (
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
        text = printed(_Terminal())
        assert "│  └─ aws:lb:TargetGroup" in text
        assert ("\x1b[32m" in text) is painted


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
