"""The graph, and the deployment export it is written to and read from."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline.deployment import Deployment, Resource, in_order
from offline.errors import OfflineError
from offline.value import SECRET, SIGNATURE, UNKNOWN, Secret

STACK = Resource("urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev", "pulumi:pulumi:Stack")
PROVIDER = Resource(
    "urn:pulumi:dev::demo::pulumi:providers:aws::default_7_51_1", "pulumi:providers:aws", custom=True, id="4f8c"
)
GROUP = Resource(
    urn="urn:pulumi:dev::demo::aws:lb/targetGroup:TargetGroup::app-blue",
    type="aws:lb/targetGroup:TargetGroup",
    custom=True,
    id="arn:tg",
    inputs={"port": 80, "vpcId": UNKNOWN},
    outputs={"port": 80, "token": Secret("hunter2")},
    parent=STACK.urn,
    protect=True,
    dependencies=[PROVIDER.urn],
    provider=f"{PROVIDER.urn}::4f8c",
    property_dependencies={"port": [], "vpcId": [PROVIDER.urn]},
    additional_secret_outputs=["token"],
    custom_timeouts={"create": 300},
    retain_on_delete=True,
    ignore_changes=["port"],
)


def test_an_export_is_written_as_the_cli_writes_it():
    """Names, order and omissions of the CLI's ResourceV3; secrets masked."""
    document = json.loads(Deployment([STACK, GROUP]).dump())
    assert list(document) == ["version", "deployment"]
    assert list(document["deployment"]) == ["manifest", "secrets_providers", "resources", "metadata"]
    resources = document["deployment"]["resources"]
    assert list(resources[0].items()) == [("urn", STACK.urn), ("custom", False), ("type", STACK.type)]
    assert list(resources[1].items()) == [
        ("urn", GROUP.urn),
        ("custom", True),
        ("id", "arn:tg"),
        ("type", GROUP.type),
        ("inputs", {"port": 80, "vpcId": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}),
        (
            "outputs",
            {"port": 80, "token": {SIGNATURE: SECRET, "ciphertext": "offline: a secret, not written to this file"}},
        ),
        ("parent", STACK.urn),
        ("protect", True),
        ("dependencies", [PROVIDER.urn]),
        ("provider", f"{PROVIDER.urn}::4f8c"),
        ("propertyDependencies", {"port": [], "vpcId": [PROVIDER.urn]}),
        ("additionalSecretOutputs", ["token"]),
        ("customTimeouts", {"create": 300}),
        ("retainOnDelete", True),
        ("ignoreChanges", ["port"]),
    ]


def test_no_secret_is_written():
    """The plain text is nowhere in the file."""
    assert "hunter2" not in Deployment([GROUP]).dump()


texts = st.text("abc:/-$", min_size=1, max_size=6)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | texts | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
resources = st.builds(
    Resource,
    urn=texts,
    type=texts,
    custom=st.booleans(),
    id=texts | st.just(""),
    inputs=st.dictionaries(texts, plain | st.just(Secret(UNKNOWN)), max_size=3),
    outputs=st.dictionaries(texts, plain, max_size=3),
    parent=texts | st.just(""),
    protect=st.booleans(),
    external=st.booleans(),
    dependencies=st.lists(texts, max_size=2),
    provider=texts | st.just(""),
    property_dependencies=st.dictionaries(texts, st.lists(texts, max_size=2), max_size=2),
    additional_secret_outputs=st.lists(texts, max_size=2),
    aliases=st.lists(texts, max_size=2),
    custom_timeouts=st.dictionaries(st.sampled_from(["create", "delete"]), st.integers(1, 99), max_size=2),
    import_id=texts | st.just(""),
    retain_on_delete=st.booleans(),
    deleted_with=texts | st.just(""),
    ignore_changes=st.lists(texts, max_size=2),
    replace_on_changes=st.lists(texts, max_size=2),
)


@given(st.lists(resources, max_size=3).map(Deployment))
def test_reading_an_export_gives_the_same_graph(deployment):
    """Whatever the graph, writing and reading it changes nothing (secrets lose their value, so they have none)."""
    assert Deployment.load(deployment.dump()) == deployment


def test_fields_of_a_real_export_that_are_not_ours_are_dropped():
    """Created, modified, source positions and whatever comes next are no reason to refuse a file."""
    item = {
        "urn": "u",
        "custom": False,
        "type": "t",
        "created": "2026-11-22T21:34:37Z",
        "stackTrace": [{}],
        "sourcePosition": "project:///__main__.py#10",
        "aliases": None,
    }
    text = json.dumps({"version": 3, "deployment": {"resources": [item], "secrets_providers": {"type": "passphrase"}}})
    assert Deployment.load(text).resources == [Resource("u", "t")]


def export(*resources: dict[str, object], version: int = 3, **fields: object) -> str:
    items = [{"urn": "u", "type": "t", **resource} for resource in resources]
    return json.dumps({"version": version, "deployment": {"resources": items, **fields}})


def test_what_no_longer_exists_is_left_out():
    """What waits to be deleted, what was deleted to be replaced, and operations under way."""
    text = export(
        {"urn": "live"},
        {"urn": "live", "delete": True},
        {"urn": "replaced", "pendingReplacement": True},
        pending_operations=[{"type": "creating", "resource": {"urn": "half", "type": "t"}}],
    )
    assert [resource.urn for resource in Deployment.load(text)] == ["live"]


