"""The adapters of official lists: goods by country (ilab) and import orders (cbp)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from opentier.graph.contribution.foreign import Source, convert, describe
from opentier.graph.contribution.report import Finding, Report
from opentier.graph.model.tables import TABLES

HEADER = "entity,country,industry,effective_date_mdY,type"


def read(name: str, path: Path) -> Source:
    source = convert(name, path, Report())
    for table, rows in source.tables.items():
        assert {column for row in rows for column in row.cells} <= {column.name for column in TABLES[table]}
    return source


def cells(source: Source, table: str = "designations") -> dict[str, Mapping[str, str]]:
    return {row.cells["id"]: row.cells for row in source.tables.get(table, [])}


def about_rows(source: Source) -> list[Finding]:
    """Findings, without the one that a tiny file is too short."""
    return [finding for finding in source.report.sorted() if "are expected" not in finding.message]


def goods_file(folder: Path, *records: tuple[str, str, str], name: str = "goods_2021.xml") -> Path:
    """Write a list: (good, country, further elements)."""
    text = "".join(
        f"<Good><Good_Name>{good}</Good_Name><Countries><Country><Country_Name>{country}</Country_Name>"
        "<Child_Labor>No</Child_Labor><Forced_Labor>Yes</Forced_Labor><Forced_Child_Labor>No</Forced_Child_Labor>"
        f"{more}</Country></Countries></Good>"
        for good, country, more in records
    )
    path = folder / name
    path.write_text(f"<Goods>{text}</Goods>", "utf-8")
    return path


def orders_file(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "cbp_wro_active_fy26dec.csv"
    path.write_text("\n".join([header, *rows, ""]), "utf-8")
    return path


# ilab


def test_a_good_of_a_country(tmp_path: Path) -> None:
    source = read("ilab", goods_file(tmp_path, ("Gold", "Burma", "")))
    assert about_rows(source) == []
    assert cells(source)["gold-mm"] == {
        "id": "gold-mm",
        "kind": "goods-listing",
        "authority": "U.S. Department of Labor, ILAB",
        "register": "List of Goods Produced by Child Labor or Forced Labor",
        "law": "TVPRA 2005 s. 105(b)",
        "product": "7108",
        "country": "MM",
        "effect": "advisory",
        "exploitation": "forced-labour",
        "observed_date": "2022",
        "note": f"Listed as Gold. HS: {describe('ilab')['lookups']['goods']['Gold']['note']}",
    }


def test_a_good_of_several_headings_is_listed_under_each(tmp_path: Path) -> None:
    found = cells(read("ilab", goods_file(tmp_path, ("Garments", "India", ""))))
    assert {key: row["product"] for key, row in found.items()} == {
        "garments-in-61": "61",
        "garments-in-62": "62",
    }


def test_a_good_without_heading_becomes_a_text_good(tmp_path: Path) -> None:
    source = read("ilab", goods_file(tmp_path, ("Pornography", "Thailand", "")))
    assert cells(source, "products")["pornography"]["name"] == "Pornography"
    assert cells(source)["pornography-th"]["product"] == "pornography"
    assert [finding.severity for finding in about_rows(source)] == ["warning"]


def test_a_derived_good_says_so(tmp_path: Path) -> None:
    derived = (
        "<Derived_Labor_Exploitation>Yes</Derived_Labor_Exploitation><Derived_Country>China</Derived_Country>"
    )
    found = cells(read("ilab", goods_file(tmp_path, ("Solar Cells", "Malaysia", derived))))
    assert found["solar-cells-my"]["country"] == "MY"
    assert "in China; the list does not say which" in found["solar-cells-my"]["note"]


@pytest.mark.parametrize(
    ("record", "column", "value"),
    [
        (("Unobtainium", "India", ""), "Good_Name", "Unobtainium"),
        (("Gold", "Atlantis", ""), "Country_Name", "Atlantis"),
    ],
)
def test_what_is_not_known_is_refused_with_its_record(
    tmp_path: Path, record: tuple[str, str, str], column: str, value: str
) -> None:
    source = read("ilab", goods_file(tmp_path, ("Cotton", "India", ""), record))
    (finding,) = about_rows(source)
    assert (finding.severity, finding.row, finding.column, finding.value) == ("refused", 2, column, value)
    assert list(cells(source)) == ["cotton-in"]
    assert source.report.counts()["refused"] == 1


def test_an_unknown_element_is_an_error_told_once(tmp_path: Path) -> None:
    odd = "<Shoe_Size>46</Shoe_Size>"
    records = [("Cotton", "India", ""), ("Gold", "Peru", odd), ("Gold", "Ghana", odd)]
    source = read("ilab", goods_file(tmp_path, *records))
    (finding,) = about_rows(source)
    assert (finding.severity, finding.row, finding.column) == ("error", 2, "Shoe_Size")
    assert not source.tables


def test_a_record_that_lacks_an_element_is_refused(tmp_path: Path) -> None:
    path = goods_file(tmp_path, ("Gold", "Peru", ""))
    path.write_text(path.read_text("utf-8").replace("<Forced_Labor>Yes</Forced_Labor>", ""), "utf-8")
    (finding,) = about_rows(read("ilab", path))
    assert (finding.severity, finding.row, finding.column) == ("refused", 1, "Forced_Labor")


def test_a_good_and_country_that_come_twice_are_kept_once(tmp_path: Path) -> None:
    source = read("ilab", goods_file(tmp_path, ("Gold", "Peru", ""), ("Gold", "Peru", "")))
    (finding,) = about_rows(source)
    assert (finding.severity, finding.row) == ("warning", 2)
    assert list(cells(source)) == ["gold-pe"]


def test_a_short_file_is_an_error(tmp_path: Path) -> None:
    source = read("ilab", goods_file(tmp_path, ("Gold", "Peru", "")))
    assert not source.report.conforms
    assert "The file has 1 records" in source.report.to_text()


def test_an_unknown_edition_has_no_date(tmp_path: Path) -> None:
    source = read("ilab", goods_file(tmp_path, ("Gold", "Peru", ""), name="goods.xml"))
    assert not {"observed_date", "listing_date"} & set(cells(source)["gold-pe"])
    assert [finding.severity for finding in about_rows(source)] == ["warning"]


def test_text_that_is_not_xml_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "goods_2021.xml"
    path.write_text("<Goods>\n<Good>\n</Goods>", "utf-8")
    (finding,) = read("ilab", path).report.findings
    assert (finding.severity, finding.row) == ("error", 3)


def test_every_good_has_headings_in_valid_form_or_none() -> None:
    for good, entry in describe("ilab")["lookups"]["goods"].items():
        codes = entry.get("hs", [])
        codes = [codes] if isinstance(codes, str) else codes
        assert len(set(codes)) == len(codes), good
        assert entry["note"].endswith("."), good
        for code in codes:
            assert re.fullmatch(r"\d\d(\d\d(\d\d)?)?", code), (good, code)
            assert not any(code != other and code.startswith(other) for other in codes), (good, code)


def test_the_whole_list_is_read(shared: Path) -> None:
    source = read("ilab", shared / "data" / "ilab_goods")
    found = cells(source)
    assert source.report.counts() == {"rows": 467, "accepted": 460, "warned": 7, "refused": 0}
    assert source.report.conforms
    assert {row.where for row in source.tables["designations"]} == source.report.rows
    assert len(found) == len(source.tables["designations"]) == 955
    assert {row["product"] for row in found.values() if not row["product"].isdigit()} == {"pornography"}
    assert sum("Derived:" in row["note"] for row in found.values()) == 15
    wanted = {
        "crude-palm-oil-id": ("151110", "ID", None),
        "palm-fruit-my": ("120710", "MY", "forced-labour|child-labour"),
        "gold-cd": ("7108", "CD", "forced-labour|child-labour|forced-child-labour"),
        "tin-ore-cassiterite-cd": ("260900", "CD", "forced-labour|child-labour|forced-child-labour"),
        "tantalum-ore-coltan-cd": ("261590", "CD", "forced-labour|child-labour|forced-child-labour"),
        "tungsten-ore-wolframite-cd": ("261100", "CD", "forced-labour|child-labour|forced-child-labour"),
        "cotton-tm": ("5201", "TM", "forced-labour|child-labour"),
        "hazelnuts-tr-080221": ("080221", "TR", "child-labour"),
    }
    for key, (product, country, exploitation) in wanted.items():
        row = found[key]
        assert (row["product"], row["country"], row.get("exploitation")) == (product, country, exploitation)


@pytest.mark.parametrize(("year", "records"), [(2016, 379), (2017, 418), (2018, 418), (2019, 438)])
def test_earlier_editions_are_read_as_files(shared: Path, year: int, records: int) -> None:
    counts = read("ilab", shared / "data" / "ilab_goods" / f"goods_{year}.xml").report.counts()
    assert (counts["rows"], counts["refused"]) == (records, 0)


# cbp


def test_a_plain_name_needs_no_lookup(tmp_path: Path) -> None:
    source = read("cbp", orders_file(tmp_path, '"Widgets Co., Ltd.",China,Machinery,3/5/2018,WRO'))
    assert about_rows(source) == []
    actor = {"id": "widgets-co-ltd", "name": "Widgets Co., Ltd.", "kind": "organisation", "country": "CN"}
    assert cells(source, "actors") == {"widgets-co-ltd": actor}
    assert cells(source) == {
        "widgets-co-ltd-wro-2018-03-05": {
            "id": "widgets-co-ltd-wro-2018-03-05",
            "kind": "import-order",
            "authority": "U.S. Customs and Border Protection",
            "register": "Withhold Release Orders and Findings",
            "law": "Tariff Act of 1930 s. 307 (19 U.S.C. 1307)",
            "status": "active",
            "target": "widgets-co-ltd",
            "effect": "withhold",
            "effective_date": "2018-03-05",
            "exploitation": "forced-labour",
            "note": "Listed as: Widgets Co., Ltd. CBP centre: Machinery.",
        }
    }


@pytest.mark.parametrize(
    "entity",
    [
        "One Works, a/k/a Other Works",
        "One Works; Other Works",
        "One Works and Other Works",
        "One Works with its Subsidiaries",
        "All sugar of Elsewhere",
        "Sugar produced in Elsewhere",
        "Fishing Vessel: Sea Horse",
        "",
    ],
)
def test_a_cell_of_several_names_is_refused_until_it_is_looked_up(tmp_path: Path, entity: str) -> None:
    source = read("cbp", orders_file(tmp_path, f'"{entity}",China,All,3/5/2018,WRO'))
    (finding,) = about_rows(source)
    assert (finding.severity, finding.row, finding.column) == ("refused", 2, "entity")
    assert "lookup `entities`" in finding.advice
    assert not source.tables


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("Widgets,China,All,2018-03-05,WRO", "effective_date_mdY"),
        ("Widgets,China,All,31/12/2018,WRO", "effective_date_mdY"),
        ("Widgets,China,All,,WRO", "effective_date_mdY"),
        ("Widgets,Atlantis,All,3/5/2018,WRO", "country"),
        ("Widgets,China,All,3/5/2018,Rumour", "type"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused(tmp_path: Path, row: str, column: str) -> None:
    source = read("cbp", orders_file(tmp_path, row, "Gadgets,China,All,3/5/2018,WRO"))
    (finding,) = about_rows(source)
    assert (finding.severity, finding.row, finding.column) == ("refused", 2, column)
    assert list(cells(source)) == ["gadgets-wro-2018-03-05"]


def test_an_unknown_column_is_an_error(tmp_path: Path) -> None:
    source = read("cbp", orders_file(tmp_path, "Widgets,China,All,3/5/2018,WRO,x", header=f"{HEADER},status"))
    assert ("error", "status") in {(finding.severity, finding.column) for finding in source.report.findings}
    assert not source.tables


def test_an_order_that_comes_twice_is_kept_once(tmp_path: Path) -> None:
    row = "Widgets,China,All,3/5/2018,WRO"
    source = read("cbp", orders_file(tmp_path, row, row))
    assert [(finding.severity, finding.row) for finding in about_rows(source)] == [("warning", 3)]
    assert len(cells(source)) == 1


def test_every_name_of_the_lookup_is_split() -> None:
    entities = describe("cbp")["lookups"]["entities"]
    for cell, entries in entities.items():
        if isinstance(entries, str):
            assert isinstance(entities[entries], list), cell
            continue
        for entry in entries:
            names = [entry.get("name", ""), *entry.get("also_known_as", [])]
            assert ("name" in entry) != ("product" in entry), cell
            assert not any("a/k/a" in name or ";" in name or "|" in name for name in names), cell
            assert len(set(names)) == len(names), cell


def test_every_cell_of_the_lookup_gives_what_it_names(tmp_path: Path) -> None:
    entities = describe("cbp")["lookups"]["entities"]
    named = {cell: entries for cell, entries in entities.items() if isinstance(entries, list)}
    source = read("cbp", orders_file(tmp_path, *(f'"{cell}",China,All,3/5/2018,WRO' for cell in named)))
    found = cells(source)
    assert about_rows(source) == []
    assert {row.where for row in source.tables["designations"]} == source.report.rows
    assert len(found) == sum(map(len, named.values()))
    assert all(("target" in row) != ("product" in row) for row in found.values())
    assert {row["target"] for row in found.values() if "target" in row} == cells(source, "actors").keys()


def test_an_order_on_goods_of_a_place_names_product_and_country(tmp_path: Path) -> None:
    entities = describe("cbp")["lookups"]["entities"]
    (cell,) = (cell for cell, entries in entities.items() if "eastern-drc-gold" in str(entries))
    row = f'"{cell}",Democratic Republic of the Congo,All,11/16/2022,WRO'
    found = cells(read("cbp", orders_file(tmp_path, row)))["eastern-drc-gold-wro-2022-11-16"]
    assert (found["product"], found["country"], found["effect"]) == ("7108", "CD", "withhold")
    assert "target" not in found
    assert "Wider than the order" in found["note"]


def test_an_order_and_a_later_finding_stand_against_one_actor(tmp_path: Path) -> None:
    rows = ("Widgets,China,All,3/5/2018,WRO", "Widgets,China,All,4/6/2020,Finding")
    source = read("cbp", orders_file(tmp_path, *rows))
    assert list(cells(source, "actors")) == ["widgets"]
    effects = {key: (row["target"], row["effect"]) for key, row in cells(source).items()}
    assert effects == {
        "widgets-wro-2018-03-05": ("widgets", "withhold"),
        "widgets-finding-2020-04-06": ("widgets", "seize"),
    }
