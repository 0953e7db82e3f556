"""The table of resource types that comes with the package is that of the Heat that is installed."""

from __future__ import annotations

from tests.heat.generate_resource_types import describe_types
from tripleo_gitops.heat.resource_types import resource_types


def test_the_table_names_the_types_and_properties_of_the_installed_heat():
    described = describe_types()
    known = resource_types()
    assert known.keys() == described.keys()
    for name, one in described.items():
        assert known[name].properties.keys() == one["properties"].keys()
        assert {key: value.updatable for key, value in known[name].properties.items()} == {
            key: value["update"] for key, value in one["properties"].items()
        }
        assert known[name].attributes == frozenset(one["attributes"])
        assert known[name].reference == one["reference"]
