"""Asking peers what our engine was asked, checking that the answers are equal, and adding the rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tests.benchmarks import chains
from tests.benchmarks.chains import Array, Chain
from tests.benchmarks.ours import Engine
from tests.benchmarks.peers import DoesNotFit, Peer
from tests.benchmarks.table import Goal, Row, Table, timed

#: Seconds of one call after which a peer is not asked at the next size, and of preparing a graph.
PATIENCE, PREPARING = 60.0, 600.0
#: The graph that a work needs, where it is not the plain one.
KINDS = {"reach_filtered": "multi", "paths": "costed", "nearest": "reverse", "shares": "weighted"}

Question = tuple[Any, ...]
#: Fails where a peer's answer to the question of a number is wrong.
Check = Callable[[Peer, Any, int], None]


@dataclass
class Bench:
    """One size: its chain, our engine over it and the peers."""

    size: str
    chain: Chain
    ours: Engine
    peers: list[Peer]
    table: Table
    #: The longest single call by peer and work: at smaller sizes, and until now.
    earlier: dict[tuple[str, str], float]
    longest: dict[tuple[str, str], float]
    loaded: set[str] = field(default_factory=set)
    #: What was asked already: the peer's seconds for each question.
    asked: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def against(
        self, row: Row, method: str, questions: Sequence[Question], ours: Sequence[float], check: Check,
        ratios: Mapping[str, float], *, extra: float = 0.0, scale: float = 1.0,
    ) -> None:  # fmt: skip
        """Ask every peer that knows the method the questions, check its answers and add its row, made from `row`.

        `ours` is our seconds for each question, `extra` those to add to each, `scale` what the peer's seconds
        are multiplied by where only a sample was asked. `ratios` are the goals, by peer.
        """
        for peer in (peer for peer in self.peers if hasattr(peer, method)):
            goal = Goal(ratios[peer.name]) if peer.name in ratios else None
            made = replace(row, size=self.size, peer=peer.name, version=peer.version, goal=goal)
            if excuse := self._excuse(peer, method):
                self.table.add(replace(made, ours=sum(ours) + extra * len(ours), note=excuse))
                continue
            took = self._ask(peer, method, questions, check)
            mine, theirs = sum(ours[: len(took)]) + extra * len(took), sum(took) * scale
            fewer = f"{len(took)} of {len(questions)} asked" if len(took) < len(questions) else ""
            note = "; ".join(filter(None, (row.note, peer.lacks.get(method), fewer)))
            self.table.add(replace(made, ours=mine, theirs=theirs, ratio=theirs / mine, note=note))

    def close(self) -> None:
        """Let go of all peers."""
        for peer in self.peers:
            if peer.name in self.loaded:
                peer.close()

    def _excuse(self, peer: Peer, method: str) -> str:
        """Return why the peer is not asked, if it is not; load it and what the method needs if it is."""
        key, stands = (peer.name, method), "the smaller size's ratio stands"
        if not peer.installed:
            return "not installed"
        if self.chain.links > peer.largest:
            return f"too large for it; {stands}"
        if (before := self.earlier.get(key, 0.0)) > PATIENCE:
            return f"one call took {before:.0f} s at the smaller size"
        kind = KINDS.get(method, "plain")
        preparing = (peer.name, f"prepare {kind}")
        # A size has about ten times the links of the one before.
        if self.earlier.get(preparing, 0.0) > PREPARING / 10:
            return f"its graph would take more than 10 minutes to build; {stands}"
        if peer.name not in self.loaded:
            self.loaded.add(peer.name)
            peer.load(self.chain)
        try:
            seconds, _ = timed(lambda: peer.prepare(kind), 1)
        except DoesNotFit as why:
            return f"{why}; {stands}"
        self.longest[preparing] = max(seconds, self.longest.get(preparing, 0.0))
        return ""

    def _ask(self, peer: Peer, method: str, questions: Sequence[Question], check: Check) -> list[float]:
        """Return the peer's seconds for each question: the first ones only where they took long."""
        key = (peer.name, method)
        if key not in self.asked:
            took = self.asked[key] = []
            for number, question in enumerate(questions):
                seconds, answer = timed(lambda: getattr(peer, method)(*question), 3, 5.0)  # noqa: B023
                check(peer, answer, number)
                took.append(seconds)
                self.longest[key] = max(seconds, self.longest.get(key, 0.0))
                if seconds > 10.0:
                    break
        return self.asked[key]