def test_a_stack_without_resources_has_none():
    """The CLI leaves the list out; newer ones write version 4 where a stack uses newer features."""
    assert Deployment.load('{"version": 3, "deployment": {"manifest": {}}}').resources == []
    assert len(Deployment.load(export({}, version=4))) == 1


def test_no_dependencies_of_a_property_may_be_null():
    """As the CLI writes them."""
    text = export({"propertyDependencies": {"a": None, "b": ["urn:c"]}})
    assert Deployment.load(text).resources[0].property_dependencies == {"a": [], "b": ["urn:c"]}


def test_a_secret_is_read_only_if_the_export_shows_it():
    """Ciphertext, and plain text that is none, leave a secret whose value is unknown; a resource is none itself."""
    secret = {SIGNATURE: SECRET}
    text = export(
        {"inputs": {"a": {**secret, "plaintext": '"hunter2"'}, "b": {**secret, "ciphertext": "v1:x"}}},
        {"inputs": {"a": {**secret, "plaintext": "{"}, "b": {**secret, "plaintext": 1}}},
        {"outputs": secret},
    )
    shown, broken, odd = Deployment.load(text)
    assert odd.outputs == secret
    assert shown.inputs == {"a": Secret("hunter2"), "b": Secret(UNKNOWN)}
    assert broken.inputs == {"a": Secret(UNKNOWN), "b": Secret(UNKNOWN)}


FOREIGN = "state.json: not a deployment export, which `pulumi stack export` prints: no 'deployment' at the top"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "state.json: not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", FOREIGN),
        ('{"Resources": {}}', FOREIGN),
        ('{"version": 3, "deployment": []}', FOREIGN),
        ('{"version": 1, "deployment": {}}', "state.json: version is 1; understood: 3 and 4"),
        (
            '{"version": 3, "deployment": {"resources": {"a": 1}}}',
            "state.json: deployment.resources: expected a list, was dict",
        ),
        (
            '{"version": 3, "deployment": {"resources": [7]}}',
            "state.json: deployment.resources[0]: expected an object, was int",
        ),
        (
            '{"version": 3, "deployment": {"resources": [{"type": "t"}]}}',
            "state.json: deployment.resources[0].urn is missing",
        ),
        (
            '{"version": 3, "deployment": {"resources": [{"urn": "u", "type": "t", "inputs": []}]}}',
            "state.json: deployment.resources[0].inputs: expected an object, was list",
        ),
        (
            '{"version": 3, "deployment": {"resources": [{"urn": "u", "type": "t", "dependencies": [1]}]}}',
            "state.json: deployment.resources[0].dependencies: expected a list of strings",
        ),
        (
            export({"propertyDependencies": {"a": 1}}),
            "state.json: deployment.resources[0].propertyDependencies.a: expected a list of strings",
        ),
        ("[" * 100_000, "state.json: nested too deeply"),
        (
            '{"version": 3, "deployment": {"resources": [{"urn": "u", "type": "t", "inputs": '
            + '{"a":' * 900
            + "1"
            + "}" * 900
            + "}]}}",
            "state.json: nested too deeply",
        ),
    ],
)
def test_what_is_not_an_export_is_named(text, message):
    """One message, with the place in the file."""
    with pytest.raises(OfflineError) as caught:
        Deployment.load(text, "state.json")
    assert str(caught.value) == message


def test_dependencies_come_first_whatever_the_order_of_registration():
    """The stack, then each after what it depends on by any edge; ties by URN; input order does not matter."""
    by_dependency = Resource("urn:a", "t", dependencies=["urn:c", "urn:nowhere"])
    by_property = Resource("urn:b", "t", property_dependencies={"x": ["urn:c", "urn:b"]})
    by_parent = Resource("urn:c", "t", parent="urn:d")
    by_provider = Resource("urn:d", "t", provider="urn:e::id")
    by_deletion = Resource("urn:e", "t", deleted_with="urn:f")
    last = Resource("urn:f", "t")
    chain = [by_dependency, by_property, by_parent, by_provider, by_deletion, last]
    urns = [STACK.urn, "urn:f", "urn:e", "urn:d", "urn:c", "urn:a", "urn:b"]
    for graph in ([*chain, STACK], [STACK, *reversed(chain)]):
        assert [resource.urn for resource in in_order(graph)] == urns


def test_a_cycle_in_a_foreign_graph_loses_nothing():
    """Such resources come last."""
    one, other = Resource("urn:a", "t", dependencies=["urn:b"]), Resource("urn:b", "t", dependencies=["urn:a"])
    assert in_order([one, other, STACK]) == [STACK, one, other]


def test_looking_up_resources():
    """By type and name, by URN, by parent; a name that isn't there is told from those that are."""
    deployment = Deployment([STACK, GROUP])
    assert deployment.find(GROUP.type, "app-blue") is GROUP
    assert deployment.by_urn()[GROUP.urn] is GROUP
    assert deployment.children(STACK.urn) == [GROUP]
    assert (deployment.stack, len(deployment), deployment.outputs) == (STACK, 2, {})
    assert GROUP.provider_urn == PROVIDER.urn
    with pytest.raises(KeyError, match=r"0 resources .* named 'app'; of that type: \['app-blue'\]"):
        deployment.find(GROUP.type, "app")
