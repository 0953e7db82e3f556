"""Files that come with the tool beside its code: hooks and examples."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from tripleo_gitops.errors import NotFound

SHARE = "share/tripleo-gitops/"


def shipped_directory(name: str) -> Path:
    """Return the directory `hooks` or `examples`: of a checkout beside the package, else of the installed wheel."""
    checkout = Path(__file__).parents[2] / name
    if checkout.is_dir():
        return checkout
    for path in _installed_files():
        head, found, _tail = str(path).partition(f"{SHARE}{name}/")
        if found:
            return Path(str(distribution("tripleo-gitops").locate_file(f"{head}{SHARE}{name}"))).resolve()
    raise NotFound(f"the installed tool has no {name}; install it from its wheel or run it from a checkout")


def _installed_files() -> list[str]:
    try:
        return [str(path) for path in distribution("tripleo-gitops").files or ()]
    except PackageNotFoundError:
        return []
