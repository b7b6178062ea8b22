"""The audit log: each change of a data directory is a line, which is only added, and holds the hash of the one before.

A line says who (a key's id, `local`, or a subscription), what, when, and what came of it; never why, from where, or a
person's name. A line that was cut out or altered breaks the chain from there on, and lines that were cut off the end
are missed by the count that stands beside the log.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from opentier.graph.errors import OpenTierError, StoreError, UsageError, unable
from opentier.graph.identity.judgements import MATCHES
from opentier.graph.model.characters import one_line
from opentier.graph.model.versions import Version
from opentier.graph.store import durable, lock

#: Whoever acts on the machine itself, and who mends the log.
LOCAL, OURSELVES = "local", "opentier"
#: What the name of a subscription begins with, in whose name something is taken from another instance.
SUBSCRIPTION = "subscription:"
#: The act and the outcome of a line that says that a screening record is kept.
RECORDED = ("screening", "kept")
#: Characters of a text in a line, and bytes at the end of the log among which its last line is.
LONGEST, TAIL = 400, 1 << 14
#: Seconds for which one who writes a line waits for another one.
_PATIENCE = 30.0
#: Places at which the chain breaks that are told one by one.
MOST = 10
#: What the first line says of the one before it.
NONE = "0" * 64


@dataclass(frozen=True)
class Line:
    """A line: its number from 1, when (UTC), who did what to what, what came of it, a checksum, the hash before it."""

    number: int
    at: str
    who: str
    act: str
    what: str
    outcome: str
    checksum: str
    before: str

    def written(self) -> bytes:
        """Return it as it stands in the log."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


NAMES = tuple(field.name for field in fields(Line))


@dataclass
class Told:
    """What is to be told of an act that is under way; without an outcome nothing changed, and nothing is told."""

    what: str
    outcome: str = "done"
    checksum: str = ""


