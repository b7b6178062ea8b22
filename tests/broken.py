"""Contributions that must be refused, each at its place, and odd ones that must be admitted.

A case builds a small good package into a folder, with one thing wrong (or odd) in it. `BROKEN` says at which
file, row and column a finding that blocks must stand; `ODD` where a warning must stand, and what the graph
then holds.
"""

from __future__ import annotations

import csv
import io
import json
import stat
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opentier.graph.contribution.submission import Options

NAME, BASE = "probe", "https://w3id.org/opentier/id/"
DESCRIPTOR = "datapackage.json"
LEI, GLN = "EXMP00AURORAEXMP0190", "9520000000011"
PLAIN, RDF = Options(), Options(dataset=NAME, licence="CC0-1.0")

Build = Callable[[Path], Path]
Rows = list[list[str]]

GOOD: dict[str, Rows] = {
    "actors": [
        ["id", "name", "kind", "country", "region", "identifiers"],
        ["alpha", "Alpha Foods", "legal-entity", "DE", "DE-HH", f"lei:{LEI}"],
        ["beta", "Beta Mills", "facility", "TH", "", ""],
        ["gamma", "Gamma Farms", "facility", "BR", "BR-MT", f"gln:{GLN}"],
    ],
    "evidence": [
        ["id", "type", "url", "retrieved", "title"],
        ["ev-1", "invoice", "https://example.org/ev-1", "2024-01-05", "Invoice 1"],
    ],
    "designations": [
        ["id", "kind", "authority", "target", "product", "country", "effect", "listing_date", "status"],
        ["d-1", "entity-listing", "Some authority", "gamma", "", "", "withhold", "2023-02-01", "active"],
    ],
    "supply_links": [
        ["buyer", "supplier", "product", "kind", "start_date", "end_date", "quantity", "unit", "share",
         "confidence", "declared_tier", "evidence", "note"],
        ["alpha", "beta", "110100", "sale", "2020-01-01", "2021-12-31", "10", "t", "50",
         "0.9", "1", "ev-1", ""],
        ["beta", "gamma", "1001", "raw-material", "2021", "2022-06", "", "", "", "", "", "ev-1", ""],
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Broken:
    """A contribution that is refused, with the place of at least one finding that blocks."""

    name: str
    build: Build
    file: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    message: str = ""
    options: Options = PLAIN


@dataclass(frozen=True)
class Odd:
    """A contribution that is admitted, with the place of its warning, and what the graph then holds."""

    name: str
    build: Build
    file: str = ""
    row: int | None = None
    message: str = ""
    value: str | None = None
    holds: tuple[str, ...] = ()
    links: int = 2
    options: Options = PLAIN


# Building a package.


def text_of(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def described(tables: Iterable[str], name: str = NAME) -> dict[str, Any]:
    return {
        "name": name,
        "title": "A probe",
        "licenses": [{"name": "CC0-1.0"}],
        "resources": [{"name": table, "path": f"{table}.csv"} for table in tables],
    }


def write(folder: Path, tables: Mapping[str, Rows], name: str = NAME) -> Path:
    """Write a package of those tables into a new folder."""
    folder.mkdir(parents=True)
    for table, rows in tables.items():
        (folder / f"{table}.csv").write_text(text_of(rows), "utf-8")
    (folder / DESCRIPTOR).write_text(json.dumps(described(tables, name), indent=1), "utf-8")
    return folder


def good(folder: Path) -> Path:
    """Write the good package."""
    return write(folder / "package", GOOD)


def changed(change: Callable[[dict[str, Rows]], object]) -> Build:
    """Return a build of the good package with its tables changed."""

    def build(folder: Path) -> Path:
        tables = {name: [list(row) for row in rows] for name, rows in GOOD.items()}
        change(tables)
        return write(folder / "package", tables)

    return build


def each_row(table: str, change: Callable[[list[str]], object]) -> Build:
    """Return a build with every row of a table changed, the header too."""

    def every(tables: dict[str, Rows]) -> None:
        for row in tables[table]:
            change(row)

    return changed(every)


def headers(tables: dict[str, Rows]) -> None:
    """Leave nothing but the headers."""
    for rows in tables.values():
        del rows[1:]


def cells(table: str, row: int, **values: str) -> Build:
    """Return a build with other cells in a row, counted as the report does; a new column is added."""

    def change(tables: dict[str, Rows]) -> None:
        rows = tables[table]
        for column, value in values.items():
            if column not in rows[0]:
                rows[0].append(column)
                for other in rows[1:]:
                    other.append("")
            rows[row - 1][rows[0].index(column)] = value

    return changed(change)


def also(table: str, *rows: Sequence[str]) -> Build:
    """Return a build with more rows in a table, or with a table more."""
    return changed(lambda tables: tables.setdefault(table, []).extend([list(row) for row in rows]))


def raw(file: str, data: str | bytes, **resource: Any) -> Build:
    """Return a build with one file's bytes given, and what the descriptor says of it."""

    def build(folder: Path) -> Path:
        package = good(folder)
        (package / file).write_bytes(data if isinstance(data, bytes) else data.encode())
        if resource:
            found = json.loads((package / DESCRIPTOR).read_text("utf-8"))
            for item in found["resources"]:
                if item["name"] == Path(file).stem:
                    item.update({"path": file, **resource})
            (package / DESCRIPTOR).write_text(json.dumps(found, indent=1), "utf-8")
        return package

    return build


def misread(name: str, file: str, row: int | None, data: str | bytes, message: str) -> Broken:
    """Return a contribution in which one file's bytes are wrong, from a row on."""
    return Broken(name, raw(file, data), file, row, message=message)


def descriptor(change: Callable[[dict[str, Any]], object]) -> Build:
    """Return a build with the descriptor changed."""

    def build(folder: Path) -> Path:
        package = good(folder)
        found = json.loads((package / DESCRIPTOR).read_text("utf-8"))
        change(found)
        (package / DESCRIPTOR).write_text(json.dumps(found, indent=1), "utf-8")
        return package

    return build


def resource(**said: Any) -> Build:
    """Return a build whose first resource (actors) is described otherwise."""
    return descriptor(lambda found: found["resources"][0].update(said))


def one_lei(folder: Path) -> Path:
    """Write the good package with two actors of one LEI that are judged to differ."""

    def change(tables: dict[str, Rows]) -> None:
        tables["actors"].append(["alpha-2", "Alpha (another)", "", "DE", "", f"lei:{LEI}"])
        tables["identity_judgements"] = [["left", "right", "judgement"], ["alpha", "alpha-2", "negative"]]

    return changed(change)(folder)


def linked(folder: Path) -> Path:
    """Write the good package with a table that is a link to a file outside."""
    package = good(folder)
    (package / "actors.csv").rename(folder / "outside.csv")
    (package / "actors.csv").symlink_to(folder / "outside.csv")
    return package


def missing(folder: Path) -> Path:
    package = good(folder)
    (package / "evidence.csv").unlink()
    return package


def bare(folder: Path) -> Path:
    package = good(folder)
    (package / DESCRIPTOR).unlink()
    return package


def zipped(inside: str = "", members: Mapping[str, bytes] | None = None) -> Build:
    """Return a build of the good package as a zip, below a folder `inside`, with more members."""

    def build(folder: Path) -> Path:
        package = good(folder)
        with zipfile.ZipFile(folder / "package.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(package.iterdir()):
                archive.write(path, inside + path.name)
            for name, data in (members or {}).items():
                archive.writestr(name, data)
        return folder / "package.zip"

    return build


def zip_link(folder: Path) -> Path:
    archive = zipped()(folder)
    member = zipfile.ZipInfo("secrets.csv")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr(member, "/etc/hostname")
    return archive


def zip_bomb(folder: Path) -> Path:
    """Write a zip of well under a megabyte that holds 300 MB."""
    archive = zipped()(folder)
    zeros = bytes(1 << 20)
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as more, more.open("big.csv", "w") as out:
        for _ in range(300):
            out.write(zeros)
    assert archive.stat().st_size < 1 << 20
    return archive


def zip_cut(folder: Path) -> Path:
    archive = zipped()(folder)
    archive.write_bytes(archive.read_bytes()[:-200])
    return archive


def zip_rotten(folder: Path) -> Path:
    """Write a zip whose compressed bytes are damaged, its directory whole."""
    archive = zipped()(folder)
    data = bytearray(archive.read_bytes())
    start = data.index(b"actors.csv") + len("actors.csv")
    data[start : start + 40] = b"\xff" * 40
    archive.write_bytes(data)
    return archive


PREFIXES = """@prefix ot: <https://w3id.org/opentier/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
TWO = '<a> a ot:Actor ; rdfs:label "A" .\n<b> a ot:Actor ; rdfs:label "B" .\n'
LINK = "<l> a ot:SupplyLink ; ot:buyer <a> ; ot:supplier <b>"
XML = """<?xml version="1.0"?>
{doctype}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:ot="https://w3id.org/opentier/ns#">
 <ot:Actor rdf:about="a"><rdfs:label>{label}</rdfs:label></ot:Actor>
"""


def one_file(name: str, data: str | bytes) -> Build:
    """Return a build of one RDF file."""

    def build(folder: Path) -> Path:
        (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
        return folder / name

    return build


def turtle(body: str) -> Build:
    return one_file("probe.ttl", PREFIXES + body)


def bad_cell(name: str, table: str, row: int, column: str, value: str, message: str = "") -> Broken:
    """Return the case of one bad cell."""
    shown = value.strip() or None
    return Broken(name, cells(table, row, **{column: value}), f"{table}.csv", row, column, shown, message)


def bad_link(name: str, column: str, value: str, message: str = "") -> Broken:
    return bad_cell(name, "supply_links", 3, column, value, message)


LINKS = text_of(GOOD["supply_links"])
ACTORS = text_of(GOOD["actors"])
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0"
LAUGHS = '<!DOCTYPE rdf:RDF [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)


BROKEN: tuple[Broken, ...] = (
    # References.
    bad_link("unknown buyer", "buyer", "nobody", "no such id"),
    bad_link("unknown supplier as an IRI", "supplier", BASE + "probe/nobody", "no such id"),
    bad_link("unknown evidence", "evidence", "ev-9", "evidence.csv has no such id"),
    bad_link("one unknown evidence of two", "evidence", "ev-1|ev-9", "no such id"),
    bad_link("unknown dataset", "supplier", "no-such-dataset/alpha", "no admitted dataset"),
    bad_link("unknown actor of an admitted dataset", "supplier", "settled/nobody", "no admitted dataset"),
    bad_link("product is no product of the dataset", "product", "https://example.org/wheat", "no such id"),
    bad_cell("designation of nobody", "designations", 2, "target", "nobody", "no such id"),
    Broken(
        "status change of no designation",
        also("status_changes", ["designation", "status", "date"], ["d-9", "revoked", "2024-01-01"]),
        "status_changes.csv",
        2,
        "designation",
        "d-9",
        "designations.csv has no such id",
    ),
    Broken(
        "retraction of nothing",
        also("retractions", ["record", "reason", "date"], ["x-1", "wrong", "2024-01-01"]),
        "retractions.csv",
        2,
        "record",
        "x-1",
        "no such record",
    ),
    # Dates.
    bad_link("day that is not", "start_date", "2021-02-30", "no such day"),
    bad_link("29 February of no leap year", "start_date", "2100-02-29", "no such day"),
    bad_link("year 2182", "end_date", "2182", "year is impossible"),
    bad_link("year 0012", "start_date", "0012-01-01", "year is impossible"),
    bad_link("month 13", "start_date", "2021-13", "no such month"),
    bad_link("month 0", "start_date", "2021-00-01", "no such month"),
    bad_link("date in words", "start_date", "last spring", "not a date"),
    bad_link("date the other way round", "start_date", "31.12.2020", "not a date"),
    bad_link("date in other digits", "start_date", "٢٠٢١-٠١-٠١", "not a date"),
    Broken(
        "end before start",
        cells("supply_links", 2, end_date="2019-12-31"),
        "supply_links.csv",
        2,
        message="end",
    ),
    Broken(
        "end before start, a year and a day",
        cells("supply_links", 3, start_date="2021", end_date="2020-12-31"),
        "supply_links.csv",
        3,
        message="end",
    ),
    Broken(
        "end before start, a day and a month",
        cells("supply_links", 3, start_date="2021-06-01", end_date="2021-05"),
        "supply_links.csv",
        3,
        message="end",
    ),
    # Numbers.
    bad_link("confidence over 1", "confidence", "1.01", "at most 1"),
    bad_link("confidence in percent", "confidence", "90%", "not a number"),
    bad_link("negative quantity", "quantity", "-1", "at least 0"),
    bad_link("quantity NaN", "quantity", "NaN", "not a number"),
    bad_link("quantity infinite", "quantity", "inf", "not a number"),
    bad_link("quantity 1e400", "quantity", "1e400", "not a number"),
    bad_link("quantity with a decimal comma", "quantity", "1,5", "not a number"),
    bad_link("quantity UNKNOWN", "quantity", "UNKNOWN", "not a number"),
    bad_link("share over 100", "share", "100.5", "at most 100"),
    bad_link("tier 0", "declared_tier", "0", "at least 1"),
    bad_link("half a tier", "declared_tier", "1.5", "not a whole number"),
    bad_cell("latitude over 90", "actors", 2, "lat", "91", "at most 90"),
    # Codes.
    bad_cell("unknown country", "actors", 3, "country", "XX", "No country"),
    bad_cell("a name of two countries", "actors", 3, "country", "Congo", "Several countries are called so"),
    bad_cell(
        "another name of two countries", "actors", 3, "country", "Korea", "Several countries are called so"
    ),
    bad_cell("country UNKNOWN", "actors", 3, "country", "UNKNOWN", "No country"),
    bad_cell("unknown region", "actors", 3, "region", "TH-ZZ", "ISO 3166-2"),
    bad_cell("unknown kind of actor", "actors", 3, "kind", "shop", "no such code"),
    bad_link("unknown kind of link", "kind", "gift", "no such code"),
    bad_cell("unknown effect", "designations", 2, "effect", "frown", "no such code"),
    bad_cell("unknown status", "designations", 2, "status", "maybe", "no such code"),
    bad_link("neither true nor false", "crucial", "perhaps", "neither true nor false"),
    bad_cell(
        "web address with a blank", "evidence", 2, "url", "https://example.org/a b", "not a web address"
    ),
    bad_cell("address of no web", "evidence", 2, "url", "javascript:alert(1)", "not a web address"),
    # Identifiers and products.
    bad_cell("LEI check digits", "actors", 2, "identifiers", "lei:EXMP00AURORAEXMP0191", "no valid LEI"),
    bad_cell("LEI too short", "actors", 2, "identifiers", "lei:EXMP00AURORA", "no valid LEI"),
    bad_cell("GLN check digit", "actors", 2, "identifiers", "gln:9520000000012", "no valid GLN"),
    bad_cell("DUNS lost a zero", "actors", 2, "identifiers", "duns:12345678", "nine digits"),
    bad_cell("a number of a person", "actors", 2, "identifiers", "passport:C01X00T47", "numbers a person"),
    bad_cell("identifier without a scheme", "actors", 2, "identifiers", LEI, "scheme:value"),
    bad_link("HS with five digits", "product", "11010", "not an HS code"),
    bad_link("HS chapter 77", "product", "7701", "no such chapter"),
    # Records.
    Broken(
        "same id, other content",
        also("actors", ["beta", "Another Beta", "", "TH", "", ""]),
        "actors.csv",
        5,
        "id",
        "beta",
        "stands for something else in row 3 of actors.csv",
    ),
    bad_cell("no name", "actors", 4, "name", "", "This cell is empty"),
    bad_link("no buyer", "buyer", "   ", "This cell is empty"),
    Broken(
        "goods listing without a place",
        also(
            "designations", ["g-1", "goods-listing", "Some authority", "", "1001", "", "", "2023-01-01", ""]
        ),
        "designations.csv",
        3,
        message="no place",
    ),
    Broken(
        "judged to differ, with one LEI", one_lei, "identity_judgements.csv", 2, message="judged to differ"
    ),
    Broken(
        "judged to differ from an actor elsewhere that has the same LEI",
        also("identity_judgements", ["left", "right", "judgement"], ["alpha", "settled/alpha", "negative"]),
        "identity_judgements.csv",
        2,
        message="judged to differ",
    ),
    # Tables.
    Broken(
        "unknown column",
        cells("supply_links", 2, colour="red"),
        "supply_links.csv",
        1,
        "colour",
        message="no such column",
    ),
    Broken(
        "missing column",
        each_row("supply_links", lambda row: row.pop(1)),
        "supply_links.csv",
        1,
        "supplier",
        message="missing",
    ),
    Broken(
        "column twice",
        each_row("supply_links", lambda row: row.append(row[0])),
        "supply_links.csv",
        1,
        "buyer",
        message="twice",
    ),
    Broken(
        "header with an empty cell",
        each_row("actors", lambda row: row.append("" if row[0] == "id" else "what")),
        "actors.csv",
        2,
        value="what",
        message="a column without a name",
    ),
    Broken(
        "a cell too many",
        also("actors", ["delta", "Delta", "", "PE", "", "", "what"]),
        "actors.csv",
        5,
        message="7 cells, the header 6",
    ),
    Broken(
        "a cell too few",
        also("actors", ["delta", "Delta", "", "PE"]),
        "actors.csv",
        5,
        message="4 cells, the header 6",
    ),
    misread("unclosed quote", "actors.csv", 3, ACTORS.replace("Beta Mills", '"Beta Mills'), "not CSV"),
    misread(
        "unclosed quote in the last column",
        "supply_links.csv",
        2,
        LINKS.replace("ev-1,\n", 'ev-1,"said\n', 1),
        "not CSV",
    ),
    misread(
        "text after a closing quote", "actors.csv", 3, ACTORS.replace("Beta Mills", '"Beta" Mills'), "not CSV"
    ),
    misread(
        "semicolons that nobody declared", "actors.csv", 1, text_of(GOOD["actors"], ";"), "one single cell"
    ),
    misread(
        "cp1252 said to be UTF-8",
        "actors.csv",
        3,
        ACTORS.replace("Beta", "Bêta").encode("cp1252"),
        "Byte 0xea is not utf-8 text",
    ),
    misread(
        "cp1252 after a quoted line break",
        "actors.csv",
        3,
        ACTORS.replace("Alpha Foods", '"Alpha\nFoods\nInc."').replace("Beta", "Bêta").encode("cp1252"),
        "Byte 0xea is not utf-8 text",
    ),
    misread("NUL bytes", "actors.csv", 4, ACTORS.replace("Gamma", "Gam\0ma"), "binary data"),
    misread("a picture named .csv", "actors.csv", None, PNG, "This is an image, not a table."),
    Broken(
        "a picture said to be cp1252",
        raw("actors.csv", PNG, encoding="cp1252"),
        "actors.csv",
        message="This is an image, not a table.",
    ),
    Broken(
        "unknown encoding",
        raw("actors.csv", ACTORS, encoding="klingon-8"),
        "actors.csv",
        message="'klingon-8'",
    ),
    Broken(
        "encoding that is none for text",
        raw("actors.csv", ACTORS, encoding="undefined"),
        "actors.csv",
        message="'undefined'",
    ),
    misread("empty file", "actors.csv", None, "", "empty"),
    Broken("headers only", changed(headers), "", message="nothing in this contribution"),
    # The package.
    misread("descriptor is not JSON", DESCRIPTOR, 3, '{\n "name": "probe",\n "title": oops\n}\n', "not JSON"),
    misread(
        "descriptor with half a character",
        DESCRIPTOR,
        None,
        json.dumps({**described(GOOD), "title": "\ud800"}),
        "not JSON",
    ),
    misread("descriptor without end", DESCRIPTOR, 1, "[" * 100_000, "nested"),
    Broken("no descriptor", bare, DESCRIPTOR, message="no datapackage.json"),
    misread("descriptor is a list", DESCRIPTOR, None, "[]", "no resources"),
    Broken(
        "no resources",
        descriptor(lambda found: found.update(resources=[])),
        DESCRIPTOR,
        message="no resources",
    ),
    Broken(
        "a resource that is none",
        descriptor(lambda found: found.update(resources=["actors.csv"])),
        DESCRIPTOR,
        message="not of type 'object'",
    ),
    Broken(
        "no licence",
        descriptor(lambda found: found.pop("licenses")),
        DESCRIPTOR,
        None,
        "licenses",
        message="licence is missing",
    ),
    Broken(
        "bad name",
        descriptor(lambda found: found.update(name="Our List 2024")),
        DESCRIPTOR,
        message="Our List 2024",
    ),
    Broken(
        "name that is not free",
        descriptor(lambda found: found.update(name="catalogue")),
        DESCRIPTOR,
        None,
        "name",
        "catalogue",
        "reserved",
    ),
    Broken(
        "no name of the package",
        descriptor(lambda found: found.pop("name")),
        DESCRIPTOR,
        None,
        "name",
        message="needs a name",
    ),
    Broken("resource without path", descriptor(lambda found: found["resources"][0].pop("path")), DESCRIPTOR),
    Broken(
        "path upwards", resource(path="../package/actors.csv"), DESCRIPTOR, message="../package/actors.csv"
    ),
    Broken("absolute path", resource(path="/etc/hostname"), DESCRIPTOR, message="/etc/hostname"),
    Broken(
        "path on the web",
        resource(path="http://example.org/actors.csv"),
        DESCRIPTOR,
        None,
        "path",
        "http://example.org/actors.csv",
        "leaves the package",
    ),
    Broken("link out of the package", linked, DESCRIPTOR, None, "path", "actors.csv", "leaves the package"),
    Broken(
        "path that no file can have",
        resource(path="a\0b.csv"),
        DESCRIPTOR,
        None,
        "path",
        message="no such file",
    ),
    Broken(
        "path far too long",
        resource(path="a" * 5000 + ".csv"),
        DESCRIPTOR,
        None,
        "path",
        message="no such file",
    ),
    Broken("missing file", missing, DESCRIPTOR, None, "path", "evidence.csv", "no such file"),
    Broken(
        "a table that the layout lacks",
        changed(lambda tables: tables.update(shops=[["id"], ["s-1"]])),
        "shops.csv",
        message="not a table of the layout",
    ),
    Broken(
        "dialect on the web",
        resource(dialect="http://example.org/dialect.json"),
        DESCRIPTOR,
        None,
        "dialect",
        message="actors.csv cannot be used",
    ),
    Broken(
        "dialect that cannot be",
        resource(dialect={"delimiter": ";;"}),
        DESCRIPTOR,
        None,
        "dialect",
        message="actors.csv cannot be used",
    ),
    Broken(
        "dialect without a header",
        resource(dialect={"header": False}),
        DESCRIPTOR,
        None,
        "dialect",
        message="actors.csv cannot be used",
    ),
    # Archives.
    *(
        Broken(f"zip member {where}", zipped(members={member: b"id\n"}), member, message="leaves the package")
        for where, member in (
            ("upwards", "../evil.csv"),
            ("at the root", "/tmp/evil.csv"),
            ("upwards, backslashes", "a\\..\\..\\evil.csv"),
        )
    ),
    Broken("zip member that is a link", zip_link, "secrets.csv", message="leaves the package"),
    Broken("zip bomb", zip_bomb, "package.zip", message="would unpack"),
    Broken("zip cut off", zip_cut, "package.zip", message="cannot be read"),
    Broken("zip rotten inside", zip_rotten, "package.zip", message="cannot be read"),
    Broken("zip that is none", one_file("package.zip", b"hello"), "package.zip", message="cannot be read"),
    # RDF.
    Broken("Turtle without end", turtle(TWO + LINK + "\n"), "probe.ttl", 8, message="not ttl", options=RDF),
    Broken(
        "Turtle, an open string",
        turtle('<a> a ot:Actor ;\n rdfs:label "A .\n'),
        "probe.ttl",
        6,
        message="not ttl",
        options=RDF,
    ),
    Broken(
        "Turtle in cp1252",
        one_file("probe.ttl", (PREFIXES + TWO.replace('"B"', '"Bé"')).encode("cp1252")),
        "probe.ttl",
        6,
        message="UTF-8",
        options=RDF,
    ),
    Broken("empty Turtle", turtle(""), "probe.ttl", message="empty", options=RDF),
    Broken(
        "another dataset's record",
        turtle(TWO + f'<{BASE}settled/x> a ot:Actor ; rdfs:label "X" .\n'),
        "probe.ttl",
        None,
        None,
        f"{BASE}settled/x",
        "not a record of this dataset",
        RDF,
    ),
    Broken(
        "more said of another dataset's record",
        turtle(TWO + f'<{BASE}settled/alpha> rdfs:label "Mine now" .\n'),
        "probe.ttl",
        None,
        None,
        f"{BASE}settled/alpha",
        "not a record of this dataset",
        RDF,
    ),
    Broken(
        "a record without a class",
        turtle(TWO + "<c> foaf:mbox <mailto:a.person@example.org> .\n"),
        "probe.ttl",
        None,
        None,
        f"{BASE}probe/c",
        "has no class",
        RDF,
    ),
    Broken(
        "records without IRIs in a circle",
        turtle("_:a a ot:Evidence ; <urn:p> _:b . _:b a ot:Evidence ; <urn:p> _:a .\n"),
        "probe.ttl",
        message="in a circle",
        options=RDF,
    ),
    Broken(
        "a triple as a value",
        turtle(TWO + "<a> rdfs:seeAlso <<( <a> <b> <b> )>> .\n"),
        "probe.ttl",
        message="not ttl",
        options=RDF,
    ),
    Broken(
        "literal buyer",
        turtle(TWO + LINK.replace("<a>", '"a"') + " .\n"),
        "probe.ttl",
        None,
        "buyer",
        "a",
        "a record is named by its IRI",
        RDF,
    ),
    Broken(
        "impossible date in RDF",
        turtle(TWO + LINK + ' ; ot:startDate "2021-02-30"^^xsd:date .\n'),
        "probe.ttl",
        None,
        "start_date",
        "2021-02-30",
        "no such day",
        RDF,
    ),
    Broken(
        "a person's address",
        turtle('<a> a ot:Actor ; rdfs:label "A" ; foaf:mbox <mailto:a@example.org> .\n'),
        "probe.ttl",
        None,
        "mbox",
        message="no person's data",
        options=RDF,
    ),
    Broken(
        "RDF without a licence",
        turtle(TWO),
        "probe.ttl",
        None,
        "licenses",
        message="licence is missing",
        options=Options(dataset=NAME),
    ),
    Broken(
        "JSON-LD with a foreign context",
        one_file(
            "probe.jsonld", '{"@context": "https://example.org/c.jsonld", "@id": "a", "@type": "Actor"}'
        ),
        "probe.jsonld",
        message="example.org/c.jsonld is not that of OpenTier",
        options=RDF,
    ),
    Broken(
        "JSON-LD with a foreign context inside",
        one_file(
            "probe.jsonld",
            '{"@context": {"x": {"@id": "http://example.org/x", "@context": '
            '"https://example.org/c.jsonld"}}, "@id": "a", "x": {"@id": "b"}}',
        ),
        "probe.jsonld",
        message="remote context",
        options=RDF,
    ),
    Broken(
        "JSON-LD cut off",
        one_file("probe.jsonld", '{"@id": "a",\n "@type":\n'),
        "probe.jsonld",
        3,
        message="not jsonld",
        options=RDF,
    ),
    Broken(
        "RDF/XML cut off",
        one_file("probe.rdf", XML.format(doctype="", label="A")),
        "probe.rdf",
        5,
        message="not rdf",
        options=RDF,
    ),
    Broken(
        "RDF/XML with a file as an entity",
        one_file(
            "probe.rdf",
            XML.format(doctype='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>', label="&e;")
            + "</rdf:RDF>\n",
        ),
        "probe.rdf",
        2,
        message="entities",
        options=RDF,
    ),
    Broken(
        "RDF/XML that would fill the memory",
        one_file("probe.rdf", XML.format(doctype=LAUGHS + "]>", label="&j;") + "</rdf:RDF>\n"),
        "probe.rdf",
        2,
        message="entities",
        options=RDF,
    ),
)


QUOTED = LINKS.replace("ev-1,\n", 'ev-1,"first line\nsecond, ""quoted""\r\n\nlast line"\n', 1)
MARKED = LINKS.replace(",1001,", ",10.01,")
XSD = "http://www.w3.org/2001/XMLSchema#"

ODD: tuple[Odd, ...] = (
    Odd(
        "nothing odd", good, holds=('"Beta Mills"', f'"2021"^^<{XSD}gYear>', f'"2022-06"^^<{XSD}gYearMonth>')
    ),
    Odd("a link to itself", cells("supply_links", 2, supplier="alpha"), "supply_links.csv", 2, "same actor"),
    Odd(
        "an exact duplicate of a link",
        also("supply_links", GOOD["supply_links"][1]),
        "supply_links.csv",
        4,
        "kept once",
    ),
    Odd(
        "an exact duplicate of an actor",
        also("actors", GOOD["actors"][2]),
        "actors.csv",
        5,
        "the same as row 3 of actors.csv",
    ),
    Odd(
        "one file named twice",
        descriptor(lambda found: found["resources"].append({"name": "again", "path": "actors.csv"})),
        "actors.csv",
        2,
        "kept once",
    ),
    Odd("a cycle", also("supply_links", ["gamma", "alpha", *GOOD["supply_links"][2][2:]]), links=3),
    Odd("a byte order mark", raw("actors.csv", b"\xef\xbb\xbf" + ACTORS.encode()), holds=('"Alpha Foods"',)),
    Odd(
        "a byte order mark in the descriptor",
        raw(DESCRIPTOR, b"\xef\xbb\xbf" + json.dumps(described(GOOD)).encode()),
    ),
    Odd(
        "cp1252 with semicolons, both declared",
        raw(
            "actors.csv",
            text_of(GOOD["actors"], ";")
            .replace("Beta", "B\u00eata; \u20ac")
            .replace("B\u00eata; \u20ac Mills", '"B\u00eata; \u20ac Mills"')
            .encode("cp1252"),
            encoding="cp1252",
            dialect={"delimiter": ";"},
        ),
        "actors.csv",
        3,
        "several names",
        holds=('"B\u00eata; \u20ac Mills"',),
    ),
    Odd(
        "UTF-16, declared",
        raw("actors.csv", ACTORS.replace("Beta", "B\u00eata").encode("utf-16"), encoding="utf-16"),
        holds=('"B\u00eata Mills"',),
    ),
    Odd("tabs", raw("actors.tsv", text_of(GOOD["actors"], "\t"), format="tsv"), holds=('"Gamma Farms"',)),
    Odd("line ends of Windows", raw("actors.csv", ACTORS.replace("\n", "\r\n")), holds=('"DE-HH"',)),
    Odd("line ends of old Macs", raw("actors.csv", ACTORS.replace("\n", "\r")), holds=('"DE-HH"',)),
    Odd("blank lines at the end", raw("actors.csv", ACTORS + "\n\n,,,,,\n   \n")),
    Odd(
        "a blank line before a row",
        raw("supply_links.csv", MARKED.replace("beta,gamma", "\nbeta,gamma")),
        "supply_links.csv",
        4,
        "'1001'",
        "10.01",
    ),
    Odd(
        "line breaks in a quoted cell",
        raw("supply_links.csv", QUOTED.replace(",1001,", ",10.01,")),
        "supply_links.csv",
        3,
        "'1001'",
        "10.01",
        ('"first line\\nsecond, \\"quoted\\"\\r\\n\\nlast line"',),
    ),
    Odd("blanks around cells", raw("actors.csv", ACTORS.replace(",TH,", ",  TH ,")), holds=('"TH"',)),
    Odd(
        "a country by its name",
        cells("actors", 3, country="Thailand"),
        "actors.csv",
        3,
        "'TH'",
        "Thailand",
        ('"TH"',),
    ),
    Odd(
        "a country in small letters",
        cells("actors", 3, country="th"),
        "actors.csv",
        3,
        "'TH'",
        "th",
        ('"TH"',),
    ),
    Odd("a country of three letters", cells("actors", 3, country="THA"), holds=('"TH"',)),
    Odd("Namibia", cells("actors", 3, country="NA"), holds=('"NA"',)),
    Odd("Namibia in three letters", cells("actors", 3, country="NAM"), holds=('"NA"',)),
    Odd(
        "a region by name",
        cells("actors", 3, region="Chiang Mai"),
        "actors.csv",
        3,
        "Read as",
        "Chiang Mai",
        ('"TH-50"',),
    ),
    Odd(
        "a region that is text",
        cells("actors", 3, region="Lower Valley"),
        "actors.csv",
        3,
        "No region is known",
        "Lower Valley",
        ('"Lower Valley"',),
    ),
    Odd(
        "HS with dots",
        cells("supply_links", 2, product="1101.00"),
        "supply_links.csv",
        2,
        "'110100'",
        "1101.00",
        (f"<{BASE}hs/110100>",),
    ),
    Odd(
        "HS of eight digits",
        cells("supply_links", 2, product="11010015"),
        "supply_links.csv",
        2,
        "'110100'",
        "11010015",
        (f"<{BASE}hs/110100>",),
    ),
    Odd(
        "a product in words",
        cells("supply_links", 2, product="wheat flour"),
        "supply_links.csv",
        2,
        "is text",
        "wheat flour",
        ('"wheat flour"',),
    ),
    Odd(
        "a day with slashes",
        cells("supply_links", 2, start_date="2020/01/02"),
        "supply_links.csv",
        2,
        "'2020-01-02'",
        "2020/01/02",
        (f'"2020-01-02"^^<{XSD}date>',),
    ),
    Odd(
        "a day with a time",
        cells("supply_links", 2, start_date="2020-01-02T23:59:00Z"),
        "supply_links.csv",
        2,
        "'2020-01-02'",
        "2020-01-02T23:59:00Z",
        (f'"2020-01-02"^^<{XSD}date>',),
    ),
    Odd(
        "an end in the year of the start", cells("supply_links", 2, start_date="2021-06-01", end_date="2021")
    ),
    Odd("29 February", cells("supply_links", 2, start_date="2020-02-29")),
    Odd(
        "a large number",
        cells("supply_links", 2, quantity="1" + "0" * 20),
        holds=(f'"100000000000000000000"^^<{XSD}decimal>',),
    ),
    Odd(
        "HTML, quotes and a tab",
        cells("actors", 3, name='<b>Beta</b> & "S\u00f6hne" \t \\'),
        "actors.csv",
        3,
        "markup",
        holds=('"<b>Beta</b> & \\"S\u00f6hne\\" \\t \\\\"',),
    ),
    *(
        Odd(name, cells("supply_links", 3, supplier=said), holds=(f"<{BASE}settled/gamma>",))
        for name, said in (
            ("an actor of an admitted dataset", "settled/gamma"),
            ("an actor of an admitted dataset, by its IRI", f"{BASE}settled/gamma"),
        )
    ),
    Odd(
        "addresses of profiles, which nobody fetches",
        descriptor(
            lambda found: (
                found.update(
                    {"$schema": "http://example.org/p.json", "profile": "http://example.org/p.json"}
                ),
                found["resources"][0].update(
                    profile="http://example.org/p.json", schema="http://example.org/s.json"
                ),
            )
        ),
        file=DESCRIPTOR,
        message="not fetched",
        value="http://example.org/s.json",
    ),
    Odd("a zip", zipped()),
    Odd("a zip with a folder in it", zipped("probe-1.0/")),
    Odd(
        "Turtle",
        turtle(TWO + LINK + ' ; ot:startDate "2021"^^xsd:gYear .\n'),
        links=1,
        options=RDF,
        holds=(f'"2021"^^<{XSD}gYear>',),
    ),
    Odd(
        "N-Triples that name an admitted actor",
        one_file(
            "probe.nt",
            "".join(
                f"<{BASE}probe/l> <{predicate}> <{value}> .\n"
                for predicate, value in (
                    (
                        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
                        "https://w3id.org/opentier/ns#SupplyLink",
                    ),
                    ("https://w3id.org/opentier/ns#buyer", f"{BASE}settled/alpha"),
                    ("https://w3id.org/opentier/ns#supplier", f"{BASE}settled/gamma"),
                )
            ),
        ),
        links=1,
        options=RDF,
    ),
    Odd(
        "JSON-LD with our context",
        one_file(
            "probe.jsonld",
            json.dumps(
                {
                    "@context": "https://w3id.org/opentier/context.jsonld",
                    "@id": "a",
                    "@type": "https://w3id.org/opentier/ns#Actor",
                    "http://www.w3.org/2000/01/rdf-schema#label": "A",
                }
            ),
        ),
        links=0,
        options=RDF,
        holds=('"A"',),
    ),
    Odd(
        "a record without an IRI",
        turtle(TWO + LINK.replace("<l>", "[]") + " .\n"),
        links=1,
        options=RDF,
    ),
    Odd(
        "RDF/XML",
        one_file("probe.rdf", XML.format(doctype="", label="A") + "</rdf:RDF>\n"),
        links=0,
        options=RDF,
        holds=('"A"',),
    ),
)
