"""What follows the first page of a report, as data: every path hop by hop, companies, limits, sources.

A page holds no more than somebody turns over: of long lists the first rows, and how many more there are. The workbook
and the JSON of an answer hold all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from opentier.graph.answer import apart, documents, particulars, statements
from opentier.graph.answer.steps import Step, steps
from opentier.graph.exposure import words
from opentier.graph.exposure.words import country_and_code, said
from opentier.graph.printing.onepage import called, groups

Json = Mapping[str, Any]

#: Designations and companies that are listed; exposures and paths, of all designations together and of each at least.
DESIGNATIONS, COMPANIES, EXPOSURES, PATHS, FEW = 40, 100, 150, 60, 2
#: What an address may hold as it is; the rest of it is written by its bytes.
_ADDRESS = ":/?#[]@!$&'()*+,;=%-._~"
#: Paths of one exposure.
EACH = 3


def chapters(found: Json) -> Json:
    """Return all that follows the first page but the tier picture."""
    every = groups(found)
    shown, left = every[:DESIGNATIONS], every[DESIGNATIONS:]
    rows, paths = (max(FEW, most // max(1, len(shown))) for most in (EXPOSURES, PATHS))
    return {
        "groups": [_group(found, group, rows, paths) for group in shown],
        "more": said("report", "more-groups", n=len(left), exposures=sum(map(len, left))) if left else "",
        "beside": [
            {"heading": heading, "lines": lines}
            for heading, lines in (
                *apart.sections(found),
                (said("report", "chokepoints"), statements.chokepoints(found)),
                (said("changes", "heading"), statements.changes(found)),
            )
            if lines
        ],
        "companies": _companies(found),
        "tested": statements.tested(found) or [said("untested", "none")],
        "untested": statements.untested(found) or [said("untested", "nothing")],
        "lists": statements.lists(found),
        "datasets": [
            {
                "id": each["id"],
                "version": each["version"],
                "licence": each["licence"] or said("report", "no-licence"),
            }
            for each in found["limits"]["datasets"]
        ],
    }


def _group(found: Json, group: list[Json], rows: int, paths: int) -> Json:
    entry = group[0]["designation"]
    mark, word = called(group)
    opened: list[Json] = []
    for exposure in group:
        opened += [_path(found, exposure, number) for number in range(len(exposure["paths"][:EACH]))]
        if len(opened) >= paths:
            break
    every, listed = sum(len(exposure["paths"]) for exposure in group), opened[:paths]
    return {
        "heading": particulars.heading(group[0]),
        "mark": mark, "word": word, "title": entry["title"],
        "entry": [line for line in (particulars.entry(entry), particulars.became(entry)) if line],
        "replies": particulars.replies(entry),
        "source": f"{entry['dataset']}, {entry['licence'] or said('report', 'no-licence')}",
        "count": said("report", "touched", n=len(group)),
        "rows": [_row(exposure) for exposure in group[:rows]],
        "more": said("report", "more-exposures", n=len(group) - rows) if len(group) > rows else "",
        "paths": listed,
        "more_paths": said("report", "more-paths", n=every - len(listed)) if every > len(listed) else "",
    }  # fmt: skip


def _row(exposure: Json) -> Json:
    actor = exposure["actor"]
    return {
        "tier": actor["tier"], "name": actor["name"], "id": actor["id"],
        "country": country_and_code(actor["country"]),
        "why": particulars.why(exposure),
        "severity": words.severity(exposure["severity"]),
        "stakes": list(map(particulars.stake, exposure["stakes"])),
    }  # fmt: skip


def _path(found: Json, exposure: Json, number: int) -> Json:
    downstream = found["parameters"]["downstream"]
    path = exposure["paths"][number]
    return {
        "to": said(
            "report", "path", n=number + 1, all=len(exposure["paths"]), actor=exposure["actor"]["name"]
        ),
        "sure": particulars.sure(path),
        "from": f"{found['root']['name']}, {country_and_code(found['root']['country'])}",
        "steps": [_step(step) for step in steps(exposure, number, downstream=downstream)],
    }


def _step(step: Step) -> Json:
    hop = step.hop
    lacks = documents.missing(hop)
    return {
        "tier": f"tier {step.tier}",
        "name": step.actor["name"],
        "where": country_and_code(step.actor["country"]),
        "relation": step.relation,
        "gap": step.gap,
        "facts": "" if hop.get("judgement") else "; ".join(particulars.facts(hop)),
        "documents": list(pieces(hop)),
        "missing": said("report", "missing", documents=", ".join(lacks)) if lacks else "",
        "beside": list(particulars.beside(hop)),
        "source": particulars.source(hop),
        "record": hop["record"] or "",
        "end": step.end,
    }


def pieces(hop: Json) -> Iterator[Json]:
    """Yield the evidence of a hop: what it is called, of which type, and where it is."""
    for each in hop["evidence"]:
        kind = said("documents", each["type"]) if each.get("type") else ""
        yield {"title": each.get("title") or each["iri"], "kind": kind, "url": link(each.get("url") or "")}
    if hop["source"] and not hop["evidence"]:
        yield {"title": hop["source"], "kind": "", "url": link(hop["source"])}


def link(url: str) -> str:
    """Return an address that a page may lead to; of anything else, nothing."""
    return quote(url, safe=_ADDRESS) if url.startswith(("https://", "http://")) else ""


def _companies(found: Json) -> Json:
    touched: dict[str, dict[str, None]] = {}
    for group in groups(found):
        for exposure in group:
            touched.setdefault(exposure["actor"]["iri"], {})[called(group)[1]] = None
    every = found["reached"]
    return {
        "rows": [
            {
                "tier": each["tier"], "name": each["name"], "id": each["id"], "kind": each["kind"].replace("-", " "),
                "country": country_and_code(each["country"]), "touched": "; ".join(touched.get(each["iri"], ())),
            }
            for each in every[:COMPANIES]
        ],
        "more": said("report", "more-companies", n=len(every) - COMPANIES) if len(every) > COMPANIES else "",
    }  # fmt: skip
