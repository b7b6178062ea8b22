"""Subscribing: an instance is read before it is followed, and each beginning and end is a line of the audit log."""

from __future__ import annotations

from dataclasses import replace

from opentier.graph.access.audit import Audit
from opentier.graph.errors import Named, UsageError, mean
from opentier.graph.exchange import listing, offers
from opentier.graph.exchange.client import Bounds, Client
from opentier.graph.exchange.offers import Catalogue
from opentier.graph.exchange.subscriptions import Subscription, Subscriptions
from opentier.graph.store.directory import Store


def begin(
    store: Store,
    audit: Audit,
    who: str,
    made: Subscription,
    bounds: Bounds | None = None,
    *,
    again: bool = False,
) -> tuple[Subscription, Catalogue]:
    """Keep a subscription once its catalogue was read; return it, and what is offered.

    Parameters
    ----------
    again
        Whether there is one to that address, of which another thing is said now (see `Subscriptions.again`).

    Raises
    ------
    Unreachable
        If the catalogue cannot be read.
    Forged
        If a key is pinned, and the catalogue is not signed by it, or by one that follows it.
    UsageError
        If it has no dataset of a name, or there is a subscription to it already; or none, where there has to be one.
    """
    found = offers.read(Client(made.reach, bounds or Bounds()), made.url)
    for each in made.datasets:
        if each not in found.names:
            raise UsageError(
                Named("dataset"), f": the catalogue has no {each!r}.{mean(each, found.names, 12)}"
            )
    if made.pinned is not None:
        signed = listing.accepted(found, made.pinned)
        made = replace(made, key=str(signed.key), listed=signed.number)
    with audit.act(who, "subscribe", made.id) as told:
        known = Subscriptions(store.path)
        kept = known.again(made) if again else known.add(made)
        told.what = f"{kept.id} {kept.url}"
    return kept, found


def end(store: Store, audit: Audit, who: str, id: str) -> Subscription:
    """Follow an instance no more; what was taken stays. UsageError where there is no such subscription."""
    with audit.act(who, "unsubscribe", id) as told:
        gone = Subscriptions(store.path).remove(id)
        told.what = f"{gone.id} {gone.url}"
    return gone
