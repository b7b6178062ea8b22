"""Exposures: which reached actors a designation touches, why, by which paths, and how severe that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from opentier.graph.exposure.severity import Severity, severity, weights
from opentier.graph.exposure.touches import Touch, Touches, scope_match
from opentier.graph.network.network import Arc, Designation
from opentier.graph.trace.paths import Path
from opentier.graph.trace.states import End, Spans
from opentier.graph.trace.walks import Trace

#: The groups of exposures, in the order of legal force.
GROUPS = ("measure", "risk", "possible")
_STATES = ("current", "past", "pending")


@dataclass(frozen=True)
class Exposure:
    """A reached actor (or the root), the designation that touches it, and the reason.

    Attributes
    ----------
    touched
        The actor that the designation touches: upstream the exposed one, downstream the traced one.
    state, states
        "current"; "past" or "pending" where such ones were asked for: one of them, and all that the designation is.
    paths, severities, scopes
        The best paths, each with its severity, and with how the good that is listed fits that of its last supply link
        ("exact", "coarse", "unknown"; None where none is listed).
    stakes
        The ownership links that add up, of a reason by ownership.
    sites
        The links by which sites are operated, of a reason by a site.
    ends
        The states in which the walks end that make it one.
    """

    actor: str
    touched: str
    tier: int
    designation: Designation
    reason: str
    state: str
    states: tuple[str, ...]
    paths: tuple[Path, ...]
    severities: tuple[Severity, ...]
    scopes: tuple[str | None, ...]
    stakes: tuple[Arc, ...]
    ends: tuple[End, ...]
    spans: Spans = ()
    sites: tuple[Arc, ...] = ()

    @property
    def severity(self) -> Severity:
        """That of its first path."""
        return self.severities[0]

    @property
    def scope(self) -> str | None:
        """That of its first path."""
        return self.scopes[0]

    @property
    def group(self) -> str:
        """One of `GROUPS`."""
        if self.reason == "possible-identity":
            return "possible"
        return "measure" if self.designation.measure else "risk"

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from other exposures of a trace: actor, designation, reason."""
        return self.actor, self.designation.iri, self.reason

    def in_force(self, path: Path) -> bool:
        """Return whether the designation is in force on some day on which a path lives."""
        return any(begin <= path.end and path.start <= end for begin, end in self.designation.in_force)


@dataclass
class _Found:
    """What makes an exposure."""

    ends: dict[End, None] = field(default_factory=dict)
    spans: dict[tuple[int, int], None] = field(default_factory=dict)
    sites: set[int] = field(default_factory=set)
    touch: Touch | None = None


Key = tuple[int, str, str]


def expose(
    trace: Trace,
    table: Mapping[str, Any] | None = None,
    touches: Touches | None = None,
    *,
    measures: bool = False,
) -> list[Exposure]:
    """Return the exposures of a trace: those that count first, by legal force, the most severe of each group first.

    Upstream, the touched actor is a reached one or the root. Downstream, the designations of the root are
    asked for, and the exposed actors are those that reach it.

    Parameters
    ----------
    table
        The weights of severity; those that ship, if none are given.
    touches
        The designations for the same question, where they are known from another trace.
    measures
        Whether those to measures that count are given alone.
    """
    touches = touches or Touches(trace.index, trace.asked)
    made = gathered(trace, touches)
    if measures:
        made = {key: found for key, found in made.items() if found.touch and _binds(touches, found.touch)}
    found = list(_exposures(trace, made, table or weights(), touches))
    return sorted(
        found,
        key=lambda e: (
            _STATES.index(e.state), GROUPS.index(e.group), -e.severity.value, e.tier, e.actor, e.designation.iri,
            e.reason,
        ),
    )  # fmt: skip


def unshown(trace: Trace, touches: Touches) -> dict[str, int]:
    """Return how many exposures more the same question has that is asked otherwise, by the limit that counts them.

    "filtered_exposures" are those of one that asks for no exploitation; "past_exposures" and "pending_exposures" those
    of one that shows what is no longer in force, or not yet.
    """
    found = dict.fromkeys(("filtered_exposures", "past_exposures", "pending_exposures"), 0)
    if trace.parameters.exploitation:
        every = gathered(trace, Touches(trace.index, trace.asked, filtered=False))
        found["filtered_exposures"] = len(every.keys() - gathered(trace, touches).keys())
    if touches.hidden:
        for _, iri, _ in gathered(trace, touches, hidden=True):
            found[f"{touches.hidden[iri]}_exposures"] += 1
    return found


def gathered(trace: Trace, touches: Touches, *, hidden: bool = False) -> dict[Key, _Found]:
    """Return what makes the exposures of a trace, by node, designation and reason; or those to what is hidden."""
    found: dict[Key, _Found] = {}
    downstream = trace.parameters.downstream
    nodes = touches.near_hidden(trace.nodes) if hidden and not downstream else None
    for end in trace.ends(nodes):
        touched = end.node if trace.node is None or not downstream else int(trace.node)
        for touch in touches.touching(touched, end.hop, end.product, hidden=hidden):
            if touch.spans and not trace.lives(end, touch.spans):
                continue
            known = found.setdefault((end.node, touch.designation.iri, touch.reason), _Found())
            known.ends[end], known.touch = None, touch
            known.spans |= dict.fromkeys(touch.spans)
            known.sites |= {arc for arc, span in touch.sites if trace.lives(end, (span,))}
    return found


def _binds(touches: Touches, touch: Touch) -> bool:
    """Return whether what touches is a measure that counts."""
    return touch.designation.measure and touches.state(touch.designation) == "current"


def _exposures(
    trace: Trace, made: Mapping[Key, _Found], table: Mapping[str, Any], touches: Touches
) -> Iterator[Exposure]:
    tiers = dict(zip(trace.nodes.tolist(), trace.tier.tolist(), strict=True))
    known: dict[tuple[tuple[End, ...], Spans], tuple[Path, ...]] = {}
    for (node, _, reason), found in sorted(made.items(), key=lambda item: item[0]):
        assert found.touch is not None
        entry, ends, spans = found.touch.designation, tuple(found.ends), tuple(found.spans)
        paths = known.get((ends, spans))
        if paths is None:
            paths = known[ends, spans] = tuple(trace.paths(ends, trace.parameters.paths, spans))
        state = touches.state(entry)
        scopes = tuple(scope_match(entry, reason, path.product) for path in paths)
        severities = tuple(
            severity(path, entry, reason, scope, state, trace.parameters, table)
            for path, scope in zip(paths, scopes, strict=True)
        )
        actor = trace.index.iri(node)
        touched = trace.root if trace.parameters.downstream else actor
        yield Exposure(
            actor, touched, tiers[node], entry, reason, state, touches.states(entry), paths, severities, scopes,
            found.touch.stakes, ends, spans, tuple(sorted(map(trace.arc, found.sites), key=lambda arc: arc.record)),
        )  # fmt: skip
