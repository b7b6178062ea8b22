"""The dossier of a chain as a report has it: per purchase the documents that laws ask for, and whom to ask what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opentier.graph.dossier import rows, told
from opentier.graph.exposure.words import goods, said

Json = Mapping[str, Any]

#: Paths and questions that are laid out; the workbook has all.
PATHS, QUESTIONS = 10, 25


def papers(dossier: Json) -> Json:
    """Return a dossier (see `dossier.dossier`) so that it can be laid out."""
    paths, questions = dossier["paths"], dossier["questions"]
    before: dict[str, int] = {}
    return {
        "heading": said("report", "dossier"),
        "laws": [{"title": f"{each['title']} ({each['local']})", "lines": each["said"]} for each in dossier["laws"]],
        "notes": dossier["notes"],
        "paths": [_path(number, path, before) for number, path in enumerate(paths[:PATHS], 1)],
        "more": said("report", "more-paths", n=len(paths) - PATHS) if len(paths) > PATHS else "",
        "asking": said("report", "questions"),
        "questions": [
            {"title": told.settled(each), "lines": [point["ask"] for point in each["points"]]}
            for each in questions[:QUESTIONS]
        ],
        "more_questions": (
            said("report", "more-questions", n=len(questions) - QUESTIONS) if len(questions) > QUESTIONS else ""
        ),
    }  # fmt: skip


def _path(number: int, path: Json, before: dict[str, int]) -> Json:
    """Return a path; of a purchase that an earlier path has alike, its number."""
    items = []
    for item in path["items"]:
        key = repr({**item, "import_of": None})
        items.append(_item(item, before.get(key)))
        before.setdefault(key, number)
    touches = [
        f"{touch['designation']['title']}: {touch['actor']['name']}, tier {touch['tier']}"
        for touch in path["touches"]
    ]
    return {
        "title": said("report", "path-to", n=number, actor=path["to"]["name"], tier=path["tier"]),
        "lines": [*touches, *path["said"]],
        "items": items,
        "unplaced": list(_unplaced(path["unplaced"])),
    }


def _item(item: Json, before: int | None) -> Json:
    ends = {"buyer": item["from"]["name"], "seller": item["to"]["name"]}
    if item["item"] in ("gap", "identity"):
        return {"title": item["said"], "lines": [], "rows": [], "purchase": False}
    held = "; ".join(item["held"]) or said("report", "nothing-held")
    if item["item"] != "purchase":
        kind = said("kinds", item["kind"]).capitalize()
        title = f"{kind}: {ends['buyer']}, {ends['seller']}. Held: {held}."
        return {"title": title, "lines": [], "rows": [], "purchase": False}
    named = goods(item["product"]) or said("report", "goods-not-stated")
    title = said("report", "buys", tier=item["tier"], goods=named, **ends)
    if before is not None:
        return {"title": title, "lines": [said("report", "as-on", n=before)], "rows": [], "purchase": True}
    lacks = "; ".join(item["missing"]) or "-"
    lines = [told.stage(item), f"Held: {held}. Missing: {lacks}."]
    asked = [_document(each) for each in item["documents"]]
    return {"title": title, "lines": lines, "rows": asked, "purchase": True}


def _document(document: Json) -> Json:
    return {
        "state": said("answered", document["state"]),
        "document": document["document"],
        "asked": told.asked(document),
        "there": "; ".join(told.piece(each) for each in document["held"]),
        "lacks": rows.lacking(document),
        "more": " ".join(filter(None, (rows.also(document), document["note"]))),
    }


def _unplaced(documents: list[Json]) -> Iterator[Json]:
    """Yield what no purchase of a path is about, by why."""
    by: dict[str, list[str]] = {}
    for each in documents:
        by.setdefault(each["why"], []).append(f"{each['document']} ({told.asked(each)})")
    for why, lines in by.items():
        yield {"title": said("report", "asked-too", why=why), "lines": lines}
