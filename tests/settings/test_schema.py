"""The JSON Schema of a stack file: what an editor completes and checks while one is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator, ValidationError

import settings
from components import limits
from components.build_project import ComputeType
from components.release_documents import EVENTS
from components.strategy import STAGES
from settings.types import RetentionDays
from tests.settings.full import FULL, HOOKS, full_native
from tests.settings.stack_files import MODELS, delivered, merged, mesh, native, put, service, stack, without

SCHEMA = settings.schema()
CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/5f3d9c1e-7a42-4b0c-9e68-2d1f0a7c4b35"
PREFIX = f"{settings.PROJECT}:"


def written(file: dict[str, Any]) -> dict[str, Any]:
    """The settings as a stack file has them."""
    return {"config": {PREFIX + key: value for key, value in file.items()} | {"aws:region": "eu-west-1"}}


def findings(document: dict[str, Any]) -> list[str]:
    """Paths that an editor would underline."""
    errors = Draft202012Validator(SCHEMA).iter_errors(document)
    return sorted({path for error in errors for path in _places(error)})


def _places(error: ValidationError) -> Iterator[str]:
    # A setting that may be null is one of two kinds, of which only the other was meant.
    if error.validator == "anyOf" and {"type": "null"} in error.validator_value:
        for meant in error.context or []:
            if meant.validator_value != "null":
                yield from _places(meant)
    else:
        yield error.json_path


def properties() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property of every model, by path."""
    for key, value in SCHEMA["properties"]["config"]["properties"].items():
        yield key, value
    for name, model in SCHEMA["$defs"].items():
        for key, value in model["properties"].items():
            yield f"{name}.{key}", value


def test_it_is_a_valid_schema():
    """Editors refuse a broken schema as a whole."""
    Draft202012Validator.check_schema(SCHEMA)


def test_it_covers_every_model():
    """No part of a stack file is left unchecked."""
    assert SCHEMA["$defs"].keys() | {"Settings"} == {model.__name__ for model in MODELS}


@pytest.mark.parametrize(("path", "value"), list(properties()), ids=[path for path, _ in properties()])
def test_every_property_is_described(path, value):
    """An editor shows a sentence beside each key."""
    assert value["description"].endswith("."), path


def test_it_holds_exactly_the_keys_of_the_settings():
    """Every key is namespaced, and one that isn't listed is refused."""
    config = SCHEMA["properties"]["config"]
    assert list(config["properties"]) == [
        f"{PREFIX}{key}"
        for key in ("name", "tags", "encryptionKey", "protect", "network", "cluster", "loadBalancer", "services")
    ]
    assert config["required"] == [f"{PREFIX}services"]


@pytest.mark.parametrize(
    ("model", "key", "expected"),
    [
        ("FlowLogs", "trafficType", {"enum": ["ACCEPT", "REJECT", "ALL"]}),
        ("FlowLogs", "retentionDays", {"enum": list(get_args(RetentionDays))}),
        ("Network", "natGateways", {"enum": ["None", "Single", "OnePerAz"]}),
        ("Service", "architecture", {"enum": ["X86_64", "ARM64"]}),
        ("Service", "desiredCount", {"type": "integer", "minimum": 0, "maximum": 5000}),
        ("Service", "containers", {"type": "object", "minProperties": 1, "maxProperties": 10}),
        ("Rule", "priority", {"type": "integer", "minimum": 1, "exclusiveMaximum": 49_999}),
        ("TargetHealthCheck", "timeoutSeconds", {"type": "integer", "minimum": 2, "maximum": 120}),
        ("CodeDeploy", "controller", {"const": "CODE_DEPLOY"}),
        ("Alarms", "latencyP95Seconds", {"type": "number", "exclusiveMinimum": 0}),
        ("Alarms", "additionalNames", {"type": "array", "maxItems": 4}),
        ("BlueGreen", "controller", {"const": "ECS"}),
        ("BlueGreen", "strategy", {"const": "BLUE_GREEN", "default": "BLUE_GREEN"}),
        ("Linear", "strategy", {"const": "LINEAR"}),
        ("Linear", "stepPercent", {"type": "number", "default": 10.0}),
        ("Canary", "canaryBakeMinutes", {"type": "integer", "default": 10}),
        ("Rolling", "rollback", {"type": "boolean", "default": True}),
        ("BlueGreen", "taskDefinitionOwner", {"enum": ["pulumi", "pipeline"], "default": "pulumi"}),
        ("PauseHook", "timeoutAction", {"enum": ["ROLLBACK", "CONTINUE"], "default": "ROLLBACK"}),
        ("LambdaHook", "type", {"const": "AWS_LAMBDA"}),
        ("LambdaHook", "timeoutMinutes", {"type": "integer", "default": 60}),
        ("SmokeHook", "attempts", {"type": "integer", "minimum": 1, "maximum": 5, "default": 3}),
        ("SmokeEvent", "latencySeconds", {"type": "number", "minimum": 0.1, "maximum": 30, "default": 2.0}),
        ("CodeConnectionsSource", "provider", {"const": "CodeConnections"}),
        ("CodeConnectionsSource", "filePaths", {"type": "array", "maxItems": 8}),
        ("EcrSource", "tag", {"type": "string", "default": "latest"}),
        ("Build", "computeType", {"enum": list(get_args(ComputeType)), "default": "BUILD_GENERAL1_SMALL"}),
        ("Pipeline", "executionMode", {"enum": ["QUEUED", "SUPERSEDED"], "default": "QUEUED"}),
        ("Pipeline", "logRetentionDays", {"enum": list(get_args(RetentionDays)), "default": 30}),
        ("Pipeline", "artifactRetentionDays", {"type": "integer", "minimum": 1, "maximum": 3650}),
        ("ProxyAccessLog", "format", {"enum": ["TEXT", "JSON"], "default": "JSON"}),
        ("TaskLogs", "retentionDays", {"enum": list(get_args(RetentionDays)), "default": 30}),
    ],
)
def test_choices_and_ranges_arrive(model, key, expected):
    """What the models limit by value, the editor limits too."""
    assert SCHEMA["$defs"][model]["properties"][key].items() >= expected.items()