def ask(
    work: Callable[..., Any], questions: Sequence[Question], repeat: int = 9
) -> tuple[list[float], list[Any]]:
    """Return our seconds and answers for every question."""
    work(*questions[0])
    done = [timed(lambda: work(*question), repeat, 5.0) for question in questions]  # noqa: B023
    return [seconds for seconds, _ in done], [answer for _, answer in done]


def spread(chain: Chain, actors: Array, tiers: Array | None) -> Array:
    """Return the tiers of all actors, -1 for those not reached; 0 for the reached where there are no tiers."""
    found = np.full(chain.actors, -1, np.int64)
    found[actors] = 0 if tiers is None else tiers
    return found


def same_reach(chain: Chain, asked: Sequence[Question], expected: list[Array]) -> Check:
    """Return the check of a peer's reach: the same actors, at the same tiers where it gives any."""

    def check(peer: Peer, answer: Any, number: int) -> None:
        actors, tiers = peer.read(answer)
        found = spread(chain, actors, tiers)
        found[asked[number][0]] = 0
        right = expected[number] if tiers is not None else np.minimum(expected[number], 0)
        assert np.array_equal(found, right), f"{peer.name} differs"

    return check


def reaches(bench: Bench, asked: Sequence[Question], answers: list[Any], live: Array | None) -> list[Array]:
    """Check our answers against a plain search, and return them as the tiers of all actors."""
    found = [spread(bench.chain, *answer) for answer in answers]
    for (root, most, *_), tiers in zip(asked, found, strict=True):
        assert np.array_equal(tiers, chains.tiers(bench.chain, root, most, live)), "ours differs"
    return found


def traced(chain: Chain, root: int, product: int, live: Array) -> dict[int, int]:
    """Trace a product by hand: states are (actor, carried product)."""
    goes = {made: {made} for made in range(len(chain.products))}
    for made in sorted(goes, reverse=True):
        goes[made].update(*(goes[given] for given, into in chain.inputs if into == made))
    order, begins = chain.rows
    tiers, states, new = {root: 0}, {(root, product)}, [(root, product)]
    tier = 0
    while new:
        tier, old, new = tier + 1, new, []
        for actor, carried in old:
            links = order[begins[actor] : begins[actor + 1]]
            links = links[live[links]]
            for state in zip(chain.supplier[links].tolist(), chain.product[links].tolist(), strict=True):
                fits = state[1] == product if tier == 1 else state[1] in goes[carried]
                if fits and (state not in states or tier == 1):
                    states.add(state)
                    tiers.setdefault(state[0], tier)
                    new.append(state)
    return tiers


def checked_paths(chain: Chain, root: int, paths: list[tuple[int, float, list[int]]]) -> list[float]:
    """Check that paths are paths to exposed actors, in order, and return the costs of the different ones."""
    exposed = set(chain.exposed.tolist())
    found: dict[tuple[int, ...], float] = {}
    for tiers, confidence, links in paths:
        actors = [root, *chain.supplier[links].tolist()]
        assert chain.buyer[links].tolist() == actors[:-1]
        assert len(set(actors)) == len(actors) == tiers + 1
        assert actors[-1] in exposed
        assert math.isclose(confidence, float(np.prod(chain.sure[links])), rel_tol=1e-6)
        # Of parallel links, the surest makes the path; those after it are the same path again.
        found.setdefault(tuple(actors), 1000.0 * tiers - math.log2(confidence))
    costs = list(found.values())
    assert costs == sorted(costs) or np.allclose(costs, sorted(costs), rtol=0, atol=1e-6)
    return costs


def same_numbers(theirs: Array, ours: Array, peer: Peer) -> None:
    """Check that a peer's figure is ours for every actor."""
    assert np.allclose(theirs, ours, rtol=1e-5, atol=1e-6), f"{peer.name} differs"
