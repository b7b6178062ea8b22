"""A list of suppliers against the graph: told whatever the spelling, given back as it was, and nothing merged by it.

``python -m tests.test_match`` writes the table of spellings in docs/match.md anew.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import shlex
import tempfile
import zipfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.bare import Asked
from opentier.graph.errors import UsageError
from opentier.graph.matching.parties import Party
from opentier.graph.model import sheet
from opentier.graph.report.report import Report
from opentier.graph.screening import listing, matches, returned
from opentier.graph.screening.matches import Candidate, Matches
from tests.sheets import objects, ods, parquet, text, xls, xlsx

if TYPE_CHECKING:
    from tests.conftest import Command, Run

#: Two that pass the check of their digits.
LEI, OTHER_LEI = "5493001KJTIIGC8Y1R12", "529900T8BM49AURSDO55"
ACTORS: list[tuple[str, ...]] = [
    ("id", "name", "country", "identifiers", "also_known_as", "address"),
    ("importer", "Harbour Street Imports GmbH", "DE", "", "", ""),
    ("kestrel", "Kestrel Ridge Spinning Co., Ltd.", "CN", "", "", "88 Canal Road, Aksu"),
    ("amber", "Amber-Valley Garments (Pvt.) Ltd.", "PK", "", "", ""),
    ("holm", "Holm & Sons Cotton Ltd", "GB", "", "", ""),
    ("tomato", "Yanqi Basin Tomato Company Limited", "CN", "", "", ""),
    ("oasis", "新疆绿洲毛纺织有限公司", "CN", "", "", ""),
    ("heron", "Blue Heron Footwear Co., Ltd.", "VN", "", "Lac Viet Shoe Works", ""),
    ("ginning", "Cedar Gate Ginning Works", "UZ", "", "", ""),
    ("silkworm", "Silkworm Lane Dyeing Ltd", "IN", "", "", ""),
    ("apparel", "Bluebird Apparel Ltd", "BD", "", "", ""),
    ("apparel-2", "Bluebird Apparel Unit 2", "BD", "", "", ""),
    ("solar", "Meridian Polysilicon Industry Co., Ltd.", "CN", f"lei:{LEI}", "", ""),
    ("isik", "Işıklar Örme Tekstil A.Ş.", "TR", "", "", ""),
    ("glove", "top glove Corporation Bhd", "MY", f"lei:{OTHER_LEI}|duns:123456788", "", ""),
    ("marigold", "Marigold Fastener Works", "CN", "", "", ""),
]
#: Each planted name: how it differs, as it is written in the list, its country, whom it means, and its band.
PLANTED = [
    ("case", "KESTREL RIDGE SPINNING CO., LTD.", "China", "kestrel", "accept"),
    ("punctuation", "Amber Valley Garments Pvt Ltd", "PK", "amber", "accept"),
    ("an ampersand", "Holm and Sons Cotton Ltd", "UK", "holm", "accept"),
    ("the legal form", "Yanqi Basin Tomato Co Ltd", "CHN", "tomato", "accept"),
    ("Chinese", "新疆绿洲毛纺织", "中国", "oasis", "accept"),
    ("its transliteration", "Xinjiang Luzhou Mao Fangzhi Co., Ltd.", "CN", "oasis", "accept"),
    ("an alias", "Lac Viet Shoe Works", "Viet Nam", "heron", "accept"),
    ("the order of words", "Ginning Works Cedar Gate", "UZ", "ginning", "accept"),
    ("spaces", "Silk Worm Lane Dyeing", "India", "silkworm", "accept"),
    ("a numbered unit", "BLUEBIRD APPAREL UNIT II", "Bangladesh", "apparel-2", "accept"),
    ("a contact", "Meridian Polysilicon Industry (attn: Ms Li, +86 10 5555 0100)", "CN", "solar", "accept"),
    ("accents", "Isiklar Orme Tekstil AS", "Türkiye", "isik", "accept"),
    ("a slip of the pen", "Marigold Fastner Works", "CN", "marigold", "accept"),
]
#: What has to match nobody from the review band on.
OTHERS = [
    ("Togo Phosphates", "TG"), ("Togo", "TG"), ("Top", "MY"), ("Trading", "CN"), ("Global", ""),
    ("Limited", "GB"), ("Cedar Foods", "UZ"), ("Spinning Co., Ltd.", "CN"),
]  # fmt: skip


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return an importer that buys from a mill, and a list that names a dozen companies."""
    return watched(tmp_path_factory.mktemp("match") / "watch")


def watched(folder: Path) -> Graph:
    """Make the package of the list, and a data directory with it."""
    named = [id for id, *_ in ACTORS[2:]]
    tables: dict[str, list[tuple[str, ...]]] = {
        "actors": ACTORS,
        "supply-links": [("buyer", "supplier"), ("importer", "kestrel")],
        "designations": [
            ("id", "kind", "authority", "target", "listing_date", "status"),
            *((f"d-{id}", "entity-listing", "Watch Office", id, "2022-01-01", "active") for id in named),
        ],
    }
    folder.mkdir()
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return contributed(folder, *tables, data=folder.parent / "data")


