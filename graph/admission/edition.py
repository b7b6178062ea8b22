"""Editions: whether a package is older than the version of its dataset that is current."""

from __future__ import annotations

import re

from packaging.version import InvalidVersion
from packaging.version import Version as Release

from opentier.graph.contribution.metadata import Metadata
from opentier.graph.model.dates import first_day, last_day
from opentier.graph.model.versions import Version
from opentier.graph.report.report import Report, Where

#: A date, with a time of the day or without.
_DATE = re.compile(r"(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:[T ].*)?", re.ASCII)


def check(said: Metadata, current: Version | None, report: Report, *, older: bool, based: int | None) -> None:
    """Report a package whose version or day of creation is older than that of the current version of its dataset.

    Parameters
    ----------
    older
        Whether it is meant to be.
    based
        The number of the version that it was made of, 0 for none, where that is said: it takes the place of no other.
    """
    number = current.number if current else 0
    if based is not None and based != number:
        report.add(
            "error", Where(""), f"The package was made of version {based} of {said.dataset}, and version {number} is "
            "current.", "Make it of the current one.",
        )  # fmt: skip
    if older or current is None:
        return
    for name, new, known in (
        ("version", said.version, current.package_version),
        ("created", said.created, current.created),
    ):
        if not new or not known or new == known:
            continue
        order = compared(new, known)
        if order is None:
            report.add(
                "info", Where(""), f"Whether {name} {new!r} is newer than {known!r}, that of version {current.number} "
                f"of {said.dataset}, cannot be told.", "Write dates as YYYY-MM-DD, or versions such as 2.1.",
                column=name, value=new,
            )  # fmt: skip
        elif order < 0:
            report.add(
                "error", Where(""), f"The package is older than what is there: its {name} is {new!r}, and that of "
                f"version {current.number} of {said.dataset}, which is current, {known!r}.",
                "Send the newer one; or give --older, if the older one shall count from now on.",
                column=name, value=new,
            )  # fmt: skip


def compared(new: str, known: str) -> int | None:
    """Return whether a version is older (-1), the same (0) or newer (1); None where that cannot be told.

    Dates are compared by their days, so that one of the same month may be either; others by their parts.
    """
    days = _days(new), _days(known)
    if days[0] and days[1]:
        (begin, end), (first, last) = days[0], days[1]
        if days[0] == days[1]:
            return 0
        return -1 if end < first else 1 if begin > last else None
    if days[0] or days[1]:
        return None
    try:
        releases = Release(new), Release(known)
    except InvalidVersion:
        return None
    return (releases[0] > releases[1]) - (releases[0] < releases[1])


def _days(text: str) -> tuple[int, int] | None:
    """Return the first and the last day of a date; None where there is none."""
    found = _DATE.fullmatch(text)
    try:
        return (first_day(found[1]), last_day(found[1])) if found else None
    except ValueError:
        return None
