"""When a designation is in force: its own dates, its status and all its status changes, as intervals of days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from opentier.graph.model.dates import EVER, NEVER, first_day, last_day

#: The statuses that say that a designation is not in force.
ENDED = frozenset({"revoked", "inactive"})


@dataclass(frozen=True)
class History:
    """The days on which a designation is in force.

    Attributes
    ----------
    intervals
        From the first to the last day of each.
    over
        The first day from which it is said not to be in force any longer, NEVER where that is not said.
    """

    intervals: tuple[tuple[int, int], ...]
    over: int


def history(
    begin: str | None, delisting: str | None, status: str | None, changes: Sequence[tuple[str, str]]
) -> History:
    """Return when a designation is in force.

    A month or a year opens on its first day and closes on its last; a day that closes is no longer in force. A status
    of the entry itself has no date: that it ended counts only where nothing dated ends it, and then from its beginning.

    Parameters
    ----------
    begin
        The date from which it takes effect, else the one on which it was listed; without it it is in force for all
        time before its first change, unless that makes it active.
    changes
        Date and status of each change. Nobody says in which order those of one day came: what ends it goes first, and
        what makes it active last, so that it is in force rather than not.
    """
    changes = ordered(changes)
    turns = [(first_day(begin), True)] if begin else []
    turns += [(last_day(delisting), False)] if delisting else []
    turns += [(last_day(date), False) if said in ENDED else (first_day(date), True) for date, said in changes]
    dated_end = delisting is not None or any(said in ENDED for _, said in changes)
    never = status in ENDED and not dated_end
    begins_later = bool(begin) or bool(changes and changes[0][1] == "active")
    if never and begin:
        turns[0] = (turns[0][0], False)
    elif never and not begins_later:
        turns.append((EVER, False))
    found: list[tuple[int, int]] = []
    since = None if begins_later or never else EVER
    for day, on in sorted(turns, key=lambda turn: turn[0]):
        if on and since is None:
            since = day
        elif not on and since is not None:
            if since < day:
                found.append((since, day - 1))
            since = None
    over = min((day for day, on in turns if not on), default=NEVER)
    return History((*found, *(() if since is None else ((since, NEVER),))), over)


def ordered(changes: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return date and status of some changes in the order in which they count."""
    return sorted(changes, key=lambda said: (_turn(*said), said[1] not in ENDED, said[1] == "active", said))


def contradicting(changes: Iterable[tuple[str, str]]) -> bool:
    """Return whether of one day some changes end a designation, and others say that it is in force."""
    days: dict[int, set[bool]] = defaultdict(set)
    for date, said in changes:
        days[_turn(date, said)].add(said in ENDED)
    return any(len(said) > 1 for said in days.values())


def _turn(date: str, status: str) -> int:
    """Return the day on which a change counts."""
    return last_day(date) if status in ENDED else first_day(date)
