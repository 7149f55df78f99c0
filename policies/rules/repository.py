"""What a repository of images must be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial

from aws import LIFECYCLE_POLICY, REGISTRY_SCANNING, REPOSITORY, REPOSITORY_POLICY
from delivery import latest_pushes
from finding import shown
from iam import statements
from judge import Judge
from remedy import Remedy
from resource_policy import lets_everybody_in
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Undecided, Value, any_true

scan = Rule(
    id="sec-ecr-scan",
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    description="Images are scanned when they are pushed.",
    why="An image with a known vulnerability is found before it is released, not after.",
    fix="""\
  aws.ecr.Repository("app", ...,
-     image_scanning_configuration={"scan_on_push": False},
+     image_scanning_configuration={"scan_on_push": True},
  )""",
    url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html",
)


@scan.stack(REPOSITORY)
def _is_scanned(repository: Resource, stack: Stack, judge: Judge) -> None:
    on_push = repository["imageScanningConfiguration"]["scanOnPush"]
    filters = (each for registry in stack.of(REGISTRY_SCANNING) for each in _scanned(registry))
    covered = (partial(_matches, each, repository["name"]) for each in filters)
    if not any_true(lambda: on_push.flag, *covered):
        judge.fail(on_push, "is not true, and no registry scanning configuration covers the repository.")


@scan.remediation(REPOSITORY)
def _scan_on_push(repository: Resource, remedy: Remedy) -> None:
    on_push = repository["imageScanningConfiguration"]["scanOnPush"]
    if not on_push.flag:
        remedy.put(on_push, True)


def _scanned(registry: Resource) -> Iterator[Value]:
    """The filters of what a registry scans by itself; an unknown list of them as one unknown."""
    for rule in _elements(registry["rules"]):
        if rule["scanFrequency"].is_unknown or rule["scanFrequency"].text != "MANUAL":
            yield from (each["filter"] for each in _elements(rule["repositoryFilters"]))


def _elements(value: Value) -> list[Value]:
    return [value] if value.is_unknown else value.items


def _matches(given: Value, name: Value) -> bool:
    """A filter without a wildcard matches all names that contain it."""
    pattern = given.text if "*" in given.text else f"*{given.text}*"
    return pattern.strip("*") == "" or fnmatchcase(name.text, pattern)


immutable = Rule(
    id="sec-ecr-immutable",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    description="Tags of images never move, but for named exceptions.",
    why="A tag that moves changes what a task definition runs: a rollback starts the new image, and tasks of one "
    "revision differ. Where tags are immutable, a build that pushes `latest` again fails with "
    "`ImageTagAlreadyExistsException`.",
    fix="""\
  aws.ecr.Repository("app", ...,
-     image_tag_mutability="MUTABLE",
+     image_tag_mutability="IMMUTABLE_WITH_EXCLUSION",  # or IMMUTABLE
+     image_tag_mutability_exclusion_filters=[{"filter": "cache-*", "filter_type": "WILDCARD"}],
  )""",
    url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
    knobs={
        "exclusions": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Filters that may be excluded; if none are given, any tag or prefix, as in cache-*.",
        }
    },
)
IMMUTABLE = ("IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION")


@immutable.resource(REPOSITORY)
def _tags_stay(repository: Resource, judge: Judge) -> None:
    mutability = repository["imageTagMutability"]
    with judge.separately:
        if mutability.text not in IMMUTABLE:
            judge.fail(mutability, f"is {shown(mutability.known)}.")
        elif mutability.text == IMMUTABLE[1]:
            allowed = judge.knob("exclusions")
            for given in _exclusions(repository):
                with judge.separately:
                    if not re.fullmatch(r"[^*]+\*?", given.text):
                        judge.fail(given, "is neither a tag nor a prefix.")
                    elif allowed and given.text not in allowed:
                        judge.fail(given, "is not among the exclusions that are allowed here.")


@immutable.stack(REPOSITORY)
def _latest_is_not_pushed_again(repository: Resource, stack: Stack, judge: Judge) -> None:
    mutability = repository["imageTagMutability"]
    if mutability.is_unknown or mutability.text not in IMMUTABLE:
        return
    table = stack.derived(latest_pushes)
    projects, doubt = table.projects.get(repository.urn), table.doubts.get(repository.urn)
    if not (projects or doubt) or any_true(*(partial(_excludes_latest, each) for each in _exclusions(repository))):
        return
    if projects:
        names = " and ".join(sorted(project.name for project in projects))
        judge.fail(mutability, f"is {shown(mutability.text)}, but {names} pushes the tag latest again each time.")
    elif doubt:
        raise doubt


def _exclusions(repository: Resource) -> list[Value]:
    return [each["filter"] for each in repository["imageTagMutabilityExclusionFilters"].items]


def _excludes_latest(given: Value) -> bool:
    return fnmatchcase("latest", given.text)


lifecycle = Rule(
    id="sec-ecr-lifecycle",
    level=Level.ADVISORY,
    severity=Severity.LOW,
    description="A repository forgets old images.",
    why="Without a lifecycle policy every image ever pushed is kept and paid for, with the vulnerabilities of its day.",
    fix="""\
  repository = aws.ecr.Repository("app", ...)
