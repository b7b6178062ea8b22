"""Which product is which, and which goes into which."""

from __future__ import annotations

from functools import cache

from tests.oracles.rows import Package


class Products:
    """The products of a package: HS codes, and products of its own, some of which have one."""

    def __init__(self, package: Package) -> None:
        self.codes = {row["id"]: row.get("hs", "") for row in package.get("products", ())}
        self.inputs = [(row["input"], row["output"]) for row in package.get("product_inputs", ())]
        self.same = cache(self._same)
        self.goes_into = cache(self._goes_into)

    def code(self, product: str) -> str:
        """Return the HS code of a product, "" where it has none."""
        return self.codes.get(product, product if product.isdigit() else "")

    def _same(self, left: str, right: str) -> bool:
        """Whether two products are one: the same, or the HS code of one is a prefix of the other's."""
        a, b = self.code(left), self.code(right)
        return left == right or bool(a and b and (a.startswith(b) or b.startswith(a)))

    def narrower(self, product: str, other: str) -> str:
        """Return the narrower one of two products that are one; the first where their codes are equal."""
        return other if len(self.code(other)) > len(self.code(product)) else product

    def match(self, listed: str, carried: str) -> str:
        """Return how well a listed good fits a link that carries it: *coarse* where it is narrower."""
        return "coarse" if len(self.code(listed)) > len(self.code(carried)) else "exact"

    def _goes_into(self, product: str, into: str) -> bool:
        """Whether a product goes into another by product inputs, directly or through a chain."""
        made = {product}
        outputs: set[str] = set()
        while True:
            more = {output for source, output in self.inputs if any(self._same(source, one) for one in made)}
            if more <= outputs:
                return any(self._same(output, into) for output in outputs)
            outputs |= more
            made |= more
