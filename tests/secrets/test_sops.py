"""Sealing and opening with the real sops, beside the stock command line, and its bad days."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tripleo_gitops.errors import Refused
from tripleo_gitops.plan.secrets_file import parse_sealed
from tripleo_gitops.secrets.keys import KeySource
from tripleo_gitops.secrets.process import edit_with_sops, find_sops
from tripleo_gitops.secrets.sops import Sops
from tripleo_gitops.secrets.vault import NoKey, SopsFailed, Tampered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.secrets.conftest import Operator

CANARY = "canary-5f2b9c"
DOCUMENT = {
    "passwords": {
        "AdminPassword": CANARY,
        "KeystoneFernetKeys": {"/etc/keystone/fernet-keys/0": {"content": "YWJj=", "n": 7}},
        "LooksLikeANumber": "1e5",
        "LooksOctal": "0o17",
        "LooksTrue": "yes",
        "Spaced": "  x  ",
        "Key": "-----BEGIN KEY-----\nå\n-----END KEY-----\n",
        "Flag": True,
        "Port": 5000,
    },
    "parameter_defaults": {"CloudKey": "k"},
}


def sealed_lines(content: bytes) -> dict[str, str]:
    lines = (line.strip() for line in content.decode().splitlines())
    return dict(line.split(": ", 1) for line in lines if "ENC[" in line and not line.startswith("mac:"))


def stock_sops(*arguments: str, key_file: Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [str(find_sops(os.environ["PATH"])), *arguments],
        env={**os.environ, "SOPS_AGE_KEY_FILE": str(key_file)},
        capture_output=True,
        check=True,
        **options,
    )


def test_what_is_sealed_opens_to_the_same_values_with_their_types(alice: Operator) -> None:
    opened = alice.vault.open(alice.vault.seal(DOCUMENT, recipients=[alice.recipient]))
    assert opened.passwords == DOCUMENT["passwords"]
    assert opened.parameter_defaults == DOCUMENT["parameter_defaults"]
    assert type(opened.passwords["Port"]) is int


def test_sealed_bytes_show_names_and_no_values(alice: Operator) -> None:
    content = alice.vault.seal(DOCUMENT, recipients=[alice.recipient])
    assert b"AdminPassword" in content
    assert CANARY.encode() not in content
    assert parse_sealed(content).in_clear == ()


def test_the_stock_sops_opens_and_edits_what_we_sealed(alice: Operator, tmp_path: Path) -> None:
    file = tmp_path / "secrets.yaml"
    file.write_bytes(alice.vault.seal(DOCUMENT, recipients=[alice.recipient]))
    shown = stock_sops("decrypt", "--output-type", "json", str(file), key_file=alice.key_file)
    assert json.loads(shown.stdout)["passwords"]["AdminPassword"] == CANARY
    stock_sops("set", str(file), '["passwords"]["AdminPassword"]', '"other"', key_file=alice.key_file)
    assert alice.vault.open(file.read_bytes()).passwords["AdminPassword"] == "other"


def test_we_open_and_change_what_the_stock_sops_sealed(alice: Operator, tmp_path: Path) -> None:
    file = tmp_path / "secrets.yaml"
    file.write_text("passwords:\n  # why\n  AdminPassword: first\n  Port: 12\n")
    sealed = stock_sops("encrypt", "--age", alice.recipient, str(file), key_file=alice.key_file).stdout
    changed = alice.vault.put(sealed, ("passwords", "Other"), {"a": ["b"]})
    assert alice.vault.open(changed).passwords == {"AdminPassword": "first", "Port": 12, "Other": {"a": ["b"]}}


def test_changing_one_value_leaves_the_text_of_every_other(alice: Operator) -> None:
    before = alice.vault.seal(DOCUMENT, recipients=[alice.recipient])
    after = alice.vault.put(before, ("passwords", "AdminPassword"), "other")
    one, other = sealed_lines(before), sealed_lines(after)
    assert {name for name in one if one[name] != other[name]} == {"AdminPassword"}
    assert "Flag" not in sealed_lines(alice.vault.drop(after, ("passwords", "Flag")))


def test_without_a_key_the_error_says_who_could_open_it(alice: Operator, bob: Operator, tmp_path: Path) -> None:
    content = alice.vault.seal(DOCUMENT, recipients=[alice.recipient])
    for vault in (bob.vault, Sops(KeySource.of({"PATH": os.environ["PATH"]}, home=tmp_path))):
        with pytest.raises(NoKey, match=alice.recipient) as caught:
            vault.open(content)
        assert caught.value.recipients == (alice.recipient,)


def test_keys_come_from_the_environment_from_a_command_and_from_the_default_file(
    alice: Operator, tmp_path: Path
) -> None:
    content = alice.vault.seal(DOCUMENT, recipients=[alice.recipient])
    default = KeySource.of({}, home=tmp_path / "home").default_file
    default.parent.mkdir(parents=True)
    default.write_text(alice.key_file.read_text())
    path = {"PATH": os.environ["PATH"]}
    for source in (
        KeySource.of({**path, "SOPS_AGE_KEY": alice.key_file.read_text()}, home=tmp_path),
        KeySource.of({**path, "SOPS_AGE_KEY_CMD": f"cat {alice.key_file}"}, home=tmp_path),
        KeySource.of(path, home=tmp_path / "home"),
    ):
        assert Sops(source).open(content).passwords["AdminPassword"] == CANARY


def test_a_recipient_added_can_open_and_one_removed_cannot(alice: Operator, bob: Operator) -> None:
    first = alice.vault.seal(DOCUMENT, recipients=[alice.recipient])
    both = alice.vault.rekey(first, add=[bob.recipient])
    assert bob.vault.open(both).passwords == DOCUMENT["passwords"]
    only_bob = bob.vault.rekey(both, remove=[alice.recipient])
    with pytest.raises(NoKey):
        alice.vault.open(only_bob)
    assert set(sealed_lines(only_bob).values()).isdisjoint(sealed_lines(both).values())


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: re.sub(r"(AdminPassword: .*?,data:)[^,]*", r"\1AAAA", text),
        lambda text: text.replace("    AdminPassword:", "    RootPassword:"),
        lambda text: re.sub(r"    Flag: .*\n", "", text),
        lambda text: re.sub(r"    Flag: .*\n", "    Flag: true\n", text),
    ],
    ids=["changed", "renamed", "removed", "in clear"],
)
def test_values_changed_without_the_key_are_refused(alice: Operator, damage: Callable[[str], str]) -> None:
    text = alice.vault.seal(DOCUMENT, recipients=[alice.recipient]).decode()
    damaged = damage(text)
    assert damaged != text
    with pytest.raises(Tampered, match=r"without its key|in clear"):
        alice.vault.open(damaged.encode())


def test_key_services_that_a_file_names_are_not_asked(alice: Operator) -> None:
    content = alice.vault.seal(DOCUMENT, recipients=[alice.recipient])
    hostile = content.replace(
        b"\nsops:\n", b"\nsops:\n    hc_vault:\n        - vault_address: http://127.0.0.1:9\n          engine_path: x\n"
    )
    assert hostile != content
    with pytest.raises(Refused, match="hc_vault"):
        alice.vault.open(hostile)


def test_a_configuration_file_around_us_changes_nothing(
    alice: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".sops.yaml").write_text("creation_rules:\n  - unencrypted_regex: .*\n    age: age1nobody\n")
    monkeypatch.chdir(tmp_path)
    assert CANARY.encode() not in alice.vault.seal(DOCUMENT, recipients=[alice.recipient])


def test_nothing_is_sealed_for_nobody_or_under_a_name_that_sops_would_misread(alice: Operator) -> None:
    with pytest.raises(Refused, match="nobody"):
        alice.vault.seal(DOCUMENT, recipients=[])
    content = alice.vault.seal(DOCUMENT, recipients=[alice.recipient])
    with pytest.raises(Exception, match="cannot be a key"):
        alice.vault.put(content, ("passwords", 'a"]["b'), "x")
    with pytest.raises(SopsFailed, match="Nope"):
        alice.vault.drop(content, ("passwords", "Nope"))


def test_an_editor_sees_clear_text_that_nobody_else_may_read_and_that_is_gone_afterwards(
    alice: Operator, tmp_path: Path
) -> None:
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\nstat -c %a "$1" > {tmp_path}/mode\nsed -i s/{CANARY}/edited/ "$1"\n')
    editor.chmod(0o755)
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    keys = KeySource.of({"PATH": os.environ["PATH"], "SOPS_AGE_KEY_FILE": str(alice.key_file)}, home=tmp_path)
    content = alice.vault.seal(DOCUMENT, recipients=[alice.recipient])
    code, edited = edit_with_sops(content, keys=keys, terminal={"EDITOR": str(editor)}, folder=folder)
    assert code == 0
    assert alice.vault.open(edited).passwords["AdminPassword"] == "edited"
    assert (tmp_path / "mode").read_text().strip() == "600"
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["secrets.yaml"]
