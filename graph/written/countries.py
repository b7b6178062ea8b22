"""Countries: which ISO 3166-1 code a code or a name means.

Names are those of pycountry and of its translations into the languages of most files, and what ``countries.toml`` adds.
"""

from __future__ import annotations

import gettext
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

import pycountry

from opentier.graph.written.faults import CellError, SeveralMeant
from opentier.graph.written.spelling import joined, key, says_nothing

#: The translations that are read: those of smaller languages in pycountry take some countries for others.
_LANGUAGES = (
    "ar",
    "de",
    "es",
    "fr",
    "id",
    "it",
    "ja",
    "ko",
    "nl",
    "pl",
    "pt",
    "ru",
    "tr",
    "uk",
    "vi",
    "zh_CN",
    "zh_TW",
)
_NAMES = ("name", "official_name", "common_name")
#: Namibia's code, and what people write who have no answer.
NAMIBIA = "NA"
_ADVICE = "Give an ISO 3166-1 code such as CN or CHN."


@lru_cache(maxsize=4096)
def read(text: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a code or a name; or a code that users of ISO have agreed on.

    Raises
    ------
    CellError
        If nothing, nothing any more, or more than one country goes by it.
    """
    text = " ".join(text.split())  # a line break inside a name is a space
    known: Any = pycountry.countries
    if len(text) in (2, 3) and text.isascii() and text.isalpha():
        found = known.get(**{f"alpha_{len(text)}": text.upper()})
        if found:
            return str(found.alpha_2)
    if text.upper() in said("own"):
        return text.upper()
    if several := _shared().get(_bare(text)):
        listed = " or ".join(f"{code} ({known.get(alpha_2=code).name})" for code in several)
        raise SeveralMeant("Several countries are called so.", f"Give {listed}.")
    if says_nothing(text):
        raise CellError("No country has this code or name.", "Leave the cell empty where it is not known.")
    try:
        return str(known.lookup(text).alpha_2)
    except LookupError:
        pass
    if code := _names().get(_bare(text)):
        return code
    if followed := _withdrawn().get(joined(text)):
        raise CellError("ISO 3166-1 has withdrawn this country.", _succeeded(followed))
    meant = _translated().get(_bare(text), frozenset())
    if len(meant) == 1:
        return min(meant)
    raise CellError("No country has this code or name.", _ADVICE)


def is_code(text: str) -> bool:
    """Return whether a text is written as a code is, and not as a name: two or three letters."""
    return len(text) in (2, 3) and text.isascii() and text.isalpha()


def only_names(texts: Iterable[str]) -> bool:
    """Return whether a column of countries holds names and no codes: NA is none of them there."""
    others = {text for text in texts if text.upper() != NAMIBIA}
    return bool(others) and not any(map(is_code, others))


def several(text: str) -> list[str]:
    """Return the codes of the countries that go by a name, or followed one, where there are several; none otherwise."""
    found = _shared().get(_bare(text)) or _withdrawn().get(joined(text)) or []
    return found if len(found) > 1 else []


def said(part: str) -> dict[str, Any]:
    """Return a part of ``countries.toml``."""
    return _file()[part]


def _bare(name: str) -> str:
    """Return the key of a name without an article before it, and without spaces."""
    return key(name).removeprefix("the ").replace(" ", "")


def _succeeded(codes: list[str]) -> str:
    if len(codes) == 1:
        return f"Give its successor, {codes[0]}."
    return f"Give the one of its successors that is meant: {', '.join(codes)}."


@lru_cache(maxsize=1)
def _file() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("opentier.graph.written").joinpath("countries.toml").read_text("utf-8"))


def _stated() -> Iterator[tuple[str, str]]:
    """Yield the names of ISO 3166-1, each with its code."""
    countries: Any = pycountry.countries
    for each in countries:
        for name in _NAMES:
            if name := getattr(each, name, ""):
                yield name, each.alpha_2


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Return the codes by name: those of ISO 3166-1, and ours."""
    ours = ((name, code) for code, names in said("names").items() for name in names)
    return {_bare(name): code for name, code in (*_stated(), *ours)}


@lru_cache(maxsize=1)
def _shared() -> dict[str, list[str]]:
    return {_bare(name): codes for name, codes in said("shared").items()}


@lru_cache(maxsize=1)
def _withdrawn() -> dict[str, list[str]]:
    return {joined(name): codes for names, codes in said("withdrawn").items() for name in names.split(",")}


@lru_cache(maxsize=1)
def _translated() -> dict[str, frozenset[str]]:
    """Return the codes by name in other languages; a name may be that of more than one."""
    found = defaultdict(set)
    for language in _LANGUAGES:
        translation = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language])
        for name, code in _stated():
            found[_bare(translation.gettext(name))].add(code)
    return {name: frozenset(codes) for name, codes in found.items()}
