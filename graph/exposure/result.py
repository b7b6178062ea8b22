"""The result of a trace, as one object that commands, service and pages share."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from opentier.graph.engine.arrays import FIGURES
from opentier.graph.exposure.exposures import Exposure, chokepoints
from opentier.graph.index.network import Actor, Arc, Designation
from opentier.graph.index.opened import Index
from opentier.graph.model import printed, sheet
from opentier.graph.model.characters import legal, visible
from opentier.graph.model.dates import iso
from opentier.graph.model.names import Names
from opentier.graph.trace.parameters import FILTERS
from opentier.graph.trace.paths import Path
from opentier.graph.trace.walks import Trace

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

#: Exposures that a notebook shows.
_SHOWN = 50
#: Columns of the CSV form: one row for each reached actor.
CSV_COLUMNS = ("tier", "id", "name", "country", "kind", "iri", "reasons", "designations", "severity")


class Listed(Protocol):
    """An initiative, as a result names it."""

    @property
    def iri(self) -> str:
        """Its IRI."""

    @property
    def name(self) -> str:
        """Its name."""


class Fitting(Protocol):
    """A directory that knows which initiatives fit a hop."""

    def fitting(self, hs: str | None, country: str | None) -> Sequence[tuple[Listed, str]]:
        """Return the initiatives that fit a product's HS code and a supplier's country, each with the reason."""


class TraceResult:
    """Reached actors with their tiers, exposures with their paths, chokepoints, and the limits of the answer."""

    def __init__(self, trace: Trace, exposures: list[Exposure], initiatives: Fitting | None = None) -> None:
        self.trace, self.exposures, self.initiatives = trace, exposures, initiatives
        self.index: Index = trace.index
        self.names: Names = trace.index.names
        #: What stands in many places of the object, made once: paths (by identity), hops, actors and designations.
        self._paths: dict[int, dict[str, Any]] = {}
        self._hops: dict[tuple[str, ...], dict[str, Any]] = {}
        self._names: dict[str, dict[str, Any]] = {}
        self._entries: dict[str, dict[str, Any]] = {}

    @cached_property
    def reached(self) -> list[tuple[int, Actor]]:
        """The reached actors without the root, by tier, then IRI."""
        index, found = self.index, self.trace
        actors = [
            (tier, index.actor(node))
            for node, tier in zip(found.nodes.tolist(), found.tier.tolist(), strict=True)
            if node != found.node
        ]
        return sorted(actors, key=lambda reached: (reached[0], reached[1].iri))

    @cached_property
    def _root(self) -> Actor:
        """The traced actor."""
        iri, node = self.trace.root, self.trace.node
        return Actor(iri, self.names.id(iri), "actor", ()) if node is None else self.index.actor(int(node))

    @cached_property
    def _actors(self) -> dict[str, Actor]:
        """The actors that are known already, by IRI."""
        return {actor.iri: actor for actor in (self._root, *(actor for _, actor in self.reached))}

    @property
    def members(self) -> set[str]:
        """The IRIs of the reached actors and the root, those that positive judgements join to them included."""
        actors = [self._root, *(actor for _, actor in self.reached)]
        return {member for actor in actors for member in actor.members}

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object of the trace; the same data gives the same object."""
        return {
            "root": dict(self._named(self.trace.root)),
            "parameters": self._parameters(),
            "reached": [{**self._named(a.iri), "kind": a.kind, "tier": tier} for tier, a in self.reached],
            "exposures": [self._exposure(exposure) for exposure in self.exposures],
            "chokepoints": [
                {"actor": self._named(actor.iri), "paths_cut": count}
                for actor, count in chokepoints(self.trace, self.exposures)
            ],
            "limits": self.limits,
        }

    def to_json(self) -> str:
        """Return the trace as JSON text."""
        made = self.to_dict()
        return printed.text(
            made, chain(*(known.values() for known in (self._paths, self._hops, self._entries)))
        )

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield a row of `CSV_COLUMNS` for each reached actor (and for the root where it is exposed)."""
        touched: dict[str, list[Exposure]] = {}
        for exposure in self.exposures:
            touched.setdefault(exposure.actor, []).append(exposure)
        root = [(0, self._root)] if self.trace.root in touched else []
        for tier, actor in root + self.reached:
            own = touched.get(actor.iri, [])
            reasons = "|".join(dict.fromkeys(exposure.reason for exposure in own))
            entries = "|".join(dict.fromkeys(self.names.id(exposure.designation.iri) for exposure in own))
            severity = max((exposure.severity.value for exposure in own), default=None)
            row = (tier, self.names.id(actor.iri), actor.name, actor.country, actor.kind, actor.iri)
            yield *row, reasons, entries, severity

    def to_csv(self) -> str:
        """Return the rows as CSV for a spreadsheet (see `sheet`)."""
        return sheet.text(CSV_COLUMNS, self.rows())

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return the walked links as a graph: edges from buyer to supplier, keyed by record.

        Attributes are texts, numbers and truth values, so that it can be written as GraphML or GEXF: what is not
        known is left out, and pieces of evidence are their IRIs with bars between them.
        """
        import networkx as nx

        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        for tier, actor in [(0, self._root), *self.reached]:
            said = {"name": actor.name, "country": actor.country, "kind": actor.kind, "tier": tier}
            graph.add_node(actor.iri, **_attributes(said))
        for number in self.trace.walked():
            arc = self.trace.arc(int(number))
            if arc.tail in graph and arc.head in graph:
                hop = self._hop(arc)
                evidence = "|".join(item["iri"] for item in hop["evidence"])
                said = {**hop, "evidence": evidence or None, "from": None, "to": None}
                graph.add_edge(arc.tail, arc.head, key=arc.record, **_attributes(said))
        return graph

    def to_pandas(self) -> pd.DataFrame:
        """Return one row for each reached actor, the columns of the CSV with values as they are stored.

        Tier and severity are numbers, and what is not known is missing (pandas has to be installed).
        """
        import pandas as pd

        frame = pd.DataFrame(list(self.rows()), columns=list(CSV_COLUMNS))
        return frame.astype({"tier": "int64", "severity": "Float64"})

    def _repr_html_(self) -> str:
        """Return the result as a notebook shows it: its figures and its exposures, the most severe first."""
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(visible(str(cell)))}</td>" for cell in cells) + "</tr>"
            for cells in self._lines()
        )
        head = "".join(f"<th>{name}</th>" for name in ("severity", "tier", "actor", "reason", "designation"))
        root = html.escape(visible(self._root.name))
        told = f"{root}: {len(self.reached)} actors reached, {len(self.exposures)} exposures"
        return f"<p>{told}</p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def _lines(self) -> Iterator[tuple[object, ...]]:
        for found in self.exposures[:_SHOWN]:
            entry = self.names.id(found.designation.iri)
            yield found.severity.value, found.tier, self._actor(found.actor).name, found.reason, entry

    @cached_property
    def limits(self) -> dict[str, Any]:
        """What the answer rests on and where it ends."""
        index = self.index
        doubtful = set(map(int, self.trace.nodes)) & set(index.unsure)
        return {
            "datasets": [
                {"id": v.dataset, "version": v.number, "licence": v.licence} for v in index.versions.values()
            ],
            "actors_without_upstream_links": self.trace.bare(),
            "declared_tier_gaps": len(self.trace.gaps()),
            "doubtful_matches": sorted(self.names.id(index.iri(node)) for node in doubtful),
            "truncated": self.trace.truncated,
        }

    def _parameters(self) -> dict[str, Any]:
        """Return the parameters by the names that faces have for them, those that are called otherwise last."""
        said = sorted(FILTERS.items(), key=lambda each: each[0] != each[1].called)
        found = {each.called: getattr(self.trace.parameters, name) for name, each in said}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}

    def _exposure(self, exposure: Exposure) -> dict[str, Any]:
        return {
            "actor": {**self._named(exposure.actor), "tier": exposure.tier},
            "designation": self._entry(exposure.designation),
            "reason": exposure.reason,
            "past": exposure.past,
            "severity": {"value": exposure.severity.value, "factors": dict(exposure.severity.factors)},
            "paths": [self._path(path) for path in exposure.paths],
            "initiatives": self._initiatives(exposure),
        }

    def _entry(self, entry: Designation) -> dict[str, Any]:
        found = self._entries.get(entry.iri)
        if found is None:
            found = self._entries[entry.iri] = {
                "iri": entry.iri,
                "kind": entry.kind,
                "authority": entry.authority,
                "register": entry.register,
                "effect": entry.effect,
                "status": entry.status,
                "listing_date": entry.listing_date,
                "law": entry.law,
                "exploitation": entry.exploitation,
                "product": entry.product.label if entry.product else None,
                "begin_date": entry.begin_date,
                "delisting_date": entry.delisting_date,
                "dataset": entry.dataset,
                "licence": self._licence(entry.dataset),
                "note": entry.note,
            }
        return found

    def _initiatives(self, exposure: Exposure) -> list[dict[str, str]]:
        """Return the initiatives that fit the exposed hop: its product's industry, its actor's country, the issue."""
        if self.initiatives is None:
            return []
        carried = [arc.product for path in exposure.paths[:1] for arc in path.arcs if arc.product]
        listed = exposure.designation.product
        code = carried[-1].code if carried else listed.code if listed else None
        fitting = self.initiatives.fitting(code, self._actor(exposure.actor).country)
        return [{"iri": found.iri, "name": found.name, "why": why} for found, why in fitting]

    def _path(self, path: Path) -> dict[str, Any]:
        found = self._paths.get(id(path))
        if found is None:
            found = self._paths[id(path)] = self._made_path(path)
        return found

    def _made_path(self, path: Path) -> dict[str, Any]:
        asked = self.trace.parameters.product is not None
        stated = [float(arc.confidence) for arc in path.arcs]
        return {
            "tier": path.tiers,
            "confidence": {"product": round(float(path.confidence), 9), "minimum": min(stated, default=1.0)},
            "product_continuity": ("unknown" if path.unknown else "consistent") if asked else "not-asked",
            "live": {"from": iso(path.start), "to": iso(path.end)},
            "gaps": sum(arc.tiers > 1 for arc in path.arcs),
            "repeats_actor": not path.simple,
            "hops": [self._hop(arc) for arc in path.arcs],
        }

    def _hop(self, arc: Arc) -> dict[str, Any]:
        key = arc.record, arc.hop, arc.tail, arc.head
        found = self._hops.get(key)
        if found is None:
            found = self._hops[key] = self._made_hop(arc)
        return found

    def _made_hop(self, arc: Arc) -> dict[str, Any]:
        version = self.index.versions.get(arc.dataset)
        return {
            "kind": arc.kind,
            "direction": arc.direction or None,
            "from": self._named(arc.tail),
            "to": self._named(arc.head),
            "record": arc.record,
            "product": arc.product.label if arc.product else None,
            "start_date": arc.start_date,
            "end_date": arc.end_date,
            "observed_date": arc.observed,
            "confidence": arc.stated_confidence,
            "gap": max(arc.tiers - 1, 0),
            "dataset": arc.dataset,
            "version": version.number if version else None,
            "licence": self._licence(arc.dataset),
            "evidence": [self.index.evidence(iri) for iri in arc.evidence],
            "source": arc.source,
            **dict(zip(FIGURES, arc.figures, strict=True)),
        }

    def _licence(self, dataset: str) -> str | None:
        version = self.index.versions.get(dataset)
        return version.licence if version else None

    def _actor(self, iri: str) -> Actor:
        found = self._actors.get(iri)
        if found is None:
            node = self.index.node(iri)
            assert node is not None  # it stands on a path
            found = self._actors[iri] = self.index.actor(node)
        return found

    def _named(self, iri: str) -> dict[str, Any]:
        found = self._names.get(iri)
        if found is None:
            actor = self._actor(iri)
            found = {"iri": iri, "id": self.names.id(iri), "name": actor.name, "country": actor.country}
            self._names[iri] = found
        return found


def _attributes(said: dict[str, Any]) -> dict[str, Any]:
    """Return what is known, as attributes of a node or an edge that XML can hold."""
    known = {name: value for name, value in said.items() if value is not None}
    return {name: legal(value) if isinstance(value, str) else value for name, value in known.items()}
