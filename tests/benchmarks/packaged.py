"""A generated chain as a Data Package, as somebody contributes one: every page then has something to show.

Actors have names as unlike as real ones are, kinds, countries, and a third of them coordinates; links carry codes of
the Harmonized System and rest on documents; the exposed actors are listed, some of them have incidents and owners.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from opentier.graph.model.dates import EVER, NEVER, iso
from opentier.graph.written import goods, hs
from tests.benchmarks.chains import Chain
from tests.benchmarks.crowd import parties

DATASET = "chain"
#: Pieces of evidence that links rest on; one link in so many does.
DOCUMENTS, RESTS = 2_000, 5
#: The layers of which actors are companies; all others are sites.
_COMPANIES = 2
_SHARE = "60"


def package(chain: Chain, folder: Path, links: int | None = None) -> Path:
    """Write a chain as a package; with its first links only, where a number says how many."""
    folder.mkdir(parents=True)
    codes = _codes(len(chain.products))
    tables: dict[str, tuple[Sequence[str], Iterable[Sequence[object]]]] = {
        "actors": (("id", "name", "kind", "country", "lat", "lon", "also_known_as"), _actors(chain)),
        "evidence": (
            ("id", "type", "url", "title"),
            (
                (f"e{n}", "supplier-list", f"https://example.org/evidence/e{n}", f"Supplier list {n}")
                for n in range(DOCUMENTS)
            ),
        ),
        "supply_links": (
            ("id", "buyer", "supplier", "product", "start_date", "end_date", "confidence", "evidence"),
            _links(chain, codes, chain.links if links is None else links),
        ),
        "product_inputs": (
            ("input", "output"),
            sorted({(codes[a], codes[b]) for a, b in chain.inputs if codes[a] != codes[b]}),
        ),
        "ownership_links": (("owner", "asset", "interest", "share_exact"), _owners(chain)),
        "designations": (
            ("id", "kind", "authority", "target", "register", "exploitation", "listing_date", "status"),
            (
                (f"d{n}", "entity-listing", "Generated authority", f"a{actor}", "Generated list", "forced-labour",
                 f"20{n % 6 + 18}-0{n % 9 + 1}-01", "active")
                for n, actor in enumerate(chain.exposed.tolist())
            ),
        ),
        "incidents": (
            ("id", "status", "facility", "country", "indicators", "from", "evidence"),
            (
                (f"i{n}", "corroborated", f"a{actor}", chain.countries[chain.country[actor]], "debt-bondage",
                 f"20{n % 6 + 18}", f"e{n % DOCUMENTS}")
                for n, actor in enumerate(chain.exposed.tolist())
                if n % 4 == 0
            ),
        ),
    }  # fmt: skip
    for name, (head, rows) in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(head)
            writer.writerows(rows)
    described = {
        "name": DATASET, "title": "A generated chain", "licenses": [{"name": "CC0-1.0"}],
        "contributors": [{"title": "A generator", "roles": ["publisher"]}], "created": "2026-01-01T00:00:00Z",
        "version": "1" if links is None else "0", "resources": [{"name": n, "path": f"{n}.csv"} for n in tables],
    }  # fmt: skip
    (folder / "datapackage.json").write_text(json.dumps(described), "utf-8")
    return folder


def _codes(many: int) -> list[str]:
    """Return as many codes of six digits, those of raw materials last."""
    every = sorted((code for code in _subheadings() if hs.known(code) and not hs.earlier(code)), reverse=True)
    return [every[n * len(every) // many] for n in range(many)]


def _subheadings() -> Iterator[str]:
    headings = {code for code in goods.names() if len(code) == 4}
    return (f"{heading}{end:02d}" for heading in headings for end in range(100))


def _actors(chain: Chain) -> Iterator[Sequence[object]]:
    chance = random.Random(5)
    for number, party in enumerate(parties(chain.actors)):
        company = chain.layer[number] < _COMPANIES
        placed = not company and number % 2 == 0
        lat, lon = (
            (f"{chance.uniform(-35, 60):.4f}", f"{chance.uniform(-120, 140):.4f}") if placed else ("", "")
        )
        other = f"{party.called[0].split()[0]} Works" if number % 9 == 0 else ""
        kind = "legal-entity" if company else "facility"
        yield f"a{number}", party.called[0], kind, chain.countries[chain.country[number]], lat, lon, other


def _links(chain: Chain, codes: Sequence[str], many: int) -> Iterator[Sequence[object]]:
    columns = (chain.buyer, chain.supplier, chain.product, chain.start, chain.end, chain.confidence)
    for number, row in enumerate(zip(*(each[:many].tolist() for each in columns), strict=True)):
        buyer, supplier, product, start, end, sure = row
        yield (
            f"l{number}", f"a{buyer}", f"a{supplier}", codes[product], "" if start == EVER else iso(start),
            "" if end == NEVER else iso(end), chain.confidences[sure],
            "" if number % RESTS else f"e{number % DOCUMENTS}",
        )  # fmt: skip


def _owners(chain: Chain) -> Iterator[Sequence[object]]:
    """Yield an owner of every hundredth actor."""
    for number in range(0, chain.actors - 1, 100):
        yield f"a{number + 1}", f"a{number}", "shareholding", _SHARE
