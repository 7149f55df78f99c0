"""Changes to what Fargate asks of a service and its tasks."""

from __future__ import annotations

from tests.policies.cases import Case, drop, fail, put, several, undecided
from tests.policies.graph import Change, Graph
from tests.policies.stacks import native
from value import UNKNOWN

SUBNETS = "networkConfiguration.subnets"
PUBLIC = "networkConfiguration.assignPublicIp"
COMPATIBILITIES = "requiresCompatibilities"
LAUNCH = "launchType"
PROVIDERS = "capacityProviderStrategies"


def _add_task_set(graph: Graph) -> None:
    properties = {"platformVersion": "1.3.0", "networkConfiguration": {"assignPublicIp": True}}
    graph.add("set", "aws:ecs/taskSet:TaskSet", properties)


def _chosen(name: str, prop: str) -> Change:
    """What the program leaves out, and the provider will fill in."""
    return lambda graph: graph.resources[name].computed.update({prop: "chosen"})


def _on_instances(graph: Graph) -> None:
    """A service on instances, whose tasks have a shape that is not Fargate's."""
    graph.put("service", LAUNCH, "EC2").drop("service", "networkConfiguration")
    graph.put("task", COMPATIBILITIES, ["EC2"]).put("task", "networkMode", "bridge")
    graph.drop("task", "cpu").drop("task", "memory")


SHAPE = (("networkMode", "awsvpc"), ("cpu", "512"), ("memory", "1024"))

SIZE_CASES = [
    *(
        Case(
            f"cpu {str(cpu)[:9]} with memory {memory}",
            several(put("task", "cpu", cpu), put("task", "memory", memory)),
            [],
        )
        for cpu, memory in (
            ("256", "512"),
            ("256", "2048"),
            (512.0, 4096.0),
            ("1024", "2048"),
            ("2048", "16384"),
            ("4096", "30720"),
            ("8192", "20480"),
            ("16384", "122880"),
            (".25 vCPU", "0.5 GB"),
            ("0.5 vCPU", "1 GB"),
            ("1 vcpu", "2GB"),
            ("16vCPU", "120 gb"),
        )
    ),
    *(
        Case(
            f"cpu {str(cpu)[:9]} with memory {memory}",
            several(put("task", "cpu", cpu), put("task", "memory", memory)),
            [fail("bg-fargate-shape", "task", prop)],
        )
        for cpu, memory, prop in (
            ("256", "1536", "memory"),
            ("256", "4096", "memory"),
            ("512", "512", "memory"),
            ("1024", "2.5 GB", "memory"),
            ("8192", "17408", "memory"),
            ("1024", None, "memory"),
            ("1024", "much", "memory"),
            ("1024", [], "memory"),
            ("128", "512", "cpu"),
            ("3 vCPU", "8 GB", "cpu"),
            ("32768", "122880", "cpu"),
            (0.5, "1024", "cpu"),
            ("1e999", "1024", "cpu"),
            ("9" * 5000 + " vCPU", "1024", "cpu"),
            ("nan", "1024", "cpu"),
            (None, "1024", "cpu"),
        )
    ),
    Case(
        "memory that this cpu lacks",
        put("task", "memory", "512"),
        [fail("bg-fargate-shape", "task", "memory")],
        says="task: memory is none of Fargate's sizes with cpu 512, which are 1024 to 4096.",
    ),
    Case(
        "cpu of no size",
        put("task", "cpu", "500"),
        [fail("bg-fargate-shape", "task", "cpu")],
        says="task: cpu is none of Fargate's sizes: 256, 512, 1024, 2048, 4096, 8192, 16384.",
    ),
    *(
        Case(f"unknown {prop}", put("task", prop, UNKNOWN), [undecided("bg-fargate-shape", "task", prop)])
        for prop in ("cpu", "memory")
    ),
]

