"""``/data-points`` as a page: what governments hold of forced labour, who holds it, and what keeps it from others."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response

from opentier.api.http.deps import KnownView
from opentier.api.linked import page
from opentier.api.pages.listed import part
from opentier.api.pages.route import router as pages
from opentier.api.routes.points import Asked
from opentier.graph.profile import points
from opentier.graph.vocabulary import labels

router = pages()


@router.get("/data-points")
def data_points(
    request: Request,
    view: KnownView,
    asked: Asked,
    number: Annotated[int, Query(alias="page", ge=1, description="A part of the list.")] = 1,
) -> Response:
    """Show the data points that have all that is asked for, and what each barrier blocks."""
    every = points.every(view)
    found = points.chosen(every, asked)
    here = part(request, "page", number, len(found), anchor="#found")
    blocked = Counter(barrier for each in every for barrier in points.values(each, "barrier"))
    return page.response(
        request, "data-points.html", view, asked=asked, total=len(every), part=here, schemes=points.FACETS,
        access=Counter(points.values(each, "access")[0] for each in found), bars=_counted(blocked),
        rows=here.of(found), beside=page.beside(request, *asked),
        facets={name: _facet(every, asked, name) for name in points.FACETS},
    )  # fmt: skip


def _counted(counts: Counter[str]) -> list[tuple[str, int]]:
    """Return all barriers by how often they are there, those that block nothing too; those that do not say last."""
    every = {code: counts[code] for code in (*labels.codes("barrier"), *counts)}
    return sorted(every.items(), key=lambda each: (each[0] == "not-stated", -each[1], each[0]))


def _facet(every: list[dict[str, Any]], asked: dict[str, str | None], name: str) -> list[tuple[str, int]]:
    """Return the values of a filter, and how many data points have each beside what else is asked for."""
    others = points.chosen(every, {**asked, name: None})
    counts = Counter(value for each in others for value in points.values(each, name))
    known = {value for each in every for value in points.values(each, name)}
    return [
        (value, counts[value]) for value in sorted(known, key=lambda value: (value == "not-stated", value))
    ]
