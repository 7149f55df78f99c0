"""URNs, taken apart."""

from __future__ import annotations

import pytest

from offline.urn import Urn, parse, place, short_type

BLUE = "urn:pulumi:dev::demo::demo:index:Route$aws:lb/targetGroup:TargetGroup::app::blue"


def test_the_parts():
    """The type is the last of the chain; a name may hold anything."""
    assert parse(BLUE) == Urn("dev", "demo", "aws:lb/targetGroup:TargetGroup", "app::blue")


@pytest.mark.parametrize("text", ["", "u", "urn:pulumi:dev::demo::t:i:T", "arn:pulumi:dev::demo::t:i:T::web"])
def test_what_is_no_urn(text):
    """It is repeated."""
    with pytest.raises(ValueError, match="is not a URN") as caught:
        parse(text)
    assert str(caught.value) == f"{text!r} is not a URN"


def test_as_the_cli_shows_them():
    """The module's file is left out; what is no URN stays whole."""
    assert short_type("aws:lb/targetGroup:TargetGroup") == "aws:lb:TargetGroup"
    assert short_type("awsx:ec2:Vpc") == "awsx:ec2:Vpc"
    assert place(BLUE) == ("app::blue", "aws:lb:TargetGroup")
    assert [place(""), place("x")] == [("", ""), ("x", "")]