def contributed(folder: Path, *tables: str, data: Path) -> Graph:
    """Return a data directory with a package of tables that lie in a folder, which has its name."""
    resources = [{"name": name, "path": f"{name}.csv"} for name in tables]
    described = {"name": folder.name, "licenses": [{"name": "CC0-1.0"}], "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(described), "utf-8")
    graph = Graph.open(data, create=True)
    assert graph.contribute(folder).new
    return graph


def matched(graph: Graph, path: Path, *columns: str, **more: Any) -> Matches:
    """Return a list that lies at a path, matched."""
    report = Report()
    found = listing.read(path, Asked(columns), path.parent, report)
    assert found is not None, report.to_text()
    view = graph.view()
    return matches.match(found, view.matcher, view.directory, report, **more)


def listed(folder: Path, *rows: tuple[str, ...], name: str = "list.csv") -> Path:
    """Write a list as CSV."""
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder / name


def best(graph: Graph, folder: Path, *rows: tuple[str, ...]) -> list[Candidate | None]:
    """Return the best candidate of each row of a list, whose header is its first row."""
    found = matched(graph, listed(folder, *rows))
    return [next(iter(each), None) for each in found.found]


def read(path: Path) -> list[list[str]]:
    """Return the rows of CSV that people open."""
    data = path.read_text("utf-8")
    assert data.startswith(sheet.MARK)
    return list(csv.reader(io.StringIO(data.removeprefix(sheet.MARK), newline="")))


# --- Who is told, and who is not ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("how", "name", "country", "id", "band"), PLANTED, ids=[how for how, *_ in PLANTED])
def test_a_planted_name_is_told_whatever_its_spelling(
    graph: Graph, tmp_path: Path, how: str, name: str, country: str, id: str, band: str
) -> None:
    (found,) = best(graph, tmp_path, ("Vendor name", "Country"), (name, country))
    assert found is not None
    assert (found.id, found.band) == (f"watch/{id}", band), found
    assert found.why


@pytest.mark.parametrize(("name", "country"), OTHERS)
def test_a_name_of_common_words_or_of_somebody_else_is_nobody_of_the_list(
    graph: Graph, tmp_path: Path, name: str, country: str
) -> None:
    (found,) = best(graph, tmp_path, ("Vendor name", "Country"), (name, country))
    assert found is None or found.band == "reject", found


def test_another_unit_of_one_company_is_not_taken_for_likely(graph: Graph, tmp_path: Path) -> None:
    (found,) = best(graph, tmp_path, ("Vendor name", "Country"), ("Bluebird Apparel Unit 3", "BD"))
    assert found is not None
    assert found.band != "accept"
    assert "other numbers (3, 2)" in found.why


def test_an_equal_strong_identifier_is_sure_whatever_the_name(graph: Graph, tmp_path: Path) -> None:
    rows = [("Vendor name", "LEI"), ("MPI Energy", LEI), ("", f"lei:{LEI}"), ("Holm & Sons Cotton", LEI)]
    for found in best(graph, tmp_path, *rows):
        assert found is not None
        assert (found.id, found.score, found.band) == ("watch/solar", 1.0, "accept")
        assert f"an equal identifier (lei:{LEI})" in found.why


def test_an_identifier_is_sure_among_many_that_share_more_of_the_name(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    rows = [("id", "name", "country", "identifiers"), ("one", "Quartz Lagoon", "CN", f"lei:{LEI}")]
    rows += [(f"n{n}", f"Prime Delta Orchid Metal {n}", "CN", "") for n in range(40)]
    listed(folder, *rows, name="actors.csv")
    graph = contributed(folder, "actors", data=tmp_path / "data")
    asked = Party(called=("Prime Delta Orchid Metal",), identifiers=(f"lei:{LEI}",))
    (found,) = graph.match([asked])
    assert found[0].iri.endswith("/many/one")
    assert found[0].score == 1.0


def test_identifiers_that_contradict_each_other_are_not_sure(graph: Graph, tmp_path: Path) -> None:
    header = ("Vendor name", "LEI", "DUNS")
    rows = [("Another Company", OTHER_LEI, "987654321"), ("top glove Corporation", LEI, "")]
    both, other = best(graph, tmp_path, header, *rows)
    assert both is not None
    assert (both.id, both.band) == ("watch/glove", "review")
    assert "an equal identifier" in both.why
    assert "other identifiers of one scheme (duns:987654321, duns:123456788)" in both.why
    assert other is not None
    assert other.id == "watch/solar", "the LEI says who it is"


def test_a_row_whose_id_is_an_actors_is_that_actor(graph: Graph, tmp_path: Path) -> None:
    iri = graph.view().directory.actor("watch/holm")
    rows = [
        ("id", "name"),
        ("watch/kestrel", "Our spinner"),
        (iri, ""),
        ("holm", "Somebody"),
        ("17", "Nobody"),
    ]
    found = best(graph, tmp_path, *rows)
    assert [each and (each.id, each.score, each.band) for each in found] == [
        ("watch/kestrel", 1.0, "accept"), ("watch/holm", 1.0, "accept"), None, None,
    ]  # fmt: skip
    assert "the id of the row" in (found[0].why if found[0] else "")


def test_the_place_of_a_row_weighs(graph: Graph, tmp_path: Path) -> None:
    rows = [("Vendor", "Country"), ("Marigold Fastener Works", "CN"), ("Marigold Fastener Works", "US")]
    here, elsewhere = best(graph, tmp_path, *rows)
    assert here is not None
    assert elsewhere is not None
    assert here.score > elsewhere.score
    assert "the same country (CN)" in here.why
    assert "other countries (US, CN)" in elsewhere.why


def test_matching_changes_no_trace_and_no_release(graph: Graph, tmp_path: Path) -> None:
    def traced() -> str:
        found = Graph.open(graph.store.path).trace("watch/importer", kinds=("supply", "ownership"))
        return json.dumps(found.to_dict(), sort_keys=True)

    before, release = traced(), graph.store.current
    found = matched(graph, listed(tmp_path, ("Name",), *((name,) for _, name, *_ in PLANTED)), every=True)
    assert found.counts()["rows"] == len(PLANTED)
    assert traced() == before
    assert graph.store.current == release


# --- What comes back ---------------------------------------------------------------------------------------------

#: A list as people keep it: titles, spaces, empty rows, a row without a name, one twice, one that is too long.
KEPT = [
    ["Our suppliers 2024", "", "", "", ""],
    ["", "", "", "", ""],
    ["No.", "Vendor name", "Country", "Note", "Note"],
    ["007", " Kestrel Ridge Spinning ", "CN", "  spaced", "1,5"],
    ["", "", "", "", ""],
    ["8", "", "CN", "no name", ""],
    ["9", "Kestrel Ridge Spinning", "CN", 'Sons, "B"', "line\nbreak"],
    ["9", "Kestrel Ridge Spinning", "CN", 'Sons, "B"', "line\nbreak"],
    ["10", "Nobody of Them", "CN", "", ""],
]


def test_rows_and_cells_come_back_as_they_are_and_in_their_order(graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(KEPT)
        file.write('\n11,Holm & Sons Cotton,GB,x,y,"more, beyond"\n12\n')
    found = matched(graph, path)
    (tmp_path / "out.csv").write_text(returned.to_csv(found), "utf-8")
    rows = read(tmp_path / "out.csv")
    own = [*(row[:5] for row in rows[:9]), *(row[:6] for row in rows[9:])]
    assert own == [
        *KEPT,
        [""] * 6,
        ["11", "Holm & Sons Cotton", "GB", "x", "y", "more, beyond"],
        ["12", *[""] * 5],
    ]
    assert {len(row) for row in rows} == {6 + len(returned.COLUMNS)}
    assert rows[2][6:] == list(returned.COLUMNS)
    ids = [row[6] for row in rows[3:]]
    assert ids == ["watch/kestrel", "", "", "watch/kestrel", "watch/kestrel", "", "", "watch/holm", ""]
    assert rows[3][7] == "Kestrel Ridge Spinning Co., Ltd."
    assert 0.9 < float(rows[3][8]) <= 1
    assert rows[3][9] == "accept"
    assert "the same name" in rows[3][10]
    counts = found.counts()
    assert (counts["rows"], counts["accept"], counts["no_name"]) == (7, 4, 2)
    assert sum(counts[name] for name in ("accept", "review", "reject", "no_candidate")) == 7


def test_a_column_that_a_report_adds_comes_back_too(graph: Graph, tmp_path: Path) -> None:
    path = listed(tmp_path, ("problem", "Vendor"), ("error: x", "Holm & Sons Cotton"), ("only this", ""))
    found = matched(graph, path)
    assert [row[:3] for row in read_text(returned.to_csv(found))[1:]] == [
        ["error: x", "Holm & Sons Cotton", "watch/holm"], ["only this", "", ""],
    ]  # fmt: skip


def test_what_no_file_can_hold_is_replaced_and_said(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "list.jsonl").write_text('{"name": "Holm \\ud83d & Sons"}\n', "utf-8")
    found = matched(graph, tmp_path / "list.jsonl")
    assert found.listing.rows == [(1, ["Holm \ufffd & Sons"])]
    returned.to_csv(found).encode()
    assert [kind.message for kind in found.report.kinds()] == [
        "The row holds halves of characters, which no file can hold: they are given back as U+FFFD."
    ]


def test_columns_of_ours_that_a_list_has_are_not_written_over(graph: Graph, tmp_path: Path) -> None:
    first = matched(graph, listed(tmp_path, ("Vendor", "Country"), ("Holm and Sons Cotton", "GB")))
    (tmp_path / "again.csv").write_text(returned.to_csv(first), "utf-8")
    second = matched(graph, tmp_path / "again.csv")
    header, row = read_text(returned.to_csv(second))
    assert header == ["Vendor", "Country", *returned.COLUMNS, *(f"{name} (2)" for name in returned.COLUMNS)]
    assert row[2:7] == row[7:12]
    third = matched(graph, listed(tmp_path, ("Name", "MATCH ID", "match_why (2)"), ("Togo", "mine", "mine")))
    assert returned.added(third.listing)[0] == "match_id (3)"


def test_a_spreadsheet_takes_no_cell_for_a_formula(graph: Graph, tmp_path: Path, call: Command) -> None:
    formula = '=HYPERLINK("http://x.example")'
    rows = [("Vendor", formula, "Phone", "Nothing"), ("Holm and Sons Cotton", "@SUM(1)", "+49 30 1", "-")]
    path = listed(tmp_path, *rows)
    data = ("--data", str(graph.store.path))
    run = fine(call("match", str(path), *data, "--out", str(tmp_path / "out.csv")))
    found = read(tmp_path / "out.csv")
    assert [row[:4] for row in found] == [
        ["Vendor", f"'{formula}", "Phone", "Nothing"], ["Holm and Sons Cotton", "'@SUM(1)", "'+49 30 1", "-"],
    ]  # fmt: skip
    assert "begin with an apostrophe here: 3." in run.err.replace("\n", " ")
    fine(call("match", str(path), *data, "--quiet", "--out", str(tmp_path / "out.xlsx")))
    with zipfile.ZipFile(tmp_path / "out.xlsx") as book:
        assert not any(
            b"<f>" in book.read(name) or b"<hyperlink" in book.read(name) for name in book.namelist()
        )
    again = matched(graph, tmp_path / "out.xlsx")
    assert again.listing.header[:4] == list(rows[0])
    assert again.listing.rows[0][1][:4] == list(rows[1])


def test_a_name_of_the_graph_is_no_formula_either(tmp_path: Path) -> None:
    folder = tmp_path / "evil"
    folder.mkdir()
    listed(
        folder, ("id", "name", "country"), ("a", "=cmd|'/C calc'!A0 Kestrel Ridge", "CN"), name="actors.csv"
    )
    graph = contributed(folder, "actors", data=tmp_path / "data")
    found = matched(graph, listed(tmp_path, ("Name", "Country"), ("cmd C calc A0 Kestrel Ridge", "CN")))
    assert found.found[0][0].name.startswith("=cmd")
    assert read_text(returned.to_csv(found))[1][3].startswith("'=cmd")


def test_numbers_of_a_sheet_stay_numbers_and_texts_stay_texts(graph: Graph, tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Vendor", "Turnover", "Code", "Share"],
        ["Holm & Sons Cotton", 12, "007", 0.5],
        ["nan", 123456789012345, "1e5", -3],
    ]
    xlsx(tmp_path / "list.xlsx", {"Suppliers": rows})
    returned.to_xlsx(matched(graph, tmp_path / "list.xlsx"), tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as book:
        cells = book.read("xl/worksheets/sheet1.xml").decode()
    for number in ("12", "0.5", "-3", "123456789012345"):
        assert f"<v>{number}</v>" in cells, number
    for said in ("007", "nan", "1e5"):
        assert f"<t>{said}</t>" in cells, said


def test_a_workbook_says_on_a_second_sheet_what_was_compared(graph: Graph, tmp_path: Path) -> None:
    path = listed(tmp_path, ("Vendor", "Country"), ("Holm & Sons Cotton", "Atlantis"))
    returned.to_xlsx(matched(graph, path), tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as book:
        said = book.read("xl/worksheets/sheet2.xml").decode()
    for sentence in (
        "1 rows, compared with 15 actors of 1 datasets.", "Dataset watch, version 1, CC0-1.0.",
        "accept from score 0.93, review from 0.2", "Read as name: Vendor.", "it says nothing about the company itself",
        "1 times, country: No country has this code or name.",
    ):  # fmt: skip
        assert sentence in said, sentence


def test_a_workbook_that_cannot_hold_a_list_is_refused_and_leaves_nothing(
    graph: Graph, tmp_path: Path
) -> None:
    path = listed(tmp_path, ("Vendor", "Note"), ("Holm & Sons Cotton", "x" * 40_000))
    with pytest.raises(UsageError, match=r"32,767 characters that a workbook holds; write out\.csv"):
        returned.to_xlsx(matched(graph, path), tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()
    assert len(read_text(returned.to_csv(matched(graph, path)))[1][1]) == 40_000


def test_the_same_list_gives_the_same_bytes(graph: Graph, tmp_path: Path, call: Command) -> None:
    path = listed(tmp_path, ("Vendor", "Country"), *((name, country) for _, name, country, *_ in PLANTED))
    data = ("--data", str(graph.store.path), "--quiet")
    for ending in ("csv", "xlsx", "json", "txt"):
        outs = [tmp_path / f"{number}.{ending}" for number in (1, 2)]
        for out in outs:
            fine(call("match", str(path), *data, "--out", str(out)))
        assert outs[0].read_bytes() == outs[1].read_bytes(), ending


def test_ten_thousand_rows_come_back_in_their_order(graph: Graph, tmp_path: Path) -> None:
    rows = [(str(n), PLANTED[n % len(PLANTED)][1], "") for n in range(10_000)]
    told: list[tuple[str, int, int]] = []
    path = listed(tmp_path, ("No", "Vendor", "Country"), *rows)
    found = matched(graph, path, progress=lambda *said: told.append(said))
    assert [cells[0] for _, cells in found.listing.rows] == [number for number, *_ in rows]
    assert [each[0].id for each in found.found] == [
        f"watch/{PLANTED[n % len(PLANTED)][3]}" for n in range(10_000)
    ]
    assert told[0] == ("matching rows", 0, 10_000)
    assert told[-1] == ("matching rows", 10_000, 10_000)
    assert len(told) == len(PLANTED) + 1, "equal rows are compared once"


# --- How it is read ----------------------------------------------------------------------------------------------

TABLE: list[list[Any]] = [
    ["Vendor name", "Country", "Orders"],
    ["Holm and Sons Cotton", "GB", 3],
    ["Işıklar Orme Tekstil", "Türkiye", 4],
]


def kinds(folder: Path) -> Iterator[Path]:
    """Yield one list in every form that is read."""
    plain = text(TABLE)
    for name, data in (
        ("plain.csv", plain.encode()),
        ("marked.csv", plain.encode("utf-8-sig")),
        ("wide.txt", text(TABLE, "\t").encode("utf-16")),
        (
            "german.csv",
            text(TABLE, ";").replace("ş", "s").replace("ı", "i").encode("cp1252"),
        ),
        ("packed.csv.gz", gzip.compress(plain.encode())),
        ("lines.jsonl", "\n".join(map(json.dumps, objects(TABLE))).encode()),
        ("list.json", json.dumps(objects(TABLE)).encode()),
    ):
        (folder / name).write_bytes(data)
        yield folder / name
    with zipfile.ZipFile(folder / "packed.zip", "w") as archive:
        archive.writestr("list.csv", plain)
    yield folder / "packed.zip"
    parquet(folder / "list.parquet", TABLE)
    yield folder / "list.parquet"
    xls(folder / "list.xls", "Sheet1", [[str(cell).replace("ş", "s") for cell in row] for row in TABLE])
    yield folder / "list.xls"
    for write, name in ((xlsx, "list.xlsx"), (ods, "list.ods")):
        write(folder / name, {"Suppliers": TABLE, "Notes": [["seen"]]})
        yield folder / name


def test_a_list_is_read_in_every_form(graph: Graph, tmp_path: Path) -> None:
    many = 0
    for path in kinds(tmp_path):
        found = matched(graph, path)
        assert found.listing.header == TABLE[0], path.name
        assert [cells[2] for _, cells in found.listing.rows] == ["3", "4"], path.name
        assert [(each[0].id, each[0].band) for each in found.found] == [
            ("watch/holm", "accept"), ("watch/isik", "accept"),
        ], path.name  # fmt: skip
        many += 1
    assert many == 12


def test_a_list_comes_from_standard_input(graph: Graph, command: Command) -> None:
    run = command(
        "match",
        "-",
        "--data",
        str(graph.store.path),
        "--format",
        "csv",
        stdin="Vendor\nHolm and Sons Cotton\n",
    )
    assert run.code == 0, run.err
    assert read_text(run.out)[1][1] == "watch/holm"
    assert "stdin: 1 rows" in run.err


def test_what_is_not_understood_is_left_out_and_said_by_kind(
    graph: Graph, tmp_path: Path, call: Command
) -> None:
    rows = [("Vendor", "Country", "Region", "Lat", "Lon", "LEI", "DUNS")]
    rows += [
        ("Holm & Sons Cotton", country, "", "", "", "", "")
        for country in ("GB", "GB", "GB", "Atlantis", "XX")
    ]
    rows += [("Holm & Sons Cotton", "GB", "CN-XJ", "51,5", "0", LEI, "000000000")]
    rows += [("Holm & Sons Cotton", "GB", "", "51.5", "0.1", LEI[:-1] + "9", "12345678")]
    rows += [("Holm & Sons Cotton", "GB", "", "0", "0", LEI, "123456788")]
    path = listed(tmp_path, *rows)
    run = fine(call("match", str(path), "--data", str(graph.store.path), "--format", "json"))
    said = " ".join(run.err.split())
    for sentence in (
        "[country], 2 times: No country has this code or name. It is left out of the comparison.",
        "[region] 'CN-XJ': The region CN-XJ is in CN, but the country is GB. It is left out",
        "[lat] '51,5': ", "[lat]: The coordinates are 0, 0",
        "[lei] 'lei:5493001KJTIIGC8Y1R19': This is no valid LEI",
        "[duns] 'duns:12345678': A DUNS number has nine digits.",
        "[duns] 'duns:000000000': This is a filler, not an identifier.",
    ):  # fmt: skip
        assert sentence in said, f"{sentence}\n{said}"
    found = json.loads(run.out)
    assert {each["column"]: each["count"] for each in found["limits"]["not_read"]}["country"] == 2
    assert found["rows"][3]["matches"][0]["match_id"] == "watch/holm", "it is matched by what is left"


def test_a_country_for_rows_that_state_none(graph: Graph, tmp_path: Path, call: Command) -> None:
    rows = [
        ("Vendor", "Country"),
        ("Marigold Fastener", ""),
        ("Marigold Fastener", "N/A"),
        ("Marigold Fastener", "US"),
    ]
    path = listed(tmp_path, *rows)
    words = ("match", str(path), "--data", str(graph.store.path), "--format", "json", "--quiet")
    whys = [
        each["matches"][0]["match_why"]
        for each in json.loads(fine(call(*words, "--country", "china")).out)["rows"]
    ]
    assert ["the same country (CN)" in why for why in whys] == [True, True, False]
    assert "country" not in json.loads(fine(call(*words)).out)["rows"][0]["matches"][0]["match_why"]
    run = call(*words, "--country", "Atlantis")
    assert run.code == 2
    assert "--country 'Atlantis': No country has this code or name." in run.err


def test_na_is_namibia_among_codes_alone(graph: Graph, tmp_path: Path) -> None:
    codes, names = (
        matched(
            graph, listed(tmp_path, ("Vendor", "Country"), ("Marigold", "NA"), ("Holm", other)), country="CN"
        )
        for other in ("GB", "United Kingdom")
    )
    assert codes.entries[0].party.countries == ("NA",)
    assert names.entries[0].party.countries == ("CN",)


def test_all_that_a_list_says_is_compared(graph: Graph, tmp_path: Path) -> None:
    header = ("Firma", "Alias", "Land", "Region", "Ort", "Lat", "Long", "identifiers", "LEI")
    row = (
        "Solar Works",
        "Sun|Sol",
        "Deutschland",
        "Bayern",
        "Ulm",
        "48.4",
        "9.99",
        "foo:1|duns:123456788",
        LEI,
    )
    (found,) = matched(graph, listed(tmp_path, header, row), "lon=Long").entries
    assert found.party == Party(
        called=("Solar Works", "Sun", "Sol"), countries=("DE",), regions=("DE-BY",), address="Ulm",
        position=(48.4, 9.99), identifiers=("foo:1", "duns:123456788", f"lei:{LEI}"),
    )  # fmt: skip


def test_a_list_that_names_buyers_too_is_one_of_suppliers(graph: Graph, tmp_path: Path) -> None:
    header = ("Supplier", "Supplier country", "Buyer name", "Buyer country")
    found = matched(
        graph, listed(tmp_path, header, ("Holm & Sons Cotton", "GB", "Kestrel Ridge Spinning", "CN"))
    )
    assert found.entries[0].party.called == ("Holm & Sons Cotton",)
    assert found.entries[0].party.countries == ("GB",)
    assert found.found[0][0].id == "watch/holm"


def test_columns_are_given_as_in_a_contribution(graph: Graph, tmp_path: Path, call: Command) -> None:
    path = listed(tmp_path, ("A", "B", "C"), ("x", "Holm", "& Sons Cotton"))
    words = ("match", str(path), "--data", str(graph.store.path), "--format", "json")
    run = call(*words)
    assert run.code == 2
    assert 'Say which one does, for example --map name="Vendor name"; its header has: A, B, C.' in run.err
    found = json.loads(
        fine(call(*words, "--map", "address=A", "--map", "name=C", "--map", "country:=GB")).out
    )
    assert found["columns"] == {"address": ["A"], "name": ["C"]}
    assert found["constants"] == {"country": "GB"}
    for said, told in (
        ("supplier=B", "no column 'supplier' is read."), ("name=D", "The file has no column 'D'."),
        ("sector=A", "no column 'sector' is read."),
    ):  # fmt: skip
        run = call(*words, "--map", said)
        assert run.code == 2
        assert told in run.err


# --- The command -------------------------------------------------------------------------------------------------


def test_a_table_for_people_holds_the_rows_with_who_they_may_be(
    graph: Graph, tmp_path: Path, call: Command
) -> None:
    path = listed(
        tmp_path, ("Vendor",), ("Holm and Sons Cotton",), ("\x1b[31mTogo [bold]x",), ("",), ("Zebra",)
    )
    run = fine(call("match", str(path), "--data", str(graph.store.path)))
    assert "watch/holm" in run.out
    assert "\x1b" not in run.out
    assert "[bold]x" in run.out
    assert "none" in run.out
    assert "read as actors" in run.err
    assert "compared with 15 actors of 1 datasets." in run.err


def test_all_candidates_have_a_row_each(graph: Graph, tmp_path: Path, call: Command) -> None:
    path = listed(
        tmp_path, ("No", "Vendor"), ("1", "Bluebird Apparel Unit 2"), ("2", "Zebra"), ("3", "Holm Cotton")
    )
    words = ("match", str(path), "--data", str(graph.store.path), "--format", "csv", "--quiet")
    one, every = (read_text(fine(call(*words, *more)).out) for more in ((), ("--all", "--review", "0")))
    assert [row[0] for row in one[1:]] == ["1", "2", "3"]
    assert [row[0] for row in every[1:]] == sorted(row[0] for row in every[1:])
    assert {"1", "2", "3"} == {row[0] for row in every[1:]}
    assert len(every) > len(one)
    scores = [float(row[4]) for row in every[1:] if row[0] == "1"]
    assert scores == sorted(scores, reverse=True)
    assert not any("others:" in row[6] for row in every)


def test_the_best_candidate_names_those_that_it_hides(tmp_path: Path) -> None:
    folder = tmp_path / "twice"
    folder.mkdir()
    rows = [("id", "name", "country"), *((f"n{n}", "Quartz Lagoon Ltd", "CN") for n in range(6))]
    listed(folder, *rows, name="actors.csv")
    graph = contributed(folder, "actors", data=tmp_path / "data")
    (found,) = best(graph, tmp_path, ("Vendor", "Country"), ("Quartz Lagoon", "CN"))
    assert found is not None
    assert found.id == "twice/n0"
    assert found.why.endswith("; others: twice/n1 (accept), twice/n2 (accept), twice/n3 (accept), ...")


def test_whom_a_list_names_is_named_first_beside_ones_own_record(tmp_path: Path) -> None:
    graph = watched(tmp_path / "watch")
    name, country = next((name, country) for id, name, country, *_ in ACTORS[2:] if id == "holm")
    mine = tmp_path / "mine"
    mine.mkdir()
    listed(mine, ("id", "name", "country"), *((f"n{n}", name, country) for n in range(5)), name="actors.csv")
    contributed(mine, "actors", data=graph.store.path)
    (found,) = best(graph, tmp_path, ("id", "Vendor", "Country"), ("mine/n0", name, country))
    assert found is not None
    assert found.id == "mine/n0"
    (again,) = best(graph, tmp_path, ("Vendor", "Country"), (name, country))
    assert again is not None
    assert "a list names it" in again.why or "others: watch/holm (accept, listed)" in again.why


def test_thresholds_and_weights_may_be_others(graph: Graph, tmp_path: Path, call: Command) -> None:
    path = listed(tmp_path, ("Vendor", "Country"), ("Holm and Sons Cotton", "GB"))
    words = ("match", str(path), "--data", str(graph.store.path), "--format", "json", "--quiet")

    def band(*more: str) -> tuple[str, float]:
        (row,) = json.loads(fine(call(*words, *more)).out)["rows"]
        return row["matches"][0]["match_band"], row["matches"][0]["match_score"]

    shipped = band()
    assert shipped[0] == "accept"
    assert band("--accept", "1")[0] == "review"
    assert band("--accept", "1", "--review", "1") == ("reject", shipped[1])
    own = tmp_path / "own.toml"
    said = files("opentier.graph.matching").joinpath("weights.toml").read_text("utf-8")
    own.write_text(
        said.replace("start = -2.23", "start = -9").replace('version = "1"', 'version = "own"'), "utf-8"
    )
    assert band("--weights", str(own))[1] < shipped[1]
    for more, told in (
        (("--accept", "2"), "Thresholds are 0 to 1"), (("--review", "0.99"), "review is at most accept"),
        (("--accept", "nan"), "Thresholds are 0 to 1"), (("--weights", str(path)), "has no weights that can be used"),
        (("--weights", "nowhere.toml"), "The weights cannot be read"),
    ):  # fmt: skip
        run = call(*words, *more)
        assert run.code == 2, more
        assert told in run.err, more


def test_what_cannot_be_read_or_written_is_said_with_what_to_do(
    graph: Graph, tmp_path: Path, call: Command
) -> None:
    path, data = listed(tmp_path, ("Vendor",), ("Holm",)), ("--data", str(graph.store.path))
    (tmp_path / "broken.csv").write_text('Vendor\n"open', "utf-8")
    (tmp_path / "empty.csv").write_text("", "utf-8")
    xlsx(tmp_path / "two.xlsx", {"A": [["Name", "x"], ["a", "b"]], "B": [["Name", "x"], ["a", "b"]]})
    for words, code, told in (
        ((str(tmp_path / "broken.csv"),), 1, "The row is not CSV"),
        ((str(tmp_path / "empty.csv"),), 1, "The file is empty."),
        ((str(tmp_path / "two.xlsx"),), 1, "2 sheets hold tables. Name one (--sheet"),
        ((str(tmp_path / "nothing.csv"),), 2, "There is nothing at"),
        ((str(tmp_path),), 2, "a list is one file"),
        ((str(path), "--out", str(path)), 2, "is your list; give --out another name."),
        ((str(path), "--format", "xlsx"), 2, "add --out NAME.xlsx."),
        ((str(path), "--format", "pdf"), 2, "--format is one of table, json, csv, xlsx"),
        ((str(path), "--out", str(graph.store.path / "x.csv")), 2, "is inside the data directory"),
        ((str(path), "--out", str(tmp_path / "no" / "x.xlsx")), 1, "there is no such file or folder"),
    ):
        run = call("match", *words, *data)
        assert (run.code, told in " ".join(run.err.replace("│", " ").split())) == (code, True), (
            f"{words}\n{run.err}"
        )
    assert path.read_bytes() == b"Vendor\r\nHolm\r\n"
    run = fine(call("match", str(tmp_path / "two.xlsx"), *data, "--sheet", "B"))
    assert "two.xlsx, sheet B: 1 rows" in run.err


def test_that_nobody_was_compared_is_said(tmp_path: Path, call: Command) -> None:
    folder = tmp_path / "goods"
    folder.mkdir()
    listed(folder, ("id", "name"), ("cotton", "Cotton"), name="products.csv")
    contributed(folder, "products", data=tmp_path / "data")
    path = listed(tmp_path, ("Vendor",), ("Holm",))
    run = fine(call("match", str(path), "--data", str(tmp_path / "data"), "--quiet"))
    assert "The data holds no actor, so nobody was compared" in run.err


def read_text(said: str) -> list[list[str]]:
    """Return the rows of CSV that people open, as text."""
    return list(csv.reader(io.StringIO(said.removeprefix(sheet.MARK), newline="")))


def fine(run: Run) -> Run:
    """Return a run that went well."""
    assert run.code == 0, run.err
    return run


# --- The page ----------------------------------------------------------------------------------------------------

PAGE = Path(__file__).parents[1] / "docs" / "match.md"
TOLD = "| how it differs | in your list | on the list | band | why |\n|---|---|---|---|---|\n"


def told(graph: Graph, folder: Path) -> str:
    """Return the table of spellings as it stands on the page."""
    names = {f"watch/{id}": name for id, name, *_ in ACTORS}
    rows = [("Vendor name", "Country"), *((name, country) for _, name, country, *_ in PLANTED)]
    found = matched(graph, listed(folder, *rows))
    lines = [
        f"| {how} | {name}, {country} | {names[each.id]} | {each.band} | {each.why} |"
        for (how, name, country, *_), (each,) in zip(PLANTED, found.found, strict=True)
    ]
    return TOLD + "\n".join(lines) + "\n"


def test_the_page_shows_the_spellings_as_they_are_told(graph: Graph, tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    assert page[page.index(TOLD) :] == told(graph, tmp_path), "run: python -m tests.test_match"
    assert not {name for _, name, *_ in PLANTED} & {name for _, name, *_ in ACTORS}


def test_the_commands_of_the_page_run_as_they_stand_there(
    admitted: Path, tmp_path: Path, call: Command
) -> None:
    page = PAGE.read_text("utf-8")
    (listing,) = re.findall(r"^```csv\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    (tmp_path / "suppliers.csv").write_text(listing, "utf-8")
    lines = re.findall(r"^\$ opentier (.*)$", page, re.MULTILINE)
    for line in lines:
        run = fine(call(*shlex.split(line), OPENTIER_DATA=str(admitted)))
        assert "accept 1, review 2, reject 0, no candidate 1" in run.err or "--quiet" in line
    assert len(lines) == 4
    assert [row[1] for row in read(tmp_path / "matched.csv")[1:]] == [
        row.split(";")[1] for row in listing.splitlines()[1:]
    ]
    assert json.loads(run.out)["rows"][0]["matches"][0]["match_id"] == "example/quiet-river-yarn"


def test_the_page_names_every_option_and_every_column(call: Command) -> None:
    page = PAGE.read_text("utf-8")
    for name in (*returned.COLUMNS, *listing.READ[:9]):
        assert f"`{name}`" in page, name
    for option in (
        "--map",
        "--sheet",
        "--country",
        "--all",
        "--accept",
        "--review",
        "--weights",
        "--format",
        "--out",
    ):
        assert option in page, option
        assert option in fine(call("match", "--help")).out


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        before = PAGE.read_text("utf-8")
        kept = before[: before.index(TOLD)] if TOLD in before else before
        PAGE.write_text(kept + told(watched(Path(scratch) / "watch"), Path(scratch)), "utf-8")
