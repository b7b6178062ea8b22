"""Values as both faces take them: what is wrong with one of which its type cannot be made, and what one means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from opentier.graph.errors import Named, UsageError
from opentier.graph.model import cells

#: What pydantic's kinds of error begin with, and what the value then is not.
_TYPES = {"int": "a whole number", "float": "a number", "finite": "a number", "bool": "true or false"}
#: Its kinds of error that are bounds, with the key of the bound.
_BOUNDS = {"greater_than_equal": ("at least", "ge"), "less_than_equal": ("at most", "le")}
_COMMA = re.compile(r"(-?\d*),(\d+)", re.ASCII)


def wrong(item: Mapping[str, Any]) -> str:
    """Return what one of pydantic's errors says, to be put behind the name of the parameter."""
    kind, value = str(item["type"]), item.get("input")
    if kind == "missing":
        return "is missing; give a value."
    if kind == "literal_error":
        return f"is {item['ctx']['expected']}; not {value!r}."
    if kind in _BOUNDS:
        words, key = _BOUNDS[kind]
        return f"is {words} {item['ctx'][key]:g}; not {value}."
    what = next((what for begin, what in _TYPES.items() if kind.startswith(begin)), "understood")
    if what == _TYPES["float"] and (found := _COMMA.fullmatch(str(value).strip())):
        return f"{value!r} is not a number: write it with a point, {found[1] or '0'}.{found[2]}."
    return f"{value!r} is not {what}."


def country(said: str | None) -> str:
    """Return the code of the country of rows that state none; nothing where none is said.

    Raises
    ------
    UsageError
        If it is none.
    """
    try:
        return cells.country(said) if said is not None else ""
    except cells.CellError as error:
        raise UsageError(Named("country"), f" {said!r}: {error.message} {error.advice}") from None
