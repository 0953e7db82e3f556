"""Which engine a command's run goes to, and Mistral as one for this machine's commands."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tripleo_gitops.runs.record import EngineName
from tripleo_gitops.wiring.runs_settings import read_runs_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tripleo_gitops.runs.mistral_engine import MistralEngine
    from tripleo_gitops.wiring.config import Config

READ_SECONDS = 15.0
"""How long a listing waits for Mistral's answer."""
MARK = "clouds-with-mistral"
"""The file in the state directory with the clouds whose Mistral was used here, a name a line."""


def chosen_engine(config: Config, environment: Mapping[str, str], asked: str | None) -> EngineName:
    """Return who does a command's run: whom the person names, or whom [runs] of the server's settings does."""
    return EngineName(asked) if asked else read_runs_settings(config, environment).engine


def open_mistral_runs(
    config: Config, environment: Mapping[str, str], *, say: Callable[[str], None], timeout: float = 60.0
) -> MistralEngine:
    """Return Mistral of the configured cloud as an engine, and remember that this cloud has one used."""
    # OpenStack's client takes longer to load than all else that a reader of this machine's own runs needs
    from tripleo_gitops.openstack.connection import connect  # noqa: PLC0415
    from tripleo_gitops.openstack.workflow_service import WorkflowService  # noqa: PLC0415
    from tripleo_gitops.runs.mistral_engine import MistralEngine  # noqa: PLC0415

    connected = connect(config.cloud, clouds_file=config.clouds_file, timeout=timeout)
    remember_mistral(config, environment)
    return MistralEngine(WorkflowService(connected), clock=time, say=say)


def has_mistral(config: Config, environment: Mapping[str, str]) -> bool:
    """Return whether runs may be in Mistral of the configured cloud: the settings say so, or it was used from here.

    Nothing is asked of the cloud.
    """
    if read_runs_settings(config, environment).engine is EngineName.MISTRAL:
        return True
    return _cloud(config, environment) in _marked(_mark(config))


def remember_mistral(config: Config, environment: Mapping[str, str]) -> None:
    """Note that runs may be in Mistral of the configured cloud."""
    mark, cloud = _mark(config), _cloud(config, environment)
    if cloud not in (known := _marked(mark)):
        mark.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mark.write_text("".join(f"{name}\n" for name in sorted({*known, cloud})))


def _cloud(config: Config, environment: Mapping[str, str]) -> str:
    return config.cloud or environment.get("OS_CLOUD") or "envvars"


def _mark(config: Config) -> Path:
    return config.state_directory / MARK


def _marked(mark: Path) -> frozenset[str]:
    return frozenset(mark.read_text().splitlines()) if mark.exists() else frozenset()
