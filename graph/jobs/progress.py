"""The one way in which work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

#: Told a stage in a word or two, how much of it is done, and how much there is; 0 while nobody knows that.
Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """Tell nobody."""
