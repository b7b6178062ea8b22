"""The guide to contributing data lists every table and column as they are declared.

``python tests/test_docs.py`` writes that part of the guide anew.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from opentier.graph import Graph
from opentier.graph.model.names import PREFIXES
from opentier.graph.model.tables import COMMON, TABLES, Column
from opentier.graph.triples.engine import Rows

GUIDE = Path(__file__).parents[1] / "docs" / "contributing-data.md"
QUERYING = [GUIDE.with_name(name) for name in ("querying.md", "catalogue.md")]
QUERIES = [
    query
    for page in QUERYING
    for query in re.findall(r"^```sparql\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
]
HEADING = "## Tables\n"
#: Records of which table a cell may name, where that is none of one.
WHOSE = {"": "any record of the package", "*": "any record of any dataset"}


def holds(column: Column) -> str:
    """Return what a cell of a column holds, for people."""
    if column.codes:
        said = "one of " + ", ".join(f"`{code}`" for code in column.codes)
    else:
        said = {
            "id": "id of the record",
            "record": f"id of {WHOSE.get(column.table, column.table)}",
            "hs": "HS digits",
            "currency": "ISO 4217 code",
            "jurisdiction": "country, region, or EU, ILO, UN, ...",
            "scope": "country, region, EU, or worldwide",
            "years": "how many years running (2), or how many of how many (1-of-2)",
            "sector": "ISIC division (47), or a range (10-33)",
            "area": "country, region, UN M49 area, or worldwide",
            "subject": "actor, country or region",
            "rule": "any, all, or a number",
            "named": f"name of {'an' if column.segment[:1] == 'a' else 'a'} {column.segment}",
        }.get(column.kind, column.kind)
    return f"{said} (several, with bars)" if column.many else said


def section() -> str:
    """Return the part of the guide on tables."""
    lines = [HEADING, "Every table may have `source`, `retrieved` and `note`. Required columns are in bold."]
    for table in TABLES.values():
        lines.append(f"\n### {table.name}\n\n| column | holds | becomes |\n|---|---|---|")
        for column in table:
            if column in COMMON:
                continue
            name = f"**{column.name}**" if column.required else column.name
            becomes = f"`{column.term}`" if column.term else "the IRI" if column.kind == "id" else "the class"
            lines.append(f"| {name} | {holds(column)} | {becomes} |")
    return "\n".join(lines) + "\n"


def test_the_guide_lists_every_table_and_column() -> None:
    guide = GUIDE.read_text("utf-8")
    assert guide[guide.index(HEADING) :] == section(), "run: python tests/test_docs.py"


@pytest.mark.parametrize("number", range(len(QUERIES)))
def test_every_query_of_the_page_on_querying_finds_something(admitted: Path, number: int) -> None:
    found = Graph.open(admitted).query(QUERIES[number])
    assert isinstance(found, Rows)
    rows = list(found)
    assert rows
    assert any(term is not None and term.value != "0" for row in rows for term in row)


def test_the_page_on_querying_names_every_prefix_that_is_known() -> None:
    said = re.search(
        r"Prefixes are known and need no declaration: (.*?)\. ", QUERYING[0].read_text("utf-8"), re.DOTALL
    )
    assert said is not None
    assert re.findall(r"`(\w+)`", said[1]) == list(PREFIXES)


if __name__ == "__main__":
    before = GUIDE.read_text("utf-8")
    GUIDE.write_text(before[: before.index(HEADING)] + section(), "utf-8")
