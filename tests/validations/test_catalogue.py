"""The validations of a plan beside those that are installed."""

from __future__ import annotations

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.validations.catalogue import Catalogue, UnknownValidation, combine, read_catalogue
from tripleo_gitops.validations.validation import Origin


def playbook(name: str, *groups: str) -> bytes:
    return f"- hosts: all\n  vars: {{metadata: {{name: {name}, groups: [{', '.join(groups)}]}}}}\n".encode()


def own(**files: bytes) -> Catalogue:
    return read_catalogue(
        MemoryTree({f"validations/{name}.yaml": text for name, text in files.items()}), origin=Origin.PLAN
    )


SHIPPED = read_catalogue(
    MemoryTree(
        {
            "playbooks/dns.yaml": playbook("Shipped DNS", "pre-deployment"),
            "playbooks/ram.yaml": playbook("Memory", "prep"),
            "playbooks/deeper/tasks.yaml": b"- name: no play\n",
            "groups.yaml": b"prep:\n  - description: Early.\nlate:\n  - description: Late.\n",
        }
    ),
    origin=Origin.SHIPPED,
    source="/usr/share/ansible",
)


def test_a_plans_own_validation_shadows_the_shipped_one_of_its_id() -> None:
    both = combine(own(dns=playbook("Own DNS")), [SHIPPED])

    assert [(one.id, one.name, one.origin) for one in both.validations] == [
        ("dns", "Own DNS", Origin.PLAN),
        ("ram", "Memory", Origin.SHIPPED),
    ]
    assert [one.name for one in both.shadowed] == ["Shipped DNS"]


def test_tripleos_own_folder_for_custom_ones_counts_too() -> None:
    tree = MemoryTree({"custom-validations/dns.yaml": playbook("Own DNS"), "environments/dns2.yaml": playbook("No")})

    assert [one.id for one in read_catalogue(tree, origin=Origin.PLAN).validations] == ["dns"]


def test_files_below_the_folder_are_no_validations() -> None:
    assert [one.id for one in SHIPPED.validations] == ["dns", "ram"]
    assert SHIPPED.broken == ()


def test_two_files_of_one_id_in_a_plan_are_told_and_the_first_counts() -> None:
    tree = MemoryTree({"custom-validations/dns.yaml": playbook("One"), "validations/dns.yml": playbook("Two")})
    found = read_catalogue(tree, origin=Origin.PLAN)

    assert [one.name for one in found.validations] == ["One"]
    assert "custom-validations/dns.yaml" in str(found.broken[0])


def test_a_broken_file_does_not_hide_the_others() -> None:
    found = own(dns=playbook("DNS"), broken=b"- hosts: [\n")

    assert [one.id for one in found.validations] == ["dns"]
    assert [error.source for error in found.broken] == ["validations/broken.yaml"]


def test_groups_are_those_described_and_those_used() -> None:
    groups = combine(own(dns=playbook("Own", "mine")), [SHIPPED]).groups()

    assert [(one.name, one.count, one.description) for one in groups] == [
        ("late", 0, "Late."),
        ("mine", 1, ""),
        ("prep", 1, "Early."),
    ]


def test_validations_are_selected_by_id_and_by_group() -> None:
    both = combine(own(a=playbook("A", "prep"), b=playbook("B")), [SHIPPED])

    assert [one.id for one in both.select(groups=["prep"])] == ["a", "ram"]
    assert [one.id for one in both.select(ids=["b"], groups=["prep"])] == ["a", "b", "ram"]
    assert both.select() == both.validations
    assert both.select(groups=["nobody"]) == ()


def test_an_id_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UnknownValidation, match=r"no validation nope; there are: dns, ram"):
        SHIPPED.select(ids=["nope"])
