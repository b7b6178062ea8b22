"""What is known of a country for Target 8.7: each statement with its source, and what the data does not hold.

Nothing is added up over sections, and nothing here is a rating. A section says how many records of its kind the data
holds of all countries (`held`), so that none of this one can be told from none at all, and how many of them are of no
country (`without_country`): those could be of this one, and are not counted for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.exposure import words
from opentier.graph.index.opened import Index
from opentier.graph.law.entries import WORLD, countries
from opentier.graph.law.thresholds import codes
from opentier.graph.model import sheet
from opentier.graph.network.network import Designation
from opentier.graph.profile import listed, points, sources
from opentier.graph.store.release import one
from opentier.graph.triples.engine import Fields
from opentier.graph.view import View
from opentier.graph.vocabulary.extents import EU

Json = dict[str, Any]
#: The records of a section: the countries that each belongs to, and what describes it.
Section = Callable[[View], Iterable[tuple[Collection[str], Callable[[], Json]]]]
#: What stands for the country of what states none.
_NOWHERE = ""
#: The columns of a country as a table: a row for each record of a section.
COLUMNS = (
    "country", "section", "id", "title", "kind", "codes", "barriers", "holder", "from", "until", "value", "unit",
    "method", "note", "document", "dataset", "version", "licence",
)  # fmt: skip


def country(view: View, code: str) -> Json:
    """Return all that a view knows of a country, by its code.

    Returns
    -------
    dict
        ``country`` (code, name), ``actors`` (how many are there, by kind and by dataset), ``coverage`` (whether its
        laws were looked at) and each of `SECTIONS`: ``held``, ``without_country`` (how many of those name no country)
        and ``rows``, each with its ``source``; ``general`` are the data points of governments in general.
    """
    found: Json = {
        "country": {"code": code, "name": words.country(code)},
        "actors": _actors(view, code),
    }
    for name, read in {"coverage": _COVERAGE, **SECTIONS}.items():
        records = list(read(view))
        found[name] = {
            "held": len(records),
            "without_country": sum(not where for where, _ in records),
            "rows": [row() for where, row in records if code in where],
        }
        if name == "data_points":
            rows = [row() for where, row in records if not where]
            found["general"] = {"held": len(records), "without_country": len(rows), "rows": rows}
    return found


def every(view: View) -> Json:
    """Return how much is known of each country of which something is known, by code.

    Returns
    -------
    dict
        ``countries``, how many they are (``total``), and what is counted for none of them (``without_country``).
    """
    counts: dict[str, Counter[str]] = {_NOWHERE: Counter()}
    for name, read in SECTIONS.items():
        for each, _ in read(view):
            for where in each or {_NOWHERE}:
                counts.setdefault(where, Counter())[name] += 1
    places = _populated(view.index)
    for number, many in enumerate(places.tolist()):
        if many:
            stated = {place.country for place in view.index.places[number] if place.country}
            for where in stated or {_NOWHERE}:
                counts.setdefault(where, Counter())["actors"] += many
    nowhere = counts.pop(_NOWHERE)
    return {
        "countries": [
            {"code": where, "name": words.country(where)}
            | {name: counts[where][name] for name in COUNTED[2:]}
            for where in sorted(counts)
        ],
        "total": len(counts),
        "without_country": {name: nowhere[name] for name in COUNTED[2:]},
    }


def doubt(found: Json) -> str | None:
    """Return what no country of an answer counts, of `country` or of `every`, as a sentence; nothing where all is."""
    left = found.get("without_country") or {
        name: found[name]["without_country"] for name in ("actors", "named")
    }
    if not left["actors"] and not left["named"]:
        return None
    return words.sentence("without-country", actors=left["actors"], listings=left["named"])


def to_csv(found: Json) -> str:
    """Return a country as CSV for a spreadsheet (see `sheet`): a row for each record of a section."""
    return sheet.text(COLUMNS, _rows(found))


def counted_to_csv(found: Json) -> str:
    """Return what `every` found as CSV for a spreadsheet; the last row is what is counted for no country."""
    nowhere = {"code": None, "name": words.country(None)} | found["without_country"]
    return sheet.text(COUNTED, ([row[name] for name in COUNTED] for row in (*found["countries"], nowhere)))


def _rows(found: Json) -> Iterator[list[Any]]:
    for name in SECTIONS:
        for row in found[name]["rows"]:
            flat = {**row, **row["source"], "country": found["country"]["code"], "section": name}
            flat |= {key: "|".join(flat.get(key, ())) for key in ("codes", "barriers")}
            yield [flat.get(column) for column in COLUMNS]


# --- Actors ----------------------------------------------------------------------------------------------------------


def _populated(index: Index) -> Array:
    """Return how many described actors there are in each place, by its number."""
    described = index.columns["kind"][: len(index)] != 0
    found: Array = np.bincount(index.place[: len(index)][described], minlength=len(index.places))
    return found


def _actors(view: View, code: str) -> Json:
    """Return how many described actors are in a country, by kind, and by the dataset that describes each first."""
    index = view.index
    here = [number for number, places in enumerate(index.places) if any(p.country == code for p in places)]
    kinds = index.columns["kind"][: len(index)]
    nodes = np.flatnonzero((kinds != 0) & np.isin(index.place[: len(index)], here))
    datasets = Counter(index.names.id(index.iri(node)).partition("/")[0] for node in nodes)
    return {
        "count": len(nodes),
        "held": int(np.count_nonzero(kinds)),
        "without_country": sum(
            many
            for many, places in zip(_populated(index).tolist(), index.places, strict=True)
            if not any(place.country for place in places)
        ),
        "kinds": [
            {"kind": index.tables.kinds[number], "count": many}
            for number, many in sorted(Counter(kinds[nodes].tolist()).items())
        ],
        "sources": [
            {**sources.of(index.versions[name]), "count": many}
            for name, many in sorted(datasets.items())
            if name in index.versions
        ],
    }


# --- Sections --------------------------------------------------------------------------------------------------------


def _designated(entries: Callable[[View], Iterable[tuple[set[str], Designation]]]) -> Section:
    """Return what reads a section of designations."""

    def read(view: View) -> Iterator[tuple[set[str], Callable[[], Json]]]:
        for where, entry in entries(view):
            yield where, partial(listed.described, view, entry)

    return read


def _table(table: str, where: Callable[[Fields], Iterable[str]], row: Callable[[Fields], Json]) -> Section:
    """Return what reads a section of a table: `where` a record belongs, and what it says of itself."""

    def read(view: View) -> Iterator[tuple[set[str], Callable[[], Json]]]:
        for iri, fields, source in sources.each(view.release, table):
            yield set(where(fields)), partial(described, view.release.names.id(iri), iri, fields, source)

    def described(name: str, iri: str, fields: Fields, source: Json) -> Json:
        return {"id": name, "iri": iri, **row(fields), "note": one(fields, "skos:note"), "source": source}

    return read


def _jurisdiction(fields: Fields) -> set[str]:
    """Return the countries of a jurisdiction: the Union's are its members, a part of a country is in it."""
    said = one(fields, "ot:jurisdiction") or ""
    if said == "EU":
        return set(EU)
    return {said[:2]} if len(said) == 2 or said[2:3] == "-" else set()


