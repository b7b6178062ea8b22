"""``/screen/ID/matches``: whom the rows of a list may be, and what whoever sent it says of that."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from fastapi.responses import Response

from opentier.api.desk.jobs import Hand, led, waited
from opentier.api.http.access import LOCAL, CurrentCaller, acting
from opentier.api.pages import route
from opentier.api.screening import lists
from opentier.api.screening.lists import ABOUT, STEPS, Draft
from opentier.graph.errors import UsageError
from opentier.graph.front import Graph
from opentier.graph.model.dates import today
from opentier.graph.report.report import ContributionError
from opentier.graph.screening.entries import OTHER, SAME, UNSURE
from opentier.graph.screening.matched import KINDS
from opentier.graph.screening.shelf import ALL, Shelf
from opentier.graph.tasks import drafts
from opentier.graph.tasks.job import Job

router = route.router()

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
    request: Request, who: CurrentCaller, draft: Draft, band: Which = None, page: Page = 1
) -> Response:
    """Show whom the rows may be, those first that wait for a word."""
    made = await lists.until(request, draft, "matches")
    if isinstance(made, Response):
        return made
    waiting = undecided(made, draft)
    shown: str = band or (DECIDE if waiting else "all")
    numbers = waiting if shown == DECIDE else made.numbers(ALL if shown == "all" else shown)
    part = lists.part(request, len(numbers), page)
    rows = made.rows(numbers[part["begin"] : part["last"]])
    for row in rows:
        row["decided"] = lists.judged(draft, row["row"])
    counts = {DECIDE: len(waiting), "all": made.many(), **{kind: made.many(kind) for kind in KINDS}}
    return lists.shown(
        request, "screen-matches.html", "matches", draft, told=made.about, rows=rows, part=part, band=shown,
        counts=counts, decided=sum(map(len, lists.decided(draft).values())), judges=who.may("curator"),
    )  # fmt: skip


def undecided(made: Shelf, draft: Job) -> list[int]:
    """Return the rows of which somebody is possibly meant, and of which that was not said yet."""
    said = [number for number in made.numbers() if lists.judged(draft, number)]
    settled = {row["row"] for row in made.rows(said) if not _waits(row, lists.judged(draft, row["row"]))}
    more = {number for number in said if number not in settled}
    possible = set(made.numbers("possible")) - settled
    return [number for number in made.numbers() if number in possible or number in more]


def _waits(row: Mapping[str, Any], said: Mapping[str, str]) -> bool:
    """Return whether somebody is possibly meant of whom nothing was said, and nobody is said to be the same."""
    left = [each for each in row["candidates"] if said.get(each["id"]) != OTHER]
    if SAME in said.values() or not left:
        return False
    return left[0]["band"] == "possible" and left[0]["id"] not in said


@router.post("/screen/{id}/matches")
async def decide(request: Request, who: Hand, draft: Draft, band: Which = None, page: Page = 1) -> Response:
    """Note what is said of matches, and show the same rows; or screen the list with it."""
    form = await lists.form(request)
    draft = await drafts.change(request.app.state.jobs, draft, {"decided": _decided(draft, form)})
    if form.get("do") == "screen":
        return await waited(request, await lists.begin(request, who, draft, STEPS["result"]))
    query = f"?{request.url.query}" if request.url.query else ""
    return led(request, f"{ABOUT}/{draft.id}/matches{query}")


def _decided(draft: Job, form: Mapping[str, str]) -> lists.Decided:
    """Return what was decided of a list, with what a form says: ``same|ROW|ACTOR`` is yes, no, unsure, or nothing.

    Raises
    ------
    UsageError
        If it says something else.
    """
    decided: dict[str, dict[str, tuple[str, str]]] = {
        row: dict(of) for row, of in lists.decided(draft).items()
    }
    for field, said in form.items():
        if not field.startswith(_FIELD):
            continue
        row, _, actor = field.removeprefix(_FIELD).partition("|")
        if said not in (*_SAID, "") or not row.isdecimal():
            raise UsageError(f"A match is decided with {', '.join(_SAID)}; not {said[:20]!r}.")
        known = decided.setdefault(row, {})
        if not said:
            known.pop(actor, None)
        elif (known.get(actor) or ("",))[0] != said:
            known[actor] = (said, today())
    return {row: of for row, of in decided.items() if of}


@router.post("/screen/{id}/judge")
async def judge(request: Request, draft: Draft) -> Response:
    """Say for everybody that two actors, whom a row of a list is both, are one."""
    curator = acting("curator")(request)
    row = (await lists.form(request)).get("row", "")
    same = [actor for actor, said in lists.judged(draft, row).items() if said == SAME]
    if len(same) < 2:
        raise UsageError(
            "A judgement is about two companies of the data: say of both that they are that of the row."
        )
    graph: Graph = request.app.state.graph
    by = "" if curator is LOCAL else curator.id
    await asyncio.to_thread(_judged, graph.acting(curator.id), same, by)
    return led(request, f"{ABOUT}/{draft.id}/matches?band=all")


def _judged(graph: Graph, same: list[str], by: str) -> None:
    first, *others = same
    for other in others:
        try:
            graph.judge(
                first, other, "positive", reason="Both are one row of a list that was screened.", by=by
            )
        except ContributionError as error:
            found = [each for each in error.report.sorted() if each.blocks]
            raise UsageError(" ".join(f"{each.message} {each.advice}" for each in found)) from None
