"""What pipelines of every kind, from every source, have in common, and what CodePipeline accepts of them."""

import re

import botocore.session
import pytest
from botocore.validate import ParamValidator

from components.native_release_pipeline import NativeReleasePipeline
from components.release_pipeline import ReleasePipeline
from tests.components.pipelines import (
    CODE_COMMIT,
    CONNECTED,
    FILES,
    KEPT_FILES,
    NATIVE_PIPELINE,
    PROJECT,
    RELEASE_PIPELINE,
    ROLE_POLICY,
    SMALLEST,
    UPLOADED,
    only_pipeline,
)
from tests.graph import needs, unreadable

TARGET = "aws:cloudwatch/eventTarget:EventTarget"
NOTIFICATION = "aws:codestarnotifications/notificationRule:NotificationRule"

CHOICES = {
    **{name: (component, args, {}) for name, (component, args) in SMALLEST.items()},
    **{
        f"release of {source['provider']} with files in {files['provider']}": (
            *(ReleasePipeline, RELEASE_PIPELINE),
            {"source": source, "files": files, "approval_minutes": 5, "rollback_on_failure": True},
        )
        for source in (CODE_COMMIT, CONNECTED, UPLOADED)
        for files in (FILES, KEPT_FILES)
    },
    "longest": (
        *(NativeReleasePipeline, NATIVE_PIPELINE),
        {"pipeline_name": "p" * 83, "files": FILES | {"key": "k" * 1000}, "execution_mode": "SUPERSEDED"},
    ),
}


@pytest.fixture(scope="module", params=CHOICES.values(), ids=CHOICES)
def any_pipeline(request, declare):
    """Preview each kind of pipeline, from each source."""
    component, args, changes = request.param
    return declare(lambda: component("shop", args | changes))


def declaration(inputs):
    """A pipeline as CreatePipeline takes it."""

    def action(given):
        kept = ("name", "runOrder", "configuration", "namespace", "timeoutInMinutes")
        artifacts = {
            kind: [{"name": name} for name in given.get(kind, [])] for kind in ("inputArtifacts", "outputArtifacts")
        }
        kind = {key: given[key] for key in ("category", "owner", "provider", "version")}
        return {key: given[key] for key in kept if key in given} | artifacts | {"actionTypeId": kind}

    def git(given):
        return {"push" if key == "pushes" else key: value for key, value in given.items()}

    (store,) = inputs["artifactStores"]
    found = {key: inputs[key] for key in ("name", "roleArn", "pipelineType", "executionMode")}
    return found | {
        "artifactStore": store,
        "stages": [stage | {"actions": [action(each) for each in stage["actions"]]} for stage in inputs["stages"]],
        "triggers": [each | {"gitConfiguration": git(each["gitConfiguration"])} for each in inputs.get("triggers", [])],
    }


def beyond(shape, value, at=""):
    """Paths at which a value is beyond the limits that botocore knows, but doesn't hold calls to."""
    limits = shape.metadata
    size = value if isinstance(value, int) else len(value)
    wrong = size > limits.get("max", size) or value not in limits.get("enum", [value])
    if isinstance(value, str):
        wrong |= not re.fullmatch(limits.get("pattern", ".*"), value, re.DOTALL)
        return [at] if wrong else []
    found = [at] if wrong else []
    if shape.type_name == "structure":
        found += [each for key, item in value.items() for each in beyond(shape.members[key], item, f"{at}.{key}")]
    if shape.type_name == "list":
        found += [each for item in value for each in beyond(shape.member, item, f"{at}[]")]
    if shape.type_name == "map":
        found += [each for key, item in value.items() for each in beyond(shape.key, key, f"{at}.{key}")]
        found += [each for key, item in value.items() for each in beyond(shape.value, item, f"{at}.{key}")]
    return found


def test_accepted(any_pipeline):
    """Names, artifacts and configurations are within the limits of CreatePipeline."""
    model = botocore.session.get_session().get_service_model("codepipeline")
    request = {"pipeline": declaration(only_pipeline(any_pipeline).inputs)}
    shape = model.operation_model("CreatePipeline").input_shape
    assert ParamValidator().validate(request, shape).generate_report() == ""
    assert beyond(shape, request) == []


def test_artifacts(any_pipeline):
    """Each is made once, before anything reads it, under a name that a shell's variable may have."""
    made, read = [], []
    for number, stage in enumerate(only_pipeline(any_pipeline).inputs["stages"]):
        for action in stage["actions"]:
            when = (number, action.get("runOrder", 1))
            made += [(name, when) for name in action.get("outputArtifacts", [])]
            read += [(name, when) for name in action.get("inputArtifacts", [])]
    first = dict(made)
    assert len(made) == len(first)
    assert all(first[name] < when for name, when in read)
    assert all(re.fullmatch("[A-Za-z0-9_]+", name) for name in first)


def test_actions(any_pipeline):
    """Only the first stage has sources, and nothing else; names are unique in a stage, namespaces in the pipeline."""
    first, *others = only_pipeline(any_pipeline).inputs["stages"]
    assert {action["category"] for action in first["actions"]} == {"Source"}
    assert "Source" not in {action["category"] for stage in others for action in stage["actions"]}
    for stage in (first, *others):
        names = [action["name"] for action in stage["actions"]]
        assert len(names) == len(set(names))
    spaces = [action["namespace"] for stage in (first, *others) for action in stage["actions"] if "namespace" in action]
    assert spaces == [action["name"] for action in first["actions"]]


def test_nothing_asks_for_changes(any_pipeline):
    """A source without an event or a trigger would never start it; one with either asks nobody (G60)."""
    inputs = only_pipeline(any_pipeline).inputs
    triggered = [each["gitConfiguration"]["sourceActionName"] for each in inputs.get("triggers", [])]
    ruled = {each.name.rpartition("-")[2] for each in any_pipeline.of_type(TARGET)}
    for action in inputs["stages"][0]["actions"]:
        settings = action["configuration"]
        assert "true" not in settings.values()
        assert ("PollForSourceChanges" in settings) is (action["provider"] in ("CodeCommit", "S3"))
        assert (action["name"] in triggered) is (action["provider"] == "CodeStarSourceConnection")
        assert (action["name"].lower() in ruled) is (action["provider"] != "CodeStarSourceConnection")


def test_it_may_run_before_it_does(any_pipeline):
    """It starts as soon as it exists: all that its role and its builds may do is there before (G66)."""
    waits = needs(any_pipeline, only_pipeline(any_pipeline))
    later = {each.urn for each in any_pipeline.of_type(ROLE_POLICY) if each.name.endswith("-events")}
    assert {each.urn for each in any_pipeline.of_type(ROLE_POLICY)} - waits == later
    assert {each.urn for each in any_pipeline.of_type(PROJECT)} <= waits


def test_nobody_is_told(any_pipeline):
    """Unless there is a topic."""
    assert any_pipeline.of_type(NOTIFICATION) == []


def test_first_preview(declare):
    """All that it may do can be read before anything exists."""
    for component, args in SMALLEST.values():
        assert unreadable(declare(lambda c=component, a=args: c("shop", a), first_preview=True)) == set()
