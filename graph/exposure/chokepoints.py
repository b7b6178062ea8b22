"""Chokepoints: actors by the number of exposures that end when they are taken away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opentier.graph.exposure.exposures import Exposure
from opentier.graph.index.network import Actor
from opentier.graph.trace.walks import End, Trace

#: How many reached actors are looked at in all, one trace after the other, until the search is given up.
_LOOKED_AT = 4_000_000


@dataclass(frozen=True)
class Chokepoints:
    """The actors that exposures hang on, those of most exposures first, and whether the search was given up."""

    actors: tuple[tuple[Actor, int], ...]
    truncated: bool


def chokepoints(trace: Trace, exposures: Sequence[Exposure]) -> Chokepoints:
    """Return the chokepoints of a trace: exact, by asking again without each candidate.

    Candidates are the actors between the root and the exposed one on every printed path of an exposure that counts;
    what ends nothing is not listed.
    """
    hanging: dict[str, list[Exposure]] = defaultdict(list)
    for exposure in exposures:
        if exposure.state == "current":
            for iri in _between(exposure, trace.root):
                hanging[iri].append(exposure)
    ranked = sorted(hanging.items(), key=lambda item: (-len(item[1]), item[0]))
    most = max(1, _LOOKED_AT // max(len(trace.nodes), 1))
    found = []
    for iri, hung in ranked[:most]:
        node = trace.index.node(iri)
        assert node is not None  # it stands on a path
        again = trace.without(node)
        left: dict[object, End] = {(end.node, end.hop, end.product): end for end in again.ends()}
        ended = sum(not _stands(again, each, left) for each in hung)
        if ended:
            found.append((trace.index.actor(node), ended))
    found.sort(key=lambda one: (-one[1], one[0].iri))
    return Chokepoints(tuple(found), len(ranked) > most)


def _stands(again: Trace, exposure: Exposure, left: Mapping[object, End]) -> bool:
    """Return whether a walk is left to some end of an exposure."""
    for end in exposure.ends:
        still = left.get((end.node, end.hop, end.product))
        if still is not None and (not exposure.spans or again.lives(still, exposure.spans)):
            return True
    return False


def _between(exposure: Exposure, root: str) -> set[str]:
    """Return the actors between the root and the exposed one on every printed path."""
    on_all: set[str] | None = None
    for path in exposure.paths:
        here = {arc.head for arc in path.arcs[:-1]}
        on_all = here if on_all is None else on_all & here
    return (on_all or set()) - {root, exposure.actor}
