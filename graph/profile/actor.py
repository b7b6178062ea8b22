"""What is known of one actor, by whom: an answer, what touches it itself, its links, what it did, and the records.

Nothing of its chain is in it: an exposure of a supplier is found by a trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from opentier.graph.answer import apart
from opentier.graph.exposure import words
from opentier.graph.law import obligations
from opentier.graph.network.network import Actor
from opentier.graph.profile.found import where
from opentier.graph.profile.links import SIDES, Linked, Links, withdrawn
from opentier.graph.profile.records import Records
from opentier.graph.profile.touched import Direct, Touched
from opentier.graph.risk import objects as risks
from opentier.graph.risk.beside import Bearing
from opentier.graph.view import View
from opentier.graph.vocabulary.labels import label

Json = dict[str, Any]
#: Names and titles in a sentence; likelihoods of its place and laws of an outcome that are listed.
FEW, LISTED = 3, 10
#: Kinds that are places of work.
_SITES = frozenset({"facility", "mine", "vessel", "dormitory"})
#: Outcomes of laws that are told, in order.
OUTCOMES = ("bound", "sources-differ", "not-yet", "unknown", "conditional")


class Profile:
    """What a view knows of an actor."""

    def __init__(self, view: View, node: int) -> None:
        self.view, self.node, self.index = view, node, view.index
        self.actor: Actor = self.index.actor(node)
        self.touched = Touched(view)
        self.objects = self.touched.objects
        self.records = Records(view, self.actor)
        self.direct = self.touched.of(node)

    @property
    def party(self) -> str:
        """What it is called in a sentence: company or site."""
        return "site" if self.actor.kind in _SITES else "company"

    def head(self) -> Json:
        """Return who it is: name, kind, place, other names, sectors."""
        kind = self.view.reconciler.types.all.get(self.actor.kind)
        return {
            **self.objects.named(self.actor.iri),
            "kind": kind.name if kind else self.actor.kind,
            "party": self.party,
            "where": where(self.actor),
            "names": [name for name in self.actor.names if name != self.actor.name],
            "sectors": [text for text, _ in self.records.said("ot:sector")],
        }

    # --- The answer ----------------------------------------------------------------------------------------------

    def _of(self, group: str) -> list[Direct]:
        return [each for each in self.direct if each.state == "current" and each.group == group]

    def answer(self) -> list[str]:
        """Return what was found, in sentences, the first the most telling."""
        said, party = words.said, self.party
        measures, lists, possible = (self._of(group) for group in ("measure", "risk", "possible"))
        told = []
        if measures:
            told.append(
                said("actor", "measures", n=len(measures), party=party, titles=self._titles(measures))
            )
        elif lists or possible:
            told.append(said("actor", "no-measure", party=party))
        else:
            told.append(said("actor", "nothing" if not self.untested() else "nothing-untested", party=party))
        if lists:
            told.append(said("actor", "lists", n=len(lists), titles=self._titles(lists)))
        if possible:
            told.append(said("actor", "possible", n=len(possible), titles=self._titles(possible)))
        if past := sum(each.state == "past" for each in self.direct):
            told.append(said("actor", "past", n=past))
        if happened := self.incidents:
            latest = happened[0]
            when = words.between(latest["from"], latest["to"]) or said("apart", "undated")
            told.append(
                said(
                    "actor",
                    "incidents",
                    n=len(happened),
                    status=said("statuses", latest["status"]),
                    when=when,
                )
            )
        if any(reply["party"]["iri"] in self.actor.members for reply in self._replies()):
            told.append(said("actor", "replied", party=party))
        return told

    def _titles(self, every: Iterable[Direct]) -> str:
        named = [*dict.fromkeys(self.touched.title(each) for each in every)]
        more = [words.said("actor", "more", n=len(named) - FEW)] if named[FEW:] else []
        return "; ".join([*named[:FEW], *more]).removesuffix(".")

    def _replies(self) -> Iterable[Json]:
        for each in self.direct:
            yield from self.objects.entry(each.designation)["replies"]
        for incident in self.incidents:
            yield from incident["replies"]

    def tested(self) -> list[str]:
        """Return what was tested of it."""
        said = words.said
        force = sum(bool(entry.in_force) for entry in self.touched.met(self.node))
        if not force:
            return []
        told = [said("actor", "tested-names", n=force)]
        if "place" not in self._lacking:
            told.append(said("actor", "tested-place", where=where(self.actor)))
        if "goods" not in self._lacking:
            sold = [words.product(product) for product in self.touched.sold(self.node)]
            told.append(said("actor", "tested-goods", goods=words.few(sold, FEW)))
        return told

    def untested(self) -> list[str]:
        """Return what could not be tested of it, and why."""
        said = words.said
        told = [] if self.touched.met(self.node) else [said("untested", "no-list")]
        told += [said("actor", f"lacks-{key}") for key in self._lacking]
        if "place" not in self._lacking and (regions := self._regions()):
            told.append(said("actor", "lacks-region", regions=words.few(regions, FEW)))
        if alike := self.touched.alike(self.node):
            told.append(said("actor", "alike", n=len({other for other, *_ in alike})))
        return told

    @cached_property
    def _lacking(self) -> list[str]:
        return list(self.touched.untestable(self.node))

    def _regions(self) -> list[str]:
        """Return the listed regions of its country, where no region of it is stated."""
        places = self.actor.places
        if any(place.known_region for place in places):
            return []
        countries = {place.country for place in places}
        return sorted({
            words.region(entry.place.region)
            for entry in self.touched.met(self.node)
            if entry.place and entry.place.known_region and entry.place.region[:2] in countries
        })  # fmt: skip

    # --- Its sections --------------------------------------------------------------------------------------------

    def listings(self) -> list[Json]:
        """Return what touches it itself, each with its reason; what is no longer in force comes last."""
        return [
            {
                **self.objects.entry(each.designation),
                "mark": each.mark,
                "state": each.state,
                "reason": self.touched.sentence(self.node, each),
                "sells": [words.product(product) for product in each.goods],
                "scope": [words.product(product) for product in _scope(each)],
                "version": self.index.versions[each.designation.dataset].number,
                "lists_for": [words.said("exploitation", code) for code in each.designation.exploitation],
                "history": [
                    (day, label("designation-status", status)) for day, status in each.designation.changes
                ],
                "status_label": label("designation-status", each.designation.status or ""),
            }
            for each in self.direct
        ]

    @cached_property
    def incidents(self) -> list[Json]:
        """What is reported to have happened at it, with its state of proof; the latest first."""
        return [
            {
                **risks.incident(each, self.objects),
                "signs": [label("indicator", code) for code in each.indicators],
                "version": self.index.versions[each.dataset].number,
            }
            for each in self.touched.incidents(self.node)
        ]

    def likelihoods(self) -> list[Json]:
        """Return what is judged or counted: of it itself, then of its place and what it sells."""
        own = [Bearing(each, "actor", 0) for each in self.touched.likelihoods(self.node)]
        known = self.view.risks.likelihoods
        dataset = self.index.names.id(self.actor.iri).partition("/")[0]
        around = {
            each.iri: Bearing(each, why, 0)
            for product in (None, *self.touched.sold(self.node))
            for each, why in known.touching(self.actor.places, product, dataset)
        }
        newest = sorted(around.values(), key=lambda b: (-b.likelihood.begins, b.likelihood.iri))
        return [self._likelihood(each) for each in (*own, *newest)]

    def _likelihood(self, bearing: Bearing) -> Json:
        found = risks.likelihood(bearing, self.objects)
        return {
            **found,
            "about": apart.about(found),
            "measured": apart.measured(found),
            "version": self.index.versions[found["dataset"]].number,
        }

    def links(self, pages: Mapping[str, int]) -> dict[str, Linked]:
        """Return a page of its links of each side (see `links.SIDES`)."""
        known = Links(self.view, self.objects)
        return {side: known.of(self.node, side, pages.get(side, 1)) for side in SIDES}

    def withdrawn(self) -> list[Json]:
        """Return its supply links that were taken back."""
        return withdrawn(self.view, self.actor.members, self.objects)

    def actions(self) -> list[Json]:
        """Return what it did, and what was done about what touches it."""
        titles = {self.index.names.id(each.designation.iri): self.touched.title(each) for each in self.direct}
        titles |= {each["id"]: self.incident_title(each) for each in self.incidents}
        about = [each.designation.iri for each in self.direct] + [each["iri"] for each in self.incidents]
        return [
            {
                **each,
                "party": self.objects.named(each["party"]) if each["party"] else None,
                "about": titles.get(each["to"]),
            }
            for each in self.records.actions(about)
        ]

    def incident_title(self, incident: Json) -> str:
        """Return what an incident is called: its state of proof and its time."""
        when = words.between(incident["from"], incident["to"]) or words.said("apart", "undated")
        return words.said("actor", "incident", status=words.said("statuses", incident["status"]), when=when)

    def laws(self) -> Json:
        """Return which laws bind it, by outcome, and what is known of it that laws ask for."""
        found = obligations.obligations(self.view.release, self.index, self.actor.iri)
        by = {outcome: [law for law in found["laws"] if law["outcome"] == outcome] for outcome in OUTCOMES}
        missing = dict.fromkeys(each["condition"] for law in by["unknown"] for each in law["not_tested"])
        return {**found, "by_outcome": {k: v for k, v in by.items() if v}, "missing": [*missing]}

    def judgements(self) -> list[Json]:
        """Return what is judged of who it is, with what was taken back."""
        own = self.index.names.id(self.actor.iri)
        every = [
            *self.view.judgements(actor=own), *self.view.judgements(actor=own, undone=True)
        ]  # fmt: skip
        return [each.to_dict() for each in every]

    def alike(self) -> list[Json]:
        """Return the listed actors that are called as it is, and who is called as it where it is listed: not judged."""
        every = self.view.unindexed(self.index).alike
        found: dict[int, Json] = {}
        for each in every:
            if self.node in (each.actor, each.listed):
                listed = self.node == each.actor
                other = each.listed if listed else each.actor
                if other in found and not listed:
                    continue
                found[other] = {
                    "other": self.objects.named(self.index.iri(other)), "score": each.score,
                    "band": words.band(each.score), "why": each.why, "listed": listed,
                }  # fmt: skip
        return sorted(found.values(), key=lambda each: (-each["score"], each["other"]["iri"]))


def _scope(each: Direct) -> Iterable[Any]:
    entry = each.designation
    return dict.fromkeys((*entry.goods, *entry.scope))


def page_of(view: View, iri: str) -> int | None:
    """Return the node of an actor that a dataset describes; None where an IRI is none."""
    node = view.index.node(iri)
    return node if node is not None and view.index.described(node) else None
