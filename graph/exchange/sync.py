"""A sync: what publishers offer is taken by the one way in, what they took back goes, and all else is told.

Each step is whole before the next one begins, so that one that is ended anywhere goes on with the next sync: what came
of a file is kept, and a version that was admitted when its process was killed is known by when that began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from opentier.graph.access.acts import Acts
from opentier.graph.access.audit import SUBSCRIPTION
from opentier.graph.admission import admission
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import ExchangeError, Forged, NotOurs, OpenTierError, UsageError
from opentier.graph.exchange import offers, parcel, plan
from opentier.graph.exchange.client import Bounds, Client
from opentier.graph.exchange.offers import Catalogue, Offer
from opentier.graph.exchange.outcome import Outcome, Row
from opentier.graph.exchange.plan import Here, Step
from opentier.graph.exchange.subscriptions import Refused, Subscription, Subscriptions, Taken, now
from opentier.graph.jobs.progress import Progress
from opentier.graph.report.report import ContributionError
from opentier.graph.store import durable
from opentier.graph.store.directory import Store
from opentier.graph.store.release import Release

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
        self.store, self.kept, self.known, self.progress = store, kept, known, progress
        self.client = Client(known.reach, bounds)
        self.party = f"{SUBSCRIPTION}{known.id}"
        self.acts = acting(self.party)
        self.outcome = Outcome(known.id, known.url)

    # --- What is done ------------------------------------------------------------------------------------------------

    def planned(self) -> Outcome:
        """Return what would be done."""
        if (catalogue := self._catalogue()) is not None:
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
            self.known = self.kept.change(self.known.id, lambda each: replace(each, begun=now()))
            self._all()
            said = self.outcome.failed
            self.known = self.kept.change(
                self.known.id, lambda each: replace(each, synced=now(), failed=said)
            )
        except UsageError as error:  # somebody ended it meanwhile
            self.outcome.failed = str(error)
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
            except (ExchangeError, ContributionError, UsageError) as error:
                self._refuse(catalogue, dataset, error)

    def _unsettled(self, dataset: str) -> bool:
        return any(not each.here for each in self.known.taken.get(dataset, ()))

    def _catalogue(self) -> Catalogue | None:
        self.progress("reading the catalogue", 0, 1)
        try:
            found = offers.read(self.client, self.known.url)
        except ExchangeError as error:
            self.outcome.failed = str(error)
            return None
        self.progress("reading the catalogue", 1, 1)
        if found.key and not self.known.key:
            self.outcome.notes.append(
                f"Its catalogue says that it signs with key {found.key}, which is not checked: ask the publisher for "
                "its key by another way, and subscribe with --key."
            )
        return found

    def _step(self, catalogue: Catalogue, dataset: str) -> Step:
        owner = self.kept.owner(dataset)
        other = owner.url if owner and owner.id != self.known.id else ""
        return plan.step(self.known, catalogue, Here.of(self._release()), dataset, other)

    def _release(self) -> Release | None:
        return self.store.release() if self.store.current else None

    def _follow(self, catalogue: Catalogue, dataset: str) -> None:
        settled = self._settle(dataset)
        for again in range(len(self.known.taken.get(dataset, ())) + 2):
            step = self._step(catalogue, dataset)
            if (settled and step.act == "current") or (
                again and step.act != "withdraw" and dataset not in catalogue.offers
            ):
                return
            if step.act == "take":
                assert step.offer is not None
                self._take(step.offer)
                return
            if step.act == "withdraw":
                self._mark(dataset, step.version, step.why)  # whoever is ended here does it again
                self.acts.withdraw(dataset, step.why, self._here(dataset, step.version))
            elif step.act == "restore":
                self.acts.restore(dataset, self._here(dataset, step.version))
                self._mark(dataset, step.version, "")
            self._row(dataset, _DONE.get(step.act, step.act), step.version, step.why)
            if step.act != "withdraw":
                return

    def _here(self, dataset: str, version: str) -> int:
        """Return the number here of a version that was taken."""
        return next(e.here for e in reversed(self.known.taken[dataset]) if e.version == version and e.here)

    # --- A version is taken ------------------------------------------------------------------------------------------

    def _take(self, offer: Offer) -> None:
        """Fetch a version, look at it, and have it admitted; it is remembered before that it is being admitted."""
        known = self.known.refused.get(offer.dataset)
        if known and (known.version, known.sha256, known.beside) == (
            offer.version,
            offer.sha256,
            self.store.current,
        ):
            raise _Again(known.why)
        part = self.kept.part(offer.sha256)
        parcel.fetch(self.client, offer, part, self.progress)
        try:
            licence = parcel.check(offer, part, self.known.pinned)
        except Forged:
            part.unlink()
            raise
        before = self.known.taken.get(offer.dataset, ())
        begun = next((each.at for each in before if not each.here and each.sha256 == offer.sha256), None)
        settled = tuple(each for each in before if each.here)
        signed = self.known.pinned.id if self.known.pinned else ""
        taken = Taken(offer.version, offer.sha256, licence, offer.publisher, signed, begun or now())
        self._admit(offer.dataset, taken, settled, part, begun)

    def _settle(self, dataset: str) -> bool:
        """Know a version that was admitted when its process was killed, whatever is offered by now; whether one was."""
        before = self.known.taken.get(dataset, ())
        begun = next((each for each in before if not each.here), None)
        if begun is None:
            return False
        settled, part = tuple(each for each in before if each.here), self.kept.part(begun.sha256)
        if not part.exists() or durable.sha256(part) != begun.sha256:
            return False
        if found := admission.standing(part, Options(since=begun.at), self.store) is not None:
            self._admit(dataset, begun, settled, part, begun.at)
        else:
            self.known = self.kept.took(self.known.id, dataset, settled)
        return found

    def _admit(
        self, dataset: str, taken: Taken, settled: tuple[Taken, ...], part: Path, begun: str | None
    ) -> None:
        """Have a version admitted, or know it again; it is remembered before that it is being admitted."""
        options = Options(visibility=None if settled else self.known.visibility, since=begun)
        ours = {each.here for each in settled}
        if begun and (there := admission.standing(part, options, self.store)) is not None:
            ours.add(there.version.number)
        self.known = self.kept.took(self.known.id, dataset, [*settled, taken])
        try:
            admitted = self.acts.contribute(part, options, replacing=self._replacing(dataset, ours))
        except OpenTierError:
            self.known = self.kept.took(self.known.id, dataset, settled)
            raise
        taken = replace(taken, here=admitted.version.number)
        self.known = self.kept.took(self.known.id, dataset, [*settled, taken])
        part.unlink(missing_ok=True)
        warned = admitted.report.counts()["warned"]
        self._row(
            dataset, "taken" if admitted.new else "current", taken.version,
            f"{warned:,} rows with warnings" if warned else "",
        )  # fmt: skip

    def _replacing(self, named: str, ours: set[int]) -> Callable[[str, Release | None], None]:
        """Return what refuses a dataset of another name, and one of which somebody else's version is current here."""

        def allowed(dataset: str, release: Release | None) -> None:
            if dataset != named:
                raise Forged(f"The package calls itself {dataset!r}, and the catalogue {named!r}.")
            here = Here.of(release)
            number, others = here.current.get(dataset), here.numbers.get(dataset, frozenset())
            if number not in ours if number is not None else bool(others) and not others & ours:
                raise NotOurs(f"Somebody contributed a dataset {dataset} here meanwhile: it stays.")

        return allowed

    def _mark(self, dataset: str, version: str, withdrawn: str) -> None:
        """Remember that a version was withdrawn here, or is back, as its publisher says."""
        taken = [
            replace(each, withdrawn=withdrawn) if each.version == version and each.here else each
            for each in self.known.taken[dataset]
        ]
        self.known = self.kept.took(self.known.id, dataset, taken)

    # --- What is told ------------------------------------------------------------------------------------------------

    def _refuse(self, catalogue: Catalogue, dataset: str, error: OpenTierError) -> None:
        """Tell why a version is not taken: in the answer each time, in the audit log the first time."""
        why, version = _said(error), _version(catalogue, dataset)
        offer = catalogue.offers.get(dataset)
        known, sha256 = self.known.refused.get(dataset), offer.sha256 if offer else ""
        beside = (self.store.current or "") if isinstance(error, ContributionError) else ""
        if isinstance(error, _Again) and known:
            beside = known.beside
        elif not isinstance(error, ContributionError) and (known is None or known.why != why):
            what = f"{dataset} version {version}" if version else dataset
            self.acts.audit.write(self.party, "sync", what, f"refused: {type(error).__name__}", sha256)
        self._refused(dataset, Refused(version, sha256, why, beside))
        held = isinstance(error, NotOurs) and dataset not in (*self.known.datasets, *self.known.taken)
        self._row(dataset, "held" if held else "refused", version, why)

    def _refused(self, dataset: str, said: Refused | None) -> None:
        if self.known.refused.get(dataset) == said:
            return

        def changed(known: Subscription) -> Subscription:
            others = {name: each for name, each in known.refused.items() if name != dataset}
            return replace(known, refused=others if said is None else {**others, dataset: said})

        self.known = self.kept.change(self.known.id, changed)

    def _row(self, dataset: str, state: str, version: str, why: str = "", offer: Offer | None = None) -> None:
        taken = next(
            (e for e in reversed(self.known.taken.get(dataset, ())) if e.version == version and e.here), None
        )
        licence = taken.licence if taken else offer.licences[-1] if offer else ""
        here, signed = (taken.here, taken.key) if taken else (None, "")
        self.outcome.rows.append(Row(dataset, state, version, licence, here, signed, why))


class _Again(ExchangeError):
    """The rules here refused it before, and nothing changed since."""


def _version(catalogue: Catalogue, dataset: str) -> str:
    offer = catalogue.offers.get(dataset)
    return offer.version if offer else ""


def _said(error: OpenTierError) -> str:
    """Return why something is refused: of a report the summary and what is wrong first."""
    if not isinstance(error, ContributionError):
        return str(error)
    first = next((each for each in error.report.sorted() if each.blocks), None)
    return error.report.summary() + (f" {first.message} {first.advice}".rstrip() if first else "")