@pytest.mark.parametrize(
    ("hook", "stages"),
    [
        *((hook, STAGES) for hook in ("LambdaHook", "PauseHook", "AdmissionHook", "ApprovalHook")),
        # Once tests reach green, and while no traffic is moving.
        ("SmokeHook", [STAGES[4], STAGES[5], STAGES[7]]),
        ("LambdaEvent", EVENTS),
        ("SmokeEvent", EVENTS[2:]),
        # Once there are tasks, and before it is too late.
        ("AdmissionEvent", EVENTS[1:4]),
    ],
)
def test_stages_are_offered_one_by_one(hook, stages):
    """In the order in which a release goes through them."""
    offered = SCHEMA["$defs"][hook]["properties"]["events" if hook.endswith("Event") else "stages"]
    assert (offered["items"]["enum"], offered["minItems"]) == (list(stages), 1)


def test_endpoints_are_offered_one_by_one():
    """A list's items have their choices too."""
    items = SCHEMA["$defs"]["Network"]["properties"]["vpcEndpoints"]["items"]
    assert items["enum"] == list(get_args(limits.Endpoint))


def deployed(port: int = 80, **deployment: Any) -> dict[str, Any]:
    """A service under the ECS controller that is released like this."""
    return native(loadBalancer={"port": port}, deployment={"controller": "ECS", **deployment})


CODECOMMIT = {"provider": "CodeCommit", "repository": "app", "branch": "main"}
SOURCES = [
    CODECOMMIT,
    {"provider": "CodeConnections", "connectionArn": CONNECTION, "repository": "shop/app", "branch": "main"},
    {"provider": "S3", "bucket": "sources", "key": "app.zip"},
    {"provider": "ECR"},
]
ACCEPTED = {
    "the smallest": stack(),
    "several services": stack(one=service(), two=service(loadBalancer={"port": 81, "testPort": 90})),
    "no flow logs": put("network.flowLogs", None),
    "an own shift": put(
        "services.shop.deployment.configuration", {"type": "LINEAR", "percentage": 10, "intervalMinutes": 1}
    ),
    "a service of the ECS controller": stack(shop=native()),
    "each strategy": stack(
        one=deployed(81, strategy="BLUE_GREEN", bakeMinutes=5),
        two=deployed(82, strategy="LINEAR", stepPercent=12.5),
        three=deployed(83, strategy="CANARY", canaryPercent=1, canaryBakeMinutes=0),
        four=deployed(84, strategy="ROLLING", rollback=False),
    ),
    "hooks": stack(shop=deployed(hooks=HOOKS) | {"loadBalancer": {"testPort": 81}}),
    "everything of the ECS controller": full_native(strategy="CANARY", hooks=HOOKS),
    "everything of CodeDeploy": FULL,
    "the mesh": stack(
        one=mesh(), two=native(serviceConnect={"connectsTo": ["one"], "accessLog": {}}, loadBalancer={"port": 81})
    ),
    "no service in the mesh, said aloud": stack(shop=service(serviceConnect=None)),
    "a test header": stack(shop=native(loadBalancer={"testHeader": {"name": "x-test", "value": "yes"}})),
    "no pipeline, said aloud": stack(shop=service(pipeline=None)),
    "hooks of CodeDeploy": stack(
        shop=service(loadBalancer={"testPort": 81}, deployment={"hooks": [{"type": "ADMISSION"}, {"type": "SMOKE"}]})
    ),
    **{f"a pipeline from {source['provider']}": stack(shop=delivered(service(), source=source)) for source in SOURCES},
    "a pipeline of the ECS controller": stack(shop=delivered(native())),
    "two pipelines": stack(shop=delivered(service(), separate=True, files=CODECOMMIT | {"repository": "files"})),
    "everything shared": merged(stack(), name="shop", tags={"a": "b"}, cluster={}, loadBalancer={"scheme": "internal"}),
}


