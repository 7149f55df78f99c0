"""Release an image to a service that ECS itself releases, and follow the release to its end.

    python deploy.py --cluster prod --service shop --container web --image-detail imageDetail.json

It may be run again at any time: it follows the release of the same task definition that it finds under way, registers
nothing twice, and leaves a service alone that has been released so already. Releases of others are never superseded.

Exit status: 0 released, or nothing to do; 1 not released; 2 can't be asked for like that.
"""

import argparse
import json
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError, ParamValidationError

CALLS = (
    "ecs:DescribeServiceDeployments",
    "ecs:DescribeServiceRevisions",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "ecs:ListServiceDeployments",
    "ecs:RegisterTaskDefinition",
    "ecs:UpdateService",
)
"""What it calls. It also passes the task's roles (iam:PassRole), and tags what it registers where the task definition
has tags (ecs:TagResource)."""

RETRIES = Config(retries={"mode": "standard", "max_attempts": 10})

SECONDS = 10
"""Between two looks at a release."""

LOOKS = 12
"""How often to look for a release that has only just begun."""

UNDER_WAY = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")
OVER = ("SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")
"""The states of a release.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html"""

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "containerDefinitions": {"cpu": 0, "essential": True, "versionConsistency": "enabled"},
    "healthCheck": {"interval": 30, "timeout": 5, "retries": 3, "startPeriod": 0},
    "portMappings": {"protocol": "tcp"},
    "runtimePlatform": {"operatingSystemFamily": "LINUX"},
}
"""What ECS may add to a task definition, by the name of what it adds it to.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"""

UNORDERED = ("containerDefinitions", "environment", "secrets", "tags")
"""Lists that ECS may return in another order."""

ARN = re.compile(r"arn:[\w-]+:ecs:[\w-]+:\d{12}:service-deployment/[^/\s]+/[^/\s]+/[^/\s]+")
BY_DIGEST = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")

Json = dict[str, Any]
Sleep = Callable[[float], None]


class BadInput(Exception):
    """It can't be asked for like that."""


class NotReleased(Exception):
    """The release was not begun, or came to a bad end."""


