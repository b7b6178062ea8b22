"""The lives of datasets: what differs between versions, what is withdrawn and restored, and what the answers make of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from opentier.graph import Graph
from tests.broken import Rows, write
from tests.conftest import Command

Table = Sequence[Mapping[str, str]]


def rows(table: Table) -> Rows:
    header = list(dict.fromkeys(key for row in table for key in row))
    return [header, *([row.get(key, "") for key in header] for row in table)]


def send(graph: Graph, folder: Path, dataset: str, **tables: Table) -> None:
    """Contribute a small package as the next version of a dataset."""
    number = len(list(folder.glob(f"{dataset}-*")))
    package = write(
        folder / f"{dataset}-{number}", {name: rows(table) for name, table in tables.items()}, dataset
    )
    assert graph.contribute(package).new


def actors(*ids: str, **more: str) -> Table:
    return [{"id": id, "name": id.upper(), "kind": "organisation", **more} for id in ids]


def link(id: str, buyer: str, supplier: str, **more: str) -> Mapping[str, str]:
    return {"id": id, "buyer": buyer, "supplier": supplier, **more}


# --- Differences -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return a graph with two versions of a dataset: records came, went and changed, in several tables."""
    folder = tmp_path_factory.mktemp("difference")
    graph = Graph.open(folder / "data", create=True)
    evidence = [{"id": "e", "type": "invoice", "url": "https://example.org/e"}]
    send(
        graph, folder, "chain",
        actors=[*actors("a", "b", country="VN"), *actors("gone")],
        supply_links=[link("1", "a", "b", product="6109", confidence="0.5", evidence="e"), link("2", "b", "gone")],
        evidence=evidence,
    )  # fmt: skip
    send(
        graph, folder, "chain",
        actors=[*actors("a", country="VN"), *actors("b", country="TH", also_known_as="Bee|Be"), *actors("new")],
        supply_links=[
            link("1", "a", "new", product="6109", confidence="0.9", start_date="2020", evidence="e"),
            link("2", "b", "new"),
        ],
        evidence=evidence,
        retractions=[{"record": "2", "reason": "wrong", "date": "2024-01-01"}],
    )  # fmt: skip
    return graph


RETRACTION = "chain/retraction/"


def test_a_difference_names_what_came_and_went_and_the_columns_that_changed(graph: Graph) -> None:
    found = graph.view().difference("chain", 1, 2)
    assert found.removed == {"chain/gone": "actors"}
    assert {table for record, table in found.added.items() if record != "chain/new"} == {"retractions"}
    changed = {record: (each.table, each.before, each.after) for record, each in found.changed.items()}
    [retraction] = [record for record in found.added if record.startswith(RETRACTION)]
    assert changed == {
        "chain/b": ("actors", {"country": {"VN"}}, {"country": {"TH"}, "also_known_as": {"Bee", "Be"}}),
        "chain/supply-link/1": (
            "supply_links",
            {"supplier": {"chain/b"}, "confidence": {"0.5"}},
            {"supplier": {"chain/new"}, "confidence": {"0.9"}, "start_date": {"2020"}},
        ),
        "chain/supply-link/2": (
            "supply_links", {"supplier": {"chain/gone"}}, {"supplier": {"chain/new"}, "retraction": {retraction}},
        ),
    }  # fmt: skip
    assert found.tables() == [
        {"table": "actors", "added": 1, "removed": 1, "changed": 1, "columns": {"also_known_as": 1, "country": 1}},
        {
            "table": "supply_links", "added": 0, "removed": 0, "changed": 2,
            "columns": {"confidence": 1, "retraction": 1, "start_date": 1, "supplier": 2},
        },
        {"table": "retractions", "added": 1, "removed": 0, "changed": 0, "columns": {}},
    ]  # fmt: skip


def test_a_difference_the_other_way_round_says_the_opposite(graph: Graph) -> None:
    forth, back = (graph.view().difference("chain", *pair) for pair in ((1, 2), (2, 1)))
    assert (forth.added, forth.removed) == (back.removed, back.added)
    assert {r: (c.before, c.after) for r, c in forth.changed.items()} == {
        r: (c.after, c.before) for r, c in back.changed.items()
    }
    same = graph.view().difference("chain", 2, 2)
    assert (same.added, same.removed, same.changed, same.tables()) == ({}, {}, {}, [])


def test_a_changed_class_is_a_change_of_its_column(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    for kind in ("organisation", "legal-entity"):
        send(graph, tmp_path, "one", actors=[{"id": "a", "name": "A", "kind": kind}])
    [each] = graph.view().difference("one", 1, 2).changed.values()
    assert each.after == {"kind": {"legal-entity"}}


def test_the_command_and_the_service_say_the_same_of_a_difference(
    graph: Graph, client: TestClient, call: Command, tmp_path: Path
) -> None:
    found, data = graph.view().difference("chain", 1, 2), str(graph.store.path)
    said = call("datasets", "diff", "chain", "1", "2", "--format", "json", "--data", data)
    assert (said.code, json.loads(said.out)) == (0, found.to_dict())
    served = client.get("/datasets/chain/diff", params={"from": 1, "to": 2})
    assert (served.status_code, served.json()) == (200, found.to_dict())
    table = call("datasets", "diff", "chain", "1", "2", "--data", data).out
    assert table.startswith("chain, version 1 to 2: 2 added, 1 removed, 3 changed.")
    assert "also_known_as 1, country 1" in table
    out = tmp_path / "diff.csv"
    assert call("datasets", "diff", "chain", "1", "2", "--out", str(out), "--data", data).code == 0
    written = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert [tuple(row.values()) for row in written] == list(found.rows())
    assert {"change": "changed", "table": "actors", "record": "chain/b", "column": "country", "before": "VN", "after": "TH"} in written  # fmt: skip
    text = client.get("/datasets/chain/diff?from=1&to=2", headers={"Accept": "text/csv"}).text
    assert text == out.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("chian", "1", "2"), "No dataset is called 'chian'. Did you mean chain?"),
        (("chain", "1", "7"), "chain has no version 7. There are: 1, 2."),
        (("chain", "1", "two"), "V2"),
    ],
)
def test_an_unknown_version_is_refused_with_those_there_are(
    graph: Graph, client: TestClient, call: Command, words: tuple[str, str, str], said: str
) -> None:
    run = call("datasets", "diff", *words, "--data", str(graph.store.path))
    assert run.code == 2
    assert said in run.err
    served = client.get(f"/datasets/{words[0]}/diff", params={"from": words[1], "to": words[2]})
    assert served.headers["content-type"] == "application/problem+json"
    assert served.status_code == (400 if words[2] == "two" else 404)
