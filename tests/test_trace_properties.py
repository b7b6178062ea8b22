"""The trace engine against the oracle of brute.py: small random packages, all questions, all roots.

A network is made from the rows of a package (`networked`), because the way through the store takes a hundred times
as long; one test holds such networks against those of the real way. The index is built and opened as it always is.
"""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st

from opentier.graph import admission, exposure, identity
from opentier.graph.builder import opened
from opentier.graph.contribution import Options
from opentier.graph.dates import EVER, NEVER, first_day, last_day
from opentier.graph.index import Index
from opentier.graph.model import Names, digest
from opentier.graph.network import Actor, Arc, Designation, Network
from opentier.graph.network import Place as IndexPlace
from opentier.graph.parameters import Parameters
from opentier.graph.paths import Path as TracePath
from opentier.graph.products import Product
from opentier.graph.store import Store
from opentier.graph.survey import survey
from opentier.graph.tables import TABLES
from opentier.graph.trace import Trace, trace
from tests import brute
from tests.brute import Oracle, Question, Row

NAMES = Names()
DATASET = "random"
#: A file system in memory, where there is one: an index is forty small files, and a disk is told of each.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
Tables = dict[str, list[dict[str, str]]]

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
            _actor(actor, *draw(st.tuples(st.sampled_from(PLACES), st.integers(0, 9)))) for actor in known
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
            _designation(*drawn) for drawn in enumerate(draw(st.lists(DESIGNATION, min_size=3, max_size=6)))
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


def _actor(name: str, where: tuple[str, str], number: int) -> dict[str, str]:
    duns = f"duns:{100000000 + number}" if number < 2 else ""
    return {"id": name, "name": name.upper(), "country": where[0], "region": where[1], "identifiers": duns}


