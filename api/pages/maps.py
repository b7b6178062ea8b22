"""``/map`` as a page: marks on a map that the server draws, and the same numbers as a table beside it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request
from fastapi.responses import Response

from opentier.api.http.deps import CurrentView
from opentier.api.linked import page
from opentier.api.linked.shown import Shown
from opentier.api.pages import atlas, route
from opentier.api.routes import maps
from opentier.graph.errors import UsageError
from opentier.graph.exposure import words
from opentier.graph.front import View
from opentier.graph.picture.marks import CALLED
from opentier.graph.profile import map as profile
from opentier.graph.threads import once_each

router = route.router()

#: Lines of one part of the table.
PART = 25
#: Sites nearer to each other than this part of the map's width are one mark; marks of which there are no more.
NEAR, MARKS = 200, 1_500


@router.get("/map")
def shown(
    request: Request,
    view: CurrentView,
    show: maps.Shown = "listings",
    country: maps.Country = None,
    part: Annotated[int, Query(ge=1, alias="page")] = 1,
) -> Response:
    """Show what stands on a map, of the world or of a country."""
    code, wrong = maps.code_of(country), ""
    try:
        rows = maps.of(view, show, code)
    except UsageError as error:
        if show != "gaps":
            raise
        rows, wrong = [], str(error)

    def address(**other: object) -> str:
        said = {"show": show, "country": code, "page": part, **other}
        without = {"show": "listings", "page": 1}
        fields = {
            name: value for name, value in said.items() if value is not None and without.get(name) != value
        }
        return f"?{urlencode(fields)}" if fields else request.url.path.rpartition("/")[2]

    parts = max(-(-len(rows) // PART), 1)
    part = min(part, parts)
    first = (part - 1) * PART
    single = show == "sites" and code is not None
    marks = _sites(view, code) if show == "sites" else _countries(rows, show, address)
    data = urlencode({name: value for name, value in {"show": show, "country": code}.items() if value})
    return page.response(
        request, "map.html", view, show=show, code=code or "", named=words.country(code) if code else "", wrong=wrong,
        rows=[_linked(view, request, each) if single else each for each in rows[first : first + PART]],
        total=sum(_count(each, show) for each in rows), places=len(rows), single=single, called=CALLED, address=address,
        ending=profile.ending(view, code), day=profile.day(view),
        unplaced=profile.unplaced(view) if show == "listings" else 0,
        listed=bool(rows) or show != "gaps" or profile.goods(view, code) > 0,
        drawn=atlas.draw(marks, "", _told(rows, show), code or "") if marks else "",
        used=[each for each in view.release.current.values() if each.dataset in _datasets(view, rows, show)],
        files=[(name, f"{request.url.path}?{data}&format={name.lower()}") for name in ("JSON", "CSV")],
        part={
            "first": first + 1, "last": min(first + PART, len(rows)), "total": len(rows),
            "before": address(page=part - 1) if part > 1 else "",
            "after": address(page=part + 1) if part < parts else "",
        },
    )  # fmt: skip


def _count(row: dict[str, Any], show: str) -> int:
    if show == "listings":
        return sum(row[name] for name in profile.MARKS)
    return int(row.get("listings" if show == "gaps" else "sites", 1))


def _countries(rows: list[dict[str, Any]], show: str, address: Any) -> list[atlas.Mark]:
    """Return a mark for each country: as large as there is much of it, of the shape of what has most force."""
    most = max((_count(row, show) for row in rows), default=1)
    return [
        atlas.Mark(
            next((name for name in profile.MARKS if row.get(name)), "risk"), at, _count(row, show) / most,
            f"{row['name']}: {_count(row, show):,}", address(country=row["country"], page=1),
        )
        for row in rows
        if (at := atlas.dot(row["country"] or "")) is not None
    ]  # fmt: skip


@once_each
def _placed(view: View) -> list[tuple[float, float, profile.Site]]:
    """Return all sites, each with where it is on the map."""
    return [(*atlas.placed(site.lat, site.lon), site) for site in profile.sites(view)]


def _sites(view: View, code: str | None) -> list[atlas.Mark]:
    """Return a mark for each site, or for several that would lie upon each other."""
    near = atlas.window(code or "")[2] / NEAR
    places = [each for each in _placed(view) if code in (None, each[2].country)]
    while True:  # where sites are everywhere, marks stand for more of them
        groups: dict[tuple[int, int, str], list[profile.Site]] = {}
        for x, y, site in places:
            groups.setdefault((round(x / near), round(y / near), site.mark), []).append(site)
        if len(groups) <= MARKS:
            break
        near *= 1.5
    most = max(map(len, groups.values()), default=1)
    return [
        atlas.Mark(
            mark or "place", (x * near, y * near), (len(each) - 1) / most,
            each[0].name if len(each) == 1 else f"{words.Figure(len(each)):site}, {each[0].name} among them",
        )
        for (x, y, mark), each in sorted(groups.items())
    ]  # fmt: skip


def _linked(view: View, request: Request, row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "href": Shown(view, f"{request.scope.get('root_path', '')}/").href(row["iri"])}


def _told(rows: list[dict[str, Any]], show: str) -> str:
    """Return what the map shows in words, the most first."""
    said = [f"{row['name']}: {_count(row, show):,}" for row in rows[:10]]
    return "; ".join([*said, *([f"and {len(rows) - 10:,} more, in the table"] if len(rows) > 10 else [])])


def _datasets(view: View, rows: list[dict[str, Any]], show: str) -> set[str]:
    if show == "sites":
        return {site.id.partition("/")[0] for site in profile.sites(view)}
    return {name for row in rows for name in row["datasets"]}
