"""What a policy pack costs over its real protocol: start-up, one resource, a whole stack.

Called as `python -m benchmarks.pack`; prints a line of JSON with the figures by pack. The resources are those of a
production stack with as many services as it takes.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks import stack_file
from benchmarks.stack_file import ROOT
from offline import project, request
from offline.deployment import Deployment
from offline.packprocess import PackProcess
from offline.program import run_program

SIZES = (100, 1_000, 5_000)
PLAIN = {"ECS_BLUE_GREEN_POLICIES_PLAIN": "1"}
EMPTY = {
    "PulumiPolicy.yaml": "runtime: python\n",
    "__main__.py": """\
from pulumi_policy import PolicyPack, ResourceValidationPolicy, StackValidationPolicy
PolicyPack("empty", [
    ResourceValidationPolicy("resource", "Does nothing.", lambda args, report: None),
    StackValidationPolicy("stack", "Does nothing.", lambda args, report: None),
])
""",
}
"""A pack that looks at nothing: what the SDK costs by itself."""


def main() -> None:
    """Measure the pack, the same on the SDK's own path, and an empty pack."""
    with tempfile.TemporaryDirectory() as folder:
        stack_file.write(Path(folder), 1, stack="prod")
        preview = run_program(project.load(Path(folder), "prod"))
    stacks = {size: grown(preview, size) for size in SIZES}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in EMPTY.items():
            Path(folder, name).write_text(text)
        found = {
            "this pack": measure(ROOT / "policies", stacks, {}),
            "the same, decoded by the SDK": measure(ROOT / "policies", stacks, PLAIN),
            "an empty pack": measure(Path(folder), stacks, {}),
        }
    print(json.dumps(found))


def grown(preview: Deployment, size: int) -> Deployment:
    """The preview with copies of its service, under names and ids of their own, up to a number of resources."""
    document = json.loads(preview.dump())
    resources = document["deployment"]["resources"]
    service = [each for each in resources if "BlueGreenService" in each["urn"]]
    text = json.dumps(service)
    ids = {each["id"] for each in service if "id" in each and "service-0" not in each["id"]}
    for number in range(1, 1 + size // len(service)):
        copy = text.replace("service-0", f"service-{number}")
        for id_ in ids:
            copy = copy.replace(id_, f"{id_}{number}")
        resources += json.loads(copy)
    del resources[size:]
    return Deployment.load(json.dumps(document))


def measure(folder: Path, stacks: dict[int, Deployment], environment: dict[str, str]) -> dict[str, float]:
    """Seconds to start, milliseconds of an Analyze (p50, p95), seconds of an AnalyzeStack by number of resources."""
    began = time.perf_counter()
    with started(folder, environment) as stub:
        figures = {"start": time.perf_counter() - began}
        resources = list(stacks[min(stacks)])
        messages = [request.analyze(resource, {}) for resource in resources]
        for message in messages:
            stub.Analyze(message)
        times = sorted(_seconds(stub.Analyze, message) for _ in range(5) for message in messages)
        figures["p50"] = 1000 * statistics.median(times)
        figures["p95"] = 1000 * times[int(len(times) * 0.95)]
        for size, stack in stacks.items():
            figures[str(size)] = _seconds(stub.AnalyzeStack, whole(stack))
    return figures


def whole(stack: Deployment) -> Any:
    """An AnalyzeStackRequest."""
    from pulumi.runtime.proto import analyzer_pb2

    return analyzer_pb2.AnalyzeStackRequest(resources=[request.stack_resource(resource, {}) for resource in stack])


@contextmanager
def started(folder: Path, environment: dict[str, str]) -> Iterator[Any]:
    """A running pack, by its gRPC stub."""
    import grpc
    from pulumi.runtime.proto import analyzer_pb2_grpc

    os.environ.update(environment)
    try:
        process = PackProcess(folder, None, dry_run=True)
    finally:
        for name in environment:
            del os.environ[name]
    unlimited = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
    with closing(process), grpc.insecure_channel(f"127.0.0.1:{process.port()}", options=unlimited) as channel:
        yield analyzer_pb2_grpc.AnalyzerStub(channel)


def _seconds(call: Any, message: Any) -> float:
    began = time.perf_counter()
    call(message)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
