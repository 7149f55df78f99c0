"""Changes to a repository of images."""

from __future__ import annotations

import json
from typing import Any

from tests.policies.cases import Case, drop, fail, nothing, put, several, undecided
from tests.policies.graph import Change, Graph, Ref
from tests.policies.stacks import delivered
from tests.policies.stacks.delivery import BUILDSPEC, REPOSITORY
from value import UNKNOWN

ON_PUSH = "imageScanningConfiguration.scanOnPush"
UNSCANNED = put("repository", ON_PUSH, False)


def _registry(pattern: Any, frequency: str = "SCAN_ON_PUSH") -> Change:
    """A registry that scans what matches a filter."""
    rules = [{"scanFrequency": frequency, "repositoryFilters": [{"filter": pattern, "filterType": "WILDCARD"}]}]
    token = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"
    return lambda graph: graph.add("registry", token, {"scanType": "ENHANCED", "rules": rules})


SCAN_CASES = [
    Case("a compliant repository at first preview", nothing, [], delivered, preview=True),
    Case(
        "no scan",
        UNSCANNED,
        [fail("sec-ecr-scan", "repository", ON_PUSH)],
        delivered,
        says=f"repository: {ON_PUSH} is not true, and no registry scanning configuration covers the repository.",
    ),
    Case(
        "scans not mentioned",
        drop("repository", "imageScanningConfiguration"),
        [fail("sec-ecr-scan", "repository", ON_PUSH)],
        delivered,
    ),
    *(
        Case(f"a registry that scans {pattern}", several(UNSCANNED, _registry(pattern)), [], delivered)
        for pattern in ("*", "app", "pp", "ap*", "*p")
    ),
    *(
        Case(
            f"a registry that scans {pattern} only",
            several(UNSCANNED, _registry(pattern)),
            [fail("sec-ecr-scan", "repository", ON_PUSH)],
            delivered,
        )
        for pattern in ("web", "pp*", "*a")
    ),
    Case(
        "a registry that scans all the time",
        several(UNSCANNED, _registry("*", "CONTINUOUS_SCAN")),
        [],
        delivered,
    ),
    Case(
        "a registry that scans when asked to",
        several(UNSCANNED, _registry("*", "MANUAL")),
        [fail("sec-ecr-scan", "repository", ON_PUSH)],
        delivered,
    ),
    Case(
        "a registry that scans everything, whatever the name",
        several(UNSCANNED, _registry("*"), put("repository", "name", UNKNOWN)),
        [],
        delivered,
    ),
    Case(
        "a scan on push, whatever the registry does",
        several(_registry("*"), put("registry", "rules", UNKNOWN)),
        [],
        delivered,
    ),
    *(
        Case(
            f"an unknown {what}",
            several(UNSCANNED, change),
            [undecided("sec-ecr-scan", "repository", path)],
            delivered,
        )
        for what, change, path in (
            ("name", several(_registry("app"), put("repository", "name", UNKNOWN)), "name"),
            ("filter", _registry(UNKNOWN), "rules[0].repositoryFilters[0].filter"),
            ("list of rules", several(_registry("*"), put("registry", "rules", UNKNOWN)), "rules"),
            ("switch", put("repository", ON_PUSH, UNKNOWN), ON_PUSH),
        )
    ),
]

TAGS = "imageTagMutability"
FILTERS = "imageTagMutabilityExclusionFilters"
MOVES = [fail("sec-ecr-immutable", "repository", TAGS)]


def _excluding(*filters: Any) -> Change:
    given = [{"filter": each, "filterType": "WILDCARD"} for each in filters]
    return several(put("repository", TAGS, "IMMUTABLE_WITH_EXCLUSION"), put("repository", FILTERS, given))


def _pushing(*images: str, **variables: Any) -> Change:
    """A build that pushes these images beside its own."""
    lines = "".join(f"      - docker push {image}\n" for image in images)

    def change(graph: Graph) -> None:
        graph["build"]["source"]["buildspec"] = BUILDSPEC.replace("artifacts:\n", f"{lines}artifacts:\n")
        graph["build"]["environment"]["environmentVariables"] += [
            {"name": name, "value": value} for name, value in variables.items()
        ]

    return change


def _second_repository(graph: Graph) -> None:
    inputs = {**graph["repository"], "name": "app-cache", TAGS: "IMMUTABLE"}
    url = f"{REPOSITORY}-cache"
    graph.add("cache", "aws:ecr/repository:Repository", inputs, repositoryUrl=url)
    graph.add("cache-expiry", "aws:ecr/lifecyclePolicy:LifecyclePolicy", {"repository": Ref("cache", "name")})


