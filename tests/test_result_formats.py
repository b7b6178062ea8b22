"""The formats of results, by the tests of the W3C; what the engine does otherwise is named here and in the docs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from opentier.graph import Graph
from opentier.graph.query import forms
from opentier.graph.triples.embedded import Embedded

#: Suite, query, data, and what is expected.
CASES = [
    ("csv-tsv-res", "csvtsv01", "data", "csvtsv01.csv"),
    ("csv-tsv-res", "csvtsv02", "data", "csvtsv02.csv"),
    ("csv-tsv-res", "csvtsv01", "data2", "csvtsv03.csv"),
    ("csv-tsv-res", "csvtsv01", "data", "csvtsv01.tsv"),
    ("csv-tsv-res", "csvtsv02", "data", "csvtsv02.tsv"),
    ("csv-tsv-res", "csvtsv01", "data2", "csvtsv03.tsv"),
    ("json-res", "jsonres01", "data", "jsonres01.srj"),
    ("json-res", "jsonres02", "data", "jsonres02.srj"),
    ("json-res", "jsonres03", "data", "jsonres03.srj"),
    ("json-res", "jsonres04", "data", "jsonres04.srj"),
]
#: What differs, by what is expected: the store keeps numbers in one way of writing them, and whole numbers as integers.
DIFFERENT = {
    "csvtsv03.csv": {("1.0E6", "1000000")},
    "csvtsv03.tsv": {
        ("1.0e6", '"1000000"^^<http://www.w3.org/2001/XMLSchema#double>'),
        ('"-3"^^<http://www.w3.org/2001/XMLSchema#negativeInteger>', "-3"),
    },
}


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


def solutions(text: str, form: str) -> list[dict[str, str]]:
    """Return the rows of a result, each by its variables; nodes without a name are all the same."""
    if form == "json":
        said = json.loads(text)
        rows = said["results"]["bindings"] if "results" in said else [{"": said["boolean"]}]
        return sorted(
            ({name: "_:" if "bnode" in str(cell) else json.dumps(cell, sort_keys=True) for name, cell in row.items()}
             for row in rows), key=lambda row: row.get("s", ""))  # fmt: skip
    dialect = {"delimiter": "\t", "quoting": csv.QUOTE_NONE} if form == "tsv" else {}
    names, *cells = csv.reader(io.StringIO(text), **dialect)  # type: ignore[arg-type]
    return sorted(
        ({name.lstrip("?"): "_:" if cell.startswith("_:") else cell for name, cell in zip(names, row, strict=True)}
         for row in cells), key=lambda row: row.get("s", ""))  # fmt: skip


@pytest.mark.parametrize(("suite", "query", "data", "expected"), CASES, ids=lambda each: each)
def test_results_are_as_the_suite_expects_but_for_what_is_named(
    shared: Path, tmp_path: Path, suite: str, query: str, data: str, expected: str
) -> None:
    folder = shared / "conformance" / "sparql11" / suite
    store = ox.Store()
    store.load(path=str(folder / f"{data}.ttl"), format=ox.RdfFormat.TURTLE)
    form = {"srj": "json"}.get(expected.rpartition(".")[2], expected.rpartition(".")[2])
    output = io.BytesIO()
    forms.write(Embedded(tmp_path, store).query((folder / f"{query}.rq").read_text("utf-8")), form, output)
    told = solutions(output.getvalue().decode(), form)
    meant = solutions((folder / expected).read_text("utf-8"), form)
    assert len(told) == len(meant)
    differing = {
        (row.get(name), other.get(name))
        for row, other in zip(meant, told, strict=True)
        for name in row.keys() | other.keys()
        if row.get(name) != other.get(name)
    }
    assert differing == DIFFERENT.get(expected, set())


def test_numbers_in_csv_and_tsv_are_written_as_they_are_stored(client: TestClient) -> None:
    query = "SELECT (1.50 AS ?a) (1e3 AS ?b) (007 AS ?c) ('007' AS ?d) {}"
    assert (
        client.get("/sparql", params={"query": query, "format": "csv"}).text
        == "a,b,c,d\r\n1.5,1000,7,007\r\n"
    )
    tsv = client.get("/sparql", params={"query": query, "format": "tsv"}).text.splitlines()[1].split("\t")
    assert tsv == ["1.5", '"1000"^^<http://www.w3.org/2001/XMLSchema#double>', "7", '"007"']


#: A triple as a value.
TERM = 'BIND (TRIPLE(<urn:s>, <urn:p>, "x") AS ?t)'


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_a_triple_as_a_value_is_given_in_every_format_of_rows(client: TestClient, form: str) -> None:
    answer = client.get("/sparql", params={"query": f"SELECT ?t {{ {TERM} }}", "format": form})
    assert answer.status_code == 200
    assert "urn:s" in answer.text
    assert "urn:p" in answer.text


def test_a_triple_as_a_value_is_refused_in_words_by_the_format_that_has_none(client: TestClient) -> None:
    query = f"CONSTRUCT {{ <urn:a> <urn:b> ?t }} WHERE {{ {TERM} }}"
    for form in ("turtle", "ntriples", "rdfxml"):
        answer = client.get("/sparql", params={"query": query, "format": form})
        assert (answer.status_code, "urn:s" in answer.text) == (200, True)
    refused = client.get("/sparql", params={"query": query, "format": "jsonld"})
    assert refused.status_code == 400
    assert "triple" in refused.json()["detail"]
