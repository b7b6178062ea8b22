"""Jobs as they are kept and done: states on disk, bounds, cancelling, deadlines, and what ends in the middle.

The queue is the real one with its real processes. A contribution is held in its midst by the lock that it needs, so
that it is ended there and nowhere else.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import StoreError, WorkBusy
from opentier.graph.jobs.pool import Limits, Pool
from opentier.graph.jobs.progress import silent
from opentier.graph.store import lock
from opentier.graph.tasks import contributions, drafts
from opentier.graph.tasks.acts import ACTS, settle
from opentier.graph.tasks.folder import RESULTS, SCRATCH, SENT, STATE, Bounds, Folder
from opentier.graph.tasks.job import NOBODY, OPEN, File, Job, before, now
from opentier.graph.tasks.queue import JOBS, PLACES, PROGRAM, SENDING, TRIES, Queue
from opentier.graph.tasks.task import Task
from opentier.graph.trace.parameters import Parameters
from tests.conftest import PATIENCE
from tests.processes import children

LIMITS = Limits(seconds=PATIENCE, bytes=None, memory=4 << 30, workers=1)
MILLS = b"id,name,country\nm1,Amber Hollow Mill,IN\nm2,Birch Ferry Mill,TR\n"
SAID = {"dataset": "mills", "licence": "CC0-1.0", "match": False}


def job(act: str, data: bytes = MILLS, **said: object) -> Job:
    file = File("mills.csv", len(data), hashlib.sha256(data).hexdigest())
    return Job(act, "local", None, None, {**SAID, **said}, file, changing=act == "contribute")


def drafted(folder: Folder, data: bytes = MILLS) -> Path:
    draft = folder.draft()
    (draft / SENT / "mills.csv").write_bytes(data)
    return draft


def opened(path: Path, **bounds: float) -> Folder:
    folder = Folder(path / JOBS, replace(Bounds(), **bounds))  # type: ignore[arg-type]
    folder.open()
    return folder


@asynccontextmanager
async def queued(data: Path, limits: Limits = LIMITS) -> AsyncIterator[Queue]:
    pool = Pool(PROGRAM, limits)
    queue = Queue(pool)
    await queue.start(data)
    try:
        yield queue
    finally:
        await queue.close()
        await pool.close()


async def sent(queue: Queue, asked: Job, data: bytes = MILLS) -> Job:
    async with queue.sending(asked.owner) as draft:
        (draft / SENT / "mills.csv").write_bytes(data)
        return await queue.add(draft, asked)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.02)


async def ended(queue: Queue, id: str) -> Job:
    await queue.wait(id, PATIENCE)
    found = queue.get(id)
    assert found is not None
    assert not found.open
    return found


def state(queue: Queue, id: str) -> str:
    found = queue.get(id)
    return found.state if found else ""


def stage(queue: Queue, id: str) -> str:
    found = queue.get(id)
    told = queue.progress(found) if found else None
    return str(told["stage"]) if told else ""


def versions(data: Path) -> list[int]:
    return [v.number for v in Graph.open(data).view().release.versions if v.dataset == "mills"]


# Kept.


def test_a_job_is_read_again_as_it_was_kept(tmp_path: Path) -> None:
    folder = opened(tmp_path)
    kept = folder.add(drafted(folder), job("validate", map=["name=Vendor"]))
    folder.close()
    again = opened(tmp_path)
    assert again.every() == [kept]
    assert (again.place(kept.id) / SENT / "mills.csv").read_bytes() == MILLS
    assert kept.weight == len(MILLS)
    again.close()


def test_one_service_alone_has_the_jobs_of_a_directory(tmp_path: Path) -> None:
    folder = opened(tmp_path)
    with pytest.raises(StoreError, match="Another service has the jobs"):
        opened(tmp_path)
    folder.close()
    opened(tmp_path).close()


def test_what_was_half_sent_is_gone_with_the_next_service(tmp_path: Path) -> None:
    folder = opened(tmp_path)
    draft = drafted(folder)
    folder.close()
    opened(tmp_path).close()
    assert not draft.exists()


def test_a_state_that_cannot_be_read_is_told_and_keeps_nobody_from_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = opened(tmp_path)
    one, other = (folder.add(drafted(folder), job("validate")) for _ in range(2))
    folder.close()
    (folder.place(one.id) / STATE).write_text('{"act": 1', "utf-8")
    again = opened(tmp_path)
    assert again.every() == [other]
    assert one.id in caplog.text
    again.close()


def test_a_job_that_ended_holds_its_results_and_nothing_of_what_was_sent(tmp_path: Path) -> None:
    folder = opened(tmp_path)
    kept = folder.add(drafted(folder), job("validate"))
    place = folder.place(kept.id)
    for name in (SCRATCH, RESULTS):
        (place / name).mkdir()
    (place / RESULTS / "result.json").write_text("{}", "utf-8")
    (place / RESULTS / "half").write_text("of it", "utf-8")
    folder.end(kept.but(state="done", ended=now(), results={"json": "result.json"}))
    assert sorted(str(file.relative_to(place)) for file in place.rglob("*")) == [
        STATE, RESULTS, f"{RESULTS}/result.json",
    ]  # fmt: skip
    folder.close()


def test_jobs_past_their_time_are_gone_and_open_ones_never(tmp_path: Path) -> None:
    folder = opened(tmp_path, days=7)
    old, new, waits = (folder.add(drafted(folder), job("validate")) for _ in range(3))
    folder.end(old.but(state="done", ended=before(8)))
    folder.end(new.but(state="done", ended=before(6)))
    folder.write(waits.but(made=before(30)))
    folder.tidy()
    assert {each.id for each in folder.every()} == {new.id, waits.id}
    assert not folder.place(old.id).exists()
    folder.close()


@pytest.mark.parametrize("bounds", [{"many": 2}, {"bytes": 2 * len(MILLS) + 10}])
def test_the_oldest_that_ended_make_room_and_where_none_has_no_more_is_taken(
    tmp_path: Path, bounds: dict[str, int]
) -> None:
    folder = opened(tmp_path, **bounds)
    one, other = (folder.add(drafted(folder), job("validate")) for _ in range(2))
    with pytest.raises(WorkBusy, match="Too many jobs are kept"):
        folder.add(drafted(folder), job("validate"))
    folder.remove(one)
    ended_first = folder.add(drafted(folder), job("validate"))
    folder.note(ended_first.but(state="done", ended=now()))
    third = folder.add(drafted(folder), job("validate"))
    assert [each.id for each in folder.every()] == [other.id, third.id]
    folder.close()


def test_a_disk_without_room_takes_no_job(tmp_path: Path) -> None:
    folder = opened(tmp_path, free=1 << 62)
    with pytest.raises(StoreError, match="no room"):
        folder.draft()
    assert [path.name for path in folder.path.iterdir()] == ["lock"]
    folder.close()


def test_the_same_request_has_the_job_that_it_had_before(tmp_path: Path) -> None:
    folder = opened(tmp_path)
    one = folder.add(drafted(folder), job("validate").but(key="k"))
    assert folder.add(drafted(folder), job("validate").but(key="k")) == one
    assert folder.add(drafted(folder), job("validate")) != one
    folder.close()


# Done.


def test_jobs_are_done_in_their_order_and_tell_how_far_they_are(directory: Path) -> None:
    async def work() -> None:
        async with queued(directory) as queue:
            first = await sent(queue, job("contribute"))
            second = await sent(queue, job("validate"))
            with lock.held(directory / "lock", 0.0):
                await until(lambda: stage(queue, first.id) == "validating")
                assert state(queue, second.id) == "waiting"
                assert queue.ahead(second) == 0
            one, other = await ended(queue, first.id), await ended(queue, second.id)
            assert (one.state, one.outcome and one.outcome["version"]) == ("done", 1)
            assert other.outcome
            assert other.outcome["conforms"]
            assert one.begun < one.ended <= other.begun < other.ended
            kept = json.loads((queue.folder.place(one.id) / STATE).read_text())
            assert kept == one.to_dict()

    asyncio.run(work())
    assert versions(directory) == [1]


def test_what_waits_and_what_runs_can_be_cancelled_and_nothing_is_changed(directory: Path) -> None:
    async def work() -> None:
        async with queued(directory) as queue:
            with lock.held(directory / "lock", 0.0):
                runs, waits = await sent(queue, job("contribute")), await sent(queue, job("contribute"))
                await until(lambda: stage(queue, runs.id) == "validating")
                never = await queue.cancel(waits)
                assert never
                assert (never.state, never.error) == ("cancelled", "It was cancelled.")
                stopped = await queue.cancel(runs)
            assert stopped
            assert (stopped.state, stopped.outcome) == ("cancelled", None)
            assert stopped.error == "It was cancelled. Nothing was changed."
            assert [path.name for path in queue.folder.place(runs.id).iterdir()] == [STATE]
            assert await queue.cancel(stopped) is None
            assert queue.get(runs.id) is None
            assert not queue.folder.place(runs.id).exists()

    asyncio.run(work())
    assert versions(directory) == []


def test_a_job_over_its_time_has_failed_and_the_next_is_done(directory: Path) -> None:
    async def work() -> None:
        async with queued(directory, replace(LIMITS, seconds=2)) as queue:
            with lock.held(directory / "lock", 0.0):
                late = await ended(queue, (await sent(queue, job("contribute"))).id)
            assert late.state == "failed"
            assert late.error.startswith("It took longer than 2 seconds")
            # To find that out has the same time, which a machine with much to do may need to begin.
            assert late.error.endswith(("Nothing was changed.", "send it again, which never does it twice."))
            queue.pool.limits = LIMITS
            assert (await ended(queue, (await sent(queue, job("validate"))).id)).state == "done"

    asyncio.run(work())


def test_a_job_whose_process_is_killed_is_begun_again_and_done_once(directory: Path) -> None:
    async def work() -> None:
        others = children(os.getpid())
        async with queued(directory) as queue:
            with lock.held(directory / "lock", 0.0):
                asked = await sent(queue, job("contribute", leave_out=True))
                await until(lambda: stage(queue, asked.id) == "validating")
                (process,) = children(os.getpid()) - others
                os.kill(process, signal.SIGKILL)
                await until(lambda: stage(queue, asked.id) == "validating" and _tries(queue, asked.id) == 2)
            done = await ended(queue, asked.id)
            assert (done.state, done.tries, done.outcome and done.outcome["new"]) == ("done", 2, True)

    asyncio.run(work())
    assert versions(directory) == [1]


def _tries(queue: Queue, id: str) -> int:
    found = queue.get(id)
    return found.tries if found else 0


def test_a_job_whose_process_always_ends_has_failed_in_the_end(directory: Path) -> None:
    async def work() -> None:
        folder = opened(directory)
        left = folder.add(drafted(folder), job("validate")).but(state="running", tries=TRIES - 1, begun=now())
        folder.write(left)
        folder.close()
        others = children(os.getpid())
        async with queued(directory) as queue:
            await until(lambda: children(os.getpid()) - others)
            (process,) = children(os.getpid()) - others
            os.kill(process, signal.SIGKILL)
            failed = await ended(queue, left.id)
            assert failed.state == "failed"
            assert failed.error.startswith(f"It was begun {TRIES} times.")

    asyncio.run(work())


def left_over(data: Path, asked: Job, rows: bytes, *, admitted: bool) -> Job:
    """Leave a contribution as a service leaves it that was killed: after its admission, or before."""
    folder = opened(data)
    kept = folder.add(drafted(folder, rows), asked).but(state="running", tries=1, begun=now())
    folder.write(kept)
    place = folder.place(kept.id)
    folder.close()
    if admitted:
        graph = Graph.open(data)
        said = contributions.options(Task(kept, graph, place, silent))
        assert graph.contribute(place / SENT / "mills.csv", said).new
        (place / contributions.STORING).touch()
    return kept


@pytest.mark.parametrize("leave_out", [False, True])
@pytest.mark.parametrize("late", [False, True])
def test_a_contribution_that_a_service_left_is_taken_up_and_never_admitted_twice(
    directory: Path, late: bool, leave_out: bool
) -> None:
    rows = MILLS + (b"m3,,XX\n" if leave_out else b"")
    asked = job("contribute", rows, leave_out=leave_out)
    left = left_over(directory, asked, rows, admitted=late)

    async def work() -> Job:
        async with queued(directory) as queue:
            return await ended(queue, left.id)

    done = asyncio.run(work())
    assert (done.state, done.outcome and (done.outcome["version"], done.outcome["new"])) == (
        "done",
        (1, True),
    )
    assert done.outcome
    assert done.outcome["counts"]["refused"] == leave_out
    assert versions(directory) == [1]


def test_what_was_cancelled_after_its_admission_says_which_version_it_is(directory: Path) -> None:
    left = left_over(directory, job("contribute"), MILLS, admitted=True)
    place = directory / JOBS / left.id
    (place / SCRATCH).mkdir()
    said = contributions.settled(Task(left.but(tries=2), Graph.open(directory), place, silent))
    assert said == {
        "outcome": {"dataset": "mills", "version": 1, "new": True},
        "said": "It had been admitted before that, as version 1 of mills.",
    }


def test_the_same_that_somebody_admitted_long_before_is_not_taken_for_what_was_ended(directory: Path) -> None:
    path = directory.parent / "mills.csv"
    path.write_bytes(MILLS)
    graph = Graph.open(directory)
    said = Options(dataset="mills", licence="CC0-1.0", match=False)
    assert graph.contribute(path, said).new
    assert not graph.contribute(path, replace(said, since="2999-01-01T00:00:00+00:00")).new
    assert graph.contribute(path, replace(said, since="2000-01-01T00:00:00+00:00")).new
    assert versions(directory) == [1]


def test_what_is_not_done_when_the_queue_is_closed_waits_for_the_next(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opentier.graph.tasks.queue.GRACE", 0.1)

    async def begin() -> str:
        async with queued(directory) as queue:
            asked = await sent(queue, job("contribute"))
            with lock.held(directory / "lock", 0.0):
                await until(lambda: stage(queue, asked.id) == "validating")
                await queue.close()
        with pytest.raises(WorkBusy, match="shutting down"):
            await sent(queue, job("validate"))
        kept = json.loads((directory / JOBS / asked.id / STATE).read_text())
        assert (kept["state"], kept["tries"]) == ("waiting", 0)
        return asked.id

    async def finish(id: str) -> None:
        async with queued(directory) as queue:
            assert (await ended(queue, id)).state == "done"

    asyncio.run(finish(asyncio.run(begin())))
    assert versions(directory) == [1]


def test_one_job_more_than_may_wait_is_refused(directory: Path) -> None:
    async def work() -> None:
        async with queued(directory, replace(LIMITS, waiting=1)) as queue:
            with lock.held(directory / "lock", 0.0):
                runs = await sent(queue, job("contribute"))
                waits = await sent(queue, job("validate"))
                with pytest.raises(WorkBusy, match="Too many jobs wait"):
                    await sent(queue, job("validate"))
                for each in (waits, runs):
                    await queue.cancel(each)
            names = {path.name for path in queue.folder.path.iterdir()}
            assert names == {"lock", runs.id, waits.id}

    asyncio.run(work())


def test_whoever_waits_for_a_job_is_answered_when_the_service_ends(directory: Path) -> None:
    async def work() -> None:
        async with queued(directory) as queue:
            with lock.held(directory / "lock", 0.0):
                runs = await sent(queue, job("contribute"))
                await until(lambda: stage(queue, runs.id) == "validating")
                await queue.wait(runs.id, 0.01)
                waiting = asyncio.ensure_future(queue.wait(runs.id, PATIENCE))
                await queue.pause()
                await asyncio.wait_for(waiting, PATIENCE / 2)
                await queue.cancel(runs)

    asyncio.run(work())


def test_whoever_has_a_key_waits_for_nobody_who_has_none(directory: Path) -> None:
    async def work() -> None:
        async with queued(directory, replace(LIMITS, waiting=2)) as queue:
            with lock.held(directory / "lock", 0.0):
                runs = await sent(queue, job("contribute"))
                strange = await sent(queue, replace(job("validate"), owner=NOBODY))
                with pytest.raises(WorkBusy, match="Too many jobs wait"):
                    await sent(queue, replace(job("validate"), owner=NOBODY))
                mine = await sent(queue, job("validate"))
                assert (queue.ahead(mine), queue.ahead(strange)) == (0, 1)
                for each in (mine, strange, runs):
                    await queue.cancel(each)

    asyncio.run(work())


def test_what_nobody_asked_for_leaves_somebody_free_to_work_for_others(directory: Path) -> None:
    async def work() -> None:
        async with queued(directory, replace(LIMITS, workers=2)) as queue:
            strange = [await sent(queue, replace(job("validate"), owner=NOBODY)) for _ in range(2)]
            assert state(queue, strange[1].id) == "waiting"
            with lock.held(directory / "lock", 0.0):
                mine = await sent(queue, job("contribute"))
                await until(lambda: state(queue, mine.id) == "running")
                for each in (mine, *strange):
                    await queue.cancel(each)

    asyncio.run(work())


def test_half_of_what_is_sent_at_once_is_for_whoever_has_a_key(directory: Path) -> None:
    async def work() -> None:
        async with queued(directory) as queue, AsyncExitStack() as slow:
            for _ in range(SENDING // 2):
                await slow.enter_async_context(queue.sending(NOBODY))
            with pytest.raises(WorkBusy, match="Too many send"):
                await slow.enter_async_context(queue.sending(NOBODY))
            await slow.enter_async_context(queue.sending("local"))

    asyncio.run(work())


def test_one_stranger_takes_not_all_the_places_of_strangers(directory: Path) -> None:
    async def work() -> None:
        one, other = (replace(job("validate"), owner=NOBODY, origin=origin) for origin in "ab")
        async with queued(directory, replace(LIMITS, waiting=16)) as queue, AsyncExitStack() as slow:
            busy = await sent(queue, job("contribute"))
            with lock.held(directory / "lock", 0.0):
                await until(lambda: state(queue, busy.id) == "running")
                strange = [await sent(queue, one.but(id=f"{number:032}")) for number in range(8 // PLACES)]
                with pytest.raises(WorkBusy, match="of yours"):
                    await sent(queue, one)
                strange.append(await sent(queue, other))
                for each in (*strange, busy):
                    await queue.cancel(each)
            for _ in range(SENDING // 4):
                await slow.enter_async_context(queue.sending(NOBODY, "a"))
            with pytest.raises(WorkBusy, match="Too many send"):
                await slow.enter_async_context(queue.sending(NOBODY, "a"))
            await slow.enter_async_context(queue.sending(NOBODY, "b"))

    asyncio.run(work())


def test_room_is_made_where_one_stranger_has_most(tmp_path: Path) -> None:
    folder = opened(tmp_path, many=4)
    for number, origin in enumerate("baaa"):
        made = replace(job("validate"), owner=NOBODY, origin=origin, id=f"{number:032}")
        folder.note(folder.add(drafted(folder), made).but(state="done", ended=f"2099-01-0{number + 1}"))
    folder.add(drafted(folder), replace(job("validate"), owner=NOBODY, origin="c"))
    assert sorted(each.origin for each in folder.every()) == ["a", "a", "b", "c"]
    folder.close()


def test_what_came_for_nobody_makes_room_before_what_came_for_others(tmp_path: Path) -> None:
    folder = opened(tmp_path, many=2)
    mine = folder.add(drafted(folder), job("validate"))
    folder.note(mine.but(state="done", ended="2099-01-01"))
    strange = folder.add(drafted(folder), replace(job("validate"), owner=NOBODY))
    folder.note(strange.but(state="done", ended="2099-01-02"))
    folder.add(drafted(folder), replace(job("validate"), owner=NOBODY))
    assert folder.get(mine.id)
    assert not folder.get(strange.id)
    folder.close()


def test_nothing_is_kept_for_a_key_that_was_revoked_meanwhile(directory: Path) -> None:
    graph = Graph.open(directory)
    who = graph.keys.create("contributor")[0].id
    graph.keys.revoke(who)
    asked = {"save": "mine", "every": False, "parameters": asdict(Parameters())}

    async def work() -> None:
        async with queued(directory) as queue:
            for act, said in (
                ("contribute", {}),
                ("screen", asked),
                ("again", {"id": "none", "save": "mine"}),
            ):
                of = await sent(queue, replace(job(act, **said), owner=who, changing=True))
                await until(lambda of=of: state(queue, of.id) not in OPEN)  # type: ignore[misc]
                done = queue.get(of.id)
                assert done is not None
                assert (done.state, "opens nothing any more" in done.error) == ("failed", True), (
                    act,
                    done.error,
                )

    asyncio.run(work())
    assert graph.screenings().list() == []
    assert "mills" not in graph.view().release.current


# --- Drafts --------------------------------------------------------------------------------------------------------


def test_a_draft_is_no_job_and_is_kept_longer_with_what_came_of_it(directory: Path) -> None:
    async def told() -> None:
        async with queued(directory) as queue:
            async with queue.sending("local") as folder:
                (folder / SENT / "mills.csv").write_bytes(MILLS)
                draft = await queue.add(folder, drafts.made(job("validate"), "contribute"))
            assert not draft.open
            assert await drafts.find(queue, "local", "contribute", draft.id) == draft
            for who, about in (("other", "contribute"), ("local", "screen")):
                assert await drafts.find(queue, who, about, draft.id) is None
            asked = await drafts.ask(queue, draft, job("validate"))
            await queue.wait(asked.id, PATIENCE)
            ended = queue.get(asked.id)
            assert ended is not None
            assert (ended.state, ended.of) == ("done", draft.id)
            assert (queue.folder.place(draft.id) / SENT / "mills.csv").read_bytes() == MILLS
            for days, kept in (
                (8, {draft.id, asked.id}),
                (31, set[str]()),
            ):  # what worked on it is kept with it
                for each in queue.folder.every():
                    queue.folder.note(each.but(ended=before(days)))
                queue.folder.tidy()
                assert {each.id for each in queue.folder.every()} == kept

    asyncio.run(told())


def test_what_is_said_of_a_draft_and_its_papers_are_kept(tmp_path: Path) -> None:
    async def told() -> None:
        async with queued(tmp_path) as queue:
            async with queue.sending("local") as folder:
                (folder / SENT / "mills.csv").write_bytes(MILLS)
                draft = await queue.add(folder, drafts.made(job("validate"), "contribute"))
            await drafts.change(queue, draft, {"table": "actors"}, {"mapping": "table = 'actors'\n"})
        again = opened(tmp_path)
        known = again.get(draft.id)
        assert known is not None
        assert known.said["table"] == "actors"
        assert (again.place(draft.id) / SENT / ".mapping").read_text("utf-8") == "table = 'actors'\n"
        again.close()

    asyncio.run(told())


def test_a_draft_goes_at_once_with_what_came_of_it(tmp_path: Path) -> None:
    async def told() -> None:
        async with queued(tmp_path) as queue:
            async with queue.sending("local") as folder:
                (folder / SENT / "mills.csv").write_bytes(MILLS)
                draft = await queue.add(folder, drafts.made(job("validate"), "contribute"))
            await drafts.ask(queue, draft, job("validate"))
            await drafts.remove(queue, draft)
            assert queue.folder.every() == []
            assert [path for path in queue.folder.path.iterdir() if path.is_dir()] == []

    asyncio.run(told())


# Versions.


@pytest.mark.parametrize("act", ["withdraw", "restore"])
def test_what_a_process_had_withdrawn_or_restored_that_was_ended_is_not_done_twice(
    directory: Path, tmp_path: Path, act: str
) -> None:
    graph, sent = Graph.open(directory), tmp_path / "mills.csv"
    for rows in (MILLS, MILLS + b"m3,Cedar Ferry Mill,IN\n"):
        sent.write_bytes(rows)
        said = contributions.options(Task(job("contribute"), graph, tmp_path, silent))
        assert graph.contribute(sent, said).new
    if act == "restore":
        graph.withdraw("mills", "first")
        graph.withdraw("mills", "second")
    asked = {"dataset": "mills", "reason": "a mistake", "version": None}
    left = Job(act, "local", None, None, asked, begun=now(), changing=True, tries=1)
    (tmp_path / RESULTS).mkdir()
    assert settle(Task(left, graph, tmp_path, silent))["outcome"] is None
    done = ACTS[act](Task(left, graph, tmp_path, silent))
    current = graph.view().release.current["mills"].number
    assert (done.outcome["current"], current) == (1, 1)
    again = ACTS[act](Task(left.but(tries=2), graph, tmp_path, silent))
    assert {name: again.outcome[name] for name in done.outcome} == dict(done.outcome)
    assert graph.view().release.current["mills"].number == 1
    told = settle(Task(left, graph, tmp_path, silent))
    assert told["outcome"]["version"] == done.outcome["version"]
    assert f"Version {done.outcome['version']} of mills had been" in told["said"]


def test_a_check_tells_how_many_rows_it_read_and_what_it_found_so_far(directory: Path) -> None:
    rows = MILLS + b"m3,,XX\n"

    async def work() -> None:
        async with queued(directory) as queue:
            with lock.held(directory / "lock", 0.0):
                asked = await sent(queue, job("contribute", rows, leave_out=True), rows)
                await until(lambda: stage(queue, asked.id) == "validating")
                found = queue.progress(queue.get(asked.id) or asked)
                assert found
                assert found["found"] == {"rows": 3, "errors": 2, "guesses": 0}
                await queue.cancel(queue.get(asked.id) or asked)

    asyncio.run(work())