TAG_CASES = [
    *(
        Case(
            f"{kind} tags",
            put("repository", TAGS, kind),
            MOVES,
            delivered,
            says=f"repository: {TAGS} is {kind}.",
        )
        for kind in ("MUTABLE", "MUTABLE_WITH_EXCLUSION")
    ),
    Case("tags as AWS has them", drop("repository", TAGS), MOVES, delivered, says=f"repository: {TAGS} is not set."),
    Case("named exceptions", _excluding("latest", "cache-*"), [], delivered),
    *(
        Case(
            f"{pattern} as an exception",
            _excluding("latest", pattern),
            [fail("sec-ecr-immutable", "repository", f"{FILTERS}[1].filter")],
            delivered,
            says=f"repository: {FILTERS}[1].filter is neither a tag nor a prefix.",
        )
        for pattern in ("*", "**", "*-dev", "a*b*", "")
    ),
    Case(
        "an exception that is not allowed",
        _excluding("latest", "cache-*"),
        [fail("sec-ecr-immutable", "repository", f"{FILTERS}[0].filter")],
        delivered,
        config={"sec-ecr-immutable": {"exclusions": ["cache-*"]}},
        says=f"repository: {FILTERS}[0].filter is not among the exclusions that are allowed here.",
    ),
    Case(
        "an unknown exception leaves the others judged",
        _excluding(UNKNOWN, "*"),
        [
            fail("sec-ecr-immutable", "repository", f"{FILTERS}[1].filter"),
            undecided("sec-ecr-immutable", "repository", f"{FILTERS}[0].filter"),
        ],
        delivered,
    ),
    Case(
        "unknown mutability",
        put("repository", TAGS, UNKNOWN),
        [undecided("sec-ecr-immutable", "repository", TAGS)],
        delivered,
    ),
    Case(
        "a build that pushes latest where every tag moves",
        several(put("repository", TAGS, "MUTABLE"), _pushing("$REPOSITORY_URL:latest")),
        MOVES,
        delivered,
        says=f"repository: {TAGS} is MUTABLE.",
    ),
    Case(
        "a build that pushes latest",
        _pushing('"$REPOSITORY_URL:latest"'),
        MOVES,
        delivered,
        says=f"repository: {TAGS} is IMMUTABLE, but build pushes the tag latest again each time.",
    ),
    Case(
        "a build that pushes latest, which may move",
        several(_pushing("$REPOSITORY_URL:latest"), _excluding("late*")),
        [],
        delivered,
    ),
    Case(
        "a build that pushes latest, which may not move",
        several(_pushing("$REPOSITORY_URL:latest"), _excluding("cache-*")),
        MOVES,
        delivered,
        says=f"repository: {TAGS} is IMMUTABLE_WITH_EXCLUSION, but build pushes the tag latest again each time.",
    ),
    *(
        Case(
            f"a build that pushes {image}, beside another repository",
            several(_second_repository, _pushing(image, CACHE=f"{REPOSITORY}-cache", **variables)),
            MOVES,
            delivered,
        )
        for image, variables in (
            (f"{REPOSITORY}:latest", {}),
            ("${REPOSITORY_URL}:$IMAGE_TAG", {"IMAGE_TAG": "latest"}),
            ("$AWS_ACCOUNT_ID.dkr.ecr.$AWS_REGION.amazonaws.com/$IMAGE:latest", {"IMAGE": "app"}),
        )
    ),
    *(
        Case(
            f"a build that pushes {image}, beside another repository",
            several(_second_repository, _pushing(image, CACHE=f"{REPOSITORY}-cache")),
            [],
            delivered,
        )
        for image in (
            "$REPOSITORY_URL:latest-2",
            "$REPOSITORY_URL:not-latest",
            "public.example.com/app:latest",
            "210987654321.dkr.ecr.eu-west-1.amazonaws.com/app:latest",
            f"{REPOSITORY}/nested:latest",
            "$TARGET:latest",
        )
    ),
    Case(
        "a variable of the script, in a build that knows one repository",
        several(_second_repository, _pushing("$TARGET:latest", BUCKET=Ref("artifacts", "bucket"))),
        MOVES,
        delivered,
    ),
    Case(
        "a variable of the script, in a build that knows no repository",
        several(_pushing("$TARGET:latest"), put("build", "environment.environmentVariables", [])),
        MOVES,
        delivered,
    ),
    Case(
        "a variable of the script, in a build that knows no repository of two",
        several(_second_repository, _pushing("$TARGET:latest"), put("build", "environment.environmentVariables", [])),
        [],
        delivered,
    ),
    Case(
        "a build that only runs latest",
        put(
            "build",
            "source.buildspec",
            BUILDSPEC.replace("docker build", "docker pull $REPOSITORY_URL:latest; docker build"),
        ),
        [],
        delivered,
    ),
    Case(
        "a build that pushes latest to the other repository",
        several(_second_repository, _pushing("$CACHE:latest", CACHE=Ref("cache", "repositoryUrl"))),
        [fail("sec-ecr-immutable", "cache", TAGS)],
        delivered,
    ),
    Case(
        "a build that pushes latest to one of two repositories, told at first preview",
        several(_second_repository, _pushing("$CACHE:latest", CACHE=Ref("cache", "repositoryUrl"))),
        [fail("sec-ecr-immutable", "cache", TAGS)],
        delivered,
        preview=True,
    ),
    Case(
        "a build that pushes latest to a name that is known at first preview",
        several(_second_repository, _pushing("$REPOSITORY_URL:latest", CACHE=Ref("cache", "repositoryUrl"))),
        MOVES,
        delivered,
        preview=True,
    ),
    Case(
        "a build that pushes latest, told at first preview",
        several(
            put("build", "environment.environmentVariables[0].value", Ref("repository", "repositoryUrl")),
            _pushing("$REPOSITORY_URL:latest"),
        ),
        MOVES,
        delivered,
        preview=True,
    ),
    Case(
        "a build whose commands are not known yet",
        put("build", "source.buildspec", UNKNOWN),
        [undecided("sec-ecr-immutable", "repository", "source.buildspec")],
        delivered,
    ),
]

