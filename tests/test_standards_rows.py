"""What becomes of the records of the samples of standards: docs/real-data.md says it, and contributing gives it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.foreign import convert
from opentier.graph.contribution.submission import Options
from opentier.graph.report.report import Report
from tests.test_documents import STANDARDS
from tests.test_real_data_rows import DOCS, SAID, outcomes

#: The endings of the files that are read of each folder, and how many records they have.
SAMPLES = {"bods": "*.json", "epcis": "*.jsonld", "gleif": "*.xml"}
RECORDS = ("LEIRecord", "RelationshipRecord", "Exception")


def events(path: Path) -> int:
    return len(json.loads(path.read_text("utf-8"))["epcisBody"]["eventList"])


def elements(path: Path) -> int:
    return sum(each.tag.rpartition("}")[2] in RECORDS for each in ElementTree.parse(path).iter())


COUNTED: dict[str, Callable[[Path], int]] = {
    "bods": lambda path: len(json.loads(path.read_text("utf-8"))),
    "epcis": events,
    "gleif": elements,
}


@pytest.fixture(params=sorted(SAMPLES))
def sample(request: pytest.FixtureRequest, shared: Path, tmp_path: Path) -> tuple[str, Path]:
    """Return an adapter and a folder of the files of its samples that it reads."""
    name = str(request.param)
    folder = tmp_path / name
    folder.mkdir()
    for path in (shared / "data" / SAID[name][0]).glob(SAMPLES[name]):
        shutil.copy(path, folder)
    return name, folder


def test_contributing_samples_gives_what_the_page_says(sample: tuple[str, Path], tmp_path: Path) -> None:
    name, folder = sample
    _, counts, made = SAID[name]
    assert sum(map(COUNTED[name], folder.iterdir())) == counts["rows"]
    source = convert(name, folder, Report())
    assert {table: len(rows) for table, rows in source.tables.items()} == made
    graph = Graph.open(tmp_path / "data", create=True)
    assert graph.contribute(folder, Options(adapter=name, licence="CC0-1.0")).new
    assert outcomes(graph, name) == counts


def test_two_files_of_one_standard_lead_to_each_other(shared: Path, tmp_path: Path) -> None:
    for name in ("lei-data-out.json", "rr-data-out.json"):
        shutil.copy(shared / "data" / "gleif_samples" / name, tmp_path)
    source = convert("bods", tmp_path, Report())
    assert source.report.conforms
    assert len(source.tables["actors"]) == 5


@pytest.mark.parametrize("name", STANDARDS)
def test_the_page_on_standards_has_a_section_of_each(name: str) -> None:
    section = (DOCS / "standards.md").read_text("utf-8").partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert "| becomes |" in section
    assert "- **Drops**" in section
    assert "- **Assumes**" in section
