"""Mistral's API, engine, executor and notifier in one process, which the in-memory transport cannot leave."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import Any

from oslo_service import backend

# Which kind of threads oslo.service uses is fixed by the first import of its services.
backend.init_backend(backend.BackendType.THREADING)

# ruff: noqa: E402
from mistral import config
from mistral.api import app
from mistral.db.sqlalchemy import base
from mistral.db.v2 import api as database
from mistral.engine import engine_server
from mistral.executors import executor_server
from mistral.notifiers import notification_server
from mistral.rpc import base as rpc
from mistral.services import action_manager, actions, workflows
from oslo_config import cfg
from oslo_log import log
from yaql.language.factory import YaqlEngine

from tripleo_gitops.undercloud.launch.database import ensure_schemas, prepare_sqlite
from tripleo_gitops.undercloud.launch.messaging import deliver_without_polling
from tripleo_gitops.undercloud.launch.mistral_keys import prepare_plans
from tripleo_gitops.undercloud.launch.process import take_orders
from tripleo_gitops.undercloud.launch.serving import serve

THREADS = 16
SERVERS = (engine_server, executor_server, notification_server)


def _create_schema() -> None:
    database.setup_db()
    action_manager.sync_db()
    workflows.sync_db()


def _let_actions_ask_mistral() -> None:
    """Let a synchronous action ask Mistral's API, which is in the same process here.

    Mistral runs such an action within a transaction, and its process has one transaction at a time: whatever the
    action asks would wait for itself. Here SQLite's own lock is all that writers queue for, and installed actions are
    found before the database is asked, so that nothing is locked while one runs.
    """
    providers = actions.get_system_action_provider()._delegates  # noqa: SLF001  # there is no other way to order them
    providers.sort(key=lambda provider: provider.name != "legacy")
    base.tx_lock = nullcontext()


def _parse_yaql_one_by_one() -> None:
    """Let one thread at a time parse a yaql expression.

    Mistral has one parser for the whole process, which keeps its place in itself: under threads, two that parse at once
    fail now and then with "Parse error".
    """
    parse, lock = YaqlEngine.__call__, threading.RLock()

    def parse_alone(engine: YaqlEngine, *args: Any, **kwargs: Any) -> Any:
        with lock:
            return parse(engine, *args, **kwargs)

    YaqlEngine.__call__ = parse_alone


def main() -> None:
    """Serve Mistral until killed."""
    orders = take_orders()
    prepare_sqlite()
    prepare_plans(orders.directory)
    deliver_without_polling()
    config.parse_args(["--config-file", str(orders.directory / "mistral.conf")])
    log.setup(cfg.CONF, "mistral")
    rpc.get_transport()
    ensure_schemas({orders.directory / "mistral.db": _create_schema}, copies=orders.schemas)
    _let_actions_ask_mistral()
    _parse_yaql_one_by_one()
    for server in SERVERS:
        server.get_oslo_service().start()
    serve(app.setup_app(), orders.sockets["mistral"], threads=THREADS)


if __name__ == "__main__":
    main()
