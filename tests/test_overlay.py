"""Additions to an index: whatever is added, all answers are those of an index that was built from the whole.

Random packages are cut into datasets that come one after the other, some of them twice. Traces, figures of the batch,
nearest paths and the bound behind them are compared; so is what the folder says to whoever opens it.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from opentier.graph.batch import nearest as searching
from opentier.graph.batch.everybody import exposures
from opentier.graph.batch.marks import Marks
from opentier.graph.batch.nearest import bound, bounded, nearest
from opentier.graph.engine import columns
from opentier.graph.engine.arrays import Array, Bound
from opentier.graph.exposure.exposures import expose
from opentier.graph.identity.components import Components
from opentier.graph.index import build, difference, extension
from opentier.graph.index.build import opened
from opentier.graph.index.opened import Index
from opentier.graph.model.products import Product
from opentier.graph.model.versions import Version
from opentier.graph.network.network import Actor, Arc, Designation, Network, Place
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.walks import trace
from tests.counts import runs
from tests.oracles.draw import NAMES, Tables, packages, questions
from tests.oracles.tables import MEMORY, Rows, chain, kept, networked, parameters

#: Datasets in the order in which they come.
PARTS = ("base", "one", "two")


# --- Networks in parts -------------------------------------------------------------------------------------------


def stage(text: str, salt: int) -> int:
    """Return the part that something comes with, by a number that stands for chance."""
    return (0, 0, 1, 2)[crc32(f"{text} {salt}".encode()) % 4]


@dataclass
class Cut:
    """A network that comes in parts: what is described, linked and designated comes when all that it names is there."""

    whole: Network
    salt: int

    def actor(self, iri: str) -> int:
        """Return the part with which an actor comes."""
        return stage(iri, self.salt)

    def arc(self, arc: Arc) -> int:
        """Return the part with which an arc comes."""
        return max(self.actor(arc.tail), self.actor(arc.head), stage(arc.record, self.salt + 1))

    def stated(self, arc: Arc) -> Arc:
        """Return an arc as its dataset states it, with evidence."""
        part = PARTS[self.arc(arc)]
        share = float(crc32(arc.record.encode()) % 50) if arc.kind == "supply" else arc.share
        return replace(arc, dataset=part, share=share, evidence=(evidence(part),), source=f"from {part}")

    def designation(self, entry: Designation) -> int:
        """Return the part with which a designation comes."""
        target = 0 if entry.target is None else self.actor(entry.target)
        return max(target, stage(entry.iri, self.salt + 2))

    def until(self, part: int) -> Network:
        """Return the network of all parts up to one."""
        whole = self.whole
        return replace(
            whole,
            release=f"{part + 1:08d}",
            actors={iri: actor for iri, actor in whole.actors.items() if self.actor(iri) <= part},
            arcs=[self.stated(arc) for arc in whole.arcs if self.arc(arc) <= part],
            designations=[entry for entry in whole.designations if self.designation(entry) <= part],
            inputs=whole.inputs[: part + 1] if part < 2 else whole.inputs,
            successions=[
                said
                for said in whole.successions
                if max(self.actor(iri) for iri in (said.before, said.after) if iri) <= part
            ],
            judged=[
                said
                for said in whole.judged
                if max(self.actor(whole.canonical.find(iri)) for iri in said.pair) <= part
            ],
            evidence={evidence(name): told(name) for name in PARTS[: part + 1]},
        )

    def only(self, part: int) -> Network:
        """Return what one part adds, as `survey` reads one dataset of a release."""
        return restricted(self.until(part), PARTS[part], lambda iri: self.actor(iri) == part)


def restricted(network: Network, dataset: str, described: Any) -> Network:
    """Return a network with the arcs, actors and evidence of one dataset only."""
    return replace(
        network,
        actors={iri: actor for iri, actor in network.actors.items() if described(iri)},
        arcs=[arc for arc in network.arcs if arc.dataset == dataset],
        evidence={iri: said for iri, said in network.evidence.items() if iri == evidence(dataset)},
    )


def evidence(dataset: str) -> str:
    return NAMES.record(dataset, "evidence", "e")


def told(dataset: str) -> dict[str, str]:
    return {"iri": evidence(dataset), "title": f"What {dataset} knows"}


# --- What is compared --------------------------------------------------------------------------------------------


def answers(index: Index, iri: str, asked: Parameters) -> dict[str, Any]:
    """Return all that a trace of an actor says, without numbers of an index."""
    found = trace(index, iri, asked)
    exposed = {}
    for e in expose(found):
        simple = all(path.simple for path in e.paths)  # of walks that stand for a path there may be several
        paths: list[object] = [path if simple else path.tiers for path in e.paths]
        exposed[e.actor, e.designation, e.reason] = (
            e.tier,
            e.scopes[0] if simple else None,
            e.state,
            e.stakes,
            paths,
        )
    gaps = [arc.record for arc in found.gaps()]
    return {"tiers": found.tiers, "exposed": exposed, "gaps": gaps, "bare": found.bare()}


def same(index: Index, network: Network, asked: Sequence[Parameters]) -> None:
    """Check that an index answers as one that is built from a network does."""
    with kept(network) as fresh:
        assert index.release == fresh.release
        assert dict(index.actors) == dict(fresh.actors)
        assert index.designations == fresh.designations
        assert index.products == fresh.products
        for iri in network.evidence:
            assert index.evidence(iri) == fresh.evidence(iri) == network.evidence[iri]
        for said in asked:
            for iri in fresh.actors:
                assert answers(index, iri, said) == answers(fresh, iri, said)
                downstream = replace(said, downstream=True)
                assert answers(index, iri, downstream) == answers(fresh, iri, downstream)
                assert nearest(index, iri, said) == nearest(fresh, iri, said)
            assert figures(index, said) == figures(fresh, said)
        assert lowest(index) == lowest(fresh)
        exact(index)


def figures(index: Index, asked: Parameters) -> list[tuple[Any, ...]]:
    """Return the rows of the batch; they come by IRI, from whatever the index grew."""
    return list(exposures(index, asked).rows())


def lowest(index: Index) -> dict[str, int]:
    """Return the bound of the described actors."""
    costs = bound(index).cost.tolist()
    return {index.iri(node): cost for node, cost in enumerate(costs) if index.described(node)}


def exact(index: Index) -> None:
    """Check that the bound that an index has is the one that is computed from nothing."""
    marked = Marks(index, Parameters()).exposed
    assert np.array_equal(bound(index).marked, marked)
    assert np.array_equal(bound(index).cost, bounded(index, marked).cost)


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder for an index that stays for a while."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as scratch:
        yield Path(scratch, "index")


def added(index: Index, network: Network, dataset: str, *, keep: bool = False) -> Index:
    return extension.extended(index, difference.addition(index, network, dataset), keep=keep)


#: Questions of which some are plain: all links on one day.
ASKED = st.lists(questions(), min_size=1, max_size=1)
PLAIN = Parameters(on="2021-03-31", kinds=("supply",))


# --- Additions ---------------------------------------------------------------------------------------------------


@runs(110)
@given(packages(), ASKED, st.integers(0, 99), st.booleans(), st.booleans())
def test_parts_one_after_the_other_are_the_whole(
    tables: Tables, asked: list[Any], salt: int, keep: bool, early: bool
) -> None:
    cut = Cut(networked(tables), salt)
    said = [PLAIN, *(parameters(question, Rows(tables), paths=2) for question in asked)]
    with folder() as place:
        found = [opened(cut.until(0), place)]
        for part in (1, 2):
            if early:
                bound(found[-1])  # to be carried on to the next
            found.append(added(found[-1], cut.only(part), PARTS[part], keep=keep))
            assert found[-1].folder == (place if keep else None)
        for part, index in reversed(list(enumerate(found))):  # the older ones stay as they are
            same(index, cut.until(part), said if part else said[1:])
        if keep:
            for part in range(3):
                same(Index.open(place, f"{part + 1:08d}"), cut.until(part), said[1:])
        event(f"{len(found[2]) - len(found[0])} new nodes")


@runs(70)
@given(
    packages(), ASKED, st.integers(0, 99), st.lists(st.integers(0, 3), min_size=8, max_size=8), st.booleans()
)
def test_a_new_version_takes_the_place_of_the_old_one(
    tables: Tables, asked: list[Any], salt: int, kinds: list[int], keep: bool
) -> None:
    cut = Cut(networked(tables), salt)
    said = [PLAIN, *(parameters(question, Rows(tables), paths=2) for question in asked)]
    first = cut.until(1)
    old = [arc for arc in first.arcs if arc.dataset == "one"]
    rest = [arc for arc in first.arcs if arc.dataset != "one"]
    changed = [
        replace(arc, confidence=Fraction(3, 10)) if kind == 1 else replace(arc, record=arc.record + "-b")
        for arc, kind in zip(old, (kinds * 8)[: len(old)], strict=True)
        if kind
    ]
    assume(changed != old)
    second = replace(first, release="00000009", arcs=[*rest, *changed])
    third = replace(first, release="00000010", arcs=[*rest, *old])
    here = lambda iri: cut.actor(iri) == 1  # noqa: E731
    with folder() as place:
        index = opened(cut.until(0), place)
        bound(index)
        index = added(index, cut.only(1), "one", keep=keep)
        bound(index)
        again = added(index, restricted(second, "one", here), "one", keep=keep)
        back = added(again, restricted(third, "one", here), "one", keep=keep)
        assert [
            name for name, live in zip(back.tables.datasets, back.tables.live, strict=True) if live
        ].count("one") <= 1
        same(back, third, said)
        same(again, second, said)
        same(index, first, said[1:])
        if keep:
            same(Index.open(place, second.release), second, said[1:])
            same(Index.open(place, third.release), third, said[1:])
    event(f"{len(old) - len(changed)} links are gone")


# --- By hand -----------------------------------------------------------------------------------------------------


def network() -> Network:
    """Return a, who buys from b, who buys from x, who is listed; and another buyer."""
    tables, _ = chain(("a", "b", "0.5"), ("b", "x", "0.9"), ("c", "a", ""))
    found = networked(tables)
    arcs = [replace(arc, dataset="base") for arc in found.arcs]
    return replace(found, release="00000001", arcs=arcs)


def actor(local: str) -> str:
    return NAMES.actor("random", local)


def link(number: int, tail: str, head: str, dataset: str = "one", **more: Any) -> Arc:
    """Return a new supply link."""
    like = next(iter(network().arcs))
    record = NAMES.record(dataset, "supply-link", f"n{number}")
    return replace(like, tail=actor(tail), head=actor(head), record=record, dataset=dataset, **more)


def described(local: str, **more: Any) -> Actor:
    iri = actor(local)
    return replace(Actor(iri, local, "actor", (Place("DE"),), (local,), (iri,)), **more)


def more(*arcs: Arc, actors: Sequence[Actor] = (), release: str = "00000002") -> Network:
    """Return the network with which new links come, of one dataset only."""
    known = {actor.iri: actor for actor in actors}
    return replace(network(), release=release, arcs=list(arcs), actors=known)


def content(place: Path) -> dict[str, str]:
    """Return the files of a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in place.iterdir()}


