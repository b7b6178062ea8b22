"""Rows of which nobody is in the graph, held against lists of places and goods; and rows with products of their own.

What is said of a place and a good is what a trace says of somebody who is there and sells that: the oracle is such an
actor, and its trace. And no product hides what a trace without it finds.
"""

from __future__ import annotations

import json
import re
import shutil
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.exposure.verdict import EXPOSED, NONE_FOUND, NOT_TESTABLE
from opentier.graph.kept import files, onesheet, roots
from opentier.graph.kept import record as records
from opentier.graph.model import sheet
from opentier.graph.report.report import Report
from opentier.graph.screening import found, listing, returned
from opentier.graph.screening.lines import Line
from opentier.graph.screening.screened import Screened
from opentier.graph.store import sealed
from opentier.graph.trace.parameters import Parameters
from tests.broken import write
from tests.conftest import once
from tests.test_match import listed
from tests.test_pages_desk import FORM

PLACES = (("UZ", ""), ("CN", "CN-XJ"), ("CN", "CN-GD"), ("CN", ""), ("MY", ""), ("DE", ""))
GOODS = ("520100", "52", "5205", "151190", "0704", "6109")
LISTS = [
    [
        "id",
        "kind",
        "authority",
        "country",
        "region",
        "product",
        "scope_products",
        "listing_date",
        "status",
        "class",
    ],
    ["cotton", "goods-listing", "Goods Office", "UZ", "", "5201", "", "2010-01-01", "active", "risk"],
    [
        "xinjiang",
        "regional-presumption",
        "Border Office",
        "CN",
        "CN-XJ",
        "",
        "",
        "2021-06-01",
        "active",
        "measure",
    ],
    ["tomatoes", "goods-listing", "Goods Office", "CN", "CN-XJ", "0704", "", "2020-01-01", "active", "risk"],
    ["cotton-cn", "goods-listing", "Goods Office", "CN", "", "5201", "", "2010-01-01", "active", "risk"],
    ["palm", "import-order", "Border Office", "MY", "", "1511", "", "2020-01-01", "active", "measure"],
    ["palm-old", "goods-listing", "Goods Office", "MY", "", "1511", "", "2005-01-01", "inactive", "risk"],
    ["scoped", "exclusion", "Border Office", "MY", "", "", "6109", "2020-01-01", "active", "measure"],
]
ACTORS = [
    ["id", "name", "country", "region"],
    *([f"buyer-{good}", f"Buyer of {good}", "NL", ""] for good in GOODS),
    *([f"at-{n}", f"Oracle {n} at {c}{r}", c, r] for n, (c, r) in enumerate(PLACES)),
    ["knitter", "Kestrel Ridge Knitting Co., Ltd.", "VN", ""],
    ["spinner", "Marigold Spinning Works", "UZ", ""],
    ["farm", "Cedar Gate Farm", "UZ", ""],
    ["quiet", "Blue Heron Buttons", "VN", ""],
    ["behind", "Brass Lane Foundry", "KR", ""],
]
LINKS = [
    ["buyer", "supplier", "product"],
    *([f"buyer-{good}", f"at-{n}", good] for n, _ in enumerate(PLACES) for good in GOODS),
    ["knitter", "spinner", "5205"],
    ["spinner", "farm", "5201"],
    ["quiet", "behind", "7403"],
]
INPUTS = [["input", "output"], ["5201", "5205"], ["5205", "6109"]]


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    def make(data: Path) -> None:
        tables = {"actors": ACTORS, "supply_links": LINKS, "designations": LISTS, "product_inputs": INPUTS}
        folder = tmp_path_factory.mktemp("placed")
        assert (
            Graph.open(data, create=True)
            .contribute(write(folder / "world", tables, "world"), Options(match=False))
            .new
        )

    return Graph.open(once(tmp_path_factory.getbasetemp(), "placed", make))


def screened(
    graph: Graph, folder: Path, *rows: tuple[str, ...], whole: bool = False, **asked: Any
) -> Screened:
    report = Report()
    read = listing.of(listed(folder, ("Vendor", "Country", "Region", "HS code"), *rows), report)
    return graph.view().screen(read, Parameters(**asked), report=report, whole=whole)


