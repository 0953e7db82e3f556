"""Heat's API and engine in one process, which talk through oslo.messaging's in-memory transport."""

from __future__ import annotations

from oslo_service import backend

# Which kind of threads oslo.service uses is fixed by the first import of its services.
backend.init_backend(backend.BackendType.THREADING)

# ruff: noqa: E402
import itertools
import threading
import time
from typing import Any

import oslo_i18n
from heat.common import config, messaging
from heat.db import migration, models
from heat.engine import scheduler, service
from heat.engine.hot import functions
from heat.rpc import api
from oslo_config import cfg
from oslo_log import log
from sqlalchemy import event

from tripleo_gitops.undercloud.launch.database import ensure_schemas, prepare_sqlite
from tripleo_gitops.undercloud.launch.messaging import deliver_without_polling
from tripleo_gitops.undercloud.launch.process import Orders, take_orders
from tripleo_gitops.undercloud.launch.serving import serve

THREADS = 16
SHARE_OF_WAIT = 0.25


def _configure(orders: Orders) -> None:
    oslo_i18n.enable_lazy()
    log.register_options(cfg.CONF)
    cfg.CONF(
        [],
        project="heat",
        prog="heat-api",
        default_config_files=[str(orders.directory / "heat.conf")],
        default_config_dirs=[],
    )
    log.setup(cfg.CONF, "heat")
    config.set_config_defaults()
    config.startup_sanity_check()


def _wait_less() -> None:
    """Start the parts of a stack without a second between each, and look four times as often at what waits.

    Heat spares a cloud's other engines so; here is one, for one person. Its switch for the first turns the
    second off too, which would spin: that waiting is put back.
    """
    scheduler.ENABLE_SLEEP = False
    scheduler.TaskRunner._sleep = _sleep_shorter  # noqa: SLF001  # Heat has no option for it


def _sleep_shorter(_runner: scheduler.TaskRunner, seconds: float | None) -> None:
    if seconds is not None:
        time.sleep(seconds * SHARE_OF_WAIT)


def _parse_yaql_one_by_one() -> None:
    """Let one thread at a time parse a yaql expression.

    Heat has one parser for the whole process, which keeps its place in itself: under threads, two stacks that parse
    at once fail now and then with "Bad expression". Green threads never met within it.
    """
    parse, lock = functions.Yaql._parse, threading.Lock()  # noqa: SLF001  # Heat has no option for it

    def parse_alone(function: functions.Yaql, expression: Any) -> Any:
        with lock:
            return parse(function, expression)

    functions.Yaql._parse = parse_alone  # noqa: SLF001


def _use_numbers_once() -> None:
    """Give no row of properties the number of one that was deleted.

    Heat deletes attributes by a number that it read before, now and then a second time; in MySQL nobody else has it by
    then. SQLite gives the highest number again, and so lost the properties of another resource: every later look at
    its stack was answered 404, "ResourcePropertiesData with id … not found".
    """
    numbers = itertools.count(time.time_ns() // 1000)

    def number(_mapper: Any, _connection: Any, row: Any) -> None:
        row.id = next(numbers)

    event.listen(models.ResourcePropertiesData, "before_insert", number)


def main() -> None:
    """Serve Heat until killed."""
    orders = take_orders()
    prepare_sqlite()
    deliver_without_polling()
    _configure(orders)
    ensure_schemas({orders.directory / "heat.db": migration.db_sync}, copies=orders.schemas)
    _wait_less()
    _parse_yaql_one_by_one()
    _use_numbers_once()
    messaging.setup()
    engine = service.EngineService(cfg.CONF.host, api.ENGINE_TOPIC)
    engine.start()
    serve(config.load_paste_app(), orders.sockets["heat"], threads=THREADS)


if __name__ == "__main__":
    main()
