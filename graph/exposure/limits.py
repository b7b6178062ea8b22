"""The limits of an answer: what it rests on, what was not searched, and where data ends."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np

from opentier.graph.engine.arrays import NONE, Array
from opentier.graph.engine.columns import leading
from opentier.graph.engine.hops import HOPS, KINDS, SUPPLY, parted
from opentier.graph.exposure import unknown
from opentier.graph.exposure.exposures import unshown
from opentier.graph.exposure.objects import Json, Objects
from opentier.graph.exposure.sold import sold
from opentier.graph.exposure.touches import Touches
from opentier.graph.index.opened import Index
from opentier.graph.network.history import contradicting
from opentier.graph.network.network import Designation
from opentier.graph.trace.parameters import FILTERS, Parameters
from opentier.graph.trace.plain import allowed, dead_ends
from opentier.graph.trace.unindexed import Unindexed
from opentier.graph.trace.walks import Trace
from opentier.graph.written import hs

#: Refused links that are named.
_REFUSED = 5
#: Filters that are told otherwise than as filters.
_APART = frozenset({"downstream", "on", "since", "until", "as_known", "kinds", "paths", "past", "pending"})


def of_trace(
    trace: Trace, touches: Touches, objects: Objects, unindexed: Unindexed, *, truncated: bool
) -> Json:
    """Return what a trace rests on and where it ends.

    Parameters
    ----------
    unindexed
        What the release says that its index does not hold.
    truncated
        Whether anything that the answer holds was given up.
    """
    searched = touches.met(trace.nodes.tolist())
    reached = of_reached(trace, touches, objects, unindexed, truncated=truncated)
    listed: tuple[Designation, ...] = ()
    if trace.node is not None and not trace.parameters.downstream:
        stated = () if trace.asked.product is None else (trace.asked.product,)
        listed = sold(touches, int(trace.node), stated).listed
    own = {"sells_listed": [objects.entry(entry) for entry in listed]}
    return of_question(touches, searched) | reached | own


def of_reached(
    trace: Trace, touches: Touches, objects: Objects, unindexed: Unindexed, *, truncated: bool
) -> Json:
    """Return the limits of a trace that are its own, whatever else the same question is asked of (see `of_trace`)."""
    index, asked = trace.index, trace.parameters

    def refused(number: int) -> Json:
        arc = trace.arc(number)
        said = {"product": arc.product.label if arc.product else None, "record": arc.record}
        return {"from": objects.named(arc.tail), "to": objects.named(arc.head), **said}

    return {
        "kinds_not_walked": _not_walked(touches, lambda: _touching(index, trace.nodes)),
        "actors_without_upstream_links": trace.bare(),
        **_of_nodes(touches, objects, unindexed, trace.nodes),
        "continued_elsewhere": unknown.continued(
            touches, objects, trace.nodes, trace.tier, set(trace.nodes.tolist())
        ),
        **_of_links(touches, trace.walked),
        "hs_of_earlier_editions": _earlier(touches, _followed(trace), touches.met(trace.nodes.tolist())),
        "contradictions": _contradictions(touches, objects, unindexed, trace.nodes, trace.walked),
        **unindexed.unwalked(trace.nodes, asked.datasets),
        "refused_by_product": len(trace.refused),
        "declared_tier_gaps": len(trace.gaps()),
        "refused_first": [refused(int(number)) for number in trace.refused[:_REFUSED]],
        **unshown(trace, touches),
        "truncated": truncated or trace.truncated,
    }


def of_question(touches: Touches, searched: Sequence[Designation]) -> Json:
    """Return what any answer to a question rests on, whoever is traced: versions, lists, dates, filters."""
    index, asked = touches.index, touches.parameters
    listing = {entry.dataset for entry in index.designations}
    return {
        "datasets": _datasets(index, {*asked.datasets, *listing} if asked.datasets else None),
        "designations": list(registers(index, touches, searched)),
        "contradicting_changes": [
            index.names.id(entry.iri) for entry in index.designations if contradicting(entry.changes)
        ],
        "dates": {"on": asked.on, "from": asked.since, "to": asked.until, "as_known": asked.as_known},
        "filters": filters(asked),
    }


def of_everybody(touches: Touches, unindexed: Unindexed, nodes: Array) -> Json:
    """Return what figures of all actors rest on, of whom what could not be tested, and where data ends.

    Of the kinds that were not asked for it says how many records there are. Nothing is given up.

    Parameters
    ----------
    nodes
        The actors that figures are told of.
    """
    index, asked = touches.index, touches.parameters
    walked = allowed(index, touches.asked, index.rows())
    gaps, objects = walked[index.arcs.tiers[walked] > 1], Objects(index, unindexed=unindexed)
    return {
        **of_question(touches, index.designations),
        "datasets": _datasets(index, set(asked.datasets) or None),
        "kinds_not_walked": _not_walked(touches, index.rows),
        "actors_without_upstream_links": int(dead_ends(index, nodes).sum()),
        **_of_nodes(touches, objects, unindexed, nodes),
        "continued_elsewhere": unknown.continued(touches, objects, nodes, np.zeros(len(nodes), np.int64)),
        **_of_links(touches, walked),
        "hs_of_earlier_editions": _earlier(touches, walked, index.designations),
        "contradictions": _contradictions(touches, objects, unindexed, nodes, walked),
        **unindexed.unwalked(nodes, asked.datasets),
        "declared_tier_gaps": len(np.unique(index.columns["record"][gaps])),
        "filtered_designations": [touches.state(e) for e in index.designations].count("left out"),
        "truncated": False,
    }


def _of_nodes(touches: Touches, objects: Objects, unindexed: Unindexed, nodes: Array) -> Json:
    """Return the limits that actors are counted in, or named."""
    index, reached = touches.index, set(nodes.tolist())
    place = index.place[nodes]
    return {
        "actors_without_country": int(unknown.without_country(index)[place].sum()),
        "place_unknown": int(unknown.without_region(touches)[place].sum()),
        "names_alike": list(unknown.alike(touches, objects, unindexed, reached)),
        "organisation_changes": list(unknown.changes(touches, objects, reached)),
        "doubtful_matches": sorted(index.names.id(index.iri(n)) for n in index.unsure if n in reached),
        "judgements_overruled": [objects.overruled(*pair) for pair in unindexed.overruled(reached)],
        "disputed": index.tables.disputed,
        "broken_references": int((index.columns["kind"][nodes] == 0).sum()),
    }


def _contradictions(
    touches: Touches, objects: Objects, unindexed: Unindexed, nodes: Array, walked: Array
) -> list[Json]:
    """Return what contradicts actors, walked links, or the designations that were searched."""
    if not unindexed.contradicted:
        return []
    reached = set(nodes.tolist())
    listed = {entry.iri for entry in touches.met(sorted(reached))}
    return list(map(objects.contradiction, unindexed.contradictions(reached, walked, listed)))


def _of_links(touches: Touches, walked: Array) -> Json:
    """Return the limits that the supply links among some are counted in.

    Where goods of places are listed, so are those of which nothing says what goes into them.
    """
    index = touches.index
    supply = walked[index.arcs.hop[walked] == SUPPLY]
    product = index.goods.product[index.arcs.goods[supply]]
    none, coded = product == NONE, np.array([bool(p.code) for p in index.every_product], np.bool_)
    return {
        "links_without_product": int(none.sum()),
        "links_without_code": int((~coded[product[~none]]).sum()),
        "links_without_inputs": int((coded & ~_fed(index))[product[~none]].sum())
        if goods_listed(touches)
        else 0,
    }


def _followed(trace: Trace) -> Array:
    """Return the arcs that a trace walks, and those behind its actors that it would walk but for their product."""
    index = trace.index
    if trace.parameters.product is None:
        return trace.walked
    ways = index.back if trace.parameters.downstream else index.out
    return allowed(index, trace.asked, leading(ways, trace.nodes))


def _earlier(touches: Touches, arcs: Array, searched: Sequence[Designation]) -> list[str]:
    """Return the HS codes that the newest edition no longer has: of some links and designations, and the asked one.

    No edition is joined to another.
    """
    index = touches.index
    supply = arcs[index.arcs.hop[arcs] == SUPPLY]
    carried = np.unique(index.goods.product[index.arcs.goods[supply]])
    found = {index.every_product[number].code for number in carried[carried != NONE].tolist()}
    found |= {good.code for entry in searched for good in (entry.product, *entry.scope) if good}
    found |= {touches.asked.product.code} if touches.asked.product else set()
    return sorted(filter(hs.earlier, found))


def goods_listed(touches: Touches) -> bool:
    """Return whether goods of places are listed by what counts at the asked time."""
    listed = (entry for entry in touches.index.designations if entry.place and entry.goods)
    return any(touches.state(entry) == "current" for entry in listed)


def _fed(index: Index) -> Array:
    """Return for each product whether something is said to go into it."""
    bits = np.bitwise_or.reduce(index.goods.bits, axis=0)
    found: Array = np.unpackbits(bits.view(np.uint8), bitorder="little")[: len(index.every_product)] == 1
    return found


def _touching(index: Index, nodes: Array) -> Array:
    """Return the numbers of all arcs that begin or end at some nodes."""
    return np.unique(np.concatenate([leading(ways, nodes) for ways in (index.out, index.back)]))


def registers(index: Index, touches: Touches, searched: Sequence[Designation]) -> Iterator[Json]:
    """Yield the searched designations by register and dataset."""
    groups: dict[tuple[str, str], list[Designation]] = {}
    for entry in searched:
        groups.setdefault((entry.register or entry.authority, entry.dataset), []).append(entry)
    for (register, dataset), entries in sorted(groups.items()):
        version = index.versions.get(dataset)
        yield {
            "register": register,
            "dataset": dataset,
            "edition": version and (version.package_version or None),
            "date": version and (version.created or None),
            "searched": len(entries),
            "in_force": sum(touches.states(entry) == ("current",) for entry in entries),
            "left_out": sum(left_out(touches, entry) for entry in entries),
        }


def left_out(touches: Touches, entry: Designation) -> bool:
    """Return whether a designation is in force at the asked time, and left out by what it lists for."""
    return touches.states(entry) == ("current",) and touches.state(entry) == "left out"


def filters(asked: Parameters) -> Json:
    """Return the active filters, by the names that faces have for them."""
    found: Json = {}
    for name, said in FILTERS.items():
        value = getattr(asked, name)
        if name not in _APART and value != getattr(Parameters, name):
            found[said.called] = list(value) if isinstance(value, tuple) else value
    return found


def _datasets(index: Index, only: Collection[str] | None) -> list[Json]:
    """Return the current versions that were searched, those of some datasets alone where they are given."""
    searched = [v for v in index.versions.values() if only is None or v.dataset in only]
    return [{"id": v.dataset, "version": v.number, "licence": v.licence} for v in searched]


def _not_walked(touches: Touches, among: Callable[[], Array]) -> dict[str, int]:
    """Return the kinds that were not asked for, and how many records of each there are among some arcs."""
    index, missing = touches.index, [kind for kind in KINDS if kind not in touches.parameters.kinds]
    if not index.tables.zero and "supply" not in missing:  # there are supply links alone
        return dict.fromkeys(missing, 0)
    arcs = among()
    arcs = arcs[np.array(index.tables.live, np.bool_)[index.arcs.dataset[arcs]]]
    found = {}
    for kind in missing:
        hops = [number for number, hop in enumerate(HOPS) if parted(hop)[0] == kind]
        found[kind] = len(np.unique(index.columns["record"][arcs[np.isin(index.arcs.hop[arcs], hops)]]))
    return found
