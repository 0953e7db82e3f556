"""Mistral's API, engine, executor and notifier in one process, which the in-memory transport cannot leave."""

from __future__ import annotations

from oslo_service import backend

# Which kind of threads oslo.service uses is fixed by the first import of its services.
backend.init_backend(backend.BackendType.THREADING)

# ruff: noqa: E402
from mistral import config
from mistral.api import app
from mistral.db.v2 import api as database
from mistral.engine import engine_server
from mistral.executors import executor_server
from mistral.notifiers import notification_server
from mistral.rpc import base as rpc
from mistral.services import action_manager, actions, workflows
from oslo_config import cfg
from oslo_log import log

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


def _find_plain_actions_first() -> None:
    """Look for an action among the installed ones before the database is asked.

    Mistral runs a synchronous action inside the transaction that it looked it up in. SQLite has one writer: whatever
    such an action asks of Mistral itself would wait for that transaction, and it for the action.
    """
    providers = actions.get_system_action_provider()._delegates  # noqa: SLF001  # there is no other way to order them
    providers.sort(key=lambda provider: provider.name != "legacy")


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
    _find_plain_actions_first()
    for server in SERVERS:
        server.get_oslo_service().start()
    serve(app.setup_app(), orders.sockets["mistral"], threads=THREADS)


if __name__ == "__main__":
    main()
