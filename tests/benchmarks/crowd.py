"""Many names of companies and factories, as unlike as real ones are, made with a seed; and the book of any parties."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from opentier.graph.matching.book import Book, write
from opentier.graph.matching.candidates import Books
from opentier.graph.matching.parties import Party
from opentier.graph.model.versions import Version
from tests.benchmarks.noise import FORMS, noisy

_PLACES = (
    "Guangdong", "Zhejiang", "Jiangsu", "Shenzhen", "Dongguan", "Ningbo", "Xinjiang", "Shandong", "Fujian",
    "Hanoi", "Saigon", "Dhaka", "Chittagong", "Gazipur", "Tirupur", "Karachi", "Lahore", "Faisalabad",
    "Jakarta", "Bandung", "Johor", "Sabah", "Sarawak", "Penang", "Phnom", "Yangon", "Colombo", "Istanbul",
    "Izmir", "Bursa", "Cairo", "Lima", "Bogota", "Managua", "Cortes", "Porto", "Prato", "Lodz", "Cluj", "Sofia",
)  # fmt: skip
_TRADES = (
    "Garment", "Garments", "Textile", "Textiles", "Apparel", "Knitwear", "Fashion", "Shoes", "Footwear",
    "Leather", "Palm Oil Mill", "Plantations", "Agro", "Foods", "Seafood", "Electronics", "Solar", "Silicon",
    "Cotton", "Spinning Mills", "Weaving", "Dyeing", "Plastics", "Metal", "Mining", "Timber", "Furniture",
    "Toys", "Chemical", "Steel", "Trading", "Industries", "Manufacturing", "Enterprise", "Technology",
    "International", "Group", "Import and Export", "Packaging",
)  # fmt: skip
_BEGIN = (
    "ba", "be", "bi", "bo", "bu", "cha", "che", "chi", "da", "de", "di", "do", "fa", "fe", "fu", "ga", "ge",
    "go", "gu", "ha", "he", "hi", "ho", "hu", "ja", "ji", "jo", "ka", "ke", "ki", "ko", "ku", "la", "le", "li",
    "lo", "lu",
)  # fmt: skip
_MIDDLE = (
    "ma", "me", "mi", "mo", "mu", "na", "ne", "ni", "no", "nu", "ra", "re", "ri", "ro", "ru", "sa", "se", "shi",
    "so", "su", "ta", "te", "ti", "to", "tu", "va", "ve", "vi", "wa", "we", "xi", "ya", "yo", "za", "zhe", "zo",
)  # fmt: skip
_END = (
    "n", "ng", "r", "s", "t", "m", "l", "k", "x", "nt", "sh", "rd", "ll", "ck",
)  # fmt: skip
_COUNTRIES = ("CN", "VN", "BD", "IN", "PK", "ID", "MY", "KH", "LK", "TR", "EG", "PE", "PT", "IT", "PL", "RO")

#: What a book is of, where it is of no dataset.
_VERSION = Version(
    dataset="crowd", number=1, iri="crowd/1", title="", licence="", publisher="", package_version="", checksum="",
    adapter="", admitted="", homepage="", description="", triples=0, rows=0, accepted=0, warned=0, refused=0,
)  # fmt: skip


def _word(chance: random.Random) -> str:
    parts = [chance.choice(_BEGIN), *(chance.choice(_MIDDLE) for _ in range(chance.choice((0, 1, 1, 2))))]
    return ("".join(parts) + chance.choice((*_END, "", "", ""))).title()


def parties(many: int, seed: int = 7) -> Iterator[Party]:
    """Yield so many parties, no two with the same name."""
    chance, seen = random.Random(seed), set[str]()
    words = [_word(chance) for _ in range(max(2_000, many // 12))]
    while len(seen) < many:
        # A few words are held by many names, most by few.
        own = [words[int(len(words) * chance.random() ** 1.6)] for _ in range(chance.choice((1, 1, 2)))]
        said = [*own, *([chance.choice(_PLACES)] if chance.random() < 0.3 else []), chance.choice(_TRADES)]
        if chance.random() < 0.25:
            said.append(chance.choice(_TRADES))
        if chance.random() < 0.06:
            said.append(f"Unit {chance.randint(1, 5)}")
        name = " ".join(dict.fromkeys(said)) + (f" {chance.choice(FORMS)}" if chance.random() < 0.7 else "")
        if name.casefold() not in seen:
            seen.add(name.casefold())
            yield Party(iri=f"a{len(seen)}", called=(name,), countries=(chance.choice(_COUNTRIES),))


def written_otherwise(party: Party, chance: random.Random) -> Party:
    """Return a party as somebody else lists it: another spelling, the country in seven of ten."""
    country = party.countries if chance.random() < 0.7 else ()
    return Party(called=(noisy(party.called[0], chance),), countries=country)


def bound(every: Iterable[Party], place: Path) -> Books:
    """Write the book of some parties, and open it."""
    place.mkdir(parents=True)
    write(place, every)
    return opened(place)


def opened(place: Path) -> Books:
    """Open a book that was written."""
    return Books.together([Book(_VERSION, place)])
