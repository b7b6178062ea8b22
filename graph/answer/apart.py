"""What is said of incidents and likelihoods, which stand beside exposures and are none, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opentier.graph.exposure.words import country_and_code, goods, listed, region, said

Json = Mapping[str, Any]

#: How many are named.
NAMED = 5


def incidents(found: Json) -> list[str]:
    """Return what is known to have happened, or is said to have, at the nearest sites; none of it is an exposure."""
    told = [
        _incident(each, site["actor"])
        for site in found["incidents"]["by_actor"]
        for each in site["incidents"]
    ]
    more = found["incidents"]["count"] - len(told[:NAMED])
    return [*told[:NAMED], *([said("apart", "more-incidents", n=more)] if more else [])]


def _incident(each: Json, actor: Json) -> str:
    dates = " to ".join(dict.fromkeys(filter(None, (each["from"], each["to"]))))
    signs = [sign.replace("-", " ") for sign in each["indicators"]]
    told = [f"{each['source'] or _titles(each)} ({each['dataset']}).", each["note"] or ""]
    told += [said("apart", "response", text=each["response"])] if each["response"] else []
    told += [
        said("apart", "replied", party=reply["party"]["name"], text=reply["text"] or reply["url"])
        for reply in each["replies"]
    ]
    return said(
        "apart",
        "incident",
        tier=str(actor["tier"]),
        actor=f"{actor['name']}, {country_and_code(actor['country'])}",
        status=said("statuses", each["status"]),
        when=dates or said("apart", "undated"),
        signs=said("apart", "signs", signs=listed(signs)) if signs else "",
        told=" ".join(text if text[-1] in ".!?" else f"{text}." for text in told if text),
    )


def likelihoods(found: Json) -> list[str]:
    """Return what is judged or counted of places and goods of the chain, each with method and source."""
    named = [_likelihood(each) for each in found["likelihoods"]["listed"][:NAMED]]
    more = found["likelihoods"]["count"] - len(named)
    return [*named, *([said("apart", "more-likelihoods", n=more)] if more else [])]


def _likelihood(each: Json) -> str:
    links = said("apart", "links", n=each["links"], tier=str(each["nearest_tier"]))
    actor = each["actor"]["name"] if each["actor"] else ""
    touches = {"actor": actor, "tier": str(each["nearest_tier"]), "links": links}
    source = f"{each['source'] or _titles(each) or said('apart', 'not-stated')} ({each['dataset']})"
    return said(
        "apart",
        "likelihood",
        what=about(each),
        said=measured(each),
        touches=said("touches", each["touches"], **touches),
        method=(each["method"] or said("apart", "not-stated")).rstrip("."),
        source=source,
    )


def about(each: Json) -> str:
    """Return what a likelihood is about: indicators, place and good."""
    place = each["place"] or {}
    where = f"{region(place['region'])} ({place['region']})" if place.get("region") else None
    if place and not where:
        where = country_and_code(place["country"])
    signs = listed([sign.replace("-", " ") for sign in each["indicators"]])
    return ", ".join(filter(None, (signs or each["kind"].replace("-", " "), where, goods(each["good"]))))


def measured(each: Json) -> str:
    """Return what a likelihood says: its level, or its value with unit, sample and period."""
    if each["level"]:
        return said("levels", each["level"])
    value, bounds, sample = each["value"], (each["lower"], each["upper"]), each["sample_size"]
    figure = said("apart", "no-value") if value is None else f"{value:,} {each['unit'] or ''}".rstrip()
    more = [each["period"]]
    more += (
        [said("apart", "bounds", lower=str(bounds[0]), upper=str(bounds[1]))] if None not in bounds else []
    )
    more += [said("apart", "sample", n=sample)] if sample is not None else []
    return f"{figure} ({', '.join(filter(None, more))})"


def _titles(each: Json) -> str:
    return "; ".join(piece.get("title") or piece["iri"] for piece in each["evidence"])


def sections(found: Json) -> list[tuple[str, list[str]]]:
    """Return what stands beside the exposures, by heading."""
    both = (("incidents", incidents(found)), ("likelihoods", likelihoods(found)))
    return [(said("apart", name), lines) for name, lines in both if lines]


def rows(found: Json) -> Iterator[tuple[str, str, Any]]:
    """Yield all of both as rows of a table: which of the two, of what, and what is said."""
    for site in found["incidents"]["by_actor"]:
        for each in site["incidents"]:
            yield "incidents", site["actor"]["id"], _incident(each, site["actor"])
    for each in found["likelihoods"]["listed"]:
        yield "likelihoods", each["id"], _likelihood(each)
