"""The adapter of Brazil's register of employers: legal persons only, and not a word of anybody else."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.foreign import Source
from opentier.graph.contribution.submission import Options
from tests.foreign import cells, header, raw, read, told, write

NAME = "cadastro-2025-10-06.csv"
FIRM = {
    "Ano da ação fiscal": "2023",
    "UF": "MG",
    "Empregador": "CARVÃO INVENTADO LTDA",
    "CNPJ/CPF": "11.222.333/0001-81",
    "Estabelecimento": "FAZENDA BOA VISTA, ZONA RURAL, RIO PARDO DE MINAS/MG",
    "Trabalhadores envolvidos": "7",
    "CNAE": "0210-1/08",
    "Decisão administrativa de procedência": "15/05/2025",
    "Inclusão no Cadastro de Empregadores": "06/10/2025",
}
#: A number that is right for a natural person, and is nobody's.
CPF = "111.444.777-35"


def register(folder: Path, *rows: dict[str, str], name: str = NAME) -> Source:
    """Read a register of rows, each with what it says beside that of an invented firm."""
    written = [{**FIRM, **row} for row in rows]
    return read("brazil", write(folder / name, header("brazil", "cadastro.csv"), written, "cp1252", ";"))


def collected(folder: Path, *rows: dict[str, str]) -> Source:
    """Read a register in the other layout, with columns of the first one."""
    columns = header("brazil", "collected.csv")
    said = [dict(zip(columns, {**FIRM, **row}.values(), strict=False)) for row in rows]
    for row in said:
        row |= {"data_decisao_administrativa": "2022-12-09", "data_arquivo": "2023-04-11"}
        row |= {"data_inclusao_cadastro": "2022-10-05 00:00:00"}
    return read("brazil", write(folder / "cadastro_2023.xlsx", columns, said, "utf-8", ";"))


def test_an_entry_is_an_enforcement_listing_of_a_legal_person(tmp_path: Path) -> None:
    source = register(tmp_path, {})
    assert told(source) == []
    (entry,) = cells(source, "designations")
    assert entry.items() >= {
        "kind": "enforcement",
        "target": "cnpj-11222333",
        "listing_date": "2025-10-06",
        "observed_date": "2025-10-06",
        "inspection_year": "2023",
        "workers_involved": "7",
        "status": "active",
        "effect": "name-and-shame",
        "law": "Portaria Interministerial MTE/MDHC/MIR 18/2024",
    }.items()  # fmt: skip
    assert "decision of 2025-05-15" in entry["note"]
    firm, site = cells(source, "actors")
    assert (firm["kind"], firm["identifiers"]) == ("legal-entity", "cnpj:11222333000181")
    assert (site["name"], site["region"], site["address"]) == (
        "FAZENDA BOA VISTA",
        "BR-MG",
        "RIO PARDO DE MINAS",
    )
    assert cells(source, "operation_links")[0]["facility"] == site["id"]
    assert source.edition == "2025-10-06"


def test_both_layouts_say_the_same(tmp_path: Path) -> None:
    source = collected(tmp_path, {})
    assert told(source) == []
    (entry,) = cells(source, "designations")
    assert (entry["listing_date"], entry["observed_date"]) == ("2022-10-05", "2023-04-11")
    assert entry["law"] == "Portaria Interministerial MTPS/MMIRDH 4/2016"
    assert cells(source, "actors")[0]["id"] == "cnpj-11222333"


PERSONS = [
    {"Empregador": "FULANO DE TAL", "CNPJ/CPF": CPF},
    {"Empregador": "FULANO DE TAL", "CNPJ/CPF": "11144477735"},
    {"Empregador": "FULANO DE TAL", "CNPJ/CPF": "***"},
    {"Empregador": "FULANO DE TAL", "CNPJ/CPF": ""},
    {"Empregador": "FULANO DE TAL LTDA", "CNPJ/CPF": CPF},
    {"Empregador": "FULANO DE TAL LTDA", "CNPJ/CPF": "11.222.333/0001-82"},
    {"Empregador": "FULANO DE TAL"},
    {"Empregador": "FULANO DE SÁ"},
    {"Empregador": "F. DE TAL - ME"},
    {"Empregador": "11.222.333 FULANO DE TAL"},
    {"Empregador": "FULANO DE TAL 11144477735"},
    {"Empregador": "FULANO DE TAL LTDA CPF 111444777-35"},
    {"Empregador": "FULANO DE TAL TRANSPORTES"},
]


@pytest.mark.parametrize("person", PERSONS)
def test_a_natural_person_is_left_out_and_not_a_word_of_theirs_is_told(
    tmp_path: Path, person: dict[str, str]
) -> None:
    source = register(tmp_path, {**person, "Estabelecimento": "SITIO FULANO, OLINDA/PE"}, {})
    (finding,) = told(source)
    assert (finding.severity, finding.row, finding.value) == ("refused", 2, None)
    kept = json.dumps([row.cells for rows in source.tables.values() for row in rows], ensure_ascii=False)
    for secret in ("FULANO", "F. DE TAL", "111444777", "OLINDA"):
        assert secret not in kept
        assert secret not in source.report.to_json()
    assert source.report.counts() == {"rows": 2, "accepted": 1, "warned": 0, "refused": 1}


def test_what_is_kept_of_the_file_has_the_rows_of_persons_empty(tmp_path: Path) -> None:
    rows = [*({**person, "Estabelecimento": "SITIO FULANO, OLINDA/PE"} for person in PERSONS), *[{}] * 100]
    torn = ";".join(["FULANO DE TAL"] * 3)
    path = write(
        tmp_path / NAME,
        header("brazil", "cadastro.csv"),
        [{**FIRM, **row} for row in rows * 2],
        "cp1252",
        ";",
    )
    path.write_bytes(path.read_bytes() + torn.encode("cp1252"))
    graph = Graph.open(tmp_path / "data", create=True)
    admission = graph.contribute(path, Options(adapter="brazil"))
    assert admission.report.conforms
    held = b"".join(each.read_bytes() for each in (tmp_path / "data").rglob("*") if each.is_file())
    (archive,) = (tmp_path / "data").rglob("original.zip")
    with zipfile.ZipFile(archive) as opened:
        kept = opened.read(NAME).decode("cp1252")
    for secret in ("FULANO", "111444777", "111.444.777", "OLINDA"):
        assert secret not in kept
        assert secret.encode() not in held
    assert kept.count("CARVÃO INVENTADO LTDA") == 200
    assert len(kept.splitlines()) == 1 + len(rows) * 2 + 1


def test_the_same_register_again_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, header("brazil", "cadastro.csv"), [FIRM] * 200, "cp1252", ";")
    graph = Graph.open(tmp_path / "data", create=True)
    assert graph.contribute(path, Options(adapter="brazil")).new
    assert not graph.contribute(path, Options(adapter="brazil")).new


def test_lost_zeros_are_restored_where_the_check_digits_prove_it(tmp_path: Path) -> None:
    source = register(
        tmp_path, {"CNPJ/CPF": "191"}, {"CNPJ/CPF": "111222000181"}, {"CNPJ/CPF": "1112220001811"}
    )
    (finding,) = told(source, "warning")
    assert "00.111.222/0001-" in finding.message
    assert [found.row for found in told(source, "refused")] == [2, 4]
    assert cells(source, "actors")[0]["identifiers"] == "cnpj:00111222000181"


def test_an_entry_that_courts_took_out_and_put_back_tells_each_period(tmp_path: Path) -> None:
    periods = "05/04/2024 a 10/05/2024, 09/04/2025"
    source = register(tmp_path, {"Inclusão no Cadastro de Empregadores": periods})
    (entry,) = cells(source, "designations")
    assert (entry["listing_date"], entry["status"]) == ("2024-04-05", "active")
    changes = [(change["status"], change["date"]) for change in cells(source, "status_changes")]
    assert changes == [("inactive", "2024-05-10"), ("active", "2025-04-09")]


@pytest.mark.parametrize("text", ["05/04/2024 suspenso", "31/02/2024", "2024", ""])
def test_a_day_that_cannot_be_read_leaves_its_row_out(tmp_path: Path, text: str) -> None:
    source = register(tmp_path, {"Inclusão no Cadastro de Empregadores": text}, {})
    assert [(found.severity, found.row) for found in told(source)] == [("refused", 2)]


def test_an_unknown_state_leaves_its_row_out(tmp_path: Path) -> None:
    (finding,) = told(register(tmp_path, {"UF": "XX"}, {}))
    assert (finding.severity, finding.row, finding.column, finding.value) == ("refused", 2, "UF", "XX")


@pytest.mark.parametrize(
    "site",
    [
        "FAZENDA MOREIRA, UBERABA/MG",
        "CARVOARIA DO ANTONIO, UBERABA/MG",
        "RUA UM, 50, IPOJUCA/PE",
        "SÍTIO",
        "FULANO FRIOS",
    ],
)
def test_a_workplace_whose_name_may_be_a_persons_is_not_held(tmp_path: Path, site: str) -> None:
    source = register(tmp_path, {"Estabelecimento": site})
    assert len(cells(source, "actors")) == 1
    assert site.split(",")[0] not in json.dumps(cells(source, "designations"), ensure_ascii=False)


def test_a_workplace_is_called_as_it_is_printed(tmp_path: Path) -> None:
    source = register(tmp_path, {"Estabelecimento": "SÍTIO  TRÊS IRMÃOS, S/N, ZONA RURAL, IGARATÁ/SP"})
    site = cells(source, "actors")[1]
    assert (site["name"], site["address"], site["region"]) == ("SÍTIO TRÊS IRMÃOS", "IGARATÁ", "BR-SP")


def test_two_entries_of_one_legal_person_are_two_listings_of_one_actor(tmp_path: Path) -> None:
    branch = {"CNPJ/CPF": "11.222.333/0002-62", "Empregador": "CARVAO INVENTADO S/A"}
    source = register(tmp_path, {}, {}, branch)
    targets = [entry["target"] for entry in cells(source, "designations")]
    assert targets == ["cnpj-11222333"] * 3
    assert len({entry["id"] for entry in cells(source, "designations")}) == 3
    firm = cells(source, "actors")[0]
    assert firm["identifiers"] == "cnpj:11222333000181|cnpj:11222333000262"
    assert firm["also_known_as"] == "CARVAO INVENTADO S/A"


def test_an_entry_that_a_later_edition_lacks_has_left_the_register(tmp_path: Path) -> None:
    other = {"CNPJ/CPF": "00.000.000/0001-91", "Empregador": "OUTRA LTDA"}
    register(tmp_path, {}, other, name="cadastro-2025-10-06.csv")
    register(tmp_path, other, name="cadastro-2027-10-06.csv")
    source = read("brazil", tmp_path)
    found = {
        entry["target"]: (entry["status"], entry["observed_date"]) for entry in cells(source, "designations")
    }
    assert found == {
        "cnpj-11222333": ("inactive", "2025-10-06"),
        "cnpj-00000000": ("active", "2027-10-06"),
    }
    (change,) = cells(source, "status_changes")
    assert (change["designation"], change["date"]) == ("cnpj-11222333-2025-10-06", "2027-10-06")


def test_a_file_of_no_stated_day_is_of_the_newest_day_in_it_with_a_warning(tmp_path: Path) -> None:
    source = register(tmp_path, {}, name="cadastro.csv")
    (finding,) = told(source)
    assert finding.severity == "warning"
    assert "2025-10-06" in finding.message


def test_real_editions_hold_legal_persons_only(shared: Path) -> None:
    folder = shared / "data" / "brazil_lista_suja"
    editions = {
        "cadastro_de_empregadores_2025.redacted.csv": ("cp1252", 3),
        "cadastro_de_empregadores_2023-04.redacted.csv": ("utf-8-sig", 4),
    }
    source = read("brazil", folder)
    assert source.report.conforms
    rows = {name: raw(folder / name, encoding, ";") for name, (encoding, _) in editions.items()}
    counts = source.report.counts()
    assert counts["rows"] == sum(map(len, rows.values())) == 873
    redacted = sum(
        row[editions[name][1]].startswith("PESSOA FISICA") for name, found in rows.items() for row in found
    )
    persons = [finding for finding in told(source, "refused") if "natural person" in finding.message]
    named = [finding for finding in told(source, "refused") if "own name" in finding.message]
    assert redacted == 627
    assert len(persons) == redacted + 10  # those whose company's name holds a number of theirs
    assert (len(named), counts["refused"]) == (42, 679)
    assert counts["accepted"] == len(cells(source, "designations")) == 194
    assert all(finding.value is None for finding in told(source, "refused"))
    text = json.dumps([row.cells for found in source.tables.values() for row in found], ensure_ascii=False)
    assert "PESSOA" not in text
    assert "MOLINARI" not in text
