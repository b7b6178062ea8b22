"""The library's front door: one data directory as a graph that can be contributed to, traced and queried."""

from __future__ import annotations

import copy
import os
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from opentier.graph.access.audit import LOCAL, RECORDED, Audit
from opentier.graph.access.keys import Keys
from opentier.graph.answer.result import TraceResult
from opentier.graph.index import shelf
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.matching.parties import Party
from opentier.graph.report.report import Report
from opentier.graph.store.directory import Store, Waiting
from opentier.graph.store.lock import silent as quiet
from opentier.graph.store.marker import FORMAT
from opentier.graph.store.scope import OWNER, PUBLIC, Reader
from opentier.graph.trace.parameters import given
from opentier.graph.view import View
from opentier.graph.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from opentier.graph.access.acts import Acts
    from opentier.graph.access.replies import Desk
    from opentier.graph.admission.admitted import Admission
    from opentier.graph.admission.visibility import Shown
    from opentier.graph.admission.withdrawal import Outcome as Withdrawn
    from opentier.graph.batch import everybody
    from opentier.graph.contribution.submission import Options
    from opentier.graph.judging.ledger import Ledger
    from opentier.graph.judging.outcome import Outcome
    from opentier.graph.judging.said import Said
    from opentier.graph.kept.screenings import Screenings
    from opentier.graph.matching.matcher import Match
    from opentier.graph.matching.scoring import Band
    from opentier.graph.screening.screened import Screened
    from opentier.graph.triples.engine import Answer
    from opentier.graph.upkeep import inspection

__all__ = ["OWNER", "PUBLIC", "Graph", "Reader", "View", "data_directory", "validate"]


def data_directory(path: str | FilePath | None = None) -> FilePath:
    """Return the data directory: `path`, or ``OPENTIER_DATA``, or ``./opentier-data``."""
    return FilePath(path or os.environ.get("OPENTIER_DATA") or "opentier-data")


def validate(
    path: str | FilePath, options: Options | None, directory: FilePath, progress: Progress,
    engine: Callable[..., Report] | None = None,
) -> Report:  # fmt: skip
    """Return the report on a contribution, beside what is in a data directory, if there is one there."""
    from opentier.graph.admission import admission

    store = Store.open(directory) if (directory / "opentier.json").exists() else None
    return (engine or admission.validate)(FilePath(path), options, store, progress)


