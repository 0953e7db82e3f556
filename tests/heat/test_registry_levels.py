"""Entries for one resource, and for one inside it: what Heat's own registry makes of them on each level."""

from __future__ import annotations

from typing import Any

import pytest

from tripleo_gitops.heat.registry import Registry

DOCUMENT = {
    "resources": {
        "a": {
            "b": {"OS::Heat::RandomString": "y.yaml", "c": {"OS::Heat::Value": "c.yaml"}},
            "OS::Heat::TestResource": "z.yaml",
        },
        "*n": {"OS::Heat::Value": "w.yaml", "b": {"OS::Heat::Value": "v.yaml"}},
    }
}
TYPES = ("OS::Heat::RandomString", "OS::Heat::TestResource", "OS::Heat::Value")
NAMES = ("a", "b", "c", "xn", "other")


@pytest.fixture(scope="module")
def environment() -> Any:
    from heat.engine import environment, resources  # noqa: PLC0415  # it takes seconds to load

    resources.initialise()
    return environment


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", ["", "a", "a/b", "a/b/c", "xn", "xn/b", "other", "other/b"])
def test_each_level_leads_where_heat_s_own_registry_does(environment: Any, path: str) -> None:
    heat, ours = environment.Environment({"resource_registry": DOCUMENT}), Registry.load(DOCUMENT)
    for name in filter(None, path.split("/")):
        heat = environment.get_child_environment(heat, {}, child_resource_name=name)
        ours = ours.child(name, None)
    assert ours.to_document()["resources"] == heat.registry.as_dict()["resources"]
    for kind in TYPES:
        for name in NAMES:
            theirs = heat.registry.get_resource_info(kind, name).value
            found = ours.find(kind, name)
            assert found is not None
            assert found.template == (theirs if isinstance(theirs, str) else None), (path, kind, name)