def test_what_is_in_memory_leaves_no_trace() -> None:
    with kept(network()) as index:
        assert index.folder is not None
        before = content(index.folder)
        left = added(index, more(link(0, "a", "x"), link(1, "a", "n"), actors=[described("n")]), "one")
        right = added(index, more(link(0, "c", "b"), link(1, "m", "c"), actors=[described("m")]), "one")
        further = added(left, more(link(2, "n", "b"), release="00000003"), "two")
        aside = added(left, more(link(3, "n", "c", "two"), release="00000003"), "two")
        assert trace(left, actor("a"), Parameters()).tiers == {
            actor("a"): 0,
            actor("b"): 1,
            actor("x"): 1,
            actor("n"): 1,
        }
        assert trace(right, actor("m"), Parameters()).tiers == {
            actor("m"): 0, actor("c"): 1, actor("a"): 2, actor("b"): 2, actor("x"): 3,
        }  # fmt: skip
        assert trace(further, actor("n"), Parameters()).tiers == {actor("n"): 0, actor("b"): 1, actor("x"): 2}
        assert trace(aside, actor("n"), Parameters()).tiers[actor("a")] == 2
        assert trace(index, actor("a"), Parameters()).tiers == {actor("a"): 0, actor("b"): 1, actor("x"): 2}
        assert index.node(actor("n")) is None
        assert right.node(actor("n")) is None
        for each in (left, right, further, aside):
            exact(each)
        assert content(index.folder) == before
        with pytest.raises(AssertionError):
            added(left, more(link(2, "n", "b")), "two", keep=True)


