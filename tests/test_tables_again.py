"""Tables that contribute again: what goes out as a Data Package comes in again as the same graph, all columns."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.model.names import expand
from opentier.graph.model.tables import TABLES, Column, Table
from opentier.graph.report.report import ContributionError
from tests import counts
from tests.broken import write
from tests.conftest import Command
from tests.lists import FACTS
from tests.test_real_data_rows import OUTCOMES
from tests.test_versions import again, rows

Row = Mapping[str, str]
LINK = expand("ot:OperationLink")
#: A cell of each kind of column.
CELLS = {
    "text": 'Été, "one" & two',
    "url": "https://example.org/a?b=c&d=%20#e",
    "date": "2021-03",
    "decimal": "12.50",
    "integer": "12",
    "boolean": "yes",
    "country": "COD",
    "region": "Haut-Katanga",
    "actor": "ä/b c",
    "identifier": "lei:5493001KJTIIGC8Y1R12",
    "hs": "5205",
    "currency": "eur",
    "jurisdiction": "EU",
    "scope": "worldwide",
    "named": "U.S. Customs and Border Protection",
    "area": "202",
    "subject": "CN-XJ",
    "rule": "any",
    "years": "1-of-2",
    "sector": "10-33",
}
#: Several cells of columns that take several.
MANY = {
    "text": "zebra|ant|Mole, two",
    "actor": "007|ä/b c",
    "identifier": "lei:5493001KJTIIGC8Y1R12|tax-number:7/8|my-own:x y",
    "product": "6109|yarn|some text",
    "sector": "47|10-33",
}
#: Cells of columns that stand in an order, or in a scheme of their own.
SAID = {
    ("actors", "kind"): "mine",
    ("products", "broader"): "5205",
    ("designations", "register"): "WRO list",
    ("designations", "law"): "19 U.S.C. 1307",
    ("designations", "inspection_year"): "2019",
    ("laws", "title"): "An act",
    ("state_practices", "country"): "TM",
    ("identity_judgements", "judgement"): "unsure",
}
#: Columns of actors that name the other one.
OTHER = frozenset({"supplier", "asset", "facility", "employer", "other", "right", "sub_agent_of"})
ORDERED = {
    "start_date": "2019-05", "end_date": "2020-02-29", "from": "2019", "to": "2020", "valid_from": "2019",
    "valid_to": "2031", "listing_date": "2019-05-02", "effective_date": "2019-06", "delisting_date": "2022-01-01",
    "observed_date": "2020-01", "share_minimum": "10.0", "share_exact": "25.50", "share_maximum": "50",
    "fee_min": "1.0", "fee_max": "2.50", "lower": "10.0", "value": "12.50", "upper": "13", "workers_min": "10",
    "workers_max": "20", "population_min": "10", "population_max": "20", "score": "0.70", "confidence": "0.50",
    "lat": "-1.780", "lon": "29.0", "share": "30.0", "sha256": "ab" * 32, "population": "5000", "in_force": "2018",
    "applies_from": "2019-01", "year": "2019", "period_end": "2020-03-31",
}  # fmt: skip
#: The ids of the records of a package.
IDS = {"actors": ("ä/b c", "007"), "products": ("yarn", "p.1")}


def ids(table: str) -> tuple[str, ...]:
    return IDS.get(table, (f"{table}/1", f"{table} 2"))


def cell(table: Table, column: Column, number: int) -> str:
    """Return what stands in a column of the row of a number."""
    if column.kind == "id":
        return ids(table.name)[number]
    if (table.name, column.name) in SAID:
        return SAID[table.name, column.name]
    if column.codes:
        return (
            "|".join(reversed(column.codes[:3])) if column.many else column.codes[number % len(column.codes)]
        )
    if column.kind == "record":
        named = ids({"": "designations", "*": "incidents"}.get(column.table, column.table or "incidents"))
        return "|".join(named) if column.many else named[number]
    if column.name in ORDERED and not column.many:
        return ORDERED[column.name]
    if column.kind == "identifier" and number:
        return f"duns:15048378{number}|os-id:CN2021250D1DTN7"
    if column.kind == "actor" and not column.many and column.name in OTHER:
        return ids("actors")[1]
    if column.kind == "product":
        return MANY["product"] if column.many else ("yarn", "6109")[number]
    return MANY[column.kind] if column.many else CELLS[column.kind]


def whole() -> dict[str, list[Row]]:
    """Return a package of all tables, with two rows each of which every column is filled."""
    return {
        name: [{column.name: cell(table, column, number) for column in table} for number in (0, 1)]
        for name, table in TABLES.items()
    }


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return an empty graph, to which packages are sent under names of their own."""
    return Graph.open(tmp_path_factory.mktemp("again") / "data", create=True)


