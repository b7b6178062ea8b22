"""JSON as programs get it: indented by one, and ended by a line."""

from __future__ import annotations

import json
from typing import Any

import msgspec


def text(value: Any) -> str:
    """Return what ``json.dumps(value, indent=1, ensure_ascii=False)`` does, and a line end.

    json writes indented text in Python; here it writes what is not, in C, and that is indented in C, too.
    """
    try:
        return msgspec.json.format(json.dumps(value, ensure_ascii=False), indent=1) + "\n"
    except (msgspec.DecodeError, UnicodeEncodeError):  # numbers that are none, half of a letter
        return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
