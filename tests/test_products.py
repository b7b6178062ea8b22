"""Products: which goes into which, held against the pairs one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from opentier.graph.model.products import Inputs, Product
from tests.counts import runs

CODES = ("", "5", "52", "5201", "5205", "520512", "61", "6109", "610910")
PRODUCTS = [Product(f"p{number}", code) for number, code in enumerate(CODES)] + [
    Product("named"),
    Product("other"),
]


def goes_into(pairs: list[tuple[Product, Product]], product: Product, into: Product) -> bool:
    """Return whether one goes into the other, by going through all pairs again and again."""
    reached, todo = set[Product](), [product]
    while todo:
        now = todo.pop()
        fresh = {b for a, b in pairs if a != b and a.matches(now)} - reached
        reached |= fresh
        todo += fresh
    return any(each.matches(into) for each in reached)


@runs(300)
@given(st.lists(st.tuples(st.sampled_from(PRODUCTS), st.sampled_from(PRODUCTS)), max_size=8))
def test_what_goes_into_what_is_what_a_walk_through_all_pairs_finds(
    pairs: list[tuple[Product, Product]],
) -> None:
    inputs = Inputs(pairs)
    for product in PRODUCTS:
        assert [inputs.goes_into(product, into) for into in PRODUCTS] == [
            goes_into(pairs, product, into) for into in PRODUCTS
        ]
