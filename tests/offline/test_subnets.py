"""Address ranges are those awsx chooses (its own tests' expectations, and its documented defaults)."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline.subnets import layout

ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")


def cidrs(*args, **kwargs):
    return {subnet.name: subnet.cidr for subnet in layout("net", *args, **kwargs)}


def test_auto_without_specs():
    """Half of a zone's share is private, the next quarter public; public subnets come first in a zone."""
    subnets = layout("net", "10.0.0.0/16", ZONES[:2], None, "Auto")
    assert [(subnet.name, subnet.type, subnet.zone, subnet.cidr) for subnet in subnets] == [
        ("net-public-1", "Public", "eu-west-1a", "10.0.64.0/19"),
        ("net-private-1", "Private", "eu-west-1a", "10.0.0.0/18"),
        ("net-public-2", "Public", "eu-west-1b", "10.0.192.0/19"),
        ("net-private-2", "Private", "eu-west-1b", "10.0.128.0/18"),
    ]


def test_legacy_without_specs():
    """The default strategy: same halves for two zones; three zones get a fourth each."""
    assert cidrs("10.0.0.0/16", ZONES) == {
        "net-private-1": "10.0.0.0/19",
        "net-public-1": "10.0.32.0/20",
        "net-private-2": "10.0.64.0/19",
        "net-public-2": "10.0.96.0/20",
        "net-private-3": "10.0.128.0/19",
        "net-public-3": "10.0.160.0/20",
    }


def test_auto_with_specs_shares_a_zone_evenly():
    """Specs without a size get equal parts, in their order; a name goes into the subnet's name."""
    specs = [{"type": "Public"}, {"type": "Private"}, {"type": "Isolated", "name": "db"}]
    assert cidrs("10.0.0.0/16", ZONES[:2], specs, "Auto") == {
        "net-public-1": "10.0.0.0/19",
        "net-private-1": "10.0.32.0/19",
        "net-db-1": "10.0.64.0/19",
        "net-public-2": "10.0.128.0/19",
        "net-private-2": "10.0.160.0/19",
        "net-db-2": "10.0.192.0/19",
    }


def test_auto_with_masks_and_sizes():
    """A wider subnet after a narrow one starts at the next multiple of its size; Unused leaves a gap."""
    specs = [{"type": "Public", "cidrMask": 24}, {"type": "Unused", "cidrMask": 24}, {"type": "Private", "size": 4096}]
    assert cidrs("10.0.0.0/16", ZONES[:1], specs, "Auto") == {
        "net-public-1": "10.0.0.0/24",
        "net-private-1": "10.0.16.0/20",
    }


def test_explicit_blocks():
    """One block for each zone."""
    specs = [{"type": "Private", "cidrBlocks": ["10.0.1.0/24", "10.0.2.0/24"]}]
    assert cidrs("10.0.0.0/16", ZONES[:2], specs, "Exact") == {
        "net-private-1": "10.0.1.0/24",
        "net-private-2": "10.0.2.0/24",
    }


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("10.0.0.0/27", ZONES, None, "Auto"), "at least /26 available per AZ, but only /29 is available"),
        (
            ("10.0.0.0/24", ZONES[:2], [{"type": "Private", "cidrMask": 24}], "Auto"),
            "VPC has 128 addresses, but subnets require 256 addresses",
        ),
        (("10.0.0.0/16", ZONES, [], "Auto"), "No subnets specified"),
        (
            ("10.0.0.0/16", ZONES, [{"type": "Private", "cidrBlocks": ["10.0.1.0/24"]}], "Exact"),
            r"subnetSpecs\[0\] must match the number of availability zones \(3\)",
        ),
        (
            ("10.0.0.0/16", ZONES[:2], [{"type": "Private", "cidrBlocks": ["10.0.1.0/24"] * 2}], "Exact"),
            "overlap with at least one other subnet",
        ),
        (("10.0.0.0/16", ZONES, None, "AutoMerge"), "'AutoMerge' has no offline layout; allowed: Auto, Exact, Legacy"),
        (("fd00::/56", ZONES, None, "Auto"), "not an IPv4 network"),
        (("10.0.0.1/16", ZONES, None, "Auto"), "has host bits set"),
    ],
)
def test_layouts_that_do_not_fit(args, message):
    """A message says what doesn't fit."""
    with pytest.raises(ValueError, match=message):
        layout("net", *args)


@given(
    st.integers(16, 22),
    st.integers(1, 3),
    st.lists(
        st.fixed_dictionaries({"type": st.sampled_from(["Public", "Private", "Isolated"])}), min_size=1, max_size=4
    ),
)
def test_auto_never_overlaps_and_stays_inside(mask, zones, specs):
    """Whatever the shape: as many ranges as subnets, all inside the VPC's."""
    subnets = layout("net", f"10.0.0.0/{mask}", ZONES[:zones], specs, "Auto")
    assert len({subnet.cidr for subnet in subnets}) == zones * len(specs)
    assert all(IPv4Network(subnet.cidr).subnet_of(IPv4Network(f"10.0.0.0/{mask}")) for subnet in subnets)
