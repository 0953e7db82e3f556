"""Networks are read with their types checked."""

from __future__ import annotations

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.plan.networks import parse_networks, read_networks

NETWORKS = b"""\
- name: InternalApi
  name_lower: internal_api
  vip: true
  ip_subnet: 172.16.2.0/24
- name: Storage
- name: Management
  enabled: false
"""


def test_networks_are_read_in_their_order() -> None:
    internal, storage, management = parse_networks(NETWORKS)
    assert (internal.name_lower, internal.vip, internal.enabled) == ("internal_api", True, True)
    assert (storage.name_lower, storage.vip) == ("storage", False)
    assert not management.enabled
    assert internal.fields["ip_subnet"] == "172.16.2.0/24"


def test_a_plan_without_a_networks_file_has_none() -> None:
    assert read_networks(MemoryTree({})) == ()
    assert parse_networks(b"") == ()
    assert parse_networks(b"[]\n") == ()


def test_the_own_file_of_a_plan_beats_the_shipped_sample() -> None:
    shipped = "network-data-samples/default-network-isolation.yaml"
    assert [n.name for n in read_networks(MemoryTree({shipped: b"- name: A\n"}))] == ["A"]
    both = MemoryTree({shipped: b"- name: A\n", "network_data.yaml": b"- name: B\n"})
    assert [n.name for n in read_networks(both)] == ["B"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\n", 1, "a list of networks is needed"),
        ("- A\n", 1, "a network, a mapping with a name, is needed"),
        ("- vip: true\n", 1, "'name' is missing"),
        ("- name: A\n- name: A\n", 2, "A: a network of that name"),
        ("- name: Ab\n- name: aB\n", 2, "aB: its files are named as those of Ab"),
        ("- name: A\n  name_lower: x\n- name: B\n  name_lower: x\n", 3, "its files are named as those of A"),
        ("- name: A\n  name_lower: ../x\n", 2, "names no network"),
        ("- name: 'a/b'\n", 1, "names no network"),
        ("- name: A\n  enabled: 'no'\n", 2, "true or false is needed"),
        ("- name: A\n  allocation_pools: 10.0.0.1\n", 2, "a list is needed"),
        ("- name: A\n  subnets: [x]\n", 2, "a mapping is needed"),
    ],
)
def test_what_is_no_network_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        parse_networks(text.encode())
    assert refused.value.line == line
    assert words in str(refused.value)


def test_a_disabled_network_may_share_the_file_names_of_an_enabled_one() -> None:
    assert len(parse_networks(b"- {name: A, name_lower: x}\n- {name: B, name_lower: x, enabled: false}\n")) == 2
