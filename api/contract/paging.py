"""Long lists in parts: `limit` and `offset`, how many there are in all, and links to the parts beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query, Request, Response

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
            said = (f'<{self._at(offset)}>; rel="{rel}"' for rel, offset in links.items())
            self.response.headers["Link"] = ", ".join(said)
        return {name: every[self.offset : self.offset + self.limit], "total": total}

    def _at(self, offset: int) -> str:
        """Return the address of the part that begins with an entry, relative to this one."""
        same = self.request.url.include_query_params(limit=self.limit, offset=offset)
        return f"{same.path.rpartition('/')[2]}?{same.query}"


def _part(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Entries, at most.", examples=[20])] = LIMIT,
    offset: Annotated[int, Query(ge=0, le=FAR, description="How many to skip.", examples=[0])] = 0,
) -> Part:
    return Part(limit, offset, request, response)


#: The part of a list that is asked for; what `Part.of` links to is told in the headers of the answer.
CurrentPart = Annotated[Part, Depends(_part)]
