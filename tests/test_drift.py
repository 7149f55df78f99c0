"""After any number of releases a refresh shows no change, `pulumi up` moves no traffic, and the pack guards that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from offline.deployment import Deployment, Resource
from offline.pack import Pack
from offline.packconfig import PolicyConfig
from offline.value import UNKNOWN
from tests.graph import only
from tests.live_state import LiveState
from tests.native_stacks import CONTAINERS, NATIVE, TEST_ROUTES, Native

SERVICE = "aws:ecs/service:Service"
RULE = "aws:lb/listenerRule:ListenerRule"
LISTENER = "aws:lb/listener:Listener"

OBJECTIONS = {
    ("CODE_DEPLOY", SERVICE, "desiredCount"): "bg-autoscaling-owns-count",
    ("CODE_DEPLOY", SERVICE, "loadBalancers"): "bg-ignore-changes-service",
    ("CODE_DEPLOY", SERVICE, "taskDefinition"): "bg-ignore-changes-service",
    ("CODE_DEPLOY", RULE, "actions"): "bg-ignore-changes-listener",
    # No rolling release moves it, but those of another strategy, before or after, leave traffic on either group.
    ("ROLLING", RULE, "actions"): "bg-ignore-changes-listener",
    **{
        (strategy, kind, prop): rule
        for strategy in ("BLUE_GREEN", "LINEAR", "CANARY")
        for kind, prop, rule in (
            (SERVICE, "desiredCount", "bg-autoscaling-owns-count"),
            (RULE, "actions", "bg-ignore-changes-listener"),
        )
    },
}
"""The rule that objects where Pulumi would no longer ignore a property, by who releases, resource type and property."""

UNGUARDED = {
    ("CODE_DEPLOY", SERVICE, "enableExecuteCommand"): "no release changes it; UpdateService refuses to (G3)",
    ("CODE_DEPLOY", SERVICE, "networkConfiguration"): "changes only where an AppSpec has other network settings",
    **{
        (strategy, SERVICE, "taskDefinition"): "no rule can tell a pipeline from `pulumi up`, both make revisions"
        for strategy in ("BLUE_GREEN", "LINEAR", "CANARY", "ROLLING")
    },
    ("ROLLING", SERVICE, "desiredCount"): "the rules guard releases between two colours",
    **{
        (releaser, LISTENER, "defaultActions"): "a fixed reply, which no release moves"
        for releaser in ("CODE_DEPLOY", "BLUE_GREEN", "LINEAR", "CANARY", "ROLLING")
    },
}
"""What is ignored without a rule that says so, and why there is none."""

UNCHANGED = {
    ("CODE_DEPLOY", SERVICE, "enableExecuteCommand"),
    ("ROLLING", RULE, "actions"),
    *(key for key in UNGUARDED if key[1] == LISTENER),
}
"""What is ignored although releases leave it as it is."""

CLASSIC = [(test, owner) for test in ("none", "port") for owner in ("pulumi", "autoscaling")]


def ignored(stack: Deployment) -> set[tuple[str, str, str]]:
    """Type, name and property of all that Pulumi ignores."""
    return {(r.type, r.name, prop) for r in stack for prop in r.ignore_changes}


def keys(releaser: str, properties: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """What the tables above call these properties."""
    return {(releaser, kind, prop) for kind, _, prop in properties}


def assert_no_drift(stack: Deployment, releaser: str, by_pipeline: bool, scaled: bool) -> None:
    """Assert that whatever releases and scaling change is ignored at each step, and that nothing else is."""
    live, ever = LiveState(stack), set()
    # After two releases the groups have changed places twice; the revision alone goes on.
    for _ in range(4):
        for _ in live.release(by_pipeline):
            assert live.changed() <= ignored(stack)
            ever |= live.changed()
        if scaled:
            live.scale()
    assert live.changed() <= ignored(stack)
    ever |= live.changed()
    unchanged = {key for key in keys(releaser, ignored(stack)) if key in UNCHANGED}
    assert keys(releaser, ignored(stack)) == keys(releaser, ever) | unchanged
    assert not keys(releaser, ever) & UNCHANGED


class TestReleases:
    """Whatever a release changes, Pulumi leaves alone."""

    @pytest.mark.parametrize("case", NATIVE, ids=str)
    def test_by_ecs(self, native, case):
        """ECS moves the weights of its rules, and a pipeline the revision; of a service that `pulumi up` releases
        in the mesh nothing is ignored, since nothing changes but by the program."""
        stack = native(case)
        assert_no_drift(stack, case.strategy, by_pipeline=case.owner == "pipeline", scaled=False)
        assert bool(ignored(stack)) == (case.balanced or case.owner == "pipeline")

    @pytest.mark.parametrize("strategy", ["BLUE_GREEN", "LINEAR", "CANARY", "ROLLING"])
    def test_by_ecs_beside_autoscaling(self, preview, strategy):
        """With autoscaling the number of tasks is left alone as well."""
        assert_no_drift(preview(services=scaled_native(strategy)), strategy, by_pipeline=True, scaled=True)

    @pytest.mark.parametrize(("test", "owner"), CLASSIC)
    def test_by_code_deploy(self, preview, test, owner):
        """CodeDeploy moves every rule on its listeners, and the service to another revision, group and network."""
        stack = preview(services=classic(test, owner))
        assert_no_drift(stack, "CODE_DEPLOY", by_pipeline=True, scaled=owner == "autoscaling")

    @pytest.mark.parametrize(("name", "by_pipeline"), [("dev", True), ("prod", True), ("mesh", False)])
    def test_stacks(self, request, name, by_pipeline):
        """The stacks of the repository stay as they are declared, but for what is ignored."""
        stack = request.getfixturevalue(name)
        live = LiveState(stack)
        for _ in range(4):
            for _ in live.release(by_pipeline):
                assert live.changed() <= ignored(stack)

    def test_by_pipelines(self, deliveries):
        """Pipelines of every kind, one service after the other, change nothing but services and rules: no pipeline, no
        project, no hook and none of the files by which they release."""
        live = LiveState(deliveries)
        for _ in live.release(by_pipeline=True):
            assert live.changed() <= ignored(deliveries)
        assert {kind for kind, _, _ in live.changed()} == {SERVICE, RULE}
        services = len(deliveries.of_type(SERVICE))
        assert len({name for kind, name, _ in live.changed() if kind == SERVICE}) == services

    def test_both_on_one_listener(self, preview):
        """Services that share listeners are released one after the other, and still nothing differs."""
        one, two = classic("port", "autoscaling"), scaled_native("CANARY")
        one["classic"]["loadBalancer"]["rule"] = {"priority": 10, "pathPatterns": ["/classic/*"]}
        stack = preview(services={**one, **two})
        live = LiveState(stack)
        live.scale()
        for _ in live.release(by_pipeline=True):
            assert live.changed() <= ignored(stack)
        assert {name for _, name, _ in live.changed()} == {
            *("classic-service", "classic-production", "classic-test"),
            *("app-service", "app-production", "app-test"),
        }

    @pytest.mark.parametrize(
        ("services", "releases"),
        [
            (lambda image: {"app": with_image(NATIVE[0].settings, image)}, True),
            (lambda image: {"app": with_image(NATIVE[1].settings, image)}, False),
            (lambda image: {"app": with_image(classic("none", "pulumi")["classic"], image)}, False),
        ],
        ids=["ECS by pulumi", "ECS by pipeline", "CODE_DEPLOY"],
    )
    def test_a_new_image(self, preview, services, releases):
        """A new image is a new revision, and nothing else; it reaches the service where `pulumi up` makes releases."""
        before, after = preview(services=services("web:1.0")), preview(services=services("web:2.0"))
        old = before.by_urn()
        assert [(r.name, key) for r in after for key in r.inputs if r.inputs[key] != old[r.urn].inputs[key]] == [
            ("app-task", "containerDefinitions")
        ]
        service = only(after, SERVICE)
        task = only(after, "aws:ecs/taskDefinition:TaskDefinition")
        assert service.property_dependencies["taskDefinition"] == [task.urn]
        assert ("taskDefinition" not in service.ignore_changes) == releases
        assert task.inputs["skipDestroy"] is True


def classic(test: str, owner: str) -> dict:
    """A service that CodeDeploy releases."""
    return {"classic": {"containers": CONTAINERS, "loadBalancer": dict(TEST_ROUTES[test]), "desiredCountOwner": owner}}


def scaled_native(strategy: str) -> dict:
    """A service that ECS releases, for a pipeline, while autoscaling changes the number of its tasks."""
    return {"app": Native(strategy, True, True, "header", "pipeline").settings | {"desiredCountOwner": "autoscaling"}}


def with_image(service: dict, image: str) -> dict:
    """The service with another image."""
    return {**service, "containers": {"web": {**CONTAINERS["web"], "image": image}}}


def scaled(stack: Deployment) -> Deployment:
    """The stack with autoscaling of its one service."""
    cluster, service = only(stack, "aws:ecs/cluster:Cluster"), only(stack, SERVICE)
    known = service.outputs["name"] != UNKNOWN
    target = {
        "serviceNamespace": "ecs",
        "scalableDimension": "ecs:service:DesiredCount",
        "resourceId": f"service/{cluster.outputs['name']}/{service.outputs['name']}" if known else UNKNOWN,
        "minCapacity": 2,
        "maxCapacity": 8,
    }
    scaler = Resource(
        urn=f"{service.urn}-scaling".replace(SERVICE, "aws:appautoscaling/target:Target"),
        type="aws:appautoscaling/target:Target",
        custom=True,
        inputs=target,
        outputs=target,
        provider=service.provider,
        dependencies=[cluster.urn, service.urn],
        property_dependencies={"resourceId": [cluster.urn, service.urn]},
    )
    return replace(stack, resources=[*stack, scaler])


def without(stack: Deployment, resource: Resource, prop: str) -> Deployment:
    """The stack without one thing that Pulumi ignores."""
    left = [each for each in resource.ignore_changes if each != prop]
    return replace(stack, resources=[replace(r, ignore_changes=left) if r is resource else r for r in stack])


@pytest.fixture(scope="module")
def pack(root) -> Iterator[Pack]:
    """The policy pack, as it comes."""
    with Pack(root / "policies") as running:
        yield running


def findings(pack: Pack, stack: Deployment) -> Counter[tuple[str, str, str]]:
    """Rules that object, the resources they blame, and what they say."""
    return Counter((each.policy, each.urn.rpartition("::")[2], each.message) for each in pack.analyze(stack).violations)


@pytest.mark.parametrize("first_preview", [False, True], ids=["known", "first preview"])
@pytest.mark.parametrize("releaser", ["CODE_DEPLOY", "BLUE_GREEN", "LINEAR", "CANARY", "ROLLING"])
class TestPack:
    """The pack notices when one thing less is ignored."""

    def test_each_ignore(self, preview, pack, releaser, first_preview):
        """For each property exactly the rule that guards it objects, to this resource alone; the few without a rule
        are known."""
        services = classic("port", "autoscaling") if releaser == "CODE_DEPLOY" else scaled_native(releaser)
        stack = scaled(preview(first_preview=first_preview, services=services))
        before = findings(pack, stack)
        met = set()
        for resource in stack:
            for prop in resource.ignore_changes:
                key = (releaser, resource.type, prop)
                added = findings(pack, without(stack, resource, prop)) - before
                objection = OBJECTIONS.get(key)
                expected = [(objection, resource.name)] if objection else []
                assert [(rule, name) for rule, name, _ in added] == expected, key
                assert objection or UNGUARDED[key]
                assert all(prop in message for _, _, message in added)
                met.add(key)
        assert met == {key for key in OBJECTIONS.keys() | UNGUARDED.keys() if key[0] == releaser}


def test_further_properties_can_be_guarded(root, preview):
    """What the pack doesn't ask for by itself under CODE_DEPLOY, it asks for by the rule's setting `extra`."""
    extra = ["enableExecuteCommand", "networkConfiguration"]
    stack = preview(services=classic("none", "pulumi"))
    service = only(stack, SERVICE)
    config = {"bg-ignore-changes-service": PolicyConfig(properties={"extra": extra})}
    with Pack(root / "policies", config=config) as pack:
        before = findings(pack, stack)
        assert not [rule for rule, _, _ in before if rule.startswith("bg-ignore")]
        for prop in extra:
            added = findings(pack, without(stack, service, prop)) - before
            assert [(rule, name) for rule, name, _ in added] == [("bg-ignore-changes-service", "classic-service")]


def test_autoscaling_alone_makes_the_number_of_tasks_somebody_elses(preview, pack):
    """In a stack that scales nothing itself no rule asks to ignore the number of tasks: who does is elsewhere."""
    stack = preview(services=scaled_native("BLUE_GREEN"))
    assert findings(pack, without(stack, only(stack, SERVICE), "desiredCount")) == findings(pack, stack)