def sent(graph: Graph, folder: Path, dataset: str, tables: Mapping[str, list[Row]]) -> None:
    filled = {name: rows(table) for name, table in tables.items() if table}
    assert graph.contribute(write(folder / dataset, filled, dataset), Options(match=False)).new


def test_every_column_of_every_table_is_the_same_after_going_out_and_in(graph: Graph, tmp_path: Path) -> None:
    tables = whole()
    assert {name: set(rows[0]) for name, rows in tables.items()} == {
        name: {column.name for column in table} for name, table in TABLES.items()
    }
    assert all(text for rows in tables.values() for row in rows for text in row.values())
    sent(graph, tmp_path, "whole", tables)
    again(graph, tmp_path, "whole")


def test_a_second_time_gives_the_same_bytes(graph: Graph, tmp_path: Path) -> None:
    sent(
        graph, tmp_path, "twice", {name: whole()[name] for name in ("actors", "evidence", "ownership_links")}
    )
    again(graph, tmp_path, "twice")
    view = graph.view()
    for number in (1, 2):
        view.export("twice", number, "datapackage", tmp_path / f"{number}.zip")
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()


def test_what_a_bar_does_not_part_stays_whole(graph: Graph, tmp_path: Path) -> None:
    file = tmp_path / "barred.ttl"
    file.write_text(
        "@prefix ot: <https://w3id.org/opentier/ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        '<a> a ot:Organisation ; rdfs:label "A|a" ; skos:altLabel "B|b", "|", "C", "d ; e, f" .\n'
        '<b> a ot:Organisation ; rdfs:label "B" ; skos:altLabel "B" , "Be" .\n', "utf-8",
    )  # fmt: skip
    graph.contribute(file, Options(dataset="barred", licence="CC0-1.0", match=False))
    again(graph, tmp_path, "barred")


def test_a_record_of_an_iri_of_its_own_keeps_it(graph: Graph, tmp_path: Path) -> None:
    file = tmp_path / "named.ttl"
    file.write_text(
        "@prefix ot: <https://w3id.org/opentier/ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        '<a> a ot:Organisation ; rdfs:label "A" . <b> a ot:Organisation ; rdfs:label "B" .\n'
        "<co-location/mine%20%C3%A4> a ot:CoLocation ; ot:actor <a> ; ot:other <b> .\n", "utf-8",
    )  # fmt: skip
    graph.contribute(file, Options(dataset="named", licence="CC0-1.0", match=False))
    again(graph, tmp_path, "named")


def test_the_id_of_a_row_is_its_record_whatever_the_row_says(graph: Graph, tmp_path: Path) -> None:
    links: list[Row] = [{"operator": "007", "facility": "ä/b c"}]
    tables = {"actors": whole()["actors"], "operation_links": links}
    sent(graph, tmp_path, "held", tables)
    [before] = graph.view().release.engine.records(graph.view().current("held").iri, LINK, {})
    changed = [{**tables["operation_links"][0], "id": before[0].rpartition("/")[2], "start_date": "2020"}]
    folder = write(
        tmp_path / "later", {"actors": rows(tables["actors"]), "operation_links": rows(changed)}, "held"
    )
    graph.contribute(folder, Options(match=False))
    found = graph.view().difference("held", 1, 2)
    assert (found.added, found.removed) == ({}, {})
    assert [each.after for each in found.changed.values()] == [{"start_date": {"2020"}}]


