"""Actors that rows name without having a table of them: each gets an id made of its name and its country."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from opentier.graph.contribution.foreign import slug
from opentier.graph.contribution.report import Report, Where
from opentier.graph.contribution.staging import Row
from opentier.graph.model import cells, identifiers
from opentier.graph.model.names import digest

#: Characters of a made id that come from the name; a longer one ends with a digest of all of it.
_MOST = 80
#: What names an actor of an admitted dataset: an IRI, or ``dataset/local-id``.
_ELSEWHERE = re.compile(r"(?:https?://|urn:)\S+|[a-z0-9]+(?:[-_.][a-z0-9]+)*/[^\s/]+")


def made(name: str, country: str = "") -> str:
    """Return the id of an actor that only has a name, and perhaps a country: the same for the same two, always."""
    words = slug(name) or digest([name])
    if len(words) > _MOST:
        words = f"{words[:_MOST].rstrip('-')}-{digest([words])}"
    if not country:
        return words
    try:
        return f"{words}-{cells.country(country).lower()}"
    except cells.CellError:
        return f"{words}-{slug(country)}"


@dataclass
class Parties:
    """The actors of a file, each once: what its first row says stands, what another row adds is added."""

    report: Report
    rows: dict[str, Row] = field(default_factory=dict)
    _told: set[tuple[str, str, str]] = field(default_factory=set)

    def named(self, where: Where, column: str, said: Mapping[str, str]) -> str:
        """Return what a row refers to by a name; the actor is added, where it is none of another dataset."""
        if not said.get("id") and _ELSEWHERE.fullmatch(said["name"]):
            return said["name"]
        return self._add(where, column, said)

    def listed(self, where: Where, said: Mapping[str, str]) -> None:
        """Add the actor that a row of actors is about."""
        if not self._add(where, "name", said) and not said.get("name"):
            self.report.add(
                "error", where, "This cell is empty.", "Fill it; every row needs it.", column="name"
            )

    def _add(self, where: Where, column: str, said: Mapping[str, str]) -> str:
        name, id = said.get("name", ""), said.get("id", "")
        if name and not id and identifiers.filler(name):
            self.report.add(
                "error", where, "This names nobody.", "Give the name, or leave the row out.",
                column=column, value=name,
            )  # fmt: skip
            return ""
        return self._keep(where, said) if name or id else ""

    def _keep(self, where: Where, said: Mapping[str, str]) -> str:
        """Add what a row says of an actor, and return its id."""
        name = said.get("name", "") or said.get("id", "")
        id = said.get("id") or made(name, said.get("country", ""))
        first = self.rows.setdefault(id, Row(where, {"id": id, "name": name}))
        known = dict(first.cells)
        for column, value in ((column, value) for column, value in said.items() if value):
            kept = known.setdefault(column, value)
            if kept != value and (id, column, value) not in self._told:
                self._told.add((id, column, value))
                message = f"Row {first.where.row} says {kept[:100]!r} of {id}: that is kept."
                self.report.add(
                    "warning", where, message, "Say the same in all rows.", column=column, value=value
                )
        self.rows[id] = Row(first.where, known)
        return id
