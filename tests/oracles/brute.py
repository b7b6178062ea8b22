"""The oracle of traces: every admissible walk grown hop by hop, from the tables of a contribution.

It follows the rules of tracing one by one, each in a function that says the rule in words; it knows nothing of
the index, and shares with the engine only the list of what can be asked (`Parameters`). A package is its tables:
lists of rows, each a dict of cells as they stand in the CSV files. Actors and products go by their local ids (HS
digits for a heading), records by their table and the number of their row. Days are ISO 8601 texts, which sort as
the days do.
"""

from __future__ import annotations

import calendar
import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import count

from opentier.graph.trace.parameters import Parameters

Row = Mapping[str, str]
Package = Mapping[str, Sequence[Row]]
Record = tuple[str, int]
#: Who is exposed, to which designation, and why.
Touch = tuple[str, str, str]

#: Before and after every day: an absent start is unbounded, an absent end open.
EVER, NEVER = "", "~"
#: What a walk carries once it has crossed a link without a product, and while no product is asked for.
UNKNOWN, NOT_ASKED = "(unknown)", "(not asked)"


class TooMany(Exception):
    """There are more paths than anybody wants to count."""


@dataclass(frozen=True)
class Hop:
    """One record, walked one way: from buyer to supplier, from asset to owner, ..."""

    record: Record
    kind: str
    way: str  # "up", "down" or ""
    start: str
    end: str
    tiers: int
    product: str
    input_to: str
    first: str
    last: str
    confidence: Fraction

    @property
    def reason(self) -> str:
        """Why the target of a designation is exposed when this hop is the last one."""
        named = {"recruitment": "recruiter", "co-location": "co-location", "ownership": f"owner-{self.way}"}
        return named.get(self.kind, "direct")


@dataclass(frozen=True)
class Walk:
    """Hops in a row, and what they add up to."""

    hops: tuple[Hop, ...]
    actor: str
    tiers: int
    turn: str  # since the last supply hop: "", "up", "down", or "side" after recruitment or co-location
    carried: str
    first: str
    last: str
    confidence: Fraction
    product: str | None  # of the last supply link ("" where it states none); None where there is no such link

    @property
    def unknown(self) -> bool:
        """Whether its continuity is unknown: it crosses a supply link without a product."""
        return any(hop.kind == "supply" and not hop.product for hop in self.hops)

    @property
    def hop(self) -> Hop | None:
        """Its last hop."""
        return self.hops[-1] if self.hops else None


