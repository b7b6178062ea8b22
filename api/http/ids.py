"""The id of a request: in a header of its answer, in its problem, and in the lines that are logged of it."""

from __future__ import annotations

import uuid
from contextvars import ContextVar
from dataclasses import dataclass, field

#: The header that tells it.
HEADER = "OpenTier-Request"


@dataclass(frozen=True)
class Asked:
    """One request: its id, and the address of the service, with a slash at its end."""

    base: str = "/"
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


_CURRENT: ContextVar[Asked | None] = ContextVar("opentier-request", default=None)


def begin(base: str) -> Asked:
    """Give the request that begins an id."""
    asked = Asked(base)
    _CURRENT.set(asked)
    return asked


def current() -> Asked:
    """Return the request that is answered; a new one for bytes of which none could be made."""
    return _CURRENT.get() or Asked()
