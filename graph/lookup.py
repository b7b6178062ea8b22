"""Finding what a user means: an actor by IRI, id, identifier or name; a product by HS digits, id or name."""

from __future__ import annotations

import difflib

from opentier.graph import cells
from opentier.graph.builder import words
from opentier.graph.errors import AmbiguousActor, UnknownActor, UsageError
from opentier.graph.index import Index

_LISTED = 12
#: Actors among which similar names are looked for.
_SEARCHED = 50_000


class Directory:
    """The names under which the actors of an index are known."""

    def __init__(self, index: Index) -> None:
        self.index = index

    def actor(self, text: str) -> str:
        """Return the IRI of the canonical actor that `text` stands for.

        Raises
        ------
        UnknownActor
            If there is none; the nearest names are listed.
        AmbiguousActor
            If there are several; they are listed.
        """
        text = text.strip()
        for iri in (text, self.index.names.of_id(text)):
            node = self.index.node(iri) if iri else None
            if node is not None and self.index.described(node):
                return self.index.iri(node)
        found = self._called(f"identifier:{text.casefold()}") or self._called(f"name:{text.casefold()}")
        exact = {iri for iri in found if self.index.actors[iri].name == text}
        chosen = exact if len(exact) == 1 else found
        if len(chosen) == 1:
            return next(iter(chosen))
        if chosen:
            raise AmbiguousActor(text, [self._line(iri) for iri in sorted(chosen)[:_LISTED]])
        raise UnknownActor(f"No actor is called {text!r}.{self._near(text)}")

    def _called(self, word: str) -> set[str]:
        """Return the actors that go by a word (see `builder.words`); a hash that only happens to be equal does not."""
        found = {node: self.index.actor(node) for node in self.index.keys["node"].find(word)}
        return {actor.iri for actor in found.values() if word in words(actor, self.index.names.base)}

    def product(self, text: str) -> str:
        """Return what a trace calls a product: HS digits, or the IRI of a product of a dataset.

        Raises
        ------
        UsageError
            If `text` is neither.
        """
        products = self.index.products
        dataset, _, local = text.partition("/")
        for iri in (text, self.index.names.record(dataset, "product", local.removeprefix("product/"))):
            if iri in products:
                return iri
        named = sorted(p.iri for p in products.values() if p.name and p.name.casefold() == text.casefold())
        if len(named) == 1:
            return named[0]
        if len(named) > 1:
            ids = ", ".join(self.index.names.id(iri) for iri in named)
            raise UsageError(f"Several products are called {text!r}; give one of these ids: {ids}")
        try:
            return cells.hs(text.removeprefix("hs:"))
        except cells.CellError as error:
            raise UsageError(f"{text!r} is no product: {error.message} {error.advice}") from None

    def _line(self, iri: str) -> str:
        actor = self.index.actors[iri]
        return (
            f"{self.index.names.id(iri)}  {actor.name} ({actor.country or 'country unknown'}, {actor.kind})"
        )

    def _near(self, text: str) -> str:
        actors = self.index.actors
        if len(actors) > _SEARCHED:
            return ""
        named: dict[str, list[str]] = {}
        for iri, actor in actors.items():
            for name in actor.names:
                named.setdefault(name.casefold(), []).append(iri)
        near = difflib.get_close_matches(text.casefold(), named, n=5, cutoff=0.6)
        found = dict.fromkeys(iri for name in near for iri in sorted(named[name]))
        lines = [self._line(iri) for iri in found]
        return " Did you mean:\n" + "\n".join(f"  {line}" for line in lines[:_LISTED]) if lines else ""