class Oracle:
    """All walks that answer one question about one package."""

    def __init__(self, package: Package, question: Parameters) -> None:
        self.package, self.question = package, question
        self.alias = components(package)
        self.places = places(package, self.alias)
        self.products = Products(package)
        self.window = window(question)
        self.onward: dict[str, list[Hop]] = defaultdict(list)
        for hop in hops(package, self.alias):
            if self.walked(hop) and hop not in self.onward[hop.start]:  # a worksite may be the employer's own
                self.onward[hop.start].append(hop)
        self.designations = [row for row in kept(package, "designations") if self.shown(row)]

    # --- Which links are walked at all ---------------------------------------------------------------------------

    def walked(self, hop: Hop) -> bool:
        """Whether a link passes what is asked of links, whatever the walk.

        Only the kinds that are asked for; no link from an actor to itself; a minimum of confidence; owners from
        a minimum share on (exact, else the minimum; none stated: only a controlling interest); supply links by
        the country of the supplier, and by the last day on which they may have been seen.
        """
        asked, row = self.question, self.package[hop.record[0]][hop.record[1]]
        if hop.kind not in asked.kinds or hop.start == hop.end:
            return False
        if hop.confidence < Fraction(str(asked.min_confidence or 0)):
            return False
        if hop.kind == "ownership":
            share = row.get("share_exact") or row.get("share_minimum")
            return float(share) >= asked.min_share if share else row.get("interest") == "controlling"
        if hop.kind != "supply":
            return True
        if asked.countries and not any(country in asked.countries for country, _ in self.places[hop.end]):
            return False
        seen = row.get("observed_date")
        return asked.observed_since is None or (
            seen is not None and seen != "" and last(seen) >= first(asked.observed_since)
        )

    # --- Which walks are admissible ------------------------------------------------------------------------------

    def start(self, root: str) -> Walk:
        """Return the walk of no hops: it carries the product that is asked for."""
        carried = self.question.product or NOT_ASKED
        return Walk((), self.alias[root], 0, "", carried, *self.window, Fraction(1), None)

    def grown(self, walk: Walk, hop: Hop) -> Walk | None:
        """Return the walk with one hop more, or None where a rule forbids it."""
        turn = turned(walk.turn, hop)
        carried = self.carried(walk, hop)
        since, until = max(walk.first, hop.first), min(walk.last, hop.last)
        confidence = walk.confidence * hop.confidence
        tiers = walk.tiers + hop.tiers
        most, least = self.question.max_tier, Fraction(str(self.question.min_path_confidence or 0))
        if turn is None or carried is None:
            return None
        if since > until:  # there is one day in the window on which all links of the path are live
            return None
        if confidence < least or (most is not None and tiers > most):
            return None
        product = hop.product if hop.kind == "supply" else walk.product
        return Walk((*walk.hops, hop), hop.end, tiers, turn, carried, since, until, confidence, product)

    def carried(self, walk: Walk, hop: Hop) -> str | None:
        """Return what a walk carries after a hop, or None where the product does not go on.

        The first supply link carries the asked product. After a link that carries p, a link that carries q goes
        on when q is p, or when q, or what the link itself says its goods go into, goes into p. A link without a
        product goes on as unknown, and nothing more can be told from there; a strict trace refuses it.
        """
        if hop.kind != "supply" or self.question.product is None:
            return walk.carried
        if not hop.product:
            return None if self.question.strict_product else UNKNOWN
        if walk.carried == UNKNOWN:
            return UNKNOWN
        if self.products.same(hop.product, walk.carried):
            return hop.product
        if walk.product is None:
            return None
        if self.products.goes_into(hop.product, walk.carried):
            return hop.product
        made = hop.input_to
        if made and (self.products.same(made, walk.carried) or self.products.goes_into(made, walk.carried)):
            return hop.product
        return None

    # --- Walks, tiers, paths -------------------------------------------------------------------------------------

    def walks(self, root: str) -> list[Walk]:
        """Return walks to everything that walks may come to, those with the fewest tiers among them.

        A walk is not grown where one of no more tiers came to exactly the same: actor, turn, carried product,
        interval, last hop and last product. Where the path has to keep a minimum of confidence, that other walk
        must also be at least as sure, so that it can go wherever this one can.
        """
        found: list[Walk] = []
        surest: dict[object, Fraction] = {}
        order = count()
        heap = [(0, next(order), self.start(root))]
        while heap:
            _, _, walk = heapq.heappop(heap)
            sure = walk.confidence if self.question.min_path_confidence else Fraction(1)
            last_hop = walk.hop and (walk.hop.kind, walk.hop.way)
            key = (walk.actor, walk.turn, walk.carried, walk.first, walk.last, walk.product, last_hop)
            if key in surest and surest[key] >= sure:
                continue
            surest[key] = sure
            found.append(walk)
            for hop in self.onward[walk.actor]:
                longer = self.grown(walk, hop)
                if longer is not None:
                    heapq.heappush(heap, (longer.tiers, next(order), longer))
        return found

    def tiers(self, walks: Sequence[Walk]) -> dict[str, int]:
        """Return the tier of every reached actor: the smallest number of tiers on any admissible walk."""
        found: dict[str, int] = {}
        for walk in walks:
            found[walk.actor] = min(walk.tiers, found.get(walk.actor, walk.tiers))
        return found

    def paths(self, root: str, most: int) -> Iterator[Walk]:
        """Yield every walk that repeats no actor; where a product is asked for, none with the same product.

        Raises
        ------
        TooMany
            After `most` paths.
        """
        start = self.start(root)
        todo = [(start, frozenset({(start.actor, start.carried)}))]
        yielded = 0
        while todo:
            walk, been = todo.pop()
            yielded += 1
            if yielded > most:
                raise TooMany
            yield walk
            for hop in self.onward[walk.actor]:
                longer = self.grown(walk, hop)
                if longer is not None and (longer.actor, longer.carried) not in been:
                    todo.append((longer, been | {(longer.actor, longer.carried)}))

    def admitted(self, root: str, records: Sequence[tuple[Record, str, str]]) -> Walk | None:
        """Return the walk along records, each with its two actors; None where it is not admissible."""
        walk: Walk | None = self.start(root)
        for record, start, end in records:
            fitting = [hop for hop in self.onward[start] if hop.record == record and hop.end == end]
            if walk is None or walk.actor != start or not fitting:
                return None
            walk = self.grown(walk, fitting[0])
        return walk

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
        """Yield why a designation touches the end of a walk.

        *direct* and the owner, recruiter and co-location reasons: the actor is the target, by the last hop.
        *possible-identity*: the target is joined to the actor by an unsure judgement only. *place*: the target
        is a place and the actor is there. *goods*: the target is a product and a place, and the last hop is a
        supply link that carries it from there; *goods-input*: the listed good only goes into what it carries.
        """
        if row.get("target"):
            target = self.alias[row["target"]]
            if target == walk.actor:
                yield walk.hop.reason if walk.hop else "direct"
            elif self.unsure(target, walk.actor):
                yield "possible-identity"
        elif any(covers(row, place) for place in self.places[walk.actor]):
            listed = row.get("product")
            if not listed:
                yield "place"
            elif walk.hop and walk.hop.kind == "supply" and walk.hop.product:
                if self.products.same(listed, walk.hop.product):
                    yield "goods"
                elif self.products.goes_into(listed, walk.hop.product):
                    yield "goods-input"

    def in_scope(self, row: Row, walk: Walk) -> bool:
        """Whether the last supply link carries a product in scope, or states none, or there is none."""
        scope = cell(row, "scope_products")
        return not scope or not walk.product or any(self.products.same(p, walk.product) for p in scope)

    def unsure(self, left: str, right: str) -> bool:
        """Whether an unsure judgement stands between two actors."""
        return any(
            {self.alias[row["left"]], self.alias[row["right"]]} == {left, right}
            for row in kept(self.package, "identity_judgements")
            if row["judgement"] == "unsure"
        )

    def shown(self, row: Row) -> bool:
        """Whether a designation counts, or is a past one that was asked for."""
        return self.question.past or self.active(row)

    def active(self, row: Row) -> bool:
        """Whether a designation counts.

        On a day: it began by then and was not delisted by then. In a window: on some day of it. Without either:
        it is neither revoked nor inactive, and not delisted. A revoked or inactive one that has no delisting
        date never counts. A month or year of delisting is over on its last day.
        """
        asked, began, delisted = self.question, began_on(row), row.get("delisting_date")
        over = row.get("status") in ("revoked", "inactive")
        if over and not delisted:
            return False
        if not (asked.on or asked.since or asked.until):
            return not over and not delisted
        until = day_before(last(delisted)) if delisted else NEVER
        return max(began, self.window[0]) <= min(until, self.window[1])


