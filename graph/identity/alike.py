"""Names that are equal but for case, punctuation, spaces and legal form."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib.resources import files

_WORDS = re.compile(r"[^\W_]+")


@lru_cache(maxsize=1)
def _forms() -> tuple[frozenset[tuple[str, ...]], tuple[str, ...], int]:
    """Return the legal forms as words, those that are written without a space, and the most words of one."""
    said = tomllib.loads(files("opentier.graph.identity").joinpath("legal-forms.toml").read_text("utf-8"))
    words = frozenset(tuple(_words(form)) for form in said["words"])
    endings = ("".join(_words(form)) for form in said["endings"])
    return words, tuple(sorted(endings, key=len, reverse=True)), max(map(len, words))


def _words(name: str) -> list[str]:
    """Return the words of a name without case, accents and punctuation; letters with dots between them are one word."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _WORDS.findall(re.sub(r"(?<=\b\w)[./](?=\w\b)", "", plain).replace("'", "").replace("’", ""))


def key(name: str) -> str:
    """Return what two names share that differ only in case, accents, punctuation, spaces and legal form.

    Nothing is returned for a name that is nothing but a legal form.
    """
    words, endings, longest = _forms()
    parts = _words(name)
    while parts:
        for many in range(min(longest, len(parts)), 0, -1):
            if tuple(parts[-many:]) in words:
                del parts[-many:]
                break
        else:
            break
    found = "".join(parts)
    for ending in endings:
        if found.endswith(ending) and found != ending:
            return found.removesuffix(ending)
    return found
