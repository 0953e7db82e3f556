"""Passwords in TripleO's formats, their rotation, and what is never touched."""

from __future__ import annotations

import base64
import re
import struct
import subprocess
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripleo_gitops.errors import InvalidInput, NotFound
from tripleo_gitops.plan.password_kinds import KINDS
from tripleo_gitops.plan.passwords import (
    FERNET_REPOSITORY,
    active_keys,
    missing_passwords,
    needed_passwords,
    new_password,
    rotated_fernet_keys,
    rotated_passwords,
    skipped_passwords,
)
from tripleo_gitops.secrets.randomness import SystemRandomness

if TYPE_CHECKING:
    from pathlib import Path

RANDOM = SystemRandomness(lambda: 1_700_000_000.5)


def made(name: str) -> Any:
    return new_password(name, randomness=RANDOM)


@pytest.mark.parametrize(
    ("name", "length"),
    [
        ("NovaPassword", 25),
        ("AdminToken", 25),
        ("MysqlRootPassword", 10),
        ("HorizonSecret", 10),
        ("PcsdPassword", 16),
        ("RabbitCookie", 20),
        ("HeatAuthEncryptionKey", 32),
        ("OctaviaServerCertsKeyPassphrase", 32),
        ("PacemakerRemoteAuthkey", 4096),
    ],
)
def test_words_are_letters_and_digits_of_tripleos_length(name: str, length: int) -> None:
    assert re.fullmatch(rf"[A-Za-z0-9]{{{length}}}", made(name))
    assert made(name) != made(name)


def test_a_ceph_key_is_a_header_with_its_time_and_16_bytes() -> None:
    raw = base64.b64decode(made("CephClientKey"), validate=True)
    assert struct.unpack("<hiih", raw[:12]) == (1, 1_700_000_000, 0, 16)
    assert len(made("CephClientKey")) == 40


def test_keys_for_encryption_are_32_bytes_in_url_safe_base64() -> None:
    for name in ("BarbicanSimpleCryptoKek", "KeystoneCredential0", "KeystoneCredential1"):
        assert len(base64.urlsafe_b64decode(made(name))) == 32


def test_the_cluster_has_a_random_uuid_and_rndc_a_sha256_in_base64() -> None:
    assert uuid.UUID(made("CephClusterFSID")).version == 4
    assert len(base64.b64decode(made("DesignateRndcKey"), validate=True)) == 32


def test_the_fernet_repository_begins_with_a_staged_and_a_primary_key() -> None:
    keys = made("KeystoneFernetKeys")
    assert list(keys) == [f"{FERNET_REPOSITORY}0", f"{FERNET_REPOSITORY}1"]
    assert all(len(base64.urlsafe_b64decode(key["content"])) == 32 for key in keys.values())


def test_the_migration_key_is_one_that_ssh_takes(tmp_path: Path) -> None:
    pair = made("MigrationSshKey")
    private = tmp_path / "key"
    private.write_text(pair["private_key"])
    private.chmod(0o600)
    derived = subprocess.run(["ssh-keygen", "-y", "-f", str(private)], check=True, capture_output=True, text=True)
    assert pair["public_key"].split()[:2] == derived.stdout.split()[:2]
    assert pair["private_key"].startswith("-----BEGIN RSA PRIVATE KEY-----")


def test_what_a_plan_has_is_never_made_again() -> None:
    present = {"NovaPassword": "kept", "SwiftHashSuffix": "kept"}
    made_now = missing_passwords(["GlancePassword", "NovaPassword", "SwiftHashSuffix"], present, randomness=RANDOM)
    assert list(made_now) == ["GlancePassword"]


def test_an_older_plan_inherits_the_password_that_it_used_for_the_purpose() -> None:
    needed = ["NotifyPassword", "NovaPassword", "PlacementPassword", "RabbitPassword", "RpcPassword"]
    older = {"RabbitPassword": "rabbit", "NovaPassword": "nova"}
    assert missing_passwords(needed, older, randomness=RANDOM) == {
        "NotifyPassword": "rabbit",
        "RpcPassword": "rabbit",
        "PlacementPassword": "nova",
    }
    assert len(set(missing_passwords(needed, {}, randomness=RANDOM).values())) == 5


def test_needed_are_the_known_passwords_that_templates_declare() -> None:
    assert needed_passwords(["NtpServer", "NovaPassword", "CephRgwKey"]) == ("CephRgwKey", "NovaPassword")


def test_rotating_all_skips_what_data_or_clients_hang_on_unless_it_is_named() -> None:
    present = dict.fromkeys(KINDS, "old")
    everything = rotated_passwords((), present, randomness=RANDOM)
    skipped = skipped_passwords(present)
    assert everything.keys().isdisjoint(skipped)
    assert everything.keys() | skipped.keys() == present.keys()
    assert {"BarbicanSimpleCryptoKek", "KeystoneFernetKeys", "HeatAuthEncryptionKey", "CephClusterFSID"} <= set(skipped)
    assert "old" not in everything.values()
    assert list(rotated_passwords(["KeystoneCredential0"], present, randomness=RANDOM)) == ["KeystoneCredential0"]


def test_rotating_what_a_plan_does_not_have_or_we_cannot_make_is_refused() -> None:
    with pytest.raises(NotFound, match="NovaPassword"):
        rotated_passwords(["NovaPassword"], {}, randomness=RANDOM)
    with pytest.raises(InvalidInput, match="NetappPassword"):
        rotated_passwords(["NetappPassword"], {"NetappPassword": "x"}, randomness=RANDOM)


def repository(*numbers: int) -> dict[str, Any]:
    return {f"{FERNET_REPOSITORY}{number}": {"content": f"key-{number}"} for number in numbers}


def test_a_fernet_rotation_promotes_the_staged_key_and_purges_the_oldest() -> None:
    after = rotated_fernet_keys(repository(0, 3, 4), new_key="new", keep=3)
    assert after == {
        f"{FERNET_REPOSITORY}0": {"content": "new"},
        f"{FERNET_REPOSITORY}4": {"content": "key-4"},
        f"{FERNET_REPOSITORY}5": {"content": "key-0"},
    }


@given(st.integers(1, 12), st.integers(3, 8), st.integers(1, 20))
def test_fernet_rotations_keep_the_primary_key_valid_for_its_whole_life(existing: int, keep: int, times: int) -> None:
    keys = repository(*range(existing + 1))
    for time_ in range(times):
        staged = keys[f"{FERNET_REPOSITORY}0"]
        keys = rotated_fernet_keys(keys, new_key=f"new-{time_}", keep=keep)
        numbers = [int(path.rsplit("/", 1)[1]) for path in keys]
        assert keys[f"{FERNET_REPOSITORY}{max(numbers)}"] == staged
        assert numbers[0] == 0
        assert len(keys) <= max(keep, 2)
        assert numbers[1:] == list(range(numbers[1], numbers[1] + len(numbers) - 1))


def test_never_less_than_three_fernet_keys_are_kept() -> None:
    assert [active_keys(value) for value in (None, 1, 3, 9, "7", True)] == [5, 3, 3, 9, 5, 5]


def test_what_is_no_key_repository_is_not_rotated() -> None:
    for keys in ({}, {"/elsewhere/0": {}}, {**repository(0), f"{FERNET_REPOSITORY}x": {}}):
        with pytest.raises(InvalidInput):
            rotated_fernet_keys(keys, new_key="new", keep=5)


def test_the_clock_is_the_one_that_was_handed_in() -> None:
    assert abs(SystemRandomness(time.time).seconds() - time.time()) < 5
