"""What figures of all actors rest on: whether there was anything to find, and what was searched."""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.hops import HOPS, KINDS, parted
from opentier.graph.exposure import words
from opentier.graph.exposure.limits import filters, registers
from opentier.graph.exposure.objects import Json
from opentier.graph.exposure.touches import Touches
from opentier.graph.exposure.verdict import EXPOSED, NONE_FOUND, NOT_TESTABLE, Verdict, lacking, located
from opentier.graph.index.opened import Index
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.plain import allowed


class Searched:
    """What was searched for all actors at once.

    Parameters
    ----------
    described
        The nodes that figures are told of.
    exposed
        How many of them are exposed or lie before an exposed one.
    """

    def __init__(self, index: Index, parameters: Parameters, described: Array, exposed: int) -> None:
        self.index, self.parameters, self.described, self.exposed = index, parameters, described, exposed
        self.asked = Asked.of(index, parameters)
        self.touches = Touches(index, self.asked)

    @cached_property
    def verdict(self) -> Verdict:
        """Whether any actor is exposed, none is, or nothing could be found."""
        many, reasons = len(self.described), lacking(self.touches)
        if self.exposed and not reasons:
            said = [words.sentence("some-exposed", exposed=self.exposed, actors=many)]
            said += (
                [words.sentence("past-counted")] if self.parameters.past or self.parameters.pending else []
            )
            return Verdict(EXPOSED, tuple(said))
        counting = [e for e in self.index.designations if self.touches.state(e) == "current"]
        if not len(allowed(self.index, self.asked, self.index.rows())):
            reasons.append(words.sentence("nothing-walked"))
        elif counting and all(e.target is None for e in counting) and not located(self.index, self.described):
            reasons.append(words.sentence("no-country", actors=many))
        if reasons:
            return Verdict(NOT_TESTABLE, tuple(reasons))
        return Verdict(NONE_FOUND, (words.sentence("nobody-exposed", searched=len(counting), actors=many),))

    @cached_property
    def limits(self) -> Json:
        """Datasets, designations by register, dates and filters, and what was not walked."""
        index, asked = self.index, self.parameters
        searched = [v for v in index.versions.values() if not asked.datasets or v.dataset in asked.datasets]
        states = [self.touches.state(entry) for entry in index.designations]
        return {
            "datasets": [{"id": v.dataset, "version": v.number, "licence": v.licence} for v in searched],
            "designations": list(registers(index, self.touches)),
            "dates": {"on": asked.on, "from": asked.since, "to": asked.until},
            "filters": filters(asked),
            "kinds_not_walked": self._not_walked(),
            "filtered_designations": states.count("left out"),
            "truncated": False,
        }

    def _not_walked(self) -> dict[str, int]:
        """Return the kinds that were not asked for, and how many records of each there are."""
        index = self.index
        rows, found = index.rows(), {}
        rows = rows[np.array(index.tables.live, np.bool_)[index.arcs.dataset[rows]]]
        for kind in KINDS:
            if kind not in self.parameters.kinds:
                hops = [number for number, hop in enumerate(HOPS) if parted(hop)[0] == kind]
                some = rows[np.isin(index.arcs.hop[rows], hops)]
                found[kind] = len(np.unique(index.columns["record"][some]))
        return found

    def to_dict(self) -> Json:
        """Return the JSON object: verdict, parameters, limits."""
        asked = {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self.parameters).items()}
        return {
            "verdict": {"result": self.verdict.result, "reasons": list(self.verdict.reasons)},
            "parameters": asked,
            "limits": self.limits,
        }

    def told(self) -> list[str]:
        """Return the same in sentences, for whoever prints figures that have no room for it."""
        said = list(self.verdict.reasons)
        for register in self.limits["designations"]:
            said.append(
                words.sentence("register", **register | {"edition": register["edition"] or "undated"})
            )
        left = {kind: many for kind, many in self.limits["kinds_not_walked"].items() if many}
        if left:
            said.append(
                words.sentence("not-walked", kinds=", ".join(f"{kind} ({n:,})" for kind, n in left.items()))
            )
        if self.limits["filters"]:
            listed = ", ".join(f"{name} {value}" for name, value in self.limits["filters"].items())
            said.append(words.sentence("filters", filters=listed))
        return said
