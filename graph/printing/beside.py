"""Incidents and likelihoods where a trace meets them, as a page shows them: apart from each other, and no exposure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentier.graph.answer import apart
from opentier.graph.exposure.words import country, listed, said
from opentier.graph.printing.chapters import link, pieces

Json = Mapping[str, Any]

#: Sites with incidents, and likelihoods, that are told.
NAMED = 10


def beside(found: Json) -> dict[str, Any]:
    """Return both, with how many there are; `found` is as of `risk.objects.to_dict`."""
    incidents, likelihoods = found["incidents"], found["likelihoods"]
    told = [_incident(each, site["actor"]) for site in incidents["by_actor"] for each in site["incidents"]]
    return {
        "incidents": {"heading": said("apart", "incidents"), "count": incidents["count"], "rows": told},
        "likelihoods": {
            "heading": said("apart", "likelihoods"),
            "count": likelihoods["count"],
            "rows": list(map(_likelihood, likelihoods["listed"])),
        },
    }


def _incident(each: Json, actor: Json) -> dict[str, Any]:
    dates = " to ".join(dict.fromkeys(filter(None, (each["from"], each["to"]))))
    return {
        "actor": {"id": actor["id"], "name": actor["name"] or actor["id"]},
        "tier": actor["tier"],
        "country": country(actor["country"]),
        "status": said("statuses", each["status"]),
        "when": dates or said("apart", "undated"),
        "signs": listed([sign.replace("-", " ") for sign in each["indicators"]]),
        "note": each["note"] or "",
        "response": each["response"] or "",
        "replies": [
            {
                "party": reply["party"]["name"] or reply["party"]["id"],
                "date": reply["date"] or "",
                "text": reply["text"] or "",
                "url": link(reply["url"] or ""),
            }
            for reply in each["replies"]
        ],
        "documents": list(pieces(each)),
        "id": each["id"],
        "source": _source(each),
    }


def _likelihood(each: Json) -> dict[str, Any]:
    actor = each["actor"]["name"] if each["actor"] else ""
    links = said("apart", "links", n=each["links"], tier=str(each["nearest_tier"]))
    about = {"actor": actor, "tier": str(each["nearest_tier"]), "links": links}
    return {
        "what": apart.about(each),
        "said": apart.measured(each),
        "touches": said("touches", each["touches"], **about),
        "method": (each["method"] or said("apart", "not-stated")).rstrip("."),
        "documents": list(pieces(each)),
        "id": each["id"],
        "source": _source(each),
    }


def _source(each: Json) -> str:
    return f"{each['dataset']}, {each.get('licence') or said('report', 'no-licence')}"
