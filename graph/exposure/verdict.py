"""The verdict: what a trace found, or that nothing could be found, with the reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opentier.graph.exposure import words
from opentier.graph.exposure.exposures import Exposure
from opentier.graph.exposure.touches import Touches
from opentier.graph.index.opened import Index
from opentier.graph.trace.walks import Trace

EXPOSED, NONE_FOUND, NOT_TESTABLE = "exposed", "none-found", "not-testable"


@dataclass(frozen=True)
class Verdict:
    """What every answer opens with.

    Attributes
    ----------
    result
        "exposed"; "none-found", where something was searched and nothing touches the chain; or "not-testable", where
        nothing could be found.
    reasons
        Why, in sentences.
    """

    result: str
    reasons: tuple[str, ...]


def located(index: Index, nodes: Sequence[int]) -> bool:
    """Return whether the country of any of some nodes is known."""
    known = [any(place.country for place in places) for places in index.places]
    return any(known[index.place[node]] for node in nodes)


def lacking(touches: Touches) -> list[str]:
    """Return why no designation that counts was searched, in sentences; nothing where some was."""
    every = touches.index.designations
    if not every:
        return [words.sentence("no-designations")]
    states = {touches.state(entry) for entry in every}
    if "current" in states:
        return []
    key = "none-of-exploitation" if "left out" in states else "none-in-force"
    return [words.sentence(key, searched=len(every))]


def verdict(trace: Trace, exposures: Sequence[Exposure]) -> Verdict:
    """Return the verdict of a trace."""
    current = [exposure for exposure in exposures if exposure.state == "current"]
    if current:
        return Verdict(EXPOSED, (words.exposed(current),))
    index, touches = trace.index, Touches(trace.index, trace.asked)
    counting = [entry for entry in index.designations if touches.state(entry) == "current"]
    reached = [node for node in trace.nodes.tolist() if node != trace.node]
    ends = [int(trace.node)] if trace.parameters.downstream and trace.node is not None else reached
    reasons = lacking(touches)
    if not reached:
        reasons.append(words.sentence("nothing-reached"))
    elif counting and all(entry.target is None for entry in counting) and not located(index, ends):
        reasons.append(words.sentence("no-country", actors=len(ends)))
    if reasons:
        return Verdict(NOT_TESTABLE, tuple(reasons))
    return Verdict(NONE_FOUND, (words.sentence("none-found", searched=len(counting), actors=len(reached)),))


def of_everybody(touches: Touches, nodes: Sequence[int], exposed: int, *, walked: bool) -> Verdict:
    """Return the verdict of all actors at once.

    Parameters
    ----------
    nodes
        The actors that figures are told of, and how many of them are exposed or lie before an exposed one.
    walked
        Whether any link may be walked at all.
    """
    index, asked, reasons = touches.index, touches.parameters, lacking(touches)
    if exposed and not reasons:
        said = [words.sentence("some-exposed", exposed=exposed, actors=len(nodes))]
        said += [words.sentence("past-counted")] if asked.past or asked.pending else []
        return Verdict(EXPOSED, tuple(said))
    counting = [entry for entry in index.designations if touches.state(entry) == "current"]
    if not walked:
        reasons.append(words.sentence("nothing-walked"))
    elif counting and all(entry.target is None for entry in counting) and not located(index, nodes):
        reasons.append(words.sentence("no-country", actors=len(nodes)))
    if reasons:
        return Verdict(NOT_TESTABLE, tuple(reasons))
    return Verdict(NONE_FOUND, (words.sentence("nobody-exposed", searched=len(counting), actors=len(nodes)),))
