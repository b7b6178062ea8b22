"""A package with every fault: each column of each table has, row by row, cells of its kind that are right or wrong."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from opentier.graph.model.tables import TABLES, Column, Table

_NUMBERS = (
    "1",
    "0",
    "0.5",
    "1.50",
    "100",
    "100.1",
    "-1",
    "1,5",
    "1 000",
    "1e5",
    "007",
    "25-50",
    "n/a",
    "1.0",
    "0.10",
)
#: Cells of each kind, right ones first; of those that name records, the right one is an id of the package.
CELLS: dict[str, tuple[str, ...]] = {
    "id": ("plain-id", "with space", "a/b", "..", "Ünïcode", "zero\u200bwidth", "x" * 100),
    "text": (
        "A text",
        "Größe & Ökologie",
        "中国 有限公司",
        "a|b",
        "two | parts|two",
        "turned\u202eround",
        "<b>bold</b>",
        "naïve – dash",
    ),
    "named": ("An authority", "名前", "x" * 90, "no\u2028line"),
    "url": (
        "https://example.org/a?b=c",
        "example.org",
        "mailto:a@example.org",
        "http://nowhere",
        "https://a b.org",
        "ftp://x.org",
    ),
    "date": (
        "2024",
        "2024-02",
        "2024-02-29",
        "2023-02-29",
        "2024-04-31",
        "2024-12-31",
        "31.12.2020",
        "9999-12-31",
        "1970-01-01",
        "2024-13-01",
        "45292",
        "1899-12-30",
        "2199",
        "2040-01-01",
        "20240131",
        "1650-05-05",
        "2024-01-30",
    ),
    "country": ("CN", "DE", "CHN", "China", "Turkey", "UNKNOWN", "NA", "cn", "XX", "Congo", "Kosovo", "XK"),
    "region": ("CN-XJ", "DE-HH", "Xinjiang", "cn-xj", "XX-YY", "somewhere", "CN-65"),
    "identifier": (
        "lei:EXMP00AURORAEXMP0190",
        "lei:123",
        "gln:9520000000011",
        "odd:1",
        "phone:+49 30 123456",
        "none",
        "duns:000000000",
    ),
    "hs": ("6109", "610910", "61", "61091", "6109.10", "9999", "7701", "4.0", "0101"),
    "currency": ("EUR", "eur", "EURO", "XXX"),
    "jurisdiction": ("DE", "EU", "US-CA", "ILO", "Germany", "nowhere"),
    "scope": ("EU", "worldwide", "FR", "US-CA", "global", "eu", "moon"),
    "area": ("worldwide", "DE", "150", "world", "Europe"),
    "rule": ("any", "all", "2", "0", "ALL", "some"),
    "years": ("1", "9", "1-of-2", "3 of 2", "ten"),
    "sector": ("10", "10-33", "33-10", "1", "C"),
    "boolean": ("true", "false", "yes", "TRUE", "0", "maybe"),
    "decimal": _NUMBERS,
    "integer": _NUMBERS,
    "actor": (
        "a-1",
        "a-2",
        "nobody",
        "Actor a-1",
        "a-1.0",
        "other/actor",
        "https://w3id.org/opentier/id/faults/a-1",
        "a-1 ",
        "faults/a-2",
    ),
    "product": (
        "p-1",
        "6109",
        "61",
        "610910|6110",
        "Cotton",
        "HS 6109.10",
        "p-1|6109",
        "4.0",
        "6109, 6110",
        "9999",
    ),
    "subject": ("a-1", "CN", "CN-XJ", "China", "nobody"),
    "record": (
        "r-1",
        "r-2",
        "nothing",
        "r-1|r-2",
        "r-1||r-2",
        "https://w3id.org/opentier/id/faults/evidence/r-1",
        "r-9",
    ),
}


def cells(table: Table, column: Column) -> Iterator[str]:
    """Yield cells of a column, right and wrong ones."""
    if column.codes:
        first = column.codes[0]
        yield from (*column.codes, first.upper(), first.replace("-", "_"), "no such code")
    else:
        yield from CELLS[column.kind]


def right(table: Table, column: Column, row: int) -> str:
    """Return a cell that is right, and the same in no two rows that have an id of their own."""
    if column.kind == "id":
        return f"{table.name}-{row}"
    if column.kind == "record":
        return "r-1" if column.table == "evidence" else f"{column.table or 'evidence'}-0"
    return next(cells(table, column))


def rows(table: Table) -> Iterator[dict[str, str]]:
    """Yield rows of a table: in each, one column has one of its cells, and what is required is there."""
    needed = [column for column in table if column.required or column.kind == "id"]
    for column in table:
        for text in (*cells(table, column), ""):
            row = {each.name: right(table, each, number) for number, each in enumerate(needed)}
            if "id" in row:
                row["id"] = f"{table.name}-{told_by(table, column, text)}"
            yield {**row, column.name: text}
    whole = {each.name: right(table, each, 0) for each in needed}
    yield from (whole, whole)  # the same row twice
    yield {**whole, "note": "The same id, but for its note"}


def told_by(table: Table, column: Column, text: str) -> str:
    """Return what tells a row from others."""
    return f"{column.name}-{[*cells(table, column), ''].index(text)}"


#: The tables of the package, which have columns of all kinds: a report tells a thousand kinds of findings apart.
CHOSEN = (
    "actors", "actor_facts", "products", "supply_links", "ownership_links", "designations", "status_changes", "laws",
    "thresholds", "risk_assessments", "observations", "responses", "retractions", "evidence",
)  # fmt: skip
#: Rows that others name, and those that only together are wrong.
MORE: dict[str, list[dict[str, str]]] = {
    "actors": [
        {"id": "a-1", "name": "Actor a-1"},
        {"id": "a-2", "name": "Actor a-2"},
        {"id": "actors-0", "name": "First"},
    ],
    "products": [{"id": "p-1", "name": "A product"}, {"id": "6201", "name": "Named as a code is"}],
    "evidence": [
        {"id": "r-1", "type": "invoice"},
        {"id": "r-2", "type": "invoice"},
        {"id": "r-9", "type": "no such type"},
        {"id": "evidence-0", "type": "invoice"},
    ],
    "supply_links": [
        {"buyer": "a-1", "supplier": "a-2", "product": "6201"},
        {"buyer": "a-1", "supplier": "a-2", "start_date": "2020-01-01", "product": "610910"},
        {"buyer": "a-1", "supplier": "a-2", "start_date": "2020-01-01", "product": "6109.10"},
        {
            "buyer": "https://w3id.org/opentier/id/faults/a-1",
            "supplier": "a-2",
            "start_date": "2020-01-01",
            "product": "610910",
        },
        {"id": "l-1", "buyer": "a-1", "supplier": "a-2"},
        {"id": "l-1", "buyer": "a-2", "supplier": "a-1"},
    ],
    "ownership_links": [
        {"owner": "a-1", "asset": "a-2", "share_exact": "50"},
        {"owner": "faults/a-1", "asset": "a-2", "share_exact": "50"},
    ],
    "actor_facts": [
        {"actor": "a-1", "metric": "seat", "value": "FR"},
        {"actor": "a-1", "metric": "seat", "value": "1", "scope": "FR"},
        {"actor": "a-1", "metric": "seat", "value": "Atlantis"},
        {"actor": "a-1", "metric": "turnover", "value": "100"},
    ],
    "responses": [
        {"to": "designations-0", "party": "a-1", "date": "2024"},
        {"to": "r-9", "party": "a-1", "date": "2024"},
    ],
    "retractions": [
        {"record": "l-1", "reason": "wrong", "date": "2024"},
        {"record": "r-9", "reason": "wrong", "date": "2024"},
    ],
}


def rows_of() -> dict[str, list[dict[str, str]]]:
    """Return the rows of the package, by table."""
    return {name: [*rows(TABLES[name]), *MORE.get(name, ())] for name in CHOSEN}


def package(folder: Path) -> Path:
    """Write the package to a folder."""
    return _written(folder, rows_of())


def small(folder: Path) -> Path:
    """Write a package without a fault to a folder."""
    link = {"buyer": "a-1", "supplier": "a-2", "product": "610910", "start_date": "2020-01-01"}
    return _written(folder, {"actors": MORE["actors"], "supply_links": [link]})


def _written(folder: Path, tables: Mapping[str, list[dict[str, str]]]) -> Path:
    folder.mkdir(parents=True)
    resources = []
    for name, found in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [column.name for column in TABLES[name]], restval="")
            writer.writeheader()
            writer.writerows(found)
        resources.append({"name": name.replace("_", "-"), "path": f"{name}.csv"})
    said = {
        "name": "faults",
        "title": "Every fault",
        "licenses": [{"name": "CC0-1.0"}],
        "created": "2026-01-01T00:00:00Z",
        "contributors": [{"title": "A publisher", "role": "publisher"}],
        "resources": resources,
    }
    (folder / "datapackage.json").write_text(json.dumps(said), "utf-8")
    return folder
