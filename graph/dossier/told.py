"""What is said of a document of a dossier, and of the evidence that answers it, in words for every face."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentier.graph.exposure.words import listed, said

Json = Mapping[str, Any]


def asked(document: Json) -> str:
    """Return how much a document is asked for, under which law, on what basis, when, and how sure that is."""
    by = said("bases", document["basis"]) if document["binding"] or document["need"] != "required" else ""
    sure = said("certainties", document["certainty"]) if document["certainty"] else ""
    told = (document["law"].rpartition("/")[2], document["asked"], by, document["when"], sure)
    return "; ".join(filter(None, told))


def piece(found: Json) -> str:
    """Return a piece of evidence: what it is called, of which type and day it is, and who has it."""
    named = found["title"] or found["id"]
    about = [said("documents", found["type"]) if found["type"] else "", found["retrieved"], found["dataset"]]
    about += [said("dossier", "stands-for")] if found["stands_for"] else []
    return f"{named} ({', '.join(filter(None, about))})"


def stage(item: Json) -> str:
    """Return at which stage a purchase is; that it is not known, where it is not."""
    named = [*item["stages"], *(["import"] if item["import_of"] else [])]
    stages = listed([said("stages", each) for each in named])
    return f"Stage: {stages}. {item['said']}".strip() if named else item["said"]


def settled(question: Json) -> str:
    """Return whom to ask about whom, and how much the answer could settle."""
    numbers = {"exposures": question["exposures"], "limits": question["limits"]}
    return said("dossier", "settled", who=question["ask"]["name"], about=question["about"]["name"], **numbers)
