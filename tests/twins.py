"""Twins: two data directories, to one of which closed datasets were contributed as well; nobody may change them.

The closed ones say what could show most: they are called as public actors are, share identifiers with them, link to and
from them, list them, and judge who of them is one with whom. They say a word wherever they can, which nobody else says.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.front import View
from tests.broken import Rows, write
from tests.conftest import once

#: A word that the closed datasets say wherever they can, and nobody else.
WORD = "quokka"
RESTRICTED, EMBARGOED = f"example-{WORD}-r", f"example-{WORD}-e"
#: The day before an embargo ends, and the day on which it does.
BEFORE, END = "2098-12-31", "2099-01-01"
EMBARGO = f"embargoed:{END}"
Table = Sequence[Mapping[str, str]]
Tables = Mapping[str, Table]


def package(folder: Path, dataset: str, tables: Tables) -> Path:
    """Write a package."""
    found: dict[str, Rows] = {}
    for name, table in tables.items():
        header = list(dict.fromkeys(key for row in table for key in row))
        found[name] = [header, *([row.get(key, "") for key in header] for row in table)]
    return write(folder, found, dataset)


def secret(mark: str) -> Tables:
    """Return the tables of a closed dataset."""
    me, you = f"{WORD}-{mark}-one", f"{WORD}-{mark}-two"
    evidence = f"{WORD}-{mark}-file"
    return {
        "actors": [
            {
                "id": me, "name": "Aurora Apparel Imports (invented)", "kind": "legal-entity", "country": "US",
                "region": "US-NY", "address": f"1 Example Pier, New York {WORD}", "also_known_as": f"{WORD} Aurora",
                "identifiers": "lei:EXMP00AURORAEXMP0190", "note": WORD,
            },
            {"id": you, "name": f"{WORD} {mark} Spinning", "kind": "facility", "country": "CN", "region": "CN-XJ"},
        ],
        "evidence": [
            {"id": evidence, "type": "supplier-list", "url": f"https://example.org/{WORD}", "title": WORD,
             "retrieved": "2024-01-01"},
        ],
        "supply_links": [
            {"id": f"{WORD}-1", "buyer": "example/aurora", "supplier": you, "product": "610910",
             "observed_date": "2024-01-01", "evidence": evidence},
            {"id": f"{WORD}-2", "buyer": me, "supplier": "example/kingfisher-knitwear", "product": "610910",
             "observed_date": "2024-01-01"},
            {"id": f"{WORD}-3", "buyer": "example/borealis", "supplier": "example/whitepeak-silicon",
             "observed_date": "2024-01-01", "note": WORD},
        ],
        "ownership_links": [
            {"owner": you, "asset": "example/aurora", "interest": "shareholding", "share_exact": "70", "direct": "true",
             "start_date": "2020"},
        ],
        "product_inputs": [{"input": "520100", "output": "610910", "note": WORD}],
        "designations": [
            {"id": f"{WORD}-listed", "kind": "entity-listing", "authority": f"{WORD} authority",
             "target": "example/borealis", "register": f"{WORD} register", "law": f"{WORD} law", "effect": "withhold",
             "listing_date": "2021-01-01", "status": "active"},
            {"id": f"{WORD}-own", "kind": "entity-listing", "authority": f"{WORD} authority", "target": me,
             "effect": "withhold", "listing_date": "2021-01-01", "status": "active"},
        ],
        "incidents": [
            {"id": f"{WORD}-told", "status": "alleged", "facility": "example/kingfisher-knitwear", "country": "CN",
             "indicators": "debt-bondage", "from": "2022-02", "response": WORD,
             "evidence": evidence},
        ],
        "identity_judgements": [
            {"left": "example/borealis", "right": "example/kingfisher-knitwear", "judgement": "positive",
             "decided_by": WORD, "date": "2024-06-03", "reason": WORD},
            {"left": "example/aurora", "right": you, "judgement": "unsure", "decided_by": WORD, "date": "2024-06-03"},
        ],
    }  # fmt: skip


#: What comes last, when the closed ones are there: of an actor alike to a closed one, and to a public one.
LATER: Tables = {
    "actors": [
        {"id": "later", "name": "Aurora Apparel Imports (invented)", "kind": "legal-entity", "country": "US"},
        {"id": "mill", "name": f"{WORD.replace('q', 'k')} Spinning", "kind": "facility", "country": "CN"},
    ],
    "supply_links": [
        {"id": "l1", "buyer": "later", "supplier": "example/aurora", "observed_date": "2024-02-01"},
        {
            "id": "l2",
            "buyer": "mill",
            "supplier": "example/kingfisher-knitwear",
            "observed_date": "2024-02-01",
        },
    ],
}


@dataclass(frozen=True)
class Twins:
    """Two data directories: one with the closed datasets, and one to which they never came."""

    full: Graph
    bare: Graph


#: The closed datasets, with who may see them.
SHADES = {RESTRICTED: "restricted", EMBARGOED: EMBARGO}


def make(base: Path, admitted: Path, *, closed: bool, only: str = "") -> Graph:
    """Make one of them, once for all tests of a run.

    Parameters
    ----------
    base
        Where this process has the folders of its tests.
    only
        The one closed dataset that it has.
    """
    shades = {name: said for name, said in SHADES.items() if closed and only in ("", name)}

    def make(data: Path) -> None:
        _make(data, data.parent, admitted, shades)

    return Graph.open(once(base, f"twin-{only or ('full' if closed else 'bare')}", make))


def _make(data: Path, folder: Path, admitted: Path, shades: Mapping[str, str]) -> None:
    graph = Graph.open(shutil.copytree(admitted, data))
    graph.contribute(package(folder / "first", "example-first", {"actors": LATER["actors"][:1]}))
    for dataset, said in shades.items():
        made = package(folder / dataset, dataset, secret(dataset[-1]))
        assert graph.contribute(made, Options(visibility=said)).new
    graph.contribute(package(folder / "later", "example-later", LATER))


QUERIES = (
    "SELECT * { ?s ?p ?o }",
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g",
    "SELECT * { GRAPH ?g { ?s ?p ?o } }",
    "SELECT ?g { ?series ot:currentVersion ?g }",
    "SELECT * { ?a ot:sameActorAs ?b }",
    "SELECT * { ?a ot:sourcesFrom+ ?b }",
    "SELECT * { BASE:x ?p ?o }".replace("BASE:x", "<https://w3id.org/opentier/id/example/aurora>"),
    f"ASK {{ ?s ?p ?o FILTER (CONTAINS(STR(?o), '{WORD}') || CONTAINS(STR(?s), '{WORD}')) }}",
    f"SELECT * {{ GRAPH <https://w3id.org/opentier/id/dataset/{RESTRICTED}/1> {{ ?s ?p ?o }} }}",
    f"SELECT * {{ GRAPH <https://w3id.org/opentier/id/dataset/{RESTRICTED}/catalogue> {{ ?s ?p ?o }} }}",
    "SELECT * { GRAPH <https://w3id.org/opentier/id/derived/closed> { ?s ?p ?o } }",
    "SELECT * FROM <https://w3id.org/opentier/id/catalogue> { ?s ?p ?o }",
    "SELECT * FROM NAMED <https://w3id.org/opentier/id/catalogue> { GRAPH ?g { ?s ?p ?o } }",
    "DESCRIBE <https://w3id.org/opentier/id/example/aurora>",
)


def plain(told: object, view: View) -> str:
    """Return an answer as a text, without the release and the times at which something came."""
    return timeless(json.dumps(told, default=str, ensure_ascii=False)).replace(view.release.id, "RELEASE")


#: A node without a name as text and JSON have it, and how many steps from it say which it is.
_BLANK, _IN_JSON, _STEPS = re.compile(r"_:\w+"), re.compile(r'"type": ?"bnode", ?"value": ?"(\w+)"'), 3


def alike(lines: Iterable[str]) -> list[str]:
    """Return lines in order; in them, nodes without a name are called by what the lines say of them."""
    found, called = [_IN_JSON.sub(r"_:\1", line) for line in lines], dict[str, str]()
    for _ in range(_STEPS):
        said = defaultdict[str, list[str]](list)
        for line in found:
            for label in {*_BLANK.findall(line)}:
                said[label].append(_called(line, {**called, label: "_:"}))
        called = {label: f"_:{hash(tuple(sorted(each)))}" for label, each in said.items()}
    return sorted(_called(line, called) for line in found)


def _called(line: str, names: Mapping[str, str]) -> str:
    return _BLANK.sub(lambda each: names.get(each[0], ""), line)


def timeless(text: str) -> str:
    return re.sub(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", "TIME", text)
