"""A damaged index: whatever happens to its files, the answer is the true one, or an error that says what to do.

Two data directories are damaged 100 times each: one whose index was built at once, and one whose index has an addition
in it. A small index is read in full whenever it is opened; to hold the way of a large one too, which is mapped and read
in full only where a stamp does not fit, half of the damages are done to indexes that are told to be large, after they
were stamped. Times of files are set back, as a program that restores them would.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.engine.columns import load
from opentier.graph.errors import OpenTierError, StoreError, UnknownActor
from opentier.graph.index import description, shelf
from opentier.graph.index.description import Description
from opentier.graph.index.format import FORMAT
from opentier.graph.index.opened import Index
from opentier.graph.trace.parameters import Parameters
from tests.broken import write
from tests.oracles.tables import MEMORY

#: What the damages are drawn by, and how many there are for each data directory.
SEED, DAMAGES = 20261125, 100
ROOTS = ("example/aurora", "example/sunmeadow-modules", "example/mistral", "more/mill")


def more(folder: Path, name: str = "more", supplier: str = "kingfisher-knitwear") -> Path:
    """Write a package with one buyer of an actor of the example."""
    tables = {
        "actors": [["id", "name"], ["mill", "More Mill"]],
        "supply_links": [["buyer", "supplier", "product"], ["mill", f"example/{supplier}", "6109"]],
    }
    return write(folder / f"{name}-{supplier}", {key: [*rows] for key, rows in tables.items()}, name)


def answers(graph: Graph) -> list[str]:
    """Return what traces say as JSON, up and down, and the nearest exposures, which have a file of their own."""
    view, said = graph.view(), []
    for root in ROOTS:
        for asked in (Parameters(), Parameters(downstream=True, paths=1), Parameters(product="6109")):
            try:
                said.append(view.trace(root, asked).to_json())
            except UnknownActor as error:
                said.append(str(error))
            else:
                said.append(repr(view.nearest(root, Parameters(paths=3))))
    return said


def built(admitted: Path, data: Path) -> Path:
    """Copy the shipped datasets, and build the index of the last release anew: it did not grow with them."""
    Graph.open(shutil.copytree(admitted, data)).rebuild_index()
    return data


@pytest.fixture
def directory(admitted: Path, tmp_path: Path) -> Path:
    """Return a data directory with such an index, which the test may change."""
    return built(admitted, tmp_path / "data")


@pytest.fixture(scope="module", params=["built", "added"])
def sound(request: pytest.FixtureRequest, admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with an index that nobody may change: one that was built, or one with an addition."""
    data = built(admitted, tmp_path_factory.mktemp(request.param) / "data")
    graph = Graph.open(data)
    answers(graph)
    if request.param == "added":
        graph.contribute(more(data.parent))
        answers(Graph.open(data))
        (folder,) = (data / "index").iterdir()
        assert sorted(path.name for path in folder.glob("*.json")) == ["00000003.json", "00000004.json"]
    return data


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Return a folder in memory: a hundred indexes are waited for until they are on disk."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as place:
        yield Path(place)


def flipped(file: Path, dice: random.Random) -> None:
    """Change a bit, mostly in what counts: the room of a file is a hole."""
    data = bytearray(file.read_bytes())
    if data:
        end = len(data.rstrip(b"\0")) if dice.random() < 0.8 else len(data)
        data[dice.randrange(max(1, end))] ^= 1 << dice.randrange(8)
    file.write_bytes(data)


def emptied(file: Path, dice: random.Random) -> None:
    file.write_bytes(b"")


def cut(file: Path, dice: random.Random) -> None:
    os.truncate(file, dice.randrange(file.stat().st_size + 1))


def lengthened(file: Path, dice: random.Random) -> None:
    with file.open("ab") as opened:
        opened.write(dice.randbytes(dice.randrange(1, 9000)))


def overwritten(file: Path, dice: random.Random) -> None:
    with file.open("r+b") as opened:
        opened.seek(dice.randrange(max(1, min(4000, file.stat().st_size))))
        opened.write(dice.randbytes(dice.randrange(1, 400)))


def deleted(file: Path, dice: random.Random) -> None:
    file.unlink()


def swapped(file: Path, dice: random.Random) -> None:
    """Give two files each other's names, two of one size if there are any."""
    others = sorted(path for path in file.parent.iterdir() if path != file)
    alike = [path for path in others if path.stat().st_size == file.stat().st_size]
    other = dice.choice(alike or others)
    aside = file.with_name("aside")
    file.rename(aside)
    other.rename(file)
    aside.rename(other)


def replaced(file: Path, dice: random.Random) -> None:
    shutil.copyfile(dice.choice(sorted(path for path in file.parent.iterdir() if path != file)), file)


