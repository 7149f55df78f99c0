"""How an image gets into a service: by a repository, the build that pushes to it, and a pipeline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from aws import BUILD_PROJECT, CLUSTER, DEPLOYMENT_GROUP, PIPELINE, REPOSITORY, ROLE, SERVICE, TASK_DEFINITION
from buildspec import images_in_ecr, is_inline, is_tool, latest_pushed, makes_images, variables_in
from release import releases
from resources import Resource
from stack import Stack
from value import Undecided, Value, any_true

CODE_DEPLOY_ACTION = "CodeDeployToECS"
ECS_ACTION = "ECS"


def actions(pipeline: Resource) -> Iterator[Value]:
    """All actions of a pipeline."""
    return (action for stage in pipeline["stages"].items for action in stage["actions"].items)


def is_elsewhere(action: Value, stack: Stack) -> bool:
    """True if an action works in another region, or under a role that is not of this stack, as in another account."""
    region, role = action["region"], action["roleArn"]
    if not region.is_unknown and region.text not in {"", *_regions(action.resource)}:
        return True
    return (role.is_unknown or bool(role.text)) and not stack.some(role, ROLE)


def _regions(pipeline: Resource) -> set[str]:
    """A pipeline's own region, which the provider fills in for its actions too."""
    arn = pipeline["arn"]
    told = [own.text for own in (pipeline["region"], pipeline.provider("region")) if not own.is_unknown]
    return {*told, *([] if arn.is_unknown else arn.text.split(":")[3:4])}


def services_named(action: Value, stack: Stack) -> list[Resource]:
    """The services that an ECS action may deploy to."""
    configuration = action["configuration"]
    clusters = stack.keys(configuration["ClusterName"], CLUSTER)
    return [
        service
        for service in stack.some(configuration["ServiceName"], SERVICE)
        if clusters & (stack.keys(service["cluster"], CLUSTER) or {"default"})
    ]


def buildspec(project: Resource) -> str:
    """The project's inline buildspec, empty if it lies elsewhere."""
    text = project["source"]["buildspec"].text
    return text if is_inline(text) else ""


def has_tool(project: Resource) -> bool:
    """True if the build runs in an image of a tool for images, or beside a Docker server."""
    environment = project["environment"]
    return any_true(
        lambda: not environment["dockerServer"].absent,
        lambda: is_tool(environment["image"].text),
    )


def is_image_build(project: Resource) -> bool:
    """True if the project makes images, as far as its environment and its inline buildspec tell."""
    return any_true(lambda: makes_images(buildspec(project)), lambda: has_tool(project))


def variables(project: Resource) -> dict[str, Value]:
    """The build's environment variables, by name."""
    every = project["environment"]["environmentVariables"]
    return {variable["name"].text: variable["value"] for variable in every.items if not variable["name"].is_unknown}


def builders(task: Resource, stack: Stack) -> list[Resource]:
    """The projects that may make the images of a task definition.

    They are told by the images' repository, or else by a pipeline that deploys the task definition. Where
    neither is seen, it may be any project that no pipeline joins to another one.
    """
    table = stack.derived(builds)
    lying_in = _repositories_of(task, stack)
    pushing = [project for project in table.projects if table.repositories[project.urn] & lying_in]
    deploying = [project for project in table.projects if task.urn in table.tasks[project.urn]]
    free = (project for project in table.projects if not table.tasks[project.urn])
    return pushing or deploying or [each for each in free if not (lying_in and table.repositories[each.urn])]


@dataclass
class Builds:
    """The build projects of a stack, and where their images go.

    Attributes:
        projects: those that make images, or may.
        repositories: the repositories a project knows of, by its URN, as `Stack.keys`.
        tasks: URNs of the task definitions that pipelines deploy after a project has run, by its URN.
    """

    projects: list[Resource] = field(default_factory=list)
    repositories: dict[str, frozenset[str]] = field(default_factory=dict)
    tasks: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def builds(stack: Stack) -> Builds:
    """The table, for `Stack.derived`."""
    table = Builds()
    for project in stack.of(BUILD_PROJECT):
        if _may_make_images(project):
            table.projects.append(project)
            table.repositories[project.urn] = _repositories_known_to(project, stack)
    for pipeline in stack.of(PIPELINE):
        projects: set[str] = set()
        tasks: set[str] = set()
        with suppress(Undecided):
            for action in actions(pipeline):
                with suppress(Undecided):
                    projects.update(each.urn for each in _run(action, stack))
                    tasks.update(each.urn for each in _deployed(action, stack))
        for project in projects:
            table.tasks[project] |= tasks
    return table


