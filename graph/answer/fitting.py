"""What a result asks of a directory of initiatives."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol


class Listed(Protocol):
    """An initiative, as a result names it."""

    @property
    def iri(self) -> str:
        """Its IRI."""

    @property
    def name(self) -> str:
        """Its name."""


class Fitting(Protocol):
    """A directory that knows which initiatives fit a hop."""

    def fitting(
        self, hs: str | None, country: str | None, exploitation: Collection[str]
    ) -> Sequence[tuple[Listed, str]]:
        """Return the initiatives that fit a product, a supplier's country and what is listed for, with the reason."""
