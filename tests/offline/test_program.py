"""A program's resources are recorded as the engine would keep them; what it refuses is said in one message."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from types import ModuleType

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx
import pytest

from offline import project
from offline.deployment import Diagnostic, Resource
from offline.errors import OfflineError
from offline.program import run_program
from offline.value import UNKNOWN, Secret

URN = "urn:pulumi:dev::demo"
STACK = f"{URN}::pulumi:pulumi:Stack::demo-dev"
PROVIDER = f"{URN}::pulumi:providers:aws::default_7_51_1"
GROUP = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"


class Component(pulumi.ComponentResource):
    """A component with one child."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("demo:index:Component", name, None, opts)
        self.group = aws.lb.TargetGroup(f"{name}-blue", port=80, opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({"group_arn": self.group.arn})


def test_where_a_resource_is_declared(write_project):
    """File and line in the project, as the engine writes them; what is declared elsewhere has none."""
    program = """
        import pulumi_aws as aws, parts

        aws.lb.TargetGroup("web", port=80)
        parts.part()
        exec(compile("aws.lb.TargetGroup('elsewhere', port=80)", "/elsewhere/main.py", "exec"))
    """
    parts = """
        import pulumi_aws as aws

        def part():
            aws.lb.TargetGroup("part", port=80)
    """
    deployment = run_program(project.load(write_project(program, parts=parts), "dev"))
    assert {resource.name: resource.source for resource in deployment if resource.type == GROUP} == {
        "web": "project:///__main__.py#4",
        "part": "project:///parts.py#5",
        "elsewhere": "",
    }


def test_one_resource_completely(preview):
    """Everything a resource has: urn, id, checked inputs, outputs, parent, dependencies, provider, options."""

    def program() -> None:
        balancer = aws.lb.LoadBalancer("app")
        aws.lb.Listener(
            "app",
            load_balancer_arn=balancer.arn,
            port=80,
            default_actions=[{"type": "fixed-response", "fixed_response": {"content_type": "text/plain"}}],
            opts=pulumi.ResourceOptions(
                protect=True,
                retain_on_delete=True,
                delete_before_replace=True,
                ignore_changes=["default_actions"],
                replace_on_changes=["port"],
                additional_secret_outputs=["arn"],
                aliases=[pulumi.Alias(name="old"), "urn:pulumi:dev::demo::x:y:Z::older"],
                custom_timeouts=pulumi.CustomTimeouts(create="1h30m", delete="90s"),
                depends_on=[aws.cloudwatch.LogGroup("logs")],
            ),
        )

    listener = preview(program).find(LISTENER, "app")
    balancer_arn = listener.inputs["loadBalancerArn"]
    logs, balancer = f"{URN}::aws:cloudwatch/logGroup:LogGroup::logs", f"{URN}::aws:lb/loadBalancer:LoadBalancer::app"
    inputs = {
        "defaultActions": [{"type": "fixed-response", "fixedResponse": {"contentType": "text/plain"}}],
        "loadBalancerArn": balancer_arn,
        "port": 80,
    }
    assert listener == Resource(
        urn=f"{URN}::{LISTENER}::app",
        type=LISTENER,
        custom=True,
        id=listener.id,
        inputs=inputs,
        outputs={**inputs, "id": listener.id, "arn": Secret(listener.id)},
        parent=STACK,
        protect=True,
        dependencies=[logs, balancer],
        provider=listener.provider,
        property_dependencies={"defaultActions": [], "loadBalancerArn": [balancer], "port": []},
        additional_secret_outputs=["arn"],
        aliases=listener.aliases,
        custom_timeouts={"create": 5400, "delete": 90},
        retain_on_delete=True,
        ignore_changes=["defaultActions"],
        replace_on_changes=["port"],
    )
    assert listener.id.startswith(balancer_arn.replace(":loadbalancer/", ":listener/"))
    assert {f"{URN}::{LISTENER}::old", "urn:pulumi:dev::demo::x:y:Z::older"} <= set(listener.aliases)
    assert listener.provider_urn == PROVIDER
    assert listener.delete_before_replace is True


def test_a_component_and_its_child(preview):
    """The child's URN holds the component's type; the component has what it registered."""
    deployment = preview(lambda: Component("app"))
    component = deployment.find("demo:index:Component", "app")
    (child,) = deployment.children(component.urn)
    assert child.urn == f"{URN}::demo:index:Component${GROUP}::app-blue"
    assert (component.custom, component.id, component.provider) == (False, "", "")
    assert component.outputs == {"group_arn": child.outputs["arn"]}


def test_options_flow_through_a_component_as_in_the_engine(preview):
    """`protect` and `provider` reach children, `ignore_changes` doesn't."""

    def program() -> None:
        provider = aws.Provider("other", region="us-east-1")
        opts = pulumi.ResourceOptions(protect=True, providers=[provider], ignore_changes=["port"])
        Component("app", opts)

    child = preview(program).find(GROUP, "app-blue")
    assert (child.protect, child.ignore_changes) == (True, [])
    assert child.provider_urn == f"{URN}::pulumi:providers:aws::other"


def test_resources_live_where_their_provider_is(preview):
    """A provider of the program's own may be in another region than the stack."""

    def program() -> None:
        opts = pulumi.ResourceOptions(provider=aws.Provider("other", region="cn-north-1"))
        aws.ecs.Cluster("main", name="main", opts=opts)
        zones = aws.get_availability_zones(opts=pulumi.InvokeOptions(provider=opts.provider))
        pulumi.export("zone", zones.names[0])

    deployment = preview(program)
    cluster = deployment.find("aws:ecs/cluster:Cluster", "main")
    assert cluster.id == "arn:aws-cn:ecs:cn-north-1:123456789012:cluster/main"
    assert deployment.outputs == {"zone": "cn-north-1a"}


def test_the_default_provider_has_the_stack_configuration(preview):
    """One for each version, with the namespace's configuration."""
    deployment = preview(lambda: Component("app"), aws__profile="p")
    (provider,) = deployment.of_type("pulumi:providers:aws")
    assert provider.urn == PROVIDER
    assert provider.inputs == {"region": "eu-west-1", "profile": "p", "version": "7.51.1"}
    assert provider.parent == ""


def test_names_are_the_same_in_every_run(preview):
    """Automatic names and ids come from the URN."""
    first, second = preview(lambda: Component("app")), preview(lambda: Component("app"))
    assert first == second
    assert first.find(GROUP, "app-blue").inputs["name"].startswith("app-blue-")


def test_exports_and_secrets(preview):
    """Exports are the stack's outputs, secrets wrapped, also those that come from configuration."""

    def program() -> None:
        pulumi.export("plain", {"a": [1, 2.5, True]})
        pulumi.export("secret", pulumi.Output.secret("hunter2"))
        pulumi.export("nothing", None)

    assert preview(program).outputs == {"plain": {"a": [1, 2.5, True]}, "secret": Secret("hunter2")}


def test_a_secret_of_the_stack_file_stays_secret(write_project):
    """`require_secret` and an object with a secret in it give secret outputs with the stand-in."""
    folder = write_project(
        program="""
            import pulumi
            config = pulumi.Config()
            pulumi.export("pw", config.require_secret("pw"))
            pulumi.export("known as secret", pulumi.runtime.is_config_secret("demo:pw"))
            pulumi.export("inner", config.require_secret_object("nested")["pw"])
        """,
        config="config: {pw: {secure: v1:abc}, nested: {pw: {secure: v1:def}}}",
    )
    stand_in = Secret("[secret: not decrypted offline]")
    outputs = run_program(project.load(folder, "dev")).outputs
    assert outputs == {"pw": stand_in, "inner": stand_in, "known as secret": True}


def test_a_first_preview_knows_physical_names_only(preview):
    """Ids and computed values are unknown, and so is what is made from them; names are known."""

    def program() -> None:
        cluster = aws.ecs.Cluster("main", tags={"a": "b"})
        service = aws.ecs.Service("web", name="web", cluster=cluster.arn)
        pulumi.export("cluster", cluster.name)
        pulumi.export("id", cluster.id)
        pulumi.export("sentence", pulumi.Output.concat("runs in ", service.cluster))

    deployment = preview(program, first_preview=True)
    cluster = deployment.find("aws:ecs/cluster:Cluster", "main")
    name = cluster.inputs["name"]
    tags = {"a": "b"}
    assert cluster.id == ""
    assert cluster.outputs == {"name": name, "tags": tags, "tagsAll": tags, "arn": UNKNOWN, "id": UNKNOWN}
    assert cluster.provider == f"{PROVIDER}::{UNKNOWN}"
    assert deployment.find("aws:ecs/service:Service", "web").inputs == {"name": "web", "cluster": UNKNOWN}
    assert deployment.outputs == {"cluster": name, "id": UNKNOWN, "sentence": UNKNOWN}


def test_what_has_no_stand_in_stays_unknown(preview):
    """Nothing is made up: an apply on such a value doesn't run."""
    ran = []

    def program() -> None:
        queue = aws.sqs.Queue("jobs")
        queue.url.apply(ran.append)
        pulumi.export("url", queue.url)

    assert preview(program).outputs == {"url": UNKNOWN}
    assert ran == []


def test_a_read_resource_is_external(preview):
    """`Resource.get` keeps the id it was given, also in a first preview."""

    def program() -> None:
        aws.ecs.Cluster.get("shared", "arn:aws:ecs:eu-west-1:123456789012:cluster/shared")

    for first in (False, True):
        cluster = preview(program, first_preview=first).find("aws:ecs/cluster:Cluster", "shared")
        assert (cluster.external, cluster.custom) == (True, True)
        assert cluster.id == "arn:aws:ecs:eu-west-1:123456789012:cluster/shared"


def test_an_imported_resource_keeps_its_id(preview):
    """`import_` names a resource that exists."""

    def program() -> None:
        aws.ec2.SecurityGroup("web", opts=pulumi.ResourceOptions(import_="sg-1"))

    group = preview(program).find("aws:ec2/securityGroup:SecurityGroup", "web")
    assert (group.import_id, group.id) == ("sg-1", "sg-1")


def test_messages_of_the_program_are_kept(preview):
    """Info, warnings and errors, with the resource; debug lines are not."""

    def program() -> None:
        pulumi.log.debug("d")
        pulumi.log.info("i")
        pulumi.log.warn("w", Component("app"))

    assert preview(program).diagnostics == [
        Diagnostic("info", "i"),
        Diagnostic("warning", "w", f"{URN}::demo:index:Component::app"),
    ]


def test_default_tags_of_the_stack(preview):
    """`aws:defaultTags` go under the tags of a resource, as the provider stores them."""
    tags = json.dumps({"tags": {"team": "a"}})
    deployment = preview(lambda: aws.ecs.Cluster("main", tags={"x": "y"}), aws__defaultTags=tags)
    assert deployment.find("aws:ecs/cluster:Cluster", "main").inputs["tags"] == {"team": "a", "x": "y"}


def test_the_network_of_awsx(preview):
    """Ids of the expanded VPC reach the program, with dependencies on the component and on the subnets."""

    def program() -> None:
        network = awsx.ec2.Vpc(
            "net", number_of_availability_zones=2, subnet_strategy=awsx.ec2.SubnetAllocationStrategy.AUTO
        )
        aws.lb.LoadBalancer("app", subnets=network.public_subnet_ids)

    deployment = preview(program)
    subnet = f"{URN}::awsx:ec2:Vpc$aws:ec2/vpc:Vpc$aws:ec2/subnet:Subnet"
    balancer = deployment.find("aws:lb/loadBalancer:LoadBalancer", "app")
    assert balancer.inputs["subnets"] == [deployment.by_urn()[f"{subnet}::net-public-{number}"].id for number in (1, 2)]
    assert balancer.property_dependencies["subnets"] == [
        f"{subnet}::net-public-1",
        f"{subnet}::net-public-2",
        f"{URN}::awsx:ec2:Vpc::net",
    ]
    unknown = preview(program, first_preview=True).find("aws:lb/loadBalancer:LoadBalancer", "app")
    assert unknown.inputs["subnets"] in (UNKNOWN, [UNKNOWN, UNKNOWN])
    assert unknown.property_dependencies == balancer.property_dependencies


def boom() -> None:
    raise ValueError("first\n  second")


async def boom_later() -> None:
    await asyncio.sleep(0)
    raise ValueError("later")


def duplicate() -> None:
    aws.ecs.Cluster("main")
    aws.ecs.Cluster("main")


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (
            "import pulumi\nraise pulumi.RunError('cpu: 3; allowed: 256\\nmemory: 1')",
            "cpu: 3; allowed: 256\nmemory: 1",
        ),
        ("def f():\n    return {}['a']\nf()", "__main__.py:2: KeyError: 'a'"),
        ("raise ValueError('first\\n  second')", "__main__.py:1: ValueError: first second"),
        ("raise AssertionError", "__main__.py:1: AssertionError"),
        ("x = 1\n)", "__main__.py:2: SyntaxError: unmatched ')'"),
        ("import nothing_of_that_name", "__main__.py:1: ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("import sys\nsys.exit('no')", "the program exited with 'no'"),
        (
            "import pulumi_aws as aws\naws.ecs.Cluster('a')\naws.ecs.Cluster('a')",
            "__main__.py:3: Duplicate resource URN 'urn:pulumi:dev::demo::aws:ecs/cluster:Cluster::a'; "
            "try giving it a unique name",
        ),
        (
            "import pulumi_aws as aws\naws.lb.TargetGroup('a' * 25)",
            "__main__.py:2: aws:lb/targetGroup:TargetGroup (aaaaaaaaaaaaaaaaaaaaaaaaa): could not make instance of "
            "'aws:lb/targetGroup:TargetGroup': name 'aaaaaaaaaaaaaaaaaaaaaaaaa-' plus 7 random chars is longer than "
            "maximum length 32",
        ),
        (
            "import pulumi_aws as aws\naws.ec2.get_ami()",
            "aws:ec2/getAmi:getAmi has no offline answer; lookups that have one: "
            "getAvailabilityZones, getCallerIdentity, getPartition, getRegion",
        ),
        (
            "import pulumi\nimport pulumi_awsx as awsx\nawsx.ecs.FargateService('web')",
            "__main__.py:3: awsx:ecs:FargateService (web): this remote component has no offline stand-in",
        ),
        (
            "import pulumi\nimport pulumi_aws as aws\n"
            "aws.ecs.Cluster('a', opts=pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create='soon')))",
            "__main__.py:3: aws:ecs/cluster:Cluster (a): unable to parse customTimeout Value 'soon'; "
            "write it like 30s, 5m or 1h30m",
        ),
        (
            "import pulumi\npulumi.Output.from_input(1).apply(lambda _: 1 / 0)",
            "__main__.py:2: ZeroDivisionError: division by zero",
        ),
        (
            "import pulumi\npulumi.Config().require('missing')",
            "Missing required configuration variable 'demo:missing'\n"
            "\tplease set a value using the command `pulumi config set demo:missing <value>`",
        ),
    ],
)
def test_a_program_that_fails_says_so_in_one_message(write_project, program, message):
    """RunErrors in their own words; anything else with its place in the program, type and message."""
    loaded = project.load(write_project(program=program), "dev")
    with pytest.raises(OfflineError) as caught:
        run_program(loaded)
    assert str(caught.value) == message


