"""A service changes its controller step by step: what each step changes, and which jumps are refused.

The steps are those of docs/migrate.md. Where names are automatic, the provider keeps the old ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise, permutations

import pulumi
import pytest
import yaml

from offline import packconfig
from offline.deployment import Deployment, Resource
from offline.pack import Pack
from tests.graph import named
from tests.pipeline_stacks import CONTROLLERS, PIPELINE
from tests.pipeline_stacks import service as with_pipeline

SERVICE = "aws:ecs/service:Service"
KEPT = (
    SERVICE,
    "aws:ecs/cluster:Cluster",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:lb/listener:Listener",
    "aws:lb/listenerRule:ListenerRule",
    "aws:lb/targetGroup:TargetGroup",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ecs/taskDefinition:TaskDefinition",
)
"""What a change of controller must neither replace nor make anew."""

REPLACING = {"name", "cluster", "iamRole", "launchType", "schedulingStrategy"}
"""Inputs of an ECS service that the provider can't change in place."""


@pytest.fixture(scope="module")
def guide(root) -> str:
    """The text of docs/migrate.md."""
    return (root / "docs" / "migrate.md").read_text(encoding="utf-8")


def steps(guide: str, heading: str) -> list[dict]:
    """The settings of the steps under a heading, in order: each replaces the keys that it names."""
    section = guide.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    service: dict = {}
    found = []
    for text in re.findall(r"```yaml\n(.+?)```", section, re.DOTALL):
        service = {**service, **yaml.safe_load(text)["app"]}
        found.append({key: value for key, value in service.items() if value is not None})
    return found


@pytest.fixture(scope="module")
def there(guide, preview) -> list[Deployment]:
    """The stack after each step from CODE_DEPLOY to ECS."""
    return [preview(services={"app": settings}) for settings in steps(guide, "From CODE_DEPLOY to ECS")]


@pytest.fixture(scope="module")
def back(guide, preview) -> list[Deployment]:
    """The stack after each step from ECS to CODE_DEPLOY."""
    return [preview(services={"app": settings}) for settings in steps(guide, "Back to CODE_DEPLOY")]


def names(resource: Resource, parents: dict[str, Resource]) -> Iterator[str]:
    """The URNs a resource may have had: its own, and what follows from its aliases and its parent's."""
    yield resource.urn
    yield from resource.aliases
    parent = parents.get(resource.parent)
    if parent:
        own = resource.urn.split("::")
        for former in list(names(parent, parents))[1:]:
            own[2] = f"{former.split('::')[2]}${resource.type}"
            yield "::".join(own)


def kept(before: Deployment, after: Deployment) -> dict[str, tuple[Resource, Resource]]:
    """The resources that are the same before and after, as Pulumi matches them, by their URN after."""
    old, new = before.by_urn(), after.by_urn()
    return {
        resource.urn: (old[former], resource) for resource in after for former in names(resource, new) if former in old
    }


def changed(before: Resource, after: Resource) -> set[str]:
    """Inputs that differ and aren't ignored. An automatic name stays what it was."""
    keys = before.inputs.keys() | after.inputs.keys()
    different = {key for key in keys if before.inputs.get(key) != after.inputs.get(key)}
    automatic = re.compile(rf"{re.escape(after.name)}-[0-9a-f]{{7}}")
    if automatic.fullmatch(str(before.inputs.get("name"))) and automatic.fullmatch(str(after.inputs.get("name"))):
        different.discard("name")
    return different - set(after.ignore_changes)


def service(deployment: Deployment) -> Resource:
    return deployment.find(SERVICE, "app-service")


def guarded(before: Deployment, after: Deployment) -> None:
    """Run the hook that Pulumi runs before the service is updated."""
    (name,) = service(after).hooks["BeforeUpdate"]
    hook = after.hooks[name]
    old, new = service(before), service(after)
    inputs = {**new.inputs, **{key: old.inputs.get(key) for key in new.ignore_changes}}
    hook(
        pulumi.ResourceHookArgs(
            urn=new.urn, id=old.id, name=new.name, type=new.type, old_inputs=old.inputs, new_inputs=inputs
        )
    )


