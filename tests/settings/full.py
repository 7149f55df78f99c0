"""Stack files with a value for everything that most of them leave out."""

from __future__ import annotations

from typing import Any

from tests.settings.stack_files import merged, mesh, stack

_WEB = {
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
}
_CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/5f3d9c1e-7a42-4b0c-9e68-2d1f0a7c4b35"
_FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:verify"
_ADMISSION = {"type": "ADMISSION", "images": ["123456789012.dkr.ecr.eu-west-1.amazonaws.com/*", "nginx:1.27"]}
_SMOKE = {
    "type": "SMOKE",
    "path": "/a?test=1",
    "status": 204,
    "contains": "OK",
    "latencySeconds": 0.5,
    "attempts": 2,
    "host": "shop.example.com",
}
_PIPELINE = {
    "source": {
        "provider": "CodeConnections",
        "connectionArn": _CONNECTION,
        "repository": "shop/app",
        "branch": "main",
        "filePaths": ["web/**"],
    },
    "build": {
        "dockerfile": "web/Dockerfile",
        "context": "web",
        "arguments": {"VERSION": "1"},
        "architecture": "ARM64",
        "buildx": True,
        "computeType": "BUILD_GENERAL1_MEDIUM",
        "timeoutMinutes": 60,
    },
    "separate": True,
    "movingTag": "edge",
    "files": {"provider": "CodeCommit", "repository": "files", "branch": "main", "create": True, "forceDestroy": True},
    "container": "web",
    "name": "shop",
    "approvalMinutes": 60,
    "rollbackOnFailure": True,
    "executionMode": "SUPERSEDED",
    "notifications": {"topicArn": "arn:aws:sns:eu-west-1:123456789012:releases"},
    "artifactRetentionDays": 7,
    "logRetentionDays": 7,
}
FULL = merged(
    stack(),
    cluster={"namespace": "shop.local", "taskLogs": {"name": "/shop/tasks", "retentionDays": 7}},
    loadBalancer={
        "scheme": "internal",
        "certificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/1",
        "accessLogs": {"retentionDays": 7, "forceDestroy": True},
        "webAclArn": "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/a/b",
    },
    services__shop__family="f",
    services__shop__secretsKeyArn="arn:aws:kms:eu-west-1:123456789012:key/1",
    services__shop__imageRepository={"name": "shop", "mutableTags": ["cache-*", "edge"]},
    services__shop__containers__web=_WEB,
    services__shop__loadBalancer__container="web",
    services__shop__loadBalancer__containerPort=80,
    services__shop__loadBalancer__rule={"priority": 2, "hostHeaders": ["*.example.com"], "pathPatterns": ["/a"]},
    services__shop__loadBalancer__testPort=8443,
    services__shop__deployment__configuration={"type": "CANARY", "percentage": 10, "intervalMinutes": 5},
    services__shop__deployment__approvalWaitMinutes=30,
    services__shop__deployment__actionOnTimeout="STOP_DEPLOYMENT",
    services__shop__deployment__alarms__additionalNames=["other"],
    services__shop__deployment__hooks=[
        {"type": "AWS_LAMBDA", "functionArn": _FUNCTION, "events": ["BeforeInstall", "AfterAllowTraffic"]},
        {**_ADMISSION, "events": ["AfterInstall"]},
        {**_SMOKE, "events": ["AfterAllowTestTraffic"]},
    ],
    services__shop__pipeline=_PIPELINE,
)
"""A service that CodeDeploy releases."""

HOOKS = [
    {
        "type": "AWS_LAMBDA",
        "functionArn": _FUNCTION,
        "stages": ["POST_SCALE_UP"],
        "details": {"url": "/health"},
        "timeoutMinutes": 15,
    },
    {"type": "PAUSE", "stages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"], "timeoutMinutes": 30, "timeoutAction": "CONTINUE"},
    {**_ADMISSION, "stages": ["RECONCILE_SERVICE"]},
    {**_SMOKE, "stages": ["POST_TEST_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT"]},
    {"type": "APPROVAL", "stages": ["POST_TEST_TRAFFIC_SHIFT"], "timeoutMinutes": 720},
]
"""A hook of ECS of each type."""

_MESH = {
    "port": 8081,
    "discoveryName": "shop-v1",
    "dnsName": "shop.internal",
    "aliasPort": 8080,
    "testHeader": {"name": "x-test", "value": "yes"},
    "idleTimeoutSeconds": 60,
    "perRequestTimeoutSeconds": 0,
    "tls": {
        "certificateAuthorityArn": "arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/1",
        "kmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/1",
    },
    "accessLog": {"format": "TEXT", "includeQueryParameters": True},
    "connectsTo": ["blog"],
}


def full_native(**deployment: Any) -> dict[str, Any]:
    """The same service under the ECS controller, released like this, behind the load balancer and in the mesh."""
    return merged(
        FULL,
        services__blog=mesh(),
        services__shop__containers__api={"image": "nginx:1.27", "port": 8081, "portName": "api", "appProtocol": "http"},
        services__shop__loadBalancer__testPort=None,
        services__shop__loadBalancer__testHeader={"name": "x-test", "value": "yes"},
        services__shop__serviceConnect=_MESH,
        services__shop__deployment={"controller": "ECS", "taskDefinitionOwner": "pipeline", **deployment},
    )
