"""Settings and the arguments of components are two lists of the same things, and stay in step."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, NotRequired, Required, Union, get_args, get_origin, is_typeddict

import pytest

import settings
from components.cluster import ClusterArgs
from components.codedeploy_service import CodeDeployServiceArgs
from components.fargate_task import FargateTaskArgs
from components.image_repository import ImageRepositoryArgs
from components.load_balancer import LoadBalancerArgs
from components.network import NetworkArgs
from components.rollback_alarms import RollbackAlarmsArgs
from components.traffic_route import TrafficRouteArgs
from settings.cluster import Cluster
from settings.deployment import Alarms, CodeDeploy
from settings.load_balancer import LoadBalancer
from settings.mistake import Model
from settings.network import Network
from settings.route import Route
from settings.service import ImageRepository, Service
from tests.settings.stack_files import merged, stack

TAKEN: dict[type[Model], list[type]] = {
    Network: [NetworkArgs],
    Cluster: [ClusterArgs],
    LoadBalancer: [LoadBalancerArgs],
    ImageRepository: [ImageRepositoryArgs],
    Service: [FargateTaskArgs, CodeDeployServiceArgs],
    Route: [TrafficRouteArgs, CodeDeployServiceArgs],
    CodeDeploy: [CodeDeployServiceArgs],
    Alarms: [RollbackAlarmsArgs],
}
"""The arguments that take the settings of a model by name."""

READ: dict[type[Model], set[str]] = {
    LoadBalancer: {"scheme", "ingress_cidrs", "test_ingress_cidrs"},
    Service: {"load_balancer", "deployment", "image_repository"},
    Route: {"port", "test_port", "container", "container_port"},
    CodeDeploy: {"controller", "alarms"},
}
"""The settings that the program reads itself, to decide which resources there are."""

COMPOSED: dict[type, set[str]] = {
    NetworkArgs: {"key_arn"},
    # Sessions in production containers are kept for a fixed time.
    ClusterArgs: {"log_retention_days", "key_arn"},
    LoadBalancerArgs: {"vpc_id", "subnet_ids", "listeners", "internal", "protect"},
    ImageRepositoryArgs: {"key_arn"},
    FargateTaskArgs: {"repository_arns", "exec_log_group_name", "key_arn"},
    TrafficRouteArgs: {"vpc_id", "listener_arn", "test_listener_arn", "target_port"},
    RollbackAlarmsArgs: {"load_balancer_arn_suffix", "target_group_arn_suffixes"},
    CodeDeployServiceArgs: {
        "cluster_name",
        "subnet_ids",
        "security_group_ids",
        "task_definition_arn",
        "task_role_arn",
        "execution_role_arn",
        "container_name",
        "container_port",
        "blue_arn",
        "target_group_names",
        "listener_arn",
        "test_listener_arn",
        "rule_arns",
        "alarm_names",
        "protect",
        # An own configuration, which a stack file writes in place of a predefined one.
        "traffic_shift",
    },
}
"""The arguments that come from other components, besides location and tags."""

FULL = merged(
    stack(),
    loadBalancer={
        "scheme": "internal",
        "certificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/1",
        "accessLogs": {"retentionDays": 7, "forceDestroy": True},
        "webAclArn": "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/a/b",
    },
    services__shop__family="f",
    services__shop__secretsKeyArn="arn:aws:kms:eu-west-1:123456789012:key/1",
    services__shop__imageRepository={"name": "shop", "mutableTags": ["cache-*"]},
    services__shop__containers__web={
        "image": "nginx:1.27",
        "port": 80,
        "portName": "http",
        "appProtocol": "http",
        "command": ["run"],
        "entryPoint": ["sh"],
        "environment": {"A": "1"},
        "secrets": {"B": "/b"},
        "user": "1000",
        "writablePaths": ["/tmp"],
        "healthCheck": {"command": ["CMD", "true"]},
    },
    services__shop__loadBalancer__container="web",
    services__shop__loadBalancer__containerPort=80,
    services__shop__loadBalancer__rule={"priority": 1, "hostHeaders": ["a"], "pathPatterns": ["/a"]},
    services__shop__deployment__configuration={"type": "CANARY", "percentage": 10, "intervalMinutes": 5},
    services__shop__deployment__approvalWaitMinutes=30,
    services__shop__deployment__actionOnTimeout="STOP_DEPLOYMENT",
    services__shop__deployment__alarms__additionalNames=["other"],
)


@pytest.fixture(scope="module")
def full() -> dict[type[Model], Model]:
    """One model of each kind, with a value for everything."""
    parsed = settings.parse(FULL)
    shop = parsed.services["shop"]
    assert shop.image_repository is not None
    return {
        Network: parsed.network,
        Cluster: parsed.cluster,
        LoadBalancer: parsed.load_balancer,
        ImageRepository: shop.image_repository,
        Service: shop,
        Route: shop.load_balancer,
        CodeDeploy: shop.deployment,
        Alarms: shop.deployment.alarms,
    }


@pytest.mark.parametrize("model", TAKEN, ids=lambda model: model.__name__)
def test_every_setting_reaches_a_component_or_the_program(model):
    """A setting that nothing reads would be a promise that nobody keeps."""
    taken = {name for wanted in TAKEN[model] for name in wanted.__annotations__.keys() - COMPOSED[wanted]}
    assert model.model_fields.keys() - taken == READ.get(model, set())


@pytest.mark.parametrize("wanted", COMPOSED, ids=lambda wanted: wanted.__name__)
def test_every_argument_comes_from_a_setting_or_another_component(wanted):
    """An argument that nobody gives could not be reached from a stack file."""
    given = {name for model, takers in TAKEN.items() if wanted in takers for name in model.model_fields}
    assert wanted.__annotations__.keys() - (given - COMPOSED[wanted]) - {"location", "tags"} == COMPOSED[wanted]


@pytest.mark.parametrize(
    ("model", "wanted"),
    [(model, wanted) for model, takers in TAKEN.items() for wanted in takers],
    ids=lambda kind: kind.__name__,
)
def test_arguments_have_the_keys_and_types_that_components_expect(full, model, wanted):
    """Down to the nested ones: mock registrations would take a misspelt key without a word."""
    args = full[model].args(wanted)
    assert list(_strangers(args, wanted)) == []
    # The program gives these itself, and Python takes no argument twice.
    assert args.keys() & COMPOSED[wanted] <= {"traffic_shift"}


def _strangers(value: Any, kind: Any, path: str = "") -> Any:
    """Paths of `value` that the TypedDict `kind` has no key for, or whose value has another type."""
    kind = _plain(kind)
    if is_typeddict(kind):
        hints = kind.__annotations__
        yield from (f"{path}.{name} missing" for name in kind.__required_keys__ if path and name not in value)
        for name, item in value.items():
            if name in hints:
                yield from _strangers(item, hints[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}"
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _strangers(item, get_args(kind)[1], f"{path}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from _strangers(item, get_args(kind)[0], f"{path}[]")
    elif isinstance(kind, type) and not isinstance(value, kind) and not (kind is float and isinstance(value, int)):
        yield f"{path} is a {type(value).__name__}"


def _plain(kind: Any) -> Any:
    """A type without what may stand around it: NotRequired, None, Input."""
    while get_origin(kind) in (NotRequired, Required, Union, UnionType):
        kind = next(item for item in get_args(kind) if item is not NoneType)
    return kind


def test_settings_that_are_not_set_are_left_to_the_component():
    """A component tells `None` from nothing only where it says so; the settings give nothing."""
    route = settings.parse(stack()).services["shop"].load_balancer
    assert route.args(TrafficRouteArgs) == {
        "health_check": {
            "path": "/",
            "matcher": "200",
            "interval_seconds": 15,
            "timeout_seconds": 5,
            "healthy_threshold": 2,
            "unhealthy_threshold": 3,
        },
        "deregistration_delay_seconds": 30,
    }


@pytest.mark.parametrize(
    ("deployment", "expected"),
    [
        (
            {},
            {
                "configuration": "CodeDeployDefault.ECSCanary10Percent5Minutes",
                "action_on_timeout": "CONTINUE_DEPLOYMENT",
            },
        ),
        (
            {"approvalWaitMinutes": 30},
            {
                "configuration": "CodeDeployDefault.ECSCanary10Percent5Minutes",
                "action_on_timeout": "STOP_DEPLOYMENT",
                "approval_wait_minutes": 30,
            },
        ),
        (
            {"configuration": {"type": "LINEAR", "percentage": 20, "intervalMinutes": 3}},
            {
                "traffic_shift": {"type": "LINEAR", "percentage": 20, "interval_minutes": 3},
                "action_on_timeout": "CONTINUE_DEPLOYMENT",
            },
        ),
    ],
    ids=["default", "approval", "own"],
)
def test_a_release_is_configured_by_name_or_by_an_own_shift(deployment, expected):
    """Never both; and the action follows from the wait."""
    parsed = settings.parse(merged(stack(), services__shop__deployment=deployment))
    assert parsed.services["shop"].deployment.args(CodeDeployServiceArgs) == {
        "approval_wait_minutes": 0,
        "termination_wait_minutes": 10,
        "auto_rollback": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        "hook_function_arns": [],
        **expected,
    }
