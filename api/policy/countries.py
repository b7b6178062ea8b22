"""``/countries`` as pages: what is known of a country for Target 8.7, and what the data does not hold."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from opentier.api.http.deps import KnownView
from opentier.api.linked import language, page
from opentier.api.pages.listed import part
from opentier.api.pages.route import router as pages
from opentier.api.routes.countries import Code, meant
from opentier.graph.profile import country

router = pages()

_Page = Annotated[int, Query(ge=1, description="A part of the list.")]
_Number = Annotated[int, Query(alias="page", ge=1, description="A part of the list.")]


def _parts(
    listings: _Page = 1,
    named: _Page = 1,
    laws: _Page = 1,
    practices: _Page = 1,
    registers: _Page = 1,
    initiatives: _Page = 1,
    data_points: _Page = 1,
    observations: _Page = 1,
) -> dict[str, int]:
    return {
        "listings": listings, "named": named, "laws": laws, "practices": practices, "registers": registers,
        "initiatives": initiatives, "data_points": data_points, "observations": observations,
    }  # fmt: skip


@router.get("/countries")
def every(
    request: Request,
    view: KnownView,
    name: Annotated[str | None, Query(description="A country, by code or name, in any language.")] = None,
    number: _Number = 1,
) -> Response:
    """Show how much is known of each country, by name; lead to one that is named."""
    if name is not None:
        return RedirectResponse(page.to(request, f"countries/{meant(name)}"), 303)
    called = language.asked(request).country
    known = country.every(view)
    found = [{**row, "called": called(row["code"])} for row in known["countries"]]
    found.sort(key=lambda row: language.sorted_as(row["called"]))
    here = part(request, "page", number, len(found))
    return page.response(
        request, "countries.html", view, rows=here.of(found), part=here,
        without=known["without_country"], beside=page.beside(request),
    )  # fmt: skip


@router.get("/countries/{code}")
def one(
    request: Request, view: KnownView, code: Code, parts: Annotated[dict[str, int], Depends(_parts)]
) -> Response:
    """Show what is known of a country."""
    found = country.country(view, meant(code))
    sections: dict[str, Any] = {}
    for name in country.SECTIONS:
        rows = found[name]["rows"]
        here = part(request, name, parts[name], len(rows), anchor=f"#{name}")
        sections[name] = {
            **found[name],
            "count": len(rows),
            "part": here,
            "rows": here.of(rows),
        }
    records = sum(section["count"] for section in sections.values())
    return page.response(
        request, "country.html", view, found=found, sections=sections, records=records,
        code=found["country"]["code"], beside=page.beside(request),
    )  # fmt: skip
