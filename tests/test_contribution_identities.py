"""Who is one with whom, as contributions say: identifiers that are none, and judgements of which one counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from opentier.graph.admission import admission
from opentier.graph.contribution.report import Report
from opentier.graph.contribution.submission import Options
from opentier.graph.model import cells
from opentier.graph.store.directory import Store
from tests.broken import GLN, LEI, NAME, RDF, Rows, write

ACTORS = ["id", "name", "country", "identifiers"]
TURTLE = """
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix ot: <https://w3id.org/opentier/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<a> a ot:Organisation ; rdfs:label "A" ; adms:identifier <https://w3id.org/opentier/id/identifier/gln/0000000000000> .
<b> a ot:Organisation ; rdfs:label "B" ; adms:identifier <b/number> .
<b/number> a adms:Identifier ; skos:notation "UNKNOWN" ; ot:identifierScheme ot:identifier-scheme-duns .
<https://w3id.org/opentier/id/identifier/gln/0000000000000> a adms:Identifier ; skos:notation "0000000000000" ;
    ot:identifierScheme ot:identifier-scheme-gln .
"""


def actors(**identifiers: str) -> Rows:
    """Return actors of one country with those identifiers."""
    return [ACTORS, *([local, f"Firm {local}", "VN", said] for local, said in identifiers.items())]


def contribute(store: Store, folder: Path, name: str = NAME, **tables: Rows) -> Report:
    """Admit a package with those tables as a dataset."""
    package = write(folder / f"{name}-{len(list(folder.iterdir()))}", tables, name)
    return admission.contribute(package, Options(), store, lambda stage, done, total: None).report


def identified(store: Store) -> dict[str, list[str]]:
    """Return the identifiers that the store holds of each actor, by local id."""
    return {
        iri.rpartition("/")[2]: [
            each.partition("/identifier/")[2] for each in fields.get("adms:identifier", ())
        ]
        for iri, fields in store.release().records("actors")
    }


@pytest.mark.parametrize(
    "filler",
    [
        "duns:999999999", "duns:00-000-0000", "duns:0", "gln:0000000000000", "gln: 7777777777777", "lei:UNKNOWN",
        "lei:00000000000000000000", "lei:XXXXXXXXXXXXXXXXXXXX", "os-id:unknown", "OS_ID:N/A", "duns:n.a.", "gln:-",
        "tax-number:00000", "imo:0000000", "UNKNOWN", "duns:not available",
    ],
)  # fmt: skip
def test_a_filler_is_left_out_with_a_warning_and_joins_nobody(tmp_path: Path, filler: str) -> None:
    store = Store.open(tmp_path / "data", create=True)
    report = contribute(store, tmp_path, actors=actors(a=f"{filler}|gln:{GLN}", b=filler))
    assert identified(store) == {"a": [f"gln/{GLN}"], "b": []}
    assert [(found.severity, found.row, found.column, found.value) for found in report.findings] == [
        ("warning", 2, "identifiers", filler),
        ("warning", 3, "identifiers", filler),
    ]


@pytest.mark.parametrize(
    "text", [f"lei:{LEI}", f"gln:{GLN}", "tax-number:7", "duns:112223333", "uml:PO1000000000"]
)
def test_what_only_looks_like_a_filler_is_none(text: str) -> None:
    assert not cells.filler(text)
    cells.identifier(text)


def test_a_filler_in_rdf_is_left_out_with_a_warning(tmp_path: Path) -> None:
    store, path = Store.open(tmp_path / "data", create=True), tmp_path / "probe.ttl"
    path.write_text(TURTLE, "utf-8")
    report = admission.contribute(path, RDF, store, lambda stage, done, total: None).report
    assert identified(store) == {"a": [], "b": []}
    assert sorted(str(found.value) for found in report.findings if found.column == "identifiers") == [
        "duns:UNKNOWN",
        "gln:0000000000000",
    ]
