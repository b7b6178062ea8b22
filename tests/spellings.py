"""The names of two official lists as others spell them, each with the entry that it stands for.

The lists are the shipped ones: the UFLPA entity list (`uflpa`) and the import orders (`cbp`). Who is on both lists was
decided by hand (`BOTH`). The example's customs data names its actors by id and spells nobody, so the names are written
as customs papers write them: capitals, no accents or points, cut after 35 signs. `printed` and `others` are spellings
of two copies of the lists beside the project; an entry that a copy has and the list has not is left out.
"""

from __future__ import annotations

import csv
import json
import random
import re
import unicodedata
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from opentier.graph.matching.parties import Party
from opentier.graph.written.names import names
from tests.benchmarks.noise import noisy

LISTS = ("uflpa", "cbp")
#: Entries of both lists that are one: of the UFLPA list, and of the orders.
BOTH = {
    "baoding-lyszd-trade-and-business-co-ltd": "baoding-lyszd-trade-and-business-co-ltd",
    "hefei-bitland-information-technology-co-ltd": "hefei-bitland-information-technology-co-ltd",
    "hetian-haolin-hair-accessories-co-ltd": "hetian-haolin-hair-accessories-co-ltd",
    "hetian-taida-apparel-co-ltd": "hetian-taida-apparel-co-ltd",
    "lop-county-hair-product-industrial-park": "lop-county-hair-product-industrial-park",
    "lop-county-meixin-hair-products-co-ltd": "lop-county-meixin-hair-products-co-ltd",
    "no-4-vocation-skills-education-training-center": "no-4-vocational-skills-education-training-center",
    "xinjiang-junggar-cotton-and-linen-co-ltd": "xinjiang-junggar-cotton-and-linen-co-ltd",
    "xinjiang-production-and-construction-corps": "xinjiang-production-and-construction-corporation",
    "yili-zhuowan-garment-manufacturing-co-ltd": "yili-zhuowan-garment-manufacturing-co-ltd",
}
#: How often each name is made noisy, and the seed.
TIMES, SEED = 5, 2026
#: Signs of a name on customs papers.
_WIDE = 35
#: A spelling, and the id of the entry that is meant.
Spelling = tuple[str, str]


def entries(dataset: str) -> list[Party]:
    """Return the entries of a list, named by their ids."""
    text = files("opentier.graph").joinpath("datasets", dataset, "actors.csv").read_text("utf-8")
    return [
        Party(
            iri=row["id"], called=(row["name"], *filter(None, row["also_known_as"].split("|"))),
            countries=tuple(filter(None, [row.get("country")])),
        )
        for row in csv.DictReader(text.splitlines())
    ]  # fmt: skip


def other(dataset: str) -> Iterator[Spelling]:
    """Yield the main names that the other list has for the entries of one that are on both."""
    there = {party.iri: party.called[0] for party in entries(LISTS[1 - LISTS.index(dataset)])}
    for uflpa, cbp in BOTH.items():
        here, beside = (uflpa, cbp) if dataset == "uflpa" else (cbp, uflpa)
        yield there[beside], here


def on_a_bill(name: str) -> str:
    """Return a name as customs papers write it."""
    plain = "".join(
        each for each in unicodedata.normalize("NFKD", name.upper()) if not unicodedata.combining(each)
    )
    return " ".join(re.sub(r"[.,()]", " ", plain).split())[:_WIDE].strip()


def customs(dataset: str) -> Iterator[Spelling]:
    """Yield the main names of a list as customs papers write them."""
    return ((on_a_bill(party.called[0]), party.iri) for party in entries(dataset))


def noise(dataset: str) -> Iterator[Spelling]:
    """Yield the main names of a list, each made noisy some times."""
    chance = random.Random(SEED)
    for party in entries(dataset):
        yield from ((noisy(party.called[0], chance), party.iri) for _ in range(TIMES))


def _core(text: str) -> str:
    return names(text)[0].core


def copied(dataset: str, shared: Path) -> Iterator[Spelling]:
    """Yield the spellings of a copy of a list: short names of an extract, or what the agency printed in one cell."""
    known = {_core(party.called[0]): party.iri for party in entries(dataset)}
    if dataset == "uflpa":
        with (shared / "data" / "uflpa_extract" / "uflpa_extract_23.csv").open(encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                if entry := known.get(_core(row["name"])):
                    yield from (
                        (text, entry) for text in (row["name"], *row["aliases_pipe"].split("|")) if text
                    )
        return
    path = shared / "data" / "cbp_wro" / "opensanctions_cbp_name_lookup.json"
    for cell in json.loads(path.read_text("utf-8")):
        said = [entity["name"] for entity in cell["entities"]]
        if len(said) == 1 and isinstance(said[0], str) and (entry := known.get(_core(said[0]))):
            yield cell["match"], entry
