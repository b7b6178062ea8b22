"""The links of one actor, by whom they join it to and what they carry: the latest first, a page at a time.

Only the links of a page are read one by one; what is counted and put in order are columns of the index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from opentier.graph.engine.arrays import NONE, Array
from opentier.graph.engine.hops import OPERATION_UP, RECRUITMENT, SUPPLY
from opentier.graph.exposure import words
from opentier.graph.exposure.objects import Objects
from opentier.graph.model.names import expand
from opentier.graph.model.products import Product
from opentier.graph.model.rdf import IRI, Triple
from opentier.graph.model.tables import TABLES
from opentier.graph.network.network import Arc
from opentier.graph.view import View

Json = dict[str, Any]
#: Rows of a page; records of one row that are read; pieces of evidence and dates that are named of it.
PAGE, READ, NAMED = 25, 12, 2
_TERMS = {expand(column.term): column.term for column in TABLES["supply_links"] if column.term}
#: Sides of an actor: from whom it buys, to whom it sells, and all else that links join it to.
SUPPLIERS, BUYERS, OTHERS = "suppliers", "buyers", "others"
SIDES = (SUPPLIERS, BUYERS, OTHERS)


@dataclass(frozen=True)
class Linked:
    """A page of the links of an actor on one side.

    Attributes
    ----------
    total
        How many rows there are: one for each actor and what the links with it carry.
    actors, records
        How many actors and links these are.
    """

    rows: list[Json]
    total: int
    actors: int
    records: int


class Links:
    """The links of the actors of a view."""

    def __init__(self, view: View, objects: Objects) -> None:
        self.view, self.index, self.objects = view, view.index, objects

    def of(self, node: int, side: str, page: int) -> Linked:
        """Return a page, from 1, of the links of an actor on one of `SIDES`."""
        arcs, others = self._arcs(node, side)
        goods = self.index.goods.product[self.index.arcs.goods[arcs]].astype(np.int64)
        goods[goods == NONE] = -1
        hops = self.index.arcs.hop[arcs].astype(np.int64) if side == OTHERS else np.zeros(len(arcs), np.int64)
        key = np.stack([others.astype(np.int64), goods, hops], axis=1)
        _, which, many = np.unique(key, axis=0, return_inverse=True, return_counts=True)
        which, days = which.reshape(-1), self._days(arcs)
        latest = np.full(len(many), np.iinfo(np.int64).min)
        np.maximum.at(latest, which, days)
        order = np.lexsort((np.arange(len(many)), -latest))
        rows = []
        for group in order[(page - 1) * PAGE : page * PAGE].tolist():
            mine = np.flatnonzero(which == group)
            mine = mine[np.argsort(-days[mine], kind="stable")]
            named = list(map(self.index.arc, arcs[mine[:READ]].tolist()))
            rows.append(self._row(named, int(many[group]), int(others[mine[0]]), side))
        actors, records = len(np.unique(others)), len(np.unique(self.index.columns["record"][arcs]))
        return Linked(rows, len(many), actors, records)

    def _arcs(self, node: int, side: str) -> tuple[Array, Array]:
        """Return the numbers of an actor's arcs on a side, and the node at the other end of each."""
        index = self.index
        out = np.arange(int(index.out.begin[node]), int(index.out.end[node]))
        back = index.back.arc[int(index.back.begin[node]) : int(index.back.end[node])].astype(np.int64)
        live = np.array(index.tables.live, np.bool_)
        out, back = (arcs[live[index.arcs.dataset[arcs]]] for arcs in (out, back))
        if side == SUPPLIERS:
            out = out[index.arcs.hop[out] == SUPPLY]
            return out, index.arcs.head[out]
        if side == BUYERS:
            back = back[index.arcs.hop[back] == SUPPLY]
            return back, index.columns["tail"][back]
        out = out[index.arcs.hop[out] >= OPERATION_UP]
        back = back[
            index.arcs.hop[back] == RECRUITMENT
        ]  # each other kind has its way back as an arc of its own
        return np.concatenate([out, back]), np.concatenate(
            [index.arcs.head[out], index.columns["tail"][back]]
        )

    def _days(self, arcs: Array) -> Array:
        """Return the last day that each arc says anything of: when it was seen, or began."""
        start, seen = (self.index.columns[name][arcs].astype(np.int64) for name in ("start", "observed"))
        return np.maximum(start, seen)

    def _row(self, arcs: Sequence[Arc], records: int, other: int, side: str) -> Json:
        first = arcs[0]
        evidence = dict.fromkeys(iri for arc in arcs for iri in arc.evidence)
        sources = dict.fromkeys(arc.source for arc in arcs if arc.source)
        datasets = dict.fromkeys(arc.dataset for arc in arcs)
        return {
            "other": self.objects.named(self.index.iri(other)),
            "kind": first.kind,
            "relation": self._relation(first, other, side),
            "good": words.product(first.product) if first.product else None,
            "into": words.product(first.input_to) if first.input_to else None,
            "records": records,
            "record": self.index.names.id(first.record),
            "live": live(arcs)
            if records <= READ
            else words.said("links", "latest", n=len(arcs), live=live(arcs)),
            "amount": "; ".join(dict.fromkeys(filter(None, map(_amount, arcs)))),
            "confidence": _range(
                [arc.stated_confidence for arc in arcs if arc.stated_confidence is not None]
            ),
            "share": _range([arc.share for arc in arcs if arc.share is not None]),
            "gap": max(max(arc.tiers for arc in arcs) - 1, 0),
            "evidence": [self.index.evidence(iri) for iri in [*evidence][:NAMED]],
            "documents": [*sources][:NAMED] if not evidence else [],
            "more": max(len(evidence or sources) - NAMED, 0),
            "contradictions": [said for arc in arcs for said in self.objects.contradictions(arc.record)],
            "datasets": [self._source(dataset) for dataset in datasets],
        }

    def _relation(self, arc: Arc, other: int, side: str) -> str:
        if side != OTHERS:
            return words.said("links", side)
        if arc.hop == "recruitment" and self.index.iri(other) == arc.tail:
            return words.said("links", "recruits-for")
        return words.said("relations", arc.hop)

    def _source(self, dataset: str) -> Json:
        version = self.index.versions.get(dataset)
        return {
            "dataset": dataset,
            "version": version.number if version else None,
            "licence": self.objects.licence(dataset),
        }


