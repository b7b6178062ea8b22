"""Languages: which one a page is asked for in, what its catalogue says, and how it writes days, numbers and countries.

English is the source, and has no catalogue; `make messages` writes the others (``api/pages/locale``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from gettext import NullTranslations
from importlib.resources import files
from typing import Any
from unicodedata import combining, normalize

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_scientific
from babel.support import Translations
from fastapi import Request
from markupsafe import Markup

from opentier.api.http import negotiation
from opentier.graph.exposure import words
from opentier.graph.vocabulary import labels

#: The templates whose words are all in the catalogues; the words of others are English, and are marked as such.
WHOLE = frozenset({"countries.html", "country.html", "sourced.html"})
#: Numbers from here on are written with a power of ten: nobody counts their digits.
_LARGE = 1e15
#: The folder of the catalogues, and the name of each.
CATALOGUES, DOMAIN = "locale", "pages"  # `domain` is what gettext calls it


@dataclass(frozen=True)
class Language:
    """A language of pages.

    Attributes
    ----------
    name
        What it is called by those who speak it.
    habits
        The locale whose days and numbers it writes.
    """

    code: str
    name: str
    habits: str

    def __call__(self, text: str, **values: Any) -> Markup:
        """Return a text of the frame; what its gaps are filled with is escaped."""
        found = Markup(self.catalogue.gettext(text))
        return found % values if values else found

    @cached_property
    def catalogue(self) -> NullTranslations:
        """What each text of the source is in this language."""
        if self.code == labels.ENGLISH:
            return NullTranslations()
        place = f"{CATALOGUES}/{self.code}/LC_MESSAGES/{DOMAIN}.mo"
        with files("opentier.api.pages").joinpath(place).open("rb") as file:
            return Translations(file, DOMAIN)

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(self.habits)

    def number(self, value: float) -> str:
        """Return a number as people read it: 1,234 or 0.48."""
        if abs(value) >= _LARGE:
            return format_scientific(value, "0.###E0", locale=self._locale)
        if isinstance(value, int):
            return format_decimal(value, locale=self._locale)
        exact = f"{value:.2g}" if abs(value) < 1 else f"{value:.4g}"
        return format_decimal(float(exact), "#,##0.###", locale=self._locale)

    def day(self, text: str) -> str:
        """Return a date in words, as exact as it is said: 30 November 2020, 2021-02, 2021."""
        try:
            said = date.fromisoformat(text[:10])
        except ValueError:
            return text
        return format_date(said, "long", locale=self._locale)

    def country(self, code: str | None) -> str:
        """Return the name of a country, of a part of one or of the Union by its code."""
        if code == "EU":
            return str(self._locale.territories[code])
        if code and "-" in code:
            return words.region(code)
        if self.code != labels.ENGLISH and (name := self._locale.territories.get(code or "")):
            return str(name)
        return words.country(code)

    def concept(self, code: str, scheme: str) -> str:
        """Return what a code of a scheme of the vocabulary is called."""
        return labels.label(scheme, code, self.code)


ENGLISH = Language("en", "English", "en_GB")
#: The languages of pages by their codes, in the order in which they are offered.
LANGUAGES = {
    each.code: each
    for each in (
        ENGLISH,
        Language("fr", "Français", "fr_FR"),
        Language("es", "Español", "es_ES"),
        Language("pt", "Português", "pt"),
    )
}


def asked(request: Request) -> Language:
    """Return the language of a request: that which its address names, else the one its reader likes best."""
    named = LANGUAGES.get(request.query_params.get(negotiation.LANGUAGE, ""))
    liked = negotiation.language(request.headers.get("accept-language"), LANGUAGES)
    return named or LANGUAGES[liked or labels.ENGLISH]


def sorted_as(name: str) -> str:
    """Return what a name is sorted by: its letters without their marks."""
    return "".join(each for each in normalize("NFD", name.casefold()) if not combining(each))
