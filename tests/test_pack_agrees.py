"""The policy pack accepts what the settings accept, except where a stack file chose otherwise."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis

from offline import project, release_files
from offline.errors import OfflineError
from offline.pack import Pack
from offline.packconfig import PolicyConfig
from offline.policy import Violation
from offline.program import run_program
from tests.delivery_stacks import together as delivered_together
from tests.native_stacks import NATIVE, Native, together
from tests.settings.strategies import stack_files

CHOSEN = {
    "bg-auto-rollback": "autoRollback: []",
    "bg-controller-required": "strategy ROLLING for a service that takes traffic",
    "bg-drain-fits-wait": "deregistrationDelaySeconds longer than terminationWaitMinutes or bakeMinutes",
    "bg-termination-wait": "terminationWaitMinutes below 5 or above a day",
    "bg-test-listener": "no testPort",
    "bg-test-listener-not-public": "testIngressCidrs that are open to the world",
    "native-bake-time": "bakeMinutes: 0",
    "native-sc-header-lookalike": "a testHeader that is nearly AWS's own",
    "native-shift-config": "stepBakeMinutes: 0 or canaryBakeMinutes: 0",
    "native-test-rule": "no testPort, testHeader or testPathPatterns",
    "sec-alb-access-logs": "no accessLogs",
    "sec-cluster-insights": "containerInsights: disabled",
    "sec-ecr-kms": "encryptionKey: aws",
    "sec-exec-audit": "encryptionKey: aws",
    "sec-iam-broad-managed": "taskRolePolicyArns",
    "sec-log-kms": "encryptionKey: aws",
    "sec-log-retention": "fewer days than the rule's minDays",
    "sec-sg-descriptions": "vpcEndpoints, whose security groups awsx makes without a word",
    "sec-sg-world-ingress": "a production port other than 80 and 443 that is open to the world",
    "sec-td-non-root": "no user",
    "sec-td-no-plaintext-secrets": "what looks like a secret under environment",
    "sec-td-readonly-root": "readonlyRootFilesystem: false",
    "sec-waf": "no webAclArn",
}
"""What a stack file may choose although the pack objects, by rule."""

UNTOLD = {
    "sec-cb-no-plaintext-creds": "a build's variable with the address of the image repository",
    "bg-test-listener-not-public": "which of two ports is the production listener's, unless that is 80 or 443",
    "sec-iam-no-wildcards": "a policy of ARNs that AWS makes up, or for a bucket that isn't closed yet",
    "sec-iam-passrole-scoped": "the same",
}
"""What a first preview can't tell, by rule."""


@pytest.fixture(scope="module")
def pack(root) -> Iterator[Pack]:
    """The policy pack."""
    with Pack(root / "policies") as running:
        yield running


@pytest.fixture(scope="module", params=[False, True], ids=["known", "first preview"])
def findings(request, root, pack) -> Counter[tuple[str, str]]:
    """Rules that object to generated stack files, with the first line of what they say; and how many were judged."""
    counted: Counter[tuple[str, str]] = Counter()

    @hypothesis(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=30,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(file=stack_files())
    def judge(file: dict[str, Any]) -> None:
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in file.items()}
        config = {"aws:region": "eu-west-1"} | {f"ecs-blue-green:{key}": text for key, text in texts.items()}
        stack = project.Project("ecs-blue-green", "dev", root, root, config)
        try:
            deployment = run_program(stack, first_preview=request.param)
        except OfflineError:
            return
        for service in deployment.of_type("aws:ecs/service:Service"):
            counted["judged", service.inputs["deploymentController"]["type"]] += 1
        counted["judged", "pipelines"] += len(deployment.of_type("aws:codepipeline/pipeline:Pipeline"))
        for found in pack.analyze(deployment).violations:
            said = _said(found)
            if not said.startswith("undecided:"):
                counted[found.policy, said] += 1
            elif not (request.param and found.policy in UNTOLD):
                counted["undecided", said] += 1

    judge()
    return counted


def test_nothing_is_objected_to_but_choices(findings):
    """No rule objects, and none is left undecided, except where the stack file asked for it."""
    assert min(findings["judged", judged] for judged in ("CODE_DEPLOY", "ECS", "pipelines")) >= 5
    assert {key for key in findings if key[0] not in {"judged", *CHOSEN}} == set()


def objections(case: Native) -> set[str]:
    """Rules about releases that object to what was chosen: a rolling service mixes versions behind one address, and one
    without a test route can't be tried before users meet it."""
    if case.strategy == "ROLLING":
        return {"bg-controller-required"}
    return {"native-test-rule"} if case.balanced and case.test == "none" else set()


@pytest.mark.parametrize("case", NATIVE, ids=str)
def test_a_native_service_alone(native, pack, case):
    """Whatever the strategy, the way of traffic, the test route and the owner, no rule about releases objects but to
    what was chosen, and all is told."""
    found = pack.analyze(native(case)).violations
    assert {each.policy for each in found if not each.policy.startswith("sec-")} == objections(case)
    assert {each.policy for each in found} <= CHOSEN.keys()
    assert [each.urn for each in found if _said(each).startswith("undecided:")] == []


ACCOUNT = "eu-west-1:123456789012"
HARDENED = {
    "protect": True,
    "loadBalancer": {
        "certificateArn": f"arn:aws:acm:{ACCOUNT}:certificate/1",
        "webAclArn": f"arn:aws:wafv2:{ACCOUNT}:regional/webacl/a/b",
        "accessLogs": {"retentionDays": 30},
        "deletionProtection": True,
    },
}
"""What services share in production, beside a key of their own."""