SHAPE_CASES = [
    *(
        Case(
            f"network mode {mode}",
            put("task", "networkMode", mode),
            [fail("bg-fargate-shape", "task", "networkMode")],
            says="task: networkMode is not awsvpc, the only network mode of Fargate.",
        )
        for mode in ("bridge", None)
    ),
    Case(
        "an unknown network mode leaves the size judged",
        several(put("task", "networkMode", UNKNOWN), put("task", "memory", "512")),
        [undecided("bg-fargate-shape", "task", "networkMode"), fail("bg-fargate-shape", "task", "memory")],
    ),
    *(
        Case(
            f"a Fargate service whose task definition is for {names}",
            several(put("task", COMPATIBILITIES, names), put("task", "cpu", "100")),
            [fail("bg-fargate-shape", "task", "cpu"), fail("bg-fargate-shape", "task", COMPATIBILITIES)],
        )
        for names in (["EC2"], [], None)
    ),
    Case(
        "a Fargate service whose task definition does not say where it runs",
        drop("task", COMPATIBILITIES),
        [fail("bg-fargate-shape", "task", COMPATIBILITIES)],
        says="task: requiresCompatibilities lacks FARGATE, on which service runs its tasks.",
    ),
    Case(
        "a task definition for Fargate and instances",
        several(put("task", COMPATIBILITIES, ["EC2", "FARGATE"]), put("task", "cpu", "100")),
        [fail("bg-fargate-shape", "task", "cpu")],
    ),
    Case(
        "unknown compatibilities",
        put("task", COMPATIBILITIES, UNKNOWN),
        [
            undecided("bg-fargate-shape", "task", COMPATIBILITIES),
            undecided("bg-fargate-shape", "service", COMPATIBILITIES),
        ],
    ),
    Case("a service on instances", _on_instances, []),
    Case(
        "no network at a first preview, where AWS will choose the launch type",
        several(drop("service", LAUNCH), drop("service", "networkConfiguration"), _chosen("service", LAUNCH)),
        [fail("bg-fargate-shape", "service", SUBNETS)],
        preview=True,
    ),
    Case(
        "no network mode at a first preview, where AWS will choose it",
        several(drop("task", "networkMode"), drop("task", COMPATIBILITIES), _chosen("task", "networkMode")),
        [fail("bg-fargate-shape", "task", "networkMode"), fail("bg-fargate-shape", "task", COMPATIBILITIES)],
        preview=True,
    ),
    Case(
        "a service on instances, of tasks that could run on Fargate",
        several(
            _on_instances, put("task", COMPATIBILITIES, ["EC2", "FARGATE"]), *(put("task", *each) for each in SHAPE)
        ),
        [],
    ),
    Case(
        "no subnets",
        put("service", SUBNETS, []),
        [fail("bg-fargate-shape", "service", SUBNETS)],
        says=f"service: {SUBNETS} is not set; a Fargate task gets its network interface in one of them.",
    ),
    Case("no network", drop("service", "networkConfiguration"), [fail("bg-fargate-shape", "service", SUBNETS)]),
    Case("subnets that only the update tells", put("service", SUBNETS, UNKNOWN), []),
    Case(
        "an unknown network",
        put("service", "networkConfiguration", UNKNOWN),
        [
            undecided("bg-fargate-shape", "service", "networkConfiguration"),
            undecided("sec-service-no-public-ip", "service", "networkConfiguration"),
        ],
    ),
    *(
        Case(
            f"no network on capacity provider {provider}",
            several(
                drop("service", LAUNCH),
                put("service", PROVIDERS, [{"capacityProvider": "own"}, {"capacityProvider": provider}]),
                drop("service", "networkConfiguration"),
            ),
            [fail("bg-fargate-shape", "service", SUBNETS)] if provider.startswith("FARGATE") else [],
        )
        for provider in ("FARGATE", "FARGATE_SPOT", "instances")
    ),
    Case(
        "no network where only the task definition says Fargate",
        several(drop("service", LAUNCH), drop("service", "networkConfiguration")),
        [fail("bg-fargate-shape", "service", SUBNETS)],
    ),
    Case(
        "no network where the task definition is another stack's",
        several(
            drop("service", LAUNCH),
            drop("service", "networkConfiguration"),
            put("service", "taskDefinition", "elsewhere:3"),
        ),
        [],
    ),
    Case(
        "a task definition that nothing tells",
        put("service", "taskDefinition", UNKNOWN),
        [undecided("bg-fargate-shape", "service", "taskDefinition")],
    ),
    Case(
        "an unknown launch type",
        put("service", LAUNCH, UNKNOWN),
        [undecided("bg-fargate-shape", "service", LAUNCH)],
    ),
    Case(
        "a task definition alone",
        lambda graph: graph.add("alone", graph.resources["task"].type, {**graph["task"], "memory": "64"}),
        [fail("bg-fargate-shape", "alone", "memory")],
    ),
]

PLATFORM_CASES = [
    *(
        Case(f"platform {str(version)[:10]}", put("service", "platformVersion", version), [])
        for version in ("1.4.0", "1.4", "1.10", "2", None)
    ),
    *(
        Case(
            f"platform {str(version)[:10]}",
            put("service", "platformVersion", version),
            [fail("sec-fargate-platform", "service", "platformVersion")],
            says="service: platformVersion is neither LATEST nor 1.4.0 or later.",
        )
        for version in ("1.3.0", "1.0.0", "1", "latest", "1.4.0-beta", "9" * 5000)
    ),
    Case(
        "an unknown platform",
        put("service", "platformVersion", UNKNOWN),
        [undecided("sec-fargate-platform", "service", "platformVersion")],
    ),
]

ADDRESS_CASES = [
    Case(
        "a public address",
        put("service", PUBLIC, True),
        [fail("sec-service-no-public-ip", "service", PUBLIC)],
        says="service: networkConfiguration.assignPublicIp is true: each task gets a public address.",
    ),
    Case(
        "a public address of a native service",
        put("service", PUBLIC, True),
        [fail("sec-service-no-public-ip", "service", PUBLIC)],
        stack=native,
        preview=True,
    ),
    *(
        Case(
            f"a public address, allowed by {glob}",
            put("service", PUBLIC, True),
            [],
            config={"sec-service-no-public-ip": {"allowFor": [glob]}},
        )
        for glob in ("serv*", "*::service")
    ),
    Case(
        "a public address, perhaps",
        put("service", PUBLIC, UNKNOWN),
        [undecided("sec-service-no-public-ip", "service", PUBLIC)],
    ),
    Case(
        "a task set with a public address, on an old platform",
        _add_task_set,
        [fail("sec-fargate-platform", "set", "platformVersion"), fail("sec-service-no-public-ip", "set", PUBLIC)],
    ),
]

CASES = [*SIZE_CASES, *SHAPE_CASES, *PLATFORM_CASES, *ADDRESS_CASES]