def test_a_missing_program(write_project):
    """Neither a folder without __main__.py nor a `main:` that isn't there is run."""
    folder = write_project()
    (folder / "__main__.py").unlink()
    with pytest.raises(OfflineError, match=r"unable to find main python program `__main__.py` in"):
        run_program(project.load(folder, "dev"))
    (folder / "Pulumi.yaml").write_text("name: demo\nruntime: python\nmain: src\n")
    with pytest.raises(OfflineError, match=r"src doesn't exist; Pulumi.yaml names it as the program"):
        run_program(project.load(folder, "dev"))


def test_runs_do_not_see_each_other(write_project, tmp_path_factory, monkeypatch):
    """Configuration, exports, arguments, folder, import path and modules of one run are not the next one's."""
    program = """
        import pulumi, sys, os
        import shape
        pulumi.export(shape.NAME, pulumi.Config().get("value") or "none")
        pulumi.export("folder", os.getcwd())
        pulumi.export("arguments", sys.argv)
    """
    one = write_project(program=program, config="config: {value: 1}", shape="NAME = 'one'")
    other = tmp_path_factory.mktemp("other")
    for file in one.iterdir():
        if file.is_file():
            (other / file.name).write_text(file.read_text())
    (other / "shape.py").write_text("NAME = 'other'")
    (other / "Pulumi.dev.yaml").write_text("")
    shape = ModuleType("shape")
    monkeypatch.setitem(sys.modules, "shape", shape)
    before = (os.getcwd(), list(sys.path), list(sys.argv), gc.isenabled())
    for folder, name, value in ((one, "one", "1"), (other, "other", "none"), (one, "one", "1")):
        outputs = run_program(project.load(folder, "dev")).outputs
        assert outputs.pop("folder") == str(folder)
        assert outputs.pop("arguments") == [str(folder)]
        assert outputs == {name: value}
        assert sys.modules["shape"] is shape
    assert (os.getcwd(), list(sys.path), list(sys.argv), gc.isenabled()) == before


def test_a_failed_run_leaves_nothing_behind(preview):
    """The next run starts afresh, and asyncio has nothing to say about it."""
    for program in (boom, duplicate):
        with pytest.raises(OfflineError):
            preview(program)
    with pytest.raises(OfflineError, match="ValueError: later"):
        preview(lambda: pulumi.run(boom_later))
    assert len(preview(lambda: pulumi.export("a", 1))) == 1


def test_order_does_not_depend_on_the_order_of_registration(preview):
    """Dependencies first, else by URN."""

    def program() -> None:
        for name in ("b", "a", "c"):
            aws.ecs.Cluster(name)

    names = [resource.name for resource in preview(program)]
    assert names == ["demo-dev", "default_7_51_1", "a", "b", "c"]
