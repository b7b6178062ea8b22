"""Cells that are corrected on their way in: which are meant, what is read, what stays as it was, what is kept of it."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from opentier.graph import Graph
from opentier.graph.admission import admission
from opentier.graph.contribution import originals
from opentier.graph.contribution.bare import Asked
from opentier.graph.contribution.submission import CORRECTED, Options
from opentier.graph.errors import UsageError
from opentier.graph.intake import corrections
from opentier.graph.intake.corrections import Correction, Corrector
from opentier.graph.jobs.progress import silent
from opentier.graph.report.report import Report
from tests.sheets import xlsx
from tests.test_pages_contribute import arrived, checked, data, own, sent

if TYPE_CHECKING:
    from tests.conftest import Command

__all__ = ["data", "own"]

TIERS = """Supplier;Country of supplier;Customer;HS code;Start
Vinh Phuc (invented);Chnia;Aurora (invented);610910;2023-01-01
Dhaka Knit (invented);Bangladesh;Aurora (invented);61091;01/03/2023
Cotton Cluster (invented);Chnia;Aurora (invented);5201;Q1 2023
Hill Mill (invented);;;5201;
"""
ACTORS = "id,name,country,identifiers\na,Amber Mill (invented),XX,\nb,,IN,lei:12|imo:9074729\n"


def asked(*corrected: Correction, **said: str | bool) -> Options:
    table = said.pop("table", "")
    assert isinstance(table, str)
    told = {"dataset": "tiers", "licence": "CC0-1.0", "publisher": "Somebody", **said}
    return Options(corrected=corrected, asked=Asked(table=table), **told)  # type: ignore[arg-type]


def put(folder: Path, text: str = TIERS, name: str = "tiers.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def validate(path: Path, options: Options) -> Report:
    return admission.validate(path, options, None, silent)


def wrong(report: Report) -> list[tuple[int | None, str | None, str]]:
    return [(each.row, each.column, each.message) for each in report.sorted() if each.blocks]


def instead(path: Path, report: Report, options: Options) -> list[list[str]]:
    """Return the table that is given back."""
    target = path.parent / "given-back.csv"
    originals.annotated(path, options, report, target, path.parent)
    return list(csv.reader(io.StringIO(target.read_text("utf-8-sig")), delimiter=";"))


def test_a_cell_is_named_by_its_header_or_by_what_findings_call_its_column(tmp_path: Path) -> None:
    path = put(tmp_path)
    first = validate(path, asked())
    assert [row for row, column, _ in wrong(first) if column == "start_date"] == [3, 4]
    options = asked(
        Correction("tiers.csv", 3, "start_date", "01/03/2023", "2023-03-01", "key-1", "2026-11-27T10:00:00Z"),
        Correction("tiers.csv", 4, "Start", "Q1 2023", "2023-01"),
        Correction("tiers.csv", None, "country", "Chnia", "CN"),
        Correction("tiers.csv", 3, "product", "61091", "610910"),
        Correction("tiers.csv", 5, "Customer", "", "Aurora (invented)"),
    )
    before = path.read_bytes()
    report = validate(path, options)
    assert wrong(report) == []
    assert [(each.row, each.column, each.old, each.new) for each in report.corrected] == [
        (2, "Country of supplier", "Chnia", "CN"), (3, "Start", "01/03/2023", "2023-03-01"),
        (3, "HS code", "61091", "610910"), (4, "Start", "Q1 2023", "2023-01"),
        (4, "Country of supplier", "Chnia", "CN"), (5, "Customer", "", "Aurora (invented)"),
    ]  # fmt: skip
    _, *rows = instead(path, report, options)
    assert rows[1][:5] == ["Dhaka Knit (invented)", "Bangladesh", "Aurora (invented)", "610910", "2023-03-01"]
    assert "corrected: Start said '01/03/2023' (by key-1, 2026-11-27)" in rows[1][5]
    assert "said nothing" in rows[3][5]
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("correction", "row", "said"),
    [
        (Correction("tiers.csv", 3, "Start", "2 March", "2023-03-02"), 3, "it says '01/03/2023'"),
        (Correction("tiers.csv", 77, "Start", "Q1 2023", "2023-01"), None, "no row 77"),
        (Correction("tiers.csv", 1, "Start", "Start", "End"), None, "no row 1 below the header"),
        (Correction("tiers.csv", 3, "Beginning", "Q1 2023", "2023-01"), 3, "no such column"),
        (Correction("tiers.csv", None, "Start", "never", "2023-01"), None, "No row says 'never'"),
    ],
)
def test_a_correction_that_finds_no_cell_is_an_error_and_changes_nothing(
    tmp_path: Path, correction: Correction, row: int | None, said: str
) -> None:
    report = validate(put(tmp_path), asked(correction))
    assert report.corrected == []
    found = [message for at, column, message in wrong(report) if at == row and column == correction.column]
    assert [message for message in found if said in message]


def test_a_correction_of_another_file_is_an_error(tmp_path: Path) -> None:
    path = put(tmp_path, TIERS.splitlines()[0] + "\nA (invented);CN;B (invented);5201;2023\n")
    report = validate(path, asked(Correction("other.csv", 2, "Start", "2023", "2024")))
    assert [(row, "'other.csv'" in message) for row, _, message in wrong(report)] == [(None, True)]


def test_a_cell_that_is_as_it_is_corrected_to_needs_no_correction(tmp_path: Path) -> None:
    """The file with notes has them in its cells: it can be sent again with the same corrections."""
    options = asked(
        Correction("tiers.csv", 3, "Start", "01/03/2023", "2023-03-01"),
        Correction("tiers.csv", None, "Start", "Q1 2023", "2023-01"),
    )
    path = put(tmp_path, TIERS.replace("01/03/2023", "2023-03-01").replace("Q1 2023", "2023-01"))
    report = validate(path, options)
    assert report.corrected == []
    assert not [message for _, column, message in wrong(report) if column == "Start"]


def test_one_of_several_values_and_an_identifier_of_a_column_of_its_own_are_corrected(tmp_path: Path) -> None:
    path = put(tmp_path, ACTORS, "actors.csv")
    corrected = [
        Correction("actors.csv", 2, "country", "XX", "IN"), Correction("actors.csv", 3, "name", "", "Bee (invented)"),
        Correction("actors.csv", 3, "identifiers", "lei:12", ""),
    ]  # fmt: skip
    report = validate(path, asked(*corrected, table="actors"))
    assert wrong(report) == []
    assert ("identifiers", "lei:12|imo:9074729", "imo:9074729") in [
        (each.column, each.old, each.new) for each in report.corrected
    ]
    path = put(tmp_path, "Name,Country,LEI\nAmber Mill (invented),IN,12\n", "mills.csv")
    fitting = Correction("mills.csv", 2, "identifiers", "lei:12", "529900T8BM49AURSDO55")
    options = Options(licence="CC0-1.0", publisher="Somebody", asked=Asked(("lei=LEI",), table="actors"))
    report = validate(path, replace(options, corrected=(fitting,)))
    assert [(each.column, each.old, each.new) for each in report.corrected] == [("LEI", "12", fitting.new)]
    assert wrong(report) == []


def test_tables_of_a_package_and_sheets_are_corrected_by_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    put(folder, ACTORS, "actors.csv")
    descriptor = {"name": "tiers", "resources": [{"name": "actors", "path": "actors.csv"}]}
    put(folder, json.dumps(descriptor), "datapackage.json")
    mended = [
        Correction("actors.csv", 2, "country", "XX", "IN"), Correction("actors.csv", 3, "name", "", "B (invented)"),
        Correction("actors.csv", 3, "identifiers", "lei:12", ""),
    ]  # fmt: skip
    assert wrong(validate(folder, asked(*mended))) == []
    book = tmp_path / "book.xlsx"
    xlsx(book, {"Our mills": [["Name", "Country"], ["Amber Mill (invented)", "XX"]]})
    at = [(each.file, each.row) for each in validate(book, asked(table="actors")).findings if each.blocks]
    assert at == [("book.xlsx, sheet Our mills", 2)]
    correction = Correction("book.xlsx, sheet Our mills", 2, "Country", "XX", "IN")
    report = validate(book, asked(correction, table="actors"))
    assert wrong(report) == []
    assert [each.new for each in report.corrected] == ["IN"]


def test_what_was_corrected_is_kept_beside_the_file_and_not_in_what_is_told(tmp_path: Path) -> None:
    path = put(
        tmp_path, "id,name,country\na,Amber Mill (invented),XX\nb,Bee Mill (invented),IN\n", "actors.csv"
    )
    before, graph = path.read_bytes(), Graph.open(tmp_path / "data", create=True)
    mended = Correction("actors.csv", 2, "country", "XX", "IN", "key-1", "2026-11-27T10:00:00Z")
    version = graph.contribute(path, asked(mended, table="actors")).version
    [kept] = (tmp_path / "data").rglob("original.zip")
    with zipfile.ZipFile(kept) as archive:
        assert archive.read("actors.csv") == before
        [said] = json.loads(archive.read(CORRECTED))
    assert said == {
        "file": "actors.csv", "row": 2, "column": "country", "old": "XX", "new": "IN", "by": "key-1",
        "when": "2026-11-27T10:00:00Z",
    }  # fmt: skip
    told = (kept.parent / "report.json").read_text("utf-8")
    assert "This cell was corrected" in told
    assert "XX" not in told
    other = Correction("actors.csv", 2, "country", "XX", "CN")
    assert graph.contribute(path, asked(other, table="actors")).version.number == version.number + 1
    hidden = Options(dataset="nobodys", licence="CC0-1.0", asked=Asked(table="actors"), anonymous=True,
                     corrected=(Correction("nobodys.csv", 2, "country", "XX", "IN", "key-1"),))  # fmt: skip
    graph.contribute(path, hidden)
    for file in (tmp_path / "data").rglob("original.zip"):
        with zipfile.ZipFile(file) as archive:
            if "nobodys.csv" in archive.namelist():
                assert "key-1" not in archive.read(CORRECTED).decode()


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=6)


@given(st.lists(st.lists(texts, min_size=2, max_size=4), min_size=1, max_size=6), st.data())
def test_a_correction_changes_the_cell_that_it_names_and_no_other(
    rows: list[list[str]], drawn: st.DataObject
) -> None:
    headers = ("one", "two", "three", "four")
    number = drawn.draw(st.integers(0, len(rows) - 1))
    at = drawn.draw(st.integers(0, len(rows[number]) - 1))
    new, before = drawn.draw(texts), [list(cells) for cells in rows]
    old = rows[number][at]
    corrector = Corrector([Correction("f", number + 2, headers[at], old, new)], "f", headers, {})
    for place, cells in enumerate(rows, 2):
        corrector.correct(place, cells)
    assert corrector.missed() == []
    assert rows[number][at] == new
    rows[number][at] = old
    assert rows == before
    assert [(each.row, each.column, each.old, each.new) for each in corrector.cells] == [
        (number + 2, headers[at], old, new)
    ]


@pytest.mark.parametrize(
    "text",
    ["{}", "nope", '["x"]', '[{"file": "a", "row": 0, "column": "b", "old": "", "new": "c"}]',
     '[{"file": "a", "row": true, "column": "b", "old": "", "new": "c"}]',
     '[{"file": "a", "column": "b", "more": "c"}]',
     '[{"file": "a", "column": "b", "old": "c", "new": "c"}]', '[{"column": "b", "old": "a", "new": "c"}]'],
)  # fmt: skip
def test_what_are_no_corrections_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="holds no corrections"):
        corrections.read(put(tmp_path, text, "c.json"))


def test_corrections_are_given_to_commands_as_a_file(call: Command, tmp_path: Path) -> None:
    path = put(tmp_path, "id,name,country\na,Amber Mill (invented),XX\n", "actors.csv")
    said = corrections.text([Correction("actors.csv", 2, "country", "XX", "IN")])
    file = put(tmp_path, said, "c.json")
    words = (
        "validate",
        str(path),
        "--table",
        "actors",
        "--licence",
        "CC0-1.0",
        "--data",
        str(tmp_path / "d"),
    )
    assert call(*words).code == 1
    assert call(*words, "--corrections", str(file)).code == 0
    assert corrections.read(file) == (Correction("actors.csv", 2, "country", "XX", "IN"),)


# --- On the page -----------------------------------------------------------------------------------------------------


def fields(page: str) -> dict[str, str]:
    """Return the fields in which cells are corrected: their names by what a reader is told of each."""
    return {
        label: name
        for name, label in re.findall(r'name="(new\.[\d.]+)"[^>]*aria-label="Correct to: ([^"]*)"', page)
    }


def shown(page: str) -> str:
    found = re.search(r'name="job" value="(\w+)"', page)
    assert found is not None
    return found[1]


def test_values_are_corrected_on_the_report_and_the_file_is_checked_again(
    own: TestClient, data: Path
) -> None:
    draft, report = checked(own, TIERS, dataset="corrected")
    known = fields(report)
    assert "Row 3, start_date: 01/03/2023" in known
    mended = {
        known["Row 3, start_date: 01/03/2023"]: "2023-03-01",
        known["Row 4, start_date: Q1 2023"]: "2023-01",
    }
    where, report = arrived(own, f"{draft}/corrections", data={"job": shown(report), **mended})
    assert where == f"{draft}/report"
    assert "2 corrections" in report
    assert "01/03/2023" in report
    assert "start_date" not in str(fields(report))
    one = re.search(r'name="undo" value="(\w+)" aria-label="[^"]*Q1 2023"', report)
    assert one is not None
    _, report = arrived(own, f"{draft}/corrections", data={"undo": one[1]})
    assert "1 correction" in report
    assert "Row 4, start_date: Q1 2023" in fields(report)
    cell = {"file": "Tiers of 2026.csv", "row": "4", "column": "Start", "old": "Q1 2023", "value": ""}
    _, report = arrived(own, f"{draft}/corrections", data=cell)
    rest = fields(report)
    meant = {"product": "610910", "buyer": "Aurora (invented)", "country": "CN"}
    filled = {name: meant[label.split(", ")[-1].partition(":")[0]] for label, name in rest.items()}
    _, report = arrived(own, f"{draft}/corrections", data={"job": shown(report), **filled})
    assert "All 4 rows can be admitted." in report
    notes = re.search(r'href="(/jobs/\w+/result\.csv)"', report)
    assert notes is not None
    assert "corrected: Start said &#39;Q1 2023&#39;".replace("&#39;", "'") in own.get(notes[1]).text
    where, page = arrived(own, f"{draft}/admit", data={})
    assert "4 rows are in." in page
    [kept] = [each for each in data.rglob("original.zip") if b"corrected" in str(each).encode()]
    with zipfile.ZipFile(kept) as archive:
        assert archive.read("Tiers of 2026.csv").decode() == TIERS
        assert {each["by"] for each in json.loads(archive.read(CORRECTED))} == {"local"}


def test_a_value_is_corrected_in_all_rows_on_the_page_of_its_column(own: TestClient) -> None:
    draft, page = sent(own, TIERS)
    chosen = dict(re.findall(r'<select name="(is\.\d+)".*?<option value="([^"]*)" selected', page, re.DOTALL))
    table = re.search(r'<option value="(\w+)" selected', page)
    field = re.search(r'name="(mend\.\d+\.\d+)"[^>]*aria-label="Correct in all rows: Q1 2023"', page)
    assert table is not None
    assert field is not None
    said = {"table": table[1], **chosen, "then": "look"}
    where, page = arrived(own, f"{draft}/columns", data={**said, field[1]: "2023-01"})
    assert where == f"{draft}/columns"
    assert "Correct in all rows: Q1 2023" not in page
    assert "1 correction" in page
    where, page = arrived(own, f"{draft}/corrections", data={"undo": "all", "then": "columns"})
    assert where == f"{draft}/columns"
    assert "Correct in all rows: Q1 2023" in page


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "Nothing is corrected"), ({"new.0.0": "x"}, "was made again"), ({"column": "Start", "row": "x"}, "number"),
        ({"column": "Start", "value": "x"}, "in which row the cell is empty"),
        ({"column": "Start", "row": "3", "old": "x", "value": "x"}, "says already"),
    ],
)  # fmt: skip
def test_a_form_that_names_no_cell_is_refused(own: TestClient, form: dict[str, str], said: str) -> None:
    draft, _ = checked(own, TIERS, dataset="refused")
    answer = own.post(f"{draft}/corrections", data=form)
    assert answer.status_code == 400
    assert said in answer.text


def test_a_file_that_is_sent_again_keeps_its_corrections(own: TestClient) -> None:
    draft, _ = checked(own, TIERS, dataset="resent")
    cell = {"file": "Tiers of 2026.csv", "row": "4", "column": "Start", "old": "Q1 2023", "value": "2023-01"}
    arrived(own, f"{draft}/corrections", data=cell)
    file = {"file": ("Tiers of 2026.csv", TIERS.replace("01/03/2023", "2023-03-01").encode())}
    _, report = arrived(own, f"{draft}/file", files=file)
    assert "1 correction" in report
    assert "start_date" not in str(fields(report))
