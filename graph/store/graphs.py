"""Graphs: which ones of a release a scope shows, and what the catalogue says of their datasets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import IO

from opentier.graph.model import dates, visibility
from opentier.graph.model.names import Names, expand
from opentier.graph.model.versions import Version, Withdrawal
from opentier.graph.store import entries
from opentier.graph.store.scope import CURRENT, PUBLIC, Reader, Scope
from opentier.graph.triples import opening
from opentier.graph.triples.engine import DEFAULT, Engine, Rows

#: Says in the catalogue which version of a dataset is current.
CURRENT_VERSION = expand("ot:currentVersion")


@lru_cache(maxsize=64)
def query_text(name: str) -> str:
    """Return the text of a shipped query."""
    return files("opentier.graph.store").joinpath("queries", f"{name}.rq").read_text("utf-8")


class Graphs:
    """The graphs of one release, as far as a scope shows them; see `Release`.

    Attributes
    ----------
    day
        The day (UTC) on which it is asked who may see what.
    """

    def __init__(
        self,
        path: Path,
        names: Names,
        engine: Engine | None = None,
        scope: Scope = CURRENT,
        day: str | None = None,
    ) -> None:
        self.path, self.names, self.scope = path, names, scope
        self.day = day or dates.today()
        self.engine: Engine = opening.read_only(path) if engine is None else engine

    @property
    def id(self) -> str:
        """Name of the release."""
        return self.path.name

    @cached_property
    def visibility(self) -> Mapping[str, str]:
        """The visibility of each dataset that is held back, as it was published."""
        return entries.visibilities(self.path)

    @property
    def held(self) -> frozenset[str]:
        """The datasets that the default graph, the catalogue and the public's index are without."""
        return frozenset(self.visibility)

    @property
    def closed(self) -> frozenset[str]:
        """Those of them that are not public on its day: an embargo may have ended since."""
        return entries.unseen(self.visibility, self.day, PUBLIC)

    def hidden_from(self, reader: Reader) -> frozenset[str]:
        """Return the datasets that a reader may not see."""
        return entries.unseen(self.visibility, self.day, reader)

    @property
    def everything(self) -> bool:
        """Whether that is what is seen, so that what is derived from it is true."""
        return self.scope == Scope(hidden=self.held)

    @property
    def catalogues(self) -> list[str]:
        """The graphs of what is said of the datasets that are seen, and of no others."""
        return [
            graph
            for graph in self._registers
            if self.scope.hidden <= self.held or graph != self.names.catalogue
        ]

    @property
    def _registers(self) -> list[str]:
        """The graphs in which the datasets that are seen stand; one that was closed since stands beside them."""
        apart = sorted(self.held - self.scope.hidden)
        return [self.names.catalogue, *map(self.names.entry_of, apart)]

    @property
    def joined(self) -> str | None:
        """The graph of who is one with whom, as far as one sees; None where that is not kept."""
        if self.everything:
            return self.names.derived
        return self.names.derived_closed if self.scope == CURRENT else None

    @cached_property
    def versions(self) -> list[Version]:
        """All admitted dataset versions that may be seen, by dataset and number."""
        found = map(self._version, self._rows("versions", self._registers))
        seen = (version for version in found if version.dataset not in self.scope.hidden)
        return sorted(seen, key=lambda version: (version.dataset, version.number))

    def _version(self, row: Mapping[str, str]) -> Version:
        found = entries.version(row, self.names)
        said = self.visibility.get(found.dataset, visibility.PUBLIC)
        return replace(found, visibility=said if visibility.closed(said, self.day) else visibility.PUBLIC)

    @cached_property
    def withdrawals(self) -> list[Withdrawal]:
        """All withdrawals of versions, those that ended too, by dataset and number."""
        found = map(entries.withdrawal, self._rows("withdrawals", self._registers))
        seen = (each for each in found if each.dataset not in self.scope.hidden)
        return sorted(seen, key=lambda each: (each.dataset, each.number))

    @cached_property
    def current(self) -> dict[str, Version]:
        """The current version of each dataset within the scope, by dataset id."""
        return self.scope.current(self.versions, self.withdrawals)

    @property
    def graphs(self) -> list[str]:
        """The graphs of the current versions."""
        return [version.iri for version in self.current.values()]

    @cached_property
    def united(self) -> bool:
        """Whether the store has a default graph (see `union`): a release of an earlier version has none."""
        kept = [self.names.catalogue, *map(self.names.entry_of, self.held)]
        return any(True for graph in kept for _ in self.engine.match(graph, predicate=CURRENT_VERSION))

    @property
    def parts(self) -> list[str]:
        """The graphs that are the default graph together."""
        return [*self.graphs, *self._derived(self.graphs), *self.catalogues, self.names.vocabulary]

    @property
    def default(self) -> list[str] | None:
        """The graphs that are put together for a query, at a price; None where the store has them as one."""
        whole = self.engine.united and self.united and self.everything
        return None if whole else self.parts

    @property
    def whole(self) -> list[str]:
        """The graphs that are the default graph together, by name; the store's own, where it has them as one."""
        return self.default or [DEFAULT]

    @property
    def named(self) -> list[str]:
        """All graphs that one may name: every version that is seen, catalogue, vocabulary, and what is derived."""
        seen = [version.iri for version in self.scope.seen(self.versions)]
        return [*seen, *self._derived(seen), *self.catalogues, self.names.vocabulary]

    def _derived(self, graphs: Sequence[str]) -> list[str]:
        """Return the graphs of what is derived from some versions.

        Who is one with whom is true of all current versions together, and left out of a scope that shows others.
        """
        each = [self.names.derived_of(graph) for graph in graphs] if self.united else []
        return [*each, self.joined] if self.joined else each

    def select(self, name: str, *graphs: str, **bound: str) -> Iterator[tuple[str, ...]]:
        """Run shipped SELECT query `name` over some graphs (without any, the current versions); yield rows of texts.

        Variables are bound to IRIs.
        """
        for row in self._rows(name, graphs or self.graphs, bound):
            yield tuple(row.values())

    def listing(self, name: str, given: Mapping[str, str], output: IO[bytes]) -> tuple[str, ...]:
        """Run shipped SELECT query `name` over all that is true now; return the names of its columns.

        Its rows are written as TSV. What is `given` stands as ``$NAME`` in the query's text, lists of terms as SPARQL
        has them.
        """
        found = self.engine.query(Template(query_text(name)).substitute(given), self.default)
        assert isinstance(found, Rows)
        found.write("tsv", output)
        return found.names

    def _rows(
        self, name: str, graphs: Sequence[str], bound: Mapping[str, str] | None = None
    ) -> Iterator[dict[str, str]]:
        if graphs:
            found = self.engine.query(query_text(name), graphs, bound=bound)
            assert isinstance(found, Rows)
            for row in found:
                yield {
                    key: "" if term is None else term.value
                    for key, term in zip(found.names, row, strict=True)
                }
