"""Asking: what the trace of an actor says of it, by one question; each actor is traced once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from opentier.graph.answer import statements
from opentier.graph.answer.buyers import Buyers
from opentier.graph.engine.arrays import Array
from opentier.graph.exposure import limits, words
from opentier.graph.exposure.exposures import Exposure, expose
from opentier.graph.exposure.objects import Json, Objects
from opentier.graph.exposure.sold import Risk, Sold, sold
from opentier.graph.exposure.touches import Touches
from opentier.graph.exposure.verdict import EXPOSED, NONE_FOUND, NOT_TESTABLE, Verdict, doubted, ends, verdict
from opentier.graph.model.products import Product
from opentier.graph.network.network import Designation
from opentier.graph.trace.asked import ENDLESS, Asked
from opentier.graph.trace.lookup import Directory
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.walks import Trace, trace

#: Limits that are the same for every row: they are told once.
_OF_ALL = {"contradicting_changes": [], "disputed": 0, "hs_of_earlier_editions": []}
#: Actors in a chain behind which no measure is looked for where a risk list touches it already: it costs too much.
_WIDE = 500


@dataclass(frozen=True)
class Answer:
    """What the trace of an actor says.

    Attributes
    ----------
    verdict
        That of the trace. But what found nothing is not testable where nobody behind the actor was tested, or where it
        sells to others what is listed: it is asked about by somebody who buys from it.
    exposures
        As JSON objects in the order of a trace, each with its first path: all, or those as far as the nearest.
    nearest
        Of those that count the one with the fewest tiers on its first path, the first such in the order of a trace.
    why
        That one in words.
    measure
        Of those to measures the one with the fewest tiers; None where none was found, as far as was looked.
    behind
        That one in words, or that none was found and what may be one, or as far as which tier one was looked for;
        nothing where nothing is exposed.
    sought
        Whether a measure was looked for in all of the chain, or found.
    untested
        What could not be tested, in sentences: of an exposed actor as far as the nearest exposure.
    shared
        The ids of others that buy from the nearest exposed actor.
    alike
        Whether some reached actor is called as a listed one is, and nobody has judged it.
    sells
        Whether it sells to others what is listed.
    alone
        Whether no supplier of it is in the data.
    risks
        What lists say of the goods that are bought of it, where it is: no exposure of its chain.
    """

    verdict: Verdict
    exposures: list[Json] = field(repr=False)
    nearest: Json | None
    why: str
    measure: Json | None
    behind: str
    sought: bool
    untested: tuple[str, ...]
    shared: tuple[str, ...]
    alike: bool
    sells: bool
    alone: bool
    risks: tuple[Risk, ...] = ()

    @property
    def exposed(self) -> bool:
        """Whether a designation that counts touches the actor or what is upstream of it."""
        return self.verdict.result == EXPOSED

    @property
    def foremost(self) -> Json | None:
        """The nearest exposure to a measure, else the nearest one."""
        return self.measure or self.nearest

    @property
    def hidden(self) -> bool:
        """Whether what is nearest is another exposure than the nearest to a measure."""
        return self.measure is not None and self.measure != self.nearest

    @property
    def told(self) -> str:
        """The nearest exposure in words, with the nearest measure where that is another one."""
        return words.said("screened", "both", near=self.why, measure=self.behind) if self.hidden else self.why


class Asking:
    """Traces actors, each once, by one question.

    Parameters
    ----------
    asked
        The question as it is understood.
    table
        The weights of severity.
    unindexed
        What the release says that its index does not hold.
    whole
        Whether all exposures of an actor are given; else no farther than the nearest, which is much quicker.

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
        self, objects: Objects, asked: Parameters, table: Mapping[str, Any], *, whole: bool = True
    ) -> None:
        self.objects, self.index, self.unindexed = objects, objects.index, objects.unindexed
        self.table, self.whole = table, whole
        index = self.index
        self.asked = replace(asked, paths=1)
        self.directory = Directory(index)
        self.touches = Touches(index, Asked.of(index, asked))
        self.searched: list[Designation] = self.touches.met(())
        self.editions: set[str] = set()
        self.truncated = False
        self.reached: Array = np.zeros(len(index), np.bool_)
        self._known: dict[tuple[str, tuple[Product, ...]], Answer] = {}

    def of(self, id: str, goods: tuple[Product, ...] = ()) -> Answer:
        """Return the answer of an actor, by its id; `goods` are what is bought of it, where that is stated."""
        found = self._known.get((id, goods))
        if found is None:
            node = self.directory.known(id)
            assert node is not None
            found = self._known[id, goods] = self._traced(node, goods)
        return found

    def _traced(self, node: int, stated: tuple[Product, ...]) -> Answer:
        walks = self._walks(node)
        found, exposures, ended = self._near(walks)
        known = self.touches, self.objects, self.unindexed
        lacking = limits.of_reached(found, *known, truncated=found.truncated)
        self.searched = max(self.searched, self.touches.met(found.nodes.tolist()), key=len)
        self.editions.update(lacking["hs_of_earlier_editions"])
        self.truncated |= lacking["truncated"]
        nearest = min((e for e in exposures if e.state == "current"), key=_tiers, default=None)
        goods, why = sold(self.touches, node, stated), self._why(found.root, nearest) if nearest else ""
        measure, behind, sought = None, "", True
        alone = self._alone(found, ended=ended)
        said = self._verdict(found, exposures, goods, lacking, why, alone)
        untested = self._untested(said, goods, lacking, alone)
        if nearest and not ended:
            untested.append(words.said("screened", "behind", tier=_tiers(nearest)))
            if self.whole:
                found = trace(self.index, node, self.asked)
                exposures = expose(found, self.table, self.touches)
                self.truncated |= found.truncated
                walks, ended = iter(()), True
        if nearest:
            measure, behind, sought = self._measure(walks, found, exposures, ended)
        self.reached[found.nodes] = True
        return Answer(
            said,
            [self._object(exposure) for exposure in exposures],
            self._object(nearest) if nearest else None,
            why,
            self._object(measure) if measure else None,
            behind,
            sought,
            tuple(untested),
            tuple(self._shared(found, nearest)) if nearest else (),
            bool(lacking["names_alike"]),
            bool(goods.listed),
            bool(alone),
            goods.risks,
        )

    def _walks(self, node: int) -> Iterator[tuple[Trace, bool]]:
        """Yield the trace of an actor as far as each tier, and whether that is all.

        It is asked tier by tier, since the whole of a chain costs most, and says nothing more of what is nearest. Where
        as many tiers are empty as the longest link stands for, that is all.
        """
        most, tier, ended = ENDLESS if self.asked.max_tier is None else self.asked.max_tier, 0, False
        while not ended:
            found = trace(self.index, node, replace(self.asked, max_tier=tier) if tier < most else self.asked)
            ended = tier >= most or found.tier.max(initial=0) + self._longest <= tier
            yield found, ended
            tier += 1

    def _near(self, walks: Iterator[tuple[Trace, bool]]) -> tuple[Trace, list[Exposure], bool]:
        """Return the first trace in which something is exposed, else the last, with what is; and if that is all."""
        while True:
            found, ended = next(walks)
            exposures = expose(found, self.table, self.touches)
            if ended or any(exposure.state == "current" for exposure in exposures):
                return found, exposures, ended

    def _measure(
        self, walks: Iterator[tuple[Trace, bool]], found: Trace, exposures: Sequence[Exposure], ended: bool
    ) -> tuple[Exposure | None, str, bool]:
        """Return the nearest exposure to a measure, with it in words, and whether all of the chain was looked at.

        Where there is none, the words say so, and how far one was looked for. From the nearest exposure of any kind on
        it is asked tier by tier, until more than `_WIDE` actors are reached.
        """
        while True:
            measures = [e for e in exposures if e.state == "current" and e.designation.measure]
            if sure := [e for e in measures if e.group == "measure"]:
                nearest = min(sure, key=_tiers)
                return nearest, self._why(found.root, nearest), True
            if ended or len(found.nodes) > _WIDE:
                key = "no-measure" if ended else "measure-behind"
                none = words.said("screened", key, tier=int(found.tier.max()))
                if measures:
                    may = self._why(found.root, min(measures, key=_tiers))
                    none = words.said("screened", "possible-measure", none=none, may=may)
                return None, none, ended
            found, ended = next(walks)
            exposures = expose(found, self.table, self.touches, measures=True)
            self.truncated |= found.truncated

    @cached_property
    def _longest(self) -> int:
        """The most tiers that a link stands for."""
        return int(self.index.arcs.tiers.max(initial=1)) if self.index.tables.gaps else 1

    def _verdict(
        self,
        found: Trace,
        exposures: Sequence[Exposure],
        goods: Sold,
        lacking: Json,
        why: str,
        alone: list[str],
    ) -> Verdict:
        said = verdict(found, self.touches, exposures)
        if said.result == EXPOSED:
            return Verdict(EXPOSED, (why,))
        said = doubted(said, len({each["actor"]["iri"] for each in lacking["names_alike"]}))
        if said.result == NONE_FOUND and (alone or goods.listed):
            return Verdict(NOT_TESTABLE, (*alone, *goods.told(self.objects)))
        return said

    def _object(self, exposure: Exposure) -> Json:
        path = self.objects.path(exposure, 0, asked=self.asked.product is not None)
        return {
            **self.objects.brief(exposure, self.asked.min_share),
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
            "title": self.objects.entry(exposure.designation)["title"].removesuffix("."),
            "sentence": self.objects.sentence(exposure, self.asked.min_share),
        }
        if exposure.actor == root:
            return words.said("screened", "why", **said)
        where = {"actor": actor.name, "country": words.country(actor.country), "tier": _tiers(exposure)}
        return words.said("screened", "why-upstream" if _tiers(exposure) else "why-beside", **said, **where)

    def _shared(self, found: Trace, nearest: Exposure) -> list[str]:
        return [each["id"] for each in Buyers(found, self.objects).others(nearest.actor)]

    def _alone(self, found: Trace, *, ended: bool) -> list[str]:
        """Return that nobody behind an actor was tested, where that is so.

        A trace that has not ended says nothing of that, where links lead on from its actors.
        """
        if found.tier.max(initial=0) or not (ended or ends(found)):
            return []
        beside = len(found.nodes) - 1
        return [
            words.said("screened", "itself-and", n=beside) if beside else words.said("screened", "itself")
        ]

    def _untested(self, said: Verdict, goods: Sold, lacking: Json, alone: list[str]) -> list[str]:
        """Return what could not be tested of an actor and of what is upstream of it, in sentences."""
        lines = list(said.reasons) if said.result == NOT_TESTABLE else []
        if said.result == NONE_FOUND:
            lines += said.reasons[:-1]
        lines = [*alone, *goods.told(self.objects), *lines]
        own: Json = {**_OF_ALL, **({"actors_without_upstream_links": 0} if alone else {})}
        own["kinds_not_walked"] = {kind: many for kind, many in lacking["kinds_not_walked"].items() if many}
        nobody = words.sentence("nothing-reached")
        return [line for line in dict.fromkeys(lines) if line != nobody] + statements.lacking(
            {**lacking, **own}
        )


def _tiers(exposure: Exposure) -> int:
    """Return how many tiers the first path of an exposure has."""
    return exposure.paths[0].tiers
