"""The engine that we embed, pyoxigraph: the only place that asks it, and knows its errors."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import product
from pathlib import Path
from typing import IO, Any

import pyoxigraph as ox

from opentier.graph.errors import QueryError, StoreError
from opentier.graph.model.names import PREFIXES
from opentier.graph.model.rdf import IRI, Blank, Term, Triple
from opentier.graph.triples import answers, engine
from opentier.graph.triples.complaint import told
from opentier.graph.triples.engine import Bound, Graphs, Node
from opentier.graph.vocabulary import syntax

_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")

#: Properties of one subject that are looked for one by one.
_LOOKS = 4
#: Bytes of N-Triples above which a file is loaded in bulk, which makes files of each: a store of many small files makes
#: them one with all that it has. Smaller ones go through its log, with what is changed beside them.
_LARGE = 4_000_000
#: Triples that are removed at once; and above which they are added in bulk, in a third of the time (and in files of
#: their own, as above): the vocabulary, with the first contribution to a directory.
_MANY, _BULK = 10_000, 5_000
#: How what the engine says of a query begins, while it reads a store; the rest is of the store.
_OF_QUERY = re.compile(r"The (SPARQL|service|variable|custom)\b")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Tell what the engine says while it reads a store; it has one kind of error for damage and much else."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        if _OF_QUERY.match(str(error)):
            raise QueryError(f"The query cannot be answered: {told(str(error))}") from error
        if "No space left" in str(error):
            raise StoreError(
                f"{path} cannot be written: the disk is full. Make room, and try again."
            ) from error
        raise StoreError(f"{path} is damaged, or cannot be read ({error}). See: opentier verify") from error


@contextmanager
def _answering(path: Path) -> Iterator[None]:
    """Tell what the engine says while it writes an answer: it computes then."""
    with _reading(path):
        try:
            yield
        except (SyntaxError, ValueError) as error:
            raise QueryError(f"The query cannot be answered: {told(str(error))}") from error


def read_only(path: Path) -> Embedded:
    """Open a store that nobody changes.

    Raises
    ------
    StoreError
        If there is none, or it cannot be opened.
    """
    try:
        return Embedded(path, ox.Store.read_only(str(path)))
    except (OSError, RuntimeError) as error:
        raise StoreError(
            f"The release at {path} cannot be opened: it is damaged, or not there ({error}). See: opentier verify"
        ) from error


def writable(path: Path) -> Embedded:
    """Open a store to change it, or make one."""
    with _reading(path):
        return Embedded(path, ox.Store(str(path)))


def in_memory() -> Embedded:
    """Make a store that is kept in memory only, for as long as it is asked."""
    return Embedded(Path("memory"), ox.Store())


class Embedded:
    """An open store; see `engine.Engine`."""

    united = True

    def __init__(self, path: Path, store: ox.Store) -> None:
        self.path, self._store = path, store

    def query(
        self,
        text: str,
        default: Graphs = None,
        named: Graphs = None,
        bound: Bound = None,
        base: str | None = None,
    ) -> engine.Answer:
        """Answer a query; see `engine.Engine.query`."""
        given: dict[str, Any] = {"base_iri": base}
        try:
            if default is not None:
                given["default_graph"] = [_graph(iri) for iri in default]
            if named is not None:
                given["named_graphs"] = [ox.NamedNode(iri) for iri in named]
        except ValueError as error:
            raise QueryError(f"A graph is named by an IRI: {error}") from error
        if bound:
            given["substitutions"] = {ox.Variable(name): ox.NamedNode(iri) for name, iri in bound.items()}
        with _reading(self.path):
            try:
                found = self._store.query(text, prefixes=PREFIXES, **given)
            except (SyntaxError, ValueError) as error:
                raise QueryError(f"The query cannot be answered: {told(str(error), text)}") from error
        reading = partial(_answering, self.path)
        if isinstance(found, ox.QuerySolutions):
            return answers.Rows(reading, found)
        if isinstance(found, ox.QueryTriples):
            return answers.Triples(reading, found)
        return answers.YesNo(reading, found)

    def match(
        self, graph: str, subject: Node = None, predicate: str | None = None, object: Term | None = None
    ) -> Iterator[Triple]:
        """Yield the triples of a graph that fit a pattern; see `engine.Engine.match`."""
        pattern = (
            None if subject is None else syntax.node(subject),
            None if predicate is None else ox.NamedNode(predicate),
            None if object is None else syntax.node(object),
        )
        with _reading(self.path):
            for quad in self._store.quads_for_pattern(*pattern, _graph(graph)):  # type: ignore[arg-type]
                yield syntax.ours(quad.triple)

    def among(
        self,
        graphs: Collection[str],
        subjects: Collection[IRI | Blank] | None = None,
        predicates: Collection[str] | None = None,
        object: Term | None = None,
    ) -> Iterator[tuple[str, Triple]]:
        """Yield the triples of some graphs that fit; see `engine.Engine.among`. They come subject by subject."""
        any: tuple[None] = (None,)
        if subjects is not None and predicates is not None and len(predicates) > _LOOKS:
            yield from self._of_all(graphs, subjects, frozenset(predicates), object)
            return
        wanted = (any if subjects is None else subjects, any if predicates is None else predicates)
        for subject, predicate, graph in product(*wanted, graphs):
            for said in self.match(graph, subject, predicate, object):
                yield graph, said

    def _of_all(
        self,
        graphs: Collection[str],
        subjects: Collection[IRI | Blank],
        predicates: Collection[str],
        object: Term | None,
    ) -> Iterator[tuple[str, Triple]]:
        """Yield the same, all that is said of a subject read at once: sooner than to look for each property of many."""
        last = None if object is None else syntax.node(object)
        with _reading(self.path):
            for subject, graph in product(subjects, graphs):
                read = self._store.quads_for_pattern(syntax.node(subject), None, last, _graph(graph))  # type: ignore[arg-type]
                for quad in read:
                    if quad.predicate.value in predicates:
                        yield graph, syntax.ours(quad.triple)

    def records(self, graph: str, kind: str, terms: Mapping[str, str]) -> Iterator[tuple[str, engine.Fields]]:
        """Yield all of a class, with its values; see `engine.Engine.records`."""
        named, read = _graph(graph), self._store.quads_for_pattern
        with _reading(self.path):
            for typed in read(None, _TYPE, ox.NamedNode(kind), named):
                fields: dict[str, list[str]] = {}
                for said in read(typed.subject, None, None, named):
                    short = terms.get(said.predicate.value)
                    if short is not None and not isinstance(said.object, ox.Triple):
                        fields.setdefault(short, []).append(said.object.value)
                if not isinstance(typed.subject, ox.Triple):
                    yield typed.subject.value, fields

    def dump(self, graph: str, format: str, output: IO[bytes]) -> None:
        """Write a graph as RDF, as it comes; see `engine.Engine.dump`."""
        quads: Any = self._store.quads_for_pattern(None, None, None, _graph(graph))
        known = syntax.SYNTAXES[format]
        said = quads if format in ("trig", "nquads") else (quad.triple for quad in quads)
        answers.written(
            partial(_answering, self.path),
            output,
            lambda to: ox.serialize(said, to, format=known, prefixes=syntax.named(format)),
        )

    def count(self, graph: str) -> int:
        """Read all triples of a graph and return how many there are."""
        with _reading(self.path):
            return sum(1 for _ in self._store.quads_for_pattern(None, None, None, _graph(graph)))

    def write(self, graph: str, output: IO[bytes]) -> None:
        """Write the triples of a graph; see `engine.Engine.write`."""
        named = _graph(graph)
        answers.written(
            partial(_answering, self.path),
            output,
            lambda to: self._store.dump(to, ox.RdfFormat.N_TRIPLES, from_graph=named),
        )

    def load(self, graph: str, file: Path) -> None:
        """Add the N-Triples of a file to a graph; see `engine.Engine.load`."""
        load = self._store.bulk_load if file.stat().st_size > _LARGE else self._store.load
        with _reading(self.path):
            load(path=str(file), format=ox.RdfFormat.N_TRIPLES, to_graph=_graph(graph))

    def copy(self, source: str, target: str) -> None:
        """Add the triples of a graph to another one; see `engine.Engine.copy`."""
        node = _graph(target)
        with _reading(self.path):
            self._store.bulk_extend(
                ox.Quad(said.subject, said.predicate, said.object, node)
                for said in self._store.quads_for_pattern(None, None, None, _graph(source))
            )

    def change(self, graph: str, gone: Iterable[Triple], come: Iterable[Triple]) -> None:
        """Remove some triples from a graph, then add others; see `engine.Engine.change`."""
        node, leaving = _graph(graph), list(gone)
        blank = [said for said in leaving if any(isinstance(term, Blank) for term in said)]
        named = [str(said) for said in leaving if said not in blank] if blank else list(map(str, leaving))
        with _reading(self.path):
            for start in range(0, len(named), _MANY):
                text = " . ".join(named[start : start + _MANY])
                self._store.update(
                    f"DELETE DATA {{ GRAPH {node} {{ {text} }} }}" if graph else f"DELETE DATA {{ {text} }}"
                )
            for said in blank:  # no update can name them
                self._store.remove(_quad(said, node))
            coming = [_quad(said, node) for said in come]
            extend = self._store.bulk_extend if len(coming) > _BULK else self._store.extend
            extend(coming)

    def remove(self, graph: str) -> None:
        """Remove a graph."""
        with _reading(self.path):
            self._store.remove_graph(_graph(graph))

    def backup(self, path: Path) -> None:
        """Copy the store to a new folder."""
        with _reading(self.path):
            self._store.backup(str(path))

    def flush(self) -> None:
        """Write what is in memory to files."""
        with _reading(self.path):
            self._store.flush()


def _graph(name: str) -> ox.NamedNode | ox.DefaultGraph:
    return ox.NamedNode(name) if name else ox.DefaultGraph()


def _quad(said: Triple, graph: ox.NamedNode | ox.DefaultGraph) -> ox.Quad:
    return ox.Quad(*syntax.terms(said), graph)
