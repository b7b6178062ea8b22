"""What becomes of every row of the real files: docs/real-data.md says it, and contributing them gives it."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from xml.etree import ElementTree

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.foreign import adapters, convert, describe
from opentier.graph.contribution.submission import Options
from opentier.graph.report.report import Report

DOCS = Path(__file__).parents[1] / "docs"
PAGE, ADAPTERS = (DOCS / name for name in ("real-data.md", "adapters.md"))
#: Adapters that `lists` has contributed, and those whose folders this module contributes.
BEFORE = ("ilab", "ipis", "palmwatch")
HERE = ("brazil", "ilab-profiles", "mills", "osh", "sayari", "uk-statements", "wikirate")
OUTCOMES = ("rows", "accepted", "warned", "refused")


def written() -> dict[str, tuple[str, dict[str, int], dict[str, int]]]:
    """Return the lines of the page by adapter: the folder, the outcomes, and how many records are made."""
    found = {}
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 7 and re.fullmatch(r"[\d,]+", cells[2]):
            counts = [int(cell.replace(",", "")) for cell in cells[2:6]]
            made = {
                name: int(count.replace(",", "")) for name, count in re.findall(r"(\w+) ([\d,]*\d)", cells[6])
            }
            found[cells[1].strip("`")] = cells[0].strip("`"), dict(zip(OUTCOMES, counts, strict=True)), made
    return found


SAID = written()


def table(folder: Path, pattern: str, encoding: str = "utf-8-sig", delimiter: str = ",") -> int:
    """Count the rows below the headers of CSV files, with no code of ours."""
    count = 0
    for path in folder.glob(pattern):
        text = io.StringIO(path.read_bytes().decode(encoding), newline="")
        count += sum(1 for row in csv.reader(text, delimiter=delimiter) if row) - 1
    return count


def elements(folder: Path, pattern: str, inner: str) -> int:
    return sum(len(ElementTree.parse(path).findall(inner)) for path in folder.glob(pattern))


def items(folder: Path, name: str, key: str = "") -> int:
    said = json.loads((folder / name).read_text("utf-8"))
    return len(said[key] if key else said)


#: How many rows the files have that an adapter reads.
COUNTED: dict[str, Callable[[Path], int]] = {
    "brazil": lambda folder: table(folder, "*2025*", "cp1252", ";") + table(folder, "*2023*", delimiter=";"),
    "ilab": lambda folder: elements(folder, "goods_*.xml", "Good/Countries/Country"),
    "ilab-profiles": lambda folder: elements(folder, "countries_*.xml", "Country"),
    "ipis": lambda folder: table(folder, "cod_mines*.csv"),
    "mills": lambda folder: table(folder, "*.csv"),
    "osh": lambda folder: table(folder, "*.csv") + items(folder, "oar_facilities.json"),
    "palmwatch": lambda folder: table(folder, "universal_mill_list.csv") + table(folder, "brand_mill*.csv"),
    "sayari": lambda folder: table(folder, "ships_to.csv"),
    "uk-statements": lambda folder: (
        table(folder, "statements_audit*.csv") + table(folder, "companies_*.csv")
    ),
    "wikirate": lambda folder: (
        items(folder, "has_brands_2021.json", "items") + items(folder, "tea_companies.json")
        + table(folder, "tier1*.csv") + table(folder, "brand_hq*.csv")
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def graph(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return a graph into which the folders of this module are contributed, after the laws."""
    graph = Graph.open(tmp_path_factory.mktemp("rows") / "data", create=True)
    with as_file(files("opentier.graph") / "datasets" / "laws") as laws:
        graph.contribute(laws)
    for name in HERE:
        assert graph.contribute(shared / "data" / SAID[name][0], Options(adapter=name)).new
    return graph


def outcomes(graph: Graph, dataset: str) -> dict[str, int]:
    (version,) = [each for each in graph.view().release.versions if each.dataset == dataset]
    return {name: getattr(version, name) for name in OUTCOMES}


def test_the_page_has_a_line_for_every_adapter_of_lists() -> None:
    assert set(SAID) >= {*BEFORE, *HERE} == set(COUNTED)
    for name, (_, counts, _) in SAID.items():
        assert counts["accepted"] + counts["warned"] + counts["refused"] == counts["rows"], name


def test_the_page_names_every_folder(shared: Path) -> None:
    text = PAGE.read_text("utf-8")
    folders = {path.name for path in (shared / "data").iterdir() if path.is_dir()}
    assert {folder for folder in folders if f"| `{folder}` |" not in text} == set()


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_the_files_have_as_many_rows_as_the_page_says(shared: Path, name: str) -> None:
    folder, counts, _ = SAID[name]
    assert COUNTED[name](shared / "data" / folder) == counts["rows"]


@pytest.mark.parametrize("name", HERE)
def test_contributing_a_folder_gives_what_the_page_says(graph: Graph, name: str) -> None:
    assert outcomes(graph, name) == SAID[name][1]


@pytest.mark.parametrize("name", BEFORE)
def test_contributing_a_list_gives_what_the_page_says(lists: Graph, name: str) -> None:
    assert outcomes(lists, name) == SAID[name][1]


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_an_adapter_makes_as_many_records_as_the_page_says(shared: Path, name: str) -> None:
    folder, _, made = SAID[name]
    source = convert(name, shared / "data" / folder, Report())
    assert {table: len(rows) for table, rows in source.tables.items()} == made


def test_an_extract_is_not_taken_for_the_list(shared: Path, tmp_path: Path) -> None:
    path = tmp_path / "entities-2026-07-09.csv"
    facts = (
        (shared / "facts" / "us_uflpa_entities_2026-07-09.csv").read_text("utf-8").splitlines(keepends=True)
    )
    path.write_text("".join(facts[:24]), "utf-8")
    report = Report()
    convert("uflpa", path, report)
    assert "an extract is not the list" in report.to_text()
    assert not report.conforms
    shutil.copy(shared / "data" / "uflpa_extract" / "uflpa_extract_23.csv", path)
    report = Report()
    convert("uflpa", path, report)
    assert not report.conforms


# What the page on adapters says.


@pytest.mark.parametrize("name", sorted({*COUNTED} - {"ilab"}))
def test_the_page_on_adapters_has_a_section_with_its_counts_and_licence(name: str) -> None:
    text = ADAPTERS.read_text("utf-8")
    section = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    for said in ("**Reads**", "**Makes**", "**Drops**", "**Assumes**", "**Expected**", "**Licence**"):
        assert said in section, said
    for file, spec in describe(name)["files"].items():
        low, high = spec["expected"]
        assert f"{low:,} to {high:,}" in section, file


@pytest.mark.parametrize("name", adapters())
def test_every_column_that_an_adapter_leaves_out_has_a_reason_and_none_is_also_read(name: str) -> None:
    spec = describe(name)
    assert {"title", "licence", "publisher", "homepage", "description"} <= set(spec)
    for file, said in spec.get("files", {}).items():
        read, left = set(said["read"]), said.get("ignore", {})
        assert not read & set(left), file
        assert all(len(reason) > 10 for reason in left.values()), file
        assert set(said.get("withheld", ())) <= set(left), file
        assert said["expected"][0] <= said["expected"][1]
