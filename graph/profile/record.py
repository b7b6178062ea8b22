"""One record as its page shows it: what it says of itself by column, from where, and which other records rest on it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from opentier.graph.exposure import words
from opentier.graph.exposure.objects import Objects
from opentier.graph.law import acts
from opentier.graph.model.names import concept, expand
from opentier.graph.model.tables import TABLES, Column
from opentier.graph.profile import sources
from opentier.graph.store.release import one
from opentier.graph.triples.engine import Fields
from opentier.graph.view import View

Json = dict[str, Any]
#: The tables whose records have no such page: they have another one, or are nothing but a name.
_OTHERWISE = frozenset({"actors", "products", "terms"})
#: Records that rest on one which are looked at, and those of a kind that are named.
LOOKED, NAMED = 500, 25
_CLASSES = {expand(TABLES[name].rdf_class): name for name in TABLES}
_NAMES = ("dcterms:title", "rdfs:label")
#: Columns that others say of a record, or that stand elsewhere on its page.
_APART = {"evidence", "source"}
#: What is told of a record elsewhere on its page, or on the page of laws.
_ELSEWHERE = {"obligations", "thresholds", "retractions", "contradictions"}


def record(view: View, iri: str) -> Json | None:
    """Return what is known of a record; None where it has another page, or no current version has it.

    Returns
    -------
    dict
        `table`, `id`, `iri`, `title`; `said`, one entry for each version that describes it: its `rows` (term, kind,
        scheme, values), and its `source`; `evidence`, and whether such a record can name any; `against`, what
        contradicts it; `demands` of a law; `ends`, the actors that it is about, of a link its buyer and its supplier;
        `used`, the records that rest on it by table: how many, and the first of them; `cut` where more than `LOOKED`
        do.
    """
    known = {_CLASSES[kind] for kind in view.release.types([iri])[iri] if kind in _CLASSES}
    table = None if known & _OTHERWISE else min(known, default=None)
    said = [*_said(view, table, iri)] if table else []
    if table is None or not said:
        return None
    objects = Objects(view.index)
    every = [fields for fields, _ in said]
    used, cut = _used(view, iri)
    return {
        "table": table,
        "id": view.release.names.id(iri),
        "iri": iri,
        "title": called(view, table, iri, every[0]),
        "said": [{"rows": [*_rows(table, fields)], "source": source} for fields, source in said],
        "evidenced": "evidence" in {column.name for column in TABLES[table]},
        "evidence": [view.index.evidence(each) for fields in every for each in sorted(fields.get("ot:evidence", ()))],
        "against": objects.contradictions(iri),
        "demands": [*_demands(view, iri)] if table == "laws" else [],
        "ends": [
            objects.named(end)
            for column in TABLES[table]
            if column.kind == "actor" and (end := one(every[0], column.term or ""))
        ],
        "used": used,
        "cut": cut,
    }  # fmt: skip


def withdrawn(view: View, iri: str) -> list[Json]:
    """Return the retractions of a record: reason, date, who decided it, what stands instead, and the source of each."""
    found = []
    for version in sorted(view.release.current.values(), key=lambda each: each.dataset):
        for retraction, graph in sorted(view.release.naming(iri, ["ot:retracts"], version.iri)):
            found += [
                {
                    "reason": one(fields, "ot:statusReason"),
                    "date": one(fields, "dcterms:date"),
                    "by": one(fields, "ot:decidedBy"),
                    "instead": [
                        view.release.names.id(each) for each in sorted(fields.get("ot:replacedBy", ()))
                    ],
                    "source": sources.of(version, one(fields, "dcterms:source")),
                }
                for fields in view.release.of("retractions", retraction, graph)
            ]
    return found


def called(view: View, table: str, iri: str, fields: Fields) -> str:
    """Return what a record is called: its name, a link by its two ends, else its id."""
    buyer, supplier = one(fields, "ot:buyer"), one(fields, "ot:supplier")
    if buyer and supplier:
        objects = Objects(view.index)
        ends = {"buyer": objects.named(buyer)["name"], "supplier": objects.named(supplier)["name"]}
        return words.said("record", "link", **ends)
    terms = (*_NAMES, "ot:url") if table == "evidence" else _NAMES
    name = next((text for term in terms if (text := one(fields, term))), None)
    return name or view.release.names.id(iri)


def _said(view: View, table: str, iri: str) -> Iterator[tuple[Fields, Json]]:
    """Yield what each current version says of a record, with its source."""
    for version in sorted(view.release.current.values(), key=lambda each: each.dataset):
        for fields in view.release.of(table, iri, version.iri):
            yield fields, sources.of(version, one(fields, "dcterms:source"))


def _rows(table: str, fields: Fields) -> Iterator[Json]:
    for column in TABLES[table]:
        if column.term and column.name not in _APART and (values := fields.get(column.term)):
            yield {
                "term": expand(column.term), "name": column.name.replace("_", " "), "kind": column.kind,
                "scheme": column.scheme, "values": [_value(column, each) for each in sorted(values)],
            }  # fmt: skip


def _value(column: Column, text: str) -> str:
    return text.removeprefix(concept(column.scheme, "")) if column.scheme else text


def _demands(view: View, iri: str) -> Iterator[Json]:
    """Yield what a law demands, each with its source."""
    for duty, graph in sorted({*view.release.naming(iri, ["ot:law"], *view.release.graphs)}):
        for fields in view.release.of("obligations", duty, graph):
            yield {**acts.duty(fields), "id": view.release.names.id(duty)}


def _used(view: View, iri: str) -> tuple[list[Json], bool]:
    """Return the records that name one, by table, and whether there are more than are looked at."""
    release = view.release
    terms = sorted(
        {column.term for name in TABLES for column in TABLES[name] if column.term and column.kind == "record"}
    )
    found = [*islice(release.naming(iri, terms, *release.graphs), LOOKED + 1)]
    by: dict[str, dict[str, str]] = {}
    kinds = release.types({subject for subject, _ in found[:LOOKED]})
    for subject, graph in sorted(found[:LOOKED]):
        table = next((name for kind in kinds[subject] if (name := _CLASSES.get(kind))), None)
        if table and table not in _ELSEWHERE:
            by.setdefault(table, {}).setdefault(subject, graph)
    return [
        {
            "table": table.replace("_", " "),
            "count": len(named),
            "named": [*_named(view, table, [*named.items()][:NAMED])],
        }
        for table, named in sorted(by.items())
    ], len(found) > LOOKED


def _named(view: View, table: str, those: list[tuple[str, str]]) -> Iterator[Json]:
    for iri, graph in those:
        fields = next(iter(view.release.of(table, iri, graph)), {})
        yield {"id": view.release.names.id(iri), "iri": iri, "title": called(view, table, iri, fields)}
