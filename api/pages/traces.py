"""``/trace`` in a browser: the question, its answer, one designation of it, and the list of all companies."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from importlib.util import find_spec
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from opentier.api.contract import sent
from opentier.api.contract.asking import FiltersOfOne
from opentier.api.http import work
from opentier.api.http.access import ELSEWHERE, Caller, CurrentCaller, acting
from opentier.api.http.deps import CurrentView
from opentier.api.http.negotiation import LANGUAGE
from opentier.api.http.problems import status_of
from opentier.api.http.waiting import Wait, Waits
from opentier.api.linked import page
from opentier.api.pages.route import router as routed
from opentier.api.routes import jobs
from opentier.graph import worker
from opentier.graph.engine.hops import KINDS
from opentier.graph.errors import AmbiguousActor, Named, UnknownActor, UsageError, WorkError
from opentier.graph.exposure.words import goods, said
from opentier.graph.front import Graph, View
from opentier.graph.jobs.pool import Answer, Pool
from opentier.graph.printing import webpage
from opentier.graph.tasks.queue import Queue
from opentier.graph.trace.parameters import EXPLOITATION, Parameters

router = routed()

Who = Annotated[str | None, Query(description="An IRI, dataset/local-id, an identifier or a name.")]
Law = Annotated[list[str] | None, Query(description="Laws of the report; of a page nothing more.")]
Page = Annotated[int, Query(ge=1, le=100_000, description="Which part of the list, from 1.")]
#: Forms in which an answer is taken away, with what each is called; some need the extra `print`.
FORMS = (
    ("pdf", "Report (PDF): one page, then everything behind it"), ("xlsx", "Excel"), ("csv", "CSV"), ("json", "JSON"),
    ("svg", "Picture (SVG)"), ("png", "First page of the report (PNG)"),
)  # fmt: skip
_PRINTED = ("pdf", "png")
#: Parameters of pages, which are none of a trace.
_OWN = ("page", "tier", "group", "designation", "state", "company", "law", LANGUAGE)
#: What is wrong about a question that nobody has asked.
_NOTHING: dict[str, Any] = {
    "title": "", "error": "", "near": (), "products": (), "wrong": "", "name": "", "several": False, "long": False,
}  # fmt: skip
#: Seconds that whoever keeps an answer waits for its record before he is led to its job.
_WAITED = 20.0
#: What a name of a record is not made of.
_PLAIN = re.compile(r"[^a-z0-9]+")
#: Companies that are named where nobody goes by what was typed.
_NEAR = 8


def _joined(
    request: Request,
    kinds: Annotated[list[str] | None, Query()] = None,
    exploitation: Annotated[list[str] | None, Query()] = None,
) -> str | None:
    """Return the address of a question whose boxes a form sends one by one; None where none is."""
    every = {"kinds": kinds or [], "exploitation": exploitation or []}
    if all(len(marked) < 2 for marked in every.values()):
        return None
    fields = [(name, text) for name, text in request.query_params.multi_items() if name not in every]
    usual = set(Parameters.kinds)
    fields += [(name, ",".join(marked)) for name, marked in every.items() if marked and set(marked) != usual]
    return f"{request.scope.get('root_path', '')}{request.url.path}?{_query(fields)}"


#: What a form sent box by box is led to.
Joined = Annotated[str | None, Depends(_joined)]


def _query(fields: Any) -> str:
    return urlencode(fields, doseq=True, safe="/,:")


class _Question:
    """What is asked, and the addresses around it."""

    def __init__(self, request: Request, view: View, asked: Parameters, actor: str) -> None:
        self.request, self.view, self.asked, self.actor = request, view, asked, actor
        self.root = f"{request.scope.get('root_path', '')}/"
        self._fields = [(name, text) for name, text in request.query_params.multi_items() if name not in _OWN]

    def address(self, where: str = "trace", **more: object) -> str:
        """Return the address of the same question elsewhere, or of a part of its answer."""
        fields: list[tuple[str, object]] = [each for each in self._fields if each[0] not in more]
        fields += [(name, value) for name, value in more.items() if value is not None]
        return f"{self.root}{where}?{_query(fields)}"

    def forms(self) -> list[tuple[str, str, bool]]:
        """Return what each download is called, where it is, and whether this machine can make it."""
        printing, laws = find_spec("typst") is not None, self.request.query_params.getlist("law") or None
        return [
            (
                called,
                self.address(format=form, law=None if form in worker.TEXTS else laws),
                form not in _PRINTED or printing,
            )
            for form, called in FORMS
        ]

    async def answered(self, **part: Any) -> dict[str, Any] | Wait[Answer]:
        """Return what a page shows, or the work that goes on for it."""
        what = {"ids": f"{self.root}id/", "more": self.address("trace/companies"), **part}

        def small() -> dict[str, Any] | None:
            if self.asked.as_known is None:
                self.view.meant(self.asked)  # what means nothing is not worth a process
            if self.view.wide(self.actor, self.asked):
                return None
            made = webpage.page(self.view.trace(self.actor, self.asked), what)
            return {**made, "doubt": self.view.doubt(self.asked)}

        found = await work.at_once(small)
        if found is not None:
            return found
        pool: Pool = self.request.app.state.pools["pages"]
        asked = work.asked(self.view, self.asked, work="trace", actor=self.actor, form="page", page=what)
        waits: Waits[Answer] = self.request.app.state.waits
        done = await waits.come(self.request, asked, lambda told: pool.ask(asked, told))
        return done if isinstance(done, Wait) else {**json.loads(done.body), "doubt": done.head["doubt"]}

    def page(self, template: str, status: int = 200, **given: Any) -> Response:
        """Return a page of this question."""
        about = {
            "address": self.address,
            "current": self.address(release=None),
            "forms": self.forms(),
            **_form(self.request, self.asked),
        }
        return page.response(self.request, template, self.view, status=status, **about, **given)


def _form(request: Request, asked: Parameters) -> dict[str, Any]:
    """Return what the form of a question is filled in with."""
    return {
        "actor": request.query_params.get("actor", ""),
        "said": asdict(asked),
        "kinds": [(kind, said("kinds", kind)) for kind in KINDS],
        "exploitation": [(code, said("exploitation", code)) for code in EXPLOITATION],
        "release": request.query_params.get("release"),
    }


async def _shown(question: _Question, template: str, part: Mapping[str, Any], **given: Any) -> Response:
    """Return a page of an answer, or of why there is none."""
    try:
        found = await question.answered(**part)
    except (UsageError, WorkError) as error:
        return await _refused(question, error)
    if isinstance(found, Wait):
        answer = question.page(
            "trace-waiting.html", 202, key=found.key, called=_called(question), **_far(found.told)
        )
    elif (
        "hx-request" in question.request.headers
    ):  # a part of a page is no place for an answer: its page asks for it
        answer = Response(headers={"HX-Refresh": "true"})
    else:
        return question.page(template, found=found, **given)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _called(question: _Question) -> str:
    """Return the name of whom a trace is of, else what was typed."""
    try:
        return question.view.index.actor(question.view.directory.node(question.actor)).name
    except UsageError:  # the data of the asked day knows it, or the answer will say what is wrong
        return question.actor


def _far(told: dict[str, int]) -> dict[str, Any]:
    """Return how far a trace is: the tier that it is in, how many it has reached, and whether it seeks paths by now."""
    tier, reached = next(
        ((stage, done) for stage, done in reversed(told.items()) if stage != "paths"), ("", 0)
    )
    return {"tier": tier.rpartition(" ")[2], "reached": reached, "paths": "paths" in told}


async def _refused(question: _Question, error: UsageError | WorkError) -> Response:
    """Return the question with what is wrong about it; nothing was traced."""
    status, title = status_of(error)
    near: list[Mapping[str, Any]] = []
    if isinstance(error, AmbiguousActor):
        near = [_candidate(line) for line in error.candidates]
    elif isinstance(error, UnknownActor):
        near = await work.at_once(lambda: _near(question))
    told = str(error).partition(" Did you mean:\n")[0] if near else str(error)
    wrong = next((str(part) for part in getattr(error, "parts", ()) if isinstance(part, Named)), "")
    codes = () if near or not isinstance(error, UsageError) else error.near
    products = [(code, str(goods(f"hs:{code}"))) for code in codes]
    return question.page(
        "trace-form.html", status, title=title, error=told, near=near, products=products, wrong=wrong,
        name=question.actor, several=isinstance(error, AmbiguousActor), long=isinstance(error, WorkError),
    )  # fmt: skip


def _candidate(line: str) -> dict[str, str]:
    id, _, more = line.partition("  ")
    return {"id": id, "name": more}


def _near(question: _Question) -> list[Mapping[str, Any]]:
    """Return the actors that are called somewhat like what was typed."""
    found, _ = question.view.search(question.actor)
    return [{"id": each["id"], "name": each["name"]} for each in found["actors"][:_NEAR]]


@router.get("/trace")
async def trace(
    request: Request,
    view: CurrentView,
    who: CurrentCaller,
    asked: FiltersOfOne,
    joined: Joined,
    actor: Who = None,
    law: Law = None,
) -> Response:
    """Show who is upstream of an actor and what touches them; without an actor, the question."""
    if joined is not None:
        return RedirectResponse(joined, 303)
    question = _Question(request, view, asked, actor or "")
    if actor is None:
        return question.page("trace-form.html", **_NOTHING)
    proposed = f"{_PLAIN.sub('-', actor.rpartition('/')[2].lower()).strip('-')[:40]}-{int(view.release.id)}"
    may = who.may("contributor") and who is not ELSEWHERE
    return await _shown(question, "trace.html", {"part": "trace"}, may_save=may, proposed=proposed)


@router.post("/trace")
async def keep(
    request: Request,
    view: CurrentView,
    who: Annotated[Caller, Depends(acting("contributor"))],
    asked: FiltersOfOne,
    actor: Annotated[str, Query()],
) -> Response:
    """Keep the answer as a screening record, and lead to it."""
    name = (await sent.said(request)).one("save")
    graph: Graph = request.app.state.graph
    graph.store.screenings.free(name)
    await work.at_once(lambda: view.wide(actor, asked))  # nobody waits for a job that means nobody
    wanted = {"actor": actor, "save": name, "parameters": asdict(asked)}
    begun = await jobs.asked(request, jobs.of(who, "trace", wanted, changing=True))
    queue: Queue = request.app.state.jobs
    id = begun.headers["location"].rpartition("/")[2]
    await queue.wait(id, _WAITED)
    job = queue.get(id)
    there = f"screenings/{name}" if job is not None and job.state == "done" else f"jobs/{id}"
    return RedirectResponse(f"{request.scope.get('root_path', '')}/{there}", 303)


@router.post("/trace/end")
async def end(
    request: Request,
    view: CurrentView,
    who: Annotated[Caller, Depends(acting("public"))],
    asked: FiltersOfOne,
    actor: Annotated[str, Query()],
    law: Law = None,
) -> Response:
    """End a trace that somebody waits for; the question stands there again."""
    question = _Question(request, view, asked, actor)
    request.app.state.waits.end((await sent.said(request)).one("work"))
    ended = {**_NOTHING, "title": "Ended", "error": "You ended it."}
    return question.page("trace-form.html", **ended)


@router.get("/trace/companies")
async def companies(
    request: Request,
    view: CurrentView,
    asked: FiltersOfOne,
    actor: Annotated[str, Query()],
    tier: Annotated[int | None, Query(ge=0)] = None,
    group: Annotated[str | None, Query(description="As the tier picture calls it.")] = None,
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
    law: Law = None,
) -> Response:
    """List all companies that a trace reaches, of a tier and a group where they are given."""
    part = {"part": "companies", "tier": tier, "group": group, "page": number}
    return await _shown(_Question(request, view, asked, actor), "trace-companies.html", part)


@router.get("/trace/listing")
async def listing(
    request: Request,
    view: CurrentView,
    asked: FiltersOfOne,
    actor: Annotated[str, Query()],
    designation: Annotated[str, Query(description="Its id.")],
    state: Annotated[Literal["current", "past", "pending"], Query()] = "current",
    company: Annotated[str | None, Query(description="One that it touches: all paths to it.")] = None,
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
    law: Law = None,
) -> Response:
    """Show one designation with all that it touches, or with all paths to one company."""
    part = {"part": "listing", "designation": designation, "state": state, "company": company, "page": number}
    return await _shown(_Question(request, view, asked, actor), "trace-listing.html", part)
