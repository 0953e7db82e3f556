"""What each action of a step does, all in one: the bodies of the deploy's steps, of validations and of playbooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.operations.steps import StepBody
    from tripleo_gitops.runs.store import RunStore
    from tripleo_gitops.wiring.config import Config


def step_bodies(config: Config, store: RunStore) -> Mapping[str, StepBody]:
    """Return the bodies of all actions, by their names; nothing is opened until one is called."""
    del config, store
    return {}
