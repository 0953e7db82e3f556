"""The deployment file and what follows from it: instances, host names, Heat's parameters."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.nodes.deployment import parse_deployment
from tripleo_gitops.nodes.instances import Expansion, deployed_environment, expand_roles


def expand(*roles: dict[str, Any]) -> Expansion:
    return expand_roles(parse_deployment(yaml.safe_dump(list(roles)).encode(), source="d.yaml"), stack="lab")


def test_a_count_becomes_instances_with_the_templates_host_names() -> None:
    found = expand({"name": "Controller"}, {"name": "Compute", "count": 2, "defaults": {"profile": "compute"}})
    assert [one.hostname for one in found.instances] == ["lab-controller-0", "lab-novacompute-0", "lab-novacompute-1"]
    assert found.instances[1].capabilities == {"profile": "compute"}
    assert found.parameters["ComputeCount"] == 2
    assert found.parameters["ComputeHostnameFormat"] == "%stackname%-novacompute-%index%"


def test_a_host_name_of_its_own_stands_for_one_that_heat_generates() -> None:
    found = expand({"name": "Compute", "count": 2, "instances": [{"hostname": "rack1"}]})
    assert found.parameters["HostnameMap"] == {"lab-novacompute-0": "rack1", "lab-novacompute-1": "lab-novacompute-1"}


def test_the_name_of_a_node_is_the_host_name_where_none_is_given() -> None:
    (one,) = expand({"name": "Compute", "instances": [{"name": "node-7"}]}).instances
    assert (one.hostname, one.node) == ("node-7", "node-7")


def test_an_instance_that_is_gone_counts_as_removed_and_its_index_is_not_used_again() -> None:
    gone = {"hostname": "lab-novacompute-0", "provisioned": False}
    found = expand({"name": "Compute", "count": 2, "instances": [gone]})
    assert [one.hostname for one in found.instances] == ["lab-novacompute-1", "lab-novacompute-2"]
    assert found.gone == ("lab-novacompute-0",)
    assert found.parameters["ComputeCount"] == 2
    assert found.parameters["ComputeRemovalPolicies"] == [{"resource_list": [0]}]


def test_what_an_instance_says_beats_the_defaults_of_its_role() -> None:
    role = {"name": "Compute", "defaults": {"resource_class": "a"}, "instances": [{"resource_class": "b"}]}
    assert expand(role).instances[0].resource_class == "b"


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ({"count": 1}, "name"),
        ({"name": "A", "count": -1}, "count"),
        ({"name": "A", "counts": 1}, "'counts' is not known"),
        ({"name": "A", "hostname_format": "x"}, "%index%"),
        ({"name": "A", "defaults": {"hostname": "x1"}}, "instance's own"),
        ({"name": "A", "count": 1, "instances": [{}, {}]}, "more than count"),
        ({"name": "A", "instances": [{"hostname": "a b"}]}, "no host name"),
        ({"name": "A", "defaults": {"image": {"href": "http://x/y"}}}, "checksum"),
        ({"name": "A", "defaults": {"image": {}}}, "href"),
        ({"name": "A", "defaults": {"nics": [{"port": "1"}]}}, "Neutron"),
        ({"name": "A", "defaults": {"traits": [1]}}, "traits"),
        ({"name": "A", "defaults": {"root_size_gb": True}}, "root_size_gb"),
        ({"name": "A", "count": 2, "instances": [{"hostname": "aa"}, {"hostname": "aa"}]}, "aa"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_its_line(role: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidDocument, match=words) as caught:
        expand(role)
    assert "d.yaml" in str(caught.value)


def test_two_roles_whose_hosts_would_share_a_name_are_refused() -> None:
    pattern = {"hostname_format": "n-%index%"}
    with pytest.raises(InvalidInput, match="n-0"):
        expand({"name": "A", **pattern}, {"name": "B", "instances": [{"hostname": "n-0"}], **pattern})


def test_fixed_addresses_reach_heat_in_both_spellings() -> None:
    nics = [{"network": "ctlplane", "fixed_ip": "192.0.2.5"}, {"network": "tenant", "fixed_ip": "2001:db8::5"}]
    found = expand({"name": "Compute", "instances": [{"hostname": "c0", "networks": nics}]})
    made = deployed_environment(found, {"ctlplane": "192.0.2.0/26", "tenant": "2001:db8::/48"}, has_port_template=True)
    values = made["parameter_defaults"]
    assert values["DeployedServerPortMap"]["c0-ctlplane"] == {
        "fixed_ips": [{"ip_address": "192.0.2.5"}],
        "subnets": [{"cidr": "192.0.2.0/26"}],
        "network": {"tags": ["192.0.2.0/26"]},
    }
    assert values["NodePortMap"]["c0"]["tenant"] == {
        "ip_address": "2001:db8::5",
        "ip_address_uri": "[2001:db8::5]",
        "ip_subnet": "2001:db8::5/48",
    }
    assert "OS::TripleO::DeployedServer::ControlPlanePort" in made["resource_registry"]


def test_an_instance_without_addresses_is_in_no_map() -> None:
    made = deployed_environment(expand({"name": "Compute"}), {}, has_port_template=True)
    assert not {"NodePortMap", "DeployedServerPortMap"} & made["parameter_defaults"].keys()
    assert "resource_registry" not in made
