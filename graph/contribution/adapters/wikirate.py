"""WikiRate: relationships of companies (brands and suppliers), supplier lists, seats, and lists of companies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from opentier.graph.contribution.adapters.documents import Documents, Record
from opentier.graph.contribution.foreign import Source, SourceRow, slug
from opentier.graph.intake.trees import Tree
from opentier.graph.model.cells import CellError, country
from opentier.graph.report.report import Where

SUPPLIERS, SEATS = "tier1_suppliers_2018.csv", "brand_hq_addresses_2018.csv"
BRANDS, TEA = "has_brands_2021.json", "tea_companies.json"
_POINT = re.compile(r"\[(-?\d+(?:\.\d+)?), ?(-?\d+(?:\.\d+)?)\]")
#: Bytes of UTF-8 that were read as Latin-1, or as Greek before.
_TWICE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]")
_GREEK = re.compile("[\u0370-\u03ff]")
#: A state of the United States as well as a country.
_DOUBTFUL = frozenset({"georgia"})


@dataclass
class Pair:
    """Two companies of one question: where the first answer stands, and the years of all."""

    where: Where
    question: str
    source: str
    years: list[str] = field(default_factory=list)


@dataclass
class Answers:
    """What was read of a contribution: companies by name, their cells by id, and pairs."""

    ids: dict[str, str] = field(default_factory=dict)
    actors: dict[str, tuple[Where, dict[str, str]]] = field(default_factory=dict)
    pairs: dict[tuple[str, str, str], Pair] = field(default_factory=dict)

    def company(self, where: Where, name: str, number: str = "", **cells: str) -> str:
        """Return the id of a company by its name; what is said of it is added to what is known."""
        key = self.ids.setdefault(name, f"company-{number or slug(name)}")
        known = self.actors.setdefault(key, (where, {"name": name, "kind": "organisation"}))[1]
        known.update({column: text for column, text in cells.items() if text and column not in known})
        return key


def convert(source: Source) -> None:
    """Emit the companies, and the links that relationships and lists state."""
    files = list(source.spec["files"])
    names = (
        [name for name in files if (source.path / name).is_file()]
        if source.path.is_dir()
        else [source.path.name]
    )
    if not names:
        source.find(BRANDS)
    documents, answers = Documents(source), Answers()
    for name in names:
        if name == SUPPLIERS:
            _suppliers(source, answers)
        elif name == SEATS:
            _seats(source, answers)
        elif name == TEA:
            _companies(source, documents, answers)
        else:
            _relationships(source, documents, name, answers)
    for key, (where, cells) in answers.actors.items():
        source.emit("actors", where, id=key, **cells)
    for (question, subject, other), pair in answers.pairs.items():
        _link(source, question, subject, other, pair)


def _relationships(source: Source, documents: Documents, name: str, answers: Answers) -> None:
    """Read a page of relationships."""
    path = source.find(name)

    def picked(page: Record) -> Iterator[Tree]:
        if not page.each("items"):
            documents.stranger(page, "no `items`, which relationships are")
        elif documents.known(page, "page"):
            yield from page.each("items")

    count = 0
    for item in documents.records(path, picked):
        count += 1
        if documents.known(item, "relationship"):
            _relationship(source, item, answers)
    documents.withhold(path)
    if name in source.spec["files"]:
        source.expect(name, count)


def _relationship(source: Source, item: Record, answers: Answers) -> None:
    """Take an answer on two companies."""
    where, year, card = item.where, item.text("year"), item.text("name")
    subject, other = item.text("subject_company"), item.text("object_company")
    question = next((each for each in source.spec["lookups"]["questions"] if card.startswith(f"{each}+")), "")
    kind = item.text("type") or item.text("type", "name")
    if not question or not source.lookup("types", kind):
        advice = "Add it to the lookup `questions` or `types` of adapters/wikirate.toml."
        source.refuse(where, "This question is not known.", advice, column="/name", value=card)
        return
    ids = item.text("subject_company_id"), item.text("object_company_id")
    if not re.fullmatch(r"20\d\d", year) or not all((subject, other, *ids)):
        message = "A relationship is two companies with their numbers, and a year."
        source.refuse(where, message, "Complete it.", value=f"{subject}, {other}, {year}")
        return
    one, two = (
        answers.company(where, name, number) for name, number in zip((subject, other), ids, strict=True)
    )
    pair = answers.pairs.setdefault((question, one, two), Pair(where, question, item.text("url")))
    pair.years.append(year)


def _link(source: Source, question: str, subject: str, other: str, pair: Pair) -> None:
    """Emit the link of a pair: its newest year is when it was observed."""
    said = source.lookup("questions", question)
    years = sorted(set(pair.years))
    name = question.removeprefix("Commons+")
    common = {
        said["subject"]: subject,
        said["object"]: other,
        "source": f"WikiRate: {name}, {pair.source}",
        "retrieved": source.spec["retrieved"],
        "note": f"Answered for {', '.join(years)}.",
    }
    if said["table"] == "supply_links":
        source.emit("supply_links", pair.where, observed_date=years[-1], **common)
    else:
        reason = "The answer says that the company has this brand; it states no share."
        source.emit("ownership_links", pair.where, interest="other", unspecified_reason=reason, **common)


def _companies(source: Source, documents: Documents, answers: Answers) -> None:
    """Read a list of companies."""
    count = 0
    for item in documents.records(source.find(TEA), lambda document: [document]):
        count += 1
        if not documents.known(item, "company"):
            continue
        name, number = item.text("name"), item.text("id")
        if not name or not number.isdigit() or number == "0":
            source.refuse(item.where, "This stands for no company.", "Nothing to do.", value=name)
            continue
        answers.company(item.where, name, number, **_place(source, item.where, item.text("country")))
    source.expect(TEA, count)


def _place(source: Source, where: Where, name: str) -> dict[str, str]:
    """Return the country of a name."""
    try:
        return {"country": country(name)} if name else {}
    except CellError as error:
        message = f"{error.message} It is left out."
        source.warn(where, message, error.advice, column="country", value=name)
        return {}


def _seats(source: Source, answers: Answers) -> None:
    """Read the addresses of seats."""
    for row in source.rows(SEATS):
        name, address = _clean(source, row, "0"), _clean(source, row, "1")
        if not name or not address:
            source.refuse(row.where, "A seat is a company and an address.", "Complete it.", value=name)
            continue
        answers.company(
            row.where, name, address=address, **_end(address), **_point(source, row, "sup_latlon")
        )


def _suppliers(source: Source, answers: Answers) -> None:
    """Read lists of suppliers."""
    year = (re.search(r"20\d\d", SUPPLIERS) or [""])[0]
    addresses: dict[str, list[str]] = {}
    for row in source.rows(SUPPLIERS):
        buyer, printed, address = (
            _clean(source, row, column) for column in ("company_name", "supplier_name", "supplier_address")
        )
        name = source.lookup("firms", printed) or printed
        tier = source.lookup("tiers", row["supplier_tier"])
        if not buyer or not name:
            source.refuse(row.where, "A row is a company and a supplier.", "Complete it.", value=buyer)
            continue
        if tier is None:
            advice, value = "Add it to the lookup `tiers` of adapters/wikirate.toml.", row["supplier_tier"]
            source.refuse(row.where, "This tier is not known.", advice, column="supplier_tier", value=value)
            continue
        if name != printed:
            message = f"Read as {name!r}: the rest is a natural person's name."
            source.warn(row.where, message, "Nothing to do.", column="supplier_name")
        places = addresses.setdefault(slug(name), [])
        if address not in places:
            places.append(address)
        key = f"supplier-{slug(name)}" + (f"-{places.index(address) + 1}" if places.index(address) else "")
        cells = {"name": name, "kind": "facility", "address": address, **_end(address)}
        answers.actors.setdefault(key, (row.where, {**cells, **_point(source, row, "supplier_latlon")}))
        source.emit(
            "supply_links", row.where, buyer=answers.company(row.where, buyer), supplier=key, observed_date=year,
            declared_tier=tier, declared_by=buyer, source=f"Supplier list of {buyer}, as WikiRate collected it",
            retrieved=source.spec["retrieved"],
        )  # fmt: skip


def _end(address: str) -> dict[str, str]:
    """Return the country in which an address ends, where its last part is the name of one."""
    last = address.rpartition(",")[2].strip(" .")
    try:
        known = last == "USA" or (len(last) > 3 and last.lower() not in _DOUBTFUL)
        return {"country": country(last)} if known else {}
    except CellError:
        return {}


def _point(source: Source, row: SourceRow, column: str) -> dict[str, str]:
    """Return the coordinates of a list that is written as text."""
    text = row[column]
    found = _POINT.fullmatch(text)
    if text and not found:
        message = "These are no coordinates; they are left out."
        source.warn(row.where, message, "Write [latitude, longitude].", column=column, value=text)
    return {"lat": found[1], "lon": found[2]} if found else {}


def _clean(source: Source, row: SourceRow, column: str) -> str:
    """Return a cell in one line; UTF-8 that was read as another encoding, even twice, is read back with a warning."""
    text = row[column]
    read = text
    for signs, encoding in ((_TWICE, "latin-1"), (_GREEK, "cp1253")):
        if signs.search(read):
            with suppress(UnicodeError):
                read = read.encode(encoding).decode("utf-8")
    read = " ".join("".join(letter for letter in read if not "\u0080" <= letter <= "\u009f").split())
    if read != " ".join(text.split()):
        message = f"Read as {read!r}."
        source.warn(row.where, message, "Its UTF-8 was read as another encoding.", column=column, value=text)
    return read
