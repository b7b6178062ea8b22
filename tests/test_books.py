"""Workbooks of several tables: each sheet that is named as a table is one, and all of them go in together."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.report.report import ContributionError
from tests.conftest import Command
from tests.sheets import Table, ods, xlsx

ACTORS: Table = [["id", "name", "country"], ["B-01", "Beta, Mills", "TH"], ["a", "Ängel & Co", "DE"]]
LINKS: Table = [
    ["buyer", "supplier", "product", "observed date"],
    ["a", "B-01", "610910", datetime.date(2024, 6, 30)],
]
DATASET: Table = [
    ["key", "value"], ["name", "chain-2024"], ["Title", "Our chain"], ["License", "CC0-1.0"],
    ["Publisher", "Ängel & Co"], ["Version", "2"], ["created", datetime.date(2024, 7, 1)],
]  # fmt: skip
FORMS: dict[str, Callable[[Path, Mapping[str, Table]], None]] = {"xlsx": xlsx, "ods": ods}


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    return Graph.open(tmp_path / "data", create=True)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("first", "second"), [("Actors", "Supply links"), ("actors", "supply_links"), ("ACTORS", "Supply-Links")]
)
def test_a_book_goes_in_whole_with_what_it_says_of_itself(
    first: str, second: str, form: str, graph: Graph, tmp_path: Path
) -> None:
    path = tmp_path / f"book.{form}"
    FORMS[form](path, {second: LINKS, "Dataset": DATASET, first: ACTORS})
    admitted = graph.contribute(path)
    version = admitted.version
    said = (version.dataset, version.title, version.licence, version.rows)
    assert said == ("chain-2024", "Our chain", "CC0-1.0", 3)
    assert [actor["id"] for actor in graph.trace("chain-2024/a").to_dict()["reached"]] == ["chain-2024/B-01"]
    assert not graph.contribute(path).new


def test_options_come_before_what_a_book_says_of_itself(graph: Graph, tmp_path: Path) -> None:
    xlsx(tmp_path / "b.xlsx", {"Dataset": DATASET, "Actors": ACTORS})
    version = graph.contribute(tmp_path / "b.xlsx", Options(dataset="mine", licence="CC-BY-4.0")).version
    assert (version.dataset, version.licence) == ("mine", "CC-BY-4.0")


def test_sheets_that_are_no_tables_and_lines_that_say_nothing_are_told(graph: Graph, tmp_path: Path) -> None:
    about = [*DATASET, ["Colour", "blue"]]
    sheets = {"Actors": ACTORS, "Supply links": LINKS, "Notes": [["x"]], "Pivot 1": [["y"]], "Dataset": about}
    xlsx(tmp_path / "b.xlsx", sheets)
    told = [each.message for each in graph.contribute(tmp_path / "b.xlsx").report.findings]
    assert "Sheets that are no tables are not read: Notes, Pivot 1." in told
    assert "Nothing is read from these lines of sheet Dataset: Colour." in told


def test_titles_above_a_header_and_sheets_without_rows_are_left_out_with_a_word(
    graph: Graph, tmp_path: Path
) -> None:
    titled = [["Our actors", "", ""], ["", "", ""], *ACTORS]
    sheets: dict[str, Table] = {"Actors": titled, "Supply links": LINKS, "Products": [], "Dataset": DATASET}
    xlsx(tmp_path / "b.xlsx", sheets)
    report = graph.contribute(tmp_path / "b.xlsx").report
    assert report.counts()["rows"] == 3
    assert any("are no header" in each.message for each in report.findings)
    assert any(each.file.endswith("sheet Products") for each in report.findings)


def test_links_may_name_actors_by_their_names_in_the_book(graph: Graph, tmp_path: Path) -> None:
    unnumbered = [row[1:] for row in ACTORS]
    links = [["Buyer", "Vendor"], ["ängel & co", "Beta, Mills"]]
    xlsx(tmp_path / "b.xlsx", {"Actors": unnumbered, "Supply links": links})
    admitted = graph.contribute(tmp_path / "b.xlsx", Options(licence="CC0-1.0"))
    assert admitted.version.rows == 3
    assert any("2 references are names" in each.message for each in admitted.report.findings)
    ((_, reached),) = graph.trace("Ängel & Co").reached
    assert reached.name == "Beta, Mills"


def test_a_name_that_the_sheet_of_actors_does_not_have_is_an_error(graph: Graph, tmp_path: Path) -> None:
    xlsx(tmp_path / "b.xlsx", {"Actors": ACTORS, "Supply links": [["buyer", "supplier"], ["a", "Gamma"]]})
    with pytest.raises(ContributionError) as refused:
        graph.contribute(tmp_path / "b.xlsx", Options(licence="CC0-1.0"))
    (error,) = [each for each in refused.value.report.findings if each.blocks]
    assert (error.file, error.row, error.column, error.value) == (
        "b.xlsx, sheet Supply links", 2, "supplier", "Gamma",
    )  # fmt: skip


def test_one_sheet_of_a_book_may_be_named(graph: Graph, tmp_path: Path, call: Command) -> None:
    xlsx(tmp_path / "b.xlsx", {"Actors": ACTORS, "Supply links": LINKS})
    run = call(
        "contribute", str(tmp_path / "b.xlsx"), "--sheet", "Actors", "--licence", "CC0-1.0",
        "--data", str(tmp_path / "data"),
    )  # fmt: skip
    assert run.code == 0
    assert "conforms (2 rows" in run.out


def test_columns_shows_every_sheet(call: Command, tmp_path: Path) -> None:
    xlsx(tmp_path / "b.xlsx", {"Actors": ACTORS, "Supply links": LINKS, "Notes": [["x"]]})
    run = call("columns", str(tmp_path / "b.xlsx"))
    assert run.code == 0
    assert "sheet Actors, header in row 1: read as actors, 2 rows" in run.out
    assert "sheet Supply links, header in row 1: read as supply_links, 1 rows" in run.out
    assert "Notes" in run.err
    found = json.loads(call("columns", str(tmp_path / "b.xlsx"), "--format", "json").out)
    assert [each["table"] for each in found["sheets"]] == ["actors", "supply_links"]
    refused = call("columns", str(tmp_path / "b.xlsx"), "--out", str(tmp_path / "m.toml"))
    assert refused.code == 2
    assert "--sheet" in refused.err


def test_a_book_is_given_back_sheet_by_sheet(call: Command, tmp_path: Path) -> None:
    wrong = [*ACTORS, ["c", "", "XX"]]
    xlsx(tmp_path / "b.xlsx", {"Actors": wrong, "Supply links": LINKS})
    run = call(
        "validate", str(tmp_path / "b.xlsx"), "--licence", "CC0-1.0", "--report", str(tmp_path / "mend.csv"),
        cwd=tmp_path,
    )  # fmt: skip
    assert run.code == 1
    lines = (tmp_path / "mend.actors.csv").read_text("utf-8-sig").splitlines()
    assert lines[0] == "id,name,country,problem"
    assert "XX" in lines[3]
    assert (tmp_path / "mend.supply-links.csv").exists()


def test_a_workbook_of_one_table_is_no_book(graph: Graph, tmp_path: Path) -> None:
    xlsx(tmp_path / "actors.xlsx", {"Actors": ACTORS, "Notes": [["x"]]})
    version = graph.contribute(tmp_path / "actors.xlsx", Options(licence="CC0-1.0")).version
    assert version.dataset == "actors"


@pytest.mark.parametrize(
    ("said", "kept"),
    [("2024-07-01", "2024-07-01T00:00:00Z"), ("2024-07-01T12:30:00+02:00", "2024-07-01T12:30:00+02:00")],
)
def test_what_a_book_says_of_its_day_comes_back_from_a_package(
    graph: Graph, tmp_path: Path, said: str, kept: str
) -> None:
    xlsx(tmp_path / "b.xlsx", {"Dataset": [*DATASET[:-1], ["created", said]], "Actors": ACTORS})
    version = graph.contribute(tmp_path / "b.xlsx").version
    assert version.created == kept
    graph.view().export(version.dataset, 1, "datapackage", tmp_path / "b.zip")
    assert graph.contribute(tmp_path / "b.zip").version.created == kept


@pytest.mark.parametrize("said", ["2024-07", "2024-02-30", "July", "2024-07-01T25:00:00Z"])
def test_a_book_that_was_made_on_no_day_is_refused_with_a_word(
    graph: Graph, tmp_path: Path, said: str
) -> None:
    xlsx(tmp_path / "b.xlsx", {"Dataset": [*DATASET[:-1], ["created", said]], "Actors": ACTORS})
    with pytest.raises(ContributionError) as refused:
        graph.contribute(tmp_path / "b.xlsx")
    (found,) = [each for each in refused.value.report.findings if each.blocks]
    assert (found.column, found.value) == ("created", said)
    assert "YYYY-MM-DD" in found.advice
