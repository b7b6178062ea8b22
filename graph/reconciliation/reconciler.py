"""The reconciler: candidates for queries, suggestions for what is typed, and what is known of an actor.

Candidates and scores are the matcher's, and so is its rule: the accept and the review band are given, and a machine
proposes. Sure is only who has an equal strong identifier, or the id that was asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice

from opentier.graph.exposure import words
from opentier.graph.index.opened import Index
from opentier.graph.matching import parties
from opentier.graph.matching.features import compare
from opentier.graph.matching.matcher import Match, Matcher
from opentier.graph.matching.parties import Party
from opentier.graph.model.names import is_invented
from opentier.graph.network.network import Actor, Designation
from opentier.graph.network.reading import dataset_of
from opentier.graph.reconciliation import properties
from opentier.graph.reconciliation.queries import ID, LIMIT, MOST, NAME, Candidate, Condition, Query
from opentier.graph.reconciliation.types import Types
from opentier.graph.search.finder import DEEP, LETTERS, Finder, described
from opentier.graph.store.release import Release

#: Parties that are looked at for what somebody types.
_LOOKED = 200
#: How alike a property has to be to fulfil a condition.
_FULFILLED = 0.5
_BY_ID = "it is the actor of this id"


class Reconciler:
    """Answers what is asked about the actors of a release."""

    def __init__(self, release: Release, index: Index, matcher: Matcher) -> None:
        self.release, self.index, self.matcher = release, index, matcher

    @cached_property
    def types(self) -> Types:
        """The kinds of actors."""
        return Types(self.release)

    # --- Queries -------------------------------------------------------------------------------------------------

    def candidates(self, queries: Sequence[Query]) -> list[list[Candidate]]:
        """Return the candidates of each query, the likeliest first.

        Raises
        ------
        UsageError
            If a type or a property is not known.
        """
        kinds = [self.types.kinds(query.types) for query in queries]
        asked = [_party(query) for query in queries]
        found: list[list[Candidate]] = [[] for _ in queries]
        for wanted in dict.fromkeys(kinds):
            those = [number for number, each in enumerate(kinds) if each == wanted]
            matched = self.matcher.match([asked[number] for number in those], MOST, wanted, least="review")
            for number, matches in zip(those, matched, strict=True):
                found[number] = self._chosen(queries[number], matches)
        return found

    def _chosen(self, query: Query, matches: Sequence[Match]) -> list[Candidate]:
        """Return those that fulfil what is required, first who goes by an id that is said."""
        found = dict[int, Candidate]()
        for text in (*query.said(ID), *query.said(NAME)):
            if (node := self.node(text)) is not None:
                found[node] = Candidate(self.index.actor(node), 100.0, True, {ID: 1.0}, _BY_ID)
        equal = [match.iri for match in matches if match.values.get("identifiers") == 1.0]
        for match in matches:
            if (node := self.node(match.iri)) is not None and node not in found:
                sure, score = equal == [match.iri], round(100 * match.score, 2)
                found[node] = Candidate(self.index.actor(node), score, sure, match.values, match.why)
        strict = [each for each in query.conditions if each.required or each.excludes]
        kept = (each for each in found.values() if all(self._fulfils(each.actor, said) for said in strict))
        return list(islice(kept, query.limit))

    def _fulfils(self, actor: Actor, condition: Condition) -> bool:
        """Return whether an actor has what a condition says, by any of its records."""
        records = self.records(actor)
        holds = [
            any(self._has(actor, record, condition.about, value) for record in records)
            for value in condition.values
        ]
        if condition.excludes:
            return not any(holds)
        return all(holds) if condition.quantifier == "all" else any(holds)

    def _has(self, actor: Actor, record: Party, about: str, value: str) -> bool:
        if about == ID:
            return self.node(value) == self.node(actor.iri)
        named = about in (NAME, "also_known_as")
        asked = properties.party([value], {}) if named else properties.party([], {about: [value]})
        compared, weights = compare(asked, record, self.matcher.rarity), self.matcher.weights
        if named:
            likely = weights.band(weights.score(compared.values)) != "reject"
            return likely and compared.left is not None
        return compared.values.get(properties.asked(about).feature, 0.0) >= _FULFILLED

    # --- Suggestions ---------------------------------------------------------------------------------------------

    def suggest(self, text: str, types: Sequence[str] = (), skip: int = 0, limit: int = LIMIT) -> list[Actor]:
        """Return actors by what somebody types.

        First comes who goes by it as an id, then as the finder has it, then whom the matcher takes for likely.

        Raises
        ------
        UsageError
            If a type is not known.
        """
        found = dict.fromkeys(self._suggested(text.strip(), self.types.kinds(types), skip + limit))
        return [self.index.actor(node) for node in islice(found, skip, skip + limit)]

    def _suggested(self, text: str, kinds: Collection[str], many: int) -> Iterator[int]:
        yield from self._nodes(self.iris(text))
        found = self.finder.find(text, min(max(many, _LOOKED), DEEP), ("actors",))["actors"]
        yield from self._nodes(each.thing.iri for each in found if not kinds or each.thing.kind in kinds)
        yield from self._nodes(match.iri for match in self.likely(text, kinds))

    @property
    def finder(self) -> Finder:
        """What finds whatever the datasets describe by what somebody types."""
        return described(self.release)

    def likely(self, text: str, kinds: Collection[str] = ()) -> list[Match]:
        """Return the actors that the matcher takes for likely to be called so."""
        asked = _party(Query((Condition(NAME, (text[:LETTERS],)),)))
        (found,) = self.matcher.match([asked], kinds=kinds, least="review")
        return found

    # --- Actors --------------------------------------------------------------------------------------------------

    def node(self, text: str) -> int | None:
        """Return the node of an actor by IRI or id, of one that a dataset describes; None where there is none."""
        for iri in self.iris(text):
            node = self.index.node(iri)
            if node is not None and self.index.described(node):
                return node
        return None

    def iris(self, text: str) -> list[str]:
        """Return the IRIs that a text may be, or be an id of."""
        return [iri for iri in (text, self.release.names.of_id(text)) if iri]

    def _nodes(self, iris: Iterable[str]) -> Iterator[int]:
        return (node for node in map(self.node, iris) if node is not None)

    def id(self, actor: Actor) -> str:
        """Return the id by which clients know an actor."""
        return self.release.names.id(actor.iri)

    def records(self, actor: Actor) -> list[Party]:
        """Return what each record of an actor says of it, those of others that are one with it too."""
        return [
            parties.of_fields(iri, fields, self.release.names)
            for iri in actor.members
            for fields in self.release.of("actors", iri)
        ]

    def about(self, actor: Actor) -> str:
        """Return in words what an actor is, and where."""
        kind = self.types.all.get(actor.kind)
        where = [
            name
            for place in actor.places
            for name in (
                words.region(place.region) if place.region else "",
                words.country(place.country) if place.country else "",
            )
        ]
        return ", ".join(filter(None, [kind.name if kind else "", *dict.fromkeys(where)]))

    def values(self, actor: Actor, property: str) -> list[str]:
        """Return what is known of an actor, as texts.

        Raises
        ------
        UsageError
            If there is no such property.
        """
        properties.given(property)
        if property == "dataset":
            return sorted({dataset_of(iri, self.release.names) for iri in actor.members})
        if property == "designations":
            return [self._listed(actor, entry) for entry in self._naming(actor)]
        return properties.told(self.records(actor), property)

    def _naming(self, actor: Actor) -> list[Designation]:
        """Return the designations that name an actor; those of the worked example name none of others."""
        node = self.node(actor.iri)
        entries = self.index.designated.targets.get(node, ()) if node is not None else ()
        invented = any(is_invented(dataset_of(iri, self.release.names)) for iri in actor.members)
        return [entry for entry in entries if invented or not entry.invented]

    def _listed(self, actor: Actor, entry: Designation) -> str:
        said = (entry.register or entry.authority, entry.listing_date, entry.status)
        own = (party.called[0] for party in self.records(actor) if party.iri == entry.named and party.called)
        return f"{words.title(entry, next(own, actor.name))} ({', '.join(filter(None, said))})"


def _party(query: Query) -> Party:
    """Return the party that a query is about; an identifier in the place of a name is none.

    Raises
    ------
    UsageError
        If a property is not known, or none that is compared.
    """
    abouts = {each.about for each in query.conditions} - {NAME, ID}
    said = {properties.asked(about).id: query.said(about) for about in sorted(abouts)}
    numbers = {text: tuple(properties.identified([text])) for text in query.said(NAME)}
    party = properties.party([text for text, found in numbers.items() if not found], said)
    more = (number for found in numbers.values() for number in found)
    return replace(party, identifiers=tuple(dict.fromkeys((*party.identifiers, *more))))
