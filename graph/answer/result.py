"""The result of a trace, as one object that commands, service and pages share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from opentier.graph.answer import notebook, statements
from opentier.graph.answer.buyers import Buyers
from opentier.graph.answer.digraph import digraph
from opentier.graph.answer.fitting import Fitting
from opentier.graph.answer.scene import Scene
from opentier.graph.answer.table import CSV_COLUMNS, rows
from opentier.graph.exposure import limits, words
from opentier.graph.exposure.chokepoints import Chokepoints, chokepoints
from opentier.graph.exposure.exposures import Exposure
from opentier.graph.exposure.objects import Json, Objects
from opentier.graph.exposure.touches import Touches
from opentier.graph.exposure.verdict import NONE_FOUND, Verdict, doubted, ends, verdict
from opentier.graph.index.opened import Index
from opentier.graph.model import printed, sheet
from opentier.graph.model.names import Names
from opentier.graph.network.network import Actor
from opentier.graph.picture.svg import draw
from opentier.graph.risk.beside import Beside, Risks
from opentier.graph.risk.objects import to_dict as apart
from opentier.graph.trace.parameters import named
from opentier.graph.trace.unindexed import Unindexed
from opentier.graph.trace.walks import Trace

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd


class TraceResult:
    """Verdict, limits, reached actors with their tiers, exposures with their paths, and chokepoints.

    Attributes
    ----------
    exposures
        Those that count first, then past and pending ones where they are asked for; by legal force, then severity.
    """

    def __init__(
        self,
        trace: Trace,
        exposures: list[Exposure],
        initiatives: Fitting | None = None,
        risks: Risks | None = None,
        unindexed: Unindexed | None = None,
    ) -> None:
        self.trace, self.exposures, self.initiatives = trace, exposures, initiatives
        self.index: Index = trace.index
        self.names: Names = trace.index.names
        self.beside = Beside(trace, risks)
        self.unindexed = unindexed or Unindexed(trace.index)
        self.objects = Objects(trace.index, self.beside, self.unindexed)

    @cached_property
    def _touches(self) -> Touches:
        """Which designations count."""
        return Touches(self.index, self.trace.asked)

    @cached_property
    def verdict(self) -> Verdict:
        """What was found, or that nothing could be found."""
        found = verdict(self.trace, self._touches, self.exposures)
        return doubted(found, self._alike, *self._against()) if found.result == NONE_FOUND else found

    def _against(self) -> Iterator[str]:
        """Yield what stands against that nothing was found, whoever is called like whom."""
        trace = self.trace
        sought = not trace.parameters.downstream and "supply" in trace.parameters.kinds
        if sought and not trace.tier.max(initial=0) and ends(trace):
            yield words.sentence("but-alone", n=len(self.trace.nodes) - 1)
        if sold := statements.sold(self.limits):
            yield words.sentence("but-sells", named=sold)

    @property
    def _alike(self) -> int:
        """How many reached actors are called as a listed one is, which nobody has judged."""
        return len({each["actor"]["iri"] for each in self.limits["names_alike"]})

    @cached_property
    def chokepoints(self) -> Chokepoints:
        """The actors that exposures hang on."""
        return chokepoints(self.trace, self.exposures)

    @cached_property
    def limits(self) -> Json:
        """What the answer rests on and where it ends."""
        given_up = self.chokepoints.truncated
        known = self._touches, self.objects, self.unindexed
        return limits.of_trace(self.trace, *known, truncated=given_up)

    @cached_property
    def reached(self) -> list[tuple[int, Actor]]:
        """The reached actors without the root, by tier, then IRI."""
        return [(tier, self.objects.at(node)) for tier, _, node in self._ordered]

    @cached_property
    def _ordered(self) -> list[tuple[int, str, int]]:
        """The tiers, IRIs and nodes of the same, in the same order."""
        found = self.trace
        return sorted(
            (tier, self.index.iri(node), node)
            for node, tier in zip(found.nodes.tolist(), found.tier.tolist(), strict=True)
            if node != found.node
        )

    @cached_property
    def _root(self) -> Actor:
        """The traced actor."""
        return self.objects.actor(self.trace.root)

    @cached_property
    def _buyers(self) -> Buyers:
        """Who buys from whom."""
        return Buyers(self.trace, self.objects)

    @cached_property
    def _shared(self) -> list[str]:
        """The IRIs of the exposed actors that others buy from, too."""
        return self._buyers.shared(self.exposures)

    @cached_property
    def _reached(self) -> list[Json]:
        """The reached actors as objects."""
        return [{**self.objects.described(a), "kind": a.kind, "tier": tier} for tier, a in self.reached]

    @property
    def members(self) -> set[str]:
        """The IRIs of the reached actors and the root, those that positive judgements join to them included."""
        actors = [self._root, *(actor for _, actor in self.reached)]
        return {member for actor in actors for member in actor.members}

    # --- As JSON -------------------------------------------------------------------------------------------------

    def to_dict(self, grouped: int | None = None) -> Json:
        """Return the JSON object of the trace; the same data gives the same object.

        Parameters
        ----------
        grouped
            Where given, exposures are grouped by designation, each with its first so many exposures, and no more
            shared suppliers, actors with incidents and likelihoods are named; all are counted.
        """
        if grouped is None:
            return self._object(grouped, exposures=[self.exposure(exposure) for exposure in self.exposures])
        return self._object(grouped, groups=self._groups(grouped), links=self._buyers.links)

    @cached_property
    def told(self) -> Json:
        """The grouped object without exposures and links: what is said of all of it is made of this."""
        return self._object(0, groups=self._groups(0))

    def _object(self, grouped: int | None, **parts: Json | list[Json]) -> Json:
        """Return the object with some parts; `grouped` as of `to_dict`."""
        found: Json = {
            "verdict": self._verdict(),
            "root": self.objects.described(self._root),
            "parameters": named(self.trace.parameters),
            "reached": self._reached,
            **parts,
        }
        found |= {
            "chokepoints": [
                {
                    "actor": self.objects.named(actor.iri),
                    "exposures_ended": count,
                    "other_buyers": self._buyers.others(actor.iri),
                }
                for actor, count in self.chokepoints.actors
            ],
            "shared_suppliers": [
                {"actor": self.objects.named(iri), "buyers": self._buyers.others(iri)}
                for iri in self._shared[:grouped]
            ],
            "counts": self.counts,
            "limits": self.limits,
        }
        return found | apart(self.beside, self.objects, grouped)

    def to_json(self, grouped: int | None = None) -> str:
        """Return the trace as JSON text."""
        return printed.text(self.to_dict(grouped))

    @cached_property
    def counts(self) -> Json:
        """How many actors were reached, how many of them are exposed, and whether the root is; by tier."""
        exposed = {exposure.actor for exposure in self.exposures if exposure.state == "current"}
        by_tier = Counter(tier for tier, _ in self.reached)
        return {
            "reached": len(self.reached),
            "exposed": len(exposed - {self.trace.root}),
            "root_exposed": self.trace.root in exposed,
            "shared_suppliers": len(self._shared),
            "by_tier": {str(tier): by_tier[tier] for tier in sorted(by_tier)},
        }

    def _verdict(self) -> Json:
        return {"result": self.verdict.result, "reasons": list(self.verdict.reasons)}

    def exposure(self, exposure: Exposure) -> Json:
        """Return an exposure as an object, with its paths."""
        asked, paths = self.trace.parameters.product is not None, range(len(exposure.paths))
        made = [self.objects.path(exposure, number, asked=asked) for number in paths]
        return {
            "actor": {**self.objects.named(exposure.actor), "tier": exposure.tier},
            "designation": self.objects.entry(exposure.designation),
            "reason": exposure.reason,
            "sentence": self.objects.sentence(exposure, self.trace.parameters.min_share),
            "group": exposure.group,
            "state": exposure.state,
            "states": list(exposure.states),
            "scope_match": exposure.scope,
            "in_force_while_live": made[0]["in_force_while_live"],
            "stakes": [self.objects.hop(stake) for stake in exposure.stakes],
            "sites": [self.objects.hop(site) for site in exposure.sites],
            "severity": made[0]["severity"],
            "paths": made,
            "initiatives": self._initiatives(exposure),
        }

    def _groups(self, first: int) -> list[Json]:
        """Return the exposures by designation, in the order of the first of each; doubtful and past ones apart."""
        groups: dict[tuple[str, str, str], list[Exposure]] = {}
        for exposure in self.exposures:
            groups.setdefault((exposure.state, exposure.group, exposure.designation.iri), []).append(exposure)
        return [
            {
                "designation": self.objects.entry(found[0].designation),
                "group": found[0].group,
                "state": found[0].state,
                "states": list(found[0].states),
                "count": len(found),
                "by_tier": {
                    str(tier): count for tier, count in sorted(Counter(e.tier for e in found).items())
                },
                "exposures": [self.exposure(exposure) for exposure in found[:first]],
            }
            for found in groups.values()
        ]

    def _initiatives(self, exposure: Exposure) -> list[dict[str, str]]:
        """Return the initiatives that fit the exposed hop: its product's industry, its actor's country, the issue."""
        if self.initiatives is None:
            return []
        product = exposure.paths[0].product or exposure.designation.product
        country = self.objects.actor(exposure.actor).country
        kinds = exposure.designation.exploitation
        fitting = self.initiatives.fitting(product.code if product else None, country, kinds)
        return [{"iri": found.iri, "name": found.name, "why": why} for found, why in fitting]

    # --- As tables and graphs ------------------------------------------------------------------------------------

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield a row of `CSV_COLUMNS` for each reached actor, and for the root where it is exposed.

        Without any exposure one row holds the verdict alone.
        """
        root = [(0, self._root)] if any(e.actor == self.trace.root for e in self.exposures) else []
        happened, against = self.beside.incidents, self._contradicted
        return rows(self.verdict, root + self.reached, self.exposures, happened, against, self.names)

    def _contradicted(self, exposure: Exposure) -> Iterator[str]:
        """Yield the IRIs of what contradicts the designation of an exposure, or a link of its paths."""
        links = (arc.record for path in exposure.paths for arc in path.arcs)
        for record in (exposure.designation.iri, *links):
            for each in self.unindexed.contradicted.get(record, ()):
                yield each.record

    def to_csv(self) -> str:
        """Return the rows as CSV for a spreadsheet (see `sheet`)."""
        return sheet.text(CSV_COLUMNS, self.rows())

    def limits_csv(self) -> str:
        """Return the limits, and what stands beside the exposures, as CSV for a spreadsheet."""
        return statements.table(self.told | apart(self.beside, self.objects, None))

    @cached_property
    def scene(self) -> Json:
        """What the tier picture shows (see `scene.Scene`)."""
        nodes, goods = [node for *_, node in self._ordered], limits.goods_listed(self._touches)
        known = self.told, self.trace, self.exposures, self.objects
        return Scene(*known, nodes=nodes, links=self._buyers.pairs, goods=goods).made()

    def to_svg(self) -> str:
        """Return the tier picture."""
        return draw(self.scene)

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return the walked links as a graph: edges from buyer to supplier, keyed by record.

        Attributes are texts, numbers and truth values, so that it can be written as GraphML or GEXF: what is not
        known is left out, and pieces of evidence are their IRIs with bars between them.
        """
        return digraph([(0, self._root), *self.reached], self.trace, self.objects)

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows of the CSV with values as they are stored, the verdict in the first columns.

        Tier and severity are numbers, and what is not known is missing. `attrs` holds the verdict and the limits
        (pandas has to be installed).
        """
        import pandas as pd

        frame = pd.DataFrame(list(self.rows()), columns=list(CSV_COLUMNS))
        frame.attrs.update(verdict=self._verdict(), limits=self.limits)
        return frame.astype({"tier": "Int64", "severity": "Float64"})

    def _repr_html_(self) -> str:
        """Return the result as a notebook shows it: the verdict, what was tested and what was not, the exposures."""
        return notebook.page(self.to_dict(grouped=notebook.SHOWN))
