"""A dossier as tables: a row for each document about each purchase, and for each thing that one may ask a supplier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from opentier.graph.exposure.words import said
from opentier.graph.model import sheet

Json = Mapping[str, Any]

COLUMNS = (
    "path", "tier", "item", "buyer_id", "buyer", "supplier_id", "supplier", "product", "stages", "law", "document_id",
    "document", "stage", "product_group", "need", "asked", "basis", "state", "held", "held_titles", "held_urls",
    "missing", "certainty", "valid_from", "source", "note", "record", "dataset", "version", "licence",
)  # fmt: skip
QUESTIONS = (
    "ask_id", "ask", "about_id", "about", "about_tier", "exposures", "limits", "kind", "question", "record",
)  # fmt: skip
LAWS = ("law", "title", "jurisdiction", "status", "applies_from", "listed", "said")
PATHS = ("path", "to_id", "to", "tier", "designation", "authority", "law", "actor", "actor_tier", "why")


def rows(found: Json) -> Iterator[tuple[Any, ...]]:
    """Yield a row of `COLUMNS` for each document about each item of each path; for an item without any, one."""
    for number, path in enumerate(found["paths"], 1):
        for item in path["items"]:
            place = _place(item)
            empty = (None,) * 10
            for document in item.get("documents") or ():
                yield (
                    number,
                    *place,
                    *_document(document),
                    *_answer(document),
                    *_about(document),
                    *_record(item),
                )
            if not item.get("documents"):
                held = [each["title"] or each["id"] for each in item.get("evidence", ())]
                state = said("dossier", "between") if item["item"] == "gap" else item["said"]
                yield (
                    number, *place, *empty[:8], state, "; ".join(item.get("held", ())), "; ".join(held), None,
                    "; ".join(item.get("missing", ())), *empty[:4], *_record(item),
                )  # fmt: skip
        for document in path["unplaced"]:
            lacking = ", ".join(said("documents", each) for each in document["types"])
            answer = said("answered", "missing"), None, None, None, lacking
            place = (None, "unplaced", *(None,) * 5, document["why"])
            yield (number, *place, *_document(document), *answer, *_about(document), *(None,) * 4)


def questions(found: Json) -> Iterator[tuple[Any, ...]]:
    """Yield a row of `QUESTIONS` for each thing that is to be asked."""
    for each in found["questions"]:
        ends = (each["ask"]["id"], each["ask"]["name"], each["about"]["id"], each["about"]["name"])
        for point in each["points"]:
            settled = each["about"]["tier"], each["exposures"], each["limits"]
            yield (*ends, *settled, point["kind"], point["ask"], point["record"])


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


def _place(item: Json) -> tuple[Any, ...]:
    stages = ", ".join(said("stages", each) for each in item.get("stages", ()))
    ends = (item["from"]["id"], item["from"]["name"], item["to"]["id"], item["to"]["name"])
    return (item["tier"], item["item"], *ends, item.get("product"), stages or None)


def _document(document: Json) -> tuple[Any, ...]:
    return (
        document["law"], document["id"], document["document"], said("stages", document["stage"]),
        document["product_group"], document["need"], document["asked"], said("bases", document["basis"]),
    )  # fmt: skip


def _answer(document: Json) -> tuple[Any, ...]:
    held = document["held"]
    return (
        said("answered", document["state"]),
        "; ".join(each["id"] for each in held),
        "; ".join(each["title"] or each["id"] for each in held),
        "; ".join(each["url"] for each in held if each["url"]),
        lacking(document),
    )


def lacking(document: Json) -> str:
    """Return which types of evidence lack, in words; where one of several is enough, that."""
    named = [said("documents", each) for each in document["missing"]]
    if len(named) > 1 and document["wanted"] == 1:
        return said("dossier", "one-of", types=" or ".join(named))
    return ", ".join(named)


def _about(document: Json) -> tuple[Any, ...]:
    sure = said("certainties", document["certainty"]) if document["certainty"] else None
    also = "; ".join(each["document"] for each in document["also"])
    told = [document["note"], said("dossier", "also", documents=also) if also else None]
    return sure, document["valid_from"], document["source"], " ".join(filter(None, told)) or None


def _record(item: Json) -> tuple[Any, ...]:
    return tuple(item.get(key) for key in ("record", "dataset", "version", "licence"))
