"""What the tool's own actions find in an undercloud's Mistral: a place for plans, and a key for their secrets."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyrage

if TYPE_CHECKING:
    from pathlib import Path

PLANS, KEY = "plans", "age-key.txt"


def prepare_plans(directory: Path) -> None:
    """Name, in this process's environment, the directory of plans and the age key below Mistral's own directory."""
    plans, key = directory / PLANS, directory / KEY
    plans.mkdir(exist_ok=True)
    if not key.exists():
        identity = pyrage.x25519.Identity.generate()
        handle = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(f"# public key: {identity.to_public()}\n{identity}\n")
    os.environ["TRIPLEO_PLANS_DIR"] = str(plans)
    os.environ["SOPS_AGE_KEY_FILE"] = str(key)
