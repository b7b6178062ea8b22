"""What tables may say of laws, thresholds, coverage, and of what is known of an actor that laws ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from opentier.graph.model.names import concept
from tests.test_contribution_codes import admitted, refused

FACT = ["actor", "metric", "value", "scope", "year", "consolidated"]
LAW = ["id", "title", "jurisdiction", "kinds", "status", "bound_class", "sectors_in", "conditions", "checked"]
ACT = ["act", "An act", "FR", "reporting", "in-force", "seat|branch", "10-33|47", "deals in goods", "2026-11"]
LIMIT = ["law", "group", "metric", "minimum", "source", "comparator", "years", "valid_to", "confidence"]


@pytest.mark.parametrize(
    ("metric", "value", "scope", "stated"),
    [
        ("seat", "FR", "", ("1", "FR")),
        ("seat", "FR", "FR", ("1", "FR")),
        ("Business in", "US-CA", "", ("1", "US-CA")),
        ("importer-of-record", "EU", "", ("1", "EU")),
        ("branch", "France", "", ("1", "FR")),
        ("contractor", "0", "US", ("0", "US")),
        ("turnover", "5", "FR", ("5", "FR")),
    ],
)
def test_a_fact_of_a_place_may_have_it_as_its_value(
    tmp_path: Path, metric: str, value: str, scope: str, stated: tuple[str, str]
) -> None:
    (found,) = admitted(tmp_path, "actor_facts", FACT, ["gamma", metric, value, scope, "2025", "true"])
    assert (found["ot:value"], found["ot:scope"]) == ([stated[0]], [stated[1]])
    assert found["ot:consolidated"] == ["true"]


@pytest.mark.parametrize(
    ("metric", "value", "scope", "said"),
    [
        ("seat", "Nowhereland", "", "This is neither a place nor a number. Give the country (FR)"),
        ("seat", "FR", "DE", "This is not a number."),
        ("turnover", "FR", "", "This is not a number."),
        ("profits", "5", "", "metric has no such code. Use one of: turnover, assets, employees"),
    ],
)
def test_a_fact_that_says_no_place_and_no_number_is_refused(
    tmp_path: Path, metric: str, value: str, scope: str, said: str
) -> None:
    found = refused(tmp_path, actor_facts=[FACT, ["gamma", metric, value, scope, "", ""]])
    assert [message for message in found if said in message]


def test_a_law_keeps_whom_it_can_bind_and_a_threshold_how_it_is_reached(tmp_path: Path) -> None:
    (law,) = admitted(tmp_path / "law", "laws", LAW, ACT)
    assert sorted(law["ot:boundClass"]) == sorted(concept("bound-class", code) for code in ("branch", "seat"))
    assert sorted(law["ot:sectorIncluded"]) == ["10-33", "47"]
    assert (law["ot:condition"], law["ot:checked"]) == (["deals in goods"], ["2026-11"])
    (seen,) = admitted(
        tmp_path / "coverage",
        "law_coverage",
        ["jurisdiction", "result", "checked"],
        ["Kenya", "none-known", "2026-11"],
    )
    assert seen["ot:jurisdiction"] == ["KE"]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("status", "dormant", "status has no such code. Use one of: in-force"),
        ("bound_class", "seat|resident", "bound_class has no such code."),
        ("sectors_in", "retail", "This is no division of ISIC. Give two digits such as 47"),
        ("sectors_in", "33-10", "This is no division of ISIC."),
        ("checked", "lately", "This is not a date."),
    ],
)
def test_a_condition_of_a_law_that_cannot_be_read_is_refused(
    tmp_path: Path, column: str, cell: str, said: str
) -> None:
    row = list(ACT)
    row[LAW.index(column)] = cell
    assert any(said in message for message in refused(tmp_path, laws=[LAW, row]))


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("comparator", "exceeds", "comparator has no such code. Use one of: more-than, at-least."),
        (
            "years",
            "two",
            "This is no number of years. Write how many running (2), or how many of how many (1-of-2).",
        ),
        ("years", "3-of-2", "This is no number of years."),
        ("valid_to", "2023-02-30", "There is no such day."),
        ("confidence", "0.9", "confidence has no such code."),
    ],
)
def test_a_condition_of_a_threshold_that_cannot_be_read_is_refused(
    tmp_path: Path, column: str, cell: str, said: str
) -> None:
    row = ["act", "size", "employees", "50", "An act, section 1", "more-than", "2", "2023-12-31", "primary"]
    row[LIMIT.index(column)] = cell
    assert any(said in message for message in refused(tmp_path, laws=[LAW, ACT], thresholds=[LIMIT, row]))
