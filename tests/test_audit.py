"""The audit log: each change is a line, in somebody's name; a line that was altered, cut out or cut off is noticed."""

from __future__ import annotations

import csv
import io
import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.access.audit import LOCAL, NONE, Audit, Line
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import NotAllowed, StoreError, UsageError
from opentier.graph.report.report import ContributionError
from tests.broken import write
from tests.conftest import PATIENCE, copied

if TYPE_CHECKING:
    from tests.conftest import Command

UNMATCHED = Options(match=False)
ACTORS = [["id", "name", "country"], ["mill", "Bee Mill", "CN"], ["brand", "Brand", "US"]]
LINKS = [["buyer", "supplier"], ["brand", "mill"]]


def package(folder: Path, name: str, *more: list[str]) -> Path:
    """Write a package of two actors, or more, and one link."""
    place = folder / f"{name}{len(more)}"
    return (
        place if place.exists() else write(place, {"actors": [*ACTORS, *more], "supply_links": LINKS}, name)
    )


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    """Return a data directory with one dataset, whose log is its own."""

    def make(data: Path) -> None:
        Graph.open(data, create=True).contribute(package(tmp_path, "ours"), UNMATCHED)

    return copied(tmp_path, "audit", make)


def told(graph: Graph) -> list[tuple[str, str, str, str]]:
    """Return who did what to what, and what came of it, but for the first contribution."""
    return [(line.who, line.act, line.what, line.outcome) for line in graph.audit.lines()][1:]


def test_every_act_is_a_line_in_the_name_of_who_acts(graph: Graph, tmp_path: Path) -> None:
    admission = graph.contribute(package(tmp_path, "theirs"), UNMATCHED)
    graph.withdraw("theirs", "a mistake")
    graph.restore_dataset("theirs")
    judged = graph.judge("ours/mill", "theirs/mill", "positive", by="Ann Person", reason="Ann knows Bee")
    graph.undo(judged.id, by="Ann Person", reason="Ann erred")
    graph.screenings().trace("ours/brand", "looked")
    kept, key = graph.acts().create_key("reader", name="Ann's laptop")
    graph.acts().revoke_key(kept.id)
    assert told(graph) == [
        (LOCAL, "contribute", "theirs version 1", "admitted"),
        (LOCAL, "withdraw", "theirs version 1", "done"),
        (LOCAL, "restore", "theirs version 1", "done"),
        (LOCAL, "judge", f"{judged.id} version 1", "admitted"),
        (LOCAL, "undo", f"{judged.id} version 2", "admitted"),
        (LOCAL, "screening", "looked", "kept"),
        (LOCAL, "create-key", f"{kept.id} reader", "done"),
        (LOCAL, "revoke-key", kept.id, "done"),
    ]
    lines = list(graph.audit.lines())
    assert lines[1].checksum == lines[2].checksum == admission.version.checksum
    assert lines[6].checksum == graph.screenings().read("looked")["hash"]
    text = graph.audit.file.read_text("utf-8")
    assert "Ann" not in text
    assert key not in text
    assert list(graph.audit.faults(graph.view().release.versions)) == []


def test_what_is_refused_is_told_too_and_what_changes_nothing_is_not(graph: Graph, tmp_path: Path) -> None:
    graph.contribute(package(tmp_path, "ours"), UNMATCHED)  # the same once more
    with pytest.raises(ContributionError):
        graph.contribute(package(tmp_path, "theirs", ["mill", "Twice", "CN"]), UNMATCHED)
    with pytest.raises(UsageError):
        graph.withdraw("nothing", "why")
    with pytest.raises(UsageError):
        graph.acts().create_key("king")
    assert told(graph) == [
        (LOCAL, "contribute", "theirs", "refused: ContributionError"),
        (LOCAL, "withdraw", "nothing", "refused: UnknownDataset"),
        (LOCAL, "create-key", "king", "refused: UsageError"),
    ]


def test_a_contributor_replaces_its_own_dataset_and_no_other(graph: Graph, tmp_path: Path) -> None:
    kept, _ = graph.keys.create("contributor")
    theirs = graph.acting(kept.id)
    assert theirs.contribute(package(tmp_path, "theirs"), UNMATCHED).new
    assert graph.keys.all()[kept.id].own == ("theirs",)
    assert theirs.contribute(package(tmp_path, "theirs", ["gin", "Gin", "CN"]), UNMATCHED).version.number == 2
    for same in (package(tmp_path, "ours"), package(tmp_path, "ours", ["gin", "Gin", "CN"])):
        with pytest.raises(NotAllowed, match="not yours"):
            theirs.contribute(same, UNMATCHED)
    graph.withdraw("ours", "gone")  # its name stays taken
    with pytest.raises(NotAllowed):
        theirs.contribute(package(tmp_path, "ours"), UNMATCHED)
    assert [line[:2] for line in told(graph)] == [
        *[(kept.id, "contribute")] * 4, (LOCAL, "withdraw"), (kept.id, "contribute"),
    ]  # fmt: skip
    curator, _ = graph.keys.create("curator")
    assert graph.acting(curator.id).contribute(package(tmp_path, "ours", ["gin", "Gin", "CN"]), UNMATCHED).new
    own, _ = graph.keys.create("contributor", own=["ours"])
    assert graph.acting(own.id).contribute(package(tmp_path, "ours"), UNMATCHED).new
    assert graph.who == LOCAL


