"""What survives a power cut: files are synced before their folder, and both before whatever points to them."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

#: The file in a folder that holds the hashes of the others, as ``sha256sum --check`` reads them.
HASHES = "SHA256SUMS"
#: Files that an engine changes when it only reads.
_CHANGING = ("LOG", "LOCK")
#: Nanoseconds after a change within which another one may leave the same times: clocks of files tick slowly.
_TICK = 100_000_000


class Unchanged(Generic[T]):
    """What is read of some files, read again once one of them, or what a folder among them lists, may have changed.

    Nothing is concluded of files that were changed a moment ago: another change within the same tick of their clock
    would not be seen (Git, technical/racy-git.txt).

    Parameters
    ----------
    files
        Names what is read, and may be missing.
    read
        Reads it. What it raises is raised, and nothing is kept.
    """

    def __init__(self, files: Callable[[], Iterable[Path]], read: Callable[[], T]) -> None:
        self._files, self._read = files, read
        self._last: tuple[tuple[Path, ...], object, T] | None = None

    def get(self) -> T:
        """Return what the files say now."""
        last = self._last
        if last is not None and _lie(last[0]) == last[1]:
            return last[2]
        files = tuple(self._files())
        seen = _lie(files)
        found = self._read()
        self._last = None if seen is None else (files, seen, found)
        return found


def _lie(files: Iterable[Path]) -> list[tuple[int, ...]] | None:
    """Return what differs after any change of some files; None where one is too new to tell."""
    found, settled = list[tuple[int, ...]](), time.time_ns() - _TICK
    for file in files:
        try:
            said = os.stat(file)
        except OSError:
            found.append(())
            continue
        if max(said.st_mtime_ns, said.st_ctime_ns) > settled:
            return None
        found.append((said.st_dev, said.st_ino, said.st_size, said.st_mtime_ns, said.st_ctime_ns))
    return found


def sync(path: Path) -> None:
    """Wait until a file, or the list of names of a folder, is on disk; what was written through a mapping too."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def sync_all(folder: Path) -> None:
    """Write a folder to disk, all that lies in it first."""
    for item in sorted(folder.iterdir()):
        if item.is_dir():
            sync_all(item)
        else:
            sync(item)
    sync(folder)


def rename(source: Path, target: Path) -> None:
    """Give a synced file or folder its name, and write that name to disk."""
    source.rename(target)
    sync(target.parent)


def make(folder: Path) -> None:
    """Make a folder, those above it included, so that their names are on disk."""
    missing = [above for above in (folder, *folder.parents) if not above.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in missing:
        sync(made.parent)


def remove(file: Path) -> None:
    """Remove a file, and write to disk that it is gone."""
    file.unlink(missing_ok=True)
    sync(file.parent)


def replace(path: Path, text: str, *, private: bool = False) -> None:
    """Write a file so that it is either the old one or the new one; a private one is its owner's alone."""
    draft = path.with_name(f".{path.name}.new")
    if private:
        draft.unlink(missing_ok=True)
        draft.touch(0o600)
    draft.write_text(text, "utf-8")
    sync(draft)
    rename(draft, path)


# --- Hashes ------------------------------------------------------------------------------------------------------


def write_hashes(folder: Path, like: Path | None = None) -> None:
    """Write the hashes of the files of a folder into it.

    A file that is the same one (a hard link) in the folder `like` has the hash that is written there.
    """
    known = {(like / name).stat().st_ino: hashed for name, hashed in _hashes(like).items()} if like else {}
    lines = [
        f"{known.get(file.stat().st_ino) or sha256(file)}  {file.name}\n"
        for file in sorted(folder.iterdir())
        if file.name not in (HASHES, *_CHANGING)
    ]
    (folder / HASHES).write_text("".join(lines), "utf-8")


def damaged(folder: Path) -> list[str]:
    """Return the names of the files of a folder that are not what its hashes say, missing ones among them.

    Without hashes nothing can be told, and the list of them is what is missing.
    """
    if not (folder / HASHES).is_file():
        return [HASHES]
    return [name for name, hashed in _hashes(folder).items() if _changed(folder / name, hashed)]


def suspicious(folder: Path) -> list[str]:
    """Return the same at little cost: of the files that were written to since their hashes were."""
    if not (folder / HASHES).is_file():
        return [HASHES]
    written = (folder / HASHES).stat().st_mtime_ns
    return [
        name
        for name, hashed in _hashes(folder).items()
        if not (file := folder / name).is_file()
        or (file.stat().st_mtime_ns > written and _changed(file, hashed))
    ]


def _changed(file: Path, hashed: str) -> bool:
    return not file.is_file() or sha256(file) != hashed


def _hashes(folder: Path) -> dict[str, str]:
    file = folder / HASHES
    lines = file.read_bytes().decode("utf-8", "replace").split("\n") if file.is_file() else []
    return {line[66:]: line[:64] if line[64:66] == "  " else "" for line in lines if line}


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def read_ahead(files: Iterable[Path], told: Callable[[int], None]) -> None:
    """Read files, so that the system has them in memory; those that are gone meanwhile are none.

    A page that asks for a thousand statements waits for as many places of a disk.

    Parameters
    ----------
    told
        Told how many bytes each step read.
    """
    part = memoryview(bytearray(1 << 20))
    for each in files:
        with suppress(FileNotFoundError), each.open("rb", buffering=0) as file:
            while read := file.readinto(part):
                told(read)