class Graph:
    """A data directory.

    Examples
    --------
    >>> graph = Graph.open("opentier-data", create=True)
    >>> graph.contribute("my-package").version.number
    1
    >>> len(graph.trace("mine/aurora", product="6109").exposures)
    37
    """

    def __init__(self, store: Store) -> None:
        self.store, self.keys, self.audit = store, Keys(store.path), Audit(store.audit)
        #: In whose name it is changed: a key's, or that of whoever sits at the machine.
        self.who = LOCAL
        self.views = Views(store)

    @classmethod
    def open(cls, path: str | FilePath | None = None, *, create: bool = False, store: str = "") -> Graph:
        """Open a data directory; `create` makes one, with its triples in a `store` elsewhere if one is named."""
        return cls(Store.open(data_directory(path), create=create, store=store))

    def view(self, reader: Reader | None = None, release: int | None = None) -> View:
        """Return the current release, or a kept one by its number, as a reader (else whoever acts) may see it."""
        return self.views.of(reader or self.reader, release)

    @property
    def reader(self) -> Reader:
        """What whoever acts may see of datasets that are not public."""
        return OWNER if self.who == LOCAL else self.keys.reader(self.who)

    def current(self) -> View:
        """Return the current release after a look at all files that it is answered from; see `Views.checked`."""
        return self.views.checked(self.reader)

    def contribute(
        self,
        path: str | FilePath,
        options: Options | None = None,
        progress: Progress = silent,
        waiting: Waiting = quiet,
        reader: Reader | None = None,
    ) -> Admission:
        """Admit a contribution, all or nothing (`admission.contribute`), and compare its actors (`matches.propose`)."""
        return self.acts(progress, waiting).contribute(FilePath(path), options, reader=reader or self.reader)

    def withdraw(
        self, dataset: str, reason: str, progress: Progress = silent, waiting: Waiting = quiet
    ) -> Withdrawn:
        """Withdraw the current version of a dataset, with a reason; see `withdrawal.withdraw`."""
        return self.acts(progress, waiting).withdraw(dataset, reason)

    def show(
        self, dataset: str, visibility: str, progress: Progress = silent, waiting: Waiting = quiet
    ) -> Shown:
        """Show a dataset to everybody, to some, or to some until a day, as `visibility` says; see `visibility.show`."""
        return self.acts(progress, waiting).show(dataset, visibility)

    def restore_dataset(
        self, dataset: str, progress: Progress = silent, waiting: Waiting = quiet
    ) -> Withdrawn:
        """Undo the last withdrawal of a version of a dataset; see `withdrawal.restore`."""
        return self.acts(progress, waiting).restore(dataset)

    def acting(self, who: str) -> Graph:
        """Return the same graph, acted on in the name of a key (its id): the audit log says so."""
        found = copy.copy(self)
        found.who = who
        return found

    def acts(self, progress: Progress = silent, waiting: Waiting = quiet) -> Acts:
        """Return what changes it, in the name of whoever acts."""
        from opentier.graph.access.acts import Acts  # SHACL takes a while to import

        return Acts(self.store, self.keys, self.audit, self.who, progress, waiting)

    def judge(
        self,
        left: str,
        right: str,
        judgement: str,
        *,
        reason: str = "",
        by: str = "",
        date: str | None = None,
    ) -> Outcome:
        """Say of two actors that they are one ("positive"), differ or may be one; see `Ledger.judge`."""
        return self.ledger().judge(left, right, judgement, reason=reason, by=by, date=date)

    def undo(self, judgement: str, *, reason: str = "", by: str = "") -> Outcome:
        """Take a judgement of a person back, by its id; it stays readable, with the reason."""
        return self.ledger().undo(judgement, reason=reason, by=by)

    def judgements(self, **asked: Any) -> list[Said]:
        """Return who is judged to be one with whom, by people and by rules; see `said.said`."""
        return self.view().judgements(**asked)

    def screenings(
        self, progress: Progress = silent, waiting: Waiting = quiet, reader: Reader | None = None
    ) -> Screenings:
        """Return the screening records: answers that are kept for good, and asked again of what a reader may see."""
        from opentier.graph.kept.screenings import Screenings

        def kept(record: dict[str, Any]) -> None:
            act, outcome = RECORDED
            self.audit.write(self.who, act, record["id"], outcome, record["hash"])

        return Screenings(self.store, lambda: self.view(reader), waiting, progress, kept)

    def replies(self, progress: Progress = silent, waiting: Waiting = quiet) -> Desk:
        """Return where replies of those who are named are taken, accepted and refused."""
        from opentier.graph.access.replies import Desk, Replies

        kept = Replies(self.store.replies)
        return Desk(self.view, kept, self.audit, self.who, lambda: self.acts(progress, waiting))

    def ledger(self, progress: Progress = silent, waiting: Waiting = quiet) -> Ledger:
        """Return what judgements are made with, and tells how far that is."""
        from opentier.graph.judging.ledger import Ledger

        return Ledger(self.store, self.view, self.acts(progress, waiting).contribute)

    @classmethod
    def upgrade(cls, path: str | FilePath | None = None, progress: Progress = silent) -> tuple[Graph, int]:
        """Make a data directory of an earlier version one of this version; return it, and how many versions changed."""
        from opentier.graph.admission import upgrade

        where, ready = data_directory(path), shelf.ready(progress)
        store = Store.open(where, earlier=True)
        if store.format == FORMAT:
            return cls(store), 0
        many = upgrade.upgrade(store, progress, lambda release, before: ready(release, None))
        found = cls(Store.open(where))
        found.audit.write(found.who, "upgrade", f"{many} versions", "done")
        return found, many

    def verify(self, progress: Progress = silent) -> list[inspection.Fault]:
        """Return what is not as it was put there; all of it is read. See `soundness.verify`."""
        from opentier.graph.index import soundness

        return soundness.verify(self.store, progress)

    def repair(self, faults: Iterable[inspection.Fault]) -> list[inspection.Fault]:
        """Make anew what is derived among some faults, and return those that are there no more."""
        from opentier.graph.index import soundness

        return soundness.repair(self.store, faults, self.rebuild_index)

    def backup(self, file: str | FilePath, progress: Progress = silent) -> int:
        """Copy the current release and everything contributed to a new file; see `archive.backup`."""
        from opentier.graph.upkeep import archive

        return archive.backup(self.store, FilePath(file), progress)

    @classmethod
    def restore(
        cls, file: str | FilePath, path: str | FilePath | None = None, progress: Progress = silent
    ) -> Graph:
        """Make a data directory of a backup, checked first; see `archive.restore`."""
        from opentier.graph.upkeep import archive

        found = cls(archive.restore(FilePath(file), data_directory(path), progress))
        found.audit.write(found.who, "restore-backup", f"release {found.store.current}", "done")
        return found

    def rebuild_index(self, progress: Progress = silent) -> Index:
        """Build the index of the current release anew, from its records alone."""
        return self.views.rebuild(progress)

    def validate(
        self,
        path: str | FilePath,
        options: Options | None = None,
        progress: Progress = silent,
        reader: Reader | None = None,
    ) -> Report:
        """Return the report on a contribution and change nothing.

        Examples
        --------
        >>> Graph.open("opentier-data").validate("my-package").conforms
        True
        """
        from opentier.graph.admission import admission

        return admission.validate(FilePath(path), options, self.store, progress, reader or self.reader)

    def trace(self, actor: str, **parameters: Any) -> TraceResult:
        """Trace an actor; `parameters` are the fields of `Parameters`.

        The result opens with its verdict; "none-found" holds within its limits only, and "not-testable" says that
        nothing could be found, and why.

        Examples
        --------
        >>> found = Graph.open("opentier-data").trace("example/aurora", product="6109", max_tier=2)
        >>> found.verdict.result, found.verdict.reasons
        ('exposed', ('1 exposure touches 1 actor of the chain.',))
        >>> [actor.iri for tier, actor in found.reached][-1]
        'https://w3id.org/opentier/id/example/willow-lake-knit'
        >>> sorted({each.reason for each in found.exposures})
        ['goods-input']
        """
        return self.view().trace(actor, given(parameters))

    def exposure(self, **parameters: Any) -> everybody.Exposures:
        """Return the exposure of every actor; `parameters` are the fields of `Parameters`.

        Examples
        --------
        >>> found = Graph.open("opentier-data").exposure(on="2024-01-01")
        >>> sum(tier >= 0 for tier in found.nearest_tiers.tolist())
        32
        """
        return self.view().exposure(given(parameters))

    def match(
        self, parties: Iterable[str | Party], *, limit: int = 20, least: Band = "review"
    ) -> list[list[Match]]:
        """Return for each name, or party, the actors that it may be: the likeliest first, with a score, a band and why.

        Parameters
        ----------
        least
            The lowest band that is given: accept, review or reject.

        Examples
        --------
        >>> (found,) = Graph.open("opentier-data").match(["Willow Lake Knitting & Dyeing (Invented) Co., Ltd"])
        >>> found[0].name, found[0].band
        ('Willow Lake Knitting and Dyeing (invented)', 'accept')
        """
        asked = [Party(called=(each,)) if isinstance(each, str) else each for each in parties]
        return list(self.view().matcher.match(asked, limit, least=least))

    def screen(self, path: str | FilePath, *columns: str, **parameters: Any) -> Screened:
        """Match the rows of a list and trace whom they are likely to be; `parameters` are the fields of `Parameters`.

        Parameters
        ----------
        columns
            What its columns are, where that is not guessed: ``name=Vendor``.

        Examples
        --------
        >>> found = Graph.open("opentier-data").screen("my-package/actors.csv", on="2024-01-01")
        >>> found.verdict.result, found.verdict.reasons[0]
        ('exposed', '34 rows of 53 are exposed.')
        """
        from opentier.graph.screening import listing

        report = Report()
        found = listing.of(FilePath(path), report, *columns)
        return self.view().screen(found, given(parameters), report=report)

    def query(self, text: str) -> Answer:
        """Answer a SPARQL query.

        Examples
        --------
        >>> from opentier.graph.query import questions
        >>> len(list(Graph.open("opentier-data").query(questions.question(3).text)))
        28
        """
        return self.view().query(text)