def _designation(number: int, drawn: Mapping[str, Any]) -> dict[str, str]:
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
def questions(draw: st.DrawFn) -> Question:
    """Draw a question."""
    times: list[dict[str, Any]] = [{}] * 10
    times += [{"on": day} for day in DAYS]
    times += [{"since": since, "until": until} for since, until in SPANS]
    product = draw(
        st.sampled_from((*[None] * 5, "52", "5201", "520100", "6109", "610910", "61", "lint", "ore"))
    )
    return Question(
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


# --- The index of a package --------------------------------------------------------------------------------------


class Rows:
    """The rows of a package as records of an index."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        gone = {row["record"] for row in tables["retractions"]}
        self.kept = {
            name: [r for r in table if r.get("id", "") not in gone] for name, table in tables.items()
        }

    def actor(self, local: str) -> str:
        """Return the IRI of an actor."""
        return NAMES.actor(DATASET, local)

    def product(self, cell: str) -> Product:
        """Return the product of a cell."""
        for row in self.tables["products"]:
            if row["id"] == cell:
                return Product(NAMES.record(DATASET, "product", cell), row["hs"], row["name"])
        return Product(NAMES.hs(cell), cell)

    def record(self, table: str, row: Row) -> str:
        """Return the IRI of the record of a row: by its id or, where it has none, by what it says."""
        if table == "actors":
            return self.actor(row["id"])
        said = sorted((name, self.value(table, name, cell)) for name, cell in row.items() if cell)
        local = row.get("id") or digest(f"{name}={value}" for name, value in said)
        return NAMES.record(DATASET, TABLES[table].segment, local)

    def value(self, table: str, name: str, cell: str) -> str:
        """Return what a cell says in canonical form."""
        column = TABLES[table].column(name)
        if column is not None and column.kind == "actor":
            return self.actor(cell)
        return self.product(cell).iri if column is not None and column.kind == "product" else cell

    def each(self, table: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield the records of a table once each, by IRI."""
        yield from sorted({self.record(table, row): row for row in self.kept[table]}.items())


def indexed(tables: Tables) -> Index:
    """Return the index of a package."""
    return built(networked(tables))


def built(network: Network) -> Index:
    """Return the index of a network, built and opened as it always is."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as scratch:
        return opened(network, Path(scratch, "index"))


def networked(tables: Tables) -> Network:
    """Return the network of a package as the real way through the store reads it."""
    found = Rows(tables)
    judged = [
        (found.actor(r["left"]), found.actor(r["right"]), r["judgement"])
        for r in tables["identity_judgements"]
    ]
    strong = [(found.actor(row["id"]), row["identifiers"]) for row in tables["actors"] if row["identifiers"]]
    canonical = identity.joined([(a, b) for a, b, judgement in judged if judgement == "positive"], strong)
    unsure: dict[str, set[str]] = defaultdict(set)
    for left, right, judgement in judged:
        a, b = canonical.find(left), canonical.find(right)
        if judgement == "unsure" and a != b:
            unsure[a].add(b)
            unsure[b].add(a)
    return Network(
        release="memory",
        names=NAMES,
        versions={},
        actors=_actors(found, canonical),
        canonical=canonical,
        arcs=list(_arcs(found, canonical)),
        designations=[_entry(found, canonical, iri, row) for iri, row in found.each("designations")],
        products=_products(found),
        inputs=[
            (found.product(r["input"]), found.product(r["output"])) for _, r in found.each("product_inputs")
        ],
        unsure=dict(unsure),
    )


def _actors(found: Rows, canonical: identity.Components) -> dict[str, Actor]:
    members: dict[str, list[dict[str, str]]] = defaultdict(list)
    for iri, row in found.each("actors"):
        members[canonical.find(iri)].append(row)
    schemes = NAMES.record("identifier", "duns", "")
    return {
        iri: Actor(
            iri=iri,
            name=parts[0]["name"],
            kind="actor",
            places=tuple(dict.fromkeys(place for row in parts if (place := _where(row)))),
            names=tuple(row["name"] for row in parts),
            members=tuple(found.actor(row["id"]) for row in parts),
            identifiers=tuple(
                sorted({schemes + row["identifiers"][5:] for row in parts if row["identifiers"]})
            ),
        )
        for iri, parts in members.items()
    }


def _where(row: Row) -> IndexPlace | None:
    country, region = row["country"], row["region"]
    return IndexPlace(country or region[:2], region) if country or region else None


def _arcs(found: Rows, canonical: identity.Components) -> Iterator[Arc]:
    ways = (
        ("supply_links", "supply", "", "buyer", "supplier"),
        ("operation_links", "operation", "down", "operator", "facility"),
        ("operation_links", "operation", "up", "facility", "operator"),
        ("ownership_links", "ownership", "up", "asset", "owner"),
        ("ownership_links", "ownership", "down", "owner", "asset"),
        ("recruitment_links", "recruitment", "", "employer", "recruiter"),
        ("recruitment_links", "recruitment", "", "worksite", "recruiter"),
        ("co_locations", "co-location", "", "actor", "other"),
        ("co_locations", "co-location", "", "other", "actor"),
    )
    for table, kind, direction, tail, head in ways:
        for iri, row in found.each(table):
            if not row[tail] or row.get("status") in ("closed", "retracted"):
                continue
            start, end, confidence = (
                row.get(name) or None for name in ("start_date", "end_date", "confidence")
            )
            share = row.get("share_exact") or row.get("share_minimum")
            yield Arc(
                kind=kind,
                direction=direction,
                tail=canonical.find(found.actor(row[tail])),
                head=canonical.find(found.actor(row[head])),
                record=iri,
                tiers=int(row["declared_tier"] or 1) if kind == "supply" else 0,
                product=found.product(row["product"]) if row.get("product") else None,
                input_to=found.product(row["input_to"]) if row.get("input_to") else None,
                start=first_day(start) if start else EVER,
                end=last_day(end) if end else NEVER,
                start_date=start,
                end_date=end,
                observed=row.get("observed_date") or None,
                confidence=Fraction(confidence) if confidence and confidence != "1" else 1,
                stated_confidence=float(confidence) if confidence else None,
                share=float(share) if share else None,
                controlling=row.get("interest") == "controlling",
                dataset=DATASET,
                evidence=(),
            )


def _entry(found: Rows, canonical: identity.Components, iri: str, row: Row) -> Designation:
    return Designation(
        iri=iri,
        kind=row["kind"],
        authority=row["authority"],
        register=None,
        law=None,
        effect=None,
        exploitation=None,
        status=row["status"] or None,
        target=canonical.find(found.actor(row["target"])) if row["target"] else None,
        product=found.product(row["product"]) if row["product"] else None,
        place=_where(row),
        scope=tuple(sorted(map(found.product, brute.cell(row, "scope_products")), key=lambda p: p.iri)),
        begin_date=row["effective_date"] or row["listing_date"] or None,
        listing_date=row["listing_date"] or None,
        delisting_date=row["delisting_date"] or None,
        dataset=DATASET,
        note=None,
    )


def _products(found: Rows) -> dict[str, Product]:
    """Return every product that a row names, with the headings above it."""
    cells = {
        cell
        for table, rows in found.tables.items()
        for column in TABLES[table]
        if column.kind in ("product", "hs")
        for row in rows
        for cell in brute.cell(row, column.name)
    }
    cells |= {row["id"] for row in found.tables["products"]}
    cells |= {cell[:length] for cell in cells if cell.isdigit() for length in range(2, len(cell), 2)}
    return {product.iri: product for product in map(found.product, sorted(cells))}


# --- Questions to the engine -------------------------------------------------------------------------------------


def parameters(question: Question, rows: Rows, *, downstream: bool = False, paths: int = 1) -> Parameters:
    """Return the parameters of a trace that asks a question."""
    said = asdict(question)
    if question.product and not question.product.isdigit():
        said["product"] = rows.product(question.product).iri
    return Parameters(**said, downstream=downstream, paths=paths)


def local(iri: str) -> str:
    """Return the local id of an actor or a record."""
    return iri.rpartition("/")[2]


def tiers(found: Trace) -> dict[str, int]:
    """Return the tiers of a trace by local ids."""
    return {local(iri): tier for iri, tier in found.tiers.items()}


def roots(tables: Tables) -> list[str]:
    """Return the canonical actors of a package."""
    return sorted(set(brute.components(tables).values()))


def steps(rows: Rows, path: TracePath) -> list[tuple[brute.Record, str, str]]:
    """Return the hops of a printed path as the oracle names them."""
    numbers = {
        rows.record(table, row): (table, number)
        for table, kept in rows.tables.items()
        if table.endswith("_links") or table == "co_locations"
        for number, row in reversed(list(enumerate(kept)))
    }
    return [(numbers[arc.record], local(arc.tail), local(arc.head)) for arc in path.arcs]


Key = tuple[int, Fraction, tuple[str, ...]]


def rank(rows: Rows, walk: brute.Walk, root: str, *, downstream: bool) -> Key:
    """Return where a path stands: by tiers, confidence descending, then IRIs from the traced end."""
    actors = [root, *(hop.end for hop in walk.hops)]
    records = [rows.record(hop.record[0], rows.tables[hop.record[0]][hop.record[1]]) for hop in walk.hops]
    if not downstream:
        actors.reverse()
        records.reverse()
    pairs = zip(records, actors[1:], strict=True)
    iris = (rows.actor(actors[0]), *(iri for record, actor in pairs for iri in (record, rows.actor(actor))))
    return walk.tiers, -walk.confidence, iris


# --- The tests ---------------------------------------------------------------------------------------------------


def runs(examples: int) -> settings:
    """The same examples on every machine."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
    )