def live(arcs: Sequence[Arc]) -> str:
    """Return in words when links live, as their records say: since when, until when, or when they were seen."""
    dated = dict.fromkeys(filter(None, (words.between(arc.start_date, arc.end_date) for arc in arcs)))
    if dated:
        return "; ".join([*dated][:NAMED])
    seen = sorted({arc.observed for arc in arcs if arc.observed})
    if len(seen) > NAMED:
        return words.said("links", "seen-between", first=seen[0], last=seen[-1])
    return words.said("links", "seen", days=words.listed(seen)) if seen else words.said("unstated", "dates")


def _amount(arc: Arc) -> str:
    return ", ".join(_measured(arc))


def _measured(arc: Arc) -> Iterator[str]:
    if arc.quantity is not None:
        yield f"{arc.quantity:,.15g} {arc.unit}".strip()
    if arc.value is not None:
        yield f"{arc.value:,.15g} {arc.currency}".strip()


def _range(values: Sequence[float]) -> str:
    """Return such as ``0.7`` or ``0.5 to 0.8``; nothing where there is none."""
    if not values:
        return ""
    least, most = min(values), max(values)
    return f"{least:g}" if least == most else f"{least:g} to {most:g}"


def withdrawn(view: View, members: Sequence[str], objects: Objects) -> list[Json]:
    """Return the supply links of an actor that were taken back, each with why: no trace walks them."""
    release, found = view.release, []
    for _, fields in release.each("retractions"):
        for record in fields.get("ot:retracts", ()):
            said = next(_supply(view, record), None)
            if said is None or not {said["ot:buyer"], said["ot:supplier"]} & set(members):
                continue
            buys = said["ot:buyer"] in members
            product = said.get("ot:product")
            carried = view.index.products.get(product, Product(product)) if product else None
            found.append({
                "other": objects.named(said["ot:supplier" if buys else "ot:buyer"]),
                "relation": words.said("links", SUPPLIERS if buys else BUYERS),
                "good": words.product(carried) if carried else None,
                "live": words.between(said.get("ot:startDate"), said.get("ot:endDate"))
                or words.said("unstated", "dates"),
                "confidence": said.get("ot:confidence", ""),
                "record": release.names.id(record),
                "reason": min(fields.get("ot:statusReason", ()), default=""),
                "date": min(fields.get("dcterms:date", ()), default=""),
                "by": min(fields.get("ot:decidedBy", ()), default=""),
                "instead": [release.names.id(iri) for iri in fields.get("ot:replacedBy", ())],
            })  # fmt: skip
    return sorted(found, key=lambda each: str(each["record"]))


def _supply(view: View, record: str) -> Iterator[dict[str, str]]:
    """Yield what each current version says of a supply link, one that was taken back too."""
    for graph in view.release.graphs:
        said = {
            term: triple.object.value
            for triple in view.release.engine.match(graph, IRI(record))
            if (term := _TERMS.get(triple.predicate.value)) and not isinstance(triple.object, Triple)
        }
        if "ot:buyer" in said and "ot:supplier" in said:
            yield said
