"""Pulumi.yaml and the stack file are read as the Pulumi CLI reads them.

The expected texts are what a program received from CLI 3.260 for the same files.
"""

from __future__ import annotations

import pytest

from offline import project
from offline.errors import OfflineError

SCHEMA = """
config:
  size: {type: integer, default: 3}
  names: {type: array, items: {type: string}}
  flag: true
  settings: {type: object, default: {a: 1, b: [1.5, true]}}
  aws:region: eu-west-1
"""


def test_defaults_values_and_namespaces(write_project):
    """Schema defaults fill what the stack leaves out; keys of the project get its namespace; all values are text."""
    loaded = project.load(write_project(schema=SCHEMA, config="config: {names: [x], aws:profile: p}"), "dev")
    assert loaded.config == {
        "demo:names": '["x"]',
        "aws:profile": "p",
        "demo:size": "3",
        "demo:flag": "true",
        "demo:settings": '{"a":1,"b":[1.5,true]}',
        "aws:region": "eu-west-1",
    }
    assert loaded.secret_keys == ()


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("hello", "hello"),
        ("12", "12"),
        ("1.50", "1.5"),
        ("1e3", "1000"),
        ("0o17", "15"),
        ("017", "15"),
        ("0x1F", "31"),
        ("-7", "-7"),
        ("yes", "yes"),
        ("true", "true"),
        ("null", ""),
        ("2020-01-02", "2020-01-02 00:00:00 +0000 UTC"),
        (
            "{c: 1, a: [x, 2, 3.0, true, null], d: 2020-01-02}",
            '{"a":["x",2,3,true,null],"c":1,"d":"2020-01-02 00:00:00 +0000 UTC"}',
        ),
    ],
)
def test_scalars_reach_the_program_as_the_cli_writes_them(write_project, written, text):
    """YAML is resolved as the CLI's parser does, which differs from PyYAML's."""
    loaded = project.load(write_project(config=f"config: {{demo:it: {written}}}"), "dev")
    assert loaded.config == {"demo:it": text}


def test_a_secret_is_a_stand_in_and_its_key_is_secret(write_project):
    """What can't be decrypted keeps its place, alone or inside an object, and its key is among the secret ones."""
    config = "config:\n  demo:pw: {secure: v1:abc}\n  demo:nested: {plain: abc, pw: {secure: v1:def}}\n  demo:open: x\n"
    loaded = project.load(write_project(config=config), "dev")
    assert loaded.config == {
        "demo:pw": "[secret: not decrypted offline]",
        "demo:nested": '{"plain":"abc","pw":"[secret: not decrypted offline]"}',
        "demo:open": "x",
    }
    assert loaded.secret_keys == ("demo:pw", "demo:nested")


def test_a_secret_passes_every_type(write_project):
    """The type of a value that can't be decrypted can't be checked."""
    schema = "config: {pin: {type: integer, secret: true}}"
    loaded = project.load(write_project(schema=schema, config="config: {pin: {secure: v1:abc}}"), "dev")
    assert loaded.secret_keys == ("demo:pin",)


def test_keys_the_schema_does_not_know_pass(write_project):
    """The CLI doesn't refuse them, so neither do we: the program may."""
    loaded = project.load(write_project(schema="config: {a: 1}", config="config: {b: 2}"), "dev")
    assert loaded.config == {"demo:b": "2", "demo:a": "1"}


