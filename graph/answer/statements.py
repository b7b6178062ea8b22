"""What is said of a trace as a whole, in sentences: its verdict, what was tested, and what was not testable.

All is made of a trace's object as `TraceResult.to_dict` returns it, so that every face says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opentier.graph.answer import apart
from opentier.graph.exposure.sold import titled
from opentier.graph.exposure.words import country_and_code, goods, listed, said
from opentier.graph.model import sheet

Json = Mapping[str, Any]

#: Limits that are counts of something untested, with the name of their sentence.
_COUNTED = {
    "past_exposures": "past",
    "pending_exposures": "pending",
    "actors_without_upstream_links": "bare",
    "actors_without_country": "country",
    "place_unknown": "place",
    "links_without_product": "goods",
    "links_without_code": "words",
    "links_without_inputs": "inputs",
    "links_closed_without_end": "closed",
    "links_of_no_confidence": "no-confidence",
    "refused_by_product": "refused",
    "declared_tier_gaps": "gaps",
    "broken_references": "references",
    "disputed": "disputed",
    "filtered_exposures": "filtered",
    "filtered_designations": "filtered-lists",
}
#: Limits that are ids or codes, with the name of their sentence.
_LISTED = {
    "doubtful_matches": "doubtful",
    "contradicting_changes": "contradicting",
    "hs_of_earlier_editions": "editions",
}
#: Names of one limit that are told.
NAMED = 5


def verdict(found: Json) -> list[str]:
    """Return the verdict in sentences; "No exposure found" stands only before the limits that it holds within."""
    result, reasons = found["verdict"]["result"], list(found["verdict"]["reasons"])
    return reasons if result == "exposed" else [said("verdicts", result), *reasons]


def question(found: Json) -> str:
    """Return what was asked of whom: the direction, the time, the product, the kinds, and all active filters."""
    asked = found["parameters"]
    direction = "downstream" if asked["downstream"] else "upstream"
    return f"Who is {direction} of {found['root']['name']}? " + " ".join(
        f"{each}." for each in conditions(found)
    )


def conditions(found: Json) -> Iterator[str]:
    """Yield what was asked, whoever is traced: the time, the product, the kinds, and all active filters."""
    given, filters = found["parameters"], dict(found["limits"]["filters"])
    if given["on"]:
        yield f"On {given['on']}"
    elif given["from"] or given["to"]:
        yield f"From {given['from'] or 'the beginning'} to {given['to'] or 'the end'}"
    else:
        yield "At any time"
    if given["as_known"]:
        yield f"As known at the end of {given['as_known']}"
    product = filters.pop("product", None)
    yield f"Product {goods(f'hs:{product}') if product.isdigit() else product}" if product else "Any product"
    yield f"{listed([said('kinds', kind) for kind in given['kinds']]).capitalize()} links"
    states = [state for state in ("past", "pending") if given[state]]
    if states:
        yield f"{listed(states).capitalize()} designations shown, too"
    if filters:
        yield "Filters: " + "; ".join(_filter(name, value) for name, value in filters.items())


def _filter(name: str, value: Any) -> str:
    shown = name.replace("_", " ")
    if value is True:
        return shown
    if name == "countries":
        value = [country_and_code(code) for code in value]
    if name == "exploitation":
        value = [said("exploitation", code) for code in value]
    if isinstance(value, float):
        return f"{shown} {value:g}"
    return f"{shown} {', '.join(value) if isinstance(value, list) else value}"


def tested(found: Json) -> list[str]:
    """Return what was tested."""
    limits, counts = found["limits"], found["counts"]
    registers = limits["designations"]
    searched, force, left = (_of_lists(limits, key) for key in ("searched", "in_force", "left_out"))
    reached, without = counts["reached"] + 1, limits["actors_without_country"]
    lines, counting = [], force - left
    if counting:
        lines.append(said("tested", "designations", searched=searched, registers=len(registers), force=force))
        lines += [said("tested", "left-out", n=left)] if left else []
    if counts["reached"]:
        kinds = listed([said("kinds", kind) for kind in found["parameters"]["kinds"]])
        tiers = "; " + ", ".join(f"tier {tier}: {many:,}" for tier, many in counts["by_tier"].items())
        lines.append(said("tested", "actors", actors=counts["reached"], kinds=kinds, tiers=tiers))
    if reached > without and counting:
        lines.append(said("tested", "places", known=reached - without, actors=reached))
    if counting:
        lines.append(said("tested", "names"))
    return lines


def untested(found: Json) -> list[str]:
    """Return what was not testable, and what was left out."""
    lines = [] if found["counts"]["reached"] else [said("untested", "nobody")]
    return [*_no_list(found["limits"]), *lines, *lacking(found["limits"])]


def _no_list(limits: Json) -> list[str]:
    """Return why no list was tested, where none was."""
    searched, force, left = (_of_lists(limits, key) for key in ("searched", "in_force", "left_out"))
    if force > left:
        return []
    key = "left-out" if left else "none-in-force" if searched else "no-list"
    return [said("untested", key, searched=searched, force=force)]


def _of_lists(limits: Json, key: str) -> int:
    """Return how many designations there are of all lists."""
    return sum(each[key] for each in limits["designations"])


def lacking(limits: Json, *, kinds: bool = True) -> list[str]:
    """Return what the limits of a trace, or of all actors, say was not testable or left out; `kinds` of links, too."""
    own = sold(limits)
    lines = [said("untested", "sells-listed", named=own)] if own else []
    for name, sentence in _COUNTED.items():
        if limits.get(name):
            lines.append(said("untested", sentence, n=limits[name]))
            if name == "refused_by_product":
                lines += [_refused(each) for each in limits["refused_first"]]
    missing = limits["kinds_not_walked"] if kinds else {}
    for kind, many in missing.items():
        if many:
            lines.append(said("untested", "kind", kind=said("kinds", kind).capitalize(), n=many, code=kind))
    if none := [said("kinds", kind) for kind, many in missing.items() if not many]:
        lines.append(said("untested", "kind-none", kinds=listed(none).capitalize()))
    if alike := limits["names_alike"]:
        lines.append(said("untested", "alike", n=len({each["actor"]["iri"] for each in alike})))
        named = list(dict.fromkeys(map(_alike, alike)))
        lines += named[:NAMED]
        lines += [said("untested", "more", n=len(named) - NAMED)] if named[NAMED:] else []
    for name, key in _LISTED.items():
        if ids := limits[name]:
            more = f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else ""
            lines.append(said("untested", key, n=len(ids), named=", ".join(ids[:NAMED]) + more))
    if ended := limits["continued_elsewhere"]:
        links = {(each["from"]["iri"], each["to"]["iri"]) for each in ended}
        lines.append(said("untested", "continued", n=len(links)))
        lines += map(_continued, ended[:NAMED])
        lines += [said("untested", "more", n=len(ended) - NAMED)] if ended[NAMED:] else []
    if against := limits["contradictions"]:
        lines.append(said("untested", "contradicted", n=len({each["contradicts"]["id"] for each in against})))
        lines += map(contradicted, against[:NAMED])
        lines += [said("untested", "more", n=len(against) - NAMED)] if against[NAMED:] else []
    if overruled := limits["judgements_overruled"]:
        lines.append(said("untested", "overruled", n=len(overruled)))
        lines += map(_overruled, overruled[:NAMED])
        lines += [said("untested", "more", n=len(overruled) - NAMED)] if overruled[NAMED:] else []
    if limits["truncated"]:
        lines.append(said("untested", "truncated"))
    return lines


def sold(limits: Json) -> str:
    """Return the designations of what the traced company itself sells, the first of them; nothing of none."""
    return titled(limits.get("sells_listed", ()))


def _refused(link: Json) -> str:
    ends = {"start": link["from"]["name"], "end": link["to"]["name"]}
    return said("untested", "refused-first", product=goods(link["product"]), **ends)


def _overruled(each: Json) -> str:
    told = [
        said("untested", "judged", dated=f" on {judged['date']}" if judged["date"] else "", **_by(judged))
        for judged in (each["judgement"], each["by"])
    ]
    ends = {"left": each["left"]["id"], "right": each["right"]["id"]}
    return said("untested", "overruled-one", said=told[0], by=told[1], **ends)


def _continued(each: Json) -> str:
    """Return what became of an end of a link that ended, and what designates that."""
    listed = f"; designated by {', '.join(each['designations'])}" if each["designations"] else ""
    link = {"start": each["from"]["name"], "end": each["to"]["name"], "ended": each["ended"]}
    return said("untested", "continued-one", change=_change(each), listed=listed, **link)


def contradicted(each: Json) -> str:
    """Return what contradicts a record: who, when and why."""
    dated = f" on {each['date']}" if each["date"] else ""
    who = each["by"] or each["dataset"]
    record, reason = each["contradicts"]["id"], each["reason"]
    return said("untested", "contradicted-one", record=record, who=who, dated=dated, reason=reason)


def _by(judged: Json) -> Json:
    """Return what a judgement says, and whose it is."""
    who = judged["decided_by"] or "nobody named"
    return {"judgement": judged["judgement"], "who": who, "dataset": judged["dataset"]}


def _alike(each: Json) -> str:
    return said("untested", "alike-one", actor=each["actor"]["name"], title=each["designation"]["title"])


def sources(found: Json) -> list[str]:
    """Return what the answer rests on: the searched lists with edition and date, and the datasets."""
    sets = (
        f"{d['id']} version {d['version']} ({d['licence'] or 'licence unknown'})"
        for d in found["limits"]["datasets"]
    )
    return [*lists(found), f"Datasets: {'; '.join(sets) or 'none'}."]


def lists(found: Json) -> list[str]:
    """Return the searched lists with edition and date."""
    lines = []
    for each in found["limits"]["designations"]:
        named = each["edition"] or ""
        edition = f", {named}" if "edition" in named else f", edition {named}" if named else ""
        dated = f" of {each['date'][:10]}" if each["date"] else ""
        counts = f"{each['searched']:,} searched, {each['in_force']:,} in force"
        if each["left_out"]:
            counts += f", {each['left_out']:,} of these left out by the filter on exploitation"
        lines.append(f"{each['register']}: {counts} (dataset {each['dataset']}{edition}{dated}).")
    return lines


def changes(found: Json) -> list[str]:
    """Return the changes of reached organisations until the asked day."""
    return list(map(_change, found["limits"]["organisation_changes"]))


def _change(each: Json) -> str:
    after = f", now {each['after']['name']}" if each["after"] else ""
    date = f" ({each['date'] or 'no date stated'})"
    return said("changes", "line", actor=each["actor"]["name"], kind=each["kind"], after=after, date=date)


def chokepoints(found: Json) -> list[str]:
    """Return where one change ends most exposures, each with the other buyers who could help."""
    lines = []
    for each in found["chokepoints"][:NAMED]:
        buyers = [buyer["name"] for buyer in each["other_buyers"]]
        other = f"; other buyers: {', '.join(buyers[:NAMED])}" if buyers else ""
        more = f" and {len(buyers) - NAMED:,} more" if len(buyers) > NAMED else ""
        ends = said("sentences", "ends", n=each["exposures_ended"])
        lines.append(f"{each['actor']['name']}: {ends}{other}{more}.")
    return lines


def basis(found: Json) -> Iterator[tuple[str, str, Any]]:
    """Yield what an answer rests on as rows of a table: its verdict, datasets, lists, dates, filters."""
    limits = found["limits"]
    yield "verdict", found["verdict"]["result"], " ".join(found["verdict"]["reasons"])
    for each in limits["datasets"]:
        yield "dataset", each["id"], f"version {each['version']}, {each['licence'] or 'licence unknown'}"
    for each in limits["designations"]:
        told = ", ".join(
            f"{key} {each[key]}" for key in ("dataset", "edition", "date", "searched", "in_force", "left_out")
        )
        yield "designations", each["register"], told
    for name in ("dates", "filters"):
        for key, value in limits[name].items():
            if value is not None:
                yield name, key, ",".join(value) if isinstance(value, list) else value


def rows(found: Json) -> Iterator[tuple[str, str, Any]]:
    """Yield the limits of a trace, or of all actors, as rows of a table: which limit, of what, and its value.

    Incidents and likelihoods, which are no limits and no exposures, come last, where there are any.
    """
    limits = found["limits"]
    yield from basis(found)
    for key, value in limits["kinds_not_walked"].items():
        yield "kinds_not_walked", key, value
    for name in _COUNTED:
        if name in limits:
            yield name, "", limits[name]
    for each in limits["names_alike"]:
        yield "names_alike", each["actor"]["id"], each["designation"]["id"]
    for each in limits.get("refused_first", ()):
        yield "refused_first", each["record"], each["product"]
    for each in limits["organisation_changes"]:
        yield "organisation_changes", each["actor"]["id"], f"{each['kind']} {each['date'] or ''}".strip()
    for each in limits["continued_elsewhere"]:
        yield "continued_elsewhere", f"{each['from']['id']} {each['to']['id']}", _continued(each)
    for name in _LISTED:
        for each in limits[name]:
            yield name, each, ""
    for each in limits["judgements_overruled"]:
        pair = f"{each['left']['id']} {each['right']['id']}"
        yield "judgements_overruled", pair, f"{each['judgement']['record']} by {each['by']['record']}"
    for each in limits["contradictions"]:
        yield "contradictions", each["contradicts"]["id"], contradicted(each)
    yield "truncated", "", limits["truncated"]
    if "incidents" in found:
        yield from apart.rows(found)


def table(found: Json) -> str:
    """Return the limits of a trace, or of all actors, as CSV for a spreadsheet."""
    return sheet.text(("limit", "of", "value"), rows(found))
