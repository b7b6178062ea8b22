"""Why a cell cannot be read."""

from __future__ import annotations


class CellError(ValueError):
    """A cell that cannot be read."""

    def __init__(self, message: str, advice: str) -> None:
        self.message, self.advice = message, advice
        super().__init__(f"{message} {advice}")


class SeveralMeant(CellError):
    """A cell that may mean one thing or another; the advice names them."""
