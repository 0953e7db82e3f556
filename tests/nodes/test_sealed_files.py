"""Passwords of controllers: sealed in the nodes' files, opened to register, refused in clear, shown nowhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import CommandLine
from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.documents.yaml import parse_yaml
from tripleo_gitops.errors import NotFound, Refused
from tripleo_gitops.nodes.desired import NodeDefaults
from tripleo_gitops.nodes.secret import Secret
from tripleo_gitops.operations.nodes.files import check_node_files, desired_nodes
from tripleo_gitops.operations.nodes.sealing import seal_nodes
from tripleo_gitops.secrets.documents import SopsDocuments
from tripleo_gitops.secrets.keys import KeySource, create_key
from tripleo_gitops.secrets.vault import NoKey, Tampered

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "canary-4711"
YAML = f"""\
# the first rack
nodes:
- name: a  # by the door
  pm_type: ipmi
  pm_addr: 192.0.2.5
  pm_password: {CANARY}
"""
FORMS = {
    "baremetal/n.yaml": YAML,
    "baremetal/n.json": json.dumps([{"name": "a", "pm_type": "ipmi", "pm_addr": "192.0.2.5", "pm_password": CANARY}]),
    "baremetal/n.csv": f"ipmi,192.0.2.5,admin,{CANARY},52:54:00:00:00:01\n",
}


class Keys:
    """An age key in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.recipient = create_key(home / "sops" / "age" / "keys.txt")
        variables = {"SOPS_AGE_KEY_FILE": str(home / "sops" / "age" / "keys.txt")}
        self.vault = SopsDocuments(KeySource.of(variables, home=home))


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "operator")


@pytest.mark.parametrize("path", FORMS)
def test_every_form_can_be_sealed_and_opened(keys: Keys, path: str) -> None:
    sealed = seal_nodes(FORMS[path].encode(), path, keys.vault, recipients=[keys.recipient])
    assert CANARY not in sealed.content.decode()
    assert sealed.path == path.replace(".csv", ".yaml")
    (node,) = desired_nodes(MemoryTree({sealed.path: sealed.content}), keys.vault, NodeDefaults(plan="p"))
    password = node.driver_info["ipmi_password"]
    assert isinstance(password, Secret)
    assert (password.value, str(password)) == (CANARY, "******")
    assert CANARY not in repr(node)
    assert [*check_node_files(MemoryTree({sealed.path: sealed.content}))] == []


def test_comments_and_all_other_fields_stay_to_be_read(keys: Keys) -> None:
    text = seal_nodes(YAML.encode(), "baremetal/n.yaml", keys.vault, recipients=[keys.recipient]).content.decode()
    assert "# the first rack" in text
    assert "# by the door" in text
    assert parse_yaml(text.encode(), source="n")["nodes"][0]["pm_addr"] == "192.0.2.5"


def test_a_machine_can_be_added_by_hand_and_sealed_after_it(keys: Keys) -> None:
    path = "baremetal/n.yaml"
    first = seal_nodes(YAML.encode(), path, keys.vault, recipients=[keys.recipient]).content.decode()
    added = "    - name: b\n      pm_type: ipmi\n      pm_addr: 192.0.2.6\n      pm_password: second-4711\nsops:\n"
    assert first.count("\nsops:\n") == 1
    edited = first.replace("\nsops:\n", "\n" + added).encode()
    (problem,) = check_node_files(MemoryTree({path: edited}))
    assert (problem.code, "second-4711" in str(problem)) == ("node-secret-in-clear", False)
    again = seal_nodes(edited, path, keys.vault, recipients=[keys.recipient])
    assert again.passwords == 1
    nodes = desired_nodes(MemoryTree({path: again.content}), keys.vault, NodeDefaults(plan="p"))
    assert [node.secrets["ipmi_password"].value for node in nodes] == [CANARY, "second-4711"]
    assert b"# by the door" in again.content


def test_without_a_key_it_is_said_who_has_one(keys: Keys, tmp_path: Path) -> None:
    sealed = seal_nodes(YAML.encode(), "baremetal/n.yaml", keys.vault, recipients=[keys.recipient])
    stranger = Keys(tmp_path / "stranger")
    with pytest.raises(NoKey, match=keys.recipient):
        desired_nodes(MemoryTree({sealed.path: sealed.content}), stranger.vault, NodeDefaults(plan="p"))
    with pytest.raises(Refused, match="nothing here can open"):
        desired_nodes(MemoryTree({sealed.path: sealed.content}), None, NodeDefaults(plan="p"))


def test_a_sealed_password_that_was_changed_is_found_out(keys: Keys) -> None:
    text = seal_nodes(YAML.encode(), "baremetal/n.yaml", keys.vault, recipients=[keys.recipient]).content.decode()
    spoiled = text.replace("ENC[AES256_GCM,data:", "ENC[AES256_GCM,data:AAAA", 1).encode()
    with pytest.raises(Tampered):
        desired_nodes(MemoryTree({"baremetal/n.yaml": spoiled}), keys.vault, NodeDefaults(plan="p"))


def test_keys_of_a_service_that_the_file_names_are_not_asked(keys: Keys) -> None:
    text = seal_nodes(YAML.encode(), "baremetal/n.yaml", keys.vault, recipients=[keys.recipient]).content.decode()
    foreign = text.replace("\nsops:\n", "\nsops:\n    hc_vault: [{vault_address: 'http://192.0.2.1'}]\n").encode()
    with pytest.raises(Refused, match="hc_vault"):
        desired_nodes(MemoryTree({"baremetal/n.yaml": foreign}), keys.vault, NodeDefaults(plan="p"))


def test_a_file_without_passwords_in_clear_is_told(keys: Keys) -> None:
    with pytest.raises(NotFound):
        seal_nodes(b"- {pm_type: fake}\n", "baremetal/n.yaml", keys.vault, recipients=[keys.recipient])


def test_a_commit_with_a_password_in_clear_is_refused_and_seal_mends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = Keys(tmp_path / "operator")
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", str(tmp_path / "operator" / "sops" / "age" / "keys.txt"))
    CommandLine(tmp_path, capsys)("init", "site1")
    run = CommandLine(tmp_path / "site1", capsys)
    (tmp_path / "site1" / "baremetal" / "rack.csv").write_text(FORMS["baremetal/n.csv"])
    refused = run("commit", "--all", "-m", "machines", code=2)
    assert "baremetal/rack.csv:1" in refused.err
    assert "node-secret-in-clear" in refused.err
    assert CANARY not in refused.err + refused.out
    run("node", "seal", "--recipient", owner.recipient)
    assert sorted(path.name for path in (tmp_path / "site1" / "baremetal").iterdir()) == ["nodes.yaml", "rack.yaml"]
    run("commit", "--all", "-m", "machines")
    found: Any = parse_yaml((tmp_path / "site1" / "baremetal" / "rack.yaml").read_bytes(), source="rack")
    assert found["nodes"][0]["mac"] == ["52:54:00:00:00:01"]