def test_a_kept_addition_is_there_for_other_processes() -> None:
    with kept(network()) as index:
        assert index.folder is not None
        new = more(link(0, "c", "n", evidence=(evidence("one"),)), link(1, "n", "x"), actors=[described("n")])
        new = replace(new, evidence={evidence("one"): told("one")})
        found = added(index, new, "one", keep=True)
        code = f"""if True:
            import json
            from pathlib import Path
            from opentier.graph.batch.nearest import nearest
            from opentier.graph.index.opened import Index
            from opentier.graph.trace.parameters import Parameters
            from opentier.graph.trace.walks import trace
            for release in ("00000001", "00000002"):
                index = Index.open(Path({str(index.folder)!r}), release)
                tiers = trace(index, {actor("c")!r}, Parameters()).tiers
                paths = nearest(index, {actor("c")!r}, Parameters())
                print(json.dumps([tiers, [[arc.record for arc in path.arcs] for path in paths],
                                  index.evidence({evidence("one")!r}), index.node({actor("n")!r})]))"""
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
        )
        for line, here in zip(done.stdout.splitlines(), (index, found), strict=True):
            tiers, paths, said, node = json.loads(line)
            assert tiers == trace(here, actor("c"), Parameters()).tiers
            ours = nearest(here, actor("c"), Parameters())
            assert paths == [[arc.record for arc in path.arcs] for path in ours]
            assert said == here.evidence(evidence("one"))
            assert node == here.node(actor("n"))
        assert len(found.evidence(evidence("one"))) == 2
        assert found.node(actor("n")) == 4