class Service:
    """A service as ECS knows it."""

    def __init__(self, ecs: Any, cluster: str, name: str) -> None:
        self.ecs = ecs
        self.cluster = cluster
        self.name = name

    def task_definition(self) -> str:
        """ARN of its task definition."""
        services = self.ecs.describe_services(cluster=self.cluster, services=[self.name])["services"]
        if not services:
            raise BadInput(f"cluster {self.cluster} has no service {self.name}")
        controller = services[0].get("deploymentController", {}).get("type", "ECS")
        if controller != "ECS":
            raise BadInput(f"service {self.name} has controller {controller}; allowed: ECS, which releases by itself")
        if services[0]["status"] != "ACTIVE":
            raise BadInput(f"service {self.name} is {services[0]['status']}; allowed: ACTIVE")
        return services[0]["taskDefinition"]

    def releases(self) -> list[Json]:
        """Its service deployments, newest first."""
        found: list[Json] = []
        token: dict[str, str] = {}
        while True:
            page = self.ecs.list_service_deployments(cluster=self.cluster, service=self.name, maxResults=100, **token)
            found += page["serviceDeployments"]
            if not page.get("nextToken"):
                return sorted(found, key=lambda release: release["createdAt"], reverse=True)
            token = {"nextToken": page["nextToken"]}

    def target(self, release: Json) -> str:
        """ARN of the task definition that a release brings; empty as long as ECS doesn't tell."""
        revision = release["targetServiceRevisionArn"]
        described = self.ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"]
        return described[0]["taskDefinition"] if described else ""

    def settled(self, newest: Json, current: str) -> bool:
        """Whether the newest release has left the service with its current task definition, or gone back to it."""
        went_back = newest["status"] == "ROLLBACK_SUCCESSFUL" and self.target(newest) != current
        return newest["status"] == "SUCCESSFUL" or went_back

    def document(self, task_definition: str) -> tuple[str, Json]:
        """ARN of a task definition, or of the newest of a family, and what it was registered with."""
        reply = self.ecs.describe_task_definition(taskDefinition=task_definition, include=["TAGS"])
        parameters = self.ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape.members
        document = {key: value for key, value in reply["taskDefinition"].items() if key in parameters}
        if tags := [tag for tag in reply.get("tags", []) if not tag["key"].lower().startswith("aws:")]:
            document["tags"] = tags  # an empty list is refused: "Tags can not be empty."
        return reply["taskDefinition"]["taskDefinitionArn"], document

    def register(self, document: Json) -> str:
        """ARN of the family's newest task definition if it says the same, else of a new one."""
        try:
            arn, newest = self.document(document["family"])
            if same(newest, document):
                say(f"registered already: {arn}")
                return arn
        except ClientError as error:
            if error.response["Error"]["Code"] != "ClientException":  # which is that there is none yet
                raise
        arn = self.ecs.register_task_definition(**document)["taskDefinition"]["taskDefinitionArn"]
        say(f"registered: {arn}")
        return arn

    def begin(self, task_definition: str, known: Sequence[Json], again: bool, sleep: Sleep) -> str:
        """Begin a release, and find its ARN: UpdateService may still reply with that of the one before.

        https://github.com/kayac/ecspresso/pull/945
        """
        before = {release["serviceDeploymentArn"] for release in known}
        force = {"forceNewDeployment": True} if again else {}
        failure = ""
        try:
            self.ecs.update_service(cluster=self.cluster, service=self.name, taskDefinition=task_definition, **force)
        except (BotoCoreError, ClientError) as error:
            if not passing(error):
                raise
            failure = f"; {explained(error)}"
            say(f"{explained(error)}; the release may have begun all the same")
        for _ in range(LOOKS):
            for release in self.releases():
                if release["serviceDeploymentArn"] not in before and self.target(release) == task_definition:
                    return release["serviceDeploymentArn"]
            sleep(SECONDS)
        raise NotReleased(f"ECS shows no release of {task_definition}{failure}")


def deploy(service: Service, container: str, image: str, base: Json | None, sleep: Sleep) -> str | None:
    """ARN of the release of an image, found under way or begun; None where there is nothing to do."""
    current, running = service.document(service.task_definition())
    document = with_image(base or running, container, image)
    known = service.releases()
    under_way = [release for release in known if not over(release)]
    for release in under_way:
        target = service.target(release)
        if target and same(service.document(target)[1], document):
            say(f"a release of {target} is under way")
            return release["serviceDeploymentArn"]
    if under_way:
        arn = under_way[0]["serviceDeploymentArn"]
        raise NotReleased(
            f"another release is under way, {arn}: wait for its end, or end it by "
            f"`aws ecs stop-service-deployment --service-deployment-arn {arn} --stop-type ROLLBACK`"
        )
    if not same(running, document):
        return service.begin(service.register(document), known, False, sleep)
    if known and not service.settled(known[0], current):
        say(f"the last release ended as {known[0]['status']}: {current} is released again")
        return service.begin(current, known, True, sleep)
    say(f"nothing to do: service {service.name} runs {current}")
    return None


def follow(ecs: Any, arn: str, minutes: int, sleep: Sleep, clock: Callable[[], float]) -> None:
    """Print what becomes of a release until it is over."""
    began, unknown, last = clock(), 0, ""
    told: set[str] = set()
    while True:
        found: list[Json] = []
        try:
            found = ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"]
            unknown = 0 if found else unknown + 1
        except (BotoCoreError, ClientError) as error:
            if not passing(error):
                raise
            say(f"{explained(error)}; looking again")
        if unknown == LOOKS:
            raise NotReleased(f"ECS knows no service deployment {arn}")
        elapsed = (clock() - began) / 60
        for each in found:
            if (now := progress(each)) != last:
                say(f"{elapsed:6.1f} min  {now}")
                last = now
            for note in notes(each):
                if note not in told:
                    say(f"{'':12}{note}")
                    told.add(note)
            if each["status"] == "SUCCESSFUL":
                return
            if over(each):
                raise NotReleased(f"{each['status']}: {'; '.join(reasons(each)) or 'AWS gives no reason'}")
        if elapsed >= minutes:
            raise TimeoutError(f"not over after {minutes} minutes")
        sleep(SECONDS)


