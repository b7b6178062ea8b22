"""Names as they are compared: what two lists write otherwise is the same, what tells two companies apart is kept."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentier.graph.written.names import Name, names, unparted
from tests.benchmarks.noise import HAPPENINGS, noisy
from tests.counts import runs

#: Texts as lists hold them: words of companies with what stands between, before and behind them, and any text at all.
PIECES = st.sampled_from(
    ["Golden", "Horse", "S.A.", "Co., Ltd.", "Company Limited", "有限公司", "华孚", "(", ")", "（", "）", "&",
     "and", "its", "16 subsidiaries", "a.k.a.", "formerly", "tel. 0123 456789", "@", "No. 2", "II", "2nd", "PT", "-",
     ",", ";", "M E R C", "ООО", "Ромашка", "İ", "ß", "ǅ", "ﬁ", "½", "²", "١٢", "\u0301", "\u200b", "'", "’", "\n"]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=9).map(" ".join),
    st.lists(PIECES, max_size=9).map("".join),
)


def one(text: str) -> Name:
    """Return the one name that a text holds."""
    (found,) = names(text)
    return found


@runs(1000)
@given(TEXTS)
def test_any_text_is_understood_and_what_is_found_says_somebody(text: str) -> None:
    for found in names(text):
        assert found.core or found.letters
        assert found.core == found.core.casefold()
        assert all(word and word.isalpha() and word.isascii() for word in found.words)
        assert all(number.isdigit() for number in found.numbers)
        assert (not found.letters) or all(letter > "\u024f" for letter in found.letters)


@runs(1000)
@given(TEXTS)
def test_a_name_that_was_found_is_found_in_itself(text: str) -> None:
    for found in names(text):
        assert found in names(found.text), (text, found)


@runs(500)
@given(st.lists(PIECES, min_size=1, max_size=6).map(" ".join))
def test_case_and_spaces_around_do_not_count(text: str) -> None:
    found = [(name.core, name.numbers) for name in names(text)]
    assert [(name.core, name.numbers) for name in names(f"  {text}\n")] == found


@pytest.mark.parametrize(
    "texts",
    [
        ("Golden Horse Co., Ltd.", "GOLDEN HORSE COMPANY LIMITED", "Golden Horse", "golden-horse co ltd"),
        ("金马 Co., Ltd.", "金马有限公司", "金马股份有限公司", "金马有限公司 Ltd", "Jinma"),
        ("Smith & Sons", "SMITH AND SONS", "smith&sons", "Smith &Sons"),
        ("Société Générale de Coton S.A.", "SOCIETE GENERALE DE COTON SA", "Societe Generale de Coton"),
        ("PT Agro Lestari Tbk", "AGRO LESTARI, PT", "Agro Lestari"),
        ("Công ty TNHH Đồng Nắng", "Dong Nang Co., Ltd."),
        ("ООО Ромашка", "Romashka"),
        ("静河纱线", "Jinghe Shaxian", "Jing He Sha Xian"),
        ("M E R C U R Y Textiles", "Mercury Textiles"),
        ("The Cotton House", "Cotton House"),
        ("O'Neill Mills", "ONeill Mills", "O’Neill Mills"),
        ("华孚 (Huafu)", "华孚", "Huafu"),
        ("M/S Golden Horse", "Messrs. Golden Horse", "Golden Horse"),
        # Letters of other scripts that look like Latin ones, among these.
        ("Golden \u041d\u043erse", "Golden Horse"),
    ],
    ids=lambda texts: texts[0],
)  # fmt: skip
def test_what_is_written_otherwise_is_the_same_name(texts: tuple[str, ...]) -> None:
    assert {names(text)[0].core for text in texts} == {names(texts[-1])[0].core}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Lovely Garments Unit 2", {"2"}),
        ("Lovely Garments Unit II", {"2"}),
        ("Lovely Garments-2", {"2"}),
        ("Lovely Garments (Unit-02)", {"2"}),
        ("Lovely Garments 2nd Unit", {"2"}),
        ("Lovely Garments Unit IV", {"4"}),
        ("Lovely Garments", set()),
        ("Vi Nam Garments", set()),
        ("No. 51 Farm of Division 3", {"51", "3"}),
    ],
)
def test_the_numbers_of_a_name_are_told_in_one_way(text: str, numbers: set[str]) -> None:
    assert one(text).numbers == numbers


@pytest.mark.parametrize(
    "text",
    [
        "Lovely Garments (Mr. Lee, +86 755 2345678)",
        "Lovely Garments (lee@lovely.example)",
        "Lovely Garments [tel. 0123 456789]",
        "Lovely Garments and its 16 subsidiaries",
        "Lovely Garments and its Zhuhai-based subsidiaries",
        "Lovely Garments and Subsidiaries",
        "Lovely Garments & subsidiaries",
        "Lovely Garments and its subordinates and affiliated entities",
        "Lovely Garments, including its two subsidiaries Lovely A and Lovely B",
        "Lovely Garments, its affiliates",
    ],
)
def test_what_is_said_beside_a_name_is_no_part_of_it(text: str) -> None:
    assert one(text).core == "lovelygarments"


@pytest.mark.parametrize(
    "text", ["Subsidiaries Holding", "Smith and Affiliates", "Branch and Sons", "Its Garments"]
)
def test_words_that_only_sound_like_it_stay(text: str) -> None:
    assert len(one(text).words) >= 2


@pytest.mark.parametrize(
    "text", ["", "  ", "and its 16 subsidiaries", "(tel. 0123 456789)", "-", "a.k.a.", "&", "..."]
)
def test_what_names_nobody_is_no_name(text: str) -> None:
    assert [name for name in names(text) if name.words] == []


@pytest.mark.parametrize(
    ("text", "cores"),
    [
        ("Daqo New Energy (formerly Great New Energy Co., Ltd.)", ["daqonewenergy", "greatnewenergy"]),
        ("Daqo New Energy a.k.a. Great New Energy", ["daqonewenergy", "greatnewenergy"]),
        ("Daqo, trading as Great New Energy", ["daqo", "greatnewenergy"]),
        ("Daqo f/k/a Daqo Ltd", ["daqo", "daqo"]),
        ("Neue Spinnerei GmbH (vormals Great New Energy)", ["neuespinnerei", "greatnewenergy"]),
        ("Nueva Hilandera S.A., antes Great New Energy", ["nuevahilandera", "greatnewenergy"]),
        ("Nouvelle Filature (anciennement: Great New Energy)", ["nouvellefilature", "greatnewenergy"]),
    ],
)
def test_two_names_in_one_text_are_two(text: str, cores: list[str]) -> None:
    assert [name.core for name in names(text)] == cores


def test_a_name_keeps_its_own_script_only_where_all_of_it_is_in_it() -> None:
    assert one("静河纱线有限公司").letters == "静河纱线"
    assert unparted(one("静河纱线"))
    assert one("Nike 中国").letters == one("(中国) Adidas").letters == ""


def test_legal_forms_are_told_apart_from_names() -> None:
    assert one("Golden Horse Sdn. Bhd.").forms == {"sdn", "bhd"}
    assert one("Golden Horse Private Limited").forms == one("Golden Horse Pvt. Ltd.").forms == {"pvt", "ltd"}
    assert names("Limited") == names("Co., Ltd.") == ()  # nothing but a form


def test_noise_is_made_by_a_seed_and_is_never_the_same_text() -> None:
    texts = ["Golden Horse Garments & Textile Co., Ltd.", "PT Agro Lestari Unit 2", "Ümit Tekstil A.Ş.", "X"]
    first, second = ([noisy(text, random.Random(3)) for text in texts] for _ in range(2))
    assert first == second
    assert all(made != text for made, text in zip(first, texts, strict=True))
    for happens, _ in HAPPENINGS:
        assert all(happens(text, random.Random(5)) for text in texts)
