"""What threads may not do at the same time."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Generic, ParamSpec, TypeVar

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


def once_each(function: Callable[[K], T]) -> Callable[[K], T]:
    """Keep what a function returns of an object as long as that is there; one thread makes it while the others wait."""
    known: weakref.WeakKeyDictionary[K, T] = weakref.WeakKeyDictionary()
    lock = threading.Lock()

    @wraps(function)
    def found(of: K) -> T:
        with lock:
            if of not in known:
                known[of] = function(of)
            return known[of]

    return found


def kept(most: int) -> Callable[[Callable[[Any, K], T]], Callable[[Any, K], T]]:
    """Return a decorator of methods of one argument, by which each object keeps the last so many that were found.

    What is found is given to everybody who asks, and nobody may change it.
    """

    def over(method: Callable[[Any, K], T]) -> Callable[[Any, K], T]:
        name = f"_kept_{method.__name__}"

        @wraps(method)
        def found(self: Any, key: K) -> T:
            known = vars(self).get(name)
            if known is None:
                own = weakref.ref(self)  # what is kept does not keep the object
                known = vars(self).setdefault(name, lru_cache(most)(lambda asked: method(own(), asked)))
            result: T = known(key)
            return result

        return found

    return over


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
