"""Container definitions as ECS reads them, and what their images and secrets need."""

from __future__ import annotations

import pytest

from components.containers import (
    ContainerArgs,
    container_definitions,
    ecr_repositories,
    port_name,
    secret_arns,
    volumes,
)

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf"


def test_the_smallest_container(location):
    """An image is enough; the root is read-only, the output goes to the log group, and what is empty is absent."""
    assert container_definitions({"web": {"image": "nginx:1.27"}}, "shop-logs", location) == [
        {
            "name": "web",
            "image": "nginx:1.27",
            "essential": True,
            "readonlyRootFilesystem": True,
            "stopTimeout": 30,
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "shop-logs",
                    "awslogs-region": "eu-west-1",
                    "awslogs-stream-prefix": "web",
                },
            },
        }
    ]


def test_a_container_with_everything(location):
    """Each argument has its place in the definition; variables and paths are sorted."""
    web: ContainerArgs = {
        "image": "nginx:1.27",
        "port": 80,
        "port_name": "http",
        "app_protocol": "http2",
        "command": ["serve"],
        "entry_point": ["sh", "-c"],
        "environment": {"B": "2", "A": "1"},
        "secrets": {"D": SECRET, "C": "/shop/c"},
        "health_check": {"command": ["CMD", "true"]},
        "essential": False,
        "user": "1000:1000",
        "readonly_root_filesystem": False,
        "writable_paths": ["/var/run", "/tmp", "/tmp"],
        "stop_timeout_seconds": 60,
    }
    assert container_definitions({"web": web}, "shop-logs", location) == [
        {
            "name": "web",
            "image": "nginx:1.27",
            "essential": False,
            "readonlyRootFilesystem": False,
            "stopTimeout": 60,
            "portMappings": [
                {"name": "http", "containerPort": 80, "hostPort": 80, "protocol": "tcp", "appProtocol": "http2"}
            ],
            "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
            "secrets": [
                {"name": "C", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/c"},
                {"name": "D", "valueFrom": SECRET},
            ],
            "mountPoints": [
                {"sourceVolume": "web-0", "containerPath": "/tmp", "readOnly": False},
                {"sourceVolume": "web-1", "containerPath": "/var/run", "readOnly": False},
            ],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "shop-logs",
                    "awslogs-region": "eu-west-1",
                    "awslogs-stream-prefix": "web",
                },
            },
            "systemControls": [{"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
            "command": ["serve"],
            "entryPoint": ["sh", "-c"],
            "user": "1000:1000",
            "healthCheck": {
                "command": ["CMD", "true"],
                "interval": 30,
                "timeout": 5,
                "retries": 3,
                "startPeriod": 0,
            },
        }
    ]


ANY_PORT = [{"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]


@pytest.mark.parametrize(
    ("container", "controls"),
    [
        ({"user": "65534:65534", "port": 80}, ANY_PORT),
        ({"user": "65534", "port": 1023}, ANY_PORT),
        ({"user": "nobody", "port": 80}, ANY_PORT),
        ({"user": "65534:65534", "port": 1024}, None),
        ({"user": "65534:65534"}, None),
        ({"user": "root", "port": 80}, None),
        ({"user": "0", "port": 80}, None),
        ({"user": "0:65534", "port": 80}, None),
        ({"user": "root:root", "port": 80}, None),
        ({"port": 80}, None),
    ],
)
def test_only_root_may_listen_on_a_low_port_unasked(location, container, controls):
    """Whoever else is to has the kernel's limit lifted; nobody else has."""
    (found,) = container_definitions({"web": {"image": "nginx:1.27", **container}}, "g", location)
    assert found.get("systemControls") == controls


def test_a_health_check_with_everything(location):
    """Each argument has its place in the check."""
    web: ContainerArgs = {
        "image": "nginx:1.27",
        "health_check": {
            "command": ["CMD-SHELL", "true"],
            "interval_seconds": 10,
            "timeout_seconds": 2,
            "retries": 1,
            "start_period_seconds": 20,
        },
    }
    assert container_definitions({"web": web}, "g", location)[0]["healthCheck"] == {
        "command": ["CMD-SHELL", "true"],
        "interval": 10,
        "timeout": 2,
        "retries": 1,
        "startPeriod": 20,
    }


def test_the_order_in_a_stack_file_makes_no_new_revision(location):
    """Containers are sorted by name."""
    one: ContainerArgs = {"image": "a:1"}
    two: ContainerArgs = {"image": "b:1"}
    definitions = container_definitions({"two": two, "one": one}, "g", location)
    assert definitions == container_definitions({"one": one, "two": two}, "g", location)
    assert [definition["name"] for definition in definitions] == ["one", "two"]


@pytest.mark.parametrize(
    ("container", "name"),
    [
        ("web", "web-80"),
        ("Web_App", "web_app-80"),
        ("a" * 61, "a" * 61 + "-80"),
        ("a" * 62, "a" * 61 + "-80"),
        ("b" + "-" * 61, "80"),
    ],
)
def test_a_port_is_named_after_its_container(location, container, name):
    """In the characters and the length that ECS takes: at most 64, lower-case, no hyphen at the start."""
    definitions = container_definitions({container: {"image": "nginx:1.27", "port": 80}}, "g", location)
    assert definitions[0]["portMappings"] == [
        {"name": name, "containerPort": 80, "hostPort": 80, "protocol": "tcp"},
    ]


def test_a_port_may_have_a_name_of_its_own(location):
    """By which Service Connect finds it."""
    web: ContainerArgs = {"image": "nginx:1.27", "port": 80, "port_name": "http"}
    assert port_name("web", web) == "http"
    assert port_name("web", {"image": "nginx:1.27", "port": 80}) == "web-80"
    assert container_definitions({"web": web}, "g", location)[0]["portMappings"][0]["name"] == "http"


def test_each_writable_path_has_a_volume_of_its_own():
    """A task's volumes are those of all its containers, each once."""
    containers: dict[str, ContainerArgs] = {
        "web": {"image": "a:1", "writable_paths": ["/b", "/a", "/b"]},
        "log": {"image": "a:1", "writable_paths": ["/a"]},
        "none": {"image": "a:1"},
    }
    assert volumes(containers) == ["log-0", "web-0", "web-1"]


def test_volumes_are_the_ones_that_containers_mount(location):
    """A mount point without a volume is refused by ECS."""
    containers: dict[str, ContainerArgs] = {
        "web-0": {"image": "a:1", "writable_paths": ["/a"]},
        "web": {"image": "a:1", "writable_paths": ["/a", "/b"]},
    }
    mounted = [
        point["sourceVolume"]
        for definition in container_definitions(containers, "g", location)
        for point in definition["mountPoints"]
    ]
    assert mounted == volumes(containers)
    assert len(set(mounted)) == 3


@pytest.mark.parametrize(
    ("image", "partition", "arns"),
    [
        ("nginx:1.27", "aws", []),
        ("public.ecr.aws/nginx/nginx:1.27", "aws", []),
        (
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:1.2",
            "aws",
            ["arn:aws:ecr:eu-west-1:123456789012:repository/shop/web"],
        ),
        (
            "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/web@sha256:0",
            "aws-cn",
            ["arn:aws-cn:ecr:cn-north-1:123456789012:repository/web"],
        ),
    ],
)
def test_private_repositories_are_those_that_images_name(image, partition, arns):
    """A public image needs no permission, one in ECR that of its own repository, in whatever account and region."""
    assert ecr_repositories({"web": {"image": image}}, partition) == arns


def test_each_repository_is_named_once():
    """Two containers may run images of one repository."""
    repository = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
    containers: dict[str, ContainerArgs] = {
        "a": {"image": f"{repository}/web:1"},
        "b": {"image": f"{repository}/web:2"},
        "c": {"image": f"{repository}/api:1"},
    }
    assert ecr_repositories(containers, "aws") == [
        "arn:aws:ecr:eu-west-1:123456789012:repository/api",
        "arn:aws:ecr:eu-west-1:123456789012:repository/web",
    ]


def test_secrets_are_permitted_without_key_and_version(location):
    """A reference may name a part of a secret; IAM knows only the whole."""
    containers: dict[str, ContainerArgs] = {
        "web": {"image": "a:1", "secrets": {"A": f"{SECRET}:password::", "B": SECRET, "C": "/shop/c"}},
        "api": {
            "image": "a:1",
            "secrets": {"A": "arn:aws:ssm:eu-west-1:123456789012:parameter/a", "C": "/shop/c"},
        },
    }
    assert secret_arns(containers, location) == {
        "ssm": [
            "arn:aws:ssm:eu-west-1:123456789012:parameter/a",
            "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/c",
        ],
        "secretsmanager": [SECRET],
    }


def test_without_secrets_nothing_is_permitted(location):
    """Services that no secret lives in are absent, not empty."""
    assert secret_arns({"web": {"image": "a:1"}}, location) == {}
    assert secret_arns({"web": {"image": "a:1", "secrets": {"A": "/a"}}}, location).keys() == {"ssm"}
