"""How a rule's own configuration changes what it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from aws import BUILD_PROJECT, DEPLOYMENT_GROUP, LISTENER, LOAD_BALANCER, LOG_GROUP, REPOSITORY, SERVICE, TARGET_GROUP
from tests.policies.graph import Graph
from tests.policies.mutants.delivery import BUILDSPEC, TESTS_ONLY, plaintext, replaced
from tests.policies.mutants.native import ADVANCED, ENDPOINT
from tests.policies.mutants.network import broad_policy, public_test_listener, statement, strangers
from tests.policies.mutants.places import (
    Break,
    Mutator,
    Test,
    behind_balancer,
    both,
    code_deploy,
    each,
    edit,
    in_mesh,
    lacks,
    named,
    native,
    of,
    strategy,
    to,
    without,
)
from tests.policies.mutants.releases import PAIR, unprotected
from tests.policies.mutants.tasks import in_each_container, set_to


class Setting(NamedTuple):
    """A value of a knob, and what it changes wherever a mutator breaks a stack."""

    value: Any
    mutator: Mutator
    by_default: bool
    """Whether the rule objects to the mutant without the value; with it the rule does the opposite."""


def accepts(value: Any, mutator: Mutator) -> Setting:
    """With this value the rule accepts what it objects to by default."""
    return Setting(value, mutator, by_default=True)


def objects(value: Any, mutator: Mutator) -> Setting:
    """With this value the rule objects to what it accepts by default."""
    return Setting(value, mutator, by_default=False)


def demands(value: Any, kind: str, test: Test | None = None) -> Setting:
    """With this value the rule objects to a good stack, if it has such a resource."""

    def mutator(graph: Graph) -> Iterator[Break]:
        if any(test is None or test(graph, name) for name in of(graph, kind)):
            yield Break("as it is", as_it_is)

    return objects(value, mutator)


def as_it_is(graph: Graph) -> None:
    """Leaves a stack alone."""


def _internal_and_old(graph: Graph, name: str) -> None:
    graph.put("alb", "internal", True).put(name, "sslPolicy", "ELBSecurityPolicy-2016-08")


def _env(graph: Graph, name: str) -> bool:
    return "LOG_LEVEL" in graph[name]["containerDefinitions"]


only_balanced = both(behind_balancer, lacks(in_mesh))


def _cross_built(graph: Graph, name: str) -> None:
    graph.put("task", "runtimePlatform.cpuArchitecture", "ARM64")
    replaced(BUILDSPEC, "docker build", "docker buildx build --platform linux/arm64").do(graph, name)


def _excluded(graph: Graph, name: str) -> None:
    graph.put(name, "imageTagMutability", "IMMUTABLE_WITH_EXCLUSION")
    graph.put(name, "imageTagMutabilityExclusionFilters", [{"filter": "latest", "filterType": "WILDCARD"}])


FOR_REMEDIES = {("sec-tags", "values")}
"""What a remedy alone reads, so that it changes no verdict."""

KNOBS: dict[str, dict[str, list[Setting]]] = {
    "bg-alarms-cover-both-groups": {
        "metrics": [demands(["HTTPCode_ELB_5XX_Count"], TARGET_GROUP)],
    },
    "bg-appspec-names": {"files": [demands([str(Path(__file__).with_name("taskdef.json"))], DEPLOYMENT_GROUP)]},
    "bg-auto-rollback": {
        "events": [
            demands(["DEPLOYMENT_STOP_ON_REQUEST"], DEPLOYMENT_GROUP),
            accepts([], each(DEPLOYMENT_GROUP, to("autoRollbackConfiguration.events", ["DEPLOYMENT_STOP_ON_ALARM"]))),
        ]
    },
    "bg-controller-required": {
        "allowed": [
            demands("native", SERVICE, code_deploy),
            demands("codedeploy", SERVICE, native),
        ],
        "scope": [
            accepts(
                "serviceConnect",
                each(SERVICE, to("deploymentConfiguration.strategy", "ROLLING"), when=both(native, only_balanced)),
            ),
            accepts(
                "loadBalancer",
                each(
                    SERVICE,
                    to("deploymentConfiguration.strategy", "ROLLING"),
                    when=both(native, lacks(behind_balancer)),
                ),
            ),
        ],
    },
    "bg-cpu-arch-join": {
        "allowBuildx": [objects(False, each(BUILD_PROJECT, edit("builds for another architecture", _cross_built)))]
    },
    "bg-desired-count": {
        "min": [
            demands(3, SERVICE),
            accepts(1, each(SERVICE, to("desiredCount", 1.0))),
        ]
    },
    "bg-dg-matches-service": {
        "allowExternal": [accepts(True, each(DEPLOYMENT_GROUP, to("ecsService.serviceName", "other")))]
    },
    "bg-health-check-grace": {
        "min": [demands(120, SERVICE, behind_balancer)],
        "max": [demands(30, SERVICE, behind_balancer)],
    },
    "bg-health-check-parity": {
        "fields": [
            objects(["timeout"], each(TARGET_GROUP, to("healthCheck.timeout", 9.0))),
            accepts(["path"], each(TARGET_GROUP, to("healthCheck.interval", 10.0))),
        ]
    },
    "bg-ignore-changes-service": {"extra": [demands(["tags"], SERVICE, code_deploy)]},
    "bg-not-all-at-once": {
        "allowed": [
            accepts(
                ["CodeDeployDefault.ECSAllAtOnce"],
                each(
                    DEPLOYMENT_GROUP,
                    to("deploymentConfigName", "CodeDeployDefault.ECSAllAtOnce"),
                    when=lambda graph, name: "AllAtOnce" not in graph[name]["deploymentConfigName"],
                ),
            )
        ]
    },
    "bg-protect-stateful": {
        "types": [
            accepts(["deploymentGroup", "service"], unprotected(LOAD_BALANCER)),
            accepts(["loadBalancer", "service"], unprotected(DEPLOYMENT_GROUP)),
            accepts(["deploymentGroup", "loadBalancer"], unprotected(SERVICE)),
        ]
    },
    "bg-rollback-alarms": {"minAlarms": [demands(3, DEPLOYMENT_GROUP)]},
    "bg-target-groups-compatible": {
        "comparePort": [
            accepts(False, each(TARGET_GROUP, to("port", 81.0), when=lambda _, name: name.endswith("green")))
        ]
    },
    "bg-termination-wait": {
        "min": [demands(11, DEPLOYMENT_GROUP)],
        "max": [demands(9, DEPLOYMENT_GROUP)],
    },
    "bg-test-listener": {"required": [accepts(False, each(DEPLOYMENT_GROUP, without(f"{PAIR}.testTrafficRoute")))]},
    "bg-test-listener-not-public": {"allowedCidrs": [demands(["10.0.0.0/8"], LOAD_BALANCER)]},
    "native-bake-time": {"min": [demands(15, SERVICE, strategy("BLUE_GREEN"))]},
    "native-hooks-complete": {"requireStages": [demands(["PRE_SCALE_UP"], SERVICE, native)]},
    "native-rollback-alarms": {"minAlarms": [demands(3, SERVICE, native)]},
    "native-sc-test-rule": {
        "require": [objects(True, each(SERVICE, without(f"{ENDPOINT}.clientAlias[0].testTrafficRules"), when=in_mesh))]
    },
    "native-shift-config": {"maxStep": [demands(5, SERVICE, strategy("LINEAR", "CANARY"))]},
    "native-test-rule": {
        "required": [
            accepts(False, each(SERVICE, without(f"{ADVANCED}.testListenerRule"), when=both(native, behind_balancer)))
        ]
    },
    "sec-alb-tls": {
        "policies": [
            demands(["ELBSecurityPolicy-TLS13-1-3-*"], LISTENER),
            accepts(
                ["*"],
                each(LISTENER, to("sslPolicy", "ELBSecurityPolicy-2016-08"), when=named("https")),
            ),
        ],
        "internal": [
            objects(True, each(LISTENER, edit("internal, with an old policy", _internal_and_old), when=named("https")))
        ],
    },
    "sec-cb-no-plaintext-creds": {
        "patterns": [
            demands(["url$"], BUILD_PROJECT),
            accepts([], each(BUILD_PROJECT, plaintext("GITHUB_TOKEN", "correct-horse-battery"))),
        ]
    },
    "sec-cb-privileged": {"allowFor": [accepts(["build"], each(BUILD_PROJECT, to(BUILDSPEC, TESTS_ONLY)))]},
    "sec-ecr-immutable": {"exclusions": [objects(["cache-*"], each(REPOSITORY, edit("excludes latest", _excluded)))]},
    "sec-iam-broad-managed": {
        "deny": [
            demands(["*TaskExecutionRolePolicy"], SERVICE),
            accepts([], broad_policy("AdministratorAccess")),
        ]
    },
    "sec-iam-no-wildcards": {"allowActions": [accepts(["s3:*"], statement(Action=["s3:*"], Resource=["*"]))]},
    "sec-iam-passrole-scoped": {"services": [demands(["codebuild.amazonaws.com"], BUILD_PROJECT)]},
    "sec-image-pinned": {
        "allowBootstrap": [accepts(["*:latest"], in_each_container("runs latest", set_to("image", "app:latest")))],
        "requireDigest": [demands(True, SERVICE)],
    },
    "sec-log-retention": {
        "minDays": [
            demands(365, LOG_GROUP),
            accepts(1, each(LOG_GROUP, to("retentionInDays", 1.0))),
        ]
    },
    "sec-service-no-public-ip": {
        "allowFor": [accepts(["*service"], each(SERVICE, to("networkConfiguration.assignPublicIp", True)))]
    },
    "sec-sg-world-ingress": {
        "ports": [
            demands([80], LOAD_BALANCER),
            accepts([80, 443, 8443], public_test_listener),
        ]
    },
    "sec-tags": {"keys": [demands(["Team"], SERVICE)]},
    "sec-task-sg-from-lb": {"peers": [accepts(["stranger-*"], strangers)]},
    "sec-td-logging": {
        "drivers": [
            demands(["splunk"], SERVICE),
            accepts(
                ["awslogs", "json-file"],
                in_each_container("logs to a file", set_to("logConfiguration", {"logDriver": "json-file"})),
            ),
        ]
    },
    "sec-td-no-plaintext-secrets": {
        "patterns": [
            demands(["level$"], "aws:ecs/taskDefinition:TaskDefinition", _env),
            accepts(
                [],
                in_each_container(
                    "has a password", set_to("environment", [{"name": "DB_PASSWORD", "value": "correct-horse"}])
                ),
            ),
        ]
    },
    "sec-td-readonly-root": {
        "allowFor": [accepts(["*"], in_each_container("may write", set_to("readonlyRootFilesystem", False)))]
    },
}
