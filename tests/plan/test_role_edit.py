"""Roles that somebody sends are gathered, checked, merged and written; what stays keeps its text."""

from __future__ import annotations

from typing import Any

import pytest

from tripleo_gitops.plan.role_edit import (
    InvalidRoles,
    check_networks_of_roles,
    check_roles,
    gather_roles,
    merge_roles,
    write_roles,
)
from tripleo_gitops.plan.role_selection import UnknownRole
from tripleo_gitops.plan.roles import parse_roles

ROLES = b"""\
# The roles of this plan.
- name: Controller   # the first one
  tags: [primary]
  networks: [InternalApi]

# Role: Compute
- name: Compute
  CountDefault: 1
"""
CONTROLLER = {"name": "Controller", "tags": ["primary"], "networks": ["InternalApi"]}
COMPUTE = {"name": "Compute", "CountDefault": 1}
CEPH = {"name": "CephStorage", "CountDefault": 0}


def test_the_plans_own_definition_beats_the_offered_one() -> None:
    offered = [{"name": "Compute", "CountDefault": 9}, CEPH]
    assert gather_roles(["Compute", "CephStorage"], current=[CONTROLLER, COMPUTE], available=offered) == (COMPUTE, CEPH)


def test_a_name_that_nobody_defines_is_not_left_out() -> None:
    with pytest.raises(UnknownRole, match="no role 'Typo'; known are CephStorage, Compute"):
        gather_roles(["Typo"], current=[COMPUTE], available=[CEPH])


def test_everything_that_is_wrong_with_roles_is_told_at_once() -> None:
    wrong = [{"name": "Compute", "CountDefault": "many"}, {"name": "Other"}, {"CountDefault": 1}, "Ceph"]
    with pytest.raises(InvalidRoles) as caught:
        check_roles(wrong, available=[COMPUTE])
    said = str(caught.value)
    assert len(caught.value.problems) == 4, said
    assert "no role 'Other' is offered" in said
    assert "Compute: [0].CountDefault: a whole number is needed" in said
    assert "role #2:" in said
    assert "role #3:" in said
    check_roles([COMPUTE], available=[COMPUTE, CEPH])


def test_roles_are_merged_by_name_and_keep_their_order() -> None:
    more = {"name": "Controller", "tags": ["primary", "controller"]}
    assert merge_roles([CEPH, more], current=[CONTROLLER, COMPUTE]) == (more, COMPUTE, CEPH)
    assert merge_roles([CEPH, more], current=[CONTROLLER, COMPUTE], replaces=True) == (CEPH, more)


def test_a_plan_without_a_primary_role_is_refused() -> None:
    with pytest.raises(InvalidRoles, match="tagged 'primary'; none of Compute is"):
        merge_roles([COMPUTE], current=[CONTROLLER], replaces=True)


@pytest.mark.parametrize("wrong", [None, {}, "Compute", [None], [{"tags": ["primary"]}], [{"name": 1}]])
def test_what_is_no_list_of_roles_is_refused_in_words(wrong: Any) -> None:
    for call in (
        lambda: merge_roles(wrong, current=[]),
        lambda: merge_roles([CONTROLLER], current=wrong),
        lambda: gather_roles([], current=wrong, available=[]),
        lambda: gather_roles([], current=[], available=wrong),
        lambda: check_roles([CONTROLLER], available=wrong),
    ):
        with pytest.raises(InvalidRoles, match="a mapping with a name"):
            call()
    with pytest.raises(InvalidRoles):
        check_roles(wrong, available=[CONTROLLER])


def test_a_network_that_is_not_defined_is_named_with_its_role() -> None:
    roles = parse_roles(ROLES)
    check_networks_of_roles(roles, networks={"InternalApi"})
    with pytest.raises(InvalidRoles, match="role Controller is on InternalApi, and no such network"):
        check_networks_of_roles(roles, networks={"Storage"})


def test_only_the_role_that_changes_is_written_anew() -> None:
    written = write_roles(ROLES, [CONTROLLER, {**COMPUTE, "CountDefault": 3}, CEPH]).decode()
    assert written.startswith(ROLES.decode().partition("- name: Compute")[0])
    assert [dict(role.fields) for role in parse_roles(written.encode())] == [
        CONTROLLER,
        {**COMPUTE, "CountDefault": 3},
        CEPH,
    ]
    assert write_roles(ROLES, [CONTROLLER, COMPUTE]) == ROLES


def test_an_empty_file_gets_its_first_roles() -> None:
    for content in (b"", b"[]\n", b"# none yet\n"):
        assert [role.name for role in parse_roles(write_roles(content, [CONTROLLER, CEPH]))] == [
            "Controller",
            "CephStorage",
        ]


def test_a_role_can_be_taken_away() -> None:
    assert [role.name for role in parse_roles(write_roles(ROLES, [COMPUTE]))] == ["Compute"]
