"""Backups: a data directory as one file, a real copy, and the way back, checked first.

A backup is a tar file: what the directory is, the current release, everything contributed, the screening records, the
audit log, the replies that wait, the subscriptions, and the hashes of all of it. The index and the packages are left
out, since they are derived, and so are keys: whoever finds a backup, or restores an old one, is to have none that were
revoked since.
What is in a store elsewhere is in the backup too: restored, it is a directory that needs none.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from opentier.graph.errors import StoreError, UsageError, unable
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.store import durable, marker
from opentier.graph.store.directory import Store
from opentier.graph.triples import elsewhere

_HEAD = "opentier.json"


def backup(store: Store, file: Path, progress: Progress = silent) -> int:
    """Write the current release and all that was contributed to a new file; return how many files it holds.

    Nobody can write to the directory meanwhile.

    Raises
    ------
    UsageError
        If there is something at `file`, or its folder is not there.
    StoreError
        If nothing was contributed yet.
    """
    if file.exists():
        raise UsageError(f"There is something at {file} already; a backup overwrites nothing.")
    if not file.parent.is_dir():
        raise UsageError(f"There is no folder {file.parent}.")
    with store.writing(purpose="a backup"), store.scratch() as scratch:
        release = store.releases / store.release().id
        if store.damaged(release.name):
            raise StoreError(f"{release} is damaged, and no backup is made of it; see: opentier verify")
        for version in store.release().versions:
            folder = store.folder(version.dataset, version.number)
            if (wrong := durable.damaged(folder)) and (store.hashed or wrong != [durable.HASHES]):
                raise StoreError(
                    f"{folder} is damaged ({', '.join(wrong)}), and no backup is made of it; see: opentier verify"
                )
        kept = store.screenings
        if wrong := [id for id in kept.ids() if kept.wrong(id)]:
            raise StoreError(
                f"{kept.folder} is damaged ({', '.join(wrong)}), and no backup is made of it; see: opentier verify"
            )
        head, place = store.path / _HEAD, store.path
        if (release / elsewhere.NAME).exists():  # a backup holds all of it
            head, place, known = scratch / _HEAD, scratch, release
            head.write_text((store.path / _HEAD).read_text("utf-8"), "utf-8")
            marker.place(scratch, {})
            release = scratch / known.parent.name / known.name
            durable.make(release.parent)
            store.gather(release, progress)
        files = [(path, path.relative_to(place)) for path in (head, *_files(release))]
        files += [
            (path, path.relative_to(store.path))
            for path in (
                store.path / "current",
                *_files(store.contributions),
                *map(kept.file, kept.ids()),
                *_written(store.audit),
                *_written(store.replies),
                *_written(store.subscriptions),
            )
        ]
        draft = Path(tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)[1])
        try:
            with tarfile.open(draft, "w") as archive:
                lines = []
                for done, (path, named) in enumerate(files):
                    progress("copying", done, len(files))
                    name = named.as_posix()
                    with path.open("rb") as opened:
                        reader = _Hashed(opened)
                        archive.addfile(archive.gettarinfo(path, name), reader)
                    lines.append(f"{reader.hash.hexdigest()}  {name}\n")
                hashes = "".join(lines).encode()
                info = tarfile.TarInfo(durable.HASHES)
                info.size = len(hashes)
                archive.addfile(info, io.BytesIO(hashes))
            durable.sync(draft)
            durable.rename(draft, file)
        finally:
            draft.unlink(missing_ok=True)
        progress("copying", len(files), len(files))
        return len(files)


def restore(file: Path, path: Path, progress: Progress = silent) -> Store:
    """Make a data directory at `path` of a backup, once everything in it is found to be what it was.

    One of an earlier version is restored as it is; whoever opens it is told how to upgrade it.

    Raises
    ------
    UsageError
        If there is no such file.
    StoreError
        If `path` is not empty, or the backup is damaged or is none; nothing is left at `path`.
    """
    if not file.is_file():
        raise UsageError(f"There is no file {file}.")
    marker.check_empty(path)
    durable.make(path.absolute().parent)
    draft = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.absolute().parent))
    try:
        try:
            with tarfile.open(file) as archive:
                archive.extractall(draft, filter="data")
        except OSError as error:
            raise StoreError(f"Nothing was restored: {unable(error)}") from error
        except (tarfile.TarError, EOFError) as error:
            raise StoreError(f"{file} cannot be read: {error}. Nothing was restored.") from error
        wrong = _wrong(draft, progress)
        if wrong:
            raise StoreError(f"{file} is damaged: {', '.join(wrong[:5])}. Nothing was restored.")
        os.unlink(draft / durable.HASHES)
        try:
            _ = Store(draft, earlier=True).release().versions
        except StoreError as error:
            raise StoreError(f"{file} holds no data that opens: {error} Nothing was restored.") from error
        if path.is_dir():
            path.rmdir()
        durable.sync_all(draft)
        durable.rename(draft, path.absolute())
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Store(path, earlier=True)


class _Hashed(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, opened: IO[bytes]) -> None:
        self.opened, self.hash = opened, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        found = self.opened.read(size)
        self.hash.update(found)
        return found


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, those of drafts left out."""
    for item in sorted(folder.iterdir()) if folder.is_dir() else ():
        if item.is_dir() and not item.name.startswith("."):
            yield from _files(item)
        elif item.is_file():
            yield item


def _written(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder of what is written line by line, or one by one, without its lock."""
    yield from (path for path in _files(folder) if path.name != "lock" and not path.name.startswith("."))


def _wrong(folder: Path, progress: Progress) -> list[str]:
    """Return the names of files that are missing, not listed, or not what the list says."""
    listed = folder / durable.HASHES
    if not listed.is_file():
        return [f"{durable.HASHES} is missing"]
    wanted: dict[str, str] = {}
    for line in filter(None, listed.read_bytes().decode("utf-8", "replace").split("\n")):
        hashed, _, name = line.partition("  ")
        wanted[name] = hashed
    found = {path.relative_to(folder).as_posix(): path for path in _files(folder) if path != listed}
    wrong = [f"{name} is missing" for name in sorted(wanted.keys() - found.keys())]
    wrong += [f"{name} is not in the list" for name in sorted(found.keys() - wanted.keys())]
    for done, name in enumerate(sorted(found.keys() & wanted.keys())):
        progress("checking", done, len(found))
        if durable.sha256(found[name]) != wanted[name]:
            wrong.append(f"{name} is not what it was")
    progress("checking", len(found), len(found))
    return wrong
