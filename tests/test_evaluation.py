"""The evaluation of the matcher: any labelled file is read or refused by row and column, and its figures are right."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentier.api.cli.match import evaluation
from opentier.graph.errors import UsageError
from opentier.graph.matching import labelled
from opentier.graph.matching.evaluation import SAMPLES, evaluate, f1, of, wilson
from opentier.graph.matching.labelled import Labelled, Pair
from opentier.graph.matching.parties import Party
from opentier.graph.matching.rarity import Rarity
from opentier.graph.matching.scoring import Weights
from tests.counts import runs
from tests.sheets import xlsx

ROWS = [
    ["left_name", "right_name", "same", "left_country", "right_country", "source"],
    ["Golden Horse Textile Co., Ltd.", "GOLDEN HORSE TEXTILE", "true", "China", "CN", "one"],
    ["Golden Horse Textile", "Silver Crane Chemical", "false", "CN", "CN", "one"],
    ["Golden Horse Textile", "Golden Horse Textile", "false", "CN", "CN", "two"],
    ["Old Mill Cotton", "Neue Spinnerei", "yes", "GB", "DE", "two"],
    ["Trading", "Trading Ltd", "0", "CN", "CN", "two"],
    ["Kingfisher Knit Unit 1", "Kingfisher Knit Unit 2", "no", "CN", "CN", "two"],
    ["Somebody", "Someone", "", "CN", "CN", "two"],
]


def written(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_the_figures_of_a_file_are_those_of_its_pairs(tmp_path: Path) -> None:
    found = evaluate(written(tmp_path / "pairs.csv", ROWS))
    counts = {
        (each.source, each.bands): (each.pairs, each.found, each.wrong, each.missed)
        for each in found.measured
    }
    assert counts == {
        ("", "accept"): (6, 1, 1, 1),
        ("", "accept and review"): (6, 1, 2, 1),
        ("one", "accept"): (2, 1, 0, 0),
        ("one", "accept and review"): (2, 1, 0, 0),
        ("two", "accept"): (4, 0, 1, 1),
        ("two", "accept and review"): (4, 0, 2, 1),
    }
    assert found.labelled.unlabelled == 1
    assert [each.pair.row for each in found.errors["accepted and two"]] == [4]
    assert [each.pair.row for each in found.errors["rejected and one"]] == [5]
    assert {each.common for each in found.measured} == {0}


def test_what_is_printed_says_the_same_as_the_object(tmp_path: Path) -> None:
    found = evaluate(written(tmp_path / "pairs.csv", ROWS))
    text, said = found.to_text(), found.to_dict()
    assert text == evaluate(tmp_path / "pairs.csv").to_text()
    assert (said["pairs"], said["same"], said["unlabelled"]) == (6, 2, 1)
    assert "pairs.csv: 6 pairs, 2 of them one." in text
    assert "Rows without a label of people: 1." in text
    first = found.measured[0]
    assert said["measured"][0]["precision"] == {"value": 0.5, "low": 0.0945, "high": 0.9055}
    assert f"{first.precision}  {first.recall}  {first.f1}" in text
    assert "row 4: Golden Horse Textile = Golden Horse Textile (the same name; the same country (CN))" in text
    assert json.loads(json.dumps(said)) == said


def test_a_sheet_says_the_same_as_the_table(tmp_path: Path) -> None:
    xlsx(tmp_path / "pairs.xlsx", {"Pairs": [list(row) for row in ROWS]})
    here, there = (
        evaluate(path) for path in (tmp_path / "pairs.xlsx", written(tmp_path / "pairs.csv", ROWS))
    )
    assert here.to_dict()["measured"] == there.to_dict()["measured"]


def test_all_that_is_known_of_a_side_is_read(tmp_path: Path) -> None:
    rows = [
        ["Left name", "RIGHT-NAME", "Same", *(f"left_{name}" for name in labelled.SAID), "colour"],
        ["Golden Horse", "Golden Horse", "1", "Jin Ma|金马", "Viet Nam|CN", "Xinjiang", "1 Mill Lane", "24.5", "90",
         "LEI:5493001kjtiigc8y1r12|duns:000000000|lei:n/a", "1311", "Facility", "blue"],
    ]  # fmt: skip
    found = labelled.read(written(tmp_path / "pairs.csv", rows))
    assert found.pairs[0].left == Party(
        called=("Golden Horse", "Jin Ma", "金马"), kind="facility", countries=("VN", "CN"), regions=("Xinjiang",),
        address="1 Mill Lane", position=(24.5, 90.0), identifiers=("lei:5493001KJTIIGC8Y1R12",), sector="1311",
    )  # fmt: skip
    assert found.pairs[0].right == Party(called=("Golden Horse",))
    assert found.unread == ["colour"]


def test_judgements_as_they_are_exported_are_labels(tmp_path: Path) -> None:
    """Of people alone: what a rule decided, or was taken back, or is unsure, is none."""
    header = [
        "id",
        "left",
        "left_name",
        "right",
        "right_name",
        "judgement",
        "score",
        "decided_by",
        "date",
        "reason",
        "state",
    ]
    rows = [
        ["j1", "a/1", "Golden Horse", "b/1", "GOLDEN HORSE", "positive", "", "Ann", "2026", "", "counts"],
        ["j2", "a/1", "Golden Horse Textile", "b/2", "Silver Crane", "negative", "", "Ann", "2026", "", "counts"],
        ["j3", "a/1", "Golden Horse Textile", "b/3", "Golden Horse", "unsure", "", "Ann", "2026", "", "counts"],
        ["j4", "a/1", "Golden Horse Textile", "b/4", "Golden", "positive", "0.9", "rule:1", "2026", "", "counts"],
        ["j5", "a/1", "Golden Horse Textile", "b/5", "Horse", "positive", "", "Ann", "2026", "", "undone"],
    ]  # fmt: skip
    found = labelled.read(written(tmp_path / "judgements.csv", [header, *rows]))
    assert [(pair.row, pair.same) for pair in found.pairs] == [(2, True), (3, False)]
    assert found.unlabelled == 3
    nameless = [
        ["left", "right", "judgement", "score", "decided_by", "year"],
        ["1", "2", "positive", "0.97", "person", "2026"],
        ["1", "3", "negative", "0.1", "person", "2026"],
        ["1", "4", "positive", "0.5", "rule", "2026"],
    ]
    measured = evaluate(written(tmp_path / "nameless.csv", nameless)).measured
    assert [(each.found, each.wrong, each.missed) for each in measured] == [(1, 0, 0), (1, 0, 0)]


@pytest.mark.parametrize(
    ("row", "column", "cell", "said"),
    [
        (3, "same", "perhaps", "This is no label."),
        (5, "left_country", "Atlantis", "country"),
        (2, "right_lat", "north", "number"),
        (4, "right_lat", "24.5", "two coordinates"),
        (4, "left_lat", "95", "at most 90"),
        (2, "left_identifiers", "lei:123", "LEI"),
        (2, "right_kind", "spaceship", "no such code"),
    ],
)
def test_what_cannot_be_read_is_told_with_row_and_column(
    tmp_path: Path, row: int, column: str, cell: str, said: str
) -> None:
    rows = [list(each) for each in ROWS]
    if column not in rows[0]:
        rows = [[*each, column if number == 0 else ""] for number, each in enumerate(rows)]
    rows[row - 1][rows[0].index(column)] = cell
    with pytest.raises(UsageError) as error:
        labelled.read(written(tmp_path / "pairs.csv", rows))
    named = {"right_lat": "right_l(at|on)"}.get(column, column)
    assert f"row {row} of pairs.csv, column " in str(error.value)
    assert re.search(f"column {named}: ", str(error.value))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["left_name", "right_name"], ["a", "b"]], "No column says whether a pair is one."),
        ([["left_name", "same"], ["a", "true"]], "No columns name the two sides."),
        (
            [["left_name", "right_name", "same", "Same"], ["a", "b", "true", "true"]],
            "Two columns have this name.",
        ),
        ([["left_name", "right_name", "same"]], "no pair that people labelled"),
        ([["left_name", "right_name", "same"], ["a", "b", "unsure"]], "no pair that people labelled"),
        ([], "No column says whether a pair is one."),
        ([["left", "right", "same", "score"], ["1", "2", "true", ""]], "A row without names has a score"),
        ([["left", "right", "same", "score"], ["1", "2", "true", "7"]], "column score"),
    ],
)
def test_a_file_that_holds_no_labels_is_refused(tmp_path: Path, rows: list[list[str]], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        labelled.read(written(tmp_path / "pairs.csv", rows))


def test_many_errors_are_told_by_their_first(tmp_path: Path) -> None:
    rows = [ROWS[0], *([f"Mill {n}", "b", "perhaps", "", "", ""] for n in range(40))]
    with pytest.raises(UsageError, match=r"and \d+ more") as error:
        labelled.read(written(tmp_path / "pairs.csv", rows))
    assert len(str(error.value).splitlines()) < 15


def test_a_file_that_is_not_there_or_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zip.csv").write_bytes(b"PK\x03\x04 and so on")
    for path in (tmp_path / "nowhere.csv", tmp_path, tmp_path / "zip.csv"):
        with pytest.raises(UsageError, match="cannot be read"):
            labelled.read(path)


def test_the_weights_of_the_caller_and_the_words_of_a_graph_count() -> None:
    pairs = Labelled(
        "pairs", [Pair(Party(called=("Golden Horse",)), Party(called=("GOLDEN HORSE",)), same=True)]
    )
    assert of(pairs).measured[0].found == 1
    assert of(pairs, Weights.shipped().within(1.0, 0.9)).measured[0].found == 0
    often = Rarity(100_000, lambda word: 5000)
    assert of(pairs, rarity=often).judged[0].score < of(pairs).judged[0].score
    assert of(pairs, rarity=often).judged[0].common


# --- Intervals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("some", "many", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_that_of_newcombe(some: int, many: int, low: float, high: float) -> None:
    """The examples of Newcombe, "Two-sided confidence intervals for the single proportion" (1998), method 3."""
    found = wilson(some, many)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@runs(300)
@given(st.integers(1, 400).flatmap(lambda many: st.tuples(st.integers(0, many), st.just(many))))
def test_wilsons_interval_holds_its_value_and_solves_its_equation(counts: tuple[int, int]) -> None:
    some, many = counts
    found = wilson(some, many)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    quantile = NormalDist().inv_cdf(0.975)
    for end in (found.low, found.high):
        if 0 < end < 1:
            assert abs(found.value - end) == pytest.approx(
                quantile * (end * (1 - end) / many) ** 0.5, rel=1e-4
            )


@runs(200)
@given(*[st.integers(0, 60)] * 4)
def test_the_bootstrap_holds_f1_and_is_the_same_each_time(
    found: int, wrong: int, missed: int, rest: int
) -> None:
    said = f1(found, wrong, missed, rest)
    assert said == f1(found, wrong, missed, rest)
    if not found + wrong + missed:
        assert said.value is None
        return
    assert said.value == 2 * found / (2 * found + wrong + missed)
    assert said.low is not None
    assert said.high is not None
    assert 0 <= said.low <= said.high <= 1
    assert said.low <= said.value + 1e-9
    assert said.high >= said.value - 1e-9
    assert SAMPLES >= 1000


def test_nothing_to_take_a_part_of_has_no_part(tmp_path: Path) -> None:
    rows = [ROWS[0], ["Golden Horse", "Silver Crane", "false", "", "", ""]]
    found = evaluate(written(tmp_path / "pairs.csv", rows))
    assert {str(part) for each in found.measured for part in (each.precision, each.recall, each.f1)} == {"-"}


# --- The command --------------------------------------------------------------------------------------------------


def test_the_command_writes_text_or_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = written(tmp_path / "pairs.csv", ROWS)
    evaluation(pairs)
    assert capsys.readouterr().out == evaluate(pairs).to_text()
    evaluation(pairs, format="json")
    assert json.loads(capsys.readouterr().out) == evaluate(pairs).to_dict()
    evaluation(pairs, accept=1.0, out=tmp_path / "found.json")
    assert json.loads((tmp_path / "found.json").read_text("utf-8"))["weights"]["accept"] == 1.0


def test_the_command_takes_words_to_be_as_rare_as_in_the_data(admitted: Path, tmp_path: Path) -> None:
    rows = [
        ROWS[0],
        *(
            [f"Zebra {word} (invented)", "Zebra Tannery (invented)", "true", "", "", ""]
            for word in ("Knit", "Mill")
        ),
    ]
    pairs = written(tmp_path / "pairs.csv", rows)
    evaluation(pairs, data=admitted, format="json", out=tmp_path / "with.json")
    evaluation(pairs, format="json", out=tmp_path / "without.json")
    scores = [
        [
            each["score"]
            for found in json.loads((tmp_path / name).read_text())["errors"].values()
            for each in found
        ]
        for name in ("with.json", "without.json")
    ]
    assert scores[0] != scores[1]
