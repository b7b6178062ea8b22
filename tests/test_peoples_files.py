"""Tables as people have them: headers, cells and signs that spreadsheets leave, each read or refused with a word."""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
import unicodedata
import zipfile
from pathlib import Path

import pytest

from opentier.graph import front
from opentier.graph.admission import admission
from opentier.graph.contribution import submission
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import UsageError
from opentier.graph.intake import kinds, native
from opentier.graph.jobs.progress import silent
from opentier.graph.model import cells, characters, identifiers
from opentier.graph.model.tables import TABLES
from opentier.graph.report.report import Finding, Report
from opentier.graph.screening import listing
from opentier.graph.written import countries, days, figures, hs
from opentier.graph.written.faults import CellError
from tests import sheets

MADE = "2024-06-30T12:00:00Z"


def package(folder: Path, resources: dict[str, object], **files: str) -> Path:
    """Write a package of tables as texts; `resources` says more of some of them."""
    folder.mkdir(parents=True)
    listed = [
        {"name": name.replace("_", "-"), "path": f"{name}.csv", **dict(resources.get(name, {}))}  # type: ignore[call-overload]
        for name in files
    ]
    described = {
        "name": "people", "created": MADE, "licenses": [{"name": "CC0-1.0"}], "resources": listed,
    }  # fmt: skip
    (folder / "datapackage.json").write_text(json.dumps(described), "utf-8")
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return folder


def report(folder: Path, resources: dict[str, object] | None = None, **files: str) -> Report:
    """Return what is found in a package of tables as texts."""
    path = package(folder / "package", resources or {}, **files)
    return admission.validate(path, Options(), None, lambda stage, done, total: None)


def told(found: Report, severity: str) -> list[Finding]:
    """Return the findings of a severity that are about rows and headers."""
    return [finding for finding in found.sorted() if finding.severity == severity]


# --- headers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "ID,NAME,Also Known As",
        "Id,name ,also-known-as",
        "i\u200bd,\ufeffname,alsoKnownAs",
        "id,Name,ALSO_KNOWN_AS",
    ],
)
def test_a_header_is_known_whatever_its_case_spaces_dashes_and_unseen_characters(
    tmp_path: Path, header: str
) -> None:
    found = report(tmp_path, actors=f"{header}\na,Firm,Other\n")
    assert found.conforms
    (warning,) = told(found, "warning")
    assert (warning.row, "also_known_as" in warning.message) == (1, True)


def test_an_unseen_character_of_a_header_is_named_by_its_code_point(tmp_path: Path) -> None:
    (warning,) = told(report(tmp_path, actors="id,na\u2060me\na,Firm\n"), "warning")
    assert "<U+2060>" in warning.message


def test_one_column_under_two_spellings_is_refused(tmp_path: Path) -> None:
    (error,) = told(report(tmp_path, actors="id,name,Name\na,Firm,Firm\n"), "error")
    assert (error.column, error.message) == ("name", "This column stands twice.")


def test_columns_without_name_and_value_are_left_out_with_one_warning(tmp_path: Path) -> None:
    found = report(tmp_path, actors="id,name,,\na,Firm,,\nb,Mill,,\n")
    (warning,) = told(found, "warning")
    assert found.conforms
    assert warning.message == "2 columns have neither a name nor a value: left out."


def test_a_value_without_a_header_is_refused_at_its_row(tmp_path: Path) -> None:
    (error,) = told(report(tmp_path, actors="id,name,\na,Firm,\nb,Mill,stray\nc,Farm,more\n"), "error")
    assert (error.row, error.value) == (3, "stray")


def test_empty_cells_beyond_the_header_are_left_out_with_one_warning(tmp_path: Path) -> None:
    found = report(tmp_path, actors="id,name\na,Firm,,,\nb,Mill\nc,Farm,\n")
    (warning,) = told(found, "warning")
    assert found.conforms
    assert (warning.row, warning.message[:11]) == (2, "2 rows have")


