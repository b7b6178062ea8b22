"""Names as they are compared: words without case, accents, script, punctuation and legal form, and their numbers."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from anyascii import anyascii

#: Words are letters or digits: no number is a part of one.
_WORDS = re.compile(r"[^\W\d_]+|\d+")
#: Letters with dots or slashes between them are one word: S.A., A/S.
_DOTTED = re.compile(r"(?<=\b\w)[./](?=\w\b)")
_BRACKETS = re.compile(r"[()\[\]{}（）【】]")
#: What stands between two names of one actor in one text.
_ALIAS = re.compile(
    r"[,;(\[（]?\s*\b(?:also known as|formerly(?: known as)?|previously(?: known as)?|doing business as|trading as|"
    r"vormals|ehemals|ehem\.?|früher|anciennement|anteriormente|antes|eski adıyla|"
    r"a\.?k\.?a\.?|f\.?k\.?a\.?|f/k/a|a/k/a|d\.?b\.?a\.?|d/b/a|t/a|n\.?k\.?a\.?)(?=[\s:.])[:.]?",
    re.IGNORECASE,
)
#: What is said of others beside an actor, and is no part of its name.
_AND_ITS = re.compile(
    r"[\s,;]*(?:(?:\b(?:and|with|including)|&)\s+)?(?:\b(?:all\s+(?:of\s+)?)?(?:its|their)\s+(?:[\w-]+\s+){0,4}?"
    r"(?:subsidiar(?:y|ies)|subordinates?|affiliates?|branch(?:es)?|related (?:parties|companies|entities))"
    r"|(?<=and\s)subsidiaries|(?<=&\s)subsidiaries)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
#: Brackets that hold how somebody is reached.
_REACHED = re.compile(
    r"[(\[（][^)\]）]*(?:@|\b(?:tel|phone|mobile|fax|e-?mail|attn|contact|whatsapp|wechat|mr|mrs|ms)\b|\+?\d[\d\s./-]{6,}\d)"
    r"[^)\]）]*[)\]）]?",
    re.IGNORECASE,
)
#: Scripts of which a letter is no sound, so that words are not parted by spaces.
_UNPARTED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
#: What makes a number one of an order: 2nd.
_ORDINAL = frozenset({"st", "nd", "rd", "th"})
#: Letters of other scripts that look like Latin ones: in one word with these they were meant as them.
_LOOKS = str.maketrans("авеікмнорстухјѕαεικονρτυχ", "abeikmhopctyxjsaeikovptux")
_LATIN = re.compile("[a-z]")
_ROMAN = {
    "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10",
    "xi": "11", "xii": "12", "xiii": "13", "xiv": "14", "xv": "15", "xvi": "16",
}  # fmt: skip
#: Words that names have or lack as they like.
_LEFT_OUT = frozenset({"and", "the", "of", "et", "und"})
#: Letters that stand alone, one after the other, from this many on are one word that was spaced out.
_SPACED = 4


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared.

    Attributes
    ----------
    text
        As it is written.
    words
        In Latin letters, without legal forms and numbers.
    core
        The words without spaces, numbers too: transliterated names are spelled together and apart.
    letters
        The name without spaces as it is written in a script of its own; empty where a part of it is Latin: two names
        that share such a part alone are not the same.
    numbers
        The numbers in it, those in Roman digits too.
    forms
        The legal forms that were left out, as words, long ones shortened.
    """

    text: str
    words: tuple[str, ...]
    core: str
    letters: str
    numbers: frozenset[str]
    forms: frozenset[str]


@dataclass(frozen=True)
class _Forms:
    after: frozenset[tuple[str, ...]]
    before: frozenset[tuple[str, ...]]
    anywhere: frozenset[str]
    unparted: tuple[str, ...]
    longest: int
    meant: Mapping[str, str]


@lru_cache(maxsize=1)
def _forms() -> _Forms:
    said = tomllib.loads(files("opentier.graph.written").joinpath("legal-forms.toml").read_text("utf-8"))
    after, before = (frozenset(tuple(_words(form)) for form in said[name]) for name in ("words", "before"))
    unparted = tuple(sorted((folded(form) for form in said["endings"]), key=len, reverse=True))
    return _Forms(
        after, before, frozenset(said["anywhere"]), unparted, max(map(len, after | before)), said["meant"]
    )


