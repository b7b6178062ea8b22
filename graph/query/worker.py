"""The program of the processes that answer SPARQL queries: it imports little, and keeps one release open."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from opentier.graph.jobs import worker
from opentier.graph.jobs.frames import PART, Output
from opentier.graph.query import forms, sparql
from opentier.graph.triples import opening
from opentier.graph.triples.engine import Engine

_opened: dict[str, Engine] = {}


def query(asked: Mapping[str, Any], output: Output) -> None:
    """Answer a query over the release in a folder, in the format that is asked for its kind of answer.

    A kind without a format ends after its head.
    """
    answer = sparql.run(
        _engine(asked["release"]), sparql.Asked(asked["text"], asked["default"], asked["named"])
    )
    format = asked["formats"][answer.kind]
    output.head({"kind": answer.kind, "format": format})
    if format is not None:
        try:
            with io.BufferedWriter(output, PART) as buffered:  # the engine writes a few bytes at a time
                forms.write(answer, format, buffered)
        finally:
            output.ended = True


def _engine(release: str) -> Engine:
    if release not in _opened:
        _opened.clear()
        _opened[release] = opening.read_only(Path(release))
    return _opened[release]


if __name__ == "__main__":
    worker.main({"query": query})
