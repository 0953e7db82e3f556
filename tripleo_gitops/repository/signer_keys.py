"""The public keys of those who may sign, read from a directory that only the server's operator can change."""

from __future__ import annotations

import base64
import binascii
import calendar
import re
import stat
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tripleo_gitops.errors import InvalidInput, Refused
from tripleo_gitops.repository.signature_status import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ALLOWED_SIGNERS, REVOKED_KEYS, AUTHORITIES = "allowed_signers", "revoked_keys", "authorities"
REVOCATION_SUFFIX = ".rev"  # as gpg names those that it makes with each key
OPENPGP_SUFFIXES, CERTIFICATE_SUFFIXES = (".asc", ".gpg", ".pgp", REVOCATION_SUFFIX), (".pem", ".crt", ".cer")
_VALID_BEFORE = re.compile(r'valid-before="(?P<time>\d{8}(?:\d{4}(?:\d{2})?)?)(?P<utc>Z?)"', re.IGNORECASE)
_TIME_FORMATS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_SSH_BLOB = re.compile(r"(?:^|\s)(?:sk-)?(?:ssh|ecdsa)-\S+\s+(?P<blob>AAAA[A-Za-z0-9+/=]+)")


class UnprotectedKeys(Refused):
    """A place for signers' keys, or for the setting that demands them, that others than its owner can change."""

    reason = "UnprotectedKeys"


class NoSignerKeys(Refused):
    """Signatures are demanded, and nobody's keys are there to hold them against."""

    reason = "NoSignerKeys"


class InvalidSignerKey(InvalidInput):
    """A file among the signers' keys that holds none."""

    reason = "InvalidSignerKey"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerKeys:
    """Who may sign: SSH keys as ssh-keygen's ALLOWED SIGNERS, OpenPGP files, X.509 certificates and their issuers."""

    ssh: tuple[str, ...]
    ssh_expired: tuple[str, ...]
    ssh_revoked: tuple[str, ...]
    revocation_file: Path | None
    openpgp: tuple[Path, ...]
    certificates: tuple[x509.Certificate, ...]
    authorities: tuple[x509.Certificate, ...]

    @property
    def expired_fingerprints(self) -> frozenset[str]:
        """The SSH keys whose time is over."""
        return frozenset(_fingerprints(self.ssh_expired)) - frozenset(_fingerprints(self.ssh))

    @property
    def revoked_fingerprints(self) -> frozenset[str]:
        """The SSH keys that are revoked, as far as the list names them one by one."""
        return frozenset(_fingerprints(self.ssh_revoked))


def read_signer_keys(directory: Path, *, now: float) -> SignerKeys:
    """Return the keys in a directory; `now` (seconds since 1970 UTC) tells which SSH keys have expired.

    SSH keys are in `allowed_signers` and `revoked_keys`, OpenPGP keys in *.asc, signers' X.509 certificates in *.pem,
    and those of who issued them in `authorities`. Raises NoSignerKeys, UnprotectedKeys, InvalidSignerKey.
    """
    if not directory.is_dir():
        raise NoSignerKeys(f"{directory}: no such directory; it has to hold the public keys of those who may sign")
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    for path in (directory, *files):
        check_protected(path)
    top = [path for path in files if path.parent == directory]
    allowed = _lines(directory / ALLOWED_SIGNERS)
    expired = [line for line in allowed if _has_expired(line, now)]
    revocations = directory / REVOKED_KEYS
    keys = SignerKeys(
        ssh=tuple(line for line in allowed if line not in expired),
        ssh_expired=tuple(expired),
        ssh_revoked=tuple(_lines(revocations)),
        revocation_file=revocations if revocations.is_file() else None,
        openpgp=tuple(path for path in top if path.suffix in OPENPGP_SUFFIXES),
        certificates=tuple(_certificates(path for path in top if path.suffix in CERTIFICATE_SUFFIXES)),
        authorities=tuple(_certificates(path for path in files if path.parent == directory / AUTHORITIES)),
    )
    if not (keys.ssh or keys.openpgp or keys.certificates):
        raise NoSignerKeys(
            f"{directory} holds no key that is valid; put {ALLOWED_SIGNERS} (SSH), *.asc (OpenPGP) or *.pem (X.509) "
            "there"
        )
    return keys


def check_protected(path: Path) -> None:
    """Raise UnprotectedKeys for a file or directory that its group or everybody can change, or replace."""
    for place in (path, *path.resolve().parents):
        mode = place.stat().st_mode
        if mode & (stat.S_IWGRP | stat.S_IWOTH) and not mode & stat.S_ISVTX:
            raise UnprotectedKeys(f"{place} can be changed by others than its owner; `chmod go-w {place}`")


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    lines = (line.strip() for line in path.read_text(errors="replace").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _has_expired(line: str, now: float) -> bool:
    """Return whether an allowed signer's time is over; ssh-keygen asks that of the time that a commit claims."""
    found = _VALID_BEFORE.search(line)
    if found is None:
        return False
    text, is_utc = found["time"], bool(found["utc"])
    moment = time.strptime(text, _TIME_FORMATS[len(text)])
    return now >= (calendar.timegm(moment) if is_utc else time.mktime(moment))


def _fingerprints(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        found = _SSH_BLOB.search(line)
        if found is not None:
            try:
                yield fingerprint(base64.b64decode(found["blob"]))
            except binascii.Error:
                continue


def _certificates(paths: Iterable[Path]) -> Iterator[x509.Certificate]:
    for path in paths:
        content = path.read_bytes()
        try:
            if b"-----BEGIN" in content:
                yield from x509.load_pem_x509_certificates(content)
            else:
                yield x509.load_der_x509_certificate(content)
        except ValueError as exc:
            raise InvalidSignerKey(f"{path} holds no X.509 certificate") from exc


def der(certificate: x509.Certificate) -> bytes:
    """Return a certificate as gpgsm imports it."""
    return certificate.public_bytes(Encoding.DER)
