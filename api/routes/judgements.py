"""``/judgements``: who is judged to be one with whom, by people and by rules; made, and taken back, by curators."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from opentier.api.contract.described import answers, problem
from opentier.api.contract.paging import CurrentPart
from opentier.api.http.access import LOCAL, Caller, acting
from opentier.api.http.deps import KnownView
from opentier.graph.front import Graph
from opentier.graph.judging.outcome import Outcome
from opentier.graph.report.report import ContributionError

router = APIRouter(tags=["Judgements"])

#: Who may judge.
Curator = Annotated[Caller, Depends(acting("curator"))]
_SIDE = "An IRI, dataset/local-id, an identifier or a name."
#: Letters of a text.
_LETTERS = 2000


class Judgement(BaseModel):
    """What is said of two actors."""

    model_config = ConfigDict(extra="forbid")

    left: Annotated[str, Field(min_length=1, max_length=_LETTERS, description=_SIDE)]
    right: Annotated[str, Field(min_length=1, max_length=_LETTERS, description="The other one.")]
    judgement: Literal["positive", "negative", "unsure"]
    reason: Annotated[str, Field(max_length=_LETTERS, description="Why; it is kept.")] = ""
    by: Annotated[
        str, Field(max_length=_LETTERS, description="Who says so; it is kept. Else the id of the key.")
    ] = ""
    date: Annotated[str | None, Field(description="When it was decided (YYYY-MM-DD); today if not said.")] = (
        None
    )


@router.get("/judgements", response_model=None, responses=answers(404))
def judgements(
    view: KnownView,
    part: CurrentPart,
    by_rule: Annotated[
        bool | None, Query(description="Those of rules alone, or (false) those of people.")
    ] = None,
    actor: Annotated[
        str | None,
        Query(description="Those on one actor, or on one that is one with it.", examples=["example/aurora"]),
    ] = None,
    undone: Annotated[bool, Query(description="Those that were taken back.")] = False,
) -> dict[str, Any]:
    """List the judgements that stand, the latest first, with which of them count."""
    found = view.judgements(by_rule=by_rule, actor=actor, undone=undone)
    return part.of("judgements", [each.to_dict() for each in found])


@router.post(
    "/judgements",
    status_code=201,
    response_model=None,
    responses={each: problem(each) for each in (300, 403, 404, 409)},
)
def judge(request: Request, who: Curator, said: Judgement) -> dict[str, Any]:
    """Say of two actors whether they are one, and see what that changes in traces; it can be taken back."""
    graph: Graph = request.app.state.graph
    try:
        made = graph.acting(who.id).judge(
            said.left,
            said.right,
            said.judgement,
            reason=said.reason,
            by=said.by or _named(who),
            date=said.date,
        )
    except ContributionError as error:
        raise _refused(error) from None
    return _told(made)


@router.delete(
    "/judgements/{id}",
    response_model=None,
    responses={200: {"description": "What came of it."}, 403: problem(403)},
)
def undo(
    request: Request,
    who: Curator,
    id: Annotated[str, Path(description="The last part of its id.", examples=["ab12"])],
    reason: Annotated[
        str, Query(max_length=_LETTERS, description="Why; it is kept.", examples=["a mistake"])
    ] = "",
) -> dict[str, Any]:
    """Take a judgement of a person back, by its id; it stays readable, with the reason."""
    graph: Graph = request.app.state.graph
    try:
        return _told(graph.acting(who.id).undo(id, reason=reason, by=_named(who)))
    except ContributionError as error:
        raise _refused(error) from None


def _named(who: Caller) -> str:
    return "" if who is LOCAL else who.id


def _told(made: Outcome) -> dict[str, Any]:
    return {**made.to_dict(), "warnings": list(made.warnings)}


def _refused(error: ContributionError) -> HTTPException:
    """Return what is wrong with a judgement that is not admitted."""
    found = [each for each in error.report.sorted() if each.blocks]
    return HTTPException(409, " ".join(f"{each.message} {each.advice}" for each in found))
