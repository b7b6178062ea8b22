"""The words around a tier picture: its title, its description, and what it cannot say."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opentier.graph.picture.layout import Layout
from opentier.graph.picture.reading import MARKS, clean, counted

#: Actors and datasets that are named; all are counted.
MAX_NAMED = 12


def told(layout: Layout, said: Mapping[str, Sequence[str]]) -> tuple[str, str, list[str]]:
    """Return title, facts, and a description that holds the whole answer as text."""
    way = "downstream" if layout.downstream else "upstream"
    touched = sorted((a for a in layout.actors if a.mark), key=lambda a: (MARKS.index(a.mark), a.tier, a.iri))
    deep = counted(max(actor.tier for actor in layout.actors), "tier")
    facts = f"{counted(len(layout.actors) - 1, 'actor')} reached in {deep} {way}; {len(touched):,} touched."
    tiers = [
        f"{c.label}: {counted(c.actors, 'actor')}, {sum(many for _, many in c.marks):,} touched."
        for c in layout.columns
    ]
    marked = [
        f"{actor.name}, tier {actor.tier}: {'; '.join(actor.exposures[:1])}" for actor in touched[:MAX_NAMED]
    ]
    limits = ["Not testable:", *map(clean, said["untested"])] if said["untested"] else []
    title = f"Tier picture: {way} of {layout.root.name}"
    return title, facts, [*map(clean, said["verdict"]), facts, *tiers, *marked, *limits]


def below(
    trace: Mapping[str, Any], layout: Layout, said: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, list[str]]]:
    """Yield the paragraphs below the picture, by heading."""
    number, unsaid = layout.exposures, list(map(clean, said["untested"]))
    if layout.left_out:
        drawn = f"Drawn: the paths of {number - layout.left_out:,} of {number:,} exposures"
        unsaid.append(f"{drawn}, measures first; the others that are touched are counted in the boxes.")
    if layout.apart:
        unsaid.append(f"Not drawn: {counted(layout.apart, 'exposure')} to what is past or pending.")
    unsaid.append(
        "Tiers are counted for this root; every mark has its source in the path list, and accuses nobody."
    )
    yield "What this picture cannot say", unsaid
    sets = [
        clean(f"{each['id']} {each['version'] or ''} ({each['licence'] or 'licence unknown'})")
        for each in trace["limits"]["datasets"]
    ]
    more = f" and {len(sets) - MAX_NAMED:,} more" if len(sets) > MAX_NAMED else ""
    yield "Tested", [*map(clean, said["tested"]), f"Datasets: {'; '.join(sets[:MAX_NAMED]) or 'none'}{more}."]
