"""Stack files drawn from the JSON Schema of the settings, so that a new setting is drawn as soon as it exists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

import settings
from tests.settings.consistent import consistent
from tests.settings.stack_files import ECR_IMAGE, put

_MISTAKES = [
    row
    for name in ("refusals.yaml", "delivery_refusals.yaml")
    for row in yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))
]
_SCHEMA = settings.schema()
_MODELS = _SCHEMA["$defs"]
_ACCOUNT = "eu-west-1:123456789012"

_SAMPLES: dict[str, list[Any]] = {
    "name": ["blue-green", "shop", "a" * 20],
    "tags.*": ["x", ""],
    "tags.keys": ["team", "stack"],
    "encryptionKey": ["aws", "create", f"arn:aws:kms:{_ACCOUNT}:key/1"],
    "services.keys": ["shop", "api", "web-1", "a" * 18],
    "Network.cidrBlock": ["10.0.0.0/16", "10.1.0.0/20", "172.16.0.0/18"],
    "Cluster.namespace": ["service-connect.local", "internal"],
    "TaskLogs.name": ["/aws/ecs/tasks", "tasks"],
    # As many as the stand-in's regions have.
    "Network.availabilityZones": [2, 3],
    "LoadBalancer.ingressCidrs[]": ["0.0.0.0/0", "192.0.2.0/24"],
    "LoadBalancer.testIngressCidrs[]": ["198.51.100.0/24", "10.0.0.0/16"],
    "LoadBalancer.certificateArn": [f"arn:aws:acm:{_ACCOUNT}:certificate/1"],
    "LoadBalancer.sslPolicy": ["ELBSecurityPolicy-TLS13-1-3-2021-06"],
    "LoadBalancer.webAclArn": [f"arn:aws:wafv2:{_ACCOUNT}:regional/webacl/a/b"],
    "Service.family": ["family", "Family_1"],
    "Service.cpu": [512, 1024],
    "Service.memory": [2048, 4096, 3072],
    "Service.containers.keys": ["web", "side-car", "Log_1", "w" * 255],
    "Service.taskRolePolicyArns[]": ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::123456789012:policy/a/b"],
    "Service.secretsKeyArn": [f"arn:aws:kms:{_ACCOUNT}:key/1"],
    "Container.image": [ECR_IMAGE, "nginx:1.27"],
    "Container.port": [80, 8080, 81, 3000],
    "Container.portName": ["http", "a"],
    "Container.command[]": ["serve", ""],
    "Container.entryPoint[]": ["sh"],
    "Container.script": ["app/server.py"],
    "Container.user": ["1000:1000"],
    "Container.environment.keys": ["A", "B"],
    "Container.environment.*": ["1", "", "ä\n"],
    "Container.secrets.keys": ["B", "C"],
    "Container.secrets.*": ["/shop/c", f"arn:aws:secretsmanager:{_ACCOUNT}:secret:c-AbCdEf:key::"],
    "Container.writablePaths[]": ["/tmp", "/var/run"],
    "ContainerHealthCheck.command[]": ["CMD", "CMD-SHELL", "true"],
    "Route.port": [80, 443, 8443, 9000],
    "Route.testPort": [8080, 8081, 9000],
    "Route.testPathPatterns[]": ["/test/*", "/t"],
    "Header.name": ["x-test", "X-Amzn-Ecs-Blue-Green-Test"],
    "Header.value": ["yes", "a/b=1"],
    "Route.container": ["web", "side-car"],
    "Route.containerPort": [80, 8080],
    "TargetHealthCheck.path": ["/", "/health?x=1"],
    "TargetHealthCheck.matcher": ["200", "200-299,301"],
    "Rule.priority": [1, 2, 3, 49_998],
    "Rule.hostHeaders[]": ["a.example.com", "*.example.com", "b.example.com"],
    "Rule.pathPatterns[]": ["/a", "/a/*", "/b?", "/*"],
    "CodeDeploy.configuration": ["CodeDeployDefault.ECSAllAtOnce", "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"],
    "CodeDeploy.approvalWaitMinutes": [0, 1, 2880],
    "CodeDeploy.terminationWaitMinutes": [0, 5, 2800],
    "BlueGreen.bakeMinutes": [0, 5, 1440],
    "Linear.bakeMinutes": [0, 5],
    "Linear.stepPercent": [3, 12.5, 33.3, 100],
    "Linear.stepBakeMinutes": [0, 1440],
    "Canary.bakeMinutes": [0, 5],
    "Canary.canaryPercent": [0.1, 5, 100.0],
    "Canary.canaryBakeMinutes": [0, 1440],
    **{
        f"{hook}.functionArn": [
            f"arn:aws:lambda:{_ACCOUNT}:function:verify",
            f"arn:aws:lambda:{_ACCOUNT}:function:{'s' * 64}:live",
        ]
        for hook in ("LambdaHook", "LambdaEvent")
    },
    **{f"{hook}.timeoutMinutes": [1, 60, 1440] for hook in ("LambdaHook", "ApprovalHook")},
    **{
        f"{hook}.{key}": values
        for hook in ("SmokeHook", "SmokeEvent")
        for key, values in {
            "path": ["/", "/health?x=1&y=%20"],
            "contains": ["OK", "ä\n"],
            "latencySeconds": [0.1, 2, 30.0],
            "host": ["a.example.com", "b.example.com"],
            "through": ["shop", "api"],
        }.items()
    },
    **{f"{hook}.images[]": ["shop", f"{ECR_IMAGE}@sha256:{'a' * 64}"] for hook in ("AdmissionHook", "AdmissionEvent")},
    "LambdaHook.details.keys": ["url", "ä"],
    "LambdaHook.details.*": ["/health", ""],
    "PauseHook.timeoutMinutes": [1, 60, 20_160],
    "ServiceConnect.discoveryName": ["api", "_a-1"],
    "ServiceConnect.dnsName": ["api.internal", "api"],
    "ServiceConnect.connectsTo[]": ["shop", "api"],
    "Tls.certificateAuthorityArn": [f"arn:aws:acm-pca:{_ACCOUNT}:certificate-authority/1"],
    "Tls.kmsKeyArn": [f"arn:aws:kms:{_ACCOUNT}:key/1"],
    "TrafficShift.percentage": [1, 50, 99],
    "TrafficShift.intervalMinutes": [1, 2880],
    "Alarms.additionalNames[]": ["shop-errors", "other"],
    "Pipeline.separate": [True, False],
    "Pipeline.movingTag": ["latest", "edge"],
    "Pipeline.container": ["web", "side-car"],
    "Pipeline.name": ["shop", "p" * 81],
    "Pipeline.approvalMinutes": [5, 86_400],
    "Build.dockerfile": ["Dockerfile", "docker/it's a file"],
    "Build.context": [".", "services/shop"],
    "Build.arguments.keys": ["VERSION", "_b"],
    "Build.arguments.*": ["1", "", "$(id) '\"", "ä\n"],
    "Build.timeoutMinutes": [5, 2160],
    "CodeCommitSource.repository": ["shop", "team.api"],
    "CodeCommitSource.branch": ["main", "feature/a-1"],
    "CodeConnectionsSource.connectionArn": [
        f"arn:aws:{service}:{_ACCOUNT}:connection/5f3d9c1e-7a42-4b0c-9e68-2d1f0a7c4b35"
        for service in ("codeconnections", "codestar-connections")
    ],
    "CodeConnectionsSource.repository": ["shop/app", "group/team/api"],
    "CodeConnectionsSource.branch": ["main"],
    "CodeConnectionsSource.filePaths[]": ["web/**", "ä"],
    "S3Source.bucket": ["shop-sources", "a.b"],
    "S3Source.key": ["app.zip", "shop/app-1.0_(2).zip"],
    "EcrSource.tag": ["latest", "edge"],
    "Notifications.emails[]": ["a@example.com"],
    "Notifications.topicArn": [f"arn:aws:sns:{_ACCOUNT}:releases"],
    "ImageRepository.name": ["shop", "team/api"],
    "ImageRepository.mutableTags[]": ["cache-*", "edge"],
}
"""Right values of what the schema knows only as a text or a number."""

_OFTEN = {
    "Service.": ["deployment", "loadBalancer", "serviceConnect", "pipeline"],
    "Route.": ["testPort", "testHeader", "testPathPatterns"],
    "ServiceConnect.": ["port", "connectsTo"],
    "Pipeline.": ["separate"],
    **{f"{model}.": ["hooks"] for model in ("CodeDeploy", "BlueGreen", "Linear", "Canary")},
}
"""Keys that two of three mappings have, besides a few of the others."""


def _drawn(schema: dict[str, Any], path: str) -> st.SearchStrategy[Any]:
    if path in _SAMPLES:
        own = st.sampled_from(_SAMPLES[path])
        # A path with samples may also be written as a mapping, or not at all.
        others = [option for option in schema.get("anyOf", []) if "$ref" in option]
        return st.one_of(own, *(_drawn(option, path) for option in others))
    if "$ref" in schema:
        return model(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return st.one_of(*(_drawn(option, path) for option in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    return _typed(schema, path)


def _typed(schema: dict[str, Any], path: str) -> st.SearchStrategy[Any]:
    match schema["type"]:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema["minimum"], schema.get("maximum", 1_000_000))
        case "number":
            return st.floats(min_value=schema["exclusiveMinimum"], max_value=1000, exclude_min=True)
        case "array":
            return st.lists(_drawn(schema["items"], f"{path}[]"), min_size=schema.get("minItems", 0), max_size=3)
        case "object":
            keys = st.sampled_from(_SAMPLES[f"{path}.keys"])
            values = _drawn(schema["additionalProperties"], f"{path}.*")
            return st.dictionaries(keys, values, min_size=schema.get("minProperties", 0), max_size=3)
    raise AssertionError(f"{path}: give samples of this setting: {schema}")


def model(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Values of a model of the settings by its name."""
    definition = _MODELS[name]
    return _mapping(definition["properties"], definition.get("required", []), f"{name}.")


