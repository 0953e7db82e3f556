"""A plan as TripleO's own tools have it: the values of secrets.yaml in plan-environment.yaml, in clear."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from tripleo_gitops.documents.edit import set_value
from tripleo_gitops.documents.tree import BlobId, MissingFile, blob_id_of
from tripleo_gitops.operations.opening import opened_values
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE, read_plan_environment
from tripleo_gitops.plan.secrets_file import SECRETS_FILE, Section

if TYPE_CHECKING:
    from collections.abc import Collection

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.opening import SecretOpener


class OpenedTree:
    """A plan tree without secrets.yaml, whose plan-environment.yaml has its values in clear.

    They are opened when they are asked for, which raises NoKey and Tampered. Where there is no secrets.yaml, nothing
    is another than in the plan.
    """

    def __init__(self, tree: PlanTree, vault: SecretOpener | None) -> None:
        self._tree, self._vault = tree, vault

    def paths(self) -> Collection[str]:
        paths = self._tree.paths()
        return [path for path in paths if path != SECRETS_FILE] if SECRETS_FILE in paths else paths

    def blob_id(self, path: str) -> BlobId:
        return blob_id_of(self.read(path)) if self._is_other(path) else self._tree.blob_id(path)

    def read(self, path: str) -> bytes:
        return self._environment if self._is_other(path) else self._tree.read(path)

    def _is_other(self, path: str) -> bool:
        """Return whether a file is not as in the plan; raise MissingFile for the one that is left out."""
        if path == SECRETS_FILE:
            raise MissingFile(path)
        return path == PLAN_ENVIRONMENT_FILE and self._has_secrets

    @cached_property
    def _has_secrets(self) -> bool:
        try:
            self._tree.read(SECRETS_FILE)
        except MissingFile:
            return False
        return True

    @cached_property
    def _environment(self) -> bytes:
        return environment_in_clear(self._tree, self._vault)


def environment_in_clear(tree: PlanTree, vault: SecretOpener | None) -> bytes:
    """Return plan-environment.yaml with the values of secrets.yaml, which win; raises NoKey and Tampered."""
    values, content = opened_values(tree, vault), tree.read(PLAN_ENVIRONMENT_FILE)
    passwords = {**read_plan_environment(tree).passwords, **values.section(Section.PASSWORDS)}
    if passwords:
        content = set_value(content, (Section.PASSWORDS.value,), passwords, source=PLAN_ENVIRONMENT_FILE)
    for name, value in values.section(Section.PARAMETERS).items():
        content = set_value(content, (Section.PARAMETERS.value, name), value, source=PLAN_ENVIRONMENT_FILE)
    return content
