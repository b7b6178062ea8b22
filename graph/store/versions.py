"""The versions of a dataset as objects of an answer: each with whether it is current, and its withdrawals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from opentier.graph.model.versions import Version
from opentier.graph.store.release import Release


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
