"""Nothing acknowledged is lost: lost pointers, power cuts, damaged files, and the way back from a backup."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import StoreError, UsageError
from opentier.graph.report.report import ContributionError
from opentier.graph.store import durable
from opentier.graph.store.current import UNPUBLISHED
from opentier.graph.store.directory import KEPT
from opentier.graph.store.marker import FORMAT
from tests.conftest import Command
from tests.test_atomicity import package, state

#: What is contributed without asking whom its actors may be.
UNMATCHED = Options(match=False)


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def loop(file: Path) -> None:
    file.unlink()
    file.symlink_to(file)


#: What a pointer is damaged to, by a name; the names of the releases are given, the newest last.
LOST: dict[str, Callable[[Path, list[str]], object]] = {
    "missing": lambda file, names: file.unlink(),
    "stale": lambda file, names: file.write_text(names[-2] + "\n"),
    "ahead": lambda file, names: file.write_text("00000099\n"),
    "empty": lambda file, names: file.write_text(""),
    "garbage": lambda file, names: file.write_bytes(b"\xff\x00release"),
    "a folder": lambda file, names: folder(file),
    "a pipe": lambda file, names: pipe(file),
    "a loop": lambda file, names: loop(file),
}


@pytest.fixture
def chain(tmp_path: Path) -> Graph:
    """Return a data directory with as many releases as are kept, and one more was."""
    graph = Graph.open(tmp_path / "data", create=True)
    for number in range(KEPT + 1):
        graph.contribute(package(tmp_path / f"p{number}", "chain", 5 + number), UNMATCHED)
    return graph


def listing(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if "index" not in path.parts)


@pytest.mark.parametrize("name", LOST)
def test_a_lost_pointer_is_an_error_and_costs_nothing(chain: Graph, tmp_path: Path, name: str) -> None:
    store = chain.store
    before, newest = state(store.release()), store.published()[-1]
    assert store.current == newest
    LOST[name](store.path / "current", store.published())
    with pytest.raises(StoreError):  # who has looked before sees it as who looks for the first time
        _ = store.current
    there = listing(store.path)
    again = Graph.open(store.path)
    for act in (
        lambda: again.contribute(package(tmp_path / "next", "next", 3), UNMATCHED),
        lambda: again.trace("chain/a0"),
        lambda: again.query("ASK {}"),
        lambda: again.backup(tmp_path / "backup.tar"),
    ):
        with pytest.raises(StoreError, match=rf"newest that opens is {newest}.*opentier verify --repair"):
            act()
    assert [one for one in listing(store.path) if one not in ("current", "lock", "scratch")] == [
        one for one in there if one not in ("current", "lock", "scratch")
    ]

    found = again.verify()
    assert [(fault.where, fault.derived) for fault in found] == [("current", True)]
    assert again.repair(found) == found
    assert again.verify() == []
    assert state(store.release()) == before
    assert again.contribute(package(tmp_path / "then", "next", 3), UNMATCHED).version.number == 1
    assert state(store.release()) == before | {("next", 1): 3}


def test_a_release_that_nothing_explains_is_never_removed(chain: Graph, tmp_path: Path) -> None:
    """A copy that somebody made by hand, and one with a number of its own, stay."""
    store = chain.store
    kept = store.releases / "00000001.kept-by-hand"
    kept.mkdir()
    chain.contribute(package(tmp_path / "next", "next", 3), UNMATCHED)
    assert kept.is_dir()


def test_what_a_killed_writer_left_goes_with_the_next_commit_and_not_before(
    chain: Graph, tmp_path: Path
) -> None:
    store = chain.store
    number = int(store.published()[-1]) + 1
    left = store.releases / f"{number:08d}"
    left.mkdir()
    (left / UNPUBLISHED).touch()
    draft = store.draft()
    with pytest.raises(ContributionError):
        chain.contribute(package(tmp_path / "refused", "Not a slug", 3), UNMATCHED)
    assert left.is_dir()
    assert draft.is_dir()
    chain.contribute(package(tmp_path / "next", "next", 3), UNMATCHED)
    assert not left.exists()
    assert not draft.exists()
    assert int(str(store.current)) == number + 1
    assert len(store.published()) == KEPT


def test_a_folder_of_a_version_that_was_never_published_is_put_aside(chain: Graph, tmp_path: Path) -> None:
    folder = chain.store.folder("next", 1)
    folder.mkdir(parents=True)
    (folder / "stray").touch()
    chain.contribute(package(tmp_path / "next", "next", 3), UNMATCHED)
    assert not (folder / "stray").exists()
    assert (folder / "original.zip").is_file()


def test_files_then_folders_then_the_pointer_then_its_folder_are_on_disk(
    chain: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The calls of one contribution in their order: whatever a name points to is synced before the name is given."""
    calls: list[tuple[str, str]] = []
    data = chain.store.path
    fsync, rename = os.fsync, Path.rename

    def synced(number: int) -> None:
        calls.append(("sync", os.readlink(f"/proc/self/fd/{number}")))
        fsync(number)

    def renamed(self: Path, target: Path) -> Path:
        calls.append(("rename", str(target)))
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    chain.contribute(package(tmp_path / "next", "next", 3), UNMATCHED)
    name = str(chain.store.current)
    release, kept = data / "releases" / name, chain.store.folder("next", 1)

    def at(kind: str, path: Path) -> int:
        return calls.index((kind, str(path)))

    draft = re.compile(rf"{re.escape(str(data))}/releases/\.{name}-[^/]+/{name}")
    in_draft = [n for n, (kind, path) in enumerate(calls) if kind == "sync" and draft.match(path)]
    on_disk = {Path(path).name for n, (_, path) in enumerate(calls) if n in in_draft}
    assert {path.name for path in release.iterdir() if path.name != "LOCK"} <= on_disk
    assert calls[in_draft[-1]][1].endswith(f"/{name}")  # the folder itself after all that lies in it
    placed, pointed = at("rename", release), at("rename", data / "current")
    assert in_draft[-1] < placed < at("sync", data / "releases") < pointed
    contributed = at("rename", kept)
    in_kept = [n for n, (kind, path) in enumerate(calls) if kind == "sync" and "/contributions/.new-" in path]
    assert {"original.zip", "report.json", durable.HASHES} <= {Path(calls[n][1]).name for n in in_kept}
    assert max(in_kept) < contributed < at("sync", kept.parent) < pointed
    assert at("sync", data / ".current.new") < pointed
    after = [path for kind, path in calls[pointed:] if kind == "sync"]
    assert after[0] == str(data)  # the pointer's own folder, before anything is tidied away


