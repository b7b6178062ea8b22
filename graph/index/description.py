"""The description of an index: its small tables, and what every file that it rests on must hold.

A description is one file for each release, ``<release>.json``. It is written last, when all that it tells of is on
disk, and bears a digest of itself. Of each file it has the size and a checksum for each block of what the release
counts: an addition writes behind that, so it makes no older description false.

An index of up to `SMALL` bytes is held against its sums whenever it is opened. To read a larger one in full takes about
a second, so it is read in full once, and a stamp says which files those were: number, size, times of content and of
change. Whatever is done to a file through the file system changes them, and a change makes the whole be read again.
What a disk loses by itself changes no time; only `Description.findings`
sees it, which reads everything (``opentier verify``).
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.columns import Mode
from opentier.graph.errors import StoreError
from opentier.graph.index.format import ARCS, BACK, ENDS, FORMAT, KEYS, NODES, RECORDS, TEXTS, Tables
from opentier.graph.store.durable import sync

#: Bytes that one checksum is of.
BLOCK = 1 << 20
#: Bytes up to which an index is read in full whenever it is opened.
SMALL = 1 << 26
#: Seconds within which two changes of a file may bear the same time.
_GRAIN = 0.03
_HEAD = b'{"digest": "'
_DIGITS = 32


class Seal(NamedTuple):
    """What a file must be: its size, how many bytes from its beginning count, and the checksums of their blocks."""

    size: int
    counted: int
    sums: list[int]


@dataclass(frozen=True)
class Description:
    """What a release says of the files of its index, in a folder."""

    folder: Path
    tables: Tables
    seals: Mapping[str, Seal]
    digest: str

    @classmethod
    def read(cls, folder: Path, release: str) -> Description:
        """Read the description of a release.

        Raises
        ------
        StoreError
            If it is damaged, or of another format.
        """
        data = (folder / f"{release}.json").read_bytes()
        digest, rest = data[len(_HEAD) : len(_HEAD) + _DIGITS], data[len(_HEAD) + _DIGITS :]
        if data[: len(_HEAD)] != _HEAD or digest != _digest(rest):
            raise StoreError(f"{release}.json is damaged or of another format")
        said = json.loads(data)
        if said["format"] != FORMAT:
            raise StoreError(f"{release}.json is of another format")
        tables = Tables(**said["tables"])
        if tables.release != release:
            raise StoreError(f"{release}.json describes release {tables.release}")
        return cls(
            folder, tables, {name: Seal(*seal) for name, seal in said["seals"].items()}, digest.decode()
        )

    @classmethod
    def write(
        cls, folder: Path, tables: Tables, small: Mapping[str, Array], before: Description | None = None
    ) -> None:
        """Write the small tables and arrays of one release into the folder of an index; the last file makes it count.

        Parameters
        ----------
        before
            The description that this one is an addition to: what it counts is as it says.
        """
        release, known = tables.release, before.seals if before else {}
        draft = folder / f".{release}.npz"
        with draft.open("wb") as file:
            np.savez(file, **small)  # type: ignore[arg-type]
        draft.replace(folder / f"{release}.npz")
        seals = {
            name: _sealed(folder / name, counted, known.get(name))
            for name, counted in _counted(folder, tables).items()
        }
        with ThreadPoolExecutor(8) as pool:  # one after the other they wait five times as long
            list(pool.map(sync, [folder / name for name in seals]))
        sync(folder)
        said = {"format": FORMAT, "tables": asdict(tables), "seals": seals}
        rest = b'", ' + json.dumps(said, ensure_ascii=False).encode()[1:]
        digest, draft = _digest(rest), folder / f".{release}.json"
        draft.write_bytes(_HEAD + digest + rest)
        sync(draft)
        draft.replace(folder / f"{release}.json")
        sync(folder)
        written = cls(folder, tables, seals, digest.decode())
        if not written.small:
            written.stamp(written.seen())

    @property
    def small(self) -> bool:
        """Whether the files are read in full whenever the index is opened."""
        return sum(seal.counted for seal in self.seals.values()) <= SMALL

    @property
    def mode(self) -> Mode:
        """How the columns are opened: what is small is read into memory, where no change of the files reaches it."""
        return None if self.small else "c"

    @contextmanager
    def held(self, trusting: bool = True) -> Iterator[bool]:
        """Hold the files against what is said of them, and then yield whether they were read in full before, `trusting`
        the stamp; if they were not, stamp them when all that is made of them has held too.

        Raises
        ------
        StoreError
            If a file is not as it must be.
        """
        self._check()
        seen = None if self.small else self.seen()
        known = trusting and seen is not None and self.stamped(seen)
        if not known and (damage := "; ".join(self.findings())):
            raise StoreError(damage)
        yield known
        if seen is not None and not known:
            self.stamp(seen)

    def _check(self) -> None:
        """Compare what can be compared at once: which files there are, their sizes, and what their headers say."""
        for name, seal in self.seals.items():
            size = (self.folder / name).stat().st_size
            if size != seal.size:
                raise StoreError(f"{name} has {size} bytes and not {seal.size}")
        if _counted(self.folder, self.tables) != {name: seal.counted for name, seal in self.seals.items()}:
            raise StoreError("what its files hold is not what its tables count")

    def findings(self) -> Iterator[str]:
        """Read all that counts; yield what is not as it must be, in words."""
        for name, seal in self.seals.items():
            try:
                found = _sealed(self.folder / name, seal.counted)
            except (OSError, StoreError) as error:
                yield f"{name} cannot be read: {error}"
                continue
            if found.size != seal.size:
                yield f"{name} has {found.size} bytes and not {seal.size}"
            wrong = [place for place, (a, b) in enumerate(zip(found.sums, seal.sums, strict=True)) if a != b]
            if wrong:
                first, last = wrong[0] * BLOCK, min((wrong[-1] + 1) * BLOCK, seal.counted)
                yield f"{name} is damaged between byte {first} and byte {last}"

    # --- Stamps ------------------------------------------------------------------------------------------------------

    def seen(self) -> str:
        """Return what the files are by number, size and times, once the times tell any later change."""
        found = [os.stat(self.folder / name) for name in self.seals]
        if time.time() - max(one.st_ctime for one in found) < _GRAIN:
            time.sleep(_GRAIN)
            found = [os.stat(self.folder / name) for name in self.seals]
        told = hashlib.blake2b(self.digest.encode(), digest_size=16)
        for name, one in zip(self.seals, found, strict=True):
            times = (one.st_ino, one.st_size, one.st_mtime_ns, one.st_ctime_ns)
            told.update(f"{name} {times}\n".encode())
        return told.hexdigest()

    def stamped(self, seen: str) -> bool:
        """Return whether the files as they were seen were read in full before."""
        try:
            return self._stamp.read_bytes() == seen.encode()
        except OSError:
            return False

    def stamp(self, seen: str) -> None:
        """Note that the files as they were seen are what they must be; in a folder that is closed to us nothing is."""
        draft = self._stamp.with_name(f"{self._stamp.name}.{os.getpid()}.{time.monotonic_ns()}")
        try:
            draft.write_bytes(seen.encode())
            draft.replace(self._stamp)
        except OSError:
            draft.unlink(missing_ok=True)

    @property
    def _stamp(self) -> Path:
        return self.folder / f".{self.tables.release}.seen"


def digest(folder: Path, release: str) -> bytes:
    """Return the digest that a description bears."""
    with (folder / f"{release}.json").open("rb") as file:
        return file.read(len(_HEAD) + _DIGITS)[len(_HEAD) :]


def forget(folder: Path, release: str) -> None:
    """Remove the description of a release, so that nobody takes what is written next for what it told of."""
    (folder / f"{release}.json").unlink(missing_ok=True)
    sync(folder)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGITS // 2).hexdigest().encode()


def _counted(folder: Path, tables: Tables) -> dict[str, int]:
    """Return how many bytes of each file a release counts."""
    counts = tables.counts
    rows = dict.fromkeys(ARCS, counts["arcs"]) | dict.fromkeys(BACK, counts["back"])
    rows |= dict.fromkeys((*ENDS, *NODES), counts["nodes"]) | dict.fromkeys(RECORDS, counts["record"])
    rows |= {f"{name}.ends": counts[name] + 1 for name in TEXTS}
    found = {}
    for name, many in rows.items():
        start, width, length = _header(folder / f"{name}.npy")
        if many > length:
            raise StoreError(f"{name}.npy has {length} rows and not {many}")
        found[f"{name}.npy"] = start + many * width
    for name in TEXTS:
        last = np.fromfile(
            folder / f"{name}.ends.npy", np.uint64, 1, offset=found[f"{name}.ends.npy"] - 8
        ).item()
        found[f"{name}.heap.npy"] = _header(folder / f"{name}.heap.npy")[0] + last
    for name in (
        *(f"key.{key}.{part}.npy" for key in KEYS for part in ("hash", "number")),
        f"{tables.release}.npz",
    ):
        found[name] = (folder / name).stat().st_size
    return found


def _header(path: Path) -> tuple[int, int, int]:
    """Return where the rows of a column begin, how wide they are, and how many there are with the room."""
    with path.open("rb") as file:
        np.lib.format.read_magic(file)
        shape, _, kind = np.lib.format.read_array_header_1_0(file)
        return file.tell(), kind.itemsize, int(shape[0])


def _sealed(path: Path, counted: int, before: Seal | None = None) -> Seal:
    """Read what counts of a file, from the first block on that is not told of yet."""
    sums = list(before.sums[: before.counted // BLOCK]) if before else []
    with path.open("rb") as file:
        size, place = os.fstat(file.fileno()).st_size, file.seek(len(sums) * BLOCK)
        while place < counted:
            block = file.read(min(BLOCK, counted - place))
            if not block:
                raise StoreError(f"it ends at byte {place} and not at {counted}")
            sums.append(zlib.crc32(block))
            place += len(block)
    return Seal(size, counted, sums)