def lines(graph: Graph, folder: Path, *rows: tuple[str, ...], **asked: Any) -> list[Line]:
    return [each[0] for each in screened(graph, folder, *rows, **asked).lines]


def told(line: Line) -> set[tuple[str, str, str | None]]:
    return {(each["designation"]["id"], each["reason"], each["scope_match"]) for each in line.risks}


def test_a_place_and_a_good_are_told_as_of_an_actor_that_is_there_and_sells_it(
    graph: Graph, tmp_path: Path
) -> None:
    rows = list(product(range(len(PLACES)), GOODS))
    said = lines(graph, tmp_path, *((f"Nobody of {n} {good}", *PLACES[n], good) for n, good in rows))
    every = set()
    for (n, good), line in zip(rows, said, strict=True):
        assert (line.verdict, line.answer) == (NOT_TESTABLE, None)
        assert "Not in the graph: its supply chain was not tested." in line.not_testable[0]
        traced = graph.trace(f"world/buyer-{good}", max_tier=1)
        wanted = {
            (each["designation"]["id"], each["reason"], each["scope_match"])
            for each in traced.to_dict()["exposures"]
            if each["actor"]["id"] == f"world/at-{n}"
        }
        assert told(line) == wanted, (PLACES[n], good)
        every |= {reason for _, reason, _ in wanted}
    assert every == {"place", "goods", "goods-input"}


def test_what_the_row_does_not_state_is_told_as_not_tested(graph: Graph, tmp_path: Path) -> None:
    here, there, nowhere, cell = lines(
        graph, tmp_path, ("Nobody A", "UZ", "", ""), ("Nobody B", "CN", "", "0704"), ("Nobody C", "", "", "5201"),
        ("Nobody D", "UZ", "", "some shirts"),
    )  # fmt: skip
    for line in (here, there, nowhere, cell):
        assert (line.verdict, line.risks) == (NOT_TESTABLE, ())
    for line in (here, cell):
        assert any("1 listing is of goods of Uzbekistan" in each for each in line.not_testable)
    assert any(
        "2 listings are of regions of China, and the row says no region" in each
        for each in there.not_testable
    )
    assert any("The row states no country" in each for each in nowhere.not_testable)


def test_an_unknown_product_is_told_and_the_given_one_stands_where_none_is(
    graph: Graph, tmp_path: Path
) -> None:
    made = screened(
        graph, tmp_path, ("Nobody A", "UZ", "", ""), ("Nobody B", "UZ", "", "shirts"), product="5201"
    )
    first, second = (each[0] for each in made.lines)
    assert told(first) == {("world/designation/cotton", "goods", "exact")}
    assert told(second) == set()
    assert [(each["column"], each["count"]) for each in made.limits()["not_read"]] == [("product", 1)]


def test_no_product_of_a_row_hides_what_a_trace_without_it_finds(graph: Graph, tmp_path: Path) -> None:
    names = ("Kestrel Ridge Knitting", "Marigold Spinning Works", "Blue Heron Buttons")
    for good in ("", *GOODS, "5205;5201", "9607"):
        for name, line in zip(
            names, lines(graph, tmp_path, *((name, "", "", good) for name in names)), strict=True
        ):
            assert line.traced is not None
            alone = graph.trace(line.traced.id).verdict.result
            assert (line.verdict == EXPOSED) == (alone == EXPOSED), (name, good)
            assert line.verdict != NONE_FOUND or alone == NONE_FOUND
            assert not line.risks or line.verdict != NONE_FOUND
    narrow, wide, none = lines(
        graph, tmp_path, ("Kestrel Ridge Knitting", "", "", "5205"), ("Kestrel Ridge Knitting", "", "", "6109"),
        ("Kestrel Ridge Knitting", "", "", ""),
    )  # fmt: skip
    assert {line.verdict for line in (narrow, wide, none)} == {EXPOSED}
    assert any("whatever its links carry" in each for each in wide.not_testable)
    assert not any(
        "whatever its links carry" in each for line in (narrow, none) for each in line.not_testable
    )
    assert all(
        "What it sells here is not stated" not in " ".join(line.not_testable) for line in (narrow, wide)
    )


