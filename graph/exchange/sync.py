"""A sync: what publishers offer is taken by the one way in, what they took back goes, and all else is told.

Each step is whole before the next one begins, so that one that is ended anywhere goes on with the next sync: what came
of a file is kept, and a version that was admitted when its process was killed is known by when that began. What goes
wrong with one dataset, or with one publisher, ends it for that one alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

from opentier.graph.access.acts import Acts
from opentier.graph.access.audit import SUBSCRIPTION
from opentier.graph.admission.admitted import Admission
from opentier.graph.errors import (
    ExchangeError,
    Forged,
    NotOurs,
    OpenTierError,
    StoreError,
    UsageError,
    unable,
)
from opentier.graph.exchange import listing, offers, plan
from opentier.graph.exchange.client import Bounds, Client
from opentier.graph.exchange.listing import Accepted
from opentier.graph.exchange.offers import Catalogue, Offer
from opentier.graph.exchange.outcome import Outcome, Row
from opentier.graph.exchange.plan import Here, Step
from opentier.graph.exchange.subscriptions import Ended, Refused, Subscription, Subscriptions, now
from opentier.graph.exchange.taking import Again, Taking
from opentier.graph.jobs.progress import Progress
from opentier.graph.report.report import ContributionError
from opentier.graph.store.directory import Store
from opentier.graph.store.release import Release

_LOG = logging.getLogger("opentier.work")
#: Makes what changes the data directory, in the name of somebody.
Acting = Callable[[str], Acts]
#: What a step is called once it is done.
_DONE = {"take": "taken", "withdraw": "withdrawn", "restore": "restored"}


def sync(
    store: Store,
    acting: Acting,
    progress: Progress,
    ids: Iterable[str] = (),
    bounds: Bounds | None = None,
    *,
    dry: bool = False,
) -> list[Outcome]:
    """Follow some subscriptions, all where none is named, and return what became of each.

    Parameters
    ----------
    dry
        Whether it is only told what would be done: catalogues are read, and nothing else.

    Raises
    ------
    UsageError
        If there is no such subscription.
    StoreBusy
        If another process follows them.
    """
    known, bounds = Subscriptions(store.path), bounds or Bounds()
    chosen = [known.get(each) for each in ids] or list(known.all().values())
    if dry:
        return [_Following(store, acting, known, each, bounds, progress).planned() for each in chosen]
    if not chosen:
        return []
    with known.syncing():
        found = {}
        # The one that was begun last comes last: where it takes all the time, it holds up none for ever.
        for each in sorted(chosen, key=lambda each: each.begun):
            found[each.id] = _Following(store, acting, known, each, bounds, progress).followed()
        known.tidy(_waited_for(known))
    return [found[each.id] for each in chosen]


def _waited_for(known: Subscriptions) -> list[str]:
    """Return the checksums of files that did not come yet, or of which it is not known whether they were admitted."""
    every = known.all().values()
    begun = [each.sha256 for one in every for kept in one.taken.values() for each in kept if not each.here]
    return begun + [each.sha256 for one in every for each in one.refused.values()]


class _Following:
    """One subscription that is followed."""

    def __init__(
        self,
        store: Store,
        acting: Acting,
        kept: Subscriptions,
        known: Subscription,
        bounds: Bounds,
        progress: Progress,
    ) -> None:
        self.store, self.kept, self.progress = store, kept, progress
        self.client = Client(known.reach, bounds)
        self.party = f"{SUBSCRIPTION}{known.id}"
        self.acts = acting(self.party)
        self.taking = Taking(store, self.acts, kept, known, self.client, progress)
        self.outcome = Outcome(known.id, known.url)

    @property
    def known(self) -> Subscription:
        """What is remembered of it by now."""
        return self.taking.known

    # --- What is done ------------------------------------------------------------------------------------------------

    def planned(self) -> Outcome:
        """Return what would be done."""
        if (catalogue := self._catalogue(dry=True)) is not None:
            for dataset in plan.datasets(self.known, catalogue):
                try:
                    step = self._step(catalogue, dataset)
                    self._row(step.dataset, step.act, step.version, step.why, step.offer)
                except ExchangeError as error:
                    self._row(dataset, "refused", _version(catalogue, dataset), str(error))
        return self.outcome

    def followed(self) -> Outcome:
        """Do what is to be done about each dataset, and return what became of it."""
        try:
            self.taking.change(lambda each: replace(each, begun=now()))
            self._all()
            said = self.outcome.failed
            self.taking.change(lambda each: replace(each, synced=now(), failed=said))
        except (OpenTierError, OSError) as error:  # somebody ended it meanwhile, or nothing can be remembered
            self.outcome.failed = self.outcome.failed or _said(error)
        return self.outcome

    def _all(self) -> None:
        catalogue = self._catalogue()
        if catalogue is None:
            return
        # One at which a sync was ended comes last, for the same reason.
        for dataset in sorted(plan.datasets(self.known, catalogue), key=self._unsettled):
            try:
                self._follow(catalogue, dataset)
                self._refused(dataset, None)
            except Ended:
                raise
            except Exception as error:
                self._tell(catalogue, dataset, error)

    def _unsettled(self, dataset: str) -> bool:
        return any(not each.here for each in self.known.taken.get(dataset, ()))

    def _catalogue(self, *, dry: bool = False) -> Catalogue | None:
        """Return what is offered; None where it cannot be read, or is not signed as it has to be."""
        self.progress("reading the catalogue", 0, 1)
        try:
            found = offers.read(self.client, self.known.url)
            if (pinned := self.known.pinned) is not None:
                self._signed(listing.accepted(found, pinned, self.known.listed), dry=dry)
        except ExchangeError as error:
            self.outcome.failed = str(error)
            if isinstance(error, Forged) and not dry and self.known.failed != str(error):
                self.acts.audit.write(self.party, "sync", self.known.url, f"refused: {type(error).__name__}")
            return None
        self.progress("reading the catalogue", 1, 1)
        if found.key and not self.known.key:
            self.outcome.notes.append(
                f"Its catalogue says that it signs with key {found.key}, which is not checked: ask the publisher for "
                "its key by another way, and subscribe with --key."
            )
        return found

    def _signed(self, found: Accepted, *, dry: bool) -> None:
        """Remember by which key a catalogue was signed, and its number, before anything is made of it."""
        key, before = str(found.key), self.known.key
        if key != before:
            self.outcome.notes.append(
                f"Key {before} says that {key} follows it: that one counts from now on."
            )
        if dry or (key, found.number) == (before, self.known.listed):
            return
        if key != before:
            self.acts.audit.write(self.party, "sync", f"key {before} is followed by {key}", "done")
        self.taking.change(lambda each: replace(each, key=key, listed=found.number))

    def _step(self, catalogue: Catalogue, dataset: str) -> Step:
        owner = self.kept.owner(dataset)
        other = owner.url if owner and owner.id != self.known.id else ""
        return plan.step(self.known, catalogue, Here.of(self._release()), dataset, other)

    def _release(self) -> Release | None:
        return self.store.release() if self.store.current else None

    def _follow(self, catalogue: Catalogue, dataset: str) -> None:
        settled = self.taking.settle(dataset)
        if settled is not None:
            self._admitted(dataset, settled[0].version, settled[1])
        for again in range(len(self.known.taken.get(dataset, ())) + 2):
            step = self._step(catalogue, dataset)
            if (settled and step.act == "current") or (
                again and step.act != "withdraw" and dataset not in catalogue.offers
            ):
                return
            if step.act == "take":
                assert step.offer is not None
                self._admitted(dataset, step.version, self.taking.take(step.offer))
                return
            if step.act == "withdraw":
                self.taking.mark(dataset, step.version, step.why)  # whoever is ended here does it again
                self.acts.withdraw(dataset, step.why, self.taking.here(dataset, step.version))
            elif step.act == "restore":
                self.acts.restore(dataset, self.taking.here(dataset, step.version))
                self.taking.mark(dataset, step.version, "")
            self._row(dataset, _DONE.get(step.act, step.act), step.version, step.why)
            if step.act != "withdraw":
                return

    # --- What is told ------------------------------------------------------------------------------------------------

    def _admitted(self, dataset: str, version: str, admitted: Admission) -> None:
        warned = admitted.report.counts()["warned"]
        why = f"{warned:,} rows with warnings" if warned else ""
        self._row(dataset, "taken" if admitted.new else "current", version, why)

    def _tell(self, catalogue: Catalogue, dataset: str, error: Exception) -> None:
        """Tell why nothing came of a dataset: in the answer each time, in the audit log the first time.

        It is refused where the rules do not take what is offered, and failed where it could not be done: then the next
        sync tries again.
        """
        refused = isinstance(error, ExchangeError | ContributionError | UsageError)
        if not isinstance(error, OpenTierError | OSError):
            _LOG.info("%s of %s", dataset, self.known.id, exc_info=error)
        why, version = _said(error).replace(f"{self.store.path}/", ""), _version(catalogue, dataset)
        held = isinstance(error, NotOurs) and dataset not in (*self.known.datasets, *self.known.taken)
        self._row(dataset, "held" if held else "refused" if refused else "failed", version, why)
        offer = catalogue.offers.get(dataset)
        known, sha256 = self.known.refused.get(dataset), offer.sha256 if offer else ""
        beside = (self.store.current or "") if isinstance(error, ContributionError) else ""
        try:
            if isinstance(error, Again) and known:
                beside = known.beside
            elif not isinstance(error, ContributionError) and (known is None or known.why != why):
                what = f"{dataset} version {version}" if version else dataset
                outcome = f"{'refused' if refused else 'failed'}: {type(error).__name__}"
                self.acts.audit.write(self.party, "sync", what, outcome, sha256)
            self._refused(dataset, Refused(version, sha256, why, beside))
        except (StoreError, OSError) as more:
            self.outcome.notes.append(f"What became of {dataset} is not written down: {_said(more)}")

    def _refused(self, dataset: str, said: Refused | None) -> None:
        if self.known.refused.get(dataset) == said:
            return

        def changed(known: Subscription) -> Subscription:
            others = {name: each for name, each in known.refused.items() if name != dataset}
            return replace(known, refused=others if said is None else {**others, dataset: said})

        self.taking.change(changed)

    def _row(self, dataset: str, state: str, version: str, why: str = "", offer: Offer | None = None) -> None:
        taken = next(
            (e for e in reversed(self.known.taken.get(dataset, ())) if e.version == version and e.here), None
        )
        licence = taken.licence if taken else offer.licences[-1] if offer else ""
        here, signed = (taken.here, taken.key) if taken else (None, "")
        self.outcome.rows.append(Row(dataset, state, version, licence, here, signed, why))


def _version(catalogue: Catalogue, dataset: str) -> str:
    offer = catalogue.offers.get(dataset)
    return offer.version if offer else ""


def _said(error: Exception) -> str:
    """Return why something came to nothing: of a report the summary and what is wrong first."""
    if isinstance(error, OSError):
        return unable(error)
    if not isinstance(error, OpenTierError):
        return f"It could not be done: {type(error).__name__}: {error}"[:500]
    if not isinstance(error, ContributionError):
        return str(error)
    first = next((each for each in error.report.sorted() if each.blocks), None)
    return error.report.summary() + (f" {first.message} {first.advice}".rstrip() if first else "")
