"""Chokepoints: actors by the number of exposures that end when they are taken away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opentier.graph.exposure.exposures import Exposure
from opentier.graph.network.network import Actor
from opentier.graph.trace.states import End
from opentier.graph.trace.walks import Trace

#: Of a trace, how many candidates are looked at together.
_TOGETHER = 512
#: How many times quicker a search is that bounds neither tiers nor confidence; actors that one searches for a path.
_SOON, _PATH = 4, 500
#: How many reached actors are looked at in all, one trace after the other, until the search is given up.
_LOOKED_AT = 2_000_000


@dataclass(frozen=True)
class Chokepoints:
    """The actors that exposures hang on, those of most exposures first, and whether the search was given up."""

    actors: tuple[tuple[Actor, int], ...]
    truncated: bool


def chokepoints(trace: Trace, exposures: Sequence[Exposure]) -> Chokepoints:
    """Return the chokepoints of a trace: exact, by asking again without each candidate.

    Candidates are the actors between the root and the exposed one on every printed path of an exposure that counts;
    what ends nothing is not listed. All are asked for together first, as if days, confidence and tiers decided nothing.
    Where they do, an exposure to which a path is soon found that leaves the candidate out stands; the others are
    searched for again, candidate by candidate.
    """
    hanging: dict[str, list[Exposure]] = defaultdict(list)
    for exposure in exposures:
        if exposure.state == "current":
            for iri in _between(exposure, trace.root):
                hanging[iri].append(exposure)
    ranked = sorted(hanging.items(), key=lambda item: (-len(item[1]), item[0]))
    known = [(node, hung) for iri, hung in ranked if (node := trace.index.node(iri)) is not None]
    ended: dict[int, int] = {}
    left, truncated = _LOOKED_AT, False
    for first in range(0, len(known), _TOGETHER):
        some = known[first : first + _TOGETHER]
        passed = trace.passed_by([node for node, _ in some])
        for number, (node, hung) in enumerate(some):
            stand = [e for e in hung if passed[[end.state for end in e.ends], number].any()]
            ended[node] = len(hung) - len(stand)
            doubtful = [] if trace.asked.timeless else _doubtful(trace, node, stand)
            if doubtful:
                left -= len(trace.nodes) // (_SOON if trace.asked.ask.endless else 1)
                if left < 0:
                    truncated = True
                else:
                    ended[node] += _ended(trace, node, doubtful)
    counted = [(trace.index.actor(node), count) for node, count in ended.items() if count]
    counted.sort(key=lambda one: (-one[1], one[0].iri))
    return Chokepoints(tuple(counted), truncated)


def _doubtful(trace: Trace, node: int, exposures: Sequence[Exposure]) -> Sequence[Exposure]:
    """Return those of some exposures to which no walk is soon found that leaves a node out."""
    beside = trace.beside(node, [e.ends for e in exposures])
    left = [e for e, found in zip(exposures, beside.tolist(), strict=True) if e.spans or not found]
    if len(left) * _PATH > len(trace.nodes):  # a search for all of them is quicker
        return left
    return [e for e in left if not trace.passes(node, e.ends, e.spans)]


def _ended(trace: Trace, node: int, exposures: Sequence[Exposure]) -> int:
    """Return how many of some exposures end without a node."""
    nodes = sorted({end.node for each in exposures for end in each.ends})
    again = trace.without(node, nodes)
    left: dict[object, End] = {(end.node, end.hop, end.product): end for end in again.ends(nodes)}
    return sum(not _stands(again, each, left) for each in exposures)


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
