"""Everything that a trace reached, as a list that can be filtered by tier and by group of the tier picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from opentier.graph.errors import Named, UsageError, mean
from opentier.graph.picture.columns import Columns
from opentier.graph.picture.folding import Folding
from opentier.graph.picture.marks import CALLED

Json = Mapping[str, Any]


def companies(
    scene: Json,
    reached: Sequence[Json],
    *,
    tier: int | None = None,
    group: str | None = None,
    page: int = 1,
    size: int,
) -> dict[str, Any]:
    """Return a part of the reached actors.

    Parameters
    ----------
    scene
        What the tier picture shows (see `TraceResult.scene`).
    reached
        The reached actors of the object of the trace, in the same order.
    tier, group
        Where given, only those of a tier, and of a group as the picture calls it.

    Raises
    ------
    UsageError
        If there is no such tier, group or page.
    """
    actors = scene["actors"]
    tiers = list(scene["tiers"])
    if tier is not None and tier not in tiers:
        told = f"{tiers[0]} to {tiers[-1]}" if tiers else "nobody was reached"
        raise UsageError(Named("tier"), f" {tier}: nobody is known there; known are {told}.")
    chosen = [one for one, actor in enumerate(actors) if tier in (None, actor["tier"])]
    if group is not None:
        folding = Folding(scene, Columns(scene))
        known = {called for groups in folding.groups.values() for called, _ in groups}
        if group not in known:
            raise UsageError(Named("group"), f" {group!r} is none of this picture.{mean(group, known, 12)}")
        inside = folding.members(group)
        chosen = [one for one in chosen if one in inside]
    found = part(len(chosen), page, size)
    if found["first"] > max(1, found["total"]):
        raise UsageError(Named("page"), f" runs from 1 to {found['pages']} here.")
    return {
        "part": found,
        "tiers": {str(each): many for each, many in scene["tiers"].items()},
        "tier": tier,
        "group": group,
        "rows": [
            _row(scene, actors[one], reached[one]) for one in chosen[found["first"] - 1 : found["last"]]
        ],
    }


def part(total: int, page: int, size: int) -> dict[str, int]:
    """Return which rows of a list stand on a page of it, counted from 1."""
    pages = max(1, -(-total // size))
    first = 1 + size * (page - 1)
    return {"total": total, "page": page, "pages": pages, "first": first, "last": min(total, size * page)}


def _row(scene: Json, actor: Json, known: Json) -> dict[str, Any]:
    titles = dict.fromkeys(scene["entries"][number]["title"] for number in actor["entries"])
    return {
        "id": actor["id"],
        "name": actor["name"],
        "tier": actor["tier"],
        "country": actor["place"],
        "kind": known["kind"].replace("-", " "),
        "mark": actor["mark"],
        "word": CALLED[actor["mark"]],
        "touched": list(titles),
        "links": actor["links"],
    }
