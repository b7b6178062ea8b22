"""The screening records of a data directory: made, kept for good, read again, asked again, compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from opentier.graph.answer.result import TraceResult
from opentier.graph.errors import UnknownActor, UsageError
from opentier.graph.exposure import severity
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.kept import affected, comparison, listed, roots, rows, told
from opentier.graph.kept import record as records
from opentier.graph.kept.affected import Affected
from opentier.graph.kept.comparison import Comparison
from opentier.graph.kept.due import Kept, every
from opentier.graph.model.dates import today
from opentier.graph.model.names import plain
from opentier.graph.screening.listing import Listing
from opentier.graph.screening.screened import Screened
from opentier.graph.store import lock
from opentier.graph.store.directory import Store
from opentier.graph.store.sealed import digest
from opentier.graph.trace.parameters import TODAY, Parameters, given

Json = dict[str, Any]


class Shown(affected.Shown, Protocol):
    """A release, its index and what is asked of them, as a view has them."""

    def trace(self, actor: str, parameters: Parameters, weights: severity.Weights = None) -> TraceResult:
        """Trace an actor."""

    def screen(self, listing: Listing, asked: Parameters, **more: Any) -> Screened:
        """Match the rows of a list, and trace whom they are likely to be."""


@dataclass(frozen=True)
class Again:
    """A record that was asked again: the new one, which is kept where it has a hash, and what differs."""

    record: Json
    comparison: Comparison


class Screenings:
    """The screening records of a data directory.

    Parameters
    ----------
    view
        Gives the current release with its index.
    told
        Is told of each record that is kept.

    Examples
    --------
    >>> from opentier.graph import Graph
    >>> kept = Graph.open("opentier-data").screenings()
    >>> record = kept.trace("example/aurora", "aurora-2026", product="6109")
    >>> record["verdict"]["result"], record["hash"] == kept.read("aurora-2026")["hash"]
    ('exposed', True)
    >>> kept.again("aurora-2026").comparison.changed
    False
    """

    def __init__(
        self,
        store: Store,
        view: Callable[[], Shown],
        waiting: lock.Waiting = lock.silent,
        progress: Progress = silent,
        told: Callable[[Json], None] = lambda record: None,
    ) -> None:
        self.store, self.view, self._waiting, self._progress = store, view, waiting, progress
        self._told = told
        self._kept = store.screenings

    # --- Made ----------------------------------------------------------------------------------------------------

    def trace(self, actor: str, id: str, weights: severity.Weights = None, **asked: Any) -> Json:
        """Trace an actor and keep the answer; `asked` are the fields of `Parameters`, and `on` may be "today".

        Raises
        ------
        UsageError
            If there is a record by that id, the id is none, or what is asked makes no sense.
        """
        self._kept.free(id)
        said = {"on": TODAY} if asked.get("on") == TODAY else {}
        asked |= {name: today() for name in said}
        result = self.view().trace(actor, given(asked), weights)
        return self.keep(result, id, actor, said, weights)

    def keep(
        self,
        result: TraceResult,
        id: str,
        actor: str,
        asked: Mapping[str, str] | None = None,
        weights: severity.Weights = None,
    ) -> Json:
        """Keep the answer of a trace for good.

        Parameters
        ----------
        actor
            Who was asked about, as it was asked.
        asked
            Parameters that were asked for in other words than they were understood.
        weights
            The weights of severity that it was asked with, where not with those that ship.
        """
        return self._write(self._of(result, id, actor, asked or {}, weights))

    def hashed(
        self,
        result: TraceResult,
        actor: str,
        asked: Mapping[str, str] | None = None,
        weights: severity.Weights = None,
    ) -> str:
        """Return the hash that the record of an answer has without an id, where it is not kept (see `keep`)."""
        return digest(self._of(result, "", actor, asked or {}, weights))

    def keep_list(
        self,
        found: Screened,
        id: str,
        asked: Mapping[str, str] | None = None,
        weights: severity.Weights = None,
        *,
        every: bool = False,
    ) -> Json:
        """Keep a screened list for good, with its rows; as `keep`.

        Parameters
        ----------
        every
            Whether each candidate of a row got a line.
        """
        if not found.answers.whole:
            raise UsageError(
                "Of this list no more was traced than the nearest exposures; screen it with whole=True."
            )
        table = None if weights is None else severity.weights(weights)
        return self._write(listed.of_list(found, id, asked=asked or {}, weights=table, every=every))

    def free(self, id: str) -> str:
        """Return an id that no record has yet; UsageError where one has it, or none can."""
        return self._kept.free(id)

    def _of(
        self,
        result: TraceResult,
        id: str,
        actor: str,
        asked: Mapping[str, str],
        weights: severity.Weights,
        again_of: Mapping[str, str] | None = None,
    ) -> Json:
        return records.of_trace(
            result, id, meant=_meant(result.index, actor, result.trace.root), asked=asked,
            weights=None if weights is None else severity.weights(weights), again_of=again_of,
        )  # fmt: skip

    def _write(self, record: Json) -> Json:
        with self.store.writing(waiting=self._waiting, purpose="a screening record"):
            kept = self._kept.keep(record["id"], record)
        self._told(kept)
        return kept

    # --- Read ----------------------------------------------------------------------------------------------------

    def read(self, id: str) -> Json:
        """Return a record; UsageError where there is none, StoreError where it is not what was kept."""
        return records.readable(self._kept.read(id))

    def list(self) -> list[Kept]:
        """Return all records by id, those too that are refused, each with what is due."""
        return every(self._kept, self.view().release)

    def due(self) -> Iterator[Kept]:
        """Yield the records whose data is no longer what it was and that no other followed; and refused ones."""
        yield from (each for each in self.list() if (each.due or each.refused) and not each.followed_by)

    # --- Asked again ---------------------------------------------------------------------------------------------

    def again(self, id: str, save: str | None = None) -> Again:
        """Ask the question of a record of what is known now, and compare the answers.

        Parameters
        ----------
        save
            The id under which the new answer is kept; it names the old one. Nothing is kept without.

        Raises
        ------
        UsageError
            If there is no such record, or nobody describes its actor any more.
        StoreError
            If the record is not what was kept.
        """
        old = self.read(id)
        if save is not None:
            self._kept.free(save)
        new = (self._traced if old["kind"] == records.TRACE else self._screened)(old, save or id)
        new = self._write(new) if save else new
        return Again(new, self._compare(old, new))

    def _asked(self, old: Json) -> Parameters:
        """Return the parameters of a record as they are understood today."""
        found = records.parameters(old)
        return replace(found, on=today()) if old["question"]["as_asked"].get("on") == TODAY else found

    def _traced(self, old: Json, id: str) -> Json:
        """Return what the question of a record of a trace is answered with now."""
        said, view = old["question"], self.view()
        actor = said["actor"]["iri"]
        try:
            result = view.trace(actor, self._asked(old), said["weights"])
        except UnknownActor as error:
            dataset = view.release.names.id(actor).partition("/")[0]
            raise UnknownActor(
                f"{error} {old['id']} asks about it, and no current version of {dataset} describes it; see: opentier "
                f"screenings due",
                near=error.near,
            ) from None
        return self._of(result, id, actor, said["as_asked"], said["weights"], _name(old))

    def _screened(self, old: Json, id: str) -> Json:
        """Return what the question of a record of a list is answered with now."""
        said, asked = old["question"], listed.question(old)
        found = self.view().screen(
            asked.listing, self._asked(old), severities=said["weights"], weights=asked.weights, every=asked.every,
            read=asked.entries, progress=self._progress,
        )  # fmt: skip
        return listed.of_list(
            found, id, asked=said["as_asked"], weights=said["weights"], every=asked.every, again_of=_name(old)
        )

    def diff(self, id: str, other: str) -> Comparison:
        """Return what differs between two records: the first as it was, the second as it is.

        Raises
        ------
        UsageError
            If they are not of one actor.
        """
        old, new = self.read(id), self.read(other)
        about = [[side["question"].get(name) for name in ("actor", "list")] for side in (old, new)]
        if about[0] != about[1]:
            raise UsageError(
                f"{id} is about {told.asked(old)}, {other} about {told.asked(new)}: compare records of one actor, or "
                "of one list with the same rows."
            )
        return self._compare(old, new)

    # --- What a contribution changed -----------------------------------------------------------------------------

    def affected(
        self, dataset: str, before: int | None = None, after: int | None = None, *, among: str | None = None
    ) -> Affected:
        """Return who gained or lost exposures between two versions of a dataset (see `affected.affected`).

        Parameters
        ----------
        before, after
            The current version and the last one before it, where they are not said; 0 is none.
        among
            A dataset, of which all actors are compared. Otherwise those are that records ask about, and where there is
            no record, all that buy from somebody.

        Raises
        ------
        UnknownDataset
            If there is no such dataset or version.
        """
        view = self.view()
        numbers = affected.numbers(view, dataset, before, after)
        if among is not None:
            view.versions(among)
        kept = [each for each in self.list() if each.record and not each.followed_by] if among is None else []
        asked = [root for each in kept for root in roots.asked(each.record or {}, view.release.names)]
        return affected.affected(view, dataset, *numbers, asked or None, among, self._progress)

    def _compare(self, old: Json, new: Json) -> Comparison:
        view = self.view()

        def canonical(iri: str) -> str:
            node = view.index.node(iri)
            return iri if node is None else view.index.iri(node)

        compared = comparison.compare if new["kind"] == records.TRACE else rows.compare
        return compared(view.release, old, new, canonical)


def _name(record: Json) -> dict[str, str]:
    return {"id": record["id"], "hash": record["hash"]}


def _meant(index: Index, text: str, root: str) -> str:
    """Return the IRI by which a text names an actor; where it does so in other words, that which stands for it."""
    for iri in (plain(text.strip()), index.names.of_id(text.strip())):
        if iri and index.node(iri) is not None and index.iri(index.node(iri) or 0) == root:
            return iri
    return root
