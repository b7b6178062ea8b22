"""Who is one with whom, as pairs: the closure of the positive judgements that count, as the store keeps it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import permutations

from opentier.graph.identity import judgements
from opentier.graph.identity.judgements import Pair
from opentier.graph.store import union
from opentier.graph.store.release import Release


def pairs(release: Release, changed: Sequence[str] | None) -> Iterator[Pair] | None:
    """Return every two actors that are one, both ways round.

    Returns None where graphs that changed are given and say nothing of who is who, so that it stays as it was.
    """
    if changed is None:
        return _pairs(release)
    said = (
        row for graph in changed for name in ("judgements", "strong") for row in release.select(name, graph)
    )
    return _pairs(release) if any(said) else None


def differs(release: Release) -> bool:
    """Return whether the store keeps other pairs than those that follow from the judgements."""
    return release.united and set(_pairs(release)) != union.same(release)


def _pairs(release: Release) -> Iterator[Pair]:
    groups: dict[str, set[str]] = defaultdict(set)
    for actor, stands in judgements.admitted(release).joined().merged():
        groups[stands] |= {actor, stands}
    for group in groups.values():
        yield from permutations(sorted(group), 2)
