"""Compilation: the decorator of the kernels, where what is compiled is kept, and what numba may not import for it.

numba keeps a compiled kernel as long as the kernel's own file stays the same, whatever its constants are that come from
other files. So what is compiled lies in a folder named by a hash of all of `SOURCES`: a constant that changes is seen.
The first place that can be written to is taken: beside the package, then the user's cache, then what `keep_in` names,
which is the data directory's own folder ``cache``. Without any of them kernels are compiled anew in each process.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

#: The modules that kernels take something from when they are compiled.
SOURCES = ("arrays", "compiled", "hops", "kernels")


@contextmanager
def _unimported(*names: str) -> Iterator[None]:
    """Let libraries appear not to be installed, unless they are imported already.

    numba imports scipy and coverage if it can, only to look at them, which takes a quarter of a second.
    """
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _unimported("scipy", "coverage"):
    import numba
    import numba.core.caching

_numba: Any = numba  # without types


def _name() -> str | None:
    """Return the name of the folder of what is compiled from the sources as they are; None where none can be read."""
    told = hashlib.blake2b(digest_size=8)
    try:
        for source in SOURCES:
            told.update(Path(__file__).with_name(f"{source}.py").read_bytes() + b"\0")
    except OSError:
        return None
    return f"kernels-{told.hexdigest()}"


def _places() -> Iterator[Path]:
    """Yield where compiled kernels may be kept, the best place first."""
    if _numba.config.CACHE_DIR:  # what the user asked numba for
        yield Path(_numba.config.CACHE_DIR)
    yield Path(__file__).parent / "__pycache__"
    said, home = os.environ.get("XDG_CACHE_HOME", ""), Path(os.path.expanduser("~"))
    if os.path.isabs(said):
        yield Path(said) / "opentier"
    elif home.is_dir():  # a home that is only named is not made
        yield home / ".cache" / "opentier"


def _usable(place: Path) -> Path | None:
    """Return the folder in a place, made where it is not there; None if it cannot be written to."""
    name = _name()
    if name is None:
        return None
    try:
        (place / name).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=place / name).close()
    except OSError:
        return None
    return place / name


#: Where compiled kernels are kept, and those that are kept nowhere yet.
_place = next((found for found in map(_usable, _places()) if found), None)
_unkept: list[Any] = []


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function when it is first called.

    Without reference counts: kernels allocate nothing, their arrays outlive the call, and counting the references to
    the columns at every arc takes twenty times as long as the walk itself.
    """
    made = _numba.njit(nogil=True, _nrt=False)(function)
    if _numba.config.DISABLE_JIT:  # it stays Python, to be looked into
        return made
    if _place is None or not _kept(made, _place):
        _unkept.append(made)
    return made


def keep_in(folder: Path) -> None:
    """Keep compiled kernels in a folder, unless they are kept in a better place; made if need be and possible."""
    global _place
    if _unkept and (found := _usable(folder)):
        _place = found
        _unkept[:] = [made for made in _unkept if not _kept(made, found)]


def place() -> Path | None:
    """Return where compiled kernels are kept."""
    return _place


class _Cache(_numba.core.caching.FunctionCache):  # type: ignore[misc]
    """numba's own; but what cannot be read in it is compiled anew, and a full disk only keeps nothing."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return a kernel for types, if it is kept."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # reading what is damaged may raise anything
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a kernel for types."""
        with suppress(OSError):
            super().save_overload(sig, data)


def _kept(made: Any, folder: Path) -> bool:
    """Let numba keep a kernel in a folder; return whether it does."""
    before = _numba.config.CACHE_DIR
    _numba.config.CACHE_DIR = str(folder)  # numba asks for it when a kernel is to be kept, and never again
    try:
        made._cache = _Cache(made.py_func)  # as `enable_caching` does, with numba's
    except (OSError, RuntimeError):  # filled up, or closed to us a moment ago
        return False
    finally:
        _numba.config.CACHE_DIR = before
    return True