@pytest.mark.parametrize("file", ACCEPTED.values(), ids=ACCEPTED)
def test_it_accepts_what_the_settings_accept(file):
    """An editor underlines nothing that `pulumi up` would take."""
    settings.parse(file)
    assert findings(written(file)) == []


KEY = f"$.config['{PREFIX}"
SHOP = f"{KEY}services'].shop"
DEPLOYMENT = f"{SHOP}.deployment"
PULUMI = {"controller": "ECS", "taskDefinitionOwner": "pulumi"}


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        (written(put("networks", {})), ["$.config"]),
        (written(put("network.nat", "Single")), [f"{KEY}network']"]),
        (written(put("services.shop.image", "nginx:1.27")), [f"{KEY}services'].shop"]),
        (written(put("services.shop.containers.web.ports", [80])), [f"{KEY}services'].shop.containers.web"]),
        (written(put("services.shop.desiredCount", "2")), [f"{KEY}services'].shop.desiredCount"]),
        (written(put("services.shop.loadBalancer.testPort", 65536)), [f"{KEY}services'].shop.loadBalancer.testPort"]),
        (written(put("network.natGateways", "none")), [f"{KEY}network'].natGateways"]),
        (written(put("services", {})), [f"{KEY}services']"]),
        (written(without("services.shop.loadBalancer")), [f"{KEY}services'].shop"]),
        (written(put("services.shop.loadBalancer", None)), [f"{KEY}services'].shop.loadBalancer"]),
        (written(put("services.shop.serviceConnect", {"port": 8080})), [f"{KEY}services'].shop.serviceConnect"]),
        (written(put("services.shop.deployment.controller", "EXTERNAL")), [DEPLOYMENT]),
        (written(put("services.shop.deployment.strategy", "BLUE_GREEN")), [DEPLOYMENT]),
        (written(stack(shop=deployed(strategy="BLUE_GREEN", stepPercent=10))), [DEPLOYMENT]),
        (written(stack(shop=deployed(strategy="ROLLING", bakeMinutes=10))), [DEPLOYMENT]),
        (written(stack(shop=deployed(terminationWaitMinutes=10))), [DEPLOYMENT]),
        (written(stack(shop=deployed(hooks=[{"type": "PAUSE"}]))), [DEPLOYMENT]),
        (written(stack(shop=mesh(serviceConnect={"port": "80"}))), [f"{KEY}services'].shop.serviceConnect.port"]),
        (written(put("cluster.taskLogs", {"retentionDays": 30})), [f"{KEY}cluster'].taskLogs"]),
        (written(stack(shop=delivered(service()) | {"imageRepository": None})), [f"{SHOP}.imageRepository"]),
        (written(stack(shop=delivered(mesh()) | {"deployment": {"controller": "ECS"}})), [DEPLOYMENT]),
        (
            written(stack(shop=delivered(native(deployment={"controller": "ECS"})) | {"deployment": PULUMI})),
            [f"{DEPLOYMENT}.taskDefinitionOwner"],
        ),
        (written(stack(shop=delivered(service(), source={"provider": "GitHub"}))), [f"{SHOP}.pipeline.source"]),
        (written(stack(shop=delivered(service(), source={"provider": "S3"}))), [f"{SHOP}.pipeline.source"]),
        (
            written(stack(shop=delivered(service(), files=CODECOMMIT | {"provider": "S3"}))),
            [f"{SHOP}.pipeline.files.provider"],
        ),
        (written(stack(shop=delivered(service(), executionMode="PARALLEL"))), [f"{SHOP}.pipeline.executionMode"]),
        (written(stack(shop=delivered(service(), build={"timeout": 5}))), [f"{SHOP}.pipeline.build"]),
        (written(put("services.shop.deployment.hooks", [{"type": "APPROVAL"}])), [DEPLOYMENT]),
        (written(without("services")), ["$.config"]),
    ],
)
def test_it_refuses_at_the_place_of_the_mistake(document, paths):
    """Unknown keys at every level, wrong types, choices and ranges, what is missing."""
    assert findings(document) == paths


def test_it_leaves_the_keys_of_others_alone():
    """A provider's settings, and all that Pulumi itself keeps in a stack file."""
    document = written(stack())
    document["config"] |= {"aws:region": "eu-west-1", "aws:defaultTags": {"tags": {"a": "b"}}, "other:name": []}
    assert findings(document | {"encryptionsalt": "v1:x", "environment": ["aws/dev"]}) == []
