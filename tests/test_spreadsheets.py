"""Spreadsheets as people have them go in with one command, or with two: all their rows, and nothing lost in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opentier.graph import Graph
from opentier.graph.triples.engine import Rows
from tests.conftest import Command
from tests.spreadsheets import EVERY, LICENCE, Spreadsheet

PREFIX = "PREFIX ot: <https://w3id.org/opentier/ns#> "


def answers(graph: Graph, question: str) -> list[str]:
    """Return the first term of every row of an answer."""
    found = graph.query(f"{PREFIX} {question}")
    assert isinstance(found, Rows)
    return [term.value for (term,) in found if term is not None]


def said(graph: Graph, term: str) -> set[str]:
    """Return all values of a term, the ends of IRIs."""
    return {value.rsplit("/", 1)[-1] for value in answers(graph, f"SELECT DISTINCT ?o {{ ?s ot:{term} ?o }}")}


def count(graph: Graph, pattern: str) -> int:
    (many,) = answers(graph, f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ {pattern} }}")
    return int(many)


@pytest.mark.parametrize("sheet", EVERY, ids=lambda sheet: sheet.name)
def test_a_spreadsheet_goes_in_whole(sheet: Spreadsheet, call: Command, tmp_path: Path) -> None:
    path, data = tmp_path / sheet.name, tmp_path / "data"
    sheet.write(path)
    words = ("--dataset", "people", *LICENCE, *sheet.said, "--format", "json", "--data", str(data))
    run = call("contribute", str(path), *words)
    assert run.code == 0, run.out + run.err
    report = json.loads(run.out)
    graph = Graph.open(data)
    assert count(graph, "?s a ot:Actor") == sheet.actors
    assert count(graph, "?s a ?kind VALUES ?kind { ot:SupplyLink ot:OwnershipLink }") == sheet.links
    assert report["counts"]["rows"] == max(sheet.links, 0 if sheet.links else sheet.actors)
    assert report["counts"]["refused"] == 0
    for term, values in sheet.holds.items():
        assert values <= said(graph, term), term
    unread = [each["message"] for each in report["findings"] if each["message"].startswith("Nothing is read")]
    assert [message.partition("columns: ")[2] for message in unread] == (
        [", ".join(sheet.unread) + "."] if sheet.unread else []
    )


@pytest.mark.parametrize(("countries", "told"), [(("TR", ""), 1), (("TR", "TR"), 0), (("", ""), 0)])
def test_a_name_with_a_country_and_without_is_told_to_be_two_actors(
    tmp_path: Path, call: Command, countries: tuple[str, str], told: int
) -> None:
    """A chain that breaks for that alone is told of before it reads like one that ends."""
    first, second = countries
    file = tmp_path / "chain.csv"
    file.write_text(
        "Buyer,Buyer country,Supplier,Supplier country\n"
        f"Ostkai Mode GmbH,,Selma Tekstil,{first}\nSelma Tekstil,{second},Harbour Yarn Works,\n"
    )
    run = call("validate", str(file), "--licence", "CC0-1.0", "--format", "json")
    assert run.code == 0, run.err
    message = "This name stands here without a country, and with one in another row: they are two actors."
    found = [each for each in json.loads(run.out)["findings"] if each["message"] == message]
    assert [(each["value"], each["severity"]) for each in found] == [("Selma Tekstil", "warning")] * told
