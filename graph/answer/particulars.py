"""What is said of one designation, one exposure, one path and its hops, in sentences.

All is made of a trace's object as `TraceResult.to_dict` returns it, so that every face says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opentier.graph.answer import statements
from opentier.graph.exposure import words
from opentier.graph.model import printed

Json = Mapping[str, Any]


def heading(group: Json) -> str:
    """Return under which heading exposures of one designation stand: of its legal force, or what it is instead."""
    state = "-and-".join(group["states"])
    return words.said("groups", group["group"] if state == "current" else state)


def weak(exposure: Json) -> list[str]:
    """Return what weakens an exposure: how the listed good fits its first path, and when that lived."""
    scope, hops = exposure["scope_match"], exposure["paths"][0]["hops"]
    if scope == "unknown" and not any(hop["kind"] == "supply" for hop in hops):
        scope = "no-link"
    lines = [words.said("scope", scope)] if scope in ("coarse", "unknown", "no-link") else []
    return lines if exposure["in_force_while_live"] else [*lines, words.said("scope", "not-while-live")]


def why(exposure: Json) -> str:
    """Return why a designation touches an actor, and what weakens that."""
    return " ".join((exposure["sentence"], *weak(exposure)))


def entry(entry: Json) -> str:
    """Return who says what a designation says, by which law, since when, and for what."""
    dates = (
        ("in force since", entry["effective_date"] or entry["listing_date"]),
        ("until", entry["delisting_date"]),
        ("seen", entry["observed_date"]),
    )
    when = [f"{word} {date}" for word, date in dates if date] or ["no date stated"]
    spans = [_between(span["from"], span["to"]) for span in entry["in_force"]]
    if entry["status_history"]:
        when = [f"in force {words.listed(spans)}" if spans else "in force at no time"]
    elif not spans:
        begun = entry["effective_date"] or entry["listing_date"]
        when = [*([f"begun {begun}"] if begun else []), "no longer in force; since when, nobody states"]
    lists = [words.said("exploitation", code) for code in entry["exploitation"]]
    by = [entry["authority"], entry["law"] or entry["register"], ", ".join(when), words.listed(lists)]
    return "; ".join(str(part) for part in by if part) + "."


def became(entry: Json) -> str:
    """Return what became of a designation, with its note; of a risk designation that is plainly active, nothing.

    The note of a measure is always told: it says how far the measure goes, and what of it was read by hand.
    """
    changes = [f"{change['status']} {change['date']}" for change in entry["status_history"]]
    if changes or entry["status"] not in (None, "active"):
        return (
            f"Status: {'; '.join(filter(None, (entry['status'], *changes)))}. {entry['note'] or ''}".rstrip()
        )
    return (entry["note"] or "") if entry["class"] == "measure" else ""


def replies(entry: Json) -> list[str]:
    """Return what those who are concerned reply."""
    return [
        f"Reply of {each['party']['name']} ({each['date'] or 'no date'}): {each['text'] or each['url']}"
        for each in entry["replies"]
    ]


def sure(path: Json) -> str:
    """Return how sure a path is, when it lived, and whether its products go on; what no link says is not told."""
    links = [hop for hop in path["hops"] if hop["kind"] != "identity"]
    if not links:
        return words.said("unstated", "link")
    sure = path["confidence"]["product"]
    each, least = (printed.score(path["confidence"][name], ".3g") for name in ("product", "minimum"))
    stated = any(hop["confidence"] is not None for hop in links)
    band = words.band(sure) if stated else words.said("unstated", "confidence")
    told = f"path confidence {each} ({band}), weakest hop {least}; {_live(path['live'])}"
    goes_on = path["product_continuity"]
    return told if goes_on == "not-asked" else f"{told}; {words.said('continuity', goes_on)}"


def _live(live: Json) -> str:
    known = live["from"] or live["to"]
    return f"live {_between(live['from'], live['to'])}" if known else words.said("unstated", "date")


def _between(start: str | None, end: str | None) -> str:
    return words.between(start, end) or "at all times"


def hop(hop: Json) -> str:
    """Return a hop: who, where, what, when, how sure, by which document, from which dataset."""
    return f"{hop['to']['name']}, {words.country_and_code(hop['to']['country'])}: " + "; ".join(told(hop))


def stake(hop: Json) -> str:
    """Return who holds which share of whom, when, and who says so."""
    share = words.said("unstated", "share") if hop["share"] is None else f"{hop['share']:g} %"
    return f"{hop['from']['name']} holds {share} of {hop['to']['name']}; {dates(hop)}; {source(hop)}"


def told(hop: Json) -> Iterator[str]:
    """Yield all that is said of a hop but whom it leads to."""
    yield from facts(hop)
    if not hop.get("judgement"):
        titles = [item.get("title") or item["iri"] for item in hop["evidence"]]
        yield f"document: {'; '.join(titles) or hop['source'] or 'none stated'}"
    yield from beside(hop)
    if hop["dataset"]:
        yield source(hop)


def facts(hop: Json) -> Iterator[str]:
    """Yield what a hop is, when, and how sure; of a join, who judged it."""
    judged = hop.get("judgement")
    if judged:
        score = f", score {printed.score(judged['score'], '.3g')}" if judged["score"] is not None else ""
        by = judged["decided_by"] or "nobody named"
        yield f"identity judged {judged['judgement']} by {by}{score} ({judged['date'] or 'no date stated'})"
        return
    product = words.goods(hop["product"]) or ("no product stated" if hop["kind"] == "supply" else "")
    yield ", ".join(part for part in (words.said("kinds", hop["kind"]), product) if part)
    yield dates(hop)
    yield "confidence not stated" if hop["confidence"] is None else f"confidence {hop['confidence']:g}"


def beside(hop: Json) -> Iterator[str]:
    """Yield what contradicts a hop, and what stands beside it and is no exposure."""
    for each in hop["contradictions"]:
        yield statements.contradicted(each)
    for name in ("incidents", "likelihoods"):
        if hop[name]:
            yield words.said("apart", f"hop-{name}", n=len(hop[name]))


def source(hop: Json) -> str:
    """Return the dataset of a hop, its version and licence; a join by an equal identifier is of none."""
    if not hop["dataset"]:
        return ""
    return f"{hop['dataset']} version {hop['version']}, {hop['licence'] or 'licence unknown'}"


def gap(hop: Json) -> str:
    """Return what is not known before the end of a hop."""
    return f"Not known: {words.Figure(hop['gap']):declared tier}, not named" if hop["gap"] else ""


def dates(hop: Json) -> str:
    """Return the dates of a hop as they are stated; a day on which it was seen is no beginning."""
    if hop["start_date"] or hop["end_date"]:
        seen = f", seen {hop['observed_date']}" if hop["observed_date"] else ""
        return _between(hop["start_date"], hop["end_date"]) + seen
    if hop["observed_date"]:
        return f"seen {hop['observed_date']}, no start stated: an old sighting is no proof of today"
    return words.said("unstated", "dates")
