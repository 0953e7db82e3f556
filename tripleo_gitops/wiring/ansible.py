"""What playbooks need on this machine: shipped validations, a workspace, a player, the stack and its secrets."""

from __future__ import annotations

import secrets
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.ansible.runner import AnsibleRunner
from tripleo_gitops.ansible.workspace import Workspace
from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.heat.outputs import hidden_outputs
from tripleo_gitops.openstack.connection import NoSuchService
from tripleo_gitops.openstack.endpoint import fetch_endpoint
from tripleo_gitops.operations.comparison.hidden_values import masker_of
from tripleo_gitops.operations.playbooks.plays import Ground, Machine
from tripleo_gitops.operations.playbooks.validation_jobs import Shipped
from tripleo_gitops.operations.playbooks.validation_results import MemoryResults
from tripleo_gitops.operations.resolution import Reader, resolve_opened, resolve_plan
from tripleo_gitops.operations.run_steps.ansible_steps import PlaysForbidden
from tripleo_gitops.operations.stacks.provisioned import read_provisioned
from tripleo_gitops.runs.validation_results import SqlValidationResults
from tripleo_gitops.secrets.vault import NoKey
from tripleo_gitops.validations.catalogue import SHIPPED_FOLDERS, read_catalogue
from tripleo_gitops.validations.groups import GROUPS_FILE
from tripleo_gitops.validations.validation import Origin
from tripleo_gitops.wiring.cache import open_cache
from tripleo_gitops.wiring.cloud import open_cloud
from tripleo_gitops.wiring.local import open_repository
from tripleo_gitops.wiring.runs import config_at, open_runs
from tripleo_gitops.wiring.runs_settings import ALL_PLANS
from tripleo_gitops.wiring.vault import open_vault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.openstack.stack import Stack
    from tripleo_gitops.operations.playbooks.post_deploy import Fetcher
    from tripleo_gitops.operations.playbooks.validation_results import ValidationResults
    from tripleo_gitops.operations.resolution import ResolvedPlan
    from tripleo_gitops.operations.steps import StepContext
    from tripleo_gitops.runs.store import RunStore
    from tripleo_gitops.wiring.config import Config

DIRECTORIES_VARIABLE = "TRIPLEO_VALIDATIONS_PATH"
KEY_VARIABLE = "TRIPLEO_PLAN_SSH_KEY"
SHARES = ("share/openstack-tripleo-validations", "share/ansible")
CLOUD_VARIABLES = ("OS_CLOUD", "OS_CLIENT_CONFIG_FILE")


def shipped_validations(environment: Mapping[str, str]) -> tuple[Shipped, ...]:
    """Return the packages of validations of this machine: those that TRIPLEO_VALIDATIONS_PATH names, else installed."""
    named = environment.get(DIRECTORIES_VARIABLE)
    if named is not None:
        places = [Path(text).absolute() for text in named.split(":") if text]
    else:
        places = [Path(prefix, share) for prefix in dict.fromkeys((sys.prefix, "/usr")) for share in SHARES]
    return tuple(_shipped(place) for place in places if any((place / name).is_dir() for name in SHIPPED_FOLDERS))


def _shipped(directory: Path) -> Shipped:
    """Read the playbooks of a package; the rest of its directory, which may be large, is not looked at."""
    paths = [path for name in SHIPPED_FOLDERS for path in (directory / name).glob("*.y*ml")]
    files = {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in (*paths, directory / GROUPS_FILE)
        if path.is_file()
    }
    source = str(directory)
    return Shipped(
        directory=directory, catalogue=read_catalogue(MemoryTree(files), origin=Origin.SHIPPED, source=source)
    )


