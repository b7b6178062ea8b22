"""Who is one with whom, as pairs: the closure of the positive judgements that count, as the store keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, permutations

from opentier.graph.identity import judgements
from opentier.graph.identity.touched import touched
from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI
from opentier.graph.store import union
from opentier.graph.store.release import Release
from opentier.graph.store.union import Changed, Same


def pairs(release: Release, changed: Changed | None) -> Same:
    """Return which two actors are one no longer, and which ones are now, both ways round.

    Parameters
    ----------
    changed
        The graphs that come and those that go: only what they touch is read, if that is not too much. None where all is
        to be made anew.
    """
    if changed is not None:
        if (found := touched(release, *changed)) is not None:
            before, now = ({*_pairs(said)} for said in (found.before, found.now))
            return Same(before - now, now - before)
        if not speaks(release, [*changed.come, *changed.gone]):
            return Same((), ())
    before, now = union.same(release), {*_pairs(judgements.admitted(release))}
    return Same(before - now, now - before)


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
    return release.united and {*_pairs(judgements.admitted(release))} != union.same(release)


def _pairs(said: judgements.Judgements) -> Iterator[tuple[str, str]]:
    for group in said.joined().groups().values():
        yield from permutations(sorted(group), 2)
