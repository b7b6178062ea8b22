"""What is beyond doubt of a row, as expressions over its cells: it is written as it is kept, and nothing is to be said.

They follow from the declared columns, and finite lists from the one reader of cells (`records.meanings`). They are
narrow on purpose: of what they do not hold nothing is known, and `records.checking` looks at it. Names stand in
backticks; ``rlike`` tells whether a text has a match of a pattern.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

import pycountry

from opentier.graph.contribution.staging import Staged
from opentier.graph.model import cells
from opentier.graph.model.names import Names
from opentier.graph.model.tables import PLACED, TABLES, Column, Table
from opentier.graph.records.checking import OWN
from opentier.graph.records.meanings import Meanings
from opentier.graph.records.references import References
from opentier.graph.written import hs

#: The most that a cell has that is no text; longer ones are looked at.
_LONG = 200
#: Ids that stand in an IRI as they are.
PLAIN = "^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,79}$"
_NUMBERS = {"decimal": "^(0|[1-9][0-9]{0,14})([.][0-9]{1,10})?$", "integer": "^(0|[1-9][0-9]{0,14})$"}
_URL = "^https?://[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+(/[A-Za-z0-9._~/?=&%#+:-]*)?$"
_DATE = (
    "^[0-9]{4}(-(0[1-9]|1[0-2]|(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
    "|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31))?$"
)
_FIRST = 1900
#: Signs that follow one another in Unicode, all of them seen, from which on they are a range of the pattern of texts.
_MANY = 100


def targets(table: Table, column: Column) -> tuple[str, ...]:
    """Return the table that has to hold the row a cell names; none where it names none, or is looked at."""
    if column.name in {name for name, *_ in OWN.get(table.name, ())}:
        return ()
    if column.kind == "record":
        return (column.table,) if column.table in TABLES else ()
    return {"actor": ("actors",), "subject": ("actors",), "product": ("products",)}.get(column.kind, ())


def parts(column: Column) -> str:
    """Return the parts of a cell that name a row each."""
    return f"split(`{column.name}`, '[|]')" if column.many else f"array(`{column.name}`)"


#: Whether a part of a cell is to be looked at, which is an id of its table (`there`), or a code of a product (`coded`):
#: an id of a product that could be a code is.
WRONG = (
    f"NOT rlike(part, '{PLAIN}') OR NOT (there OR coded) "
    "OR (target = 'products' AND there AND rlike(part, '^[0-9]+$'))"
)


def fine(table: Table, column: Column) -> str:
    """Return whether nothing is to be said of a cell, but for what it names (see `targets`)."""
    name = f"`{column.name}`"
    if targets(table, column):
        return "true"
    return f"({name} IS NULL OR {_stated(table, column, name)})"


def _stated(table: Table, column: Column, name: str) -> str:
    kind = column.kind
    if kind == "text":
        return f"rlike({name}, '{texts()}')"
    if kind in ("id", "named"):
        return f"(length({name}) <= {_LONG} AND rlike({name}, '{texts()}'))"
    if kind == "url":
        return f"(length({name}) <= {_LONG} AND rlike({name}, '{_URL}'))"
    if kind == "date":
        years = f"substr({name}, 1, 4) BETWEEN '{_FIRST}' AND '{datetime.date.today().year}'"
        return f"(rlike({name}, '{_DATE}') AND {years} AND {name} NOT IN ({_listed(_other_days())}))"
    if kind in _NUMBERS:
        bounds = [f"CAST({name} AS DOUBLE) >= {column.minimum}"] * (column.minimum is not None)
        bounds += [f"CAST({name} AS DOUBLE) <= {column.maximum}"] * (column.maximum is not None)
        held = " AND ".join(bounds) or "true"
        return f"CASE WHEN rlike({name}, '{_NUMBERS[kind]}') THEN {held} ELSE false END"
    if kind == "region":
        beside = f"`country` = substr({name}, 1, 2)" if table.column("country") else "false"
        return f"({name} IN ({_listed(_regions())}) AND coalesce({beside}, false))"
    listed = _plain(column)
    if table.name == "actor_facts" and column.name == "metric":  # the value of such a one may be a place
        listed = tuple(code for code in listed if code not in PLACED)
    return f"{name} IN ({_listed(listed)})" if listed else "false"


def said(table: Table, column: Column, dataset: str, names: Names) -> str:
    """Return what a cell beyond doubt says, as a record says it: references are IRIs."""
    name = f"`{column.name}`"
    for target in targets(table, column):
        segment = TABLES[target].segment
        stem = f"{names.base}{dataset}/{segment}{'/' if segment else ''}"
        iri = f"concat('{stem}', p)"
        if column.kind == "product":
            iri = f"CASE WHEN rlike(p, '^[0-9]+$') THEN concat('{names.hs('')}', p) ELSE {iri} END"
        every = f"array_join(transform(array_distinct({parts(column)}), p -> {iri}), '|')"
        return f"CASE WHEN {name} IS NOT NULL THEN {every} END"
    if not column.many:
        return name
    return f"array_join(array_distinct(filter(transform(split({name}, '[|]'), p -> trim(p)), p -> p <> '')), '|')"


@lru_cache(maxsize=1)
def texts() -> str:
    """Return the pattern of texts all signs of which are seen, whoever made the table of Unicode that is asked."""
    runs = [list(run) for seen, run in groupby(range(0x10000), lambda sign: chr(sign).isprintable()) if seen]
    long = [(chr(run[0]), chr(run[-1])) for run in runs if len(run) >= _MANY or run[0] == ord(" ")]
    return "^[" + "".join(f"{first}-{last}" for first, last in long) + "]+$"


@lru_cache(maxsize=1)
def _meanings() -> Meanings:
    return Meanings(References(Staged(), "none", Names(), lambda iris: set(), complete=True))


def _silent(column: Column, some: Iterable[str]) -> Iterator[str]:
    """Yield those of some cells that mean themselves, and of which nothing is to be said."""
    for text in some:
        found = _meanings().of(column, text)
        if not found.told and found.values == (text,):
            yield text


@lru_cache(maxsize=256)
def _plain(column: Column) -> tuple[str, ...]:
    """Return what a cell may hold beyond doubt of a column of which that is a list."""
    states = _countries()
    some = {
        "country": states,
        "jurisdiction": (*states, *sorted(cells.BODIES)),
        "scope": (*states, "EU", "worldwide"),
        "area": (*states, "worldwide"),
        "currency": tuple(each.alpha_3 for each in pycountry.currencies),
        "boolean": ("true", "false"),
        "hs": products(),
        "rule": ("any", "all"),
        "years": tuple("123456789"),
        "sector": tuple(f"{number:02}" for number in range(100)),
    }.get(column.kind, column.codes)
    return tuple(sorted(set(_silent(column, some))))


@lru_cache(maxsize=1)
def products() -> tuple[str, ...]:
    """Return the codes of products beyond doubt."""
    return tuple(sorted(_silent(Column("hs", "hs"), hs.codes())))


def _countries() -> tuple[str, ...]:
    """Return the codes of countries but Namibia's, which many a program takes for no answer."""
    return tuple(each.alpha_2 for each in pycountry.countries if each.alpha_2 != "NA")


@lru_cache(maxsize=1)
def _regions() -> tuple[str, ...]:
    """Return the codes of regions of which nothing is to be said beside their country."""
    found = []
    for each in pycountry.subdivisions:
        read, country = _meanings().region(each.code, each.code[:2])
        if not read.told and read.values == (each.code,) and country == each.code[:2]:
            found.append(each.code)
    return tuple(sorted(found))


@lru_cache(maxsize=1)
def _other_days() -> tuple[str, ...]:
    """Return the days of which something is to be said, of those that the pattern of dates holds."""
    first, last = datetime.date(_FIRST, 1, 1), datetime.date.today().replace(month=12, day=31)
    days = [
        date.isoformat()
        for date in map(datetime.date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
    ]
    return tuple(sorted(set(days) - set(_silent(Column("day", "date"), days)))) or ("",)


def _listed(some: Iterable[str]) -> str:
    return ", ".join(f"'{each}'" for each in some)
