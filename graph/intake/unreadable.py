"""Why a file cannot be read."""

from __future__ import annotations


class Unreadable(ValueError):
    """A file, or a row of it, that cannot be read."""

    def __init__(self, message: str, advice: str, row: int | None = None) -> None:
        self.message, self.advice, self.row = message, advice, row
        super().__init__(f"{message} {advice}")
