"""Who is one with whom, as pairs: the closure of the positive judgements that count, as the store keeps it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, permutations

from opentier.graph.identity import judgements
from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI
from opentier.graph.store import union
from opentier.graph.store.release import Release


def pairs(release: Release, changed: Sequence[str] | None) -> Iterator[tuple[str, str]] | None:
    """Return every two actors that are one, both ways round.

    Returns None where graphs that changed are given and say nothing of who is who, so that it stays as it was.
    """
    return _pairs(release) if changed is None or speaks(release, changed) else None


def speaks(release: Release, graphs: Sequence[str]) -> bool:
    """Return whether any of some graphs says who is who."""
    judged, engine = IRI(expand("ot:IdentityJudgement")), release.engine
    said = chain.from_iterable(
        chain(engine.match(graph, None, expand("rdf:type"), judged), release.select("strong", graph))
        for graph in graphs
    )
    return any(True for _ in said)


def differs(release: Release) -> bool:
    """Return whether the store keeps other pairs than those that follow from the judgements."""
    return release.united and set(_pairs(release)) != union.same(release)


def _pairs(release: Release) -> Iterator[tuple[str, str]]:
    groups: dict[str, set[str]] = defaultdict(set)
    for actor, stands in judgements.admitted(release).joined().merged():
        groups[stands] |= {actor, stands}
    for group in groups.values():
        yield from permutations(sorted(group), 2)
