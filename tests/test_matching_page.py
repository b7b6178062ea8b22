"""The page on matching: its features, its bands and every figure measured on the shared data are as they are computed.

``OPENTIER_SHARED=... python -m tests.test_matching_page`` writes what is computed into the page. The half of the labels
that was held back was looked at twice (the page says what was changed between); weights are never chosen by it.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from opentier.graph.matching import explaining
from opentier.graph.matching.candidates import Books
from opentier.graph.matching.evaluation import BANDS, Evaluation, of, table
from opentier.graph.matching.features import FEATURES, compare
from opentier.graph.matching.labelled import Labelled
from opentier.graph.matching.matcher import Matcher
from opentier.graph.matching.parties import Party
from opentier.graph.matching.rarity import Rarity
from opentier.graph.matching.scoring import Weights
from tests import spellings
from tests.benchmarks.crowd import bound, parties
from tests.labelled import halves
from tests.spellings import LISTS, Spelling

PAGE = Path(__file__).parents[1] / "docs" / "matching.md"
#: Made names that stand around the entries of a list.
CROWD = 20_000
_LEI, _OTHER = "lei:5493001KJTIIGC8Y1R12", "lei:213800WAVVOPS85N2205"


def called(*names: str, **said: object) -> Party:
    return Party(called=names, **said)  # type: ignore[arg-type]


#: Of each feature what it compares, and two parties of which it says something.
EXAMPLES: dict[str, tuple[str, Party, Party]] = {
    "words": ("the words, each by how rare it is; a slip or a shortened word counts for less",
              called("Golden Horse Textile"), called("Golden Horse Tex")),
    "core": ("the letters of the whole name without spaces, or its own script",
             called("静河纱线有限公司"), called("Jing He Shaxian")),
    "rare": ("how much the words that both have say: two words that no other name has say all",
             called("Golden Horse Trading"), called("Golden Dragon Trading")),
    "more": ("that one of them says more", called("Ming Fashion"), called("Ming Fashion Suzhou")),
    "instead": ("that each says something else", called("Ming Fashion Suzhou"), called("Ming Fashion Shenzhen")),
    "numbers": ("the numbers in the names, Roman ones too", called("Heron Unit II"), called("Heron Unit 3")),
    "form": ("the legal forms, where both have some", called("Ming Fashion GmbH"), called("Ming Fashion Ltd")),
    "alias": ("whether another name than the main one is meant (no agreement)",
              called("Dongguan Lvzhou Shoes"), called("Dongguan Oasis Shoes", "Dongguan Lvzhou Shoes")),
    "script": ("whether they are written in two scripts (no agreement)", called("静河纱线"), called("Jinghe Shaxian")),
    "identifiers": ("strong identifiers: of how many of the schemes that both state they have the same",
                    called("Ming Fashion", identifiers=(_LEI,)), called("Ming Fashion", identifiers=(_OTHER,))),
    "country": ("the countries", called("Ming Fashion", countries=("CN",)), called("Ming Fashion", countries=("VN",))),
    "region": ("the regions, within one country", called("Ming Fashion", countries=("CN",), regions=("CN-XJ",)),
               called("Ming Fashion", countries=("CN",), regions=("CN-XJ",))),
    "address": ("the words of the addresses", called("Ming Fashion", address="Plot 7, Mill Lane, Dhaka"),
                called("Ming Fashion", address="7 Mill Road Dhaka")),
    "house": ("the numbers in the addresses", called("Ming Fashion", address="Plot 7, Mill Lane"),
              called("Ming Fashion", address="Plot 9, Mill Lane")),
    "distance": ("the distance of the coordinates: half at 5 km", called("Ming Fashion", position=(24.0, 90.0)),
                 called("Ming Fashion", position=(24.0, 90.1))),
    "sector": ("the sectors, as they are written", called("Ming Fashion", sector="1311"),
               called("Ming Fashion", sector="2610")),
    "time": ("that one ended when the other began, or before: a successor is no twin",
             called("Ming Fashion", ended=737_000), called("Ming Fashion", began=737_000)),
    "kind": ("that one is a vessel and the other is not", called("Ming Star", kind="vessel"),
             called("Ming Star", kind="facility")),
}  # fmt: skip


def features() -> str:
    """Return the table of features."""
    weights, rarity = Weights.shipped(), Rarity()
    lines = [
        "| feature | compares | for example | is | in words | agrees | differs |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, (what, left, right) in EXAMPLES.items():
        compared, weight = compare(left, right, rarity), weights.features[name]
        shown = f"{left.called[0]} = {' / '.join(right.called)}"
        value, why = compared.values[name], explaining.why(left, right, compared)
        lines.append(
            f"| `{name}` | {what} | {shown} | {value:.2f} | {why} | {weight.agree:+.2f} | {-weight.differ:+.2f} |"
        )
    return "\n".join(lines)


def evaluations(shared: Path) -> Iterator[Evaluation]:
    """Yield what the shipped weights are worth on both halves of the labels."""
    for name, pairs in zip(("chosen", "held back"), halves(shared / "data"), strict=True):
        yield of(Labelled(name, pairs))


def measured(shared: Path) -> str:
    """Return the figures of both halves."""
    lines = ["```text"]
    for found in evaluations(shared):
        same = sum(each.pair.same for each in found.judged)
        lines += [
            f"{found.labelled.file}: {len(found.judged)} pairs, {same} of them one",
            *table(found.measured),
            "",
        ]
    return "\n".join([*lines[:-1], "```"])


KINDS: tuple[tuple[str, Callable[[str, Path], Iterator[Spelling]]], ...] = (
    ("the other list", lambda dataset, shared: spellings.other(dataset)),
    ("customs papers", lambda dataset, shared: spellings.customs(dataset)),
    ("a copy of the list", spellings.copied),
    ("noise", lambda dataset, shared: spellings.noise(dataset)),
)


def lists(shared: Path) -> str:
    """Return how the entries of the official lists are found again, as others spell them."""
    lines = [
        f"| list | spelled by | names | first | among 20 | accepted | shown | first of {CROWD:,} more |",
        "|---|---|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as scratch:
        others = list(parties(CROWD))
        crowd = bound(others, Path(scratch) / "crowd").books
        alarms = list[str]()
        for dataset in LISTS:
            book = bound(spellings.entries(dataset), Path(scratch) / dataset).books
            alone, among = Matcher(Books.together(book)), Matcher(Books.together([*book, *crowd]))
            for kind, made in KINDS:
                lines.append(
                    f"| {dataset} | {kind} | {found_again(list(made(dataset, shared)), alone, among)} |"
                )
            shown = [each for each in alone.match(others, least="review") if each]
            accepted = sum(each[0].band == "accept" for each in shown)
            alarms.append(
                f"of {dataset} {accepted} are accepted and {len(shown) - accepted} shown for review"
            )
    return "\n".join(
        [*lines, "", f"Of the {CROWD:,} made names, asked with their countries, {'; '.join(alarms)}."]
    )


def found_again(asked: list[Spelling], alone: Matcher, among: Matcher) -> str:
    """Return the cells of a row: how many names, and the parts of them that are found, and in which bands."""
    counts = [0] * 5
    people = [Party(called=(text,)) for text, _ in asked]
    for (_, entry), here, there in zip(asked, alone.match(people), among.match(people), strict=True):
        bands = {match.iri: match.band for match in here}
        said = (
            next(iter(bands), "") == entry, entry in bands, bands.get(entry) == "accept",
            bands.get(entry, "reject") != "reject", bool(there) and there[0].iri == entry,
        )  # fmt: skip
        counts = [count + each for count, each in zip(counts, said, strict=True)]
    return " | ".join([f"{len(asked):,}", *(f"{count / len(asked):.3f}" for count in counts)])


#: The parts of the page that are computed, by the comment that begins each.
COMPUTED: dict[str, Callable[[Path], str]] = {
    "features": lambda shared: features(),
    "measured": measured,
    "lists": lists,
}


def part(name: str) -> str:
    """Return a computed part as the page has it."""
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- end -->", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_page_tells_every_feature_with_an_example() -> None:
    assert tuple(EXAMPLES) == FEATURES
    assert part("features") == features(), "run: python -m tests.test_matching_page"


@pytest.mark.parametrize("name", ["measured", "lists"])
def test_the_page_prints_what_is_measured(shared: Path, name: str) -> None:
    assert part(name) == COMPUTED[name](shared), "run: python -m tests.test_matching_page"


def test_the_page_says_which_thresholds_and_contradictions_ship() -> None:
    weights, text = Weights.shipped(), PAGE.read_text("utf-8")
    assert f"from {weights.accept:g} on" in text
    assert f"from {weights.review:g} on" in text
    for name in weights.against:
        assert f"`{name}`" in text


def test_the_halves_share_no_pair_but_two_that_their_source_lists_twice(shared: Path) -> None:
    chosen, held = halves(shared / "data")
    said = [
        {frozenset((side.called, side.address) for side in (pair.left, pair.right)) for pair in half}
        for half in (chosen, held)
    ]
    assert len(said[0] & said[1]) == 2
    assert "Two pairs of Open Supply Hub, which its file lists twice, are in both" in " ".join(
        PAGE.read_text("utf-8").split()
    )
    assert halves(shared / "data") == (chosen, held)
    assert (len(chosen), len(held)) == (186, 187)
    assert {pair.source for pair in (*chosen, *held)} == {"osh", "palmwatch"}


def test_the_page_says_which_goals_are_missed(shared: Path) -> None:
    """The goals of the accept band: precision 0.95 at recall 0.5; of both bands together: recall 0.85."""
    accept, both = list(evaluations(shared))[1].measured[: len(BANDS)]
    goals = {
        "precision of the accept band at least 0.95": accept.found >= 0.95 * (accept.found + accept.wrong),
        "recall of the accept band at least 0.5": accept.missed <= accept.found,
        "recall of both bands at least 0.85": 15 * both.found >= 85 * both.missed,
        "no name of common words in either band": both.common == 0,
    }
    text = PAGE.read_text("utf-8")
    for goal, met in goals.items():
        assert f"- {goal}: {'met' if met else '**missed**'}" in text, goal


def test_every_entry_of_both_lists_is_one(shared: Path) -> None:
    for dataset in LISTS:
        known = {party.iri for party in spellings.entries(dataset)}
        for _, made in KINDS:
            assert {entry for _, entry in made(dataset, shared)} <= known


def main() -> None:
    """Write what is computed into the page."""
    text = PAGE.read_text("utf-8")
    for name, made in COMPUTED.items():
        before, _, after = text.partition(f"<!-- {name} -->\n")
        _, end, after = after.partition("\n<!-- end -->")
        text = f"{before}<!-- {name} -->\n{made(Path(os.environ['OPENTIER_SHARED']))}{end}{after}"
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
