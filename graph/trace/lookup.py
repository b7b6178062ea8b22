"""Finding what a user means: an actor by IRI, id, identifier or name; a product by HS digits, id or name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import cache
from itertools import chain

import pycountry

from opentier.graph.errors import AmbiguousActor, Named, UnknownActor, UsageError, mean
from opentier.graph.index.build import words
from opentier.graph.index.opened import Index
from opentier.graph.model import cells
from opentier.graph.model.characters import composed, folded, visible
from opentier.graph.model.names import plain
from opentier.graph.network.network import Actor
from opentier.graph.search.finder import Found, described
from opentier.graph.search.wording import plain as parted
from opentier.graph.store.release import Release
from opentier.graph.threads import once_each
from opentier.graph.written import goods, hs

_LISTED = 12
#: Codes, and actors, that are near to what is not found.
_NEAR, _CALLED = 3, 5
#: What is looked for by name; words of one that are, and their letters from which on they may stand for it.
_ACTORS, _WORDS, _LONG = ("actors",), 16, 4
#: Letters that a country's code has at most.
_CODE = 3
#: Chapters of the HS that are for national use.
_NATIONAL = frozenset({"98", "99"})
#: How HS digits are written: in pairs, between which a dot or a space may stand.
_PAIRS = re.compile(r"\d{2}(?:[. ]?\d{2})*", re.ASCII)


@once_each
def _products(index: Index) -> dict[str, list[str]]:
    """Return the IRIs of the products of an index, in order, by the name that each has, without case and accents."""
    found: dict[str, list[str]] = {}
    for product in sorted(index.products.values(), key=lambda product: product.iri):
        if product.name:
            found.setdefault(folded(product.name), []).append(product.iri)
    return found


@cache
def _goods_called() -> Mapping[str, list[str]]:
    """Return the codes by what goods of them are called, folded."""
    found: dict[str, list[str]] = {}
    for code, name in goods.names().items():
        found.setdefault(folded(name), []).append(code)
    return found


class Directory:
    """The names under which the actors of an index are known.

    Parameters
    ----------
    release
        That of the index, in which names are looked for that are near to one of nobody.
    """

    def __init__(self, index: Index, release: Release | None = None) -> None:
        self.index, self.release = index, release

    def actor(self, text: str) -> str:
        """Return the IRI of the canonical actor that `text` stands for (see `node`)."""
        return self.index.iri(self.node(text))

    def node(self, text: str) -> int:
        """Return the node of the canonical actor that `text` stands for.

        Raises
        ------
        UnknownActor
            If there is none; the nearest names are listed.
        AmbiguousActor
            If there are several; they are listed.
        """
        text = text.strip()
        if (node := self.known(text)) is not None:
            return node
        found = self.called(f"identifier:{folded(text)}") or self.called(f"name:{folded(text)}")
        exact = {
            node: actor for node, actor in found.items()
            if composed(text) in map(composed, (actor.name, *actor.names))
        }  # fmt: skip
        chosen = exact if len(exact) == 1 else found
        if len(chosen) == 1:
            return next(iter(chosen))
        if chosen:
            listed = sorted(chosen.values(), key=lambda actor: actor.iri)[:_LISTED]
            raise AmbiguousActor(text, [self._line(actor) for actor in listed])
        near = [self._line(actor) for actor in self._near(text)]
        told = "\n  ".join([" Did you mean:", *near]) if near else " No name of an actor is near it."
        raise UnknownActor(f"No actor is called {text!r}.{told}", near=near)

    def known(self, text: str) -> int | None:
        """Return the node of the canonical actor of an IRI or a ``dataset/local-id``; None where there is none."""
        for iri in (plain(text), self.index.names.of_id(text)):
            node = self.index.node(iri) if iri else None
            if node is not None and self.index.described(node):
                return node
        return None

    def called(self, word: str) -> dict[int, Actor]:
        """Return the actors that go by a word (see `build.words`); a hash that only happens to be equal does not."""
        found = {node: self.index.actor(node) for node in self.index.keys["node"].find(word)}
        return {node: actor for node, actor in found.items() if word in words(actor, self.index.names.base)}

    def product(self, text: str) -> str:
        """Return what a trace calls a product: HS digits, or the IRI of a product of a dataset.

        A code of a chapter that the HS does not have (98 and 99 are for the use of each country) is understood where
        a product of the data goes by it.

        Raises
        ------
        UsageError
            If `text` is neither; the nearest codes or names of the data are listed.
        """
        text = text.strip()
        products = self.index.products
        dataset, _, local = text.partition("/")
        for iri in (plain(text), self.index.names.record(dataset, "product", local.removeprefix("product/"))):
            if iri in products:
                return iri
        named = _products(self.index).get(folded(text), [])
        if len(named) == 1:
            return named[0]
        if len(named) > 1:
            ids = ", ".join(self.index.names.id(iri) for iri in named)
            raise UsageError(f"Several products are called {text!r}; give one of these ids: {ids}")
        if code := self._good(text):
            return code
        try:
            code = hs.read(text)
        except cells.CellError as error:
            told = f"{error.message} {error.advice}{self._products_near(text)}"
            raise UsageError(
                Named("product"), f" {text!r} is no product: {told}", near=self._codes_near(text)
            ) from None
        if not _PAIRS.fullmatch(hs.bare(text)):
            told = f"Dots stand between pairs of digits: 6109.10. Did you mean {code}?"
            raise UsageError(Named("product"), f" {text!r} is no product: {told}")
        if code[:2] in _NATIONAL and not self._held(code):
            told = f"The HS has no chapter {code[:2]}.{self._products_near(code)}"
            raise UsageError(
                Named("product"), f" {text!r} is no product: {told}", near=self._codes_near(code)
            )
        return code

    def _good(self, text: str) -> str:
        """Return the code of the data that goods of a name have; nothing where none is called so.

        Raises
        ------
        UsageError
            If several codes are called so; they are listed.
        """
        named = [code for code in _goods_called().get(folded(text), ()) if self._held(code)]
        if len(named) > 1:
            codes = ", ".join(map(hs.dotted, named))
            raise UsageError(f"Several goods are called {text!r}; give one of these codes: {codes}")
        return "".join(named)

    def doubt(self, product: str | None) -> str | None:
        """Return what to say of a product of which nothing in the data is a part or a kind; None of any other.

        Such a code is answered, since it may well be one of the HS: but no link can be found by it.
        """
        if product is None or product in self.index.products or self._held(product):
            return None
        near = self._products_near(product)
        return f"Nothing in the data is {product}: only links that state no product can be walked.{near}"

    def _held(self, code: str) -> bool:
        """Return whether a product of the data goes by a code, by one that it is part of, or by a part of it."""
        known = (product.code for product in self.index.products.values() if product.code)
        return any(each.startswith(code) or code.startswith(each) for each in known)

    def _products_near(self, text: str) -> str:
        """Return a sentence on the codes of the data that are nearest to a code, or the names that are to a name."""
        if any(character.isalpha() for character in text.lower().removeprefix("hs:")):
            if named := self._goods_near(text):
                return f" Near it, in the data: {', '.join(named)}."
            products = self.index.products.values()
            return mean(text, sorted({product.name for product in products if product.name}))
        near = self._codes_near(text)
        return f" The nearest in the data: {', '.join(near)}." if near else ""

    def _goods_near(self, text: str) -> dict[str, str]:
        """Return the goods of the data that have words of a text, each with its code or its id, by which code it is.

        The nearest stand first; a product of the data has no code here.
        """
        said, near = set(parted(text).split()), dict[str, tuple[int, int, str]]()
        products = self.index.products.values()
        held = {name: code for code, name in goods.names().items() if self._held(code)}
        known = {name: (f"{name} (HS {hs.dotted(code)})", code) for name, code in held.items()}
        known |= {
            each.name: (f"{each.name} ({self.index.names.id(each.iri)})", "")
            for each in products
            if each.name
        }
        for name, (shown, _) in known.items():
            words = set(parted(name).split())
            if said and (shared := len(said & words)):
                near[shown] = -shared, len(words), shown
        codes = dict(known.values())
        return {shown: codes[shown] for shown in sorted(near, key=near.__getitem__)[:_CALLED]}

    def _codes_near(self, text: str) -> list[str]:
        """Return the codes of the data that begin as the digits of a text do, or else those that are most alike."""
        if not any(map(str.isdigit, text)):  # of words no code is near
            return sorted(filter(None, self._goods_near(text).values()))[:_NEAR]
        codes = sorted({product.code for product in self.index.products.values() if product.code})
        digits = "".join(character for character in text if character.isdigit())
        begins = (digits[:length] for length in range(len(digits), 0, -1))
        alike = next((found for begin in begins if (found := [c for c in codes if c.startswith(begin)])), [])
        return (alike or difflib.get_close_matches(digits, codes, n=_NEAR, cutoff=0))[:_NEAR]

    def country(self, text: str) -> str:
        """Return the code of a country, given by code or by name in any case.

        Raises
        ------
        UsageError
            If there is none such; the nearest names are listed.
        """
        held = {place.country for places in self.index.places for place in places}
        if text and text.upper() in held:  # what RDF states is not always a code of the list: XK
            return text.upper()
        try:
            return cells.country(text.strip())
        except cells.SeveralMeant as error:
            raise UsageError(Named("countries"), f" {text!r}: {error}") from None
        except cells.CellError as error:
            names = {country.name for country in pycountry.countries} if len(text) > _CODE else held - {""}
            told = f"{error.message} {error.advice}{mean(text, sorted(names), _LISTED)}"
            raise UsageError(Named("countries"), f" {text!r}: {told}") from None

    def dataset(self, text: str) -> str:
        """Return the id of a dataset whose current version is in the index.

        Raises
        ------
        UsageError
            If there is none such; the nearest are listed.
        """
        known = self.index.versions
        found = text if text in known else next((id for id in known if id == text.lower()), None)
        if found is None:
            near = mean(text, sorted(known), _LISTED)
            raise UsageError(Named("datasets"), f": no dataset is called {text!r}.{near}")
        return found

    def _line(self, actor: Actor) -> str:
        name, id = visible(actor.name), self.index.names.id(actor.iri)
        return f"{id}  {name} ({actor.country or 'country unknown'}, {actor.kind})"

    def _near(self, text: str) -> list[Actor]:
        """Return the actors that have names like a text; where none has, those that have a word of it that few have."""
        if self.release is None:
            return []
        finder, text = described(self.release), text.encode(errors="ignore").decode()
        if "/" in text and " " not in text:  # an id says in its last part what it is of
            text = text.rpartition("/")[2].replace("-", " ")

        def found(words: str) -> list[Found]:
            return finder.find(words, 2 * _CALLED, _ACTORS)["actors"]

        near = found(text)
        if not near:
            words = [word for word in parted(text).split()[:_WORDS] if len(word) >= _LONG]
            rare = [alike for alike in map(found, words) if len(alike) <= _CALLED]
            near = sorted(chain.from_iterable(rare), key=lambda each: each.order)
        nodes = dict.fromkeys(self.index.node(each.thing.iri) for each in near)
        named = [self.index.actor(node) for node in nodes if node is not None and self.index.described(node)]
        return named[:_CALLED]
