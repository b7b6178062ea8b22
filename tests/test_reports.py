"""Reports: findings by kind, in every form, and the contributor's own table with its problems beside it."""

from __future__ import annotations

import csv
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from opentier.graph.report import beside, kinds, page
from opentier.graph.report.report import MAX_KINDS, Report, Where
from tests.conftest import Command

VOID = {"meta", "link", "br", "hr", "img", "input"}


def countries(*said: str) -> Report:
    """Return a report on a table of countries, one a row."""
    report = Report("case")
    for row, text in enumerate(said, 2):
        report.rows.add(Where("actors.csv", row))
        report.add(
            "warning", Where("actors.csv", row), f"Read as {text[:2].upper()!r}.", "Write it like that.",
            column="country", value=text,
        )  # fmt: skip
    return report


def bare(folder: Path, text: str, name: str = "links.csv") -> Path:
    """Write somebody's own table."""
    path = folder / name
    path.write_text(text, "utf-8")
    return path


# --- kinds --------------------------------------------------------------------------------------------------------


def test_findings_that_differ_in_values_alone_are_one_kind() -> None:
    report = countries("Turkey", "Russia", "Turkey", "France")
    (kind,) = report.to_dict()["groups"]
    assert (kind["count"], kind["message"], kind["rows"]) == (4, "Read as ….", [2, 3, 4, 5])
    assert [each.rows for each in report.kinds()[0].examples()] == [(2, 4), (3,), (5,)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Read as 'TR'.", "Read as 'RU'."),
        ("The row has 2 cells, the header 3.", "The row has 14 cells, the header 3."),
        ("https://x/a/1: No.", "https://x/b/22: No."),
        ("Byte 0xe9 is not utf-8 text.", "Byte 0x9d is not utf-8 text."),
    ],
)
def test_a_message_is_known_without_its_values(one: str, other: str) -> None:
    assert kinds.shape(one) == kinds.shape(other)
    assert kinds.shape(kinds.shape(one)) == kinds.shape(one)


def test_columns_files_and_severities_are_kinds_of_their_own() -> None:
    report = Report()
    for severity, file, column in (
        ("warning", "a", "x"), ("warning", "a", "y"), ("warning", "b", "x"), ("error", "a", "x"),
    ):  # fmt: skip
        report.add(severity, Where(file, 2), "No.", "", column=column)  # type: ignore[arg-type]
    assert [kind.count for kind in report.kinds()] == [1, 1, 1, 1]
    assert report.kinds()[0].first.severity == "error"


def test_seven_hundred_equal_infos_are_one_line() -> None:
    report = Report("case")
    for row in range(2, 702):
        report.add("info", Where("links.csv", row), "No date is stated.", "")
    assert report.to_text(80).splitlines()[0] == "info: links.csv, 700 times: No date is stated."
    assert len(report.to_text(80).splitlines()) == 3


def test_a_finding_that_is_added_twice_counts_once() -> None:
    report = Report()
    for _ in range(2):
        report.add("error", Where("a.csv", 2), "No.", "Mend it.", value="x")
    assert (report.blocking, len(report.findings)) == (1, 1)


# --- many ---------------------------------------------------------------------------------------------------------


def test_of_many_findings_the_first_are_listed_and_all_are_counted() -> None:
    report = Report("case")
    many = kinds.LISTED + 500
    for row in range(2, many + 2):
        report.rows.add(Where("a.csv", row))
        report.add("error", Where("a.csv", row), f"Value {row} is wrong.", "Mend it.", value=row)
    (kind,) = report.to_dict()["groups"]
    assert (kind["count"], kind["unlisted"], len(report.findings)) == (many, 500, kinds.LISTED)
    assert (report.blocking, report.counts()["refused"]) == (many, many)
    assert "500 that are counted only" in report.to_text()
    again = Report.from_dict(json.loads(report.to_json()))
    assert again.to_dict() == report.to_dict()
    assert again.to_text(80) == report.to_text(80)


def test_a_finding_may_stand_for_many_rows() -> None:
    report = Report("case")
    report.rows.add_range("a.csv", 2, 1001)
    report.add(
        "error", Where("a.csv", 2), "No such code.", "Look it up.", count=600, column="hs", value="99",
        rows=range(2, 602),
    )  # fmt: skip
    report.add("warning", Where("a.csv", 1001), "Odd.", "", column="hs")
    assert report.counts() == {"rows": 1000, "accepted": 399, "warned": 1, "refused": 600}
    assert (report.blocking, report.conforms) == (600, False)
    assert "600 times: No such code. Look it up." in report.to_text()


def test_kinds_beyond_the_most_are_counted_together() -> None:
    report = Report()
    for number in range(MAX_KINDS + 50):
        report.add("info", Where("a", 2), "Said.", "", column=f"c{number}")
    assert len(report.kinds()) == MAX_KINDS + 1
    assert sum(kind.count for kind in report.kinds()) == MAX_KINDS + 50


