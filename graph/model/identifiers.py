"""Identifiers: ``scheme:value``, its check digits verified where the scheme has any, and what is none."""

from __future__ import annotations

import re
from collections.abc import Callable

from stdnum import bic, ean, imo, lei
from stdnum.au import abn
from stdnum.br import cnpj
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError
from stdnum.fr import siren, siret
from stdnum.in_ import gstin
from stdnum.jp import cn
from stdnum.ru import ogrn

from opentier.graph.model.names import Names, concept, unescaped
from opentier.graph.model.tables import SCHEMES, STRONG_SCHEMES
from opentier.graph.written.faults import CellError
from opentier.graph.written.spelling import says_nothing

_CHECKS: dict[str, Callable[[str], str]] = {
    "lei": lei.validate,
    "gln": ean.validate,
    "uscc": uscc.validate,
    "imo": imo.validate,
    "cnpj": cnpj.validate,
    "siren": siren.validate,
    "siret": siret.validate,
    "gstin": gstin.validate,
    "ogrn": ogrn.validate,
    "jcn": cn.validate,
    "abn": abn.validate,
    "bic": bic.validate,
}
#: Schemes whose values have one form: what it is, and how it is told.
_FORMS = {
    "duns": (re.compile(r"[0-9]{9}"), "A DUNS number has nine digits.", "Did it lose a leading zero?"),
    "gln": (re.compile(r"[0-9]{13}"), "A GLN has thirteen digits.", "Did it lose a leading zero?"),
    "os-id": (
        re.compile(r"[A-Z]{2}[0-9]{7}[A-Z0-9]{6}"),
        "An OS ID has fifteen characters: country, year, day and a code.",
        "For example CN2019098D81BFR; compare it with Open Supply Hub.",
    ),
    "gb-coh": (
        re.compile(r"[0-9]{8}|[A-Z][0-9]{7}|[A-Z]{2}(?:[0-9]{6}|[0-9]{5}[A-Z]|[0-9]{4}[A-Z]{2})"),
        "A GB company number has eight characters: digits, or a prefix such as SC and digits.",
        "Did it lose a leading zero?",
    ),
}
_SCHEME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
#: What reaches somebody: a mail address, a telephone number.
_CONTACT = re.compile(r"\S@\S|^\+\d[\d ()./-]{6,}$")
#: Words in the names of schemes that number people, and are refused.
_OF_PEOPLE = frozenset(
    {
        "aadhaar", "birth", "contact", "cpf", "curp", "dni", "driving", "email", "idcard", "identity", "iqama",
        "mail", "mobile", "nric", "pasaport", "pasaporte", "passeport", "passport", "person", "personal",
        "personnummer", "phone", "ssn", "tel", "telephone", "wechat", "whatsapp",
    }
)  # fmt: skip
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?e\+?[0-9]{1,2}", re.IGNORECASE)
#: What is said of an identifier that is none.
FILLER = "This is a filler, not an identifier: it is left out."
#: From how many equal characters on a number of a scheme that joins nobody is a filler, and from how many in a row
#: (1234...) one of a scheme that joins.
_EQUAL, _COUNTED, _RUN = 5, 9, "12345678901234567890"


def reaches(text: str) -> bool:
    """Return whether a text holds what reaches somebody: a mail address, a telephone number."""
    return bool(_CONTACT.search(text.strip()))


def read(text: str) -> str:
    """Return ``scheme:value`` in the form of its scheme.

    Raises
    ------
    CellError
        If it is no identifier, or a wrong one.
    """
    scheme, value = _parts(text)
    if not scheme or not value:
        raise CellError("An identifier is scheme:value.", "For example lei:5493001KJTIIGC8Y1R12.")
    if not _SCHEME.fullmatch(scheme):
        advice = "Use lower-case letters, digits and dashes: gb-coh."
        raise CellError("This is no name of an identifier scheme.", advice)
    if not _OF_PEOPLE.isdisjoint(scheme.split("-")) or _CONTACT.search(value):
        raise CellError(
            "This numbers a person, not an organisation.", "Leave it out: no person's data is kept."
        )
    if _SCIENTIFIC.fullmatch(value):
        raise CellError("A spreadsheet has rounded this number.", "Keep it as text, and write every digit.")
    if form := _FORMS.get(scheme):
        value = re.sub("[ -]", "", value).upper()
        if not form[0].fullmatch(value):
            raise CellError(form[1], form[2])
    if scheme in _CHECKS:
        try:
            value = _CHECKS[scheme](value)
        except ValidationError as error:
            raise CellError(
                f"This is no valid {scheme.upper()}: {error}", "Compare it with its register."
            ) from None
    return f"{scheme}:{value}"


def known(text: str) -> bool:
    """Return whether the scheme of an identifier is one that the vocabulary has; of others nothing is checked."""
    return text.partition(":")[0] in SCHEMES["identifier-scheme"]


def scheme_iri(scheme: str, names: Names) -> str:
    """Return the IRI of a scheme: a concept of the vocabulary, or where that has none, one of its own."""
    if scheme in SCHEMES["identifier-scheme"]:
        return concept("identifier-scheme", scheme)
    return names.shared("identifier-scheme", scheme)


def of_iri(iri: str, base: str) -> str:
    """Return ``scheme:value`` of an identifier that has an IRI by it under a base; nothing for other IRIs."""
    stem = f"{base}identifier/"
    scheme, slash, value = iri.removeprefix(stem).partition("/")
    return f"{scheme}:{unescaped(value)}" if slash and iri.startswith(stem) else ""


def filler(text: str) -> bool:
    """Return whether an identifier stands for none: a word, one sign over and over, or digits as they are counted."""
    _, colon, value = text.rpartition(":")
    signs = "".join(sign for sign in value.casefold() if sign.isalnum())
    if says_nothing(value) and (signs or value.strip()):
        return True
    strong = _parts(text)[0] in STRONG_SCHEMES
    counted = strong and len(signs) >= _COUNTED and _RUN.startswith(signs)
    return bool(colon) and (counted or (len(set(signs)) == 1 and (strong or len(signs) >= _EQUAL)))


def _parts(text: str) -> tuple[str, str]:
    """Return the scheme and the value of an identifier; no scheme where it names none."""
    scheme, _, value = (part.strip() for part in text.partition(":"))
    return (scheme.lower().replace("_", "-"), value) if value else ("", "")
