"""Books: workbooks whose sheets are tables of ours, and what such a book says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from opentier.graph.intake.mapping import key
from opentier.graph.model.tables import TABLES, Table

#: What a sheet is called that says what the book is, in lines of two cells.
_DESCRIBING = frozenset({"dataset", "datapackage", "metadata"})
#: What its lines say, by what people call it.
_SAID = {
    "name": "name", "id": "name", "dataset": "name", "title": "title", "description": "description",
    "version": "version", "edition": "version", "created": "created", "date": "created", "homepage": "homepage",
    "website": "homepage", "licence": "licence", "license": "licence", "licenses": "licence",
    "publisher": "publisher", "contributor": "publisher", "author": "publisher",
}  # fmt: skip
KEYS = ("name", "title", "description", "licence", "publisher", "version", "created", "homepage")
_TABLES = {key(name): table for name, table in TABLES.items()}


def tables(sheets: Iterable[str]) -> dict[str, Table]:
    """Return the sheets that have the name of a table, each with its table, in the order of tables."""
    named = {sheet: _TABLES[key(sheet)] for sheet in sheets if key(sheet) in _TABLES}
    order = list(TABLES)
    return dict(sorted(named.items(), key=lambda each: order.index(each[1].name)))


def describing(sheets: Iterable[str]) -> str:
    """Return the sheet that says what the book is, or nothing."""
    return next((sheet for sheet in sheets if key(sheet) in _DESCRIBING), "")


def is_book(sheets: Sequence[str]) -> bool:
    """Return whether a workbook is a package: several of its sheets are tables, or one is and another describes it."""
    named = tables(sheets)
    return len(named) > 1 or bool(named and describing(sheets))


def described(rows: Iterable[Sequence[str]]) -> tuple[dict[str, Any], list[str]]:
    """Return what a book says of itself, as a descriptor does, and the keys that say nothing here."""
    said: dict[str, str] = {}
    unknown = []
    for cells in rows:
        label, value = next(iter(cells), ""), next(iter(cells[1:]), "")
        if key(label) in ("", "key", "property"):
            continue
        if name := _SAID.get(key(label)):
            said.setdefault(name, value)
        else:
            unknown.append(label)
    found: dict[str, Any] = {name: said[name] for name in KEYS if said.get(name)}
    if licence := found.pop("licence", ""):
        found["licenses"] = [{"name": licence}]
    if publisher := found.pop("publisher", ""):
        found["contributors"] = [{"title": publisher}]
    return found, unknown
