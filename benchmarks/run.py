"""One measured process: what it costs to import, to run the program, or to register the same resources flat.

Called as `python -m benchmarks.run KIND FOLDER`; prints a line of JSON with seconds by what was run, and the number of
resources. Start-up and memory are measured from outside.
"""

import asyncio
import gc
import importlib
import json
import re
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOADED = {
    "pulumi_aws.cloudwatch": "LogGroup",
    "pulumi_aws.codedeploy": "DeploymentGroup",
    "pulumi_aws.ec2": "SecurityGroup",
    "pulumi_aws.ecr": "Repository",
    "pulumi_aws.ecs": "Service",
    "pulumi_aws.iam": "Role",
    "pulumi_aws.lb": "TargetGroup",
    "pulumi_aws.vpc": "SecurityGroupIngressRule",
    "pulumi_awsx.ec2": "Vpc",
}
"""The provider modules that the dev stack uses, and what to ask of each: they load when they are looked into.

The mesh stack has `servicediscovery` in place of `ecr`, which is as quick to load.
"""

STOCK = 1_000
"""Resources up to which the SDK's own mocks are timed as well: beyond, they take longer than all the rest."""


def imports() -> None:
    """Import Pulumi and the provider modules of the dev stack, and nothing else."""
    import pulumi  # noqa: F401

    for module, name in LOADED.items():
        getattr(importlib.import_module(module), name)


def growth(folder: Path) -> dict[str, float]:
    """Preview the stacks `bench` of the projects in `folder`, in order of their size, once everything is loaded."""
    from offline import project
    from offline.program import run_program

    found: dict[str, float] = {}
    projects = {entry.name: project.load(entry, "bench") for entry in sorted(folder.iterdir(), key=_size)}
    run_program(next(iter(projects.values())))
    for name, loaded in projects.items():
        gc.collect()
        began = time.perf_counter()
        deployment = run_program(loaded)
        found[name] = time.perf_counter() - began
        found[f"{name} resources"] = len(deployment)
    return found


def _size(folder: Path) -> int:
    return int(folder.name)


def flat(folder: Path) -> dict[str, float]:
    """Preview the stack `bench` again, then register its resources by their own classes without any component.

    A property that refers to other resources waits for their ids, as it does in a flat program. Everything has been
    loaded by then for both. The flat program runs under the project's monitor, a small one under the SDK's own mocks
    too.
    """
    from offline import project
    from offline.program import run_program

    loaded = project.load(folder, "bench")
    wanted = [r for r in run_program(loaded) if r.custom and r.type.startswith("aws:") and "awsx:" not in r.urn]
    replay = _replay(wanted)
    times: dict[str, Callable[[], object]] = {
        "program": lambda: run_program(loaded),
        "flat": lambda: run_program(loaded, program=replay),
    }
    if len(wanted) <= STOCK:
        times["stock"] = lambda: _under_stock_mocks(replay)
    found: dict[str, float] = {"resources": len(wanted)}
    for name, run in times.items():
        gc.collect()
        began = time.perf_counter()
        run()
        found[name] = time.perf_counter() - began
    return found


def _replay(wanted: list[Any]) -> Callable[[], None]:
    """A program that declares these resources flat, each property taken from the resource it was taken from."""
    import pulumi

    attributes = ("arn", "name", "arnSuffix", "url")
    sources = {r.outputs[key]: (r.urn, _snake(key)) for r in wanted for key in attributes if key in r.outputs}
    sources |= {r.id: (r.urn, "id") for r in wanted}
    made: dict[str, Any] = {}

    def value(known: Any, waits: list[str]) -> Any:
        if isinstance(known, dict):
            return {key: value(item, waits) for key, item in known.items()}
        if isinstance(known, list):
            return [value(item, waits) for item in known]
        if not isinstance(known, str):
            return known
        urn, attribute = sources.get(known, ("", ""))
        if urn in made and urn in waits:
            return getattr(made[urn], attribute)
        if known.startswith("{") and waits:  # a document that is made of other resources' names
            return pulumi.Output.all(*(made[urn].id for urn in waits)).apply(lambda _: known)
        return known

    plan = [(_class(r.type), f"{r.name}-{n}", r) for n, r in enumerate(wanted)]

    def declare() -> None:
        made.clear()
        for cls, name, resource in plan:
            dependencies = resource.property_dependencies
            properties = {
                _snake(key): value(known, [urn for urn in dependencies.get(key, ()) if urn in made])
                for key, known in resource.inputs.items()
            }
            made[resource.urn] = cls(name, **properties)

    return declare


def _under_stock_mocks(declare: Callable[[], None]) -> None:
    import pulumi

    class Mocks(pulumi.runtime.Mocks):
        def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
            return f"{args.name}-id", {**args.inputs, "arn": f"arn:{args.name}"}

        def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
            raise NotImplementedError(args.token)

    with asyncio.Runner() as runner:
        asyncio.set_event_loop(runner.get_loop())
        pulumi.runtime.reset_options()
        pulumi.runtime.set_mocks(Mocks(), preview=False)
        pulumi.runtime.test(declare)()


def _class(token: str) -> Any:
    _, module, name = token.split(":")
    return getattr(importlib.import_module(f"pulumi_aws.{module.partition('/')[0]}"), name)


def _snake(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    kind, folder = sys.argv[1], Path(sys.argv[2])
    print(json.dumps({"imports": lambda _: imports(), "growth": growth, "flat": flat}[kind](folder)))
