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
    services__shop__imageRepository={"name": "shop", "mutableTags": ["cache-*"]},
    services__shop__containers__web=_WEB,
    services__shop__loadBalancer__container="web",
    services__shop__loadBalancer__containerPort=80,
    services__shop__loadBalancer__rule={"priority": 2, "hostHeaders": ["a"], "pathPatterns": ["/a"]},
    services__shop__deployment__configuration={"type": "CANARY", "percentage": 10, "intervalMinutes": 5},
    services__shop__deployment__approvalWaitMinutes=30,
    services__shop__deployment__actionOnTimeout="STOP_DEPLOYMENT",
    services__shop__deployment__alarms__additionalNames=["other"],
)
"""A service that CodeDeploy releases."""

HOOKS = [
    {
        "type": "AWS_LAMBDA",
        "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:smoke",
        "stages": ["POST_TEST_TRAFFIC_SHIFT"],
        "details": {"url": "/health"},
    },
    {"type": "PAUSE", "stages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"], "timeoutMinutes": 30, "timeoutAction": "CONTINUE"},
]
"""A hook of each type."""

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
        services__shop__loadBalancer__testHeader={"name": "x-test", "value": "yes"},
        services__shop__serviceConnect=_MESH,
        services__shop__deployment={"controller": "ECS", **deployment},
    )
