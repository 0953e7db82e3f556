"""Verify who signed commits and tags, with the real git, against given keys and by nobody else's configuration."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from dulwich.object_store import DiskObjectStore, OverlayObjectStore

from tripleo_gitops.errors import GitopsError
from tripleo_gitops.repository.isolation import Ended, isolated_environment, run_isolated
from tripleo_gitops.repository.signature_status import Standing, Verdict, parse_gnupg, parse_ssh, ssh_key_of
from tripleo_gitops.repository.signer_keys import REVOCATION_SUFFIX, InvalidSignerKey, der

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dulwich.object_store import BaseObjectStore

    from tripleo_gitops.repository.signer_keys import SignerKeys

TIME_LIMIT_SECONDS = 60.0
_GPG_CONF = "batch\nno-auto-key-retrieve\nno-auto-key-locate\nno-autostart\n"
_GPGSM_CONF = "batch\ndisable-crl-checks\ndisable-dirmngr\n"
_ULTIMATELY = 6  # of GnuPG's ownertrust: such a key is valid without anybody's word
_PGP_ARMOUR = "-----BEGIN PGP "
_SSH_ARMOUR = "-----BEGIN SSH SIGNATURE-----"
_X509_ARMOUR = "-----BEGIN SIGNED MESSAGE-----"


class Unverifiable(GitopsError):
    """Commits that git could not read, so that nobody can say who signed them."""

    reason = "Unverifiable"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedTag:
    """A tag by the name in its object, who made it, the commit that it names in the end, and how it stands."""

    name: str
    tagger: str
    commit: str
    verdict: Verdict


def object_directories(store: BaseObjectStore) -> tuple[Path, ...]:
    """Return where a repository's objects are: its own, and those of a push that is not accepted yet."""
    stores = store.bases if isinstance(store, OverlayObjectStore) else [store]
    return tuple(Path(os.fsdecode(one.path)).absolute() for one in stores if isinstance(one, DiskObjectStore))


@contextmanager
def open_verifier(keys: SignerKeys, objects: Sequence[Path]) -> Iterator[SignatureVerifier]:
    """Yield what verifies signatures of the commits and tags in some object directories by `keys`.

    What it needs is in a directory of its own that is gone afterwards: git reads no configuration, replacements or
    grafts of the repository, GnuPG no keys but these.
    """
    with tempfile.TemporaryDirectory(prefix="tripleo-plan-") as folder:
        verifier = SignatureVerifier(Path(folder), keys)
        try:
            verifier.prepare(objects)
            yield verifier
        finally:
            verifier.finish()


