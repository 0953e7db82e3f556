"""What counts as a good signature in the words of gpg, gpgsm and ssh-keygen: nothing but plainly good."""

from __future__ import annotations

from pathlib import Path

import pytest

from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.operations.signature_demand import parse_demand
from tripleo_gitops.repository.signature_status import Standing, parse_gnupg, parse_ssh, ssh_key_of

KEY, PRIMARY = "A" * 40, "B" * 40
NEW, GOOD = "[GNUPG:] NEWSIG", f"[GNUPG:] GOODSIG {KEY[-16:]} Ann <ann@example.org>"
VALID = f"[GNUPG:] VALIDSIG {KEY} 2026-11-22 1795368250 0 4 0 22 8 00 {PRIMARY}"
TRUST = "[GNUPG:] TRUST_ULTIMATE 0 pgp"


def gnupg(*lines: str, code: int = 0, allowed: tuple[str, ...] = (KEY,)) -> Standing:
    return parse_gnupg("\n".join(lines), code=code, allowed=allowed).standing


def test_a_good_and_valid_signature_by_a_trusted_key_counts() -> None:
    assert gnupg(NEW, GOOD, VALID, TRUST) is Standing.GOOD
    assert gnupg(NEW, GOOD, VALID, TRUST, allowed=(PRIMARY,)) is Standing.GOOD
    found = parse_gnupg(f"{NEW}\n{GOOD}\n{VALID}\n{TRUST}", code=0, allowed=[KEY])
    assert (found.key, found.signer) == (KEY, "Ann <ann@example.org>")


@pytest.mark.parametrize(
    ("lines", "standing"),
    [
        ((), Standing.BAD_SIGNATURE),
        ((NEW, GOOD, TRUST), Standing.BAD_SIGNATURE),
        ((NEW, VALID, TRUST), Standing.BAD_SIGNATURE),
        ((NEW, GOOD, VALID, NEW, GOOD, VALID, TRUST), Standing.BAD_SIGNATURE),
        ((NEW, GOOD, VALID, NEW, TRUST), Standing.BAD_SIGNATURE),
        ((NEW, GOOD, VALID, VALID, TRUST), Standing.BAD_SIGNATURE),
        ((NEW, GOOD, VALID.replace(" 22 8 00", " 1 2 00"), TRUST), Standing.BAD_SIGNATURE),
        ((NEW, GOOD, VALID.replace(" 8 00", " 8 10"), TRUST), Standing.BAD_SIGNATURE),
        ((NEW, GOOD, VALID), Standing.UNKNOWN_KEY),
        ((NEW, GOOD, VALID, "[GNUPG:] TRUST_UNDEFINED 0"), Standing.UNKNOWN_KEY),
        ((NEW, GOOD.replace("GOODSIG", "EXPKEYSIG"), VALID, TRUST), Standing.EXPIRED_KEY),
        ((NEW, GOOD.replace("GOODSIG", "EXPSIG"), VALID, TRUST), Standing.EXPIRED_KEY),
        ((NEW, GOOD.replace("GOODSIG", "REVKEYSIG"), VALID, TRUST), Standing.REVOKED_KEY),
        ((NEW, GOOD.replace("GOODSIG", "BADSIG"), VALID, TRUST), Standing.BAD_SIGNATURE),
        ((NEW, f"[GNUPG:] ERRSIG {KEY} 22 8 00 1795368250 9 -"), Standing.UNKNOWN_KEY),
        ((NEW, f"[GNUPG:] ERRSIG {KEY} 22 8 00 1795368250 4 -"), Standing.BAD_SIGNATURE),
        ((NEW, "[GNUPG:] ERROR verify.findkey 50331657"), Standing.UNKNOWN_KEY),
        ((GOOD.removeprefix("[GNUPG:] "), VALID, TRUST), Standing.BAD_SIGNATURE),
    ],
)
def test_anything_else_does_not(lines: tuple[str, ...], standing: Standing) -> None:
    assert gnupg(*lines) is standing


def test_a_key_that_is_not_allowed_or_a_program_that_failed_does_not_count() -> None:
    assert gnupg(NEW, GOOD, VALID, TRUST, allowed=()) is Standing.UNKNOWN_KEY
    assert gnupg(NEW, GOOD, VALID, TRUST, code=1) is Standing.UNKNOWN_KEY


SSH = 'Good "git" signature for ann@example.org with ED25519 key SHA256:abc'


@pytest.mark.parametrize(
    ("words", "code", "standing"),
    [
        (SSH, 0, Standing.GOOD),
        (SSH, 1, Standing.UNKNOWN_KEY),
        (SSH.replace("abc", "other"), 0, Standing.UNKNOWN_KEY),
        (f"{SSH}\n{SSH}", 0, Standing.UNKNOWN_KEY),
        ('Good "git" signature with ED25519 key SHA256:abc\nNo principal matched.', 1, Standing.UNKNOWN_KEY),
        (SSH.replace('"git"', '"file"'), 0, Standing.BAD_SIGNATURE),
        ("Could not verify signature.", 1, Standing.BAD_SIGNATURE),
        ("", 0, Standing.BAD_SIGNATURE),
    ],
)
def test_of_ssh_only_a_good_signature_by_the_key_in_it_counts(words: str, code: int, standing: Standing) -> None:
    assert parse_ssh(words, code=code, key="SHA256:abc", expired=(), revoked=()).standing is standing


def test_an_ssh_key_that_expired_or_was_revoked_does_not_count() -> None:
    key = "SHA256:abc"
    assert parse_ssh(SSH, code=0, key=key, expired=(key,), revoked=()).standing is Standing.EXPIRED_KEY
    assert parse_ssh(SSH, code=0, key=key, expired=(key,), revoked=(key,)).standing is Standing.REVOKED_KEY


@pytest.mark.parametrize("armoured", ["", "-----BEGIN SSH SIGNATURE-----\n%%%\n", "U1NIU0lH", "U1NIU0lHAAAAAQAAAP8="])
def test_what_is_no_ssh_signature_names_no_key(armoured: str) -> None:
    assert ssh_key_of(armoured) == ""


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", r"\[required\]: true or false is needed"),
        (b"required = true\n", r"\[keys\]: the directory of the signers' keys is needed"),
        (b'required = 1\nkeys = "x"\n', "true or false is needed, not 1"),
        (b'required = true\nkeys = "x"\nrequire = false\n', "unknown; known here: keys, required, trusted"),
        (b'required = true\nkeys = "x"\ntrusted = ["main"]\n', "'main' is no commit's id of 40 digits"),
        (b"required = true\nkeys = \xff\n", "not UTF-8"),
    ],
)
def test_a_demand_that_says_less_than_it_should_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(InvalidDocument, match=problem):
        parse_demand(content, source=Path("/etc/signatures.toml"))
