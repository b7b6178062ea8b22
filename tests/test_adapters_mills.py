"""The adapter of traders' mill lists: torn rows are mended where that is certain, and left out otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from opentier.graph.contribution.foreign import Source
from tests.foreign import cells, header, raw, read, told, write

NAME = "cargill_global_mill_list_2018Q3.csv"
BEHIND = ("Malaysia", "Perak", "3.9", "101.1")


def mills(folder: Path, *rows: tuple[str, ...], name: str = NAME) -> Source:
    return read("mills", write(folder / name, header("mills", "numbered.csv"), rows))


def test_a_trader_buys_from_a_mill_in_the_period_of_its_list(tmp_path: Path) -> None:
    source = mills(tmp_path, ("1", "Oil Co", "First Mill", *BEHIND))
    assert told(source) == []
    (link,) = cells(source, "supply_links")
    assert {name: link[name] for name in ("buyer", "supplier", "product", "start_date", "end_date")} == {
        "buyer": "cargill",
        "supplier": "mill-first-mill-my-my-08",
        "product": "151110",
        "start_date": "2018-07",
        "end_date": "2018-09",
    }
    assert link["declared_by"] == "Cargill"
    trader, mill, parent = cells(source, "actors")
    assert (trader["id"], parent["id"]) == ("cargill", "parent-oil-co")
    assert (mill["kind"], mill["country"], mill["region"]) == ("facility", "MY", "MY-08")
    assert cells(source, "operation_links")[0]["operator"] == "parent-oil-co"
    assert source.edition == "2018"


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [("2018Q1", "2018-01", "2018-03"), ("2019H2", "2019-07", "2019-12"), ("2020", "2020-01", "2020-12")],
)
def test_the_period_stands_in_the_name_of_the_file(tmp_path: Path, period: str, start: str, end: str) -> None:
    source = mills(tmp_path, ("1", "", "Mill", *BEHIND), name=f"Cargill Mill List {period}.csv")
    (link,) = cells(source, "supply_links")
    assert (link["start_date"], link["end_date"]) == (start, end)


@pytest.mark.parametrize("name", ["mills.csv", "mill_list_2018.csv", "unheard_mill_list_2018.csv"])
def test_a_list_of_nobody_or_of_no_time_is_refused(tmp_path: Path, name: str) -> None:
    source = mills(tmp_path, ("1", "Oil Co", "Mill", *BEHIND), name=name)
    assert [found.severity for found in told(source)] == ["error"]
    assert not source.tables


@pytest.mark.parametrize(
    ("row", "parent"),
    [
        (("1 Oil Co", "", "Mill", *BEHIND), "Oil Co"),
        (("1", "Oil Co", "Mill", *BEHIND, ""), "Oil Co"),
        (("1 Oil Co", "", "Mill", *BEHIND, ""), "Oil Co"),
        (("1 Oil Co", "Mill", *BEHIND), "Oil Co"),
        (("1 Oil Co", "Mill", *BEHIND, ""), "Oil Co"),
        (("Oil\n1 Co", "Mill", *BEHIND), "Oil Co"),
        (("1", " Oil Co", "", "Mill", *BEHIND), "Oil Co"),
        (("1", " Oil Co", "", "Mill", *BEHIND, ""), "Oil Co"),
    ],
)
def test_a_torn_row_is_mended_where_number_country_and_place_stand_right(
    tmp_path: Path, row: tuple[str, ...], parent: str
) -> None:
    source = mills(tmp_path, row)
    (finding,) = told(source)
    assert (finding.severity, finding.row) == ("warning", 2)
    assert "is read as: 1, Oil Co, Mill" in finding.message
    assert [actor["name"] for actor in cells(source, "actors")] == ["Cargill", "Mill", parent]


@pytest.mark.parametrize(
    "row",
    [
        ('1 Oil"', "", "Mill", *BEHIND),
        ("7 Oil Co", "", "Mill", *BEHIND),
        ("Oil Co", "", "Mill", *BEHIND),
        ("1", "Oil Co", "One Mill", "Other Mill", *BEHIND),
        ("1", "Oil Co", "Mill", "Perak", "Malaysia", "3.9", "101.1"),
        ("1", "Oil Co", "Mill", "Malaysia", "Perak", "3.9", ""),
        ("1", "Oil Co", "Mill", "Malaysia", "Perak", "391.0", "101.1"),
        ("1", "Oil Co"),
    ],
)
def test_a_torn_row_that_may_be_read_in_two_ways_is_left_out_with_its_row(
    tmp_path: Path, row: tuple[str, ...]
) -> None:
    source = mills(tmp_path, row, ("2", "Oil Co", "Second Mill", *BEHIND))
    (finding,) = told(source)
    assert (finding.severity, finding.row) == ("refused", 2)
    assert [link["supplier"] for link in cells(source, "supply_links")] == ["mill-second-mill-my-my-08"]
    assert source.report.counts() == {"rows": 2, "accepted": 1, "warned": 0, "refused": 1}


def test_a_mill_without_parent_is_operated_by_nobody(tmp_path: Path) -> None:
    source = mills(tmp_path, ("1", "", "Mill", *BEHIND))
    assert [found.severity for found in told(source)] == ["warning"]
    assert not cells(source, "operation_links")
    assert len(cells(source, "supply_links")) == 1


def test_the_trader_operates_its_own_mill_under_its_own_id(tmp_path: Path) -> None:
    (link,) = cells(mills(tmp_path, ("1", "Cargill", "Mill", *BEHIND)), "operation_links")
    assert link["operator"] == "cargill"


def test_text_in_a_wrong_encoding_is_read_back_with_a_warning(tmp_path: Path) -> None:
    source = mills(tmp_path, ("1", "Oil Co", "CeibeÃ±a", *BEHIND))
    (finding,) = told(source)
    assert (finding.severity, finding.column, finding.value) == ("warning", "millName", "CeibeÃ±a")
    assert cells(source, "actors")[1]["name"] == "Ceibeña"


def test_a_mill_with_a_uml_id_has_it_as_its_identifier(tmp_path: Path) -> None:
    columns = ["UML ID", "Mill Name", "Country", "Latitude", "Longitude"]
    rows = [("PO1000000001", "Mill", *("Malaysia", "3.9", "101.1")), ("1", "Other", "Malaysia", "3", "101")]
    source = read("mills", write(tmp_path / "wilmar_mill_list_2019H1.csv", columns, rows))
    (finding,) = told(source, "refused")
    assert (finding.row, finding.value) == (3, "1")
    _, mill = cells(source, "actors")
    assert (mill["id"], mill["identifiers"]) == ("PO1000000001", "uml:PO1000000001")


def test_a_mill_that_comes_twice_is_kept_once(tmp_path: Path) -> None:
    source = mills(tmp_path, ("1", "Oil Co", "Mill", *BEHIND), ("2", "Oil Co", "Mill", *BEHIND))
    assert [(found.severity, found.row) for found in told(source)] == [("warning", 3)]
    assert len(cells(source, "supply_links")) == 1


def test_two_mills_of_one_name_in_a_region_stay_two(tmp_path: Path) -> None:
    source = mills(tmp_path, ("1", "Oil Co", "Mill", *BEHIND), ("2", "Other Co", "Mill", *BEHIND))
    assert told(source) == []
    assert len({link["supplier"] for link in cells(source, "supply_links")}) == 2


def test_the_real_list_is_read_to_its_last_row(shared: Path) -> None:
    folder = shared / "data" / "cargill_mills"
    rows = raw(folder / NAME)
    source = read("mills", folder)
    assert source.report.conforms
    counts = source.report.counts()
    assert counts["rows"] == len(rows) == 1729
    assert counts["refused"] == 2
    assert [found.row for found in told(source, "refused")] == [1434, 1468]
    torn = sum(len(row) != 7 or not row[0].isdigit() for row in rows)
    mended = [found for found in told(source, "warning") if "is torn" in found.message]
    assert len(mended) == torn - counts["refused"]
    links = cells(source, "supply_links")
    assert len(links) == len(rows) - counts["refused"] - sum("came before" in f.message for f in told(source))
    facilities = [actor for actor in cells(source, "actors") if actor.get("kind") == "facility"]
    assert len(facilities) == len(links)
    assert (
        sum(actor["country"] == "ID" for actor in facilities) == sum("Indonesia" in row for row in rows) - 1
    )
