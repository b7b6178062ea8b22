"""The reached actors of an answer as rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from opentier.graph.exposure.exposures import Exposure
from opentier.graph.exposure.verdict import Verdict
from opentier.graph.model.names import Names
from opentier.graph.network.network import Actor
from opentier.graph.risk.incidents import Incident

#: Columns of the CSV form, one row for each reached actor: `reasons`, `designations` and `severity` are of exposures
#: that count; past and pending designations, where they are asked for, incidents and contradictions stand apart.
CSV_COLUMNS = (
    "verdict", "verdict_reasons", "tier", "id", "name", "country", "kind", "iri", "reasons", "designations",
    "severity", "past", "pending", "contradictions", "incidents",
)  # fmt: skip


def rows(
    verdict: Verdict,
    actors: Sequence[tuple[int, Actor]],
    exposures: Sequence[Exposure],
    incidents: Mapping[str, Sequence[Incident]],
    contradicted: Callable[[Exposure], Iterable[str]],
    names: Names,
) -> Iterator[tuple[Any, ...]]:
    """Yield a row of `CSV_COLUMNS` for each of some actors with their tiers; the verdict alone without exposures.

    Parameters
    ----------
    incidents
        Those of each actor, by its IRI.
    contradicted
        Gives the IRIs of what contradicts an exposure: its designation, or a hop of one of its paths.
    """
    touched: dict[str, list[Exposure]] = {}
    for exposure in exposures:
        touched.setdefault(exposure.actor, []).append(exposure)
    said = verdict.result, " ".join(verdict.reasons)
    if not touched:
        yield *said, *[None] * (len(CSV_COLUMNS) - len(said))
        return
    for tier, actor in actors:
        row = (tier, names.id(actor.iri), actor.name, actor.country, actor.kind, actor.iri)
        happened = "|".join(f"{names.id(each.iri)} ({each.status})" for each in incidents.get(actor.iri, ()))
        if actor.iri not in touched:
            yield *said, *row, "", "", None, "", "", "", happened
            continue
        states: dict[str, list[Exposure]] = {"current": [], "past": [], "pending": []}
        for exposure in touched[actor.iri]:
            for state in exposure.states:
                states[state].append(exposure)
        current = states.pop("current")
        reasons = "|".join(dict.fromkeys(exposure.reason for exposure in current))
        severity = max((exposure.severity.value for exposure in current), default=None)
        others = (_entries(found, names) for found in states.values())
        against = dict.fromkeys(names.id(iri) for each in touched[actor.iri] for iri in contradicted(each))
        yield *said, *row, reasons, _entries(current, names), severity, *others, "|".join(against), happened


def _entries(exposures: Sequence[Exposure], names: Names) -> str:
    return "|".join(dict.fromkeys(names.id(exposure.designation.iri) for exposure in exposures))
