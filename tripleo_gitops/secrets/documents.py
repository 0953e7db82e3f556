"""Documents in which SOPS seals some fields and leaves the others to be read: the nodes' files."""

from __future__ import annotations

import json
import posixpath
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.yaml import parse_yaml
from tripleo_gitops.errors import Refused
from tripleo_gitops.secrets.process import run_sops
from tripleo_gitops.secrets.vault import NoKey, SopsFailed, Tampered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.secrets.keys import KeySource
    from tripleo_gitops.secrets.process import Finished

METADATA = "sops"
KEY_SERVICES = ("kms", "gcp_kms", "hckms", "azure_kv", "hc_vault", "pgp", "key_groups")
_NO_KEY, _CHANGED = 128, (25, 51)


class SopsDocuments:
    """Seals and opens single fields, with keys from one source.

    The seal is over the sealed fields alone, so that people edit and Git merges the others without any key.
    """

    def __init__(self, keys: KeySource) -> None:
        self._keys = keys

    def open_document(self, content: bytes, *, source: str) -> Mapping[str, Any]:
        """Return the whole document with its sealed fields opened; raise NoKey, Tampered, Refused, SopsFailed."""
        recipients = _recipients(content, source)
        form = _form(source)
        output = ("--input-type", form, "--output-type", "json", "--filename-override", posixpath.basename(source))
        opened: Mapping[str, Any] = json.loads(
            self._run("decrypt", *output, stdin=content, recipients=recipients).output
        )
        return opened

    def seal_document(self, content: bytes, *, source: str, fields: str, recipients: Sequence[str]) -> bytes:
        """Return a mapping's bytes with each field sealed whose name matches; comments stay where they are."""
        if not recipients:
            raise Refused(f"{source} is sealed for nobody; name a recipient")
        form = _form(source)
        options = ("--input-type", form, "--output-type", form, "--filename-override", posixpath.basename(source))
        chosen = ("--encrypted-regex", fields, "--mac-only-encrypted", "--age", ",".join(recipients))
        # The subcommand `encrypt` of sops 3.11 knows no --mac-only-encrypted; the older form does.
        return self._run("--encrypt", *chosen, *options, "/dev/stdin", stdin=content).output

    def open_text(self, content: bytes, *, source: str) -> bytes:
        """Return a sealed document as it was before it was sealed, comments and all."""
        form = _form(source)
        options = ("--input-type", form, "--output-type", form, "--filename-override", posixpath.basename(source))
        return self._run("decrypt", *options, stdin=content, recipients=_recipients(content, source)).output

    def recipients(self, content: bytes, *, source: str) -> tuple[str, ...]:
        """Return whom a sealed document opens for."""
        return _recipients(content, source)

    def _run(self, *arguments: str, stdin: bytes, recipients: Sequence[str] = ()) -> Finished:
        with tempfile.TemporaryDirectory(prefix="tripleo-plan-") as folder:
            done = run_sops(*arguments, keys=self._keys, folder=Path(folder), stdin=stdin)
        return _check(done, arguments[0], recipients)


def _check(done: Finished, verb: str, recipients: Sequence[str]) -> Finished:
    if done.code == _NO_KEY:
        raise NoKey(recipients)
    if done.code in _CHANGED:
        raise Tampered("sealed values were changed, moved or removed without their key; `git log -p` shows who did")
    if done.code != 0:
        said = next((line.strip() for line in done.words.splitlines() if line.strip()), "without a word")
        raise SopsFailed(f"sops {verb.lstrip('-')} failed ({done.code}): {said[:300]}")
    return done


def _recipients(content: bytes, source: str) -> tuple[str, ...]:
    """Return whom a document opens for; refuse key services, whose addresses whoever wrote it would choose for us."""
    document = parse_yaml(content, source=source)
    metadata = document.get(METADATA) if isinstance(document, dict) else None
    if not isinstance(metadata, dict):
        raise Refused(f"{source} is not sealed by sops")
    foreign = [name for name in KEY_SERVICES if metadata.get(name)]
    if foreign:
        raise Refused(f"{source} names keys of {', '.join(foreign)}; only age keys are tried")
    entries = metadata.get("age")
    listed = entries if isinstance(entries, list) else []
    found = tuple(str(entry["recipient"]) for entry in listed if isinstance(entry, dict) and "recipient" in entry)
    if not found:
        raise Refused(f"{source} is sealed for nobody")
    return found


def _form(source: str) -> str:
    return "json" if source.endswith(".json") else "yaml"
