"""Products as a trace sees them: which is which, and which goes into which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """A product: its IRI and, where it has one, its HS code."""

    iri: str
    code: str = ""
    name: str = ""

    def matches(self, other: Product) -> bool:
        """Return whether two products are the same, or the HS code of one is a prefix of the other's."""
        if self.iri == other.iri:
            return True
        return bool(self.code and other.code) and (
            self.code.startswith(other.code) or other.code.startswith(self.code)
        )

    def narrower(self, other: Product) -> bool:
        """Return whether its HS code is longer than the other's, which it begins with."""
        return bool(other.code) and self.code != other.code and self.code.startswith(other.code)

    @property
    def label(self) -> str:
        """``hs:520100``, or the name of a product that has no code."""
        return f"hs:{self.code}" if self.code else self.name or self.iri


class Inputs:
    """The product inputs: input goes into output, directly or through a chain (HS prefixes match)."""

    def __init__(self, pairs: Iterable[tuple[Product, Product]]) -> None:
        # A product that goes into itself says nothing, and by its prefixes would join what does not.
        self._outputs: dict[Product, list[Product]] = {}
        for source, output in dict.fromkeys(pairs):
            if source != output:
                self._outputs.setdefault(source, []).append(output)
        self._sources = _Matching(self._outputs)
        self._reached: dict[Product, _Matching] = {}

    def goes_into(self, product: Product, into: Product) -> bool:
        """Return whether `product` goes into `into`."""
        return any(True for _ in self._closure(product).of(into))

    def _closure(self, product: Product) -> _Matching:
        """Everything that `product` goes into; each source is followed once, so cycles end."""
        found = self._reached.get(product)
        if found is None:
            reached, followed, todo = dict[Product, None](), set[Product](), [product]
            while todo:
                fresh = set(self._sources.of(todo.pop())) - followed
                followed |= fresh
                for output in (each for source in fresh for each in self._outputs[source]):
                    if output not in reached:
                        reached[output] = None
                        todo.append(output)
            found = self._reached[product] = _Matching(reached)
        return found


class _Matching:
    """Some products, by what matches them (see `Product.matches`)."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._iris: dict[str, list[Product]] = {}
        self._codes: dict[str, list[Product]] = {}
        self._longer: dict[str, list[Product]] = {}
        for each in products:
            self._iris.setdefault(each.iri, []).append(each)
            if each.code:
                self._codes.setdefault(each.code, []).append(each)
            for end in range(1, len(each.code)):
                self._longer.setdefault(each.code[:end], []).append(each)

    def of(self, product: Product) -> Iterator[Product]:
        """Yield those that match a product, some of them twice."""
        yield from self._iris.get(product.iri, ())
        yield from self._longer.get(product.code, ())
        for end in range(1, len(product.code) + 1):
            yield from self._codes.get(product.code[:end], ())