@pytest.mark.parametrize(
    ("schema", "config", "message"),
    [
        ("config: {a: {type: integer}}", "", "Stack 'dev' is missing configuration value 'a'"),
        (
            "config: {c: {type: string}, a: {}, b: {}}",
            "",
            "Stack 'dev' is missing configuration values 'a', 'b' and 'c'",
        ),
        (
            "config: {a: {type: integer}}",
            "config: {a: x}",
            "Stack 'dev' with configuration key 'a' must be of type 'integer'",
        ),
        (
            "config: {a: {type: boolean}}",
            "config: {a: 'yes'}",
            "Stack 'dev' with configuration key 'a' must be of type 'boolean'",
        ),
        (
            "config: {a: {type: object}}",
            "config: {a: [1]}",
            "Stack 'dev' with configuration key 'a' must be of type 'object'",
        ),
        (
            "config: {a: {type: string}}",
            "config: {a: {b: c}}",
            "Stack 'dev' with configuration key 'a' must be of type 'string'",
        ),
        (
            "config: {a: {type: array, items: {type: array, items: {type: integer}}}}",
            "config: {a: [[1], [x]]}",
            "Stack 'dev' with configuration key 'a' must be of type 'array<array<integer>>'",
        ),
        (
            "config: {a: {type: string, secret: true}}",
            "config: {a: open}",
            "Stack 'dev' with configuration key 'a' must be encrypted as it's secret",
        ),
        (
            "",
            "config: {'a:b:c': 1}",
            "Pulumi.dev.yaml: could not parse a:b:c as a configuration key "
            "(configuration keys should be of the form `<namespace>:<name>`)",
        ),
        ("", "config: [1]", "Pulumi.dev.yaml: config: expected an object, was list"),
        ("", "- 1", "Pulumi.dev.yaml: expected an object, was list"),
        ("", "config:\n  a: [1\n  b: 2", "Pulumi.dev.yaml: line 3: expected ',' or ']', but got ':'"),
        (
            "config: {a: {type: integer, default: x}}",
            "",
            "Pulumi.yaml: The default value specified for configuration key 'a' is not of the expected type 'integer'",
        ),
        (
            "config: {a: {type: array}}",
            "",
            "Pulumi.yaml: The configuration key 'a' declares an array "
            "but does not specify the underlying type via the 'items' attribute",
        ),
        (
            "config: {a: {type: number}}",
            "",
            "Pulumi.yaml: config.a.type is 'number'; allowed: string, integer, boolean, array, object",
        ),
        (
            "config: {a: {default: 1, value: 2}}",
            "",
            "Pulumi.yaml: project config 'a' cannot have both a 'default' and 'value' attribute",
        ),
        (
            "config: {'aws:region': {default: x}}",
            "",
            "Pulumi.yaml: Configuration key 'aws:region' is not namespaced by the project and should not define a "
            "default value. Did you mean to use the 'value' attribute instead of 'default'?",
        ),
        (
            "config: {'aws:region': {type: string}}",
            "",
            "Pulumi.yaml: Configuration key 'aws:region' is not namespaced by the project and should not define a type",
        ),
        (
            "config: {'aws:region': {description: x}}",
            "",
            "Pulumi.yaml: Configuration key 'aws:region' is namespaced and must provide an attribute 'value'",
        ),
    ],
)
def test_what_the_cli_refuses_is_refused(write_project, schema, config, message):
    """One message each, in the CLI's words where it has some, with the file where that helps."""
    folder = write_project(schema=schema, config=config)
    with pytest.raises(OfflineError) as caught:
        project.load(folder, "dev")
    assert str(caught.value).removeprefix(f"{folder}/") == message


@pytest.mark.parametrize("value", ["80", "'80'", "true", "1.5"])
def test_any_scalar_is_a_good_string(write_project, value):
    """Scalars of a stack file are text by the time the CLI compares types."""
    loaded = project.load(write_project(schema="config: {a: {type: string}}", config=f"config: {{a: {value}}}"), "dev")
    assert loaded.config == {"demo:a": value.strip("'")}


def test_an_unknown_stack_lists_those_there_are(write_project):
    """The message names the file looked for and the stacks that have one."""
    folder = write_project()
    (folder / "Pulumi.prod.yaml").write_text("")
    with pytest.raises(OfflineError) as caught:
        project.load(folder, "staging")
    assert str(caught.value) == (
        f"no stack named 'staging' found: {folder}/Pulumi.staging.yaml doesn't exist; stacks here: dev, prod"
    )


def test_no_project(tmp_path):
    """Without a Pulumi.yaml up to the root the message says where the search began."""
    with pytest.raises(OfflineError) as caught:
        project.load(tmp_path, "dev")
    assert str(caught.value) == f"no Pulumi.yaml project file found (searching upwards from {tmp_path})"


def test_the_project_of_a_folder_above(write_project):
    """A project is found from any folder inside it."""
    folder = write_project()
    inside = folder / "components" / "deep"
    inside.mkdir(parents=True)
    assert project.load(inside, "dev").root == folder


def test_stack_files_and_program_may_live_elsewhere(write_project):
    """`stackConfigDir` and `main` of Pulumi.yaml are followed."""
    folder = write_project(schema="stackConfigDir: stacks\nmain: src\n")
    (folder / "stacks").mkdir()
    (folder / "stacks" / "Pulumi.test.yaml").write_text("config: {a: 1}")
    loaded = project.load(folder, "test")
    assert (loaded.config, loaded.program) == ({"demo:a": "1"}, folder / "src")


def test_only_python_programs(write_project):
    """Another runtime is named."""
    folder = write_project()
    (folder / "Pulumi.yaml").write_text("name: demo\nruntime: nodejs\n")
    with pytest.raises(OfflineError) as caught:
        project.load(folder, "dev")
    assert str(caught.value) == f"{folder}/Pulumi.yaml: runtime is 'nodejs'; only python programs run offline"
