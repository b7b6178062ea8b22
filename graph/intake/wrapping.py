"""What stands around a file: that it is one, gzip, a stream that only comes once. What is packed is written out, up to
a bound.
"""

from __future__ import annotations

import gzip
import re
import stat
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import IO

from opentier.graph.errors import UsageError
from opentier.graph.intake.unreadable import Unreadable

#: What is compressed may unpack to this many bytes, and to this many times its own size.
MAX_BYTES, MAX_RATIO = 2 << 30, 200
_PART = 1 << 20
#: What systems put into archives on their own.
_MADE = re.compile(r"(?:^|/)(?:__MACOSX/|\.)")


def most(size: int) -> int:
    """Return how many bytes something compressed of that size may unpack to."""
    return min(MAX_BYTES, MAX_RATIO * max(size, 1 << 16))


def there(path: Path, name: str, scratch: Path) -> Path:
    """Return where a file or folder lies; standard input (``-``) is put down below `scratch`, by its name if any.

    Raises
    ------
    UsageError
        If there is nothing that can be read.
    """
    if str(path) != "-":
        _demand(path)
        return path
    target = Path(tempfile.mkdtemp(dir=scratch)) / (name or "stdin")
    spool(sys.stdin.buffer, target)
    return target


def _demand(path: Path) -> None:
    """Raise UsageError where there is no file or folder: a pipe or a device would never end."""
    try:
        path.name.encode()
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"There is nothing at {path}.") from None
    except UnicodeEncodeError:
        raise UsageError(f"The name of {str(path)!a} is no text. Rename it.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{str(path)[:200]} cannot be read: {reason}.") from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise UsageError(f"{path} is neither a file nor a folder, and nothing else is read.")


def gunzip(path: Path, folder: Path) -> Path:
    """Write out what a gzip file holds, below `folder`, and return where.

    Raises
    ------
    Unreadable
        If it is broken, or would unpack to more than it may.
    """
    name = path.name[:-3] if path.name.lower().endswith(".gz") else f"{path.name}.unpacked"
    target = folder / name
    try:
        with gzip.open(path) as source:
            spool(source, target, most(path.stat().st_size), "The file unpacks to more")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Unreadable(f"The gzip file is broken: {error}.", "Make it anew.") from None
    return target


def unzip(path: Path, folder: Path) -> Path:
    """Write out the one file that a zip holds, below `folder`, and return where.

    Raises
    ------
    Unreadable
        If it is broken, holds another number of files, or would unpack to more than it may.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            held = [
                each for each in archive.infolist() if not each.is_dir() and not _MADE.search(each.filename)
            ]
            if len(held) != 1:
                message = f"The zip holds {len(held):,} files; one is read."
                raise Unreadable(message, "Unpack it, and contribute the folder.")
            target = folder / (Path(held[0].filename.replace("\\", "/")).name or "unpacked")
            with archive.open(held[0]) as source:
                spool(source, target, most(path.stat().st_size), "The file unpacks to more")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"The zip is broken, or has a password: {error}.", "Make it anew.") from None
    return target


def spool(
    source: IO[bytes] | gzip.GzipFile, target: Path, limit: int = MAX_BYTES, more: str = "There is more"
) -> None:
    """Write a stream to a file.

    Raises
    ------
    Unreadable
        If it has more bytes than `limit`.
    """
    done = 0
    with target.open("wb") as file:
        while part := source.read(_PART):
            done += len(part)
            if done > limit:
                raise Unreadable(f"{more} than {limit:,} bytes.", "Contribute it in parts, unpacked.")
            file.write(part)
