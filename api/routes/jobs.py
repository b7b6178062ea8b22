"""``/jobs``: long acts that were asked for, how far they are, and what came of them; and how one asks for one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, JSONResponse, Response

from opentier.api.contract.fields import Fields
from opentier.api.contract.uploads import received
from opentier.api.http import access
from opentier.api.http.access import ELSEWHERE, Caller, CurrentCaller
from opentier.api.http.negotiation import choose
from opentier.api.http.problems import RETRY_AFTER, problem
from opentier.graph.errors import NotAllowed, UsageError, mean
from opentier.graph.front import Graph
from opentier.graph.tasks import readers
from opentier.graph.tasks.folder import SENT
from opentier.graph.tasks.job import DRAFT, NOBODY, File, Job, after
from opentier.graph.tasks.queue import Queue

router = APIRouter(tags=["Jobs"])

AsJson = Annotated[Literal["json"] | None, Query(description="json, whatever is accepted.")]

#: Seconds for which an answer may be held back until a job has ended.
LONGEST = 30
#: Media types of results, by form: that which is given where nothing is asked for comes first. A table with its
#: problems beside it is written as it was sent, in whatever encoding that was.
FORMS = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "zip": "application/zip",
    "toml": "application/toml",
    "limits.csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
}
#: Those that are files to be kept rather than looked at.
_KEPT = ("csv", "xlsx", "zip", "toml", "limits.csv")
#: Characters of a key by which a client knows its request again.
_KEY = 200
_ELSEWHERE = "The page of another site asks for this, and without a key it may not."
_NEVER_KEPT = {"Cache-Control": "no-store"}


#: Makes of the options of a request, and of those that are files, what an act takes.
Understood = Callable[[dict[str, Any], Mapping[str, Path]], dict[str, Any]]

# --- Asked for -------------------------------------------------------------------------------------------------------


async def accepted(
    request: Request,
    who: Caller,
    act: str,
    fields: Fields,
    understood: Understood,
    *,
    changing: bool = False,
) -> Response:
    """Take what is sent for an act, and answer with its job.

    Parameters
    ----------
    understood
        Makes of the options what the act takes, and refuses what is wrong with them.
    changing
        Whether the act may change data.

    Raises
    ------
    NotAllowed
        If the page of another site asks, in the browser of whoever sits at the machine.
    HTTPException, UsageError
        See `received` and `Fields.read`; 409 where the key by which it is known again was that of another request.
    """
    if who is ELSEWHERE:
        raise NotAllowed(_ELSEWHERE)
    queue: Queue = request.app.state.jobs
    async with queue.sending(who.id, who.origin) as draft:
        sent = await received(request, draft / SENT, fields.papers)
        said = fields.read([*request.query_params.multi_items(), *sent.fields])
        papers = {name: draft / SENT / f".{name}" for name in sent.papers}
        said = await run_in_threadpool(understood, said, papers)
        file = File(sent.name, sent.bytes, sent.sha256)
        job = of(who, act, {**said, **sent.papers}, file, changing=changing)
        return await _kept(request, job, draft)


def of(who: Caller, act: str, said: Mapping[str, Any], file: File | None = None, *, changing: bool) -> Job:
    """Return a new job of whoever asks, which sees what they see."""
    closed, restricted = (
        None if seen is None else sorted(seen) for seen in (who.reader.closed, who.reader.restricted)
    )
    return Job(act, who.id, closed, restricted, said, file, changing=changing, origin=who.origin)


async def asked(request: Request, job: Job) -> Response:
    """Answer with a job for which no file is sent."""
    queue: Queue = request.app.state.jobs
    async with queue.sending(job.owner, job.origin) as draft:
        return await _kept(request, job, draft)


async def _kept(request: Request, job: Job, draft: Path) -> Response:
    queue: Queue = request.app.state.jobs
    job = job.but(print=_print(job))
    job = job.but(key=_key(request, job))
    kept = await queue.add(draft, job)
    if kept.print != job.print:
        raise HTTPException(
            409, "This Idempotency-Key was that of another request: give each request its own."
        )
    kept = readable(request, access.caller(request), kept)
    answer = JSONResponse(told(queue, kept), 202 if kept.open else 200, headers=_NEVER_KEPT)
    answer.headers["Location"] = f"/jobs/{kept.id}"
    return _held(answer, kept)


def _key(request: Request, job: Job) -> str:
    """Return by which key a request is known again, if any: of nobody, where it comes from and all of it is a part.

    Else whoever guesses the word of another had the other's job, or was told that there is one.
    """
    said = request.headers.get("idempotency-key")
    if said is None:
        return ""
    if not said.strip() or len(said) > _KEY:
        raise UsageError(f"An Idempotency-Key has between 1 and {_KEY} characters.")
    return _hashed([job.owner, job.act, said, *([job.origin, job.print] if job.nobodys else [])])


def _print(job: Job) -> str:
    return _hashed([job.act, job.said, job.file and [job.file.name, job.file.sha256]])


def _hashed(said: Any) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


# --- Told ------------------------------------------------------------------------------------------------------------


def told(queue: Queue, job: Job) -> dict[str, Any]:
    """Return a job as a client gets it."""
    return {
        "id": job.id,
        "act": job.act,
        "state": job.state,
        "made": job.made,
        "begun": job.begun or None,
        "ended": job.ended or None,
        "expires": after(job.ended, queue.bounds.kept(job)) if job.ended else None,
        "file": job.file and {"name": job.file.name, "bytes": job.file.bytes, "sha256": job.file.sha256},
        "options": {name: value for name, value in job.said.items() if value not in (None, False, [])},
        "ahead": queue.ahead(job) if job.state == "waiting" else None,
        "progress": queue.progress(job),
        "outcome": job.outcome,
        "error": job.error or None,
        "results": {form: f"/jobs/{job.id}/result.{form}" for form in job.results},
    }


def _held(answer: Response, job: Job) -> Response:
    if job.open:
        answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def readable(request: Request, who: Caller, job: Job) -> Job:
    """Return a job as somebody may read it now: without what may tell of a dataset that he does not see any more."""
    graph: Graph = request.app.state.graph
    if readers.withheld(graph, job, who.reader):
        return job.but(outcome=None, results={}, error=readers.WITHHELD)
    return job


def _known(request: Request, who: Caller, job: Job) -> bool:
    """Return whether a job is told of to somebody who does not know its id.

    It is to whoever asked for it, and to curators, unless it works on a draft, or on what was not admitted and would
    not have been public: that is its owner's alone until it is contributed.
    """
    if job.state == DRAFT:
        return False
    if job.owner == who.id != NOBODY:
        return True
    open_to = not job.of or job.act == "contribute"
    return who.may("curator") and open_to and not readers.private(request.app.state.graph, job)


async def found(request: Request, who: Caller, id: str) -> Job:
    """Return a job that whoever asks may know of; 404 of one that there is not, and of one that is another's."""
    queue: Queue = request.app.state.jobs
    await queue.known()
    job = queue.get(id)
    if job is None or job.state == DRAFT or not (job.owner == NOBODY or _known(request, who, job)):
        raise HTTPException(404, f"No job is called {id!r}, or it is past its time.")
    return readable(request, who, job)


