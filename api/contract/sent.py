"""What a form of a page says: fields in a body that is short, read whole."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

from opentier.api.http.deps import body_of

#: Bytes that a form without a file may have: a field for each column of a wide table.
MOST = 1 << 20
_FORM = "application/x-www-form-urlencoded"


class Said:
    """The fields of a form."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def one(self, name: str) -> str:
        """Return what a field says, without spaces around it; nothing where it is not there."""
        return next((value.strip() for known, value in self._pairs if known == name), "")

    def every(self) -> dict[str, str]:
        """Return what the fields say, by their names; of several of one name the last counts."""
        return {known: value.strip() for known, value in self._pairs}

    def below(self, name: str) -> dict[str, str]:
        """Return what the fields say that begin with a name and a dot, by the rest of their names; empty ones not."""
        start = f"{name}."
        return {
            known.removeprefix(start): value.strip()
            for known, value in self._pairs
            if known.startswith(start) and value.strip()
        }


async def said(request: Request) -> Said:
    """Return the fields of the form that is sent.

    Raises
    ------
    HTTPException
        415 if it is no such form, 413 if it is too long.
    """
    if not request.headers.get("content-type", _FORM).startswith(_FORM):
        raise HTTPException(415, f"Send the form of the page ({_FORM}).")
    body = await body_of(request, MOST)
    if body is None:
        raise HTTPException(413, f"A form without a file has at most {MOST:,} bytes.")
    return Said(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