def test_a_product_that_is_not_understood_is_asked_about_whatever_links_carry(
    graph: Graph, tmp_path: Path
) -> None:
    rows = [("Kestrel Ridge Knitting", "", "", good) for good in ("", "shirts", "n/a")]
    made = screened(graph, tmp_path, *rows, product="7403", whole=True)
    usual, unread, nothing = (each[0] for each in made.lines)
    assert (usual.verdict, unread.verdict, nothing.verdict) == (NOT_TESTABLE, EXPOSED, NOT_TESTABLE)
    assert [row["product"] for row in made.to_dict()["rows"]] == [None, "", None]
    assert {row["row"]: row["product"] for _, row in found.rows(made)} == {2: None, 3: "", 4: None}
    own = Graph.open(_copy(graph, tmp_path))
    record = own.screenings().keep_list(made, "unread")
    assert files.to_csv(record) == returned.to_csv(made)
    assert own.screenings().again("unread").comparison.changed is False


def test_what_is_bought_of_a_matched_company_is_tested_where_it_is(graph: Graph, tmp_path: Path) -> None:
    sells, other = lines(
        graph, tmp_path, ("Cedar Gate Farm", "UZ", "", "5201"), ("Cedar Gate Farm", "UZ", "", "0704")
    )
    assert (sells.verdict, told(sells)) == (NOT_TESTABLE, {("world/designation/cotton", "goods", "exact")})
    assert any("What is bought of it, as the row says, is listed" in each for each in sells.not_testable)
    assert (other.risks, other.sells) == ((), False)


ROWS = (
    ("Nobody A", "UZ", "", "5201"), ("Kestrel Ridge Knitting", "", "", "5205"),
    ("Kestrel Ridge Knitting", "", "", "6109"), ("Nobody B", "CN", "CN-XJ", ""),
    ("Cedar Gate Farm", "UZ", "", "520100"), ("Nobody C", "DE", "", "5201"),
)  # fmt: skip


def test_every_form_tells_it_apart_from_exposures(graph: Graph, tmp_path: Path) -> None:
    made = screened(graph, tmp_path, *ROWS)
    said = json.loads(json.dumps(made.to_dict()))
    assert [row["product"] for row in said["rows"]] == ["5201", "5205", "6109", None, "520100", "5201"]
    risks = [len(row["risk_by_place_and_good"]) for row in said["rows"]]
    assert (risks, said["counts"]["risk_by_place_and_good"]) == ([1, 0, 0, 1, 1, 0], 3)
    assert [row["exposure"] for row in said["rows"] if row["risk_by_place_and_good"]] == [None] * 3
    rows = list(returned.rows(made))
    at = {name: rows[0].index(name) for name in made.columns}
    for row, many in zip(rows[1:], risks, strict=True):
        assert bool(row[at["risk_by_place_and_good"]]) == bool(row[at["risk_designations"]]) == bool(many)
    assert rows[1][at["product_read"]] == "raw cotton (HS 5201)" or "HS 5201" in str(
        rows[1][at["product_read"]]
    )
    shown = {row["row"]: kinds for kinds, row in found.rows(made)}
    assert ["place" in shown[number] for number in sorted(shown)] == [bool(many) for many in risks]
    assert any("a risk by place and good, and no exposure" in each for each in made.verdict.reasons)


def test_a_record_keeps_it_and_is_asked_again_with_the_products_of_its_rows(
    graph: Graph, tmp_path: Path
) -> None:
    own = Graph.open(_copy(graph, tmp_path))
    kept = own.screenings()
    made = screened(own, tmp_path, *ROWS, whole=True)
    record = kept.keep_list(made, "of-goods")
    assert (record["format"], kept.read("of-goods")) == (2, record)
    assert files.to_csv(record) == returned.to_csv(made)
    assert {each.get("product") for each in record["answers"]} == {None, "5205"}
    again = kept.again("of-goods", "of-goods-2")
    assert (again.comparison.changed, again.record["rows"]) == (False, record["rows"])
    gone = [row for row in LISTS if row[0] != "cotton"]
    tables = {"actors": ACTORS, "supply_links": LINKS, "designations": gone, "product_inputs": INPUTS}
    assert own.contribute(write(tmp_path / "next", tables, "world"), Options(match=False)).new
    changed = {each.row: each.changes for each in kept.again("of-goods").comparison.rows}
    assert "risk_by_place_and_good" in changed[2]
    assert changed[2]["risk_by_place_and_good"]["to"] is None
    assert {each.asked.product for each in _asked(own, record)} == {None, "5205"}


