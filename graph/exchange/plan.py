"""What is to be done about a dataset of a subscription: one step, decided of what the catalogue says and what is here.

A name belongs to whoever brought it first: to the subscription that took it, or to whoever contributed it here. What is
here of somebody else is never replaced; what a publisher leaves out without a word is never taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from opentier.graph.admission.edition import compared
from opentier.graph.errors import ExchangeError, Forged, NotOurs, mean
from opentier.graph.exchange.offers import Catalogue, Offer
from opentier.graph.exchange.subscriptions import Subscription, Taken
from opentier.graph.identity.judgements import BESIDE, CLOSED
from opentier.graph.store.release import Release

#: What is done; the last three change nothing.
Act = Literal["take", "withdraw", "restore", "current", "kept", "left"]
#: Datasets of which every instance has one of its own.
OWN = frozenset({*BESIDE, *CLOSED})
_NO_REASON = "Its publisher took it back, and gave no reason."


@dataclass(frozen=True)
class Here:
    """What is here: the numbers of the versions of each dataset, and the one that is current."""

    numbers: Mapping[str, frozenset[int]] = field(default_factory=dict)
    current: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, release: Release | None) -> Here:
        """Return what is in a release."""
        numbers: dict[str, set[int]] = {}
        for version in release.versions if release else ():
            numbers.setdefault(version.dataset, set()).add(version.number)
        current = {name: each.number for name, each in release.current.items()} if release else {}
        return cls({name: frozenset(each) for name, each in numbers.items()}, current)


@dataclass(frozen=True)
class Step:
    """What is to be done about a dataset, of which version, and why."""

    dataset: str
    act: Act
    version: str = ""
    why: str = ""
    offer: Offer | None = None


def datasets(known: Subscription, catalogue: Catalogue) -> list[str]:
    """Return the datasets that are looked at: those that are followed, and those that were taken."""
    return sorted({*(known.datasets or catalogue.names), *known.taken})


def step(known: Subscription, catalogue: Catalogue, here: Here, dataset: str, owner: str) -> Step:
    """Return what is to be done about a dataset.

    Parameters
    ----------
    owner
        The address of the other subscription that brought the dataset; "" where none did.

    Raises
    ------
    ExchangeError
        If what is offered is not taken: `NotOurs`, `Forged`, or another one, which say why.
    """
    if dataset in OWN:
        if dataset in known.datasets:
            raise NotOurs(f"Every instance has a dataset {dataset} of its own, and takes that of no other.")
        return Step(dataset, "left", why="every instance has one of its own")
    taken = known.taken.get(dataset, ())
    if owner or (not taken and dataset in here.numbers):
        whose = f"of the subscription to {owner}" if owner else "of somebody who contributed it here"
        raise NotOurs(
            f"{known.url} offers a dataset {dataset}, and the one that is here is {whose}: it stays."
        )
    offer = catalogue.offers.get(dataset)
    now = standing(taken, here, dataset, offer)
    if now is not None and (gone := catalogue.withdrawn.get((dataset, now.version))):
        return Step(dataset, "withdraw", now.version, gone.reason or _NO_REASON)
    if offer is not None:
        return _offered(offer, taken, now)
    if fault := catalogue.faults.get(dataset):
        raise ExchangeError(fault)
    if now is not None:
        why = "the publisher offers it no more, and does not say that it is withdrawn: it stays here"
        return Step(dataset, "kept", now.version, why)
    if gone := next((each for (name, _), each in catalogue.withdrawn.items() if name == dataset), None):
        return Step(
            dataset, "kept" if taken else "left", gone.version, f"withdrawn: {gone.reason or _NO_REASON}"
        )
    if taken:
        return Step(dataset, "kept", taken[-1].version, "it is withdrawn here, and offered no more")
    raise ExchangeError(f"The catalogue has no dataset {dataset}.{mean(dataset, catalogue.names, 12)}")


def standing(taken: tuple[Taken, ...], here: Here, dataset: str, offer: Offer | None) -> Taken | None:
    """Return the version that was taken and is current here; None, too, where that may be the one that is offered.

    Raises
    ------
    NotOurs
        If another one is, which somebody contributed.
    """
    number = here.current.get(dataset)
    if number is None or not any(each.here for each in taken):
        return None
    found = next((each for each in reversed(taken) if each.here == number), None)
    if found is None and offer and any(not each.here and each.sha256 == offer.sha256 for each in taken):
        return None  # whether it was admitted when its process was killed is found out when it is taken
    if found is None:
        raise NotOurs(
            f"Somebody contributed version {number} of {dataset} here, and no subscription brought it: it stays. "
            f"To follow the publisher again, withdraw it: opentier datasets withdraw {dataset}"
        )
    return found


def _offered(offer: Offer, taken: tuple[Taken, ...], now: Taken | None) -> Step:
    """Return what is to be done about a version that is offered."""
    dataset, version = offer.dataset, offer.version
    same = next((each for each in reversed(taken) if each.version == version and each.here), None)
    if same is not None:
        if same.sha256 != offer.sha256:
            raise Forged(
                f"The catalogue gives version {version} of {dataset} another checksum than what was taken as that "
                "version. A version never changes; what is here stays."
            )
        if same is now:
            return Step(dataset, "current", version)
        if same.withdrawn and (now is None or _newer(version, now.version)):
            return Step(dataset, "restore", version, "its publisher offers it again")
        if not same.withdrawn and (now is None or _newer(version, now.version)):
            return Step(dataset, "kept", version, "somebody withdrew it here: it is not taken again")
    held = [each for each in taken if each.here and not each.withdrawn]
    for each in [now] if now else held[-1:]:
        if not _newer(version, each.version):
            raise Forged(
                f"The catalogue offers version {version} of {dataset}, and version {each.version} was taken before, "
                "which is not withdrawn: what is here is not replaced by what is no newer."
            )
    return Step(dataset, "take", version, offer=offer)


def _newer(new: str, old: str) -> bool:
    return (compared(new, old) or 0) > 0