@pytest.mark.parametrize("above", ["List of 2024,\n", "Our suppliers,,\n\nas of June,,\n", "x,y\n1,2\n"])
def test_a_header_below_titles_is_pointed_at_and_may_be_declared(tmp_path: Path, above: str) -> None:
    text = f"{above}Id,Name,Country\na,Firm,PE\n"
    row = text.count("\n") - 1
    (error,) = told(report(tmp_path / "bare", actors=text), "error")
    assert f"row {row} looks like it" in error.message
    assert f'"headerRows": [{row}]' in error.advice
    assert report(tmp_path / "declared", {"actors": {"dialect": {"headerRows": [row]}}}, actors=text).conforms


def test_many_unknown_columns_are_one_finding(tmp_path: Path) -> None:
    extra = [f"extra {number}" for number in range(60)]
    text = f"id,name,{','.join(extra)}\na,Firm{',1' * 60}\n"
    (error,) = told(report(tmp_path, actors=text), "error")
    assert "60 columns" in error.message


def test_a_file_of_two_bytes_a_letter_is_called_by_its_encoding(tmp_path: Path) -> None:
    for encoding, name in (("utf-16", "UTF-16"), ("utf-16-le", "UTF-16LE"), ("utf-16-be", "UTF-16BE")):
        path = package(tmp_path / encoding, {}, actors="")
        (path / "actors.csv").write_bytes("id,name\na,Firm\n".encode(encoding))
        found = admission.validate(path, Options(), None, lambda stage, done, total: None)
        assert told(found, "error")[0].message.startswith(f"The file is {name},")


# --- characters ---------------------------------------------------------------------------------------------------


def test_what_is_not_seen_and_does_no_harm_is_left_out_of_cells_and_named(tmp_path: Path) -> None:
    found = report(
        tmp_path,
        actors="id,name,country\na\u200b,Fi\u00adrm,P\u200eE\nb,Mill\u2060,V\u00a0N\n",
        supply_links="buyer,supplier\na,b\ufeff\n",
    )
    named = {
        (finding.column, finding.message.split("holds ")[1].split(",")[0])
        for finding in told(found, "warning")
    }
    assert {("id", "U+200B"), ("name", "U+00AD"), ("country", "U+200E"), ("supplier", "U+FEFF")} <= named
    (error,) = told(found, "error")
    assert (error.column, error.row) == ("country", 3)  # V N is no country, with or without a no-break space


def test_blanks_around_a_cell_are_all_spaces_in_every_reader() -> None:
    spaces = {letter for letter in map(chr, range(sys.maxunicode)) if unicodedata.category(letter) == "Zs"}
    assert set(characters.BLANKS) == {*spaces, "\t", "\n", "\r"}
    assert native._BLANKS == characters.BLANKS


