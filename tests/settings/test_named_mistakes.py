"""The mistakes that people make, each with the one line that is said about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import offline.program
import settings
from offline import project
from offline.errors import OfflineError
from offline.program import run_program
from tests.settings.stack_files import delivered, mesh, message, native, put, refusal, service, stack

CONFIGURATIONS = (
    "CodeDeployDefault.ECSAllAtOnce, CodeDeployDefault.ECSCanary10Percent5Minutes, "
    "CodeDeployDefault.ECSCanary10Percent15Minutes, CodeDeployDefault.ECSLinear10PercentEvery1Minutes, "
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes"
)

CONNECTED = {"provider": "CodeConnections", "repository": "shop/app", "branch": "main"}
NAMED: dict[str, tuple[dict[str, Any], str]] = {
    "target group name over 32 characters": (
        stack(**{"a-service-name-of-19": service()}),
        "services.a-service-name-of-19: given 'a-service-name-of-19', 20 characters; allowed: at most 18 characters; "
        "the name of its green target group would exceed the 32 characters that Elastic Load Balancing allows (G50)",
    ),
    "CPU and memory pair that Fargate lacks": (
        put("services.shop.memory", 3072),
        "services.shop.memory: given memory 3072 with cpu 256; allowed: 512, 1024, 2048 MiB; "
        "AWS would answer: 'No Fargate configuration exists for given values'",
    ),
    "production port = test port": (
        put("services.shop.loadBalancer", {"port": 8080, "testPort": 8080}),
        "services.shop.loadBalancer.testPort: given port 8080 for both routes; allowed: any port other than 8080; "
        "production and test traffic need two listeners of the same load balancer (G7)",
    ),
    "default production port = test port": (
        put("services.shop.loadBalancer.testPort", 80),
        "services.shop.loadBalancer.testPort: given port 80 for both routes; allowed: any port other than 80; "
        "production and test traffic need two listeners of the same load balancer (G7)",
    ),
    "one Availability Zone": (
        put("network.availabilityZones", 1),
        "network.availabilityZones: given 1 Availability Zone; allowed: 2 to 6; AWS would answer: "
        "'At least two subnets in two different Availability Zones must be specified' (G45)",
    ),
    "termination wait over the limit": (
        put("services.shop.deployment.terminationWaitMinutes", 2801),
        "services.shop.deployment.terminationWaitMinutes: given 2801 minutes; allowed: 0 to 2800 minutes; "
        "CodeDeploy keeps the old task set no longer (G9)",
    ),
    "wait with CONTINUE_DEPLOYMENT": (
        put("services.shop.deployment", {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "approvalWaitMinutes": 30}),
        "services.shop.deployment.approvalWaitMinutes: given CONTINUE_DEPLOYMENT with a wait of 30 minutes; "
        'allowed: STOP_DEPLOYMENT with a wait, or CONTINUE_DEPLOYMENT without one; AWS would answer: "Deployment '
        "ready action cannot be set to 'CONTINUE_DEPLOYMENT' when timeout is specified\" (G8)",
    ),
    "Service Connect on a CODE_DEPLOY service": (
        put("services.shop.serviceConnect", {"port": 3000}),
        "services.shop.serviceConnect: given this key with controller CODE_DEPLOY; allowed: leaving it out, or "
        "controller ECS first (docs/migrate.md); AWS would answer: 'Service Connect feature is only supported with "
        "ECS (rolling update) deployment controller. Update to ECS deployment controller and try again.' (G13)",
    ),
    "a setting of the ECS controller on a CODE_DEPLOY service": (
        put("services.shop.deployment", {"strategy": "BLUE_GREEN"}),
        "services.shop.deployment.strategy: given this key; allowed: leaving it out; it belongs to controller ECS; "
        "docs/migrate.md says how a service moves there",
    ),
    "a setting of CodeDeploy on a service of the ECS controller": (
        stack(shop=native(deployment={"controller": "ECS", "terminationWaitMinutes": 5})),
        "services.shop.deployment.terminationWaitMinutes: given this key; allowed: leaving it out; it belongs to "
        "controller CODE_DEPLOY; docs/migrate.md says what takes its place",
    ),
    "a strategy in small letters": (
        stack(shop=native(deployment={"controller": "ECS", "strategy": "blue_green"})),
        "services.shop.deployment.strategy: given 'blue_green'; allowed: BLUE_GREEN, LINEAR, CANARY, ROLLING; "
        "ECS has no other deployment strategy",
    ),
    "a step without steps": (
        stack(shop=native(deployment={"controller": "ECS", "strategy": "BLUE_GREEN", "stepPercent": 10})),
        "services.shop.deployment.stepPercent: given this key; allowed: leaving it out; AWS would answer: 'Linear "
        "configuration can only be present with LINEAR deployment strategy' (G28)",
    ),
    "a pause while traffic is moving": (
        put(
            "services.shop.deployment.hooks",
            [{"type": "PAUSE", "stages": ["POST_SCALE_UP", "PRODUCTION_TRAFFIC_SHIFT"]}],
            stack(shop=native()),
        ),
        "services.shop.deployment.hooks[0].stages[1]: given PAUSE at PRODUCTION_TRAFFIC_SHIFT; allowed: "
        "RECONCILE_SERVICE, PRE_SCALE_UP, POST_SCALE_UP, POST_TEST_TRAFFIC_SHIFT, PRE_PRODUCTION_TRAFFIC_SHIFT, "
        "POST_PRODUCTION_TRAFFIC_SHIFT; AWS would answer: 'Invalid lifecycle stage provided for Pause Hook' (G33)",
    ),
    "a CODE_DEPLOY service without a load balancer": (
        put("services.shop.loadBalancer", None),
        "services.shop.loadBalancer: given nothing; allowed: this key, or controller ECS; CodeDeploy releases a "
        "service by moving a listener of its load balancer",
    ),
    "two ways to test": (
        stack(shop=native(loadBalancer={"testPort": 81, "testHeader": {"name": "x-test", "value": "yes"}})),
        "services.shop.loadBalancer.testHeader: given this key beside testPort; allowed: one of testPort, testHeader "
        "and testPathPatterns; ECS moves one test rule of a service",
    ),
    "a port in the mesh that no container has": (
        stack(shop=mesh(serviceConnect={"port": 80})),
        "services.shop.serviceConnect.port: given 80; allowed: 8080; Service Connect finds a container by its port "
        "mapping (G23)",
    ),
    "a call to a service that is not there": (
        stack(shop=mesh(serviceConnect={"connectsTo": ["bakend"], "port": 8080}), backend=mesh()),
        "services.shop.serviceConnect.connectsTo[0]: given 'bakend'; allowed: backend; there is no such service in "
        "this stack",
    ),
    "a script that is not there": (
        put("services.shop.containers.web.script", "server.py"),
        "services.shop.containers.web.script: given 'server.py'; allowed: the path in this project of a Python file, "
        "at most 16384 bytes, such as app/server.py; there is no such script in this project",
    ),
    "unknown deployment configuration": (
        put("services.shop.deployment.configuration", "CodeDeployDefault.OneAtATime"),
        "services.shop.deployment.configuration: given 'CodeDeployDefault.OneAtATime'; "
        f"allowed: {CONFIGURATIONS}, or an own {{type, percentage, intervalMinutes}}; "
        "CodeDeploy has no other predefined configuration for ECS (G10)",
    ),
    "an unknown source": (
        stack(shop=delivered(service(), source={"provider": "GitHub", "repository": "shop/app", "branch": "main"})),
        "services.shop.pipeline.source.provider: given 'GitHub'; allowed: CodeCommit, CodeConnections, S3, ECR; a "
        "pipeline has no other sources",
    ),
    "a connection by its name": (
        stack(shop=delivered(service(), source={**CONNECTED, "connectionArn": "github"})),
        "services.shop.pipeline.source.connectionArn: given 'github'; allowed: the ARN of a connection: "
        "arn:aws:codeconnections:REGION:ACCOUNT:connection/ID; The connection, which a person has authorised before "
        "the pipeline is made (G65).",
    ),
    "a source without its branch": (
        stack(shop=delivered(service(), source={"provider": "CodeCommit", "repository": "shop"})),
        "services.shop.pipeline.source.branch: given nothing; allowed: this key is required; Branch whose commits are "
        "released.",
    ),
    "a source that is polled": (
        stack(shop=delivered(service(), source={"provider": "ECR", "pollForSourceChanges": True})),
        "services.shop.pipeline.source.pollForSourceChanges: given this key; allowed: leaving it out; no source is "
        "polled: an event or a trigger starts the pipeline (G60)",
    ),
    "a pipeline for a container that is not in the task": (
        stack(shop=delivered(service(), container="api")),
        "services.shop.pipeline.container: given 'api'; allowed: web; the task has no other containers",
    ),
    "a moving tag in a repository whose tags never move": (
        stack(shop=delivered(service(), separate=True) | {"imageRepository": {"name": "shop"}}),
        "services.shop.pipeline.movingTag: given tag latest, which imageRepository never lets move; allowed: latest in "
        "imageRepository.mutableTags; the push that starts a release moves the tag (G60)",
    ),
    "an image for another processor": (
        stack(shop=delivered(service(architecture="ARM64"), build={"architecture": "X86_64"})),
        "services.shop.pipeline.build.architecture: given X86_64 for tasks on ARM64; allowed: ARM64, or buildx: true; "
        "the tasks would stop with 'exec format error' (G62)",
    ),
    "a release that lasts longer than the build which follows it": (
        put(
            "services.shop.deployment.hooks",
            [{"type": "PAUSE", "stages": ["POST_SCALE_UP"], "timeoutMinutes": 2076}],
            stack(shop=delivered(native())),
        ),
        "services.shop.pipeline: given a release of up to 2146 minutes; allowed: at most 2145 minutes; the build that "
        "follows it ends after 36 hours, before the release does (G63)",
    ),
    "image without tag or digest": (
        put("services.shop.containers.web.image", "registry.example:5000/shop/web"),
        "services.shop.containers.web.image: given 'registry.example:5000/shop/web'; allowed: a tag other than "
        "latest, or a digest (REPOSITORY:TAG or REPOSITORY@sha256:DIGEST); "
        "a rollback would start whatever the moving tag has become (G57)",
    ),
    "duplicate listener port": (
        stack(shop=service(), blog=service(loadBalancer={"port": 80})),
        "services.blog.loadBalancer.port: given 80, on which services.shop takes every request; allowed: another "
        "port, or a rule on all but one of the services that share it; AWS would answer: 'DuplicateListener: A "
        "listener already exists on this port for this load balancer'",
    ),
    "two services of one family": (
        stack(shop=service(), blog=service(family="shop", loadBalancer={"port": 81})),
        "services.blog.family: given 'shop'; allowed: a family of its own; services.shop registers its revisions "
        "under it, and a release would start the wrong one",
    ),
    "container port in no container": (
        put("services.shop.loadBalancer.containerPort", 9090),
        "services.shop.loadBalancer: given containerPort 9090; allowed: web:8080; AWS would answer: "
        "'The container does not exist in the task definition', or find the port closed (G51)",
    ),
}


@pytest.mark.parametrize(("file", "line"), NAMED.values(), ids=NAMED)
def test_a_mistake_is_named_in_one_line(file, line):
    """Path, what was given, what is allowed and why, and nothing besides."""
    assert refusal(file) == message(line)


@pytest.mark.parametrize("name", ["one Availability Zone", "duplicate listener port", "an unknown source"])
def test_a_mistake_is_named_before_anything_is_registered(preview, monkeypatch, name):
    """The program stops with the same text, when all there is is the stack itself."""
    file, line = NAMED[name]
    monitors = []

    class Recorded(offline.program.Monitor):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            monitors.append(self)

    monkeypatch.setattr(offline.program, "Monitor", Recorded)
    with pytest.raises(OfflineError) as caught:
        preview(**file)
    assert str(caught.value) == message(line)
    assert [resource.type for resource in monitors[0].deployment()] == ["pulumi:pulumi:Stack"]


@pytest.mark.parametrize("indented", ["shop: {}\n    shop: {}", "blog: {}\n    shop: {}\n    shop: {}"])
def test_two_services_with_one_name_are_refused_with_file_and_line(root, tmp_path, indented):
    """YAML would quietly keep the second of two equal keys, and the first service would never be built."""
    (tmp_path / "Pulumi.yaml").write_text((root / "Pulumi.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(f"config:\n  ecs-blue-green:services:\n    {indented}\n", encoding="utf-8")
    line = file.read_text(encoding="utf-8").count("\n")
    with pytest.raises(OfflineError) as caught:
        project.load(tmp_path, "dev")
    assert str(caught.value).startswith(f"{file}: line {line}: ")
    assert "shop" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_mistakes_are_shown_at_once_sorted_by_path():
    """Mistakes of single settings and those between services appear together, each once, in the order of paths."""
    file = stack(
        shop=service(cpu=300, memory=True),
        wiki=service(family="news"),
        news=service(loadBalancer={"port": 80}),
    ) | {"network": {"availabilityZones": 1, "natGateway": "Single"}, "cluster": [], "name": "Shop"}
    assert refusal(file) == message(
        "cluster: given []; allowed: a mapping of keys; The ECS cluster, and what its services share.",
        "name: given 'Shop'; allowed: lower-case letters, digits and inner hyphens, starting with a letter; load "
        "balancer and target group names take letters, digits and hyphens only (G50)",
        "network.availabilityZones: given 1 Availability Zone; allowed: 2 to 6; AWS would answer: 'At least two "
        "subnets in two different Availability Zones must be specified' (G45)",
        "network.natGateway: given an unknown key; allowed: cidrBlock, availabilityZones, natGateways, vpcEndpoints, "
        "flowLogs; did you mean 'natGateways'?",
        "services.news.family: given 'news'; allowed: a family of its own; services.wiki registers its revisions "
        "under it, and a release would start the wrong one",
        "services.news.loadBalancer.port: given 80, on which services.wiki takes every request; allowed: another "
        "port, or a rule on all but one of the services that share it; AWS would answer: 'DuplicateListener: A "
        "listener already exists on this port for this load balancer'",
        "services.shop.cpu: given cpu 300; allowed: 256, 512, 1024, 2048, 4096, 8192, 16384; AWS would answer: 'No "
        "Fargate configuration exists for given values'",
        "services.shop.memory: given true; allowed: a whole number; Memory of a task in MiB; 512 unless set.",
    )


def test_a_service_that_is_refused_is_still_there_for_those_that_call_it():
    """What is wrong with one service is said once, not again at each of the services that call it."""
    file = stack(api=mesh(cpu=300), shop=mesh(serviceConnect={"port": 8080, "connectsTo": ["api", "blog"]}))
    assert refusal(file) == message(
        "services.api.cpu: given cpu 300; allowed: 256, 512, 1024, 2048, 4096, 8192, 16384; AWS would answer: 'No "
        "Fargate configuration exists for given values'",
        "services.shop.serviceConnect.connectsTo[1]: given 'blog'; allowed: another service, with "
        "serviceConnect.port; there is no such service in this stack",
    )


def test_the_error_holds_its_mistakes_as_data():
    """Each mistake has its path, what was given, what is allowed and why."""
    with pytest.raises(settings.SettingsError) as caught:
        settings.parse(put("network.availabilityZones", 7))
    assert caught.value.mistakes == [
        settings.Mistake(
            "network.availabilityZones",
            "7 Availability Zones",
            "2 to 6",
            "AWS would answer: 'At least two subnets in two different Availability Zones must be specified' (G45)",
        )
    ]


def test_a_refused_stack_file_exits_the_whole_preview_with_its_message(root):
    """What `settings.parse` says is what the preview says, word for word."""
    config = {"ecs-blue-green:services": "{}", "aws:region": "eu-west-1"}
    stack_ = project.Project("ecs-blue-green", "test", Path(root), Path(root), config)
    with pytest.raises(OfflineError) as caught:
        run_program(stack_)
    assert str(caught.value) == refusal({"services": {}})