# --- The graph that is walked ------------------------------------------------------------------------------------


def components(package: Package) -> dict[str, str]:
    """Return the actor that stands for each actor.

    Actors are one when a positive judgement or an equal strong identifier says so, directly or through others;
    the smallest id stands for them.
    """
    rows = kept(package, "actors")
    groups = [{row["id"]} for row in rows]
    pairs = [
        (r["left"], r["right"]) for r in kept(package, "identity_judgements") if r["judgement"] == "positive"
    ]
    for row in rows:
        strong = {
            key for key in cell(row, "identifiers") if key.startswith(("lei:", "os-id:", "duns:", "gln:"))
        }
        pairs += [(row["id"], other["id"]) for other in rows if strong & set(cell(other, "identifiers"))]
    for pair in pairs:
        one = set().union(*(group for group in groups if group & set(pair)))
        groups = [group for group in groups if not group & one] + [one]
    return {actor: min(group) for group in groups for actor in group}


def hops(package: Package, alias: Mapping[str, str]) -> Iterator[Hop]:
    """Yield the hops of all records that are neither closed nor retracted; the same row twice is one record.

    Supply: buyer to supplier, one tier or the declared number. No tier: operator to facility (down) and back
    (up), owner to asset (down) and back (up), employer or worksite to recruiter, co-located actors both ways.
    """
    ways = {
        "supply_links": [("supply", "", "buyer", "supplier")],
        "operation_links": [
            ("operation", "down", "operator", "facility"),
            ("operation", "up", "facility", "operator"),
        ],
        "ownership_links": [("ownership", "up", "asset", "owner"), ("ownership", "down", "owner", "asset")],
        "recruitment_links": [
            ("recruitment", "", "employer", "recruiter"),
            ("recruitment", "", "worksite", "recruiter"),
        ],
        "co_locations": [("co-location", "", "actor", "other"), ("co-location", "", "other", "actor")],
    }
    for table, columns in ways.items():
        rows = package.get(table, ())
        for number, row in enumerate(rows):
            if row in rows[:number] or row not in kept(package, table):
                continue
            if row.get("status") in ("closed", "retracted"):
                continue
            for kind, way, start, end in columns:
                if row.get(start) and row.get(end):
                    yield Hop(
                        record=(table, number),
                        kind=kind,
                        way=way,
                        start=alias[row[start]],
                        end=alias[row[end]],
                        tiers=int(row.get("declared_tier") or 1) if kind == "supply" else 0,
                        product=row.get("product", ""),
                        input_to=row.get("input_to", ""),
                        first=first(row["start_date"]) if row.get("start_date") else EVER,
                        last=last(row["end_date"]) if row.get("end_date") else NEVER,
                        confidence=Fraction(row.get("confidence") or 1),
                    )


