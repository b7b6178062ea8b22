"""Documents of JSON and XML for adapters: as trees, with places, within bounds, and with no property unread."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from opentier.graph.contribution.adapters import documents
from opentier.graph.contribution.adapters.documents import Documents, Record, day, local
from opentier.graph.contribution.foreign import Source, adapters, describe
from opentier.graph.errors import UsageError
from opentier.graph.intake import trees
from opentier.graph.intake.bounds import MAX_DEPTH
from opentier.graph.intake.trees import Properties, Tree
from opentier.graph.report.report import Finding, Report, Where

#: The adapters of interchange standards.
STANDARDS = [name for name in adapters() if "files" not in describe(name)]
SPEC = {
    "name": "bods",
    "endings": [".json"],
    "expected": [1, 100],
    "records": {
        "thing": {"read": ["id", "a/b"], "ignore": {"x": "left out because of a test", "*:*": "not ours"}}
    },
}


def reader(path: Path) -> Documents:
    return Documents(Source(path, SPEC, Report()))


def read(folder: Path, text: str | bytes) -> tuple[list[Record], list[Finding]]:
    """Return the records of a file of that text, each top-level object being one, and what was found."""
    path = folder / "some name.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = reader(path)
    records = [each for path in found.paths() for each in found.records(path, lambda document: [document])]
    return records, found.report.sorted()


# Trees.


def test_numbers_are_kept_as_they_are_written() -> None:
    assert trees.of_json('{"a": 1.10, "b": 007.0}'.replace("007", "7")) == {"a": "1.10", "b": "7.0"}
    tree = Tree(trees.of_json('{"a": [1e3, true, null, ""], "b": 12345678901234567890123}'))
    assert tree.texts("a") == ["1e3", "true"]
    assert tree.text("b") == "12345678901234567890123"


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": 1', "", "[1,]"])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|Expecting|trailing|Illegal"):
        trees.of_json(text)


def test_a_path_goes_through_lists_and_each_value_has_its_pointer() -> None:
    tree = Tree({"a": [{"b": ["1", "2"]}, {"b": "3"}, {"c": "4"}], "d/e": {"f~": "5"}})
    assert [(each.pointer, each.value) for each in tree.each("a", "b")] == [
        ("/a/0/b/0", "1"), ("/a/0/b/1", "2"), ("/a/1/b", "3"),
    ]  # fmt: skip
    assert tree.at("d/e", "f~").pointer == "/d~1e/f~0"
    assert (tree.text("nothing"), tree.at("no", "thing").value, tree.at("no", "thing").pointer) == (
        "",
        None,
        "/no/thing",
    )


def test_an_element_is_what_json_would_say() -> None:
    text = '<a xmlns="urn:x" xml:lang="en">t<b type="p">1</b><b>2</b><c/></a>'
    assert trees.of_xml(ElementTree.fromstring(text)) == {
        "@lang": "en", "$": "t", "b": [{"@type": "p", "$": "1"}, "2"], "c": "",
    }  # fmt: skip
    assert Tree(trees.of_xml(ElementTree.fromstring(text))).texts("b") == ["1", "2"]


def test_a_row_is_a_tree_by_the_points_in_the_names_of_its_columns() -> None:
    row = {
        "A.B": "1",
        "A.B.xmllang": "en",
        "A.C.2": "y",
        "A.C.1": "x",
        "A.C.1.type": "t",
        "D": "",
        "E..": "z",
    }
    assert trees.of_row(row.items()) == {
        "A": {"B": {"$": "1", "@lang": "en"}, "C": [{"$": "x", "type": "t"}, "y"]}, "E": {"": {"": "z"}},
    }  # fmt: skip
    assert trees.of_row([("." * 100_000, "deep")])


@pytest.mark.parametrize(
    ("value", "unread"),
    [
        ({"id": "1", "a": [{"b": "2"}, {"b": None}]}, []),
        ({"a": None, "x": {"deep": ["down"]}, "ex:y": {"z": "1"}}, []),
        ({"a": {"b": {"c": "1"}}}, ["/a/b/c"]),
        ({"a": "a text where an object is read"}, ["/a"]),
        ({"a": [{"b": "1"}, {"new": "2"}], "ID": "3"}, ["/a/1/new", "/ID"]),
        ({"new": None}, ["/new"]),
        ({"new": {}}, ["/new"]),
        (trees.of_json('{"a": {"b": 1, "b": 2}, "x": 1, "x": 2}'), ["/a/b"]),
    ],
)
def test_a_property_that_nobody_reads_or_leaves_out_is_found_with_its_pointer(
    value: Any, unread: list[str]
) -> None:
    found = Properties(["id", "a/b"], ["x", "*:*"]).unread(value)
    assert [pointer for _, pointer in found] == unread


# Files.


def test_one_file_of_any_name_or_a_folder_of_several_is_read(tmp_path: Path) -> None:
    for name in ("b.JSON", "a.json", "notes.txt"):
        (tmp_path / name).write_text('{"id": "1"}', "utf-8")
    found = reader(tmp_path)
    assert [path.name for path in found.paths()] == ["a.json", "b.JSON"]
    assert [(each.severity, each.file) for each in found.report.findings] == [("warning", "notes.txt")]
    assert [path.name for path in reader(tmp_path / "notes.txt").paths()] == ["notes.txt"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"no file of \.json"):
        reader(tmp_path / "empty").paths()


def packed(folder: Path, names: Sequence[str] = ("made/here.json",), password: bool = False) -> Path:
    path = folder / "sent.json.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("__MACOSX/._here.json", "noise")
        for name in names:
            archive.writestr(name, '{"id": "1"}')
    if password:
        path.write_bytes(path.read_bytes().replace(b"\x14\x00\x00\x00", b"\x14\x00\x01\x00"))
    return path


def test_what_is_packed_is_unpacked_and_a_copy_takes_its_place(tmp_path: Path) -> None:
    packed(tmp_path)
    (tmp_path / "other.json.gz").write_bytes(gzip.compress(b'{"id": "2"}'))
    found = reader(tmp_path)
    first, second = found.paths()
    assert [path.name for path in (first, second)] == ["other.json", "here.json"]
    records = [each for path in (first, second) for each in found.records(path, lambda document: [document])]
    assert [each.text("id") for each in records] == ["2", "1"]
    assert found.report.findings == []
    assert found.source.used == {"other.json.gz", "sent.json.zip"}
    found.keep(second, [{"id": "1"}])
    found.keep(first, [{"id": "2"}])
    assert found.source.used == {"other.json", "here.json"}


def test_copies_of_files_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"id": "1"}', "utf-8")
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b'{"id": "2"}'))
    found = reader(tmp_path)
    for number, path in enumerate(found.paths()):
        found.keep(path, [{"id": str(number)}])
    assert {name: found.source.find(name).read_text("utf-8") for name in found.source.used} == {
        "a.json": '{"id": "0"}\n', "a.json.gz.jsonl": '{"id": "1"}\n',
    }  # fmt: skip


@pytest.mark.parametrize(
    ("names", "password", "data", "said"),
    [
        (["a.json", "b.json"], False, None, "holds 2 files"),
        ([], False, None, "holds 0 files"),
        (["a.json"], True, None, "password"),
        (["a.json"], False, b"PK\x03\x04 and no more", "broken"),
        (["a.json"], False, b"\x1f\x8b and no more", "broken"),
    ],
)
def test_what_cannot_be_unpacked_is_an_error(
    tmp_path: Path, names: list[str], password: bool, data: bytes | None, said: str
) -> None:
    path = packed(tmp_path, names, password)
    if data is not None:
        path.write_bytes(data)
    for place in (path, tmp_path):
        found = reader(place)
        assert found.paths() == []
        (error,) = found.report.findings
        assert (error.severity, error.file) == ("error", "sent.json.zip")
        assert said in error.message


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('{"id": "1"}', [1]),
        ('[{"id": "1"}, {"id": "2"}]', [1, 2]),
        ('{"id": "1"}\n\n{"id": "2"}\n', [1, 3]),
        ('\ufeff[\n{"id": "1"}\n]\n', [1]),
        ('{\n"id": "1"\n}', [1]),
    ],
)
def test_a_record_stands_in_the_row_of_its_number_or_its_line(
    tmp_path: Path, text: str, rows: list[int]
) -> None:
    records, found = read(tmp_path, text)
    assert [each.where.row for each in records] == rows
    assert found == []


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        (b"", None, "empty"),
        (b'{"id": "1"', 1, "not the JSON of bods"),
        (b'{"id": "1"}\n{"id": \n', 2, "not the JSON of bods"),
        (b'{"id": "1"}\n[2]\n', 2, "an object is expected"),
        (b'{"id": "\xff"}', 1, "0xff"),
        (b'{"id": "\\ud800"}', None, "surrogates"),
        (b"[" * (MAX_DEPTH + 1), 1, "nested"),
        (b'{"id": "' + b"x" * (1 << 21) + b'"}', 1, "bytes"),
        (b'{"id": "\x00"}', 1, "binary"),
        (b"id,name\n1,2\n", 1, "not the JSON of bods"),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_with_its_line(
    tmp_path: Path, text: bytes, row: int | None, said: str
) -> None:
    _, found = read(tmp_path, text)
    (error,) = found
    assert (error.severity, error.row) == ("error", row)
    assert said in error.message


def test_one_value_that_is_too_large_is_refused_and_lines_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MAX_DOCUMENT", 20)
    assert "more than 20 characters" in read(tmp_path, '[{"id": "0123456789"}]')[1][0].message
    assert read(tmp_path, '{"id": "0123456789"}\n{"id": "0123456789"}\n')[1] == []


def test_a_file_without_a_record_is_an_error(tmp_path: Path) -> None:
    (error,) = read(tmp_path, "[]")[1]
    assert "0 records" in error.message


def test_an_unread_property_is_told_once_a_file_and_the_first_ones_only(tmp_path: Path) -> None:
    found = reader(tmp_path)
    for row in (1, 2):
        record = Record({"id": "1", "new": "personal"}, where=Where("f.json", row))
        assert not found.known(record, "thing")
    (error,) = found.report.findings
    assert (error.severity, error.row, error.column, error.value) == ("error", None, "/new", None)
    assert "first in record 1" in error.message
    many = Record({f"new{number}": "x" for number in range(1000)}, where=Where("f.json", 3))
    assert not found.known(many, "thing")
    assert len(found.report.findings) == documents.MAX_TOLD
    assert found.known(Record({"id": "1", "ex:y": "2"}, where=Where("f.json", 4)), "thing")


def test_xml_is_read_element_by_element_and_refused_where_it_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text('<r xmlns="urn:x"><t>1</t><t a="2"/><u>3</u></r>', "utf-8")
    found = reader(path)
    assert list(found.elements(path, ["t"])) == [("t", "1"), ("t", {"@a": "2"})]
    for text in ("<r><t>1</t>", '<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>', "<t>" * 200):
        path.write_text(text, "utf-8")
        broken = reader(path)
        list(broken.elements(path, ["t"]))
        (error,) = broken.report.findings
        assert "not the XML of bods" in error.message
        assert error.row == 1


def test_a_record_that_is_no_object_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text('{"list": ["text", {"id": "1"}, [2]]}', "utf-8")
    found = reader(path)
    records = list(found.records(path, lambda document: document.each("list")))
    assert [record.value for record in records] == [{"id": "1"}]
    assert [(each.severity, each.row) for each in found.report.findings] == [("refused", 1), ("refused", 3)]


def test_a_record_that_says_a_property_twice_is_left_out_with_its_pointer(tmp_path: Path) -> None:
    records, _ = read(tmp_path, '[{"id": "1", "id": "1"}, {"id": "2"}]')
    found = reader(tmp_path)
    assert [found.known(record, "thing") for record in records] == [False, True]
    (refused,) = found.report.findings
    assert (refused.severity, refused.row, refused.column) == ("refused", 1, "/id")


# What adapters of standards share.


def test_identifiers_of_any_scheme_are_held_and_wrong_ones_of_known_schemes_are_a_note(
    tmp_path: Path,
) -> None:
    found = reader(tmp_path)
    said = [("lei", "HWUPKR0MPOU8FGXBT394"), ("Lost Register", "12"), ("lei", "0000000000")]
    cells = found.identified(Where("f"), said)
    assert cells == {"identifiers": "lei:HWUPKR0MPOU8FGXBT394|lost-register:12", "note": ""}
    wrong = found.identified(Where("f", 2), [("lei", "HWUPKR0MPOU8FGXBT395")])
    assert (wrong["identifiers"], wrong["note"]) == ("", "Also identified by lei HWUPKR0MPOU8FGXBT395.")
    found.identified(Where("f", 3), [("lei", "HWUPKR0MPOU8FGXBT396")])
    assert [each.row for each in found.report.findings] == [2, 3]


def test_a_number_of_a_person_is_nowhere(tmp_path: Path) -> None:
    found = reader(tmp_path)
    for row in (1, 2):
        cells = found.identified(Where("f", row), [("COL-PASSPORT", "AB123456")])
        assert cells == {"identifiers": "", "note": ""}
    (warning,) = found.report.findings
    assert (warning.row, warning.value) == (1, None)
    assert "AB123456" not in found.report.to_text()


def test_a_place_that_cannot_be_read_is_left_out_with_a_warning(tmp_path: Path) -> None:
    found = reader(tmp_path)
    assert found.place(Where("f"), "de", "DE-BE") == {"country": "DE", "region": "DE-BE"}
    assert found.place(Where("f"), "Atlantis") == {"country": "", "region": ""}
    assert found.place(Where("f"), "DE", "US-MA") == {"country": "DE", "region": ""}
    assert [(each.severity, each.column) for each in found.report.findings] == [
        ("warning", "country"), ("warning", "region"),
    ]  # fmt: skip


def test_ids_and_days_are_made_of_what_is_written() -> None:
    assert local("urn:epc:id:sgln:1.2.3") == "urn:epc:id:sgln:1.2.3"
    made = local("http://x.example/a b/1")
    assert made.startswith("http-x-example-a-b-1-")
    assert "/" not in made
    assert local("http://x.example/a b/1") == made != local("http://x.example/a b 1")
    assert [day(text) for text in ("2019-05-01T00:00:00+02:00", "2019-05", "")] == [
        "2019-05-01",
        "2019-05",
        "",
    ]


@pytest.mark.parametrize("name", STANDARDS)
def test_every_property_that_a_standards_adapter_leaves_out_has_a_reason_and_none_is_also_read(
    name: str,
) -> None:
    spec = describe(name)
    for kind, said in spec["records"].items():
        assert not set(said["read"]) & set(said.get("ignore", {})), kind
        assert len(said["read"]) == len(set(said["read"])), kind
        assert all(len(reason) > 10 for reason in said.get("ignore", {}).values()), kind
    assert spec["expected"][0] == 1
    assert {"title", "licence", "publisher", "homepage", "version", "description", "endings"} <= set(spec)