def over(release: Json) -> bool:
    """Whether a release is over; in a state that AWS may add one day, it is when its end has a time."""
    return release["status"] in OVER or (release["status"] not in UNDER_WAY and "finishedAt" in release)


def progress(release: Json) -> str:
    """State, stage and traffic of a release, in one line."""
    old, new = release.get("sourceServiceRevisions", []), release.get("targetServiceRevision", {})
    parts = [release["status"], release.get("lifecycleStage", "")]
    for kind in ("Production", "Test"):
        weight = f"requested{kind}TrafficWeight"
        if any(weight in revision for revision in (new, *old)):
            before = sum(revision.get(weight, 0) for revision in old)
            parts.append(f"{kind.lower()} traffic {before:g}% old, {new.get(weight, 0):g}% new")
    return "  ".join(part for part in parts if part)


def notes(release: Json) -> Iterator[str]:
    """What people should know of a release: its pauses and how to answer them, and what AWS says."""
    for hook in release.get("lifecycleHookDetails", []):
        if hook.get("status") == "AWAITING_ACTION":
            yield f"waits for an answer until {hook.get('expiresAt')}, then {hook.get('timeoutAction')}:"
            yield (
                f"aws ecs continue-service-deployment --service-deployment-arn {release['serviceDeploymentArn']} "
                f"--hook-id {hook['hookId']} --action CONTINUE (or ROLLBACK)"
            )
    yield from reasons(release)


def reasons(release: Json) -> list[str]:
    """Why a release is in its state, as far as AWS says."""
    alarms, breaker = release.get("alarms", {}), release.get("deploymentCircuitBreaker", {})
    triggered, failures = alarms.get("triggeredAlarmNames"), breaker.get("failureCount")
    said = [
        release.get("statusReason"),
        release.get("rollback", {}).get("reason"),
        f"alarms: {', '.join(triggered)}" if triggered else None,
        f"circuit breaker: {failures} failed tasks" if breaker.get("status") == "TRIGGERED" else None,
    ]
    return list(dict.fromkeys(reason for reason in said if reason))


def read(path: str) -> Json:
    """A file that holds a JSON object."""
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise BadInput(f"{path} isn't JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadInput(f"{path} isn't a JSON object")
    return value


def by_digest(image: Any) -> str:
    """An image that stays the same, so that nothing but a release changes what runs (G57)."""
    if not isinstance(image, str) or not BY_DIGEST.fullmatch(image):
        raise BadInput(f"image {image}; allowed: by digest, REPOSITORY@sha256:..., because a tag may move (G57)")
    return image


def read_task_definition(path: str) -> Json:
    """A task definition; the rest of it is checked when it is registered."""
    document = read(path)
    containers = document.get("containerDefinitions")
    if not isinstance(containers, list) or not all(isinstance(each, dict) for each in containers):
        raise BadInput(f"{path} isn't a task definition: containerDefinitions has to be a list of objects")
    if not isinstance(document.get("family"), str):
        raise BadInput(f"{path} isn't a task definition: it has no family")
    return document


def with_image(document: Json, container: str, image: str) -> Json:
    """A task definition whose container has this image."""
    containers = document["containerDefinitions"]
    names = [each.get("name") for each in containers]
    if container not in names:
        raise BadInput(f"the task definition has no container {container}; there are: {', '.join(map(str, names))}")
    swapped = [each | {"image": image} if each.get("name") == container else each for each in containers]
    for each in swapped:
        if str(each.get("image", "")).startswith("<"):
            raise BadInput(f"container {each.get('name')} has {each['image']} for its image")
    return document | {"containerDefinitions": swapped}


def same(one: Json, other: Json) -> bool:
    """Whether ECS makes the same of two task definitions."""
    return canonical(one) == canonical(other)


def canonical(value: Any, name: str = "") -> Any:
    """What stands under a name of a task definition, in one order and without what ECS may add."""
    if isinstance(value, list):
        items = [canonical(item, name) for item in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True)) if name in UNORDERED else items
    if not isinstance(value, dict):
        return value
    defaults = dict(DEFAULTS.get(name, {}))
    if name == "portMappings":
        defaults["hostPort"] = value.get("containerPort")  # under awsvpc, which is all that Fargate has
    members = {key: canonical(member, key) for key, member in value.items()}
    return {
        key: member
        for key, member in members.items()
        if member not in (None, [], {}) and (member != defaults[key] if key in defaults else member is not False)
    }


