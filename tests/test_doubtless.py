"""Rows beyond doubt, as expressions: of no cell that they hold for has the reader of cells anything to say.

The engine that asks them here is DuckDB; what Spark finds with them is tested in `test_spark`.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentier.graph.contribution.staging import Staged
from opentier.graph.distributed import doubtless
from opentier.graph.model.names import Names
from opentier.graph.model.tables import PLACED, TABLES, Column, Table
from opentier.graph.records.meanings import Meanings
from opentier.graph.records.references import References
from tests import faults
from tests.counts import runs

PLAIN = [
    (table, column) for table in TABLES.values() for column in table if not doubtless.targets(table, column)
]
#: Right cells of which nothing is beyond doubt: check digits, and what is asked of other records.
NEVER = {"identifier", "actor", "record", "subject", "product"}


@pytest.fixture(scope="module")
def engine() -> Any:
    with duckdb.connect() as found:
        found.execute("CREATE MACRO rlike(text, pattern) AS regexp_matches(text, pattern)")
        yield found


def meanings() -> Meanings:
    return Meanings(References(Staged(), "none", Names(), lambda iris: set(), complete=True))


def holding(engine: Any, table: Table, column: Column, texts: list[str]) -> list[str]:
    """Return the cells of a column that are beyond doubt; a region stands beside each country in turn."""
    said = doubtless.fine(table, column).replace("`", '"')
    beside = f', left("{column.name}", 2) AS country' if column.kind == "region" else ""
    cells = f'SELECT "{column.name}"{beside} FROM (SELECT unnest(?) AS "{column.name}")'
    return [
        text
        for (text,) in engine.execute(
            f'SELECT "{column.name}" FROM ({cells}) WHERE {said}', [texts]
        ).fetchall()
    ]


def silent(column: Column, text: str) -> bool:
    """Return whether nothing is said of a cell, which means what it says."""
    found = meanings().of(column, text)
    if column.kind == "region":
        read, country = meanings().region(text, text[:2])
        return not read.told and read.values == (text,) and country == text[:2]
    return not found.told and (column.many or found.values == (text,))


def test_nothing_is_to_be_said_of_cells_beyond_doubt(engine: Any) -> None:
    for table, column in PLAIN:
        for text in holding(engine, table, column, list(faults.cells(table, column))):
            assert silent(column, text), (table.name, column.name, text)


SIGNS = st.characters(codec="utf-8")
DIGITS = st.text("0123456789-./,: T", max_size=12)
ANY = st.one_of(
    st.text(SIGNS, min_size=1, max_size=12),
    DIGITS.filter(bool),
    st.sampled_from([text for cells in faults.CELLS.values() for text in cells]),
    st.dates().map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.from_regex(r"https?://[a-z.@:/-]{1,12}", fullmatch=True),
    st.from_regex(r"[A-Za-z]{2}(-[A-Z0-9]{1,3})?", fullmatch=True),
)  # fmt: skip


@runs(60)
@given(st.sampled_from(PLAIN), st.lists(ANY, min_size=1, max_size=40))
def test_nothing_is_to_be_said_of_any_cell_beyond_doubt(
    engine: Any, where: tuple[Table, Column], texts: list[str]
) -> None:
    table, column = where
    for text in holding(engine, table, column, texts):
        assert silent(column, text), (table.name, column.name, text)


def test_what_is_right_is_mostly_beyond_doubt(engine: Any) -> None:
    for table, column in PLAIN:
        first = next(faults.cells(table, column))
        if column.kind not in NEVER and (table.name, column.name) != ("actor_facts", "metric"):
            assert holding(engine, table, column, [first]) == [first], (table.name, column.name)


def test_facts_whose_value_may_be_a_place_are_looked_at(engine: Any) -> None:
    table = TABLES["actor_facts"]
    column = table.column("metric")
    assert column is not None
    assert not set(PLACED) & set(holding(engine, table, column, list(column.codes)))


def test_a_day_that_stands_for_none_is_looked_at(engine: Any) -> None:
    column = TABLES["supply_links"].column("start_date")
    assert column is not None
    days = ["1970-01-01", "1970-01-02", "2024-02-29", "2023-02-29", "2024-12-31", "2024-11-31"]
    assert holding(engine, TABLES["supply_links"], column, days) == ["1970-01-02", "2024-12-31"]