# --- What no index can be made of --------------------------------------------------------------------------------

HEAD = """
@prefix ot: <https://w3id.org/opentier/ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix : <https://w3id.org/opentier/id/odd/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
:a a ot:Organisation ; rdfs:label "A" . :b a ot:Organisation ; rdfs:label "B" .
:c a ot:Organisation ; rdfs:label "C" .
"""
JUDGED = """<judgement/{0}> a ot:IdentityJudgement ; ot:left :{1} ; ot:right :{2} ;
  ot:judgement ot:judgement-{3} ; ot:decidedBy "Somebody" ; dcterms:date "2024-01-01"^^xsd:date .
"""
LINK = """<supply-link/1> a ot:SupplyLink ; ot:buyer :a ; ot:supplier :b ; ot:{0} {1} .
"""
UNREADABLE = {
    "a year before our era": LINK.format("startDate", '"-0038"^^xsd:gYear'),
    "a year with a zone": LINK.format("startDate", '"2020Z"^^xsd:gYear'),
    "a year beyond all": LINK.format("endDate", '"20000"^^xsd:gYear'),
    "an observed year with a zone": LINK.format("observedDate", '"2020+01:00"^^xsd:gYear'),
    "judgements against each other": JUDGED.format(1, "a", "b", "positive")
    + JUDGED.format(2, "b", "c", "positive")
    + JUDGED.format(3, "a", "c", "negative"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_the_index_cannot_read_is_refused_and_the_others_are_traced_on(
    chain: Graph, tmp_path: Path, name: str
) -> None:
    before = chain.trace("chain/a0").to_json()
    there = listing(chain.store.path)
    file = tmp_path / "odd.ttl"
    file.write_text("@base <https://w3id.org/opentier/id/odd/> ." + HEAD + UNREADABLE[name], "utf-8")

    with pytest.raises(ContributionError) as refused:
        chain.contribute(file, Options(licence="CC0-1.0"))
    (finding,) = [finding for finding in refused.value.report.findings if finding.blocks]
    assert "odd/" in f"{finding.subject} {finding.message}"
    assert finding.advice or finding.rule
    assert chain.trace("chain/a0").to_json() == before
    assert [one for one in listing(chain.store.path) if ".new-" not in one and "scratch" not in one] == [
        one for one in there if "scratch" not in one
    ]
    assert chain.contribute(package(tmp_path / "next", "next", 3), UNMATCHED).new
    assert {found.iri for _, found in chain.trace("next/a0").reached} != set()


# --- verify, backup, restore -------------------------------------------------------------------------------------


def test_verify_finds_nothing_wrong_with_what_was_just_contributed(chain: Graph, call: Command) -> None:
    assert chain.verify() == []
    run = call("verify", "--data", str(chain.store.path), "--quiet")
    assert (run.code, run.out) == (0, "Everything is what was put there.\n")


@pytest.mark.parametrize("name", ["original.zip", "report.json", "report.txt", "report.ttl"])
@pytest.mark.parametrize("how", ["changed", "cut", "gone"])
def test_verify_names_a_contributed_file_that_is_not_what_it_was(
    chain: Graph, call: Command, name: str, how: str
) -> None:
    file = chain.store.folder("chain", 2) / name
    data = file.read_bytes()
    if how == "gone":
        file.unlink()
    else:
        file.write_bytes(data[:-1] if how == "cut" else data[:-1] + bytes([data[-1] ^ 1]))
    run = call("verify", "--repair", "--data", str(chain.store.path), "--quiet")
    assert run.code == 1
    assert run.out.startswith(f"contributions/chain/2/{name}: ")
    assert "Restore a backup" in run.out


def test_verify_finds_every_changed_byte_of_a_release(chain: Graph, tmp_path: Path, call: Command) -> None:
    release = chain.store.releases / str(chain.store.current)
    chance = random.Random(2026)
    for file in sorted(path for path in release.iterdir() if path.name not in ("LOG", "LOCK")):
        data, draft = file.read_bytes(), tmp_path / "draft"
        if not data:
            continue
        at = chance.randrange(len(data))
        draft.write_bytes(data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :])
        draft.replace(file)  # a file of its own: releases share theirs
        run = call("verify", "--repair", "--data", str(chain.store.path), "--quiet")
        assert run.code == 1, file.name
        assert f"releases/{release.name}: " in run.out
        with pytest.raises(StoreError):
            chain.backup(tmp_path / "backup.tar")
        draft.write_bytes(data)
        draft.replace(file)
    assert chain.verify() == []


def damage(chain: Graph) -> Path:
    """Change a byte of the largest file of the current release, and return it."""
    release = chain.store.releases / str(chain.store.current)
    file = max(release.glob("*.sst"), key=lambda path: path.stat().st_size)
    data = file.read_bytes()
    draft = release / "draft"
    draft.write_bytes(data[:30] + bytes([data[30] ^ 1]) + data[31:])
    draft.replace(file)
    return file


def test_nothing_is_built_on_a_damaged_release_or_read_from_it(chain: Graph, tmp_path: Path) -> None:
    file = damage(chain)
    before = chain.store.current
    for act in (
        lambda: Graph.open(chain.store.path).contribute(package(tmp_path / "next", "next", 3), UNMATCHED),
        lambda: Graph.open(chain.store.path).query("ASK {}"),
        lambda: Graph.open(chain.store.path).trace("chain/a0"),
    ):
        with pytest.raises(StoreError, match=rf"damaged \({file.name}\)"):
            act()
    assert chain.store.current == before


def test_a_release_without_its_hashes_is_not_said_to_be_sound(
    chain: Graph, tmp_path: Path, call: Command
) -> None:
    file = damage(chain)
    (file.parent / durable.HASHES).unlink()
    run = call("verify", "--repair", "--data", str(chain.store.path), "--quiet")
    assert run.code == 1
    assert f"releases/{file.parent.name}: missing, or not what they were: {durable.HASHES}" in run.out
    with pytest.raises(StoreError, match="damaged"):
        chain.backup(tmp_path / "backup.tar")
    with pytest.raises(StoreError, match="damaged"):
        Graph.open(chain.store.path).contribute(package(tmp_path / "next", "next", 3), UNMATCHED)


def test_a_list_of_hashes_has_lines_and_nothing_that_looks_like_one(chain: Graph) -> None:
    """A bit of the end of a line makes it another of the characters that end lines elsewhere."""
    listed = chain.store.releases / str(chain.store.current) / durable.HASHES
    listed.write_bytes(listed.read_bytes().replace(b"\n", b"\x0b", 1))
    assert [fault.where for fault in chain.verify()] == [f"releases/{chain.store.current}"]


def test_the_advice_for_a_damaged_release_leads_somewhere(
    chain: Graph, tmp_path: Path, call: Command
) -> None:
    before = chain.trace("chain/a0").to_json()
    damage(chain)
    run = call("verify", "--data", str(chain.store.path), "--quiet")
    assert run.code == 1
    assert "--repair" not in run.out
    assert "each original.zip is a contribution" in run.out
    again = Graph.open(tmp_path / "again", create=True)
    for number in range(1, KEPT + 2):
        kept = chain.store.folder("chain", number) / "original.zip"
        assert again.contribute(kept).version.number == number
    assert again.trace("chain/a0").to_json() == before


def test_an_empty_folder_beside_the_releases_hinders_nobody(chain: Graph, tmp_path: Path) -> None:
    stray = chain.store.releases / "00000099"
    stray.mkdir()
    assert chain.verify() == []
    assert chain.contribute(package(tmp_path / "next", "next", 3), UNMATCHED).new
    assert stray.is_dir()


def test_a_newer_release_that_does_not_open_is_put_aside_by_repair_and_kept(
    chain: Graph, tmp_path: Path, call: Command
) -> None:
    current = str(chain.store.current)
    broken = chain.store.releases / f"{int(current) + 5:08d}"
    broken.mkdir()
    (broken / "CURRENT").write_text("nonsense")
    assert call("verify", "--data", str(chain.store.path), "--quiet").code == 1
    run = call("verify", "--repair", "--data", str(chain.store.path), "--quiet")
    assert run.code == 0
    assert chain.verify() == []
    assert chain.store.current == current
    assert (chain.store.releases / f"{broken.name}.aside" / "CURRENT").read_text() == "nonsense"
    assert chain.contribute(package(tmp_path / "next", "next", 3), UNMATCHED).new


@pytest.mark.parametrize("name", ["index", "scratch", "lock"])
def test_what_stands_in_the_way_is_named_and_put_aside(
    chain: Graph, tmp_path: Path, call: Command, name: str
) -> None:
    place = chain.store.path / name
    if name == "lock":
        place.unlink()
        place.mkdir()
    else:
        shutil.rmtree(place, ignore_errors=True)
        place.write_text("in the way")
    run = call("verify", "--data", str(chain.store.path), "--quiet")
    assert run.code == 1
    assert run.out.startswith(f"{name}: ")
    assert call("verify", "--repair", "--data", str(chain.store.path), "--quiet").code == 0
    assert place.with_name(f"{name}.aside").exists()
    assert Graph.open(chain.store.path).contribute(package(tmp_path / "next", "next", 3), UNMATCHED).new


def test_a_directory_from_before_hashes_were_kept_gets_them_with_the_next_write(
    chain: Graph, tmp_path: Path
) -> None:
    """The first versions kept no hashes: their directories open, and are held to them from then on."""
    path = chain.store.path
    (path / "opentier.json").write_text(json.dumps({"format": FORMAT, "base": chain.store.names.base}))
    for file in path.rglob(durable.HASHES):
        file.unlink()
    old = Graph.open(path)
    assert old.verify() == []
    assert old.trace("chain/a0").to_json()
    old.contribute(package(tmp_path / "next", "next", 3), UNMATCHED)
    now = Graph.open(path)
    assert now.store.hashed
    assert now.verify() == []
    (now.store.folder("chain", 1) / "original.zip").write_bytes(b"")
    assert [fault.where for fault in now.verify()] == ["contributions/chain/1/original.zip"]


def test_a_description_of_the_directory_that_cannot_be_read_says_what_it_holds(chain: Graph) -> None:
    (chain.store.path / "opentier.json").write_text("nonsense")
    with pytest.raises(StoreError, match=r'is damaged .*"base": "https://w3id.org/opentier/id/"'):
        Graph.open(chain.store.path)


def test_a_backup_is_a_real_copy_and_gives_the_same_answers(
    chain: Graph, tmp_path: Path, call: Command
) -> None:
    file, elsewhere = tmp_path / "backup.tar", tmp_path / "elsewhere"
    run = call("backup", str(file), "--data", str(chain.store.path))
    assert run.code == 0
    assert file.stat().st_nlink == 1
    run = call("restore", str(file), "--data", str(elsewhere))
    assert run.code == 0
    restored = Graph.open(elsewhere)
    assert all(path.stat().st_nlink == 1 for path in elsewhere.rglob("*") if path.is_file())
    assert state(restored.store.release()) == state(chain.store.release())
    assert restored.verify() == []
    assert restored.trace("chain/a0").to_json() == chain.trace("chain/a0").to_json()
    assert restored.contribute(package(tmp_path / "next", "next", 3), UNMATCHED).new


def test_a_backup_overwrites_nothing_and_neither_does_a_restore(chain: Graph, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    file.write_text("mine")
    with pytest.raises(UsageError, match="overwrites nothing"):
        chain.backup(file)
    assert file.read_text() == "mine"
    chain.backup(tmp_path / "real.tar")
    with pytest.raises(StoreError, match="is a data directory already"):
        Graph.restore(tmp_path / "real.tar", chain.store.path)
    with pytest.raises(UsageError, match="There is no file"):
        Graph.restore(tmp_path / "none.tar", tmp_path / "new")


def test_a_damaged_backup_is_refused_and_leaves_nothing(chain: Graph, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    chain.backup(file)
    data = file.read_bytes()
    with tarfile.open(file) as archive:
        inside = {info.name: info for info in archive.getmembers()}
    there = sorted(path.name for path in tmp_path.iterdir())
    wanted = [name for name in inside if name.endswith((".sst", ".zip", "opentier.json", "current"))]
    damages = [inside[name].offset_data + inside[name].size // 2 for name in wanted if inside[name].size]
    for damaged in [
        *(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :] for at in damages),
        data[: len(data) // 2],
        b"",
        b"no archive at all",
    ]:
        file.write_bytes(damaged)
        with pytest.raises(StoreError, match="Nothing was restored"):
            Graph.restore(file, tmp_path / "new")
        assert sorted(path.name for path in tmp_path.iterdir()) == there


def test_no_backup_is_made_of_damaged_contributions(chain: Graph, tmp_path: Path) -> None:
    (chain.store.folder("chain", 2) / "original.zip").write_bytes(b"")
    with pytest.raises(StoreError, match=r"damaged \(original\.zip\), and no backup"):
        chain.backup(tmp_path / "backup.tar")
    assert not (tmp_path / "backup.tar").exists()


def test_a_backup_cannot_write_beside_the_directory(chain: Graph, tmp_path: Path) -> None:
    file = tmp_path / "evil.tar"
    (tmp_path / "evil").write_text("evil")
    with tarfile.open(file, "w") as archive:
        archive.add(tmp_path / "evil", "../outside")
    with pytest.raises(StoreError, match="Nothing was restored"):
        Graph.restore(file, tmp_path / "deep" / "new")
    assert not (tmp_path / "deep" / "outside").exists()
    assert not (tmp_path / "outside").exists()
