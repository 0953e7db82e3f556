"""Roles are read with their types checked; chosen ones keep the text that they had."""

from __future__ import annotations

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.plan.role_selection import InvalidRoleCopy, UnknownRole, available_roles, select_roles
from tripleo_gitops.plan.roles import parse_roles, read_roles

ROLES = """\
# The roles of this plan.

#####
# Role: Controller
#####
- name: Controller   # the first one
  CountDefault: 1
  tags: [primary, controller]
  networks:
    InternalApi: {subnet: internal_api_subnet}
  ServicesDefault:
    - OS::TripleO::Services::Ntp

# Role: Compute
- name: Compute
  description: Runs machines
  networks: [InternalApi, Tenant]
  HostnameFormatDefault: '%stackname%-compute-%index%'
# the end
"""
CEPH = "# Storage\n- name: CephStorage\n  CountDefault: 0\n"


def test_roles_are_read_in_their_order() -> None:
    controller, compute = parse_roles(ROLES.encode())
    assert (controller.name, controller.count_default, controller.is_primary) == ("Controller", 1, True)
    assert controller.networks == ("InternalApi",)
    assert controller.services == ("OS::TripleO::Services::Ntp",)
    assert compute.networks == ("InternalApi", "Tenant")
    assert not compute.is_primary
    assert compute.fields["HostnameFormatDefault"] == "%stackname%-compute-%index%"


def test_a_plan_without_a_roles_file_has_no_roles() -> None:
    assert read_roles(MemoryTree({})) == ()
    assert parse_roles(b"") == ()


def test_keys_that_upstream_does_not_know_pass() -> None:
    assert parse_roles(b"- {name: A, invented: {x: 1}}\n")[0].fields["invented"] == {"x": 1}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("Controller: {}\n", 1, "a list of roles is needed"),
        ("- Controller\n", 1, "a role, a mapping with a name, is needed"),
        ("- name: A\n- CountDefault: 1\n", 2, "'name' is missing"),
        ("- name: A\n- name:\n", 2, "'name' is missing"),
        ("- name: 12\n", 1, "text is needed"),
        ("- name: ../../etc/passwd\n", 1, "names no role"),
        ("- name: a b\n", 1, "names no role"),
        ("- name: A\n- name: B\n- name: A\n", 3, "A: a role of that name"),
        ("- name: Ab\n- name: aB\n", 2, "Ab, which differs in case only"),
        ("- name: A\n  CountDefault: '1'\n", 2, "a whole number is needed, not text"),
        ("- name: A\n  CountDefault: true\n", 2, "a whole number is needed, not true or false"),
        ("- name: A\n  tags: primary\n", 2, "a list is needed"),
        ("- name: A\n  tags: [1]\n", 2, "text is needed"),
        ("- name: A\n  networks: InternalApi\n", 2, "a list or a mapping"),
        ("- name: A\n  networks: {1: {}}\n", 2, "text is needed"),
        ("- name: A\n  disable_constraints: 'yes'\n", 2, "true or false is needed"),
        ("- name: A\n  ServicesDefault: {a: b}\n", 2, "a list is needed"),
        ("- name: A\n  deprecated_nic_config_name: ../x.yaml\n", 2, "no name of a file"),
    ],
)
def test_what_is_no_role_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        parse_roles(text.encode())
    assert refused.value.line == line
    assert words in str(refused.value)


def selected(text: str, *names: str, **available: str) -> str:
    files = {name: content.encode() for name, content in available.items()}
    return select_roles(text.encode(), names, available=files).decode()


def test_selecting_the_roles_that_are_there_changes_no_byte() -> None:
    assert selected(ROLES, "Compute", "Controller") == ROLES


def test_a_role_that_is_not_selected_goes_with_the_comments_above_it() -> None:
    banner = ROLES[ROLES.index("#####") : ROLES.index("\n# Role: Compute")]
    assert selected(ROLES, "Compute") == ROLES.replace(banner, "")
    compute = ROLES[ROLES.index("\n# Role: Compute") : ROLES.index("# the end")]
    assert selected(ROLES, "Controller") == ROLES.replace(compute, "")


def test_a_role_that_is_added_comes_last_with_its_own_text() -> None:
    new = selected(ROLES, "CephStorage", "Controller", "Compute", CephStorage=CEPH)
    assert new == ROLES.replace("# the end\n", CEPH + "# the end\n")


def test_the_definition_of_the_plan_beats_the_offered_one() -> None:
    offered = "- name: Compute\n  description: another\n"
    assert "another" not in selected(ROLES, "Compute", Compute=offered)


def test_a_role_is_copied_under_a_longer_name() -> None:
    new = selected(ROLES, "Controller", "Compute", "Compute:ComputeGpu")
    names = [role.name for role in parse_roles(new.encode())]
    assert names == ["Controller", "Compute", "ComputeGpu"]
    assert new.count("HostnameFormatDefault: '%stackname%-compute-%index%'") == 2


@pytest.mark.parametrize("name", ["Compute:Gpu", "Compute:Compute", "Compute:Controller"])
def test_a_copy_whose_name_does_not_begin_with_the_role_is_refused(name: str) -> None:
    with pytest.raises(InvalidRoleCopy, match="begin it with 'Compute'"):
        selected(ROLES, name)


def test_an_unknown_role_is_refused_with_those_known() -> None:
    with pytest.raises(UnknownRole, match="known are CephStorage, Compute, Controller"):
        selected(ROLES, "Contoller", CephStorage=CEPH)


def test_no_role_at_all_leaves_an_empty_list() -> None:
    assert parse_roles(selected(ROLES).encode()) == ()


def test_the_offered_roles_are_those_of_the_folder() -> None:
    tree = MemoryTree({"roles/A.yaml": b"a", "roles/README.rst": b"", "roles/sub/B.yaml": b"b", "roles_data.yaml": b""})
    assert available_roles(tree) == {"A": b"a"}