def test_nothing_new_is_an_addition_too() -> None:
    with kept(network()) as index:
        found = added(index, more(), "one", keep=True)
        assert index.folder is not None
        for each in (found, Index.open(index.folder, "00000002")):
            same(each, replace(network(), release="00000002"), [Parameters()])


# --- What needs a new index --------------------------------------------------------------------------------------


def joined(left: str, right: str) -> Components:
    found = Components()
    found.join(actor(left), actor(right))
    return found


CHANGES: dict[str, Network] = {
    "two known actors are one": replace(more(), canonical=joined("a", "b")),
    "a new actor is a known one": replace(
        more(actors=[described("b", members=(actor("z"),))]), canonical=joined("b", "z")
    ),
    "a new actor stands for a known one": replace(
        more(actors=[described("0", members=(actor("0"),))]), canonical=joined("0", "b")
    ),
    "a known actor has another name": more(actors=[described("b", name="Bee")]),
    "a known actor is elsewhere": more(actors=[described("b", places=(Place("CN"),))]),
    "a known actor has another identifier": more(actors=[described("b", identifiers=("lei",))]),
    "a known product has another code": replace(
        more(), products={"urn:p": Product("urn:p", "5201"), "urn:q": Product("urn:q", "52")}
    ),
    "a known product is gone": replace(more(), products={"urn:p": Product("urn:p", "52")}),
    "a product that was only named has a name": replace(
        more(),
        products={iri: Product(iri, "52") for iri in ("urn:p", "urn:q")}
        | {"urn:r": Product("urn:r", "", "R")},
    ),
    "known evidence says something else": replace(
        more(), evidence={evidence("base"): {"iri": evidence("base"), "title": "Another"}}
    ),
    "evidence that said nothing says something": replace(
        more(), evidence={evidence("two"): {"iri": evidence("two"), "title": "Something"}}
    ),
    "an actor that nobody described is described": more(actors=[described("ghost")]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_the_known_needs_a_new_index(change: str) -> None:
    known = {iri: Product(iri, "52") for iri in ("urn:p", "urn:q")}
    arcs = [*network().arcs, link(0, "a", "ghost", "base", product=Product("urn:r"))]
    said = {evidence("base"): told("base"), evidence("two"): {"iri": evidence("two")}}
    with kept(replace(network(), arcs=arcs, products=known, evidence=said)) as index:
        new = CHANGES[change]
        new = new if new.products else replace(new, products=known)
        with pytest.raises(extension.NoRoom):
            added(index, new, "one")
        same_again = replace(more(link(1, "c", "b"), actors=[described("b")]), products=known, evidence=said)
        assert trace(added(index, same_again, "one"), actor("c"), Parameters()).tiers[actor("b")] == 1


def test_a_new_version_that_describes_fewer_actors_needs_a_new_index() -> None:
    with kept(network()) as index:
        everybody = [described(local) for local in ("a", "b", "c", "x")]
        again = added(index, more(actors=everybody), "random")
        with pytest.raises(extension.NoRoom):
            added(again, more(actors=everybody[1:]), "random")


def version(dataset: str, number: int) -> Version:
    texts = ("iri", "title", "licence", "publisher", "package_version", "checksum", "adapter", "admitted")
    said: dict[str, Any] = dict.fromkeys((*texts, "homepage", "description"), "")
    said |= dict.fromkeys(("triples", "rows", "accepted", "warned", "refused"), 0)
    return Version(**said | {"dataset": dataset, "number": number})


def test_news_of_two_datasets_need_a_new_index() -> None:
    first = {"base": version("base", 1), "one": version("one", 1)}
    with kept(replace(network(), versions=first)) as index:
        for known in (first, first | {"one": version("one", 2)}, {"base": first["base"]}):
            found = added(index, replace(more(link(0, "c", "x")), versions=known), "one")
            assert found.versions == known
        both = first | {"one": version("one", 2)}
        for other in (
            both | {"two": version("two", 1)},
            both | {"base": version("base", 2)},
            {"one": first["one"]},
        ):
            with pytest.raises(extension.NoRoom):
                added(index, replace(more(link(0, "c", "x")), versions=other), "one")


def test_two_actors_that_were_one_need_a_new_index() -> None:
    with kept(replace(network(), canonical=joined("a", "z"))) as index:
        with pytest.raises(extension.NoRoom):
            added(index, more(), "one")
        assert len(added(index, replace(more(), canonical=joined("a", "z")), "one")) == 4


def test_values_that_a_column_cannot_hold_need_a_new_index() -> None:
    with kept(network()) as index:
        with pytest.raises(extension.NoRoom):
            added(index, more(link(0, "c", "x", tiers=256)), "one")
        found = added(index, more(link(0, "c", "x", tiers=255)), "one")
        direct = [arc.tiers for arc in trace(found, actor("c"), Parameters()).gaps()]
        assert direct == [255]


def test_too_many_new_links_need_a_new_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difference, "_PART", -3334.0)  # of three links: ten thousand less
    with kept(network()) as index, pytest.raises(extension.NoRoom):
        added(index, more(link(0, "c", "x")), "one")


@pytest.mark.parametrize("keep", [False, True])
def test_where_no_room_is_left_nothing_changes(monkeypatch: pytest.MonkeyPatch, keep: bool) -> None:
    new = more(
        *(link(number, "a", head, evidence=(evidence("one"),)) for number, head in enumerate("xnbx")),
        actors=[described("n", names=("n", "m"))],
    )
    new = replace(new, evidence={evidence("one"): told("one")})
    whole = [*network().arcs, *new.arcs]
    reference = replace(
        network(),
        release=new.release,
        arcs=whole,
        actors=network().actors | new.actors,
        evidence=new.evidence,
    )
    outcomes = []
    for rows in (0, 1, 2, 3, 4, 5, 6, 8, 4096):
        for module in (build, columns):
            monkeypatch.setattr(module, "room", lambda count, rows=rows: rows)
        with kept(network()) as index:
            try:
                found = added(index, new, "one", keep=keep)
            except extension.NoRoom:
                outcomes.append(False)
                assert index.folder is not None
                assert not list(index.folder.glob("00000002*"))
            else:
                outcomes.append(True)
                same(found, reference, [Parameters(), PLAIN])
            same(index, network(), [Parameters(), PLAIN])
            assert index.folder is not None
            same(Index.open(index.folder, "00000001"), network(), [Parameters()])
    assert not outcomes[0]
    assert outcomes[-1]
    assert outcomes == sorted(outcomes)
    assert sum(outcomes) > 1


# --- The bound ---------------------------------------------------------------------------------------------------


def counted(monkeypatch: pytest.MonkeyPatch) -> list[Index]:
    """Return a list that grows by an index whenever a bound is computed from nothing."""
    anew: list[Index] = []
    of = bounded

    def noted(index: Index, marked: Array) -> Bound:
        anew.append(index)
        return of(index, marked)

    monkeypatch.setattr(searching, "bounded", noted)
    return anew


def designated(entries: Sequence[Designation], target: str) -> list[Designation]:
    return [*entries, replace(entries[0], iri=f"{entries[0].iri}-{target}", target=actor(target))]


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("reread", [False, True])
def test_the_bound_is_carried_on_where_things_only_come(
    monkeypatch: pytest.MonkeyPatch, keep: bool, reread: bool
) -> None:
    anew = counted(monkeypatch)
    with kept(network()) as index:
        bound(index)
        assert anew == [index]
        if reread:  # the file says it
            assert index.folder is not None
            index = Index.open(index.folder, index.release)
        arcs = (
            link(0, "c", "n", confidence=Fraction(1, 2)),
            link(1, "n", "m"),
            link(2, "m", "b", confidence=Fraction(0)),
        )
        new = more(*arcs, link(3, "k", "c"), actors=[described("n"), described("m"), described("k")])
        new = replace(new, designations=designated(new.designations, "m"))
        found = added(index, new, "one", keep=keep)
        lowered = bound(found)
        assert len(anew) == 1
        assert np.array_equal(lowered.cost, bounded(found, lowered.marked).cost)
        exact(found)
        file = f"{new.release}.bound.npy"
        assert index.folder is not None
        assert (index.folder / file).is_file() == keep
        if keep:
            assert np.array_equal(np.load(index.folder / file), lowered.cost)
        nearer, further = (lowest(found)[actor(local)] for local in ("n", "c"))
        assert 0 < nearer < further < lowest(found)[actor("k")]


@pytest.mark.parametrize("gone", ["links", "designations"])
def test_the_bound_is_computed_anew_where_things_go(monkeypatch: pytest.MonkeyPatch, gone: str) -> None:
    anew = counted(monkeypatch)
    with kept(network()) as index:
        found = added(index, more(link(0, "c", "x")), "one")
        bound(index)
        bound(found)
        assert anew == [index]
        if gone == "links":
            last = added(found, more(release="00000003"), "one")
        else:
            last = added(found, replace(more(link(1, "c", "b")), designations=[]), "two")
        bound(last)
        assert anew == [index, last]
        assert lowest(last)[actor("c")] > lowest(found)[actor("c")]
        exact(last)


def test_nobody_pays_for_a_bound_that_nobody_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    anew = counted(monkeypatch)
    with kept(network()) as index:
        found = added(index, more(link(0, "c", "x")), "one", keep=True)
        assert anew == []
        assert len(nearest(found, actor("c"), Parameters())) == 2
        assert anew == [found]
