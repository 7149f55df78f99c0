"""Settings and the arguments of components are two lists of the same things, and stay in step."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, NotRequired, Required, Union, get_args, get_origin, is_typeddict

import pytest

import settings
from components.cluster import ClusterArgs
from components.codedeploy_service import CodeDeployServiceArgs
from components.containers import ContainerArgs
from components.fargate_task import FargateTaskArgs
from components.image_repository import ImageRepositoryArgs
from components.load_balancer import LoadBalancerArgs
from components.native_service import NativeServiceArgs
from components.network import NetworkArgs
from components.pipeline_args import BuildHostArgs, DeployArgs
from components.pipeline_source import SourceArgs
from components.rollback_alarms import RollbackAlarmsArgs
from components.service_connect import EndpointArgs, ServiceConnectArgs
from components.strategy import DeploymentArgs, HookArgs
from components.traffic_route import TrafficRouteArgs
from settings.cluster import Cluster
from settings.container import Container
from settings.deployment import Alarms, BlueGreen, Canary, CodeDeploy, Linear, Rolling
from settings.hook import (
    AdmissionEvent,
    AdmissionHook,
    ApprovalHook,
    LambdaEvent,
    LambdaHook,
    PauseHook,
    SmokeEvent,
    SmokeHook,
)
from settings.load_balancer import LoadBalancer
from settings.mistake import Model
from settings.network import Network
from settings.pipeline import Build, Notifications, Pipeline
from settings.route import Route
from settings.service import ImageRepository, Service
from settings.service_connect import ServiceConnect
from settings.source import CodeCommitSource, CodeConnectionsSource, EcrSource, S3Source
from tests.settings.full import FULL, HOOKS, full_native
from tests.settings.stack_files import merged, native, stack

NATIVE = [NativeServiceArgs, DeploymentArgs]

TAKEN: dict[type[Model], list[type]] = {
    Network: [NetworkArgs],
    Cluster: [ClusterArgs],
    LoadBalancer: [LoadBalancerArgs],
    ImageRepository: [ImageRepositoryArgs],
    Service: [FargateTaskArgs, CodeDeployServiceArgs, NativeServiceArgs],
    Container: [ContainerArgs],
    Route: [TrafficRouteArgs, CodeDeployServiceArgs, NativeServiceArgs],
    ServiceConnect: [ServiceConnectArgs, EndpointArgs],
    CodeDeploy: [CodeDeployServiceArgs],
    BlueGreen: NATIVE,
    Linear: NATIVE,
    Canary: NATIVE,
    Rolling: NATIVE,
    Alarms: [RollbackAlarmsArgs],
    **{model: [HookArgs] for model in (LambdaHook, PauseHook, SmokeHook, AdmissionHook, ApprovalHook)},
    **{model: [] for model in (LambdaEvent, SmokeEvent, AdmissionEvent, Notifications)},
    Pipeline: [DeployArgs],
    Build: [BuildHostArgs],
    **{model: [SourceArgs] for model in (CodeCommitSource, CodeConnectionsSource, S3Source, EcrSource)},
}
"""The arguments that take the settings of a model by name."""

_REQUEST = {"path", "status", "contains", "latency_seconds", "attempts", "host", "through"}

READ: dict[type[Model], set[str]] = {
    # The stack says whether there is a namespace, and what it is called where the file doesn't.
    Cluster: {"namespace"},
    LoadBalancer: {"scheme", "ingress_cidrs", "test_ingress_cidrs"},
    Service: {"load_balancer", "deployment", "service_connect", "image_repository", "pipeline"},
    # Its text becomes the command.
    Container: {"script"},
    Route: {"port", "test_port", "container", "container_port"},
    ServiceConnect: {"connects_to"},
    CodeDeploy: {"controller", "alarms", "hooks"},
    **{model: {"controller", "alarms"} for model in (BlueGreen, Linear, Canary, Rolling)},
    # What a hook's function judges by is its own affair.
    SmokeHook: _REQUEST,
    AdmissionHook: {"images"},
    LambdaEvent: {"type", "function_arn", "events"},
    SmokeEvent: {"type", "events", *_REQUEST},
    AdmissionEvent: {"type", "events", "images"},
    Pipeline: {
        "source",
        "build",
        "separate",
        "moving_tag",
        "files",
        "container",
        "name",
        "execution_mode",
        "notifications",
        "artifact_retention_days",
        "log_retention_days",
    },
    # The processor is called the host's there; buildx only allows for another than the tasks'.
    Build: {"architecture", "buildx"},
    CodeCommitSource: {"create", "force_destroy"},
    Notifications: {"emails", "topic_arn"},
}
"""The settings that the program reads itself, to decide which resources there are."""

COMPOSED: dict[type, set[str]] = {
    NetworkArgs: {"key_arn"},
    # Sessions in production containers are kept for a fixed time.
    ClusterArgs: {"log_retention_days", "namespace", "key_arn"},
    LoadBalancerArgs: {"vpc_id", "subnet_ids", "listeners", "internal", "protect"},
    ImageRepositoryArgs: {"key_arn"},
    FargateTaskArgs: {"repository_arns", "labels", "log_group_name", "exec_log_group_name", "key_arn"},
    ContainerArgs: set(),
    TrafficRouteArgs: {"vpc_id", "listener_arn", "test_listener_arn", "target_port"},
    RollbackAlarmsArgs: {"target_groups", "service_connect"},
    ServiceConnectArgs: {"namespace_arn", "log_group_name", "endpoint"},
    EndpointArgs: {"port_name", "app_protocol"},
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
        "hook_function_arns",
        "protect",
        # An own configuration, which a stack file writes in place of a predefined one.
        "traffic_shift",
    },
    NativeServiceArgs: {
        "cluster_name",
        "subnet_ids",
        "security_group_ids",
        "task_definition_arn",
        "deployment",
        "load_balancer",
        "service_connect",
        "alarm_names",
        "protect",
    },
    DeploymentArgs: set(),
    # The project's own functions are known by their names, others by their ARNs.
    HookArgs: {"function_name"},
    DeployArgs: set(),
    BuildHostArgs: {"host_architecture"},
    SourceArgs: {"own_bucket"},
}
"""The arguments that come from other components, besides location and tags."""


def released(**deployment: Any) -> Service:
    """The full service under the ECS controller, released like this."""
    return settings.parse(full_native(**deployment)).services["shop"]


@pytest.fixture(scope="module")
def full() -> dict[type[Model], Model]:
    """One model of each kind, with a value for everything."""
    parsed = settings.parse(FULL)
    shop, connected = parsed.services["shop"], released()
    pipeline = shop.pipeline
    assert shop.image_repository is not None
    assert pipeline is not None
    blue_green = released(strategy="BLUE_GREEN", bakeMinutes=5, hooks=HOOKS).deployment
    return {
        **{type(hook): hook for hook in blue_green.hooks},
        Pipeline: pipeline,
        Build: pipeline.build,
        CodeConnectionsSource: pipeline.source,
        CodeCommitSource: pipeline.files,
        S3Source: S3Source.model_validate({"provider": "S3", "bucket": "shop", "key": "app.zip"}),
        EcrSource: EcrSource.model_validate({"provider": "ECR", "tag": "edge"}),
        Network: parsed.network,
        Cluster: parsed.cluster,
        LoadBalancer: parsed.load_balancer,
        ImageRepository: shop.image_repository,
        Service: connected,
        Container: shop.containers["web"],
        Route: connected.load_balancer,
        ServiceConnect: connected.service_connect,
        CodeDeploy: shop.deployment,
        BlueGreen: blue_green,
        Linear: released(strategy="LINEAR", stepPercent=12.5, stepBakeMinutes=3).deployment,
        Canary: released(strategy="CANARY", canaryPercent=5, canaryBakeMinutes=3).deployment,
        Rolling: released(strategy="ROLLING", rollback=False).deployment,
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
    args = full[model].deployment() if wanted is DeploymentArgs else full[model].args(wanted)
    assert list(_strangers(args, wanted)) == []
    # The program gives these itself, and Python takes no argument twice; the namespace it puts in the place of ours.
    assert args.keys() & COMPOSED[wanted] <= {"traffic_shift", "namespace"}


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
        "test_path_patterns": [],
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
        **expected,
    }


ALARMED = {"task_definition_owner": "pulumi", "wait_for_steady_state": False}
BAKED = {"bake_minutes": 10, "hooks": []}


@pytest.mark.parametrize(
    ("deployment", "expected", "beside"),
    [
        ({}, {"strategy": "BLUE_GREEN", **BAKED}, ALARMED),
        (
            {
                "bakeMinutes": 0,
                "hooks": [*HOOKS[:2], HOOKS[-1]],
                "taskDefinitionOwner": "pipeline",
                "waitForSteadyState": True,
            },
            {
                "strategy": "BLUE_GREEN",
                "bake_minutes": 0,
                "hooks": [
                    {
                        "type": "AWS_LAMBDA",
                        "function_arn": "arn:aws:lambda:eu-west-1:123456789012:function:verify",
                        "stages": ["POST_SCALE_UP"],
                        "details": {"url": "/health"},
                        "timeout_minutes": 15,
                    },
                    {
                        "type": "PAUSE",
                        "stages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"],
                        "timeout_minutes": 30,
                        "timeout_action": "CONTINUE",
                    },
                    {
                        "type": "AWS_LAMBDA",
                        "function_name": "approval",
                        "function_arn": "approval",
                        "stages": ["POST_TEST_TRAFFIC_SHIFT"],
                        "timeout_minutes": 720,
                    },
                ],
            },
            {"task_definition_owner": "pipeline", "wait_for_steady_state": True},
        ),
        (
            {"strategy": "LINEAR"},
            {"strategy": "LINEAR", "step_percent": 10.0, "step_bake_minutes": 6, **BAKED},
            ALARMED,
        ),
        (
            {"strategy": "CANARY", "canaryPercent": 0.1, "canaryBakeMinutes": 1440},
            {"strategy": "CANARY", "canary_percent": 0.1, "canary_bake_minutes": 1440, **BAKED},
            ALARMED,
        ),
        ({"strategy": "ROLLING"}, {"strategy": "ROLLING"}, {**ALARMED, "rollback": True}),
        ({"strategy": "ROLLING", "rollback": False}, {"strategy": "ROLLING"}, {**ALARMED, "rollback": False}),
    ],
    ids=["default", "hooks", "linear", "canary", "rolling", "rolling without alarms"],
)
def test_a_strategy_has_the_settings_of_its_own_and_no_others(deployment, expected, beside):
    """How a release goes is one argument; who makes it and what stops it are others."""
    parsed = settings.parse(stack(shop=native(deployment={"controller": "ECS", **deployment})))
    own = parsed.services["shop"].deployment
    assert own.deployment() == expected
    assert own.args(NativeServiceArgs) == beside


def test_an_endpoint_has_all_that_a_stack_file_says_about_it():
    """Where clients connect to, how tests are told, how long to wait, and how it is encrypted."""
    assert released().endpoint("shop") == {
        "port_name": "api",
        "port": 8081,
        "app_protocol": "http",
        "discovery_name": "shop-v1",
        "dns_name": "shop.internal",
        "alias_port": 8080,
        "test_header": {"name": "x-test", "value": "yes"},
        "idle_timeout_seconds": 60,
        "per_request_timeout_seconds": 0,
        "tls": {
            "certificate_authority_arn": "arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/1",
            "kms_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/1",
        },
    }
