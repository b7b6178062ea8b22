"""Subscriptions: what a publisher offers is taken, followed and taken back; what is forged changes nothing.

Publishers are real: the service over a data directory, and a server of a test (`publisher`) that says what no service
of ours would.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import io
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from opentier.api.linked import catalogue
from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.admission import admission, matches
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import Forged, StoreError, Unreachable, UsageError, WorkTooLong
from opentier.graph.exchange import joining, listing, offers, packages, subscriptions
from opentier.graph.exchange.client import Bounds, Client
from opentier.graph.exchange.minisign import PublicKey, SecretKey, Signature
from opentier.graph.exchange.outcome import Outcome, Row
from opentier.graph.exchange.packages import Packages
from opentier.graph.exchange.reach import Reach
from opentier.graph.exchange.signing import Signing
from opentier.graph.exchange.subscriptions import Subscription, Subscriptions, Taken
from opentier.graph.exchange.sync import sync
from opentier.graph.export import package as exported
from opentier.graph.jobs.pool import Limits, Pool
from opentier.graph.jobs.progress import silent
from opentier.graph.store import durable
from opentier.graph.tasks.queue import PROGRAM, Queue
from opentier.graph.tasks.schedule import Schedule
from opentier.graph.vocabulary import syntax
from tests.conftest import PATIENCE, Command, _environment, serving
from tests.publisher import Publisher, certified, endless, leading, package, publishing, send
from tests.test_readme import assert_shown, typed

GUIDE = Path(__file__).parents[1] / "docs" / "subscriptions.md"
#: Small enough for a test; and so little time that whoever is slow meets its end soon.
BOUNDS = Bounds(catalogue=1 << 20, file=1 << 20, pages=5, redirects=2)
HASTE = replace(BOUNDS, idle=0.5, catalogue_seconds=1.0, file_seconds=0.5)
#: The key of whoever publishes.
KEY = SecretKey(b"12345678", bytes(range(32)))


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    return Graph.open(tmp_path / "data", create=True)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        yield made


def subscribed(graph: Graph, url: str, *datasets: str, key: str = "", **more: Any) -> Subscription:
    """Return a subscription that was made without looking at what is there."""
    return Subscriptions(graph.store.path).add(subscriptions.new(url, datasets, key, **more))


def synced(graph: Graph, bounds: Bounds = BOUNDS, *, dry: bool = False) -> list[Outcome]:
    return sync(graph.store, lambda who: graph.acting(who).acts(), silent, bounds=bounds, dry=dry)


def rows(graph: Graph, bounds: Bounds = BOUNDS) -> list[Row]:
    """Return what became of the datasets of the one subscription."""
    (found,) = synced(graph, bounds)
    assert not found.failed, found.failed
    return found.rows


def refused(graph: Graph, bounds: Bounds = BOUNDS) -> str:
    """Return why the one dataset was refused."""
    (row,) = rows(graph, bounds)
    assert row.state == "refused", row
    return row.why


def current(graph: Graph) -> dict[str, int]:
    return {v.dataset: v.number for v in graph.view().release.current.values()} if graph.store.current else {}


def lines(graph: Graph) -> list[tuple[str, str, str, str]]:
    return [(line.who, line.act, line.what, line.outcome) for line in graph.audit.lines()]


def mill(folder: Path, actors: int) -> Path:
    """Return a Data Package with so many mills."""
    folder.mkdir(exist_ok=True)
    (folder / "mills.zip").write_bytes(package(actors=actors))
    return folder / "mills.zip"


# --- Two instances -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Graph, str]]:
    """Return an instance that publishes `mills`, signed, and the address of its service."""
    folder = tmp_path_factory.mktemp("house")
    graph = Graph.open(folder / "data", create=True)
    Signing(graph.store.path).keep(KEY)
    graph.acts().create_key("admin")  # else whoever sits at the machine sees what is not public
    assert graph.contribute(mill(folder, 2)).new
    with serving(graph.store.path, folder / "log") as started:
        yield graph, started.url


def test_new_versions_come_withdrawn_ones_go_and_the_log_tells_it(
    house: tuple[Graph, str], call: Command, tmp_path: Path
) -> None:
    theirs, url = house
    data = ("--data", str(tmp_path / "data"))
    taken = call("subscribe", url, "--dataset", "mills", "--key", str(KEY.public), *data, "--format", "json")
    assert taken.code == 0, taken.err
    graph = Graph.open(tmp_path / "data")
    (row,) = json.loads(taken.out)["subscriptions"][0]["datasets"]
    assert (row["state"], row["version"], row["licence"], row["signed_by"]) == (
        "taken",
        "1",
        "CC0-1.0",
        KEY.public.id,
    )
    assert current(graph) == {"mills": 1}

    theirs.contribute(mill(tmp_path, 3))
    assert call("sync", "--dry-run", *data).code == 0
    assert current(graph) == {"mills": 1}
    assert call("sync", *data).code == 0
    assert current(graph) == {"mills": 2}
    assert graph.view().release.current["mills"].rows == 3

    theirs.withdraw("mills", "the wrong mill")
    assert [(row.state, row.version) for row in rows(graph)] == [("withdrawn", "2"), ("current", "1")]
    assert current(graph) == {"mills": 1}
    assert graph.view().release.withdrawals[-1].reason == "the wrong mill"
    theirs.restore_dataset("mills")
    assert [(row.state, row.version) for row in rows(graph)] == [("restored", "2")]
    assert current(graph) == {"mills": 2}
    assert [row.state for row in rows(graph)] == ["current"]

    theirs.show("mills", "restricted")  # it is gone from the public catalogue without a word
    (kept,) = rows(graph)
    assert (kept.state, current(graph)) == ("kept", {"mills": 2})
    assert "does not say that it is withdrawn" in kept.why
    theirs.show("mills", "public")

    (known,) = Subscriptions(graph.store.path).all().values()
    party = f"subscription:{known.id}"
    assert [each[1:] for each in lines(graph) if each[0] == party] == [
        ("contribute", "mills version 1", "admitted"),
        ("contribute", "mills version 2", "admitted"),
        ("withdraw", "mills version 2", "done"),
        ("restore", "mills version 2", "done"),
    ]
    assert lines(graph)[0][:2] == ("local", "subscribe")
    assert list(graph.audit.faults(graph.view().release.versions)) == []
    assert call("unsubscribe", known.id, *data).code == 0
    assert current(graph) == {"mills": 2}


def test_a_package_is_sent_in_parts_and_is_what_the_catalogue_says(house: tuple[Graph, str]) -> None:
    theirs, url = house
    found = offers.read(Client(Reach.of(url), BOUNDS), f"{url}/catalog")
    offer = found.offers["mills"]
    assert found.key == str(KEY.public)
    release = theirs.view().release
    made = Packages(theirs.store.path).known(release.current["mills"])
    assert made is not None
    whole = made.file.read_bytes()
    assert (offer.sha256, offer.bytes) == (made.said.sha256, len(whole))
    place = url.partition("//")[2]
    connection = http.client.HTTPConnection(place, timeout=PATIENCE)
    connection.request("GET", offer.url.partition(place)[2], headers={"Range": "bytes=100-"})
    part = connection.getresponse()
    assert (part.status, part.read()) == (206, whole[100:])
    connection.close()
    made.file.unlink()
    again = offers.read(Client(Reach.of(url), BOUNDS), f"{url}/catalog").offers["mills"]
    assert again.sha256 == offer.sha256, "the same bytes for the same version"


def test_a_service_follows_its_subscriptions_as_a_job(house: tuple[Graph, str], tmp_path: Path) -> None:
    _, url = house
    graph = Graph.open(tmp_path / "data", create=True)
    assert graph.contribute(mill(tmp_path, 1), Options(dataset="own")).new  # a service has something to serve
    subscribed(graph, f"{url}/", "mills")
    with serving(graph.store.path, tmp_path / "log", "--sync", "1h") as started:
        deadline = time.monotonic() + PATIENCE
        while current(graph).get("mills") is None or not jobs(started.url)[0]["outcome"]:
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.2)
        (job,) = jobs(started.url)
        assert (job["act"], job["state"], job["outcome"]["datasets"]) == ("sync", "done", {"taken": 1})
        assert 'opentier_subscriptions{what="taken"} 1.0' in fetched(started.url, "/metrics")
        assert "Following subscriptions" in fetched(started.url, f"/jobs/{job['id']}", "text/html")
    assert ("subscription:127-0-0-1", "contribute", "mills version 1", "admitted") in lines(graph)


def fetched(url: str, path: str, accept: str = "*/*") -> str:
    connection = http.client.HTTPConnection(url.partition("//")[2], timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={"Accept": accept})
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def jobs(url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(fetched(url, "/jobs"))["jobs"]
    return found


# --- What ends in the middle -------------------------------------------------------------------------------------


def test_what_was_cut_off_goes_on_where_it_ended(graph: Graph, publisher: Publisher) -> None:
    data = package()
    publisher.offer(data)
    publisher.files["/files/mills-1.zip"] = lambda to: send(to, "application/zip", data, only=150)
    subscribed(graph, publisher.url)
    assert [row.state for row in rows(graph)] == ["taken"]
    asked = [begin for path, begin in publisher.asked if path.endswith(".zip")]
    assert asked == ["", *(f"bytes={150 * n}-" for n in range(1, len(asked)))]
    assert len(asked) == -(-len(data) // 150)


def test_a_killed_sync_goes_on_where_it_ended(graph: Graph, publisher: Publisher, tmp_path: Path) -> None:
    data = package()
    publisher.offer(data)

    def stalling(to: Any) -> None:
        to.send_response(200)
        to.send_header("Content-Length", str(len(data)))
        to.end_headers()
        to.wfile.write(data[:200])
        to.wfile.flush()
        time.sleep(15)

    publisher.files["/files/mills-1.zip"] = stalling
    subscribed(graph, publisher.url)
    words = [
        sys.executable,
        "-m",
        "opentier.api.cli.main",
        "sync",
        "--quiet",
        "--data",
        str(graph.store.path),
    ]
    process = subprocess.Popen(
        words, env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + PATIENCE
    while not [
        each for each in Subscriptions(graph.store.path).parts.glob("*") if each.stat().st_size == 200
    ]:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    publisher.files["/files/mills-1.zip"] = ("application/zip", data)
    assert [row.state for row in rows(graph)] == ["taken"]
    assert publisher.asked[-1] == ("/files/mills-1.zip", "bytes=200-")
    assert list(Subscriptions(graph.store.path).parts.glob("*")) == []


def test_a_version_that_was_admitted_when_its_process_was_killed_is_known(
    graph: Graph, publisher: Publisher
) -> None:
    publisher.offer(package())
    known = subscribed(graph, publisher.url)
    assert [row.state for row in rows(graph)] == ["taken"]
    kept = Subscriptions(graph.store.path)
    (taken,) = kept.get(known.id).taken["mills"]
    kept.took(known.id, "mills", [replace(taken, here=0)])  # as it stands between the two
    assert [row.state for row in rows(graph)] == ["taken"]
    assert kept.get(known.id).taken["mills"] == (replace(taken, at=taken.at),)
    assert current(graph) == {"mills": 1}


@pytest.mark.parametrize("offered", ["2", "3"])
def test_a_second_version_that_was_admitted_when_its_process_was_killed_is_known(
    graph: Graph, publisher: Publisher, offered: str
) -> None:
    publisher.offer(package())
    known, kept = subscribed(graph, publisher.url), Subscriptions(graph.store.path)
    rows(graph)
    publisher.offer(package(actors=3), version="2")
    rows(graph)
    first, second = kept.get(known.id).taken["mills"]
    kept.took(known.id, "mills", [first, replace(second, here=0)])
    if offered == "3":  # by then there is a newer one
        kept.part(second.sha256).write_bytes(package(actors=3))
        publisher.offer(package(actors=4), version="3")
    taken = rows(graph)
    assert [(row.state, row.version) for row in taken] == [
        ("taken", str(n)) for n in range(2, int(offered) + 1)
    ]
    assert kept.get(known.id).taken["mills"][:2] == (first, second)
    assert current(graph) == {"mills": int(offered)}
    assert [row.state for row in rows(graph)] == ["current"]
    assert list(kept.parts.glob("*")) == []


def test_what_came_of_a_version_stays_until_it_is_known_whether_it_was_admitted(
    graph: Graph, publisher: Publisher
) -> None:
    known, kept = subscribed(graph, publisher.url), Subscriptions(graph.store.path)
    data = package()
    digest = hashlib.sha256(data).hexdigest()
    kept.took(known.id, "mills", [Taken("1", digest, "CC0-1.0", "", "", "2026-01-01T00:00:00+00:00")])
    kept.part(digest).write_bytes(data)
    (found,) = synced(graph)
    assert "status 404" in found.failed
    assert kept.part(digest).exists()


@pytest.mark.parametrize("more", [b"", b"x"])
def test_what_lies_here_whole_or_longer_is_no_fault(graph: Graph, publisher: Publisher, more: bytes) -> None:
    """Of which the catalogue says no length, as other products do."""
    data = package()
    publisher.offer(data)
    kind, said = publisher.files["/catalog"]  # type: ignore[misc]
    publisher.files["/catalog"] = (kind, said.replace(b"dcat:byteSize", b"dcterms:extent"))

    def whole(to: Any) -> None:
        if to.headers.get("Range"):
            to.send_error(416)
        else:
            send(to, ZIP, data)

    publisher.files["/files/mills-1.zip"] = whole
    subscribed(graph, publisher.url)
    Subscriptions(graph.store.path).part(hashlib.sha256(data).hexdigest()).write_bytes(data + more)
    assert [row.state for row in rows(graph)] == ["taken"]


def test_a_backup_holds_what_is_followed_and_what_was_taken(
    graph: Graph, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.offer(package())
    subscribed(graph, publisher.url)
    rows(graph)
    graph.backup(tmp_path / "backup.tar")
    again = Graph.restore(tmp_path / "backup.tar", tmp_path / "restored")
    assert Subscriptions(again.store.path).all() == Subscriptions(graph.store.path).all()
    assert [row.state for row in rows(again)] == ["current"]


def test_what_somebody_contributed_meanwhile_is_not_taken_for_that(
    graph: Graph, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.offer(package())
    known = subscribed(graph, publisher.url, "mills")
    begun = Taken("1", "0" * 64, "CC0-1.0", "", "", "2026-01-01T00:00:00+00:00")
    Subscriptions(graph.store.path).took(known.id, "mills", [begun])
    graph.contribute(mill(tmp_path, 5))
    assert "Somebody contributed a dataset mills here meanwhile" in refused(graph)
    assert current(graph) == {"mills": 1}


# --- What goes wrong here ----------------------------------------------------------------------------------------

#: A device that is always full.
FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
def test_where_there_is_no_room_for_one_dataset_the_others_go_on(call: Command, tmp_path: Path) -> None:
    """Neither the others of its publisher nor other publishers wait for it, and the next sync takes it."""
    with publishing() as first, publishing() as second:
        said = []
        for name in ("aaa", "mills", "zzz"):
            first.offer(package(name, called=name), name=name)
            said.append(first.files["/catalog"][1])  # type: ignore[index]
        first.files["/catalog"] = ("text/turtle", b"\n".join(said))
        second.offer(package("others", called="others"), name="others")
        graph = Graph.open(tmp_path / "data", create=True)
        known, kept = subscribed(graph, first.url), Subscriptions(graph.store.path)
        subscribed(graph, second.url)
        part = kept.part(hashlib.sha256(package("mills", called="mills")).hexdigest())
        part.symlink_to(FULL)
        done = call("sync", "--quiet", "--format", "json", "--data", str(graph.store.path))
        assert done.code == 1, done.err
        found, other = json.loads(done.out)["subscriptions"]
        assert [(row["dataset"], row["state"]) for row in found["datasets"]] == [
            ("aaa", "taken"), ("mills", "failed"), ("zzz", "taken"),
        ]  # fmt: skip
        assert [row["state"] for row in other["datasets"]] == ["taken"]
        why = found["datasets"][1]["why"]
        assert "the disk is full" in why
        assert str(tmp_path) not in why
        assert current(graph) == {"aaa": 1, "others": 1, "zzz": 1}
        party = f"subscription:{known.id}"
        assert (party, "sync", "mills version 1", "failed: OSError") in lines(graph)
        assert kept.get(known.id).refused["mills"].why == why
        call("sync", "--quiet", "--data", str(graph.store.path))
        assert sum(line[3] == "failed: OSError" for line in lines(graph)) == 1, "the log tells it once"
        part.unlink()
        assert call("sync", "--quiet", "--data", str(graph.store.path)).code == 0
        assert current(graph) == {"aaa": 1, "mills": 1, "others": 1, "zzz": 1}
        assert kept.get(known.id).refused == {}
        assert list(kept.parts.glob("*")) == []


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyError("full")])
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_fault_at_any_place_of_one_dataset_leaves_it_whole_and_ends_no_other(
    graph: Graph, publisher: Publisher, monkeypatch: pytest.MonkeyPatch, error: Exception, place: str
) -> None:
    """Before a release is published, and after it, when its actors are compared with others."""
    said = []
    for name in ("mills", "others"):
        publisher.offer(package(name, called=name), name=name)
        said.append(publisher.files["/catalog"][1])  # type: ignore[index]
    publisher.files["/catalog"] = ("text/turtle", b"\n".join(said))
    known = subscribed(graph, publisher.url)
    module, name = {"before": (admission, "contribute"), "after": (matches, "propose")}[place]
    real, asked = getattr(module, name), list[object]()

    def failing(*given: Any, **more: Any) -> Any:
        asked.append(given)
        if len(asked) == 1:
            raise error
        return real(*given, **more)

    with monkeypatch.context() as patched:
        patched.setattr(module, name, failing)
        (found,) = synced(graph)
        assert [(row.dataset, row.state) for row in found.rows] == [("mills", "failed"), ("others", "taken")]
        assert not found.well
        assert current(graph) == {"others": 1} | ({"mills": 1} if place == "after" else {})
        states = [(row.dataset, row.state, row.here) for row in rows(graph)]
    # What was admitted is known again as what the subscription brought.
    assert sorted(states) == [("mills", "taken", 1), ("others", "current", 1)]
    assert current(graph) == {"mills": 1, "others": 1}
    taken = Subscriptions(graph.store.path).get(known.id).taken
    assert {name: [each.here for each in kept] for name, kept in taken.items()} == {
        "mills": [1],
        "others": [1],
    }
    assert list(graph.audit.faults(graph.view().release.versions)) == []


def test_where_nothing_can_be_remembered_the_answer_says_it(
    graph: Graph, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.offer(package(), licence="")
    subscribed(graph, publisher.url)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "full", "subscriptions.json")

    monkeypatch.setattr(durable, "replace", full)
    (found,) = synced(graph)
    assert "the disk is full" in found.failed
    assert not found.well


# --- Names -------------------------------------------------------------------------------------------------------


def test_nobody_takes_the_name_of_another(graph: Graph, tmp_path: Path) -> None:
    with publishing() as first, publishing() as second:
        first.offer(package())
        subscribed(graph, first.url)
        assert [row.state for row in rows(graph)] == ["taken"]
        second.offer(package(actors=7), version="9")
        other = subscribed(graph, second.url)
        _, found = synced(graph)
        assert [row.state for row in found.rows] == ["held"]
        assert first.url in found.rows[0].why
        assert second.url in found.rows[0].why
        assert (f"subscription:{other.id}", "sync", "mills version 9", "refused: NotOurs") in lines(graph)
        many = len(lines(graph))
        synced(graph)
        assert len(lines(graph)) == many, "the log tells it once"
        Subscriptions(graph.store.path).remove(other.id)
        subscribed(graph, second.url, "mills")
        assert [row.state for row in synced(graph)[1].rows] == ["refused"]
        assert graph.view().release.current["mills"].rows == 2


def test_what_is_ones_own_is_never_replaced(graph: Graph, publisher: Publisher, tmp_path: Path) -> None:
    graph.contribute(mill(tmp_path, 1))
    publisher.offer(package())
    subscribed(graph, publisher.url, "mills")
    assert "of somebody who contributed it here" in refused(graph)
    publisher.offer(package(), name="other")
    assert "calls itself 'mills', and the catalogue 'other'" in _of(graph, "other").why
    assert graph.view().release.current["mills"].rows == 1


def _of(graph: Graph, dataset: str) -> Row:
    """Return what became of a dataset, of one more subscription that is to all."""
    (known,) = Subscriptions(graph.store.path).all().values()
    Subscriptions(graph.store.path).remove(known.id)
    subscribed(graph, known.url)
    return next(row for row in rows(graph) if row.dataset == dataset)


def test_what_somebody_put_over_it_by_hand_stays(graph: Graph, publisher: Publisher, tmp_path: Path) -> None:
    publisher.offer(package())
    subscribed(graph, publisher.url)
    rows(graph)
    graph.contribute(mill(tmp_path, 4))
    publisher.offer(package(actors=9), version="2")
    assert "Somebody contributed version 2 of mills here" in refused(graph)
    publisher.offer(package(), more=publisher.withdraws("0"))
    assert "Somebody contributed version 2 of mills here" in refused(graph)
    graph.withdraw("mills", "ours was wrong")
    graph.withdraw("mills", "and theirs")
    (row,) = rows(graph)
    assert (row.state, current(graph)) == ("kept", {})
    publisher.offer(package(actors=9), version="2")
    assert [row.state for row in rows(graph)] == ["taken"]


# --- Hostile publishers ------------------------------------------------------------------------------------------

ZIP = "application/zip"
NESTED = b"<urn:a> <urn:b> " + b"(" * 500 + b")" * 500 + b" ."
#: Bytes of another package, of the same length.
OTHER = package(called="Mill letter")
Forging = Callable[[Publisher], None]


def _file(answer: Any) -> Forging:
    def forge(site: Publisher) -> None:
        site.offer(package())
        site.files["/files/mills-1.zip"] = answer

    return forge


def _truncated(to: Any) -> None:
    to.send_response(200)
    to.send_header("Content-Length", "100000")
    to.end_headers()
    to.wfile.write(b"P" * 10)


def _crushed() -> bytes:
    """Return a zip whose description is packed by LZMA, and broken."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("datapackage.json", '{"name": "mills"}' * 50)
    data = bytearray(made.getvalue())
    begin = data.find(b"datapackage.json") + 25
    data[begin : begin + 20] = bytes(each ^ 0x5A for each in data[begin : begin + 20])
    return bytes(data)


