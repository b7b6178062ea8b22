"""Editions: the dataset versions that two records rest on, and the contributions that made the one of the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentier.graph.identity.judgements import MATCHED
from opentier.graph.model.versions import Version
from opentier.graph.store.release import Release

Json = dict[str, Any]


class Editions:
    """The dataset versions that two records rest on, as far as a release has them."""

    def __init__(self, release: Release, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self.release = release
        self.sides = [{each["id"]: each for each in side["datasets"]} for side in (old, new)]
        self._versions = [{name: self._version(each) for name, each in side.items()} for side in self.sides]

    def _version(self, said: Mapping[str, Any]) -> Version | None:
        """Return a version that a record rests on: of that number, or another one that is made of the same files."""
        same = [
            each
            for each in self.release.versions
            if each.dataset == said["id"] and each.checksum == said["checksum"]
        ]
        return max(same, key=lambda each: (each.number == said["version"], each.number), default=None)

    @property
    def changed(self) -> list[str]:
        """The datasets of which one record has another version than the other, or none."""
        before, after = ({name: self._said(each) for name, each in side.items()} for side in self.sides)
        names = sorted((before.keys() | after.keys()) - MATCHED)
        return [name for name in names if before.get(name) != after.get(name)]

    def graphs(self, dataset: str) -> tuple[str | None, str | None] | None:
        """Return the graphs of a dataset in both, None for one without it; nothing where one cannot be looked at."""
        found: list[str | None] = []
        for side, versions in zip(self.sides, self._versions, strict=True):
            if dataset not in side:
                found.append(None)
                continue
            version = versions[dataset]
            if version is None:
                return None
            found.append(version.iri)
        return found[0], found[1]

    def told(self, dataset: str) -> Json:
        """Return what a contribution is: the dataset, its versions before and after, its title and its days."""
        before, after = (side.get(dataset) for side in self.sides)
        was, version = (side.get(dataset) for side in self._versions)
        named = after or before or {}
        return {
            "dataset": dataset,
            "from": before and before["version"],
            "to": after and after["version"],
            "title": named.get("title") or None,
            "edition": named.get("edition"),
            "date": named.get("date"),
            "contributed": version.admitted[:10] if version else None,
            "withdrawn": self._withdrawn(was),
        }

    def _withdrawn(self, version: Version | None) -> str | None:
        """Return why a version is withdrawn."""
        if version is None:
            return None
        holding = (
            each for each in self.release.withdrawals if each.version == version.iri and not each.ended
        )
        return next((each.reason for each in holding), None)

    @staticmethod
    def _said(each: Mapping[str, Any]) -> tuple[Any, ...]:
        return each["version"], each["checksum"], each["rows"]


def contribution(said: Mapping[str, Any]) -> str:
    """Return a contribution in a few words."""
    if said["to"] is None:
        why = f", withdrawn: {said['withdrawn']}" if said["withdrawn"] else ""
        return f"{said['dataset']} version {said['from']} (no longer there{why})"
    stands = [said["title"], said["edition"] and f"edition {said['edition']}"]
    stands += [said["contributed"] and f"contributed {said['contributed']}"]
    stands += [said["withdrawn"] and f"version {said['from']} is withdrawn: {said['withdrawn']}"]
    before = f"{said['from']} -> " if said["from"] is not None else ""
    return f"{said['dataset']} version {before}{said['to']} ({', '.join(filter(None, stands))})"
