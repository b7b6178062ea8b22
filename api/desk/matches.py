"""``/screen/ID/matches``: whom the rows of a list may be, and what whoever sent it says of that."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import Query, Request
from fastapi.responses import Response

from opentier.api.desk import steps
from opentier.api.http.access import LOCAL, CurrentCaller, acting
from opentier.api.pages.route import router as pages
from opentier.graph.desk.matched import KINDS
from opentier.graph.desk.shelf import ALL, Shelf
from opentier.graph.desk.upload import MATCHES, RESULT, Upload
from opentier.graph.errors import UsageError
from opentier.graph.front import Graph
from opentier.graph.model.dates import today
from opentier.graph.report.report import ContributionError
from opentier.graph.screening.entries import OTHER, SAME, UNSURE

router = pages()

#: Those of which somebody has to say whether they are the same; all others are taken as they are.
DECIDE = "decide"
_SAID = (SAME, OTHER, UNSURE)
_FIELD = "same|"

Which = Annotated[
    Literal["decide", "all", "sure", "likely", "possible", "unlikely", "none", "no-name"] | None,
    Query(description="Which rows."),
]
Page = Annotated[int, Query(ge=1, le=100_000, description="Which part of them.")]


@router.get("/screen/{id}/matches")
async def matches(
    request: Request, who: CurrentCaller, id: str, band: Which = None, page: Page = 1
) -> Response:
    """Show whom the rows may be, those first that wait for a word."""
    upload = steps.found(request, who, id)
    made = await steps.until(request, upload, MATCHES)
    if isinstance(made, Response):
        return made
    waiting = undecided(made, upload)
    band = band or (DECIDE if waiting else "all")
    numbers = waiting if band == DECIDE else made.numbers(ALL if band == "all" else band)
    part = steps.part(request, len(numbers), page)
    rows = made.rows(numbers[part["begin"] : part["last"]])
    for row in rows:
        row["decided"] = upload.judged(row["row"])
    counts = {DECIDE: len(waiting), "all": made.many(), **{kind: made.many(kind) for kind in KINDS}}
    return steps.shown(
        request, "screen/matches.html", upload=upload, told=made.about, rows=rows, part=part, band=band,
        counts=counts, decided=sum(map(len, upload.decided.values())), judges=who.may("curator"),
    )  # fmt: skip


def undecided(made: Shelf, upload: Upload) -> list[int]:
    """Return the rows of which somebody is possibly meant, and of which nothing was said yet."""
    return [number for number in made.numbers("possible") if not upload.judged(number)]


@router.post("/screen/{id}/matches")
async def decide(
    request: Request, who: CurrentCaller, id: str, band: Which = None, page: Page = 1
) -> Response:
    """Note what is said of matches, and show the same rows; or screen the list with it."""
    steps.demand_hand(who)
    upload = steps.found(request, who, id)
    form = await steps.form(request)
    changed = steps.desk(request).change(upload.id, lambda each: _decided(each, form)) or upload
    if form.get("do") == "screen":
        await steps.begin(request, who, changed, RESULT)
        return steps.led(request, f"screen/{upload.id}/{RESULT}")
    query = f"?{request.url.query}" if request.url.query else ""
    return steps.led(request, f"screen/{upload.id}/{MATCHES}{query}")


def _decided(upload: Upload, form: Mapping[str, str]) -> Upload:
    """Return a list with what a form says of its matches: ``same|ROW|ACTOR`` is yes, no, unsure, or nothing.

    Raises
    ------
    UsageError
        If it says something else.
    """
    decided: dict[str, dict[str, tuple[str, str]]] = {row: dict(of) for row, of in upload.decided.items()}
    for field, said in form.items():
        if not field.startswith(_FIELD):
            continue
        row, _, actor = field.removeprefix(_FIELD).partition("|")
        if said not in (*_SAID, "") or not row.isdecimal():
            raise UsageError(f"A match is decided with {', '.join(_SAID)}; not {said[:20]!r}.")
        known = decided.setdefault(row, {})
        if not said:
            known.pop(actor, None)
        elif known.get(actor, ("", ""))[0] != said:
            known[actor] = (said, today())
    decided = {row: of for row, of in decided.items() if of}
    return upload if decided == upload.decided else upload.but(decided=decided, round=upload.round + 1)


@router.post("/screen/{id}/judge")
async def judge(request: Request, who: CurrentCaller, id: str) -> Response:
    """Say for everybody that two actors, whom a row of a list is both, are one."""
    curator = acting("curator")(request)
    upload = steps.found(request, who, id)
    form = await steps.form(request)
    row = form.get("row", "")
    same = [actor for actor, said in upload.judged(row).items() if said == SAME]
    if len(same) < 2:
        raise UsageError("A judgement is about two companies of the data: say of both that they are the one of the row.")
    graph: Graph = request.app.state.graph
    by = "" if curator is LOCAL else curator.id
    await asyncio.to_thread(_judged, graph.acting(curator.id), same, by)
    return steps.led(request, f"screen/{upload.id}/{MATCHES}?band=all")


def _judged(graph: Graph, same: list[str], by: str) -> None:
    first, *others = same
    for other in others:
        try:
            graph.judge(first, other, "positive", reason="Both are one row of a list that was screened.", by=by)
        except ContributionError as error:
            found = [each for each in error.report.sorted() if each.blocks]
            raise UsageError(" ".join(f"{each.message} {each.advice}" for each in found)) from None
