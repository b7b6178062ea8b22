"""A data directory of an earlier version: it says what to do; upgraded, it holds what this version would have made.

``data/edition-1.nt`` is what OpenTier 0.1 made of the package of `TABLES`, statement by statement.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from opentier.graph import Graph
from opentier.graph.errors import StoreError
from opentier.graph.identity import closure
from opentier.graph.index import format as index_format
from opentier.graph.kept import record
from opentier.graph.matching import book
from opentier.graph.model.names import expand
from opentier.graph.model.rdf import Triple
from opentier.graph.search import roll
from opentier.graph.store.directory import Store
from opentier.graph.store.marker import EARLIER, FORMAT
from opentier.graph.store.union import News
from opentier.graph.triples.engine import Engine
from opentier.graph.upkeep import archive
from opentier.graph.vocabulary import syntax
from tests.test_resources import TABLES as PLACES
from tests.test_resources import package

if TYPE_CHECKING:
    from tests.conftest import Command

EDITION_1 = Path(__file__).parent / "data" / "edition-1.nt"
MORE = {
    "supply_links": [["product"], ["610910"], ["yarn"]],
    "designations": [["exploitation", "country"], ["forced-labour", "TM"], ["", ""]],
}
TABLES = {
    **PLACES,
    **{
        name: [[*row, *cells] for row, cells in zip(PLACES[name], more, strict=True)]
        for name, more in MORE.items()
    },
    "risk_assessments": [["id", "subject", "likelihood"], ["r", "MY-10", "high"]],
    "observations": [["indicator", "area", "period", "value"], ["listed-good", "202", "2023", "4"]],
}  # fmt: skip


def statements(graph: Graph) -> set[Triple]:
    release = graph.view().release
    [version] = release.graphs
    return set(release.engine.match(version))


@pytest.fixture
def admitted(tmp_path: Path) -> Graph:
    """Return a directory as this version makes it."""
    graph = Graph.open(tmp_path / "data", create=True)
    graph.contribute(package(tmp_path / "others", TABLES))
    return graph


@pytest.fixture
def earlier(admitted: Graph) -> Path:
    """Return a directory as OpenTier 0.1 made it: its statements, and its format."""
    store = admitted.store
    [version] = admitted.view().release.graphs

    def rewrite(engine: Engine) -> None:
        engine.remove(version)
        engine.load(version, EDITION_1)

    store.publish(News(), closure.pairs, rewrite=rewrite)
    said = json.loads((store.path / "opentier.json").read_text("utf-8"))
    (store.path / "opentier.json").write_text(json.dumps({**said, "format": 1}), "utf-8")
    return store.path


def test_a_directory_of_an_earlier_version_says_what_to_do_and_is_left_alone(
    earlier: Path, call: Command
) -> None:
    before = (earlier / "current").read_text("utf-8")
    with pytest.raises(StoreError, match=r"made by OpenTier 0\.1.*opentier upgrade --data"):
        Graph.open(earlier)
    for words in (("trace", "others/shop"), ("datasets",), ("verify",), ("rebuild-index",)):
        run = call(*words, "--data", str(earlier))
        assert run.code != 0
        assert f"opentier upgrade --data {earlier}" in run.err
    assert (earlier / "current").read_text("utf-8") == before


def test_an_upgraded_directory_holds_what_this_version_would_have_made(earlier: Path, tmp_path: Path) -> None:
    fresh = Graph.open(tmp_path / "fresh", create=True)
    fresh.contribute(tmp_path / "others")
    upgraded, many = Graph.upgrade(earlier)
    assert many == 1
    assert statements(upgraded) == statements(fresh)
    assert upgraded.trace("others/shop").to_json() == fresh.trace("others/shop").to_json()


def test_an_upgrade_keeps_versions_dates_and_files_and_is_sound(
    admitted: Graph, earlier: Path, call: Command
) -> None:
    [before] = admitted.view().release.versions
    assert call("upgrade", "--data", str(earlier), "--quiet").code == 0
    assert json.loads((earlier / "opentier.json").read_text("utf-8"))["format"] == FORMAT
    graph = Graph.open(earlier)
    assert graph.verify() == []
    [after] = graph.view().release.versions
    assert after == before
    assert graph.contribute(earlier.parent / "others").new is False


def test_a_backup_of_an_earlier_version_is_restored_as_it_is_and_upgraded(
    earlier: Path, tmp_path: Path, call: Command
) -> None:
    archive.backup(Store(earlier, earlier=True), tmp_path / "backup.tar")
    again = str(tmp_path / "again")
    assert call("restore", str(tmp_path / "backup.tar"), "--data", again).code == 0
    assert f"opentier upgrade --data {again}" in call("datasets", "--data", again).err
    assert call("upgrade", "--data", again, "--quiet").code == 0
    assert statements(Graph.open(again)) == statements(Graph.upgrade(earlier)[0])


def test_a_directory_of_a_newer_version_is_refused_in_words_and_left_alone(
    admitted: Graph, call: Command, tmp_path: Path
) -> None:
    path = admitted.store.path
    said = json.dumps({"format": FORMAT + 1, "base": admitted.store.names.base, "more": [1]})
    (path / "opentier.json").write_text(said, "utf-8")
    before = sorted(file.name for file in path.rglob("*"))
    for words in (
        ("trace", "others/shop"), ("contribute", str(tmp_path / "others")), ("upgrade",), ("verify",), ("serve",),
        ("backup", str(tmp_path / "backup.tar")),
    ):  # fmt: skip
        run = call(*words, "--data", str(path))
        assert run.code == 1
        assert f"has format {FORMAT + 1}; this version reads format {FORMAT}" in run.err
        assert "install that, or restore a backup from before" in run.err
    assert (path / "opentier.json").read_text("utf-8") == said
    assert sorted(file.name for file in path.rglob("*")) == before


def test_the_guide_names_the_formats_as_they_are() -> None:
    page = (Path(__file__).parents[1] / "docs" / "upgrading.md").read_text("utf-8")
    for what, number in (
        ("data directory", FORMAT), ("index", index_format.FORMAT), ("books of the matcher", book.FORMAT),
        ("rolls of the search", roll.FORMAT), ("screening records", record.FORMAT),
    ):  # fmt: skip
        assert f"| {what} | {number} |" in page
    for number, who in EARLIER.items():
        assert f"{number} ({who})" in page


def test_an_upgrade_done_again_changes_nothing(earlier: Path, call: Command) -> None:
    first, _ = Graph.upgrade(earlier)
    said = statements(first)
    run = call("upgrade", "--data", str(earlier))
    assert "nothing to upgrade" in run.err
    (earlier / "opentier.json").write_text(
        json.dumps({"format": 1, "base": first.store.names.base, "hashes": True}), "utf-8"
    )  # as where it was killed after it had published
    again, many = Graph.upgrade(earlier)
    assert many == 1
    assert statements(again) == said


def test_an_empty_directory_of_an_earlier_version_is_one_of_this_version_at_once(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    said = {"format": 1, "base": graph.store.names.base}
    (tmp_path / "data" / "opentier.json").write_text(json.dumps(said), "utf-8")
    upgraded, many = Graph.upgrade(tmp_path / "data")
    assert many == 0
    assert upgraded.contribute(package(tmp_path / "others")).new


def test_what_the_first_edition_said_is_what_the_second_lacks() -> None:
    """The fixture is of the first edition: texts where individuals stand now, and no bounds."""
    said = syntax.read(EDITION_1.read_bytes(), "ntriples")
    texts = [one for one in said if one.predicate.value == expand("ot:country")]
    assert {one.object.value for one in texts} >= {"CN", "DE", "TM"}
    assert not [one for one in said if one.predicate.value == expand("ot:earliestStart")]
