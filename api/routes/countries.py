"""``/countries``: what is known of each country for Target 8.7, with the source of each statement."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import Response

from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.http import work
from opentier.api.http.deps import KnownView
from opentier.graph.model import printed
from opentier.graph.profile import country
from opentier.graph.written import countries
from opentier.graph.written.faults import CellError

router = APIRouter(tags=["Countries"])

#: The forms of a country, and of the list of all.
FORMS = Forms("What is known of a country", "json", "csv")
Code = Annotated[str, Path(description="An ISO 3166-1 code of a country, or its name.", examples=["MY"])]
Format = Annotated[Literal["json", "csv"] | None, Query(description="json or csv; else by Accept.")]


def meant(code: Code) -> str:
    """Return the code of the country that an address names; a problem (404) where there is none."""
    try:
        return countries.read(code)
    except CellError as error:
        raise HTTPException(404, f"{code!r}: {error.message} {error.advice}") from None


@router.get("/countries", response_class=Response, responses=answers(schema="Countries", forms=FORMS))
def every(request: Request, view: KnownView, format: Format = None) -> Response:
    """Count what is known of each country: actors there, and records of listings, laws, data points and more."""
    form, found = FORMS.of(request, format), country.every(view)
    text = printed.text(found) if form == "json" else country.counted_to_csv(found)
    return _answer(request, form, text, country.doubt(found))


@router.get(
    "/countries/{code}",
    response_class=Response,
    responses=answers(schema="Country", forms=FORMS),
    operation_id="country_get",
)
def one(request: Request, view: KnownView, code: Code, format: Format = None) -> Response:
    """Return what is known of a country: listings, laws, practices, initiatives, data points, observations."""
    form, found = FORMS.of(request, format), country.country(view, meant(code))
    text = printed.text(found) if form == "json" else country.to_csv(found)
    return _answer(request, form, text, country.doubt(found))


def _answer(request: Request, form: str, text: str, doubt: str | None) -> Response:
    """Return an answer; what no country counts is said beside it, since a table has no line for it."""
    return Response(text, media_type=FORMS.media_type(form), headers=work.beside(request, form, None, doubt))
