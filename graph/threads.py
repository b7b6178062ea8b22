"""What threads may not do at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
K = TypeVar("K")
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


class Few(Generic[K, T]):
    """The last few things that were asked for, each made by one thread while the others wait for it."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._kept: dict[K, T] = {}

    def of(self, key: K, make: Callable[[], T]) -> T:
        """Return the one of a key, made where it is not among them."""
        with self._lock:
            found = self._kept.pop(key) if key in self._kept else make()
            self._kept[key] = found
            for old in [*self._kept][: -self.most]:
                del self._kept[old]
            return found
