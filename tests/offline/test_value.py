"""Values keep their meaning on the wire, in a file and in a message."""

from __future__ import annotations

import json

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from offline.value import (
    CIPHERTEXT,
    RESOURCE,
    SECRET,
    SIGNATURE,
    UNKNOWN,
    Secret,
    from_json,
    from_struct,
    is_known,
    reveal,
    to_struct,
)
from offline.value import to_json as written

scalars = (
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text('aZ 0\n"é😀', max_size=5) | st.just(UNKNOWN)
)
keys = st.text("abcXYZ_", min_size=1, max_size=4)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3) | inner.map(Secret),
    max_leaves=8,
)
properties = st.dictionaries(keys, values, max_size=4)


@given(properties)
def test_the_wire_keeps_values(value):
    """A struct made from properties gives the same properties back."""
    struct = struct_pb2.Struct()
    to_struct(value, struct)
    assert from_struct(struct) == value


@given(properties)
def test_a_file_keeps_all_but_secrets(value):
    """Written and read back, only secrets differ: their value is unknown."""
    assert from_json(json.loads(json.dumps(written(value)))) == sealed(value)


def sealed(value):
    if isinstance(value, Secret):
        return Secret(UNKNOWN)
    if isinstance(value, dict):
        return {key: sealed(item) for key, item in value.items()}
    return [sealed(item) for item in value] if isinstance(value, list) else value


def test_a_secret_is_wrapped_as_pulumi_wraps_it():
    """In a file: signature and a stand-in for the cipher text; the plain text is not there."""
    assert written({"pw": Secret("hunter2")}) == {"pw": {SIGNATURE: SECRET, "ciphertext": CIPHERTEXT}}


def test_whole_numbers_are_integers():
    """The wire has only doubles; a file must say 80, not 80.0."""
    struct = struct_pb2.Struct()
    to_struct({"port": 80.0}, struct)
    assert repr(from_struct(struct)["port"]) == repr(from_json(80.0)) == "80"


def test_other_signatures_are_left_alone():
    """A reference to a resource is an object like any other."""
    struct, reference = struct_pb2.Struct(), {"a": {SIGNATURE: RESOURCE, "urn": "urn:b"}}
    to_struct(reference, struct)
    assert from_struct(struct) == from_json(reference) == reference


def test_a_secret_shown_in_an_export_is_read():
    """`pulumi stack export --show-secrets` writes the plain text, as JSON."""
    assert from_json({SIGNATURE: SECRET, "plaintext": '{"a": [1]}'}) == Secret({"a": [1]})


def test_a_secret_hides_its_value_in_messages():
    """Neither repr nor str shows it."""
    assert f"{Secret('hunter2')!r} {Secret('hunter2')}" == "Secret(...) Secret(...)"


@pytest.mark.parametrize(
    ("value", "known"),
    [(UNKNOWN, False), ("x", True), ([1, {"a": UNKNOWN}], False), (Secret(UNKNOWN), False), ([], True)],
)
def test_known_means_known_all_through(value, known):
    """One unknown part makes the whole unknown."""
    assert is_known(value) is known


def test_reveal_takes_every_wrapper_off():
    """At any depth, also a wrapper in a wrapper."""
    assert reveal([Secret({"a": Secret(1)}), 2]) == [{"a": 1}, 2]
