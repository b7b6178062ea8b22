"""Who asks, and what each may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request

from opentier.graph.front import OWNER, Reader

#: What one may do; each may what those before it may.
Role = Literal["public", "reader", "contributor", "curator", "admin"]


@dataclass(frozen=True)
class Caller:
    """Who asks: the id of a key (or a word for whoever has none), what that may do, and what it may see."""

    id: str
    role: Role
    reader: Reader


#: Whoever sits at the machine on which the service runs for nobody else.
LOCAL = Caller("local", "admin", OWNER)


def caller(request: Request) -> Caller:
    """Return who asks."""
    return LOCAL


#: Who asks.
CurrentCaller = Annotated[Caller, Depends(caller)]
