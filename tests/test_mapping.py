"""Anybody's table: its header is found, its columns are guessed, given or reused, and what is only named gets an id."""

from __future__ import annotations

import gzip
import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from opentier.graph import Graph
from opentier.graph.contribution import submission
from opentier.graph.contribution.bare import Asked, Survey
from opentier.graph.contribution.parties import made
from opentier.graph.contribution.submission import Contribution, Options
from opentier.graph.errors import UsageError
from opentier.graph.front import validate
from opentier.graph.intake import synonyms, writings
from opentier.graph.intake.mapping import SAID, key, roles
from opentier.graph.jobs.progress import silent
from opentier.graph.model.tables import TABLES
from opentier.graph.report.report import ContributionError
from tests.sheets import xlsx
from tests.test_formats import blocking, cells

if TYPE_CHECKING:
    from tests.conftest import Command

LICENCE = "CC0-1.0"
ORDERS = """Importer,Vendor name,Country,HS code,Order date,Street,City,Colour
Acme Ltd,Beta Mills,China,610910,2024-06-30,1 Mill Rd,Ürümqi,red
Acme Ltd,Gamma Oy,FI,5205,2024-07-01,,Oulu,blue
"""


def file(folder: Path, text: str, name: str = "orders.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def read(path: Path, *columns: str, **asked: Any) -> Contribution:
    return submission.read(path, Options(licence=LICENCE, asked=Asked(columns, **asked)), path.parent)


def survey(path: Path, *columns: str, **asked: Any) -> Survey:
    shown: list[Survey] = []
    submission.read(
        path, Options(licence=LICENCE, asked=Asked(columns, **asked), shown=shown.append), path.parent
    )
    return shown[0]


def headers(path: Path, *columns: str, **asked: Any) -> dict[str, str]:
    return {name: " + ".join(at) for name, at in survey(path, *columns, **asked).mapped.headers.items()}


def test_columns_are_guessed_by_what_people_call_them(tmp_path: Path) -> None:
    found = survey(file(tmp_path, ORDERS))
    assert found.mapped.table.name == "supply_links"
    assert {name: at for name, at in found.mapped.headers.items() if len(at) == 1} == {
        "buyer": ("Importer",), "supplier": ("Vendor name",), "product": ("HS code",), "observed_date": ("Order date",),
    }  # fmt: skip
    assert found.unread == ["Country", "Street", "City", "Colour"]  # of whom they speak nobody said


@pytest.mark.parametrize(
    ("header", "mapped"),
    [
        ("Buyer;Supplier;Supplier Country;Quantity", {"supplier.country", "quantity"}),
        ("Acheteur;Fournisseur;Pays du fournisseur;Quantité", {"supplier.country", "quantity"}),
        ("Kunde;Lieferant;Lieferant Land;Menge", {"supplier.country", "quantity"}),
        ("Comprador;Proveedor;País del proveedor;Cantidad", {"supplier.country", "quantity"}),
        ("Importador;Fornecedor;País do fornecedor;Quantidade", {"supplier.country", "quantity"}),
        ("采购商;供应商;供应商国家;数量", {"supplier.country", "quantity"}),
    ],
)
def test_headers_of_six_languages_are_known(tmp_path: Path, header: str, mapped: set[str]) -> None:
    found = survey(file(tmp_path, f"{header}\nA;B;CN;5\n"))
    assert found.mapped.filled == {"buyer", "supplier"} | mapped
    assert found.mapped.table.name == "supply_links"


def test_every_synonym_is_of_a_column_that_there_is() -> None:
    words = synonyms._words()
    assert set(words.said.values()) <= set(SAID)
    assert set(words.roles.values()) <= {role for table in TABLES.values() for role in roles(table)}
    columns = {column.name for table in TABLES.values() for column in table}
    assert words.columns.keys() <= columns
    for language in ("fournisseur", "lieferant", "proveedor", "fornecedor", "供应商", "supplier"):
        assert words.roles[key(language)] == "supplier"


def test_a_guess_that_the_values_do_not_bear_out_is_none(tmp_path: Path) -> None:
    text = "Buyer,Supplier,Tier,Qty\nA,B,Tier one,many\nA,C,Tier two,5\nA,D,Tier three,few\n"
    found = survey(file(tmp_path, text))
    assert found.mapped.filled == {"buyer", "supplier"}
    assert found.unread == ["Tier", "Qty"]


def test_what_is_given_stands_before_what_is_guessed(tmp_path: Path) -> None:
    path = file(tmp_path, ORDERS)
    found = headers(
        path, "supplier.address=Street+City", "supplier.country=Country", "product=Colour", "observed_date="
    )
    assert found == {
        "buyer": "Importer", "supplier": "Vendor name", "product": "Colour", "supplier.country": "Country",
        "supplier.address": "Street + City",
    }  # fmt: skip
    rows = cells(read(path, "supplier.address=Street+City"), "actors")
    assert [row.get("address") for row in rows] == [None, "1 Mill Rd, Ürümqi", "Oulu"]


def test_one_value_may_stand_for_all_rows_and_one_header_fill_several_columns(tmp_path: Path) -> None:
    path = file(tmp_path, "Vendor name,Country\nBeta Mills,CN\n", "suppliers.csv")
    found = read(path, "supplier=Vendor name", "buyer:=Acme & Co", "declared_by=Vendor name")
    assert blocking(found) == []
    assert cells(found, "supply_links") == [
        {"buyer": "acme-co", "supplier": "beta-mills-cn", "declared_by": "Beta Mills"}
    ]
    assert cells(found, "actors") == [
        {"id": "acme-co", "name": "Acme & Co"}, {"id": "beta-mills-cn", "name": "Beta Mills", "country": "CN"}
    ]  # fmt: skip


def test_a_list_of_suppliers_alone_is_a_list_of_actors(tmp_path: Path) -> None:
    path = file(
        tmp_path, "Vendor name,Land,LEI,DUNS\nBeta Mills,DE,EXMP00AURORAEXMP0190,150483782\n", "suppliers.csv"
    )
    found = read(path)
    assert blocking(found) == []
    assert cells(found, "actors") == [
        {"id": "beta-mills-de", "name": "Beta Mills", "country": "DE",
         "identifiers": "lei:EXMP00AURORAEXMP0190|duns:150483782"}
    ]  # fmt: skip


def test_a_column_that_is_missing_says_how_to_give_it(tmp_path: Path) -> None:
    path = file(tmp_path, "Vendor name,Country\nBeta Mills,CN\n")
    (finding,) = blocking(read(path, "supplier=Vendor name"))
    assert (finding.file, finding.row, finding.column) == ("orders.csv", 1, "buyer")
    assert "--map buyer=HEADER, or --map buyer:=VALUE" in finding.advice


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("supplier=Vendor", "The file has no column 'Vendor'. Did you mean Vendor name?"),
        ("suplier=Vendor name", "supply_links has no column 'suplier'. Did you mean supplier"),
        ("country=Country", "say of whom, buyer.country or supplier.country"),
        ("supplier", "--map takes COLUMN=HEADER"),
        ("supplier:=", "--map takes COLUMN=HEADER"),
    ],
)
def test_what_does_not_fit_the_file_is_refused_with_what_is_near(
    tmp_path: Path, column: str, message: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        read(file(tmp_path, ORDERS), column)


def test_a_header_below_titles_is_found_and_said(tmp_path: Path) -> None:
    found = read(file(tmp_path, f"Supplier list 2024,,,,,,,\n,,,,,,,\n{ORDERS}"))
    assert blocking(found) == []
    assert [row.where.row for row in found.tables["supply_links"]] == [4, 5]
    (told,) = [finding for finding in found.report.findings if "no header" in finding.message]
    assert (told.severity, told.row) == ("warning", 3)


@pytest.mark.parametrize(
    ("encoding", "delimiter", "severity"),
    [("cp1252", ";", "warning"), ("utf-16", "\t", "info"), ("utf-8", "|", "info")],
)
def test_how_a_text_is_written_is_guessed_and_said(
    tmp_path: Path, encoding: str, delimiter: str, severity: str
) -> None:
    found = read(file(tmp_path, ORDERS.replace(",", delimiter), encoding=encoding), "supplier.address=City")
    assert [row["address"] for row in cells(found, "actors")[1:]] == ["Ürümqi", "Oulu"]
    assert [each.severity for each in found.report.findings if f"ead as {encoding}" in each.message] == [
        severity
    ]


def test_a_sheet_a_gzip_and_a_zip_of_one_file_are_read_as_the_file(tmp_path: Path) -> None:
    rows = [line.split(",") for line in ORDERS.splitlines()]
    xlsx(tmp_path / "orders.xlsx", {"Read me": [["Orders"]], "Orders": rows})
    (tmp_path / "orders.csv.gz").write_bytes(gzip.compress(ORDERS.encode()))
    with zipfile.ZipFile(tmp_path / "orders.zip", "w") as archive:
        archive.writestr("orders.csv", ORDERS)
    wanted = cells(read(file(tmp_path, ORDERS)), "supply_links")
    for name in ("orders.xlsx", "orders.csv.gz", "orders.zip"):
        assert cells(read(tmp_path / name), "supply_links") == wanted, name
    (told,) = {row.where.file for row in read(tmp_path / "orders.xlsx").tables["supply_links"]}
    assert told == "orders.xlsx, sheet Orders"


def test_a_saved_mapping_gives_the_same_again_and_guesses_nothing(tmp_path: Path) -> None:
    path, saved = file(tmp_path, ORDERS), tmp_path / "mapping.toml"
    first = survey(path, "supplier.country=Country", "supplier.address=Street+City", "quantity:=5").mapped
    saved.write_text(first.text(), "utf-8")
    again = survey(path, saved=saved).mapped
    assert (again.table, dict(again.headers), dict(again.constants)) == (
        first.table, dict(first.headers), dict(first.constants)
    )  # fmt: skip
    assert again.guessed == {}
    saved.write_text(
        'table = "supply_links"\n[headers]\nbuyer = "Importer"\nsupplier = "Vendor name"\n', "utf-8"
    )
    assert survey(path, saved=saved).mapped.filled == {"buyer", "supplier"}
    for text in (
        "x",
        'table = "nope"',
        'table = "actors"\n[headers]\nnope = "Importer"',
        'table = "actors"\nheaders = 5',
    ):
        saved.write_text(text, "utf-8")
        with pytest.raises(UsageError):
            read(path, saved=saved)


def test_ids_are_made_of_name_and_country_and_always_the_same() -> None:
    assert made("Beta  Mills Ltd.", "China") == made("beta mills LTD", "CN") == "beta-mills-ltd-cn"
    assert made("新疆合普硅业有限公司") == "新疆合普硅业有限公司"
    assert made("!!!") == made("!!!") != made("???")
    assert len(made("long name " * 100)) < 120
    assert made("long name " * 100) != made("long name " * 101)


def test_an_actor_of_an_admitted_dataset_is_meant_by_its_id(tmp_path: Path, admitted: Path) -> None:
    path = file(tmp_path, "Buyer,Supplier\nexample/aurora,Beta Mills\n")
    found = read(path)
    assert cells(found, "supply_links") == [{"buyer": "example/aurora", "supplier": "beta-mills"}]
    assert cells(found, "actors") == [{"id": "beta-mills", "name": "Beta Mills"}]
    assert Graph.open(admitted).validate(path, Options(licence=LICENCE, dataset="example-mine")).conforms


@pytest.mark.parametrize("name", ["N/A", "unknown", "-"])
def test_a_filler_is_nobody(tmp_path: Path, name: str) -> None:
    found = read(file(tmp_path, f"Buyer,Supplier\nAcme,{name}\n"))
    (finding,) = blocking(found)
    assert (finding.row, finding.column, finding.message) == (2, "supplier", "This names nobody.")


def test_rows_that_say_different_things_of_one_actor_are_told(tmp_path: Path) -> None:
    text = "Buyer,Supplier,Supplier address\nAcme,Beta,One road\nAcme,Beta,Two road\nAcme,Beta,Two road\n"
    found = read(file(tmp_path, text))
    (told,) = [each for each in found.report.findings if "that is kept" in each.message]
    assert (told.severity, told.row, told.column, told.value) == ("warning", 3, "address", "Two road")


def test_a_row_wider_than_the_header_is_an_error_and_empty_cells_are_none(tmp_path: Path) -> None:
    found = read(file(tmp_path, "Buyer,Supplier,,\nAcme,Beta,,,\nAcme,Gamma\nAcme,Delta,,,x\n"))
    (finding,) = blocking(found)
    assert finding.row == 4
    assert [row["supplier"] for row in cells(found, "supply_links")] == ["beta", "gamma"]


def test_the_mapping_is_kept_with_the_file_and_another_one_is_another_version(tmp_path: Path) -> None:
    graph, path = Graph.open(tmp_path / "data", create=True), file(tmp_path, ORDERS)
    first = graph.contribute(path, Options(licence=LICENCE))
    assert (first.new, first.version.dataset, first.version.number) == (True, "orders", 1)
    assert graph.contribute(path, Options(licence=LICENCE)).new is False
    asked = Asked(("supplier.country=Country",))
    assert graph.contribute(path, Options(licence=LICENCE, asked=asked)).version.number == 2
    with zipfile.ZipFile(graph.store.folder("orders", 2) / "original.zip") as archive:
        assert sorted(archive.namelist()) == ["mapping.toml", "orders.csv"]
        assert '"supplier.country" = "Country"' in archive.read("mapping.toml").decode()
    guessed = [finding.value for finding in first.report.findings if "guessed" in finding.message]
    assert guessed == ["Importer", "Vendor name", "HS code", "Order date"]


def test_nothing_is_kept_of_a_file_without_a_licence(tmp_path: Path) -> None:
    graph, shown = Graph.open(tmp_path / "data", create=True), list[Survey]()
    with pytest.raises(ContributionError):
        graph.contribute(file(tmp_path, ORDERS), Options(shown=shown.append))
    assert len(shown) == 1
    assert graph.store.current is None


# The command line.


def test_columns_shows_what_is_read_and_what_is_left_and_saves_it(call: Command, tmp_path: Path) -> None:
    path, saved = file(tmp_path, ORDERS), tmp_path / "mapping.toml"
    run = call("columns", str(path), "--map", "supplier.country=Country", "--out", str(saved))
    assert run.code == 0
    for said in (
        "read as supply_links, 2 rows",
        "Vendor name",
        "by a synonym",
        "as you say",
        "not read",
        "red; blue",
    ):
        assert said in run.out
    told = json.loads(call("columns", str(path), "--mapping", str(saved), "--format", "json").out)
    assert [(each["header"], each["near"]) for each in told["unread"]] == [
        ("Street", None),
        ("City", None),
        ("Colour", None),
    ]
    assert told["columns"][0]["samples"] == ["Acme Ltd"]
    words = ("--mapping", str(saved), "--licence", LICENCE, "--data", str(tmp_path / "data"))
    run = call("contribute", str(path), *words)
    assert run.code == 0
    assert "header in row 1: read as supply_links" in run.err
    assert "header in row 1" not in run.out
    assert call("contribute", str(path), *words, "--quiet").err == ""


def test_columns_says_what_it_guessed_of_the_file_itself(call: Command, tmp_path: Path) -> None:
    text = f"Orders of 2024,,,,,,,\n{ORDERS}".replace(",", ";")
    run = call("columns", str(file(tmp_path, text, encoding="cp1252")))
    assert run.code == 0
    assert "not UTF-8: read as cp1252, a semicolon" in run.err
    assert "above row 2 are no header" in run.err


def test_standard_input_is_a_file_too(command: Command, tmp_path: Path) -> None:
    words = ("--licence", LICENCE, "--data", str(tmp_path / "data"))
    run = command("validate", "-", *words, "--dataset", "orders", stdin=ORDERS)
    assert run.code == 0, run
    assert "orders conforms (2 rows" in run.out


def test_a_folder_has_no_columns_to_show(call: Command, tmp_path: Path) -> None:
    run = call("columns", str(tmp_path))
    assert (run.code, run.out) == (2, "")
    assert "Data Package" in run.err


# --- how cells are written ----------------------------------------------------------------------------------------

AMOUNTS = "Buyer;Supplier;Amount;Order date\nA;B;{0};01/02/2024\nA;C;{1};02/02/2024\n"


@pytest.mark.parametrize(
    ("one", "other", "read"),
    [
        ("1.234,50", "7", ["1234.50", "7"]),
        ("1,234", "5,5", ["1.234", "5.5"]),
        ("1 234,5", "2", ["1234.5", "2"]),
        ("1'234.5", "2", ["1234.5", "2"]),
        ("€ 1.234,00", "€ 3", ["1234.00", "3"]),
        ("%12,5", "%7", ["12.5", "7"]),
        ("1,234", "12", ["1,234", "12"]),
        ("€ 3,5", "$ 3,5", ["€ 3,5", "$ 3,5"]),
        ("3,5 kg", "4 kg", ["3,5 kg", "4 kg"]),
        ("1.234", "2.5", ["1.234", "2.5"]),
    ],
)
def test_numbers_are_read_as_the_whole_column_shows_and_only_so(
    one: str, other: str, read: list[str], tmp_path: Path
) -> None:
    path = file(tmp_path, AMOUNTS.format(one, other))
    found = submission.read(path, Options(licence=LICENCE), tmp_path)
    assert [row["value"] for row in cells(found, "supply_links")] == read
    told = [each for each in found.report.findings if "written like" in each.message]
    assert len(told) == (one != read[0])


@pytest.mark.parametrize("amounts", [("1.200", "3.500"), ("1.200", "7"), ("12.345", ""), ("-1.200", "1500")])
def test_an_amount_that_may_be_a_thousand_times_another_is_asked_about(
    amounts: tuple[str, str], tmp_path: Path
) -> None:
    path = file(tmp_path, AMOUNTS.format(*amounts))
    made = read(path)
    (told,) = [each for each in made.report.findings if "may be read in two ways" in each.message]
    assert (told.severity, told.column) == ("warning", "value")
    assert cells(made, "supply_links")[0]["value"] == amounts[0]
    assert (told.file, told.row) == ("orders.csv", 1)
    for form in re.findall(r'--map (value="Amount as [^"]+")', told.advice):
        found = read(path, form.replace('"', ""))
        assert not [each for each in blocking(found) if each.column == "value"]
        fraction = form.endswith('1234.5"')
        meant = amounts[0] if fraction else amounts[0].replace(".", "")
        assert cells(found, "supply_links")[0]["value"] == meant


@pytest.mark.parametrize(
    "amounts", [("1.5", "1.200"), ("1.200", "0.500"), ("1.200", "1234.500"), ("1", "2"), ("1.25", "")]
)
def test_one_number_shows_what_the_point_of_its_column_is(amounts: tuple[str, str], tmp_path: Path) -> None:
    found = read(file(tmp_path, AMOUNTS.format(*amounts)))
    assert not [each for each in found.report.findings if "two ways" in each.message]
    assert [row.get("value", "") for row in cells(found, "supply_links")] == list(amounts)


def test_what_a_column_can_hold_shows_what_its_point_is(tmp_path: Path) -> None:
    """Nobody owns 51000 percent."""
    found = read(
        file(tmp_path, "Subject,Owner,Share\nA,B,51.000\n"), "share_exact=Share", table="ownership_links"
    )
    assert not [each for each in found.report.findings if "two ways" in each.message]


@given(st.lists(st.from_regex(r"[+-]?[0-9]{1,4}([.][0-9]{1,4})?", fullmatch=True), min_size=1, max_size=4))
def test_no_number_of_a_column_is_a_thousand_times_wrong_in_silence(values: list[str]) -> None:
    """Where thousands may be what the point parts, in all that the column holds, it is asked; else it is a point."""
    parted = re.compile(r"[+-]?[1-9][0-9]{0,2}[.][0-9]{3}")
    marked = [value for value in values if "." in value]
    asked = bool(marked) and all(map(parted.fullmatch, marked))
    found = writings.ways(values)
    assert bool(found) == asked
    assert all(Decimal(found[0].read) == 1000 * Decimal(found[1].read) for _ in found[:1])


@pytest.mark.parametrize(("form", "first"), [("%d/%m/%Y", "2024-02-01"), ("%m/%d/%Y", "2024-01-02")])
def test_the_order_of_day_and_month_is_said_with_the_header(form: str, first: str, tmp_path: Path) -> None:
    path = file(tmp_path, AMOUNTS.format("1", "2"))
    found = read(path, f"observed_date=Order date as {form}")
    assert [row["observed_date"] for row in cells(found, "supply_links")] == [first, "2024-02-02"]
    kept = tmp_path / "mapping.toml"
    kept.write_text(survey(path, f"observed_date=Order date as {form}").mapped.text(), "utf-8")
    again = read(path, saved=kept)
    assert cells(again, "supply_links") == cells(found, "supply_links")


def test_dates_of_which_nobody_knows_the_order_are_mapped_and_told(tmp_path: Path) -> None:
    found = submission.read(file(tmp_path, AMOUNTS.format("1", "2")), Options(licence=LICENCE), tmp_path)
    (told,) = [each for each in found.report.findings if "never guessed" in each.message]
    assert told.advice.startswith('Give --map observed_date="Order date as %d/%m/%Y"')


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("31.12.2023", "%d.%m.%Y"), ("1/2/24", "%d/%m/%y"), ("31-12-2023 08:15", "%d-%m-%Y %H:%M"),
        ("5 12 2023", "%d %m %Y"), ("2023-12-31", ""), ("31.12/2023", ""), ("311.12.2023", ""),
    ],
)  # fmt: skip
def test_the_pattern_of_a_date_is_shown_by_its_signs(text: str, pattern: str) -> None:
    assert writings.turned(text) == pattern
    assert not pattern or writings.given(pattern, typed=False).read(text)


