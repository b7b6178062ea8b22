"""One designation and whom it touches, as a page shows it: what it is, the companies by rows, the paths hop by hop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain as joined
from typing import Any

from opentier.graph.answer import documents, particulars
from opentier.graph.answer.shown import sale
from opentier.graph.answer.steps import Step, steps
from opentier.graph.exposure import words
from opentier.graph.exposure.words import country, said
from opentier.graph.model import printed
from opentier.graph.picture.marks import CALLED
from opentier.graph.printing.chapters import pieces
from opentier.graph.printing.onepage import called

Json = Mapping[str, Any]


def touched(found: Json, group: Sequence[Json], count: int) -> dict[str, Any]:
    """Return a designation with the rows of some of its exposures.

    Parameters
    ----------
    found
        The object of the trace (see `TraceResult.to_dict`).
    group
        The exposures of the rows.
    count
        How many there are in all.
    """
    first = group[0]
    entry = first["designation"]
    mark, word = called(list(group))
    lines = [particulars.entry(entry), particulars.became(entry)]
    if entry["class"] == "risk":
        lines[0] += said("report", "not-binding")
    return {
        "id": entry["id"],
        "state": first["state"],
        "heading": particulars.heading(first),
        "mark": mark or "none",
        "word": CALLED[mark] if mark else word,
        "title": entry["title"],
        "entry": [line for line in lines if line],
        "means": means(first),
        "replies": particulars.replies(entry),
        "against": list(particulars.beside({**entry, "incidents": [], "likelihoods": []})),
        "source": f"{entry['dataset']}, {entry['licence'] or said('report', 'no-licence')}",
        "count": count,
        "rows": [row(exposure) for exposure in group],
    }


def means(exposure: Json) -> str:
    """Return in one sentence what a designation does to goods and companies that it touches."""
    entry = exposure["designation"]
    if exposure["state"] != "current":
        return said("means", "-and-".join(exposure["states"]))
    key = f"{entry['kind']}-{entry['effect']}" if entry["class"] == "measure" else "risk"
    known = words.shipped()["means"]
    told = str(known.get(key) or known.get(entry["effect"]) or known["measure"])
    return f"{said('means', 'possible')} {told}" if exposure["group"] == "possible" else told


def row(exposure: Json) -> dict[str, Any]:
    """Return whom a designation touches, why, how sure the best path is, and how it is ranked."""
    actor, path = exposure["actor"], exposure["paths"][0]
    return {
        "id": actor["id"],
        "name": actor["name"] or actor["id"],
        "tier": actor["tier"],
        "country": country(actor["country"]),
        "why": particulars.why(exposure),
        "stakes": list(map(particulars.stake, exposure["stakes"])),
        "sure": particulars.sure(path),
        "paths": len(exposure["paths"]),
        "ranked": words.severity(exposure["severity"]),
        "initiatives": exposure["initiatives"],
    }


def chain(found: Json, exposure: Json, number: int = 0) -> dict[str, Any]:
    """Return a path to a touched company, hop by hop from the traced one on."""
    path = exposure["paths"][number]
    root = found["root"]
    mark = called([exposure])[0]
    along = steps(exposure, number, downstream=found["parameters"]["downstream"])
    return {
        "to": exposure["actor"]["name"] or exposure["actor"]["id"],
        "sure": particulars.sure(path),
        "root": {"id": root["id"], "name": root["name"] or root["id"], "country": country(root["country"])},
        "hops": [_hop(step, downstream=found["parameters"]["downstream"]) for step in along],
        "mark": mark,
    }


def _hop(step: Step, *, downstream: bool) -> dict[str, Any]:
    hop, actor = step.hop, step.actor
    judged, supply = hop.get("judgement"), hop["kind"] == "supply"
    return {
        "tier": step.tier,
        "id": actor["id"],
        "name": actor["name"] or actor["id"],
        "country": country(actor["country"]),
        "what": "" if judged else step.relation or sale(hop, downstream=downstream),
        "judged": list(particulars.facts(hop)) if judged else [],
        "gap": step.gap,
        "documents": list(pieces(hop)),
        "missing": ", ".join(documents.missing(hop)),
        "undocumented": supply and not hop["evidence"] and not hop["source"],
        "live": "" if judged else particulars.dates(hop),
        "sure": "" if judged else _sure(hop),
        "beside": list(particulars.beside(hop)),
        "source": particulars.source(hop),
        "end": step.end,
    }


def _sure(hop: Json) -> str:
    return said("unstated", "hop") if hop["confidence"] is None else printed.score(hop["confidence"], ".3g")


def initiatives(every: Iterable[Sequence[Json]]) -> Iterator[Json]:
    """Yield the initiatives that fit any of some exposures, each once, with the reason of the first."""
    known: set[str] = set()
    for one in joined.from_iterable(every):
        if one["iri"] not in known:
            known.add(one["iri"])
            yield one
