"""Who is one with whom, as contributions say: identifiers that are none, and judgements of which one counts."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentier.graph.admission import admission
from opentier.graph.contribution.submission import Options
from opentier.graph.identity.judgements import EQUAL, Judged, Judgements, admitted, counting
from opentier.graph.model import identifiers
from opentier.graph.network.survey import survey
from opentier.graph.report import page, table
from opentier.graph.report.report import ContributionError, Report, Where
from opentier.graph.store.directory import Store
from tests.broken import GLN, LEI, NAME, RDF, Rows, write

ACTORS = ["id", "name", "country", "identifiers"]
TURTLE = """
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix ot: <https://w3id.org/opentier/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<a> a ot:Organisation ; rdfs:label "A" ; adms:identifier <https://w3id.org/opentier/id/identifier/gln/0000000000000> .
<b> a ot:Organisation ; rdfs:label "B" ; adms:identifier <b/number> .
<b/number> a adms:Identifier ; skos:notation "UNKNOWN" ; ot:identifierScheme ot:identifier-scheme-duns .
<https://w3id.org/opentier/id/identifier/gln/0000000000000> a adms:Identifier ; skos:notation "0000000000000" ;
    ot:identifierScheme ot:identifier-scheme-gln .
"""


def actors(**identifiers: str) -> Rows:
    """Return actors of one country with those identifiers."""
    return [ACTORS, *([local, f"Firm {local}", "VN", said] for local, said in identifiers.items())]


def contribute(store: Store, folder: Path, name: str = NAME, **tables: Rows) -> Report:
    """Admit a package with those tables as a dataset."""
    package = write(folder / f"{name}-{len(list(folder.iterdir()))}", tables, name)
    return admission.contribute(package, Options(), store, lambda stage, done, total: None).report


def identified(store: Store) -> dict[str, list[str]]:
    """Return the identifiers that the store holds of each actor, by local id."""
    return {
        iri.rpartition("/")[2]: [
            each.partition("/identifier/")[2] for each in fields.get("adms:identifier", ())
        ]
        for iri, fields in store.release().records("actors")
    }


@pytest.mark.parametrize(
    "filler",
    [
        "duns:999999999", "duns:00-000-0000", "duns:0", "gln:0000000000000", "gln: 7777777777777", "lei:UNKNOWN",
        "lei:00000000000000000000", "lei:XXXXXXXXXXXXXXXXXXXX", "os-id:unknown", "OS_ID:N/A", "duns:n.a.", "gln:-",
        "tax-number:00000", "imo:0000000", "UNKNOWN", "duns:not available",
    ],
)  # fmt: skip
def test_a_filler_is_left_out_with_a_warning_and_joins_nobody(tmp_path: Path, filler: str) -> None:
    store = Store.open(tmp_path / "data", create=True)
    report = contribute(store, tmp_path, actors=actors(a=f"{filler}|gln:{GLN}", b=filler))
    assert identified(store) == {"a": [f"gln/{GLN}"], "b": []}
    assert [(found.severity, found.row, found.column, found.value) for found in report.findings] == [
        ("warning", 2, "identifiers", filler),
        ("warning", 3, "identifiers", filler),
    ]


@pytest.mark.parametrize(
    "text", [f"lei:{LEI}", f"gln:{GLN}", "tax-number:7", "duns:112223333", "uml:PO1000000000"]
)
def test_what_only_looks_like_a_filler_is_none(text: str) -> None:
    assert not identifiers.filler(text)
    identifiers.read(text)


def test_a_filler_in_rdf_is_left_out_with_a_warning(tmp_path: Path) -> None:
    store, path = Store.open(tmp_path / "data", create=True), tmp_path / "probe.ttl"
    path.write_text(TURTLE, "utf-8")
    report = admission.contribute(path, RDF, store, lambda stage, done, total: None).report
    assert identified(store) == {"a": [], "b": []}
    assert sorted(str(found.value) for found in report.findings if found.column == "identifiers") == [
        "duns:UNKNOWN",
        "gln:0000000000000",
    ]


# --- judgements ---------------------------------------------------------------------------------------------------


def judged(said: str) -> Judged:
    """Return a judgement from a line such as ``a b positive rule:names 2020``."""
    left, right, judgement, *more = said.split()
    decided, date = (*more, None, None)[:2]
    return Judged(left, right, judgement, f"record of {said}", decided, date=date)


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        (("a b positive rule:names 2022", "a b negative anna 2020"), "negative"),
        (("a b negative rule:names 2022", "b a positive anna"), "positive"),
        (("a b negative rules 2022", "a b unsure anna 2020"), "unsure"),
        (("a b unsure anna 2020", "b a negative ben 2021"), "negative"),
        (("a b positive anna 2021-03", "a b negative ben 2021"), "positive"),
        (("a b negative anna", "a b positive ben 2001"), "positive"),
        (("a b positive anna 2021", "b a negative ben 2021"), "negative"),
        (("a b unsure anna 2021", "b a positive ben 2021"), "positive"),
        (("a b positive rule:names 2021", "a b negative rule:numbers 2021"), "negative"),
    ],
)
def test_of_the_judgements_on_a_pair_one_counts(said: tuple[str, str], counts: str) -> None:
    for order in (said, said[::-1]):
        ((pair, found),) = counting(map(judged, order)).items()
        assert (pair, found.judgement) == (frozenset("ab"), counts)


def test_what_counts_joins_parts_or_doubts() -> None:
    found = Judgements(
        map(judged, (
            "a b positive anna 2020", "b c unsure anna 2020", "a c negative ben 2021", "b d unsure anna 2020",
            "e f negative rule:names 2022", "e f positive anna 2020",
        )), [("f", "lei/1"), ("g", "lei/1"), ("h", "lei/2")],
    )  # fmt: skip
    one = found.joined()
    assert [one.find(actor) for actor in "abcdefgh"] == ["a", "a", "c", "d", "e", "e", "e", "h"]
    assert [doubt.pair for doubt in found.doubts] == [frozenset("bd")]
    assert found.disputed == []
    assert {frozenset(pair): (said.decided_by, said.record) for pair, said in found.by.items()} == {
        frozenset("ab"): ("anna", "record of a b positive anna 2020"),
        frozenset("bd"): ("anna", "record of b d unsure anna 2020"),
        frozenset("ef"): ("anna", "record of e f positive anna 2020"),
        frozenset("fg"): (EQUAL, "lei/1"),
    }
    assert [said.pair for said in found.chain("e", "g")] == [frozenset("ef"), frozenset("fg")]
    assert found.chain("a", "h") == []


def test_a_person_who_is_unsure_outweighs_an_equal_identifier() -> None:
    doubt, third = judged("a b unsure anna 2020"), [("a", "lei/1"), ("b", "lei/1"), ("c", "lei/1")]
    assert Judgements([doubt], third[:2]).joined().find("b") == "b"
    assert [Judgements([doubt], third).joined().find(actor) for actor in "abc"] == ["a", "a", "a"]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_newest_join_of_a_circle_is_disputed(order: tuple[int, ...]) -> None:
    said = (
        "a b positive anna 2020",
        "b c positive ben 2022",
        "c d positive cem 2021",
        "a d negative dora 2023",
    )
    found = Judgements(judged(said[number]) for number in order)
    assert [found.joined().find(actor) for actor in "abcd"] == ["a", "a", "c", "c"]
    (dispute,) = found.disputed
    assert (dispute.join.pair, dispute.against.pair) == (frozenset("bc"), frozenset("ad"))
    assert dispute.deciders == ("anna", "ben", "cem", "dora")
    assert dispute.join.pair not in found.by


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"),
                  st.sampled_from(("positive", "negative", "unsure")),
                  st.sampled_from(("anna", "rule:names")), st.sampled_from((None, "2020", "2021-05")))
    ),
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(("lei/1", "lei/2")))),
)  # fmt: skip
def test_nobody_is_made_one_who_is_judged_to_differ(
    said: list[tuple[str, str, str, str, str | None]], identified: list[tuple[str, str]]
) -> None:
    listed = [Judged(a, b, code, str(n), who, date=day) for n, (a, b, code, who, day) in enumerate(said)]
    found, again = Judgements(listed, identified), Judgements(listed[::-1], identified)
    one = found.joined()
    assert one.merged() == again.joined().merged()
    for negative in found.negative:
        assert one.find(negative.left) != one.find(negative.right)
    for join in found.joins:
        assert one.find(join.left) == one.find(join.right)
        assert {step.pair for step in found.chain(join.left, join.right)} == {join.pair}
    joined = {join.pair for join in found.joins}
    for pair, counts in found.counts.items():
        if counts.judgement == "positive":
            assert (pair in joined) != (pair in {dispute.join.pair for dispute in found.disputed})
    for doubt in found.doubts:
        assert one.find(doubt.left) != one.find(doubt.right)
    assert not joined & {doubt.pair for doubt in found.doubts}


# --- their admission ----------------------------------------------------------------------------------------------

JUDGED = ["left", "right", "judgement", "decided_by", "date"]


def told(report: Report, severity: str) -> list[tuple[str, int | None, str]]:
    return [(found.file, found.row, found.message) for found in report.sorted() if found.severity == severity]


def rows(*lines: str) -> Rows:
    """Return judgements from lines such as ``a b positive anna 2020``."""
    return [JUDGED, *([*line.split(), "", ""][:5] for line in lines)]


def test_a_contradiction_inside_one_package_is_refused_with_pair_and_row(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data", create=True)
    said = rows("a b positive anna 2020", "b c positive anna 2020", "a c negative ben 2021")
    with pytest.raises(ContributionError) as error:
        contribute(store, tmp_path, actors=actors(a="", b="", c=""), identity_judgements=said)
    ((file, row, message),) = told(error.value.report, "error")
    assert (file, row) == ("identity_judgements.csv", 4)
    assert message.startswith("probe/a and probe/c are judged to differ")


def test_a_judgement_that_the_package_retracts_contradicts_nothing(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data", create=True)
    said = [[*JUDGED, "note"], ["a", "b", "negative", "anna", "2020", ""]]
    first = contribute(store, tmp_path, actors=actors(a="", b=""), identity_judgements=said)
    assert first.conforms
    ((iri, _),) = store.release().records("identity_judgements")
    retracted = [["record", "reason", "date"], [iri, "a mistake", "2021"]]
    same = actors(a=f"lei:{LEI}", b=f"lei:{LEI}")
    again = contribute(store, tmp_path, actors=same, identity_judgements=said, retractions=retracted)
    assert again.conforms
    found = admitted(store.release())
    assert (found.said, len(found.joins)) == ([], 1)


@pytest.mark.parametrize(
    "said",
    [
        ("a b positive rule:names 2020", "a b negative anna 2021"),
        ("a b unsure anna 2020", "b a negative anna 2021"),
        ("a b positive anna", "b a negative ben 2021"),
        ("a b positive anna 2020", "b a negative ben 2020", "a b negative ben 2021"),
        ("a b unsure anna", "b a negative ben"),
    ],
)
def test_judgements_on_one_pair_of_which_one_outweighs_the_others_contradict_nobody(
    tmp_path: Path, said: tuple[str, ...]
) -> None:
    store = Store.open(tmp_path / "data", create=True)
    report = contribute(store, tmp_path, actors=actors(a="", b=""), identity_judgements=rows(*said))
    assert told(report, "warning") == []
    assert admitted(store.release()).by == {}


#: What judges a pair to be one and to differ, and nothing outweighs either: the rows of both.
TIED = [
    (("a b positive anna", "b a negative ben"), (2, 3)),
    (("b a negative anna 2021-01", "a b unsure ben", "a b positive ben 2021"), (4, 2)),
    (("a b positive rule:names 2020", "a b negative rule:places 2020"), (2, 3)),
]


@pytest.mark.parametrize(("said", "at"), TIED)
def test_a_pair_that_a_package_judges_to_be_one_and_to_differ_is_refused_with_both_rows(
    tmp_path: Path, said: tuple[str, ...], at: tuple[int, int]
) -> None:
    store = Store.open(tmp_path / "data", create=True)
    with pytest.raises(ContributionError) as error:
        contribute(store, tmp_path, actors=actors(a="", b=""), identity_judgements=rows(*said))
    ((file, row, message),) = told(error.value.report, "error")
    assert (file, row) == ("identity_judgements.csv", at[1])
    assert all(f"probe/{local}" in message for local in "ab")
    assert f"(row {at[0]} of identity_judgements.csv)" in message


def test_judgements_of_two_datasets_on_one_pair_bar_no_package(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data", create=True)
    one, other = rows("a b positive anna"), rows("first/b first/a negative ben")
    contribute(store, tmp_path, "first", actors=actors(a="", b=""), identity_judgements=one)
    report = contribute(store, tmp_path, "second", identity_judgements=other)
    assert told(report, "error") == []
    assert admitted(store.release()).by == {}


def test_an_identifier_that_joins_whom_a_judgement_parts_is_refused_across_datasets(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data", create=True)
    contribute(
        store,
        tmp_path,
        "first",
        actors=actors(a=f"lei:{LEI}", b=""),
        identity_judgements=rows("a b negative anna"),
    )
    with pytest.raises(ContributionError) as error:
        contribute(
            store,
            tmp_path,
            "second",
            actors=actors(c=f"lei:{LEI}"),
            identity_judgements=rows("c first/a negative ben"),
        )
    ((file, row, _),) = told(error.value.report, "error")
    assert (file, row) == ("identity_judgements.csv", 2)
    with pytest.raises(ContributionError) as error:
        contribute(store, tmp_path, "first", actors=actors(a=f"lei:{LEI}", b=f"lei:{LEI}"),
                   identity_judgements=rows("a b negative anna"))  # fmt: skip
    assert told(error.value.report, "error")


def test_judgements_of_several_datasets_that_contradict_each_other_are_disputed_and_bar_no_package(
    tmp_path: Path,
) -> None:
    store = Store.open(tmp_path / "data", create=True)
    contribute(
        store,
        tmp_path,
        "first",
        actors=actors(a="", b="", c=""),
        identity_judgements=rows("a b positive anna 2020"),
    )
    contribute(store, tmp_path, "second", identity_judgements=rows("first/b first/c positive ben 2021"))
    report = contribute(
        store, tmp_path, "third", identity_judgements=rows("first/a first/c negative cem 2022")
    )
    ((file, row, message),) = told(report, "warning")
    assert (file, row) == ("identity_judgements.csv", 2)
    assert message.startswith("first/b and first/c are not joined, the judgement is disputed")
    (advice,) = (found.advice for found in report.findings)
    assert advice == "Ask who decided: anna, ben, cem."
    network = survey(store.release())
    assert network.disputed == 1
    names = store.names
    assert network.canonical.merged() == [(names.actor("first", "b"), names.actor("first", "a"))]
    later = contribute(
        store, tmp_path, "fourth", actors=actors(z=""), identity_judgements=rows("z first/a unsure dora")
    )
    assert told(later, "warning") == []


def test_a_dispute_among_judgements_of_others_stands_at_the_actor_whose_identifier_makes_it(
    tmp_path: Path,
) -> None:
    store = Store.open(tmp_path / "data", create=True)
    contribute(store, tmp_path, "first", actors=actors(a=f"lei:{LEI}", b=""))
    contribute(store, tmp_path, "third", actors=actors(z="", c=""))
    judged = [*rows("first/a first/b negative anna 2020"), rows("first/b third/c positive ben 2021")[1]]
    contribute(store, tmp_path, "second", identity_judgements=judged)
    report = contribute(store, tmp_path, "third", actors=actors(z="", c=f"lei:{LEI}"))
    disputed = [(file, row) for file, row, message in told(report, "warning") if "is disputed" in message]
    assert disputed == [("actors.csv", 3)]


def test_a_finding_without_a_file_says_so_in_every_form_for_people() -> None:
    report = Report("shop")
    report.add("warning", Where(""), "Something is doubtful.", "Look.")
    assert report.to_text().startswith("warning: the dataset as a whole: Something is doubtful. Look.\n")
    for made in (page.html(report), table.markdown(report)):
        assert "the dataset as a whole" in made


def test_an_identifier_that_joins_across_countries_is_a_warning(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data", create=True)
    first = contribute(store, tmp_path, "first", actors=[ACTORS, ["a", "Old Mill", "US", f"lei:{LEI}"]])
    assert first.findings == []
    report = contribute(
        store, tmp_path, "second",
        actors=[ACTORS, ["b", "Old Mill", "VN", f"lei:{LEI}"], ["c", "Old Mill", "", f"lei:{LEI}"],
                ["d", "D", "VN", f"gln:{GLN}"]],
    )  # fmt: skip
    (found,) = (each for each in report.findings if each.severity != "info")
    assert (found.severity, found.row, found.column, found.value) == (
        "warning",
        2,
        "identifiers",
        f"lei:{LEI}",
    )
    assert found.message == "An equal identifier makes second/b (VN) one with first/a (US)."


def test_rdf_is_held_against_judgements_as_tables_are(tmp_path: Path) -> None:
    store, path = Store.open(tmp_path / "data", create=True), tmp_path / "probe.ttl"
    judgement = """
        <judgement/%s> a ot:IdentityJudgement ; ot:left <a> ; ot:right <b> ;
            ot:judgement ot:judgement-%s ; ot:decidedBy "%s" .
    """
    lines = [judgement % said for said in ((1, "positive", "rule:names"), (2, "negative", "anna"))]
    path.write_text(TURTLE + "".join(lines), "utf-8")
    admission.contribute(path, RDF, store, lambda stage, done, total: None)
    assert admitted(store.release()).by == {}
    path.write_text(TURTLE + lines[0].replace("rule:names", "ben") + lines[1], "utf-8")
    with pytest.raises(ContributionError) as error:
        admission.contribute(path, RDF, store, lambda stage, done, total: None)
    (found,) = (each for each in error.value.report.findings if each.severity == "error")
    assert (found.file, found.subject) == ("probe.ttl", store.names.base + "probe/judgement/2")
    assert found.message.startswith("probe/a and probe/b are judged to differ and to be one")
    assert "probe/judgement/1" in found.message
