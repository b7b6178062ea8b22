"""The trace: which actors a walk reaches, at which tier, and by which paths. Plain, and correct by its shape.

A walk's state is everything that decides what may come next or what an end means: the actor, the kind of the
last hop, the carried product, and the last hop and product next to the traced end. Labels on a state are
Pareto-optimal in tiers, interval and (where a floor is asked for) confidence; the search settles them in order
of tiers. Reach and tiers come from the labels, paths from the transitions between states.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import count

from opentier.graph.model.dates import first_day, last_day
from opentier.graph.model.products import Product
from opentier.graph.network.network import Arc
from opentier.graph.trace.parameters import Parameters, floor, window
from opentier.graph.trace.paths import Path
from tests.oracles.plain.continuity import Continuity, Downstream, NotAsked, Upstream
from tests.oracles.plain.network import Index
from tests.oracles.plain.paths import Paths, State, Transitions, Walk


@dataclass
class Trace:
    """A finished search over an index.

    Attributes
    ----------
    tiers : dict
        The smallest number of tiers of every reached actor, by IRI; the root has 0.
    states : dict
        The smallest number of tiers of every state in which a walk may end.
    walks : dict
        A walk with that number of tiers to every state, accepted as an end or not.
    surest : dict
        The highest confidence of any walk to a state, where a floor is asked for.
    """

    index: Index
    root: str
    parameters: Parameters
    continuity: Continuity
    tiers: dict[str, int]
    states: dict[State, int]
    transitions: Transitions
    starts: list[State]
    walks: dict[State, Walk]
    surest: dict[State, Fraction | int]
    walked: dict[str, Arc] = field(default_factory=dict)

    @cached_property
    def _paths(self) -> Paths:
        return Paths(self.parameters, self.continuity, self.transitions, self.starts, self.walks, self.surest)

    @property
    def truncated(self) -> bool:
        """Whether the search for more paths of some end was given up."""
        return self._paths.truncated

    def paths(self, ends: list[State], wanted: int) -> list[Path]:
        """Return the best paths to any of some states."""
        return self._paths.best(ends, wanted)


def follows(hop: str, after: str) -> bool:
    """Return whether hop kind `hop` may come after hop kind `after` on a path from buyer to supplier.

    Between two supply hops the hops that add no tier go one way only, up or down; after a recruitment or
    co-location hop only a supply or a recruitment hop may come.
    """
    if hop == "supply" or after in ("start", "supply"):
        return True
    if after in ("recruitment", "co-location"):
        return hop == "recruitment"
    if hop in ("recruitment", "co-location"):
        return True
    return hop.rpartition("-")[2] == after.rpartition("-")[2]


def trace(index: Index, root: str, parameters: Parameters) -> Trace:
    """Search all admissible walks from `root` (a canonical actor's IRI)."""
    return _Search(index, root, parameters).run()


class _Search:
    """One run of the search."""

    def __init__(self, index: Index, root: str, parameters: Parameters) -> None:
        self.index, self.root, self.parameters = index, root, parameters
        self.continuity = _continuity(index, parameters)
        self.arcs = index.downstream if parameters.downstream else index.upstream
        self.floor = floor(parameters)
        self.fits = _Filter(index, parameters)
        self.transitions: Transitions = {}
        self.settled: dict[State, list[Walk]] = {}
        self.walked: dict[str, Arc] = {}

    def run(self) -> Trace:
        since, until = window(self.parameters)
        starts = [
            State(self.root, "start", carried, "start", None, False) for carried in self.continuity.start()
        ]
        order = count()
        heap = [(0, next(order), Walk(state, 0, since, until, 1)) for state in starts]
        while heap:
            _, _, label = heapq.heappop(heap)
            if self._dominated(label):
                continue
            self.settled.setdefault(label.state, []).append(label)
            for arc in self.arcs.get(label.state.actor, ()):
                for longer in self._onward(label, arc):
                    heapq.heappush(heap, (longer.tiers, next(order), longer))
        return self._result(starts)

    def _dominated(self, label: Walk) -> bool:
        """Return whether a label of no more tiers is at least as wide and as sure."""
        return any(
            other.start <= label.start and other.end >= label.end and other.confidence >= label.confidence
            for other in self.settled.get(label.state, ())
        )

    def _onward(self, label: Walk, arc: Arc) -> Iterator[Walk]:
        most = self.parameters.max_tier
        tiers, start, end = label.tiers + arc.tiers, max(label.start, arc.start), min(label.end, arc.end)
        if (most is not None and tiers > most) or start > end or not self.fits(arc):
            return
        confidence = label.confidence * arc.confidence if self.floor else 1
        if confidence < self.floor:
            return
        for following in self._states(label.state, arc):
            self.transitions.setdefault(following, {})[(label.state, arc)] = None
            self.walked[arc.record] = arc
            yield Walk(following, tiers, start, end, confidence, arc, label)

    def _states(self, state: State, arc: Arc) -> Iterator[State]:
        downstream = self.parameters.downstream
        hop = f"{arc.kind}-{arc.direction}" if arc.direction else arc.kind
        if not (follows(state.hop, hop) if downstream and state.hop != "start" else follows(hop, state.hop)):
            return
        actor = arc.tail if downstream else arc.head
        end_hop = state.end_hop if downstream and state.end_hop != "start" else hop
        nearest = arc.kind == "supply" and not (downstream and state.supplied)
        end_product = arc.product if nearest else state.end_product
        supplied = state.supplied or arc.kind == "supply"
        following = self.continuity.step(state.carried, arc) if arc.kind == "supply" else [state.carried]
        for carried in following:
            yield State(actor, hop, carried, end_hop, end_product, supplied)

    def _result(self, starts: list[State]) -> Trace:
        walks = {state: labels[0] for state, labels in self.settled.items()}
        states = {
            state: walk.tiers for state, walk in walks.items() if self.continuity.accepts(state.carried)
        }
        tiers: dict[str, int] = {}
        for state, tier in states.items():
            tiers[state.actor] = min(tier, tiers.get(state.actor, tier))
        return Trace(
            index=self.index,
            root=self.root,
            parameters=self.parameters,
            continuity=self.continuity,
            tiers=tiers,
            states=states,
            transitions=self.transitions,
            starts=starts,
            walks=walks,
            surest={
                state: max(label.confidence for label in labels) for state, labels in self.settled.items()
            },
            walked=self.walked,
        )


class _Filter:
    """Whether a link may be walked at all, whatever the walk."""

    def __init__(self, index: Index, parameters: Parameters) -> None:
        self.index, self.parameters = index, parameters
        self.least = Fraction(str(parameters.min_confidence or 0))
        self.day = first_day(parameters.on) if parameters.on else None
        self.seen = first_day(parameters.observed_since) if parameters.observed_since else None

    def __call__(self, arc: Arc) -> bool:
        asked = self.parameters
        if arc.kind not in asked.kinds or not arc.confidence or arc.confidence < self.least:
            return False  # a link of confidence 0 is kept and never walked
        if self.day is not None and not arc.start <= self.day <= arc.end:
            return False
        if asked.datasets and arc.dataset not in asked.datasets:
            return False
        if arc.kind == "ownership":
            return arc.controlling if arc.share is None else arc.share >= asked.min_share
        if arc.kind != "supply":
            return True
        if self.seen is not None and (arc.observed is None or last_day(arc.observed) < self.seen):
            return False
        actor = self.index.actors.get(arc.head)
        places = actor.places if actor else ()
        return not asked.countries or any(place.country in asked.countries for place in places)


def _continuity(index: Index, parameters: Parameters) -> Continuity:
    if parameters.product is None:
        return NotAsked()
    said, iri = parameters.product, index.names.hs(parameters.product)
    asked = index.products.get(said) or index.products.get(iri) or Product(iri, said)
    kind = Downstream if parameters.downstream else Upstream
    return kind(asked, index.inputs, parameters.strict_product)