class TestThere:
    """From CODE_DEPLOY to the ECS controller."""

    def test_controllers(self, there):
        """The first step is CODE_DEPLOY, all others are ECS."""
        kinds = [service(step).inputs["deploymentController"]["type"] for step in there]
        assert kinds == ["CODE_DEPLOY", "ECS", "ECS", "ECS"]

    def test_nothing_that_serves_is_replaced(self, there):
        """Service, target groups, listeners, rules and alarms are the same resources in every step."""
        for before, after in pairwise(there):
            matched = {old.urn for old, _ in kept(before, after).values()}
            assert [r.urn for r in before if r.type in KEPT and r.urn not in matched] == []

    def test_what_each_step_changes(self, there):
        """The switch changes how the service is released; target groups, listeners and rules stay as they are."""
        found = [
            {
                new.name: sorted(changed(old, new))
                for old, new in kept(before, after).values()
                if new.type in KEPT and changed(old, new)
            }
            for before, after in pairwise(there)
        ]
        assert found == [
            {
                "app-service": [
                    "alarms",
                    "deploymentCircuitBreaker",
                    "deploymentConfiguration",
                    "deploymentController",
                    "deploymentMaximumPercent",
                    "deploymentMinimumHealthyPercent",
                    "loadBalancers",
                    "waitForSteadyState",
                ]
            },
            {},
            {
                "app-service": ["alarms", "deploymentConfiguration", "serviceConnectConfiguration"],
                "blue-green-cluster": ["serviceConnectDefaults"],
            },
        ]
        assert not any(REPLACING & set(each.get("app-service", [])) for each in found)

    def test_what_comes_and_goes(self, there):
        """With the switch the infrastructure role comes and all of CodeDeploy goes."""
        before, after = there[:2]
        matched = kept(before, after)
        stayed = {old.urn for old, _ in matched.values()}
        assert sorted((r.type, r.name) for r in after if r.custom and r.urn not in matched) == [
            ("aws:iam/role:Role", "app-infrastructure"),
            ("aws:iam/rolePolicy:RolePolicy", "app-infrastructure"),
        ]
        assert sorted((r.type, r.name) for r in before if r.custom and r.urn not in stayed) == [
            ("aws:codedeploy/application:Application", "app-codedeploy"),
            ("aws:codedeploy/deploymentGroup:DeploymentGroup", "app-deployment-group"),
            ("aws:iam/role:Role", "app-codedeploy"),
            ("aws:iam/rolePolicy:RolePolicy", "app-codedeploy-tasks"),
            ("aws:iam/rolePolicy:RolePolicy", "app-codedeploy-traffic"),
        ]

    def test_the_running_revision_goes_on(self, there):
        """Until the switch is through, Pulumi doesn't touch the revision: it is no release."""
        assert ["taskDefinition" in service(step).ignore_changes for step in there] == [True, True, False, False]

    def test_both_groups_are_on_the_rule_before_the_switch(self, there):
        """AWS switches only a service whose groups both hang on its rules (G46)."""
        production = there[0].find("aws:lb/listenerRule:ListenerRule", "app-production").inputs
        groups = {group["arn"] for group in production["actions"][0]["forward"]["targetGroups"]}
        entry = service(there[1]).inputs["loadBalancers"][0]
        assert groups == {entry["targetGroupArn"], entry["advancedConfiguration"]["alternateTargetGroupArn"]}

    def test_each_step_satisfies_the_pack(self, there, root):
        """No rule about releases objects to any step."""
        with Pack(root / "policies") as pack:
            found = [v.policy for step in there for v in pack.analyze(step).violations if v.level == "mandatory"]
        assert found == []

    def test_each_step_is_taken(self, there):
        """None of the steps is refused."""
        for before, after in pairwise(there):
            guarded(before, after)

    def test_a_jump_is_refused(self, there):
        """From CODE_DEPLOY right into the mesh: the message names the step between."""
        with pytest.raises(pulumi.RunError) as error:
            guarded(there[0], there[3])
        assert str(error.value).startswith(
            "services.app: given serviceConnect in the step that leaves CODE_DEPLOY; "
            "allowed: controller ECS without serviceConnect first; AWS would answer: "
        )


