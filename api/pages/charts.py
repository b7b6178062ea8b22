"""An answer to a query as a chart, as counts of a map, or as whose chain it is about: what its columns allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from opentier.api.pages.rows import number
from opentier.graph.front import View
from opentier.graph.model.rdf import IRI, Term
from opentier.graph.query import sparql

#: Bars of a chart; what more there is is counted.
MOST = 25
#: Rows that are looked at.
LOOKED = 5_000
_LAT, _LON = ("lat", "latitude"), ("lon", "long", "lng", "longitude")

Rows = Sequence[Sequence[Term | None]]


@dataclass(frozen=True)
class Chart:
    """Bars: what is counted or measured, and for each a term and its number; `more` are left out."""

    of: str
    by: str
    bars: list[tuple[Term, float]]
    more: int


def chart(names: Sequence[str], rows: Rows) -> Chart | None:
    """Return bars of the numbers of a column by another, else of how often each value stands in one, if either."""
    columns = [[row[place] for row in rows] for place in range(len(names))]
    figures = [
        place for place, column in enumerate(columns) if any(column) and all(_figure(each) for each in column)
    ]
    others = [place for place in range(len(names)) if place not in figures and any(columns[place])]
    if figures and others:
        by, of = others[0], figures[0]
        bars = [(row[by], number(row[of])) for row in rows]
        found = [(term, value) for term, value in bars if term is not None and value is not None]
        return _chart(names[of], names[by], list(dict.fromkeys(found)))
    for place in others:
        counts = Counter(each for each in columns[place] if each is not None)
        if 1 <= len(counts) < len(rows):
            return _chart("rows", names[place], [(term, float(count)) for term, count in counts.items()])
    return None


def _figure(term: Term | None) -> bool:
    return term is None or number(term) is not None


def _chart(of: str, by: str, found: list[tuple[Term, float]]) -> Chart:
    bars = sorted(found, key=lambda bar: (-bar[1], str(bar[0])))
    return Chart(of, by, bars[:MOST], max(len(bars) - MOST, 0))


def points(names: Sequence[str], rows: Rows) -> list[tuple[float, float]]:
    """Return the places of an answer that has coordinates, each as degrees north and east."""
    lowered = [name.casefold() for name in names]
    lat, lon = ([lowered.index(name) for name in known if name in lowered] for known in (_LAT, _LON))
    if not (lat and lon):
        return []
    said = [(number(row[lat[0]]), number(row[lon[0]])) for row in rows]
    return [(n, e) for n, e in said if n is not None and e is not None and abs(n) <= 90 and abs(e) <= 180]


def countries(view: View, rows: Rows) -> dict[str, int]:
    """Return how many rows of an answer name each country or a region of it, by its code."""
    names, found = view.release.names, Counter[str]()
    starts = (names.shared("country", ""), names.shared("region", ""))
    for row in rows:
        said = {
            each.value.removeprefix(start)[:2]
            for each in row
            for start in starts
            if isinstance(each, IRI) and each.value.startswith(start)
        }
        found.update(said)
    return dict(sorted(found.items()))


def root(view: View, query: str) -> str | None:
    """Return the id of the first actor that a query names: whose chain its answer is about; None where it has none."""
    base = view.release.names.base
    for _, _, iri in sparql.named(query, base):
        node = view.index.node(iri) if iri.startswith(base) else None
        if node is not None and view.index.described(node):
            return view.release.names.id(view.index.iri(node))
    return None