def test_rows_are_a_set_of_places_whatever_order_they_come_in() -> None:
    report = Report()
    report.add("warning", Where("a", 7), "Odd.", "")
    report.rows.update(Where("a", row) for row in (7, 3, 3))
    assert list(report.rows) == [Where("a", 3), Where("a", 7)]
    assert Where("a", 4) not in report.rows
    assert report.counts() == {"rows": 2, "accepted": 1, "warned": 1, "refused": 0}


# --- forms --------------------------------------------------------------------------------------------------------


def test_the_text_has_lines_of_eighty_columns_and_ends_with_the_outcome() -> None:
    report = countries(*(f"Land {number}" for number in range(30)), "Turkey " * 9)
    lines = report.to_text(80).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[-1] == "case conforms (31 rows: 0 accepted, 31 warned, 0 refused)"
    assert any("21 more that differ" in line for line in lines)


class Page(HTMLParser):
    """The elements of a page, with what names another file, and whether they are closed in their order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.abroad: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.abroad += [
            str(value) for name, value in attrs if name in ("src", "href") and str(value)[0] != "#"
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_stands_alone_and_is_well_made() -> None:
    report = countries("Turkey", "Russia")
    report.add(
        "error",
        Where("actors.csv", 2),
        "No.",
        "Mend it.",
        column="name",
        value="<script>alert(1)</script>\x1b",
    )
    text = page.html(report)
    found = Page(text)
    assert (found.open, found.abroad) == ([], [])
    assert found.tags.count("h1") == 1
    assert {"main", "caption", "th", "title"} <= set(found.tags)
    assert "script" not in found.tags
    assert "<script>alert(1)</script>" in found.text
    assert "Turkey" in found.text
    assert "<U+001B>" in found.text
    assert text == page.html(report)


def test_a_page_without_findings_says_so() -> None:
    found = Page(page.html(Report("case")))
    assert "Nothing was found" in found.text
    assert "It can be admitted." in found.text


# --- problems beside rows -----------------------------------------------------------------------------------------


def test_rows_are_given_back_as_they_were_with_their_problem_beside_them(tmp_path: Path) -> None:
    path = tmp_path / "actors.problems.csv"
    rows = [(["=1+1", "Café;Ltd"], "name: No."), (["b"], "odd"), (["c", "d", "e"], "wide")]
    assert beside.write(path, ["id", "name"], rows, delimiter=";") == 3
    read = list(csv.reader(path.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert read == [
        ["id", "name", "problem"], ["=1+1", "Café;Ltd", "name: No."], ["b", "", "odd"], ["c", "d", "e", "wide"],
    ]  # fmt: skip


def test_a_problem_of_before_gives_way_to_that_of_now(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    beside.write(path, ["id", "Problem", "name"], [(["a", "old", "A"], "new")])
    assert path.read_text("utf-8-sig").splitlines() == ["id,name,problem", "a,A,new"]


def test_an_encoding_that_lacks_a_letter_loses_it_in_the_problem_only(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    beside.write(path, ["name"], [(["Café"], "… is no name")], encoding="cp1252")
    assert "Café" in path.read_text("cp1252")


@pytest.mark.parametrize("package", [True, False])
def test_the_file_of_problems_can_be_contributed_again(package: bool, call: Command, tmp_path: Path) -> None:
    beside.write(tmp_path / "actors.csv", ["id", "name"], [(["a", "Alpha"], "x"), (["b", "Beta"], "")])
    path = tmp_path
    if package:
        described = {
            "name": "case", "licenses": [{"name": "CC0-1.0"}],
            "resources": [{"name": "actors", "path": "actors.csv"}],
        }  # fmt: skip
        (tmp_path / "datapackage.json").write_text(json.dumps(described), "utf-8")
    else:
        path = tmp_path / "actors.csv"
    words = (
        "contribute",
        str(path),
        "--licence",
        "CC0-1.0",
        "--format",
        "json",
        "--data",
        str(tmp_path / "data"),
    )
    run = call(*words)
    assert run.code == 0, run.out + run.err
    report = json.loads(run.out)
    assert report["counts"] == {"rows": 2, "accepted": 2, "warned": 0, "refused": 0}
    assert [each["message"] for each in report["findings"] if "problem" in each["message"]] == [
        "The column problem, which a report adds, is not read."
    ]


def test_a_row_that_is_too_wide_stays_so_beside_its_problem(call: Command, tmp_path: Path) -> None:
    beside.write(tmp_path / "actors.csv", ["id", "name"], [(["a", "Alpha", "more"], "x")])
    run = call(
        "validate", str(tmp_path / "actors.csv"), "--licence", "CC0-1.0", "--data", str(tmp_path / "none")
    )
    assert run.code == 1
    assert "The row has 3 cells, the header 2." in run.out


# --- the command --------------------------------------------------------------------------------------------------

WRONG = "Importer;Vendor name;Origin;Share\nAcme;Beta;Atlantis;10\nAcme;=Gamma;Turkey;150\nAcme;Delta;FR;5\n"


def test_the_report_is_written_in_the_form_that_its_ending_says(call: Command, tmp_path: Path) -> None:
    path = bare(tmp_path, WRONG)
    base = (
        "validate",
        str(path),
        "--licence",
        "CC0-1.0",
        "--map",
        "supplier.country=Origin",
        "--data",
        str(tmp_path / "d"),
    )
    said = {}
    for ending in ("json", "html", "txt", "csv"):
        run = call(*base, "--report", str(tmp_path / f"out.{ending}"), "--quiet")
        assert (run.code, run.err) == (1, ""), run.err
        said[ending] = (tmp_path / f"out.{ending}").read_text("utf-8-sig")
        assert "refused: 2 error(s)" in run.out
    assert len(json.loads(said["json"])["groups"]) > 3
    assert "Atlantis" in Page(said["html"]).text
    assert said["txt"] in run.out
    header, *rows = csv.reader(said["csv"].splitlines(), delimiter=";")
    assert header == ["Importer", "Vendor name", "Origin", "Share", "problem"]
    assert [row[:4] for row in rows] == [line.split(";") for line in WRONG.splitlines()[1:]]
    assert ["Atlantis" in rows[0][4], "150" in rows[1][4], rows[2][4]] == [True, True, ""]


def test_a_package_of_several_tables_is_given_back_as_several_files(call: Command, tmp_path: Path) -> None:
    resources = [
        {"name": "actors", "path": "actors.csv", "encoding": "cp1252", "dialect": {"delimiter": "|"}},
        {"name": "supply-links", "path": "links.csv"},
    ]
    described = {"name": "case", "licenses": [{"name": "CC0-1.0"}], "resources": resources}
    (tmp_path / "datapackage.json").write_text(json.dumps(described), "utf-8")
    (tmp_path / "actors.csv").write_text("id|name\na|Café\nb|\n", "cp1252")
    (tmp_path / "links.csv").write_text("buyer,supplier\na,c\n", "utf-8")
    target = tmp_path / "mend.csv"
    run = call("validate", str(tmp_path), "--report", str(target), "--data", str(tmp_path / "d"))
    assert run.code == 1
    actors = (tmp_path / "mend.actors.csv").read_text("cp1252")
    assert actors.splitlines()[:2] == ["id|name|problem", "a|Café|"]
    assert "empty" in actors.splitlines()[2]
    assert "no such id" in (tmp_path / "mend.links.csv").read_text("utf-8-sig")
    assert not target.exists()


def test_files_of_one_name_are_given_back_each(call: Command, tmp_path: Path) -> None:
    for year in ("2024", "2025"):
        (tmp_path / year).mkdir()
        (tmp_path / year / "actors.csv").write_text(f"id,name\na{year},\n", "utf-8")
    resources = [{"name": "actors", "path": ["2024/actors.csv", "2025/actors.csv"]}]
    described = {"name": "case", "licenses": [{"name": "CC0-1.0"}], "resources": resources}
    (tmp_path / "datapackage.json").write_text(json.dumps(described), "utf-8")
    call("validate", str(tmp_path), "--report", str(tmp_path / "mend.csv"), "--data", str(tmp_path / "d"))
    given = [(tmp_path / name).read_text("utf-8-sig") for name in ("mend.actors.csv", "mend.actors1.csv")]
    assert ["a2024" in given[0], "a2025" in given[1]] == [True, True]


def test_what_is_contributed_is_never_written_over(call: Command, tmp_path: Path) -> None:
    path = bare(tmp_path, WRONG)
    run = call("validate", str(path), "--licence", "CC0-1.0", "--report", str(path), cwd=tmp_path)
    assert (run.code, "another name" in run.err) == (2, True)
    assert path.read_text("utf-8") == WRONG


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--report", "out.xlsx"), ".csv"),
        (("--report", "out"), ".html"),
        (("--report", "missing/out.csv"), "missing"),
    ],
)
def test_a_report_that_cannot_be_written_is_told(
    words: tuple[str, str], said: str, call: Command, tmp_path: Path
) -> None:
    path = bare(tmp_path, WRONG)
    run = call("validate", str(path), "--licence", "CC0-1.0", *words, cwd=tmp_path)
    assert run.code == 2
    assert said in run.err
    assert "Traceback" not in run.err


def test_a_foreign_graph_cannot_be_given_back_as_a_table(call: Command, tmp_path: Path) -> None:
    path = bare(tmp_path, "<http://x/a> a <http://x/B> .", "case.ttl")
    run = call(
        "validate", str(path), "--licence", "CC0-1.0", "--report", str(tmp_path / "o.csv"), cwd=tmp_path
    )
    assert run.code == 2
    assert "not for standard input, RDF" in run.err
    piped = call("validate", "-", "--licence", "CC0-1.0", "--report", "o.csv", stdin=WRONG, cwd=tmp_path)
    assert (piped.code, "not for standard input" in piped.err) == (2, True)