+ aws.ecr.LifecyclePolicy("app", repository=repository.name, policy=json.dumps({"rules": [{
+     "rulePriority": 1,
+     "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 50},
+     "action": {"type": "expire"},
+ }]}))""",
    url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html",
)


@lifecycle.stack(REPOSITORY)
def _forgets_images(repository: Resource, stack: Stack, judge: Judge) -> None:
    table = stack.derived(_lifecycles)
    if repository.urn in table.repositories:
        return
    for doubt in table.doubts:
        raise doubt
    judge.fail(repository, "has no lifecycle policy.")


@dataclass
class _Lifecycles:
    """The repositories that lifecycle policies belong to, by URN or name, and policies that can't be told."""

    repositories: set[str] = field(default_factory=set)
    doubts: list[Undecided] = field(default_factory=list)


def _lifecycles(stack: Stack) -> _Lifecycles:
    table = _Lifecycles()
    for policy in stack.of(LIFECYCLE_POLICY):
        try:
            table.repositories |= stack.keys(policy["repository"], REPOSITORY)
        except Undecided as doubt:
            table.doubts.append(doubt)
    return table


key = Rule(
    id="sec-ecr-kms",
    level=Level.ADVISORY,
    severity=Severity.LOW,
    description="A repository encrypts its images with a key of KMS.",
    why="Only with a key in KMS can one see who decrypts images, and end it. The encryption is chosen when the "
    "repository is made: changing it later replaces the repository, and all its images are lost.",
    fix="""\
  aws.ecr.Repository("app", ...,
-     encryption_configurations=[{"encryption_type": "AES256"}],
+     encryption_configurations=[{"encryption_type": "KMS", "kms_key": key.arn}],
  )""",
    url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html",
)


@key.resource(REPOSITORY)
def _is_encrypted_with_kms(repository: Resource, judge: Judge) -> None:
    kind = repository["encryptionConfigurations"][0]["encryptionType"]
    if not kind.text.startswith("KMS"):
        judge.fail(kind, f"is {shown(kind.known)}.")


not_public = Rule(
    id="sec-ecr-not-public",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    description="A repository's policy lets nobody in but named accounts and organisations.",
    why="Images hold the application's code and often its configuration; whoever may push to the repository decides "
    "what is released next.",
    fix="""\
  aws.ecr.RepositoryPolicy("app", repository=repository.name, policy=json.dumps({
      "Version": "2012-10-17",
      "Statement": [{
          "Effect": "Allow",
          "Principal": "*",
          "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
+         "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
      }],
  }))""",
    url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html",
)


@not_public.resource(REPOSITORY_POLICY)
def _lets_nobody_in(policy: Resource, judge: Judge) -> None:
    for statement in statements(policy["policy"]):
        with judge.separately:
            if lets_everybody_in(statement):
                excepted = statement.place["NotPrincipal"]
                place = statement.place["Principal"] if excepted.absent else excepted
                judge.fail(place, "lets everybody in, and no condition says of which organisation.")