class Audit:
    """The audit log of a data directory."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file, self._last = folder, folder / "log.jsonl", folder / "last.json"

    # --- Written -------------------------------------------------------------------------------------------------

    @contextmanager
    def act(self, who: str, act: str, what: str = "") -> Iterator[Told]:
        """Write a line about what is done meanwhile, with what came of it, or what it was refused for."""
        told = Told(what)
        try:
            yield told
        except BaseException as error:
            kind = "refused" if isinstance(error, OpenTierError) else "failed"
            try:
                self.write(who, act, told.what, f"{kind}: {type(error).__name__}")
            except (OSError, OpenTierError) as unwritten:
                error.add_note(f"The audit log does not say so: {unwritten}")
            raise
        if told.outcome:
            try:
                self.write(who, act, told.what, told.outcome, told.checksum)
            except OSError as error:
                raise StoreError(
                    f"{act} {told.what} is done, but the audit log does not say so. {unable(error)}"
                ) from error

    def write(self, who: str, act: str, what: str, outcome: str, checksum: str = "") -> None:
        """Write a line, so that it is on disk when this returns.

        A line that a killed process left in pieces is cut off first, and a line says so.
        """
        durable.make(self.folder)
        with lock.held(self.folder / "lock", _PATIENCE, purpose="the audit log"):
            with open(self.file, "a+b", opener=_privately) as log:
                number, before = self._end(log.fileno())
                who, act, what, outcome = map(_short, (who, act, what, outcome))
                line = Line(number + 1, _now(), who, act, what, outcome, checksum, before).written()
                log.write(line)
                log.flush()
                os.fsync(log.fileno())
            self._count(number + 1, line)

    def _count(self, number: int, line: bytes) -> None:
        """Write how many lines there are, and the hash of the last."""
        said = json.dumps({"lines": number, "hash": _hashed(line)})
        durable.replace(self._last, said + "\n", private=True)

    def _end(self, log: int) -> tuple[int, str]:
        """Return the number of the last line of the log and its hash; what is not whole is cut off."""
        size = os.fstat(log).st_size
        tail = os.pread(log, TAIL, max(0, size - TAIL))
        whole = tail[: tail.rfind(b"\n") + 1]
        number, before = 0, NONE
        if last := whole[:-1].rpartition(b"\n")[2]:
            number, before = _number(last), _hashed(last + b"\n")
        if torn := tail[len(whole) :]:
            os.ftruncate(log, size - len(torn))
            said = f"{len(torn)} bytes of a line that was not written whole were cut off"
            line = Line(
                number + 1, _now(), OURSELVES, "mend", "audit log", said, _hashed(torn), before
            ).written()
            os.write(log, line)
            return number + 1, _hashed(line)
        return number, before

    # --- Read ----------------------------------------------------------------------------------------------------

    def lines(self, since: str = "", who: str = "") -> Iterator[Line]:
        """Yield the lines since a day, or of somebody; StoreError at one that is none."""
        for number, raw in enumerate(self._raw(), 1):
            line = _read(raw)
            if line is None:
                raise StoreError(f"Line {number} of {self.file} is none. See: opentier audit --verify")
            if line.at >= since and who in ("", line.who):
                yield line

    def recorded(self, who: str = "") -> dict[str, str]:
        """Return the screening records that somebody kept, by their ids, each with who kept it."""
        said = self.lines(who=who)
        return {line.what: line.who for line in said if (line.act, line.outcome) == RECORDED}

    def faults(self, versions: Iterable[Version] = ()) -> Iterator[str]:
        """Yield what is wrong with the log, in sentences: what was altered, cut out or cut off, and after what.

        Parameters
        ----------
        versions
            The versions of datasets, each of which a line tells of since there is a log.
        """
        known, lines = self._counted(), list[Line]()
        for place, said in enumerate(self._breaks(lines)):
            if place == MOST:
                yield f"There are more such places than {MOST}: nothing behind them is certain."
                break
            yield said
        number, ends = (
            (lines[-1].number, {line.number: _hashed(line.written()) for line in lines[-2:]})
            if lines
            else (0, {})
        )
        if known is None and lines:
            yield f"How many lines there were is not known: {self._last.name} is missing or unreadable."
        elif known and number < known[0]:
            yield f"The last line is number {number}, and there were {known[0]}: the last ones were cut off."
        elif known and ends.get(known[0], known[1]) != known[1]:
            yield f"Line {known[0]} is not as it was written: it has another hash than is kept beside the log."
        yield from _untold(lines, versions)

    def _breaks(self, lines: list[Line]) -> Iterator[str]:
        """Yield, in sentences, where the chain of lines breaks, once for each place; gather the lines that can be read.

        What stands behind a break is held against the line there, and not against what should stand there.
        """
        before, last, unread = NONE, 0, 0
        for place, raw in enumerate(self._raw(), 1):
            line = _read(raw)
            if line is None:
                unread = unread or place
                continue
            if unread:
                yield _unread(unread, place - 1)
            elif (line.before, line.number) != (before, last + 1):
                yield (
                    f"The chain breaks before line {place}: something was altered or cut out. It calls itself "
                    f"{line.number}, {last + 1} would be next, and it does not follow what stands before it."
                )
            lines.append(line)
            before, last, unread = _hashed(raw), line.number, 0
        if unread:
            yield _unread(unread, place)

    def end(self) -> tuple[int, str]:
        """Return how many lines there are, and the hash of the last one: what to keep elsewhere."""
        raw = list(self._raw())
        return len(raw), _hashed(raw[-1]) if raw else NONE

    def _raw(self) -> Iterator[bytes]:
        """Yield the lines as bytes; one at the end that is not whole is not written yet."""
        if not self.file.is_file():
            return
        with self.file.open("rb") as log:
            for line in log:
                if line.endswith(b"\n"):
                    yield line

    def _counted(self) -> tuple[int, str] | None:
        try:
            said = json.loads(self._last.read_bytes())
            return int(said["lines"]), str(said["hash"])
        except FileNotFoundError:
            return None if self.file.exists() else (0, NONE)
        except (OSError, ValueError, KeyError, TypeError):  # which `faults` tells
            return None


def _unread(first: int, last: int) -> str:
    return (
        f"Line {first} is not as it was written: it cannot be read."
        if first == last
        else f"Lines {first} to {last} are not as they were written: they cannot be read."
    )


def _untold(lines: Iterable[Line], versions: Iterable[Version]) -> Iterator[str]:
    """Yield, in sentences, which versions of datasets no line tells of; those that a rule makes need none."""
    begun, told = "", set()
    for line in lines:
        begun = begun or line.at
        told.add(line.checksum)
    for version in versions:
        if (
            version.dataset != MATCHES
            and begun
            and version.admitted[:19] > begun[:19]
            and version.checksum not in told
        ):
            yield (
                f"No line tells of {version.dataset} version {version.number}, admitted {version.admitted}: the "
                "process that admitted it was ended in the middle, or the log was altered."
            )


def since(day: str) -> str:
    """Return a day as lines are held against it; UsageError where it is none."""
    try:
        return datetime.date.fromisoformat(day).isoformat()
    except ValueError:
        raise UsageError(f"{day!r} is no day (YYYY-MM-DD).") from None


def _read(raw: bytes) -> Line | None:
    """Return a line as it was written; None where it is none."""
    try:
        line = Line(**json.loads(raw))
        return line if line.written() == raw else None
    except (ValueError, TypeError):
        return None


def _number(raw: bytes) -> int:
    """Return the number of a line; 0 where it says none, which whoever verifies the log will see."""
    line = _read(raw + b"\n")
    return line.number if line else 0


def _short(text: str) -> str:
    return one_line(text)[:LONGEST]


def _hashed(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
