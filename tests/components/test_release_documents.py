"""What a release is described by: task definition, AppSpec and image as files."""

import json

import botocore.session
import pytest
import yaml
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from components.limits import Refused
from components.release_documents import (
    EVENTS,
    LARGEST,
    appspec_yaml,
    check_size,
    dumped,
    image_detail_json,
    task_definition,
    taskdef_json,
)

ROLES = ("arn:aws:iam::123456789012:role/task", "arn:aws:iam::123456789012:role/execution")
REGISTER = botocore.session.get_session().get_service_model("ecs").operation_model("RegisterTaskDefinition").input_shape
HOOK = "arn:aws:lambda:eu-west-1:123456789012:function:"


def task(**changes):
    """The smallest task, with other values for some of its arguments."""
    smallest = {"family": "shop", "cpu": 256, "memory": 512, "architecture": "ARM64"}
    return smallest | {"containers": {"web": {"image": "nginx:1.27", "port": 80}}} | changes


def test_task_definition(location):
    """It is what ECS registers: on Fargate with awsvpc, sizes as texts, both roles, no key that says nothing."""
    found = task_definition(task(), location, "shop-logs", *ROLES)
    (container,) = found.pop("containerDefinitions")
    assert found == {
        "family": "shop",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        "executionRoleArn": ROLES[1],
        "taskRoleArn": ROLES[0],
        "volumes": [],
    }
    assert (container["name"], container["image"]) == ("web", "nginx:1.27")
    assert container["logConfiguration"]["options"]["awslogs-group"] == "shop-logs"


def test_volumes_labels_and_tags(location):
    """Volumes are those of the writable paths, labels are every container's, tags are sorted."""
    containers = {"web": {"image": "nginx:1.27", "writable_paths": ["/tmp"]}, "proxy": {"image": "envoy:1"}}
    args = task(containers=containers, labels={"a": "b"}, tags={"team": "x", "stack": "dev"})
    found = task_definition(args, location, "g", *ROLES)
    assert found["volumes"] == [{"name": "web-0"}]
    assert [each["dockerLabels"] for each in found["containerDefinitions"]] == [{"a": "b"}] * 2
    assert found["tags"] == [{"key": "stack", "value": "dev"}, {"key": "team", "value": "x"}]


@pytest.mark.parametrize("tags", [None, {}])
def test_no_tags(location, tags):
    """ECS refuses an empty list of tags."""
    assert "tags" not in task_definition(task(tags=tags), location, "g", *ROLES)


def test_taskdef_json(location):
    """It is the task definition, but for the image of the container that is released (G57)."""
    containers = {"web": {"image": "nginx:1.27"}, "proxy": {"image": "envoy:1"}}
    definition = task_definition(task(containers=containers), location, "g", *ROLES)
    text = taskdef_json(definition, "web")
    found = json.loads(text)
    images = {each["name"]: each.pop("image") for each in found["containerDefinitions"]}
    assert images == {"proxy": "envoy:1", "web": "<IMAGE1_NAME>"}
    assert text.count("<") == 1
    assert text.endswith("\n}\n")
    for each in definition["containerDefinitions"]:
        del each["image"]
    assert found == definition


def test_the_task_definition_is_left_as_it_was(location):
    """The same values make the first revision, which has an image."""
    definition = task_definition(task(), location, "g", *ROLES)
    taskdef_json(definition, "web")
    assert definition["containerDefinitions"][0]["image"] == "nginx:1.27"


def test_no_such_container(location):
    """What can't be released is refused, with what can."""
    containers = {"web": {"image": "nginx:1.27"}, "proxy": {"image": "envoy:1"}}
    definition = task_definition(task(containers=containers), location, "g", *ROLES)
    with pytest.raises(Refused) as refused:
        taskdef_json(definition, "app")
    assert str(refused.value) == "given 'app'; allowed: proxy, web; the task has no other containers"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)
CHECKS = st.fixed_dictionaries(
    {"command": st.lists(TEXTS, min_size=1)},
    optional={"interval_seconds": st.integers(5, 300), "start_period_seconds": st.integers(0, 300)},
)
CONTAINERS = st.dictionaries(
    NAMES,
    st.fixed_dictionaries(
        {"image": TEXTS},
        optional={
            "port": st.integers(1, 65_535),
            "app_protocol": st.sampled_from(["http", "http2", "grpc"]),
            "command": st.lists(TEXTS),
            "entry_point": st.lists(TEXTS),
            "environment": st.dictionaries(TEXTS, TEXTS),
            "secrets": st.dictionaries(NAMES, st.sampled_from(["/shop/c", "arn:aws:ssm:eu-west-1:1:parameter/a"])),
            "health_check": CHECKS,
            "essential": st.booleans(),
            "user": TEXTS,
            "readonly_root_filesystem": st.booleans(),
            "writable_paths": st.lists(TEXTS),
            "stop_timeout_seconds": st.integers(2, 120),
        },
    ),
    min_size=1,
    max_size=3,
)


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(CONTAINERS, st.dictionaries(TEXTS, TEXTS), st.dictionaries(NAMES, TEXTS), st.data())
def test_what_ecs_registers(location, containers, labels, tags, data):
    """Whatever the task is, the file holds it, in the parameters of RegisterTaskDefinition."""
    args = task(containers=containers, labels=labels, tags=tags)
    definition = task_definition(args, location, "g", *ROLES)
    released = data.draw(st.sampled_from(sorted(containers)))
    found = json.loads(taskdef_json(definition, released))
    assert ParamValidator().validate(found, REGISTER).generate_report() == ""
    expected = [
        each | ({"image": "<IMAGE1_NAME>"} if each["name"] == released else {})
        for each in definition["containerDefinitions"]
    ]
    assert found == definition | {"containerDefinitions": expected}


