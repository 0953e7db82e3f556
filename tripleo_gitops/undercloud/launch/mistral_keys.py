"""What the tool's own actions find in an undercloud's Mistral: plans, a key for their secrets, its operator's rules."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyrage

if TYPE_CHECKING:
    from pathlib import Path

PLANS, KEY, SETTINGS = "plans", "age-key.txt", "server.toml"


def prepare_plans(directory: Path) -> None:
    """Name, in this process's environment, the plans, the age key and the rules below Mistral's own directory."""
    plans, key, settings = directory / PLANS, directory / KEY, directory / SETTINGS
    plans.mkdir(exist_ok=True)
    if not key.exists():
        identity = pyrage.x25519.Identity.generate()
        handle = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(f"# public key: {identity.to_public()}\n{identity}\n")
    settings.touch(mode=0o600)
    os.environ["TRIPLEO_PLAN_SERVER_SETTINGS"] = str(settings)
    os.environ["TRIPLEO_PLANS_DIR"] = str(plans)
    os.environ["SOPS_AGE_KEY_FILE"] = str(key)
