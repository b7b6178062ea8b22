"""Long lists in parts: `limit` and `offset`, how many there are in all, and links to the parts beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query, Request, Response

from opentier.api.http.negotiation import beside

T = TypeVar("T")
#: Entries of a part, and the most of them; and how many may be skipped.
LIMIT, MOST, FAR = 1000, 10_000, 1_000_000_000


@dataclass(frozen=True)
class Part:
    """The part of a list that is asked for."""

    limit: int
    offset: int
    request: Request
    response: Response

    def of(self, name: str, every: Sequence[T]) -> dict[str, Any]:
        """Return the part under a name, with how many there are in all; `Link` leads to the parts beside it."""
        total, links = len(every), {}
        if self.offset + self.limit < total:
            links["next"] = self.offset + self.limit
        if self.offset:
            links["prev"] = max(self.offset - self.limit, 0)
        if links:
            at = {rel: beside(self.request, limit=self.limit, offset=offset) for rel, offset in links.items()}
            said = (f'<{where}>; rel="{rel}"' for rel, where in at.items())
            self.response.headers["Link"] = ", ".join(said)
        return {name: every[self.offset : self.offset + self.limit], "total": total}


async def _part(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Entries, at most.", examples=[20])] = LIMIT,
    offset: Annotated[int, Query(ge=0, le=FAR, description="How many to skip.", examples=[0])] = 0,
) -> Part:
    return Part(limit, offset, request, response)


#: The part of a list that is asked for; what `Part.of` links to is told in the headers of the answer.
CurrentPart = Annotated[Part, Depends(_part)]
