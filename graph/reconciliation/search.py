"""Search: whatever somebody may mean who types a text, in one form, and why it was found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from itertools import groupby, islice
from typing import Any

from opentier.graph.exposure import words
from opentier.graph.network.reading import dataset_of
from opentier.graph.reconciliation.queries import LIMIT
from opentier.graph.reconciliation.reconciler import Reconciler
from opentier.graph.search import things
from opentier.graph.search.finder import Finder, Found
from opentier.graph.search.roll import Roll
from opentier.graph.search.things import GROUPS, Thing
from opentier.graph.search.wording import How

Json = dict[str, Any]
#: What is found of each group, and whether there is more of one.
Finds = tuple[dict[str, list[Json]], bool]


class Search:
    """Finds what is seen of a release: what its datasets describe, they themselves, designations, terms and goods."""

    def __init__(self, reconciler: Reconciler) -> None:
        self.reconciler, self.release = reconciler, reconciler.release

    @cached_property
    def finder(self) -> Finder:
        """What finds all of them."""
        release = self.release
        said = groupby(self._designations(), lambda each: dataset_of(each.iri, release.names))
        rolls = [
            Roll.of(
                "",
                [
                    *things.of_catalogue(release),
                    *things.of_vocabulary(release),
                    *things.of_products(self.reconciler.index.every_product, release.names),
                ],
            ),
            *(Roll.of(dataset, entries) for dataset, entries in said),
        ]
        return Finder([*self.reconciler.finder.rolls, *rolls])

    def _designations(self) -> Iterator[Thing]:
        index, names = self.reconciler.index, self.release.names
        for entry, node in sorted(
            zip(index.designations, index.targets, strict=True), key=lambda each: each[0].iri
        ):
            target = index.actor(node).name if node is not None else None
            title = words.title(entry, target)
            texts = ((How.NAME, title), (How.CODE, names.id(entry.iri).rpartition("/")[2]))
            country = entry.place.country if entry.place else ""
            yield Thing("designations", entry.kind, entry.iri, title, country, texts)

    def search(
        self, text: str, groups: Collection[str] = GROUPS, offset: int = 0, limit: int = LIMIT
    ) -> Finds:
        """Return what is found of each group, some left out and so many at most; and whether there is more of one."""
        many, text = offset + limit + 1, text.encode(errors="ignore").decode()  # half a letter is none
        # What several records say of one thing is found several times.
        found = self.finder.find(text, 2 * many, groups)
        for each in self.finder.named(self.reconciler.iris(text)):
            if each.thing.group in groups:
                found[each.thing.group].insert(0, each)
        hits = {group: [*islice(self._hits(group, listed, text), many)] for group, listed in found.items()}
        more = any(len(listed) == many for listed in hits.values())
        return {group: listed[offset : offset + limit] for group, listed in hits.items()}, more

    def _hits(self, group: str, found: Iterable[Found], text: str) -> Iterator[Json]:
        """Yield what was found, each once; of actors, whom the matcher takes for likely last."""
        seen = set[str]()
        for each in found:
            hit = self._hit(each)
            if hit["iri"] not in seen:
                seen.add(hit["iri"])
                yield hit
        if group == "actors":
            for match in self.reconciler.likely(text):
                party = match.party
                likely = Thing(group, party.kind, party.iri, match.name, "", ())
                dataset = dataset_of(party.iri, self.release.names)
                hit = self._hit(Found(likely, dataset, "similar", match.name, (0, "", "")))
                if hit["iri"] not in seen:
                    seen.add(hit["iri"])
                    yield hit

    def _hit(self, found: Found) -> Json:
        thing = found.thing
        said = {
            "iri": thing.iri, "id": self.release.names.id(thing.iri), "name": thing.name,
            "country": thing.country or None, "kind": thing.kind,
        }  # fmt: skip
        if thing.group == "actors" and (node := self.reconciler.node(thing.iri)) is not None:
            actor = self.reconciler.index.actor(node)  # the one that it is said to be
            said |= {"iri": actor.iri, "id": self.reconciler.id(actor), "name": actor.name}
            said |= {"country": actor.country, "kind": actor.kind}
        return {**said, "why": found.why, "matched": found.matched, "dataset": found.dataset or None}