@pytest.mark.parametrize("said", ["unknown", "-", "n/a", "€"])
def test_a_column_of_numbers_that_holds_no_number_at_all_is_told_cell_by_cell(
    said: str, tmp_path: Path
) -> None:
    path = file(tmp_path, AMOUNTS.format(said, said))
    asked = Asked(("value=Amount", "observed_date=Order date as %d/%m/%Y"))
    report = validate(path, Options(licence=LICENCE, asked=asked), tmp_path, silent)
    assert [(each.column, each.value) for each in report.sorted() if each.blocks] == [("value", said)] * 2


@given(st.lists(st.text("€-+.,' \xa0١1%aA\n", max_size=6), max_size=3))
def test_whatever_a_column_holds_its_form_is_found_or_none_is(values: list[str]) -> None:
    form = writings.numbers(values)
    assert not form or all(writings.given(form, typed=False).read(value) for value in values if value)
    for value in values:
        pattern, said = writings.turned(value), writings.parted(f"Amount as {value}")
        assert not pattern or not writings.fault(pattern)
        assert said[0] in ("Amount", f"Amount as {value}")


def test_a_cell_that_is_not_in_the_form_that_is_said_is_an_error(tmp_path: Path) -> None:
    found = read(file(tmp_path, AMOUNTS.format("1", "2,5")), "value=Amount as 1,234.5")
    (error,) = blocking(found)
    assert (error.row, error.column, error.value) == (3, "value", "2,5")