@pytest.mark.parametrize(
    ("traffic", "first_preview"),
    [
        *((traffic, True) for traffic in dict.fromkeys(case.traffic for case in NATIVE)),
        ("alb-mesh-test-by-header", False),
    ],
)
def test_native_services_together(root, pack, traffic, first_preview):
    """In a production stack of them all no rule objects but to what was chosen, and a first preview leaves nothing
    undecided but the policies of ARNs that AWS makes up."""
    cases = [case for case in NATIVE if case.traffic == traffic]
    texts = {key: json.dumps(value) for key, value in {**HARDENED, "services": together(cases)}.items()}
    config = {f"ecs-blue-green:{key}": text for key, text in {**texts, "encryptionKey": "create"}.items()}
    stack = project.Project("ecs-blue-green", "prod", root, root, {"aws:region": "eu-west-1", **config})
    found = pack.analyze(run_program(stack, first_preview=first_preview)).violations
    names = [f"s{number}" for number, _ in enumerate(cases)]
    policies = ("sec-iam-no-wildcards", "sec-iam-passrole-scoped") if cases[0].balanced and first_preview else ()
    assert {(each.policy, _about(each)) for each in found} == {
        *((rule, f"{name}-service") for name, case in zip(names, cases, strict=True) for rule in objections(case)),
        *((rule, f"{name}-infrastructure") for name in names for rule in policies),
    }


@pytest.mark.parametrize(
    ("stack", "chosen"),
    [
        ("deliveries", {"sec-alb-access-logs", "sec-td-non-root", "sec-waf"}),
        (
            "untagged",
            {"sec-alb-access-logs", "sec-ecr-kms", "sec-exec-audit", "sec-log-kms", "sec-td-non-root", "sec-waf"},
        ),
    ],
)
def test_every_way_to_deliver_a_service(pack, request, stack, chosen):
    """Pipelines, builds, their roles, buckets and documents, and functions that judge releases: whatever the source and
    the controller, no rule objects but to what was chosen, all is told, and no rule that could judge has nothing to."""
    analysis = pack.analyze(request.getfixturevalue(stack))
    assert {each.policy for each in analysis.violations} == chosen <= CHOSEN.keys()
    assert [each.urn for each in analysis.violations if _said(each).startswith("undecided:")] == []
    assert {each.policy for each in analysis.not_applicable} == {"bg-autoscaling-owns-count", "sec-ecr-not-public"}


def test_the_first_preview_of_every_way_to_deliver_a_service(preview, pack):
    """What is undecided is the address of each image repository, and policies that name a bucket or CodeDeploy's and
    ECS's own resources."""
    found = pack.analyze(preview(services=delivered_together(), encryptionKey="create", first_preview=True)).violations
    undecided = [each for each in found if _said(each).startswith("undecided:")]
    assert {each.policy for each in undecided} == UNTOLD.keys() - {"bg-test-listener-not-public"}
    variables = {_about(each) for each in undecided if each.policy == "sec-cb-no-plaintext-creds"}
    policies = {_about(each) for each in undecided if each.policy.startswith("sec-iam-")}
    assert {name.rpartition("-")[2] for name in variables} == {"build", "image"}
    assert {name.rpartition("-")[2] for name in policies} == {"artifacts", "infrastructure", "traffic"}


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_release_files_agree_with_their_service(root, tmp_path, request, stack):
    """What `python -m offline files` writes names the family, the container and the port that the service has, and a
    placeholder that the pipeline fills in; another container is noticed."""
    deployment = request.getfixturevalue(stack)
    written = release_files.write(release_files.find(deployment, stack), tmp_path)
    knobs = PolicyConfig(properties={"files": [str(path) for path in written]})

    def judge() -> list[str]:
        with Pack(root / "policies", config={"bg-appspec-names": knobs}) as judging:
            found = judging.analyze(deployment).violations
        return [_said(each) for each in found if each.policy == "bg-appspec-names"]

    assert judge() == []
    appspec = tmp_path / "appspec.yaml"
    appspec.write_text(appspec.read_text().replace("ContainerName: ", "ContainerName: not-"))
    assert len(judge()) == 1


def _said(violation: Violation) -> str:
    return violation.message.removeprefix(violation.description).strip().splitlines()[0]


def _about(violation: Violation) -> str:
    """The resource that a finding is about: an undecided one blames the stack, and names it."""
    said = _said(violation)
    return said.split()[1] if said.startswith("undecided:") else violation.urn.rpartition("::")[2]


def test_the_production_stack_passes_every_rule(pack, prod):
    """None objects at any level, and none stays undecided; each has judged something or says that it had nothing to."""
    assert pack.analyze(prod).violations == []


@pytest.mark.parametrize("name", ["dev", "mesh"])
def test_a_stack_to_try_passes_every_mandatory_rule_and_the_page_says_what_it_leaves_open(root, pack, request, name):
    """The stack's table in docs/policies.md is all that the pack says about it."""
    page = (root / "docs" / "policies.md").read_text(encoding="utf-8")
    table = page.partition(f"## What the {name} stack leaves open\n")[2].partition("\n##")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+?) \| .+ \|$", table, re.MULTILINE)
    found = pack.analyze(request.getfixturevalue(name)).violations
    assert {violation.level for violation in found} == {"advisory"}
    assert sorted((violation.policy, violation.urn.rpartition("::")[2]) for violation in found) == sorted(
        (rule, name) for rule, names in rows for name in names.split(", ")
    )
