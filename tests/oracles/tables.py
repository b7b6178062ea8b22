"""Drawn packages as the engine takes them, and its answers as the oracles name them.

A network is made from the rows of a package (`networked`), because the way through the store takes a hundred times
as long; a test holds such networks against those of the real way. The index is built and opened as it always is.
"""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from opentier.graph.identity import components, judgements
from opentier.graph.index.build import opened
from opentier.graph.index.opened import Index
from opentier.graph.model.dates import EVER, NEVER, first_day, last_day
from opentier.graph.model.names import digest
from opentier.graph.model.products import Product
from opentier.graph.model.tables import TABLES
from opentier.graph.network.history import history, ordered
from opentier.graph.network.network import Actor, Arc, Designation, Network, Succession
from opentier.graph.network.network import Place as IndexPlace
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.paths import Path as TracePath
from opentier.graph.trace.walks import Trace
from tests.oracles import brute, joins, places
from tests.oracles.brute import Row
from tests.oracles.draw import NAMES, Tables

DATASET = "random"
#: A file system in memory, where there is one: an index is forty small files, and a disk is told of each.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

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
        return Product(NAMES.hs(cell), cell, f"HS {cell}")

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


@contextmanager
def kept(network: Network) -> Iterator[Index]:
    """Build the index of a network in a folder that stays for a while."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as scratch:
        yield opened(network, Path(scratch, "index"))


def networked(tables: Tables) -> Network:
    """Return the network of a package as the real way through the store reads it."""
    found = Rows(tables)
    judged = _judgements(found)
    canonical = judged.joined()
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
        successions=[
            Succession(
                row["kind"], canonical.find(found.actor(row["before"])),
                canonical.find(found.actor(row["after"])) if row["after"] else None, row["date"] or None,
            )
            for _, row in found.each("organisation_changes")
        ],
        judged=[*judged.joins, *judged.doubts, *judged.negative],
        disputed=len(judged.disputed),
    )  # fmt: skip


def _judgements(found: Rows) -> judgements.Judgements:
    said = [
        judgements.Judged(
            found.actor(row["left"]), found.actor(row["right"]), row["judgement"], iri, row["decided_by"] or None,
            None, row["date"] or None,
        )
        for iri, row in found.each("identity_judgements")
    ]  # fmt: skip
    identified = [(iri, number) for iri, row in found.each("actors") for number in _numbers(row)]
    return judgements.Judgements(said, identified)


def _numbers(row: Row) -> list[str]:
    """Return the strong identifiers of an actor as IRIs."""
    schemes = NAMES.record("identifier", "duns", "")
    return sorted(schemes + number[5:] for number in joins.strong(row))


def _actors(found: Rows, canonical: components.Components) -> dict[str, Actor]:
    members: dict[str, list[dict[str, str]]] = defaultdict(list)
    for iri, row in found.each("actors"):
        members[canonical.find(iri)].append(row)
    return {
        iri: Actor(
            iri=iri,
            name=parts[0]["name"],
            kind="actor",
            places=tuple(dict.fromkeys(place for row in parts if (place := _where(row)))),
            names=tuple(row["name"] for row in parts),
            members=tuple(found.actor(row["id"]) for row in parts),
            identifiers=tuple(sorted({number for row in parts for number in _numbers(row)})),
        )
        for iri, parts in members.items()
    }


def _where(row: Row) -> IndexPlace | None:
    """Return where a row says that something is; a region that stays text is kept as text."""
    country, region = places.place(row)
    return (
        IndexPlace(country, row["region"] if region == places.TEXT else region) if country or region else None
    )


def _arcs(found: Rows, canonical: components.Components) -> Iterator[Arc]:
    ways = (
        ("supply_links", "supply", "", "buyer", "supplier"),
        ("operation_links", "operation", "down", "operator", "facility"),
        ("operation_links", "operation", "up", "facility", "operator"),
        ("ownership_links", "ownership", "up", "asset", "owner"),
        ("ownership_links", "ownership", "down", "owner", "asset"),
        ("recruitment_links", "recruitment", "", "employer", "recruiter"),
        ("recruitment_links", "recruitment", "", "worksite", "recruiter"),
        ("recruitment_links", "recruitment", "", "recruiter", "sub_agent_of"),
        ("co_locations", "co-location", "", "actor", "other"),
        ("co_locations", "co-location", "", "other", "actor"),
    )
    for table, kind, direction, tail, head in ways:
        for iri, row in found.each(table):
            closed = row.get("status") == "closed" and not row.get("end_date")
            if not (row[tail] and row[head]) or closed or row.get("status") == "retracted":
                continue
            members = found.actor(row[tail]), found.actor(row[head])
            ends = canonical.find(members[0]), canonical.find(members[1])
            start, end, confidence = (
                row.get(name) or None for name in ("start_date", "end_date", "confidence")
            )
            share = row.get("share_exact") or row.get("share_minimum") or row.get("share")
            yield Arc(
                kind=kind,
                direction=direction,
                tail=ends[0],
                head=ends[1],
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
                indirect=row.get("direct") == "false",
                value=float(row["value"]) if row.get("value") else None,
                quantity=float(row["quantity"]) if row.get("quantity") else None,
                currency=row.get("currency", ""),
                unit=row.get("unit", ""),
                members=None if ends == members else members,
            )


def _entry(found: Rows, canonical: components.Components, iri: str, row: Row) -> Designation:
    said = [said for said in found.kept["status_changes"] if said["designation"] == row["id"]]
    changed = ordered((each["date"], each["status"]) for each in said)
    begin = row["effective_date"] or row["listing_date"] or None
    known = history(begin, row["delisting_date"] or None, row["status"] or None, changed)
    return Designation(
        iri=iri,
        kind=row["kind"],
        authority=row["authority"],
        register=None,
        law=None,
        effect=None,
        exploitation=tuple(sorted(brute.cell(row, "exploitation"))) or ("not-stated",),
        measure=row["kind"] == "regional-presumption",
        status=row["status"] or (changed[-1][1] if changed else None),
        target=canonical.find(found.actor(row["target"])) if row["target"] else None,
        product=found.product(row["product"]) if row["product"] else None,
        place=_where(row),
        scope=tuple(sorted(map(found.product, brute.cell(row, "scope_products")), key=lambda p: p.iri)),
        subsidiaries=row["includes_subsidiaries"] == "true",
        changes=tuple(changed),
        in_force=known.intervals,
        over=known.over,
        effective_date=row["effective_date"] or None,
        listing_date=row["listing_date"] or None,
        delisting_date=row["delisting_date"] or None,
        observed_date=row["observed_date"] or None,
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


def parameters(question: Parameters, rows: Rows, *, downstream: bool = False, paths: int = 1) -> Parameters:
    """Return the parameters of a trace that asks a question."""
    product = question.product
    if product and not product.isdigit():
        product = rows.product(product).iri
    return replace(question, product=product, downstream=downstream, paths=paths)


def local(iri: str) -> str:
    """Return the local id of an actor or a record."""
    return iri.rpartition("/")[2]


def tiers(found: Trace) -> dict[str, int]:
    """Return the tiers of a trace by local ids."""
    return {local(iri): tier for iri, tier in found.tiers.items()}


def roots(tables: Tables) -> list[str]:
    """Return the canonical actors of a package."""
    return sorted(set(joins.components(tables).values()))


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


# --- Packages that are not drawn ---


def chain(*links: tuple[str, str, str], listed: str = "x") -> tuple[Tables, Rows]:
    """Return a package of supply links, each with a confidence, before one listed actor."""
    names = sorted({name for link in links for name in link[:2]} | {listed})
    none = dict.fromkeys(("product", "country", "region", "scope_products", "status", "exploitation"), "")
    none |= dict.fromkeys(("listing_date", "effective_date", "delisting_date", "observed_date"), "")
    none["includes_subsidiaries"] = ""
    more = (
        "operation_links", "ownership_links", "recruitment_links", "co_locations", "product_inputs", "products",
        "status_changes", "organisation_changes", "identity_judgements", "retractions",
    )  # fmt: skip
    tables: Tables = {name: [] for name in more}
    tables |= {
        "actors": [
            {"id": name, "name": name, "country": "DE", "region": "", "identifiers": ""} for name in names
        ],
        "supply_links": [
            {"id": f"s{n}", "buyer": a, "supplier": b, "confidence": sure, "declared_tier": ""}
            for n, (a, b, sure) in enumerate(links)
        ],
        "designations": [{"id": "d", "kind": "entity-listing", "authority": "A", "target": listed} | none],
    }
    return tables, Rows(tables)


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