def passing(error: Exception) -> bool:
    """Whether an error may be gone at the next try."""
    if isinstance(error, ClientError):
        server = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
        return server or error.response["Error"]["Code"] == "ThrottlingException"
    return isinstance(error, (ConnectionError, HTTPClientError))


def explained(error: BaseException) -> str:
    """An error in one line, without the values of a task definition: they may be secret."""
    if isinstance(error, ClientError):
        return f"{error.operation_name}: {error.response['Error']['Code']}: {error.response['Error']['Message']}"
    if isinstance(error, KeyboardInterrupt):
        return "interrupted: what has begun goes on, and is found when this is run again"
    return str(error).partition(", value: ")[0]


def say(line: str) -> None:
    """Print a line at once: a build's log is read while it runs."""
    print(line, flush=True)


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line, and what its files hold."""
    parser = argparse.ArgumentParser("deploy.py", description=(__doc__ or "").partition("\n")[0], allow_abbrev=False)
    parser.add_argument("--cluster", help="name or ARN")
    parser.add_argument("--service", help="name")
    parser.add_argument("--container", help="name of the container that gets the image")
    image = parser.add_mutually_exclusive_group()
    image.add_argument("--image", help="REPOSITORY@sha256:...")
    image.add_argument("--image-detail", metavar="FILE", help="imageDetail.json, as a build writes it")
    parser.add_argument("--task-definition", metavar="FILE", help="taskdef.json; that of the service unless given")
    parser.add_argument("--timeout-minutes", type=int, default=480, metavar="N", help="%(default)s unless given")
    parser.add_argument("--service-deployment", metavar="ARN", help="a release that is only to be followed")
    given = parser.parse_args(argv)
    needed = [given.cluster, given.service, given.container, given.image or given.image_detail]
    if given.timeout_minutes < 1:
        raise BadInput(f"--timeout-minutes {given.timeout_minutes}; allowed: 1 and more")
    if given.service_deployment:
        if not ARN.fullmatch(given.service_deployment):
            raise BadInput(f"--service-deployment {given.service_deployment}; allowed: the ARN of a service deployment")
        if any([*needed, given.task_definition]):
            raise BadInput("--service-deployment only follows a release; allowed with it: --timeout-minutes")
        return given
    if not all(needed):
        raise BadInput("needed: --cluster, --service, --container, and --image or --image-detail")
    given.image = by_digest(given.image or read(given.image_detail).get("ImageURI"))
    given.document = read_task_definition(given.task_definition) if given.task_definition else None
    return given


def main(
    argv: Sequence[str] | None = None,
    ecs: Any = None,
    sleep: Sleep = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """The exit status."""
    arn: str | None = None
    try:
        given = arguments(argv)
        ecs = ecs or boto3.client("ecs", config=RETRIES)
        service = Service(ecs, given.cluster, given.service)
        arn = given.service_deployment or deploy(service, given.container, given.image, given.document, sleep)
        if arn:
            say(f"service deployment {arn}")
            follow(ecs, arn, given.timeout_minutes, sleep, clock)
        return 0
    except (BadInput, ParamValidationError) as error:
        print(explained(error), file=sys.stderr)
        return 2
    except NotReleased as error:
        print(f"not released: {error}", file=sys.stderr)
    except (BotoCoreError, ClientError, KeyboardInterrupt, TimeoutError) as error:
        print(explained(error), file=sys.stderr)
        if arn:
            print(f"the release goes on; --service-deployment {arn} follows it", file=sys.stderr)
    return 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
