"""Numbers that kernels compare: confidences as costs that add up, and HS codes as ranges."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

from opentier.graph.engine.arrays import NOTHING

_SCALE = 1 << 36
_DIGITS = 12


@lru_cache(maxsize=4096)
def _logarithm(number: int) -> int:
    return round(math.log2(number) * _SCALE)


def cost(confidence: Fraction | int) -> int:
    """Return a confidence as the cost that adds up along a path: its negative logarithm in 2**-36 of a bit.

    It is the sum of the rounded logarithms of its prime factors, so that equal products of different confidences
    (0.9 x 0.9 and 0.81) have the same cost, and ties between paths are ties exactly. Products that differ by less than
    some 1e-11 of themselves may come in either order; two decimals a link and five links never do.
    """
    if confidence == 0:
        return NOTHING
    exact = Fraction(confidence)
    found = sum(map(_logarithm, _factors(exact.denominator))) - sum(
        map(_logarithm, _factors(exact.numerator))
    )
    return min(max(found, 0 if exact == 1 else 1), NOTHING - 1)


def _factors(number: int) -> list[int]:
    """Return the prime factors of a number; what is left after trial by small ones stands as it is."""
    found, divisor = [], 2
    while divisor * divisor <= number and divisor < 1_000_000:
        while number % divisor == 0:
            found.append(divisor)
            number //= divisor
        divisor += 1
    return [*found, number] if number > 1 else found


def code_range(number: int, code: str) -> tuple[int, int]:
    """Return the codes that an HS code stands above, as a range; a product without code is a range of its own."""
    if not code.isdigit():
        return -2 - number, -2 - number
    return int(code.ljust(_DIGITS, "0")), int(code.ljust(_DIGITS, "9"))
