"""The default graph of a release: all that is true now as one graph, kept in the store beside the graphs it is made of.

Its parts are the current versions, what is derived from each of them, who is one with whom, the catalogue and the
vocabulary. A statement is in it once, however many parts make it. Publishing changes only what the parts that come and
go say, so that a small contribution costs little beside large ones. A store elsewhere has none: there the parts are put
together for each query.
"""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI, Triple
from opentier.graph.store.release import CURRENT_VERSION, Release, query_text
from opentier.graph.triples.divided import Divided
from opentier.graph.triples.engine import DEFAULT, Engine, Rows, Triples

_SAME = IRI(expand("ot:sameActorAs"))
#: The file of a release that holds the hash of what its vocabulary says; those of earlier versions have none.
VOCABULARY = "VOCABULARY"
Pairs = Iterable[tuple[str, str]]


class Changed(NamedTuple):
    """The graphs that come with a release, and those of the one before that go."""

    come: Sequence[str]
    gone: Sequence[str]


class Vocabulary(NamedTuple):
    """What the vocabulary says, and the hash of that: a release that has it keeps its own as it is."""

    said: Sequence[Triple]
    hash: str


class Same(NamedTuple):
    """Who is one with whom no longer, and who is now: pairs of actors, both ways round."""

    gone: Pairs
    come: Pairs


#: Says what changes of who is one with whom as some graphs change; all that the store has to say, where None are given.
Identity = Callable[[Release, Changed | None], Same]


@dataclass(frozen=True)
class News:
    """What a new release has that the one before does not; without graphs and entry, the default graph is made anew.

    Attributes
    ----------
    graphs
        The N-Triples files of new versions, by graph.
    entry
        What the catalogue says of them, or of versions that are withdrawn or restored.
    vocabulary
        All that the vocabulary says now; None where it says what it did.
    """

    graphs: Mapping[str, Path] = field(default_factory=dict)
    entry: Sequence[Triple] = ()
    vocabulary: Vocabulary | None = None


def write(engine: Engine, path: Path, before: Release, news: News, identity: Identity) -> None:
    """Write what is new into the store of a release that is being made at `path`: a copy of the one `before`."""
    names, files = before.names, dict(news.graphs)
    known = before.parts if (news.graphs or news.entry) and before.united else []
    for graph, file in news.graphs.items():
        engine.load(graph, file)
    _change(engine, names.catalogue, (), news.entry, known)
    release = Release(path, names, engine)
    _replace(engine, names.catalogue, _pointers(release), known, CURRENT_VERSION)
    told = vocabulary(before.path)
    new = news.vocabulary if news.vocabulary and news.vocabulary.hash != told else None
    if new is not None:
        _replace(engine, names.vocabulary, new.said, known)
    (path / VOCABULARY).write_text(new.hash if new else told, "ascii")
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        for number, version in enumerate(release.versions):
            if version.iri in files or not known:
                graph, file = names.derived_of(version.iri), Path(scratch) / str(number)
                with file.open("wb") as output:
                    engine.query(query_text("derived"), [version.iri]).write("ntriples", output)
                engine.remove(graph)
                engine.load(graph, file)
                files[graph] = file
        come = [part for part in release.parts if part not in known]
        gone = [part for part in known if part not in release.parts]
        same = identity(release, Changed(come, gone) if known else None)
        _change(engine, names.derived, _same(same.gone), _same(same.come), known)
        if not engine.united:
            return
        if not known:
            engine.remove(DEFAULT)
        for part in gone:
            _leave(engine, part, release.parts)
        for part in come:
            if part == names.vocabulary and new is not None:
                engine.change(DEFAULT, (), new.said)
            else:
                _join(engine, part, files.get(part))


def vocabulary(path: Path) -> str:
    """Return the hash of what the vocabulary of a release says, or nothing where that is not told."""
    file = path / VOCABULARY
    return file.read_text("ascii") if file.is_file() else ""


def faults(release: Release) -> Iterator[str]:
    """Yield in which way the default graph is not what its parts make; a release of an earlier version has none."""
    if not release.united:
        return
    engine, names = release.engine, release.names
    for version in release.current.values():
        derived = engine.query(query_text("derived"), [version.iri])
        assert isinstance(derived, Triples)
        if set(derived) != set(engine.match(names.derived_of(version.iri))):
            yield f"what is derived from {version.dataset} version {version.number} is not what it gives"
    if set(engine.match(names.catalogue, predicate=CURRENT_VERSION)) != set(_pointers(release)):
        yield "the catalogue names other versions as the current ones"
    if isinstance(engine, Divided):
        for graph in engine.differing():
            yield f"the store elsewhere shows something else as the {names.id(graph)}"
        return
    for part in release.parts:
        if any(True for _ in _rows(engine, "missing", [part], part)):
            yield f"the default graph lacks statements of {names.id(part)}"
    if any(True for _ in _rows(engine, "stray", release.parts)):
        yield "the default graph has statements that nothing current makes"


def same(release: Release) -> set[tuple[str, str]]:
    """Return who is said to be one with whom."""
    return {(said.subject.value, said.object.value) for said in release.engine.match(release.names.derived)}


def _same(pairs: Pairs) -> list[Triple]:
    return [Triple(IRI(left), _SAME, IRI(right)) for left, right in pairs]


def _pointers(release: Release) -> list[Triple]:
    """Return what the catalogue says of which versions are current."""
    return [
        Triple(IRI(release.names.series(name)), IRI(CURRENT_VERSION), IRI(version.iri))
        for name, version in release.current.items()
    ]


def _replace(
    engine: Engine, graph: str, said: Iterable[Triple], known: Sequence[str], property: str | None = None
) -> None:
    """Let a graph say something else (of one property, where it is given), and the default graph with it."""
    old, new = set(engine.match(graph, predicate=property)), set(said)
    _change(engine, graph, old - new, new - old, known)


def _change(
    engine: Engine, graph: str, gone: Collection[Triple], come: Collection[Triple], known: Sequence[str]
) -> None:
    """Change a graph, and the default graph with it, where that was made of `known` parts."""
    engine.change(graph, gone, come)
    if known and engine.united:
        engine.change(DEFAULT, [said for said in gone if not _stated(engine, said, known)], come)


def _stated(engine: Engine, said: Triple, parts: Sequence[str]) -> bool:
    return any(
        any(True for _ in engine.match(part, said.subject, said.predicate.value, said.object))
        for part in parts
    )


def _leave(engine: Engine, part: str, others: Sequence[str]) -> None:
    """Take from the default graph what a part states and none of the others does."""
    rows = _rows(engine, "alone", [*others, part], part)
    engine.change(DEFAULT, [Triple(*row[:3]) for row in rows], ())  # type: ignore[arg-type]


def _join(engine: Engine, part: str, file: Path | None) -> None:
    """Add a part to the default graph: from its file where that is quicker and gives the same."""
    if file is None or _blank(file):
        engine.copy(part, DEFAULT)
    else:
        engine.load(DEFAULT, file)


def _blank(file: Path) -> bool:
    """Return whether a file of N-Triples may have a blank node for a value; a subject is none."""
    if not file.stat().st_size:
        return False
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return text.find(b" _:") >= 0


def _rows(engine: Engine, name: str, named: Sequence[str], graph: str | None = None) -> Rows:
    found = engine.query(query_text(name), None, named, {"graph": graph} if graph else None)
    assert isinstance(found, Rows)
    return found
