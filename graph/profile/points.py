"""Data points: what governments hold of forced labour, who holds it, and what keeps it from others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from opentier.graph.errors import Named, UsageError, mean
from opentier.graph.law.thresholds import codes
from opentier.graph.profile import sources
from opentier.graph.store.release import one
from opentier.graph.triples.engine import Fields
from opentier.graph.view import View
from opentier.graph.written import countries
from opentier.graph.written.faults import CellError

Json = dict[str, Any]
#: What data points are told apart by, each with its scheme in the vocabulary; a category is a text.
FACETS = {
    "access": "access", "barrier": "barrier", "evidence_class": "evidence-class", "granularity": "granularity",
    "category": "", "country": "",
}  # fmt: skip
#: The columns of data points as a table.
COLUMNS = (
    "id", "title", "holder", "country", "category", "evidence_class", "granularity", "access", "barriers", "indicates",
    "stage", "note", "document", "dataset", "version", "licence",
)  # fmt: skip


def every(view: View) -> list[Json]:
    """Return all data points, by name."""
    found = [
        {"id": view.release.names.id(iri), "iri": iri, **described(fields), "source": source}
        for iri, fields, source in sources.each(view.release, "data_points")
    ]
    return sorted(found, key=lambda point: (point["title"].casefold(), point["id"]))


def described(fields: Fields) -> Json:
    """Return what a data point says of itself; `country` is the one that its holder names, if any."""
    holder = one(fields, "ot:holder") or ""
    return {
        "title": one(fields, "rdfs:label"),
        "holder": holder,
        "country": place(holder),
        "category": one(fields, "ot:category"),
        "evidence_class": _code(fields, "ot:evidenceClass", "evidence-class"),
        "granularity": _code(fields, "ot:granularity", "granularity"),
        "access": _code(fields, "ot:access", "access"),
        "barriers": list(codes(fields, "ot:barrier", "barrier")),
        "indicates": list(codes(fields, "ot:indicates", "indicator")),
        "stage": _code(fields, "ot:stage", "stage"),
        "note": one(fields, "skos:note"),
    }


def place(holder: str) -> str | None:
    """Return the code of the country that a holder names: behind its last comma, or as the first word, U.S."""
    for text in (holder.rpartition(",")[2], holder.partition(" ")[0].replace("U.S.", "US")):
        try:
            return countries.read(text) if text.strip() else None
        except CellError:
            continue
    return None


def chosen(points: Collection[Json], asked: Mapping[str, str | None]) -> list[Json]:
    """Return the data points that have all that is asked for; ``not-stated`` asks for those that do not say.

    Raises
    ------
    UsageError
        If no data point has what is asked for.
    """
    for name, value in asked.items():
        known = {each for point in points for each in values(point, name)}
        if value is not None and value not in known:
            raise UsageError(
                Named(name), f": no data point has {value!r}.{mean(value, sorted(known), len(known))}"
            )
    return [
        point
        for point in points
        if all(value is None or value in values(point, name) for name, value in asked.items())
    ]


def row(point: Json) -> list[Any]:
    """Return a data point as a row of `COLUMNS`."""
    flat = {**point, **point["source"]} | {name: "|".join(point[name]) for name in ("barriers", "indicates")}
    return [flat[name] for name in COLUMNS]


def values(point: Json, name: str) -> list[str]:
    """Return what a data point has of a facet; ``not-stated`` where it says nothing."""
    said = point["barriers"] if name == "barrier" else [point[name]] if point[name] else []
    return said or ["not-stated"]


def _code(fields: Fields, term: str, scheme: str) -> str | None:
    return "".join(codes(fields, term, scheme)[:1]) or None
