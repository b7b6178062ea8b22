"""The Table Schema of a resource: cells are read as it says; where it and the table contradict, that is told."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentier.graph.admission import admission
from opentier.graph.contribution import submission
from opentier.graph.contribution.submission import Options
from opentier.graph.intake import writings
from opentier.graph.intake.writings import Writing
from opentier.graph.report.report import Report
from opentier.graph.written.faults import CellError
from tests.counts import runs
from tests.sheets import Table, xlsx

FIELDS: dict[str, dict[str, Any]] = {
    "buyer": {}, "supplier": {}, "start_date": {"type": "date", "format": "%d/%m/%Y"},
    "value": {"type": "number", "decimalChar": ",", "groupChar": "."},
    "shipments": {"type": "integer", "bareNumber": False},
    "crucial": {"type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]},
}  # fmt: skip
ROW = 'a,b,31/12/2023,"1.234,5",12 Stück,ja'


def package(folder: Path, schema: object, links: str, **more: Any) -> Path:
    """Write a package of two actors and their links, which have a schema."""
    folder.mkdir(exist_ok=True)
    described = {
        "name": "case", "licenses": [{"name": "CC0-1.0"}],
        "resources": [
            {"name": "actors", "path": "actors.csv"},
            {"name": "supply-links", "path": "links.csv", "schema": schema, **more},
        ],
    }  # fmt: skip
    (folder / "datapackage.json").write_text(json.dumps(described), "utf-8")
    (folder / "actors.csv").write_text("id,name\na,A\nb,B\n", "utf-8")
    (folder / "links.csv").write_text(links, "utf-8")
    return folder


def schema(**changed: dict[str, Any] | None) -> dict[str, Any]:
    """Return the schema of the links, with some fields changed or left out."""
    said = {**FIELDS, **changed}
    return {"fields": [{"name": name, **each} for name, each in said.items() if each is not None]}


def links(*rows: str, header: str = ",".join(FIELDS)) -> str:
    return "\n".join([header, *rows]) + "\n"


def report(path: Path) -> Report:
    return admission.validate(path, Options(), None, lambda stage, done, total: None)


def values(path: Path, scratch: Path) -> list[dict[str, str]]:
    """Return the cells of the links as they are read."""
    found = submission.read(path, Options(), scratch)
    assert found.report.conforms, found.report.to_text()
    return [dict(row.cells) for row in found.tables["supply_links"]]


def error(path: Path) -> tuple[str | None, str, str]:
    """Return the column, the value and the text of the only error of a package."""
    found = report(path)
    (one,) = [each for each in found.sorted() if each.blocks]
    return one.column, one.value or "", f"{one.message} {one.advice}"


def test_cells_are_read_as_the_schema_says(tmp_path: Path) -> None:
    path = package(tmp_path / "p", schema(), links(ROW, 'a,b,01/02/2024,"12,25",3,nein'))
    assert values(path, tmp_path) == [
        {"buyer": "a", "supplier": "b", "start_date": "2023-12-31", "value": "1234.5", "shipments": "12",
         "crucial": "true"},
        {"buyer": "a", "supplier": "b", "start_date": "2024-02-01", "value": "12.25", "shipments": "3",
         "crucial": "false"},
    ]  # fmt: skip
    found = report(path)
    assert found.conforms
    assert not [each for each in found.findings if each.severity == "warning"]


@pytest.mark.parametrize(
    ("name", "said", "text", "value"),
    [
        ("start_date", {"type": "date", "format": "fmt:%d.%m.%y"}, "31.12.23", "2023-12-31"),
        ("start_date", {"type": "date", "format": "%m/%Y"}, "06/2024", "2024-06"),
        ("start_date", {"type": "date", "format": "%Y"}, "2024", "2024"),
        ("start_date", {"type": "datetime", "format": "%d/%m/%Y %H:%M"}, "30/06/2024 23:59", "2024-06-30"),
        ("start_date", {"type": "date", "format": "%d %b %Y"}, "5 Mar 2024", "2024-03-05"),
        ("start_date", {"type": "date", "format": "any"}, "2024-06-30", "2024-06-30"),
        ("value", {"type": "number", "groupChar": ","}, '"1,234,567.8"', "1234567.8"),
        ("value", {"type": "number", "groupChar": " ", "decimalChar": ","}, '"1\u00a0234,5"', "1234.5"),
        ("value", {"type": "number", "bareNumber": False}, "EUR 95.5", "95.5"),
        ("value", {"type": "number", "bareNumber": False}, "95 %", "95"),
        ("value", {"type": "number", "bareNumber": False}, "€-7", "-7"),
        ("value", {"type": "number", "missingValues": ["k. A."]}, "k. A.", None),
        ("value", {"missingValues": [{"value": "-99", "label": "REFUSED"}]}, "-99", None),
        ("evidence", {"type": "list", "delimiter": ";"}, "e1; e2", "e1|e2"),
        ("evidence", {"type": "list"}, '"e1,e2"', "e1|e2"),
    ],
)
def test_each_property_of_the_standard_is_honoured(
    name: str, said: dict[str, Any], text: str, value: str | None, tmp_path: Path
) -> None:
    fields = {"fields": [{"name": "buyer"}, {"name": "supplier"}, {"name": name, **said}]}
    path = package(tmp_path / "p", fields, links(f"a,b,{text}", header=f"buyer,supplier,{name}"))
    (row,) = values(path, tmp_path)
    assert row.get(name) == value


def test_missing_values_of_a_field_take_the_place_of_those_of_the_schema(tmp_path: Path) -> None:
    said = {
        **schema(value={"type": "number", "missingValues": ["x"]}),
        "missingValues": ["-", {"value": "?"}],
    }
    path = package(tmp_path / "p", said, links("a,b,-,x,?,-"))
    assert values(path, tmp_path) == [{"buyer": "a", "supplier": "b"}]
    column, value, _ = error(package(tmp_path / "q", said, links("a,b,-,-,?,-")))
    assert (column, value) == ("value", "-")


@pytest.mark.parametrize(
    ("row", "column", "value", "said"),
    [
        ("a,b,2023-12-31,1,1,ja", "start_date", "2023-12-31", "31/12/2024"),
        ("a,b,31/02/2023,1,1,ja", "start_date", "31/02/2023", "DD/MM/YYYY"),
        ("a,b,,12.5,1,ja", "value", "12.5", "1.234,5"),
        ("a,b,,1.5.2,1,ja", "value", "1.5.2", "1.234,5"),
        ("a,b,,,none,ja", "shipments", "none", "correct what is said of the column"),
        ("a,b,,,1,yes", "crucial", "yes", "ja, nein"),
    ],
)
def test_a_cell_that_is_not_as_the_schema_says_is_an_error_with_its_text(
    row: str, column: str, value: str, said: str, tmp_path: Path
) -> None:
    found = error(package(tmp_path / "p", schema(), links(row)))
    assert found[:2] == (column, value)
    assert said in found[2]


def test_what_is_wrong_with_a_value_shows_the_text_of_the_file(tmp_path: Path) -> None:
    column, value, text = error(package(tmp_path / "p", schema(), links("a,b,01/01/2999,,,")))
    assert (column, value, "impossible" in text) == ("start_date", "01/01/2999", True)


def test_cells_that_are_numbers_and_dates_as_such_are_read_as_such(tmp_path: Path) -> None:
    path = package(tmp_path / "p", schema(), "", path="links.xlsx")
    rows: Table = [list(FIELDS), ["a", "b", datetime.date(2023, 12, 31), 1.234, 5, "ja"],
            ["b", "a", "30/06/2024", "1.234,5", "5 Stück", True]]  # fmt: skip
    xlsx(path / "links.xlsx", {"Links": rows})
    read = [(row["start_date"], row["value"], row["crucial"]) for row in values(path, tmp_path)]
    assert read == [("2023-12-31", "1.234", "true"), ("2024-06-30", "1234.5", "true")]


def test_rows_in_the_descriptor_have_a_schema_too(tmp_path: Path) -> None:
    path = package(tmp_path / "p", schema(), links(ROW))
    described = json.loads((path / "datapackage.json").read_text("utf-8"))
    resource = described["resources"][1]
    del resource["path"]
    resource["data"] = [dict(zip(FIELDS, ["a", "b", "31/12/2023", 1.234, 12, "nein"], strict=True))]
    (path / "datapackage.json").write_text(json.dumps(described), "utf-8")
    (row,) = values(path, tmp_path)
    assert (row["start_date"], row["value"], row["crucial"]) == ("2023-12-31", "1.234", "false")


# --- the schema and the table -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("match", "header", "fine"),
    [
        ("exact", "buyer,supplier,value", True),
        ("exact", "Buyer,supplier ,Value", True),
        ("exact", "supplier,buyer,value", True),
        ("exact", "buyer,supplier", False),
        ("exact", "buyer,supplier,value,share", False),
        ("equal", "supplier,value,buyer", True),
        ("equal", "buyer,supplier,value,share", False),
        ("subset", "buyer,supplier,value,share", True),
        ("subset", "buyer,supplier,share", False),
        ("superset", "buyer,supplier", True),
        ("superset", "buyer,supplier,share", False),
        ("partial", "buyer,supplier,share", True),
        (["subset"], "buyer,supplier,value,share", True),
    ],
)
def test_fields_and_columns_fit_as_the_schema_says(
    match: object, header: str, fine: bool, tmp_path: Path
) -> None:
    said = {"fields": [{"name": name} for name in ("buyer", "supplier", "value")], "fieldsMatch": match}
    row = ",".join(
        {"buyer": "a", "supplier": "b"}.get(name.strip().lower(), "1") for name in header.split(",")
    )
    path = package(tmp_path / "p", said, links(row, header=header))
    if fine:
        assert report(path).conforms, report(path).to_text()
    else:
        assert "fieldsMatch" in error(path)[2]


def test_the_column_of_problems_needs_no_field(tmp_path: Path) -> None:
    path = package(tmp_path / "p", schema(), links(f"{ROW},odd", header=f"{','.join(FIELDS)},problem"))
    assert len(values(path, tmp_path)) == 1


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"fields": "x"}, "no fields"),
        ({}, "no fields"),
        (["buyer"], "no object"),
        ({"fields": [{"title": "x"}]}, "no name"),
        ({"fields": [{"name": "x", "type": "banana"}]}, "banana"),
        ({"fields": [{"name": "x", "type": ["date"]}]}, "no type"),
        (schema(start_date={"type": "date", "format": "%d/%m"}), "no year"),
        (schema(start_date={"type": "date", "format": "%d/%m/%Y%"}), "cannot be used"),
        (schema(start_date={"type": "date", "format": "DD/MM/YYYY"}), "strptime"),
        (schema(start_date={"type": "date", "format": 5}), "no text"),
        (schema(value={"type": "number", "groupChar": ".", }), "the same"),
        (schema(value={"type": "number", "decimalChar": 5}), "decimalChar"),
        (schema(shipments={"type": "integer", "bareNumber": "no"}), "bareNumber"),
        (schema(crucial={"type": "boolean", "trueValues": ["1"]}), None),
        (schema(crucial={"type": "boolean", "trueValues": ["0"]}), "both true and false"),
        (schema(crucial={"type": "boolean", "trueValues": "ja"}), "trueValues"),
        ({**schema(), "missingValues": "-"}, "missingValues"),
        ({**schema(), "missingValues": [{"label": "x"}]}, "missingValues"),
        ({**schema(), "fieldsMatch": "roughly"}, "fieldsMatch"),
        ("../schema.json", "leaves the package"),
        ("links.csv", "not JSON"),
        ("nothing.json", "no such file"),
    ],
)  # fmt: skip
def test_a_schema_that_is_none_is_refused_with_what_to_do(
    said: object, told: str | None, tmp_path: Path
) -> None:
    found = report(package(tmp_path / "p", said, links("a,b,,,,")))
    assert found.conforms == (told is None), found.to_text()
    assert told is None or told in found.to_text()


def test_what_a_schema_says_beside_is_for_other_readers(tmp_path: Path) -> None:
    said = {
        **schema(value={"type": "number", "decimalChar": ",", "unit": "EUR", "rdfType": "http://x/y"}),
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json", "primaryKey": "buyer", "own": {"x": 1},
    }  # fmt: skip
    assert report(package(tmp_path / "p", said, links(ROW.replace("1.", "1")))).conforms


def test_a_schema_may_be_a_file_of_the_package_and_is_part_of_it(tmp_path: Path) -> None:
    path = package(tmp_path / "p", "links.schema.json", links(ROW))
    kept = path / "links.schema.json"
    kept.write_text(json.dumps(schema()), "utf-8")
    assert values(path, tmp_path)[0]["start_date"] == "2023-12-31"
    first = submission.read(path, Options(), tmp_path).checksum
    kept.write_text(json.dumps(schema(start_date={"type": "date", "format": "%m/%d/%Y"})), "utf-8")
    assert submission.read(path, Options(), tmp_path).checksum != first


# --- one writing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1,234.5", "1.23", "12,3,4", "1e5", "", "12-", ",", "."])
def test_a_number_that_is_written_otherwise_is_none(text: str) -> None:
    with pytest.raises(CellError, match=r"1\.234,5"):
        Writing(decimal=",", group=".").read(text)


def test_a_minus_behind_a_number_is_not_lost() -> None:
    with pytest.raises(CellError):
        Writing(bare=False).read("95 EUR-")


@pytest.mark.parametrize("pattern", ["%d/%m/%Y", "%Y%m%d", "%B %Y", "%d.%m.%y", "%j/%Y"])
def test_a_pattern_reads_what_it_writes(pattern: str) -> None:
    assert writings.fault(pattern) == ""
    assert "2024-12-31".startswith(Writing(date=pattern).read(writings.example(pattern)))


def written(number: Decimal, group: str, point: str) -> str:
    """Return a number with a sign between thousands and a decimal point of its own."""
    return f"{number:,f}".replace(",", "\0").replace(".", point).replace("\0", group)


@runs(300)
@given(
    st.lists(
        st.decimals(-10_000_000, 10_000_000, places=2) | st.integers(-9_999_999, 9_999_999).map(Decimal),
        max_size=6,
    ),
    st.sampled_from([(".", ","), (" ", ","), ("'", "."), (",", "."), (" ", "."), ("", ","), ("", ".")]),
)
def test_a_column_of_numbers_is_read_right_or_not_at_all(
    numbers: list[Decimal], signs: tuple[str, str]
) -> None:
    texts = [written(number, *signs) for number in numbers]
    form = writings.numbers(texts)
    if form:
        assert [Decimal(writings.given(form, typed=False).read(text)) for text in texts] == numbers
    elif any("," in text or " " in text or "'" in text for text in texts):
        assert all(text.count(".") + text.count(",") < 2 for text in texts)  # nothing shows which is which