def turned(file: Path, dice: random.Random) -> None:
    """Put a folder in the place of a file."""
    file.unlink()
    file.mkdir()


KINDS: tuple[Callable[[Path, random.Random], None], ...] = (
    flipped, flipped, flipped, flipped, overwritten, emptied, cut, lengthened, deleted, swapped, replaced, turned,
)  # fmt: skip


def damage(folder: Path, dice: random.Random) -> str:
    """Damage one file of an index, and set its times back; return in words what was done."""
    file = dice.choice(sorted(folder.iterdir()))
    kind, before = dice.choice(KINDS), file.stat()
    kind(file, dice)
    if file.exists():
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    return f"{file.name} {kind.__name__}"


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
def test_a_damaged_index_gives_the_true_answer_or_a_clear_error(
    sound: Path, large: bool, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, dice, refusals = scratch / "data", random.Random(SEED + large), list[str]()
    shutil.copytree(sound, data)
    true, rebuilt = answers(Graph.open(data)), 0
    if large:
        monkeypatch.setattr(description, "SMALL", 0)
    (folder,) = (data / "index").iterdir()
    for _ in range(DAMAGES // 2):
        shutil.rmtree(data / "index")
        shutil.copytree(sound / "index", data / "index")
        if large:
            Graph.open(data).view().index  # noqa: B018 - stamps it
            assert [*folder.glob(".*.seen")]
        told = damage(folder, dice)
        mark = folder / "mark"
        mark.touch()
        try:
            assert answers(Graph.open(data)) == true, told
        except OpenTierError as error:
            refusals.append(str(error))
        rebuilt += not mark.exists()
        assert shelf.verify(Graph.open(data).store.release()) == [], told
    assert refusals == []  # what is derived is built anew
    assert rebuilt > DAMAGES // 4


# --- What is said of the files ----------------------------------------------------------------------------------


def test_an_addition_makes_no_older_description_false(directory: Path, tmp_path: Path) -> None:
    graph = Graph.open(directory)
    before = graph.view()
    known = before.index
    graph.contribute(more(tmp_path))
    assert graph.view().index.folder == known.folder
    for release in (before.release, graph.view().release):
        assert shelf.verify(release) == []
        assert shelf.index(release).folder == known.folder


def test_verify_names_the_file_and_the_place(directory: Path) -> None:
    view = Graph.open(directory).view()
    folder = view.index.folder
    assert folder is not None
    assert shelf.verify(view.release) == []
    for name in ("head.npy", "name.heap.npy"):
        with (folder / name).open("r+b") as file:
            file.seek(130)
            file.write(bytes([file.read(1)[0] ^ 1]))
            file.seek(130)
    (said,) = shelf.verify(view.release)
    assert "head.npy is damaged between byte 0 and byte" in said
    assert "name.heap.npy is damaged between byte 0 and byte" in said
    (folder / "tail.npy").unlink()
    assert "tail.npy" in shelf.verify(view.release)[0]
    assert len(shelf.index(view.release)) == len(view.index)
    assert shelf.verify(view.release) == []


def test_what_changes_no_time_is_found_by_verify(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(description, "SMALL", 0)
    view = Graph.open(directory).view()
    folder = view.index.folder
    assert folder is not None
    said = Description.read(folder, view.release.id)
    flipped(folder / "head.npy", random.Random(1))
    said.stamp(said.seen())  # as if it had been so when all was read
    assert "head.npy is damaged" in shelf.verify(view.release)[0]
    (folder / f".{view.release.id}.seen").unlink()
    with pytest.raises(StoreError, match=r"head\.npy is damaged"):
        Index.open(folder, view.release.id)


def test_a_number_that_leads_nowhere_is_found_though_all_sums_are_right(directory: Path) -> None:
    view = Graph.open(directory).view()
    index = view.index
    folder = index.folder
    assert folder is not None
    small = dict(np.load(folder / f"{view.release.id}.npz"))
    for name, change in {
        "head": 10**6,
        "back.arc": 10**6,
        "hop": 200,
        "record": 10**6,
        "out.end": 10**6,
    }.items():
        column = load(folder, name, "r+")
        kept = int(column[0])
        column[0] = change
        del column
        Description.write(folder, index.tables, small)
        with pytest.raises(StoreError, match=r"lead|outside"):
            Index.open(folder, view.release.id)
        column = load(folder, name, "r+")
        column[0] = kept
        del column
    Description.write(folder, index.tables, small)
    assert len(Index.open(folder, view.release.id)) == len(index)


def test_an_index_of_another_format_is_built_anew(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = Graph.open(directory)
    true = answers(graph)
    folder = graph.view().index.folder
    assert folder is not None
    with monkeypatch.context() as patch:
        patch.setattr(description, "FORMAT", FORMAT + 1)
        with pytest.raises(StoreError, match="of another format"):
            Index.open(folder, "00000003")
        assert answers(Graph.open(directory)) == true
    assert answers(Graph.open(directory)) == true


def test_what_is_left_of_an_index_hinders_nobody(directory: Path) -> None:
    true = answers(Graph.open(directory))
    (folder,) = (directory / "index").iterdir()
    for described in folder.glob("*.json"):
        described.unlink()
    assert answers(Graph.open(directory)) == true
    shutil.rmtree(folder)
    folder.write_text("a file")
    assert answers(Graph.open(directory)) == true
    shutil.rmtree(directory / "index")
    (directory / "index").write_text("a file")
    with pytest.raises(StoreError, match="cannot be written to"):
        answers(Graph.open(directory))


def test_an_index_of_another_release_of_that_name_is_not_answered_from(
    directory: Path, tmp_path: Path
) -> None:
    graph = Graph.open(directory)
    answers(graph)
    before = (directory / "current").read_text()
    graph.contribute(more(tmp_path))
    assert answers(Graph.open(directory))
    (directory / "current").write_text(before)  # a backup from before is restored, without the index
    shutil.rmtree(directory / "releases" / "00000004")
    shutil.rmtree(directory / "contributions" / "more")
    graph = Graph.open(directory)
    answers(graph)
    graph.contribute(more(tmp_path, supplier="mistral"))
    found = answers(Graph.open(directory))
    shutil.rmtree(directory / "index")
    assert found == answers(Graph.open(directory))
    assert shelf.verify(Graph.open(directory).store.release()) == []


# --- On disk before it counts -----------------------------------------------------------------------------------


def test_what_a_description_tells_of_is_on_disk_before_it(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, str]] = []
    fsync, replace, rename = os.fsync, Path.replace, Path.rename

    def synced(opened: int) -> None:
        calls.append(("sync", Path(os.readlink(f"/proc/self/fd/{opened}")).name))
        fsync(opened)

    def renamed(way: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
        def noted(path: Path, target: Path) -> Path:
            calls.append(("name", Path(target).name))
            return way(path, target)

        return noted

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed(replace))
    monkeypatch.setattr(Path, "rename", renamed(rename))
    shutil.rmtree(directory / "index")  # it is built when it is asked for
    graph = Graph.open(directory)
    index = graph.rebuild_index()
    assert index.folder is not None
    files = {*Description.read(index.folder, index.release).seals}
    draft = next(
        name
        for kind, name in calls
        if name.startswith(f".{index.release}.") and kind == "sync" and "json" not in name
    )
    described = calls.index(("name", f"{index.release}.json"))
    before, after = calls[:described], calls[described + 1 :]
    assert {("sync", name) for name in files} <= {*before}
    last = max(before.index(("sync", name)) for name in files)
    assert before[last + 1 :] == [("sync", draft), ("sync", f".{index.release}.json")]
    assert after[:3] == [("sync", draft), ("name", index.release), ("sync", "index")]
    calls.clear()
    graph.contribute(more(tmp_path))
    described = calls.index(("name", "00000004.json"))
    assert {("sync", name) for name in Description.read(index.folder, "00000004").seals} <= {
        *calls[:described]
    }
    assert calls[described - 2 : described + 2] == [
        ("sync", index.release), ("sync", ".00000004.json"), ("name", "00000004.json"), ("sync", index.release),
    ]  # fmt: skip


# --- Under a service --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [("head.npy", emptied), ("iri.heap.npy", cut), ("json", flipped), ("json", emptied), ("npz", turned)],
)
def test_a_service_over_a_damaged_index_answers_what_is_true(
    admitted: Path, name: str, kind: Callable[[Path, random.Random], None], tmp_path: Path
) -> None:
    true = Graph.open(admitted).trace("example/aurora").to_json()
    data = tmp_path / "data"
    shutil.copytree(admitted, data)
    Graph.open(data).rebuild_index()
    (folder,) = (data / "index").iterdir()
    (file,) = (path for path in folder.glob(f"*{name}") if not path.name.startswith("."))
    kind(file, random.Random(SEED))
    with TestClient(create_app(Graph.open(data))) as client:
        answer = client.get("/trace", params={"actor": "example/aurora"})
        assert answer.status_code == 200
        assert answer.json() == json.loads(true)
    for thread in threading.enumerate():  # what makes ready in the background
        if thread.name == "opentier-tend":
            thread.join(60)
