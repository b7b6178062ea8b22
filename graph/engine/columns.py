"""Columns: arrays in the files of one folder, memory-mapped, with room at the end for what is added later.

Every column is one ``.npy`` file, longer than what it holds: rows beyond the count that a release knows are room.
Opened, a file is a private mapping: only what is touched is in memory, and what a process writes there stays its own.
They are written without waiting for the disk; who describes them waits (see `description`).
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Set
from pathlib import Path
from typing import Literal

import numpy as np

from opentier.graph.engine.arrays import Array, Ways
from opentier.graph.errors import StoreError

Mode = Literal["c", "r+"] | None


def room(count: int) -> int:
    """Return how many rows to keep free behind `count`."""
    return max(4096, count // 16)


def save(folder: Path, name: str, array: Array, free: int = 0) -> None:
    """Write a column with room for `free` more rows; the room is a hole in the file."""
    said = np.lib.format.header_data_from_array_1_0(array) | {"shape": (len(array) + free,)}
    with (folder / f"{name}.npy").open("wb") as file:  # through a mapping, a full disk would end the process
        np.lib.format.write_array_header_1_0(file, said)
        array.tofile(file)
        file.truncate(file.tell() + free * array.itemsize)


def load(folder: Path, name: str, mode: Mode = "c") -> Array:
    """Open a column as a private mapping of its file; with mode ``r+`` as one that writes to it, with None in memory.

    A file that is cut short while it is mapped ends the process that reads on: nobody but an addition may write to the
    files of an index, and only behind what counts. What takes an index away unlinks its files, which disturbs nobody.

    Raises
    ------
    StoreError
        If the file is no column, whatever is wrong with it.
    """
    path = folder / f"{name}.npy"
    try:
        return np.asarray(np.load(path, mmap_mode=mode if path.stat().st_size > 128 else None))
    except Exception as error:
        raise StoreError(f"{path.name} cannot be read: {error}") from error


#: Some texts: where each ends, and all of them (see `Strings`).
Packed = tuple[Array, Array]


class Strings:
    """Texts as one heap of UTF-8 bytes and the offset at which each ends.

    Parameters
    ----------
    ends : uint64, shape (texts + 1 + room,)
        Where each text begins; the next entry is where it ends.
    heap : uint8
        The bytes.
    """

    def __init__(self, ends: Array, heap: Array) -> None:
        self.ends, self.heap = ends, heap

    def __getitem__(self, number: int) -> str:
        return self.heap[int(self.ends[number]) : int(self.ends[number + 1])].tobytes().decode()

    @staticmethod
    def pack(texts: Iterable[str]) -> Packed:
        """Return offsets and heap of some texts."""
        heap, ends = bytearray(), array("Q", [0])
        for text in texts:
            heap += text.encode()
            ends.append(len(heap))
        return np.frombuffer(ends, np.uint64), np.frombuffer(heap, np.uint8)

    @staticmethod
    def fixed(texts: Array) -> Packed:
        """Return offsets and heap of an array of bytes of one width (dtype S)."""
        width, count = texts.dtype.itemsize, len(texts)
        return np.arange(count + 1, dtype=np.uint64) * np.uint64(width), texts.view(np.uint8)

    @classmethod
    def open(cls, folder: Path, name: str, mode: Mode = "c") -> Strings:
        """Open the two columns of texts."""
        return cls(load(folder, f"{name}.ends", mode), load(folder, f"{name}.heap", mode))

    @staticmethod
    def save(folder: Path, name: str, packed: Packed) -> None:
        """Write offsets and heap, each with room."""
        free = room(len(packed[0]))
        save(folder, f"{name}.ends", packed[0], free)
        save(folder, f"{name}.heap", packed[1], free * 64)

    def append(self, count: int, packed: Packed) -> bool:
        """Add packed texts behind the first `count`; return whether there was room for all of them."""
        more, heap = packed
        begin = int(self.ends[count])
        if count + len(more) > len(self.ends) or begin + len(heap) > len(self.heap):
            return False
        self.heap[begin : begin + len(heap)] = heap
        self.ends[count : count + len(more)] = more + np.uint64(begin)
        return True


NO_TEXTS: Packed = Strings.pack(())


def key(text: str) -> int:
    """Return 64 bits that stand for a text."""
    return int.from_bytes(
        hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), "little"
    )


class Keys:
    """Numbers by text: the hashes of the texts, sorted, and the number that each stands for.

    Two texts may share a hash, so a finder compares what it finds.

    Attributes
    ----------
    gone
        Numbers that nothing stands for any more.
    """

    def __init__(self, hashes: Array, numbers: Array) -> None:
        self.hashes, self.numbers = hashes, numbers
        self.more: dict[int, list[int]] = {}
        self.gone: Set[int] = frozenset()

    def find(self, text: str) -> list[int]:
        """Return the numbers that may belong to a text."""
        wanted = np.uint64(key(text))
        low, high = (int(np.searchsorted(self.hashes, wanted, side)) for side in ("left", "right"))
        found = (*map(int, self.numbers[low:high]), *self.more.get(int(wanted), ()))
        return [number for number in found if number not in self.gone]

    def add(self, text: str, number: int) -> None:
        """Add one, in memory."""
        known = self.more.setdefault(key(text), [])
        if number not in known:
            known.append(number)

    @staticmethod
    def pack(hashes: Array, numbers: Array) -> tuple[Array, Array]:
        """Return both columns in the order of the hashes, each pair once."""
        order = np.lexsort((numbers, hashes))
        hashes, numbers = hashes[order], numbers[order]
        keep = np.ones(len(hashes), bool)
        keep[1:] = (hashes[1:] != hashes[:-1]) | (numbers[1:] != numbers[:-1])
        return hashes[keep], numbers[keep]

    @classmethod
    def open(cls, folder: Path, name: str, mode: Mode = "c") -> Keys:
        """Open the two columns."""
        return cls(load(folder, f"{name}.hash", mode), load(folder, f"{name}.number", mode))

    def extend(self, hashes: Array, numbers: Array) -> None:
        """Add what was kept beside the columns."""
        for hashed, number in zip(hashes.tolist(), numbers.tolist(), strict=True):
            self.more.setdefault(hashed, []).append(number)

    @staticmethod
    def save(folder: Path, name: str, packed: tuple[Array, Array]) -> None:
        """Write the two columns."""
        save(folder, f"{name}.hash", packed[0])
        save(folder, f"{name}.number", packed[1])


def leading(ways: Ways, nodes: Array) -> Array:
    """Return the numbers of the arcs at some nodes, node by node: int64."""
    rows = spread(ways.begin[nodes].astype(np.int64), ways.end[nodes].astype(np.int64))
    return ways.arc[rows].astype(np.int64) if len(ways.arc) else rows


def spread(begin: Array, end: Array) -> Array:
    """Return the numbers from each begin up to its end, one range after the other."""
    counts = end - begin
    return np.repeat(end - np.cumsum(counts), counts) + np.arange(int(counts.sum()))
