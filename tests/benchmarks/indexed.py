"""A generated chain as an index: its columns go straight in, no RDF; actors and links keep their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from opentier.graph.engine.columns import Keys, Strings, key
from opentier.graph.index.build import flags, write
from opentier.graph.index.extension import Addition
from opentier.graph.index.format import ARCS, RECORDS, Tables
from opentier.graph.model.dates import EVER, NEVER
from opentier.graph.model.names import Names
from opentier.graph.model.versions import Version
from opentier.graph.network.network import Designation
from tests.benchmarks.chains import Array, Chain

NAMES = Names("urn:chain:")
_DATED = 3  # to the day


def iri(actor: int, names: Names = NAMES) -> str:
    """Return the IRI of an actor."""
    return f"{names.base}c/{actor:08d}"


def build(
    chain: Chain, folder: Path, release: str, names: Names = NAMES, versions: Iterable[Version] = ()
) -> None:
    """Write the index of a chain: of dataset "c" of a store, where its names and versions are given."""
    actors = _numbered(f"{names.base}c/", chain.actors)
    pairs = _hashes(chain.actors, names)
    texts = {
        "record": Strings.fixed(_numbered(f"{names.base}c/supply-link/", chain.links)),
        "extra": Strings.pack([""]),
        "iri": Strings.fixed(actors),
        "name": Strings.fixed(_numbered("Actor ", chain.actors)),
        "more": (np.zeros(chain.actors + 1, np.uint64), np.zeros(0, np.uint8)),
        "evidence": Strings.pack([]),
    }
    nodes: dict[str, Array] = {
        "place": chain.country.astype(np.uint32),
        "kind": np.ones(chain.actors, np.uint8),
    }
    none = (np.zeros(0, np.uint64), np.zeros(0, np.uint32))
    arcs = columns(chain, np.arange(chain.links, dtype=np.uint32))
    write(
        folder,
        tables(chain, release, arcs, names, versions),
        arcs,
        nodes,
        texts,
        {"node": Keys.pack(*pairs), "evidence": none},
    )


def columns(chain: Chain, records: Array) -> dict[str, Array]:
    """Return the links of a chain as the columns of arcs."""
    dated = (chain.start >= 0) * _DATED | (chain.end < 10_000_000) * (_DATED << 2) | (1 << 6)
    found = {
        "head": chain.supplier, "tail": chain.buyer, "start": chain.start, "end": chain.end,
        "goods": chain.product + 1, "confidence": chain.confidence, "share": chain.share, "record": records,
        "stated": dated,
    }  # fmt: skip
    filled = {
        "hop": 1,
        "tiers": 1,
        "dataset": 0,
        "observed": -1,
        "extra": 0,
        "worth": np.nan,
        "amount": np.nan,
    }
    for name, kind in (ARCS | RECORDS).items():
        value = found.get(name)
        found[name] = (
            np.full(chain.links, filled.get(name, 0), kind)
            if value is None
            else value.astype(kind, copy=False)
        )
    return found


def tables(
    chain: Chain,
    release: str,
    arcs: dict[str, Array],
    names: Names = NAMES,
    versions: Iterable[Version] = (),
) -> Tables:
    """Return the small tables of a chain: its exposed actors are designated."""
    return Tables(
        release=release,
        base=names.base,
        counts={"ordered nodes": chain.actors, "ordered records": chain.links},
        products=[[names.hs(code), code, code] for code in chain.products],
        goods=[[-1, -1], *([number, -1] for number in range(len(chain.products)))],
        confidences=list(chain.confidences),
        measures=[["", ""]],
        datasets=["c"],
        live=[True],
        places=[[[country, ""]] for country in chain.countries],
        kinds=["actor", "organisation"],
        designations=[_designated(actor, names) for actor in chain.exposed.tolist()],
        inputs=[list(pair) for pair in chain.inputs],
        unsure=[],
        successions=[],
        judged=[],
        disputed=0,
        merged=[],
        versions=[asdict(version) for version in versions],
        **flags(arcs),
    )


def addition(index_tables: Tables, links: Chain) -> Addition:
    """Return links between known actors as what is added to an index."""
    first = index_tables.counts["record"]
    records = np.arange(first, first + links.links, dtype=np.uint32)
    named = Strings.pack(f"{NAMES.base}c/supply-link/{number:08d}" for number in records)
    return Addition(columns(links, records), named, index_tables)


def _designated(actor: int, names: Names) -> dict[str, object]:
    entry = Designation(
        iri=f"{names.base}c/designation/{actor}", kind="entity-listing", authority="Generated", register=None, law=None,
        effect="import-ban", exploitation=("not-stated",), measure=False, status="active", target=iri(actor, names),
        product=None, place=None, scope=(), subsidiaries=False, effective_date=None, listing_date=None,
        delisting_date=None, observed_date=None, changes=(), in_force=((EVER, NEVER),), over=NEVER, dataset="c",
        note=None,
    )  # fmt: skip
    return asdict(entry) | {"scope": [], "node": actor}


def _numbered(prefix: str, many: int) -> Array:
    """Return texts of one width: a prefix and eight digits."""
    digits = np.char.zfill(np.arange(many).astype("S8"), 8)
    return np.char.add(np.array(prefix.encode()), digits)


def _hashes(many: int, names: Names) -> tuple[Array, Array]:
    """Return what actors are found by: the hash of each IRI and its number."""
    hashes = np.fromiter((key(iri(actor, names)) for actor in range(many)), np.uint64, many)
    return hashes, np.arange(many, dtype=np.uint32)
