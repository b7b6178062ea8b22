"""What is found by what somebody types, a kind at a time: how many there are of each, and what touches it directly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from opentier.graph.exposure import words
from opentier.graph.model.dates import NEVER
from opentier.graph.model.products import Product
from opentier.graph.network.network import Actor
from opentier.graph.network.reading import dataset_of
from opentier.graph.picture.marks import SHORT, mark
from opentier.graph.profile.touched import Touched
from opentier.graph.search.things import GROUPS
from opentier.graph.search.wording import joined, plain
from opentier.graph.view import View

Json = dict[str, Any]
#: Things of a kind that are counted; more are "at least" so many. Of those, how many are on a page.
COUNTED, PAGE = 1000, 25
#: Other names, and what touches something, that are named beside it.
FEW = 3


@dataclass(frozen=True)
class Finding:
    """What was found.

    Attributes
    ----------
    hits
        What was found of each kind, `COUNTED` and one at most.
    """

    typed: str
    hits: dict[str, list[Json]]

    @property
    def near(self) -> bool:
        """Whether nothing is called so, and all of it is near in spelling."""
        return all(hit["why"] == "similar" for hits in self.hits.values() for hit in hits)

    @property
    def first(self) -> str:
        """The first kind of which there is any; actors where there is none."""
        return next((kind for kind in GROUPS if self.hits[kind]), GROUPS[0])

    @property
    def exact(self) -> Json | None:
        """The one thing of which what is typed is the id or an identifier; None where there are several, or none."""
        every = [hit for hits in self.hits.values() for hit in hits]
        meant = {joined(self.typed), joined(self.typed.partition(":")[2])} - {""}
        sure = [
            hit for hit in every if hit["why"] == "id"
            or (hit["why"] == "identifier" and joined(hit["matched"].partition(":")[2]) in meant)
        ]  # fmt: skip
        return sure[0] if len({hit["iri"] for hit in sure}) == 1 else None


def found(view: View, typed: str) -> Finding:
    """Return what is found of every kind."""
    hits, _ = view.search(typed, limit=COUNTED + 1)
    return Finding(typed, hits)


class Rows:
    """The rows of a page of what was found."""

    def __init__(self, view: View) -> None:
        self.view, self.names = view, view.release.names
        self.touched = Touched(view)

    def of(self, finding: Finding, kind: str, page: int) -> list[Json]:
        """Return the rows of a page of one kind, from 1."""
        hits = finding.hits[kind][:COUNTED][(page - 1) * PAGE : page * PAGE]
        return [self._row(finding.typed, kind, hit) for hit in hits]

    def _row(self, typed: str, kind: str, hit: Json) -> Json:
        said: Json = {**hit, "matched": _matched(typed, hit), "datasets": [hit["dataset"] or "opentier"]}
        said |= {"names": [], "touches": [], "incidents": 0, "alike": 0, "lacking": []}
        said["where"] = words.country(hit["country"]) if hit["country"] else ""
        if kind == "actors" and (node := self.view.reconciler.node(hit["iri"])) is not None:
            return said | self._actor(node)
        if kind == "designations":
            return said | {"touches": self._designation(hit["iri"])}
        if kind == "products":
            lacking = [] if self.view.index.designations else ["lists"]
            return said | {"touches": list(self._listing(hit["iri"])), "lacking": lacking}
        return said

    def _actor(self, node: int) -> Json:
        index, touched = self.view.index, self.touched
        actor = index.actor(node)
        direct = [each for each in touched.of(node) if each.state == "current"]
        incidents = touched.incidents(node)
        return {
            "name": actor.name,
            "names": [name for name in actor.names if name != actor.name],
            "where": where(actor),
            "touches": [*dict.fromkeys((each.mark, touched.title(each)) for each in direct)],
            "incidents": len(incidents),
            "alike": len(touched.alike(node)),
            "lacking": list(touched.untestable(node)) if touched.met(node) else ["lists"],
            "datasets": sorted({dataset_of(iri, self.names) for iri in actor.members}),
        }

    def _designation(self, iri: str) -> list[tuple[str, str]]:
        entry = next(each for each in self.view.index.designations if each.iri == iri)
        shape = mark("measure" if entry.measure else "risk", entry.exploitation)
        lasting = entry.in_force and entry.in_force[-1][1] == NEVER
        return [(shape, f"{SHORT[shape]}, {words.said('about', 'in-force' if lasting else 'no-longer')}")]

    def _listing(self, iri: str) -> Iterator[tuple[str, str]]:
        """Yield the designations in force that are about a good."""
        known = self.view.index.products.get(iri)
        code = iri.removeprefix(self.names.hs(""))
        product = known or Product(iri, code if code != iri else "")
        for entry in self.view.index.designations:
            lasting = bool(entry.in_force) and entry.in_force[-1][1] == NEVER
            if lasting and any(good.matches(product) for good in (*entry.goods, *entry.scope)):
                group = "measure" if entry.measure else "risk"
                yield mark(group, entry.exploitation), self.touched.objects.entry(entry)["title"]


def where(actor: Actor) -> str:
    """Return where an actor is said to be; nothing where nobody says."""
    parts = [
        name
        for place in actor.places
        for name in (
            words.region(place.region) if place.region else "",
            words.country(place.country) if place.country else "",
        )
        if name
    ]
    return ", ".join(dict.fromkeys(parts))


def _matched(typed: str, hit: Json) -> str:
    """Return in words by what something was found."""
    why, matched = hit["why"], hit["matched"]
    if why == "code" and plain(typed) != plain(matched) and plain(typed) in plain(hit["name"]):
        why = "part"
    if why == "name":
        why = "equal" if plain(matched) == plain(typed) else "part"
        if plain(matched) not in plain(hit["name"]):
            why = "alias"
    return words.said("matched", why, matched=matched)
