"""Records and comparisons as people read them, in lines of text: what was asked, the answer, what differs, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opentier.graph.answer import statements
from opentier.graph.exposure import words
from opentier.graph.kept import record as records
from opentier.graph.kept.comparison import AGED, CHANGED, GONE, NEW, Comparison, Differing
from opentier.graph.kept.editions import contribution
from opentier.graph.kept.record import LIST
from opentier.graph.kept.rows import RISK
from opentier.graph.screening import placed
from opentier.graph.screening.screened import NOTHING

Json = Mapping[str, Any]
#: Exposures that are named of each kind; JSON has all.
FIRST = 25
#: Reasons that are named of a row.
CAUSES = 5
_VERDICTS = ("exposed", "not-testable", "none-found")
_SIGNS = {NEW: "+", GONE: "-", CHANGED: "~"}


def asked(record: Json) -> str:
    """Return who a record is about, and the filters that were asked for."""
    question = record["question"]
    filters = record["limits"]["filters"] | {
        name: value for name, value in record["limits"]["dates"].items() if value is not None
    }
    said = [f"{name} {_value(value)}" for name, value in filters.items()]
    said += ["downstream"] if question["parameters"].get("downstream") else []
    said += [f"{name} was {text}" for name, text in question["as_asked"].items()]
    about = question["list"]["file"] if record["kind"] == LIST else _who(question["actor"])
    return about + (f"; {', '.join(said)}" if said else "")


def question(record: Json) -> str:
    """Return what was asked, in sentences."""
    said = record["question"]
    named = [f"{name} was asked for as {text}." for name, text in said["as_asked"].items()]
    about = {"root": said.get("actor"), "parameters": said["parameters"], "limits": record["limits"]}
    if record["kind"] == LIST:
        conditions = (f"{each}." for each in statements.conditions(about))
        return " ".join([f"Who is upstream of those in {said['list']['file']}?", *conditions, *named])
    return " ".join([statements.question(about), *named])


def answer(said: Json) -> list[str]:
    """Return the answer of a record, in sentences."""
    return statements.verdict(dict(said))


def untested(said: Json) -> list[str]:
    """Return what could not be tested, of all that a record is about."""
    limits = {**NOTHING, **said["limits"], "refused_first": []}
    return statements.lacking(limits, kinds=said["kind"] != LIST)


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
    yield from _rows(said) if said["kind"] == LIST else _results(said)
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


def _results(said: Json) -> Iterator[str]:
    """Yield the exposures of a trace with their paths, and what was not testable."""
    for each in said["results"][:FIRST]:
        yield f"- {_exposure(each, records.entry(said, each['designation'])['title'])}"
        hops = [hop["to"]["name"] for hop in records.path(said, each)]
        if hops:
            yield f"  by {' > '.join(hops)}"
    if said["results"][FIRST:]:
        yield f"... and {len(said['results']) - FIRST:,} more; --format json has all."
    yield from ["", "What this answer does not say:"]
    yield from (f"- {line}" for line in untested(said))


def _rows(said: Json) -> Iterator[str]:
    """Yield the rows of a list, those with an exposure first."""
    kept = {each["row"]: each["read"] for each in said["question"]["list"]["rows"]}
    some = sorted(
        (each for each in said["rows"] if each["verdict"]), key=lambda each: _VERDICTS.index(each["verdict"])
    )
    for each in some[:FIRST]:
        read = kept[each["row"]]
        best = next(iter(each["matches"]), None)
        match = f"{best['match_name']} ({best['match_id']}, {best['match_band']})" if best else "nobody"
        yield f"- row {each['row']}: {next(iter(read['called']), read['id'])}: {match}: {each['verdict']}"
        told = each["nearest"]["why"] if each["nearest"] else " ".join(each["not_testable"])
        yield f"  {told}"
        if behind := records.behind(each):
            yield f"  Nearest measure: {behind}"
        for risk in each.get(RISK, ())[:CAUSES]:
            entry = records.entry(said, risk["designation"])
            yield f"  By place and good, no exposure: {placed.told({**risk, 'designation': entry})}"
    if some[FIRST:]:
        yield f"... and {len(some) - FIRST:,} more; --format json has all."


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
    if new["kind"] == LIST:
        yield from _changed_rows(found)
        return
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


def _changed_rows(found: Comparison) -> Iterator[str]:
    """Yield the rows of a list that differ, each with what of it does and why."""
    yield from ["", f"{words.Figure(len(found.rows)):row} changed, {found.rows_same:,} as before."]
    for each in found.rows[:FIRST]:
        counts = [f"{many:,} {what}" for what, many in each.counts.items() if many]
        yield f"~ row {each.row}: {each.name}" + (f": exposures {', '.join(counts)}" if counts else "")
        for name, change in each.changes.items():
            was, now = (
                _match(change[side]) if name == "match" else _value(change[side]) for side in ("from", "to")
            )
            yield f"  {name.replace('_', ' ')}: {was} -> {now}"
        yield from (f"  because: {cause.text}" for cause in each.causes[:CAUSES])
        if each.causes[CAUSES:]:
            yield f"  and {len(each.causes) - CAUSES:,} more reasons; --format json has all."
    if found.rows[FIRST:]:
        yield f"... and {len(found.rows) - FIRST:,} more; --format json has all."


def _match(said: Json | None) -> str:
    return f"{said['name']} ({said['id']}, {said['band']})" if said else "nobody"


def _who(actor: Json) -> str:
    return f"{actor['name']} ({actor['id']})"


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
