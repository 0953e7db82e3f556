"""The architecture page speaks of packages, modules and functions that exist."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from pathlib import Path

import tripleo_gitops

PAGE = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text()
PACKAGES = [module.name for module in pkgutil.iter_modules(tripleo_gitops.__path__) if module.ispkg]
DOTTED = re.compile(rf"`((?:{'|'.join(PACKAGES)})(?:[./]\w+)+)`")


def exists(name: str) -> bool:
    """Whether a name as the page writes it is in the code: `plan.checks`, `heat.bundle.collect`, `plan/settings.py`."""
    parts = name.removesuffix(".py").replace("/", ".").split(".")
    found: object = tripleo_gitops
    for place, part in enumerate(parts):
        if not hasattr(found, part):
            try:
                import_module(".".join(["tripleo_gitops", *parts[: place + 1]]))
            except ModuleNotFoundError:
                return False
        found = getattr(found, part)
    return True


def test_every_name_on_the_page_is_in_the_code() -> None:
    names = DOTTED.findall(PAGE)
    assert len(names) > 10
    assert [name for name in names if not exists(name)] == []


def test_a_name_that_is_gone_is_found() -> None:
    assert exists("plan.checks")
    assert not exists("plan.no_such_module")
    assert not exists("plan.checks.no_such_function")


def test_every_package_is_in_the_table() -> None:
    table = PAGE.split("## Packages")[1].split("##")[0]
    rows = [row.split("|")[2] for row in table.splitlines() if row.startswith("|")]
    assert [package for package in PACKAGES if not any(f"`{package}`" in row for row in rows)] == []
