"""What threads may not do at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

#: One lock for all that is made once, since one such thing is made of others.
_MAKING = threading.RLock()


def once(function: Callable[P, T]) -> Callable[P, T]:
    """Keep what a function returns; it is made by one thread while the others wait for it."""
    kept = lru_cache(maxsize=None)(function)

    @wraps(function)
    def found(*args: P.args, **kwargs: P.kwargs) -> T:
        with _MAKING:
            return kept(*args, **kwargs)  # type: ignore[arg-type]

    return found


def alone(function: Callable[P, T]) -> Callable[P, T]:
    """Let one thread at a time run a function."""
    lock = threading.Lock()

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        with lock:
            return function(*args, **kwargs)

    return run
