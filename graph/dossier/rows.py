"""A dossier as tables: a row for each document about each purchase, and for each thing that one may ask a supplier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from opentier.graph.exposure.words import said
from opentier.graph.model import sheet

Json = Mapping[str, Any]

#: `item` is a purchase, a gap, a site, another link, an identity; "unplaced" is what is asked for and no purchase of
#: the path is about, "law" what is to be said of a law and the path.
COLUMNS = (
    "path", "tier", "item", "buyer_id", "buyer", "supplier_id", "supplier", "product", "stages", "law", "document_id",
    "document", "document_stage", "product_group", "need", "asked", "basis", "state", "held", "held_titles",
    "held_urls", "missing", "why", "certainty", "when", "source", "note", "record", "dataset", "version", "licence",
)  # fmt: skip
QUESTIONS = (
    "ask_id", "ask", "about_id", "about", "about_tier", "exposures", "limits", "kind", "question", "records",
)  # fmt: skip
LAWS = ("law", "title", "jurisdiction", "status", "applies_from", "listed", "said")
PATHS = ("path", "to_id", "to", "tier", "designation", "authority", "law", "actor", "actor_tier", "why")


def rows(found: Json) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of `COLUMNS`: each document about each item of each path; for an item without any, one."""
    for number, path in enumerate(found["paths"], 1):
        for cells in _of_path(path):
            yield (number, *(cells.get(name) for name in COLUMNS[1:]))


def _of_path(path: Json) -> Iterator[dict[str, Any]]:
    for item in path["items"]:
        place = _item(item)
        for document in item.get("documents", ()):
            yield place | _document(document) | _answer(document)
        if not item.get("documents"):
            held = item.get("evidence", ())
            yield place | {"why": item["said"], "missing": "; ".join(item.get("missing", ()))} | _held(held)
    for document in path["unplaced"]:
        yield {"item": "unplaced", "why": document["why"]} | _document(document) | _answer(document)
    for line in path["said"]:
        yield {"item": "law", "why": line}


def questions(found: Json) -> Iterator[tuple[Any, ...]]:
    """Yield a row of `QUESTIONS` for each thing that is to be asked."""
    for each in found["questions"]:
        ends = (each["ask"]["id"], each["ask"]["name"], each["about"]["id"], each["about"]["name"])
        for point in each["points"]:
            settled = each["about"]["tier"], each["exposures"], each["limits"]
            yield (*ends, *settled, point["kind"], point["ask"], " ".join(point["records"]))


def laws(found: Json) -> Iterator[tuple[Any, ...]]:
    """Yield a row of `LAWS` for each law."""
    for each in found["laws"]:
        listed = "yes" if each["listed"] else "no"
        about = (each["local"], each["title"], each["jurisdiction"], each["status"], each["applicable"])
        yield (*about, listed, " ".join(each["said"]))


def paths(found: Json) -> Iterator[tuple[Any, ...]]:
    """Yield a row of `PATHS` for each designation that a path meets."""
    for number, path in enumerate(found["paths"], 1):
        for touch in path["touches"]:
            entry, actor = touch["designation"], touch["actor"]
            met = (
                entry["title"],
                entry["authority"],
                entry["law"],
                actor["name"],
                touch["tier"],
                touch["sentence"],
            )
            yield (number, path["to"]["id"], path["to"]["name"], path["tier"], *met)


def sheets(found: Json) -> Iterator[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]:
    """Yield the tables of a dossier, each with its name and its columns."""
    notes = [("note", each) for each in found["notes"]]
    sets = [
        ("dataset", f"{each['id']} version {each['version']}, {each['licence']}")
        for each in found["datasets"]
    ]
    yield "Dossier", COLUMNS, rows(found)
    yield "Questions", QUESTIONS, questions(found)
    yield "Paths", PATHS, paths(found)
    yield "Laws", LAWS, laws(found)
    yield "Notes", ("what", "said"), [*notes, *sets]


def csv(found: Json) -> str:
    """Return the rows of a dossier as CSV for a spreadsheet (see `sheet`)."""
    return sheet.text(COLUMNS, rows(found))


def questions_csv(found: Json) -> str:
    """Return what is to be asked as CSV for a spreadsheet."""
    return sheet.text(QUESTIONS, questions(found))


def lacking(document: Json) -> str:
    """Return which types of evidence lack, in words; where one of several is enough, that."""
    named = [said("documents", each) for each in document["missing"]]
    if len(named) > 1 and document["wanted"] == 1:
        return said("dossier", "one-of", types=" or ".join(named))
    return ", ".join(named)


def also(document: Json) -> str:
    """Return what is asked of any goods and taken in by a document about some; nothing where nothing is."""
    taken = "; ".join(each["document"] for each in document["also"])
    return said("dossier", "also", documents=taken) if taken else ""


def _item(item: Json) -> dict[str, Any]:
    stages = [*item.get("stages", ()), *(["import"] if item.get("import_of") else [])]
    return {
        "tier": item["tier"],
        "item": item["item"],
        "buyer_id": item["from"]["id"],
        "buyer": item["from"]["name"],
        "supplier_id": item["to"]["id"],
        "supplier": item["to"]["name"],
        "product": item.get("product"),
        "stages": ", ".join(said("stages", each) for each in stages),
        **{key: item.get(key) for key in ("record", "dataset", "version", "licence")},
    }


def _document(document: Json) -> dict[str, Any]:
    return {
        "law": document["law"],
        "document_id": document["id"],
        "document": document["document"],
        "document_stage": said("stages", document["stage"]),
        "product_group": document["product_group"],
        "need": document["need"],
        "asked": document["asked"],
        "basis": said("bases", document["basis"]),
        "certainty": document["certainty"] and said("certainties", document["certainty"]),
        "when": document["when"],
        "source": document["source"],
        "note": " ".join(filter(None, (document["note"], also(document)))),
    }


def _answer(document: Json) -> dict[str, Any]:
    state = said("answered", document["state"])
    return {"state": state, "missing": lacking(document)} | _held(document["held"])


def _held(pieces: Sequence[Json]) -> dict[str, Any]:
    return {
        "held": "; ".join(each["id"] for each in pieces),
        "held_titles": "; ".join(each["title"] or each["id"] for each in pieces),
        "held_urls": " ".join(each["url"] for each in pieces if each["url"]),
    }
