"""What the playbooks of one revision are given: its files, its nodes, the outputs of its stack, and no more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.ansible.masking import texts_in
from tripleo_gitops.ansible.play import Play, Surroundings
from tripleo_gitops.ansible.workspace import write_private
from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.heat.outputs import MASK
from tripleo_gitops.operations.nodes.provisioned_hosts import outputs_of_servers, with_servers
from tripleo_gitops.operations.playbooks.inventory import Inventory, make_inventory, with_masked
from tripleo_gitops.operations.rendering import write_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tripleo_gitops.ansible.play import PlayLine, PlayResult
    from tripleo_gitops.ansible.workspace import Workspace
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.comparison.hidden_values import Masker
    from tripleo_gitops.plan.ansible_settings import AnsibleSettings
    from tripleo_gitops.plan.settings import PlanSettings

STACK_OUTPUTS = "stack_outputs"
HIDDEN = {"AdminPassword"}
"""Parameters that an inventory repeats and nobody may see."""
PLAN_NAME, PLAN_REVISION = "tripleo_plan_name", "tripleo_plan_revision"


class Player(Protocol):
    """Plays playbooks."""

    def play(self, play: Play, *, tell: Callable[[PlayLine], None], check: Callable[[], None]) -> PlayResult:
        """Play to the end; what `check` raises ends it and is raised again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the machine that plays lends: its Python, a key for nodes, known hosts, variables that name the cloud."""

    interpreter: str | None = None
    private_key: Path | None = None
    known_hosts: Path | None = None
    cloud: Mapping[str, str] = field(default_factory=dict)
    agent: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A revision with its stack, as playbooks see it. `hidden` are the outputs that say a secret.

    `parameters` are the plan's parameter_defaults, `secrets` masks their hidden values. `servers` are the parameters
    that provisioning left for Heat: hosts of which the outputs say nothing are taken from there.
    """

    plan: str
    revision: str
    tree: PlanTree
    settings: PlanSettings
    outputs: Mapping[str, Any] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    secrets: Masker | None = None
    servers: Mapping[str, Any] = field(default_factory=dict)

    def inventory(self, *, interpreter: str | None = None, masked: bool = False) -> Inventory:
        """Return the inventory made from the outputs; with `masked`, as it may be printed."""
        parameters = {**self.parameters, **dict.fromkeys(HIDDEN & self.parameters.keys(), MASK)}
        outputs = with_masked(self.outputs, self.hidden) if masked else self.outputs
        servers = outputs_of_servers(self.servers, stack=self.plan, network=self.settings.ansible.network)
        return make_inventory(
            with_servers(outputs, servers),
            plan=self.plan,
            settings=self.settings.ansible,
            parameters=parameters if masked else self.parameters,
            interpreter=interpreter,
        )

    def secret_texts(self) -> frozenset[str]:
        """Return every text that no line may show."""
        said = {text for name in self.hidden & self.outputs.keys() for text in texts_in(self.outputs[name])}
        return frozenset(said | set(self.secrets.values if self.secrets else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A ground laid out in a workspace: the plan's files in `project`, and what every play there has."""

    project: Path
    inventory: Mapping[str, Any] | Path
    surroundings: Surroundings
    variables: Mapping[str, Any]
    secrets: frozenset[str]
    settings: AnsibleSettings

    def play(self, playbook: str | Path, *, time_limit: float, **options: Any) -> Play:
        """Return a play of a playbook of the plan, or of one elsewhere; `options` are those of Play.

        Raises MissingFile for a playbook that the plan has not.
        """
        path = self.project / playbook
        if not path.is_file():
            raise MissingFile(str(playbook), named_by="a play")
        extra = {**options.pop("extra_vars", {}), **self.variables}
        return Play(
            playbook=path,
            project=self.project,
            inventory=self.inventory,
            extra_vars=extra,
            time_limit=time_limit,
            forks=options.pop("forks", None) or self.settings.forks,
            surroundings=options.pop("surroundings", self.surroundings),
            secrets=self.secrets,
            **options,
        )


def lay_out(ground: Ground, workspace: Workspace, machine: Machine) -> Stage:
    """Write a revision's files into a workspace and return the stage; raises MissingFile for what settings name.

    Its secrets stay sealed: what playbooks get of them is what the stack says in its outputs.
    """
    project = workspace.folder("project")
    write_tree(ground.tree, project)
    settings = ground.settings.ansible
    for path in (settings.inventory, settings.known_hosts, settings.config):
        if path is not None and not (project / path).is_file():
            raise MissingFile(path, named_by="[ansible] in tripleo-plan.toml")
    own = ground.inventory(interpreter=machine.interpreter).document()
    return Stage(
        project=project,
        inventory=project / settings.inventory if settings.inventory else own,
        surroundings=_surroundings(project, settings, machine),
        variables={
            STACK_OUTPUTS: dict(ground.outputs),
            PLAN_NAME: ground.plan,
            PLAN_REVISION: ground.revision,
        },
        secrets=ground.secret_texts(),
        settings=settings,
    )


def write_outputs(stage: Stage, workspace: Workspace) -> Path:
    """Write the stack's outputs to a private JSON file, for commands."""
    return write_private(workspace.folder("outputs") / "outputs.json", stage.variables[STACK_OUTPUTS])


def _surroundings(project: Path, settings: AnsibleSettings, machine: Machine) -> Surroundings:
    known = (project / settings.known_hosts if settings.known_hosts else None, machine.known_hosts)
    return Surroundings(
        roles=tuple(project / path for path in (*settings.roles, "roles")),
        config=project / settings.config if settings.config else None,
        known_hosts=tuple(path for path in known if path is not None),
        check_host_keys=settings.host_key_checking,
        private_key=machine.private_key,
        variables={**machine.agent, **(machine.cloud if settings.cloud_access else {})},
    )
