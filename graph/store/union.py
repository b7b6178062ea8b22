"""The default graph of a release: all that is true now as one graph, kept in the store beside the graphs it is made of.

Its parts are the current versions of public datasets, what is derived from each of them, who is one with whom, the
catalogue and the vocabulary. A dataset that is not public is in none of them: what the catalogue would say of it stands
in a graph of its own, and so does who is one with whom where such datasets count. A statement is in it once, however
many parts make it. Publishing changes only what the parts that come and go say, so that a small contribution costs
little beside large ones. A store elsewhere has none: there the parts are put together for each query.
"""

from __future__ import annotations

import json
import mmap
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import NamedTuple

from opentier.graph.model.names import Names, expand
from opentier.graph.model.rdf import IRI, Blank, Triple
from opentier.graph.model.visibility import closed
from opentier.graph.store.entries import VISIBILITY
from opentier.graph.store.graphs import CURRENT_VERSION, query_text
from opentier.graph.store.release import Release
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
    visibility
        Datasets with who may see them from now on; the one that the entry is of, too, where that changes.
    dataset
        The one that the entry is of.
    """

    graphs: Mapping[str, Path] = field(default_factory=dict)
    entry: Sequence[Triple] = ()
    vocabulary: Vocabulary | None = None
    visibility: Mapping[str, str] = field(default_factory=dict)
    dataset: str = ""

    def __bool__(self) -> bool:
        return bool(self.graphs or self.entry or self.visibility)

    def held(self, before: Release) -> dict[str, str]:
        """Return the visibility of each dataset that is held back now: of no embargo that has ended."""
        said = {**before.visibility, **self.visibility}
        return {dataset: said[dataset] for dataset in sorted(said) if closed(said[dataset], before.day)}


def write(engine: Engine, path: Path, before: Release, news: News, identity: Identity) -> None:
    """Write what is new into the store of a release that is being made at `path`: a copy of the one `before`."""
    names, files = before.names, dict(news.graphs)
    known, held = before.stored.parts if news and before.united else [], news.held(before)
    if held:
        (path / VISIBILITY).write_text(json.dumps(held), "utf-8")
    for graph, file in news.graphs.items():
        engine.load(graph, file)
    for dataset in sorted(held.keys() ^ before.held if known else held.keys() | before.held):
        _move(engine, names, dataset, known, apart=dataset in held)
    _change(engine, _entry(names, news.dataset, held), (), news.entry, known)
    whole = Release(path, names, engine, day=before.day)
    release = whole.stored
    _replace(engine, names.catalogue, _pointers(release), known, CURRENT_VERSION)
    for dataset in held:
        pointers = _pointers(whole.within(whole.scope.of(dataset)))
        _replace(engine, names.entry_of(dataset), pointers, known, CURRENT_VERSION)
    told = vocabulary(before.path)
    new = news.vocabulary if news.vocabulary and news.vocabulary.hash != told else None
    if new is not None:
        _replace(engine, names.vocabulary, new.said, known)
    (path / VOCABULARY).write_text(new.hash if new else told, "ascii")
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        for number, version in enumerate(whole.versions):
            if version.iri in files or not known:
                graph, file = names.derived_of(version.iri), Path(scratch) / str(number)
                with file.open("wb") as output:
                    engine.query(query_text("derived"), [version.iri]).write("ntriples", output)
                engine.remove(graph)
                engine.load(graph, file)
                files[graph] = file
        changed = _changed(known, release.parts)
        come, gone = changed
        same = identity(release, changed if known else None)
        _change(engine, names.derived, _same(same.gone), _same(same.come), known)
        if held:
            changed = _changed(before.parts, whole.parts)
            same = identity(whole, changed if known and before.held else None)
            engine.change(names.derived_closed, _same(same.gone), _same(same.come))
        else:
            engine.remove(names.derived_closed)
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


def _changed(before: Sequence[str], now: Sequence[str]) -> Changed:
    return Changed([part for part in now if part not in before], [part for part in before if part not in now])


def _entry(names: Names, dataset: str, held: Collection[str]) -> str:
    """Return the graph of what is said of a dataset, by which ones are held back."""
    return names.entry_of(dataset) if dataset in held else names.catalogue


def _move(engine: Engine, names: Names, dataset: str, known: Sequence[str], *, apart: bool) -> None:
    """Move what is said of a dataset from the catalogue to a graph of its own, or back."""
    here, there = names.catalogue, names.entry_of(dataset)
    here, there = (here, there) if apart else (there, here)
    said = list(entries(engine, names, here, dataset))
    _change(engine, here, said, (), known)
    _change(engine, there, (), said, known)


def entries(engine: Engine, names: Names, graph: str, dataset: str) -> Iterator[Triple]:
    """Yield what a graph says of a dataset, its versions and withdrawals, and of what has no name but in them."""
    series = names.series(dataset)
    for said in engine.match(graph):
        if isinstance(said.subject, IRI) and f"{said.subject.value}/".startswith(f"{series}/"):
            yield said
            if isinstance(said.object, Blank):
                yield from engine.match(graph, said.object)


def kept(whole: Release) -> list[str]:
    """Return the graphs that are not of a version: of catalogue, vocabulary, and who is one with whom."""
    names, datasets = whole.names, sorted({version.dataset for version in whole.versions})
    shared = [names.catalogue, names.vocabulary, names.derived, names.derived_closed]
    return [*shared, *map(names.entry_of, datasets)]


def vocabulary(path: Path) -> str:
    """Return the hash of what the vocabulary of a release says, or nothing where that is not told."""
    file = path / VOCABULARY
    return file.read_text("ascii") if file.is_file() else ""


def faults(release: Release) -> Iterator[str]:
    """Yield in which way the default graph is not what its parts make; a release of an earlier version has none.

    Its parts are of public datasets alone, so that what another one says in it is found, too.
    """
    if not release.united:
        return
    engine, names, whole = release.engine, release.names, release
    release = whole.stored
    for version in whole.current.values():
        derived = engine.query(query_text("derived"), [version.iri])
        assert isinstance(derived, Triples)
        if set(derived) != set(engine.match(names.derived_of(version.iri))):
            yield f"what is derived from {version.dataset} version {version.number} is not what it gives"
    pointers = [set(engine.match(graph, predicate=CURRENT_VERSION)) for graph in whole.catalogues]
    if set().union(*pointers) != set(_pointers(whole)) or pointers[0] != set(_pointers(release)):
        yield "the catalogue names other versions as the current ones"
    for dataset in sorted(whole.held):
        if any(True for _ in entries(engine, names, names.catalogue, dataset)):
            yield f"the catalogue tells of {dataset}, which is {whole.visibility[dataset]}"
    if isinstance(engine, Divided):
        for graph in engine.differing(kept(whole)):
            yield f"the store elsewhere shows something else as the {names.id(graph)}"
        return
    for part in release.parts:
        if any(True for _ in _rows(engine, "missing", [part], part)):
            yield f"the default graph lacks statements of {names.id(part)}"
    if any(True for _ in _rows(engine, "stray", release.parts)):
        yield "the default graph has statements that nothing current makes"


def same(release: Release) -> set[tuple[str, str]]:
    """Return who is said to be one with whom, as far as one sees."""
    said = release.engine.match(release.joined) if release.joined else ()
    return {(each.subject.value, each.object.value) for each in said}


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
    """Change a graph, and the default graph with it, where that was made of `known` parts and it is one of them."""
    engine.change(graph, gone, come)
    if graph in known and engine.united:
        engine.change(DEFAULT, [said for said in gone if not _stated(engine, said, known)], come)


def _stated(engine: Engine, said: Triple, parts: Sequence[str]) -> bool:
    return any(
        any(True for _ in engine.match(part, said.subject, said.predicate.value, said.object))
        for part in parts
    )


def _leave(engine: Engine, part: str, others: Sequence[str]) -> None:
    """Take from the default graph what a part states and none of the others does."""
    listed = ", ".join(f"<{graph}>" for graph in others)
    rows = engine.query(Template(query_text("alone")).substitute(others=listed), bound={"graph": part})
    assert isinstance(rows, Rows)
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
