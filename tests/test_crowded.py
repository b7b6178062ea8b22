"""Lists with more rows than are taken: refused with the first one too many, whatever stands behind it.

What is behind it is broken, so that whoever reads it says something else.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from opentier.graph.contribution import forms
from opentier.graph.contribution.bare import Asked
from opentier.graph.intake import native
from opentier.graph.intake.bounds import CROWDED
from opentier.graph.report.report import Report
from opentier.graph.screening import columns
from tests.sheets import Table, ods, parquet, xls, xlsx

MOST = 20
ROWS: Table = [("name", "country"), *((f"Mill {n}", "IN") for n in range(1000))]


def lines(rows: Table) -> list[str]:
    return [json.dumps(dict(zip(ROWS[0], row, strict=True))) for row in rows[1:]]


#: A file of each form: how one is written with so many rows, and something broken at its end, where it may be.
TEXTS: dict[str, Callable[[Table], str]] = {
    "list.csv": lambda rows: (
        "".join(",".join(row) + "\n" for row in rows) + '"never closed,IN\n' * (len(rows) > MOST)
    ),
    "list.jsonl": lambda rows: "\n".join([*lines(rows), *["{no json"] * (len(rows) > MOST)]),
    "list.json": lambda rows: f"[{','.join(lines(rows))}]",
}
BOOKS: dict[str, Callable[[Path, Table], object]] = {
    "list.xlsx": lambda path, rows: xlsx(path, {"Vendors": rows}),
    "list.xls": lambda path, rows: xls(path, "Vendors", rows),
    "list.ods": lambda path, rows: ods(path, {"Vendors": rows}),
    "list.parquet": parquet,
}


def written(folder: Path, name: str, rows: Table) -> Path:
    path = folder / name
    if name in TEXTS:
        path.write_text(TEXTS[name](rows), "utf-8")
    else:
        BOOKS[name](path, rows)
    return path


@pytest.mark.parametrize("name", [*TEXTS, *BOOKS])
def test_a_table_with_a_row_too_many_is_refused_there(name: str, tmp_path: Path) -> None:
    path, report = written(tmp_path, name, ROWS), Report()
    read = list(forms.rows(path, name, forms.Form(most=MOST), tmp_path, report))
    (finding,) = report.findings
    assert finding.message == CROWDED
    assert len(read) <= MOST
    report, few = Report(), written(tmp_path, name, ROWS[:MOST])
    assert len(list(forms.rows(few, name, forms.Form(most=MOST), tmp_path, report))) == MOST
    assert not report.blocking


@pytest.mark.parametrize("name", BOOKS)
def test_the_process_that_reads_a_book_puts_down_no_more_rows_than_tell(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, name, ROWS)
    kind = "parquet" if name.endswith("parquet") else "sheets"
    words = [sys.executable, "-P", native.__file__, kind, str(path), "", "", str(MOST)]
    out = subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout.splitlines()
    assert len(out) <= MOST + 2


def test_a_workbook_is_unpacked_no_further_than_tells(tmp_path: Path) -> None:
    many: Table = [ROWS[0], *((f"Mill {n * 7919 % 100_003}", "IN") for n in range(20_000))]
    path = written(tmp_path, "list.xlsx", many)
    with zipfile.ZipFile(path) as archive:
        held = {each.filename: archive.read(each) for each in archive.infolist()}
    sheet = held["xl/worksheets/sheet1.xml"]
    held["xl/worksheets/sheet1.xml"] = sheet[: len(sheet) // 2] + b"</no xml at all"
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in held.items():
            archive.writestr(member, data)
    report = Report()
    assert list(forms.rows(path, "list.xlsx", forms.Form(most=MOST), tmp_path, report)) == []
    assert [each.message for each in report.findings] == [CROWDED]


@pytest.mark.parametrize("name", [*TEXTS, *BOOKS])
def test_a_list_that_is_screened_in_pages_says_what_else_there_is(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, name, ROWS)
    told = columns.look(path, Asked(most=MOST), "", {}, tmp_path)
    assert told["error"].startswith("The list has more than 50,000 rows;")
    assert "opentier screen" in told["error"]
