"""Heat as the peer of the parameter diff: asked for the nested validation of both sides, whose answers are compared.

In one way it is handed ready-made requests, which nobody has who has two revisions: they are what our own tool makes of
them. In the other it is asked as people do it without our tool: export each revision with git, render it with the
release's own tools/process-templates.py, gather files and environments with python-heatclient, and ask.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openstack
import yaml
from heatclient.common import template_utils

from benchmarks.measure import CommandFailed
from tripleo_gitops.undercloud import supervisor
from tripleo_gitops.undercloud.config import Service, Undercloud

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.heat.bundle import Bundle

LOCALHOST_SECONDS = 900
RENDER = "tools/process-templates.py"


class AskHeat:
    """A Heat that validates what a stack is made of with all that is nested in it."""

    def __init__(self, connection: openstack.connection.Connection) -> None:
        self._connection = connection

    def differs(self, old: Bundle, new: Bundle) -> bool:
        """Return whether Heat's answers to two ready-made requests differ."""
        one, other = (self._answer(bundle.to_request()) for bundle in (old, new))
        return bool(one != other)

    def differs_from_revisions(self, repository: Path, old: str, new: str) -> bool:
        """Return whether Heat's answers for two revisions differ, each exported, rendered and gathered first."""
        one, other = (self._answer(request_of(repository, name)) for name in (old, new))
        return bool(one != other)

    def _answer(self, request: dict[str, Any]) -> Any:
        found = self._connection.orchestration.post(
            "/validate",
            data=json.dumps(request, default=bytes.decode),  # heatclient leaves base64 as bytes
            headers={"Content-Type": "application/json"},
            params={"show_nested": "True", "ignore_errors": "99001"},
            timeout=LOCALHOST_SECONDS,
        )
        if found.status_code != 200:
            raise CommandFailed(("POST", "/validate"), status=found.status_code, output=found.text)
        return found.json()


def request_of(repository: Path, revision: str) -> dict[str, Any]:
    """Return what python-heatclient would send for a revision of tripleo-heat-templates."""
    with tempfile.TemporaryDirectory(prefix="bench-heat-") as name:
        directory = Path(name) / "plan"
        directory.mkdir()
        archive = subprocess.Popen(["git", "-C", str(repository), "archive", revision], stdout=subprocess.PIPE)
        subprocess.run(["tar", "-x", "-C", str(directory)], stdin=archive.stdout, check=True)
        if archive.wait():
            raise CommandFailed(("git", "archive", revision), status=archive.returncode, output="")
        subprocess.run([sys.executable, RENDER], cwd=directory, check=True, capture_output=True)
        plan = yaml.load((directory / "plan-environment.yaml").read_bytes(), Loader=yaml.CSafeLoader)
        paths = [str(directory / entry["path"]) for entry in plan["environments"]]
        files, template = template_utils.get_template_contents(template_file=str(directory / plan["template"]))
        more, environment = template_utils.process_multiple_environments_and_files(env_paths=paths)
        return {"template": template, "environment": environment, "files": {**files, **more}}


@contextmanager
def heat(state_dir: Path) -> Iterator[AskHeat]:
    """Give a Heat of the benchmark's own, and take it away again."""
    services = (Service.KEYSTONE, Service.HEAT)
    config = Undercloud(state_dir=state_dir, cache_dir=state_dir / "cache", services=services)
    running = supervisor.up(config, progress=lambda _line: None)
    try:
        loader = openstack.config.OpenStackConfig(config_files=[str(running.clouds_file)], load_envvars=False)
        yield AskHeat(openstack.connection.Connection(config=loader.get_one(cloud="undercloud")))
    finally:
        supervisor.down(config)
        shutil.rmtree(state_dir, ignore_errors=True)
