"""The section `nodes` of the plan's settings: what a push does about machines, and what they boot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tripleo_gitops.documents.toml import Table

MOST_AT_ONCE, MOST_TRIES, LONGEST_MINUTES = 500, 20, 24 * 60


class BootOption(StrEnum):
    """What the capability `boot_option` says of nodes that say nothing themselves."""

    NONE = ""
    LOCAL = "local"
    NETBOOT = "netboot"
    RAMDISK = "ramdisk"
    KICKSTART = "kickstart"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """What a push asks for about nodes, each only where it is said; and how nodes are registered and led."""

    register_on_push: bool = False
    introspect_on_push: bool = False
    provide_on_push: bool = False
    kernel: str = "bm-deploy-kernel"
    ramdisk: str = "bm-deploy-ramdisk"
    boot_option: BootOption = BootOption.NONE
    concurrency: int = 20
    tries: int = 3
    node_timeout_minutes: int = 20


def parse_node_settings(table: Table) -> NodeSettings:
    """Return the section's settings; raises InvalidDocument."""
    table.check_known(*NodeSettings.__dataclass_fields__)
    defaults = NodeSettings()

    def number(key: str, default: int, most: int) -> int:
        found: int = table.typed(key, int, "a whole number", default)
        if not 0 < found <= most:
            raise table.error(key, f"{found} is not between 1 and {most}")
        return found

    return NodeSettings(
        register_on_push=table.boolean("register_on_push", default=defaults.register_on_push),
        introspect_on_push=table.boolean("introspect_on_push", default=defaults.introspect_on_push),
        provide_on_push=table.boolean("provide_on_push", default=defaults.provide_on_push),
        kernel=table.typed("kernel", str, "the name of an image", defaults.kernel),
        ramdisk=table.typed("ramdisk", str, "the name of an image", defaults.ramdisk),
        boot_option=table.choice("boot_option", BootOption, defaults.boot_option),
        concurrency=number("concurrency", defaults.concurrency, MOST_AT_ONCE),
        tries=number("tries", defaults.tries, MOST_TRIES),
        node_timeout_minutes=number("node_timeout_minutes", defaults.node_timeout_minutes, LONGEST_MINUTES),
    )
