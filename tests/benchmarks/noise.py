"""Names as other people write them: what happens to a name between two lists, made with a seed.

Each noisy name has been through one to three of these, most of them harmless: case, punctuation, `&`, another legal
form or none, words in another order, words written together or apart, a common word shortened or left out, accents
lost, a number in Roman digits, a slip of the pen (a letter left out, doubled, swapped or another one); a few have a
contact or an alias in brackets, too.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable

#: Legal forms that stand for each other in lists.
FORMS = (
    "Co., Ltd.",
    "Co Ltd",
    "CO.,LTD",
    "Company Limited",
    "Ltd",
    "Limited",
    "Inc.",
    "Corp.",
    "Pvt Ltd",
    "LLC",
    "S.A.",
    "GmbH",
)
SHORTER = {
    "international": "Intl", "manufacturing": "Mfg", "industries": "Inds", "industrial": "Ind", "trading": "Trdg",
    "textile": "Tex", "textiles": "Tex", "garments": "Gmts", "garment": "Gmt",
    "company": "Co", "enterprise": "Ent", "technology": "Tech",
    "plantation": "Plant", "plantations": "Plants", "group": "Grp", "factory": "Fty", "brothers": "Bros",
    "general": "Gen",
}  # fmt: skip
COMMON = frozenset(
    {"group", "international", "industries", "industry", "company", "factory", "the", "enterprise", "trading"}
)
ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV", "5": "V"}
_FORM = re.compile(
    r"[\s,]*\b(?:co\.?,?\s*ltd\.?|company limited|limited|ltd\.?|inc\.?|corp\.?|pvt\.? ltd\.?|"
    r"llc|s\.a\.|gmbh|sdn\.? bhd\.?)\s*$",
    re.IGNORECASE,
)
#: How often a contact or an alias is added.
_ADDED = 0.04
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _case(name: str, chance: random.Random) -> str:
    return chance.choice((str.upper, str.lower, str.title))(name)


def _points(name: str, chance: random.Random) -> str:
    return re.sub(r"[.,'’-]", lambda found: chance.choice(("", " ", found[0])), name)


def _and(name: str, chance: random.Random) -> str:
    return name.replace("&", "and") if "&" in name else re.sub(r"\band\b", "&", name, flags=re.IGNORECASE)


def _form(name: str, chance: random.Random) -> str:
    bare = _FORM.sub("", name)
    return f"{bare} {chance.choice(FORMS)}" if chance.random() < 0.6 else bare


def _order(name: str, chance: random.Random) -> str:
    form = _FORM.search(name)
    words = _FORM.sub("", name).split()
    if len(words) < 3 or any(each in name for each in "()."):
        return name
    chance.shuffle(words)
    return " ".join(words) + (form[0] if form else "")


def _spaces(name: str, chance: random.Random) -> str:
    words = name.split()
    if len(words) > 2 and chance.random() < 0.7:
        at = chance.randrange(len(words) - 1)
        return " ".join([*words[:at], words[at] + words[at + 1].lower(), *words[at + 2 :]])
    at = max(range(len(words)), key=lambda n: len(words[n]))
    if len(words[at]) < 6:
        return name
    cut = max(2, len(words[at]) // 2)
    return " ".join([*words[:at], words[at][:cut], words[at][cut:], *words[at + 1 :]])


def _shorter(name: str, chance: random.Random) -> str:
    return " ".join(SHORTER.get(word.lower().strip(".,"), word) for word in name.split())


def _fewer(name: str, chance: random.Random) -> str:
    words = name.split()
    kept = [word for word in words if word.lower().strip(".,") not in COMMON]
    return " ".join(kept) if len(kept) > 1 else name


def _plain(name: str, chance: random.Random) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))


def _roman(name: str, chance: random.Random) -> str:
    return re.sub(r"\b[1-5]\b", lambda found: ROMAN[found[0]], name)


def _brackets(name: str, chance: random.Random) -> str:
    return name + chance.choice(
        (" (Mr. Lee, +86 755 2345678)", " (tel. 0123 456789)", " (formerly Golden Horse Works)")
    )


def _slip(name: str, chance: random.Random) -> str:
    places = [n for n, letter in enumerate(name) if letter.isalpha()]
    if len(places) < 6:
        return name
    at = chance.choice(places)
    return chance.choice((
        name[:at] + name[at + 1 :],
        name[:at] + name[at] + name[at:],
        name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :],
        name[:at] + chance.choice(_LETTERS) + name[at + 1 :],
    ))  # fmt: skip


#: What may happen to a name, and how often beside the others.
HAPPENINGS: tuple[tuple[Callable[[str, random.Random], str], int], ...] = (
    (_case, 6), (_points, 5), (_and, 2), (_form, 6), (_order, 2), (_spaces, 2), (_shorter, 3), (_fewer, 2), (_plain, 2),
    (_roman, 2), (_slip, 5),
)  # fmt: skip


def noisy(name: str, chance: random.Random) -> str:
    """Return a name as somebody else may write it: never the same text."""
    for _ in range(20):
        found = name
        for happens in chance.choices(*zip(*HAPPENINGS, strict=True), k=chance.randint(1, 3)):
            found = happens(found, chance)
        if chance.random() < _ADDED:
            found = _brackets(found, chance)
        found = " ".join(found.split())
        if found and found != name:
            return found
    return f"{name} Ltd"
