"""Which documents a hop of a path has, and which of a full file it lacks.

All is made of a hop's object as `TraceResult.to_dict` returns it, so that every face says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentier.graph.exposure.words import said

Json = Mapping[str, Any]

#: What a full file of a purchase holds, each with the types of evidence that count as it: a customs record stands for
#: the transport document.
FULL: Mapping[str, tuple[str, ...]] = {
    "purchase-order": ("purchase-order",),
    "invoice": ("invoice",),
    "proof-of-payment": ("proof-of-payment",),
    "transport-document": ("bill-of-lading", "customs-record"),
    "production-record": ("production-record",),
    "certificate-of-origin": ("certificate-of-origin",),
}


def types(hop: Json) -> list[str]:
    """Return the types of a hop's evidence, each once, in the order of the evidence."""
    return list(dict.fromkeys(each["type"] for each in hop["evidence"] if each.get("type")))


def held(hop: Json) -> list[str]:
    """Return which documents a hop rests on, in words."""
    return [said("documents", code) for code in types(hop)]


def missing(hop: Json) -> list[str]:
    """Return which documents of a full file a hop lacks, in words; only a purchase has a file, so nothing of others."""
    if hop["kind"] != "supply":
        return []
    known = set(types(hop))
    return [said("documents", name) for name, answers in FULL.items() if not known & set(answers)]


def against() -> str:
    """Return what missing documents are counted against, as a sentence."""
    return said("about", "against", documents=", ".join(said("documents", name) for name in FULL))
