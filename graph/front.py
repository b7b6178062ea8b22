"""The library's front door: one data directory as a graph that can be contributed to, traced and queried."""

from __future__ import annotations

import os
import threading
from dataclasses import fields, replace
from functools import cached_property
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from opentier.graph.contribution.report import Report
from opentier.graph.errors import OpenTierError, UsageError, mean
from opentier.graph.exposure import exposures
from opentier.graph.exposure.result import TraceResult
from opentier.graph.index import shelf
from opentier.graph.index.numbering import Told
from opentier.graph.index.opened import Index
from opentier.graph.law.initiatives import Initiatives
from opentier.graph.store.directory import Store
from opentier.graph.store.release import Release
from opentier.graph.trace.lookup import Directory
from opentier.graph.trace.parameters import Parameters, check
from opentier.graph.trace.paths import Path
from opentier.graph.trace.walks import trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from opentier.graph.admission.admission import Admission, Progress
    from opentier.graph.contribution.submission import Options
    from opentier.graph.exposure import everybody
    from opentier.graph.exposure.comparison import Change, Shared
    from opentier.graph.index.network import Arc
    from opentier.graph.query import sparql
    from opentier.graph.store import archive, inspection


def data_directory(path: str | FilePath | None = None) -> FilePath:
    """Return the data directory: `path`, or ``OPENTIER_DATA``, or ``./opentier-data``."""
    return FilePath(path or os.environ.get("OPENTIER_DATA") or "opentier-data")


def _silent(stage: str, done: int, total: int) -> None:
    """Show no progress."""


