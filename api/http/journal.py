"""What a service writes of itself: lines for people, or JSON for machines, where each request is a line."""

from __future__ import annotations

import logging
import sys
from typing import Literal

from pythonjsonlogger.json import JsonFormatter

Form = Literal["text", "json"]
_FIELDS = ["timestamp", "levelname", "name", "message"]


def begin(form: Form) -> None:
    """Write what is logged to standard error: of machines' lines all, of people's what somebody has to know."""
    handler = logging.StreamHandler(sys.stderr)
    level = logging.WARNING
    if form == "json":
        level = logging.INFO
        renamed = {"levelname": "level", "name": "logger"}
        handler.setFormatter(JsonFormatter(_FIELDS, rename_fields=renamed, timestamp=True))
    else:
        handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logger = logging.getLogger("opentier")
    logger.handlers[:], logger.propagate = [handler], False
    logger.setLevel(level)