def test_appspec_yaml():
    """It names the container that takes the traffic, and where its tasks run; CodeDeploy puts in the revision (G57)."""
    text = appspec_yaml("web", 8080, ["subnet-1", "subnet-2"], ["sg-1"])
    assert text == (
        "version: 0.0\n"
        "Resources:\n"
        "- TargetService:\n"
        "    Type: AWS::ECS::Service\n"
        "    Properties:\n"
        "      TaskDefinition: <TASK_DEFINITION>\n"
        "      LoadBalancerInfo:\n"
        "        ContainerName: web\n"
        "        ContainerPort: 8080\n"
        "      NetworkConfiguration:\n"
        "        AwsvpcConfiguration:\n"
        "          Subnets:\n"
        "          - subnet-1\n"
        "          - subnet-2\n"
        "          SecurityGroups:\n"
        "          - sg-1\n"
        "          AssignPublicIp: DISABLED\n"
    )


def test_hooks():
    """They are in the order in which CodeDeploy calls them, and only those that there are (G12)."""
    hooks = {event: f"{HOOK}{event}" for event in reversed(EVENTS)}
    document = yaml.safe_load(appspec_yaml("web", 80, ["subnet-1"], ["sg-1"], hooks))
    assert document["Hooks"] == [
        {"BeforeInstall": f"{HOOK}BeforeInstall"},
        {"AfterInstall": f"{HOOK}AfterInstall"},
        {"AfterAllowTestTraffic": f"{HOOK}AfterAllowTestTraffic"},
        {"BeforeAllowTraffic": f"{HOOK}BeforeAllowTraffic"},
        {"AfterAllowTraffic": f"{HOOK}AfterAllowTraffic"},
    ]
    only = yaml.safe_load(appspec_yaml("web", 80, ["subnet-1"], ["sg-1"], {"AfterInstall": HOOK}))
    assert only.pop("Hooks") == [{"AfterInstall": HOOK}]
    assert only == yaml.safe_load(appspec_yaml("web", 80, ["subnet-1"], ["sg-1"], {}))


# Names that YAML 1.1 would take for something else.
ODD = st.sampled_from(["on", "no", "1e3", "0x1F", "0o17", "012", "1_000", "null", "~", "2001-01-01", "12:30:45", "- a"])


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(
    NAMES | ODD, st.integers(1, 65_535), st.lists(NAMES | ODD), st.dictionaries(st.sampled_from(EVENTS), TEXTS | ODD)
)
def test_an_appspec_is_read_as_it_was_meant(container, port, names, hooks):
    """Whatever the names are, they stay texts."""
    document = yaml.safe_load(appspec_yaml(container, port, names, names, hooks))
    (resource,) = document["Resources"]
    properties = resource["TargetService"]["Properties"]
    configuration = properties["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert document["version"] == 0.0
    assert properties["LoadBalancerInfo"] == {"ContainerName": container, "ContainerPort": port}
    assert (configuration["Subnets"], configuration["SecurityGroups"]) == (names, names)
    assert document.get("Hooks", []) == [{event: hooks[event]} for event in EVENTS if event in hooks]


def test_a_long_text_stays_on_its_line():
    """A folded one is read as it was, but not by everyone who looks at it."""
    text = "one two three " * 20 + "four"
    assert dumped({"text": text}) == f"text: {text}\n"


def test_texts_of_several_lines():
    """They are written as they are read."""
    assert dumped({"b": "one\ntwo\n", "a": "one"}) == "b: |\n  one\n  two\na: one\n"


def test_image_detail_json():
    """It holds the one key that CodeDeployToECS reads (G57)."""
    assert image_detail_json("r/s@sha256:0") == '{"ImageURI": "r/s@sha256:0"}'


def test_size():
    """Bytes count, not characters; the last one that CodeDeployToECS reads is accepted (G56)."""
    check_size({"taskdef.json": "x" * (LARGEST - 2), "appspec.yaml": "ä"})
    with pytest.raises(Refused) as refused:
        check_size({"taskdef.json": "x" * (LARGEST - 1), "appspec.yaml": "ä"})
    assert str(refused.value) == (
        "given files of 3145729 bytes; allowed: at most 3145728 bytes; AWS would answer: 'Exception while trying to "
        "read the task definition artifact file from: Files' (G56)"
    )
