"""What traces say together: suppliers that buyers share, what a change of links would change, where data ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.errors import UsageError
from opentier.graph.exposure.exposures import Exposure
from opentier.graph.index.difference import beyond
from opentier.graph.index.extension import Addition, extended
from opentier.graph.index.opened import Index
from opentier.graph.network.network import Actor, Arc
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.walks import Trace, trace

#: The dataset that supposed links stand under.
SUPPOSED = "supposed"


@dataclass(frozen=True)
class Shared:
    """A supplier that two buyers share, with its tier from each."""

    actor: Actor
    tiers: tuple[int, int]
    exposed: bool


def shared(left: Trace, right: Trace, exposures: Iterable[Exposure] = ()) -> list[Shared]:
    """Return the actors that two traces upstream both reach, by the sum of their tiers, then IRI.

    `exposures` mark those that are exposed: where the leverage of two buyers is one.
    """
    nodes, here, there = np.intersect1d(left.nodes, right.nodes, assume_unique=True, return_indices=True)
    touched = {exposure.actor for exposure in exposures}
    found = []
    for node, a, b in zip(nodes.tolist(), here.tolist(), there.tolist(), strict=True):
        actor, tiers = left.index.actor(node), (int(left.tier[a]), int(right.tier[b]))
        if actor.iri not in (left.root, right.root):
            found.append(Shared(actor, tiers, actor.iri in touched))
    return sorted(found, key=lambda one: (sum(one.tiers), one.actor.iri))


@dataclass(frozen=True)
class Change:
    """What differs between two traces of the same actor: actors gained, lost, and those whose tier changed."""

    gained: dict[str, int]
    lost: dict[str, int]
    moved: dict[str, tuple[int, int]]


def change(before: Trace, after: Trace) -> Change:
    """Compare two traces, by IRI."""
    old, new = before.tiers, after.tiers
    return Change(
        gained={iri: new[iri] for iri in sorted(new.keys() - old.keys())},
        lost={iri: old[iri] for iri in sorted(old.keys() - new.keys())},
        moved={iri: (old[iri], new[iri]) for iri in sorted(old.keys() & new.keys()) if old[iri] != new[iri]},
    )


def supposing(index: Index, without: Sequence[str] = (), links: Sequence[Arc] = ()) -> Index:
    """Return an index as it would be without some records and with some more links between known actors.

    The index itself stays as it is, and nothing is kept.

    Parameters
    ----------
    without
        IRIs of records whose links are left away.
    links
        Links that are added.

    Raises
    ------
    UsageError
        If an actor of a link is not known, or no link is of such a record.
    """
    known = index.tables
    unknown = sorted({iri for arc in links for iri in (arc.tail, arc.head) if index.node(iri) is None})
    if unknown:
        raise UsageError(f"A supposed link is between known actors; not {', '.join(unknown)}.")
    rows = beyond(index)
    read = rows.read(replace(arc, dataset=SUPPOSED) for arc in links)
    tables = replace(
        known,
        products=[[product.iri, product.code, product.name] for product in rows.products.of],
        goods=[list(pair) for pair in rows.goods.of],
        confidences=list(rows.confidences.of),
        measures=[list(pair) for pair in rows.measures.of],
        datasets=[*known.datasets, *rows.datasets.of],
        live=[*known.live, *[True] * len(rows.datasets)],
    )
    found = extended(index, Addition(read.columns, read.records, tables, read.extras))
    return _left_out(found, set(without)) if without else found


def _left_out(index: Index, records: set[str]) -> Index:
    """Return an index in which the links of some records are not live."""
    heap = index.strings["record"]
    count = index.tables.counts["record"]
    wanted = {number: record for number in range(count) if (record := heap[number]) in records}
    if unknown := sorted(records.difference(wanted.values())):
        raise UsageError(f"No hop is of the record {unknown[0]!r}; each hop of a trace names its own.")
    rows = index.rows()
    gone = rows[np.isin(index.columns["record"][rows], np.fromiter(wanted, np.uint32, len(wanted)))]
    tables = replace(index.tables, datasets=[*index.tables.datasets, ""], live=[*index.tables.live, False])
    dataset: Array = index.columns["dataset"].copy()
    dataset[gone] = len(index.tables.datasets)
    return Index(
        tables, index.columns | {"dataset": dataset}, index.strings, index.keys, index.folder, index.patches
    )


@dataclass(frozen=True)
class Coverage:
    """Where a trace ends for lack of data.

    Attributes
    ----------
    by_tier : list of (tier, actors, actors without upstream links)
    ends : list of str
        The IRIs of the actors without upstream links, by tier, then IRI.
    """

    by_tier: list[tuple[int, int, int]]
    ends: list[str]


def coverage(found: Trace) -> Coverage:
    """Return for each tier how many actors a trace reaches, and at how many of them it ends for lack of data."""
    bare = found.dead_ends()
    ends = sorted(zip(found.tier[bare].tolist(), map(found.index.iri, found.nodes[bare]), strict=True))
    by_tier = [
        (tier, int((found.tier == tier).sum()), int((found.tier[bare] == tier).sum()))
        for tier in np.unique(found.tier).tolist()
    ]
    return Coverage(by_tier, [iri for _, iri in ends])


def supposed(
    index: Index,
    root: str | int,
    parameters: Parameters,
    without: Sequence[str] = (),
    links: Sequence[Arc] = (),
) -> Change:
    """Return what the trace of an actor would gain and lose without some records and with some more links."""
    return change(trace(index, root, parameters), trace(supposing(index, without, links), root, parameters))
