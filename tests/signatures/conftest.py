"""Real people with real keys: SSH, OpenPGP and X.509, made for each test, and a server that asks for signatures."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tests.command_line import CommandLine
from tests.lifecycle.conftest import git, plan

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["plan"]
PROGRAMS = {"ssh": "ssh-keygen", "openpgp": "gpg", "x509": "gpgsm"}
IN_2020 = "20200601T000000"
PINENTRY = '#!/bin/sh\necho OK\nwhile read -r line; do echo OK; [ "$line" = BYE ] && exit 0; done\n'
CERTIFICATE = """Key-Type: RSA
Key-Length: 2048
Key-Usage: sign
Serial: random
Name-DN: CN={name},O=Example
Name-Email: {name}@example.org
Not-Before: 2020-01-01
Not-After: {end}
"""


def run(*command: str, home: Path, text: str = "") -> bytes:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "GNUPGHOME": str(home), "LC_ALL": "C"}
    done = subprocess.run(command, input=text.encode(), capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@dataclass(frozen=True)
class Person:
    """Somebody with a key: how their Git signs, and the public half as the operator of a server keeps it."""

    format: str
    key: str
    public: bytes
    home: Path
    revocation: bytes = b""
    program: Path | None = None
    option: str = ""

    def configure(self, repository: Path, *, scope: str = "--local") -> None:
        """Let a repository, or (`--global`) everything of this person's, sign with this key."""
        settings = {"gpg.format": self.format, "user.signingkey": self.key, "commit.gpgsign": "true"}
        if self.program is not None:
            settings[f"gpg.{self.format}.program"] = str(self.program)
        for name, value in settings.items():
            git(repository, "config", scope, name, value)

    def allow(self, keys: Path) -> None:
        """Put the public half among the signers' keys."""
        keys.mkdir(exist_ok=True)
        if self.format == "ssh":
            with (keys / "allowed_signers").open("ab") as file:
                file.write(f"ann@example.org {self.option} ".encode() + self.public + b"\n")
        else:
            suffix = "asc" if self.format == "openpgp" else "pem"
            (keys / f"{self.key.strip('&0x')}.{suffix}").write_bytes(self.public)


class KeyMaker:
    """Makes people; those of GnuPG share one agent, which ends with the test."""

    def __init__(self, home: Path) -> None:
        self.home, self._count = home, 0
        pinentry = home / "pinentry"
        pinentry.write_text(PINENTRY)
        pinentry.chmod(0o700)
        (home / "gpg-agent.conf").write_text(f"pinentry-program {pinentry}\n")
        (home / "gpgsm.conf").write_text("disable-crl-checks\ndisable-dirmngr\n")

    def __call__(self, kind: str, *, expired: bool = False) -> Person:
        """Make a person; one whose key has expired made it in 2020, and their programs believe it is still then."""
        if shutil.which(PROGRAMS[kind]) is None:
            pytest.skip(f"no {PROGRAMS[kind]} on this machine; .ci/run installs it")
        self._count += 1
        made = {"ssh": self._ssh, "openpgp": self._openpgp, "x509": self._x509}[kind](f"ann{self._count}", expired)
        if not expired:
            return made
        if kind == "ssh":
            return replace(made, option='valid-before="20210101Z"')
        program = self.home / f"{PROGRAMS[kind]}-in-2020"
        program.write_text(f'#!/bin/sh\nexec {PROGRAMS[kind]} --faked-system-time {IN_2020} "$@"\n')
        program.chmod(0o700)
        return replace(made, program=program)

    def _ssh(self, name: str, _expired: bool) -> Person:
        path = self.home / name
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path), home=self.home)
        public = path.with_suffix(".pub").read_bytes().strip()
        return Person("ssh", str(path.with_suffix(".pub")), public, self.home)

    def _openpgp(self, name: str, expired: bool) -> Person:
        who = f"{name} <{name}@example.org>"
        then = ("--faked-system-time", IN_2020) if expired else ()
        made = ("--quick-generate-key", who, "ed25519", "sign", "2021-01-01" if expired else "never")
        run("gpg", "--batch", "--quiet", *then, "--passphrase", "", *made, home=self.home)
        listing = run("gpg", "--batch", "--with-colons", "--list-keys", who, home=self.home).decode()
        key = next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:"))
        revocation = (self.home / "openpgp-revocs.d" / f"{key}.rev").read_bytes().replace(b":-----BEGIN", b"-----BEGIN")
        public = run("gpg", "--batch", "--armor", "--export", key, home=self.home)
        return Person("openpgp", key, public, self.home, revocation)

    def _x509(self, name: str, expired: bool) -> Person:
        then = ("--faked-system-time", IN_2020) if expired else ()
        recipe = CERTIFICATE.format(name=name, end="2021-01-01" if expired else "2036-01-01")
        certificate = run("gpgsm", "--batch", *then, "--armor", "--generate-key", home=self.home, text=recipe)
        run("gpgsm", "--batch", "--import", home=self.home, text=certificate.decode())
        key = x509.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA1()).hex().upper()
        with (self.home / "trustlist.txt").open("a") as file:
            file.write(f"{key} S relax\n")
        run("gpgconf", "--kill", "gpg-agent", home=self.home)
        return Person("x509", f"0x{key}", certificate, self.home)


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyMaker]:
    """Return what makes people with keys; GnuPG's sockets want a short path."""
    with tempfile.TemporaryDirectory(prefix="gpg-") as folder:
        monkeypatch.setenv("GNUPGHOME", folder)
        yield KeyMaker(Path(folder))
        run("gpgconf", "--kill", "all", home=Path(folder))


@dataclass(frozen=True)
class Server:
    """A bare repository whose hook demands signatures by the keys of a directory outside, and a clone of it."""

    bare: Path
    keys: Path
    demand: Path
    clone: CommandLine

    def push(self, *refs: str) -> subprocess.CompletedProcess[str]:
        """Push with the plain git."""
        return subprocess.run(
            ["git", "-C", str(self.clone.directory), "push", "origin", *(refs or ("main",))],
            capture_output=True,
            text=True,
            check=False,
        )

    def commit(self, message: str, *options: str, note: str = "") -> str:
        """Commit a change in the clone with the plain git; return its id."""
        (self.clone.directory / "README.md").write_text(f"{message}{note}\n")
        git(self.clone.directory, "commit", "--quiet", "--all", "-m", message, *options)
        return git(self.clone.directory, "rev-parse", "HEAD")

    def judged(self, since: str = "HEAD~1", *, code: int = 1) -> list[str]:
        """Return the standings that `verify-signatures` tells of the newest commits."""
        said = self.clone("verify-signatures", "--since", since, "--demand", str(self.demand), "-o", "json", code=code)
        return [one["standing"] for one in said.data]


@pytest.fixture
def server(plan: CommandLine, tmp_path: Path) -> Server:
    """Return a server to which one unsigned commit was pushed before its hook demanded signatures."""
    settings = plan.directory / "tripleo-plan.toml"
    settings.write_text(settings.read_text().replace("on_push = true", "on_push = false"))
    (plan.directory / "README.md").write_text("begun\n")
    plan("commit", "--all", "-m", "Mirror nothing")
    bare = tmp_path / "server.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(plan.directory), str(bare))
    git(plan.directory, "remote", "add", "origin", str(bare))
    keys = tmp_path / "etc" / "signers"
    keys.mkdir(parents=True, mode=0o755)
    demand = keys.parent / "signatures.toml"
    demand.write_text('required = true\nkeys = "signers"\n')
    CommandLine(bare, plan._capture)("hook", "install", "--signatures", str(demand))
    return Server(bare, keys, demand, plan)