@pytest.mark.parametrize("form", ["%d/%m", "DD/MM/YYYY%Q"])
def test_a_form_that_is_none_is_refused(form: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"%d\.%m\.%Y|no column"):
        read(file(tmp_path, AMOUNTS.format("1", "2")), f"observed_date=Order date as {form}")


def test_a_header_may_hold_the_word_as(tmp_path: Path) -> None:
    path = file(tmp_path, "Known as today,Country\nAlpha,DE\n")
    assert headers(path, "name=Known as today", table="actors")["name"] == "Known as today"


def test_cells_that_rows_share_are_read_in_each_of_them(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate(
            (["Our vendors", ""], ["Buyer", "Vendor"], ["", "B"], ["", "C"], ["D", "E"])
        ):
            sheet.write_row(row, 0, line)
        sheet.merge_range(0, 0, 0, 1, "Our vendors")
        sheet.merge_range(2, 0, 3, 0, "A")
    found = submission.read(path, Options(licence=LICENCE), tmp_path)
    assert [(row["buyer"], row["supplier"]) for row in cells(found, "supply_links")] == [
        ("a", "b"), ("a", "c"), ("d", "e"),
    ]  # fmt: skip
    assert any("shared by several rows" in each.message for each in found.report.findings)


def test_columns_shows_how_cells_are_written(call: Command, tmp_path: Path) -> None:
    path = file(tmp_path, AMOUNTS.format("1.234,50", "7"))
    run = call("columns", str(path), "--map", "observed_date=Order date as %d/%m/%Y")
    assert run.code == 0
    assert "like 1.234,5" in run.out
    assert "like %d/%m/%Y" in run.out


@pytest.mark.parametrize(
    "header",
    [
        "Warengruppe HS", "HS-Code Ware", "Code SH", "Código HS", "Partida HS", "HTS code", "Zolltarifnummer",
        "nomenclature douanière", "NCM", "tariff code", "Commodity Code", "HS Code of Goods", "Position tarifaire",
        "HS_CODE", "Fracción arancelaria", "Posição pautal", "KN-Code", "GTİP Kodu",
    ],
)  # fmt: skip
def test_a_header_of_customs_codes_is_that_of_the_product_in_links_and_in_lists(header: str) -> None:
    samples = {"Supplier": ["A"], "Buyer": ["B"], header: ["6109.10"]}
    assert synonyms.guess(samples, (), "", None).headers["product"] == (header,)
    assert synonyms.of_goods({"Supplier": ["A"], header: ["6109.10"]}) == header


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        ("suplier_name", "supplier"),
        ("Suplier cuntry", "supplier.country"),
        ("Prodct", "product"),
        ("HS cdoe", "product"),
        ("Quantiy", "quantity"),
        ("Lieferrant", "supplier"),
        ("Colour", ""),
        ("Port", ""),
        ("Payment terms", ""),
    ],
)
def test_a_header_with_a_slip_of_the_pen_comes_with_the_column_that_it_may_mean(
    tmp_path: Path, header: str, meant: str
) -> None:
    found = validate(
        file(tmp_path, f"buyer;{header}\nA;B\n"), Options(asked=Asked(table="supply_links")), tmp_path, silent
    )
    (told,) = [each.message for each in found.findings if "Nothing is read from" in each.message]
    said = f"{header} (did you mean {meant}?)" if meant else header
    assert told == f"Nothing is read from 1 of 2 columns: {said}."


def test_what_is_read_already_is_not_asked_about(tmp_path: Path) -> None:
    found = validate(
        file(tmp_path, "buyer;supplier;suplier\nA;B;C\n"),
        Options(asked=Asked(table="supply_links")),
        tmp_path,
        silent,
    )
    assert [each.message for each in found.findings if "Nothing is read" in each.message] == [
        "Nothing is read from 1 of 3 columns: suplier."
    ]
