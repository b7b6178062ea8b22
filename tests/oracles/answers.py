"""The answer to a question: its verdict, the limits that are numbers, what a command exits with, chokepoints."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from tests.oracles.brute import Oracle, Touch
from tests.oracles.hops import Walk
from tests.oracles.places import TEXT, place
from tests.oracles.rows import Record, records

EXITS = {"exposed": ("exposure", 3), "not-testable": ("not-testable", 4)}


class Verdict:
    """What a trace says of one actor in a word: by who is reached, and what touches them."""

    def __init__(
        self,
        oracle: Oracle,
        root: str,
        tiers: Mapping[str, int],
        exposures: Collection[Touch],
        ends: Collection[str],
    ) -> None:
        self.oracle, self.root = oracle, root
        self.tiers, self.exposures, self.ends = tiers, set(exposures), ends

    @property
    def counting(self) -> set[Touch]:
        """The exposures to designations that count: past and pending ones stand apart."""
        return {touch for touch in self.exposures if self.oracle.active(self.oracle.listings[touch[1]].row)}

    @property
    def reached(self) -> set[str]:
        """The actors that are reached; the root is none of them."""
        return set(self.tiers) - {self.root}

    @property
    def verdict(self) -> str:
        """Whether the chain is exposed, nothing was found, or nothing could be."""
        if self.counting:
            return "exposed"
        return "not-testable" if self.untestable else "none-found"

    @property
    def untestable(self) -> list[str]:
        """Why nothing could be found, whatever is true.

        *designations*: none is in force, or a filter leaves none. *reach*: no actor is reached. *countries*: only
        places and goods of places are listed, and no actor at the end of a path says in which country it is.
        """
        listed = [row for row in self.oracle.designations if self.oracle.active(row)]
        placed = any(country for actor in self.ends for country, _ in self.oracle.places[actor])
        found = [] if listed else ["designations"]
        found += [] if self.reached else ["reach"]
        if listed and self.reached and not placed and not any(row.get("target") for row in listed):
            found.append("countries")
        return found

    def exits(self, fail_on: Collection[str]) -> int:
        """Return what a command exits with."""
        asked, code = EXITS.get(self.verdict, ("", 0))
        return code if asked in fail_on else 0

    # --- Limits, and who stands between ----------------------------------------------------------------------------

    def again(self, oracle: Oracle) -> Verdict:
        """Return the answer of another oracle."""
        raise NotImplementedError

    @property
    def limits(self) -> dict[str, int]:
        """The limits that actors and exposures are counted in; the root counts as the reached actors do."""
        places = {actor: self.oracle.places[actor] for actor in self.tiers}
        buyers = {
            self.oracle.alias[row["buyer"]]
            for _, row in records(self.oracle.package, "supply_links")
            if self.oracle.alias[row["buyer"]] != self.oracle.alias[row["supplier"]]
        }
        asked = self.oracle.question.exploitation
        hidden = [
            self.oracle.listings[designation]
            for _, designation, *_ in self.again(self.oracle.showing()).exposures - self.exposures
        ]
        past = sum(listing.past(self.oracle.question) for listing in hidden)
        return {
            "actors_without_upstream_links": len(set(self.tiers) - buyers),
            "actors_without_country": sum(not any(c for c, _ in where) for where in places.values()),
            "place_unknown": sum(self.somewhere(actor) for actor in self.tiers),
            "filtered_exposures": len(self.again(self.oracle.unfiltered()).exposures - self.exposures)
            if asked
            else 0,
            "past_exposures": past,
            "pending_exposures": len(hidden) - past,
        }

    def of_links(self, taken: Collection[Record]) -> dict[str, int]:
        """Return the limits that supply links are counted in which walks take."""
        rows = [self.oracle.package[table][number] for table, number in taken]
        return {
            "links_without_product": sum(not row.get("product") for row in rows),
            "declared_tier_gaps": sum(int(row.get("declared_tier") or 1) > 1 for row in rows),
        }

    def somewhere(self, actor: str) -> bool:
        """Whether an actor is in the country of a regional designation that counts, and no region of it is known.

        A region that stays text is not known.
        """
        for row in self.oracle.designations:
            country, region = place(row)
            regions = {region for where, region in self.oracle.places[actor] if where == country}
            if (
                self.oracle.active(row)
                and not row.get("target")
                and region
                and regions
                and regions <= {"", TEXT}
            ):
                return True
        return False

    def chokepoints(self) -> dict[str, int]:
        """Return how many exposures end when an actor is taken away, for those that end some.

        Asked again without every actor, one that is not reached itself, too: downstream a path for a product may
        lead through a buyer that buys another one. Neither the root nor the exposed actor itself counts, and no
        exposure that is past or pending.
        """
        found, counting = {}, self.counting
        for actor in set(self.oracle.alias.values()) - {self.root}:
            left = self.again(self.oracle.without(actor)).exposures
            found[actor] = sum(touch not in left for touch in counting if touch[0] != actor)
        return {actor: ended for actor, ended in found.items() if ended}


class Answer(Verdict):
    """What a trace says of one actor and those upstream of it."""

    def __init__(self, oracle: Oracle, root: str) -> None:
        self.walks = oracle.walks(root)
        tiers = oracle.tiers(self.walks)
        root = oracle.alias[root]
        super().__init__(oracle, root, tiers, oracle.exposures(self.walks), set(tiers) - {root})

    # --- Limits that links are counted in --------------------------------------------------------------------------

    def again(self, oracle: Oracle) -> Answer:
        """Return the answer of another oracle."""
        return Answer(oracle, self.root)

    @property
    def limits(self) -> dict[str, int]:
        """The limits that are numbers."""
        return super().limits | self.of_links(self.taken) | {"refused_by_product": len(self.refused)}

    @cached_property
    def taken(self) -> set[Record]:
        """The supply links that admissible walks take."""
        return {
            hop.record
            for walk in self.walks
            for hop in self.oracle.onward[walk.actor]
            if hop.kind == "supply" and self.oracle.grown(walk, hop)
        }

    @property
    def refused(self) -> set[Record]:
        """The supply links after the first that some walk could take but for their product, and none takes."""
        return {
            hop.record
            for walk in self.walks
            for hop in self.oracle.onward[walk.actor]
            if walk.product is not None and hop.kind == "supply" and self.oracle.carried(walk, hop) is None
            if self.oracle.grown(walk, hop, whatever=True)
        } - self.taken

    # --- The first paths, and who stands between -------------------------------------------------------------------

    def first_paths(self, most: int) -> dict[Touch, list[Walk]]:
        """Return the paths of each exposure with the fewest tiers and of these the surest; several where they tie.

        Where every walk repeats an actor, a walk stands for the path.
        """
        simple = _firsts(self.oracle, list(self.oracle.paths(self.root, most)))
        return _firsts(self.oracle, self.walks) | simple


class Downstream(Verdict):
    """Who is exposed to an actor: the walks of all that come to it, reversed; it is the end of each."""

    def __init__(self, oracle: Oracle, actor: str) -> None:
        end = oracle.alias[actor]
        answers = {buyer: Answer(oracle, buyer) for buyer in set(oracle.alias.values())}
        tiers = {buyer: answer.tiers[end] for buyer, answer in answers.items() if end in answer.tiers}
        exposures = [
            (buyer, designation, reason)
            for buyer, answer in answers.items()
            for touched, designation, reason in answer.exposures
            if touched == end
        ]
        super().__init__(oracle, end, tiers, exposures, [end])

    @property
    def limits(self) -> dict[str, int]:
        """The limits that are numbers; where no product is asked for, those of links too.

        Without a product what is left of a walk from any of its links on is a walk.
        """
        return super().limits | ({} if self.oracle.question.product else self.of_links(self.taken))

    @property
    def taken(self) -> set[Record]:
        """The supply links with which some walk to the traced actor begins."""
        return {
            hop.record
            for actor, hops in self.oracle.onward.items()
            for hop in hops
            if hop.kind == "supply" and (begin := self.oracle.grown(self.oracle.start(actor), hop))
            if any(walk.actor == self.root for walk in self.oracle.walks(actor, begin))
        }

    def again(self, oracle: Oracle) -> Downstream:
        """Return the answer of another oracle."""
        return Downstream(oracle, self.root)


def _firsts(oracle: Oracle, walks: Sequence[Walk]) -> dict[Touch, list[Walk]]:
    found: dict[Touch, list[Walk]] = {}
    for walk in sorted(walks, key=lambda walk: (walk.tiers, -walk.confidence)):
        for touch in oracle.touches(walk):
            best = found.setdefault(touch, [walk])
            if best[0] is not walk and (best[0].tiers, best[0].confidence) == (walk.tiers, walk.confidence):
                best.append(walk)
    return found