@pytest.mark.parametrize("role", ["reader", "contributor", "curator"])
def test_an_act_in_the_name_of_a_key_that_may_less_is_refused_and_told(
    graph: Graph, role: str, tmp_path: Path
) -> None:
    kept, _ = graph.keys.create(role)
    theirs, version = graph.acting(kept.id), graph.store.current
    acts: dict[str, Callable[[], object]] = {"create-key": lambda: theirs.acts().create_key("admin")}
    if role != "curator":
        acts["withdraw"] = lambda: theirs.withdraw("ours", "why")
        acts["restore"] = lambda: theirs.restore_dataset("ours")
        acts["visibility"] = lambda: theirs.show("ours", "restricted")
        acts["judge"] = lambda: theirs.judge("ours/mill", "ours/brand", "negative")
    if role == "reader":
        acts["contribute"] = lambda: theirs.contribute(package(tmp_path, "theirs"), UNMATCHED)
    for act in acts.values():
        with pytest.raises(NotAllowed):
            act()
    assert [(who, act, outcome) for who, act, _, outcome in told(graph)] == [
        (kept.id, act, "refused: NotAllowed") for act in acts
    ]
    assert graph.store.current == version
    graph.keys.revoke(kept.id)
    with pytest.raises(NotAllowed, match="opens nothing"):
        theirs.contribute(package(tmp_path, "theirs"), UNMATCHED)


def test_a_contributor_says_who_sees_its_own_dataset(graph: Graph, tmp_path: Path) -> None:
    kept, _ = graph.keys.create("contributor")
    theirs, closed = graph.acting(kept.id), Options(match=False, visibility="restricted")
    theirs.contribute(package(tmp_path, "theirs"), closed)
    theirs.contribute(package(tmp_path, "theirs"), Options(match=False, visibility="public"))
    theirs.show("theirs", "restricted")
    assert [(act, what) for _, act, what, _ in told(graph)] == [
        ("contribute", "theirs version 1"), ("visibility", "theirs public"), ("visibility", "theirs restricted"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["judgements", "replies", "matches", "judgements-closed", "replies-closed"])
def test_no_contributor_takes_the_name_of_a_dataset_of_our_own(
    graph: Graph, tmp_path: Path, name: str
) -> None:
    kept, _ = graph.keys.create("contributor")
    with pytest.raises((NotAllowed, ContributionError)):
        graph.acting(kept.id).contribute(package(tmp_path, name), UNMATCHED)


# What was done to the log.


def _altered(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b"local", b"other"), *lines[2:]]


def _rehashed(lines: list[bytes]) -> list[bytes]:
    """Alter the last line so that it still follows the one before it."""
    said = {**json.loads(lines[-1]), "who": "other"}
    return [*lines[:-1], Line(**said).written()]


FORGED: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "altered": _altered,
    "the last altered": _rehashed,
    "cut out": lambda lines: [lines[0], *lines[2:]],
    "the first cut out": lambda lines: lines[1:],
    "cut off": lambda lines: lines[:-1],
    "all cut off": lambda lines: [],
    "swapped": lambda lines: [lines[1], lines[0], *lines[2:]],
    "twice": lambda lines: [*lines, lines[-1]],
    "put in": lambda lines: [lines[0], lines[0], *lines[1:]],
    "no line": lambda lines: [*lines[:2], b"{}\n", *lines[2:]],
    "torn": lambda lines: [lines[0], lines[1][:40] + b"\n", *lines[2:]],
    "joined": lambda lines: [lines[0], lines[1][:40] + lines[2], *lines[3:]],
    "half": lambda lines: [*(line[1:] for line in lines[:3]), *lines[3:]],
    "spaced": lambda lines: [lines[0].replace(b",", b", "), *lines[1:]],
}


@pytest.fixture
def log(tmp_path: Path) -> Audit:
    made = Audit(tmp_path / "audit")
    for number in range(5):
        made.write(LOCAL, "contribute", f"set version {number}", "admitted", f"{number:064}")
    return made