def find_ground(config: Config, tree: PlanTree, *, revision: str, environment: Mapping[str, str]) -> Ground:
    """Return a revision with its stack: its outputs, and what of them and of the parameters nobody may see.

    Without a cloud, without Heat in it, or without a stack, there are no outputs; hosts are then those that this
    machine provisioned.
    Without a key for the plan's secrets they stay sealed.
    """
    resolved = _resolve(config, tree, environment)
    stack = _stack(config, resolved.plan.name) if config.cloud is not None else None
    provisioned = read_provisioned(config.provisioned_directory, resolved.plan.name)
    return Ground(
        plan=resolved.plan.name,
        revision=revision,
        tree=tree,
        settings=resolved.plan.settings,
        outputs=stack.outputs if stack else {},
        hidden=hidden_outputs(resolved.bundle, resolved.parameters),
        parameters=resolved.bundle.environment.get("parameter_defaults") or {},
        secrets=masker_of(resolved),
        servers=provisioned.parameters if provisioned else {},
    )


def _stack(config: Config, name: str) -> Stack | None:
    try:
        return open_cloud(config).stacks.find(name)
    except NoSuchService:
        return None


def _resolve(config: Config, tree: PlanTree, environment: Mapping[str, str]) -> ResolvedPlan:
    reader = Reader(open_cache(config))
    try:
        return resolve_opened(tree, open_vault(environment), reader=reader)
    except NoKey:
        return resolve_plan(tree, reader=reader)


@contextmanager
def open_results(config: Config, environment: Mapping[str, str]) -> Iterator[ValidationResults]:
    """Give the records of validations, which are kept with the runs."""
    with open_runs(config, environment, say=lambda _text: None) as store:
        yield results_in(store)


def results_in(store: RunStore) -> SqlValidationResults:
    """Return the records of validations in the database of runs."""
    return SqlValidationResults(store.database, now=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAnsible:
    """What steps that play playbooks need, on this machine; `plays` are patterns of the plans that have any."""

    config: Config
    environment: Mapping[str, str]
    plays: tuple[str, ...] = ALL_PLANS
    results: ValidationResults = field(default_factory=MemoryResults)
    fetch: Fetcher = fetch_endpoint

    def check_may_play(self, plan: str) -> None:
        if not any(fnmatchcase(plan, pattern) for pattern in self.plays):
            raise PlaysForbidden(plan)

    def ground(self, context: StepContext) -> Ground:
        config = config_at(self.config, context.place, trace_id=context.trace_id)
        with open_repository(config) as repository:
            tree = repository.tree(repository.resolve(context.revision))
            files = MemoryTree({path: tree.read(path) for path in tree.paths()})  # playbooks may look at any of them
        return find_ground(config, files, revision=context.revision, environment=self.environment)

    def shipped(self) -> tuple[Shipped, ...]:
        return shipped_validations(self.environment)

    def workspace(self) -> Workspace:
        return Workspace.open()

    def player(self, workspace: Workspace) -> AnsibleRunner:
        return AnsibleRunner(workspace)

    def machine(self, context: StepContext) -> Machine:
        """Return what this machine lends: the operator's key and known hosts, their agent, and the cloud's name."""
        home = self.environment.get("HOME")
        known = Path(home, ".ssh", "known_hosts") if home else None
        key = self.environment.get(KEY_VARIABLE)
        agent = self.environment.get("SSH_AUTH_SOCK")
        return Machine(
            interpreter=sys.executable,
            private_key=Path(key).absolute() if key else None,
            known_hosts=known if known and known.is_file() else None,
            cloud=_cloud_variables(config_at(self.config, context.place, trace_id=context.trace_id), self.environment),
            agent={"SSH_AUTH_SOCK": agent} if agent else {},
        )

    def now(self) -> datetime:
        return datetime.now(UTC)

    def new_id(self) -> str:
        return secrets.token_hex(4)


def _cloud_variables(config: Config, environment: Mapping[str, str]) -> dict[str, str]:
    """Return what names the cloud to clients, for plans that ask for that; playbooks have no home to find it in."""
    found = {name: environment[name] for name in CLOUD_VARIABLES if environment.get(name)}
    if config.cloud:
        found["OS_CLOUD"] = config.cloud
    if config.clouds_file:
        found["OS_CLIENT_CONFIG_FILE"] = str(config.clouds_file)
    home = environment.get("HOME")
    if home and "OS_CLIENT_CONFIG_FILE" not in found:
        default = Path(home, ".config", "openstack", "clouds.yaml")
        found |= {"OS_CLIENT_CONFIG_FILE": str(default)} if default.is_file() else {}
    return found
