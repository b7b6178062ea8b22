"""Records and comparisons as people read them, in lines of text: what was asked, the answer, what differs, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opentier.graph.answer import statements
from opentier.graph.exposure import words
from opentier.graph.screening import record as records
from opentier.graph.screening.comparison import AGED, CHANGED, GONE, NEW, Comparison, Differing
from opentier.graph.screening.editions import contribution

Json = Mapping[str, Any]
#: Exposures that are named of each kind; JSON has all.
FIRST = 25
_SIGNS = {NEW: "+", GONE: "-", CHANGED: "~"}


def asked(record: Json) -> str:
    """Return who a record is about, and the filters that were asked for."""
    question = record["question"]
    actor = question["actor"]
    filters = record["limits"]["filters"] | {
        name: value for name, value in record["limits"]["dates"].items() if value is not None
    }
    said = [f"{name} {_value(value)}" for name, value in filters.items()]
    said += ["downstream"] if question["parameters"]["downstream"] else []
    said += [f"{name} was {text}" for name, text in question["as_asked"].items()]
    return f"{actor['name']} ({actor['id']})" + (f"; {', '.join(said)}" if said else "")


def question(record: Json) -> str:
    """Return what was asked, in sentences."""
    said = record["question"]
    named = [f"{name} was asked for as {text}." for name, text in said["as_asked"].items()]
    about = {"root": said["actor"], "parameters": said["parameters"], "limits": record["limits"]}
    return " ".join([statements.question(about), *named])


def record(said: Json) -> list[str]:
    """Return a record in lines: the question, the answer, what touches whom, on which data, and the hash."""
    return list(_record(said))


def _record(said: Json) -> Iterator[str]:
    yield f"Record {said['id']}: {asked(said)}"
    yield question(said)
    if said["again_of"]:
        yield f"It asks {said['again_of']['id']} again (hash {said['again_of']['hash']})."
    yield from statements.verdict(said)
    yield ""
    for number, each in enumerate(said["results"]):
        if number == FIRST:
            yield f"... and {len(said['results']) - FIRST:,} more; --format json has all."
            break
        yield f"- {_exposure(each, records.entry(said, each['designation'])['title'])}"
        hops = [hop["to"]["name"] for hop in records.path(said, each)]
        if hops:
            yield f"  by {' > '.join(hops)}"
    yield from ["", "What this answer does not say:"]
    yield from (f"- {line}" for line in statements.lacking(said["limits"] | {"refused_first": []}))
    if said["judgements"]:
        yield from ["", "Who is one with whom:"]
    for each in said["judgements"]:
        by = f"{each['decided_by'] or 'nobody named'}" + (f", {each['date']}" if each["date"] else "")
        yield f"- {each['left']} and {each['right']} {words.said('judged', each['judgement'])} ({by})"
    yield from ["", "Data:"]
    for each in said["datasets"]:
        version = f"version {each['version']}" if each["version"] else "made of the others"
        told = [
            each["edition"] and f"edition {each['edition']}",
            each["date"],
            each["licence"] or "licence unknown",
        ]
        yield f"- {each['id']} {version} ({', '.join(filter(None, told))})"
    yield ""
    yield f"Made by opentier {said['program']['version']}. Hash: {said['hash']}"


def comparison(found: Comparison) -> list[str]:
    """Return a comparison in lines: whether the answer is another one, by which data, and what differs."""
    return list(_comparison(found))


def _comparison(found: Comparison) -> Iterator[str]:
    old, new = found.old, found.new
    yield question(new)
    was, now = (side["verdict"]["result"] for side in (old, new))
    yield f"The answer is {'another one' if found.changed else 'the same'}. It was {was}, and is {now}."
    yield from statements.verdict(new)
    if found.contributions or found.others:
        yield from ["", "What differs in the data:"]
    yield from (f"- {contribution(each)}" for each in found.contributions)
    yield from (f"- {cause.text}" for cause in found.others)
    for what in (NEW, GONE, CHANGED):
        some = [each for each in found.exposures if each.what == what]
        if some:
            yield from ["", f"{what.capitalize()}: {words.Figure(len(some)):exposure}"]
        for each in some[:FIRST]:
            yield from _differing(each)
        if some[FIRST:]:
            yield f"... and {len(some) - FIRST:,} more; --format json has all."
    counts = found.counts()
    yield ""
    if counts[AGED]:
        yield f"{words.Figure(counts[AGED]):exposure} weigh less for their age alone."
    yield f"{words.Figure(counts['same']):exposure} as before."


def _differing(each: Differing) -> Iterator[str]:
    said = each.new or each.old
    assert said is not None
    yield f"{_SIGNS[each.what]} {_exposure(said, each.title)}"
    for name, change in each.changes.items():
        yield f"  {name}: {_value(change['from'])} -> {_value(change['to'])}"
    yield from (f"  because: {cause.text}" for cause in each.causes)


def _exposure(each: Json, title: str) -> str:
    actor = each["actor"]
    state = "" if each["state"] == "current" else f" ({each['state']})"
    where = words.country_and_code(actor["country"])
    return f"tier {actor['tier']}: {actor['name']}, {where}: {title}{state}. {each['sentence']}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return " > ".join(map(str, value)) if value else "none"
    return "none" if value is None else str(value)
