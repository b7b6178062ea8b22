"""The adapter of the list of goods by country (ilab); what the adapters of lists share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from opentier.graph.contribution.foreign import Source, convert, describe
from opentier.graph.model.tables import TABLES
from opentier.graph.report.report import Finding, Report


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
        "product": "gold",
        "country": "MM",
        "effect": "advisory",
        "exploitation": "forced-labour",
        "observed_date": "2022",
        "note": f"Listed as Gold. HS by hand: {describe('ilab')['lookups']['goods']['Gold']['note']}"
        " First seen in the edition of 2022 or before; last seen in that of 2022.",
    }


def test_two_goods_of_one_heading_are_each_called_as_the_list_prints_them(tmp_path: Path) -> None:
    goods = ("Polysilicon", "Photovoltaic Ingots", "Cotton")
    source = read("ilab", goods_file(tmp_path, *((good, "China", "") for good in goods)))
    products = cells(source, "products")
    told = {key: products[row["product"]] for key, row in cells(source).items()}
    assert {key: (row["name"], row["hs"]) for key, row in told.items()} == {
        "polysilicon-cn": ("Polysilicon", "280461"),
        "photovoltaic-ingots-cn": ("Photovoltaic Ingots", "280461"),
        "cotton-cn": ("Cotton", "5201"),
    }
    assert not any("scope_products" in row for row in cells(source).values())


def test_a_good_of_several_headings_is_one_listing_with_its_headings(tmp_path: Path) -> None:
    source = read("ilab", goods_file(tmp_path, ("Garments", "India", "")))
    (row,) = cells(source).values()
    assert (row["id"], row["product"], row["scope_products"]) == ("garments-in", "garments", "61|62")
    assert cells(source, "products")["garments"]["name"] == "Garments"


def test_a_good_is_seen_in_editions_and_never_dated_by_the_newest(tmp_path: Path) -> None:
    editions = {
        "goods_2016.xml": [
            ("Gold", "Peru", ""),
            ("Miraa (stimulant plant)", "Kenya", ""),
            ("Cotton", "India", ""),
        ],
        "goods_2019.xml": [("Gold", "Peru", ""), ("Khat/Miraa (stimulant plant)", "Kenya", "")],
        "goods_2021.xml": [
            ("Gold", "Peru", ""),
            ("Khat/Miraa (stimulant plant)", "Kenya", ""),
            ("Tea", "India", ""),
        ],
    }
    for name, records in editions.items():
        goods_file(tmp_path, *records, name=name)
    source = read("ilab", tmp_path)
    found = cells(source)
    assert {key: row["observed_date"] for key, row in found.items()} == {
        "gold-pe": "2016",
        "khat-miraa-stimulant-plant-ke": "2016",
        "cotton-in": "2016",
        "tea-in": "2022",
    }
    assert not any({"listing_date", "effective_date"} & set(row) for row in found.values())
    assert found["gold-pe"]["note"].endswith("in the edition of 2016 or before; last seen in that of 2022.")
    assert found["tea-in"]["note"].endswith(
        "in the edition of 2022, not in that of 2019; last seen in that of 2022."
    )
    (change,) = [row.cells for row in source.tables["status_changes"]]
    assert (change["designation"], change["status"], change["date"]) == ("cotton-in", "revoked", "2019")
    assert found["cotton-in"]["status"] == "revoked"
    assert source.edition == "2022"


def test_what_a_later_edition_took_off_is_marked_so(tmp_path: Path) -> None:
    source = read("ilab", goods_file(tmp_path, ("Shrimp", "Thailand", ""), ("Shrimp", "Bangladesh", "")))
    (change,) = [row.cells for row in source.tables["status_changes"]]
    assert (change["designation"], change["date"]) == ("shrimp-th", "2024-09-05")
    assert {key: row.get("status") for key, row in cells(source).items()} == {
        "shrimp-th": "revoked",
        "shrimp-bd": None,
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


def test_a_short_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    source = read("ilab", goods_file(tmp_path, ("Gold", "Peru", "")))
    assert not source.report.conforms
    text = source.report.to_text()
    assert "The file has 1 records; 440 to 800 are expected." in text
    assert "467 goods of countries" in text
    assert "`expected` in adapters/ilab.toml" in text


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
    assert source.report.counts() == {"rows": 2120, "accepted": 2113, "warned": 7, "refused": 0}
    assert source.report.conforms
    newest = {row.where for row in source.tables["designations"] if row.where.file == "goods_2021.xml"}
    assert newest == {where for where in source.report.rows if where.file == "goods_2021.xml"}
    assert (len(newest), len(found), len(source.tables["designations"])) == (467, 475, 475)
    goods = cells(source, "products")
    several = [row for row in found.values() if "hs" not in goods[row["product"]]]
    assert {row["product"] for row in several if "scope_products" not in row} == {"pornography"}
    assert sum("Derived:" in row["note"] for row in found.values()) == 10
    off = {row.cells["designation"]: row.cells["date"] for row in source.tables["status_changes"]}
    assert off == {
        **dict.fromkeys(("cotton-py", "sugarcane-pa", "physic-nuts-castor-beans-mm"), "2017"),
        "cattle-na": "2019",
        **dict.fromkeys(("cotton-uz", "oil-palm-id", "oil-palm-my", "oil-palm-sl"), "2022"),
        **dict.fromkeys(describe("ilab")["lookups"]["removed"], "2024-09-05"),
    }
    wanted = {
        "crude-palm-oil-id": ("151110", "ID", None, "2022"),
        "palm-fruit-my": ("120710", "MY", "forced-labour|child-labour", "2022"),
        "gold-cd": ("7108", "CD", "forced-labour|child-labour|forced-child-labour", "2016"),
        "tin-ore-cassiterite-cd": ("260900", "CD", "forced-labour|child-labour|forced-child-labour", "2016"),
        "tantalum-ore-coltan-cd": ("261590", "CD", "forced-labour|child-labour|forced-child-labour", "2016"),
        "tungsten-ore-wolframite-cd": (
            "261100",
            "CD",
            "forced-labour|child-labour|forced-child-labour",
            "2016",
        ),
        "cotton-tm": ("5201", "TM", "forced-labour|child-labour", "2016"),
        "hazelnuts-tr": ("hazelnuts", "TR", "child-labour", "2016"),
    }
    for key, (product, country, exploitation, seen) in wanted.items():
        row = found[key]
        good = goods[row["product"]].get("hs", row["product"])
        assert (good, row["country"], row.get("exploitation")) == (product, country, exploitation)
        assert row["observed_date"] == seen


@pytest.mark.parametrize(("year", "records"), [(2016, 379), (2017, 418), (2018, 418), (2019, 438)])
def test_earlier_editions_are_read_as_files(shared: Path, year: int, records: int) -> None:
    counts = read("ilab", shared / "data" / "ilab_goods" / f"goods_{year}.xml").report.counts()
    assert (counts["rows"], counts["refused"]) == (records, 0)
