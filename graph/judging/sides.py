"""Sides: the two actors of a judgement, each as the dataset describes it that is meant, whoever is one with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from opentier.graph.errors import AmbiguousActor, UnknownActor
from opentier.graph.index.build import words
from opentier.graph.model.characters import composed, folded, visible
from opentier.graph.network.network import Actor
from opentier.graph.network.reading import places_of
from opentier.graph.store.release import Release
from opentier.graph.trace.lookup import Directory

#: Candidates that are listed.
_LISTED = 12


@dataclass(frozen=True)
class Side:
    """An actor as its own dataset describes it; without a name where none does now."""

    iri: str
    id: str
    name: str | None = None
    country: str | None = None

    def __str__(self) -> str:
        """Return it in a few words."""
        if self.name is None:
            return f"{self.id} (described nowhere now)"
        return f"{self.id} {self.name}" + (f" ({self.country})" if self.country else "")

    def to_dict(self) -> dict[str, str | None]:
        """Return it as a JSON object."""
        return asdict(self)


class Sides:
    """The actors of a release, member by member."""

    def __init__(self, release: Release, directory: Directory) -> None:
        self.release, self.directory, self.names = release, directory, release.names
        self._known: dict[str, Side] = {}
        #: The release as far as one dataset goes, by that: nobody describes an actor but its own dataset.
        self._parts: dict[str, Release] = {}

    def of(self, iri: str) -> Side:
        """Return an actor by its IRI."""
        found = self._known.get(iri)
        if found is None:
            said = self._actor(iri)
            name, country = (said.name, said.country) if said else (None, None)
            found = self._known[iri] = Side(iri, self.names.id(iri), name, country)
        return found

    def meant(self, text: str) -> Side:
        """Return the one actor that a text stands for: an IRI, ``dataset/local-id``, an identifier or a name.

        Of actors that are one each is found by what its own dataset says of it.

        Raises
        ------
        UnknownActor
            If there is none; the nearest names are listed.
        AmbiguousActor
            If there are several; they are listed.
        """
        text = text.strip()
        for iri in (text, self.names.of_id(text)):
            if iri and self.directory.index.node(iri) is not None and self._actor(iri):
                return self.of(iri)
        found = list(self._called(f"identifier:{folded(text)}")) or list(self._called(f"name:{folded(text)}"))
        exact = [actor for actor in found if composed(text) in map(composed, actor.names)]
        chosen = sorted(exact if len(exact) == 1 else found, key=lambda actor: actor.iri)
        if len(chosen) > 1:
            raise AmbiguousActor(text, [visible(str(self.of(actor.iri))) for actor in chosen[:_LISTED]])
        if not chosen:
            self.directory.node(text)  # raises, and says what is near
            raise UnknownActor(f"No dataset describes {text!r} now.")
        return self.of(chosen[0].iri)

    def _called(self, word: str) -> Iterator[Actor]:
        """Yield the actors that go by a word themselves."""
        for actor in self.directory.called(word).values():
            for member in actor.members:
                said = self._actor(member)
                if said and word in words(said, self.names.base):
                    yield said

    def _actor(self, iri: str) -> Actor | None:
        """Return what the records of one actor say of it, None where there is none."""
        dataset = self.names.id(iri).partition("/")[0]
        if dataset not in self._parts:
            self._parts[dataset] = self.release.within(self.release.scope.of(dataset))
        said = list(self._parts[dataset].of("actors", iri))
        if not said:
            return None
        labels, other, identifiers = (
            sorted({value for fields in said for value in fields.get(term, ())})
            for term in ("rdfs:label", "skos:altLabel", "adms:identifier")
        )
        places = tuple(dict.fromkeys(place for fields in said for place in places_of(fields)))
        name = labels[0] if labels else self.names.id(iri)
        return Actor(iri, name, "actor", places, (*labels, *other), (iri,), tuple(identifiers))
