"""The work directory of a job: what was asked, and what is done of it, round by round, so that a killed job goes on.

Everything is written under a draft's name, and gets its own when it is whole. Frames are read back from there: what a
round rests on is a file, and never the way in which it came about.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from opentier.graph.distributed import columns
from opentier.graph.engine.arrays import Array
from opentier.graph.errors import StoreError, UsageError, unable
from opentier.graph.store import durable, lock

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

FORMAT = 1
JOB = "job.json"
_DRAFT = ".draft"
#: What makes a path a pattern.
_PATTERN = set("*?[]{}\\")
#: Types of frames, and those of arrays that are written as such.
_TYPES = {
    "bigint": np.int64,
    "int": np.int16,
    "double": np.float64,
    "boolean": np.bool_,
    "string": np.object_,
}


def grouped(frame: DataFrame, by: str | list[str], *made: str) -> DataFrame:
    """Return what expressions make of the rows that are alike in a column, or in some."""
    from pyspark.sql import functions

    return frame.groupBy(by).agg(*(functions.expr(text) for text in made))


class Work:
    """A work directory, while one job holds it.

    Parameters
    ----------
    folder
        Where it is, by a path that the session's machines have in common.
    """

    def __init__(self, folder: Path, session: SparkSession) -> None:
        self.folder, self.session = folder.resolve(), session

    def read(self, *names: str) -> DataFrame:
        """Return what is kept under some names, one after the other, as a frame."""
        return self.session.read.parquet(*(str(self.folder / name) for name in names))

    def has(self, name: str) -> bool:
        """Return whether something is kept under a name."""
        return (self.folder / name).exists()

    def small(self, name: str, table: Mapping[str, Array | list[Any]]) -> DataFrame:
        """Keep a table that this process made, and return it as a frame."""
        if not self.has(name):
            draft = self.folder / f"{name}{_DRAFT}"
            draft.parent.mkdir(parents=True, exist_ok=True)
            columns.save(draft, table)
            durable.sync(draft)
            durable.rename(draft, self.folder / name)
        return self.read(name)

    def kept(self, name: str, made: Callable[[], DataFrame]) -> DataFrame:
        """Return what is kept under a name; made and written first, if it is not there."""
        if not self.has(name):
            draft = self.folder / f"{name}{_DRAFT}"
            shutil.rmtree(draft, ignore_errors=True)
            frame = made()
            frame.write.mode("overwrite").parquet(str(draft))
            if not any(draft.glob("*.parquet")):
                self._nothing(frame, draft)
            durable.sync_all(draft)
            durable.rename(draft, self.folder / name)
        return self.read(name)

    def _nothing(self, frame: DataFrame, draft: Path) -> None:
        """Write a table without rows where nothing was written, for there was nothing: some engines leave it out."""
        if frame.limit(1).count():
            raise StoreError(
                f"Nothing was written to {draft}: the machines of the session have another directory there. Name one "
                "that they share."
            )
        draft.mkdir(parents=True, exist_ok=True)
        table: dict[str, Array | list[Any]] = {name: np.zeros(0, _TYPES[kind]) for name, kind in frame.dtypes}
        columns.save(draft / "part-00000.parquet", table)

    def forget(self, name: str) -> None:
        """Remove what is kept under a name."""
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def last(self, stem: str) -> int:
        """Return the number of the last round that is kept under a stem, 0 where there is none."""
        found = (
            re.fullmatch(rf"{re.escape(stem)}-(\d+)", path.name) for path in self.folder.glob(f"{stem}-*")
        )
        return max((int(match[1]) for match in found if match), default=0)

    def rounds(
        self, stem: str, first: Callable[[], DataFrame], following: Callable[[DataFrame, int], DataFrame], most: int,
        done: Callable[[DataFrame, int], bool] = lambda state, number: False,
    ) -> DataFrame:  # fmt: skip
        """Return what some rounds come to, each made of the one before, from the last one on that is whole.

        Parameters
        ----------
        first, following
            Make the first round, and each of the others by its number, from 2 on.
        most
            How many there are at most, the first among them.
        done
            Is told each round and its number, and returns whether it is the last.
        """
        number = self.last(stem)
        if not number:
            number = 1
            self.kept(f"{stem}-1", first)
        state = self.read(f"{stem}-{number}")
        while not done(state, number) and number < most:
            before, number = state, number + 1
            state = self.kept(f"{stem}-{number}", lambda: following(before, number))  # noqa: B023
            self.forget(f"{stem}-{number - 1}")
        return state


@contextmanager
def directory(given: Path | None) -> Iterator[Path]:
    """Return a directory for work: the one that is given, else a temporary one of this machine."""
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="opentier-") as place:
        yield Path(place)


@contextmanager
def held(folder: Path, session: SparkSession, asked: dict[str, Any]) -> Iterator[Work]:
    """Hold a work directory for a job.

    Parameters
    ----------
    asked
        What tells this job from others; JSON.

    Raises
    ------
    UsageError
        If the directory is another job's.
    StoreBusy
        If another process works there.
    """
    if found := sorted(set(str(folder.resolve())) & _PATTERN):
        raise UsageError(
            f"{folder} holds {' '.join(found)}, which are patterns to Spark. Name another directory."
        )
    said = json.loads(json.dumps({"format": FORMAT, **asked}, default=str))
    try:
        durable.make(folder)
        with lock.held(folder / ".lock", 0.0):
            known = folder / JOB
            if known.exists():
                _same(known, said)
            elif any(path.name not in (".lock", "index") for path in folder.iterdir()):
                raise UsageError(
                    f"{folder} holds other things. Name a directory that is empty, or is not there."
                )
            else:
                durable.replace(known, json.dumps(said, indent=1, ensure_ascii=False) + "\n")
            yield Work(folder, session)
    except OSError as error:
        raise StoreError(f"The work directory cannot be used: {unable(error)}") from error


def _same(file: Path, said: dict[str, Any]) -> None:
    try:
        known = json.loads(file.read_text("utf-8"))
    except ValueError:
        known = {}
    other = sorted(name for name in {*known, *said} if known.get(name) != said.get(name))
    if other:
        raise UsageError(
            f"{file.parent} is the work directory of another job (it differs in {', '.join(other)}). Name another one, "
            "or remove it."
        )
