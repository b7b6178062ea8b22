"""Products as a trace sees them: which is which, and which goes into which."""

from __future__ import annotations

from collections.abc import Iterable
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
        self._pairs = [pair for pair in dict.fromkeys(pairs) if pair[0] != pair[1]]
        self._outputs: dict[Product, frozenset[Product]] = {}

    def goes_into(self, product: Product, into: Product) -> bool:
        """Return whether `product` goes into `into`."""
        return any(output.matches(into) for output in self._closure(product))

    def _closure(self, product: Product) -> frozenset[Product]:
        """Everything that `product` goes into; each pair is followed once, so cycles end."""
        found = self._outputs.get(product)
        if found is None:
            reached: dict[Product, None] = {}
            todo = [product]
            while todo:
                current = todo.pop()
                for source, output in self._pairs:
                    if output not in reached and source.matches(current):
                        reached[output] = None
                        todo.append(output)
            found = self._outputs[product] = frozenset(reached)
        return found