class View:
    """One release and its index: an answer that does not change while it is used."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self._lock = threading.Lock()
        self._index: Index | None = None

    @property
    def index(self) -> Index:
        """The index of the release, built when it is first asked for."""
        with self._lock:
            if self._index is None:
                self._index = shelf.index(self.release)
            return self._index

    def tend(self) -> None:
        """Make ready for quick answers: open the index, warm the kernels, and build a worn index anew."""
        try:
            index = self.index
        except OpenTierError:  # whoever asks is told
            return
        if len(index):
            asked = Parameters(paths=1, max_tier=1)
            exposures.expose(trace(index, index.iri(0), asked))
            exposures.expose(trace(index, index.iri(0), replace(asked, product="52", on="2024-01-01")))
        if shelf.worn(index):
            index = shelf.build(self.release)
            with self._lock:
                self._index = index

    @property
    def directory(self) -> Directory:
        """The names of the actors of the index."""
        return Directory(self.index)

    def trace(self, actor: str, parameters: Parameters, weights: FilePath | None = None) -> TraceResult:
        """Trace an actor, by IRI, id, identifier or name."""
        asked = self._understood(parameters)
        found = trace(self.index, self.directory.actor(actor), asked)
        return TraceResult(found, exposures.expose(found, exposures.weights(weights)), self.initiatives)

    def exposure(
        self, parameters: Parameters, told: everybody.Told = lambda done, total: None
    ) -> everybody.Exposures:
        """Return the exposure of every actor."""
        from opentier.graph.exposure import (
            everybody,  # what a trace does not need is imported when it is asked for
        )

        return everybody.exposures(self.index, self._understood(parameters), told)

    def nearest(self, actor: str, parameters: Parameters) -> list[Path]:
        """Return the best paths from an actor to any exposed one, the nearest first.

        Examples
        --------
        >>> view = Graph.open("opentier-data").view()
        >>> [path.tiers for path in view.nearest("example/aurora", Parameters(paths=2))]
        [2, 2]
        """
        from opentier.graph.exposure import nearest

        return nearest.nearest(self.index, self.directory.actor(actor), self._understood(parameters))[0]

    def shared(self, actor: str, other: str, parameters: Parameters) -> list[Shared]:
        """Return the suppliers that two buyers share, at any tier, the nearest first: where leverage is one."""
        from opentier.graph.exposure import comparison

        asked = self._understood(parameters)
        left, right = (trace(self.index, self.directory.actor(text), asked) for text in (actor, other))
        return comparison.shared(left, right, exposures.expose(left))

    def supposed(
        self, actor: str, parameters: Parameters, *, without: Sequence[str] = (), links: Sequence[Arc] = ()
    ) -> Change:
        """Return what a trace would gain and lose without some records (by IRI) and with some more links."""
        from opentier.graph.exposure import comparison

        return comparison.supposed(
            self.index, self.directory.actor(actor), self._understood(parameters), without, links
        )

    def obligations(self, actor: str, on: str | None = None) -> dict[str, Any]:
        """Return which laws bind an actor (on a day), what was filed, and which due diligence steps are due."""
        from opentier.graph.law import obligations, triggers

        asked = Parameters(on=on, kinds=("supply", "operation", "ownership", "recruitment"), paths=1)
        check(asked)
        found = obligations.obligations(self.release, self.index, self.directory.actor(actor), on)
        return {**found, "due": triggers.due(self.release, self.trace(actor, asked))}

    @cached_property
    def initiatives(self) -> Initiatives:
        """The directory of initiatives."""
        return Initiatives(self.release)

    def query(self, text: str) -> sparql.Result:
        """Answer a SPARQL query over the current versions of all datasets."""
        from opentier.graph.query import sparql

        return sparql.answer(self.release, text)

    def _understood(self, asked: Parameters) -> Parameters:
        check(asked)
        known = self.directory
        if asked.product is not None:
            asked = replace(asked, product=known.product(asked.product))
        countries = tuple(dict.fromkeys(known.country(text) for text in asked.countries))
        datasets = tuple(dict.fromkeys(known.dataset(text) for text in asked.datasets))
        return replace(asked, countries=countries, datasets=datasets)


class Graph:
    """A data directory.

    Examples
    --------
    >>> graph = Graph.open("opentier-data", create=True)
    >>> graph.contribute("my-package").version.number
    1
    >>> len(graph.trace("mine/aurora", product="6109").exposures)
    44
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        #: Whether new releases are made ready in the background: what a service wants, and a command does not.
        self.tended = False
        self._lock = threading.Lock()
        self._view: View | None = None

    @classmethod
    def open(cls, path: str | FilePath | None = None, *, create: bool = False) -> Graph:
        """Open a data directory; `create` makes one where there is none.

        Raises
        ------
        StoreError
            If there is none, or it cannot be used.
        """
        return cls(Store.open(data_directory(path), create=create))

    def view(self) -> View:
        """Return the current release; the same object as long as nothing new was admitted."""
        with self._lock:
            if self._view is None or self._view.release.id != self.store.current:
                self._view = View(self.store.release())
                if self.tended:
                    threading.Thread(target=self._view.tend, name="opentier-tend", daemon=True).start()
            return self._view

    def contribute(
        self, path: str | FilePath, options: Options | None = None, progress: Progress = _silent
    ) -> Admission:
        """Admit a contribution, all of it or nothing; see `admission.contribute`."""
        from opentier.graph.admission import admission  # SHACL and frictionless take a while to import
        from opentier.graph.contribution.submission import Options

        def ready(release: Release, before: str | None) -> None:
            progress("indexing", 0, 1)
            many = shelf.prepare(release, before, lambda done: progress("indexing", done, done + 1))
            progress("indexing", len(many.rows()), len(many.rows()))

        admitted = admission.contribute(FilePath(path), options or Options(), self.store, progress, ready)
        if admitted.new:
            shelf.prune(self.store.release())
        return admitted

    def verify(self, told: inspection.Told = lambda done, total: None) -> list[inspection.Fault]:
        """Return what is not as it was put there: pointer, release, contributed files, index. All of it is read."""
        from opentier.graph.store import inspection

        wrong = inspection.pointer(self.store)
        found, name = [wrong] if wrong else [], self.store.newest()
        if name is not None:
            release = Release(self.store.releases / name, self.store.names)
            found += inspection.faults(self.store, release, told)
            found += [inspection.Fault("index", what, derived=True) for what in shelf.verify(release)]
        return found

    def repair(self, faults: Iterable[inspection.Fault]) -> list[inspection.Fault]:
        """Make anew what is derived among some faults, and return those: the pointer, the index."""
        from opentier.graph.store import inspection

        mended = [fault for fault in faults if fault.derived]
        if any(fault.where == "current" for fault in mended):
            inspection.point(self.store)
        if any(fault.where == "index" for fault in mended):
            self.rebuild_index()
        return mended

    def backup(self, file: str | FilePath, told: archive.Told = lambda done, total: None) -> int:
        """Copy the current release and everything contributed to a new file; see `archive.backup`."""
        from opentier.graph.store import archive

        return archive.backup(self.store, FilePath(file), told)

    @classmethod
    def restore(
        cls,
        file: str | FilePath,
        path: str | FilePath | None = None,
        told: archive.Told = lambda done, total: None,
    ) -> Graph:
        """Make a data directory of a backup, checked first; see `archive.restore`."""
        from opentier.graph.store import archive

        return cls(archive.restore(FilePath(file), data_directory(path), told))

    def rebuild_index(self, told: Told = lambda done: None) -> Index:
        """Build the index of the current release anew, from its records alone."""
        with self._lock, self.store.writing():
            self._view = View(self.store.release())
            return shelf.rebuild(self._view.release, told)

    def validate(
        self, path: str | FilePath, options: Options | None = None, progress: Progress = _silent
    ) -> Report:
        """Return the report on a contribution and change nothing.

        Examples
        --------
        >>> Graph.open("opentier-data").validate("my-package").conforms
        True
        """
        from opentier.graph.admission import admission
        from opentier.graph.contribution.submission import Options

        return admission.validate(FilePath(path), options or Options(), self.store, progress)

    def trace(self, actor: str, **parameters: Any) -> TraceResult:
        """Trace an actor; `parameters` are the fields of `Parameters`.

        Examples
        --------
        >>> found = Graph.open("opentier-data").trace("example/aurora", product="6109", max_tier=2)
        >>> [actor.iri for tier, actor in found.reached][-1]
        'https://w3id.org/opentier/id/example/willow-lake-knit'
        >>> sorted({each.reason for each in found.exposures})
        ['goods-input']
        """
        return self.view().trace(actor, _asked(parameters))

    def exposure(self, **parameters: Any) -> everybody.Exposures:
        """Return the exposure of every actor; `parameters` are the fields of `Parameters`.

        Examples
        --------
        >>> found = Graph.open("opentier-data").exposure(on="2024-01-01")
        >>> sum(tier >= 0 for tier in found.nearest.tolist())
        32
        """
        return self.view().exposure(_asked(parameters))

    def query(self, text: str) -> sparql.Result:
        """Answer a SPARQL query.

        Examples
        --------
        >>> from opentier.graph import examples
        >>> len(list(Graph.open("opentier-data").query(examples.question(3).text)))
        28
        """
        return self.view().query(text)


def _asked(parameters: dict[str, Any]) -> Parameters:
    known = {field.name for field in fields(Parameters)}
    if not set(parameters) <= known:
        near = mean(min(set(parameters) - known), known)
        raise UsageError(f"A trace takes {', '.join(sorted(known))}.{near}")
    return Parameters(**parameters)
