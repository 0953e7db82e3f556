"""Keystone: make its keys, schema and first administrator where they are missing, then serve."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from keystone.cmd import bootstrap
from keystone.common import fernet_utils
from keystone.common.sql import upgrades
from keystone.conf import CONF
from keystone.credential.providers.fernet.core import MAX_ACTIVE_KEYS
from keystone.server.flask import core

from tripleo_gitops.undercloud.launch.database import ensure_schemas, prepare_sqlite
from tripleo_gitops.undercloud.launch.process import take_orders
from tripleo_gitops.undercloud.launch.serving import serve

if TYPE_CHECKING:
    from pathlib import Path

THREADS = 8


class _FirstAdministrator(bootstrap.Bootstrapper):  # type: ignore[misc]  # keystone has no annotations
    """Keystone's own bootstrap, for a process whose backends are loaded: the original loads them again."""

    def __init__(self, *, password: str, url: str, region: str) -> None:
        self.admin_username = self.project_name = self.admin_role_name = "admin"
        self.reader_role_name, self.member_role_name = "reader", "member"
        self.manager_role_name, self.service_role_name = "manager", "service"
        self.immutable_roles = True
        self.admin_password, self.region_id = password, region
        self.service_name, self.service_id = "keystone", None
        self.endpoints: dict[str, str] = {}
        self.public_url = self.internal_url = url
        self.admin_url = None


def _make_keys() -> None:
    for group, keys, active in (
        ("fernet_tokens", CONF.fernet_tokens, CONF.fernet_tokens.max_active_keys),
        ("fernet_receipts", CONF.fernet_receipts, CONF.fernet_receipts.max_active_keys),
        ("credential", CONF.credential, MAX_ACTIVE_KEYS),
    ):
        repository = fernet_utils.FernetUtils(keys.key_repository, active, group)
        repository.create_key_directory()
        repository.initialize_key_repository()


def _make_administrator(directory: Path) -> None:
    done = directory / "bootstrapped"
    if not done.exists():
        _FirstAdministrator(**json.loads((directory / "bootstrap.json").read_text())).bootstrap()
        done.touch()


def main() -> None:
    """Serve Keystone until killed."""
    orders = take_orders()
    config = str(orders.directory / "keystone.conf")
    prepare_sqlite()

    def prepare() -> None:
        database = orders.directory / "keystone.db"
        ensure_schemas({database: upgrades.offline_sync_database_to_version}, copies=orders.schemas)
        _make_keys()

    application = core.initialize_application("public", post_log_configured_function=prepare, config_files=[config])
    _make_administrator(orders.directory)
    serve(application, orders.sockets["keystone"], threads=THREADS)


if __name__ == "__main__":
    main()
