"""The entity list of the Uyghur Forced Labor Prevention Act: a listing for each row, an actor for each entity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from opentier.graph.contribution.foreign import Source, SourceRow, slug
from opentier.graph.report.report import Where

FILE = "entities.csv"
#: What a cell may end in: the entities below the named one are listed, too.
_BELOW = re.compile(
    r",?\s+and\s+(?:its\s+)?(?:subsidiaries|subordinate and affiliated entities)$", re.IGNORECASE
)
#: A short form in brackets after a name.
_SHORT = re.compile(r"^(.+) \(([A-Z]{2,})\)$")
#: Aliases: how many are announced, or what they are; their text.
_ALIASES = re.compile(r"^\((?:(?:and|including) (\w+) alias(?:es)?: )?((?:also|formerly) known as .+|.+)\)$")
_KNOWN_AS = re.compile(r"(?:^|\s+and\s+)(?:also|formerly) known as\s+")
_PARTED = re.compile(r";\s*(?:and\s+)?")


class Unreadable(Exception):
    """A cell that the rules do not read, and what to do about it."""


class Named(NamedTuple):
    """What a row names: an entity, its other names, and whether those below it are listed, too."""

    name: str
    others: Sequence[str]
    below: bool


def convert(source: Source) -> None:
    """Emit a listing for each row, and each entity once, with all the names that its rows give it."""
    actors: dict[str, tuple[Where, str, list[str]]] = {}
    source.dated()
    seen: set[str] = set()
    for row in source.rows(FILE):
        try:
            found, day = _named(source, row), date.fromisoformat(row["effective_date"]).isoformat()
        except Unreadable as error:
            what, advice = error.args
            source.refuse(row.where, what, advice, column="as_printed", value=row["as_printed"])
            continue
        except ValueError:
            value = row["effective_date"]
            source.refuse(
                row.where, "This is no date.", "Write YYYY-MM-DD.", column="effective_date", value=value
            )
            continue
        under = source.lookup("lists", row["statutory_list"])
        if under is None:
            advice, value = "Add it to the lookup `lists` of adapters/uflpa.toml.", row["statutory_list"]
            source.refuse(
                row.where, "This list of the Act is not known.", advice, column="statutory_list", value=value
            )
            continue
        key = slug(found.name)
        listing = f"{key}-{under['id']}"
        if listing in seen:
            advice = "The first row is kept."
            source.warn(row.where, "This listing comes twice.", advice, column="name", value=found.name)
            continue
        seen.add(listing)
        _, _, names = actors.setdefault(key, (row.where, found.name, []))
        names += [name for name in (found.name, *found.others) if name not in (actors[key][1], *names)]
        source.emit(
            "designations",
            row.where,
            id=listing,
            target=key,
            effective_date=day,
            includes_subsidiaries="true" if found.below else "",
            note=f"Section {row['statutory_list']}: {under['of']}. Printed as: {row['as_printed'].rstrip('.')}.",
            **source.spec["designation"],
        )
    for key, (where, name, others) in actors.items():
        kinds = {"id": key, "name": name, "kind": "organisation"}
        source.emit("actors", where, **kinds, also_known_as="|".join(others))


def _named(source: Source, row: SourceRow) -> Named:
    """Return what a row names.

    Raises
    ------
    Unreadable
        If the cells do not fit each other or the rules.
    """
    name, rest = row["name"].strip(), row["aliases_as_printed"].strip()
    if not name or " ".join(filter(None, (name, rest))) != row["as_printed"].strip():
        raise Unreadable("Name and aliases are not the cell as printed.", "Part the printed cell anew.")
    below = bool(_BELOW.search(name) or _BELOW.search(rest))
    name, rest = _BELOW.sub("", name), _BELOW.sub("", rest)
    short = _SHORT.match(name)
    others = [short[2]] if short else []
    return Named(short[1] if short else name, [*others, *_aliases(source, rest)], below)


def _aliases(source: Source, text: str) -> list[str]:
    """Return the names that stand in brackets after a name."""
    if not text:
        return []
    found = _ALIASES.match(text)
    counted = found and found[1]
    if not found or (not counted and not _KNOWN_AS.match(found[2])):
        raise Unreadable(
            "The aliases are in no known form.", "Mend the cell, or teach adapters/uflpa.py its form."
        )
    names: list[str] = []
    for part in _PARTED.split(found[2]):
        for name in filter(None, map(str.strip, _KNOWN_AS.split(part))):
            known = source.lookup("names", name)
            if known is None and " and " in name:
                advice = "Say in the lookup `names` of adapters/uflpa.toml which names it is."
                raise Unreadable(f"The alias {name!r} may be two names.", advice)
            names += known or [name]
    if counted and source.lookup("numbers", counted) != len(names):
        raise Unreadable(
            f"The cell announces {counted}, and holds {len(names)} names.", "Compare it with the page."
        )
    return names
