"""Lists as people keep them: without a header, and in encodings that no byte of them says."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from opentier.graph import Graph
from opentier.graph.contribution.bare import Asked
from opentier.graph.errors import UsageError
from opentier.graph.intake import dialects, headless
from opentier.graph.report.report import Report
from opentier.graph.screening import listing
from opentier.graph.written import goods
from tests.conftest import Command
from tests.test_pages_screen import data, followed, own, sent  # noqa: F401

HEADLESS = "Quiet River Yarn (invented),CN\nKingfisher Knitwear (invented),BD\n"
LOOKS, UNKNOWN = "looks like a row of values", "No header is known here"


# --- A header that is a row -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "below", "said"),
    [
        ("Quiet River Yarn|CN", "Kingfisher Knitwear|BD", LOOKS),
        ("Ozan Tekstil|IL", "Kingfisher Knitwear|BD", LOOKS),  # which is a header in Turkish, too
        ("Quiet River Yarn|China", "Kingfisher Knitwear|Bangladesh", LOOKS),
        ("Quiet River Yarn|520512", "Kingfisher Knitwear|610910", LOOKS),
        ("Quiet River Yarn|2024-05-01", "Kingfisher Knitwear|2024-06-01", LOOKS),
        ("5493001KJTIIGC8Y1R12|Quiet River", "2138002P5RNKC5W2JZ46|Kingfisher", LOOKS),
        ("Quiet River Co. Ltd.|Yarn", "Kingfisher Knitwear|Knitwear", LOOKS),
        ("Quiet River|Yarn", "Kingfisher|Knitwear", UNKNOWN),
        ("Vendor|Country", "Kingfisher Knitwear|BD", ""),
        ("Vendr|Contry", "Kingfisher Knitwear|BD", ""),
        ("Vendor|2023|2024", "Kingfisher Knitwear|1900|2000", ""),  # what was bought in each year
        ("Vendor|ID", "Kingfisher Knitwear|4711", ""),  # which is Indonesia, too
        ("Vendor|No", "Kingfisher Knitwear|1", ""),
        ("供应商|国家", "白峰|CN", ""),
        ("Vendor|Bangladesh", "Kingfisher Knitwear|x", ""),
    ],
)
def test_a_header_that_is_a_row_of_values_is_doubted(header: str, below: str, said: str) -> None:
    labels, cells = header.split("|"), below.split("|")
    found = headless.doubt({label: [cell] for label, cell in zip(labels, cells, strict=True)})
    assert (found[0].count(said) if found else said) == (1 if said else "")
    if found:
        assert labels[0] in found[0]
        assert "write one above it" in found[1]


@pytest.mark.parametrize("command", ["screen", "match"])
def test_the_command_line_warns_of_a_list_without_a_header(
    admitted: Path, tmp_path: Path, command: str, call: Command
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(HEADLESS, "utf-8")
    words = ("--map", "name=Quiet River Yarn (invented)", "--map", "country=CN", "--data", str(admitted))
    run = call(command, str(file), *words, "--format", "json")
    said = " ".join(run.err.split())
    assert LOOKS in run.out  # among what was not read
    if command == "screen":
        assert f'{LOOKS}: "Quiet River Yarn (invented)", "CN"' in said
        assert "write one above it" in said


def test_a_list_without_a_header_is_screened_whole_when_that_is_said(tmp_path: Path) -> None:
    file, report = tmp_path / "list.csv", Report()
    file.write_text(f"{HEADLESS}\nStork,TR,yarn\n", "utf-8")
    found = listing.read(file, Asked(("name=Column 1", "country=Column 2"), headless=True), tmp_path, report)
    assert found is not None
    assert found.header == ["Column 1", "Column 2", "Column 3"]
    assert [number for number, _ in found.rows] == [1, 2, 3, 4]
    assert [cells[0] for _, cells in found.survey.rows] == [
        "Quiet River Yarn (invented)", "Kingfisher Knitwear (invented)", "Stork",
    ]  # fmt: skip
    assert not [each for each in report.findings if each.severity == "warning"]


def test_the_pages_warn_of_a_missing_header_until_it_is_said_that_there_is_none(own: TestClient) -> None:  # noqa: F811
    at = sent(own, HEADLESS)
    page = own.get(f"{at}/columns").text
    assert LOOKS in page
    assert "My list has no header" in page
    asked = {"column-name": "Quiet River Yarn (invented)", "column-country": "CN", "header_asked": "1"}
    matches = followed(own, own.post(f"{at}/columns", data={**asked, "do": "match"}))
    assert matches.url.path == f"{at}/matches"
    assert LOOKS in matches.text
    assert LOOKS in followed(own, own.post(f"{at}/matches", data={"do": "screen"})).text
    looked = followed(own, own.post(f"{at}/columns", data={**asked, "headless": "on", "do": "match"}))
    assert looked.url.path == f"{at}/columns"
    assert "2 rows, no header." in looked.text
    assert LOOKS not in looked.text
    asked = {"column-name": "Column 1", "column-country": "Column 2", "header_asked": "1", "headless": "on"}
    matches = followed(own, own.post(f"{at}/columns", data={**asked, "do": "match"}))
    assert matches.url.path == f"{at}/matches"
    assert "Quiet River Yarn (invented)" in matches.text
    assert LOOKS not in matches.text
    result = followed(own, own.post(f"{at}/matches", data={"do": "screen"}))
    assert result.url.path == f"{at}/result"
    assert "Quiet River Yarn (invented)" in result.text


# --- Encodings -------------------------------------------------------------------------------------------------------

WRITTEN = {
    "cp1252": [
        "Fournisseur;Pays\nÉtoile Coton;Turkménistan\n", "name\nCafé\n", "Nafn,Land\nÞór ehf.,Ísland\n",
        "name,country\nMüller Söhne GmbH,Deutschland\nGröße,x\n", "Empresa,País\nAlgodão São José,Brasil\n",
        "n\nMoore’s Mill – North\n",
    ],
    "cp1250": ["nazwa,kraj\nŁódź Bawełna,Polska\n", "Dodavatel;Země\nŠkoda Plzeň;Česko\n"],
    "cp1254": ["Tedarikçi,Ülke\nİplik Tekstil Şti,Türkiye\n"],
    "cp1251": [
        "Поставщик;Страна;Товар\nTurkmen Cotton;Туркменистан;хлопок\n", "n,c\nTurkmen Cotton,Хлопок\n",
        "n,c\nОАО «Узбекский Хлопок»,УЗБЕКИСТАН\n",
    ],
    "koi8-r": ["Поставщик;Страна;Товар\nTurkmen Cotton;Туркменистан;хлопок\n"],
    "cp1253": ["Προμηθευτής;Χώρα\nΒαμβάκι ΑΕ;Ελλάδα\n"],
    "cp1255": ["ספק,מדינה\nכותנה בעמ,ישראל\n"],
    "cp1256": ["المورد,البلد\nشركة القطن,مصر\n"],
    "cp874": ["ผู้ผลิต,ประเทศ\nบริษัท ไทย,ไทย\n"],
    "gb18030": ["供应商名称,国家\n白峰硅业 (invented),中国\n", "name,country\nHoshine,中国\n"],
    "big5": ["供應商,國家\n台灣紡織股份有限公司,台灣\n"],
    "cp932": ["仕入先名,国,品目\nクワイエットリバー,日本,綿糸\n"],
    "euc-jp": ["仕入先名,国\nクワイエットリバー株式会社,日本\n"],
    "cp949": ["공급업체,국가\n한국면화 주식회사,대한민국\n"],
}  # fmt: skip
EACH = [(encoding, text) for encoding, texts in WRITTEN.items() for text in texts]


@pytest.mark.parametrize(("encoding", "text"), EACH)
def test_the_encoding_of_a_list_is_guessed_and_never_without_a_word(
    tmp_path: Path, encoding: str, text: str
) -> None:
    file, report = tmp_path / "list.csv", Report()
    file.write_bytes(text.encode(encoding))
    looked = listing.look(file, Asked(), tmp_path, report)
    assert looked is not None
    first = text.replace(";", ",").split("\n")[0].split(",")[0]
    assert looked[1].labels[0] == first
    (told,) = [each for each in report.findings if "not UTF-8" in each.message]
    beyond = next(cell for cell in text.replace("\n", ",").replace(";", ",").split(",") if not cell.isascii())
    assert told.severity == "warning"
    assert f"read as {encoding}" in told.message
    assert f'"{beyond}"' in told.message
    assert "CSV UTF-8" in told.advice


@pytest.mark.parametrize(("encoding", "text"), EACH)
def test_an_encoding_that_is_said_is_not_guessed(tmp_path: Path, encoding: str, text: str) -> None:
    file, report = tmp_path / "list.csv", Report()
    file.write_bytes(text.encode(encoding))
    looked = listing.look(file, Asked(encoding=encoding), tmp_path, report)
    assert looked is not None
    assert not [each for each in report.findings if "not UTF-8" in each.message]
    assert encoding in dialects.ENCODINGS


def test_no_bytes_at_all_break_the_guess(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    for sent_as in (
        b"\xff",
        b"\x81",
        b"a,\x8d\n",
        bytes(range(128, 256)),
        b"\x80\x81\xfe\xff" * 9,
        b"caf\xe9",
    ):
        file.write_bytes(sent_as)
        assert dialects.written(file).guessed


def test_the_pages_say_that_an_encoding_is_a_guess_and_take_another(own: TestClient) -> None:  # noqa: F811
    text = "Поставщик;Страна\nKingfisher Knitwear;Бангладеш\nТуркмен;Туркменистан\n"
    at = sent(own, text.encode("cp1251"))
    page = own.get(f"{at}/columns").text
    assert "read as cp1251" in page
    assert "The encoding is a guess" in page
    asked = {"column-name": "Поставщик", "column-country": "Страна", "header_asked": "1", "encoding": ""}
    for step, form in (("columns", {**asked, "do": "match"}), ("matches", {"do": "screen"})):
        answer = followed(own, own.post(f"{at}/{step}", data=form))
        assert "The encoding is a guess" in answer.text, step
    looked = followed(own, own.post(f"{at}/columns", data={**asked, "encoding": "koi8-r", "do": "look"}))
    assert "Read as text in KOI8-R" in looked.text
    assert "The encoding is a guess" not in looked.text
    assert "Поставщик" not in looked.text
    refused = followed(own, own.post(f"{at}/columns", data={"encoding": "utf-8", "do": "look"}))
    assert "is not utf-8 text" in refused.text
    assert "Look at it in this encoding" in refused.text
    again = followed(own, own.post(f"{at}/columns", data={"encoding": "cp1251", "do": "look"}))
    assert "Read as text in CP1251" in again.text


# --- Goods in words --------------------------------------------------------------------------------------------------


def test_goods_are_found_by_the_name_of_their_code_and_what_is_near_is_near(admitted: Path) -> None:
    directory = Graph.open(admitted).view().directory
    held = [code for code in goods.names() if directory._held(code) and len(code) == 4]
    assert held
    for code in held[:20]:
        name = goods.names()[code]
        if [each.casefold() for each in goods.names().values()].count(name.casefold()) == 1:
            assert directory.product(name.upper()) in (code, *directory.index.products)
    with pytest.raises(UsageError) as refused:
        directory.product("cotton yarnn of cotton")
    assert "cotton yarn (HS 5205)" in str(refused.value)
    with pytest.raises(UsageError) as refused:
        directory.product("zxqv")
    assert "HS 96" not in str(refused.value)
    assert not refused.value.near


def test_a_row_whose_product_is_not_understood_says_so(own: TestClient) -> None:  # noqa: F811
    at = sent(own, "Supplier,Country,Product\nQuiet River Yarn (invented),CN,zxqv\nNobody Ever,DE,zxqv\n")
    assert "not understood" in own.get(f"{at}/columns").text
    asked = {
        "column-name": "Supplier",
        "column-country": "Country",
        "column-product": "Product",
        "do": "match",
    }
    followed(own, own.post(f"{at}/columns", data=asked))
    page = followed(own, own.post(f"{at}/matches", data={"do": "screen"})).text
    assert (
        unescape(page).count('The row says that "zxqv" is bought, and no product of the data is called so')
        >= 2
    )