def test_an_id_is_held_to_what_ids_are_in_every_table(graph: Graph, tmp_path: Path) -> None:
    links: list[Row] = [
        {"id": "x" * 100_000, "operator": "007", "facility": "ä/b c"},
        {"id": "twice", "operator": "007", "facility": "ä/b c"},
        {"id": "twice", "operator": "ä/b c", "facility": "007"},
    ]
    tables = {"actors": rows(whole()["actors"]), "operation_links": rows(links)}
    with pytest.raises(ContributionError) as refused:
        graph.contribute(write(tmp_path / "long", tables, "long"), Options(match=False))
    found = [
        (each.file, each.row, each.column)
        for each in refused.value.report.sorted()
        if each.severity == "error"
    ]
    assert found == [("operation_links.csv", 2, "id"), ("operation_links.csv", 4, "id")]


@counts.runs(3)
@given(st.data())
def test_any_cells_of_any_tables_are_the_same_after_going_out_and_in(
    graph: Graph, data: st.DataObject
) -> None:
    tables = whole()
    made = {
        name: tables[name] for name in ("actors", "products", "evidence", "laws", "designations", "incidents")
    }
    chosen = data.draw(st.lists(st.sampled_from(sorted(TABLES)), min_size=3, max_size=6, unique=True))
    for name in chosen:
        optional = [column.name for column in TABLES[name] if not column.required]
        gone = data.draw(st.lists(st.sampled_from(optional), unique=True))
        zeros = data.draw(st.sampled_from(["", "0", "00000"]))
        decimals = {column.name for column in TABLES[name] if column.kind == "decimal"}
        made[name] = [
            {
                column: text + zeros * (column in decimals and "." in text)
                for column, text in row.items()
                if column not in gone
            }
            for row in tables[name]
        ]
    with tempfile.TemporaryDirectory() as scratch:
        number = next(number for number in range(999) if f"made-{number}" not in graph.view().release.current)
        sent(graph, Path(scratch), f"made-{number}", made)
        again(graph, Path(scratch), f"made-{number}")


#: Adapters, and where the files that they read lie below the shared folder.
FOREIGN = {
    **FACTS,
    "ipis": "data/ipis_mines",
    "palmwatch": "data/palmwatch",
    "sayari": "data/sayari_nike_tiers",
}


@pytest.mark.parametrize("adapter", sorted(FOREIGN))
def test_foreign_files_become_tables_that_give_the_same_graph_in_a_new_store(
    call: Command, shared: Path, tmp_path: Path, adapter: str
) -> None:
    first, second = (("--data", str(tmp_path / name), "--quiet") for name in ("first", "second"))
    tables = tmp_path / "tables.zip"
    for words in (
        ("contribute", str(shared / FOREIGN[adapter]), "--from", adapter, "--no-match", *first),
        ("datasets", "export", adapter, "--out", str(tables), *first),
        ("contribute", str(tables), "--no-match", *second),
        ("datasets", "export", adapter, "--out", str(tmp_path / "again.zip"), *second),
    ):
        done = call(*words)
        assert done.code == 0, done.err
    views = [Graph.open(tmp_path / name).view() for name in ("first", "second")]
    before, after = (set(map(str, view.release.engine.match(view.current(adapter).iri))) for view in views)
    assert before
    assert before == after
    told = (view.current(adapter) for view in views)
    # What is of the contribution itself: its file, its adapter, its time, and what its rows were.
    own: dict[str, Any] = dict.fromkeys(("checksum", "adapter", "admitted"), "")
    own |= dict.fromkeys(OUTCOMES, 0)
    assert len({replace(each, **own) for each in told}) == 1
    assert tables.read_bytes() == (tmp_path / "again.zip").read_bytes()
