"""When designations count, and what they list for."""

from __future__ import annotations

from collections.abc import Sequence

from opentier.graph.trace.parameters import Parameters
from tests.oracles.rows import EVER, NEVER, Interval, Row, cell, dated, day_before, first, last, meet, window

IN_FORCE, OVER = ("active", "partially-active", "modified"), ("revoked", "inactive")
#: From a day on a designation is in force, or is not.
Word = tuple[str, bool]


class Listing:
    """A designation with its history."""

    def __init__(self, row: Row, changes: Sequence[Row]) -> None:
        self.row = row
        self.words = words(row, [change for change in changes if change["designation"] == row["id"]])
        self.intervals = intervals(self.words)

    @property
    def exploitation(self) -> list[str]:
        """What it lists for."""
        return cell(self.row, "exploitation") or ["not-stated"]

    def current(self, question: Parameters) -> bool:
        """Whether it counts: in force on the asked day, on some day of the window, or by the last word."""
        if dated(question):
            return any(meet(window(question), interval) for interval in self.intervals)
        return self.words[-1][1]

    def past(self, question: Parameters) -> bool:
        """Whether it does not count, and some word until the end of the asked time says that it is over."""
        over = any(day <= window(question)[1] for day, in_force in self.words if not in_force)
        return over and not self.current(question)

    def pending(self, question: Parameters) -> bool:
        """Whether it does not count, and begins (or begins again) after the asked time."""
        after = any(window(question)[1] < start for start, _ in self.intervals)
        return dated(question) and after and not self.current(question)

    def shown(self, question: Parameters) -> bool:
        """Whether it counts, or is a past or pending one that was asked for; and lists for what was asked."""
        if question.exploitation and not set(question.exploitation) & set(self.exploitation):
            return False
        return (
            self.current(question)
            or (question.past and self.past(question))
            or (question.pending and self.pending(question))
        )

    def in_force(self, live: Interval) -> bool:
        """Whether it was in force on some day of an interval."""
        return any(meet(live, interval) for interval in self.intervals)


def words(row: Row, changes: Sequence[Row]) -> list[Word]:
    """Return the history of a designation: what its own dates and status and its changes say, in order of date.

    It begins when it took effect, else when it was listed, else with a first change that says active, else it is
    in force for all time. What begins in a month or year begins on its first day; what ends in one ends on its
    last, which is no longer in force. Its own status has no date: revoked or inactive says something only where
    nothing dated ends it, and then that it is not in force from its beginning. Nobody says in which order changes of
    one day came: it is in force rather than not.
    """
    said = sorted(
        (first(change["date"]), True, change["status"] == "active")
        if change["status"] in IN_FORCE
        else (last(change["date"]), False, False)
        for change in changes
        if change["status"] in IN_FORCE + OVER
    )
    begins, delisted = row.get("effective_date") or row.get("listing_date"), row.get("delisting_date")
    ended = bool(delisted) or any(not in_force for _, in_force, _ in said)
    in_force = row.get("status") not in OVER or ended
    own: list[Word] = []
    if begins:
        own.append((first(begins), in_force))
    elif not said or not said[0][2]:
        own.append((EVER, in_force))
    if delisted:
        own.append((last(delisted), False))
    return sorted(own + [word[:2] for word in said], key=lambda word: word[0])


def intervals(said: Sequence[Word]) -> list[Interval]:
    """Return the intervals in which a history says that a designation is in force."""
    found: list[Interval] = []
    since: str | None = None
    for day, in_force in said:
        if in_force and since is None:
            since = day
        elif not in_force and since is not None:
            if since < day:
                found.append((since, day_before(day)))
            since = None
    return found if since is None else [*found, (since, NEVER)]
