"""What `provision` left on this machine: read whole or refused, and what a plan lacks for it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.documents.invalid import InvalidDocument
from tripleo_gitops.operations.nodes.deployment_demand import keep_environment
from tripleo_gitops.operations.stacks.provisioned import read_provisioned

if TYPE_CHECKING:
    from pathlib import Path


def test_what_provisioning_keeps_is_what_a_deploy_reads(tmp_path: Path) -> None:
    environment = {"parameter_defaults": {"ComputeCount": 2, "HostnameMap": {"a": "a"}}}
    kept = keep_environment(tmp_path, "mycloud", environment)
    found = read_provisioned(tmp_path, "mycloud")
    assert found is not None
    assert (found.path, found.parameters, found.registry) == (kept, environment["parameter_defaults"], {})


def test_a_plan_without_provisioned_servers_has_nothing_to_read(tmp_path: Path) -> None:
    assert read_provisioned(tmp_path, "mycloud") is None


@pytest.mark.parametrize("text", ["[]", "", "parameter_defaults: 3", "{"])
def test_a_damaged_file_is_refused_and_names_the_way_out_or_the_place(tmp_path: Path, text: str) -> None:
    (tmp_path / "mycloud.yaml").write_text(text)
    with pytest.raises(InvalidDocument, match="mycloud"):
        read_provisioned(tmp_path, "mycloud")