def _law(fields: Fields) -> Json:
    return {
        "title": one(fields, "dcterms:title"),
        "codes": list(codes(fields, "ot:lawKind", "law-kind")),
        "jurisdiction": one(fields, "ot:jurisdiction"),
        "status": "".join(codes(fields, "ot:status", "law-status")[:1]) or None,
        "from": one(fields, "ot:appliesFrom") or one(fields, "ot:inForce") or one(fields, "ot:year"),
        "checked": one(fields, "ot:checked"),
        "confidence": "".join(codes(fields, "ot:certainty", "certainty")[:1]) or None,
    }


def _looked(fields: Fields) -> Json:
    return {
        "title": one(fields, "ot:jurisdiction"),
        "codes": list(codes(fields, "ot:coverageResult", "coverage-result")),
        "checked": one(fields, "ot:checked"),
    }


def _practice(fields: Fields) -> Json:
    return {
        "title": one(fields, "ot:practice"),
        "codes": list(codes(fields, "ot:practiceKind", "practice-kind")),
    }


def _register(fields: Fields) -> Json:
    return {
        "title": one(fields, "rdfs:label"),
        "kind": one(fields, "ot:registerKind"),
        "publisher": one(fields, "ot:publisher"),
        "website": one(fields, "foaf:homepage"),
        "codes": [],
    }


def _initiative(fields: Fields) -> Json:
    return {
        "title": one(fields, "rdfs:label"),
        "kind": one(fields, "ot:initiativeType"),
        "codes": sorted(fields.get("ot:issue", ())),
        "industries": sorted(fields.get("ot:industry", ())),
        "geographies": sorted(fields.get("ot:geography", ())),
        "website": one(fields, "foaf:homepage"),
    }


def _regions(fields: Fields) -> set[str]:
    """Return the countries of the regions that an initiative names; those that work everywhere are no country's."""
    named = [name for name in fields.get("ot:geography", ()) if name != WORLD]
    return {code for name in named for code in countries(name)}


def _point(fields: Fields) -> Json:
    said = points.described(fields)
    return {**said, "codes": said["indicates"], "kind": said["category"]}


def _observation(fields: Fields) -> Json:
    value = {name: one(fields, f"ot:{name}") for name in ("value", "lower", "upper")}
    return {
        "title": None,
        "codes": list(codes(fields, "ot:indicator", "indicator")),
        "area": one(fields, "ot:area"),
        "from": one(fields, "ot:period"),
        **{name: None if said is None else float(said) for name, said in value.items()},
        "unit": one(fields, "ot:unit"),
        "method": one(fields, "ot:method"),
        "sample_size": one(fields, "ot:sampleSize"),
        "sector": one(fields, "ot:sector"),
    }


_COVERAGE = _table("law_coverage", _jurisdiction, _looked)
#: The sections that are lists, in the order in which they are told.
SECTIONS: dict[str, Section] = {
    "listings": _designated(listed.of_places),
    "named": _designated(listed.of_actors),
    "laws": _table("laws", _jurisdiction, _law),
    "practices": _table("state_practices", lambda fields: fields.get("ot:country", ()), _practice),
    "registers": _table("registers", _jurisdiction, _register),
    "initiatives": _table("initiatives", _regions, _initiative),
    "data_points": _table(
        "data_points", lambda fields: filter(None, [points.described(fields)["country"]]), _point
    ),
    "observations": _table("observations", lambda fields: [(one(fields, "ot:area") or "")[:2]], _observation),
}
#: The columns of all countries: how many actors, and how many records of each section.
COUNTED = ("code", "name", "actors", *SECTIONS)
