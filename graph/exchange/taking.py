"""Taking a version: it is fetched, looked at, and admitted by the one way in, or known again where it was admitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from opentier.graph.access.acts import Acts
from opentier.graph.admission import admission
from opentier.graph.admission.admitted import Admission
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import ExchangeError, Forged, NotOurs, UsageError
from opentier.graph.exchange import parcel
from opentier.graph.exchange.client import Client
from opentier.graph.exchange.offers import Offer
from opentier.graph.exchange.plan import Here
from opentier.graph.exchange.subscriptions import Subscription, Subscriptions, Taken, now
from opentier.graph.jobs.progress import Progress
from opentier.graph.report.report import ContributionError
from opentier.graph.store import durable
from opentier.graph.store.directory import Store
from opentier.graph.store.release import Release


class Again(ExchangeError):
    """The rules here refused it before, and nothing changed since."""


class Taking:
    """What is taken for a subscription, and what it remembers of that (`known`)."""

    def __init__(
        self,
        store: Store,
        acts: Acts,
        kept: Subscriptions,
        known: Subscription,
        client: Client,
        progress: Progress,
    ) -> None:
        self.store, self.acts, self.kept, self.known = store, acts, kept, known
        self.client, self.progress = client, progress

    def change(self, changed: Callable[[Subscription], Subscription]) -> None:
        """Remember something else, all or nothing."""
        self.known = self.kept.change(self.known.id, changed)

    def here(self, dataset: str, version: str) -> int:
        """Return the number here of a version that was taken."""
        return next(e.here for e in reversed(self.known.taken[dataset]) if e.version == version and e.here)

    def mark(self, dataset: str, version: str, withdrawn: str) -> None:
        """Remember that a version was withdrawn here, or is back, as its publisher says."""
        taken = [
            replace(each, withdrawn=withdrawn) if each.version == version and each.here else each
            for each in self.known.taken[dataset]
        ]
        self.known = self.kept.took(self.known.id, dataset, taken)

    def take(self, offer: Offer) -> Admission:
        """Fetch a version, look at it, and have it admitted; it is remembered before that it is being admitted.

        Raises
        ------
        ExchangeError
            If it does not come, or is not what was announced.
        ContributionError
            If the rules here refuse it.
        """
        known = self.known.refused.get(offer.dataset)
        if known and (known.version, known.sha256, known.beside) == (
            offer.version,
            offer.sha256,
            self.store.current,
        ):
            raise Again(known.why)
        part = self.kept.part(offer.sha256)
        parcel.fetch(self.client, offer, part, self.progress)
        try:
            licence = parcel.check(offer, part)
        except Forged:
            part.unlink()
            raise
        before = self.known.taken.get(offer.dataset, ())
        begun = next((each.at for each in before if not each.here and each.sha256 == offer.sha256), None)
        signed = self.known.pinned.id if self.known.pinned else ""
        taken = Taken(offer.version, offer.sha256, licence, offer.publisher, signed, begun or now())
        return self._admit(offer.dataset, taken, begun)

    def settle(self, dataset: str) -> tuple[Taken, Admission] | None:
        """Know a version that was admitted when its process was killed, whatever is offered by now; None: none was."""
        before = self.known.taken.get(dataset, ())
        begun = next((each for each in before if not each.here), None)
        if begun is None:
            return None
        part = self.kept.part(begun.sha256)
        if not part.exists() or durable.sha256(part) != begun.sha256:
            return None
        if admission.standing(part, Options(since=begun.at), self.store) is not None:
            return begun, self._admit(dataset, begun, begun.at)
        self.known = self.kept.took(self.known.id, dataset, [each for each in before if each.here])
        return None

    def _admit(self, dataset: str, taken: Taken, begun: str | None) -> Admission:
        """Have a version admitted, or know it again; it is remembered before that it is being admitted."""
        part, settled = self.kept.part(taken.sha256), self._settled(dataset)
        options = Options(visibility=None if settled else self.known.visibility, since=begun)
        ours = {each.here for each in settled}
        if begun and (there := admission.standing(part, options, self.store)) is not None:
            ours.add(there.version.number)
        self.known = self.kept.took(self.known.id, dataset, [*settled, taken])
        try:
            admitted = self.acts.contribute(part, options, replacing=self._replacing(dataset, ours))
        except (
            ExchangeError,
            ContributionError,
            UsageError,
        ):  # of any other fault `settle` finds out how far it came
            self.known = self.kept.took(self.known.id, dataset, settled)
            raise
        self.known = self.kept.took(
            self.known.id, dataset, [*settled, replace(taken, here=admitted.version.number)]
        )
        part.unlink(missing_ok=True)
        return admitted

    def _settled(self, dataset: str) -> tuple[Taken, ...]:
        return tuple(each for each in self.known.taken.get(dataset, ()) if each.here)

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
