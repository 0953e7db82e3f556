"""secrets.yaml sealed and opened by the real SOPS; values go through pipes, never through arguments or disks."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import InvalidInput, Refused
from tripleo_gitops.plan.document import spelled
from tripleo_gitops.plan.secrets_file import SECRETS_FILE, parse_sealed, read_opened
from tripleo_gitops.secrets.process import Finished, run_sops
from tripleo_gitops.secrets.vault import KeyPath, NoKey, SopsFailed, Tampered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.plan.secrets_file import SecretValues
    from tripleo_gitops.secrets.keys import KeySource

_NAME = re.compile(r"[A-Za-z0-9_.:/ -]+")
_NO_KEY, _MAC_MISMATCH, _TREE_BROKEN = 128, 51, 25
_AS_YAML = ("--input-type", "yaml", "--output-type", "yaml", "--filename-override", SECRETS_FILE)
_AS_JSON = ("--input-type", "yaml", "--output-type", "json", "--filename-override", SECRETS_FILE)


class Sops:
    """A vault whose keys come from one source."""

    def __init__(self, keys: KeySource) -> None:
        self._keys = keys

    def seal(self, document: Mapping[str, Any], *, recipients: Sequence[str]) -> bytes:
        if not recipients:
            raise Refused("secrets are sealed for nobody; name a recipient")
        plain = json.dumps(document, ensure_ascii=False).encode()  # JSON is YAML whose texts stay texts
        with tempfile.TemporaryDirectory(prefix="tripleo-plan-") as folder:
            done = self._run("encrypt", "--age", ",".join(recipients), *_AS_YAML, folder=folder, stdin=plain)
        return done.output

    def open(self, content: bytes) -> SecretValues:
        with tempfile.TemporaryDirectory(prefix="tripleo-plan-") as folder:
            done = self._run("decrypt", *_AS_JSON, folder=folder, stdin=content, sealed=content)
        return read_opened(json.loads(done.output))

    def put(self, content: bytes, path: KeyPath, value: Any) -> bytes:
        plain = json.dumps(value, ensure_ascii=False).encode()
        return self._changed(content, "set", "--value-stdin", SECRETS_FILE, _index(path), stdin=plain)

    def drop(self, content: bytes, path: KeyPath) -> bytes:
        return self._changed(content, "unset", SECRETS_FILE, _index(path))

    def rekey(self, content: bytes, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> bytes:
        changes = [*_flag("--add-age", add), *_flag("--rm-age", remove)]
        return self._changed(content, "rotate", "--in-place", *changes, SECRETS_FILE)

    def _changed(self, content: bytes, *arguments: str, stdin: bytes = b"") -> bytes:
        """Let sops change a file that holds sealed values only, and return what it made of it."""
        with tempfile.TemporaryDirectory(prefix="tripleo-plan-") as folder:
            file = Path(folder, SECRETS_FILE)
            file.write_bytes(content)
            self._run(*arguments, folder=folder, stdin=stdin, sealed=content)
            return file.read_bytes()

    def _run(self, *arguments: str, folder: str, stdin: bytes, sealed: bytes | None = None) -> Finished:
        recipients = _checked(sealed) if sealed is not None else ()
        done = run_sops(*arguments, keys=self._keys, folder=Path(folder), stdin=stdin)
        if done.code == 0:
            return done
        if done.code == _NO_KEY:
            raise NoKey(recipients)
        if done.code in (_MAC_MISMATCH, _TREE_BROKEN):
            raise Tampered(
                f"{SECRETS_FILE} was changed without its key: sops finds that sealed values do not belong together; "
                "`git log -p` shows who changed it, `git checkout REVISION -- secrets.yaml` brings back one that opens"
            )
        raise SopsFailed(f"sops {arguments[0]} failed ({done.code}): {_first_words(done.words)}")


def _checked(content: bytes) -> tuple[str, ...]:
    """Return the recipients; refuse key services, whose addresses whoever wrote the file would choose for us."""
    sealed = parse_sealed(content)
    if sealed.in_clear:
        raise Tampered(
            f"{SECRETS_FILE} has a value in clear at {spelled(sealed.in_clear[0])}; take it out, and put it in with "
            "`tripleo-plan secrets set`"
        )
    if sealed.foreign_keys:
        raise Refused(
            f"{SECRETS_FILE} names keys of {', '.join(sealed.foreign_keys)}; only age keys are tried: "
            "`sops rotate` removes the others"
        )
    if not sealed.recipients:
        raise Refused(f"{SECRETS_FILE} is sealed for nobody; `tripleo-plan secrets init` makes a new one")
    return sealed.recipients


def _index(path: KeyPath) -> str:
    for step in path:
        if isinstance(step, str) and not _NAME.fullmatch(step):
            raise InvalidInput(f"{step[:80]!r} cannot be a key of {SECRETS_FILE}")
    return "".join(f"[{json.dumps(step)}]" for step in path)


def _flag(flag: str, recipients: Sequence[str]) -> tuple[str, ...]:
    return (flag, ",".join(recipients)) if recipients else ()


def _first_words(words: str) -> str:
    """Return what sops said first; it names keys and files, not values."""
    return next((line.strip() for line in words.splitlines() if line.strip()), "without a word")[:300]
