"""How a bare text file is written, guessed from its beginning: encoding and delimiter. Who guesses says so.

What is neither UTF-8 nor UTF-16 is in one of many encodings of one or two bytes a letter, and no byte says in which: it
is read in the one in which its letters look most like a language. That is a guess whatever comes of it.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

#: Bytes and rows that are looked at for the delimiter; the encoding is that of the whole file.
_FIRST, _ROWS = 1 << 16, 50
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8"))
#: The encodings that a text may be in, with what is written in them.
ENCODINGS = {
    "utf-8": "Unicode", "utf-16": "Unicode", "cp1252": "Western European", "cp1250": "Central European",
    "cp1254": "Turkish", "cp1257": "Baltic", "cp1251": "Cyrillic", "koi8-r": "Russian", "cp1253": "Greek",
    "cp1255": "Hebrew", "cp1256": "Arabic", "cp1258": "Vietnamese", "cp874": "Thai", "gb18030": "Chinese, simplified",
    "big5": "Chinese, traditional", "cp932": "Japanese", "euc-jp": "Japanese", "cp949": "Korean", "cp850": "DOS",
}  # fmt: skip
#: The letters of each script that are frequent, of which a text is for the most part.
_FREQUENT = {
    "cp1251": "оеаинтсрвлкмдпуыО", "koi8-r": "оеаинтсрвлкмдпуыО", "cp1253": "αοιετσνηυρπκμλςόίάέή",
    "cp1255": "יוהלאתרבשמנחדפסקכעצץםן", "cp1256": "اليمونرتبةعدسهك", "cp874": "านรอกเง่มยลวดทสตะปบหชคไจพัิ้ี์",
}  # fmt: skip
#: Where the frequent characters of the encodings of two bytes lie, by the first of the two.
_LEADS = {
    "gb18030": range(0xB0, 0xD8), "big5": range(0xA4, 0xC7), "cp949": range(0xB0, 0xC9),
    "cp932": (0x82, 0x83, *range(0x88, 0x98)), "euc-jp": (0xA4, 0xA5, *range(0xB0, 0xD0)),
}  # fmt: skip
#: A run of letters beyond ASCII; what a name holds; bytes that are Turkish in one encoding and Icelandic in the other.
_BEYOND, _WORD = re.compile(r"[^\x00-\x7f]+"), re.compile(r'[^,;|\t\r\n"]*[^\x00-\x7f][^,;|\t\r\n"]*')
_TURKISH, _ICELANDIC = (
    frozenset(b"\xd0\xdd\xde\xf0\xfd\xfe"),
    frozenset(b"\xc1\xcd\xd3\xda\xe1\xe6\xed\xf3\xfa"),
)
#: Letters of Central European names; what the same encoding has not, and Western ones have.
_CENTRAL, _WEST = frozenset(b"\x8a\x8e\x9a\x9e"), frozenset(b"\xc0\xc3\xd1\xe0\xe3\xea\xf1")
#: From which share of letters on that are as they should be a text is one of an encoding; texts that are shown.
_LIKE, _SHOWN, _LONG = 0.6, 3, 40


@dataclass(frozen=True)
class Written:
    """How a text file is written; `guessed` where no mark and no rule says so, with how its first words read then."""

    encoding: str
    delimiter: str
    guessed: bool = False
    shown: tuple[str, ...] = ()


def written(path: Path, told: str = "") -> Written:
    """Return how a text file is written: as it is `told`, else in UTF-8 or UTF-16 where it can be, else guessed."""
    data = path.read_bytes()
    encoding = told or next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    guessed = not told and not _readable(data, encoding)
    if guessed:
        encoding = _guessed(data)
    text = data[:_FIRST].decode(encoding, "ignore").removeprefix("\ufeff")
    return Written(encoding, _delimiter(text), guessed, tuple(_shown(data, encoding)) if guessed else ())


def _delimiter(text: str) -> str:
    """Return what parts the cells: what gives most rows the same number of cells, above one."""
    best, found = (0, 0), ","
    for mark in DELIMITERS:
        widths: Counter[int] = Counter()
        try:
            for _, row in zip(
                range(_ROWS), csv.reader(io.StringIO(text, newline=""), delimiter=mark), strict=False
            ):
                widths[len(row)] += len(row) > 1
        except csv.Error:
            continue
        width, rows = max(widths.items(), key=lambda each: (each[1], each[0]), default=(0, 0))
        if rows and (rows, width) > best:
            best, found = (rows, width), mark
    return found


def _beyond(data: bytes) -> bytes:
    """Return the first lines that hold more than ASCII."""
    return b"\n".join(line for line in re.split(rb"[\r\n]+", data) if not line.isascii())[:_FIRST]


def _shown(data: bytes, encoding: str) -> Iterator[str]:
    """Yield the first cells that hold more than ASCII, as an encoding reads them."""
    found = _WORD.findall(_beyond(data).decode(encoding, "replace"))
    yield from (each.strip()[:_LONG] for each in list(dict.fromkeys(found))[:_SHOWN])


def _guessed(data: bytes) -> str:
    """Return the encoding in which a text looks most like a language; cp1252 where it is like that in none."""
    some = _beyond(data)
    if _readable(data, "cp1252") and _latin(some.decode("cp1252", "replace")) >= _LIKE:
        return _western(some)
    tests: dict[str, Callable[[bytes, str], float]] = {
        **dict.fromkeys(_FREQUENT, _lettered), **dict.fromkeys(_LEADS, _paired)
    }  # fmt: skip
    likely = {
        name: like for name, test in tests.items()
        if _readable(data, name) and (like := test(some, name)) >= _LIKE
    }  # fmt: skip
    if not likely:
        return _western(some)
    return max(likely, key=likely.__getitem__)


def _readable(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _latin(text: str) -> float:
    """Return the share of the letters beyond ASCII that stand as accents do: one or two between others of a word."""
    good = every = 0
    for run in _BEYOND.finditer(text):
        letters = sum(each.isalpha() for each in run[0])
        beside = text[run.start() - 1 : run.start()] + text[run.end() : run.end() + 1]
        every += letters
        if len(run[0]) <= 2 and any(each.isalpha() for each in beside):
            good += letters
    return good / every if every else 1.0


def _western(some: bytes) -> str:
    """Return which encoding of Latin letters is meant: Western, unless its signs within words say otherwise."""
    held = frozenset(some)
    if held & _TURKISH and not held & _ICELANDIC:
        return "cp1254"
    if held & _CENTRAL and not held & _WEST:
        return "cp1250"
    signs = {name: _signs(some.decode(name, "replace")) for name in ("cp1252", "cp1250")}
    return "cp1250" if signs["cp1250"] < signs["cp1252"] else "cp1252"


def _signs(text: str) -> int:
    """Return how many signs that are no letters stand at the letters of a word."""
    return sum(
        not each.isalpha() and not each.isascii() and text[at - 1 : at].isalpha() and text[at + 1 : at + 2].isalpha()
        for at, each in enumerate(text)
        if each not in "’‘´·™®©–—"
    )  # fmt: skip


def _lettered(some: bytes, encoding: str) -> float:
    """Return how much a text is like one of a script: by its frequent letters, and capitals where words begin."""
    text = some.decode(encoding, "ignore")
    beyond = [each for each in text if not each.isascii()]
    frequent = sum(each.lower() in _FREQUENT[encoding] for each in beyond)
    turned = sum(before.islower() and each.isupper() for before, each in pairwise(text))
    foreign = sum(not each.isalpha() and not "\u0e31" <= each <= "\u0e4e" for each in beyond)
    if encoding == "koi8-r":  # whose capitals are the letters of others
        foreign += sum(each.isupper() for each in beyond) // 4
    return (frequent - turned - foreign) / len(beyond) + 0.15 if beyond else 0.0


def _paired(some: bytes, encoding: str) -> float:
    """Return the share of the characters beyond ASCII that are among the frequent ones of an encoding of two bytes."""
    text = some.decode(encoding, "ignore")
    beyond = [each for each in text if not each.isascii() and each not in "\u3000（），、。：；・ー「」"]
    leads = [each.encode(encoding) for each in beyond]
    good = sum(len(each) == 2 and each[0] in _LEADS[encoding] for each in leads)
    narrower = encoding in (
        "cp949",
        "cp932",
        "euc-jp",
    )  # of what fits several, the one that has fewer of them
    return good / len(beyond) + 0.01 * narrower if beyond else 0.0