def folded(text: str) -> str:
    """Return a text without case, compatibility forms and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(each for each in plain if not unicodedata.combining(each)))


def _words(text: str) -> list[str]:
    """Return the words of a text in Latin letters."""
    plain = _DOTTED.sub("", folded(text.replace("&", " and "))).replace("'", "").replace("’", "")
    if plain.isascii():
        return _WORDS.findall(plain)
    every = (each.translate(_LOOKS) if _LATIN.search(each) else each for each in _WORDS.findall(plain))
    return [word for each in every for word in _WORDS.findall(anyascii(each).casefold())]


@lru_cache(maxsize=200_000)
def names(text: str) -> tuple[Name, ...]:
    """Return the names that a text holds, the first of them first; none where nothing is left that names anybody."""
    parts = _ALIAS.split(_AND_ITS.sub("", _REACHED.sub(" ", text)).strip())
    found = (_name(part.strip(" \t\r\n,;:.-")) for part in parts)
    return tuple(dict.fromkeys(each for each in found if each.core or each.letters))


def _name(text: str) -> Name:
    words, forms, letters = list[str](), list[str](), ""
    for part in _BRACKETS.split(text):
        bare = _without_unparted(folded(part))
        letters += "".join(each for each in bare if each.isalpha())
        every = _words(bare)
        left = _bare(every)
        forms += (Counter(every) - Counter(left)).elements()
        more = _joined(left)
        if not _initials(more, words) and (not words or "".join(more) != "".join(words)):
            words += [_digits(word, last=n == len(more) - 1) for n, word in enumerate(more)]
    kept = [word for n, word in enumerate(words) if word not in _LEFT_OUT and not _ordinal(words, n)]
    named = tuple(word for word in kept if not word.isdigit())
    numbers = frozenset(word.lstrip("0") or "0" for word in kept if word.isdigit())
    said = frozenset(_forms().meant.get(form, form) for form in forms) - {""}
    own = letters if all(each > "\u024f" for each in letters) else ""
    return Name(text, named, "".join(kept), own, numbers, said)


def _ordinal(words: list[str], at: int) -> bool:
    """Return whether a word makes the number before it one of an order."""
    return words[at] in _ORDINAL and at > 0 and words[at - 1].isdigit()


def _initials(words: list[str], before: list[str]) -> bool:
    """Return whether all of some words is what those before them begin with: Dharma Satya Nusantara (DSN)."""
    return len(before) > 1 and len(words) == 1 and words[0] == "".join(word[0] for word in before)


def _digits(word: str, *, last: bool) -> str:
    """Return a number in Roman digits as one in our own: II anywhere, others at the end of a part of a name only."""
    return _ROMAN.get(word, word) if last or word in ("ii", "iii") else word


def _without_unparted(text: str) -> str:
    """Return a part of a name without the legal forms that are written without a space, before or behind a word."""
    return " ".join(filter(None, map(_without_form, text.split()))) or text


def _without_form(word: str) -> str:
    for form in () if word.isascii() else _forms().unparted:
        for shorter in (word.removesuffix(form), word.removeprefix(form)):
            if shorter != word:
                return shorter
    return word


def _bare(words: list[str]) -> list[str]:
    """Return the words of a part of a name without its legal forms."""
    forms, left = _forms(), list(words)
    while many := _length(left[-forms.longest :], forms.after, behind=True):
        del left[-many:]
    while many := _length(left[: forms.longest], forms.before, behind=False):
        del left[:many]
    return [word for word in left if word not in forms.anywhere]


def _length(words: list[str], among: frozenset[tuple[str, ...]], *, behind: bool) -> int:
    """Return how many words at the end, or the beginning, are a legal form."""
    for many in range(len(words), 0, -1):
        if tuple(words[-many:] if behind else words[:many]) in among:
            return many
    return 0


def _joined(words: list[str]) -> list[str]:
    """Return words with letters that were spaced out as one: M E R C U R Y."""
    found, alone = list[str](), list[str]()
    for word in [*words, ""]:
        if len(word) == 1 and word.isalpha():
            alone.append(word)
            continue
        found += ["".join(alone)] if len(alone) >= _SPACED else alone
        alone = []
        found += [word] if word else []
    return found


def unparted(name: Name) -> bool:
    """Return whether a name is written in a script that parts no words."""
    return bool(_UNPARTED.search(name.letters))
