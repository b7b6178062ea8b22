"""Who is one with whom, kept in the store: each change says of the touched actors alone what all that is said says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from opentier.graph.identity import closure
from opentier.graph.identity import touched as touching
from opentier.graph.identity.identities import Identities
from opentier.graph.identity.judgements import Judgements, admitted
from opentier.graph.identity.touched import touched
from opentier.graph.model.names import Names, concept, expand
from opentier.graph.model.rdf import IRI, Literal, Triple
from opentier.graph.model.versions import Version
from opentier.graph.store.release import Release
from opentier.graph.store.union import Changed
from opentier.graph.triples import embedded
from opentier.graph.triples.engine import Engine
from tests.counts import runs
from tests.test_overlay import version

NAMES = Names()
ACTORS = [NAMES.actor("one", letter) for letter in "abcdefgh"]
#: What a dataset says: judgements by number (sides, what it is, who decided, day), and identifiers of actors.
Judgement = tuple[int, int, str, str, str]
Said = tuple[Sequence[Judgement], Sequence[tuple[int, str]]]

actor = st.integers(0, len(ACTORS) - 1)
decided = st.sampled_from(("person:ann", "person:ben", "rule:names"))
day = st.sampled_from(("2024-01-01", "2024-02-01", "2024-03-01"))
kind = st.sampled_from(("positive", "positive", "positive", "negative", "unsure"))
judgement = st.tuples(actor, actor, kind, decided, day)
identifier = st.tuples(actor, st.sampled_from(("lei", "duns", "gln", "own-register")))
SAID = st.tuples(st.lists(judgement, max_size=5), st.lists(identifier, max_size=4))


def statements(said: Said) -> Iterator[Triple]:
    """Yield what a dataset says as statements."""
    for left, right, code, by, date in said[0]:
        record = IRI(NAMES.record("one", "identity-judgement", f"{left}-{right}-{code}-{by}-{date}"))
        yield Triple(record, IRI(expand("rdf:type")), IRI(expand("ot:IdentityJudgement")))
        yield Triple(record, IRI(expand("ot:left")), IRI(ACTORS[left]))
        yield Triple(record, IRI(expand("ot:right")), IRI(ACTORS[right]))
        yield Triple(record, IRI(expand("ot:judgement")), IRI(concept("judgement", code)))
        yield Triple(record, IRI(expand("ot:decidedBy")), Literal(by))
        yield Triple(record, IRI(expand("dcterms:date")), Literal(date))
    for number, scheme in said[1]:
        key = IRI(NAMES.record("identifier", scheme, "1"))
        yield Triple(IRI(ACTORS[number]), IRI(expand("adms:identifier")), key)
        yield Triple(key, IRI(expand("ot:identifierScheme")), IRI(concept("identifier-scheme", scheme)))


def seen(engine: Engine, current: Mapping[str, Version], every: Sequence[Version]) -> Release:
    """Return a release of which some versions are current."""
    release = Release(Path("memory"), NAMES, engine)
    release.versions, release.withdrawals, release.current = [*every], [], dict(current)
    return release


@runs(600)
@given(st.lists(st.tuples(st.sampled_from(("one", "two", "three")), SAID), min_size=2, max_size=6))
def test_what_each_change_makes_is_what_all_that_is_said_makes(steps: list[tuple[str, Said]]) -> None:
    engine, current, every = embedded.in_memory(), dict[str, Version](), list[Version]()
    kept, parted, known = set[tuple[str, str]](), 0, Identities.of(Judgements())
    for dataset, said in steps:
        before = current.get(dataset)
        new = replace(version(dataset, len(every)), iri=NAMES.version(dataset, len(every)))
        every.append(new)
        engine.change(new.iri, (), statements(said))
        current[dataset] = new
        release = seen(engine, current, every)
        changed = Changed([new.iri], [before.iri] if before else [])
        gone, come = closure.pairs(release, changed)
        assert {*gone} <= kept
        assert not {*come} & kept
        kept, parted = (kept - {*gone}) | {*come}, parted + len([*gone])
        whole = closure.pairs(release, None)
        assert not [*whole.gone]
        assert kept == {*whole.come}
        change, every_one = touched(release, *changed), Identities.of(admitted(release))
        assert change is not None
        known = known.after(change)
        assert known.canonical.merged() == every_one.canonical.merged()
        assert (known.judged, known.disputed) == (every_one.judged, every_one.disputed)
    event(f"some parted: {parted > 0}, some together: {len(kept) > 0}")


@pytest.mark.parametrize(
    "said", [((), ((0, "lei"),)), (((0, 1, "positive", "person:ann", "2024-01-01"),), ())]
)
def test_of_many_only_the_touched_are_read(said: Said) -> None:
    """Of ten thousand pairs that others judge nobody is looked at."""
    engine, many = embedded.in_memory(), 10_000
    first, second = (replace(version(name, 1), iri=NAMES.version(name, 1)) for name in ("one", "two"))
    crowd = [IRI(NAMES.actor("crowd", str(number))) for number in range(2 * many)]
    key = [IRI(NAMES.record("identifier", "duns", str(number))) for number in range(many)]
    engine.change(first.iri, (), (
        Triple(each, IRI(expand("adms:identifier")), key[number // 2]) for number, each in enumerate(crowd)
    ))  # fmt: skip
    scheme = IRI(concept("identifier-scheme", "duns"))
    engine.change(first.iri, (), (Triple(each, IRI(expand("ot:identifierScheme")), scheme) for each in key))
    engine.change(second.iri, (), statements(said))
    found = touched(seen(engine, {"one": first, "two": second}, [first, second]), [second.iri], [])
    assert found is not None
    assert found.actors == frozenset(ACTORS[: 1 + len(said[0])])
    assert len(found.now.identified) == len(said[1])


def test_what_touches_too_many_is_read_all_at_once_and_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = embedded.in_memory()
    first, second = (replace(version("one", number), iri=NAMES.version("one", number)) for number in (1, 2))
    engine.change(first.iri, (), statements((((0, 1, "positive", "person:ann", "2024-01-01"),), ())))
    engine.change(second.iri, (), statements((((1, 2, "positive", "person:ann", "2024-01-01"),), ())))
    release, changed = seen(engine, {"one": second}, [first, second]), Changed([second.iri], [first.iri])
    engine.change(NAMES.derived, (), (
        Triple(IRI(ACTORS[a]), IRI(expand("ot:sameActorAs")), IRI(ACTORS[b])) for a, b in ((0, 1), (1, 0))
    ))  # fmt: skip
    few = closure.pairs(release, changed)
    assert [len({*pairs}) for pairs in few] == [2, 2]
    for limit in ("_MANY", "_LARGE"):
        with monkeypatch.context() as patch:
            patch.setattr(touching, limit, -1)
            assert touched(release, *changed) is None
            assert closure.pairs(release, changed) == few
            assert not any(map(list, closure.pairs(release, Changed([], []))))
