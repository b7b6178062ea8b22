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

from opentier.graph.continuity import UNKNOWN, Carried, Continuity, Downstream, NotAsked, Upstream
from opentier.graph.dates import EVER, NEVER, first_day, last_day
from opentier.graph.network import Arc, Index
from opentier.graph.products import Product

#: Partial paths looked at for one exposure before the search for more paths is given up.
MAX_PARTIAL_PATHS = 20_000


@dataclass(frozen=True)
class Parameters:
    """What is asked of a trace; every field is as understood, dates as ISO 8601."""

    downstream: bool = False
    product: str | None = None
    on: str | None = None
    since: str | None = None
    until: str | None = None
    max_tier: int | None = None
    min_confidence: float | None = None
    min_path_confidence: float | None = None
    observed_since: str | None = None
    kinds: tuple[str, ...] = ("supply", "operation")
    min_share: float = 50.0
    strict_product: bool = False
    countries: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    past: bool = False
    paths: int = 3


@dataclass(frozen=True, slots=True)
class State:
    """Where a walk stands, and all that decides how it may go on and what its end means."""

    actor: str
    hop: str  # "start", or kind and direction of the last hop: "supply", "ownership-up", ...
    carried: Carried
    end_hop: str  # the hop next to the traced end: the last one upstream, the first one downstream
    end_product: Product | None  # of the supply link next to the traced end
    supplied: bool  # whether the walk has a supply link


@dataclass(frozen=True, slots=True)
class Path:
    """An admissible path, its arcs from the buyer's side to the supplier's side."""

    arcs: tuple[Arc, ...]
    tiers: int
    confidence: Fraction | int
    start: int
    end: int
    unknown: bool
    simple: bool


Transitions = dict[State, dict[tuple[State, Arc], None]]
_Place = tuple[str, Carried]
#: Tiers and (negative) confidence of the best path through a step, its record and actor, the state before, the arc.
_Step = tuple[int, Fraction | int, str, str, State, Arc]
#: Cost, order of arrival, partial path, and the place of its last step among the steps from where it came.
_Entry = tuple[int, Fraction | int, tuple[str, ...], int, "_Partial", int]


