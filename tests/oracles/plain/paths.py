"""The best paths to the ends of a trace, searched in the transitions between its states.

Best first over partial paths, with the exact cost of what is missing as the bound, so that the first path found is
the best. Order: tiers, then confidence descending, then the IRIs of records and actors, compared from the traced end.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import count

from opentier.graph.model.products import Product
from opentier.graph.network.network import Arc
from opentier.graph.trace.parameters import Parameters, floor, window
from opentier.graph.trace.paths import Path, path
from tests.oracles.plain.continuity import UNKNOWN, Carried, Continuity, Downstream, carried_on

#: Partial paths looked at for one exposure before the search for more paths is given up.
MAX_PARTIAL_PATHS = 20_000


@dataclass(frozen=True, slots=True)
class State:
    """Where a walk stands, and all that decides how it may go on and what its end means."""

    actor: str
    hop: str  # "start", or kind and direction of the last hop: "supply", "ownership-up", ...
    carried: Carried
    end_hop: str  # the hop next to the traced end: the last one upstream, the first one downstream
    end_product: Product | None  # of the supply link next to the traced end
    supplied: bool  # whether the walk has a supply link


Transitions = dict[State, dict[tuple[State, Arc], None]]
_Place = tuple[str, Carried]
#: Tiers and (negative) confidence of the best path through a step, its record and actor, the state before, the arc.
_Step = tuple[int, Fraction | int, str, str, State, Arc]
#: Cost, order of arrival, partial path, and the place of its last step among the steps from where it came.
_Entry = tuple[int, Fraction | int, tuple[str, ...], int, "_Partial", int]


@dataclass
class Paths:
    """The paths of one trace; the attributes are those of the trace."""

    parameters: Parameters
    continuity: Continuity
    transitions: Transitions
    starts: list[State]
    walks: Mapping[State, Walk]
    surest: Mapping[State, Fraction | int]
    truncated: bool = False
    _steps: dict[State, list[_Step]] = field(default_factory=dict)

    @cached_property
    def _least(self) -> Fraction:
        return floor(self.parameters)

    @cached_property
    def bounds(self) -> dict[State, tuple[int, Fraction | int]]:
        """Fewest tiers and, among those, highest confidence of any walk to a state, whatever its dates."""
        onward: dict[State, list[tuple[State, Arc]]] = {}
        for state, before in self.transitions.items():
            for previous, arc in before:
                onward.setdefault(previous, []).append((state, arc))
        found: dict[State, tuple[int, Fraction | int]] = {}
        order = count()
        heap: list[tuple[int, Fraction | int, int, State]] = [
            (0, -1, next(order), state) for state in self.starts
        ]
        while heap:
            tiers, minus, _, state = heapq.heappop(heap)
            if state in found:
                continue
            found[state] = (tiers, -minus)
            for following, arc in onward.get(state, ()):
                if following not in found:
                    heapq.heappush(heap, (tiers + arc.tiers, minus * arc.confidence, next(order), following))
        return found

    def best(self, ends: list[State], wanted: int) -> list[Path]:
        """Return the best paths to any of some states: by tiers, confidence descending, then IRIs.

        The IRIs of actors and records are compared from the traced end. Best-first search over partial paths
        with the exact cost of what is missing (`bounds`), so the first path found is the best. Where there is
        none that repeats no actor, a walk of the search stands for it.
        """
        found = list(self._search(ends, wanted))
        return found or [min(map(self._walk, ends), key=_rank)]

    def _search(self, ends: list[State], wanted: int) -> Iterator[Path]:
        since, until = window(self.parameters)
        order = count()
        heap: list[_Entry] = []
        root = {_place(start) for start in self.starts} if self._rooted else set()
        for state in ends:
            place = self._arrival(state)
            if place in root and state not in self.starts:
                continue  # a walk that comes back to the root
            tiers, confidence = self.bounds[state]
            part = _Partial(state, None, None, 0, 1, since, until, place, frozenset({place} | root))
            heapq.heappush(heap, (tiers, -confidence, (state.actor,), next(order), part, 0))
        starts, yielded = set(self.starts), set()
        for _ in range(MAX_PARTIAL_PATHS):
            if not heap:
                return
            _, _, key, _, part, rank = heapq.heappop(heap)
            if part.rest is not None:
                self._offer(heap, part.rest, rank + 1, key[:-2], order)
            if part.state not in starts:
                self._offer(heap, part, 0, key, order)
                continue
            path = self._path(part.arcs()[:: -1 if self.parameters.downstream else 1], simple=True)
            identity = tuple((arc.record, arc.tail) for arc in path.arcs)
            if identity not in yielded:
                yielded.add(identity)
                yield path
            if len(yielded) == wanted:
                return
        self.truncated = True

    def _offer(
        self,
        heap: list[_Entry],
        part: _Partial,
        first: int,
        key: tuple[str, ...],
        order: Iterator[int],
    ) -> None:
        """Put the best admissible lengthening of a partial path, from rank `first` of its order on, on the heap."""
        least, most = self._least, self.parameters.max_tier
        ranked = self._ranked(part.state)
        for rank in range(first, len(ranked)):
            ahead, minus, record, actor, before, arc = ranked[rank]
            start, end = max(part.start, arc.start), min(part.end, arc.end)
            if most is not None and part.tiers + ahead > most:
                return
            place, confidence = self._arrival(before, part, arc), part.confidence * arc.confidence
            again = place in part.places and not (self._rooted and before.hop == "start")
            if start > end or again or confidence * self.surest[before] < least:
                continue
            tiers, places = part.tiers + arc.tiers, part.places | {place}
            longer = _Partial(before, arc, part, tiers, confidence, start, end, place, places)
            cost = (part.tiers + ahead, minus * part.confidence, (*key, record, actor))
            heapq.heappush(heap, (*cost, next(order), longer, rank))
            return

    @property
    def _rooted(self) -> bool:
        """Whether what is carried at the root is known before a path comes there."""
        return not isinstance(self.continuity, Downstream)

    def _arrival(self, state: State, part: _Partial | None = None, arc: Arc | None = None) -> _Place:
        """Return what a path may not repeat: an actor or, where a product was asked for, an actor with a product.

        The product is the one that the link to the actor carries. Downstream, a state knows the link from the
        actor on; but paths are searched from the buyer, so the product is known from the path.
        """
        if not isinstance(self.continuity, Downstream):
            return _place(state)
        carried = part.place[1] if part else Carried("product", self.continuity.asked)
        return state.actor, _carried(carried, arc) if arc else carried

    def _ranked(self, state: State) -> list[_Step]:
        """Return the steps back from a state, by the best cost of a path through each: their order is the same
        whatever follows, since tiers add up and confidences multiply.
        """
        found = self._steps.get(state)
        if found is None:
            steps = []
            for before, arc in self.transitions.get(state, ()):
                tiers, confidence = self.bounds[before]
                cost = (tiers + arc.tiers, -confidence * arc.confidence, arc.record, before.actor)
                steps.append((*cost, before, arc))
            found = self._steps[state] = sorted(steps, key=lambda step: step[:4])
        return found

    def _walk(self, state: State) -> Path:
        """Return the walk by which the search came to a state first."""
        arcs = self.walks[state].arcs()
        if not self.parameters.downstream:
            arcs.reverse()
        asked = self.continuity.asked
        places: list[_Place] = [(arcs[0].tail, Carried("product", asked))] if arcs else []
        for arc in arcs:
            places.append((arc.head, _carried(places[-1][1], arc) if asked else places[-1][1]))
        return self._path(arcs, simple=len(set(places)) == len(places))

    def _path(self, arcs: list[Arc], *, simple: bool) -> Path:
        return path(arcs, asked=self.parameters.product is not None, simple=simple)


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """A walk to a state: what the search settles."""

    state: State
    tiers: int
    start: int
    end: int
    confidence: Fraction | int  # 1 where no floor is asked for
    arc: Arc | None = None
    rest: Walk | None = None

    def arcs(self) -> list[Arc]:
        """Return its arcs, the last one first."""
        return _chain(self)


@dataclass(frozen=True, slots=True)
class _Partial:
    """A path from some state to the traced end."""

    state: State
    arc: Arc | None
    rest: _Partial | None
    tiers: int
    confidence: Fraction | int
    start: int
    end: int
    place: _Place
    places: frozenset[_Place]

    def arcs(self) -> list[Arc]:
        """Return its arcs, from where it stands to the traced end."""
        return _chain(self)


def _chain(last: Walk | _Partial) -> list[Arc]:
    arcs, here = [], last
    while here.arc is not None and here.rest is not None:
        arcs.append(here.arc)
        here = here.rest
    return arcs


def _carried(carried: Carried, arc: Arc) -> Carried:
    """Return what an admissible path carries after an arc, walked from its buyer's side."""
    if arc.kind != "supply" or carried == UNKNOWN:
        return carried
    if arc.product is None or carried.product is None:
        return UNKNOWN
    return Carried("product", carried_on(carried.product, arc.product))


def _rank(path: Path) -> tuple[int, Fraction | int, list[str]]:
    return path.tiers, -path.confidence, [arc.record for arc in path.arcs]


def _place(state: State) -> _Place:
    """Return the actor of a state and what was carried to it."""
    carried = state.carried
    return state.actor, Carried("product", carried.product) if carried.product else carried
