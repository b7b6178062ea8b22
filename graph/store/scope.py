"""Which versions one sees: the current ones, those that were current on a day, those that one may see at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from opentier.graph.errors import UnknownDataset, mean
from opentier.graph.model.versions import Version, Withdrawal
from opentier.graph.model.visibility import RESTRICTED


@dataclass(frozen=True)
class Reader:
    """Who asks, as far as that decides which datasets are seen.

    Attributes
    ----------
    closed
        The datasets that are not public and that are seen nevertheless; None: all there are.
    restricted
        Those that are seen as long as they are restricted, and not embargoed; None: all these.
    """

    closed: frozenset[str] | None = frozenset()
    restricted: frozenset[str] | None = frozenset()

    def sees(self, dataset: str, visibility: str) -> bool:
        """Whether a dataset is seen though it is not public."""
        if self.closed is None or dataset in self.closed:
            return True
        return visibility == RESTRICTED and (self.restricted is None or dataset in self.restricted)


#: Whoever says nothing of himself, and the one whose data directory it is.
PUBLIC, OWNER = Reader(), Reader(None)


@dataclass(frozen=True)
class Scope:
    """Which versions one sees; without more, all that are current.

    Attributes
    ----------
    day
        Only what was admitted or withdrawn until the end of that day (UTC), so that what was current then is current.
    without
        A dataset that is left out.
    only
        The one dataset that is seen.
    at
        A dataset and the number of the version of it that is current, whichever is; 0 where none is to be.
    hidden
        The datasets that whoever asks may not see: to him they are not there.
    """

    day: str | None = None
    without: str = ""
    only: str | None = None
    at: tuple[str, int] | None = None
    hidden: frozenset[str] = frozenset()

    @classmethod
    def as_known(cls, day: str) -> Scope:
        """Return what was known at the end of a day (YYYY-MM-DD)."""
        return cls(day=day)

    def until(self, day: str) -> Scope:
        """Return the same at the end of a day."""
        return replace(self, day=day)

    def hiding(self, hidden: frozenset[str]) -> Scope:
        """Return the same without some datasets, and all others."""
        return replace(self, hidden=hidden)

    def leaving_out(self, dataset: str) -> Scope:
        """Return the same without a dataset."""
        return replace(self, without=dataset)

    def showing(self, dataset: str, number: int) -> Scope:
        """Return the same with a version of a dataset as the current one, or without any (0)."""
        return replace(self, at=(dataset, number))

    def of(self, dataset: str | None) -> Scope:
        """Return the same, of one dataset alone; None leaves it as it is."""
        return self if dataset is None else replace(self, only=dataset)

    def seen(self, versions: Iterable[Version]) -> list[Version]:
        """Return the versions that are seen, superseded ones too."""
        return [
            version for version in versions
            if version.dataset not in self.hidden
            and version.dataset != self.without
            and self.only in (None, version.dataset)
            and (self.day is None or version.admitted[:10] <= self.day)
        ]  # fmt: skip

    def current(
        self, versions: Iterable[Version], withdrawals: Iterable[Withdrawal] = ()
    ) -> dict[str, Version]:
        """Return the last version of each dataset that is seen and not withdrawn, by dataset."""
        withdrawn = {each.version for each in withdrawals if each.holds(self.day)}
        found: dict[str, Version] = {}
        for version in self.seen(versions):
            if version.iri in withdrawn:
                continue
            if version.dataset not in found or found[version.dataset].number < version.number:
                found[version.dataset] = version
        return found if self.at is None else self._at(found, versions)

    def described(
        self, versions: Iterable[Version], withdrawals: Iterable[Withdrawal], current: Mapping[str, Version]
    ) -> list[dict[str, Any]]:
        """Return versions as JSON objects, each with whether it is current, and its withdrawals as far as one sees."""
        withdrawn: dict[str, list[dict[str, str]]] = {}
        for each in filter(None, (each.on(self.day) for each in withdrawals)):
            said = {"reason": each.reason, "begun": each.begun, "ended": each.ended}
            withdrawn.setdefault(each.version, []).append(said)
        return [
            {
                **asdict(version),
                "current": version == current.get(version.dataset),
                "withdrawals": withdrawn.get(version.iri, []),
            }
            for version in versions
        ]

    def _at(self, found: dict[str, Version], versions: Iterable[Version]) -> dict[str, Version]:
        """Return current versions with that one in its place that is to be current."""
        asked = [v for v in self.seen(versions) if (v.dataset, v.number) == self.at]
        others = [version for version in found.values() if self.at and version.dataset != self.at[0]]
        return {v.dataset: v for v in sorted([*others, *asked], key=lambda v: v.dataset)}


CURRENT = Scope()


def of(seen: Sequence[Version], dataset: str) -> list[Version]:
    """Return the versions of a dataset, of those that are seen; UnknownDataset where there is none."""
    found = [version for version in seen if version.dataset == dataset]
    if not found:
        near = mean(dataset, sorted({version.dataset for version in seen}), 12)
        raise UnknownDataset(f"No dataset is called {dataset!r}.{near}")
    return found


def numbered(versions: Sequence[Version], number: int | None) -> Version:
    """Return the version of a number, of those of a dataset; UnknownDataset where there is none, or no number."""
    found = next((version for version in versions if version.number == number), None)
    if found is None:
        said = f"{versions[0].dataset} has no version {number}."
        if number is None:
            said = f"Every version of {versions[0].dataset} is withdrawn."
        raise UnknownDataset(f"{said} There are: {', '.join(str(version.number) for version in versions)}.")
    return found
