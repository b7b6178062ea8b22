"""Exposures: which reached actors a designation touches, why, by which paths, and how severe that is."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path as FilePath
from typing import Any

from opentier.graph.dates import first_day, last_day
from opentier.graph.errors import UsageError
from opentier.graph.network import Actor, Designation, Place
from opentier.graph.parameters import Parameters
from opentier.graph.paths import Path, State
from opentier.graph.products import Product
from opentier.graph.trace import Trace

_DIRECT = frozenset({"start", "supply", "operation-up", "operation-down"})
_REASONS = {
    "ownership-up": "owner-up",
    "ownership-down": "owner-down",
    "recruitment": "recruiter",
    "co-location": "co-location",
}
_PAST = frozenset({"revoked", "inactive"})
_YEAR = 365.25


@dataclass(frozen=True)
class Severity:
    """The product of its factors, each in 0..1."""

    factors: Mapping[str, float]

    @property
    def value(self) -> float:
        """The product, rounded to six digits."""
        product = 1.0
        for factor in self.factors.values():
            product *= factor
        return round(product, 6)


@dataclass(frozen=True)
class Exposure:
    """A reached actor (or the root), the designation that touches it, and the reason."""

    actor: str
    tier: int
    designation: Designation
    reason: str
    scope: str  # "whole", "match" or "unknown"
    past: bool
    paths: tuple[Path, ...]
    severity: Severity


def weights(path: FilePath | None = None) -> dict[str, Any]:
    """Return the weights of the severity factors, from a TOML file or the ones that ship.

    Raises
    ------
    UsageError
        If the file is not TOML or lacks a weight.
    """
    shipped = tomllib.loads(files("opentier.graph").joinpath("severity.toml").read_text("utf-8"))
    if path is None:
        return shipped
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} holds no weights: {error}") from error
    merged = {key: {**value, **given.get(key, {})} if isinstance(value, dict) else given.get(key, value)
              for key, value in shipped.items()}  # fmt: skip
    unknown = [key for key in given if key not in shipped]
    numbers = [
        n for value in merged.values() for n in (value.values() if isinstance(value, dict) else [value])
    ]
    if unknown or not all(isinstance(n, int | float) and 0 <= n <= 1 for n in numbers):
        raise UsageError(f"{path}: weights are numbers from 0 to 1; unknown: {', '.join(unknown) or 'none'}.")
    return merged


def active(designation: Designation, asked: Parameters) -> bool:
    """Return whether a designation counts on the asked day, in the asked window, or without either."""
    delisted = designation.delisting_date
    if delisted is None and designation.status in _PAST:
        return False
    begin = first_day(designation.begin_date) if designation.begin_date else None
    end = last_day(delisted) if delisted else None
    if asked.on:
        day = last_day(asked.on)
        return (begin is None or begin <= day) and (end is None or day < end)
    if asked.since or asked.until:
        since = first_day(asked.since) if asked.since else None
        until = last_day(asked.until) if asked.until else None
        first = max((day for day in (begin, since) if day is not None), default=None)
        last = min(
            (day for day in (until, end - 1 if end is not None else None) if day is not None), default=None
        )
        return first is None or last is None or first <= last
    return delisted is None and designation.status not in _PAST


def expose(trace: Trace, table: Mapping[str, Any] | None = None) -> list[Exposure]:
    """Return the exposures of a trace, the most severe first.

    Upstream, the touched actor is a reached one or the root. Downstream, the designations of the root are
    asked for, and the exposed actors are those that reach it.
    """
    found = _Finder(trace, table or weights()).exposures()
    return sorted(found, key=lambda e: (-e.severity.value, e.tier, e.actor, e.designation.iri, e.reason))


class _Finder:
    """The designations that touch the ends of a trace's walks."""

    def __init__(self, trace: Trace, table: Mapping[str, Any]) -> None:
        self.trace, self.table, self.index = trace, table, trace.index
        self.downstream = trace.parameters.downstream

    def exposures(self) -> Iterator[Exposure]:
        ends: dict[tuple[str, str, str], dict[State, str]] = defaultdict(dict)
        designations = {designation.iri: designation for designation in self.index.designations}
        for state in self.trace.states:
            touched = self.trace.root if self.downstream else state.actor
            for designation, reason, scope in self._touching(touched, state):
                ends[(state.actor, designation.iri, reason)][state] = scope
        for (actor, iri, reason), states in sorted(ends.items()):
            designation = designations[iri]
            past = not active(designation, self.trace.parameters)
            if past and not self.trace.parameters.past:
                continue
            yield self._exposure(actor, designation, reason, states, past)

    def _exposure(
        self, actor: str, designation: Designation, reason: str, states: dict[State, str], past: bool
    ) -> Exposure:
        paths = tuple(self.trace.paths(list(states), self.trace.parameters.paths))
        scope = min(states.values(), key=("whole", "match", "unknown").index)
        return Exposure(
            actor=actor,
            tier=self.trace.tiers[actor],
            designation=designation,
            reason=reason,
            scope=scope,
            past=past,
            paths=paths,
            severity=self._severity(paths, self.trace.tiers[actor], designation, reason, scope, past),
        )

    def _severity(
        self,
        paths: tuple[Path, ...],
        tier: int,
        designation: Designation,
        reason: str,
        scope: str,
        past: bool,
    ) -> Severity:
        table = self.table
        best = max(
            ((float(path.confidence) * table["decay"] ** path.tiers, path) for path in paths),
            key=lambda valued: valued[0],
            default=None,
        )
        confidence, tiers = (float(best[1].confidence), best[1].tiers) if best else (1.0, tier)
        return Severity(
            {
                "effect": table["effect"].get(designation.effect or "unstated", table["effect"]["unstated"]),
                "confidence": round(confidence, 6),
                "tier": round(table["decay"] ** tiers, 6),
                "scope": table["scope"][scope],
                "reason": table["reason"][reason],
                "recency": self._recency(designation),
                "status": table["status"]["past" if past else "active"],
            }
        )

    def _recency(self, designation: Designation) -> float:
        asked = self.trace.parameters.on or self.trace.parameters.until
        if asked is None or designation.begin_date is None:
            return 1.0
        years = max(0.0, (last_day(asked) - first_day(designation.begin_date)) / _YEAR)
        return float(round(self.table["yearly"] ** years, 6))

    def _touching(self, touched: str, state: State) -> Iterator[tuple[Designation, str, str]]:
        """Yield the designations that touch an actor at the end of a walk, with reason and scope."""
        for designation in self._by_target.get(touched, ()):
            reason = "direct" if state.end_hop in _DIRECT else _REASONS[state.end_hop]
            yield from self._in_scope(designation, reason, state)
        for other in sorted(self.index.unsure.get(touched, ())):
            for designation in self._by_target.get(other, ()):
                yield from self._in_scope(designation, "possible-identity", state)
        actor = self.index.actors.get(touched)
        if actor is None:
            return
        for place in actor.places:
            for designation in self._at(place):
                if designation.product is None:
                    yield from self._in_scope(designation, "place", state)
                elif state.end_hop == "supply" and state.end_product is not None:
                    for reason in self._goods(designation.product, state.end_product):
                        yield from self._in_scope(designation, reason, state)

    def _goods(self, listed: Product, carried: Product) -> Iterator[str]:
        if listed.matches(carried):
            yield "goods"
        elif self.index.inputs.goes_into(listed, carried):
            yield "goods-input"

    def _in_scope(
        self, designation: Designation, reason: str, state: State
    ) -> Iterator[tuple[Designation, str, str]]:
        if not designation.scope:
            yield designation, reason, "whole"
        elif state.end_product is None:
            yield designation, reason, "unknown"
        elif any(product.matches(state.end_product) for product in designation.scope):
            yield designation, reason, "match"

    @cached_property
    def _by_target(self) -> dict[str, list[Designation]]:
        found = defaultdict(list)
        for designation in self.index.designations:
            if designation.target:
                found[designation.target].append(designation)
        return dict(found)

    @cached_property
    def _of_place(self) -> list[Designation]:
        return [d for d in self.index.designations if d.place is not None and d.target is None]

    def _at(self, place: Place) -> list[Designation]:
        """Return the designations of places that cover a place."""
        known = self._cover.get(place)
        if known is None:
            known = self._cover[place] = [
                d for d in self._of_place if d.place is not None and d.place.covers(place)
            ]
        return known

    @cached_property
    def _cover(self) -> dict[Place, list[Designation]]:
        return {}


def chokepoints(trace: Trace, exposures: list[Exposure], most: int = 10) -> list[tuple[Actor, int]]:
    """Return the actors that stand between the root and the most exposures, with the printed paths they cut."""
    cut: Counter[str] = Counter()
    for exposure in exposures:
        for path in exposure.paths:
            ends = {trace.root, exposure.actor}
            cut.update({arc.head for arc in path.arcs} - ends)
    ranked = sorted(cut.items(), key=lambda item: (-item[1], item[0]))
    return [(trace.index.actors[iri], count) for iri, count in ranked[:most] if iri in trace.index.actors]
