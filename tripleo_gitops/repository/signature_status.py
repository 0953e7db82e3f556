"""What git's verification of one signature said, read strictly: anything that is not plainly good is not good."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_STATUS = "[GNUPG:] "
_OUTCOMES = ("GOODSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "BADSIG", "ERRSIG")
_STRONG_DIGESTS = ("8", "9", "10", "11")  # SHA-256, -384, -512, -224 of RFC 9580, section 9.5
_OF_DATA = ("00", "01")  # signature types of a binary and a text document, RFC 9580, section 5.2.1
_NO_PUBLIC_KEY = "9"
_SSH_GOOD = re.compile(r'Good "git" signature for (?P<signer>.+) with \S+ key (?P<key>SHA256:\S+)')
_SSH_WHOLE = 'Good "git" signature '
_SSHSIG_HEADER = len(b"SSHSIG") + 4  # a magic word and a version


class Standing(StrEnum):
    """How a commit or tag stands with the keys of those who may sign."""

    GOOD = "good"
    UNSIGNED = "unsigned"
    UNKNOWN_KEY = "unknown key"
    EXPIRED_KEY = "expired key"
    REVOKED_KEY = "revoked key"
    BAD_SIGNATURE = "bad signature"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one commit or tag stands, and the key (fingerprint) and person that its signature names, where it does."""

    standing: Standing
    key: str = ""
    signer: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it is signed by somebody who may."""
        return self.standing is Standing.GOOD


def parse_gnupg(words: str, *, code: int, allowed: Collection[str]) -> Verdict:
    """Return the verdict in the status lines of gpg or gpgsm (GnuPG's doc/DETAILS); `allowed` are fingerprints.

    Good is exactly one signature, that is good and valid, of data, over a strong digest, by a trusted key that is
    allowed itself or as the primary key of the one that signed.
    """
    lines = [line.removeprefix(_STATUS).split() for line in words.splitlines() if line.startswith(_STATUS)]
    outcomes = [line for line in lines if line and line[0] in _OUTCOMES]
    if not outcomes and any(line[:2] == ["ERROR", "verify.findkey"] for line in lines):
        return Verdict(Standing.UNKNOWN_KEY)
    if len(outcomes) != 1 or sum(line[:1] == ["NEWSIG"] for line in lines) > 1:
        return Verdict(Standing.BAD_SIGNATURE)
    outcome = outcomes[0]
    key, signer = (outcome[1] if len(outcome) > 1 else ""), " ".join(outcome[2:])
    if outcome[0] == "ERRSIG":
        is_unknown = len(outcome) > 6 and outcome[6] == _NO_PUBLIC_KEY
        return Verdict(Standing.UNKNOWN_KEY if is_unknown else Standing.BAD_SIGNATURE, key)
    refused = {
        "REVKEYSIG": Standing.REVOKED_KEY,
        "EXPKEYSIG": Standing.EXPIRED_KEY,
        "EXPSIG": Standing.EXPIRED_KEY,
        "BADSIG": Standing.BAD_SIGNATURE,
    }
    if outcome[0] in refused:
        return Verdict(refused[outcome[0]], key, signer)
    return _judged(lines, code=code, allowed=allowed, key=key, signer=signer)


def _judged(lines: list[list[str]], *, code: int, allowed: Collection[str], key: str, signer: str) -> Verdict:
    """Judge a signature that is good by itself."""
    valid = [line for line in lines if line[:1] == ["VALIDSIG"]]
    if len(valid) != 1 or len(valid[0]) < 10 or valid[0][8] not in _STRONG_DIGESTS or valid[0][9] not in _OF_DATA:
        return Verdict(Standing.BAD_SIGNATURE, key, signer)
    fingerprints = {valid[0][1], *valid[0][10:11]}
    is_trusted = any(line[:1] in (["TRUST_FULLY"], ["TRUST_ULTIMATE"]) for line in lines)
    if not is_trusted or code or not fingerprints & set(allowed):
        return Verdict(Standing.UNKNOWN_KEY, valid[0][1], signer)
    return Verdict(Standing.GOOD, valid[0][1], signer)


def parse_ssh(words: str, *, code: int, key: str, expired: Collection[str], revoked: Collection[str]) -> Verdict:
    """Return the verdict in what ssh-keygen said through git of a signature by `key`.

    `expired` and `revoked` are fingerprints (SHA256:…), as `key` is.
    """
    lines = [line.strip() for line in words.splitlines()]
    good = [match for line in lines if (match := _SSH_GOOD.fullmatch(line))]
    if key in revoked:
        return Verdict(Standing.REVOKED_KEY, key)
    if not any(line.startswith(_SSH_WHOLE) for line in lines):
        return Verdict(Standing.BAD_SIGNATURE, key)
    if key in expired:
        return Verdict(Standing.EXPIRED_KEY, key)
    if code == 0 and len(good) == 1 and good[0]["key"] == key:
        return Verdict(Standing.GOOD, key, good[0]["signer"])
    return Verdict(Standing.UNKNOWN_KEY, key)


def ssh_key_of(signature: str) -> str:
    """Return the fingerprint of the key that an armoured SSH signature names (OpenSSH's PROTOCOL.sshsig), or ""."""
    body = "".join(line for line in signature.splitlines() if not line.startswith("-----"))
    try:
        blob = base64.b64decode(body)
    except binascii.Error:
        return ""
    length = int.from_bytes(blob[_SSHSIG_HEADER : _SSHSIG_HEADER + 4])
    public_key = blob[_SSHSIG_HEADER + 4 : _SSHSIG_HEADER + 4 + length]
    is_whole = blob.startswith(b"SSHSIG") and 0 < length == len(public_key)
    return fingerprint(public_key) if is_whole else ""


def fingerprint(public_key: bytes) -> str:
    """Return the fingerprint of an SSH key's blob, as ssh-keygen writes it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(public_key).digest()).decode().rstrip("=")
