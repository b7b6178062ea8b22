"""``/screenings`` in a browser: what was asked and answered once, asked again, and what differs."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, HTTPException, Request
from fastapi.responses import Response

from opentier.api.desk.jobs import PRIVATE, begun
from opentier.api.http.access import Caller, CurrentCaller, acting
from opentier.api.linked import page
from opentier.api.pages import route
from opentier.api.routes import jobs, screenings
from opentier.api.screening import lists
from opentier.api.screening.matches import Page
from opentier.graph.front import Graph, View
from opentier.graph.kept import record as records
from opentier.graph.kept import told
from opentier.graph.kept.record import TRACE
from opentier.graph.picture import marks
from opentier.graph.tasks.queue import Queue

router = route.router()

Who = Annotated[Caller, Depends(acting("contributor"))]
Json = dict[str, Any]
_WORST = ("exposed", "not-testable", "none-found")


def _shown(request: Request, template: str, **given: Any) -> Response:
    """Return a page that is its reader's alone."""
    response = page.response(request, template, lists.view(request), headers=PRIVATE, **given)
    del response.headers["OpenTier-Release"]
    return response


@router.get("/screenings")
def screenings_list(request: Request, who: Who, page: Page = 1) -> Response:
    """List the records that whoever asks may see, each with what is due."""
    every = screenings.listed(request, who)
    part = lists.part(request, len(every), page)
    return _shown(
        request, "screen-records.html", part=part, rows=every[part["begin"] : part["last"]],
        due=sum(bool(each["due"]) and not each["followed_by"] for each in every),
    )  # fmt: skip


@router.get("/screenings/{id}")
def record(request: Request, who: Who, id: str, page: Page = 1) -> Response:
    """Show a record: the question, the answer, the hash, who decided what; and what differs by now."""
    said = screenings.read(request, who, id)
    known = next(each for each in screenings.listed(request, who) if each["id"] == id)
    rows = list(_exposures(said)) if said["kind"] == TRACE else list(_rows(said))
    part = lists.part(request, len(rows), page)
    decided = [
        {"row": each["row"], "name": next(iter(each["read"]["called"]), ""), "actor": actor, "said": same}
        for each in (said["question"]["list"]["rows"] if said["kind"] != TRACE else ())
        if each["read"]
        for actor, same in each["read"].get("decided", {}).items()
    ]
    return _shown(
        request, "screen-record.html", said=said, known=known, question=told.question(said),
        answer=told.answer(said), untested=told.untested(said), rows=rows[part["begin"] : part["last"]], part=part,
        decided=decided, called=partial(_called, lists.view(request)),
        suggested=f"{id}-again", trace=_trace(said) if said["kind"] == TRACE else "",
    )  # fmt: skip


def _called(view: View, id: str) -> str:
    """Return what an actor is called today; an empty text where the data know it no longer."""
    node = view.directory.known(id)
    return "" if node is None else view.index.actor(node).name


def _exposures(said: Json) -> Any:
    """Yield the exposures of a record of a trace, as its page has them."""
    for each in said["results"]:
        entry = records.entry(said, each["designation"])
        yield {
            "mark": marks.mark(each["group"], entry["exploitation"]),
            "title": entry["title"],
            "iri": entry["iri"],
            "authority": entry["authority"],
            "actor": each["actor"],
            "sentence": each["sentence"],
            "tier": each["path"]["tier"],
            "confidence": each["path"]["confidence"],
            "path": [hop["to"]["name"] for hop in records.path(said, each)],
            "dataset": entry["dataset"],
            "licence": entry["licence"],
        }


def _rows(said: Json) -> Any:
    """Yield the rows of a record of a list that say anything, the worst first."""
    kept = {each["row"]: each["read"] for each in said["question"]["list"]["rows"]}
    some = [each for each in said["rows"] if each["verdict"]]
    for each in sorted(some, key=lambda each: (_WORST.index(each["verdict"]), not each["possibly_exposed"])):
        read, near = kept[each["row"]], each["nearest"]
        entry = records.entry(said, near["designation"]) if near else None
        group = "risk" if entry and entry["class"] == "risk" else "measure"
        if near and near["reason"] == "possible-identity":
            group = "possible"
        yield {
            "measure": records.behind(each),
            "row": each["row"],
            "name": next(iter(read["called"]), read["id"]),
            "match": next(iter(each["matches"]), None),
            "verdict": each["verdict"],
            "mark": marks.mark(group, entry["exploitation"]) if entry else None,
            "title": entry["title"] if entry else "",
            "why": near["why"] if near else "",
            "possibly": each["possibly_exposed"],
            "untested": each["not_testable"],
        }


def _trace(said: Json) -> str:
    """Return the query that asks the question of a record of a trace."""
    asked = {
        name: ",".join(value) if isinstance(value, list) else str(value).lower() if value is True else value
        for name, value in said["question"]["parameters"].items()
        if value not in (None, False, [])
    }
    return urlencode({"actor": said["question"]["actor"]["iri"], **asked})


@router.post("/screenings/{id}/again")
async def again(request: Request, who: Who, id: str) -> Response:
    """Ask the question of a record again, and keep the new answer where it is given an id."""
    await asyncio.to_thread(screenings.read, request, who, id)
    save = (await lists.form(request)).get("save", "").strip() or None
    graph: Graph = request.app.state.graph
    if save is not None:
        graph.store.screenings.free(save)
    job = jobs.of(who, "again", {"id": id, "save": save}, changing=save is not None)
    return await begun(request, job)


@router.get("/jobs/{id}/changes")
async def changes(request: Request, who: CurrentCaller, id: str) -> Response:
    """Show what differs between a record and the answer of today, which may not be kept."""
    job = await jobs.found(request, who, id)
    if job.act != "again" or job.state != "done" or not job.results:
        raise HTTPException(404, "This is no record that was asked again, or it is not done.")
    queue: Queue = request.app.state.jobs
    found = await asyncio.to_thread(queue.folder.found, job)
    return _shown(request, "screen-changes.html", found=found, kept=job.said.get("save"), old=job.said["id"])


@router.get("/screenings/{id}/diff/{other}")
def diff(request: Request, who: Who, id: str, other: str) -> Response:
    """Show what differs between two records."""
    for each in (id, other):
        screenings.read(request, who, each)
    graph: Graph = request.app.state.graph
    found = graph.screenings(reader=who.reader).diff(id, other).to_dict()
    return _shown(request, "screen-changes.html", found=found, kept=other, old=id)
