"""Exposures: which reached actors a designation touches, why, by which paths, and how severe that is."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path as FilePath
from typing import Any

from opentier.graph.errors import UsageError, mean, unable
from opentier.graph.index.network import Actor, Designation
from opentier.graph.model.dates import first_day, last_day
from opentier.graph.trace.asked import active
from opentier.graph.trace.paths import Path
from opentier.graph.trace.walks import End, Trace

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

    What a file does not name has the weight that ships.

    Raises
    ------
    UsageError
        If the file is not TOML, names what is no weight, or a weight is no number from 0 to 1.
    """
    shipped = tomllib.loads(files("opentier.graph.exposure").joinpath("severity.toml").read_text("utf-8"))
    if path is None:
        return shipped
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"The weights cannot be read: {unable(error)}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} holds no weights: {error}") from error
    return _over(shipped, given, f"{path}: weights", "")


def _over(shipped: Mapping[str, Any], given: Mapping[str, Any], where: str, table: str) -> dict[str, Any]:
    """Return shipped weights with given ones in their place, table by table."""
    merged = dict(shipped)
    for name, value in given.items():
        full = f"{table}.{name}" if table else name
        known = shipped.get(name)
        if known is None:
            raise UsageError(f"{where} have no {full!r}.{mean(name, shipped, len(shipped))}")
        if isinstance(known, dict) != isinstance(value, dict):
            kind = "a table of weights" if isinstance(known, dict) else "a number, not a table"
            raise UsageError(f"{where}: {full!r} is {kind}.")
        if isinstance(known, dict):
            merged[name] = _over(known, value, where, full)
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise UsageError(f"{where} are numbers from 0 to 1; {full!r} is {value!r}.")
        else:
            merged[name] = value
    return merged


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
        self.trace, self.table = trace, table
        self._found: dict[tuple[End, ...], tuple[Path, ...]] = {}

    def exposures(self) -> Iterator[Exposure]:
        trace, downstream = self.trace, self.trace.parameters.downstream
        ends: dict[tuple[int, str, str], dict[End, str]] = defaultdict(dict)
        designations: dict[str, Designation] = {}
        tiers = dict(zip(trace.nodes.tolist(), trace.tier.tolist(), strict=True))
        for end in trace.ends():
            touched = end.node if trace.node is None or not downstream else int(trace.node)
            for designation, reason, scope in trace.designated.touching(touched, end.hop, end.product):
                ends[end.node, designation.iri, reason][end] = scope
                designations[designation.iri] = designation
        past = {iri: not active(entry, trace.parameters) for iri, entry in designations.items()}
        for (node, iri, reason), states in sorted(ends.items()):
            if trace.parameters.past or not past[iri]:
                yield self._exposure(node, tiers[node], designations[iri], reason, states, past[iri])

    def _exposure(
        self,
        node: int,
        tier: int,
        designation: Designation,
        reason: str,
        states: dict[End, str],
        past: bool,
    ) -> Exposure:
        paths = self._paths(tuple(states))
        scope = min(states.values(), key=("whole", "match", "unknown").index)
        severity = self._severity(paths, tier, designation, reason, scope, past)
        return Exposure(self.trace.index.iri(node), tier, designation, reason, scope, past, paths, severity)

    def _paths(self, ends: tuple[End, ...]) -> tuple[Path, ...]:
        found = self._found.get(ends)
        if found is None:
            found = self._found[ends] = tuple(self.trace.paths(ends, self.trace.parameters.paths))
        return found

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


def chokepoints(trace: Trace, exposures: list[Exposure], most: int = 10) -> list[tuple[Actor, int]]:
    """Return the actors that stand between the root and the most exposures, with the printed paths they cut."""
    cut: Counter[str] = Counter()
    for exposure in exposures:
        for path in exposure.paths:
            ends = {trace.root, exposure.actor}
            cut.update({arc.head for arc in path.arcs} - ends)
    ranked = sorted(cut.items(), key=lambda item: (-item[1], item[0]))
    nodes = [(trace.index.node(iri), count) for iri, count in ranked[:most]]
    return [
        (trace.index.actor(node), count)
        for node, count in nodes
        if node is not None and trace.index.described(node)
    ]