@pytest.mark.parametrize("name", ["actors.csv", "actors.jsonl", "actors.xlsx"])
def test_what_separates_lines_around_a_cell_is_left_out_and_named(name: str, tmp_path: Path) -> None:
    rows = [
        ["id", "name"],
        ["a", "\u2028A"],
        ["b", " \xa0B\u2029\u2028 "],
        ["c", "C\x85"],
        ["d", "\u3000D\xa0"],
        ["e", "E\u200b"],
    ]
    text = {"csv": sheets.text(rows), "jsonl": "\n".join(map(json.dumps, sheets.objects(rows)))}
    path = tmp_path / name
    sheets.xlsx(path, {"actors": rows}) if name.endswith("xlsx") else path.write_text(
        text[path.suffix[1:]], "utf-8"
    )
    read, first = (
        submission.read(path, Options(licence="CC0-1.0"), tmp_path),
        1 if name.endswith("jsonl") else 2,
    )
    assert [row.cells["name"] for row in read.tables["actors"]] == ["A", "B", "C", "D", "E"]
    named = [finding for finding in read.report.sorted() if finding.message.startswith("The cell holds")]
    assert [(each.row, each.message.partition("holds ")[2].partition(", which")[0]) for each in named] == [
        (first, "U+2028"), (first + 1, "U+2029, U+2028"), (first + 2, "U+0085"), (first + 4, "U+200B"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["actors.csv", "actors.jsonl"])
def test_a_control_at_the_edge_of_a_cell_is_refused_as_within(name: str, tmp_path: Path) -> None:
    rows = [["id", "name"], ["a", "\x0bA"], ["b", "B\x1f"], ["c", "C\x0cC"]]
    text = {"csv": sheets.text(rows), "jsonl": "\n".join(map(json.dumps, sheets.objects(rows)))}
    path = tmp_path / name
    path.write_text(text[path.suffix[1:]], "utf-8")
    found, first = (
        front.validate(path, Options(licence="CC0-1.0"), tmp_path / "data", silent),
        1 if name.endswith("jsonl") else 2,
    )
    errors = [(each.row, each.message.partition("holds ")[2][:6]) for each in told(found, "error")]
    assert errors == [(first, "U+000B"), (first + 1, "U+001F"), (first + 2, "U+000C")]


def test_joiners_of_scripts_and_emoji_stay_in_texts(tmp_path: Path) -> None:
    assert (
        told(report(tmp_path, actors="id,name\na,می\u200cخواهم \U0001f469\u200d\U0001f33e\n"), "warning")
        == []
    )


def test_ids_that_differ_by_how_accents_are_written_are_one(tmp_path: Path) -> None:
    found = report(
        tmp_path, actors="id,name\nma\u00efs,Farm\nb,Mill\n", supply_links="buyer,supplier\nb,mai\u0308s\n"
    )
    assert found.conforms
    assert told(found, "warning")[0].value == "mai\u0308s"


# --- countries ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Burma", "MM"), ("SWAZILAND", "SZ"), ("the Netherlands", "NL"), ("U.S.A.", "US"), ("Great  Britain", "GB"),
        ("Viet\u00a0Nam", "VN"), ("Korea,\nRepublic of", "KR"), ("Macao SAR", "MO"), ("Congo (Kinshasa)", "CD"),
        ("Republic of the Congo", "CG"), ("East Timor", "TL"), ("Cape Verde", "CV"), ("Kosovo", "XK"), ("xk", "XK"),
        ("Brasilien", "BR"), ("Bangladesch", "BD"), ("Maroc", "MA"), ("日本", "JP"), ("Индия", "IN"), ("per", "PER"),
    ],
)  # fmt: skip
def test_everyday_names_of_countries_are_read(said: str, code: str) -> None:
    assert countries.read(said) == ("PE" if code == "PER" else code)


@pytest.mark.parametrize("said", ["UNKNOWN", "n/a", "--", "Various", "not stated", "?"])
def test_a_word_for_nothing_gets_the_advice_to_leave_the_cell_empty(said: str) -> None:
    with pytest.raises(CellError, match="Leave the cell empty"):
        countries.read(said)


@pytest.mark.parametrize(("said", "next_"), [("ZAR", "CD"), ("Czechoslovakia", "CZ, SK"), ("USSR", "RU")])
def test_a_withdrawn_country_is_refused_with_what_follows_it(said: str, next_: str) -> None:
    with pytest.raises(CellError, match=f"withdrawn.*{next_}"):
        countries.read(said)


def test_a_name_of_a_country_is_told_of_once(tmp_path: Path) -> None:
    rows = "".join(f"{number},Firm {number},Burma\n" for number in range(9))
    found = report(tmp_path, actors=f"id,name,country\n{rows}x,Firm,burma\n")
    assert [finding.value for finding in told(found, "warning")] == ["Burma", "burma"]


