"""What a view says of several traces, as one object and one table on every face: shared suppliers, nearest exposures,
and what a change of links would change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from opentier.graph.exposure.objects import Json, Objects
from opentier.graph.model import printed, sheet
from opentier.graph.model.names import plain
from opentier.graph.trace.parameters import Parameters, named
from opentier.graph.view import View

#: What is asked.
SHARED, NEAREST, WITHOUT = "shared", "nearest", "without"
_ACTOR = ("id", "name", "country", "kind")
#: The columns of each as a table.
COLUMNS = {
    SHARED: (*_ACTOR, "tier_a", "tier_b", "exposed", "iri"),
    NEAREST: (
        "path", "hop", "tiers", "confidence", "kind", "from_id", "from", "to_id", "to", "product", "start_date",
        "end_date", "observed_date", "record", "dataset", "version", "licence",
    ),
    WITHOUT: ("change", *_ACTOR, "tier", "tier_after", "iri"),
}  # fmt: skip


@dataclass(frozen=True)
class Analysis:
    """An answer: which one it is, and its object."""

    what: str
    found: Json

    def to_json(self) -> str:
        """Return it as JSON text."""
        return printed.text(self.found)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of `COLUMNS`."""
        rows: Iterable[Json]
        if self.what == SHARED:
            rows = ({**e, "tier_a": e["tiers"][0], "tier_b": e["tiers"][1]} for e in self.found["shared"])
        elif self.what == NEAREST:
            rows = _hops(self.found["paths"])
        else:
            rows = (
                {**each, "change": change, "tier": each["tier"], "tier_after": each.get("tier_after")}
                for change in ("lost", "moved", "gained")
                for each in self.found[change]
            )
        for each in rows:
            yield tuple(each.get(name) for name in COLUMNS[self.what])

    def to_csv(self) -> str:
        """Return the rows as CSV for a spreadsheet (see `sheet`)."""
        return sheet.text(COLUMNS[self.what], self.rows())


def _hops(paths: Iterable[Json]) -> Iterator[Json]:
    for number, path in enumerate(paths, 1):
        head = {"path": number, "tiers": path["tier"], "confidence": path["confidence"]["product"]}
        for place, hop in enumerate(path["hops"], 1):
            ends = {end: hop[end]["name"] for end in ("from", "to")}
            ids = {f"{end}_id": hop[end]["id"] for end in ("from", "to")}
            yield {**hop, **ends, **ids, **head, "hop": place}


def shared(view: View, left: str, right: str, parameters: Parameters) -> Analysis:
    """Return the suppliers that two buyers share, at any tier, the nearest first: where leverage is one."""
    known, asked = view.meant(parameters)
    objects = Objects(known.index)
    ends = [objects.at(known.directory.node(text)) for text in (left, right)]
    listed = [
        {**_actor(objects, each.actor.iri), "tiers": list(each.tiers), "exposed": each.exposed}
        for each in known.shared(left, right, asked)
    ]
    return Analysis(
        SHARED,
        {
            "actors": [objects.named(actor.iri) for actor in ends],
            "parameters": named(asked, alone=False),
            "shared": listed,
        },
    )


def nearest(view: View, actor: str, parameters: Parameters) -> Analysis:
    """Return the best paths from an actor to any exposed one, the nearest first."""
    known, asked = view.meant(parameters)
    found, objects = known.nearest(actor, asked), Objects(known.index)
    product = asked.product is not None
    return Analysis(
        NEAREST,
        {
            "root": objects.named(objects.at(known.directory.node(actor)).iri),
            "parameters": named(asked),
            "paths": [
                {
                    "to": objects.named(path.arcs[-1].head) if path.arcs else None,
                    **objects.bare(path, asked=product),
                }
                for path in found
            ],
            "truncated": found.truncated,
            "untestable": list(found.untestable),
        },
    )


def without(view: View, actor: str, records: Sequence[str], parameters: Parameters) -> Analysis:
    """Return what a trace would lose and gain, and whose tier would change, if some records were not there.

    Raises
    ------
    UsageError
        If a record is no link that is known.
    """
    known, asked = view.meant(parameters)
    iris = [record(known, text) for text in records]
    found, objects = known.supposed(actor, asked, without=iris), Objects(known.index)

    def listed(tiers: dict[str, int]) -> list[Json]:
        return [{**_actor(objects, iri), "tier": tier} for iri, tier in tiers.items()]

    return Analysis(
        WITHOUT,
        {
            "root": objects.named(objects.at(known.directory.node(actor)).iri),
            "parameters": named(asked, alone=False),
            "without": [{"iri": iri, "id": known.release.names.id(iri)} for iri in iris],
            "lost": listed(found.lost),
            "moved": [
                {**_actor(objects, iri), "tier": tier, "tier_after": after}
                for iri, (tier, after) in found.moved.items()
            ],
            "gained": listed(found.gained),
        },
    )


def record(view: View, text: str) -> str:
    """Return the IRI of a record that is given by IRI, or as it is printed: ``dataset/supply-link/local-id``."""
    text = text.strip()
    dataset, _, rest = text.partition("/")
    segment, _, local = rest.partition("/")
    if not local or ":" in dataset:
        return plain(text)
    return view.release.names.record(dataset, segment, local)


def _actor(objects: Objects, iri: str) -> Json:
    return {**objects.named(iri), "kind": objects.actor(iri).kind}
