"""``/map``: what stands on a map: listings by country, listed goods that nobody works on, sites with coordinates."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.contract.paging import CurrentPart
from opentier.api.http.deps import CurrentView
from opentier.graph.errors import Named, UsageError
from opentier.graph.front import View
from opentier.graph.model import sheet
from opentier.graph.profile import map as atlas
from opentier.graph.written import countries
from opentier.graph.written.faults import CellError

router = APIRouter(tags=["Laws and initiatives"])

FORMS = Forms("A map", "json", "csv")
#: What a map shows.
Shown = Annotated[
    Literal["listings", "gaps", "sites"],
    Query(
        description="listings by country, gaps (listed goods without an initiative), or sites with coordinates."
    ),
]
Country = Annotated[
    str | None,
    Query(description="The sites of one country, by code or name.", examples=["BD"]),
]


@router.get("/map", response_class=Response, responses=answers(schema="Places", forms=FORMS))
def places(
    request: Request,
    view: CurrentView,
    part: CurrentPart,
    show: Shown = "listings",
    country: Country = None,
    format: Annotated[
        Literal["json", "csv"] | None, Query(description="json or csv; else by Accept.")
    ] = None,
) -> Response:
    """Count what stands on a map by country; of one country, `show=sites` lists each site.

    What is in force on the day of the data and says when it ends is on no map; `ending` of the JSON names it. What is
    in force and of no known country is on none either, of the world or of a country; `unplaced` says how many.
    """
    form = FORMS.of(request, format)
    code = code_of(country)
    found = of(view, show, code)
    if form == "csv":
        columns = list(found[0]) if found else ["country"]
        rows = ([_cell(each[name]) for name in columns] for each in found)
        return Response(sheet.text(columns, rows), media_type=FORMS.media_type(form))
    said = {"show": show, "country": code, **part.of("places", found), "ending": atlas.ending(view, code)}
    if show == "listings":
        said["unplaced"] = atlas.unplaced(view)
    return JSONResponse(said, headers=dict(part.response.headers))


def of(view: View, show: str, code: str | None) -> list[dict[str, Any]]:
    """Return what a map shows, by country; of one country its own line, or its sites."""
    if show == "sites":
        every = atlas.sites(view)
        if code is not None:
            return [site.to_dict() for site in every if site.country == code]
        return atlas.by_country(every)
    found = atlas.gaps(view) if show == "gaps" else atlas.listings(view)
    return [each for each in found if code in (None, each["country"])]


def code_of(country: str | None) -> str | None:
    """Return the code of a country that somebody names.

    Raises
    ------
    UsageError
        If nothing, or more than one, goes by it.
    """
    if country is None:
        return None
    try:
        return countries.read(country)
    except CellError as error:
        raise UsageError(Named("country"), f": {error}") from None


def _cell(value: Any) -> Any:
    return "|".join(value) if isinstance(value, list) else value
