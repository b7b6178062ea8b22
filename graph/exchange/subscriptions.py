"""Subscriptions: what is followed of which other instance, and what was taken of it, as a data directory keeps that."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from opentier.graph.errors import Named, StoreError, UsageError, mean
from opentier.graph.exchange.minisign import PublicKey
from opentier.graph.exchange.reach import Reach
from opentier.graph.model import dates, visibility
from opentier.graph.model.names import DATASET_ID
from opentier.graph.store import durable, lock

#: Seconds for which one who changes the list waits for another one.
_PATIENCE = 10.0
#: Where the catalogue of an instance is, if only the instance is named.
_CATALOGUE = "catalog"
#: What is counted: subscriptions, those that failed the last time, datasets that were taken, and that were refused.
COUNTS = ("followed", "failed", "taken", "refused")


class Ended(UsageError):
    """The subscription was removed meanwhile."""


@dataclass(frozen=True)
class Taken:
    """A version that was taken.

    Attributes
    ----------
    version
        What the publisher calls it.
    key
        The number of the key that signed the catalogue which offered it; "" where none is pinned.
    here
        The number of its version here; 0 as long as it is being admitted, which began at `at`.
    withdrawn
        Why its publisher took it back, as was followed here.
    """

    version: str
    sha256: str
    licence: str
    publisher: str
    key: str
    at: str
    here: int = 0
    withdrawn: str = ""


@dataclass(frozen=True)
class Refused:
    """What was not taken the last time, and why; where the rules here refused it, beside which release that was."""

    version: str
    sha256: str
    why: str
    beside: str = ""


@dataclass(frozen=True)
class Subscription:
    """What is followed of another instance.

    Attributes
    ----------
    datasets
        The datasets that are followed; all that it offers where none is named.
    key
        The public key by which the catalogue has to be signed, as it was given, or the last that follows that one; ""
        where none is pinned.
    listed
        The number of the last catalogue that this key signed and that was followed: an older one counts no more.
    hosts, private
        See `Reach`.
    visibility
        Who may see what is taken (see `visibility.check`).
    taken, refused
        By dataset; the versions in the order in which they came.
    synced, failed
        When it was followed last, and why it could not be.
    begun
        When that was begun last, whether it came to its end or not.
    """

    id: str
    url: str
    made: str
    datasets: tuple[str, ...] = ()
    key: str = ""
    hosts: tuple[str, ...] = ()
    private: bool = False
    visibility: str = "public"
    taken: Mapping[str, tuple[Taken, ...]] = field(default_factory=dict)
    refused: Mapping[str, Refused] = field(default_factory=dict)
    synced: str = ""
    failed: str = ""
    begun: str = ""
    listed: int = 0

    @property
    def reach(self) -> Reach:
        """What may be asked for it."""
        return Reach.of(self.url, self.hosts, private=self.private)

    @property
    def pinned(self) -> PublicKey | None:
        """The key by which the catalogue has to be signed."""
        return PublicKey.of(self.key) if self.key else None

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return asdict(self)

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Subscription:
        """Return one that was kept as a JSON object."""
        taken = {name: tuple(Taken(**each) for each in kept) for name, kept in said["taken"].items()}
        refused = {name: Refused(**each) for name, each in said["refused"].items()}
        lists = {name: tuple(said[name]) for name in ("datasets", "hosts")}
        return cls(**{**said, **lists, "taken": taken, "refused": refused})


def new(
    url: str,
    datasets: Iterable[str] = (),
    key: str = "",
    hosts: Iterable[str] = (),
    *,
    private: bool = False,
    seen: str = "public",
) -> Subscription:
    """Return a subscription to the catalogue at an address, or to the instance there; it is not kept yet.

    Raises
    ------
    UsageError
        If something that is said is none of what it has to be.
    """
    reach = Reach.of(url, hosts, private=private)
    named = tuple(sorted(set(datasets)))
    for each in named:
        if not DATASET_ID.fullmatch(each):
            raise UsageError(Named("dataset"), f" {each!r} is no name of a dataset.")
    visibility.check(seen, dates.today())
    where = url if url.partition("://")[2].strip("/").count("/") else url.rstrip("/") + f"/{_CATALOGUE}"
    id = re.sub(r"[^a-z0-9]+", "-", reach.host).strip("-")
    pinned = str(PublicKey.of(key)) if key else ""
    return Subscription(
        id, where, now(), named, pinned, tuple(sorted(reach.hosts)), private=private, visibility=seen
    )


class Subscriptions:
    """The subscriptions of a data directory; what another process changes is seen at once."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "subscriptions"
        self.file, self.parts = self.folder / "subscriptions.json", self.folder / ".parts"

    def all(self) -> dict[str, Subscription]:
        """Return them by id, in the order in which they were made.

        Raises
        ------
        StoreError
            If they cannot be read: then nothing is followed.
        """
        try:
            said = json.loads(self.file.read_text("utf-8"))
            return {each.id: each for each in map(Subscription.from_dict, said)}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(
                f"{self.file} cannot be read ({error}). Nothing is followed. Restore it, or move it away and subscribe "
                "anew."
            ) from error

    def get(self, id: str) -> Subscription:
        """Return one by its id, or by its address; UsageError where there is none."""
        known = self.all()
        found = known.get(id) or next(
            (each for each in known.values() if id in (each.url, _instance(each))), None
        )
        if found is None:
            raise UsageError(f"No subscription is called {id!r}.{mean(id, known, 12)}")
        return found

    def owner(self, dataset: str) -> Subscription | None:
        """Return the subscription that brought a dataset."""
        return next((each for each in self.all().values() if dataset in each.taken), None)

    def add(self, made: Subscription) -> Subscription:
        """Keep a new subscription, by an id that no other one has.

        Raises
        ------
        UsageError
            If there is one to the same address.
        """
        with self._held():
            known = self.all()
            if other := next((each.id for each in known.values() if each.url == made.url), None):
                raise UsageError(
                    f"{other} is a subscription to {made.url} already. To have what is said now take the place of what "
                    "was said: --again"
                )
            ids = (f"{made.id}-{number}" if number > 1 else made.id for number in range(1, len(known) + 2))
            made = replace(made, id=next(each for each in ids if each not in known))
            self._write({**known, made.id: made})
        return made

    def again(self, made: Subscription) -> Subscription:
        """Have what is said of a subscription take the place of what was said; what was taken stays its own.

        Raises
        ------
        UsageError
            If there is none to that address.
        """
        with self._held():
            known = self.all()
            before = next((each for each in known.values() if each.url == made.url), None)
            if before is None:
                raise UsageError(f"There is no subscription to {made.url} yet: subscribe without --again.")
            listed = max(made.listed, before.listed if made.key == before.key else 0)
            made = replace(
                before, datasets=made.datasets, key=made.key, hosts=made.hosts, private=made.private,
                visibility=made.visibility, listed=listed,
            )  # fmt: skip
            self._write({**known, made.id: made})
        return made

    def remove(self, id: str) -> Subscription:
        """Follow an instance no more; what was taken stays, and is one's own. UsageError where there is none."""
        found = self.get(id)
        with self._held():
            self._write({name: each for name, each in self.all().items() if name != found.id})
        return found

    def change(self, id: str, changed: Callable[[Subscription], Subscription]) -> Subscription:
        """Change one, all or nothing; Ended where it was removed meanwhile."""
        with self._held():
            known = self.all()
            if id not in known:
                raise Ended(f"The subscription {id} was ended meanwhile.")
            known[id] = changed(known[id])
            self._write(known)
            return known[id]

    def took(self, id: str, dataset: str, taken: Iterable[Taken]) -> Subscription:
        """Keep which versions of a dataset were taken; without any it is nobody's."""
        kept = tuple(taken)

        def changed(known: Subscription) -> Subscription:
            others = {name: each for name, each in known.taken.items() if name != dataset}
            return replace(known, taken={**others, dataset: kept} if kept else others)

        return self.change(id, changed)

    def syncing(self) -> AbstractContextManager[None]:
        """Hold them while they are followed; StoreBusy where another process does that."""
        durable.make(self.folder)
        return lock.held(self.folder / ".syncing", 0.0, purpose="a sync")

    def part(self, sha256: str) -> Path:
        """Return where a file is put while it comes."""
        durable.make(self.parts)
        return self.parts / sha256

    def tidy(self, wanted: Iterable[str]) -> None:
        """Remove what came of files that nobody waits for any more."""
        kept = set(wanted)
        for part in self.parts.iterdir() if self.parts.is_dir() else ():
            if part.name not in kept:
                part.unlink(missing_ok=True)

    def _held(self) -> AbstractContextManager[None]:
        durable.make(self.folder)
        return lock.held(self.folder / "lock", _PATIENCE, purpose="subscriptions")

    def _write(self, known: Mapping[str, Subscription]) -> None:
        said = [each.to_dict() for each in known.values()]
        durable.replace(self.file, json.dumps(said, indent=1, ensure_ascii=False) + "\n", private=True)


def _instance(each: Subscription) -> str:
    return each.url.removesuffix(_CATALOGUE)


def counts(data: Path) -> dict[str, int]:
    """Return `COUNTS` of a data directory."""
    known = list(Subscriptions(data).all().values())
    many = (
        len(known), sum(1 for each in known if each.failed), sum(len(each.taken) for each in known),
        sum(len(each.refused) for each in known),
    )  # fmt: skip
    return dict(zip(COUNTS, many, strict=True))


def now() -> str:
    """Return the time (UTC)."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
