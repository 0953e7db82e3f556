"""Installing touches what is the tool's own and this project's, and nothing else."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
import yaml

from tripleo_gitops.openstack.connection import RequestRejected
from tripleo_gitops.openstack.workflow_service import WorkflowService
from tripleo_gitops.operations.mistral_install import (
    MARK,
    ForeignWorkbooks,
    MissingActions,
    install,
    mistral_status,
    uninstall,
)

if TYPE_CHECKING:
    from tests.mistral.conftest import Mistral

OLD, NEW, THEIRS = "a: 1\n# tripleo-gitops 1111\n", "a: 2\n# tripleo-gitops 2222\n", "a: 3\n"
TEXTS = {"tripleo.x.v1": NEW}
ACTIONS = ("tripleo.x",)


class Registered:
    """Workbooks in memory: text by name, and which are this project's."""

    def __init__(self, *, own: dict[str, str] | None = None, others: dict[str, str] | None = None) -> None:
        self.own, self.others = dict(own or {}), dict(others or {})

    def actions(self) -> frozenset[str]:
        return frozenset(ACTIONS)

    def workbook(self, name: str) -> tuple[str, bool] | None:
        if name in self.own:
            return self.own[name], True
        return (self.others[name], False) if name in self.others else None

    def put_workbook(self, text: str, *, exists: bool, is_public: bool) -> None:
        assert exists == ("tripleo.x.v1" in self.own)
        assert is_public
        self.own["tripleo.x.v1"] = text

    def delete_workbook(self, name: str) -> None:
        del self.own[name]


def _installed(store: Registered, *, replace: bool = False) -> tuple[str, ...]:
    return install(store, TEXTS, mistral_status(store, TEXTS, ACTIONS), replace=replace)


@pytest.mark.parametrize("own", [{}, {"tripleo.x.v1": OLD}])
def test_what_is_absent_or_older_is_registered_once(own: dict[str, str]) -> None:
    store = Registered(own=own)
    assert _installed(store) == ("tripleo.x.v1",)
    assert store.own == TEXTS
    assert _installed(store) == ()


class RacedFor(Registered):
    """Registers what somebody else registered between the look and the request, as Mistral's database refuses it."""

    def __init__(self, theirs: str | None = None) -> None:
        super().__init__()
        self._theirs = theirs

    def put_workbook(self, text: str, *, exists: bool, is_public: bool) -> None:
        super().put_workbook(self._theirs or text, exists=exists, is_public=is_public)
        raise RequestRejected("Mistral", "Duplicate entry for WorkbookDefinition", status=409)


def test_two_who_install_at_once_are_both_done() -> None:
    store = RacedFor()
    assert _installed(store) == ("tripleo.x.v1",)
    assert store.own == TEXTS
    with pytest.raises(RequestRejected):
        _installed(RacedFor(THEIRS))


def test_a_workbook_of_somebody_else_is_replaced_only_when_asked() -> None:
    store = Registered(own={"tripleo.x.v1": THEIRS})
    with pytest.raises(ForeignWorkbooks):
        _installed(store)
    assert _installed(store, replace=True) == ("tripleo.x.v1",)
    assert store.own == TEXTS


@pytest.mark.parametrize("text", [OLD, THEIRS])
def test_a_public_workbook_of_another_project_is_never_replaced(text: str) -> None:
    store = Registered(others={"tripleo.x.v1": text})
    with pytest.raises(ForeignWorkbooks):
        _installed(store, replace=True)
    assert store.others == {"tripleo.x.v1": text}


def test_uninstalling_leaves_what_is_others() -> None:
    for store in (Registered(own={"tripleo.x.v1": THEIRS}), Registered(others={"tripleo.x.v1": NEW})):
        assert uninstall(store, mistral_status(store, TEXTS, ACTIONS)) == ()
    store = Registered(own={"tripleo.x.v1": OLD})
    assert uninstall(store, mistral_status(store, TEXTS, ACTIONS)) == ("tripleo.x.v1",)
    assert store.own == {}


def test_actions_that_mistral_lacks_are_named() -> None:
    store = Registered()
    with pytest.raises(MissingActions, match=r"tripleo\.y"):
        install(store, TEXTS, mistral_status(store, TEXTS, ("tripleo.x", "tripleo.y")))


def _text(name: str, workflows: dict[str, str]) -> str:
    bodies = {
        one: {"tasks": {"act": {"action": "std.echo", "input": {"output": said}}}} for one, said in workflows.items()
    }
    document = yaml.dump({"version": "2.0", "name": name, "workflows": bodies})
    return f"{document}{MARK}{len(document):08x}\n"


@pytest.mark.undercloud
def test_an_upgrade_drops_what_the_newer_release_has_not_and_uninstalling_drops_all(mistral: Mistral) -> None:
    name = f"own-{secrets.token_hex(4)}.v1"
    service = WorkflowService(mistral.connection)

    def installed(workflows: dict[str, str]) -> tuple[str, ...]:
        texts = {name: _text(name, workflows)}
        return install(service, texts, mistral_status(service, texts, ()), is_public=False)

    def registered() -> set[str]:
        listed = mistral.connection.workflow.get("/workflows?fields=name").json()["workflows"]
        return {one["name"] for one in listed if one["name"].startswith(f"{name}.")}

    assert installed({"a": "1", "b": "1"}) == (name,)
    assert installed({"a": "1", "b": "1"}) == ()
    assert registered() == {f"{name}.a", f"{name}.b"}
    assert installed({"a": "22"}) == (name,)
    assert registered() == {f"{name}.a"}
    texts = {name: _text(name, {"a": "22"})}
    assert uninstall(service, mistral_status(service, texts, ())) == (name,)
    assert registered() == set()
    assert service.workbook(name) is None
