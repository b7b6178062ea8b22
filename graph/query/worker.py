"""The program of the processes that answer SPARQL queries and give graphs.

It imports little, and keeps one release open.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from opentier.graph.errors import QueryError, StoreError
from opentier.graph.jobs import worker
from opentier.graph.jobs.frames import PART, Output
from opentier.graph.query import federation, forms, sparql
from opentier.graph.triples import opening
from opentier.graph.triples.engine import Engine

_opened: dict[str, Engine] = {}


def query(asked: Mapping[str, Any], output: Output) -> None:
    """Answer a query over the release in a folder, in the format that is asked for its kind of answer.

    A kind without a format ends after its head.
    """
    query = sparql.Asked(**asked["asked"])
    for iri in query.asks:
        federation.reachable(iri)
    try:
        answer = sparql.run(_engine(asked["release"]), query)
        format = asked["formats"][answer.kind]
        output.head({"kind": answer.kind, "format": format})
        if format is not None:
            _written(output, lambda to: forms.write(answer, format, to))
    except StoreError as error:
        if not query.asks:
            raise
        raise QueryError(
            f"No answer came from {' and '.join(query.asks)}, or none that can be read. SERVICE SILENT does without."
        ) from error


def graph(asked: Mapping[str, Any], output: Output) -> None:
    """Write all that some graphs say together, in a format."""
    engine, graphs, format = _engine(asked["release"]), asked["graphs"], asked["format"]
    output.head({})
    if len(graphs) == 1 and format != "jsonld":  # as it comes: nothing is put together in memory
        _written(output, lambda to: engine.dump(graphs[0], format, to))
    else:
        said = dict.fromkeys(triple for _, triple in engine.among(graphs))
        _written(output, lambda to: to.write(forms.triples(said, format)))


def _written(output: Output, write: Callable[[IO[bytes]], object]) -> None:
    try:
        with io.BufferedWriter(output, PART) as buffered:  # the engine writes a few bytes at a time
            write(buffered)
    finally:
        output.ended = True


def _engine(release: str) -> Engine:
    if release not in _opened:
        _opened.clear()
        _opened[release] = opening.read_only(Path(release))
    return _opened[release]


if __name__ == "__main__":
    worker.main({"query": query, "graph": graph})
