"""Let the demo have the last word: programs read its last line, so tox's own report does not follow a success."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tox.plugin import impl

if TYPE_CHECKING:
    from tox.execute import Outcome
    from tox.tox_env.api import ToxEnv


@impl
def tox_after_run_commands(tox_env: ToxEnv, exit_code: int, outcomes: list[Outcome]) -> None:  # noqa: ARG001  # tox's names
    """Be quiet from here on when the demo went well."""
    if tox_env.conf.name == "demo" and exit_code == 0:
        tox_env.options.quiet = tox_env.options.verbose
        tox_env.log_handler.update_verbosity(0)
