"""Broken files: a small share of what ``python -m tests.mutation`` runs through."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests import mutation
from tests.counts import scaled

FORMS = [
    "actors.csv", "vendors.csv", "vendors.tsv", "vendors.csv.gz", "actors.jsonl", "vendors.json", "vendors.xlsx",
    "book.xlsx", "vendors.ods", "vendors.parquet", "case.zip", "datapackage.json", "links.csv", "case.ttl", "case.nt",
    "case.jsonld", "case.rdf", "case.nq", "case.trig",
    "vendors.xls",
]  # fmt: skip


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "scratch").mkdir()
    return tmp_path


def test_every_form_is_admitted_before_it_is_broken(work: Path) -> None:
    known = mutation.bases(work / "bases")
    assert [base.name for base in known] == FORMS
    outcome = mutation.Outcome()
    for number, base in enumerate(known):
        folder = work / str(number)
        folder.mkdir()
        for name, data in {**base.beside, base.name: base.data}.items():
            (folder / name).write_bytes(data)
        path = folder if base.beside else folder / base.name
        mutation.contribute(path, work / f"data{number}", outcome, base.name)
    assert (outcome.faults, outcome.ends) == ([], {"admitted": len(FORMS)})


def test_a_broken_file_is_admitted_whole_or_leaves_the_store_as_it_was(work: Path) -> None:
    outcome = mutation.run(scaled(4 * len(FORMS)), 7, work)
    assert outcome.faults == []
    assert outcome.ends.total() == scaled(4 * len(FORMS))


def test_a_store_that_is_another_is_noticed(work: Path) -> None:
    (work / "data").mkdir()
    before = mutation.contents(work / "data")
    (work / "data" / "half").write_text("x", "utf-8")
    assert mutation.contents(work / "data") != before


def test_the_same_seed_breaks_the_same_files(work: Path) -> None:
    known = mutation.bases(work / "bases")
    one, other = (list(mutation.files(known, 60, Random(3))) for _ in range(2))
    assert one == other
    assert sum(base.data != broke for base, broke in one) > 50