def _part_of_nothing(to: Any) -> None:
    to.send_response(206)
    to.send_header("Content-Range", f"bytes {'9' * 5000}-1/1")
    to.end_headers()


HOSTILE: dict[str, tuple[Forging, str]] = {
    "packed by LZMA": (lambda site: site.offer(_crushed()), "no Data Package"),
    "a licence that is no text": (lambda site: site.offer(package(licence="\ud800")), "no Data Package"),
    "licences that are a number": (
        lambda site: site.offer(package(licenses=5)), "no Data Package",  # type: ignore[arg-type]
    ),
    "a part of nothing": (_file(_part_of_nothing), "does not say which"),
    "leads to no address": (_file(leading("http://[")), "is no address"),
    "a version of many digits": (lambda site: site.offer(package(), version="1" * 5000), "at most 100 characters"),
    "a forged checksum": (lambda site: site.offer(package(), sha256="0" * 64), "checksum of what came"),
    "another file": (_file((ZIP, OTHER)), "checksum of what came"),
    "no checksum": (lambda site: site.offer(package(), sha256=""), "gives no checksum"),
    "no licence": (lambda site: site.offer(package(), licence=""), "states no licence"),
    "another licence": (lambda site: site.offer(package(licence="CC-BY-NC-4.0")), "The package is under CC-BY-NC-4.0"),
    "another name": (lambda site: site.offer(package("laws")), "calls itself 'laws'"),
    "no package": (lambda site: site.offer(b"no zip at all"), "no Data Package"),
    "cut off": (_file(_truncated), "not whole"),
    "shorter than it says": (_file((ZIP, package()[:-5])), "bytes of"),
    "endless": (_file(endless(ZIP, b"P" * 4096)), "more than the"),
    "slow": (_file(endless(ZIP, b"P", 0.2)), "it took too long"),
    "silent": (_file(lambda to: time.sleep(4)), "does not answer"),
    "gone": (_file(lambda to: to.send_error(410)), "status 410"),
    "leads to a file": (_file(leading("file:///etc/passwd")), "neither http nor https"),
    "leads elsewhere": (_file(leading("http://example.org/mills.zip")), "it is on example.org"),
    "leads inside": (_file(leading("http://169.254.169.254/latest")), "it is on 169.254.169.254"),
    "leads to another port": (_file(leading("http://127.0.0.1:9/")), "the subscription is to port"),
    "leads in circles": (_file(leading("/files/mills-1.zip")), "leads on and on"),
    "is elsewhere": (lambda site: site.offer(package(), where="http://localhost.example.org/a"), "it is on localhost"),
    "is a file": (lambda site: site.offer(package(), where="file:///etc/passwd"), "neither http nor https"),
    "is larger than may be": (lambda site: site.offer(package(), size=1 << 40), "at most 1,048,576 are taken"),
    "is there twice": (
        lambda site: site.offer(package(), more=f'<{site.url}/x/mills> a dcat:Dataset ; dcat:version "2" .'), "twice",
    ),
    "a person's address": (lambda site: site.offer(package(called="me@mills.test")), "e-mail"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_forged_changes_nothing(graph: Graph, publisher: Publisher, name: str) -> None:
    forge, said = HOSTILE[name]
    forge(publisher)
    subscribed(graph, publisher.url)
    why = refused(graph, HASTE if name in HASTY else BOUNDS)
    assert said.casefold() in why.casefold(), why
    assert graph.store.current is None
    (known,) = Subscriptions(graph.store.path).all().values()
    assert known.taken == {}
    assert known.refused["mills"].why == why
    assert any(line[0] == f"subscription:{known.id}" and "refused" in line[3] for line in lines(graph))


#: Those that take their time.
HASTY = ("slow", "silent")


def _linked(to: Any) -> None:
    to.send_response(200)
    to.send_header("Content-Type", "text/turtle")
    to.send_header("Link", '<http://[>; rel="next"')
    to.send_header("Content-Length", "0")
    to.end_headers()


CATALOGUES: dict[str, tuple[Any, str]] = {
    "none": (lambda to: to.send_error(404), "status 404"),
    "a page": (("text/html", b"<p>hello"), "a catalogue is RDF"),
    "broken": (("text/turtle", b"<a> <b>"), "no catalogue that can be read"),
    "nested": (("text/turtle", NESTED), "nested more than"),
    "a context elsewhere": (("application/ld+json", b'{"@context": "http://127.0.0.1:9/x", "a": 1}'), "no catalogue"),
    "endless": (endless("text/turtle", b"# nothing\n" * 500), "more than the"),
    "slow": (endless("text/turtle", b"#", 0.3), "too long"),
    "pages for ever": (None, "more than 5 pages"),
    "leads to no address": (leading("http://["), "is no address"),
    "a next page that is none": (
        ("text/turtle", b'<> <http://www.w3.org/ns/hydra/core#next> "http://[" .'), "is no address",
    ),
    "a link that is none": (_linked, "is no address"),
    "many datasets": (
        ("text/turtle", "\n".join(
            f"<urn:x/d{n}> a <http://www.w3.org/ns/dcat#Dataset> ." for n in range(2100)
        ).encode()), "more than 2,000 datasets",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_catalogue_that_cannot_be_read_is_told(graph: Graph, publisher: Publisher, name: str) -> None:
    answer, said = CATALOGUES[name]
    publisher.files["/catalog"] = answer or _paged(publisher, 0)
    known, bounds = subscribed(graph, publisher.url), HASTE if name in HASTY else BOUNDS
    (found,) = synced(graph, bounds)
    assert said in found.failed
    assert not found.well
    assert Subscriptions(graph.store.path).get(known.id).failed == found.failed
    with pytest.raises(Unreachable):
        joining.begin(graph.store, graph.audit, "local", subscriptions.new(publisher.url), bounds)


def _paged(site: Publisher, number: int) -> tuple[str, bytes]:
    for each in range(20):
        text = f"<> <http://www.w3.org/ns/hydra/core#next> <{site.url}/page-{each + 1}> ."
        site.files[f"/page-{each}"] = ("text/turtle", text.encode())
    return site.files[f"/page-{number}"]  # type: ignore[return-value]


def test_pages_of_a_catalogue_are_read_together(publisher: Publisher) -> None:
    publisher.offer(package())
    first = publisher.files.pop("/catalog")
    publisher.files["/catalog"] = (
        "text/turtle",
        f"<> <http://www.w3.org/ns/hydra/core#next> <{publisher.url}/b> .".encode(),
    )
    publisher.files["/b"] = first
    found = offers.read(Client(Reach.of(publisher.url), BOUNDS), f"{publisher.url}/catalog")
    assert list(found.offers) == ["mills"]


def test_a_blank_node_of_one_page_is_none_of_another(publisher: Publisher) -> None:
    said = []
    for name in ("mills", "other"):
        publisher.offer(package(name), name=name)
        text = publisher.files.pop("/catalog")[1].decode()  # type: ignore[index]
        form = f"<{publisher.url}/files/{name}-1.zip#it>"
        text = text.replace("[ a spdx:Checksum", "_:sum . _:sum a spdx:Checksum")
        said.append(text.replace("hexBinary ] ;", f"hexBinary . {form}"))
    said[0] += f"<> <http://www.w3.org/ns/hydra/core#next> <{publisher.url}/b> ."
    publisher.files |= {
        "/catalog": ("text/turtle", said[0].encode()),
        "/b": ("text/turtle", said[1].encode()),
    }
    found = offers.read(Client(Reach.of(publisher.url), BOUNDS), f"{publisher.url}/catalog").offers
    assert {name: each.sha256 for name, each in found.items()} == {
        name: hashlib.sha256(package(name)).hexdigest() for name in ("mills", "other")
    }


def test_what_is_withdrawn_with_all_before_it_is_not_here_for_a_moment(
    graph: Graph, publisher: Publisher
) -> None:
    publisher.offer(package())
    subscribed(graph, publisher.url)
    rows(graph)
    publisher.offer(package(actors=3), version="2")
    assert [row.state for row in rows(graph)] == ["taken"]
    publisher.says(publisher.withdraws("1") + publisher.withdraws("2"))
    assert [(row.state, row.version) for row in rows(graph)] == [("withdrawn", "2"), ("withdrawn", "1")]
    assert current(graph) == {}


def test_what_comes_back_is_the_version_that_its_publisher_offers(graph: Graph, publisher: Publisher) -> None:
    publisher.offer(package())
    subscribed(graph, publisher.url)
    rows(graph)
    publisher.offer(package(actors=3), version="2")
    rows(graph)
    publisher.offer(package(), more=publisher.withdraws("2"))
    assert [row.state for row in rows(graph)] == ["withdrawn", "current"]
    graph.withdraw("mills", "not for us")
    publisher.offer(package(actors=3), version="2")
    assert [(row.state, row.version, row.here) for row in rows(graph)] == [("restored", "2", 2)]
    assert current(graph) == {"mills": 2}
    assert [each.reason for each in graph.view().release.withdrawals if not each.ended] == ["not for us"]


def test_a_version_neither_goes_back_nor_changes(graph: Graph, publisher: Publisher) -> None:
    publisher.offer(package(), version="2")
    subscribed(graph, publisher.url)
    assert [row.state for row in rows(graph)] == ["taken"]
    publisher.offer(package(actors=1), version="1")
    assert "version 2 was taken before" in refused(graph)
    publisher.offer(package(actors=1), version="2")
    assert "A version never changes" in refused(graph)
    publisher.offer(package(actors=1), version="next")
    assert "no newer" in refused(graph)
    assert current(graph) == {"mills": 1}
    publisher.offer(
        package(), version="1", more=publisher.withdraws("2")
    )  # the newer one is taken back first
    assert [(row.state, row.version) for row in rows(graph)] == [("withdrawn", "2"), ("taken", "1")]


def test_what_is_withdrawn_on_its_way_is_not_taken(graph: Graph, publisher: Publisher) -> None:
    """The catalogue that was read first holds; the next sync takes back what is no more."""
    data = package()
    publisher.offer(data)

    def meanwhile(to: Any) -> None:
        publisher.says(publisher.withdraws())
        send(to, ZIP, data)

    publisher.files["/files/mills-1.zip"] = meanwhile
    subscribed(graph, publisher.url)
    assert [row.state for row in rows(graph)] == ["taken"]
    assert [row.state for row in rows(graph)] == ["withdrawn"]
    assert current(graph) == {}
    assert [row.state for row in rows(graph)] == ["kept"]


# --- Signed catalogues -------------------------------------------------------------------------------------------

#: Another key than that of whoever publishes.
OTHERS = SecretKey(b"87654321", bytes(range(1, 33)))


def failed(graph: Graph) -> str:
    """Return why the one subscription could not be followed."""
    (found,) = synced(graph)
    assert not found.well
    assert not found.rows
    return found.failed


FORGED: dict[str, tuple[Callable[[Publisher], None], str]] = {
    "unsigned": (lambda site: None, "is not signed"),
    "nonsense": (lambda site: site.seals("nonsense"), "none that minisign makes"),
    "by another key": (lambda site: site.seals(OTHERS.sign(_list(site), "catalogue release=1")), "does not say that"),
    "by one that calls itself so": (
        lambda site: site.seals(SecretKey(b"12345678", bytes(32)).sign(_list(site), "catalogue release=1")),
        "somebody changed it",
    ),
    "over another list": (lambda site: site.seals(KEY.sign("", "catalogue release=1")), "somebody changed it"),
    "over something else": (lambda site: site.seals(KEY.sign(_list(site), "dataset=mills version=1")), "no catalogue"),
    "with another number": (
        lambda site: site.seals(KEY.sign(_list(site), "catalogue release=1").replace("release=1", "release=9")),
        "somebody changed it",
    ),
    "a withdrawal that nobody signed": (lambda site: _more(site, site.withdraws("0")), "somebody changed it"),
    "one more dataset": (lambda site: _more(site, _offered(site)), "somebody changed it"),
    "another checksum": (lambda site: _swap(site, _sum(package()), _sum(OTHER)), "somebody changed it"),
    "a dataset left out": (lambda site: _swap(site, b"spdx:checksum ", b"dcterms:extent "), "somebody changed it"),
}  # fmt: skip


def _list(site: Publisher) -> str:
    return f"offered\tmills\t1\t{hashlib.sha256(package()).hexdigest()}\n"


def _sum(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()


def _offered(site: Publisher) -> str:
    return str(site.files["/catalog"][1].decode()).replace("mills", "gills")  # type: ignore[index]


def _more(site: Publisher, text: str) -> None:
    site.signs(KEY, 1)
    kind, said = site.files["/catalog"]  # type: ignore[misc]
    site.files["/catalog"] = (kind, said + text.encode())


def _swap(site: Publisher, old: bytes, new: bytes) -> None:
    said = site.signs(KEY, 1)
    assert old in said
    site.files["/catalog"] = ("text/turtle", said.replace(old, new))


@pytest.mark.parametrize("name", FORGED)
def test_where_a_key_is_pinned_only_the_catalogue_that_it_signed_counts(
    graph: Graph, publisher: Publisher, name: str
) -> None:
    forge, said = FORGED[name]
    publisher.offer(package())
    forge(publisher)
    known = subscribed(graph, publisher.url, key=str(KEY.public))
    for _ in range(2):
        assert said in failed(graph)
    assert graph.store.current is None
    assert [each for each in lines(graph) if each[0] == f"subscription:{known.id}"] == [
        (f"subscription:{known.id}", "sync", known.url, "refused: Forged")
    ], "the log tells it once"
    with pytest.raises(Forged):
        joining.begin(
            graph.store, graph.audit, "local", replace(known, url=f"{publisher.url}/catalog"), BOUNDS
        )
    publisher.offer(package())
    publisher.seals(KEY.sign(_list(publisher), "catalogue release=1"))
    (row,) = rows(graph)
    assert (row.state, row.signed_by) == ("taken", KEY.public.id)


def test_an_old_catalogue_neither_undoes_a_withdrawal_nor_makes_one(
    graph: Graph, publisher: Publisher
) -> None:
    """Each of them was signed once, and whoever stands between kept it."""
    subscribed(graph, publisher.url, key=str(KEY.public))
    publisher.offer(package())
    publisher.signs(KEY, 1)
    assert [row.state for row in rows(graph)] == ["taken"]
    publisher.offer(package(actors=3), version="2")
    offered = publisher.signs(KEY, 2)
    assert [row.state for row in rows(graph)] == ["taken"]
    publisher.offer(package(), more=publisher.withdraws("2"))
    withdrawn = publisher.signs(KEY, 3)
    assert [row.state for row in rows(graph)] == ["withdrawn", "current"]

    def replayed(said: bytes, number: int) -> None:
        publisher.files["/catalog"] = ("text/turtle", said)
        before = current(graph)
        why = failed(graph)
        assert f"signed as that of release {number}, and that of release" in why
        assert current(graph) == before
        assert lines(graph)[-1][1:] == ("sync", f"{publisher.url}/catalog", "refused: Forged")

    replayed(offered, 2)
    publisher.offer(package(actors=3), version="2")
    again = publisher.signs(KEY, 4)
    assert [row.state for row in rows(graph)] == ["restored"]
    replayed(withdrawn, 3)
    publisher.files["/catalog"] = ("text/turtle", again)
    assert [row.state for row in rows(graph)] == ["current"]
    assert current(graph) == {"mills": 2}


def test_what_was_withdrawn_before_it_was_taken_is_not_taken_of_an_old_catalogue(
    graph: Graph, publisher: Publisher
) -> None:
    subscribed(graph, publisher.url, key=str(KEY.public))
    publisher.offer(package(actors=3), version="2")
    offered = publisher.signs(KEY, 2)
    publisher.offer(package(), more=publisher.withdraws("2"))
    publisher.signs(KEY, 3)
    assert [row.state for row in rows(graph)] == ["taken"]
    publisher.files["/catalog"] = ("text/turtle", offered)
    assert "is an old one" in failed(graph)
    assert graph.view().release.current["mills"].rows == 2


def test_a_plan_remembers_no_catalogue(graph: Graph, publisher: Publisher) -> None:
    known = subscribed(graph, publisher.url, key=str(KEY.public))
    publisher.offer(package())
    publisher.signs(OTHERS, 9, listing.followed(KEY, OTHERS.public))
    (found,) = synced(graph, dry=True)
    assert [row.state for row in found.rows] == ["take"]
    assert Subscriptions(graph.store.path).get(known.id) == known


# --- Keys that follow each other ---------------------------------------------------------------------------------


def test_a_key_that_the_one_before_says_follows_it_counts_from_then_on(
    graph: Graph, publisher: Publisher
) -> None:
    third = SecretKey.new()
    known, kept = subscribed(graph, publisher.url, key=str(KEY.public)), Subscriptions(graph.store.path)
    publisher.offer(package())
    before = publisher.signs(KEY, 7)
    rows(graph)
    publisher.offer(package(actors=3), version="2")
    words = [listing.followed(KEY, OTHERS.public), listing.followed(OTHERS, third.public)]
    publisher.signs(third, 1, *reversed(words))
    (found,) = synced(graph)
    assert [(row.state, row.signed_by) for row in found.rows] == [("taken", third.public.id)]
    assert "says that" in found.notes[0]
    now = kept.get(known.id)
    assert (now.key, now.listed) == (str(third.public), 1), "what it signs is counted anew"
    assert lines(graph)[-2][1:] == ("sync", f"key {KEY.public} is followed by {third.public}", "done")
    publisher.files["/catalog"] = ("text/turtle", before)
    assert f"the one that is pinned is {third.public.id}" in failed(graph)
    assert current(graph) == {"mills": 2}


@pytest.mark.parametrize(
    "word",
    ["", "nonsense", listing.followed(OTHERS, OTHERS.public), KEY.sign("", f"followed by {OTHERS.public}"),
     KEY.sign(str(OTHERS.public), f"followed by {KEY.public}"), KEY.sign(str(OTHERS.public), "followed by nobody")],
)  # fmt: skip
def test_a_key_that_changed_without_the_word_of_the_one_before_is_refused(
    graph: Graph, publisher: Publisher, word: str
) -> None:
    known = subscribed(graph, publisher.url, key=str(KEY.public))
    publisher.offer(package())
    publisher.signs(OTHERS, 1, word)
    assert "does not say that another one follows it" in failed(graph)
    assert graph.store.current is None
    assert Subscriptions(graph.store.path).get(known.id).key == str(KEY.public)


def test_whoever_lost_a_key_is_followed_by_what_is_told_of_the_new_one(
    call: Command, publisher: Publisher, tmp_path: Path
) -> None:
    """What was taken stays that of the subscription, which takes the next version."""
    data, url = ("--data", str(tmp_path / "data"), "--quiet"), publisher.url
    publisher.offer(package())
    publisher.signs(KEY, 5)
    assert "no subscription" in call("subscribe", url, "--again", *data).err
    assert call("subscribe", url, "--key", str(KEY.public), *data).code == 0
    publisher.offer(package(actors=3), version="2")
    publisher.signs(OTHERS, 1)
    assert call("sync", *data).code == 1
    assert "--again" in call("subscribe", url, "--key", str(OTHERS.public), *data).err
    assert "does not say" in call("subscribe", url, "--key", str(KEY.public), "--again", *data).err
    done = call("subscribe", url, "--key", str(OTHERS.public), "--again", "--format", "json", *data)
    assert done.code == 0, done.err
    (row,) = json.loads(done.out)["subscriptions"][0]["datasets"]
    assert (row["state"], row["version"], row["signed_by"]) == ("taken", "2", OTHERS.public.id)


def test_the_number_of_a_key_does_not_go_back_when_one_subscribes_again(
    call: Command, publisher: Publisher, tmp_path: Path
) -> None:
    data, url = ("--data", str(tmp_path / "data"), "--quiet"), publisher.url
    words = ("subscribe", url, "--key", str(KEY.public))
    publisher.offer(package())
    old = publisher.signs(KEY, 1)
    publisher.offer(package())
    publisher.signs(KEY, 2)
    assert call(*words, *data).code == 0
    publisher.files["/catalog"] = ("text/turtle", old)
    done = call(*words, "--again", *data)
    assert done.code == 1
    assert "is an old one" in done.err


def test_a_publisher_replaces_its_key_and_nobody_has_an_old_catalogue_signed_as_a_new_one(
    call: Command, tmp_path: Path
) -> None:
    graph, data = Graph.open(tmp_path / "data", create=True), ("--data", str(tmp_path / "data"))
    assert "no other key" in call("keys", "signing", "--replace", *data).err
    first = PublicKey.of(call("keys", "signing", *data).out)
    for actors in (2, 3):
        graph.contribute(mill(tmp_path, actors))
    with TestClient(create_app(graph)) as client:

        def offered(**asked: str) -> offers.Catalogue:
            answer = client.get("/catalog", headers={"accept": "text/turtle"}, params=asked)
            return offers.catalogue(syntax.read(answer.content, "turtle", "http://here/"))

        assert listing.accepted(offered(), first) == listing.Accepted(first, 2)
        with pytest.raises(Forged, match="is an old one"):
            listing.accepted(offered(release="1"), first, 2)
        with pytest.raises(Forged, match="is not signed"):
            listing.accepted(offered(as_known="2020-01-01"), first)
        second, third = (PublicKey.of(call("keys", "signing", "--replace", *data).out) for _ in range(2))
        assert listing.accepted(offered(), first, 2).key == third
    assert [line[2] for line in lines(graph) if line[1] == "signing-key"][-3:] == [
        first.id,
        f"{first.id} is followed by {second.id}",
        f"{second.id} is followed by {third.id}",
    ]
    assert Signing(graph.store.path).secret.stat().st_mode & 0o077 == 0


def test_a_replacement_that_was_ended_in_the_middle_leaves_the_key_before(graph: Graph) -> None:
    """The word stands there already, and nobody has the key that it names."""
    signing, lost, third = Signing(graph.store.path), SecretKey.new(), SecretKey.new()
    signing.keep(KEY)
    signing.followed.write_text(json.dumps([listing.followed(KEY, lost.public)]))
    for secret, number in ((KEY, 1), (third, 2)):
        if secret is third:
            signing.replace(third)
        found = offers.Catalogue(successions=tuple(signing.successions()))
        found.signature = listing.signed(secret, found, number)
        assert listing.accepted(found, KEY.public) == listing.Accepted(secret.public, number)


# --- Signatures --------------------------------------------------------------------------------------------------


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=50),
)
def test_what_is_signed_is_verified_and_nothing_else(text: str, comment: str) -> None:
    signature = Signature.of(KEY.sign(text, comment))
    assert KEY.public.verify(signature, text) == comment
    for other, said in ((signature, text + "!"), (replace(signature, comment=comment + "!"), text)):
        with pytest.raises(Forged):
            KEY.public.verify(other, said)


def test_a_key_is_kept_for_its_owner_alone_and_read_again(tmp_path: Path) -> None:
    KEY.write(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    read = SecretKey.read(tmp_path / "key")
    assert read is not None
    assert read.public == KEY.public == PublicKey.of(str(KEY.public))
    assert SecretKey.read(tmp_path / "none") is None
    for text in ("", "untrusted comment: x\n!!", "untrusted comment: x\n" + str(KEY.public)):
        (tmp_path / "key").write_text(text)
        with pytest.raises(StoreError):
            SecretKey.read(tmp_path / "key")


@pytest.mark.parametrize("text", ["", "RW", "not a key", "A" * 56, str(KEY.public)[:-1]])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        PublicKey.of(text)


def test_what_is_published_is_signed_with_one_key(call: Command, tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "data"))
    made = call("keys", "signing", *data)
    assert made.code == 0, made.err
    assert call("keys", "signing", *data).out == made.out
    KEY.write(tmp_path / "other")
    assert "signs with key" in call("keys", "signing", "--from", str(tmp_path / "other"), *data).err
    assert call("keys", "signing", "--from", str(tmp_path / "none"), *data).code == 1


# --- What may be asked -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subscription", "url", "said"),
    [
        ("https://data.example.org/", "http://data.example.org/a", "this is not"),
        ("https://data.example.org/", "https://data.example.org.evil.test/", "it is on data.example.org.evil.test"),
        ("https://data.example.org/", "https://data.example.org:22/", "port"),
        ("https://data.example.org/", "https://data.example.org@evil.test/", "a name or a mark"),
        ("https://data.example.org/", "ftp://data.example.org/", "neither http nor https"),
        ("https://data.example.org/", "https://data.example.org/\nHost: x", "no address holds"),
        ("http://127.0.0.1:80/", "http://127.0.0.1:81/", "port"),
        ("http://10.0.0.1/", "http://10.0.0.1/", "does not reach"),
        ("http://169.254.169.254/", "http://169.254.169.254/", "does not reach"),
        ("http://[::ffff:10.0.0.1]/", "http://[::ffff:10.0.0.1]/", "does not reach"),
        ("http://0.0.0.0/", "http://0.0.0.0/", "does not reach"),
        ("http://127.1.2.3/", "http://127.1.2.3/", "does not reach"),
    ],
)  # fmt: skip
def test_what_a_subscription_may_not_ask(subscription: str, url: str, said: str) -> None:
    with pytest.raises(Unreachable, match=said):
        Reach.of(subscription).target(url)


def test_what_a_subscription_may_ask_when_it_is_told_so() -> None:
    assert Reach.of("http://10.0.0.1/", private=True).target("http://10.0.0.1/a?b=c").path == "/a?b=c"
    assert Reach.of("http://localhost:81/").target("http://127.0.0.1:81/").address == "127.0.0.1"
    assert (
        Reach.of("http://10.0.0.1/", ["10.0.0.2"], private=True).target("http://10.0.0.2/").host == "10.0.0.2"
    )
    for wrong in ("data.example.org", "file:///etc", "http://", "http://a:b@c/", "http://h:99999/"):
        with pytest.raises(UsageError):
            Reach.of(wrong)
    with pytest.raises(UsageError):
        Reach.of("http://10.0.0.1/", ["http://x"])


def test_by_tls_the_certificate_is_held_against_the_name(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, secure = certified(tmp_path)
    with publishing(secure) as site:
        site.offer(package())
        subscribed(graph, site.url)
        (found,) = synced(graph)
        assert "certificate verify failed" in found.failed
        monkeypatch.setenv("SSL_CERT_FILE", str(known))
        client = Client(Reach.of(site.url), BOUNDS)
        assert list(offers.read(client, f"{site.url}/catalog").offers) == ["mills"]
        assert [row.state for row in rows(graph)] == ["taken"]
        site.files["/slow"] = endless("text/turtle", b"#", 0.2)
        with pytest.raises(Unreachable, match="too long"):
            offers.read(Client(Reach.of(site.url), HASTE), f"{site.url}/slow")
        by_number = site.url.replace("localhost", "127.0.0.1")
        with pytest.raises(Unreachable, match="certificate"):
            offers.read(Client(Reach.of(by_number), BOUNDS), f"{by_number}/catalog")


# --- The list ----------------------------------------------------------------------------------------------------


def test_subscriptions_are_kept_listed_and_ended(call: Command, publisher: Publisher, tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "data"))
    publisher.offer(package())
    assert (
        "the catalogue has no 'mill'. Did you mean mills?"
        in call("subscribe", publisher.url, "--dataset", "mill", *data).err
    )
    assert call("subscribe", publisher.url, "--later", *data).code == 0
    assert "is a subscription to" in call("subscribe", publisher.url, "--later", *data).err
    (listed,) = json.loads(call("subscriptions", "--format", "json", *data).out)
    assert (listed["id"], listed["taken"], listed["synced"]) == ("127-0-0-1", {}, "")
    plan = call("sync", "--dry-run", "--format", "json", *data)
    assert [row["state"] for row in json.loads(plan.out)["subscriptions"][0]["datasets"]] == ["take"]
    assert "mills" in call("sync", "--dry-run", *data).out
    assert "No subscription is called 'other'" in call("sync", "other", *data).err
    assert call("unsubscribe", "127-0-0-1", *data).code == 0
    assert "Nothing is subscribed to" in call("sync", *data).err
    file = Subscriptions(tmp_path / "data").file
    file.write_text("[{}]")
    assert "cannot be read" in call("sync", *data).err


def test_a_length_of_many_digits_is_none(graph: Graph, publisher: Publisher) -> None:
    publisher.offer(package(), size=77_777_777)
    kind, said = publisher.files["/catalog"]  # type: ignore[misc]
    publisher.files["/catalog"] = (kind, said.replace(b"77777777", b"7" * 5000))
    subscribed(graph, publisher.url)
    assert [row.state for row in rows(graph)] == ["taken"]


def test_one_publisher_holds_up_no_other(graph: Graph) -> None:
    """Neither one at which a sync was ended, which comes last the next time, nor one that is followed no more."""
    with publishing() as first, publishing() as second:
        asked, kept = list[str](), Subscriptions(graph.store.path)
        ids = [subscribed(graph, site.url).id for site in (first, second)]
        kept.change(ids[0], lambda each: replace(each, begun=subscriptions.now()))

        def telling(id: str) -> Any:
            def answer(to: Any) -> None:
                asked.append(id)
                known = kept.get(id)
                assert known.begun
                assert not known.synced
                if id == ids[1]:
                    kept.remove(id)
                send(to, "text/turtle", b"")

            return answer

        for site, id in zip((first, second), ids, strict=True):
            site.files["/catalog"] = telling(id)
        found = synced(graph)
        assert asked == [*reversed(ids)]
        assert [each.id for each in found] == ids
        assert [bool(each.failed) for each in found] == [False, True]
        assert "ended meanwhile" in found[1].failed
        assert kept.get(ids[0]).synced


def test_a_clock_that_was_set_back_ends_no_schedule(graph: Graph) -> None:
    known = subscribed(graph, "http://127.0.0.1:9/")
    kept = Subscriptions(graph.store.path)
    kept.change(known.id, lambda each: replace(each, synced="2999-01-01T00:00:00+00:00"))
    assert Schedule(Queue(Pool(PROGRAM, Limits())), graph.store.path, 60.0)._left() <= 60


# --- What is published -------------------------------------------------------------------------------------------


def test_a_package_that_was_ended_in_the_middle_is_begun_again_and_not_for_ever(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph.contribute(mill(tmp_path, 2))
    release = graph.view().release
    made = Packages.of(release)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(exported, "write", killed)
        for _ in range(packages.TRIES):
            assert made.published(release)[1], "it lacks"
            with pytest.raises(KeyboardInterrupt):
                list(made.make(release))
        assert not made.published(release)[1]
        assert list(made.make(release)) == []
    assert not made.published(release)[0]
    assert list(made.make(release, again=True)) == []
    assert len(made.published(release)[0]) == 1


def test_a_catalogue_names_the_packages_that_are_made_where_others_cannot_be(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mills", "others"):
        graph.contribute(mill(tmp_path, 2), Options(dataset=name))
    release = graph.view().release
    assert list(Packages.of(release).make(release, "mills")) == []
    (said,) = Packages.of(release).published(release)[0].values()

    async def late(*_: object) -> None:
        raise WorkTooLong("The answer took longer than a test takes.")

    monkeypatch.setattr(catalogue, "packed", late)
    answer = TestClient(create_app(graph)).get("/catalog", headers={"accept": "text/turtle"})
    assert answer.text.count("checksumValue") == 1
    assert said.sha256 in answer.text


def test_whoever_leaves_keeps_no_package_from_being_made(house: tuple[Graph, str], tmp_path: Path) -> None:
    theirs, url = house
    theirs.contribute(mill(tmp_path, 6))
    place, _, port = url.partition("//")[2].partition(":")
    with socket.create_connection((place, int(port)), PATIENCE) as leaving:
        leaving.sendall(b"GET /catalog HTTP/1.1\r\nHost: localhost\r\nAccept: text/turtle\r\n\r\n")
    offered = offers.read(Client(Reach.of(url), BOUNDS), f"{url}/catalog").offers["mills"]
    assert offered.version == str(theirs.view().release.current["mills"].number)


def test_two_syncs_do_not_run_at_once(graph: Graph, publisher: Publisher) -> None:
    subscribed(graph, publisher.url)
    with (
        Subscriptions(graph.store.path).syncing(),
        pytest.raises(StoreError, match="Another process is writing"),
    ):
        synced(graph)


# --- The guide ---------------------------------------------------------------------------------------------------


def test_the_guide_shows_what_is_printed(call: Command, publisher: Publisher, tmp_path: Path) -> None:
    publisher.offer(package())
    text = GUIDE.read_text("utf-8").replace("http://127.0.0.1:8087", publisher.url)
    for step in typed(text):
        command = step.command.replace("$URL", publisher.url).replace("DIR", str(tmp_path / "data"))
        done = call(*shlex.split(command)[1:])
        assert done.code == 0, done.err
        printed = "\n".join(line.rstrip() for line in (done.out + done.err).splitlines())
        assert_shown(tuple(line.rstrip() for line in step.shown), printed)
