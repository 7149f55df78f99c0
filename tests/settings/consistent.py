"""Settings that were drawn one by one, put in agreement with each other."""

from __future__ import annotations

from typing import Any

from components.strategy import WITHOUT_PAUSE


def consistent(file: dict[str, Any]) -> dict[str, Any]:
    """`file` without most of the contradictions that come from drawing each setting by itself."""
    services, shared_logs = file["services"], (file.get("cluster") or {}).get("taskLogs")
    for number, (name, service) in enumerate(services.items()):
        service.update({"cpu": 1024, "memory": 2048} if "cpu" in service or "memory" in service else {})
        (target, first), *others = service["containers"].items()
        first["port"] = 80 + number
        first.pop("essential", None)
        for _, container in others:
            container.pop("port", None)
        for container in service["containers"].values():
            if container.get("healthCheck"):
                container["healthCheck"]["command"] = ["CMD", "true"]
            if container.get("command") or container.get("entryPoint"):
                container.pop("script", None)
        if service.get("deployment", {}).get("controller") == "ECS":
            first["appProtocol"] = "http"
            _released_by_ecs(service, first["port"])
        else:
            _released_by_codedeploy(service)
        if (route := service.get("loadBalancer")) is not None:
            _behind(route, number, name)
            for key, value in (("container", target), ("containerPort", first["port"])):
                if key in route:
                    route[key] = value
        if (mesh := service.get("serviceConnect")) is not None:
            servers = [each for each in list(services)[:number] if (services[each]["serviceConnect"] or {}).get("port")]
            _connected(mesh, number, first["port"], servers)
            if route is not None:
                mesh.pop("tls", None)
        _judged(service.get("deployment", {}), route, number)
        if service.get("family"):
            service["family"] += f"-{number}"
        if service.get("pipeline"):
            _delivered(service, service["pipeline"], number, target)
        if service.get("imageRepository"):
            service["imageRepository"]["name"] += f"-{number}"
        if shared_logs:
            service.pop("logRetentionDays", None)
    return file


def _released_by_codedeploy(service: dict[str, Any]) -> None:
    service["serviceConnect"] = None
    service["loadBalancer"] = service.get("loadBalancer") or {}
    for key in ("testHeader", "testPathPatterns"):
        service["loadBalancer"].pop(key, None)


def _released_by_ecs(service: dict[str, Any], port: int) -> None:
    mesh = service.setdefault("serviceConnect", None)
    if not service.get("loadBalancer") and not (mesh or {}).get("port"):
        service["serviceConnect"] = (mesh or {}) | {"port": port}
    if not service.get("loadBalancer"):
        service["deployment"].pop("alarms", None)
    for hook in service["deployment"].get("hooks", []):
        if hook["type"] == "PAUSE":
            hook["stages"] = [stage for stage in hook["stages"] if stage not in WITHOUT_PAUSE] or ["POST_SCALE_UP"]


def _behind(route: dict[str, Any], number: int, name: str) -> None:
    """Put the route where no other one is."""
    tests = [key for key in ("testPort", "testHeader", "testPathPatterns") if route.get(key)]
    for key in tests:
        if key != tests[len(name) % len(tests)]:
            del route[key]
    if "testPort" in route:
        route["testPort"] = 9100 + number
    if route.get("testPathPatterns"):
        route["testPathPatterns"] = [f"/{name}/test"]
    if route.get("rule"):
        route["rule"] |= {"priority": 2 * number + 2, "pathPatterns": [f"/{name}", f"/{name}/*"][: 1 + number]}
    else:
        route["port"] = 9000 + number
    route.get("healthCheck", {}).pop("timeoutSeconds", None)


def _judged(deployment: dict[str, Any], route: dict[str, Any] | None, number: int) -> None:
    """Let each hook judge at a time of its own, and each smoke test find its way."""
    hooks, seen = deployment.get("hooks", []), set()
    if route is None:
        # One that goes through another service has tests of its own.
        hooks[:] = [hook for hook in hooks if hook["type"] != "SMOKE"]
    for hook in hooks:
        if deployment.get("controller") != "ECS":
            default = {"SMOKE": ["AfterAllowTestTraffic"], "ADMISSION": ["AfterInstall"]}.get(hook["type"], [])
            hook["events"] = [event for event in dict.fromkeys(hook.get("events", default)) if event not in seen]
            seen |= {*hook["events"]}
        if hook["type"] == "SMOKE" and route is not None:
            for key in ("path", "through"):
                hook.pop(key, None)
            rule = route.get("rule") or {}
            (host, *_) = rule.get("hostHeaders") or ["a.example.com"]
            hook["host"] = host.replace("*", "a")
            if patterns := route.get("testPathPatterns") or rule.get("pathPatterns"):
                hook["path"] = patterns[0]
            if not any(route.get(key) for key in ("testPort", "testHeader", "testPathPatterns")):
                route["testPort"] = 9100 + number
    if "AfterAllowTestTraffic" in seen and route is not None:
        route["testPort"] = route.get("testPort") or 9100 + number
    hooks[:] = [hook for hook in hooks if hook.get("events") != []]


def _delivered(service: dict[str, Any], pipeline: dict[str, Any], number: int, target: str) -> None:
    """Let a pipeline find what it releases, in places of its own, and the end of the release."""
    source, deployment = pipeline["source"], service.setdefault("deployment", {})
    repository = service["imageRepository"] = service.get("imageRepository") or {"name": "shop"}
    if source["provider"] == "ECR":
        for key in ("build", "separate"):
            pipeline.pop(key, None)
    if not pipeline.get("separate"):
        pipeline.pop("movingTag", None)
    repository["mutableTags"] = ["latest", "edge"]
    for key, each in (("source", source), ("files", pipeline.get("files"))):
        if each and each["provider"] == "CodeCommit":
            each["repository"] += f"-{key}-{number}"
    if pipeline.get("name"):
        pipeline["name"] += f"-{number}"
    if pipeline.get("container"):
        pipeline["container"] = target
    if pipeline.get("build", {}).get("architecture"):
        pipeline["build"]["buildx"] = True
    if notifications := pipeline.get("notifications"):
        kept = notifications.get("topicArn")
        pipeline["notifications"] = {"topicArn": kept} if kept else {"emails": ["a@example.com"]}
    if deployment.get("controller") == "ECS":
        deployment["taskDefinitionOwner"] = "pipeline"
    if isinstance(deployment.get("configuration"), dict):
        deployment["configuration"]["intervalMinutes"] = 1
    for key in ("stepBakeMinutes", "stepPercent", "canaryBakeMinutes", "bakeMinutes"):
        deployment.pop(key, None)
    for hook in deployment.get("hooks", []):
        if "timeoutMinutes" in hook or hook["type"] in ("PAUSE", "APPROVAL"):
            hook["timeoutMinutes"] = 1


def _connected(mesh: dict[str, Any], number: int, port: int, servers: list[str]) -> None:
    """Let the service call those that are there before it, and give it names of its own."""
    mesh["connectsTo"] = servers if mesh.get("connectsTo") else []
    if mesh.get("port") or not mesh["connectsTo"]:
        mesh["port"] = port
    else:
        for key in mesh.keys() - {"connectsTo", "accessLog"}:
            del mesh[key]
    for key in ("discoveryName", "dnsName"):
        if mesh.get(key):
            mesh[key] += f"-{number}"
