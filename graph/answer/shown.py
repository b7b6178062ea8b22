"""A path and a designation, as the tier picture says them: in the fewest words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opentier.graph.answer import documents
from opentier.graph.answer.statements import contradicted
from opentier.graph.answer.steps import Step
from opentier.graph.exposure.words import between, country, goods, said
from opentier.graph.model import printed

Json = Mapping[str, Any]


def source(entry: Json) -> str:
    """Return who says what a designation says, where, and since when."""
    begun = entry["effective_date"] or entry["listing_date"]
    when = said("picture", "since", date=begun) if begun else entry["observed_date"]
    by = (entry["authority"], entry["register"] or entry["law"], when or said("unstated", "dates"))
    return "; ".join(part for part in by if part)


def facts(path: Json) -> Iterator[str]:
    """Yield what is true of a whole path: how sure it is, when it lived, whether its products go on."""
    hops = [hop for hop in path["hops"] if hop["kind"] != "identity"]
    if any(hop["confidence"] is not None for hop in hops):
        yield said("picture", "path-confidence", value=printed.score(path["confidence"]["product"], ".2g"))
        yield said("picture", "weakest", value=printed.score(path["confidence"]["minimum"], ".2g"))
    else:
        yield said("picture", "no-confidence")
    live = between(path["live"]["from"], path["live"]["to"])
    seen = sorted(hop["observed_date"][:4] for hop in hops if hop["observed_date"])
    if live:
        yield said("picture", "live", when=live)
    elif seen:
        yield said("picture", "seen", when=seen[0] if seen[0] == seen[-1] else f"{seen[0]} to {seen[-1]}")
    else:
        yield said("unstated", "dates")
    yield said("picture", f"product-{path['product_continuity']}")


def step(step: Step, *, downstream: bool) -> dict[str, Any]:
    """Return a step of a path: whom it leads to and as what, where that is, what goes along, by which document."""
    hop, actor = step.hop, step.actor
    supply = hop["kind"] == "supply"
    relation, sold = step.relation, ""
    document, sure = _document(hop), said("picture", "no-confidence")
    if hop["confidence"] is not None:
        sure = said("picture", "confidence", value=printed.score(hop["confidence"], ".3g"))
    if supply:
        sold = sale(hop, downstream=downstream)
    elif hop["kind"] == "ownership" and actor is hop["from"] and not downstream:
        share = said("unstated", "share") if hop["share"] is None else f"{hop['share']:g} %"
        relation, sold = said("relations", "ownership-up"), said("picture", "holds", share=share)
    elif hop["kind"] == "identity":
        judged = hop["judgement"]
        relation, sure = said("picture", f"identity-{judged['judgement']}"), ""
        document = said("picture", "judged", by=judged["decided_by"] or said("picture", "nobody"))
    return {
        "tier": step.tier,
        "iri": actor["iri"],
        "id": actor["id"],
        "name": actor["name"] or actor["id"],
        "relation": relation,
        "place": country(actor["country"]) if supply else "",
        "goods": sold,
        "against": "; ".join(map(contradicted, hop["contradictions"])),
        "held": " · ".join(part for part in (document, sure) if part),
        "end": step.end,
    }


def sale(hop: Json, *, downstream: bool) -> str:
    """Return what goes along a supply link, as what who it leads to does; a code stays on one line."""
    what = (goods(hop["product"]) or said("picture", "no-product")).replace(" (HS ", " (HS\u00a0")
    return said("picture", "buys" if downstream else "sells", goods=what)


def _document(hop: Json) -> str:
    """Return the first document of a hop, and how many more there are; else where it is said."""
    held = documents.held(hop)
    if not held:
        return hop["source"] or said("picture", "no-document")
    return held[0] + (f" +{len(held) - 1}" if len(held) > 1 else "")
