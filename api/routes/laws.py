"""``/laws``, ``/obligations`` and ``/initiatives``: which laws there are and bind, what is due, and who works on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from opentier.api.contract.asking import WhoOrNobody
from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.contract.paging import CurrentPart
from opentier.api.http.deps import KnownView
from opentier.graph.errors import Named, UsageError
from opentier.graph.law import acts, said
from opentier.graph.law.obligations import supposed
from opentier.graph.model import sheet
from opentier.graph.trace.parameters import date

router = APIRouter(tags=["Laws and initiatives"])


#: The forms of a list.
FORMS = Forms("The list", "json", "csv")
Format = Annotated[
    Literal["json", "csv"] | None, Query(description="json, or csv without parts; else by Accept.")
]


@router.get("/laws", response_model=None, responses=answers(schema="Laws", forms=FORMS))
def laws(
    request: Request, view: KnownView, part: CurrentPart, format: Format = None
) -> dict[str, Any] | Response:
    """List the laws that the data knows, each with what it demands."""
    every = acts.every(view.release)
    if FORMS.of(request, format) == "json":
        return part.of("laws", every)
    return _table(acts.COLUMNS, map(acts.row, every))


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    return Response(sheet.text(columns, rows), media_type=FORMS.media_type("csv"))


Facts = dict[str, str | None]
_Text = str | None


def facts(
    seat: Annotated[
        _Text, Query(description="Where it is established: a country or a part of one.", examples=["FR"])
    ] = None,
    employees: Annotated[_Text, Query(description="How many it has there.", examples=["3000"])] = None,
    employees_world: Annotated[
        _Text, Query(description="How many it has worldwide.", examples=["12000"])
    ] = None,
    turnover: Annotated[
        _Text, Query(description="Worldwide, with its currency.", examples=["900m EUR"])
    ] = None,
    assets: Annotated[
        _Text, Query(description="Total assets, with their currency.", examples=["40m CAD"])
    ] = None,
    year: Annotated[_Text, Query(description="The year of these figures.", examples=["2025"])] = None,
    whose: Annotated[_Text, Query(description="Whose figures: group or company.", examples=["group"])] = None,
    sector: Annotated[_Text, Query(description="Divisions of ISIC.", examples=["13"])] = None,
    sells_in: Annotated[_Text, Query(description="Where it does business.", examples=["DE, US"])] = None,
    imports_into: Annotated[
        _Text, Query(description="Where it is importer of record.", examples=["US"])
    ] = None,
    branch_in: Annotated[_Text, Query(description="Where it has a branch.", examples=["DE"])] = None,
    listed_in: Annotated[_Text, Query(description="Where its shares are listed.", examples=["DE"])] = None,
    contracts_in: Annotated[
        _Text, Query(description="Where it is a public contractor.", examples=["US"])
    ] = None,
) -> Facts:
    """Return what is said of a company, by the name of the fact; what is not said is not known."""
    return {
        "seat": seat, "employees": employees, "employees_world": employees_world, "turnover": turnover,
        "assets": assets, "year": year, "whose": whose, "sector": sector, "sells_in": sells_in,
        "imports_into": imports_into, "branch_in": branch_in, "listed_in": listed_in, "contracts_in": contracts_in,
    }  # fmt: skip


@router.get("/obligations", response_model=None, responses=answers(schema="Obligations"))
def obligations(
    view: KnownView,
    entered: Annotated[Facts, Depends(facts)],
    actor: WhoOrNobody = None,
    on: Annotated[
        str | None,
        Query(
            description="A day: what does not yet apply is marked, facts of later are left out.",
            examples=["2026-01-31"],
        ),
    ] = None,
) -> dict[str, Any]:
    """Tell which laws bind an actor, by which threshold and source, what was not tested, filed, due, and looked at.

    What is said of it takes the place of what the data has; it may be all that is known of it.
    """
    known = view.obligations(actor, on) if actor is not None else None
    told = said.read(**entered)
    if known is not None and told == said.NOTHING:
        return known
    if known is None and told == said.NOTHING:
        raise UsageError(
            Named("actor"), " is missing; give a value, or say what is known of it, such as its seat."
        )
    if on is not None:
        date("on", on, day=True)
    found = supposed(view.release, view.index, known["actor"]["iri"] if known else None, told, on)
    due = known["due"] if known else []
    return {**found, "not_considered": len(found["not_considered"]), "due": due}


@router.get("/initiatives", response_model=None, responses=answers(schema="Initiatives", forms=FORMS))
def initiatives(
    request: Request,
    view: KnownView,
    part: CurrentPart,
    type: Annotated[
        str | None, Query(description="What it is: Initiative, NGO or Fund.", examples=["Initiative"])
    ] = None,
    industry: Annotated[
        str | None,
        Query(
            description="A name or a part of it, or an HS code.", examples=["Apparel, Footwear & Textiles"]
        ),
    ] = None,
    geography: Annotated[
        str | None, Query(description="A region or a country, by name or code.", examples=["Asia", "TH"])
    ] = None,
    issue: Annotated[
        str | None, Query(description="What it works on, or a part of it.", examples=["Forced Labour"])
    ] = None,
    organiser: Annotated[
        str | None, Query(description="A name or a part of it.", examples=["Winrock"])
    ] = None,
    format: Format = None,
) -> dict[str, Any] | Response:
    """List the initiatives that have all that is asked for."""
    found = view.initiatives.find(
        type=type, industry=industry, geography=geography, issue=issue, organiser=organiser
    )
    described = [view.initiatives.described(initiative) for initiative in found]
    if FORMS.of(request, format) == "json":
        return part.of("initiatives", described)
    columns = list(described[0]) if described else ["id", "name"]
    return _table(columns, ([_cell(value) for value in each.values()] for each in described))


def _cell(value: Any) -> Any:
    return "|".join(value) if isinstance(value, list) else value


@router.get("/initiatives/gaps", response_model=None, responses=answers(schema="Gaps"))
def gaps(view: KnownView) -> dict[str, list[Any]]:
    """Name the industries, regions and issues that no initiative is particular to, and the listed goods without any."""
    return view.initiatives.gaps()
