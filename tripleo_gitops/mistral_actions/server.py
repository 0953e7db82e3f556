"""Where the executor that runs an action keeps plans, as its environment says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path, user_data_path, user_state_path

from tripleo_gitops.wiring.config import Config

if TYPE_CHECKING:
    from collections.abc import Mapping

PLANS_VARIABLE = "TRIPLEO_PLANS_DIR"


def server_config(environment: Mapping[str, str]) -> Config:
    """Return where an executor keeps plans: below TRIPLEO_PLANS_DIR, else below its user's data directory."""
    named = environment.get(PLANS_VARIABLE)
    plans = Path(named) if named else user_data_path("tripleo-gitops") / "plans"
    return Config(
        directory=plans,
        cloud=None,
        plans_directory=plans.absolute(),
        cache_directory=user_cache_path("tripleo-gitops"),
        state_directory=user_state_path("tripleo-gitops"),
    )
