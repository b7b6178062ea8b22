"""RDF is another carrier of the tables: random documents made of rows say what the rows say, and are found as they are.

The writer of the documents is the test's own: what a row means in RDF is said here once more, from the documentation.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest

from opentier.graph.admission import admission
from opentier.graph.contribution import submission
from opentier.graph.contribution.submission import Options
from opentier.graph.model.names import Names, expand
from opentier.graph.model.tables import TABLES, Column, Table
from opentier.graph.records import checking, lines
from opentier.graph.report.report import Finding, Report
from tests.broken import BASE, GLN, LEI, Rows, write
from tests.counts import scaled

NAME = "probe"
FREE = Options(dataset=NAME, licence="CC0-1.0")
OT, XSD = "https://w3id.org/opentier/ns#", "http://www.w3.org/2001/XMLSchema#"
A = ox.NamedNode(expand("rdf:type"))
#: Documents, and the parts in which they are made.
EVERY, PARTS = 500, 5
SYNTAXES = {
    "ttl": ox.RdfFormat.TURTLE,
    "nq": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}
Cells = dict[str, str]
Node = ox.NamedNode | ox.BlankNode

# --- Rows, with faults ------------------------------------------------------------------------------------------------

#: Columns that rows have, by table: what their cells may hold.
GOOD: dict[str, dict[str, tuple[str, ...]]] = {
    "evidence": {"id": ("ev-1",), "type": ("invoice", "audit"), "retrieved": ("2024-01-05", "2024"),
                 "url": ("https://example.org/ev", ""), "title": ("An invoice", "Ürümqi", "")},
    "products": {"id": ("yarn",), "name": ("Yarn",), "hs": ("5205", ""), "broader": ("52", "")},
    "actors": {
        "id": ("a", "b b", "c/1", "ü"), "name": ("Alpha Foods", "Mühle", "纺纱厂"),
        "kind": ("legal-entity", "mine", "organisation", ""), "country": ("DE", "CN", "NA", ""),
        "address": ("1 Mill Rd", ""), "lat": ("41.5", ""),
        "identifiers": (f"lei:{LEI}", f"gln:{GLN}|tax-number:12/3", ""), "sector": ("10", ""),
        "also_known_as": ("Alfa", "Alfa|Alpha GmbH", ""), "website": ("https://example.org", ""),
        "workers_min": ("10", ""), "note": ("a note", ""),
    },
    "supply_links": {
        "buyer": ("a", "b b"), "supplier": ("c/1", "ü", "a"), "product": ("5201", "520512", "yarn", "raw cotton", ""),
        "kind": ("sale", "raw-material", ""), "start_date": ("2020", "2020-02", "2020-02-03", ""),
        "end_date": ("2021-12", "2022-06-30", ""), "quantity": ("10", "0.5", ""), "unit": ("t", ""),
        "value": ("100", ""), "currency": ("EUR", "USD", ""), "share": ("50", ""), "shipments": ("3", ""),
        "confidence": ("0.9", ""), "declared_tier": ("1", ""), "crucial": ("true", "false", ""),
        "evidence": ("ev-1", ""), "source": ("a list", ""), "note": ("",),
    },
    "ownership_links": {
        "owner": ("a",), "asset": ("b b", "ü"), "interest": ("shareholding", ""), "share_exact": ("60", ""),
        "direct": ("true", ""), "start_date": ("2019", ""), "note": ("",),
    },
    "designations": {
        "id": ("d-1", "d-2"), "kind": ("entity-listing", "import-order"), "target": ("c/1", "ü"),
        "country": ("CN", ""), "authority": ("CBP", "Norges Bank"), "register": ("A list", ""),
        "law": ("19 U.S.C. 1307", ""), "effect": ("withhold", ""), "exploitation": ("forced-labour|child-labour", ""),
        "scope_products": ("5201|52", ""),
        "listing_date": ("2023-02-01", "2023"), "status": ("active", ""), "includes_subsidiaries": ("true", ""),
    },
    "risk_assessments": {
        "id": ("r",), "subject": ("MY-10", "a", "VN"), "likelihood": ("high",), "indicators": ("debt-bondage", ""),
    },
    "actor_facts": {
        "actor": ("a",), "metric": ("turnover", "employees"), "value": ("7",),
        "scope": ("EU", "DE", "worldwide", ""), "year": ("2024",), "currency": ("EUR",), "note": ("",),
    },
    "observations": {
        "indicator": ("listed-good",), "area": ("202", "DE"), "period": ("2023",), "value": ("4", ""), "note": ("",),
    },
    "identity_judgements": {
        "left": ("a",), "right": ("b b",), "judgement": ("unsure", "negative"), "date": ("2024", ""), "note": ("",),
    },
}  # fmt: skip
#: What is planted, by the kind of the column.
BAD: dict[str, tuple[str, ...]] = {
    "country": ("ZZ", "Burma", "UNKNOWN", "turkey"),
    "date": ("2082", "2021-02-30", "01/02/2018", "45292", "9999-12-31", "1970-01-01", "2018-01-01Z"),
    "decimal": ("1_000", "-5", "1,234", "5E1", "NaN", "1000"),
    "integer": ("1.5", "many", "-1"),
    "boolean": ("maybe", "1"),
    "currency": ("XXQ", "eur"),
    "code": ("no-such-code",),
    "actor": ("nobody", f"{BASE}elsewhere/x"),
    "record": ("nothing",),
    "subject": ("nobody", "CN-ZZ"),
    "product": ("61091", "779999", "999999", "6109.10", "HS 6109", "6109.1"),
    "identifier": (
        f"lei:{LEI[:-1]}9", "gln:9520000000012", "kbo:0403170701", "duns:999999999", "cnpj:1", "passport:7", "7",
    ),
    "hs": ("61091", "619999"),
    "url": ("example", "www.example.org"),
    "named": ("cbp", "Another body"),
    "scope": ("nowhere", "Germany"),
    "area": ("nowhere",),
    "text": ("a\u200bb", "<b>x</b>", "A\u202eB", "call +49 170 1234567", "A (formerly B)"),
}  # fmt: skip


def tables(draw: random.Random) -> dict[str, list[Cells]]:
    """Return random rows of some tables; in most, one or two cells are planted."""
    found: dict[str, list[Cells]] = {}
    for name, columns in GOOD.items():
        ids = columns.get("id", ())
        if name not in ("actors", "evidence", "products") and draw.random() < 0.4:
            continue
        many = len(ids) or draw.randint(1, 3)
        found[name] = [
            {
                column: ids[number] if column == "id" else draw.choice(values)
                for column, values in columns.items()
            }
            for number in range(many)
        ]
        for number, row in enumerate(found[name] if not ids else ()):
            row["note"] = f"row {number}"  # no two rows of a table say the same
    for _ in range(draw.choice((0, 1, 1, 2))):
        name = draw.choice([name for name in found if found[name]])
        row = draw.choice(found[name])
        planted = [
            column
            for column in TABLES[name]
            if column.name in row and column.name != "id" and column.kind in BAD
        ]
        column = draw.choice(planted)
        required = [each for each in planted if each.required]
        if required and draw.random() < 0.1:
            row[draw.choice(required).name] = ""
        else:
            row[column.name] = draw.choice(BAD[column.kind])
    return found


def as_rows(found: dict[str, list[Cells]]) -> dict[str, Rows]:
    return {
        name: [list(GOOD[name]), *([row[column] for column in GOOD[name]] for row in rows)]
        for name, rows in found.items()
    }


# --- The same as RDF --------------------------------------------------------------------------------------------------


class Writer:
    """Rows as statements; where several forms say the same, one is drawn."""

    def __init__(self, found: dict[str, list[Cells]], draw: random.Random) -> None:
        self.found, self.draw = found, draw

    def quads(self) -> Iterator[ox.Quad]:
        for name, rows in self.found.items():
            for row in rows:
                yield from self.row(TABLES[name], row)

    def subject(self, table: Table, row: Cells) -> Node:
        return self.record(table.name, row["id"]) if row.get("id") else ox.BlankNode()

    def record(self, table: str, local: str) -> ox.NamedNode:
        segment = f"{TABLES[table].segment}/" if TABLES[table].segment else ""
        return ox.NamedNode(f"{BASE}{NAME}/{segment}{quote(local, safe='')}")

    def row(self, table: Table, row: Cells) -> Iterator[ox.Quad]:
        subject = self.subject(table, row)
        kind = table.classes.get(row.get("kind", ""), table.rdf_class)
        yield ox.Quad(subject, A, ox.NamedNode(expand(kind)))
        for column in table:
            text = row.get(column.name, "")
            if not text or column.kind in ("id", "class"):
                continue
            for part in text.split("|") if column.many else [text]:
                value, more = self.value(column, part)
                yield ox.Quad(subject, ox.NamedNode(expand(column.term)), value)
                yield from more

    def value(self, column: Column, text: str) -> tuple[Node | ox.Literal, list[ox.Quad]]:
        literal, as_text = ox.Literal(text), self.draw.random() < 0.5
        match column.kind:
            case "actor":
                if text.startswith(BASE):
                    return ox.NamedNode(text), []
                return self.record("actors", text), []
            case "record":
                return self.record(column.table, text), []
            case "subject":
                if text in ("VN", "MY-10", "CN-ZZ"):
                    return ox.NamedNode(f"{BASE}{'region' if '-' in text else 'country'}/{text}"), []
                return self.record("actors", text), []
            case "product":
                if text == "yarn":
                    return self.record("products", text), []
                return (literal if as_text or not text.isdigit() else ox.NamedNode(f"{BASE}hs/{text}")), []
            case "code":
                return ox.NamedNode(f"{OT}{column.scheme}-{text}"), []
            case "country" if len(text) == 2 and not as_text:
                return ox.NamedNode(f"{BASE}country/{text}"), []
            case "currency" if len(text) == 3 and not as_text:
                return ox.NamedNode(f"{BASE}currency/{text}"), []
            case "date":
                kinds = {4: "gYear", 7: "gYearMonth", 10: "date"}
                typed = ox.NamedNode(XSD + kinds.get(len(text), "date"))
                return (literal if as_text else ox.Literal(text, datatype=typed)), []
            case "decimal" | "integer" | "boolean" if not as_text:
                return ox.Literal(text, datatype=ox.NamedNode(XSD + column.kind)), []
            case "identifier" if ":" in text and not as_text:
                return self.identifier(*text.split(":"))
        return literal, []

    def identifier(self, scheme: str, value: str) -> tuple[Node, list[ox.Quad]]:
        node: Node = ox.NamedNode(f"{BASE}identifier/{scheme}/{quote(value, safe='')}")
        if self.draw.random() < 0.3:
            node = ox.BlankNode()
        known = scheme not in ("kbo", "passport")
        of = f"{OT}identifier-scheme-{scheme}" if known else f"{BASE}identifier-scheme/{scheme}"
        said = (
            (A.value, ox.NamedNode(expand("adms:Identifier"))),
            (expand("skos:notation"), ox.Literal(value)),
            (f"{OT}identifierScheme", ox.NamedNode(of)),
        )
        return node, [ox.Quad(node, ox.NamedNode(name), about) for name, about in said]


def contributed(path: Path, options: Options) -> tuple[Report, set[str]]:
    """Return what is found in a contribution, and the statements that are written of it where it conforms."""
    report = admission.validate(path, options, None, lambda stage, done, total: None)
    if not report.conforms:
        return report, set()
    found = submission.read(path, options, path.parent)
    read = checking.check(found, Names(), lambda iris: set())
    file = path.parent / "records.nt"
    lines.write(read, Names(), file)
    return report, set(file.read_text("utf-8").splitlines())


def told(finding: Finding) -> tuple[str, ...]:
    """Return what a finding says, whatever the carrier."""
    said = (
        finding.severity,
        finding.column or "",
        finding.value or "",
        finding.message,
        finding.advice,
        finding.rule or "",
    )
    return tuple(said)


def counted(report: Report) -> Counter[tuple[str, ...]]:
    """Count the findings of a report by what they say."""
    return Counter(map(told, report.sorted()))


@pytest.mark.parametrize("part", range(PARTS))
def test_random_documents_of_rdf_are_found_as_the_tables_that_they_are_made_of(
    part: int, tmp_path: Path
) -> None:
    seen: Counter[str] = Counter()
    for number in range(part, scaled(EVERY), PARTS):
        draw = random.Random(number)
        found = tables(draw)
        suffix = draw.choice(list(SYNTAXES))
        folder = tmp_path / str(number)
        package = write(folder / "package", as_rows(found), NAME)
        path = folder / f"{NAME}.{suffix}"
        quads = list(Writer(found, draw).quads())
        path.write_bytes(ox.serialize(quads, format=SYNTAXES[suffix]) or b"")
        ours, ours_written = contributed(package, Options())
        theirs, theirs_written = contributed(path, FREE)
        assert counted(theirs) == counted(ours), (number, path.read_text("utf-8"))
        assert theirs_written == ours_written, number
        assert all(one.subject for one in theirs.findings if one.file == path.name and one.column), number
        seen.update(one.severity for one in ours.findings)
        seen["conforms"] += ours.conforms
        seen["refused"] += not ours.conforms
    assert seen["conforms"]
    assert seen["refused"]
