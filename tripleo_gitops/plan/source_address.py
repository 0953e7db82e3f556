"""What a person may name as the source of a plan, taken apart without looking at any disk or network."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from tripleo_gitops.errors import InvalidInput

SCHEMES = ("https", "ssh", "file")
_HELPER = re.compile(r"[A-Za-z0-9+.-]+::")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SCP = re.compile(r"(?:(?P<user>[A-Za-z0-9._-]+)@)?(?P<host>[A-Za-z0-9][A-Za-z0-9._-]*):(?!//)(?P<path>[^:].*)")
_GIT_SUFFIX = ".git@"


class InvalidSource(InvalidInput):
    """A text that names no source of a plan, or one that is not taken."""

    reason = "InvalidSource"


@dataclass(frozen=True, slots=True)
class GitAddress:
    """A Git repository by URL, and what to take of it; credentials are kept apart and never shown."""

    url: str
    ref: str | None = None
    credentials: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def scheme(self) -> str:
        """The scheme, `ssh` for the short form `host:path`, `file` for a path."""
        if self.url.startswith("/"):
            return "file"
        found = _SCHEME.match(self.url)
        return found[1].lower() if found else "ssh"

    def __str__(self) -> str:
        return f"{self.url}@{self.ref}" if self.ref else self.url


@dataclass(frozen=True, slots=True)
class PlanAddress:
    """Another plan of the plans directory, and what to take of it."""

    name: str
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class ContainerAddress:
    """A Swift container that holds a plan."""

    name: str


@dataclass(frozen=True, slots=True)
class PathAddress:
    """A directory, an archive or a local repository; `ref` where the path itself does not hold the `@`."""

    path: str


SourceAddress = GitAddress | PlanAddress | ContainerAddress | PathAddress


def parse_source(text: str) -> SourceAddress:
    """Return what a text names: `plan:NAME[@REF]`, `container:NAME`, a Git URL with or without `@REF`, or a path.

    Raises InvalidSource for transports that run programs (`ext::`), unknown schemes and what looks like an option.
    """
    if not text or text.startswith("-") or not text.isprintable():
        raise InvalidSource(f"{text[:80]!r} names no source; name a directory, an archive, a Git URL or plan:NAME")
    if text.startswith("plan:"):
        name, _, plan_ref = text.removeprefix("plan:").partition("@")
        return PlanAddress(name, parse_ref(plan_ref or None))
    if text.startswith("container:"):
        return ContainerAddress(text.removeprefix("container:"))
    helper = _HELPER.match(text)
    if helper:
        raise InvalidSource(f"{helper[0]} is a transport that runs programs; name an https or ssh URL")
    if _SCHEME.match(text):
        return _parse_url(text)
    short = _SCP.fullmatch(text)
    if short and "/" not in text.split(":", 1)[0]:
        path, short_ref = split_ref(short["path"])
        user = f"{short['user']}@" if short["user"] else ""
        return GitAddress(f"{user}{short['host']}:{_checked_path(path)}", parse_ref(short_ref))
    return PathAddress(text)


def split_ref(path: str) -> tuple[str, str | None]:
    """Return a repository's path and the ref behind its last `@`; after `.git@` everything is the ref.

    tripleo-common splits the whole URL at its last `@`, which breaks user names in URLs and refs with `@`.
    """
    if _GIT_SUFFIX in path:
        before, _, ref = path.partition(_GIT_SUFFIX)
        return f"{before}.git", ref or None
    before, separator, ref = path.rpartition("@")
    return (before, ref or None) if separator else (path, None)


def _parse_url(text: str) -> GitAddress:
    scheme = text.split("://", 1)[0].lower()
    if scheme not in SCHEMES:
        raise InvalidSource(f"{scheme}:// is not taken; name an https or ssh URL")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidSource(f"that {scheme} URL cannot be read") from None
    if (scheme != "file" and not host) or host.startswith("-"):
        raise InvalidSource(f"that {scheme} URL names no host")
    if parts.query or parts.fragment:
        raise InvalidSource(f"a {scheme} URL of a repository has no query and no fragment; name a ref as URL@REF")
    path, ref = split_ref(parts.path)
    place = f"[{host}]" if ":" in host else host
    place = f"{place}:{port}" if port is not None else place
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if scheme == "ssh" and user:
        place = f"{quote(user)}@{place}"
    credentials = (user, password) if scheme == "https" and (user or password) else None
    return GitAddress(f"{scheme}://{place}{_checked_path(path)}", parse_ref(ref), credentials)


def _checked_path(path: str) -> str:
    if not path.strip("/") or path.startswith("-"):
        raise InvalidSource("that URL names no repository")
    return path


def parse_ref(ref: str | None) -> str | None:
    """Return a ref that Git would take as a name (git-check-ref-format); raise InvalidSource for any other."""
    if ref is None:
        return None
    is_bad = ref.startswith(("-", "/")) or ref.endswith(("/", ".lock", ".")) or ".." in ref or "//" in ref
    if is_bad or re.search(r"[\x00-\x20\x7f~^:?*\[\\]|@\{", ref):
        raise InvalidSource(f"{ref[:80]!r} is no name of a branch, tag or commit")
    return ref
