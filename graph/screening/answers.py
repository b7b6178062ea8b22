"""Answers: what the trace of an actor says for the rows of a list that may be that actor; each is traced once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from opentier.graph.answer import statements
from opentier.graph.answer.buyers import Buyers
from opentier.graph.engine.arrays import Array
from opentier.graph.exposure import limits, words
from opentier.graph.exposure.exposures import Exposure, expose, filtered
from opentier.graph.exposure.objects import Json, Objects
from opentier.graph.exposure.touches import Touches
from opentier.graph.exposure.verdict import EXPOSED, NONE_FOUND, NOT_TESTABLE, Verdict, doubted, verdict
from opentier.graph.index.opened import Index
from opentier.graph.network.network import Designation
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.lookup import Directory
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.unindexed import Unindexed
from opentier.graph.trace.walks import Trace, trace

#: Limits that are the same for every row: they are told once.
_OF_ALL = {"contradicting_changes": [], "disputed": 0, "hs_of_earlier_editions": []}


@dataclass(frozen=True)
class Answer:
    """What the trace of an actor says.

    Attributes
    ----------
    verdict
        That of the trace.
    exposures
        All of them, as JSON objects in the order of a trace, each with its first path.
    nearest
        Of those that count the one of the fewest tiers, the first such in the order of a trace; None where none counts.
    why
        That one in words.
    untested
        What could not be tested, in sentences.
    shared
        The ids of others that buy from the nearest exposed actor.
    alike
        Whether some reached actor is called as a listed one is, and nobody has judged it.
    """

    verdict: Verdict
    exposures: list[Json] = field(repr=False)
    nearest: Json | None
    why: str
    untested: tuple[str, ...]
    shared: tuple[str, ...]
    alike: bool

    @property
    def exposed(self) -> bool:
        """Whether a designation that counts touches the actor or what is upstream of it."""
        return self.verdict.result == EXPOSED


class Answers:
    """Traces actors, each once, by one question.

    Parameters
    ----------
    asked
        The question as it is understood.
    table
        The weights of severity.
    unindexed
        What the release says that its index does not hold.

    Attributes
    ----------
    searched
        The designations that may touch any of those who were traced.
    editions
        The HS codes of earlier editions that were met.
    truncated
        Whether a search was given up.
    reached
        Marks the nodes that any of the traces reaches.
    """

    def __init__(
        self, index: Index, asked: Parameters, table: Mapping[str, Any], unindexed: Unindexed
    ) -> None:
        self.index, self.asked, self.table, self.unindexed = index, asked, table, unindexed
        self.objects = Objects(index, unindexed=unindexed)
        self.directory = Directory(index)
        self.touches = Touches(index, Asked.of(index, asked))
        self.searched: list[Designation] = self.touches.met(())
        self.editions: set[str] = set()
        self.truncated = False
        self.reached: Array = np.zeros(len(index), np.bool_)
        self._known: dict[str, Answer] = {}

    def __len__(self) -> int:
        """Return how many actors were traced."""
        return len(self._known)

    def of(self, id: str) -> Answer:
        """Return the answer of an actor, by its id."""
        found = self._known.get(id)
        if found is None:
            node = self.directory.known(id)
            assert node is not None
            found = self._known[id] = self._traced(trace(self.index, node, self.asked))
        return found

    def items(self) -> list[tuple[str, Answer]]:
        """Return all answers by the ids of the actors, in order."""
        return sorted(self._known.items())

    def limits(self) -> Json:
        """Return what all answers rest on."""
        return {
            **limits.of_question(self.touches, self.searched),
            "disputed": self.index.tables.disputed,
            "hs_of_earlier_editions": sorted(self.editions),
            "truncated": self.truncated,
        }

    def _traced(self, found: Trace) -> Answer:
        exposures = expose(found, self.table, self.touches)
        known = self.touches, self.objects, self.unindexed
        lacking = limits.of_reached(
            found, *known, filtered=filtered(found, self.touches), truncated=found.truncated
        )
        said = doubted(
            verdict(found, self.touches, exposures),
            len({each["actor"]["iri"] for each in lacking["names_alike"]}),
        )
        met = self.touches.met(found.nodes.tolist())
        self.reached[found.nodes] = True
        self.searched = max(self.searched, met, key=len)
        self.editions.update(lacking["hs_of_earlier_editions"])
        self.truncated |= lacking["truncated"]
        nearest = min((e for e in exposures if e.state == "current"), key=lambda e: e.tier, default=None)
        return Answer(
            said,
            [self._object(exposure) for exposure in exposures],
            self._object(nearest) if nearest else None,
            self._why(found.root, nearest) if nearest else "",
            tuple(self._untested(found, said, lacking)),
            tuple(self._shared(found, nearest)) if nearest else (),
            bool(lacking["names_alike"]),
        )

    def _object(self, exposure: Exposure) -> Json:
        path = self.objects.path(exposure, 0, asked=self.asked.product is not None)
        entry = self.objects.entry(exposure.designation)
        return {
            "actor": {**self.objects.named(exposure.actor), "tier": exposure.tier},
            "designation": {name: entry[name] for name in ("iri", "id", "title", "class")},
            "reason": exposure.reason,
            "sentence": self.objects.sentence(exposure, self.asked.min_share),
            "group": exposure.group,
            "state": exposure.state,
            "states": list(exposure.states),
            "scope_match": exposure.scope,
            "stakes": list(map(self.objects.hop, exposure.stakes)),
            "sites": list(map(self.objects.hop, exposure.sites)),
            "severity": path["severity"],
            "path": {name: value for name, value in path.items() if name not in ("severity", "scope_match")},
        }

    def _why(self, root: str, exposure: Exposure) -> str:
        actor = self.objects.actor(exposure.actor)
        said = {
            "title": self.objects.entry(exposure.designation)["title"],
            "sentence": self.objects.sentence(exposure, self.asked.min_share),
        }
        if exposure.actor == root:
            return words.said("screened", "why", **said)
        where = {"actor": actor.name, "country": words.country(actor.country), "tier": exposure.tier}
        return words.said("screened", "why-upstream" if exposure.tier else "why-beside", **said, **where)

    def _shared(self, found: Trace, nearest: Exposure) -> list[str]:
        return [each["id"] for each in Buyers(found, self.objects).others(nearest.actor)]

    def _untested(self, found: Trace, said: Verdict, lacking: Json) -> list[str]:
        """Return what could not be tested of an actor and of what is upstream of it, in sentences."""
        nobody, alone = words.sentence("nothing-reached"), len(found.nodes) < 2
        lines = [words.said("screened", "itself")] if alone else []
        if said.result == NOT_TESTABLE:
            lines += [reason for reason in said.reasons if reason != nobody]
        if said.result == NONE_FOUND:
            lines += said.reasons[:-1]
        kinds = {kind: many for kind, many in lacking["kinds_not_walked"].items() if many}
        return lines + statements.lacking({**lacking, **_OF_ALL, "kinds_not_walked": kinds})
