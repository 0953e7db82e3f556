"""The deployment file: roles with counts and instances, as `overcloud node provision` takes it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.yaml import InvalidDocument, locate, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tripleo_gitops.documents.tree import PlanTree

FILES = tuple(f"baremetal/deployment.{suffix}" for suffix in ("yaml", "yml", "json"))
ROLE_KEYS = frozenset(("name", "count", "hostname_format", "defaults", "instances", "ansible_playbooks"))
TYPES: Mapping[str, type | tuple[type, ...]] = MappingProxyType(
    {
        "capabilities": dict,
        "config_drive": dict,
        "hostname": str,
        "image": dict,
        "managed": bool,
        "name": str,
        "network_config": dict,
        "networks": list,
        "nics": list,
        "profile": str,
        "provisioned": bool,
        "resource_class": str,
        "root_size_gb": int,
        "ssh_public_keys": str,
        "swap_size_mb": int,
        "traits": list,
        "user_name": str,
    }
)
NIC_KEYS = frozenset(("network", "fixed_ip", "subnet", "vif"))
IMAGE_KEYS = frozenset(("href", "checksum", "kernel", "ramdisk"))
ONLY_INSTANCES = ("hostname", "name", "provisioned")
HOSTNAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])")
INDEX = "%index%"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRequest:
    """A role as the file asks for it; `instances` and `defaults` are the file's own words, checked."""

    name: str
    count: int = 1
    hostname_format: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    instances: tuple[Mapping[str, Any], ...] = ()

    @property
    def images(self) -> tuple[str, ...]:
        """The images that are named, each once."""
        entries = (self.defaults, *self.instances)
        return tuple(dict.fromkeys(str(one["image"]["href"]) for one in entries if one.get("image")))


def read_deployment(tree: PlanTree) -> tuple[RoleRequest, ...]:
    """Return the roles of a plan's deployment file, none where it has none; raises InvalidDocument."""
    path = next((path for path in FILES if path in tree.paths()), None)
    return parse_deployment(tree.read(path), source=path) if path else ()


def parse_deployment(content: bytes, *, source: str) -> tuple[RoleRequest, ...]:
    """Return the roles of a file: a list, each with a name; raises InvalidDocument with the line.

    The format is TripleO's baremetal_deployment.yaml (tripleo-common, actions/baremetal_deploy.py).
    """
    document = parse_yaml(content, source=source)
    reader = _Reader(content, source)
    if not isinstance(document, list):
        raise reader.refuse((), "a list of roles is needed")
    roles = tuple(reader.role(one, index) for index, one in enumerate(document))
    twice = next((name for name, times in Counter(role.name for role in roles).items() if times > 1), None)
    if twice is not None:
        raise reader.refuse((), f"the role {twice} is there twice")
    reader.check_unique(roles)
    return roles


class _Reader:
    def __init__(self, content: bytes, source: str) -> None:
        self._content, self._source = content, source

    def refuse(self, path: tuple[str | int, ...], problem: str) -> InvalidDocument:
        return InvalidDocument(problem, source=self._source, line=locate(self._content, path) or 1)

    def role(self, value: Any, index: int) -> RoleRequest:
        if not isinstance(value, dict) or not isinstance(value.get("name"), str) or not value["name"]:
            raise self.refuse((index,), f"role #{index}: a mapping with a name is needed")
        name = value["name"]
        self._known(value, ROLE_KEYS, (index,), name)
        count = value.get("count", 1)
        if type(count) is not int or count < 0:
            raise self.refuse((index, "count"), f"{name}: count is {count!r}; a whole number is needed")
        pattern = value.get("hostname_format") or ""
        if not isinstance(pattern, str) or (pattern and INDEX not in pattern):
            raise self.refuse((index, "hostname_format"), f"{name}: hostname_format needs {INDEX} in it")
        defaults = value.get("defaults") or {}
        self._instance(defaults, (index, "defaults"), f"{name}: defaults")
        for key in ONLY_INSTANCES:
            if key in defaults:
                raise self.refuse((index, "defaults", key), f"{name}: {key} is an instance's own, not one for all")
        instances = value.get("instances") or []
        if not isinstance(instances, list):
            raise self.refuse((index, "instances"), f"{name}: instances are a list")
        for number, one in enumerate(instances):
            self._instance(one, (index, "instances", number), f"{name}: instance #{number}")
        wanted = sum(one.get("provisioned", True) for one in instances)
        if wanted > count:
            raise self.refuse((index, "instances"), f"{name}: {wanted} instances are more than count, {count}")
        return RoleRequest(
            name=name, count=count, hostname_format=pattern, defaults=defaults, instances=tuple(instances)
        )

    def check_unique(self, roles: Sequence[RoleRequest]) -> None:
        for key in ("hostname", "name"):
            values = Counter(one[key] for role in roles for one in role.instances if key in one)
            twice = next((value for value, times in values.items() if times > 1), None)
            if twice is not None:
                raise self.refuse((), f"{key} {twice} is asked for by two instances")

    def _known(self, value: Mapping[str, Any], known: Iterable[str], path: tuple[str | int, ...], what: str) -> None:
        for key in value:
            if key not in known:
                raise self.refuse((*path, key), f"{what}: {key!r} is not known; known are {', '.join(sorted(known))}")

    def _instance(self, value: Any, path: tuple[str | int, ...], what: str) -> None:
        if not isinstance(value, dict):
            raise self.refuse(path, f"{what}: a mapping is needed")
        self._known(value, TYPES, path, what)
        for key, one in value.items():
            if not isinstance(one, TYPES[key]) or (TYPES[key] is int and type(one) is not int):
                raise self.refuse((*path, key), f"{what}: {key} is {one!r}, which is no {TYPES[key]}")
        if "hostname" in value and not HOSTNAME.fullmatch(value["hostname"]):
            raise self.refuse((*path, "hostname"), f"{what}: {value['hostname']!r} is no host name")
        self._image(value.get("image"), (*path, "image"), what)
        if not all(isinstance(one, str) for one in value.get("traits") or ()):
            raise self.refuse((*path, "traits"), f"{what}: traits are a list of names such as CUSTOM_GPU")
        for key in ("nics", "networks"):
            for number, nic in enumerate(value.get(key) or ()):
                self._nic(nic, (*path, key, number), f"{what}: {key} #{number}")

    def _image(self, value: Any, path: tuple[str | int, ...], what: str) -> None:
        if value is None:
            return
        self._known(value, IMAGE_KEYS, path, f"{what}: image")
        if not all(isinstance(one, str) and one for one in value.values()) or "href" not in value:
            raise self.refuse(path, f"{what}: an image needs an href; all of it is text")
        if value["href"].startswith(("http://", "https://")) and "checksum" not in value:
            raise self.refuse(path, f"{what}: an image at an address needs its checksum")

    def _nic(self, value: Any, path: tuple[str | int, ...], what: str) -> None:
        if not isinstance(value, dict):
            raise self.refuse(path, f"{what}: a mapping is needed")
        if "port" in value:
            raise self.refuse((*path, "port"), f"{what}: ports of Neutron are not attached; give network and fixed_ip")
        self._known(value, NIC_KEYS, path, what)
        if not isinstance(value.get("network"), str):
            raise self.refuse(path, f"{what}: the name of a network is needed")