def test_na_is_namibia_among_codes_and_nothing_among_names(tmp_path: Path) -> None:
    assert report(tmp_path / "codes", actors="id,name,country\na,Firm,NA\nb,Mill,ZAF\nc,Farm,\n").conforms
    assert report(
        tmp_path / "mixed", actors="id,name,country\na,Firm,NA\nb,Mill,ZA\nc,Farm,Norway\n"
    ).conforms
    found = report(tmp_path / "names", actors="id,name,country\na,Firm,NA\nb,Mill,South Africa\n")
    (error,) = told(found, "error")
    assert (error.row, "leave the cell empty" in error.advice.lower()) == (2, True)


# --- products -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("HS 5201", "520100"[:4]), ("hs:520100", "520100"), ("HS Code: 5201.00", "520100"), ("5201.00.10.90", "520100"),
        ("5201 00 10", "520100"), ("52", "52"), ("HTS 5201.00.1090", "520100"), ("hsn 52010010", "520100"),
    ],
)  # fmt: skip
def test_a_code_is_read_in_the_forms_that_people_write(said: str, code: str) -> None:
    assert hs.meant(said)
    assert hs.read(said) == code


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("7031000", "07031000"), ("703", "0703"), ("5", "05"), ("520100.0", "520100"), ("5201.0", "5201"),
        ("7204.1", "720410"), ("5.2E+5", "every digit"), ("52,53", "row of its own"), ("5201;5203", "row of its own"),
        ("5201\n5203", "row of its own"), ("5201 5203", "row of its own"), ("5201-5203", "row of its own"),
    ],
)  # fmt: skip
def test_a_code_that_lost_a_digit_or_is_several_is_refused_with_what_is_likely(
    said: str, advice: str
) -> None:
    assert hs.meant(said)
    with pytest.raises(CellError, match=advice):
        hs.read(said)


@pytest.mark.parametrize("said", ["60% wool", "50/50 blend", "12-14", "Omega 3", "2,3-D", "grade 5201"])
def test_words_with_digits_are_no_codes(said: str) -> None:
    assert not hs.meant(said)


def test_a_code_that_no_edition_has_is_a_warning(tmp_path: Path) -> None:
    links = "buyer,supplier,product\na,b,5201\na,b,5299\na,b,980100\n"
    found = report(tmp_path, actors="id,name\na,Firm\nb,Mill\n", supply_links=links)
    assert [finding.value for finding in told(found, "warning")] == ["5299", "980100"]


@pytest.mark.parametrize(
    ("code", "earlier"),
    [
        ("690810", True), ("6908", True), ("854140", True), ("8541", False), ("69", False), ("854142", False),
        ("610910", False), ("854199", False), ("980100", False), ("", False),
    ],
)  # fmt: skip
def test_a_code_that_the_newest_edition_no_longer_has_is_of_an_earlier_one(code: str, earlier: bool) -> None:
    assert hs.earlier(code) == earlier
    assert hs.known(code) == (code not in ("854199", "980100", ""))


# --- dates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("44927", "2023-01-01"), ("44927.5", "2023-01-01"), ("05/06/2021", "2021-06-05 or 2021-05-06"),
        ("28.02.2021", "write 2021-02-28,"), ("02-28-2021", "write 2021-02-28,"), ("9999-12-31", "no end"),
        ("1899-12-31", "empty"), ("2018/2019", "one date"), ("2018-19", "one date"), ("Q3 2020", "one date"),
        ("2020-05-01 to 2020-06-01", "Write YYYY-MM-DD"),
    ],
)  # fmt: skip
def test_a_date_that_must_be_guessed_is_refused_with_its_readings(said: str, advice: str) -> None:
    with pytest.raises(CellError, match=advice):
        days.read(said)


@pytest.mark.parametrize("said", ["2021-02-28T23:59:59+09:00", "2021-02-28 23:59", "20210228", "2021/02/28"])
def test_a_day_with_a_time_is_the_day_as_it_is_written(said: str) -> None:
    assert days.read(said) == "2021-02-28"


