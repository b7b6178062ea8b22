"""Who is called as a listed actor is: pairs that the matcher would have a person look at, or takes for likely one.

The names of listed actors are looked for in the book of each dataset version. What was found in one is kept beside the
books by the two versions, since neither ever changes; so a new contribution is compared with what is listed, and with
nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from typing import NamedTuple

from opentier.graph.errors import StoreError
from opentier.graph.index.opened import Index
from opentier.graph.matching import book
from opentier.graph.matching.book import Book
from opentier.graph.matching.candidates import Books
from opentier.graph.matching.matcher import Matcher
from opentier.graph.matching.scoring import Weights
from opentier.graph.model.versions import Version
from opentier.graph.store import durable
from opentier.graph.store.release import Release

#: What is kept: changed when other pairs would be found.
FORMAT = 2
#: Actors of one version that are given for one listed actor, at most.
MOST = 200


class Likeness(NamedTuple):
    """Two nodes with names alike: an actor and a listed one."""

    actor: int
    listed: int
    score: float
    why: str


def likenesses(release: Release, index: Index) -> list[Likeness]:
    """Return which actors of an index are called as a listed one is, the likeliest of each pair of nodes."""
    best: dict[tuple[int, int], Likeness] = {}
    for listed, iri, score, why in _pairs(release, index):
        node, other = index.node(iri), index.node(listed)
        if node is None or other is None or node == other:
            continue
        known = best.get((node, other))
        if known is None or score > known.score:
            best[node, other] = Likeness(node, other, score, why)
    return [best[pair] for pair in sorted(best)]


def _pairs(release: Release, index: Index) -> Iterator[tuple[str, str, float, str]]:
    """Yield listed actors and others, as records name them, each with a score and why."""

    @cache
    def opened(dataset: str) -> Book:
        return book.opened(release, release.current[dataset])

    listed: dict[str, list[str]] = defaultdict(list)
    for target in sorted({node for node in index.targets if node is not None}):
        for member in index.actor(target).members if index.described(target) else ():
            listed[index.names.id(member).partition("/")[0]].append(member)
    for dataset, members in listed.items():
        if dataset in release.current:
            for other in release.current.values():
                yield from _between(release, release.current[dataset], sorted(members), other, opened)


def _between(
    release: Release, of: Version, members: Sequence[str], other: Version, opened: Callable[[str], Book]
) -> list[tuple[str, str, float, str]]:
    """Return the listed actors of one version with those of another that are called alike."""
    weights = Weights.shipped()
    versions = (of.checksum, of.admitted, other.checksum, other.admitted)
    asked = [FORMAT, book.FORMAT, repr(weights), *versions, *members]
    digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
    kept = book.folder(release, of) / "with" / f"{other.dataset}-{other.number}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        said = json.loads(kept.read_text("utf-8"))
        if said["of"] == digest:
            return [(str(a), str(b), float(score), str(why)) for a, b, score, why in said["pairs"]]
    mine, others = opened(of.dataset), opened(other.dataset)
    every = Books.together([mine] if mine is others else [mine, others])
    matcher = Matcher(Books.together([others]), weights, rarity=every.rarity())
    parties = [mine.party(number) for iri in members if (number := mine.find(iri)) is not None]
    found = [
        (party.iri, match.iri, round(match.score, 4), match.why)
        for party, matches in zip(parties, matcher.match(parties, MOST, least="review"), strict=True)
        for match in matches
    ]
    with suppress(OSError, StoreError):  # nobody may write there
        kept.parent.mkdir(parents=True, exist_ok=True)
        durable.replace(kept, json.dumps({"of": digest, "pairs": found}, ensure_ascii=False) + "\n")
    return found
