"""What is kept of an object: made once, for each object apart, and gone with it."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

from opentier.graph.threads import kept, once_each


class Thing:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    @kept(2)
    def twice(self, number: int) -> int:
        """Return a number twice."""
        self.asked.append(number)
        return 2 * number


def test_a_method_keeps_the_last_few_that_were_found() -> None:
    one, other = Thing(), Thing()
    assert [one.twice(1), one.twice(1), one.twice(2), one.twice(3), one.twice(1)] == [2, 2, 4, 6, 2]
    assert one.asked == [1, 2, 3, 1]
    assert other.twice(1) == 2
    assert other.asked == [1]


def test_what_is_kept_does_not_keep_the_object() -> None:
    one = Thing()
    one.twice(1)
    gone = weakref.ref(one)
    del one
    assert gone() is None


def test_what_is_made_of_an_object_is_made_once_and_goes_with_it() -> None:
    made: list[Thing] = []

    @once_each
    def number(of: Thing) -> int:
        made.append(of)
        return len(made)

    one, other = Thing(), Thing()
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(number, [one] * 20)) == {1}
    assert [number(other), number(one)] == [2, 1]
    gone = weakref.ref(one)
    made.clear()
    del one
    gc.collect()
    assert gone() is None
