"""One release and its index: what is asked of them, whichever face asks."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from opentier.graph.answer.result import TraceResult
from opentier.graph.errors import OpenTierError, UnknownActor
from opentier.graph.exposure import exposures, severity
from opentier.graph.identity.judgements import MATCHES
from opentier.graph.index import shelf
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.law.initiatives import Initiatives
from opentier.graph.matching.matcher import Matcher
from opentier.graph.reconciliation.reconciler import Reconciler
from opentier.graph.reconciliation.search import Finds, Search
from opentier.graph.risk.beside import Risks
from opentier.graph.store import scope
from opentier.graph.store.release import Release
from opentier.graph.store.scope import CURRENT
from opentier.graph.threads import Few
from opentier.graph.trace import breadth
from opentier.graph.trace.lookup import Directory
from opentier.graph.trace.parameters import Parameters, check, date
from opentier.graph.trace.unindexed import Unindexed
from opentier.graph.trace.walks import trace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentier.graph.batch import everybody
    from opentier.graph.batch.nearest import NearestPaths
    from opentier.graph.exposure.comparison import Change, Shared
    from opentier.graph.judging.said import Said
    from opentier.graph.model.versions import Version
    from opentier.graph.network.network import Arc
    from opentier.graph.query.questions import Question
    from opentier.graph.screening.listing import Listing
    from opentier.graph.screening.screened import Screened
    from opentier.graph.standards.limits import Limits
    from opentier.graph.store.difference import Difference
    from opentier.graph.triples.engine import Answer

#: Views of what was known on a day that are kept.
_KEPT = 4


class View:
    """One release and its index: an answer that does not change while it is used."""

    def __init__(self, release: Release, same: View | None = None) -> None:
        self.release = release
        #: One of which the same versions are current, and so the index is the same.
        self._same = same
        self._lock, self._matching = threading.Lock(), threading.Lock()
        self._index: Index | None = None
        self._unindexed: Unindexed | None = None
        self._known, self._hiding = Few[str, View](_KEPT), Few[frozenset[str], View](_KEPT)

    def hiding(self, hidden: frozenset[str]) -> View:
        """Return the same without some datasets; the last few are kept, each with an index of its own."""
        release = self.release
        hidden = hidden and hidden & {version.dataset for version in release.within(CURRENT).versions}
        if hidden - release.held:
            hidden |= {MATCHES}  # what it found then names actors of what was public then
        if hidden == release.scope.hidden:
            return self
        return self._hiding.of(hidden, lambda: View(release.within(release.scope.hiding(hidden))))

    def as_known(self, day: str | None) -> View:
        """Return what was known at the end of a day (YYYY-MM-DD): what came later is not there; all without a day.

        Each has its own index, built when it is first asked for; the last few are kept. UsageError if it is no day.
        """
        if day is None:
            return self
        date("as_known", day, day=True)
        release = self.release
        seen = release.within(release.scope.until(day))
        known = seen.scope.seen(release.versions), [e.on(day) for e in release.withdrawals if e.on(day)]
        if known == (release.versions, release.withdrawals):
            return self
        return self._known.of(
            repr(known), lambda: View(seen, self if seen.current == release.current else None)
        )

    def _of(self, asked: Parameters) -> View:
        """Return this view, or what was known on the day that is asked for."""
        check(asked)
        return self.as_known(asked.as_known)

    def meant(self, asked: Parameters) -> tuple[View, Parameters]:
        """Return what was known on the day that is asked for, and what is asked as it is understood there."""
        known = self._of(asked)
        return known, known._understood(asked)

    @property
    def index(self) -> Index:
        """The index of the release, built when it is first asked for."""
        if self._same is not None:
            return self._same.index
        with self._lock:
            if self._index is None:
                self._index = shelf.shown(self.release)
            return self._index

    def unindexed(self, index: Index) -> Unindexed:
        """Return the links that are never walked, by the nodes of the index of this release."""
        found = self._unindexed
        if found is None or found.index is not index:
            found = self._unindexed = Unindexed(index, self.release)
        return found

    def tend(self) -> None:
        """Make ready for quick answers: open index and books, warm the kernels, and build a worn index anew."""
        try:
            index = self.index
        except OpenTierError:  # whoever asks is told
            return
        if len(index):
            asked = Parameters(paths=1, max_tier=1)
            exposures.expose(trace(index, 0, asked))
            exposures.expose(trace(index, 0, replace(asked, product="52", on="2024-01-01")))
        if shelf.worn(index):
            self._index = shelf.build(self.release)
        with suppress(OpenTierError):
            _ = self.matcher, self._searched.finder  # whoever asks first would wait until they are written

    @property
    def directory(self) -> Directory:
        """The names of the actors of the index."""
        return Directory(self.index, self.release)

    def trace(
        self, actor: str, parameters: Parameters, weights: severity.Weights = None, told: Progress = silent
    ) -> TraceResult:
        """Trace an actor, by IRI, id, identifier or name."""
        known, asked = self.meant(parameters)
        found = trace(known.index, known._node(actor, asked), asked, told)
        exposed = exposures.expose(found, severity.weights(weights))
        return TraceResult(found, exposed, known.initiatives, known.risks, known.unindexed(found.index))

    def wide(self, actor: str, parameters: Parameters) -> bool:
        """Return whether a trace may take long: it is wide, or of a day on which something else was known."""
        check(parameters)
        return parameters.as_known is not None or breadth.wide(
            self.index, self._node(actor, parameters), downstream=parameters.downstream
        )

    def doubt(self, asked: Parameters) -> str | None:
        """Return why what is asked can find little or nothing, whatever the actor; None where nothing is known to."""
        known = self._of(asked).directory
        return known.doubt(asked.product and known.product(asked.product))

    def exposure(
        self, parameters: Parameters, progress: Progress = silent, engine: everybody.Engine | None = None
    ) -> everybody.Exposures:
        """Return the exposure of every actor, by another engine than ours where one is given (`distributed`)."""
        from opentier.graph.batch import everybody  # what a trace does not need

        known, found = self._of(parameters), engine or everybody.exposures
        return found(known.index, known._understood(parameters), progress, known.unindexed(known.index))

    def nearest(self, actor: str, parameters: Parameters) -> NearestPaths:
        """Return the best paths from an actor to any exposed one, the nearest first; `truncated` if it was given up.

        Examples
        --------
        >>> from opentier.graph import Graph
        >>> view = Graph.open("opentier-data").view()
        >>> [path.tiers for path in view.nearest("example/aurora", Parameters(paths=2))]
        [1, 2]
        """
        from opentier.graph.batch import nearest

        known, asked = self.meant(parameters)
        return nearest.nearest(known.index, known._node(actor, asked), asked)

    def shared(self, actor: str, other: str, parameters: Parameters) -> list[Shared]:
        """Return the suppliers that two buyers share, at any tier, the nearest first: where leverage is one."""
        from opentier.graph.exposure import comparison

        known, asked = self.meant(parameters)
        left, right = (trace(known.index, known._node(text, asked), asked) for text in (actor, other))
        return comparison.shared(left, right, exposures.expose(left))

    def supposed(
        self, actor: str, parameters: Parameters, *, without: Sequence[str] = (), links: Sequence[Arc] = ()
    ) -> Change:
        """Return what a trace would gain and lose without some records (by IRI) and with some more links."""
        from opentier.graph.exposure import comparison

        known, asked = self.meant(parameters)
        return comparison.supposed(known.index, known._node(actor, asked), asked, without, links)

    def screen(self, listing: Listing, asked: Parameters, **more: Any) -> Screened:
        """Match the rows of a list, and trace whom they are likely to be; `more` as of `screened.screen`."""
        from opentier.graph.screening import screened

        known = self._of(asked)
        return screened.screen(listing, known, known._understood(asked), **more)

    def obligations(self, actor: str, on: str | None = None) -> dict[str, Any]:
        """Return which laws bind an actor (on a day), what was not tested, what was filed, and which steps are due."""
        from opentier.graph.law import obligations, triggers

        asked = Parameters(on=on, kinds=("supply", "operation", "ownership", "recruitment"), paths=1)
        check(asked)
        found = obligations.obligations(self.release, self.index, self.directory.actor(actor), on)
        return {**found, "due": triggers.due(self.release, self.trace(actor, asked))}

    def dossier(self, actor: str, laws: Sequence[str], parameters: Parameters) -> dict[str, Any]:
        """Return what laws ask for along an actor's paths, what is there, what lacks, and whom to ask what."""
        from opentier.graph.dossier import dossier

        known = self._of(parameters)
        return dossier.dossier(known.release, known.trace(actor, parameters), laws)

    @cached_property
    def matcher(self) -> Matcher:
        """What finds which actors a name, with what else is known of it, may stand for."""

        def canonical(iri: str) -> str:
            node = self.index.node(iri)
            return iri if node is None else self.index.iri(node)

        with self._matching:  # who comes second reads what the first has written
            return Matcher.of(self.release, canonical=canonical)

    @cached_property
    def reconciler(self) -> Reconciler:
        """What answers clients that look for actors, with what else is known of them, in a table of their own."""
        return Reconciler(self.release, self.index, self.matcher)

    @cached_property
    def _searched(self) -> Search:
        return Search(self.reconciler)

    def search(self, text: str, **asked: Any) -> Finds:
        """Return actors, initiatives, laws, terms and more by what somebody types; see `Search.search`."""
        return self._searched.search(text, **asked)

    @cached_property
    def risks(self) -> Risks:
        """The incidents and likelihoods, read when they are first asked for."""
        return Risks(self.release, self.index)

    @cached_property
    def initiatives(self) -> Initiatives:
        """The directory of initiatives."""
        return Initiatives(self.release, lambda: self.index.designations)

    def versions(self, dataset: str) -> list[Version]:
        """Return all versions of a dataset that are seen, superseded and withdrawn ones too; see `scope.of`."""
        return scope.of(self.release.scope.seen(self.release.versions), dataset)

    def described(self, dataset: str) -> list[dict[str, Any]]:
        """Return all versions of a dataset as JSON objects, each with whether it is current and its withdrawals."""
        seen = self.release
        return seen.scope.described(self.versions(dataset), seen.withdrawals, seen.current)

    def version(self, dataset: str, number: int) -> Version:
        """Return a version of a dataset that is seen; UnknownDataset as of `versions`."""
        return scope.numbered(self.versions(dataset), number)

    def difference(self, dataset: str, before: int, after: int) -> Difference:
        """Return what differs between two versions of a dataset, records and columns."""
        from opentier.graph.store import difference

        return difference.between(self.release, self.version(dataset, before), self.version(dataset, after))

    def current(self, dataset: str) -> Version:
        """Return the current version of a dataset; UnknownDataset where there is none."""
        known, current = self.versions(dataset), self.release.current.get(dataset)
        return scope.numbered(known, current.number if current else None)

    def judgements(self, **asked: Any) -> list[Said]:
        """Return who is judged to be one with whom, the latest first; see `said.said`."""
        from opentier.graph.judging import said, sides

        return said.said(self.release, sides.Sides(self.release, self.directory), **asked)

    def export(self, dataset: str, number: int, format: str, file: FilePath) -> Limits | None:
        """Write a version of a dataset to a file; see `writing.write`, UnknownDataset as of `version`."""
        from opentier.graph.standards import writing

        return writing.write(self.release, self.version(dataset, number), format, file)

    def question(self, number: int, said: Mapping[str, str]) -> Question:
        """Return a shipped question with some of its inputs replaced by what is said for them, as a trace reads it."""
        from opentier.graph.query import questions
        from opentier.graph.trace import inputs

        asked = questions.question(number, self.release.names.base)
        if not said:
            return asked
        return inputs.chosen(
            asked, said, self.release, self.directory, lambda text: self.initiatives.issue(text)
        )

    def query(self, text: str) -> Answer:
        """Answer a SPARQL query over the current versions of all datasets."""
        from opentier.graph.query import sparql

        return sparql.answer(self.release, text)

    def _node(self, actor: str, asked: Parameters) -> int:
        try:
            return self.directory.node(actor)
        except UnknownActor as error:
            if asked.as_known is None:
                raise
            raise UnknownActor(f"As known at the end of {asked.as_known}: {error}", near=error.near) from None

    def _understood(self, asked: Parameters) -> Parameters:
        known = self.directory
        if asked.product is not None:
            asked = replace(asked, product=known.product(asked.product))
        countries = tuple(dict.fromkeys(known.country(text) for text in asked.countries))
        datasets = tuple(dict.fromkeys(known.dataset(text) for text in asked.datasets))
        return replace(asked, countries=countries, datasets=datasets)