@pytest.mark.parametrize("how", FORGED)
def test_a_log_that_is_not_as_it_was_written_is_noticed(log: Audit, how: str) -> None:
    assert list(log.faults()) == []
    lines = log.file.read_bytes().splitlines(keepends=True)
    log.file.write_bytes(b"".join(FORGED[how](lines)))
    assert list(log.faults())


@pytest.mark.parametrize(
    ("how", "where"),
    [
        ("altered", "line 3"), ("the last altered", "Line 5 "), ("cut out", "line 2"), ("the first cut out", "line 1"),
        ("cut off", "number 4"), ("all cut off", "number 0"), ("twice", "line 6"), ("put in", "line 2"),
        ("no line", "Line 3 "), ("spaced", "Line 1 "), ("torn", "Line 2 "), ("joined", "Line 2 "),
        ("half", "Lines 1 to 3 "),
    ],
)  # fmt: skip
def test_a_fault_is_told_once_where_it_is(log: Audit, how: str, where: str) -> None:
    """However many lines follow: each is held against the one before it as it stands there."""
    lines = log.file.read_bytes().splitlines(keepends=True)
    log.file.write_bytes(b"".join(FORGED[how](lines)))
    for number in range(20):
        if how not in ("the last altered", "cut off", "all cut off", "twice"):
            log.write(LOCAL, "withdraw", f"set {number}", "done")
    found = list(log.faults())
    assert len(found) == 1, found
    assert where in found[0]


def test_a_log_that_is_broken_everywhere_is_not_told_line_by_line(log: Audit) -> None:
    for number in range(40):
        log.write(LOCAL, "withdraw", f"set {number}", "done")
    lines = log.file.read_bytes().splitlines(keepends=True)
    log.file.write_bytes(b"".join(reversed(lines)))
    assert len(list(log.faults())) < 15


def test_a_log_without_its_count_is_noticed(log: Audit) -> None:
    (log.folder / "last.json").unlink()
    assert "not known" in " ".join(log.faults())
    log.write(LOCAL, "withdraw", "set", "done")
    assert list(log.faults()) == []


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_a_line_that_was_not_written_whole_is_mended_in_words(log: Audit, kept: int) -> None:
    whole = log.file.read_bytes()
    torn = whole.splitlines(keepends=True)[-1][:kept]
    log.file.write_bytes(whole + torn)
    assert len(list(log.lines())) == 5
    assert list(log.faults()) == []  # it is not there yet
    log.write(LOCAL, "withdraw", "set", "done")
    mended, last = list(log.lines())[5:]
    assert mended.act == "mend"
    assert f"{len(torn)} bytes" in mended.outcome
    assert (last.act, last.number) == ("withdraw", 7)
    assert list(log.faults()) == []
    assert log.file.read_bytes().startswith(whole)


def test_a_log_may_begin_in_pieces(tmp_path: Path) -> None:
    log = Audit(tmp_path)
    log.file.write_bytes(b'{"number":1')
    log.write(LOCAL, "withdraw", "set", "done")
    assert [(line.number, line.act) for line in log.lines()] == [(1, "mend"), (2, "withdraw")]
    assert next(log.lines()).before == NONE
    assert list(log.faults()) == []


def test_processes_that_write_at_once_make_one_chain(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from opentier.graph.access.audit import Audit\n"
        "for n in range(25): Audit(Path(sys.argv[1])).write(sys.argv[2], 'withdraw', f'set {n}', 'done')"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "audit"), who])
        for who in ("a", "b", "c")
    ]
    assert [each.wait(PATIENCE) for each in running] == [0, 0, 0]
    log = Audit(tmp_path / "audit")
    for who in ("a", "b", "c"):
        assert [line.what for line in log.lines(who=who)] == [f"set {number}" for number in range(25)]
    assert list(log.faults()) == []


