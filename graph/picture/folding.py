"""How the actors of a picture are folded into groups: by tier, then by country or by what touches them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from opentier.graph.picture.columns import Columns

Json = Mapping[str, Any]

#: Actors up to which each has its name; groups of a tier, and with more tiers than `FEW`.
NAMED, FEW = 60, 3
_GROUPS, _FEWER = 7, 5
#: A country with more than this part of all actors tells nothing: they are grouped by what touches them.
_NEARLY_ALL = 0.9


class Folding:
    """The groups of a scene.

    Attributes
    ----------
    every
        Whether each actor has its name.
    by_entry
        Whether groups are of what touches their actors, and not of countries.
    groups
        Those of each column in order: what each is called, and the numbers of its actors.
    """

    def __init__(self, scene: Json, columns: Columns) -> None:
        self.scene, self.columns = scene, columns
        self.actors: Sequence[Json] = scene["actors"]
        self.every = len(self.actors) <= NAMED
        countries = Counter(actor["place"] for actor in self.actors)
        self.main: str = max(countries, key=lambda place: (countries[place], place), default="")
        most = countries[self.main]
        self.by_entry = not self.every and bool(scene["entries"]) and most > _NEARLY_ALL * len(self.actors)
        cells: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for one, actor in enumerate(self.actors):
            cells[columns.number(actor["tier"])][self._key(actor)].append(one)
        in_all = Counter[str]()
        for found in cells.values():
            for key, group in found.items():
                in_all[key] += len(group)
        #: The size of the largest group before any are put together.
        self.most = max((len(group) for found in cells.values() for group in found.values()), default=1)
        self.groups = {column: self._ordered(found, in_all) for column, found in sorted(cells.items())}

    def members(self, called: str) -> set[int]:
        """Return the numbers of the actors of the groups of a name, in all tiers."""
        return {
            one for found in self.groups.values() for name, group in found if name == called for one in group
        }

    def _key(self, actor: Json) -> str:
        """Return the name of the group of an actor."""
        place: str = actor["place"]
        if not self.by_entry:
            return place
        found = list(dict.fromkeys(self.scene["entries"][entry]["short"] for entry in actor["entries"]))
        if not found:
            return "Nothing known" if place == self.main else place
        said = ", ".join(found[:2]) + (f" and {len(found) - 2} more" if len(found) > 2 else "")
        return said[0].upper() + said[1:]

    def _ordered(self, found: Mapping[str, list[int]], in_all: Counter[str]) -> list[tuple[str, list[int]]]:
        """Return the groups of a column in order; where there are many, the last of them together."""
        groups = sorted(found.items(), key=lambda each: (*self._first(each[1], in_all[each[0]]), each[0]))
        most = len(groups) if self.every else _FEWER if self.columns.many > FEW else _GROUPS
        if len(groups) <= most + 1:
            return groups
        rest = [one for _, group in groups[most:] for one in group]
        kind = "groups" if self.by_entry else "countries"
        return [*groups[:most], (f"{len(groups) - most} other {kind}", rest)]

    def _first(self, group: list[int], in_all: int) -> tuple[int, int]:
        """Return by what groups are ordered: where each has its name, by measures; else as in all other tiers."""
        if not self.every:
            return -in_all, 0
        return -sum(self.actors[one]["mark"] == "measure" for one in group), -len(group)