@dataclass
class Trace:
    """A finished search over an index.

    Attributes
    ----------
    tiers : dict
        The smallest number of tiers of every reached actor, by IRI; the root has 0.
    states : dict
        The smallest number of tiers of every state in which a walk may end.
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
    surest: dict[State, Fraction | int]
    walked: dict[str, Arc] = field(default_factory=dict)
    truncated: bool = False
    _steps: dict[State, list[_Step]] = field(default_factory=dict)

    @cached_property
    def _least(self) -> Fraction:
        return _floor(self.parameters)

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

    def paths(self, ends: list[State], wanted: int) -> list[Path]:
        """Return the best paths to any of some states: by tiers, confidence descending, then IRIs.

        The IRIs of actors and records are compared from the traced end. Best-first search over partial paths
        with the exact cost of what is missing (`bounds`), so the first path found is the best.
        """
        found = list(self._search(ends, wanted, simple=True))
        return found or list(self._search(ends, 1, simple=False))

    def _search(self, ends: list[State], wanted: int, *, simple: bool) -> Iterator[Path]:
        since, until = window(self.parameters)
        order = count()
        heap: list[_Entry] = []
        root = {_place(start) for start in self.starts} if self._rooted else set()
        for state in ends:
            place = self._arrival(state)
            if simple and place in root and state not in self.starts:
                continue  # a walk that comes back to the root
            tiers, confidence = self.bounds[state]
            visited = {place} | (root if simple else set())
            part = _Partial(state, None, None, 0, 1, since, until, place, frozenset(visited))
            heapq.heappush(heap, (tiers, -confidence, (state.actor,), next(order), part, 0))
        starts, yielded = set(self.starts), set()
        for _ in range(MAX_PARTIAL_PATHS):
            if not heap:
                return
            _, _, key, _, part, rank = heapq.heappop(heap)
            if part.rest is not None and part.rest.confidence:
                self._offer(heap, part.rest, rank + 1, key[:-2], order, simple)
            if part.state not in starts:
                self._offer(heap, part, 0, key, order, simple)
                continue
            path = self._path(part, simple)
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
        simple: bool,
    ) -> None:
        """Put the best admissible lengthening of a partial path, from rank `first` of its order on, on the heap.

        Where the path has no confidence left the order does not hold, and all of them go there.
        """
        floor, most = self._least, self.parameters.max_tier
        ranked = self._ranked(part.state)
        for rank in range(first, len(ranked)):
            ahead, minus, record, actor, before, arc = ranked[rank]
            start, end = max(part.start, arc.start), min(part.end, arc.end)
            if most is not None and part.tiers + ahead > most:
                return
            place, confidence = self._arrival(before, part, arc), part.confidence * arc.confidence
            again = simple and place in part.places and not (self._rooted and before.hop == "start")
            if start > end or again or confidence * self.surest[before] < floor:
                continue
            tiers, places = part.tiers + arc.tiers, part.places | {place}
            longer = _Partial(before, arc, part, tiers, confidence, start, end, place, places)
            cost = (part.tiers + ahead, minus * part.confidence, (*key, record, actor))
            heapq.heappush(heap, (*cost, next(order), longer, rank))
            if part.confidence:
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
        if arc is not None and arc.kind == "supply" and carried != UNKNOWN:
            carried = Carried("product", arc.product) if arc.product else UNKNOWN
        return state.actor, carried

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

    def _path(self, part: _Partial, simple: bool) -> Path:
        arcs, states, here = [], [part.state], part
        while here.rest is not None and here.arc is not None:
            arcs.append(here.arc)
            here = here.rest
            states.append(here.state)
        if self.parameters.downstream:
            arcs.reverse()
        return Path(
            arcs=tuple(arcs),
            tiers=part.tiers,
            confidence=part.confidence,
            start=max((arc.start for arc in arcs), default=EVER),
            end=min((arc.end for arc in arcs), default=NEVER),
            unknown=any(state.carried.state in ("unknown", "open") for state in states),
            simple=simple,
        )


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


def _place(state: State) -> _Place:
    """Return the actor of a state and what was carried to it."""
    carried = state.carried
    return state.actor, Carried("product", carried.product) if carried.product else carried


def window(parameters: Parameters) -> tuple[int, int]:
    """Return the first and the last day of the asked window; all time where none is asked."""
    if parameters.on:
        return first_day(parameters.on), last_day(parameters.on)
    return (
        first_day(parameters.since) if parameters.since else EVER,
        last_day(parameters.until) if parameters.until else NEVER,
    )


def _floor(parameters: Parameters) -> Fraction:
    return Fraction(str(parameters.min_path_confidence or 0))


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
        self.floor = _floor(parameters)
        self.fits = _Filter(index, parameters)
        self.transitions: Transitions = {}
        self.settled: dict[State, list[tuple[int, int, int, Fraction | int]]] = {}
        self.walked: dict[str, Arc] = {}

    def run(self) -> Trace:
        since, until = window(self.parameters)
        starts = [
            State(self.root, "start", carried, "start", None, False) for carried in self.continuity.start()
        ]
        order = count()
        heap = [(0, next(order), state, since, until, Fraction(1)) for state in starts]
        while heap:
            tiers, _, state, start, end, confidence = heapq.heappop(heap)
            if self._dominated(state, start, end, confidence):
                continue
            self.settled.setdefault(state, []).append((tiers, start, end, confidence))
            for arc in self.arcs.get(state.actor, ()):
                for label in self._onward(state, arc, tiers, start, end, confidence):
                    heapq.heappush(heap, (label[0], next(order), *label[1:]))
        return self._result(starts)

    def _dominated(self, state: State, start: int, end: int, confidence: Fraction | int) -> bool:
        """Return whether a label of no more tiers is at least as wide and as sure."""
        return any(
            low <= start and high >= end and (not self.floor or sure >= confidence)
            for _, low, high, sure in self.settled.get(state, ())
        )

    def _onward(
        self, state: State, arc: Arc, tiers: int, start: int, end: int, confidence: Fraction | int
    ) -> Iterator[tuple[int, State, int, int, Fraction]]:
        most = self.parameters.max_tier
        if (most is not None and tiers + arc.tiers > most) or not self.fits(arc):
            return
        low, high = max(start, arc.start), min(end, arc.end)
        sure = Fraction(confidence * arc.confidence) if self.floor else Fraction(1)
        if low > high or sure < self.floor:
            return
        for following in self._states(state, arc):
            self.transitions.setdefault(following, {})[(state, arc)] = None
            self.walked[arc.record] = arc
            yield tiers + arc.tiers, following, low, high, sure

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
        states = {
            state: min(label[0] for label in labels)
            for state, labels in self.settled.items()
            if self.continuity.accepts(state.carried)
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
            surest={state: max(label[3] for label in labels) for state, labels in self.settled.items()},
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
        if arc.kind not in asked.kinds or arc.confidence < self.least:
            return False
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
    asked = index.products.get(parameters.product) or Product(
        index.names.hs(parameters.product), parameters.product
    )
    kind = Downstream if parameters.downstream else Upstream
    return kind(asked, index.inputs, parameters.strict_product)
