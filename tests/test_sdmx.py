"""Statistics out and in: SDMX as its own library reads it, cubes as their constraints ask, and messages of others."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import sdmx

from opentier.graph import Graph
from opentier.graph.contribution.foreign import Source
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import UsageError
from opentier.graph.standards.limits import Limits
from tests.broken import write
from tests.foreign import cells, read, told
from tests.foreign import write as written
from tests.oracles import cubes
from tests.test_versions import rows

#: Observations of every kind: all columns, few, a text with line breaks, no value, two that differ in their source.
SEEN = [
    {
        "indicator": "children-under-15", "area": "BR-PA", "period": "2023-05", "value": "12.50",
        "unit": "percent, aged 7-14", "lower": "10.0", "upper": "13", "method": 'Survey, "weighted"\nby region',
        "sample_size": "840", "sector": "B-F", "product": "some text", "population": "26000", "source": "A, B",
        "retrieved": "2024-02-03", "note": "Été",
    },
    {"indicator": "debt-bondage", "area": "worldwide", "period": "2020", "value": "1000"},
    {
        "indicator": "debt-bondage", "area": "202", "period": "2020-02-29", "value": "-3", "unit": "points",
        "product": "6109",
    },
    {"indicator": "debt-bondage", "area": "HK", "period": "2021", "note": "Suppressed."},
    {"indicator": "deception", "area": "FR", "period": "2021", "value": "7", "unit": "visits", "source": "one"},
    {"indicator": "deception", "area": "FR", "period": "2021", "value": "8", "unit": "visits", "source": "other"},
    {"indicator": "isolation", "area": "FR", "period": "2021", "value": "9", "unit": "visits"},
]  # fmt: skip
OBSERVATION = "https://w3id.org/opentier/id/seen/observation/"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return a graph with a dataset of observations, of which one is retracted, and two actors."""
    folder = tmp_path_factory.mktemp("seen")
    graph = Graph.open(folder / "data", create=True)
    tables = {
        "observations": rows(SEEN),
        "actors": rows([{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]),
    }
    graph.contribute(write(folder / "first", tables, "seen"), Options(match=False))
    [isolated] = [each["id"] for each in exported(graph, folder) if each["indicator"] == "isolation"]
    gone = [{"record": OBSERVATION + isolated, "reason": "wrong", "date": "2024-01-01"}]
    again = write(folder / "second", {**tables, "retractions": rows(gone)}, "seen")
    graph.contribute(again, Options(match=False))
    return graph


def exported(graph: Graph, folder: Path) -> list[dict[str, str]]:
    graph.view().export("seen", 1, "datapackage", folder / "seen.zip")
    with zipfile.ZipFile(folder / "seen.zip") as archive:
        return list(csv.DictReader(io.TextIOWrapper(archive.open("observations.csv"), "utf-8", newline="")))


def file(graph: Graph, folder: Path, form: str) -> tuple[bytes, Limits]:
    path = folder / form
    limits = graph.view().export("seen", 2, form, path)
    assert limits is not None
    return path.read_bytes(), limits


# --- Out -------------------------------------------------------------------------------------------------------------


def test_sdmx_is_read_by_its_own_library_without_a_word(
    graph: Graph, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    structure, _ = file(graph, tmp_path, "dsd")
    data, _ = file(graph, tmp_path, "sdmx")
    caplog.set_level("WARNING", "sdmx")
    known: Any = sdmx.read_sdmx(io.BytesIO(structure))
    [flow], [made] = known.dataflow.values(), known.structure.values()
    assert flow.structure is made
    message: Any = sdmx.read_sdmx(io.BytesIO(data), format="csv", structure=flow)
    [dataset] = message.data
    assert caplog.text == ""
    assert len(dataset.obs) == 6 == len({str(each.key) for each in dataset.obs})
    assert [each.id for each in made.dimensions.components] == [
        "INDICATOR", "REF_AREA", "SECTOR", "PRODUCT", "UNIT_MEASURE", "VARIANT", "TIME_PERIOD",
    ]  # fmt: skip
    for name in ("INDICATOR", "REF_AREA"):
        codes = set(made.dimensions.get(name).local_representation.enumerated.items)
        assert {str(each.key[name].value) for each in dataset.obs} <= codes
    for each in dataset.obs:
        assert each.attached_attribute["LICENCE"].value == "CC0-1.0"
    found = {(str(each.key["REF_AREA"].value), each.value) for each in dataset.obs}
    expected = {
        ("BR-PA", "12.5"),
        ("worldwide", "1000"),
        ("202", "-3"),
        ("HK", "NaN"),
        ("FR", "7"),
        ("FR", "8"),
    }
    assert found == expected


def test_a_cube_breaks_none_of_its_constraints(graph: Graph, tmp_path: Path) -> None:
    data, _ = file(graph, tmp_path, "datacube")
    assert cubes.broken(data) == []


@pytest.mark.parametrize(
    ("update", "name"),
    [
        ("DELETE { ?d qb:structure ?s } WHERE { ?d qb:structure ?s }", "IC-2"),
        ("DELETE { ?p rdfs:range ?r } WHERE { ?p rdfs:range ?r }", "IC-4"),
        ("DELETE { ?p qb:codeList ?r } WHERE { ?p qb:codeList ?r }", "IC-5"),
        ("DELETE { ?o ?p ?v } WHERE { ?p a qb:DimensionProperty . ?o a qb:Observation ; ?p ?v }", "IC-11"),
        (
            "DELETE { ?o ?p ?v } INSERT { ?o ?p 1 } WHERE { ?p a qb:DimensionProperty . ?o a qb:Observation ; ?p ?v }",
            "IC-12",
        ),
        ("DELETE { ?o ?p ?v } WHERE { ?p a qb:MeasureProperty . ?o a qb:Observation ; ?p ?v }", "IC-14"),
        ("DELETE { ?c skos:inScheme ?s } WHERE { ?c skos:inScheme ?s }", "IC-19"),
    ],
)
def test_the_constraints_find_what_is_broken(graph: Graph, tmp_path: Path, update: str, name: str) -> None:
    data, _ = file(graph, tmp_path, "datacube")
    assert any(each.startswith(f"{name} ") for each in cubes.broken(data, [update]))


def test_what_they_cannot_say_is_counted_and_stands_in_the_file(graph: Graph, tmp_path: Path) -> None:
    structure, limits = file(graph, tmp_path, "dsd")
    assert limits.to_dict()["rows"] == {"actors": 2, "observations": 7, "products": 1, "retractions": 1}
    assert limits.total[0] == 5  # two actors, a product that is a text, a retraction, and what it takes back
    texts = [
        each.text for each in ElementTree.fromstring(structure).iter() if each.tag.endswith("AnnotationText")
    ]
    assert {"CC0-1.0", limits.told()} <= set(texts)
    _, limits = file(graph, tmp_path, "sdmx")
    lost = [(table, column, many) for table, column, many, *_ in limits.listed() if column]
    assert lost == [("observations", "method", 1), ("observations", "unit", 1)]
    cube, limits = file(graph, tmp_path, "datacube")
    assert [(table, many) for table, _, many, _, why in limits.listed() if "no value" in why] == [
        ("observations", 1)
    ]
    assert limits.told().encode() in cube
    assert b"CC0-1.0" in cube


def test_a_version_without_observations_is_no_cube(graph: Graph, tmp_path: Path) -> None:
    folder = write(tmp_path / "p", {"actors": [["id", "name"], ["a", "A"]]}, "none")
    graph.contribute(folder, Options(match=False))
    for form in ("sdmx", "dsd", "datacube"):
        with pytest.raises(UsageError, match="none version 1 has no observations"):
            graph.view().export("none", 1, form, tmp_path / form)
        assert not (tmp_path / form).exists()


def test_what_goes_out_as_sdmx_comes_in_again(graph: Graph, tmp_path: Path) -> None:
    file(graph, tmp_path, "sdmx")
    path = (tmp_path / "sdmx").rename(tmp_path / "seen.csv")
    source = read("sdmx", path)
    assert told(source) == []
    assert source.about == {"licence": "CC0-1.0"}
    # The store keeps neither zeros behind a number nor line breaks where rows of others end.
    first = SEEN[0] | {"value": "12.5", "lower": "10", "method": 'Survey, "weighted" by region'}
    expected = [first, *(each for each in SEEN[1:] if each["indicator"] != "isolation")]
    in_order = json.JSONEncoder(sort_keys=True).encode
    assert sorted(map(in_order, cells(source, "observations"))) == sorted(map(in_order, expected))


# --- In --------------------------------------------------------------------------------------------------------------

ILO = [
    "DATAFLOW",
    "REF_AREA",
    "FREQ",
    "MEASURE",
    "SEX",
    "AGE",
    "TIME_PERIOD",
    "OBS_VALUE",
    "OBS_STATUS",
    "UNIT_MEASURE_TYPE",
    "UNIT_MEASURE",
    "UNIT_MULT",
    "SOURCE",
    "NOTE_SOURCE",
    "NOTE_INDICATOR",
    "NOTE_CLASSIF",
    "DECIMALS",
    "UPPER_BOUND",
    "LOWER_BOUND",
]
ILOSTAT = [
    "ref_area",
    "source",
    "indicator",
    "sex",
    "classif1",
    "time",
    "obs_value",
    "obs_status",
    "note_classif",
    "note_indicator",
    "note_source",
]
ROW = {
    "DATAFLOW": "ILO:DF_SDG_0871_SEX_AGE_RT(1.0)", "REF_AREA": "PAK", "FREQ": "A", "MEASURE": "SDG_0871_RT",
    "SEX": "SEX_F", "AGE": "AGE_CHILD_Y5-14", "TIME_PERIOD": "2019", "OBS_VALUE": "11.5", "UNIT_MEASURE": "PT",
    "SOURCE": "LFS - a survey",
}  # fmt: skip
SHORT = {
    "ref_area": "PAK", "source": "BA:700", "indicator": "SDG_0871_SEX_AGE_NB", "sex": "SEX_T",
    "classif1": "AGE_CHILD_Y5-14", "time": "2019", "obs_value": "11.5",
}  # fmt: skip


def message(folder: Path, columns: list[str], *given: Mapping[str, str], delimiter: str = ",") -> Source:
    return read("sdmx", written(folder / "message.csv", columns, list(given), delimiter=delimiter))


def test_a_message_of_the_ilo_gives_observations_with_who_is_counted_in_the_unit(tmp_path: Path) -> None:
    source = message(tmp_path, ILO, ROW, {**ROW, "REF_AREA": "X01", "SEX": "SEX_T", "OBS_STATUS": "E"})
    assert told(source) == []
    assert cells(source, "observations") == [
        {
            "indicator": "children-under-15", "area": "PK", "period": "2019", "value": "11.5",
            "unit": "percent of children, female, aged 5-14",
            "source": "ILO:DF_SDG_0871_SEX_AGE_RT(1.0), LFS - a survey",
        },
        {
            "indicator": "children-under-15", "area": "worldwide", "period": "2019", "value": "11.5",
            "unit": "percent of children, aged 5-14", "note": "Status E: estimated.",
            "source": "ILO:DF_SDG_0871_SEX_AGE_RT(1.0), LFS - a survey",
        },
    ]  # fmt: skip


def test_the_csv_of_ilostat_is_read_with_and_without_labels(tmp_path: Path) -> None:
    [plain] = cells(message(tmp_path, ILOSTAT, SHORT), "observations")
    assert plain == {
        "indicator": "children-under-15", "area": "PK", "period": "2019", "value": "11500",
        "unit": "children at work, aged 5-14", "source": "BA:700",
    }  # fmt: skip
    labelled = [*ILOSTAT, "ref_area.label", "indicator.label"]
    assert cells(message(tmp_path, labelled, {**SHORT, "ref_area.label": "Pakistan"}), "observations") == [
        plain
    ]


def test_a_message_of_version_two_is_read_however_it_is_labelled(tmp_path: Path) -> None:
    columns = ["STRUCTURE[;]", "STRUCTURE_ID", "ACTION", "INDICATOR", "REF_AREA", "TIME_PERIOD", "OBS_VALUE"]
    cells_of = ["dataflow", "X:Y(1.0.0)", "I", "debt-bondage", "076", "2020-M02", "1.5E2"]
    given = dict(zip(columns, cells_of, strict=True))
    made = {
        "indicator": "debt-bondage",
        "area": "BR",
        "period": "2020-02",
        "value": "150",
        "source": "X:Y(1.0.0)",
    }
    expected = [made]
    assert cells(message(tmp_path, columns, given), "observations") == expected
    assert cells(message(tmp_path, columns, given, delimiter=";"), "observations") == expected
    both = {name if name.startswith("STRUCTURE") else f"{name}: A name": text for name, text in given.items()}
    both["REF_AREA: A name"] = "076: Brazil, all of it"
    assert cells(message(tmp_path, list(both), both), "observations") == expected
    named = [*columns[:2], "STRUCTURE_NAME", "ACTION"]
    for name in columns[3:]:
        named += [name, f"{name} in words"]
    source = message(tmp_path, named, {**given, "STRUCTURE_NAME": "All of it"})
    assert (cells(source, "observations"), source.about) == (expected, {"title": "All of it"})


@pytest.mark.parametrize(
    ("changed", "column", "said"),
    [
        ({"REF_AREA": "X99"}, "REF_AREA", "REF_AREA X99 has no counterpart here."),
        (
            {"MEASURE": "UNE_TUNE_NB", "DATAFLOW": "ILO:DF_UNE(1.0)"},
            "MEASURE",
            "MEASURE UNE_TUNE_NB has no counterpart here.",
        ),
        ({"SEX": "SEX_X"}, "SEX", "SEX SEX_X has no counterpart here."),
        ({"AGE": "AGE_CHILD_Y5-17"}, "AGE", "children-under-15 is read up to an age of 14 alone."),
        ({"AGE": "AGE_AGGREGATE_TOTAL"}, "AGE", "children-under-15 is read up to an age of 14 alone."),
        ({"AGE": "YOUNG"}, "AGE", "AGE YOUNG has no counterpart here."),
        ({"TIME_PERIOD": "2019-Q1"}, "TIME_PERIOD", "TIME_PERIOD 2019-Q1 is no day, month or year."),
        ({"OBS_VALUE": "many"}, "OBS_VALUE", "OBS_VALUE is no number."),
        ({"UNIT_MULT": "x"}, "UNIT_MULT", "UNIT_MULT x has no counterpart here."),
    ],
)
def test_a_code_that_means_nothing_here_leaves_its_rows_out_and_is_counted(
    tmp_path: Path, changed: Mapping[str, str], column: str, said: str
) -> None:
    source = message(tmp_path, ILO, ROW, {**ROW, **changed}, {**ROW, **changed})
    assert len(cells(source, "observations")) == 1
    found = [(each.severity, each.row, each.column, each.message) for each in told(source, "refused")]
    assert found == [("refused", row, column, said) for row in (3, 4)]
    [counted] = told(source, "info")
    assert counted.message.startswith("2 rows have")
    assert "the first is row 3" in counted.message


def test_a_value_that_is_missing_says_why(tmp_path: Path) -> None:
    source = message(tmp_path, ILO, {**ROW, "OBS_VALUE": "NaN", "OBS_STATUS": "Q"}, {**ROW, "OBS_VALUE": ""})
    notes = [(row.get("value"), row["note"]) for row in cells(source, "observations")]
    assert notes == [(None, "Status Q: missing, suppressed."), (None, "No value is stated.")]


def test_units_and_statuses_that_are_not_known_are_kept_and_told(tmp_path: Path) -> None:
    row = {
        "DATAFLOW": "X:Y(1.0)", "INDICATOR": "debt-bondage", "REF_AREA": "FR", "TIME_PERIOD": "2020", "OBS_VALUE": "2",
        "UNIT_MEASURE": "PIECES", "UNIT_MULT": "3", "OBS_STATUS": "??", "ECO": "ECO_ISIC4_C",
    }  # fmt: skip
    source = message(tmp_path, list(row), row)
    [found] = cells(source, "observations")
    assert (found["value"], found["unit"], found["sector"], found["note"]) == (
        "2000",
        "PIECES",
        "C",
        "Status ??.",
    )
    warned = {(each.severity, each.column) for each in told(source)}
    assert warned == {("warning", "OBS_STATUS"), ("warning", "UNIT_MEASURE")}


def test_a_sector_is_a_section_of_the_fourth_revision_and_no_other_column_is_passed_over(
    tmp_path: Path,
) -> None:
    row = {"DATAFLOW": "X:Y(1.0)", "INDICATOR": "debt-bondage", "REF_AREA": "FR", "TIME_PERIOD": "2020",
           "OBS_VALUE": "2", "ECO": "_T", "SECTOR": "_T"}  # fmt: skip
    others = ({"ECO": "ECO_ISIC3_D"}, {"SECTOR": "S13"}, {"ECO": "ECO_ISIC4_C", "SECTOR": "A"})
    given = [
        row,
        {**row, "ECO": "ECO_ISIC4_D"},
        {**row, "SECTOR": "C13"},
        *({**row, **each} for each in others),
    ]
    source = message(tmp_path, list(row), *given)
    assert [each.get("sector") for each in cells(source, "observations")] == [None, "D", "C13"]
    assert [each.column for each in told(source, "refused")] == ["ECO", "SECTOR", "SECTOR"]


def test_what_may_not_be_told_and_what_is_deleted_is_left_out(tmp_path: Path) -> None:
    columns = [
        "STRUCTURE",
        "STRUCTURE_ID",
        "ACTION",
        "INDICATOR",
        "REF_AREA",
        "TIME_PERIOD",
        "OBS_VALUE",
        "CONF_STATUS",
    ]
    given = {
        "STRUCTURE_ID": "X:Y(1.0)", "ACTION": "I", "INDICATOR": "debt-bondage", "REF_AREA": "FR",
        "TIME_PERIOD": "2020", "OBS_VALUE": "2", "CONF_STATUS": "F",
    }  # fmt: skip
    closed = [
        {**given, "CONF_STATUS": code} for code in "ACDNOST"
    ]  # A: primary confidentiality due to small counts
    source = message(tmp_path, columns, given, *closed, {**given, "ACTION": "D"})
    assert len(cells(source, "observations")) == 1
    assert [each.column for each in told(source, "refused")] == ["CONF_STATUS"] * len(closed) + ["ACTION"]


def test_a_column_that_may_part_observations_is_an_error(tmp_path: Path) -> None:
    source = message(tmp_path, [*ILO, "OCU"], {**ROW, "OCU": "OCU_ISCO08_9"})
    assert [(each.severity, each.column) for each in told(source)] == [("error", "OCU")]
    assert not source.tables


def test_a_message_goes_into_a_store_with_what_it_says_of_itself(graph: Graph, tmp_path: Path) -> None:
    path = written(tmp_path / "message.csv", ILO, [ROW])
    options = Options(adapter="sdmx", dataset="ilo", licence="CC-BY-4.0", match=False)
    version = graph.contribute(path, options).version
    assert (version.rows, version.accepted, version.licence, version.adapter) == (1, 1, "CC-BY-4.0", "sdmx")
