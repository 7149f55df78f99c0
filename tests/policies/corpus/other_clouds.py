"""No AWS at all: other providers' resources, some with names that AWS knows too."""

from __future__ import annotations

from typing import Any

import pulumi

FOUND: list[tuple[str, str, str]] = []


def _declare(token: str, name: str, props: dict[str, Any]) -> pulumi.CustomResource:
    return pulumi.CustomResource(token, name, props, pulumi.ResourceOptions(version="4.0.0"))


def program() -> None:
    _declare("random:index/randomPassword:RandomPassword", "database", {"length": 32})
    labels = {"app": "shop"}
    container = {"name": "shop", "image": "nginx:latest", "env": [{"name": "DB_PASSWORD", "value": "hunter2hunter2"}]}
    _declare(
        "kubernetes:apps/v1:Deployment",
        "shop",
        {
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            }
        },
    )
    _declare("kubernetes:core/v1:Service", "shop", {"spec": {"selector": labels, "ports": [{"port": 80}]}})
    _declare("gcp:storage/bucket:Bucket", "site", {"location": "EU"})
    _declare(
        "gcp:cloudrunv2/service:Service",
        "shop",
        {"location": "europe-west1", "template": {"containers": [{"image": "gcr.io/cloudrun/hello"}]}},
    )
    _declare("azure-native:containerservice:ManagedCluster", "shop", {"dnsPrefix": "shop"})
    _declare("aws-native:ecs:Service", "shop", {"launchType": "FARGATE", "loadBalancers": []})
