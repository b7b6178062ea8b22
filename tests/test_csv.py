"""CSV that people open: one writer, a byte order mark, no formulas; and the forms for programs beside it."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.answer.table import CSV_COLUMNS
from opentier.graph.batch import everybody
from opentier.graph.model import sheet
from opentier.graph.picture.svg import draw

if TYPE_CHECKING:
    from tests.conftest import Command

ROOT = Path(__file__).parents[1]
#: Names that a spreadsheet would take for formulas, by the id of their actor.
FORMULAS = {
    "cmd": "=cmd|'/C calc'!A0",
    "sum": "@SUM(1+1)*cmd",
    "plus": "+1+1",
    "minus": "-2+3",
    "wide": "\uff1d1+1",
}
#: Of the root: turned round on a page that does not look, and markup.
ROOT_NAME = "Root \u202e<b>"
PLAIN = {"plain": "Plain Mills", "number": "-12.5", "inside": "a=b", "comma": 'Sons, "B"; Unit 2'}


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return a root that buys from all of them, one of which is designated."""
    folder = tmp_path_factory.mktemp("formulas")
    rows = {**FORMULAS, **PLAIN}
    tables: dict[str, list[tuple[str, ...]]] = {
        "actors": [
            ("id", "name", "country"),
            ("r", ROOT_NAME, ""),
            *((id, name, "CN") for id, name in rows.items()),
        ],
        "supply-links": [("buyer", "supplier", "share"), *(("r", id, "10") for id in rows)],
        "designations": [
            ("id", "kind", "authority", "target", "listing_date", "status"),
            ("d", "entity-listing", '=HYPERLINK("http://x.example")', "cmd", "2022-01-01", "active"),
        ],
    }
    resources = []
    for name, table in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(table)
        resources.append({"name": name, "path": f"{name}.csv"})
    described = {"name": "case", "licenses": [{"name": "CC0-1.0"}], "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(described), "utf-8")
    graph = Graph.open(folder / "data", create=True)
    assert graph.contribute(folder).new
    return graph


def names(text: str, column: str = "name") -> dict[str, str]:
    """Return what CSV says of actors by their local id, after the mark that it must begin with."""
    assert text.startswith(sheet.MARK)
    rows = csv.DictReader(io.StringIO(text.removeprefix(sheet.MARK)))
    return {row["id"].partition("/")[2]: row[column] for row in rows}


def guarded(found: dict[str, str]) -> None:
    """Assert that formulas got an apostrophe and nothing else changed."""
    for id, name in FORMULAS.items():
        assert found[id] == f"'{name}"
    for id, name in PLAIN.items():
        assert found[id] == name


def test_the_writer_guards_texts_and_leaves_numbers() -> None:
    row = ("=1", "+1", "-1.5", "+a", "-a", "@a", "\ta", "\ra", "\na", "\uff0ba", -1.5, -2, None, "", "a\rb")
    text = sheet.text([str(number) for number in range(len(row))], [row])
    [head, found] = csv.reader(io.StringIO(text.removeprefix(sheet.MARK), newline=""))
    assert found == [
        "'=1", "+1", "-1.5", "'+a", "'-a", "'@a", "'\ta", "'\na", "'\na", "'\uff0ba", "-1.5", "-2", "", "", "a\nb",
    ]  # fmt: skip
    assert len(head) == len(row)


def test_a_trace_is_written_by_it(graph: Graph, call: Command, tmp_path: Path) -> None:
    text = graph.trace("case/r").to_csv()
    guarded(names(text))
    words = ("trace", "case/r", "--quiet", "--data", str(graph.store.path))
    assert call(*words, "--format", "csv").out == text
    assert call(*words, "--out", str(tmp_path / "x.csv")).code == 0
    assert (tmp_path / "x.csv").read_bytes() == text.encode("utf-8")
    assert (tmp_path / "x.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_exposure_of_everybody_is_written_by_it(graph: Graph, call: Command, tmp_path: Path) -> None:
    text = graph.exposure().to_csv()
    guarded(names(text))
    words = ("exposure", "--quiet", "--data", str(graph.store.path))
    assert call(*words).out == text
    assert call(*words, "--out", str(tmp_path / "x.csv")).code == 0
    assert (tmp_path / "x.csv").read_bytes() == text.encode("utf-8")


def test_the_service_sends_the_same(graph: Graph) -> None:
    with TestClient(create_app(graph)) as client:
        assert client.get("/trace?actor=case/r&format=csv").content == graph.trace("case/r").to_csv().encode()
        assert client.get("/exposure").content == graph.exposure().to_csv().encode()


def test_no_other_module_writes_csv() -> None:
    """The adapters' reader and the package's read; nothing else writes."""
    for part in ("api", "graph"):
        for path in (ROOT / part).rglob("*.py"):
            if path.name != "sheet.py":
                assert "csv.writer" not in path.read_text("utf-8"), path
                assert "DictWriter" not in path.read_text("utf-8"), path


def test_answers_of_sparql_are_left_as_the_standard_has_them(graph: Graph, call: Command) -> None:
    query = "SELECT ?n { ?a a ot:Actor ; rdfs:label ?n } ORDER BY ?n"
    out = call("query", "-", "--format", "csv", "--data", str(graph.store.path), stdin=query).out
    assert not out.startswith(sheet.MARK)
    found = [row[0] for row in csv.reader(io.StringIO(out))]
    assert set(found) == {"n", ROOT_NAME, *FORMULAS.values(), *PLAIN.values()}


# Forms for programs.


def test_frames_hold_what_is_stored(graph: Graph) -> None:
    found = graph.trace("case/r")
    frame = found.to_pandas()
    assert tuple(frame.columns) == CSV_COLUMNS
    assert dict(zip(frame["iri"].str.rpartition("/")[2], frame["name"], strict=True)) == {**FORMULAS, **PLAIN}
    assert str(frame["tier"].dtype) == "Int64"
    assert str(frame["severity"].dtype) == "Float64"
    assert frame["severity"].notna().sum() == 1
    assert frame["severity"].max() == found.exposures[0].severity.value
    every = graph.exposure().to_pandas()
    assert {str(every[name].dtype) for name in ("nearest_tier", "exposed_actors", "exposed_share")} == {
        "Int64", "int64", "float64",
    }  # fmt: skip
    assert set(every["name"]) == {ROOT_NAME, *FORMULAS.values(), *PLAIN.values()}


def test_json_holds_what_is_stored(graph: Graph) -> None:
    found = json.loads(graph.exposure().to_json())["actors"]
    assert [tuple(row.values()) for row in found] == list(graph.exposure().rows())
    assert tuple(found[0]) == everybody.COLUMNS


def edges(graph: nx.Graph[Any]) -> dict[tuple[Any, ...], dict[str, Any]]:
    return dict(graph.edges.items())


def test_graphs_can_be_written_in_the_formats_of_networkx(admitted: Path, tmp_path: Path) -> None:
    graph = (
        Graph.open(admitted).trace("example/aurora", kinds=("supply", "operation", "ownership")).to_networkx()
    )
    nx.write_graphml(graph, tmp_path / "x.graphml")
    read = nx.read_graphml(tmp_path / "x.graphml", force_multigraph=True)
    assert dict(read.nodes.items()) == dict(graph.nodes.items())
    assert edges(read) == edges(graph)
    nx.write_gexf(graph, tmp_path / "x.gexf")
    assert set(nx.read_gexf(tmp_path / "x.gexf")) == set(graph)
    assert json.loads(json.dumps(nx.node_link_data(graph, edges="links")))["links"]
    values = [value for *_, data in graph.edges(data=True) for value in data.values()]
    values += [value for _, data in graph.nodes(data=True) for value in data.values()]
    assert {type(value) for value in values} <= {str, int, float, bool}
    assert any("|" in data.get("evidence", "") for *_, data in graph.edges(data=True))


def test_a_page_shows_what_is_not_seen(graph: Graph) -> None:
    page = graph.trace("case/r")._repr_html_()
    assert "Who is upstream of Root &lt;U+202E&gt;&lt;b&gt;?" in page
    assert "\u202e" not in page
    assert ET.fromstring(f"<div>{page}</div>").tag == "div"


def test_a_picture_is_xml_whatever_names_hold(admitted: Path) -> None:
    found = Graph.open(admitted).trace("example/aurora", product="6109").scene
    for name in ("a\x00b", "a\x01b", "a\x1bb", "a\ufffeb", "a\uffffb", "a\u202eb", "a<b>&c"):
        found["root"]["name"] = found["actors"][0]["name"] = found["paths"][0]["steps"][0]["name"] = name
        found["entries"][0]["source"] = name
        picture = draw(found)
        assert ET.fromstring(picture).tag == "{http://www.w3.org/2000/svg}svg"
        assert not set(picture) & set("\x00\x01\x1b\u202e\ufffe\uffff")
