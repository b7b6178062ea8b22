"""How answers are printed: JSON as programs get it, indented by one and ended by a line; scores as people read them."""

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


def score(value: float, form: str = ".2f") -> str:
    """Return a score or a confidence in a form; what is less than 1 is not printed as 1.

    >>> score(0.998), score(1.0), score(0.9996, ".3g"), score(0.998, ".0%")
    ('0.99', '1.00', '0.999', '99%')
    """
    digits = int(form[1]) + (2 if form.endswith("%") else 0)
    told = format(value, form)
    return format(1 - 0.1**digits, form) if value < 1 and told == format(1.0, form) else told
