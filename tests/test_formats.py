"""Tables in every form in which people have them: the same rows come out; what cannot be read says where and why."""

from __future__ import annotations

import bz2
import csv
import datetime
import gzip
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
import xlsxwriter

from opentier.graph import Graph
from opentier.graph.contribution import submission
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import UsageError
from opentier.graph.intake import wrapping
from opentier.graph.intake.kinds import kind
from opentier.graph.report.report import Finding
from tests.sheets import Table, objects, ods, parquet, text, xlsx

ACTORS: Table = [["id", "name", "country"], ["a", "Ängel & Co", "DE"], ["b", "Beta, Mills", "TH"]]
LINKS: Table = [
    ["buyer", "supplier", "product", "start_date", "share"],
    ["a", "b", "610910", "2024-06-30", "12.5"],
]


FORMS: dict[str, Callable[[Path, Table], object]] = {
    "csv": lambda path, rows: path.write_text(text(rows), "utf-8"),
    "tsv": lambda path, rows: path.write_text(text(rows, "\t"), "utf-8"),
    "csv.gz": lambda path, rows: path.write_bytes(gzip.compress(text(rows).encode())),
    "jsonl": lambda path, rows: path.write_text("\n".join(map(json.dumps, objects(rows))), "utf-8"),
    "json": lambda path, rows: path.write_text(json.dumps(objects(rows)), "utf-8"),
    "parquet": parquet,
    "xlsx": lambda path, rows: xlsx(path, {"Sheet1": rows}),
    "ods": lambda path, rows: ods(path, {"Sheet1": rows}),
}


