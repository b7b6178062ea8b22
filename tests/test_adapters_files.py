"""What all adapters do with files that are not what they read: columns, counts, and what is no such file at all."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from opentier.graph.contribution.foreign import Source, adapters, convert, describe
from opentier.graph.errors import UsageError
from opentier.graph.report.report import Report
from tests.foreign import header, told, write

#: A file name under which an adapter reads each layout that it describes; the others are read under their own.
CALLED = {
    ("mills", "numbered.csv"): "cargill_mill_list_2018Q3.csv",
    ("mills", "uml.csv"): "wilmar_mill_list_2019.csv",
    ("brazil", "cadastro.csv"): "cadastro-2025-10-06.csv",
    ("brazil", "collected.csv"): "cadastro-2023-04-11.csv",
}
LAYOUTS = [
    (name, file)
    for name in ("mills", "brazil", "osh", "uk-statements", "wikirate")
    for file in describe(name)["files"]
    if file.endswith(".csv")
]
#: What nobody can read, by how it is called.
STRANGE = {
    "empty": b"",
    "blank": b"\n\n  \n",
    "binary": bytes(range(256)) * 40,
    "zip": b"PK\x03\x04" + b"\0" * 100,
    "words": b"This is no table.\nIt says nothing.\n",
    "json": b'{"a": [1, 2, {"b": null}]}',
    "list": b"[1, 2, 3]",
    "deep": b"[" * 100_000,
    "xml": b"<a><b>c</b></a>",
    "torn": b"<a><b>c</a>",
    "quote": b'a,b\n1,"2\n',
    "wide": "country,name\nVN,Mill\n".encode("utf-16"),
}


def folder_of(tmp_path: Path, name: str, file: str, columns: list[str], rows: list[list[str]]) -> Source:
    """Read a folder in which one file is as given, and the others have no rows."""
    spec = describe(name)["files"]
    for other, said in spec.items():
        if other.endswith(".csv") and (name, other) not in CALLED and name != "osh":
            write(
                tmp_path / other,
                header(name, other),
                [],
                said.get("encoding", "utf-8"),
                said.get("delimiter", ","),
            )
    said = spec[file]
    called = CALLED.get((name, file), file)
    write(tmp_path / called, columns, rows, said.get("encoding", "utf-8"), said.get("delimiter", ","))
    return convert(name, tmp_path, Report())


@pytest.mark.parametrize(("name", "file"), LAYOUTS)
def test_a_column_that_no_adapter_knows_is_an_error_and_nothing_is_read(
    tmp_path: Path, name: str, file: str
) -> None:
    columns = [*describe(name)["files"][file]["read"], "surprise"]
    source = folder_of(tmp_path, name, file, columns, [["x"] * len(columns)])
    found = [(each.severity, each.row, each.column) for each in told(source) if each.column == "surprise"]
    assert found == [("error", 1, "surprise")]
    assert not source.tables


@pytest.mark.parametrize(("name", "file"), LAYOUTS)
def test_a_column_that_is_missing_is_an_error_and_nothing_is_read(
    tmp_path: Path, name: str, file: str
) -> None:
    spec = describe(name)["files"][file]
    needed = [column for column in spec["read"] if column not in spec.get("optional", ())]
    source = folder_of(
        tmp_path, name, file, [column for column in header(name, file) if column != needed[0]], []
    )
    assert ("error", needed[0]) in {(each.severity, each.column) for each in told(source)}
    assert not source.tables


@pytest.mark.parametrize(("name", "file"), [layout for layout in LAYOUTS if layout[0] != "osh"])
def test_a_file_of_too_few_rows_is_refused(tmp_path: Path, name: str, file: str) -> None:
    source = folder_of(tmp_path, name, file, header(name, file), [])
    low = describe(name)["files"][file]["expected"][0]
    assert any(f"has 0 records; {low:,} to" in found.message for found in source.report.findings)
    assert not source.report.conforms


@pytest.mark.parametrize("what", STRANGE)
@pytest.mark.parametrize("name", adapters())
def test_what_is_no_such_file_is_told_and_never_crashes(tmp_path: Path, name: str, what: str) -> None:
    files = list(describe(name).get("files", {"file.json": {}, "file.csv": {}, "file.xml": {}}))
    for file in (*files, "cargill_mill_list_2018.csv", "cadastro-2025-10-06.csv"):
        path = tmp_path / file
        path.write_bytes(STRANGE[what])
        report = Report()
        try:
            source = convert(name, path, report)
        except UsageError:
            continue
        finally:
            path.unlink()
        assert report.findings, file
        assert not (report.conforms and source.tables), file


@pytest.mark.parametrize("name", adapters())
def test_a_folder_without_its_files_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "note.txt").write_text("nothing", "utf-8")
    with pytest.raises(UsageError, match=re.escape(str(tmp_path))):
        convert(name, tmp_path, Report())


def test_a_file_without_a_header_tells_nothing_of_its_first_row(tmp_path: Path) -> None:
    path = tmp_path / "cadastro-2025-10-06.csv"
    path.write_text("1;2024;SP;FULANO DE TAL;111.444.777-35;RUA UM\n" * 3, "utf-8")
    report = Report()
    convert("brazil", path, report)
    assert not report.conforms
    assert "FULANO" not in json.dumps(report.to_dict())


def test_an_adapter_with_a_dash_is_called_by_it() -> None:
    assert {"uk-statements", "ilab-profiles"} <= set(adapters())
    assert not any("_" in name for name in adapters())
    with pytest.raises(UsageError, match="uk-statements"):
        describe("uk_statement")
