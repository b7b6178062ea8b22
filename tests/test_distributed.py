"""The index as Parquet, and what is said where Spark cannot be asked; neither needs Spark.

What Spark answers is tested in `test_spark`, where it is installed.
"""

from __future__ import annotations

import hashlib
import json
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from pyarrow import parquet

from opentier.graph import Graph
from opentier.graph.distributed import columns, sessions
from opentier.graph.distributed.work import held
from opentier.graph.errors import NotInstalled, UsageError
from opentier.graph.index.format import ARCS
from opentier.graph.index.opened import Index
from tests.counts import runs
from tests.oracles.draw import Tables, packages
from tests.oracles.tables import MEMORY, built, networked

if TYPE_CHECKING:
    from tests.conftest import Command


@pytest.fixture(scope="module")
def index(admitted: Path) -> Index:
    return Graph.open(admitted).view().index


@pytest.fixture(scope="module")
def written(index: Index, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the columns of an index as several files each."""
    place = tmp_path_factory.mktemp("columns") / "index"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "PIECE", max(len(index.rows()) // 3, 8))
        columns.write(index, place)
    return place


def table(folder: Path) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = parquet.read_table(folder).to_pydict()
    return found


def same_designations(index: Index, found: dict[str, list[Any]]) -> None:
    """Check that columns say of designations what the index says."""
    listed = index.designations
    assert found["iri"] == [entry.iri for entry in listed]
    assert [None if node is None else int(node) for node in found["node"]] == index.targets
    assert found["country"] == [entry.place and entry.place.country for entry in listed]
    assert found["region"] == [entry.place and entry.place.region for entry in listed]
    assert [product is None for product in found["product"]] == [entry.product is None for entry in listed]
    assert [json.loads(more)["in_force"] for more in found["more"]] == [
        [list(span) for span in entry.in_force] for entry in listed
    ]


def test_the_columns_of_links_are_those_of_the_index(index: Index, written: Path) -> None:
    assert len(list((written / "arcs").iterdir())) > 2
    found, rows = table(written / "arcs"), index.rows()
    assert found["arc"] == rows.tolist()
    for name in ARCS:
        if name != "extra":
            said = index.columns[name][rows].tolist()
            assert found[name] == [None if value != value else value for value in said], name
    records = index.columns["record"][rows]
    for name in ("worth", "amount", "measures"):
        said = index.columns[name][records].tolist()
        assert found[name] == [None if value != value else value for value in said], name
    assert {str(kind) for kind in parquet.read_schema(next((written / "arcs").iterdir())).types} <= {
        "int32", "int64", "double",
    }  # fmt: skip


def test_the_columns_of_actors_are_those_of_the_index(index: Index, written: Path) -> None:
    found = table(written / "nodes")
    assert found["node"] == list(range(len(index)))
    assert found["iri"] == [index.iri(node) for node in found["node"]]
    known = index.columns["kind"][: len(index)] != 0
    assert found["described"] == known.tolist()
    assert [name is not None for name in found["name"]] == known.tolist()
    assert found["place"] == index.place[: len(index)].tolist()
    same_designations(index, table(written / "designations.parquet"))
    goods = table(written / "goods.parquet")
    assert [(p or -1) for p in goods["product"]] == [int(p) or -1 for p, _ in index.tables.goods]


@runs(25)
@given(packages())
def test_the_columns_of_designations_are_those_of_any_index(tables: Tables) -> None:
    index = built(networked(tables))
    with tempfile.TemporaryDirectory(dir=MEMORY) as scratch:
        columns.write(index, Path(scratch, "index"))
        found = table(Path(scratch, "index", "designations.parquet"))
    same_designations(index, found)


def test_the_description_says_what_it_is_and_may_be_used_for(index: Index, written: Path) -> None:
    said = columns.read(written)
    assert said["release"] == index.release
    assert said["arcs"] == len(index.rows())
    assert {each["dataset"]: each["licence"] for each in said["datasets"]} == {
        name: version.licence for name, version in index.versions.items()
    }
    files = {str(path.relative_to(written)) for path in written.rglob("*.parquet")}
    assert set(said["files"]) == files
    for name, hashed in said["files"].items():
        assert hashed == f"sha256:{hashlib.sha256((written / name).read_bytes()).hexdigest()}"


def test_the_same_index_gives_the_same_bytes(index: Index, tmp_path: Path) -> None:
    said = [columns.write(index, tmp_path / name) for name in ("one", "two")]
    assert said[0] == said[1]


def test_columns_of_another_release_are_not_taken_for_these(index: Index, tmp_path: Path) -> None:
    columns.of(index, tmp_path / "index")
    columns.of(index, tmp_path / "index")
    file = tmp_path / "index" / columns.DESCRIPTION
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"release": "another"}), "utf-8")
    with pytest.raises(UsageError, match="another release"):
        columns.of(index, tmp_path / "index")


def test_nothing_half_written_is_left(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(columns, "_nodes", full)
    with pytest.raises(Exception, match="disk is full"):
        columns.write(index, tmp_path / "index")
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_them_and_overwrites_nothing(
    call: Command, admitted: Path, tmp_path: Path
) -> None:
    run = call("index", "--parquet", str(tmp_path / "index"), "--data", str(admitted))
    assert (run.code, run.out) == (0, "")
    assert "actors" in run.err
    assert columns.read(tmp_path / "index")["nodes"] > 0
    again = call("index", "--parquet", str(tmp_path / "index"), "--data", str(admitted))
    assert again.code == 2
    assert "there already" in again.err


@pytest.mark.parametrize("words", [("--master", "local[2]"), ("--work", "x"), ("--engine", "flink")])
def test_what_is_for_spark_is_asked_of_spark_alone(
    call: Command, admitted: Path, words: tuple[str, ...]
) -> None:
    run = call("exposure", "--data", str(admitted), *words)
    assert run.code == 2
    assert "spark" in run.err


def test_without_spark_it_is_said_what_to_install(
    call: Command, admitted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "find_spec", lambda name: None)
    run = call("exposure", "--data", str(admitted), "--engine", "spark", "--quiet")
    assert run.code == 1
    assert "opentier[spark]" in run.err
    assert "Traceback" not in run.err


@pytest.mark.parametrize("scheme", ["spark", "sc"])
def test_a_master_that_does_not_answer_is_named(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(UsageError, match=f"127.0.0.1:{port}"):
        sessions._listening(f"{scheme}://127.0.0.1:{port}")


def test_hosts_and_ports_of_masters_are_read() -> None:
    assert [
        sessions._NAMED.match(text) is None for text in ("local[2]", "yarn", "k8s://https://x:443", "sail")
    ] == [True] * 4
    found = sessions._NAMED.match("spark://master-1:7078")
    assert found is not None
    assert found.groups() == ("master-1", "7078")


def test_unsigned_numbers_and_nothing_become_what_spark_reads(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "large": np.array([0, 2**32 - 1], np.uint32), "small": np.array([1, 2**16 - 1], np.uint16),
        "figure": np.array([np.nan, np.inf]), "true": np.array([True, False]), "text": ["it's", None],
    }  # fmt: skip
    file = tmp_path / "it's.parquet"
    columns.save(file, given)
    assert table(file) == {
        "large": [0, 2**32 - 1], "small": [1, 2**16 - 1], "figure": [None, np.inf], "true": [True, False],
        "text": ["it's", None],
    }  # fmt: skip
    assert columns.load(str(file), "large")["large"].tolist() == [0, 2**32 - 1]


@pytest.mark.parametrize("name", ["local[2]", "every*", "a{b}", "what?"])
def test_a_work_directory_that_would_be_a_pattern_is_refused(tmp_path: Path, name: str) -> None:
    session: Any = None  # nothing is asked of it
    with pytest.raises(UsageError, match="patterns"), held(tmp_path / name, session, {}):
        pass
    assert not (tmp_path / name).exists()


def test_an_installed_spark_needs_java(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark", reason="PySpark is not installed")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(NotInstalled, match="Java"), sessions.opened("local[1]"):
        pass
