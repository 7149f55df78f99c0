"""Stack files with many services, written into a folder that uses the project's own program."""

import json
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
SHARED = ("Pulumi.yaml", "__main__.py", "service.py", "settings", "components")


def services(count: int) -> dict[str, object]:
    """Settings of `count` services that share two listeners by rules."""
    return {
        f"service-{number}": {
            "containers": {"web": {"image": "public.ecr.aws/nginx/nginx:1.27.3", "port": 80}},
            "imageRepository": {"name": f"service-{number}"},
            "loadBalancer": {
                "testPort": 8080,
                "rule": {"priority": number + 1, "pathPatterns": [f"/service-{number}/*"]},
            },
        }
        for number in range(count)
    }


def write(folder: Path, count: int, stack: str = "bench") -> None:
    """Make `folder` a project whose stack has `count` services."""
    for name in SHARED:
        (folder / name).symlink_to(ROOT / name)
    config = {"aws:region": "eu-west-1", "ecs-blue-green:services": services(count)}
    (folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(json.loads(json.dumps({"config": config}))))
