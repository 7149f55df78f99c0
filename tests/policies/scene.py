"""Makes a rule's fix, a diff of a few lines of Python, a program that can be run.

`  ` lines are common; with the `- ` lines they break the rule, with the `+ ` lines they keep it. What the
lines don't show is filled in, compliant with every rule: an Ellipsis argument of a resource stands for all
arguments that neither side gives, and what `compliant.NAMES` knows is there when it is named. Around the
lines stands a whole stack, in which the resources that they declare take the place of its own.
"""

from __future__ import annotations

import ast
import json
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pulumi
import pulumi_aws
from pulumi.runtime.proto import analyzer_pb2

from offline import request
from offline.deployment import Deployment
from offline.program import run_program
from offline.project import Project
from tests.policies import compliant
from tests.policies.pack import Line, Pack

ROOT = Path(__file__).parents[2]


def run(
    program: Callable[[], object], *, stack: str = "prod", region: str = "eu-west-1", first_preview: bool = False
) -> Deployment:
    """A preview of a program."""
    settings = {"aws:region": region}
    project = Project("shop", stack, ROOT, ROOT, settings)
    return run_program(project, program=program, first_preview=first_preview)


class Said(NamedTuple):
    """One finding: the rule, the resource's name, the property, and the verdict."""

    rule: str
    name: str
    path: str
    verdict: str


def lines(pack: Pack, deployment: Deployment) -> list[Line]:
    """What a running pack says of a deployment."""
    providers = {each.urn: request.provider(each) for each in deployment if each.type.startswith("pulumi:providers:")}
    alone = [line for each in deployment for line in pack.analyze(request.analyze(each, providers))]
    stack = analyzer_pb2.AnalyzeStackRequest(resources=[request.stack_resource(each, providers) for each in deployment])
    return alone + pack.analyze_stack(stack)


def judged(pack: Pack, deployment: Deployment) -> list[Said]:
    """What a running pack finds in a deployment, sorted."""
    return sorted(said(line) for line in lines(pack, deployment))


def said(line: Line) -> Said:
    """The parts of a diagnostic, of whose text the first line is the rule's description."""
    sentence = line.message.splitlines()[1]
    name = line.urn.rpartition("::")[2]
    kind, _, rest = sentence.partition(": ")
    if kind == "undecided":
        return Said(line.rule, name, rest.partition(": ")[2].partition(" ")[0], kind)
    if kind == "rule error":
        return Said(line.rule, name, "", kind)
    return Said(line.rule, name, rest.partition(" ")[0] if kind == name else "", "fail")


def is_diff(fix: str) -> bool:
    """True if every line has its margin and both sides differ."""
    lines = [line for line in fix.splitlines() if line.strip()]
    return all(line[:2] in ("  ", "- ", "+ ") for line in lines) and any(line[0] in "-+" for line in lines)


def side(fix: str, sign: str) -> str:
    """One side of a diff as a program: the common lines and those of this sign."""
    kept = (line[2:] for line in fix.splitlines() if line[:2] in ("  ", f"{sign} ", ""))
    return textwrap.dedent("\n".join(kept)) + "\n"


def program(fix: str, sign: str) -> Callable[[], None]:
    """The program that one side of a diff stands for."""
    code = compile(side(fix, sign), f"<{sign} side>", "exec")
    shown = arguments(side(fix, "-"), side(fix, "+"))

    def declare() -> None:
        scene = Scene(shown)
        exec(code, scene)
        compliant.surround(scene)

    return declare


Shown = dict[tuple[str, str], set[str]]
"""What calls are seen with on either side, by class and logical name.

Arguments, the keys below them as `.container_port`, and options as `opts.protect`.
"""


def arguments(*sources: str) -> Shown:
    """What the calls of several programs are given, together."""
    found: Shown = defaultdict(set)
    for call in (node for source in sources for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        if call.args and isinstance(call.args[0], ast.Constant):
            found[_path(ast.unparse(call.func)), str(call.args[0].value)] |= set(_shown(call))
    return found


def _shown(call: ast.Call) -> Iterator[str]:
    for keyword in call.keywords:
        yield str(keyword.arg)
        if keyword.arg == "opts" and isinstance(keyword.value, ast.Call):
            yield from (f"opts.{option.arg}" for option in keyword.value.keywords)
        for node in ast.walk(keyword.value):
            if isinstance(node, ast.Dict):
                yield from (f".{key.value}" for key in node.keys if isinstance(key, ast.Constant))


class Scene(dict[str, Any]):
    """The names that a program may use; what it does not define is made when it is first named."""

    def __init__(self, shown: Shown | None = None) -> None:
        self.shown = shown or {}
        self.declared: list[tuple[pulumi.Resource, str]] = []
        super().__init__(aws=_Module(pulumi_aws, "", self), pulumi=pulumi, json=json)

    def __missing__(self, name: str) -> Any:
        made = compliant.make(self, name)
        return self.setdefault(name, made)

    def shows(self, path: str) -> bool:
        """True if either side declares a resource of this class, `ecr.LifecyclePolicy`."""
        return any(shown == path for shown, _ in self.shown)

    def new(self, path: str, *args: Any, **given: Any) -> Any:
        """A resource of a class of the provider's SDK, `ecr.Repository`."""
        class_: Any = pulumi_aws
        for step in path.split("."):
            class_ = getattr(class_, step)
        return self.declare(class_, path, *args, **given)

    def declare(self, class_: Any, path: str, *args: Any, **given: Any) -> Any:
        """A resource; an Ellipsis argument stands for all that neither side gives."""
        logical_name, *more = [arg for arg in args if arg is not ...]
        if ... in args:
            shown = self.shown.get((path, logical_name), set()) | given.keys()
            filled = compliant.ARGUMENTS[path](self, logical_name, shown, given)
            options = _options(filled.pop("opts", None), given.pop("opts", None), shown)
            given = {**{name: value for name, value in filled.items() if name not in shown}, **given, "opts": options}
        resource = class_(logical_name, *more, **given)
        self.declared.append((resource, path))
        for name in compliant.stands_for(path, logical_name, given):
            self.setdefault(name, resource)
        return resource


def _options(filled: pulumi.ResourceOptions | None, given: Any, shown: set[str]) -> pulumi.ResourceOptions:
    """The given options, and of the others those that neither side shows."""
    options = given or pulumi.ResourceOptions()
    for name, value in vars(filled).items() if filled else ():
        if value is not None and getattr(options, name) is None and f"opts.{name}" not in shown:
            setattr(options, name, value)
    return options


def _path(written: str) -> str:
    """A class as `compliant` knows it: `aws.alb.Listener` is `lb.Listener`."""
    path = written.removeprefix("aws.")
    return f"lb.{path.removeprefix('alb.')}" if path.startswith("alb.") else path


class _Module:
    """A module of the SDK whose classes take Ellipsis arguments."""

    def __init__(self, module: ModuleType, path: str, scene: Scene) -> None:
        self._module, self._path, self._scene = module, path, scene

    def __getattr__(self, name: str) -> Any:
        found, path = getattr(self._module, name), f"{self._path}{name}"
        if isinstance(found, ModuleType):
            return _Module(found, f"{path}.", self._scene)
        if isinstance(found, type) and issubclass(found, pulumi.Resource):
            return lambda *args, **given: self._scene.declare(found, _path(path), *args, **given)
        return found
