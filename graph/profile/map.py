"""What stands on a map: what is listed of each country, which listed goods nobody works on, where sites are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from opentier.graph.exposure import words
from opentier.graph.model import dates
from opentier.graph.model.dates import NEVER
from opentier.graph.model.names import PREFIXES
from opentier.graph.network.network import Designation, Place
from opentier.graph.picture.marks import mark
from opentier.graph.profile import listed
from opentier.graph.threads import once_each
from opentier.graph.view import View

#: What designations are on a map, the ones of most force first.
MARKS = ("measure", "risk", "child")
_LAT, _LONG = PREFIXES["geo"] + "lat", PREFIXES["geo"] + "long"


@dataclass(frozen=True)
class Site:
    """An actor that has coordinates: degrees north and east; the mark of what names it; nothing where nothing does."""

    iri: str
    id: str
    name: str
    country: str
    lat: float
    lon: float
    mark: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "iri": self.iri, "id": self.id, "name": self.name, "country": self.country or None, "lat": self.lat,
            "lon": self.lon, "listed": self.mark or None,
        }  # fmt: skip


@dataclass
class _Country:
    counts: Counter[str] = field(default_factory=Counter)
    goods: set[str] = field(default_factory=set)
    named: int = 0
    datasets: set[str] = field(default_factory=set)


def listings(view: View) -> list[dict[str, Any]]:
    """Return, for each country, how many designations of each mark are in force of it, and which goods they list.

    A designation counts once, for the country that it names, else for that of the actor that it names; one that says
    no end is in force (see `ending` for others). Countries of which nothing is listed are not there.
    """
    found: dict[str, _Country] = {}
    for each, node in _lasting(view):
        place = _place(view, each, node)
        if place is None:
            continue
        here = found.setdefault(place.country, _Country())
        here.counts[_mark(each)] += 1
        here.named += each.target is not None
        here.datasets.add(each.dataset)
        if each.product is not None:
            here.goods.add(words.product(each.product))
    return [
        {
            "country": code,
            "name": words.country(code),
            **{name: here.counts[name] for name in MARKS},
            "companies": here.named,
            "goods": sorted(here.goods, key=str.casefold),
            "datasets": sorted(here.datasets),
        }
        for code, here in sorted(found.items(), key=lambda entry: (-entry[1].counts.total(), entry[0]))
    ]


def unplaced(view: View) -> int:
    """Return how many designations in force are of no country: none is named, nor known of whom they name."""
    return sum(_place(view, each, node) is None for each, node in _lasting(view))


def day(view: View) -> str:
    """Return the day of the data that a view shows, on which the last of it was admitted."""
    return max((version.admitted for version in view.release.versions), default=dates.today())[:10]


def ending(view: View, code: str | None = None) -> list[dict[str, Any]]:
    """Return the designations, of a country or of all, that are in force on the day of the data and say when they end.

    Maps, which are of no day, count none of them: by the last word of each it is over. The first to end comes first.
    """
    today = dates.first_day(day(view))
    found = []
    for each, node in zip(view.index.designations, view.index.targets, strict=True):
        last = next((last for first, last in each.in_force if first <= today <= last < dates.NEVER), None)
        place = None if last is None else _place(view, each, node)
        if last is None or (code is not None and (place is None or code != place.country)):
            continue
        said = listed.described(view, each)
        found.append(
            {"id": said["id"], "title": said["title"], "mark": said["mark"], "last": dates.iso(last)}
        )
    return sorted(found, key=lambda each: (each["last"], each["id"]))


def goods(view: View, code: str | None) -> int:
    """Return of how many listings of a good `gaps` tells whether somebody works on it, in a country or everywhere."""
    return sum(
        each.kind == "goods-listing" and each.product is not None and each.place is not None
        and code in (None, each.place.country)
        for each, _ in _lasting(view)
    )  # fmt: skip


def gaps(view: View) -> list[dict[str, Any]]:
    """Return, for each country, its listed goods that no initiative is there for.

    Raises
    ------
    UsageError
        If no initiative is known at all.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for risk in view.initiatives.gaps()["risks"]:
        found.setdefault(risk["country"], []).append(risk)
    return [
        {
            "country": code,
            "name": words.country(code),
            "listings": len(risks),
            "goods": sorted({risk["good"] for risk in risks}, key=str.casefold),
            "datasets": sorted({risk["designation"].partition("/")[0] for risk in risks}),
        }
        for code, risks in sorted(found.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    ]


def by_country(found: list[Site]) -> list[dict[str, Any]]:
    """Return, for each country, how many sites with coordinates there are, and how many a designation names."""
    counts, listed = Counter(site.country for site in found), Counter(s.country for s in found if s.mark)
    return [
        {"country": code or None, "name": words.country(code or None), "sites": count, "listed": listed[code]}
        for code, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    ]


@once_each
def sites(view: View) -> list[Site]:
    """Return the actors that have coordinates, by name; they are read when they are first asked for."""
    return sorted(_sites(view), key=lambda site: (site.name.casefold(), site.iri))


def _sites(view: View) -> Iterator[Site]:
    index, release = view.index, view.release
    graphs = release.default or [""]
    north, east = ({s.subject.value: s.object.value for g in graphs for s in release.engine.match(g, predicate=name)}
                   for name in (_LAT, _LONG))  # fmt: skip
    marks: dict[int, str] = {}
    for each, node in _lasting(view):
        if node is not None:
            marks[node] = min(_mark(each), marks.get(node, MARKS[-1]), key=MARKS.index)
    seen = set[int]()
    for iri in sorted(north.keys() & east.keys()):
        node = index.node(iri)
        if node is None or node in seen:  # what judgements make one is one place, that of either
            continue
        seen.add(node)
        actor = index.actor(node)
        country = actor.country or ""
        id, lat, lon = release.names.id(index.iri(node)), float(north[iri]), float(east[iri])
        yield Site(index.iri(node), id, actor.name, country, lat, lon, marks.get(node, ""))


def _lasting(view: View) -> Iterator[tuple[Designation, int | None]]:
    """Yield the designations that are in force and say no end, each with the node that it names."""
    for each, node in zip(view.index.designations, view.index.targets, strict=True):
        if any(last == NEVER for _, last in each.in_force):
            yield each, node


def _place(view: View, each: Designation, node: int | None) -> Place | None:
    """Return the place that a designation names, else that of the actor that it names, if its country is known."""
    places = view.index.places[view.index.place[node]] if node is not None else ()
    return next((place for place in (each.place, *places) if place and place.country), None)


def _mark(designation: Designation) -> str:
    return mark("measure" if designation.measure else "risk", designation.exploitation)