def package(folder: Path, resources: list[dict[str, Any]]) -> Path:
    folder.mkdir(exist_ok=True)
    descriptor = {"name": "probe", "licenses": [{"name": "CC0-1.0"}], "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    return folder


def read(path: Path, scratch: Path, options: Options | None = None) -> submission.Contribution:
    return submission.read(path, options or Options(), scratch)


def cells(found: submission.Contribution, table: str) -> list[dict[str, str]]:
    return [dict(row.cells) for row in found.tables.get(table, ())]


def blocking(found: submission.Contribution) -> list[Finding]:
    return [finding for finding in found.report.sorted() if finding.blocks]


@pytest.mark.parametrize("form", FORMS)
def test_a_package_says_the_same_in_every_form(tmp_path: Path, form: str) -> None:
    resources = [{"name": name, "path": f"{name}.{form}"} for name in ("actors", "supply_links")]
    folder = package(tmp_path / "package", resources)
    FORMS[form](folder / f"actors.{form}", ACTORS)
    FORMS[form](folder / f"supply_links.{form}", LINKS)
    found = read(folder, tmp_path)
    assert found.report.findings == []
    assert cells(found, "actors") == objects(ACTORS)
    assert cells(found, "supply_links") == objects(LINKS)
    assert {row.where.row for row in found.tables["actors"]} == ({1, 2} if form == "jsonl" else {2, 3})
    assert Graph.open(tmp_path / "data", create=True).contribute(folder).new


def test_a_file_is_known_by_its_bytes_and_not_its_ending(tmp_path: Path) -> None:
    folder = package(tmp_path / "package", [{"name": "actors", "path": "actors.csv"}])
    for form, write in FORMS.items():
        if form != "tsv":  # whose delimiter only the ending says
            write(folder / "actors.csv", ACTORS)
            assert cells(read(folder, tmp_path), "actors") == objects(ACTORS), form


def test_number_and_date_cells_of_a_sheet_are_read_as_such(tmp_path: Path) -> None:
    folder = package(tmp_path / "package", [{"name": "supply_links", "path": "links.xlsx"}])
    row = ["a", "b", 6109, datetime.date(2024, 6, 30), 12.5]
    xlsx(folder / "links.xlsx", {"Sheet1": [LINKS[0], row, ["", "", "", "", ""], row]})
    found = read(folder, tmp_path)
    wanted = {"buyer": "a", "supplier": "b", "product": "6109", "start_date": "2024-06-30", "share": "12.5"}
    assert cells(found, "supply_links") == [wanted, wanted]
    assert [(row.where.file, row.where.row) for row in found.tables["supply_links"]] == [
        ("links.xlsx, sheet Sheet1", 2), ("links.xlsx, sheet Sheet1", 4)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sheets", "dialect", "wanted"),
    [
        (["Read me", "Suppliers"], {}, "Suppliers"),
        (["A", "Actors"], {}, "Actors"),
        (["A", "B"], {"sheetName": "B"}, "B"),
        (["A", "B"], {"excel": {"sheet": "A"}}, "A"),
        (["A", "B"], {}, None),
        (["A", "B"], {"sheetName": "C"}, None),
    ],
)
def test_the_sheet_is_the_one_named_or_the_only_one_with_a_header(
    tmp_path: Path, sheets: list[str], dialect: dict[str, Any], wanted: str | None
) -> None:
    folder = package(tmp_path / "package", [{"name": "actors", "path": "book.xlsx", "dialect": dialect}])
    notes: Table = [["What this is"], ["A list"]]
    xlsx(folder / "book.xlsx", {name: notes if name == "Read me" else ACTORS for name in sheets})
    found = read(folder, tmp_path)
    if wanted is None:
        (finding,) = blocking(found)
        assert "A, B" in finding.advice
    else:
        assert {row.where.file for row in found.tables["actors"]} == {f"book.xlsx, sheet {wanted}"}


def test_rows_in_the_descriptor_and_lists_of_paths_are_read(tmp_path: Path) -> None:
    paths = {"name": "supply_links", "path": ["one.csv", "two.csv", "three.csv"]}
    folder = package(tmp_path / "package", [{"name": "actors", "data": objects(ACTORS)}, paths])
    (folder / "one.csv").write_text(text(LINKS), "utf-8")
    (folder / "two.csv").write_text(text(LINKS), "utf-8")
    (folder / "three.csv").write_text(text(LINKS[1:]), "utf-8")
    found = read(folder, tmp_path)
    assert cells(found, "actors") == objects(ACTORS)
    assert cells(found, "supply_links") == 3 * objects(LINKS)
    assert [(row.where.file, row.where.row) for row in found.tables["supply_links"]] == [
        ("one.csv", 2), ("two.csv", 2), ("three.csv", 1)
    ]  # fmt: skip
    assert {name for name, _ in found.originals} == {"datapackage.json", "one.csv", "two.csv", "three.csv"}


def test_rows_of_a_list_in_the_descriptor_begin_with_the_header(tmp_path: Path) -> None:
    folder = package(tmp_path / "package", [{"name": "actors", "data": ACTORS}])
    assert cells(read(folder, tmp_path), "actors") == objects(ACTORS)
    folder = package(tmp_path / "package", [{"name": "actors", "data": {"a": 1}}])
    assert [finding.message for finding in blocking(read(folder, tmp_path))] == ["The JSON is no table."]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_in_names_of_files_may_be_composed_or_apart(tmp_path: Path, form: Any) -> None:
    other: Any = "NFD" if form == "NFC" else "NFC"
    name = unicodedata.normalize(form, "société.csv")
    folder = package(tmp_path / "package", [{"name": "actors", "path": unicodedata.normalize(other, name)}])
    (folder / name).write_text(text(ACTORS), "utf-8")
    assert cells(read(folder, tmp_path), "actors") == objects(ACTORS)


@pytest.mark.parametrize(
    ("line", "message"), [('{"id": "b"', "The line is not JSON"), ('"b"', "The line is not a JSON object.")]
)
def test_a_line_that_is_no_object_is_named(tmp_path: Path, line: str, message: str) -> None:
    folder = package(tmp_path / "package", [{"name": "actors", "path": "actors.jsonl"}])
    (folder / "actors.jsonl").write_text('{"id": "a", "name": "A"}\n\n' + line, "utf-8")
    (finding,) = blocking(read(folder, tmp_path))
    assert (finding.file, finding.row) == ("actors.jsonl", 3)
    assert finding.message.startswith(message)


def stray(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("A")
        sheet.write(0, 0, "id")
        sheet.write(1_048_575, 16_383, "far away")


def cut(write: Callable[[Path, Table], object]) -> Callable[[Path], None]:
    def written(path: Path) -> None:
        write(path, ACTORS)
        path.write_bytes(path.read_bytes()[:-40])

    return written


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "sheet-stray-cell": (stray, "spans more cells than fit"),
    "sheet-cut": (cut(FORMS["xlsx"]), "archive"),
    "parquet-cut": (cut(FORMS["parquet"]), "The Parquet file cannot be read"),
    "gzip-cut": (cut(FORMS["csv.gz"]), "The gzip file is broken"),
    "gzip-twice": (lambda path: path.write_bytes(gzip.compress(gzip.compress(b"id,name\n"))), "archive"),
    "gzip-bomb": (lambda path: path.write_bytes(gzip.compress(b"\0" * (1 << 24))), "unpacks to more than"),
    "password": (lambda path: path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512)), "workbook"),
    "other": (lambda path: path.write_bytes(bz2.compress(b"id,name\0\n")), "actors"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_is_an_error_in_words(tmp_path: Path, name: str) -> None:
    write, message = BROKEN[name]
    folder = package(tmp_path / "package", [{"name": "actors", "path": "actors.csv"}])
    write(folder / "actors.csv")
    found = blocking(read(folder, tmp_path))
    assert found
    assert {finding.file for finding in found} == {"actors.csv"}
    assert name == "other" or message in found[0].message
    assert all(finding.advice for finding in found)


def mutated(data: bytes, random: Random) -> bytes:
    """Return bytes with a few of them changed, taken out, put in, or many times there."""
    found = bytearray(data)
    for _ in range(random.randint(1, 6)):
        at, many = random.randrange(len(found)), random.randint(1, 40)
        match random.randrange(4):
            case 0:
                found[at] = random.randrange(256)
            case 1:
                del found[at : min(at + many, len(found) - 1)]
            case 2:
                found[at:at] = random.randbytes(many)
            case _:
                found[at:at] = found[at : at + 50] * many
    return bytes(found)


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_file_is_read_or_refused_in_words(tmp_path: Path, form: str) -> None:
    random, path = Random(form), tmp_path / f"actors.{form}"
    FORMS[form](path, ACTORS)
    whole, outcomes = path.read_bytes(), set[bool]()
    for number in range(12):
        path.write_bytes(mutated(whole, random))
        (tmp_path / str(number)).mkdir()
        try:
            found = read(path, tmp_path / str(number), Options(licence="CC0-1.0"))
        except UsageError:  # no header of it is known: that is said
            continue
        outcomes.add(found.report.conforms)
        assert found.tables or not found.report.conforms
    assert outcomes


def test_what_unpacks_to_much_is_measured_by_its_own_size() -> None:
    assert wrapping.most(1) == wrapping.MAX_RATIO * (1 << 16)
    assert wrapping.most(1 << 40) == wrapping.MAX_BYTES


def test_the_kinds_are_told_apart(tmp_path: Path) -> None:
    found = {}
    for form, write in FORMS.items():
        write(tmp_path / "file", ACTORS)
        found[form] = kind(tmp_path / "file")
    assert found == {
        "csv": "text", "tsv": "text", "csv.gz": "gzip", "jsonl": "lines", "json": "json", "parquet": "parquet",
        "xlsx": "sheets", "ods": "sheets",
    }  # fmt: skip


def test_csv_is_read_as_before(tmp_path: Path) -> None:
    folder = package(tmp_path / "package", [{"name": "actors", "path": "actors.csv"}])
    with (folder / "actors.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([*ACTORS, ["c", 'The "C"\nLtd', "FR"]])
    assert cells(read(folder, tmp_path), "actors")[-1]["name"] == 'The "C"\nLtd'
