"""Our hooks in a repository: put there, recognized, never over somebody else's."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import git

from tripleo_gitops.errors import Refused
from tripleo_gitops.repository.objects import NotARepository

if TYPE_CHECKING:
    from collections.abc import Mapping

SECTION = "tripleo-gitops"


class HookExists(Refused):
    """A hook that is not ours is where ours would go."""

    reason = "HookExists"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} exists and is not ours; nothing was changed: call `tripleo-plan hook run {path.name}` "
            "from it, or move it away"
        )
        self.path = path


@dataclass(frozen=True, slots=True)
class InstalledHook:
    """A hook that is in place now."""

    name: str
    path: Path


def install_hooks(repository: Path, shims: Path, settings: Mapping[str, str]) -> tuple[InstalledHook, ...]:
    """Put our hooks from `shims` into a repository, and keep settings there.

    A bare repository gets `pre-receive` and `post-receive`, a clone `post-commit`. `settings` go
    to the repository's own Git configuration as `tripleo-gitops.KEY`. Repeating it renews both.
    Raises NotARepository, HookExists.
    """
    try:
        repo = git.Repo(repository, search_parent_directories=True)
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        raise NotARepository(repository) from None
    directory = Path(repo.git.rev_parse("--path-format=absolute", "--git-path", "hooks"))
    names = ("pre-receive", "post-receive") if repo.bare else ("post-commit",)
    hooks = tuple(InstalledHook(name, directory / name) for name in names)
    for hook in hooks:
        if hook.path.exists() and hook.path.read_bytes() != (shims / hook.name).read_bytes():
            raise HookExists(hook.path)
    for hook in hooks:
        _put(hook.path, (shims / hook.name).read_bytes())
    with repo.config_writer("repository") as config:
        for key, value in settings.items():
            config.set_value(SECTION, key, value)
    return hooks


def _put(target: Path, shim: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    scratch.write_bytes(shim)
    scratch.chmod(0o755)
    scratch.replace(target)
