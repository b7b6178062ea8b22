"""The versions of a dataset that a release shows: found by name and number, and as objects of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from opentier.graph.errors import UnknownDataset, mean
from opentier.graph.model.versions import Version
from opentier.graph.store.release import Release


def of(release: Release, dataset: str) -> list[Version]:
    """Return all versions of a dataset that are seen, superseded and withdrawn ones too.

    Raises
    ------
    UnknownDataset
        If there is none.
    """
    known = release.scope.seen(release.versions)
    found = [version for version in known if version.dataset == dataset]
    if not found:
        near = mean(dataset, sorted({version.dataset for version in known}), 12)
        raise UnknownDataset(f"No dataset is called {dataset!r}.{near}")
    return found


def numbered(versions: Sequence[Version], number: int) -> Version:
    """Return the version of a number; UnknownDataset where there is none."""
    found = next((version for version in versions if version.number == number), None)
    if found is None:
        raise UnknownDataset(
            f"{versions[0].dataset} has no version {number}. There are: {_listed(versions)}."
        )
    return found


def current(release: Release, dataset: str) -> Version:
    """Return the current version of a dataset; UnknownDataset where there is none."""
    known, version = of(release, dataset), release.current.get(dataset)
    if version is None:
        raise UnknownDataset(f"Every version of {dataset} is withdrawn. There are: {_listed(known)}.")
    return version


def _listed(versions: Sequence[Version]) -> str:
    return ", ".join(str(version.number) for version in versions)


def described(release: Release, versions: Sequence[Version]) -> list[dict[str, Any]]:
    """Return some versions of a release, as far as its scope shows what became of them."""
    current, day = set(release.current.values()), release.scope.day
    withdrawn: dict[str, list[dict[str, str]]] = {}
    for each in filter(None, (each.on(day) for each in release.withdrawals)):
        said = {"reason": each.reason, "begun": each.begun, "ended": each.ended}
        withdrawn.setdefault(each.version, []).append(said)
    return [
        {**asdict(version), "current": version in current, "withdrawals": withdrawn.get(version.iri, [])}
        for version in versions
    ]