def test_only_its_owner_reads_the_log(log: Audit) -> None:
    for file in (log.file, log.folder / "last.json"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_texts_of_others_stay_in_one_short_line(log: Audit) -> None:
    log.write(LOCAL, "withdraw", "a\nb\u2028c" + "x" * 100_000, "done")
    *_, last = log.lines()
    assert len(last.what) == 400
    assert "\n" not in last.what
    assert list(log.faults()) == []


def test_a_version_of_which_no_line_tells_is_named(graph: Graph, tmp_path: Path) -> None:
    before = tmp_path / "before"
    shutil.copytree(graph.audit.folder, before)
    graph.withdraw("ours", "a mistake")
    graph.contribute(package(tmp_path, "theirs"), UNMATCHED)
    versions = graph.view().release.versions
    first = next(graph.audit.lines()).at[:19]
    later = [version for version in versions if version.admitted[:19] > first]
    shutil.rmtree(graph.audit.folder)
    shutil.copytree(before, graph.audit.folder)
    assert [said.split()[4] for said in graph.audit.faults(versions)] == [
        version.dataset for version in later
    ]


def test_an_act_that_cannot_be_told_says_that_it_is_done(graph: Graph) -> None:
    shutil.rmtree(graph.audit.folder)
    graph.audit.folder.write_text("in the way")
    with pytest.raises(StoreError, match="withdraw ours version 1 is done, but the audit log"):
        graph.withdraw("ours", "a mistake")
    assert "ours" not in graph.view().release.current
    with pytest.raises(UsageError) as refused:
        graph.withdraw("ours", "again")
    assert "audit log" in refused.value.__notes__[0]


# Backups, and the command.


def test_a_backup_has_the_log_and_no_key(graph: Graph, tmp_path: Path) -> None:
    _, key = graph.keys.create("admin")
    graph.backup(tmp_path / "backup.tar")
    found = Graph.restore(tmp_path / "backup.tar", tmp_path / "restored")
    assert found.keys.all() == {}
    assert found.keys.find(key) is None
    assert [line.act for line in found.audit.lines()] == ["contribute", "restore-backup"]
    assert list(found.audit.faults(found.view().release.versions)) == []


def test_the_command_shows_what_was_done(graph: Graph, call: Command) -> None:
    data = str(graph.store.path)
    curator, _ = graph.keys.create("curator")
    graph.acting(curator.id).withdraw("ours", "=1+1")
    told = call("audit", "--data", data, "--who", curator.id)
    assert (told.code, "withdraw" in told.out, "contribute" in told.out) == (0, True, False)
    found = json.loads(call("audit", "--data", data, "--format", "json").out)
    assert [each["act"] for each in found] == ["contribute", "withdraw"]
    rows = list(
        csv.DictReader(io.StringIO(call("audit", "--data", data, "--format", "csv").out.lstrip("\ufeff")))
    )
    assert [row["who"] for row in rows] == [LOCAL, curator.id]
    day = found[0]["at"][:10]
    assert len(json.loads(call("audit", "--data", data, "--since", day, "--format", "json").out)) == 2
    assert json.loads(call("audit", "--data", data, "--since", "2999-01-01", "--format", "json").out) == []
    assert call("audit", "--data", data, "--since", "soon").code == 2


def test_the_command_says_whether_the_log_is_what_was_written(graph: Graph, call: Command) -> None:
    data = str(graph.store.path)
    run = call("audit", "--verify", "--data", data)
    assert (run.code, run.out.split(",")[0]) == (0, "1 lines")
    assert graph.audit.end()[1] in run.out
    graph.audit.file.write_bytes(graph.audit.file.read_bytes().replace(b"local", b"other"))
    run = call("audit", "--verify", "--data", data)
    assert run.code == 1
    assert "not as it was written" in run.out


def test_keys_are_made_listed_and_revoked_by_command(call: Command, tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    made = call("keys", "create", "--role", "reader", "--name", "desk", "--dataset", "a", "--data", data)
    key = made.out.strip()
    id = key.split("_")[1]
    assert (made.code, key.startswith("opentier_"), key in made.err) == (0, True, False)
    assert Graph.open(data).keys.find(key)
    listed = json.loads(call("keys", "list", "--format", "json", "--data", data).out)
    assert [(each["id"], each["role"], each["datasets"], each["state"]) for each in listed] == [
        (id, "reader", ["a"], "valid")
    ]
    assert "hash" not in listed[0]
    assert call("keys", "revoke", id, "--data", data).code == 0
    assert "revoked" in call("keys", "--data", data).out
    again = call("keys", "revoke", id, "--data", data)
    assert (again.code, "already" in again.err) == (2, True)
    assert call("keys", "create", "--role", "king", "--data", data).code == 2
    assert not (tmp_path / "data" / "current").exists()


def test_an_admin_reads_the_log_over_http_and_nobody_else(graph: Graph) -> None:
    keys = {role: graph.acts().create_key(role)[1] for role in ("curator", "admin")}
    with TestClient(create_app(graph), base_url="http://localhost") as client:

        def ask(role: str | None, **said: str) -> httpx2.Response:
            headers = {"Authorization": f"Bearer {keys[role]}"} if role else {}
            return client.get("/audit", params=said, headers=headers)

        assert (ask(None).status_code, ask("curator").status_code) == (401, 403)
        told = ask("admin").json()["lines"]
        assert [line["act"] for line in told] == ["contribute", "create-key", "create-key"]
        assert told == [asdict(line) for line in graph.audit.lines()]
        assert ask("admin", since="2999-01-01").json() == {"lines": []}
        assert ask("admin", who="nobody").json() == {"lines": []}
        assert ask("admin", since="soon").status_code == 400
