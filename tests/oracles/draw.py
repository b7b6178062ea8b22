"""What the oracles and the engine are asked, drawn at random: small packages with questions, and bigger graphs.

One draw for all: the rules of `brute`, the plain tracer and networkx are held against the engine on the same
packages, questions and graphs. Small packages say everything that a contribution can say of links; bigger graphs
have supply links, hubs among them, and operation links.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
from hypothesis import strategies as st

from opentier.graph.identity import components
from opentier.graph.index.network import Actor, Arc, Designation, Network, Place
from opentier.graph.model.dates import EVER, NEVER, first_day, last_day
from opentier.graph.model.names import Names
from opentier.graph.trace.parameters import Parameters
from tests.oracles import brute

NAMES = Names()
#: Datasets that state links.
DATASETS = ("left", "middle", "right")
Tables = dict[str, list[dict[str, str]]]
Random = np.random.Generator
T = TypeVar("T")


# --- Packages and questions --------------------------------------------------------------------------------------

ACTORS = ("a", "b", "c", "d", "e", "f")
#: Products: headings and some that stand above or below them, one of a dataset with a code and one without.
PRODUCTS = ("52", "5201", "520100", "5205", "6109", "610910", "lint", "ore")
PRODUCT_ROWS = [{"id": "lint", "name": "Lint", "hs": "5201"}, {"id": "ore", "name": "Ore", "hs": ""}]
INTERVALS = (
    *[("", "")] * 6, ("", "2021-06-30"), ("2020", "2021"), ("2020-02", ""), ("", "2022-01"),
    ("2021-03", "2022-01-15"), ("2020-02-29", "2021-03"), ("2022", ""), ("", "2020-02"), ("2021-03-31", "2021-03-31"),
    ("2019-12-31", "2021-07-01"),
)  # fmt: skip
CONFIDENCES = (*[""] * 5, "1", "0.9", "0.9", "0.5", "0.5", "0.25", "0")
DAYS = ("2020-02-29", "2021-03-31", "2021-07-01", "2022-01-16", "2019-12-31")
SPANS = (
    ("2020", "2020"), ("2021-03", "2021-03"), ("2021-03-31", "2022"), ("2022-02", None), (None, "2020-02"),
    ("2021-01", "2021-07-01"),
)  # fmt: skip
ALL_KINDS = ("supply", "operation", "ownership", "recruitment", "co-location")
KINDS = (
    ("supply", "operation"), *[ALL_KINDS] * 4, ("supply",), ("supply", "operation", "ownership"),
    ("supply", "recruitment", "co-location"), ("operation", "ownership", "recruitment"),
)  # fmt: skip
PLACES = (("CN", ""), ("CN", "CN-XJ"), ("", "CN-XJ"), ("MY", ""), ("", "MY-13"), ("", ""))

actors = st.sampled_from(ACTORS)
products = st.sampled_from(PRODUCTS)


def mostly(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """What the strategy gives, or nothing."""
    return st.one_of(strategy, strategy, strategy, strategy, st.just(""))


@st.composite
def rows(draw: st.DrawFn, /, ends: Sequence[str], **more: st.SearchStrategy[str]) -> dict[str, str]:
    """Draw a row: two actors, an interval, a confidence, and more cells."""
    found = {end: draw(actors) for end in ends}
    found["start_date"], found["end_date"] = draw(st.sampled_from(INTERVALS))
    found["confidence"] = draw(st.sampled_from(CONFIDENCES))
    return found | {name: draw(strategy) for name, strategy in more.items()}


SUPPLY = rows(
    ("buyer", "supplier"),
    product=mostly(products),
    input_to=st.one_of(st.just(""), st.just(""), products),
    observed_date=st.sampled_from(("", "2020", "2021-03", "2021-03-31")),
    declared_tier=st.sampled_from((*[""] * 6, "1", "2", "3")),
    status=st.sampled_from((*[""] * 10, "current", "closed", "retracted")),
)
OPERATION = rows(("operator", "facility"))
OWNERSHIP = rows(
    ("owner", "asset"),
    share_exact=st.sampled_from(("", "", "50", "100", "20")),
    share_minimum=st.sampled_from(("", "", "75", "49.9")),
    interest=st.sampled_from(("", "controlling", "shareholding")),
)
RECRUITMENT = rows(("recruiter", "employer"), worksite=st.one_of(st.just(""), actors))
CO_LOCATION = rows(("actor", "other"))
INPUT = st.tuples(products, products).filter(lambda pair: pair[0] != pair[1])
DESIGNATION = st.fixed_dictionaries(
    {
        "touched": st.one_of(
            st.tuples(actors, st.just(""), st.just(("", ""))),
            st.tuples(st.just(""), st.just(""), st.sampled_from(PLACES[:-1])),
            st.tuples(st.just(""), products, st.sampled_from(PLACES[:-1])),
        ),
        "scope_products": st.sampled_from(("", "", "", "5205", "52|6109", "lint", "ore")),
        "dates": st.tuples(*(st.sampled_from((*[""] * 4, *days)) for days in (
            ("2020", "2021-03", "2021-03-31"), ("2021", "2022-02", "2021-07-01"), ("2021-03", "2022", "2021-07-01"),
        ))),
        "status": st.sampled_from((*[""] * 6, "active", "modified", "revoked", "inactive")),
    }
)  # fmt: skip
JUDGEMENT = st.tuples(actors, actors, st.sampled_from(("positive", "unsure", "unsure")))


@st.composite
def packages(draw: st.DrawFn) -> Tables:
    """Draw a package of three to six actors."""
    known = ACTORS[: draw(st.integers(3, 6))]
    here = {actor: known[number % len(known)] for number, actor in enumerate(ACTORS)}
    tables: Tables = {
        "actors": [
            described(actor, *draw(st.tuples(st.sampled_from(PLACES), st.integers(0, 9)))) for actor in known
        ],
        "products": PRODUCT_ROWS,
        "supply_links": draw(st.lists(SUPPLY, min_size=5, max_size=12)),
        "operation_links": draw(st.lists(OPERATION, max_size=3)),
        "ownership_links": draw(st.lists(OWNERSHIP, max_size=3)),
        "recruitment_links": draw(st.lists(RECRUITMENT, max_size=2)),
        "co_locations": draw(st.lists(CO_LOCATION, max_size=2)),
        "product_inputs": [
            {"input": a, "output": b} for a, b in draw(st.lists(INPUT, min_size=1, max_size=6))
        ],
        "designations": [
            listing(*drawn) for drawn in enumerate(draw(st.lists(DESIGNATION, min_size=3, max_size=6)))
        ],
        "identity_judgements": [
            {"left": a, "right": b, "judgement": judgement}
            for a, b, judgement in draw(st.lists(JUDGEMENT, max_size=2))
        ],
    }
    for number, row in enumerate(tables["supply_links"]):
        row["id"] = f"s{number}"
    tables["retractions"] = [
        {"record": record, "reason": "wrong", "date": "2022-05-01"}
        for record in sorted(
            {row["id"] for table in ("supply_links", "designations") for row in tables[table]}
        )
        if draw(st.integers(0, 19)) == 19
    ]
    ends = {
        "buyer",
        "supplier",
        "operator",
        "facility",
        "owner",
        "asset",
        "recruiter",
        "employer",
        "worksite",
    }
    for table in tables.values():
        for row in table:
            for name in row.keys() & (ends | {"actor", "other", "target", "left", "right"}):
                row[name] = here.get(row[name], row[name])
    return tables


def described(name: str, where: tuple[str, str], number: int) -> dict[str, str]:
    duns = f"duns:{100000000 + number}" if number < 2 else ""
    return {"id": name, "name": name.upper(), "country": where[0], "region": where[1], "identifiers": duns}


def listing(number: int, drawn: Mapping[str, Any]) -> dict[str, str]:
    target, product, where = drawn["touched"]
    listing, effective, delisting = drawn["dates"]
    if any(date and delisting and brute.first(delisting) < brute.last(date) for date in (listing, effective)):
        delisting = ""  # refused by the shapes
    kind = "entity-listing" if target else "goods-listing" if product else "regional-presumption"
    return {
        "id": f"d{number}", "kind": kind, "authority": "An authority", "target": target, "product": product,
        "country": where[0], "region": where[1], "scope_products": drawn["scope_products"],
        "listing_date": listing, "effective_date": effective, "delisting_date": delisting,
        "status": drawn["status"],
    }  # fmt: skip


@st.composite
def questions(draw: st.DrawFn) -> Parameters:
    """Draw a question."""
    times: list[dict[str, Any]] = [{}] * 10
    times += [{"on": day} for day in DAYS]
    times += [{"since": since, "until": until} for since, until in SPANS]
    product = draw(
        st.sampled_from((*[None] * 5, "52", "5201", "520100", "6109", "610910", "61", "lint", "ore"))
    )
    return Parameters(
        product=product,
        strict_product=product is not None and draw(st.integers(0, 3)) == 3,
        max_tier=draw(st.sampled_from((*[None] * 8, 0, 1, 2, 3))),
        min_confidence=draw(st.sampled_from((*[None] * 8, 0.25, 0.5, 0.9))),
        min_path_confidence=draw(st.sampled_from((None, None, None, 0.1, 0.25, 0.45))),
        observed_since=draw(st.sampled_from((*[None] * 9, "2021-03-15", "2021"))),
        kinds=draw(st.sampled_from(KINDS)),
        min_share=draw(st.sampled_from((50.0, 50.0, 75.0, 0.0))),
        countries=draw(st.sampled_from((*[()] * 8, ("CN",), ("MY", "CN")))),
        past=draw(st.booleans()),
        **draw(st.sampled_from(times)),
    )


# --- Bigger graphs -----------------------------------------------------------------------------------------------


def actor(number: int) -> str:
    """Return the IRI of an actor by its number."""
    return NAMES.actor("graph", f"a{number}")


def link(
    number: int,
    tail: int,
    head: int,
    *,
    kind: str = "supply",
    direction: str = "",
    start: str | None = None,
    end: str | None = None,
    confidence: str = "1",
) -> Arc:
    """Return an arc between two actors."""
    return Arc(
        kind=kind, direction=direction, tail=actor(tail), head=actor(head),
        record=NAMES.record("graph", f"{kind}-link", f"l{number}"), tiers=int(kind == "supply"),
        product=None, input_to=None, start=first_day(start) if start else EVER,
        end=last_day(end) if end else NEVER, start_date=start, end_date=end, observed=None,
        confidence=1 if confidence == "1" else Fraction(confidence), stated_confidence=float(confidence),
        share=None, controlling=False, dataset=DATASETS[number % len(DATASETS)], evidence=(),
    )  # fmt: skip


def network(actors: int, arcs: list[Arc], targets: Iterable[int]) -> Network:
    """Return a network of numbered actors, some of which are listed."""
    return Network(
        release="memory",
        names=NAMES,
        versions={},
        actors={
            actor(number): Actor(actor(number), f"Actor {number}", "actor", (Place("DE"),), members=(actor(number),))
            for number in range(actors)
        },
        canonical=components.Components(),
        arcs=arcs,
        designations=[_listing(number) for number in targets],
        products={},
        inputs=[],
    )  # fmt: skip


def _listing(number: int) -> Designation:
    return Designation(
        iri=NAMES.record("graph", "designation", f"d{number}"), kind="entity-listing", authority="An authority",
        register=None, law=None, effect=None, exploitation=None, status=None, target=actor(number), product=None,
        place=None, scope=(), begin_date=None, listing_date=None, delisting_date=None, dataset="graph", note=None,
    )  # fmt: skip


def chosen(random: Random, among: Sequence[T]) -> T:
    """Draw one of some things."""
    return among[int(random.integers(len(among)))]


SURE = ("1", "1", "0.9", "0.81", "0.5", "0.25", "0")
LIVE = (
    (None, None),
    ("2021", None),
    (None, "2021-06-15"),
    ("2021-06-15", "2021"),
    ("2022", None),
    (None, "2020"),
)


def arcs(random: Random, actors: int, links: int, *, dated: bool = False, operations: int = 0) -> list[Arc]:
    """Draw supply links between actors, hubs among them, and operation links of both directions."""
    found = []
    for number in range(links):
        tail, head = (int(end) for end in random.integers(actors, size=2))
        if number % 5 == 0:
            tail = tail % 4  # four actors buy much
        start, end = chosen(random, LIVE) if dated else (None, None)
        confidence = chosen(random, SURE)
        found.append(link(number, tail, head, start=start, end=end, confidence=confidence))
    for number in range(links, links + operations):
        owner, site = (int(end) for end in random.integers(actors, size=2))
        found.append(link(number, owner, site, kind="operation", direction="down"))
        found.append(link(number, site, owner, kind="operation", direction="up"))
    return found