@dataclass
class LatestPushes:
    """Which builds push the tag `latest`.

    Attributes:
        projects: the projects that push it to a repository, by the repository's URN.
        doubts: why it can't be told of a repository that a project knows of, by the repository's URN.
    """

    projects: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))
    doubts: dict[str, Undecided] = field(default_factory=dict)


def latest_pushes(stack: Stack) -> LatestPushes:
    """The table, for `Stack.derived`."""
    table = LatestPushes()
    for project in stack.derived(builds).projects:
        try:
            for repository in _latest_in(project, stack):
                table.projects[repository].append(project)
        except Undecided as doubt:
            table.doubts.update(dict.fromkeys(stack.derived(builds).repositories[project.urn], doubt))
    return table


def _latest_in(project: Resource, stack: Stack) -> frozenset[str]:
    """The repositories of this stack, by URN, to which a build pushes `latest`."""
    own = variables(project)
    found: set[str] = set()
    for image in latest_pushed(buildspec(project), _known(own)):
        unknown = [own[name] for name in variables_in(image) if name in own]
        named = [each for value in unknown for each in stack.some(value, REPOSITORY)] or _named(project, image, stack)
        if not named and image.startswith("$"):  # a variable of the script's own
            pushed = stack.derived(builds).repositories[project.urn] or {each.urn for each in stack.of(REPOSITORY)}
            named = stack.at(pushed if len(pushed) == 1 else ())
        found.update(each.urn for each in named)
    return frozenset(found)


def _may_make_images(project: Resource) -> bool:
    try:
        return is_image_build(project)
    except Undecided:
        return True


def _run(action: Value, stack: Stack) -> list[Resource]:
    is_build = action["provider"].text == "CodeBuild"
    return stack.some(action["configuration"]["ProjectName"], BUILD_PROJECT) if is_build else []


def _deployed(action: Value, stack: Stack) -> Iterator[Resource]:
    services: list[Resource] = []
    if action["provider"].text == CODE_DEPLOY_ACTION:
        table = stack.derived(releases)
        groups = stack.some(action["configuration"]["DeploymentGroupName"], DEPLOYMENT_GROUP)
        services = [service for group in groups for service in table.services.get(group.urn, ())]
    elif action["provider"].text == ECS_ACTION:
        services = services_named(action, stack)
    for service in services:
        yield from stack.some(service["taskDefinition"], TASK_DEFINITION)


def _repositories_of(task: Resource, stack: Stack) -> frozenset[str]:
    """Where the images lie, by URN or else by name; nothing if that cannot be seen."""
    definitions = task["containerDefinitions"]
    with suppress(Undecided):
        if definitions.is_unknown:
            return stack.keys(definitions, REPOSITORY)
        images = [container["image"].text for container in definitions.document.items]
        declared = {image: _named(task, image, stack) for image in images}
        return frozenset(key for image in images for key in ([each.urn for each in declared[image]] or [image]))
    return frozenset()


def _repositories_known_to(project: Resource, stack: Stack) -> frozenset[str]:
    depended = (urn for prop in ("environment", "source") for urn in project.property_dependencies.get(prop, ()))
    found = [each for each in stack.at(depended) if each.kind == REPOSITORY]
    with suppress(Undecided):
        own = _known(variables(project))
        for text in own.values():
            found += _named(project, text, stack) or stack.some(Value(project, text), REPOSITORY)
        for image in images_in_ecr(buildspec(project), own):
            found += _named(project, image, stack)
    return frozenset(each.urn for each in found)


def _known(own: dict[str, Value]) -> dict[str, str]:
    return {name: value.text for name, value in own.items() if not value.is_unknown}


def _named(holder: Resource, image: str, stack: Stack) -> list[Resource]:
    """The repositories of this stack that an image's name in ECR means."""
    name = image.partition("@")[0]
    registry, _, path = name.partition("/")
    if ".dkr.ecr" not in registry:
        return []
    path = path.partition(":")[0]
    found = stack.some(Value(holder, f"{registry}/{path}"), REPOSITORY)
    return found or [
        each
        for each in stack.some(Value(holder, path), REPOSITORY)
        if "$" in registry or each["repositoryUrl"].is_unknown
    ]
