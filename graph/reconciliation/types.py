"""Types: the kinds of actors as the vocabulary has them, and which of them are narrower ones of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from opentier.graph.errors import UsageError, mean
from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI, Literal
from opentier.graph.model.tables import TABLES
from opentier.graph.store.release import Release


@dataclass(frozen=True)
class Type:
    """A kind of actors.

    Attributes
    ----------
    broader
        The kind that it is one of; empty where it is of none but all actors.
    """

    id: str
    name: str
    about: str
    broader: str = ""


class Types:
    """The kinds of actors of a release's vocabulary, the wider ones first."""

    def __init__(self, release: Release) -> None:
        self._release = release
        classes = {expand(name): kind for kind, name in TABLES["actors"].classes.items()}
        self.all: Mapping[str, Type] = {
            kind: Type(
                kind,
                self._text(iri, "rdfs:label"),
                self._text(iri, "skos:definition"),
                next((classes[wide] for wide in self._said(iri, "rdfs:subClassOf") if wide in classes), ""),
            )
            for iri, kind in classes.items()
        }

    def _said(self, iri: str, term: str) -> list[str]:
        found = self._release.engine.match(self._release.names.vocabulary, IRI(iri), expand(term))
        return [
            each.object.value
            for each in found
            if isinstance(each.object, IRI)
            or (isinstance(each.object, Literal) and each.object.language == "en")
        ]

    def _text(self, iri: str, term: str) -> str:
        return " ".join(min(self._said(iri, term), default="").split())

    def find(self, id: str) -> Type:
        """Return a type by its id.

        Raises
        ------
        UsageError
            If there is none such.
        """
        if id not in self.all:
            raise UsageError(f"There is no type {id!r}.{mean(id, self.all, len(self.all))}")
        return self.all[id]

    def kinds(self, ids: Iterable[str]) -> frozenset[str]:
        """Return the kinds that some types allow: these and narrower ones; nothing where no type is asked for.

        An actor of which nobody says what it is may be of any: it has no kind.
        """
        wanted = {self.find(id).id for id in ids}
        narrow = {kind for kind, said in self.all.items() if wanted & {kind, said.broader}}
        return frozenset(narrow | {""}) if wanted else frozenset()