LIFECYCLE_CASES = [
    Case(
        "no lifecycle policy",
        lambda graph: graph.resources.pop("expiry"),
        [fail("sec-ecr-lifecycle", "repository")],
        delivered,
        says="repository has no lifecycle policy.",
    ),
    Case(
        "the lifecycle policy of another repository",
        put("expiry", "repository", "web"),
        [fail("sec-ecr-lifecycle", "repository")],
        delivered,
    ),
    Case(
        "a lifecycle policy that dependencies tell at first preview",
        put("expiry", "repository", Ref("repository", "arn")),
        [],
        delivered,
        preview=True,
    ),
    Case(
        "a lifecycle policy of whatever repository",
        put("expiry", "repository", UNKNOWN),
        [undecided("sec-ecr-lifecycle", "repository", "repository")],
        delivered,
    ),
]

ENCRYPTION = "encryptionConfigurations[0].encryptionType"

KEY_CASES = [
    Case(
        "AES256",
        put("repository", ENCRYPTION, "AES256"),
        [fail("sec-ecr-kms", "repository", ENCRYPTION)],
        delivered,
        says=f"repository: {ENCRYPTION} is AES256.",
    ),
    Case(
        "encryption as AWS has it",
        drop("repository", "encryptionConfigurations"),
        [fail("sec-ecr-kms", "repository", ENCRYPTION)],
        delivered,
        says=f"repository: {ENCRYPTION} is not set.",
    ),
    Case("two layers of encryption", put("repository", ENCRYPTION, "KMS_DSSE"), [], delivered),
    Case(
        "unknown encryption",
        put("repository", ENCRYPTION, UNKNOWN),
        [undecided("sec-ecr-kms", "repository", ENCRYPTION)],
        delivered,
    ),
]

PULL = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
PRINCIPAL = "policy.Statement.Principal"


def _policy(**changed: Any) -> Change:
    return put("pull", "policy", json.dumps({"Statement": {**PULL, **changed}}))


PUBLIC_CASES = [
    *(
        Case(
            f"a policy with {changed}",
            _policy(**changed),
            [fail("sec-ecr-not-public", "pull", PRINCIPAL)],
            delivered,
            says=f"pull: {PRINCIPAL} lets everybody in, and no condition says of which organisation.",
        )
        for changed in (
            {},
            {"Principal": {"AWS": "*"}},
            {"Principal": {"AWS": ["123456789012", "*"]}},
            {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}},
            {"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}},
            {"Condition": {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}},
            {"Condition": {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}}},
            {"Condition": {"StringLike": {"aws:PrincipalOrgID": "*"}}},
            {"Condition": {"StringLike": {"aws:PrincipalOrgID": ["o-1", "*"]}}},
            {"Condition": {"StringEquals": {"aws:PrincipalOrgID": []}}},
            {"Condition": "none"},
        )
    ),
    *(
        Case(f"a policy with {changed}", _policy(**changed), [], delivered)
        for changed in (
            {"Effect": "Deny"},
            {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
            {"Principal": {"Service": "lambda.amazonaws.com"}},
            {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
            {"Condition": {"StringEquals": {"AWS:PrincipalOrgId": ["o-1", "o-2"]}}},
            {"Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}}},
            {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:lambda:eu-west-1:123456789012:function:*"}}},
            {"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}},
        )
    ),
    Case(
        "a policy for all but one",
        put("pull", "policy", {"Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": "1"}, "Action": "ecr:*"}]}),
        [fail("sec-ecr-not-public", "pull", "policy.Statement[0].NotPrincipal")],
        delivered,
    ),
    Case(
        "an unknown policy",
        put("pull", "policy", UNKNOWN),
        [undecided("sec-ecr-not-public", "pull", "policy")],
        delivered,
    ),
    Case(
        "an unknown organisation leaves other statements judged",
        put(
            "pull",
            "policy",
            {"Statement": [{**PULL, "Condition": {"StringEquals": {"aws:PrincipalOrgID": UNKNOWN}}}, PULL]},
        ),
        [
            fail("sec-ecr-not-public", "pull", "policy.Statement[1].Principal"),
            undecided("sec-ecr-not-public", "pull", "policy.Statement[0].Condition.StringEquals.aws:PrincipalOrgID"),
        ],
        delivered,
    ),
]


CASES = [*SCAN_CASES, *TAG_CASES, *LIFECYCLE_CASES, *KEY_CASES, *PUBLIC_CASES]