@router.get("/jobs", operation_id="jobs_list")
async def jobs(request: Request, who: CurrentCaller) -> Response:
    """List the jobs that one asked for, the latest first; for curators all but those of drafts."""
    queue: Queue = request.app.state.jobs
    await queue.known()
    mine = [readable(request, who, job) for job in queue.folder.every() if _known(request, who, job)]
    return JSONResponse({"jobs": [told(queue, job) for job in reversed(mine)]}, headers=_NEVER_KEPT)


@router.get("/jobs/{id}", operation_id="job_get")
async def job(
    request: Request,
    who: CurrentCaller,
    id: str,
    wait: Annotated[
        float, Query(ge=0, le=LONGEST, description="Seconds to wait for its end.", examples=[10])
    ] = 0,
    format: AsJson = None,
) -> Response:
    """Tell what became of a job, or how far it is; the answer waits until it ends, if that is asked for."""
    queue: Queue = request.app.state.jobs
    known = await found(request, who, id)
    if known.open and wait:
        await queue.wait(id, wait)
        known = await found(request, who, id)
    return _held(JSONResponse(told(queue, known), headers=_NEVER_KEPT), known)


@router.get("/contributions/{id}", operation_id="contribution_get", tags=["Contributions"])
async def contribution(
    request: Request,
    who: CurrentCaller,
    id: str,
    wait: Annotated[
        float, Query(ge=0, le=LONGEST, description="Seconds to wait for its end.", examples=[10])
    ] = 0,
    format: AsJson = None,
) -> Response:
    """Tell what became of a contribution: the same as its job."""
    if (await found(request, who, id)).act != "contribute":
        raise HTTPException(404, f"No job is called {id!r}, or it is past its time.")
    return await job(request, who, id, wait)


@router.delete("/jobs/{id}", operation_id="job_delete", responses={204: {"description": "It is removed."}})
async def end(request: Request, who: CurrentCaller, id: str) -> Response:
    """End a job that waits or runs; remove one that has ended, with all that came of it."""
    if who is ELSEWHERE:
        raise NotAllowed(_ELSEWHERE)
    queue: Queue = request.app.state.jobs
    ended = await queue.cancel(await found(request, who, id))
    return (
        Response(status_code=204) if ended is None else JSONResponse(told(queue, ended), headers=_NEVER_KEPT)
    )


@router.get("/jobs/{id}/result", operation_id="job_result")
async def result(request: Request, who: CurrentCaller, id: str) -> Response:
    """Give what came of a job, in the form that is accepted."""
    found = await _ended(request, who, id)
    if isinstance(found, Response):
        return found
    offered = {form: FORMS[form].partition(";")[0] for form in FORMS if form in found.results}
    form = choose(request.headers.get("accept"), offered)
    if form is None:
        return problem(406, "Not acceptable", f"This result is given as {', '.join(offered.values())}.")
    return _file(request, found, form)


@router.get("/jobs/{id}/result.{form}", operation_id="job_result_form")
async def result_in(request: Request, who: CurrentCaller, id: str, form: str) -> Response:
    """Give what came of a job, in a form."""
    found = await _ended(request, who, id)
    if isinstance(found, Response):
        return found
    if form not in found.results:
        raise HTTPException(404, f"This job has no result {form!r}.{mean(form, found.results, 9)}")
    return _file(request, found, form)


async def _ended(request: Request, who: Caller, id: str) -> Job | Response:
    """Return a job that left results, or the answer that it did not."""
    known = await found(request, who, id)
    if known.open:
        return _held(
            problem(409, "Conflict", f"The job is {known.state}: ask again when it has ended."), known
        )
    if not known.results:
        told = f"The job is {known.state}, and left no result. {known.error}".rstrip()
        raise HTTPException(404, readers.WITHHELD if known.error == readers.WITHHELD else told)
    return known


def _file(request: Request, job: Job, form: str) -> Response:
    queue: Queue = request.app.state.jobs
    path = queue.folder.result(job, form)
    name = f"{job.file.name.partition('.')[0] if job.file else job.act}.{form}"
    return FileResponse(
        path,
        headers={**_NEVER_KEPT, "Content-Type": FORMS[form]},
        filename=name if form in _KEPT else None,
    )
