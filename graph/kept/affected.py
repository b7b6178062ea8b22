"""Who is affected by a contribution: which roots gain or lose exposures between two versions of a dataset.

The same is asked of two releases that differ in nothing but the version of that dataset which is current.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from opentier.graph.exposure import severity, words
from opentier.graph.exposure.exposures import Exposure, expose, gathered
from opentier.graph.exposure.objects import Json, Objects
from opentier.graph.exposure.touches import Touches
from opentier.graph.index import shelf
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.kept.roots import Root, buyers, together
from opentier.graph.model import sheet
from opentier.graph.model.versions import Version
from opentier.graph.store.release import Release
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.unindexed import Unindexed
from opentier.graph.trace.walks import Trace, trace

#: Of an exposure: its actor, as it is canonical after, the designation and the reason.
Key = tuple[str, str, str]


class Shown(Protocol):
    """A release and its index, as a view has them."""

    release: Release

    @property
    def index(self) -> Index:
        """The index."""

    def versions(self, dataset: str) -> list[Version]:
        """Return all versions of a dataset."""

    def version(self, dataset: str, number: int) -> Version:
        """Return a version of a dataset."""


@dataclass(frozen=True)
class Changed:
    """A root that gained or lost exposures, or of which some moved to another tier; each as a JSON object."""

    root: Json
    records: tuple[str, ...]
    gained: tuple[Json, ...]
    lost: tuple[Json, ...]
    moved: tuple[Json, ...]

    def to_dict(self) -> Json:
        """Return it as a JSON object."""
        return {
            "root": self.root,
            "screenings": list(self.records),
            **{name: list(getattr(self, name)) for name in ("gained", "lost", "moved")},
        }


@dataclass(frozen=True)
class Affected:
    """What two versions of a dataset differ in for some roots.

    Attributes
    ----------
    before, after
        The numbers of the versions; 0 where there is none.
    of
        Who was compared, in words; `compared` says how many.
    """

    dataset: str
    before: int
    after: int
    of: str
    compared: int
    changed: tuple[Changed, ...]

    def to_dict(self) -> Json:
        """Return it as a JSON object."""
        return {
            "dataset": self.dataset,
            "from": self.before or None,
            "to": self.after or None,
            "roots": self.of,
            "compared": self.compared,
            "gained": sum(bool(each.gained) for each in self.changed),
            "lost": sum(bool(each.lost) for each in self.changed),
            "moved": sum(bool(each.moved) for each in self.changed),
            "changed": [each.to_dict() for each in self.changed],
        }


class _Side:
    """A release in which one version of the dataset is current, and what is asked of it."""

    def __init__(self, view: Shown, dataset: str, number: int) -> None:
        current = view.release.current.get(dataset)
        self.release = view.release
        if (current.number if current else 0) == number:
            self.index = view.index
        else:
            self.release = view.release.within(view.release.scope.showing(dataset, number))
            self.index = shelf.passing(self.release)
        self.objects = Objects(self.index, unindexed=Unindexed(self.index, self.release))
        self._touches: dict[Parameters, Touches] = {}

    def touches(self, asked: Parameters) -> Touches:
        """Return the designations for a question."""
        if asked not in self._touches:
            self._touches[asked] = Touches(self.index, Asked.of(self.index, asked))
        return self._touches[asked]

    def traced(self, root: Root) -> Trace | None:
        """Return the trace of a root; None where nobody describes it."""
        node = self.index.node(root.iri)
        if node is None or not self.index.described(node):
            return None
        return trace(self.index, node, root.asked)

    def tiers(self, found: Trace | None, root: Root) -> dict[Key, int]:
        """Return the exposures of a trace with their tiers, without their paths."""
        if found is None:
            return {}
        every = gathered(found, self.touches(root.asked))
        tiers = dict(zip(found.nodes.tolist(), found.tier.tolist(), strict=True)) if every else {}
        return {(self.index.iri(node), iri, reason): tiers[node] for node, iri, reason in every}

    def exposures(self, found: Trace | None, root: Root, some: Iterable[Key]) -> dict[Key, Json]:
        """Return some exposures of a trace, each with its best path."""
        wanted = set(some)
        if found is None or not wanted:
            return {}
        every = expose(found, severity.weights(), self.touches(root.asked))
        return {each.key: self._object(each, root) for each in every if each.key in wanted}

    def _object(self, exposure: Exposure, root: Root) -> Json:
        path = self.objects.path(exposure, 0, asked=root.asked.product is not None)
        return {
            **self.objects.brief(exposure, root.asked.min_share),
            "path": path,
        }


def affected(
    view: Shown,
    dataset: str,
    before: int,
    after: int,
    roots: Sequence[Root] | None = None,
    among: str | None = None,
    progress: Progress = silent,
) -> Affected:
    """Return which roots gained or lost exposures between two versions of a dataset, by IRI.

    Parameters
    ----------
    before, after
        The numbers of the versions; 0 for none.
    roots
        Who is asked about, and what; without any the actors that the dataset `among` describes, else all that buy
        from somebody: at any time, over supply and operation links.
    """
    progress("reading both versions", 0, 1)
    sides = _Side(view, dataset, before), _Side(view, dataset, after)
    progress("reading both versions", 1, 1)
    if roots is None:
        every = together(root for side in sides for root in buyers(side.index, among))
        of = words.said("affected", "dataset", dataset=among) if among else words.said("affected", "buyers")
    else:
        every, of = together(roots), words.said("affected", "records")
    found = []
    for done, root in enumerate(every):
        progress("comparing", done, len(every))
        if changed := _changed(*sides, root):
            found.append(changed)
    progress("comparing", len(every), len(every))
    return Affected(dataset, before, after, of, len(every), tuple(found))


def _changed(old: _Side, new: _Side, root: Root) -> Changed | None:
    """Return how the exposures of a root differ; None where they do not."""
    traces = old.traced(root), new.traced(root)
    was, now = old.tiers(traces[0], root), new.tiers(traces[1], root)
    if was == now:
        return None
    known = {_renamed(key, new.index): key for key in was}
    moved = {key for key in known.keys() & now.keys() if was[known[key]] != now[key]}
    gone, come = known.keys() - now.keys(), now.keys() - known.keys()
    if not (moved or gone or come):
        return None
    before = old.exposures(traces[0], root, [known[key] for key in gone])
    here = new.exposures(traces[1], root, come | moved)
    side = new if traces[1] is not None else old
    actor = side.objects.named(root.iri)
    return Changed(
        actor,
        root.records,
        tuple(each for key, each in here.items() if key in come),
        tuple(before.values()),
        tuple({**each, "tier_before": was[known[key]]} for key, each in here.items() if key in moved),
    )


def _renamed(key: Key, index: Index) -> Key:
    """Return an exposure by who stands for its actor after."""
    node = index.node(key[0])
    return key if node is None else (index.iri(node), *key[1:])


def numbers(view: Shown, dataset: str, before: int | None, after: int | None) -> tuple[int, int]:
    """Return which versions are compared: those that are named, else the current one and the last before it.

    Of a dataset that is withdrawn its last version is compared with none.

    Raises
    ------
    UnknownDataset
        If there is no such dataset or version.
    """
    known = [version.number for version in view.versions(dataset)]
    current = view.release.current.get(dataset)
    for number in (before, after):
        if number:
            view.version(dataset, number)
    if before is not None:
        return before, (current.number if current else 0) if after is None else after
    if after is not None:
        return max((number for number in known if number < after), default=0), after
    if current is None:
        return known[-1], 0
    return max((number for number in known if number < current.number), default=0), current.number


#: The columns of the table of who is affected: a row an exposure that was gained or lost, or that moved.
_COLUMNS = (
    "root_id", "root_name", "root_country", "change", "tier", "tier_before", "actor_id", "actor_name", "country",
    "designation_id", "designation", "reason", "sentence", "path",
)  # fmt: skip


def to_csv(found: Affected) -> str:
    """Return who is affected as CSV for people."""
    return sheet.text(list(_COLUMNS), _table(found))


def _table(found: Affected) -> Iterator[Sequence[object]]:
    for each in found.changed:
        root = [each.root["id"], each.root["name"], each.root["country"]]
        for change in ("gained", "lost", "moved"):
            for said in getattr(each, change):
                actor, entry = said["actor"], said["designation"]
                yield (
                    *root, change, actor["tier"], said.get("tier_before", ""), actor["id"], actor["name"],
                    actor["country"], entry["id"], entry["title"], said["reason"], said["sentence"],
                    " > ".join(hop["to"]["name"] for hop in said["path"]["hops"]),
                )  # fmt: skip


# --- In words --------------------------------------------------------------------------------------------------------

#: Roots that are named, and exposures of each; JSON has all.
FIRST, EACH = 25, 3


def told(found: Affected) -> Iterator[str]:
    """Yield who is affected, in lines."""
    said = found.to_dict()
    before = f"version {found.before}" if found.before else "no version"
    after = f"version {found.after}" if found.after else "no version"
    yield f"{found.dataset}: {before} -> {after}. {words.Figure(found.compared):root} compared: {found.of}."
    yield words.said("affected", "counts", gained=said["gained"], lost=said["lost"], moved=said["moved"])
    for each in said["changed"][:FIRST]:
        asked = f", {', '.join(each['screenings'])}" if each["screenings"] else ""
        root = each["root"]
        yield f"- {root['name']} ({root['id']}{asked})"
        for sign, name in (("+", "gained"), ("-", "lost"), ("~", "moved")):
            for exposure in each[name][:EACH]:
                yield f"  {sign} {_exposure(exposure)}"
            if each[name][EACH:]:
                yield f"  {sign} and {len(each[name]) - EACH:,} more"
    if said["changed"][FIRST:]:
        yield f"... and {len(said['changed']) - FIRST:,} more; --format json has all."


def _exposure(said: Mapping[str, Any]) -> str:
    actor, moved = said["actor"], said.get("tier_before")
    tier = f"tier {moved} -> {actor['tier']}" if moved is not None else f"tier {actor['tier']}"
    where = words.country_and_code(actor["country"])
    hops = " > ".join(hop["to"]["name"] for hop in said["path"]["hops"])
    by = f" By {hops}." if hops else ""
    return f"{tier}: {actor['name']}, {where}: {said['designation']['title']}. {said['sentence']}{by}"