def _mapping(properties: dict[str, Any], required: list[str], path: str) -> st.SearchStrategy[dict[str, Any]]:
    drawn = {key: st.deferred(lambda k=key, s=schema: _drawn(s, path + k)) for key, schema in properties.items()}
    often = _OFTEN.get(path, [])
    optional = [key for key in properties if key not in (*required, *often)]

    def chosen(keys: list[str]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({key: drawn[key] for key in properties if key in (*required, *keys)})

    # A few keys at a time: with half of them, hardly any stack file would be without a mistake.
    some = st.lists(st.sampled_from(optional), max_size=3, unique=True) if optional else st.just([])
    each = st.tuples(*(st.sampled_from([[key], [key], []]) for key in often))
    return st.builds(lambda keys, more: sum(more, keys), some, each).flatmap(chosen)


@st.composite
def stack_files(draw: st.DrawFn) -> dict[str, Any]:
    """Stack files, as far as the schema tells right from wrong; some of them with a mistake that it can't see."""
    config = _SCHEMA["properties"]["config"]
    plain = {key.removeprefix(f"{settings.PROJECT}:"): schema for key, schema in config["properties"].items()}
    file = draw(_mapping(plain, ["services"], ""))
    if draw(st.integers(0, 7)) < 7:
        file = consistent(file)
    if draw(st.integers(0, 4)) >= 3:
        row = draw(st.sampled_from(_MISTAKES))
        file = put(row["set"], row["to"], file)
    return file
