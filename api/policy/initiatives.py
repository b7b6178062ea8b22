"""``/initiatives`` as a page: who works on it, and where nobody does."""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response

from opentier.api.http.deps import KnownView
from opentier.api.linked import page
from opentier.api.pages.listed import part
from opentier.api.pages.route import router as pages
from opentier.graph.errors import UsageError
from opentier.graph.exposure import words
from opentier.graph.front import View
from opentier.graph.law.entries import CROSS, WORLD
from opentier.graph.profile import sources
from opentier.graph.vocabulary.extents import areas, industries

router = pages()

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
#: The filters that are closed lists, and what of an initiative each is about.
_FACETS = {"industry": "industries", "geography": "geographies", "issue": "issues", "type": "type"}
_Text = Annotated[str | None, Query(description="A name of the directory, a code of it, or a part of one.")]


@router.get("/initiatives")
def initiatives(
    request: Request,
    view: KnownView,
    industry: _Text = None,
    geography: _Text = None,
    issue: _Text = None,
    type: _Text = None,
    organiser: _Text = None,
    number: Annotated[int, Query(alias="page", ge=1, description="A part of the list.")] = 1,
) -> Response:
    """Show the initiatives that have all that is asked for, how many each industry has, and the gaps."""
    asked = {
        "industry": industry,
        "geography": geography,
        "issue": issue,
        "type": type,
        "organiser": organiser,
    }
    directory = view.initiatives
    found = directory.find(**asked)
    here = part(request, "page", number, len(found), anchor="#found")
    counts = Counter(name for each in directory.initiatives for name in each.industries)
    years = sorted(set(_YEAR.findall(" ".join(each.source or "" for each in directory.initiatives))))
    everywhere = directory.find(**asked | {"geography": WORLD}) if geography else []
    try:
        gaps = directory.gaps()
    except UsageError:  # there are no initiatives: the page says so
        gaps = None
    return page.response(
        request, "initiatives.html", view, asked=asked, total=len(directory.initiatives), gaps=gaps, part=here,
        rows=[directory.described(each) for each in here.of(found)], cross=counts[CROSS],
        bars=[(name, counts[name]) for name in _ordered(counts, [*industries(), *counts])], years=years,
        sourced=sources.current(view.release),
        facets={name: _facet(view, asked, name) for name in _FACETS}, everywhere=len(set(everywhere) - set(found)),
        origin=_origin(view), beside=page.beside(request, *asked), world=WORLD,
    )  # fmt: skip


def _ordered(counts: Counter[str], names: list[str]) -> list[str]:
    """Return names by how often they are there, those that are not there too."""
    return sorted(dict.fromkeys(names), key=lambda name: (-counts[name], name))


def _facet(view: View, asked: dict[str, str | None], name: str) -> list[tuple[str, str, int]]:
    """Return the values of a filter: what is sent, what it is called, and how many have it beside what is asked."""
    directory = view.initiatives
    regions = [area for area, members in areas().items() if len(members) > 1]
    known: dict[str, list[str]] = {
        "industry": list(industries()), "geography": regions, "issue": directory.issues, "type": [],
    }  # fmt: skip
    said = [getattr(each, _FACETS[name]) for each in directory.initiatives]
    values = {value for each in said for value in ([each] if isinstance(each, str) else each)}
    found = [
        (value, value, len(directory.find(**asked | {name: value})))
        for value in sorted(values | {*known[name]})
    ]
    chosen = asked[name]
    if chosen and chosen not in values:  # a country, a code, a part of a name
        found.insert(0, (chosen, words.country(chosen), len(directory.find(**asked))))
    return found


def _origin(view: View) -> dict[str, Any] | None:
    held = view.release.current.get("initiatives")
    return sources.of(held) if held else None
