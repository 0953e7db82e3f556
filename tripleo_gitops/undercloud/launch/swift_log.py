"""Swift's messages on standard error instead of the machine's syslog."""

from __future__ import annotations

import logging
import sys
from logging.handlers import SysLogHandler
from typing import Any

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def log_to_stderr(*hook: Any) -> None:
    """Change where a logger writes; Swift calls this for each (`log_custom_handlers`), the logger sixth."""
    logger: logging.Logger = hook[5]
    for handler in list(logger.handlers):
        if isinstance(handler, SysLogHandler):
            logger.removeHandler(handler)
            handler.close()
    stream = logging.StreamHandler(sys.__stderr__)
    stream.setFormatter(logging.Formatter(FORMAT))
    logger.addHandler(stream)
