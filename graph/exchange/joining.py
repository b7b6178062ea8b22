"""Subscribing: an instance is read before it is followed, and each beginning and end is a line of the audit log."""

from __future__ import annotations

from opentier.graph.access.audit import Audit
from opentier.graph.errors import Named, UsageError, mean
from opentier.graph.exchange import offers
from opentier.graph.exchange.client import Bounds, Client
from opentier.graph.exchange.offers import Catalogue
from opentier.graph.exchange.subscriptions import Subscription, Subscriptions
from opentier.graph.store.directory import Store


def begin(
    store: Store, audit: Audit, who: str, made: Subscription, bounds: Bounds | None = None
) -> tuple[Subscription, Catalogue]:
    """Keep a subscription once its catalogue was read; return it, and what is offered.

    Raises
    ------
    Unreachable
        If the catalogue cannot be read.
    UsageError
        If it has no dataset of a name, or there is a subscription to it already.
    """
    found = offers.read(Client(made.reach, bounds or Bounds()), made.url)
    for each in made.datasets:
        if each not in found.names:
            raise UsageError(
                Named("dataset"), f": the catalogue has no {each!r}.{mean(each, found.names, 12)}"
            )
    with audit.act(who, "subscribe", made.id) as told:
        kept = Subscriptions(store.path).add(made)
        told.what = f"{kept.id} {kept.url}"
    return kept, found


def end(store: Store, audit: Audit, who: str, id: str) -> Subscription:
    """Follow an instance no more; what was taken stays. UsageError where there is no such subscription."""
    with audit.act(who, "unsubscribe", id) as told:
        gone = Subscriptions(store.path).remove(id)
        told.what = f"{gone.id} {gone.url}"
    return gone
