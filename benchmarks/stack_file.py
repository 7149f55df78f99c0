"""Stack files with many services, written into a folder that uses the project's own program."""

import json
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
SHARED = ("Pulumi.yaml", "__main__.py", "service.py", "settings", "components")
CONTROLLERS = ("CODE_DEPLOY", "ECS")


def services(count: int, controller: str) -> dict[str, Any]:
    """Settings of `count` services that share listeners by rules.

    With CODE_DEPLOY they share a test listener too. With ECS tests are told by a header, and each service calls the one
    before it through the mesh: the longest chain that there can be.
    """
    own = {"CODE_DEPLOY": _codedeploy, "ECS": _native}[controller]
    return {f"service-{number}": own(number) for number in range(count)}


def _codedeploy(number: int) -> dict[str, Any]:
    return _service(number, {"testPort": 8080}) | {"deployment": {"controller": "CODE_DEPLOY"}}


def _native(number: int) -> dict[str, Any]:
    return _service(number, {"testHeader": {"name": "x-test", "value": "green"}}) | {
        "serviceConnect": {"port": 80, "connectsTo": [f"service-{number - 1}"] if number else []},
        "deployment": {"controller": "ECS", "strategy": "CANARY"},
    }


def _service(number: int, test: dict[str, Any]) -> dict[str, Any]:
    return {
        "containers": {"web": {"image": "public.ecr.aws/nginx/nginx:1.27.3", "port": 80, "appProtocol": "http"}},
        "imageRepository": {"name": f"service-{number}"},
        "loadBalancer": {
            # A test rule on the production listener takes the priority before.
            "rule": {"priority": 2 * (number + 1), "pathPatterns": [f"/service-{number}/*"]},
            **test,
        },
    }


def write(folder: Path, count: int, controller: str = "CODE_DEPLOY", stack: str = "bench") -> None:
    """Make `folder` a project whose stack has `count` services."""
    for name in SHARED:
        (folder / name).symlink_to(ROOT / name)
    config = {"aws:region": "eu-west-1", "ecs-blue-green:services": services(count, controller)}
    (folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(json.loads(json.dumps({"config": config}))))