def test_days_that_stand_for_none_and_days_to_come_are_warnings(tmp_path: Path) -> None:
    links = "buyer,supplier,start_date,observed_date\na,b,1900-01-01,2024\na,b,2021-01-01,2031-01-01\n"
    found = report(tmp_path, actors="id,name\na,Firm\nb,Mill\n", supply_links=links)
    assert [(finding.row, finding.column) for finding in told(found, "warning")] == [
        (2, "start_date"),
        (3, "observed_date"),
    ]


# --- numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("12,345", "12345 or 12.345"), ("12.345,67", "12345.67"), ("12 345", "12345"), ("12'345.5", "12345.5"),
        ("2_000", "2000"), ("7E2", "700"), ("0,75", "0.75"), ("33 %", "33"), ("€500", "columns of their own"),
        ("500 kg", "columns of their own"), ("10-20", "ends of a range"), ("many", "decimal point"),
    ],
)  # fmt: skip
def test_a_number_that_may_be_another_is_refused_with_its_readings(said: str, advice: str) -> None:
    with pytest.raises(CellError, match=advice):
        figures.read(said)


@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("ownership_links", "share_exact", "10-20%"),
        ("actors", "workers_max", "100+"),
        ("actors", "workers_min", "5 to 9"),
    ],
)
def test_a_range_is_sent_to_the_columns_of_its_ends(table: str, column: str, said: str) -> None:
    of = TABLES[table].column(column)
    assert of is not None
    with pytest.raises(CellError, match=r"two ends into \w+ and \w+"):
        cells.read(of, said)


def test_shares_that_do_not_add_up_are_warnings(tmp_path: Path) -> None:
    actors = "id,name\na,Firm\nb,Mill\nc,Farm\n"
    header = "owner,asset,share_exact,start_date,end_date,interest\n"
    over = f"{header}a,c,70,,,shareholding\nb,c,40,,,shareholding\n"
    one_after_other = f"{header}a,c,70,2019,2019,shareholding\nb,c,40,2020,,shareholding\n"
    fractions = f"{header}a,c,0.7,,,shareholding\nb,c,0.3,,,shareholding\n"
    found = [
        [
            finding.message
            for finding in told(
                report(tmp_path / str(number), actors=actors, ownership_links=links), "warning"
            )
        ]
        for number, links in enumerate((over, one_after_other, fractions))
    ]
    assert [len(messages) for messages in found] == [1, 0, 1]
    assert "110 %" in found[0][0]
    assert "at most 1" in found[2][0]


def test_coordinates_of_nowhere_are_a_warning(tmp_path: Path) -> None:
    found = report(tmp_path, actors="id,name,lat,lon\na,Firm,0,0.0\nb,Mill,0,100.5\nc,Farm,,\n")
    assert [(finding.row, finding.column) for finding in told(found, "warning")] == [(2, "lat")]


# --- identifiers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("os-id:th2021250d1dtn7", "os-id:TH2021250D1DTN7"),
        ("DUNS:00-111-2224", "duns:001112224"),
        ("cnpj:11.222.333/0001-81", "cnpj:11222333000181"),
        ("gb-coh:sc 012345", "gb-coh:SC012345"),
        ("GB_COH:IP12345R", "gb-coh:IP12345R"),
    ],
)
def test_an_identifier_is_kept_in_the_form_of_its_scheme(said: str, kept: str) -> None:
    assert identifiers.read(said) == kept


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("os-id:98765", "fifteen"),
        ("cnpj:11.222.333/0001-82", "CNPJ"),
        ("gb-coh:1234567", "eight characters"),
        ("tax-number:3.41E+13", "rounded"),
        ("uscc:9.1E+17", "rounded"),
        ("gln:4.0E+12", "rounded"),
    ],
)
def test_an_identifier_that_cannot_be_one_is_refused(said: str, message: str) -> None:
    with pytest.raises(CellError, match=message):
        identifiers.read(said)