class SignatureVerifier:
    """Git, ssh-keygen, gpg and gpgsm in one scratch directory, with the keys of those who may sign."""

    def __init__(self, folder: Path, keys: SignerKeys) -> None:
        self._folder, self._keys = folder, keys
        self._allowed: set[str] = set()
        self._home = folder / "gnupg"
        signers = folder / "allowed_signers"
        config = {
            "gpg.program": "gpg",
            "gpg.openpgp.program": "gpg",
            "gpg.x509.program": "gpgsm",
            "gpg.ssh.program": "ssh-keygen",
            "gpg.minTrustLevel": "fully",
            "gpg.ssh.allowedSignersFile": str(signers),
        }
        if keys.revocation_file is not None:
            config["gpg.ssh.revocationFile"] = str(keys.revocation_file)
        self._environment = {
            **isolated_environment(folder / "scratch.git", home=folder, config=config),
            "GNUPGHOME": str(self._home),
        }

    def prepare(self, objects: Sequence[Path]) -> None:
        """Lay out the scratch repository over the objects, and import the keys; raise InvalidSignerKey."""
        self._git("init", "--quiet", "--bare", "--template=")
        alternates = self._folder / "scratch.git" / "objects" / "info" / "alternates"
        alternates.parent.mkdir(exist_ok=True)
        alternates.write_text("".join(f"{path}\n" for path in objects))
        (self._folder / "allowed_signers").write_text("".join(f"{line}\n" for line in self._keys.ssh))
        self._home.mkdir(mode=0o700)
        (self._home / "gpg.conf").write_text(_GPG_CONF)
        (self._home / "gpgsm.conf").write_text(_GPGSM_CONF)
        self._import_openpgp()
        self._import_certificates()

    def finish(self) -> None:
        """End the agent that gpgsm may have started."""
        if self._keys.certificates:
            self._run("gpgconf", "--kill", "all")

    def new_commits(self, newer: str, older: Sequence[str]) -> tuple[str, ...]:
        """Return the commits that `newer` has and none of `older` has, the newest first."""
        excluded = [f"^{commit}" for commit in older]
        return tuple(self._git("rev-list", "--end-of-options", newer, *excluded).out.split())

    def commit(self, commit: str) -> Verdict:
        """Return how a commit stands."""
        headers = self._git("cat-file", "commit", commit).out.partition("\n\n")[0]
        return self._judge("verify-commit", commit, _gpgsig(headers))

    def annotated_tag(self, name: str) -> AnnotatedTag | None:
        """Return the annotated tag that an object's id stands for, and how it stands; None for any other object."""
        if self._git("cat-file", "-t", name).out.strip() != "tag":
            return None
        text = self._git("cat-file", "tag", name).out
        headers = dict(line.partition(" ")[::2] for line in text.partition("\n\n")[0].split("\n"))
        starts = [text.find(f"\n{mark}") for mark in (_PGP_ARMOUR, _SSH_ARMOUR, _X509_ARMOUR)]
        found = [start for start in starts if start >= 0]
        return AnnotatedTag(
            name=headers.get("tag", ""),
            tagger=headers.get("tagger", "nobody").rsplit(" ", 2)[0],
            commit=self._git("rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}").out.strip(),
            verdict=self._judge("verify-tag", name, text[min(found) + 1 :] if found else ""),
        )

    def _judge(self, verb: str, name: str, signature: str) -> Verdict:
        if not signature:
            return Verdict(Standing.UNSIGNED)
        ended = self._run("git", verb, "--raw", name)
        words = f"{ended.out}\n{ended.err}"
        if signature.startswith(_SSH_ARMOUR):
            return parse_ssh(
                words,
                code=ended.code,
                key=ssh_key_of(signature),
                expired=self._keys.expired_fingerprints,
                revoked=self._keys.revoked_fingerprints,
            )
        return parse_gnupg(words, code=ended.code, allowed=self._allowed)

    def _import_openpgp(self) -> None:
        for path in sorted(self._keys.openpgp, key=lambda one: one.suffix == REVOCATION_SUFFIX):
            ended = self._run("gpg", "--status-fd=1", "--import", "--", str(path))
            if ended.code:
                raise InvalidSignerKey(f"{path} holds no OpenPGP public key, and no revocation of one that is there")
            lines = [line.split() for line in ended.out.splitlines()]
            self._allowed.update(line[3] for line in lines if line[1:2] == ["IMPORT_OK"] and len(line) > 3)
        if self._allowed:
            trusted = self._folder / "ownertrust"
            trusted.write_text("".join(f"{key}:{_ULTIMATELY}:\n" for key in sorted(self._allowed)))
            self._run("gpg", "--import-ownertrust", "--", str(trusted))

    def _import_certificates(self) -> None:
        """Import signers and issuers; a certificate that issued itself is a root that is trusted."""
        every = (*self._keys.certificates, *self._keys.authorities)
        for index, certificate in enumerate(every):
            path = self._folder / f"{index}.crt"
            path.write_bytes(der(certificate))
            self._run("gpgsm", "--import", "--", str(path))
        fingerprints = {one: one.fingerprint(hashes.SHA1()).hex().upper() for one in every}  # noqa: S303  # what gpgsm names
        roots = [name for one, name in fingerprints.items() if one.issuer == one.subject]
        if every:
            (self._home / "trustlist.txt").write_text("".join(f"{name} S relax\n" for name in roots))
        self._allowed.update(fingerprints[one] for one in self._keys.certificates)

    def _git(self, *arguments: str) -> Ended:
        ended = self._run("git", *arguments)
        if ended.code:
            raise Unverifiable(f"git {arguments[0]}: {ended.err.strip()[:300] or 'failed without a word'}")
        return ended

    def _run(self, *command: str) -> Ended:
        return run_isolated(command, folder=self._folder, environment=self._environment, time_limit=TIME_LIMIT_SECONDS)


def _gpgsig(headers: str) -> str:
    """Return the signature among a commit's headers, its continued lines joined; "" without one."""
    lines = headers.split("\n")
    for index, line in enumerate(lines):
        if line.startswith("gpgsig "):
            more = []
            for continued in lines[index + 1 :]:
                if not continued.startswith(" "):
                    break
                more.append(continued[1:])
            return "\n".join([line.removeprefix("gpgsig "), *more])
    return ""
