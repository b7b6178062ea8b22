"""The adapters of import orders (cbp) and of the UFLPA entity list (uflpa), on small files of their own shape."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from opentier.graph.contribution.foreign import Source, describe
from tests.test_adapters_designations import about_rows, cells, read

ORDERS = "name,also_known_as,country,kind,industry,merchandise,status,effective_date,remarks"
ENTITIES = "statutory_list,as_printed,name,aliases_as_printed,effective_date"
FIRST = "2(d)(2)(B)(i)"


def written(path: Path, header: str, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header.split(","), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def orders(folder: Path, *rows: dict[str, str]) -> Source:
    """Read a list of orders, each with what it says beside a plain one."""
    plain = {
        "name": "Widgets Co., Ltd.",
        "country": "China",
        "kind": "WRO",
        "merchandise": "Garments",
        "status": "Active",
        "effective_date": "2018-03-05",
    }
    return read("cbp", written(folder / "orders-2026-06-23.csv", ORDERS, [{**plain, **row} for row in rows]))


def entities(folder: Path, *cells: tuple[str, str], date: str = "2024-05-17") -> Source:
    """Read an entity list of names and what follows them."""
    rows = [
        {"statutory_list": FIRST, "as_printed": f"{name} {rest}".strip(), "name": name,
         "aliases_as_printed": rest, "effective_date": date}
        for name, rest in cells
    ]  # fmt: skip
    return read("uflpa", written(folder / "entities-2026-07-09.csv", ENTITIES, rows))


# cbp


def test_an_order_has_its_merchandise_as_scope_and_says_that_the_headings_are_by_hand(tmp_path: Path) -> None:
    source = orders(tmp_path, {})
    assert about_rows(source) == []
    assert source.edition == "2026-06-23"
    actor = {"id": "widgets-co-ltd", "name": "Widgets Co., Ltd.", "kind": "organisation", "country": "CN"}
    assert cells(source, "actors") == {"widgets-co-ltd": actor}
    assert cells(source) == {
        "widgets-co-ltd-wro-2018-03-05": {
            "id": "widgets-co-ltd-wro-2018-03-05",
            "kind": "import-order",
            "authority": "U.S. Customs and Border Protection",
            "register": "us-wro",
            "law": "us-307-1930",
            "status": "active",
            "target": "widgets-co-ltd",
            "effect": "withhold",
            "effective_date": "2018-03-05",
            "exploitation": "forced-labour",
            "scope_products": "61|62",
            "note": "Merchandise as printed: Garments. HS by hand: Knitted and woven garments. "
            "Status as printed: Active.",
        }
    }


@pytest.mark.parametrize(
    "name",
    [
        "One Works, a/k/a Other Works",
        "One Works; Other Works",
        "One Works and Other Works",
        "One Works with its Subsidiaries",
        "All sugar of Elsewhere",
        "Sugar produced in Elsewhere",
        "Fishing Vessel: Sea Horse",
        "One Co., Ltd., Other Co., Ltd.",
        "",
    ],
)
def test_a_cell_of_several_names_is_refused_until_it_is_looked_up(tmp_path: Path, name: str) -> None:
    source = orders(tmp_path, {"name": name})
    (finding,) = about_rows(source)
    assert (finding.severity, finding.row, finding.column) == ("refused", 2, "name")
    assert "lookup `entities`" in finding.advice
    assert not source.tables


def test_other_names_are_the_first_actors_and_one_that_may_be_several_is_refused(tmp_path: Path) -> None:
    source = orders(
        tmp_path, {"also_known_as": "Gadgets|Widget Works"}, {"name": "X", "also_known_as": "Y; Z"}
    )
    assert cells(source, "actors")["widgets-co-ltd"]["also_known_as"] == "Gadgets|Widget Works"
    (finding,) = about_rows(source)
    assert (finding.severity, finding.row, finding.column) == ("refused", 3, "also_known_as")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("effective_date", "3/5/2018"),
        ("effective_date", ""),
        ("country", "Atlantis"),
        ("kind", "Rumour"),
        ("status", "Dormant"),
        ("merchandise", "Unobtainium"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_with_its_cell(tmp_path: Path, column: str, value: str) -> None:
    source = orders(tmp_path, {column: value}, {"name": "Gadgets"})
    (finding,) = about_rows(source)
    assert (finding.severity, finding.row, finding.column) == ("refused", 2, column)
    assert list(cells(source)) == ["gadgets-wro-2018-03-05"]


@pytest.mark.parametrize(
    ("printed", "status"),
    [
        ("Active", "active"),
        ("Partially Modified", "partially-active"),
        ("Inactive-Pending Litigation", "inactive"),
    ],
)
def test_the_status_is_kept(tmp_path: Path, printed: str, status: str) -> None:
    (row,) = cells(orders(tmp_path, {"status": printed})).values()
    assert row["status"] == status
    assert f"Status as printed: {printed}." in row["note"]


def test_a_superseded_order_says_so_and_since_when(tmp_path: Path) -> None:
    source = orders(
        tmp_path, {"remarks": "Enforcement of WRO superseded by enforcement of UFLPA rebuttable presumption"}
    )
    (change,) = [row.cells for row in source.tables["status_changes"]]
    assert (change["status"], change["date"]) == ("modified", "2022-06-21")
    (row,) = cells(source).values()
    assert row["status"] == "active"
    assert "Superseded: enforced since then" in row["note"]


def test_what_is_taken_out_changes_the_order_and_ends_that_on_a_firm(tmp_path: Path) -> None:
    tea = "Tea of Elsewhere removed from the order, by memorandum, 10/12/2019"
    source = orders(
        tmp_path, {"remarks": tea}, {"name": "Gadgets", "remarks": "Gadgets removed from the order, 1/2/2020"}
    )
    changes = [
        (row.cells["designation"], row.cells["status"], row.cells["date"])
        for row in source.tables["status_changes"]
    ]
    assert changes == [
        ("widgets-co-ltd-wro-2018-03-05", "modified", "2019-10-12"),
        ("gadgets-wro-2018-03-05", "revoked", "2020-01-02"),
    ]
    assert [row["status"] for row in cells(source).values()] == ["active", "revoked"]


def test_publications_are_the_source_and_a_remark_that_is_not_understood_is_told(tmp_path: Path) -> None:
    source = orders(
        tmp_path,
        {"kind": "Finding", "remarks": "Federal Register: 61 FR 17956; T.D. 96-34See China WRO."},
        {"name": "Gadgets", "remarks": "Call the port."},
    )
    first, second = cells(source).values()
    assert (first["effect"], first["source"]) == ("seize", "61 FR 17956; T.D. 96-34")
    assert "It followed an order." in first["note"]
    assert "remarks are not read" in second["note"]
    assert [(f.severity, f.row, f.column) for f in about_rows(source)] == [("warning", 3, "remarks")]


def test_an_order_on_goods_of_a_place_names_product_and_country(tmp_path: Path) -> None:
    source = orders(
        tmp_path,
        {"name": "Artisanal Small Mines", "country": "Democratic Republic of Congo", "merchandise": "Gold"},
        {
            "name": "Xinjiang Uyghur Autonomous Region (XUAR)",
            "merchandise": "Cotton, Tomatoes and Downstream Products",
        },
    )
    gold, xinjiang = cells(source).values()
    good = cells(source, "products")[gold["product"]]
    assert (good["name"], good["hs"]) == ("Gold", "7108")
    assert (gold["country"], "target" in gold) == ("CD", False)
    assert "wider than the order" in gold["note"]
    assert (xinjiang["product"], xinjiang["region"]) == ("xinjiang-cotton-and-tomatoes", "CN-XJ")
    assert {"52", "0702"} <= set(xinjiang["scope_products"].split("|"))


def test_a_vessel_has_no_country(tmp_path: Path) -> None:
    source = orders(
        tmp_path,
        {"name": "Fishing Vessel: Zhen Fa 7", "country": "Fishing Vessels", "merchandise": "Seafood"},
    )
    assert cells(source, "actors")["zhen-fa-7"] == {"id": "zhen-fa-7", "name": "Zhen Fa 7", "kind": "vessel"}


def test_an_order_that_comes_twice_is_kept_once_and_a_finding_stands_beside_it(tmp_path: Path) -> None:
    source = orders(tmp_path, {}, {}, {"kind": "Finding", "effective_date": "2020-04-06"})
    assert [(finding.severity, finding.row) for finding in about_rows(source)] == [("warning", 3)]
    assert {key: (row["target"], row["effect"]) for key, row in cells(source).items()} == {
        "widgets-co-ltd-wro-2018-03-05": ("widgets-co-ltd", "withhold"),
        "widgets-co-ltd-finding-2020-04-06": ("widgets-co-ltd", "seize"),
    }


def test_every_name_of_the_lookup_is_split() -> None:
    for cell, entries in describe("cbp")["lookups"]["entities"].items():
        for entry in entries:
            names = [entry.get("name", ""), *entry.get("also_known_as", [])]
            assert ("name" in entry) != ("id" in entry), cell
            assert not any("a/k/a" in name or ";" in name or "|" in name for name in names), cell
            assert len(set(names)) == len(names), cell


def test_every_heading_of_the_merchandise_is_a_code_and_none_is_below_another() -> None:
    for goods, entry in describe("cbp")["lookups"]["merchandise"].items():
        codes = entry.get("hs", [])
        assert entry["note"].endswith("."), goods
        assert all(re.fullmatch(r"\d\d(\d\d(\d\d)?)?", code) for code in codes), goods
        assert not any(a != b and a.startswith(b) for a in codes for b in codes), goods


def test_a_file_without_a_day_in_its_name_says_that_its_edition_is_not_known(tmp_path: Path) -> None:
    written(tmp_path / "orders.csv", ORDERS, [])
    source = read("cbp", tmp_path / "orders.csv")
    assert source.edition == ""
    assert "does not say of which day" in source.report.to_text()


@pytest.mark.parametrize(
    ("adapter", "header", "count"), [("cbp", ORDERS, "67 rows"), ("uflpa", ENTITIES, "160 rows")]
)
def test_a_list_that_is_much_smaller_than_the_last_is_refused(
    tmp_path: Path, adapter: str, header: str, count: str
) -> None:
    source = read(adapter, written(tmp_path / "list-2026-12-01.csv", header, []))
    assert not source.report.conforms
    text = source.report.to_text()
    assert "The file has 0 records" in text
    assert count in text
    assert f"`expected` in adapters/{adapter}.toml" in text


@pytest.mark.parametrize(("adapter", "header"), [("cbp", ORDERS), ("uflpa", ENTITIES)])
def test_an_unknown_column_is_an_error(tmp_path: Path, adapter: str, header: str) -> None:
    source = read(adapter, written(tmp_path / "list-2026-12-01.csv", f"{header},shoe_size", []))
    assert ("error", "shoe_size") in {
        (finding.severity, finding.column) for finding in source.report.findings
    }


# uflpa


@pytest.mark.parametrize(
    ("name", "rest", "known", "others", "below"),
    [
        ("Plain Co., Ltd.", "", "Plain Co., Ltd.", "", False),
        ("A Co.", "(also known as B Co., Ltd.; and C)", "A Co.", "B Co., Ltd.|C", False),
        ("A Co.", "(formerly known as B)", "A Co.", "B", False),
        ("A Co.", "(also known as B; and formerly known as C; and D)", "A Co.", "B|C|D", False),
        ("A Co.", "(also known as B and formerly known as C)", "A Co.", "B|C", False),
        ("A Co.", "(including two aliases: B; and C) and subsidiaries", "A Co.", "B|C", True),
        ("A Co.", "(and one alias: B)", "A Co.", "B", False),
        ("A Corps (ABC) and its subordinate and affiliated entities", "", "A Corps", "ABC", True),
        ("A Co., Ltd., and Subsidiaries", "", "A Co., Ltd.", "", True),
        ("A (Shanshan) Co.", "", "A (Shanshan) Co.", "", False),
        ("A", "(formerly known as Bayi Iron and Steel)", "A", "Bayi Iron and Steel", False),
    ],
)
def test_aliases_are_read_by_exact_rules(
    tmp_path: Path, name: str, rest: str, known: str, others: str, below: bool
) -> None:
    source = entities(tmp_path, (name, rest))
    assert about_rows(source) == []
    (actor,), (row,) = cells(source, "actors").values(), cells(source).values()
    assert (actor["name"], actor.get("also_known_as", "")) == (known, others)
    assert ("includes_subsidiaries" in row) == below


def test_a_listing_says_authority_law_effect_and_the_acts_list(tmp_path: Path) -> None:
    source = entities(tmp_path, ("Plain Co., Ltd.", ""))
    assert cells(source)["plain-co-ltd-i"] == {
        "id": "plain-co-ltd-i",
        "kind": "entity-listing",
        "authority": "U.S. Department of Homeland Security, Forced Labor Enforcement Task Force",
        "register": "us-uflpa-list",
        "law": "us-uflpa-2021",
        "effect": "rebuttable-presumption",
        "exploitation": "forced-labour",
        "status": "active",
        "target": "plain-co-ltd",
        "effective_date": "2024-05-17",
        "note": f"Section {FIRST}: makes goods with forced labour in Xinjiang. Printed as: Plain Co., Ltd.",
    }


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ("(also known as B and C)", "may be two names"),
        ("(including three aliases: B; and C)", "announces three, and holds 2"),
        ("(whoever)", "in no known form"),
        ("also known as B", "in no known form"),
    ],
)
def test_aliases_that_cannot_be_read_are_refused_with_their_row(tmp_path: Path, rest: str, told: str) -> None:
    source = entities(tmp_path, ("A", rest), ("Plain", ""))
    (finding,) = about_rows(source)
    assert (finding.severity, finding.row, finding.column) == ("refused", 2, "as_printed")
    assert told in finding.message
    assert list(cells(source)) == ["plain-i"]


def test_cells_that_do_not_make_the_printed_one_are_refused(tmp_path: Path) -> None:
    row = {"statutory_list": FIRST, "as_printed": "A (B)", "name": "A", "effective_date": "2024-05-17"}
    source = read("uflpa", written(tmp_path / "list-2026-07-09.csv", ENTITIES, [row]))
    assert [(f.severity, f.row) for f in about_rows(source)] == [("refused", 2)]


def test_a_date_and_a_list_that_are_not_known_are_refused(tmp_path: Path) -> None:
    plain = {"as_printed": "A", "name": "A"}
    rows = [
        {**plain, "statutory_list": FIRST, "effective_date": "May 2024"},
        {**plain, "statutory_list": "2(d)(9)", "effective_date": "2024-05-17"},
    ]
    found = about_rows(read("uflpa", written(tmp_path / "list-2026-07-09.csv", ENTITIES, rows)))
    assert [(f.severity, f.column) for f in found] == [
        ("refused", "effective_date"),
        ("refused", "statutory_list"),
    ]


def test_an_entity_of_several_lists_is_one_actor_with_all_its_names(tmp_path: Path) -> None:
    row = {"as_printed": "A Co., Ltd", "name": "A Co., Ltd", "effective_date": "2024-05-17"}
    rows = [
        {**row, "statutory_list": FIRST},
        {**row, "statutory_list": "2(d)(2)(B)(v)", "name": "A Co. Ltd.",
         "as_printed": "A Co. Ltd. (also known as B)", "aliases_as_printed": "(also known as B)"},
    ]  # fmt: skip
    source = read("uflpa", written(tmp_path / "list-2026-07-09.csv", ENTITIES, rows))
    assert list(cells(source)) == ["a-co-ltd-i", "a-co-ltd-v"]
    (actor,) = cells(source, "actors").values()
    assert (actor["name"], actor["also_known_as"]) == ("A Co., Ltd", "A Co. Ltd.|B")