@runs(800)
@given(packages(), questions())
def test_reach_tiers_and_exposures_upstream(tables: Tables, question: Question) -> None:
    rows, oracle, index = Rows(tables), Oracle(tables, question), indexed(tables)
    for root in roots(tables):
        found = trace(index, rows.actor(root), parameters(question, rows))
        walks = oracle.walks(root)
        assert tiers(found) == oracle.tiers(walks)
        exposures = exposure.expose(found)
        touches = [(local(e.actor), local(e.designation.iri), e.reason) for e in exposures]
        assert sorted(touches) == sorted(oracle.exposures(walks))
        active = {row["id"] for row in oracle.designations if oracle.active(row)}
        assert all(e.past == (local(e.designation.iri) not in active) for e in exposures)
        assert all(e.tier == found.tiers[e.actor] and len(e.paths) == 1 for e in exposures)


@runs(500)
@given(packages(), questions())
def test_downstream_is_the_same_walk_reversed(tables: Tables, question: Question) -> None:
    rows, oracle, index = Rows(tables), Oracle(tables, question), indexed(tables)
    walks = {root: oracle.walks(root) for root in roots(tables)}
    upstream = {root: oracle.tiers(found) for root, found in walks.items()}
    touches = {root: oracle.exposures(found) for root, found in walks.items()}
    for root in walks:
        found = trace(index, rows.actor(root), parameters(question, rows, downstream=True))
        assert tiers(found) == {
            buyer: reached[root] for buyer, reached in upstream.items() if root in reached
        }
        exposures = [(local(e.actor), local(e.designation.iri), e.reason) for e in exposure.expose(found)]
        expected = [
            (buyer, d, why) for buyer, all_ in touches.items() for actor, d, why in all_ if actor == root
        ]
        assert sorted(exposures) == sorted(expected)