def turned(turn: str, hop: Hop) -> str | None:
    """Return which way the hops since the last supply hop go, or None where a hop may not come.

    Between two supply hops the hops that add no tier go one way only, up or down; after a recruitment or
    co-location hop only a supply or a recruitment hop may come.
    """
    if hop.kind == "supply":
        return ""
    if hop.way:
        return hop.way if turn in ("", hop.way) else None
    return "side" if turn != "side" or hop.kind == "recruitment" else None


def kept(package: Package, table: str) -> list[Row]:
    """Return the rows of a table whose records are not retracted."""
    gone = {row["record"] for row in package.get("retractions", ())}
    return [row for row in package.get(table, ()) if not row.get("id") or row["id"] not in gone]


def cell(row: Row, name: str) -> list[str]:
    """Return the values of a cell that may hold several."""
    return [part for part in row.get(name, "").split("|") if part]


# --- Products ----------------------------------------------------------------------------------------------------


class Products:
    """Which product is which, and which goes into which."""

    def __init__(self, package: Package) -> None:
        self.codes = {row["id"]: row.get("hs", "") for row in package.get("products", ())}
        self.inputs = [(row["input"], row["output"]) for row in package.get("product_inputs", ())]
        self.same = cache(self._same)
        self.goes_into = cache(self._goes_into)

    def _same(self, left: str, right: str) -> bool:
        """Whether two products are one: the same, or the HS code of one is a prefix of the other's."""
        a, b = (self.codes.get(one, one if one.isdigit() else "") for one in (left, right))
        return left == right or bool(a and b and (a.startswith(b) or b.startswith(a)))

    def _goes_into(self, product: str, into: str) -> bool:
        """Whether a product goes into another by product inputs, directly or through a chain."""
        made = {product}
        outputs: set[str] = set()
        while True:
            more = {output for source, output in self.inputs if any(self._same(source, one) for one in made)}
            if more <= outputs:
                return any(self._same(output, into) for output in outputs)
            outputs |= more
            made |= more


# --- Places ------------------------------------------------------------------------------------------------------

Place = tuple[str, str]  # country and region, each "" where it is not stated


def place(row: Row) -> Place:
    """Return where a row says that something is; a code of ISO 3166-2 says its country too."""
    region = row.get("region", "")
    return row.get("country") or (region[:2] if region[2:3] == "-" else ""), region


def places(package: Package, alias: Mapping[str, str]) -> dict[str, set[Place]]:
    """Return where each canonical actor is: wherever one of its members is."""
    found: dict[str, set[Place]] = {actor: set() for actor in alias.values()}
    for row in kept(package, "actors"):
        found[alias[row["id"]]].add(place(row))
    return found


def covers(row: Row, other: Place) -> bool:
    """Whether a designation's country or region covers a place; a country covers its regions."""
    country, region = place(row)
    if region:
        return (country, region) == other
    return bool(country) and country == other[0]


# --- Days --------------------------------------------------------------------------------------------------------


def first(text: str) -> str:
    """Return the first day of a day, a month or a year."""
    return text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text


def last(text: str) -> str:
    """Return the last day of a day, a month or a year."""
    if len(text) == 4:
        return f"{text}-12-31"
    if len(text) == 7:
        return f"{text}-{calendar.monthrange(int(text[:4]), int(text[5:]))[1]:02d}"
    return text


def day_before(day: str) -> str:
    """Return a text that sorts after all days before a day, and before that day."""
    return day[:-2] + f"{int(day[-2:]) - 1:02d}~"


def window(question: Parameters) -> tuple[str, str]:
    """Return the first and the last day that is asked about; all time where none is."""
    if question.on:
        return question.on, question.on
    return (
        first(question.since) if question.since else EVER,
        last(question.until) if question.until else NEVER,
    )


def began_on(row: Row) -> str:
    """Return when a designation began: when it took effect, else when it was listed, else always."""
    text = row.get("effective_date") or row.get("listing_date")
    return first(text) if text else EVER
