"""Resources reach a pack as the engine would send them."""

from __future__ import annotations

from offline import request
from offline.deployment import Resource
from offline.value import RESOURCE, SECRET, SIGNATURE, UNKNOWN, Secret, from_struct

PROVIDER = Resource("urn:p", "pulumi:providers:aws", custom=True, inputs={"region": "eu-west-1", "__internal": {}})
RESOURCE_SENT = Resource(
    urn="urn:pulumi:dev::demo::aws:lb/listener:Listener::web",
    type="aws:lb/listener:Listener",
    custom=True,
    inputs={
        "port": 80,
        "pw": Secret("x"),
        "arn": UNKNOWN,
        "__defaults": [],
        "nested": {"__defaults": [], "ref": {SIGNATURE: RESOURCE, "urn": "urn:c", "packageVersion": ""}},
        "custom": {SIGNATURE: RESOURCE, "urn": "urn:d", "id": "i-1"},
        "new": {SIGNATURE: RESOURCE, "urn": "urn:e", "id": ""},
    },
    outputs={"out": 1},
    parent="urn:parent",
    protect=True,
    dependencies=["urn:a"],
    property_dependencies={"arn": ["urn:a"], "port": []},
    provider="urn:p::id",
    additional_secret_outputs=["pw"],
    aliases=["urn:old"],
    custom_timeouts={"create": 300},
    ignore_changes=["port"],
    delete_before_replace=False,
)
PROVIDERS = {"urn:p": request.provider(PROVIDER)}


def test_analyze_gets_checked_inputs():
    """Secrets wrapped in plain text, unknowns as sentinel, references as id or URN, top-level internals left out."""
    message = request.analyze(RESOURCE_SENT, PROVIDERS)
    assert (message.urn, message.type, message.name) == (RESOURCE_SENT.urn, "aws:lb/listener:Listener", "web")
    fields = message.properties.fields
    assert dict(fields["pw"].struct_value) == {SIGNATURE: SECRET, "value": "x"}
    assert from_struct(message.properties) == {
        "port": 80,
        "pw": Secret("x"),
        "arn": UNKNOWN,
        "nested": {"__defaults": [], "ref": "urn:c"},
        "custom": "i-1",
        "new": UNKNOWN,
    }
    assert message.provider.urn == "urn:p"
    assert from_struct(message.provider.properties) == {"region": "eu-west-1"}


def test_options():
    """Every option a pack can see."""
    options = request.analyze(RESOURCE_SENT, PROVIDERS).options
    assert options.protect is True
    assert list(options.ignoreChanges) == ["port"]
    assert (options.deleteBeforeReplace, options.deleteBeforeReplaceDefined) == (False, True)
    assert list(options.additionalSecretOutputs) == ["pw"]
    assert list(options.aliases) == ["urn:old"]
    assert (options.customTimeouts.create, options.customTimeouts.delete) == (300, 0)
    assert options.parent == "urn:parent"


def test_the_stack_gets_outputs_and_edges():
    """Properties without dependencies aren't listed."""
    message = request.stack_resource(RESOURCE_SENT, PROVIDERS)
    assert from_struct(message.properties) == {"out": 1}
    assert (message.parent, list(message.dependencies)) == ("urn:parent", ["urn:a"])
    assert {key: list(value.urns) for key, value in message.propertyDependencies.items()} == {"arn": ["urn:a"]}


def test_a_resource_without_provider():
    """Components have none."""
    message = request.analyze(Resource("urn:c", "demo:index:Component"), PROVIDERS)
    assert not message.HasField("provider")
    assert message.options.deleteBeforeReplaceDefined is False
