"""What HS codes are called: a short name of our own for every heading, held against the official texts, and its use."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from opentier.graph.exposure import words
from opentier.graph.model.products import Product
from opentier.graph.model.tables import TABLES
from opentier.graph.written import goods, hs

HEADINGS = {
    row["heading"]: row
    for row in csv.DictReader(
        files("opentier.graph.written").joinpath("hs.csv").read_text("utf-8").splitlines()
    )
}
#: Words that names may hold with a capital or a digit.
PROPER = {"Brazil", "Christmas", "Nile", "T-shirts", "X-ray", "LEDs", "3D"}
#: Words that the name of a code shares with the official text of another one, too: they show nothing.
COMMON = {"and", "for", "not", "of", "or", "other", "such", "than", "the", "various", "with", "without"}
#: Codes that people call by no word of their official text, or whose text in the file is of another edition.
OTHERWISE = {
    "0203", "0308", "0903", "2202", "30", "3203", "4403", "8471", "8507", "8702", "8704", "8713", "8715", "8806",
    "9607", "283620", "330741", "401410", "070490", "280461",
}  # fmt: skip


def shipped() -> Iterator[tuple[str, str]]:
    """Yield the HS codes that the shipped datasets and the goods of initiatives are about, each with its place."""
    for path in sorted(Path(str(files("opentier.graph") / "datasets")).glob("*/*.csv")):
        table = TABLES.get(path.stem)
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for column in table or ():
                    if column.kind in ("hs", "product"):
                        for cell in (row.get(column.name) or "").split("|"):
                            if hs.is_code(cell):
                                yield cell, f"{path.parent.name}/{path.name}"
    said = tomllib.loads(files("opentier.graph.law").joinpath("commodities.toml").read_text("utf-8"))
    for name, good in said.items():
        yield from ((code, name) for code in good["hs"])


def stems(text: str) -> set[str]:
    """Return how the words of a text begin that tell it from others."""
    return {word.rstrip("s")[:4] for word in re.findall("[a-z]{3,}", text.lower()) if word not in COMMON}


def test_every_chapter_and_heading_has_a_name_and_no_code_has_one_that_no_edition_knows() -> None:
    named = goods.names()
    assert len(HEADINGS) == 1233
    assert ({*HEADINGS} | {heading[:2] for heading in HEADINGS}) - set(named) == set()
    assert [code for code in named if not hs.known(code)] == []
    assert list(named) == sorted(named)


def test_names_are_short_and_in_plain_words_and_no_two_codes_share_one() -> None:
    named = goods.names()
    assert [name for name in named.values() if not 1 <= len(name.split()) <= 6] == []
    assert [name for name in named.values() if name != " ".join(name.split()).strip(",.;")] == []
    written = {word.strip(",") for name in named.values() for word in name.split()}
    assert {word for word in written if word != word.lower() or re.search(r"[\d.]", word)} == PROPER
    assert sorted(set(named.values())) == sorted(named.values())


def test_names_are_our_own_and_of_what_the_official_texts_are_about(shared: Path) -> None:
    named = goods.names()
    with (shared / "data" / "codes" / "harmonized-system.csv").open(encoding="utf-8-sig", newline="") as file:
        official = {row["hscode"]: row["description"] for row in csv.DictReader(file)}
    apart = {code for code in named if code in official and not stems(named[code]) & stems(official[code])}
    assert apart == OTHERWISE
    assert {code for code in named if code not in official} == {
        "2848", "6908", "8107", "8469", "8803", "401511", "854140",
    }  # fmt: skip
    same = [code for code in named if named[code].lower() == official.get(code, "").lower()]
    assert [code for code in same if len(named[code].split()) > 4] == []


def test_what_shipped_lists_are_about_has_a_name_where_its_heading_is_wider() -> None:
    used = dict(shipped())
    assert {"261590", "280461", "610910", "854142", "120710", "7108", "52"} <= set(used)
    whole = {code for code in used if len(code) == 6 and len(HEADINGS[code[:4]]["subheadings"].split()) == 1}
    assert whole >= {"260900", "381800"}
    assert {code: place for code, place in used.items() if code not in {*goods.names(), *whole}} == {}


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("hs:7108", "gold (HS 7108)"),
        ("hs:261590", "tantalum and niobium ore (HS 2615.90)"),
        ("hs:600690", "knitted fabric other than pile (HS 6006.90)"),  # by its heading
        ("hs:52", "cotton, its yarn and fabric (HS 52)"),
        ("hs:841790", "industrial furnaces and ovens (HS 8417.90)"),
        ("hs:854140", "solar cells, panels and LEDs (HS 8541.40)"),  # of an earlier edition
        ("hs:980100", "HS 9801.00"),  # of national use
        ("Frankincense", "Frankincense"),
        (None, None),
    ],
)
def test_goods_are_told_by_name_with_their_code_after_it(label: str | None, said: str | None) -> None:
    assert words.goods(label) == said


@pytest.mark.parametrize(
    ("product", "said"),
    [
        (Product("x", "520100", "Lint of our own"), "Lint of our own (HS 5201.00)"),
        (Product("x", "520100", "HS 520100"), "raw cotton (HS 5201.00)"),
        (Product("x", "5201"), "raw cotton (HS 5201)"),
        (Product("x", "", "Lint"), "Lint"),
    ],
)
def test_the_name_that_a_dataset_has_for_its_product_stands_first(product: Product, said: str) -> None:
    assert words.product(product) == said