@pytest.mark.parametrize("said", ["duns:123456789", "os-id:UNKNOWN", "gln:1234567890123", "duns:not stated"])
def test_a_number_as_it_is_counted_is_a_filler(said: str) -> None:
    assert identifiers.filler(said)


def test_actors_that_an_identifier_makes_one_are_told_of(tmp_path: Path) -> None:
    found = report(
        tmp_path, actors="id,name,identifiers\na,Firm,duns:112223334\nb,Mill,duns:11-222-3334\nc,Farm,\n"
    )
    (info,) = told(found, "info")
    assert (info.row, info.value, "2 actors" in info.message) == (2, "duns:112223334", True)


@pytest.mark.parametrize(
    ("said", "meant"), [("7.0", "7"), ("northern MILL", "7"), ("other mill", "Add it to")]
)
def test_a_reference_that_is_no_id_is_refused_with_the_id_that_may_be_meant(
    tmp_path: Path, said: str, meant: str
) -> None:
    links = f"buyer,supplier\nb,{said}\n"
    (error,) = told(
        report(tmp_path, actors="id,name\n7,Northern Mill\nb,Firm\n", supply_links=links), "error"
    )
    assert (error.column, meant in error.advice) == ("supplier", True)


# --- RDF ----------------------------------------------------------------------------------------------------------

TURTLE = """@prefix ot: <https://w3id.org/opentier/ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://w3id.org/opentier/id/people/a> a ot:Actor ; rdfs:label "A" ; ot:country "%s" ; ot:region "%s" .
"""


def rdf(folder: Path, name: str, text: str) -> Report:
    """Return what is found in a file of RDF."""
    (folder / name).write_text(text, "utf-8")
    options = Options(dataset="people", licence="CC0-1.0")
    return admission.validate(folder / name, options, None, lambda stage, done, total: None)


def test_a_country_by_its_name_is_read_in_rdf_too_with_its_region(tmp_path: Path) -> None:
    found = rdf(tmp_path, "a.ttl", TURTLE % ("Burma", "mm-06"))
    assert found.conforms
    assert {(finding.column, finding.value) for finding in told(found, "warning")} == {
        ("country", "Burma"),
        ("region", "mm-06"),
    }


def test_a_byte_order_mark_before_turtle_is_left_out(tmp_path: Path) -> None:
    assert rdf(tmp_path, "a.ttl", "\ufeff" + TURTLE % ("MM", "MM-06")).conforms


def test_a_foreign_context_is_named(tmp_path: Path) -> None:
    text = '{"@context": ["https://vocabulary.example/context.jsonld"], "@id": "a:a", "@type": "a:b"}'
    (error,) = told(rdf(tmp_path, "a.jsonld", text), "error")
    assert "https://vocabulary.example/context.jsonld is not that of OpenTier" in error.message


# --- texts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "severity", "message"),
    [
        ("North Mill (formerly South Mill)", "warning", "several names"),
        ("North Mill; South Mill", "warning", "several names"),
        ("<b>North</b> Mill", "warning", "markup"),
        ("Smith &#38; Sons", "warning", "markup"),
        ("Ms Roe, born 1990-02-03", "violation", "could be found and harmed"),
        ("North Mill, tel. 5550 1234", "violation", "could be found and harmed"),
    ],
)
def test_a_name_that_holds_more_than_a_name_is_told_of(
    tmp_path: Path, name: str, severity: str, message: str
) -> None:
    (finding,) = told(report(tmp_path, actors=f'id,name\na,"{name}"\n'), severity)
    assert (finding.row, message in finding.message) == (2, True)


@pytest.mark.parametrize("column", ["note", "address", "source"])
def test_contact_data_in_any_text_of_an_actor_is_refused_at_its_row(tmp_path: Path, column: str) -> None:
    (finding,) = told(
        report(tmp_path, actors=f"id,name,{column}\na,Firm,write to jo.roe@mill.example\n"), "violation"
    )
    assert (finding.row, "could be found and harmed" in finding.message) == (2, True)


