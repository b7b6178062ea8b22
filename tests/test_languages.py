"""The languages of pages: which one is shown, and catalogues that are whole, compiled, and as the templates are."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from starlette.testclient import TestClient

from opentier.api.linked.language import LANGUAGES
from opentier.graph import Graph
from tests import messages
from tests.browsing import BROWSER

_GAP = re.compile(r"%\((\w+)\)s|<[^>]+>")


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


@pytest.mark.parametrize("code", messages.translated())
def test_a_catalogue_has_every_text_of_the_whole_pages_translated_and_no_other(code: str) -> None:
    catalogue = messages.read(code)
    said = {each.id for each in messages.texts() if each.id}
    assert {each.id for each in catalogue if each.id} == said, "run `make messages`"
    assert [each.id for each in catalogue if not each.string or each.fuzzy] == []


@pytest.mark.parametrize("code", messages.translated())
def test_what_the_service_reads_was_compiled_from_the_catalogue(code: str) -> None:
    compiled = read_mo(io.BytesIO(messages.place(code).with_suffix(".mo").read_bytes()))
    said = {each.id: each.string for each in messages.read(code) if each.id}
    assert {each.id: each.string for each in compiled if each.id} == said, "run `make messages`"


@pytest.mark.parametrize("code", messages.translated())
def test_a_translation_has_the_gaps_and_the_marks_of_its_text(code: str) -> None:
    for each in messages.read(code):
        texts = (each.id, each.string) if isinstance(each.id, str) else ("", "")
        gaps = [sorted(found[0] for found in _GAP.finditer(str(text))) for text in texts]
        assert gaps[0] == gaps[1], each.id


@pytest.mark.parametrize(
    ("asked", "header", "shown"),
    [
        ("?lang=fr", "es", "fr"),
        ("", "fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("", "de, pt-BR;q=0.7, en;q=0.3", "pt"),
        ("", "de", "en"),
        ("", "es;q=0, *", "en"),
        ("", None, "en"),
    ],
)
def test_the_language_is_that_of_the_address_else_that_of_the_reader_else_english(
    client: TestClient, asked: str, header: str | None, shown: str
) -> None:
    answer = client.get(
        f"/countries{asked}", headers=BROWSER | ({"accept-language": header} if header else {})
    )
    assert answer.status_code == 200
    assert f'<html lang="{shown}">' in answer.text
    assert answer.headers["content-language"] == shown
    assert "Accept-Language" in answer.headers["vary"]
    for code, each in LANGUAGES.items():
        assert (f'?lang={code}" lang="{code}"' in answer.text) == (code != shown), each.name


def test_what_is_kept_of_a_page_is_not_shown_to_a_reader_of_another_language(client: TestClient) -> None:
    english = client.get("/countries", headers=BROWSER)
    asked = BROWSER | {"if-none-match": english.headers["etag"]}
    assert client.get("/countries", headers=asked).status_code == 304
    assert "Accept-Language" in client.get("/countries", headers=asked).headers["vary"]
    assert client.get("/countries", headers=asked | {"accept-language": "fr"}).status_code == 200


def test_a_language_that_is_named_is_named_in_the_links_of_every_page(client: TestClient) -> None:
    for address in ("/countries", "/laws", "/initiatives"):
        page = client.get(f"{address}?lang=pt", headers=BROWSER).text
        assert 'href="/initiatives?lang=pt"' in page
        assert client.get(f"{address}?lang=pt").status_code == 400  # data has no language


def test_a_language_that_there_is_not_is_refused_with_those_that_there_are(client: TestClient) -> None:
    answer = client.get("/countries?lang=tlh", headers=BROWSER)
    assert answer.status_code == 400
    assert all(code in answer.text for code in LANGUAGES)


def test_what_a_page_does_not_say_in_a_language_is_marked_as_english(client: TestClient) -> None:
    page = client.get("/laws?lang=fr", headers=BROWSER).text
    assert '<html lang="fr">' in page
    assert '<main id="main" lang="en"' in page
    assert "Aller au contenu" in page
    assert '<main id="main" class' in client.get("/laws", headers=BROWSER).text


def test_days_and_numbers_are_written_as_in_the_language() -> None:
    assert [each.day("2020-11-30") for each in LANGUAGES.values()] == [
        "30 November 2020", "30 novembre 2020", "30 de noviembre de 2020", "30 de novembro de 2020",
    ]  # fmt: skip
    assert [each.number(12345) for each in LANGUAGES.values()] == [
        "12,345",
        "12\u202f345",
        "12.345",
        "12.345",
    ]
    assert [each.day("2021-02") for each in LANGUAGES.values()] == ["2021-02"] * 4
    assert LANGUAGES["en"].number(0.48) == "0.48"


def test_countries_and_codes_have_names_in_every_language() -> None:
    assert [each.country("DE") for each in LANGUAGES.values()] == [
        "Germany", "Allemagne", "Alemania", "Alemanha",
    ]  # fmt: skip
    assert [each.concept("forced-labour", "exploitation") for each in LANGUAGES.values()] == [
        "forced labour", "travail forcé", "trabajo forzoso", "trabalho forçado",
    ]  # fmt: skip
