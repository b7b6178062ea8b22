"""The datasets that ship: what is true of the world, dated and counted, and the invented example apart from it.

Each is a Data Package below ``graph/datasets``. Its descriptor says publisher, edition (`version`), day of the edition
(`created`), licence, and how many of what it holds in the publisher's own count (`counts`).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from opentier.graph.contribution.package import DESCRIPTOR

#: What is true of the world, in the order in which the datasets refer to each other.
REFERENCE = (
    "initiatives", "laws", "documents", "instruments", "registers", "data-points", "practices", "terms",
    "presumptions", "cbp", "uflpa", "uflpa-sectors", "ilab",
)  # fmt: skip
#: The worked example, and a second invented publisher in two editions.
EXAMPLES = ("example", "example-customs-first", "example-customs")
#: The reference datasets that the example's story tells of; it has invented lists of its own.
BESIDE_EXAMPLE = (
    "initiatives", "laws", "documents", "instruments", "registers", "data-points", "practices", "terms",
)  # fmt: skip


@dataclass(frozen=True)
class Shipped:
    """What a shipped dataset says of itself.

    Attributes
    ----------
    counts
        How many of what it holds: as its publisher counts, else the rows of its tables.
    """

    dataset: str
    title: str
    publisher: str
    edition: str
    date: str
    counts: Mapping[str, int]
    licence: str
    homepage: str


def folder(name: str) -> Traversable:
    """Return the folder of a shipped dataset."""
    return files("opentier.graph").joinpath("datasets", name)


def shipped(name: str) -> Shipped:
    """Return what a shipped dataset says of itself."""
    said = json.loads(folder(name).joinpath(DESCRIPTOR).read_text("utf-8"))
    rows = {table["name"]: _rows(folder(name).joinpath(table["path"])) for table in said["resources"]}
    licence = said["licenses"][0]
    return Shipped(
        dataset=said["name"],
        title=said["title"],
        publisher=said["contributors"][0]["title"],
        edition=said["version"],
        date=said["created"][:10],
        counts=said.get("counts", rows),
        licence=licence["name"],
        homepage=said.get("homepage", ""),
    )


def _rows(table: Traversable) -> int:
    return sum(1 for _ in csv.DictReader(io.StringIO(table.read_text("utf-8"), newline="")))
