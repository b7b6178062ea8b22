"""The catalogues of the pages: ``make messages`` finds the texts of templates, and compiles what was translated.

`test_languages.py` compares: what is committed is what the templates say, whole, and compiled from what people read.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from opentier.api.linked.language import CATALOGUES, DOMAIN, LANGUAGES, WHOLE

PAGES = Path(str(files("opentier.api.pages")))
#: What all whole pages are made of.
SHARED = ("page.html", "macros.html")
#: What marks a text in a template: that of the frame, and that of anything else.
MARKS = {"frame": None, "_": None, "gettext": None, "ngettext": (1, 2)}
#: The day that stands in each catalogue: the format asks for one.
DAY = datetime(2026, 1, 1, tzinfo=UTC)
OPTIONS = {"trimmed": "true", "silent": "false"}


def texts() -> Catalog:
    """Return all texts that have to be in every catalogue, each with the templates that say it."""
    found = Catalog()
    for name in (*SHARED, *sorted(WHOLE)):
        with (PAGES / "templates" / name).open("rb") as file:
            for _, text, _, _ in extract("jinja2.ext:babel_extract", file, MARKS, options=OPTIONS):
                found.add(text, locations=[(name, 0)])
    return found


def place(language: str) -> Path:
    """Return where the catalogue of a language is written by people; beside it lies what it is compiled to."""
    return PAGES / CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """Return the catalogue of a language as it is written."""
    with place(language).open("rb") as file:
        return read_po(file, language, DOMAIN)


def compiled(catalogue: Catalog) -> bytes:
    """Return a catalogue as it is read by the service."""
    found = io.BytesIO()
    write_mo(found, catalogue)
    return found.getvalue()


def written(catalogue: Catalog) -> bytes:
    """Return a catalogue as people read it."""
    found = io.BytesIO()
    write_po(found, catalogue, width=0, sort_output=True, omit_header=False, ignore_obsolete=True)
    return found.getvalue()


def renewed(language: str, said: Catalog) -> Catalog:
    """Return the catalogue of a language with the texts that are said now, and no day of its own."""
    known = read(language)
    found = Catalog(
        language, DOMAIN, header_comment="#", project="OpenTier", version="1", last_translator="OpenTier",
        language_team=language, msgid_bugs_address="SECURITY.md", creation_date=DAY, revision_date=DAY, fuzzy=False,
    )  # fmt: skip
    for each in said:
        if each.id:
            before = known.get(each.id)
            found.add(each.id, before.string if before else "", locations=each.locations)
    return found


def translated() -> list[str]:
    """Return the languages that have a catalogue."""
    return [code for code in LANGUAGES if code != "en"]


if __name__ == "__main__":
    said = texts()
    for code in translated():
        catalogue = renewed(code, said)
        place(code).parent.mkdir(parents=True, exist_ok=True)
        place(code).write_bytes(written(catalogue))
        place(code).with_suffix(".mo").write_bytes(compiled(catalogue))
