"""The oracle of traces: every admissible walk grown hop by hop, from the tables of a contribution.

It follows the rules of tracing one by one, each in a function that says the rule in words; it knows nothing of
the index, and shares with the engine only the list of what can be asked (`Parameters`). Actors and products go by
their local ids (HS digits for a heading), records by their table and the number of their row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from opentier.graph.trace.parameters import Parameters
from tests.oracles.hops import Hop, Walk
from tests.oracles.joins import components, unsure
from tests.oracles.listed import Listing
from tests.oracles.owned import owned, stakes, successors
from tests.oracles.places import covers
from tests.oracles.rows import (
    EVER,
    NEVER,
    Package,
    Record,
    Row,
    cell,
    confidence,
    first,
    kept,
    last,
    live,
    meet,
    records,
    stated,
)
from tests.oracles.walks import TooMany, Walks

#: What other tests take from here.
__all__ = [
    "EVER", "NEVER", "Hop", "Oracle", "Package", "Record", "Row", "TooMany", "Touch", "Walk", "cell", "components",
    "first", "last",
]  # fmt: skip

#: Who is exposed, to which designation, and why.
Touch = tuple[str, str, str]
#: Matches of scope, the best first.
WORSE = ("exact", "coarse", "unknown").index


class Oracle(Walks):
    """All walks that answer one question about one package, and what designations make of them."""

    def __init__(self, package: Package, question: Parameters, without: str | None = None) -> None:
        super().__init__(package, question, without)
        self.unsure = unsure(package, self.alias)
        changes = kept(package, "status_changes")
        self.listings = {row["id"]: Listing(row, changes) for row in kept(package, "designations")}
        self.designations = [each.row for each in self.listings.values() if each.shown(question)]
        self.owned = self.owned_by_listed()
        self.successors = successors(package, self.alias, self.window[1])
        self.sites = [(row, live(row)) for _, row in records(package, "operation_links")]

    # --- Exposures -----------------------------------------------------------------------------------------------

    def exposures(self, walks: Sequence[Walk]) -> set[Touch]:
        """Return who is exposed to what and why."""
        return {touch for walk in walks for touch in self.touches(walk)}

    def touches(self, walk: Walk) -> Iterator[Touch]:
        """Yield the designations that touch the end of a walk.

        Since every beginning of a walk is a walk, a supply link anywhere on a path is the last hop of one.
        """
        for row in self.designations:
            if self.in_scope(row, walk):
                for reason in self.reasons(row, walk):
                    yield walk.actor, row["id"], reason

    def reasons(self, row: Row, walk: Walk) -> Iterator[str]:
        """Yield why a designation touches the end of a walk: by its target, its place, or its goods of a place."""
        if row.get("target"):
            yield from self.by_target(row, walk)
        elif row.get("product"):
            yield from self.by_goods(row, walk)
        elif self.covered(row, walk.actor):
            yield "place"
        elif any(self.covered(row, twin) for twin in self.twins(walk.actor)):
            yield "possible-identity"

    def by_target(self, row: Row, walk: Walk) -> Iterator[str]:
        """Yield why a designation of an actor touches the end of a walk.

        *direct* and the owner, recruiter and co-location reasons: the actor is the target, by the last hop.
        *possible-identity*: the target is joined to the actor by an unsure judgement only. *successor*: changes
        lead from the target to the actor. *owned-by-listed*: the stakes of listed owners add up.
        """
        target = self.alias[row["target"]]
        if target == walk.actor:
            yield walk.hop.reason if walk.hop else "direct"
        elif target in self.twins(walk.actor):
            yield "possible-identity"
        if walk.actor in self.successors.get(target, ()):
            yield "successor"
        if (walk.actor, row["id"]) in self.owned:
            yield "owned-by-listed"

    def by_goods(self, row: Row, walk: Walk) -> Iterator[str]:
        """Yield why a designation of goods of a place touches the end of a walk.

        The last hop is a supply link that states a product. *goods*: it carries the listed good, and the supplier
        is in the place; *goods-input*: the listed good only goes into what it carries; *goods-site*: it carries
        the good, and not the supplier but a site that it operates is in the place.
        """
        if walk.hop is None or walk.hop.kind != "supply" or not walk.hop.product:
            return
        listed = self.listed(row)
        here, same = (
            self.covered(row, walk.actor),
            any(self.products.same(g, walk.hop.product) for g in listed),
        )
        if here and same:
            yield "goods"
        elif here and any(self.products.goes_into(good, walk.hop.product) for good in listed):
            yield "goods-input"
        elif same and any(self.covered(row, site) for site in self.operated(walk)):
            yield "goods-site"

    def headed(self, row: Row) -> bool:
        """Whether a listed good of a place has no code: then its scope products are the headings it is traded under."""
        return bool(
            not row.get("target")
            and row.get("product")
            and row.get("scope_products")
            and not self.products.code(row["product"])
        )

    def listed(self, row: Row) -> list[str]:
        """Return the good that a designation lists, and its headings."""
        return [row["product"], *(cell(row, "scope_products") if self.headed(row) else [])]

    def covered(self, row: Row, actor: str) -> bool:
        """Whether a designation's place covers one where an actor is."""
        return any(covers(row, place) for place in self.places[actor])

    def twins(self, actor: str) -> Iterator[str]:
        """Yield the actors that an unsure judgement joins to one."""
        for pair in self.unsure:
            if actor in pair:
                yield from pair - {actor}

    def operated(self, walk: Walk) -> Iterator[str]:
        """Yield the sites that the end of a walk operates while all its links live, whatever kinds are walked."""
        for row, lives in self.sites:
            site = self.alias[row["facility"]]
            sure = confidence(row) >= self.floor
            if (
                self.alias[row["operator"]] == walk.actor != site
                and sure
                and meet((walk.first, walk.last), lives)
            ):
                yield site

    def owned_by_listed(self) -> set[tuple[str, str]]:
        """Return who is owned by listed owners, and by which designations.

        Asked for with the kind ownership; otherwise designations that include subsidiaries take part alone.
        Past and pending ones never do.
        """
        listed: dict[str, set[str]] = defaultdict(set)
        for row in self.designations:
            asked = "ownership" in self.question.kinds or stated(row, "includes_subsidiaries")
            if row.get("target") and asked and self.active(row):
                listed[self.alias[row["target"]]].add(row["id"])
        held = stakes(self.package, self.alias, self.floor)
        return set(owned(held, dict(listed), Fraction(str(self.question.min_share)), self.window))

    def in_scope(self, row: Row, walk: Walk) -> bool:
        """Whether the last supply link carries a product in scope, or states none, or there is none."""
        scope = [] if self.headed(row) else cell(row, "scope_products")
        return not scope or not walk.product or any(self.products.same(p, walk.product) for p in scope)

    def active(self, row: Row) -> bool:
        """Whether a designation counts: past and pending ones are shown only."""
        return self.listings[row["id"]].current(self.question)

    # --- What is said of an exposure by a path ---------------------------------------------------------------------

    def in_force_while_live(self, designation: str, walk: Walk) -> bool:
        """Whether a designation was in force on some day on which all links of a path lived."""
        return self.listings[designation].in_force(walk.live)

    def scope_match(self, designation: str, reason: str, walk: Walk) -> str | None:
        """Return how well the good that a designation names fits the last supply link; None where it names none.

        *exact*: it is that of the link, or a wider one; *coarse*: it is narrower; *unknown*: the link states none.
        The best one counts of several in scope, the worse of a listed good and a scope.
        """
        row = self.listings[designation].row
        if reason == "goods-input":
            return None
        goods = [self.listed(row)] if row.get("product") else []
        goods += [cell(row, "scope_products")] if row.get("scope_products") and not self.headed(row) else []
        if not walk.product:
            return "unknown" if goods else None
        found = [
            min(
                (self.products.match(g, walk.product) for g in good if self.products.same(g, walk.product)),
                key=WORSE,
            )
            for good in goods
        ]
        return max(found, key=WORSE, default=None)

    def continuity(self, walk: Walk) -> str | None:
        """Return whether the continuity of a path is consistent or unknown; None where no product is asked for."""
        if self.question.product is None:
            return None
        return "unknown" if walk.unknown else "consistent"

    # --- The same question otherwise -------------------------------------------------------------------------------

    def unfiltered(self) -> Oracle:
        """Return the oracle of the same question without its filter of exploitation."""
        return Oracle(self.package, replace(self.question, exploitation=()))

    def showing(self) -> Oracle:
        """Return the oracle of the same question that shows past and pending designations, too."""
        return Oracle(self.package, replace(self.question, past=True, pending=True))

    def without(self, actor: str) -> Oracle:
        """Return the oracle of the same question where no walk comes to an actor."""
        return Oracle(self.package, self.question, without=actor)