def test_an_active_entry_that_was_taken_off_is_a_warning(tmp_path: Path) -> None:
    header = "id,kind,authority,target,status,listing_date,delisting_date\n"
    rows = "d,entity-listing,A,a,active,2015-01-01,2016-01-01\ne,entity-listing,A,a,active,2015-01-01,2031-01-01\n"
    found = report(tmp_path, actors="id,name\na,Firm\n", designations=header + rows)
    assert [(finding.row, finding.column) for finding in told(found, "warning")] == [(2, "status")]


# --- documents that are no tables ---------------------------------------------------------------------------------


def zipped(*members: str, **texts: str) -> bytes:
    """Return a zip of empty members, and of some with texts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in members:
            archive.writestr(name, "<x/>")
        for name, text in texts.items():
            archive.writestr(name, text)
    return made.getvalue()


OLD = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1000)
DOCUMENTS = {
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "an image": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "an image ": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "an image  ": b"RIFF\0\0\0\0WEBPVP8 ",
    "a web page (HTML)": b"\xef\xbb\xbf\n<!DOCTYPE html>\n<html><body>name,country",
    "a web page (HTML) ": b"<html><table><tr><td>name</td></tr></table></html>",
    "a web page (HTML)  ": "<html><table><tr><td>name</td></tr></table></html>".encode("utf-16"),
    "a text document (RTF)": b"{\\rtf1\\ansi name}",
    "a Word document": zipped("[Content_Types].xml", "word/document.xml"),
    "a Word document ": OLD + "WordDocument".encode("utf-16-le"),
    "a PowerPoint document": zipped("ppt/presentation.xml"),
    "a text document (OpenDocument)": zipped(
        "content.xml", mimetype="application/vnd.oasis.opendocument.text"
    ),
    "a document of Numbers, Pages or Keynote": zipped("Index/Document.iwa", "preview.jpg"),
}


@pytest.mark.parametrize("name", ["list.csv", "list.xlsx", "list.pdf", "list.zip", "list"])
@pytest.mark.parametrize("what", DOCUMENTS)
def test_a_document_that_is_no_table_is_said_to_be_one_whatever_it_is_called(
    tmp_path: Path, what: str, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(DOCUMENTS[what])
    said = f"This is {what.strip()}, not a table."
    found = admission.validate(path, Options(), None, silent)
    assert [(each.file, each.message) for each in found.findings] == [(name, said)]
    assert found.findings[0].advice == "Export the table as CSV or XLSX."
    taken = Report()
    assert submission.surveys(path, Options(), tmp_path, taken) == []
    assert [each.message for each in taken.findings] == [said]
    with pytest.raises(UsageError, match=re.escape(said)):
        listing.of(path, Report())


def test_a_document_inside_what_is_packed_is_said_to_be_one_too(tmp_path: Path) -> None:
    pdf = DOCUMENTS["a PDF document"]
    (tmp_path / "list.csv.gz").write_bytes(gzip.compress(pdf))
    with zipfile.ZipFile(tmp_path / "list.zip", "w") as archive:
        archive.writestr("list.csv", pdf)
    packed = [tmp_path / "list.csv.gz", tmp_path / "list.zip", tmp_path / "package"]
    package(packed[2], {}, actors="id,name\na,A\n")
    (packed[2] / "actors.csv").write_bytes(pdf)
    for path in packed:
        found = admission.validate(path, Options(), None, silent)
        assert "This is a PDF document, not a table." in {each.message for each in found.findings}


@pytest.mark.parametrize(
    "what",
    [OLD + "WorkbookWordDocument".encode("utf-16-le"), b"name,%PDF-\nA,B\n", b"<name>,country\nA,DE\n"],
)
def test_what_may_be_a_table_is_not_said_to_be_a_document(tmp_path: Path, what: bytes) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(what)
    kinds.demand_table(path)
