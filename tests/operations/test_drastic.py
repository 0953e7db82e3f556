"""What a deploy destroys: nodes that are made anew, shares that are deleted, and the second yes for them."""

from __future__ import annotations

import pytest

from tripleo_gitops.heat.changes import MemberChange, Replacement, ResourceChange
from tripleo_gitops.operations.stacks.drastic import Drastic, NeedsSecondYes, check_destruction, measure_destruction

ROLES = ("Controller", "Compute")
EXISTING = (
    "AllNodes",
    "Controller",
    "Controller/0",
    "Controller/0/Server",
    "Controller/0/Config",
    "Controller/1",
    "Controller/1/Server",
    "Compute",
    "Compute/0",
    "Compute/0/Server",
)


def change(path: str, kind: str, replacement: Replacement) -> ResourceChange:
    return ResourceChange(f"/{path}", kind, kind, replacement=replacement)


def removed(path: str) -> ResourceChange:
    return ResourceChange(f"/{path}", "OS::Heat::Value", None)


@pytest.mark.parametrize(
    ("found", "replaced"),
    [
        (change("Controller/0/Server", "OS::Nova::Server", Replacement.YES), ("Controller/0",)),
        (change("Controller/0/Server", "OS::TripleO::ControllerServer", Replacement.YES), ("Controller/0",)),
        (change("Controller/0", "OS::TripleO::Controller", Replacement.YES), ("Controller/0",)),
        (change("Controller", "OS::Heat::ResourceGroup", Replacement.YES), ("Controller/0", "Controller/1")),
        (change("Controller/0/Config", "OS::Heat::StructuredConfig", Replacement.YES), ()),
        (change("Controller/0/Server", "OS::Nova::Server", Replacement.NO), ()),
        (change("AllNodes", "OS::Heat::Value", Replacement.YES), ()),
    ],
)
def test_a_node_is_replaced_when_its_server_is_or_what_holds_it(
    found: ResourceChange, replaced: tuple[str, ...]
) -> None:
    assert measure_destruction([found], EXISTING, roles=ROLES).replaced == replaced


def test_a_server_that_may_be_replaced_needs_a_second_yes_as_well() -> None:
    found = measure_destruction(
        [change("Compute/0/Server", "OS::Nova::Server", Replacement.MAYBE)], EXISTING, roles=ROLES
    )
    assert (found.replaced, found.maybe, found.needs) == ((), ("Compute/0",), (Drastic.REPLACE,))
    with pytest.raises(NeedsSecondYes, match=r"may replace 1 node \(Compute/0\).*--allow-replace"):
        check_destruction(found, allowed=())
    check_destruction(found, allowed=("replace",))


def test_deleting_counts_all_that_goes_with_what_is_removed() -> None:
    found = measure_destruction([removed("Controller")], EXISTING, roles=ROLES)
    assert (found.deleted, found.existing, found.needs) == (6, 10, (Drastic.DELETE,))
    with pytest.raises(NeedsSecondYes, match=r"deletes 6 of 10 resources \(60%, limit 30%\).*--allow-delete"):
        check_destruction(found, allowed=("replace",))


def test_members_that_leave_a_group_are_deleted_with_all_in_them() -> None:
    kind = "OS::Heat::ResourceGroup"
    fewer = ResourceChange("/Controller", kind, kind, ("count",), members=MemberChange(added=(), removed=("0", "1")))
    assert measure_destruction([fewer], EXISTING, roles=ROLES).deleted == 5


def test_a_small_share_is_deleted_unasked() -> None:
    found = measure_destruction([removed("Compute")], EXISTING, roles=ROLES)
    assert (found.deleted, found.needs, found.words) == (3, (), "")
    check_destruction(found, allowed=())


def test_a_new_stack_destroys_nothing() -> None:
    added = ResourceChange("Controller", None, "OS::Heat::ResourceGroup")
    assert measure_destruction([added], (), roles=ROLES).needs == ()
