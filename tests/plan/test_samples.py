"""A sample plan fills what is missing, and replaces nothing."""

from __future__ import annotations

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.plan.samples import UnknownSamplePlan, files_of_sample, sample_plans

TREE = MemoryTree(
    {
        "plan-environment.yaml": b"own",
        "plan-samples/README.rst": b"",
        "plan-samples/plan-environment-derived-params.yaml": b"",
        "plan-samples/openstack/plan-environment.yaml": b"sample",
        "plan-samples/openstack/capabilities-map.yaml": b"map",
        "plan-samples/openstack/notes.txt": b"",
        "plan-samples/openstack/deep/x.yaml": b"",
        "plan-samples/openshift/plan-environment.yaml": b"other",
    }
)


def test_samples_are_the_folders() -> None:
    assert sample_plans(TREE) == ("openshift", "openstack")
    assert sample_plans(MemoryTree({"plan-samples/README.rst": b""})) == ()


def test_only_what_the_root_lacks_is_added() -> None:
    assert files_of_sample(TREE, "openstack") == {"capabilities-map.yaml": b"map"}


def test_an_unknown_sample_is_refused_with_those_known() -> None:
    with pytest.raises(UnknownSamplePlan, match="the templates ship openshift, openstack"):
        files_of_sample(TREE, "kubernetes")
