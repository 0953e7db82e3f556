"""Files of nodes in every form that TripleO has, and the place of what is wrong in them."""

from __future__ import annotations

import json
import time

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.nodes.documents import NodeEntry, node_files, read_nodes, read_plan_nodes
from tripleo_gitops.nodes.secret import Secret
from tripleo_gitops.nodes.validation import NodeProblem, validate_nodes

MACHINE = {"name": "a", "pm_type": "ipmi", "pm_addr": "192.0.2.5", "ports": [{"address": "52:54:00:00:00:01"}]}


def entries(text: str, source: str = "baremetal/n.yaml") -> tuple[NodeEntry, ...]:
    found = read_nodes(text.encode(), source=source)
    assert all(isinstance(one, NodeEntry) for one in found)
    return tuple(one for one in found if isinstance(one, NodeEntry))


def problems(text: str, source: str = "baremetal/n.yaml") -> list[tuple[int | None, str, str]]:
    found = validate_nodes(read_nodes(text.encode(), source=source))
    return [(one.line, one.field, one.message) for one in found]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (json.dumps({"nodes": [MACHINE]}), "baremetal/n.json"),
        (json.dumps([MACHINE]), "baremetal/n.json"),
        (json.dumps({"nodes": [MACHINE]}), "baremetal/n.yaml"),
        (
            "- name: a\n  pm_type: ipmi\n  pm_addr: 192.0.2.5\n  ports: [{address: '52:54:00:00:00:01'}]\n",
            "baremetal/n.yml",
        ),
    ],
)
def test_a_list_and_a_mapping_are_the_same_machines(text: str, source: str) -> None:
    (found,) = entries(text, source)
    assert found.fields == MACHINE
    assert validate_nodes([found]) == ()


def test_a_csv_has_tripleos_columns() -> None:
    text = "pxe_ipmitool,192.0.2.5,admin,pw,52:54:00:00:00:01,6230\n\nfake_pxe,,,,52:54:00:00:00:02\n"
    first, second = entries(text, "baremetal/n.csv")
    assert dict(first.fields) | {"pm_password": ""} == {
        "pm_type": "pxe_ipmitool",
        "pm_addr": "192.0.2.5",
        "pm_user": "admin",
        "pm_password": "",
        "mac": ["52:54:00:00:00:01"],
        "pm_port": "6230",
    }
    assert isinstance(first.fields["pm_password"], Secret)
    assert (second.fields["pm_type"], second.line_of("mac")) == ("fake_pxe", 3)


def test_comments_are_left_out_as_upstream_does() -> None:
    (found,) = entries("- {name: a, pm_type: fake, _comment: by the door}\n")
    assert "_comment" not in found.fields


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("a: 1", "n.yaml"),
        ("3", "n.json"),
        ("[{]", "n.json"),
        ("\xff", "n.csv"),
        ("[" * 9999, "n.json"),
        ("{", "n.yaml"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(text: str, source: str) -> None:
    with pytest.raises(InvalidDocument):
        read_nodes(text.encode("latin-1"), source=source)


def test_what_is_no_machine_is_told_and_the_others_are_read() -> None:
    found = read_nodes(b"- 5\n- {name: a, pm_type: fake-hardware}\n", source="n.yaml")
    assert isinstance(found[0], InvalidDocument)
    assert isinstance(found[1], NodeEntry)


def test_files_that_speak_of_something_else_are_no_machines() -> None:
    paths = ["baremetal/a.json", "baremetal/profiles.yaml", "baremetal/README.md", "baremetal/x/b.yaml", "nodes.json"]
    assert node_files(paths) == ("baremetal/a.json", "baremetal/x/b.yaml")


def test_all_problems_are_told_at_once_with_line_and_field() -> None:
    text = """\
nodes:
- name: a
  pm_type: ipmi
  ports: [{address: 'AA:bb:cc:00:00:01'}, {physical_network: x}]
  wrong: 1
- name: a
  pm_type: ipmi_weird
  cpu: -1
  capabilities: novalue
  root_device: sda
- pm_type: redfish
  pm_addr: https://192.0.2.9
  platform: SKX
  traits: [gpu]
  mac: ['aa:BB:cc:00:00:01', 1]
"""
    found = problems(text)
    assert {(line, field) for line, field, _ in found} == {
        (2, "pm_addr"),
        (4, "ports[1].address"),
        (5, "wrong"),
        (6, "name"),
        (7, "pm_type"),
        (8, "cpu"),
        (9, "capabilities"),
        (10, "root_device"),
        (11, "pm_system_id"),
        (13, "platform"),
        (14, "traits[0]"),
        (15, "mac[0]"),
        (15, "mac[1]"),
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("pm_addr: 192.0.2.5", "pm_addr: 192.0.2.5\n  pm_port: '623'"),
        ("pm_addr: BMC.example", "pm_addr: bmc.example"),
    ],
)
def test_one_management_address_is_one_machine_however_it_is_spelled(first: str, second: str) -> None:
    found = problems(f"- pm_type: ipmi\n  {first}\n- pm_type: ipmi\n  {second}\n")
    assert [field for _, field, _ in found] == ["pm_addr"]


def test_the_same_address_with_another_system_is_another_machine() -> None:
    first = "- {pm_type: redfish, pm_addr: 'https://h', pm_system_id: /1}\n"
    text = first + "- {pm_type: redfish, pm_addr: h, pm_system_id: /2}\n"
    assert problems(text) == []


def test_two_files_that_name_one_machine_are_told() -> None:
    files = {f"baremetal/{name}.yaml": b"- {pm_type: fake, mac: ['52:54:00:00:00:01']}\n" for name in "ab"}
    (found,) = validate_nodes(read_plan_nodes(MemoryTree(files)))
    assert (found.source, found.field) == ("baremetal/b.yaml", "mac[0]")


def test_a_password_in_clear_is_told_and_never_shown() -> None:
    (entry,) = entries("- {name: a, pm_type: ipmi, pm_addr: h, pm_password: canary-7}\n")
    (found,) = validate_nodes([entry])
    assert found.is_secret_in_clear
    assert "canary-7" not in f"{found} {found!r} {entry} {entry!r} {entry.fields}"


def test_an_instackenv_of_50_mb_is_read_and_judged_in_time() -> None:
    machine = {**MACHINE, "_comment": "x" * 900}
    count = 50_000
    nodes = [
        {
            **machine,
            "name": f"n{number}",
            "pm_addr": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
            "ports": [{"address": f"52:54:00:{number >> 16:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"}],
        }
        for number in range(count)
    ]
    nodes[777]["cpu"] = 0
    content = json.dumps({"nodes": nodes}).encode()
    assert len(content) > 50_000_000
    begun = time.process_time()
    found: tuple[NodeProblem, ...] = validate_nodes(read_nodes(content, source="baremetal/n.json"))
    assert time.process_time() - begun < 60
    assert [(one.node, one.field) for one in found] == [("n777", "cpu")]


def test_more_than_64_mb_are_refused_with_the_figures() -> None:
    with pytest.raises(InvalidDocument, match="67108865 bytes are over the limit of 67108864"):
        read_nodes(b" " * (64 * 1024 * 1024 + 1), source="n.json")
