"""The verdict: what a trace found, or that nothing could be found, with the reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opentier.graph.engine.columns import leading
from opentier.graph.engine.hops import SUPPLY
from opentier.graph.exposure import words
from opentier.graph.exposure.exposures import Exposure
from opentier.graph.exposure.touches import Touches
from opentier.graph.index.opened import Index
from opentier.graph.network.network import Designation
from opentier.graph.trace.plain import allowed
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


def lacking(touches: Touches, every: Sequence[Designation]) -> list[str]:
    """Return why none of some designations was searched, in sentences; nothing where one counts."""
    if not every:
        return [words.sentence("only-invented" if touches.index.designations else "no-designations")]
    if any(touches.state(entry) == "current" for entry in every):
        return []
    left_out = any(touches.state(entry) == "left out" for entry in every)
    key = "none-of-exploitation" if left_out else "none-in-force"
    return [words.sentence(key, searched=len(every))]


def verdict(trace: Trace, touches: Touches, exposures: Sequence[Exposure]) -> Verdict:
    """Return the verdict of a trace, by the designations that count."""
    current = [exposure for exposure in exposures if exposure.state == "current"]
    if current:
        return Verdict(EXPOSED, (words.exposed(current),))
    reached = [node for node in trace.nodes.tolist() if node != trace.node]
    ends = [int(trace.node)] if trace.parameters.downstream and trace.node is not None else reached
    missing = () if reached else ("nothing-reached",)
    every = touches.met(trace.nodes.tolist())
    return _unexposed(touches, every, ends, missing, "none-found", len(reached))


def doubted(said: Verdict, alike: int, *others: str) -> Verdict:
    """Return a verdict that found nothing with what stands against it, which comes first.

    Parameters
    ----------
    alike
        How many actors are called as a listed one is.
    others
        Sentences on what else does.
    """
    if said.result != NONE_FOUND:
        return said
    called = [words.sentence("but-alike", n=alike)] if alike else []
    return Verdict(said.result, (*called, *others, *said.reasons))


def ends(trace: Trace) -> bool:
    """Return whether no supply link that may be walked leads on from the actors of a trace."""
    index = trace.index
    arcs = allowed(index, trace.asked, leading(index.out, trace.nodes))
    return not (index.arcs.hop[arcs] == SUPPLY).any()


def of_everybody(touches: Touches, nodes: Sequence[int], exposed: int, *, walked: bool) -> Verdict:
    """Return the verdict of all actors at once.

    Parameters
    ----------
    nodes
        The actors that figures are told of, and how many of them are exposed or lie before an exposed one.
    walked
        Whether any link may be walked at all.
    """
    asked = touches.parameters
    if exposed and not lacking(touches, touches.index.designations):
        said = [words.sentence("some-exposed", exposed=exposed, actors=len(nodes))]
        said += [words.sentence("past-counted")] if asked.past or asked.pending else []
        return Verdict(EXPOSED, tuple(said))
    every, missing = touches.met(nodes), () if walked else ("nothing-walked",)
    return _unexposed(touches, every, nodes, missing, "nobody-exposed", len(nodes))


def _unexposed(
    touches: Touches,
    every: Sequence[Designation],
    ends: Sequence[int],
    missing: Sequence[str],
    none: str,
    actors: int,
) -> Verdict:
    """Return the verdict where nothing is exposed: whether anything could have been.

    Parameters
    ----------
    every
        The designations that may touch any of the nodes.
    ends
        The nodes that a designation could touch.
    missing
        The sentences that say why there was nobody to test.
    none
        The sentence that says that nobody of so many `actors` is exposed.
    """
    index = touches.index
    counting = [entry for entry in every if touches.state(entry) == "current"]
    reasons = [*lacking(touches, every), *map(words.sentence, missing)]
    placed = bool(counting) and all(entry.target is None for entry in counting)
    if not missing and placed and not located(index, ends):
        reasons.append(words.sentence("no-country", actors=len(ends)))
    if reasons:
        return Verdict(NOT_TESTABLE, tuple(reasons))
    return Verdict(NONE_FOUND, (words.sentence(none, searched=len(counting), actors=actors),))