@runs(600)
@given(packages(), questions(), st.integers(1, 4), st.booleans())
def test_printed_paths_are_the_best_of_all_paths(
    tables: Tables, question: Question, most: int, downstream: bool
) -> None:
    rows, oracle, index = Rows(tables), Oracle(tables, question), indexed(tables)
    simple: dict[tuple[str, str, str, str], list[Key]] = defaultdict(list)
    best: dict[tuple[str, str, str, str], int] = {}
    for root in roots(tables):
        try:
            paths = list(oracle.paths(root, 2000))
        except brute.TooMany:
            assume(False)
        for walk in paths:
            for touch in oracle.touches(walk):
                simple[root, *touch].append(rank(rows, walk, root, downstream=downstream))
        for walk in oracle.walks(root):
            for touch in oracle.touches(walk):
                best[root, *touch] = min(walk.tiers, best.get((root, *touch), walk.tiers))
    for traced in roots(tables):
        found = trace(
            index, rows.actor(traced), parameters(question, rows, downstream=downstream, paths=most)
        )
        for touched in exposure.expose(found):
            actor = local(touched.actor)
            root, end = (actor, traced) if downstream else (traced, actor)
            key = (root, end, local(touched.designation.iri), touched.reason)
            printed = [_checked(oracle, rows, path, root, key) for path in touched.paths]
            expected = sorted(simple[key])[:most]
            if expected:
                assert [rank(rows, walk, root, downstream=downstream) for walk in printed] == expected
                assert all(path.simple for path in touched.paths)
            else:
                event("only a path that repeats an actor")
                assert [
                    (walk.tiers, path.simple) for walk, path in zip(printed, touched.paths, strict=True)
                ] == [(best[key], False)]
        assert not found.truncated


def test_surer_ways_with_more_tiers_keep_the_minimum_of_a_path() -> None:
    tables: Tables = {name: [] for name in TABLES} | {
        "actors": [_actor(name, ("CN", ""), 9) for name in "abcd"]
    }
    links = (("a", "b", "0.5"), ("a", "c", ""), ("c", "b", ""), ("c", "b", "0.9"), ("b", "d", "0.6"))
    tables["supply_links"] = [
        {
            "id": f"s{number}",
            "buyer": buyer,
            "supplier": supplier,
            "confidence": confidence,
            "declared_tier": "",
        }
        for number, (buyer, supplier, confidence) in enumerate(links)
    ]
    drawn = {"touched": ("d", "", ("", "")), "dates": ("", "", ""), "scope_products": "", "status": ""}
    tables["designations"] = [_designation(0, drawn)]
    question, rows = Question(min_path_confidence=0.5), Rows(tables)
    found = trace(indexed(tables), rows.actor("a"), parameters(question, rows, paths=3))
    [touched] = exposure.expose(found)
    assert [(path.tiers, path.confidence) for path in touched.paths] == [
        (3, Fraction("0.6")),
        (3, Fraction("0.54")),
    ]


@runs(15)
@given(packages())
def test_a_network_in_memory_is_the_network_of_the_store(tables: Tables) -> None:
    for row in tables["co_locations"]:
        row.clear()  # a contribution states neither dates nor confidence of a co-location
        row.update(actor="a", other="b")
    with tempfile.TemporaryDirectory() as scratch:
        package = Path(scratch, "package")
        written(tables, package)
        store = Store.open(Path(scratch, "data"), create=True)
        admission.contribute(package, Options(), store, lambda stage, done, total: None)
        real, memory = survey(store.release()), networked(tables)
        by = lambda arc: (arc.record, arc.hop, arc.tail, arc.head)  # noqa: E731
        assert sorted(memory.arcs, key=by) == sorted(real.arcs, key=by)
    for name in ("names", "actors", "designations", "products", "unsure", "evidence"):
        assert getattr(memory, name) == getattr(real, name), name
    assert all(
        memory.canonical.find(iri) == real.canonical.find(iri) for iri in map(Rows(tables).actor, ACTORS)
    )
    assert sorted(memory.inputs, key=str) == sorted(real.inputs, key=str)


def written(tables: Tables, folder: Path) -> None:
    """Write a package as a Data Package."""
    folder.mkdir()
    filled = {name: table for name, table in tables.items() if table}
    for name, table in filled.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.DictWriter(file, list(dict.fromkeys(column for row in table for column in row)))
            out.writeheader()
            out.writerows(table)
    described = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": DATASET,
        "title": "A random package",
        "licenses": [{"name": "CC0-1.0"}],
        "resources": [{"name": name.replace("_", "-"), "path": f"{name}.csv"} for name in filled],
    }
    (folder / "datapackage.json").write_text(json.dumps(described), "utf-8")


def _checked(
    oracle: Oracle, rows: Rows, path: TracePath, root: str, key: tuple[str, str, str, str]
) -> brute.Walk:
    """Return a printed path as an admissible walk of the oracle, which agrees with all that is said of it."""
    walk = oracle.admitted(root, steps(rows, path))
    assert walk is not None
    assert key[1:] in oracle.touches(walk)
    assert (path.tiers, path.confidence) == (walk.tiers, walk.confidence)
    first = max((hop.first for hop in walk.hops), default=brute.EVER)
    last = min((hop.last for hop in walk.hops), default=brute.NEVER)
    assert path.start == (first_day(first) if first != brute.EVER else EVER)
    assert path.end == (last_day(last) if last != brute.NEVER else NEVER)
    assert oracle.question.product is None or path.unknown == walk.unknown
    return walk
