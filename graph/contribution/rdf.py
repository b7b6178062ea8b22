"""A contributed file of RDF: a stream within bounds, nothing beside it fetched; what it says becomes rows of tables."""

from __future__ import annotations

import codecs
import io
import json
import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import IO
from xml.parsers import expat

from opentier.graph.contribution import described
from opentier.graph.contribution.staging import Row
from opentier.graph.intake import bounds, kinds, wrapping
from opentier.graph.model.formats import GRAPHS, SETS, of_suffix
from opentier.graph.model.names import CONTEXT_IRI, Names
from opentier.graph.report.report import Report, Where
from opentier.graph.vocabulary import syntax
from opentier.graph.vocabulary.blanks import Statements

#: The formats of RDF that are read.
FORMATS = tuple(format.name for format in (*GRAPHS, *SETS))


def format_of(name: str) -> str | None:
    """Return the format of a file of RDF by its name, compressed or not; None for other files."""
    return of_suffix(Path(name.lower().removesuffix(".gz")).suffix[1:], *FORMATS)


def read(path: Path, dataset: str, names: Names, scratch: Path, report: Report) -> dict[str, list[Row]]:
    """Return the rows of tables that a file of RDF says; what is wrong with it goes into the report.

    Raises
    ------
    Unreadable
        If it is compressed and cannot be unpacked.
    """
    where, format = Where(path.name), format_of(path.name)
    assert format is not None
    if kinds.kind(path) == "gzip":
        path = wrapping.gunzip(path, Path(tempfile.mkdtemp(dir=scratch)))
    said, graphs = Statements(), set[str]()
    try:
        with _opened(path, format) as file:
            for triple, graph in syntax.stream(file, format, f"{names.base}{dataset}/"):
                graphs.add(graph)
                properties = said.setdefault(triple.subject, {})
                properties.setdefault(triple.predicate.value, {})[triple.object] = None
    except (SyntaxError, ValueError, RecursionError, expat.ExpatError) as error:
        row = getattr(error, "lineno", None)
        advice = "Mend it at that line." if row else "Mend it; nothing beside this file is read or fetched."
        what = f"This is not {path.suffix[1:]}: {error}."
        report.add("error", Where(where.file, row), what, advice)
        return {}
    try:
        found = described.rows(said, where.file, dataset, names, report)
    except ValueError as error:
        report.add("error", where, f"Some records have no names: {error}.", "Give records IRIs.")
        return {}
    if not said:
        report.add("error", where, "The file is empty.", "Add at least one record.")
    if graphs - {""}:
        message = f"{len(graphs - {''}):,} named graphs are read as one: which statement stood in which is not kept."
        report.add("info", where, message, "Contribute them as datasets of their own where it matters.")
    return found


@contextmanager
def _opened(path: Path, format: str) -> Iterator[IO[bytes]]:
    """Open a file that holds no more of anything than it may, behind its byte order mark."""
    with path.open("rb") as file:
        marked = file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
        start = len(codecs.BOM_UTF8) if marked else 0
        if path.stat().st_size > start:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                bounds.rdf(data, format)
        file.seek(start)
        yield io.BytesIO(_own_context(file.read())) if format == "jsonld" else file


def _own_context(data: bytes) -> bytes:
    """Put our JSON-LD context in the place of its address: nothing is fetched."""
    document = json.loads(data)
    context = json.loads((files("opentier.ontology") / "context.jsonld").read_text("utf-8"))["@context"]

    def inlined(value: object) -> object:
        if value == CONTEXT_IRI:
            return context
        if isinstance(value, str):
            raise ValueError(f"its @context {value} is not that of OpenTier, and is not fetched")
        return [inlined(item) for item in value] if isinstance(value, list) else value

    for part in document if isinstance(document, list) else [document]:
        if isinstance(part, dict) and "@context" in part:
            part["@context"] = inlined(part["@context"])
    return json.dumps(document).encode()
