"""A generated chain as a store: its links as records in the graph of an admitted dataset, and the index built of them.

``python -m tests.benchmarks.stored FOLDER SIZE fill`` makes the store, ``... index`` builds its index and prints the
seconds and the most memory in bytes that took, and ``... columns`` builds the index of the chain itself, without RDF;
each in a process of its own, so that one does not count for the other.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox

from opentier.graph import Graph
from opentier.graph.index import shelf
from opentier.graph.model.dates import EVER, NEVER, iso
from opentier.graph.model.names import expand
from tests.benchmarks.chains import Chain, make
from tests.benchmarks.indexed import build

DATASET = "chain"


def fill(folder: Path, size: str) -> int:
    """Make a store with the links of a chain; return how many statements it took."""
    package = folder / "package"
    package.mkdir(parents=True)
    (package / "actors.csv").write_text("id,name\nfirst,First\n")
    described = {
        "name": DATASET, "title": "A generated chain", "licenses": [{"name": "CC0-1.0"}],
        "resources": [{"name": "actors", "path": "actors.csv"}],
    }  # fmt: skip
    (package / "datapackage.json").write_text(json.dumps(described))
    graph = Graph.open(folder / "data", create=True)
    version = graph.contribute(package).version
    release = graph.store.release()
    chain, file = make(size), folder / "links.nt"
    with file.open("w") as out:
        out.writelines(_statements(chain, release.names.base))
    store = ox.Store(str(release.path))  # nobody else has it open
    store.bulk_load(path=str(file), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(version.iri))
    store.flush()
    file.unlink()
    return len(store)


def index(folder: Path) -> tuple[float, int]:
    """Build the index of the store; return the seconds and the most memory of this process, in bytes."""
    release = Graph.open(folder / "data").store.release()
    return _measured(lambda: shelf.rebuild(release))


def columns(folder: Path, size: str) -> tuple[float, int]:
    """Build the index of a chain; return the same, the chain included."""
    chain = make(size)
    return _measured(lambda: build(chain, folder / "index" / "00000001", "00000001"))


def _measured(work: Callable[[], object]) -> tuple[float, int]:
    begun = time.perf_counter()
    work()
    seconds = time.perf_counter() - begun
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return seconds, int(status["VmHWM"].split()[0]) * 1024  # unlike ru_maxrss nothing of the parent's


def _statements(chain: Chain, base: str) -> Iterator[str]:
    """Yield the statements of actors and links as N-Triples."""
    own, kind = f"{base}{DATASET}/", f"<{expand('rdf:type')}>"
    for actor in range(chain.actors):
        yield f"<{own}{actor}> {kind} <{expand('ot:Actor')}> .\n"
        yield f'<{own}{actor}> <{expand("rdfs:label")}> "Actor {actor}" .\n'
    links = zip(
        chain.buyer.tolist(), chain.supplier.tolist(), chain.product.tolist(), chain.start.tolist(),
        chain.end.tolist(), chain.confidence.tolist(), strict=True,
    )  # fmt: skip
    terms = {name: f"<{expand(f'ot:{name}')}>" for name in ("buyer", "supplier", "product", "confidence")}
    days = {name: f"<{expand(f'ot:{name}')}>" for name in ("startDate", "endDate")}
    for number, (buyer, supplier, product, start, end, sure) in enumerate(links):
        link = f"<{own}supply-link/{number:08d}>"
        yield f"{link} {kind} <{expand('ot:SupplyLink')}> .\n"
        yield f"{link} {terms['buyer']} <{own}{buyer}> .\n{link} {terms['supplier']} <{own}{supplier}> .\n"
        yield f"{link} {terms['product']} <{base}hs/{chain.products[product]}> .\n"
        yield f'{link} {terms["confidence"]} "{chain.confidences[sure]}" .\n'
        if start != EVER:
            yield f'{link} {days["startDate"]} "{iso(start)}" .\n'
        if end != NEVER:
            yield f'{link} {days["endDate"]} "{iso(end)}" .\n'


def _main(where: Path, size: str, what: str) -> None:
    if what == "fill":
        print(fill(where, size))
    else:
        print(json.dumps(index(where) if what == "index" else columns(where, size)))


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
