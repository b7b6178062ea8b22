"""The adapter of ILAB's country profiles (ilab-profiles): children at work, by country, age and sector."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from opentier.graph.contribution.foreign import Source
from tests.foreign import cells, read, told

NAME = "countries_2021.xml"
WORK = "Country_Statistics/Children_Work_Statistics/"
SAID = {
    "Age_Range": "5-14",
    "Total_Percentage_of_Working_Children": "0.12",
    "Total_Working_Population": "1000",
    "Agriculture": "0.875",
    "Industry": "0.029",
    "Services": "0.096",
}


def profile(country: str = "Peru", both: str = "0.065", more: str = "", **said: str) -> str:
    """Return a profile, with what it says beside an invented one."""
    work = "".join(f"<{name}>{text}</{name}>" for name, text in {**SAID, **said}.items())
    return (
        f"<Country><Name>{country}</Name><Description>Long.</Description><Country_Statistics>"
        f"<Children_Work_Statistics>{work}</Children_Work_Statistics><Children_Working_and_Studying_7-14_yrs_old>"
        f"<Age_Range>7-14</Age_Range><Total>{both}</Total></Children_Working_and_Studying_7-14_yrs_old>"
        f"</Country_Statistics>{more}</Country>"
    )


def profiles(folder: Path, *texts: str, name: str = NAME) -> Source:
    path = folder / name
    path.write_text(f"<Countries>{''.join(texts)}</Countries>", "utf-8")
    return read("ilab-profiles", path)


def figures(source: Source) -> list[tuple[str, str, str | None, str | None]]:
    return [
        (row["value"], row["unit"], row.get("sector"), row.get("population"))
        for row in cells(source, "observations")
    ]


def test_a_profile_gives_observations_in_percent_with_their_age(tmp_path: Path) -> None:
    source = profiles(tmp_path, profile())
    assert told(source) == []
    assert figures(source) == [
        ("12", "percent of children aged 5-14", None, None),
        ("1000", "children at work aged 5-14", None, None),
        ("6.5", "percent of children who work and go to school, aged 7-14", None, None),
        ("87.5", "percent of working children aged 5-14", "A", "1000"),
        ("2.9", "percent of working children aged 5-14", "B-F", "1000"),
        ("9.6", "percent of working children aged 5-14", "G-U", "1000"),
    ]
    first = cells(source, "observations")[0]
    assert (first["indicator"], first["area"], first["period"]) == ("children-under-15", "PE", "2022")
    assert first["method"].endswith("the years of the surveys are not stated.")
    assert source.edition == "2022"


def test_what_is_unavailable_is_not_zero(tmp_path: Path) -> None:
    nothing = dict.fromkeys(
        ("Agriculture", "Industry", "Services", "Total_Working_Population"), "Unavailable"
    )
    source = profiles(tmp_path, profile(**{**nothing, "Industry": "0"}))
    assert told(source) == []
    assert [(value, sector) for value, _, sector, _ in figures(source)] == [
        ("12", None),
        ("6.5", None),
        ("0", "B-F"),
    ]


def test_a_profile_without_figures_is_left_out(tmp_path: Path) -> None:
    source = profiles(tmp_path, "<Country><Name>Chad</Name></Country>", profile())
    (finding,) = told(source)
    assert (finding.severity, finding.row, finding.value) == ("refused", 1, "Chad")
    assert {row["area"] for row in cells(source, "observations")} == {"PE"}


@pytest.mark.parametrize(
    ("said", "column", "value"),
    [
        ({"Total_Percentage_of_Working_Children": "2.84"}, "Total_Percentage_of_Working_Children", "2.84"),
        ({"Agriculture": "many"}, "Agriculture", "many"),
        ({"Total_Working_Population": "1.5 million"}, "Total_Working_Population", "1.5 million"),
    ],
)
def test_a_figure_that_can_be_none_is_left_out_with_a_warning(
    tmp_path: Path, said: dict[str, str], column: str, value: str
) -> None:
    source = profiles(tmp_path, profile(**said))
    (finding,) = told(source)
    assert (finding.severity, finding.row, finding.column, finding.value) == (
        "warning",
        1,
        f"{WORK}{column}",
        value,
    )
    assert len(figures(source)) == 5


def test_a_figure_without_an_age_is_left_out(tmp_path: Path) -> None:
    source = profiles(tmp_path, profile(Age_Range=""))
    assert {found.severity for found in told(source)} == {"warning"}
    assert [unit for _, unit, _, _ in figures(source)] == [
        "percent of children who work and go to school, aged 7-14"
    ]


def test_two_figures_for_parts_without_a_name_are_left_out(tmp_path: Path) -> None:
    source = profiles(tmp_path, profile(both="0.047</Total><Total>0.066"))
    (finding,) = told(source)
    assert (finding.severity, finding.value) == ("warning", "0.047 | 0.066")
    assert len(figures(source)) == 5


def test_an_unknown_country_leaves_its_profile_out(tmp_path: Path) -> None:
    (finding,) = told(profiles(tmp_path, profile("Atlantis"), profile()))
    assert (finding.severity, finding.row, finding.column, finding.value) == (
        "refused",
        1,
        "Name",
        "Atlantis",
    )


def test_an_unknown_element_is_an_error_told_once_and_nothing_is_read(tmp_path: Path) -> None:
    odd = "<Country_Shoes><Size>46</Size></Country_Shoes>"
    source = profiles(tmp_path, profile(), profile("Chad", more=odd), profile("Togo", more=odd))
    (finding,) = told(source)
    assert (finding.severity, finding.row, finding.column) == ("error", 2, "Country_Shoes/Size")
    assert not source.tables


def test_a_file_of_an_unknown_edition_or_of_few_profiles_is_refused(tmp_path: Path) -> None:
    source = profiles(tmp_path, profile(), name="countries.xml")
    assert [found.severity for found in told(source)] == ["error"]
    source = profiles(tmp_path, profile())
    assert "The file has 1 records; 120 to 200 are expected." in source.report.to_text()
    assert not source.report.conforms


def test_goods_are_left_to_the_list_of_goods(tmp_path: Path) -> None:
    goods = "<Goods><Good><Good_Name>Gold</Good_Name></Good></Goods>"
    source = profiles(tmp_path, profile(more=goods))
    assert told(source) == []
    assert list(source.tables) == ["observations"]


def test_the_real_profiles_are_read_to_the_last_one(shared: Path) -> None:
    folder = shared / "data" / "ilab_goods"
    root = ElementTree.parse(folder / NAME).getroot()
    source = read("ilab-profiles", folder)
    assert source.report.conforms
    counts = source.report.counts()
    assert counts["rows"] == len(root) == 143
    assert (counts["warned"], counts["refused"]) == (1, 39)
    wanted = {
        row["area"]: row["value"]
        for row in cells(source, "observations")
        if row["unit"].startswith("percent of children aged")
    }
    stated = [
        element.text or "" for element in root.iterfind(f"Country/{WORK}Total_Percentage_of_Working_Children")
    ]
    shares = [Decimal(text) for text in stated if text[:1].isdigit()]
    assert len(wanted) == len(shares) - 1  # Montserrat's has no age
    assert sum(map(Decimal, wanted.values())) == 100 * (sum(shares) - Decimal("0.968"))
    assert {found.row for found in told(source, "warning")} == {73, 83, 113}