class TestBack:
    """From the ECS controller back to CODE_DEPLOY."""

    def test_controllers(self, back):
        """A rolling service in between has neither strategy nor alarms that it would have to leave behind."""
        kinds = [service(step).inputs["deploymentController"]["type"] for step in back]
        assert kinds == ["ECS", "ECS", "CODE_DEPLOY"]
        between = service(back[1]).inputs
        assert between["deploymentConfiguration"] == {"strategy": "ROLLING"}
        assert between["deploymentCircuitBreaker"] == {"enable": False, "rollback": False}
        assert (between["alarms"]["enable"], between["alarms"]["rollback"]) == (False, False)

    def test_nothing_that_serves_is_replaced(self, back):
        """Service, target groups, listeners, rules and alarms are the same resources in every step."""
        for before, after in pairwise(back):
            matched = {old.urn for old, _ in kept(before, after).values()}
            assert [r.urn for r in before if r.type in KEPT and r.urn not in matched] == []

    def test_each_step_is_taken_and_the_jump_is_not(self, back):
        """The message names the step between."""
        for before, after in pairwise(back):
            guarded(before, after)
        with pytest.raises(pulumi.RunError) as error:
            guarded(back[0], back[2])
        assert str(error.value).startswith(
            "services.app: given CODE_DEPLOY after BLUE_GREEN; allowed: strategy: ROLLING with rollback: false and no "
            "serviceConnect first; "
        )

    def test_the_pack_takes_it_with_the_exemption_of_the_guide(self, back, guide, root, tmp_path):
        """Rolling behind a load balancer needs the exemption that the guide gives, and nothing else does."""
        (text,) = re.findall(r"```json\n(.+?)```", guide, re.DOTALL)
        file = tmp_path / "policies.json"
        file.write_text(text)
        for config, expected in ((None, ["bg-controller-required"]), (packconfig.read(file), [])):
            with Pack(root / "policies", config=config) as pack:
                found = [v.policy for step in back for v in pack.analyze(step).violations if v.level == "mandatory"]
            assert found == expected


@pytest.fixture(scope="module")
def delivered(preview) -> dict[tuple[str, str, bool], Deployment]:
    """A service with pipelines of every kind, by controller, source, and whether there are two."""
    return {
        (controller, source, separate): preview(
            services={
                "app": with_pipeline(
                    source=source,
                    deployment=deployment,
                    pipeline={"separate": True} if separate else {},
                )
            }
        )
        for controller, deployment in CONTROLLERS.items()
        for source, separate in (("CodeCommit", False), ("CodeCommit", True), ("ECR", False))
    }


def fixed_names(resources: Iterator[Resource]) -> set[tuple[str, str]]:
    """Type and name of those resources whose name isn't automatic."""
    return {
        (r.type, r.inputs["name"])
        for r in resources
        if r.custom and "name" in r.inputs and not re.search(r"-[0-9a-f]{7}$", r.inputs["name"])
    }


class TestPipelines:
    """A service that gets pipelines of another kind."""

    def test_no_name_is_taken_twice(self, delivered):
        """Pulumi makes what is new before it deletes what is old, so that nothing new has the name of what goes."""
        for before, after in permutations(delivered.values(), 2):
            matched = kept(before, after)
            stayed = {old.urn for old, _ in matched.values()}
            new = fixed_names(r for r in after if r.urn not in matched)
            assert new & fixed_names(r for r in before if r.urn not in stayed) == set()

    @pytest.mark.parametrize("direction", [1, -1], ids=["to ECS", "to CODE_DEPLOY"])
    def test_the_pipeline_stays_with_another_controller(self, delivered, direction):
        """It is the same pipeline, of other stages, started by the same rules and with the same artifacts."""
        before, after = (delivered[each, "CodeCommit", False] for each in [*CONTROLLERS][::direction])
        stay = (PIPELINE, "aws:cloudwatch/event", "aws:s3/", "aws:ecr/", "aws:kms/")
        found = {new.urn: (old, new) for old, new in kept(before, after).values() if new.type.startswith(stay)}
        assert [r.name for r in after if r.type.startswith(stay) and r.urn not in found] == []
        different = {}
        for old, new in found.values():
            # Automatic names are those that they were.
            then, now = named(before, old.inputs), named(after, new.inputs)
            keys = {key for key in then.keys() | now.keys() if then.get(key) != now.get(key)}
            if keys - {"targetId"}:
                different[new.name] = keys
        assert different == {"app-release-pipeline": {"stages"}, "app-files": {"contentBase64"}}

    def test_the_running_revision_goes_on(self, delivered):
        """Under both controllers the revision is the pipeline's, before the switch and after it."""
        assert {"taskDefinition" in service(stack).ignore_changes for stack in delivered.values()} == {True}