def test_a_record_of_before_is_read_compared_and_asked_again(graph: Graph, tmp_path: Path) -> None:
    own = Graph.open(_copy(graph, tmp_path))
    kept = own.screenings()
    new = kept.keep_list(screened(own, tmp_path, *((*row[:3], "") for row in ROWS), whole=True), "new")
    old = {name: value for name, value in new.items() if name != "hash"} | {"id": "old", "format": 1}
    old["rows"] = [
        {
            name: value
            for name, value in row.items()
            if name not in ("goods", "product", "risk_by_place_and_good")
        }
        for row in new["rows"]
    ]
    hash = sealed.digest(old)
    own.store.screenings.keep("old", old)
    assert kept.read("old")["hash"] == hash
    again = kept.again("old")
    assert (again.comparison.changed, again.record["format"]) == (False, 2)
    assert kept.diff("old", "new").rows == ()
    assert sheet.MARK in files.to_csv(kept.read("old"))


def _copy(graph: Graph, folder: Path) -> Path:
    return Path(shutil.copytree(graph.store.path, folder / "data"))


def _asked(graph: Graph, record: dict[str, Any]) -> list[Any]:
    assert records.readable(record) is record
    return list(roots.asked(record, graph.store.names))


def test_a_record_prints_on_one_page_of_the_same_bytes(graph: Graph, tmp_path: Path) -> None:
    pytest.importorskip("typst")
    own = Graph.open(_copy(graph, tmp_path))
    kept = own.screenings()
    made = {
        "list": kept.keep_list(screened(own, tmp_path, *ROWS, whole=True), "list"),
        "trace": kept.trace("world/knitter", "trace", product="5205"),
        "none": kept.trace("world/quiet", "none"),
    }
    for name, record in made.items():
        assert onesheet.page(record) == onesheet.page(kept.read(name))
        pdf = onesheet.pdf(record)
        assert pdf == onesheet.pdf(kept.read(name))
        assert (pdf[:5], len(re.findall(rb"/Type\s*/Page\b", pdf))) == (b"%PDF-", 1)
        said = onesheet.page(record)
        assert record["hash"] in said["foot"]
        assert said["answer"][0] in record["verdict"]["reasons"] or said["answer"]
        assert said["untested"]
    own.withdraw("world", "a mistake")
    assert onesheet.pdf(kept.read("list")) == onesheet.pdf(made["list"])  # whatever the data is by now
    assert [row["title"] for row in onesheet.page(made["trace"])["touches"]["rows"]]
    assert onesheet.page(made["list"])["touches"]["rows"][0]["nearest"].startswith("row ")


def test_the_pages_of_a_list_tell_it_apart_and_have_the_product_among_their_columns(
    graph: Graph, tmp_path: Path
) -> None:
    rows = "\n".join(",".join(row) for row in (("Vendor", "Country", "Region", "HS code"), *ROWS))
    with TestClient(
        create_app(Graph.open(_copy(graph, tmp_path)), local=True), base_url="http://localhost"
    ) as client:
        client.headers.update(FORM)
        page = _ended(client, client.post("/screen", files={"file": ("list.csv", rows.encode())}))
        place = page.url.path.rpartition("/")[0]
        assert re.search(r'id="column-product".*?<option value="HS code" selected', page.text, re.DOTALL)
        named = {f"column-{name}": label for name, label in (("name", "Vendor"), ("country", "Country"))}
        named |= {"column-region": "Region", "column-product": "HS code", "do": "match"}
        _ended(client, client.post(f"{place}/columns", data=named))
        result = _ended(client, client.post(f"{place}/matches", data={"do": "screen"}))
        assert "By place and good, no exposure of a chain:" in result.text
        shown = client.get(f"{place}/result?show=place").text
        assert "Presumption of forced labour: goods made in Xinjiang" in shown
        assert shown.count("By place and good, no exposure of a chain:") == 3


def _ended(client: TestClient, page: Any) -> Any:
    """Return the page to which whoever waits for a job is led once it has ended."""
    for _ in range(20):
        if not page.url.path.startswith("/jobs/"):
            return page
        client.get(f"{page.url.path}?wait=20", headers={"accept": "application/json"})
        page = client.get(page.url.path)
    raise AssertionError(page.text)
